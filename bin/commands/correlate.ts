import type { Command } from 'commander';
import { writeBundle } from '../../src/bundle.js';
import { EXIT, TracekitError } from '../../src/core/error.js';
import { printable } from '../../src/core/text.js';
import { parseInstant } from '../../src/core/time.js';
import { placesOf, readExcerpts } from '../../src/excerpts.js';
import { analyzeCorrelate, type CorrelateOptions, type CorrelateReport, open, render } from '../../src/index.js';
import { redacted } from '../../src/redact/redact.js';
import type { Excerpts } from '../../src/report/correlate/excerpts-type.js';
import { renderCorrelateHtml } from '../../src/report/correlate/html.js';
import { jsonDocument } from '../../src/report/document.js';
import { decodingFiles } from '../decoding.js';
import { type ClockOptions, clockGiven, clockOptions } from '../errors-options.js';
import { isOneOf, progress, terminalWidth, useColor, writeAnswer } from '../io.js';
import { countOption, durationOption, type SharedOptions, sharedOptions } from '../options.js';
import { strictFailures } from '../strict.js';

const OUTPUTS = ['table', 'json', 'md'] as const;

interface Options extends SharedOptions, ClockOptions {
  trace?: string[];
  dump?: string[];
  traceStart?: string;
  offset?: number;
  dumpTime?: string;
  manifest?: string[];
  tmf?: string;
  top?: number;
  html?: string;
  bundle?: string;
  redact?: boolean;
  md?: boolean;
}

const EXAMPLES = `
Examples:
  tracekit correlate --trace dpc.etl --dump bugcheck.log       why the DPC watchdog stopped the machine
  tracekit correlate --trace app.txt System.xml --dump hang.log
  tracekit correlate trace.etl hang.log                        which is which is seen by the content
  tracekit correlate --dump hang.log                           where the log holds messages of a trace itself
  tracekit correlate --trace app.txt --dump hang.log --zone +02:00 --md > ticket.md

See also: tracekit dump --script (what to type in the debugger), tracekit recipe correlate.`;

export function correlateCommand(program: Command): void {
  const command = program
    .command('correlate')
    .summary('why: joins a trace with a dump, and names causes with evidence of both')
    .description(
      "Joins traces with the debugger's log of a dump taken after them: puts both on one clock, finds what both name, and ranks what " +
        'explains the bugcheck, the leak or the hang, with what speaks for and against each cause, and what to collect next.',
    )
    .argument('[file...]', "traces and debugger's logs, told apart by their content; - is standard input")
    .option('--trace <files...>', 'traces of any format that tracekit reads')
    .option('--dump <files...>', 'logs of WinDbg or kd of one dump')
    .option('--trace-start <time>', 'when the first trace began: 2026-11-20T10:05:11Z')
    .option('--dump-time <time>', 'when the dump was taken: 2026-11-20T10:31:02Z')
    .option('--offset <time>', 'time from the start of the first trace to the dump: --offset 25min', durationOption)
    .option('--manifest <file>', 'instrumentation manifest to decode events of an .etl by; may be given again', collect)
    .option('--tmf <dir>', 'folder of trace message format files (.tmf) to decode WPP messages by')
    .option('--html <file>', 'also write a report that opens in a browser: one file, no network')
    .option('--bundle <file>', 'also write a zip to hand over: reports, JSON, tables, and the cited lines only')
    .option('--redact', 'pseudonyms for names of machines, users, servers, paths and programs in all that is written')
    .option('--top <n>', 'length of the lists; 0 = all', countOption);
  clockOptions(command);
  sharedOptions(command, OUTPUTS).option('--md', 'same as --format md').addHelpText('after', EXAMPLES).action(run);
}

const collect = (text: string, before: string[] = []): string[] => [...before, text];

async function run(files: string[], options: Options): Promise<void> {
  const paths = onceEach([...(options.dump ?? []), ...(options.trace ?? []), ...files]);
  checkPaths(paths, options);
  const trace = await open(paths, {
    format: options.format.input,
    clock: await clockGiven(options),
    decoding: decodingFiles(options),
  });
  checkRoles(trace.sources, options);
  const shown = progress(options.quiet === true);
  let read: CorrelateReport;
  let lines: Excerpts = new Map();
  try {
    read = await analyzeCorrelate(trace, await asked(options), { onProgress: shown.report });
    if (options.html !== undefined || options.bundle !== undefined) {
      lines = await readExcerpts(trace, read.sources, placesOf(read));
    }
  } finally {
    shown.done();
    trace.close();
  }
  if (options.bundle !== undefined) {
    await writeBundle(read, lines, options.bundle, { redact: options.redact === true });
  }
  const { report, excerpts } = options.redact ? redacted(read, lines) : { report: read, excerpts: lines };
  if (options.html !== undefined) {
    await writeAnswer(renderCorrelateHtml({ ...report, excerpts }), options.html, paths, '--html');
  }
  await writeAnswer(shownAs(report, options), options.output, paths);
  process.exitCode = verdict(report, options);
}

function shownAs(report: CorrelateReport, options: Options): string | Iterable<string> {
  const format = options.md ? 'md' : options.format.output;
  if (format === 'json') return jsonDocument(report);
  return render(report, {
    format,
    width: terminalWidth(options.output),
    color: useColor(options.color, options.output),
    top: options.top ?? null,
  });
}

/** A file given twice would be counted twice. */
const onceEach = (paths: readonly string[]): string[] =>
  paths.filter(
    (path, i) => path === '-' || !paths.slice(0, i).some((other) => other !== '-' && isOneOf(path, [other])),
  );

/** What can be refused before anything is read. */
function checkPaths(paths: readonly string[], { html, bundle, output }: Options): void {
  if (paths.length === 0) throw new TracekitError('no file given: --trace, --dump, or both. See --help.', EXIT.usage);
  if (paths.filter((path) => path === '-').length > 1) {
    throw new TracekitError('standard input (-) can be named once.', EXIT.usage);
  }
  const targets = [
    ['--html', html],
    ['--bundle', bundle],
    ['--output', output],
  ].filter((target): target is [string, string] => target[1] !== undefined && target[1] !== '-');
  for (const [i, [option, path]] of targets.entries()) {
    if (isOneOf(path, paths)) {
      throw new TracekitError(`${option} ${printable(path)} is one of the files to be read.`, EXIT.usage);
    }
    const twin = targets.slice(0, i).find(([, other]) => isOneOf(path, [other]));
    if (twin !== undefined) {
      throw new TracekitError(`${twin[0]} and ${option} name the same file, ${printable(path)}.`, EXIT.usage);
    }
  }
}

/** A trace given as dump is a slip: it would be read as a trace, and the dump be missed. */
function checkRoles(sources: readonly { readonly path: string; readonly format: string }[], { dump }: Options): void {
  for (const path of dump ?? []) {
    const own = sources.filter((source) => source.path === path);
    const other = own.find(({ format }) => format !== DEBUGGER_LOG);
    if (other === undefined) continue;
    throw new TracekitError(
      `--dump ${printable(path)} is no debugger's log (${other.format}): give it with --trace. What to type in the debugger: tracekit dump --script.`,
      EXIT.usage,
    );
  }
}

const DEBUGGER_LOG = 'kd';

async function asked(options: Options): Promise<Partial<CorrelateOptions>> {
  return {
    traceStartMs: await instantOption('--trace-start', options.traceStart, options.zone),
    dumpTimeMs: await instantOption('--dump-time', options.dumpTime, options.zone),
    offsetMs: options.offset === undefined ? null : options.offset / 1000,
    zone: options.zone ?? null,
  };
}

async function instantOption(name: string, text: string | undefined, zone: string | undefined): Promise<number | null> {
  if (text === undefined) return null;
  const ms = await parseInstant(text.replace(' ', 'T'), zone ?? 'utc');
  if (ms !== null) return ms;
  throw new TracekitError(
    `${name}: '${text.slice(0, 60)}' is no time. Example: ${name} 2026-11-20T10:05:11Z`,
    EXIT.usage,
  );
}

/** The exit code; why it is not 0 is said on stderr. */
function verdict(report: CorrelateReport, options: Options): number {
  const say = (text: string): void => {
    if (!options.quiet) process.stderr.write(`tracekit: ${text}\n`);
  };
  if (report.result.verdict.cause === null) {
    say('the evidence does not carry a verdict; the answer says what is missing.');
    return EXIT.insufficient;
  }
  if (options.strict) {
    const why = strictFailures(report, new Set());
    if (why.length > 0) {
      say(`--strict: ${why.join('; ')}.`);
      return EXIT.unreadable;
    }
  }
  return EXIT.ok;
}
