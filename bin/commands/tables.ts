import type { Command } from 'commander';
import { EXIT } from '../../src/core/error.js';
import { jsonText, printable } from '../../src/core/text.js';
import { open, TABLES, writeTables } from '../../src/index.js';
import { progress, writeAnswer } from '../io.js';
import { listOption, type SharedOptions, sharedOptions } from '../options.js';

const OUTPUTS = ['table', 'json'] as const;
const NAMES = TABLES.map((table) => table.name);

interface Options extends SharedOptions {
  out: string;
  only?: string[];
}

export function tablesCommand(program: Command): void {
  const command = program
    .command('tables')
    .summary('write what was parsed as Arrow IPC files')
    .description(
      'Writes each table that has rows to DIR/<table>.arrow (Arrow IPC file format), with units and a sentence for each\n' +
        'column in the metadata. Memory grows with the rows: --only keeps it small.',
    )
    .argument('<file...>', 'files; - is standard input; .gz and .zip are unpacked')
    .requiredOption('--out <dir>', 'folder for the files; made if it is not there')
    .option('--only <list>', `only these tables: ${NAMES.join(', ')}`, listOption(NAMES));
  sharedOptions(command, OUTPUTS)
    .addHelpText('after', '\nExample:\n  tracekit tables trace.txt --out tables --only dpc_isr,image')
    .action(run);
}

async function run(files: string[], options: Options): Promise<void> {
  const trace = await open(files, { format: options.format.input });
  const shown = progress(options.quiet === true);
  try {
    const wanted = TABLES.filter((table) => options.only === undefined || options.only.includes(table.name));
    const { files: written, pass } = await writeTables(trace, options.out, wanted, { onProgress: shown.report });
    shown.done();
    const text =
      options.format.output === 'json'
        ? `${jsonText({ files: written }, 2)}\n`
        : written.map((f) => `${printable(f.path)}: ${f.rows} rows, ${f.columns} columns\n`).join('');
    await writeAnswer(text, options.output, files);
    const troubles = pass.diagnostics.flatMap((d) => d.list()).filter((d) => d.severity !== 'info');
    if (!options.quiet) {
      for (const d of troubles)
        process.stderr.write(`tracekit: ${d.source ?? ''} ${d.message} (${d.count}) [${d.code}]\n`);
      if (written.length === 0) process.stderr.write('tracekit: no rows for any of the tables asked for.\n');
    }
    if (written.length === 0) process.exitCode = EXIT.insufficient;
    else if (options.strict && troubles.length > 0) process.exitCode = EXIT.unreadable;
  } finally {
    shown.done();
    trace.close();
  }
}
