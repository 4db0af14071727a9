import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Command, Option } from 'commander';
import { EXIT, TracekitError } from '../../src/core/error.js';
import { printable } from '../../src/core/text.js';
import { placesOf, readExcerpts } from '../../src/excerpts.js';
import { analyzeCorrelate, open } from '../../src/index.js';
import { renderCorrelateHtml } from '../../src/report/correlate/html.js';
import { colorsOf, wrap } from '../../src/report/terminal.js';
import { terminalWidth, useColor, writeAnswer } from '../io.js';

/** Stories of the samples that a newcomer is shown, and what each is. */
const STORIES = [
  ['single-watchdog', 'The DPC watchdog stopped the machine (bugcheck 0x133)'],
  ['shared-tag-leak', 'Nonpaged pool ran out; two drivers use the tag'],
  ['retrying-service', 'A service does not answer any more'],
] as const;

/** Beside the compiled program, in the package as in a clone. */
const SAMPLES = fileURLToPath(new URL('../../samples/stories/', import.meta.url));

export function demoCommand(program: Command): void {
  program
    .command('demo')
    .summary('three made-up incidents, and what correlate says of them')
    .description(
      'Shows what tracekit correlate says of three made-up incidents of the samples: verdicts on the screen, and a report of each for a browser.',
    )
    .option('--out <dir>', 'folder for the reports', 'tracekit-demo')
    .addOption(new Option('--color <when>', 'colour').choices(['auto', 'always', 'never']).default('auto'))
    .action(run);
}

async function run({ out, color }: { out: string; color: 'auto' | 'always' | 'never' }): Promise<void> {
  if (!existsSync(SAMPLES)) {
    throw new TracekitError('the samples are not there: install the package whole, or use a clone.', EXIT.unreadable);
  }
  try {
    mkdirSync(out, { recursive: true });
  } catch (error) {
    throw new TracekitError(`--out: ${printable(String((error as Error).message))}.`, EXIT.unreadable);
  }
  const options = { width: terminalWidth(), color: useColor(color, undefined) };
  const c = colorsOf(options);
  const lines = ['Three made-up incidents: a trace and the log of a dump of each.', ''];
  for (const [name, title] of STORIES) {
    const { verdict, report, files } = await tell(name, out);
    lines.push(
      c.bold(title),
      wrap(verdict, options.width, 0),
      c.dim(`report for a browser: ${report}`),
      c.dim(wrap(`the whole answer: tracekit correlate ${files.join(' ')}`, options.width, 2)),
      '',
    );
  }
  lines.push(
    'With files of your own: tracekit correlate --trace TRACE --dump LOG --html report.html',
    'How to get them: tracekit recipe correlate',
  );
  await writeAnswer(`${lines.join('\n')}\n`, undefined, []);
}

async function tell(name: string, out: string): Promise<{ verdict: string; report: string; files: string[] }> {
  const folder = join(SAMPLES, name);
  const paths = readdirSync(folder)
    .sort()
    .map((file) => join(folder, file));
  const trace = await open(paths);
  try {
    const report = await analyzeCorrelate(trace);
    const excerpts = await readExcerpts(trace, report.sources, placesOf(report));
    const path = join(out, `${name}.html`);
    await writeAnswer(renderCorrelateHtml({ ...report, excerpts }), path, paths);
    const files = paths.map((file) => relative(process.cwd(), file));
    return { verdict: printable(report.result.verdict.statement, 4000), report: path, files };
  } finally {
    trace.close();
  }
}
