import { type Command, Option } from 'commander';
import { EXIT, TracekitError } from '../../src/core/error.js';
import { type Filter, parseFilter } from '../../src/core/filter.js';
import {
  analyzeErrors,
  BY,
  ERRORS_VIEWS,
  type ErrorsOptions,
  type ErrorsResult,
  errorsColumns,
  open,
  type Report,
  type Rule,
  render,
  type Trace,
} from '../../src/index.js';
import { jsonDocument } from '../../src/report/document.js';
import { decodingFiles } from '../decoding.js';
import {
  type ClockOptions,
  clockGiven,
  clockOptions,
  levelOption,
  periodOption,
  ruleOf,
  rulesOf,
} from '../errors-options.js';
import { progress, terminalWidth, useColor, writeAnswer } from '../io.js';
import {
  checkColumnNames,
  countOption,
  durationOption,
  idsOption,
  listOption,
  namesOption,
  type SharedOptions,
  sharedOptions,
} from '../options.js';
import { strictFailures } from '../strict.js';
import { windowOption } from '../window.js';

const OUTPUTS = ['table', 'json', 'ndjson', 'csv', 'md'] as const;
type ViewName = (typeof ERRORS_VIEWS)[number];

interface Options extends SharedOptions, ClockOptions {
  view?: ViewName[];
  by?: (typeof BY)[number];
  level?: ErrorsOptions['level'];
  period?: { fromUs: number; toUs: number };
  confidence?: ErrorsOptions['confidence'];
  range?: string;
  around?: string;
  window?: string;
  pid?: Set<number>;
  tid?: Set<number>;
  process?: string;
  provider?: string;
  message?: string;
  template?: string[];
  rules?: string;
  manifest?: string[];
  tmf?: string;
  sampleLines?: number;
  diff?: boolean;
  top?: number;
  columns?: string[];
  failOver?: number;
  failOnPeriodic?: boolean;
}

const EXAMPLES = `
Examples:
  tracekit errors trace.txt                            which messages recur, how often, and with what rhythm
  tracekit errors trace.txt --level warning            warnings and errors only
  tracekit errors trace.txt --view periodic --period 5s 10s
  tracekit errors trace.csv --by function --top 0      rhythms and gaps of each function instead of each thread
  tracekit errors trace.txt --window 10:05:00 10:06:00 what was new in that minute, and what stopped
  tracekit errors System.xml --view disk               what the disks reported, decoded
  tracekit errors --diff before.txt after.txt          what is new, gone, faster, slower
  tracekit errors trace.txt --template 'Login of <*> failed*' --json > errors.json

See also: tracekit formats, tracekit events (single events of an .etl), tracekit dump.`;

export function errorsCommand(program: Command): void {
  const command = program
    .command('errors')
    .summary('which messages recur, how often, with what rhythm, in whose threads')
    .description(
      'Puts the messages of software traces, logs and event logs into templates, tells which of them are errors, which come ' +
        'periodically and how surely, where a thread fell silent, what began and never ended, and what the disks reported.',
    )
    .argument('<file...>', 'traces and logs; - is standard input; .gz and .zip are unpacked')
    .option('--view <list>', `lists to show: ${ERRORS_VIEWS.join(', ')}`, listOption(ERRORS_VIEWS))
    .addOption(new Option('--by <column>', 'rhythms and gaps of each').choices(BY).default('thread'))
    .option(
      '--level <name>',
      'only templates as bad as this or worse: critical, error, warning, information, verbose',
      levelOption,
    )
    .option('--period <a b>', 'only rhythms with a period from a to b: --period 5s 10s', periodOption)
    .addOption(
      new Option('--confidence <name>', 'rhythms at least so sure; low ones may be chance')
        .choices(['low', 'medium', 'high'])
        .default('medium'),
    )
    .option('--range <a b>', 'only messages from a to b: --range 2s 3s, --range 10:05:00 10:06:00')
    .option('--around <t±d>', 'only messages within d of t: --around 12.5s±100ms')
    .option('--window <a b>', 'what was new from a to b, and what stopped there')
    .option('--pid <list>', 'only these processes: 4,1380', idsOption)
    .option('--tid <list>', 'only these threads: 1192,2536', idsOption)
    .option('--process <filter>', 'only these processes: wildcards * ?, ; between alternatives, ! not')
    .option('--provider <filter>', 'only these providers, modules or sources')
    .option('--message <filter>', "only templates whose text passes: --message '*disk*'")
    .option('--template <text>', 'a template of your own; * or <*> for what varies; may be given again', collect)
    .option('--rules <file>', 'templates of your own, one a line, "error: " and so on in front to say how bad they are')
    .option('--manifest <file>', 'instrumentation manifest to decode events of an .etl by; may be given again', collect)
    .option('--tmf <dir>', 'folder of trace message format files (.tmf) to decode WPP messages by')
    .option('--sample-lines <n>', 'messages quoted of each template', countOption)
    .option('--diff', 'compare: the first file against the others')
    .option('--top <n>', 'length of the lists; 0 = all', countOption)
    .option('--columns <list>', 'columns to show, in this order: count,template', namesOption)
    .option('--fail-over <time>', `exit ${EXIT.threshold} if a span takes longer: --fail-over 5s`, durationOption)
    .option('--fail-on-periodic', `exit ${EXIT.threshold} if an error comes periodically`);
  clockOptions(command);
  sharedOptions(command, OUTPUTS).addHelpText('after', EXAMPLES).action(run);
}

const collect = (text: string, before: string[] = []): string[] => [...before, text];

async function run(files: string[], options: Options): Promise<void> {
  if (options.diff && files.length < 2) throw new TracekitError('--diff compares two files or more.', EXIT.usage);
  checkColumnNames(
    options.columns ?? [],
    (options.view ?? ERRORS_VIEWS).flatMap((view) => errorsColumns(view)),
  );
  const rules = [
    ...(options.template ?? []).map(ruleOf),
    ...(options.rules === undefined ? [] : rulesOf(options.rules)),
  ];
  const trace = await open(files, {
    format: options.format.input,
    clock: await clockGiven(options),
    decoding: decodingFiles(options),
  });
  const shown = progress(options.quiet === true);
  let report: Report<ErrorsResult>;
  try {
    report = await analyzeErrors(trace, await asked(trace, rules, options), { onProgress: shown.report });
  } finally {
    shown.done();
    trace.close();
  }
  const isJson = options.format.output === 'json';
  await writeAnswer(isJson ? jsonDocument(report) : shownAs(report, options), options.output, files);
  process.exitCode = verdict(report, options);
}

async function asked(trace: Trace, rules: readonly Rule[], options: Options): Promise<Partial<ErrorsOptions>> {
  const filterOf = (text: string | undefined): Filter | null => (text === undefined ? null : parseFilter(text));
  return {
    pids: options.pid ?? null,
    tids: options.tid ?? null,
    process: filterOf(options.process),
    provider: filterOf(options.provider),
    message: filterOf(options.message),
    level: options.level ?? null,
    rules,
    range: await windowOption(trace, options),
    window: options.window === undefined ? null : await windowOption(trace, { range: options.window }, '--window'),
    by: options.by ?? 'thread',
    period: options.period ?? null,
    confidence: options.confidence ?? 'medium',
    diff: options.diff === true,
    sampleLines: options.sampleLines ?? 3,
  };
}

const shownAs = (report: Report<ErrorsResult>, options: Options): string =>
  render(report, {
    format: options.format.output,
    width: terminalWidth(options.output),
    color: useColor(options.color, options.output),
    views: options.view ?? null,
    columns: options.columns ?? null,
    top: options.top ?? null,
  });

/** The exit code; why it is not 0 is said on stderr. */
function verdict(report: Report<ErrorsResult>, options: Options): number {
  const { result } = report;
  const say = (text: string): void => {
    if (!options.quiet) process.stderr.write(`tracekit: ${text}\n`);
  };
  // Runs of routines may have rhythms where nothing was said.
  if (result.messages === 0 && result.periodic.length === 0) {
    const isFiltered = [
      options.pid,
      options.tid,
      options.process,
      options.provider,
      options.range,
      options.around,
    ].some((filter) => filter !== undefined);
    say(
      isFiltered
        ? 'no message passes the filters given.'
        : 'no messages in the input. See tracekit info for what it holds.',
    );
    return isFiltered ? EXIT.ok : EXIT.insufficient;
  }
  if (options.strict) {
    const why = strictFailures(report, new Set());
    if (why.length > 0) {
      say(`--strict: ${why.join('; ')}.`);
      return EXIT.unreadable;
    }
  }
  const periodic = result.periodic.find(({ level }) => level === 'error' || level === 'critical');
  if (options.failOnPeriodic && periodic !== undefined) {
    say(`an error comes every ${periodic.periodMs.toFixed(3)} ms.`);
    return EXIT.threshold;
  }
  const { failOver } = options;
  const over = result.spans.find(({ maxMs }) => failOver !== undefined && (maxMs ?? 0) * 1000 > failOver);
  if (over === undefined) return EXIT.ok;
  say(`a span took ${over.maxMs} ms: over ${(failOver ?? 0) / 1000} ms.`);
  return EXIT.threshold;
}
