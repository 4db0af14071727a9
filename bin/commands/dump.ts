import { type Command, Option } from 'commander';
import { EXIT, TracekitError } from '../../src/core/error.js';
import { type Filter, parseFilter } from '../../src/core/filter.js';
import { printable } from '../../src/core/text.js';
import {
  analyzeDump,
  DUMP_VIEWS,
  type DumpOptions,
  type DumpResult,
  dumpColumns,
  open,
  type Report,
  render,
} from '../../src/index.js';
import { dumpScript } from '../../src/recipes/dump.js';
import { jsonDocument } from '../../src/report/document.js';
import { processFilter, threadsOption, waitOption } from '../dump-options.js';
import { progress, terminalWidth, useColor, writeAnswer } from '../io.js';
import {
  checkColumnNames,
  countOption,
  idsOption,
  listOption,
  namesOption,
  SCRIPTS,
  type SharedOptions,
  sharedOptions,
} from '../options.js';
import { strictFailures } from '../strict.js';

const OUTPUTS = ['table', 'json', 'ndjson', 'csv', 'md', 'dot', 'mermaid'] as const;
type ViewName = (typeof DUMP_VIEWS)[number];

interface Options extends SharedOptions {
  view?: ViewName[];
  chains?: boolean;
  threads?: boolean;
  locks?: boolean;
  order?: boolean;
  process?: string;
  pid?: Set<number>;
  tid?: Set<number>;
  thread?: Set<string>;
  module?: string;
  function?: string;
  minWait?: number;
  top?: number;
  columns?: string[];
  depth?: number;
  failOver?: number;
  failOnDeadlock?: boolean;
  script?: (typeof SCRIPTS)[number];
}

const EXAMPLES = `
Examples:
  tracekit dump hang.log                         who waits for whom, what all wait for, and what else is wrong
  tracekit dump hang.log --chains --order        wait chains and the longest waits alone
  tracekit dump hang.log --process 'svchost*' --min-wait 1min --threads
  tracekit dump hang.log --thread 0x89cd9c10     one thread with its whole stack, and the chains that it is in
  tracekit dump hang.log --format dot | dot -Tsvg -o waits.svg
  tracekit dump first.log second.log --json > dump.json
  tracekit dump hang.log --fail-over 10min --fail-on-deadlock
  tracekit dump --script kernel > hang.txt       then, in the debugger: $$<hang.txt

See also: tracekit recipe dump (how to get a dump and its log), tracekit formats.`;

export function dumpCommand(program: Command): void {
  const command = program
    .command('dump')
    .summary('what a memory dump shows: who waits for whom, and why')
    .description(
      'Tells from logs of WinDbg, kd or cdb who waits for whom and what all wait for, finds deadlocks, and names what ' +
        'else the log shows: bugcheck, locks, IRPs, memory, leaks, and whether the dump can be trusted.',
    )
    .argument('[file...]', 'logs of one dump; - is standard input; .gz and .zip are unpacked')
    .option('--view <list>', `lists to show: ${DUMP_VIEWS.join(', ')}`, listOption(DUMP_VIEWS))
    .option('--chains', 'same as --view chain')
    .option('--threads', 'same as --view stack: threads, those with the same stack in one row')
    .option('--locks', 'same as --view lock')
    .option('--order', 'same as --view order: longest waits first')
    .option(
      '--process <filter>',
      'only these processes: wildcards * ?, ; between alternatives, ! not; or an address (0x89cd9c10), or a PID',
    )
    .option('--pid <list>', 'only these processes: 4,1380', idsOption)
    .option('--tid <list>', 'only these threads: 1192,2536', idsOption)
    .option('--thread <list>', 'only these threads, with whole stacks: 0x89cd9c10,0x8a04cb30', threadsOption)
    .option('--module <filter>', 'only threads with a frame in these modules')
    .option('--function <filter>', 'only threads with a frame in these functions')
    .option('--min-wait <time>', 'only threads that wait at least so long, or nobody knows how long', waitOption)
    .option('--top <n>', 'length of the lists; 0 = all', countOption)
    .option('--columns <list>', 'columns to show, in this order: thread,process,waitMs', namesOption)
    .option('--depth <n>', 'frames shown of a stack; 0 = all', countOption)
    .option(
      '--fail-over <time>',
      `exit ${EXIT.threshold} if a chain holds a longer wait: --fail-over 10min`,
      waitOption,
    )
    .option('--fail-on-deadlock', `exit ${EXIT.threshold} if threads are in a deadlock`)
    .addOption(
      new Option(
        '--script <kind>',
        'print what makes the debugger log all of this; reads no file; kernel if no kind is given',
      ).choices(SCRIPTS),
    );
  sharedOptions(command, OUTPUTS).addHelpText('after', EXAMPLES).action(run);
}

async function run(files: string[], options: Options): Promise<void> {
  if (options.script !== undefined) return writeAnswer(dumpScript(options.script), options.output, files);
  checkOptions(files, options);
  const trace = await open(files, { format: options.format.input });
  const shown = progress(options.quiet === true);
  let report: Report<DumpResult>;
  try {
    report = await analyzeDump(trace, filters(options), { onProgress: shown.report });
  } finally {
    shown.done();
    trace.close();
  }
  await writeAnswer(answer(report, options), options.output, files);
  process.exitCode = verdict(report, options);
}

function checkOptions(files: readonly string[], options: Options): void {
  if (files.length === 0) throw new TracekitError("missing required argument 'file'. See --help.", EXIT.usage);
  checkColumnNames(
    options.columns ?? [],
    (viewsOf(options) ?? DUMP_VIEWS).flatMap((view) => dumpColumns(view)),
  );
}

/** Lists that were asked for, each once; null for those that have something to show. */
function viewsOf({ view = [], chains, threads, locks, order }: Options): readonly ViewName[] | null {
  const switched: [boolean | undefined, ViewName][] = [
    [chains, 'chain'],
    [threads, 'stack'],
    [locks, 'lock'],
    [order, 'order'],
  ];
  const asked = [...view, ...switched.flatMap(([isAsked, name]) => (isAsked ? [name] : []))];
  return asked.length === 0 ? null : [...new Set(asked)];
}

function filters(options: Options): Partial<DumpOptions> {
  const filterOf = (text: string | undefined): Filter | null => (text === undefined ? null : parseFilter(text));
  const named = options.process === undefined ? null : processFilter(options.process);
  if (options.pid !== undefined && named?.pids) {
    throw new TracekitError('give PIDs by --process or by --pid, not by both.', EXIT.usage);
  }
  return {
    process: named?.process ?? null,
    processAddresses: named?.processAddresses ?? null,
    pids: options.pid ?? named?.pids ?? null,
    tids: options.tid ?? null,
    threads: options.thread ?? null,
    module: filterOf(options.module),
    fn: filterOf(options.function),
    minWaitMs: options.minWait ?? 0,
  };
}

function answer(report: Report<DumpResult>, options: Options): string | Iterable<string> {
  if (options.format.output === 'json') return jsonDocument(report);
  return render(report, {
    format: options.format.output,
    width: terminalWidth(options.output),
    color: useColor(options.color, options.output),
    views: viewsOf(options),
    columns: options.columns ?? null,
    top: options.top ?? null,
    depth: options.depth ?? null,
    inFull: options.thread ?? null,
  });
}

/** The exit code; why it is not 0 is said on stderr. */
function verdict(report: Report<DumpResult>, options: Options): number {
  const say = (text: string): void => {
    if (!options.quiet) process.stderr.write(`tracekit: ${text}\n`);
  };
  const { result } = report;
  if (isEmpty(result)) {
    const other = holdsPool(report) ? 'It holds outputs on pool: tracekit pool reads them' : TO_TYPE;
    say(`nothing that dump uses in the input${skipped(report)}. ${other}`);
    return EXIT.insufficient;
  }
  const left = filteredOut(result, options);
  if (left !== null) say(`no ${left} passes the filters given.`);
  if (options.strict) {
    const why = [...result.quality.map(({ flag }) => flag), ...strictFailures(report, new Set())];
    if (why.length > 0) {
      say(`--strict: ${[...new Set(why)].map((flag) => printable(flag)).join('; ')}.`);
      return EXIT.unreadable;
    }
  }
  const { failOver, failOnDeadlock } = options;
  // A possible one is none where another object ends a wait.
  const sure = result.deadlocks.find(({ mayEnd }) => !mayEnd);
  if (failOnDeadlock && sure !== undefined) {
    const { threads } = sure;
    say(`deadlock of ${threads.length} threads: ${printable(threads.slice(0, 8).join(', '))}.`);
    return EXIT.threshold;
  }
  const over = result.chains.find(({ longestWaitMs }) => failOver !== undefined && (longestWaitMs ?? 0) > failOver);
  if (over === undefined) return EXIT.ok;
  say(
    `a chain that ends in ${printable(over.root.node)} holds a wait of ${over.longestWaitMs} ms: over ${failOver} ms.`,
  );
  return EXIT.threshold;
}

const TO_TYPE = 'What to type in the debugger: tracekit dump --script';

/** Of what the filters have left nothing; null where they have left something. */
function filteredOut({ threads, processes }: DumpResult, options: Options): string | null {
  const { process, pid, tid, thread, module, function: fn, minWait } = options;
  const isGiven = (filter: unknown): boolean => filter !== undefined;
  if (threads.length > 0) return null;
  if ([process, pid].some(isGiven) && processes.length === 0) return 'thread or process';
  return [tid, thread, module, fn, minWait].some(isGiven) ? 'thread' : null;
}

/** Outputs of the debugger that `pool` reads. */
const OF_POOL = /^!(?:pool|verifier (?:3|80)$)|^!verifier$|PoolHitTag/;

/** True where no output is of use to `dump`, and some are to `pool`. */
const holdsPool = ({ sources }: Report<DumpResult>): boolean =>
  sources.some(({ events }) => [...events.keys()].some((name) => OF_POOL.test(name)));

/** True where the log holds nothing of a dump but, at most, when and of which Windows it is. */
function isEmpty({ system, irps, memory, nbls, watchdog, cut, ...lists }: DumpResult): boolean {
  if (cut.threads !== undefined || cut.processes !== undefined) return false;
  const { threads, processes, locks, waitEdges, patterns, leakSuspects, ports, filters, desktops } = lists;
  const rows: readonly (readonly unknown[])[] = [
    threads,
    processes,
    locks,
    waitEdges,
    patterns,
    leakSuspects,
    ports,
    filters,
    desktops,
    irps.list,
    irps.byDriver,
    system.modules,
    system.processors,
  ];
  return rows.every((list) => list.length === 0) && !system.bugcheck && !memory && !nbls && !watchdog;
}

function skipped({ sources }: Report<DumpResult>): string {
  const count = sources.reduce((sum, { account }) => sum + account.skipped, 0);
  return count === 0 ? '' : `, of which ${count} lines could not be read`;
}
