import type { Command } from 'commander';
import { EXIT } from '../../src/core/error.js';
import { jsonText } from '../../src/core/text.js';
import { documentOf, info, open } from '../../src/index.js';
import { renderInfo } from '../../src/report/info-terminal.js';
import { progress, terminalWidth, useColor, writeAnswer } from '../io.js';
import { type SharedOptions, sharedOptions } from '../options.js';

const OUTPUTS = ['table', 'json'] as const;

export function infoCommand(program: Command): void {
  const command = program
    .command('info')
    .summary('what a file is: session, clock, machine, events, losses')
    .description(
      'Tells format, session, clock, machine, time span, counts by event, lost events, what was skipped, and which commands the file can answer.',
    )
    .argument('<file...>', 'files; - is standard input; .gz and .zip are unpacked');
  sharedOptions(command, OUTPUTS)
    .addHelpText('after', '\nExamples:\n  tracekit info trace.etl\n  tracekit info capture.zip --json')
    .action(run);
}

async function run(files: string[], options: SharedOptions): Promise<void> {
  const trace = await open(files, { format: options.format.input });
  const shown = progress(options.quiet === true);
  try {
    const report = await info(trace, { onProgress: shown.report });
    shown.done();
    const text =
      options.format.output === 'json'
        ? `${jsonText(documentOf(report), 2)}\n`
        : renderInfo(report, { width: terminalWidth(options.output), color: useColor(options.color, options.output) });
    await writeAnswer(text, options.output, files);
    const doubtful = report.diagnostics.filter((d) => d.severity !== 'info').map((d) => d.code);
    const lost = report.sources.some((s) => (s.about.eventsLost ?? 0) + (s.about.buffersLost ?? 0) > 0);
    if (options.strict && (doubtful.length > 0 || lost)) {
      if (!options.quiet)
        process.stderr.write(`tracekit: --strict: ${[...doubtful, ...(lost ? ['events-lost'] : [])].join('; ')}.\n`);
      process.exitCode = EXIT.unreadable;
    }
  } finally {
    shown.done();
    trace.close();
  }
}
