import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { EXIT, TracekitError } from '../../src/core/error.js';
import { type Filter, parseFilter } from '../../src/core/filter.js';
import { parsePoolTags, poolTagOf } from '../../src/core/pooltag.js';
import { printable } from '../../src/core/text.js';
import {
  analyzePool,
  open,
  POOL_KEYS,
  POOL_VIEWS,
  type PoolOptions,
  type PoolResult,
  poolColumns,
  type Report,
  render,
} from '../../src/index.js';
import { jsonDocument } from '../../src/report/document.js';
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

const OUTPUTS = ['table', 'json', 'ndjson', 'csv', 'md', 'collapsed', 'flamegraph', 'speedscope'] as const;
/** Outputs that show all stacks, however long their list is. */
const WHOLE = new Set<string>(['collapsed', 'flamegraph', 'speedscope']);
/** Stacks of a result unless `--top` says otherwise: each has some kilobytes of frames. */
const DEFAULT_STACKS = 500;
/** As WPA's expert would expand its table. */
const DEFAULT_KEYS = ['type', 'paged', 'tag', 'stack'] as const;

interface Options extends SharedOptions {
  range?: string;
  around?: string;
  tag?: string;
  paged?: boolean;
  nonpaged?: boolean;
  process?: string;
  pid?: Set<number>;
  module?: string;
  function?: string;
  minAge?: number;
  by?: (typeof POOL_KEYS)[number][];
  view?: (typeof POOL_VIEWS)[number][];
  tree?: 'top-down' | 'bottom-up';
  depth?: number;
  top?: number;
  columns?: string[];
  snapshot?: string[];
  every?: number;
  pooltag?: string;
  failOver?: number;
}

const EXAMPLES = `
Examples:
  tracekit pool trace.etl                            who leaks, how fast, from which code, on whose behalf
  tracekit pool trace.etl --tag Leak --tree top-down
  tracekit pool trace.etl --by paged,tag,driver --range 10s 50s
  tracekit pool trace.etl --format flamegraph --output pool.svg
  tracekit pool before.txt after.txt later.txt       poolmon or !poolused snapshots, in the order of time
  tracekit pool trace.etl --snapshot dump.log        the blocks that !verifier lists, found in the trace by address
  tracekit pool trace.etl --pooltag pooltag.txt --json > pool.json

See also: tracekit recipe pool (how to record and to take snapshots), tracekit formats.`;

export function poolCommand(program: Command): void {
  const command = program
    .command('pool')
    .summary('which code leaks kernel pool, by tag and by allocating stack')
    .description(
      'Tells which code leaks kernel pool: from traces of allocations, from snapshots (poolmon, !poolused, !vm, perfmon),\n' +
        'from lists of blocks (!verifier, !pool, !poolfind) and stacks of PoolHitTag, alone or together.',
    )
    .argument(
      '<file...>',
      'a trace, and snapshots in the order of time; - is standard input; .gz and .zip are unpacked',
    )
    .option('--range <from to>', 'against which allocations and frees are inside or outside: --range 10s 50s')
    .option('--around <t±d>', 'the same, around a time: --around 30s±10s (or 30s+-10s)')
    .option('--tag <filter>', 'only these tags: wildcards * ?, ; between alternatives, ! not; letter case counts')
    .option('--paged', 'paged pool only')
    .option('--nonpaged', 'nonpaged pool only')
    .option(
      '--process <filter>',
      'only allocations of these processes (wildcards as for --tag, letter case does not count)',
    )
    .option('--pid <list>', 'only allocations of these processes: 4,1380', idsOption)
    .option('--module <filter>', 'only stacks with a frame in these modules')
    .option('--function <filter>', 'only stacks with a frame in these functions')
    .option(
      '--min-age <time>',
      'only blocks that are out for at least so long count as outstanding: --min-age 10s',
      durationOption,
    )
    .option('--by <list>', `nest counts and bytes by: ${POOL_KEYS.join(', ')}`, listOption(POOL_KEYS))
    .option('--view <list>', `lists to show: ${POOL_VIEWS.join(', ')}`, listOption(POOL_VIEWS))
    .addOption(new Option('--tree <end>', 'outstanding stacks as a tree').choices(['top-down', 'bottom-up']))
    .option('--depth <n>', 'frames shown of a stack; 0 = all', countOption)
    .option('--top <n>', 'length of the lists; 0 = all', countOption)
    .option('--columns <list>', 'columns to show, in this order: tag,verdict,aifoBytes', namesOption)
    .option('--snapshot <file...>', 'further files with snapshots or lists of blocks, in the order of time')
    .option('--every <time>', 'time between snapshots that do not say when they were taken: --every 5min', everyOption)
    .option('--pooltag <file>', 'your copy of pooltag.txt, which names drivers of tags')
    .option('--fail-over <rate>', `exit ${EXIT.threshold} if a leak grows faster: --fail-over 10KB/s`, rateOption);
  sharedOptions(command, OUTPUTS).addHelpText('after', EXAMPLES).action(run);
}

const UNITS: Readonly<Record<string, number>> = { b: 1, bytes: 1, kb: 1024, mb: 1 << 20, gb: 1 << 30 };

/** `10KB/s`, `4096`: bytes a second. */
function rateOption(text: string): number {
  const match = /^(\d{1,12}(?:\.\d{1,6})?)\s*([a-z]*?)(?:\/s)?$/i.exec(text.trim());
  const unit = match === null ? undefined : UNITS[match[2].toLowerCase() || 'b'];
  if (match === null || unit === undefined)
    throw new InvalidArgumentError('Not a rate. Examples: 10KB/s  1MB/s  4096 (bytes a second)');
  return Number(match[1]) * unit;
}

/** `5min`, `2h`, and all durations that ranges take: ms. */
function everyOption(text: string): number {
  const match = /^(\d{1,6}(?:\.\d{1,3})?)\s*(min|m|h|d)$/i.exec(text.trim());
  if (match !== null) {
    const unit = { m: 60_000, h: 3_600_000, d: 86_400_000 }[match[2][0].toLowerCase()] ?? 60_000;
    return Number(match[1]) * unit;
  }
  const ms = durationOption(text) / 1000;
  if (ms <= 0) throw new InvalidArgumentError('Not a time between snapshots. Examples: 30s  5min  1h');
  return ms;
}

async function run(files: string[], options: Options): Promise<void> {
  checkOptions(options);
  const all = [...files, ...(options.snapshot ?? [])];
  const poolTags = options.pooltag === undefined ? null : poolTagFile(options.pooltag);
  const trace = await open(all, { format: options.format.input });
  const shown = progress(options.quiet === true);
  let report: Report<PoolResult>;
  try {
    const range = await windowOption(trace, options);
    report = await analyzePool(trace, { ...filters(options), range, poolTags }, { onProgress: shown.report });
  } finally {
    shown.done();
    trace.close();
  }
  await writeAnswer(answer(report, options), options.output, all);
  process.exitCode = verdict(report, options);
}

function filters(options: Options): Partial<PoolOptions> {
  const filterOf = (text: string | undefined): Filter | null => (text === undefined ? null : parseFilter(text));
  return {
    tag: options.tag === undefined ? null : tagFilter(options.tag),
    paged: options.paged ? true : options.nonpaged ? false : null,
    process: filterOf(options.process),
    pids: options.pid ?? null,
    module: filterOf(options.module),
    fn: filterOf(options.function),
    minAgeUs: options.minAge ?? 0,
    by: options.by ?? (options.view?.includes('tree') ? DEFAULT_KEYS : null),
    top: options.top ?? null,
    stacks: WHOLE.has(options.format.output) ? 0 : (options.top ?? DEFAULT_STACKS),
    everyMs: options.every ?? null,
  };
}

/** Tags have four characters; blanks behind shorter ones need not be typed. */
function tagFilter(text: string): Filter {
  const exact = parseFilter(text, { caseSensitive: true });
  return (tag) => exact(tag) || (tag.endsWith(' ') && exact(tag.trimEnd()));
}

function poolTagFile(path: string): PoolOptions['poolTags'] {
  try {
    const { tags, lines, skipped } = parsePoolTags(readFileSync(path));
    if (tags.size > 0 && skipped <= lines / 2) return (tag) => poolTagOf(tags, tag);
  } catch (error) {
    throw new TracekitError(`--pooltag: ${printable(String((error as Error).message))}.`, EXIT.unreadable);
  }
  throw new TracekitError(
    `--pooltag: ${printable(path)} holds no line such as "Leak - leaky.sys - what it is". It comes with the debugger, in its triage folder.`,
    EXIT.unreadable,
  );
}

function checkOptions(options: Options): void {
  if (options.paged && options.nonpaged) throw new TracekitError('give --paged or --nonpaged, not both.', EXIT.usage);
  checkColumnNames(
    options.columns ?? [],
    viewsOf(options).flatMap((view) => poolColumns(view)),
  );
}

const viewsOf = ({ view, by }: Options): readonly (typeof POOL_VIEWS)[number][] =>
  view ?? (by === undefined ? POOL_VIEWS : ['tree']);

function answer(report: Report<PoolResult>, options: Options): string | Iterable<string> {
  if (options.format.output === 'json') return jsonDocument(report);
  return render(report, {
    format: options.format.output,
    width: terminalWidth(options.output),
    color: useColor(options.color, options.output),
    views: options.view ?? (options.by === undefined ? null : ['tree']),
    tree: options.tree ?? null,
    columns: options.columns ?? null,
    top: options.top ?? null,
    depth: options.depth ?? null,
  });
}

/** The exit code; why it is not 0 is said on stderr. */
function verdict(report: Report<PoolResult>, options: Options): number {
  const say = (text: string): void => {
    if (!options.quiet) process.stderr.write(`tracekit: ${text}\n`);
  };
  const { tags, stacks, counters, blocks, tagPlaces } = report.result;
  if (tags.length + stacks.length + counters.length + blocks.length + tagPlaces.length === 0) {
    const isFiltered = [
      options.range,
      options.around,
      options.tag,
      options.paged,
      options.nonpaged,
      options.process,
      options.pid,
      options.module,
      options.function,
    ].some((filter) => filter !== undefined);
    say(
      isFiltered
        ? 'no pool event or snapshot passes the filters given.'
        : `no pool data in the input${skipped(report)}. Record with the POOL keyword and stacks: see \`tracekit recipe pool\`.`,
    );
    return isFiltered ? EXIT.ok : EXIT.insufficient;
  }
  if (options.strict) {
    const why = strictFailures(report, DOUBTFUL);
    if (why.length > 0) {
      say(`--strict: ${why.join('; ')}.`);
      return EXIT.unreadable;
    }
  }
  const { failOver } = options;
  const over =
    failOver === undefined
      ? undefined
      : tags.find((tag) => tag.verdict === 'leak' && (tag.slopeBytesPerSecond ?? 0) > failOver);
  if (over === undefined) return EXIT.ok;
  say(`'${printable(over.tag ?? '')}' leaks ${over.slopeBytesPerSecond?.toFixed(0)} bytes a second: over ${failOver}.`);
  return EXIT.threshold;
}

function skipped({ sources }: Report<PoolResult>): string {
  const count = sources.reduce((sum, { account }) => sum + account.skipped, 0);
  return count === 0 ? '' : `, of which ${count} lines or events could not be read`;
}

/** Rules of findings that make an answer doubtful. */
const DOUBTFUL = new Set(['events-lost', 'truncated', 'no-stacks', 'missing-frees', 'time-inversion']);
