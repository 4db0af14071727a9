import type { Command } from 'commander';
import { PARSERS } from '../../src/index.js';
import { wrap } from '../../src/report/terminal.js';
import { terminalWidth, writeAnswer } from '../io.js';

export function formatsCommand(program: Command): void {
  program
    .command('formats')
    .summary('what is read, and what makes such files')
    .description('Lists the formats that are read. They are told by content, never by name; --format forces one.')
    .option('--json', 'as JSON')
    .action(run);
}

async function run(options: { json?: boolean }): Promise<void> {
  const formats = PARSERS.map(({ name, title, madeBy, specification, tables }) => ({
    name,
    title,
    madeBy,
    specification,
    tables: tables.map((table) => table.name),
  }));
  const width = terminalWidth();
  const text = formats.map((f) =>
    [
      f.name,
      wrap(`  ${f.title}`, width, 2),
      wrap(`  made by: ${f.madeBy}`, width, 11),
      wrap(`  tables:  ${f.tables.join(', ')}`, width, 11),
      '',
    ].join('\n'),
  );
  const also =
    'All of them: UTF-8 or UTF-16, LF or CRLF, plain, .gz or .zip (each file in it), - for standard input.\n';
  await writeAnswer(
    options.json ? `${JSON.stringify({ formats }, null, 2)}\n` : `${text.join('\n')}\n${also}`,
    undefined,
    [],
  );
}
