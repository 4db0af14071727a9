import { type Command, Option } from 'commander';
import { EXIT } from '../../src/core/error.js';
import { parseFilter } from '../../src/core/filter.js';
import { printable } from '../../src/core/text.js';
import {
  analyzeDpc,
  DPC_VIEWS,
  type DpcResult,
  open,
  type Report,
  render,
  SORT_KEYS,
  viewColumns,
} from '../../src/index.js';
import { jsonDocument } from '../../src/report/document.js';
import { progress, terminalWidth, useColor, writeAnswer } from '../io.js';
import {
  checkColumnNames,
  countOption,
  cpusOption,
  durationOption,
  HISTOGRAMS,
  listOption,
  namesOption,
  type SharedOptions,
  sharedOptions,
} from '../options.js';
import { strictFailures } from '../strict.js';
import { windowOption } from '../window.js';

const OUTPUTS = ['table', 'json', 'ndjson', 'csv', 'md'] as const;
const KINDS = ['DPC', 'TimerDPC', 'ThreadedDPC', 'ISR', 'ISR-MSI', 'PassiveISR'] as const;

interface Options extends SharedOptions {
  range?: string;
  around?: string;
  cpu?: Set<number>;
  module?: string;
  function?: string;
  kind?: string[];
  by?: (typeof DPC_VIEWS)[number][];
  sort: (typeof SORT_KEYS)[number];
  top?: number;
  dpcLimit: number;
  isrLimit: number;
  columns?: string[];
  histogram?: (typeof HISTOGRAMS)[number];
  dpcTimestamp: 'start' | 'end';
  failOver?: number;
}

const EXAMPLES = `
Examples:
  tracekit dpc trace.txt                         xperf -i trace.etl -o trace.txt -target machine -a dumper
  tracekit dpc trace.csv.gz --around 12.5s+-1s   what ran around a glitch at 12.5 s
  tracekit dpc trace.txt --module 'ndis*;tcpip*' --by function --top 0
  tracekit dpc trace.txt --json > dpc.json
  tracekit dpc trace.txt --fail-over 1ms         exit 1 if anything ran longer

See also: tracekit recipe dpc (how to record and export a trace), tracekit formats.`;

export function dpcCommand(program: Command): void {
  const command = program
    .command('dpc')
    .summary('which drivers’ DPCs and ISRs ran too long')
    .description(
      'Tells which drivers’ DPCs and interrupt service routines ran too long, from exports of ETW traces.\n' +
        'See `tracekit formats` for what is read.',
    )
    .argument('<file...>', 'exports of one trace; - is standard input; .gz and .zip are unpacked')
    .option('--range <from to>', 'only runs that overlap this window: --range 2s 3.5s, --range 2s +500ms, or ISO 8601')
    .option('--around <t±d>', 'only runs near a time: --around 12.5s±100ms (or 12.5s+-100ms)')
    .option('--cpu <list>', 'only these processors: 0,2-3', cpusOption)
    .option('--module <filter>', 'only these modules: wildcards * ?, ; between alternatives, ! not')
    .option('--function <filter>', 'only these functions (same syntax)')
    .option('--kind <list>', `only these kinds: ${KINDS.join(', ')}`, listOption(KINDS))
    .addOption(new Option('--dpc-limit <time>', 'limit for DPCs').argParser(durationOption).default(100, '100us'))
    .addOption(new Option('--isr-limit <time>', 'limit for ISRs').argParser(durationOption).default(25, '25us'))
    .option('--by <list>', `lists to show: ${DPC_VIEWS.join(', ')}`, listOption(DPC_VIEWS))
    .addOption(new Option('--sort <key>', 'order of modules and functions').choices(SORT_KEYS).default('max'))
    .option('--top <n>', 'length of the lists; 0 = all', countOption)
    .option('--columns <list>', 'columns to show, in this order: module,count,maxUs', namesOption)
    .addOption(
      new Option('--histogram [ranges]', 'histogram of each module, with the bucket edges of xperf or of LatencyMon')
        .choices(HISTOGRAMS)
        .preset(HISTOGRAMS[0]),
    )
    .addOption(
      new Option('--dpc-timestamp <end>', 'which end of a run its TimeStamp is, where the format does not say')
        .choices(['start', 'end'])
        .default('end'),
    )
    .option('--fail-over <time>', `exit ${EXIT.threshold} if a DPC or ISR ran longer: --fail-over 1ms`, durationOption);
  sharedOptions(command, OUTPUTS).addHelpText('after', EXAMPLES).action(run);
}

async function run(files: string[], options: Options): Promise<void> {
  checkColumns(options);
  const trace = await open(files, { format: options.format.input, dpcTimestamp: options.dpcTimestamp });
  const shown = progress(options.quiet === true);
  let report: Report<DpcResult>;
  try {
    report = await analyzeDpc(
      trace,
      {
        range: await windowOption(trace, options),
        cpus: options.cpu ?? null,
        module: options.module === undefined ? null : parseFilter(options.module),
        fn: options.function === undefined ? null : parseFilter(options.function),
        kinds: options.kind === undefined ? null : new Set(options.kind.map((kind) => kind.toLowerCase())),
        dpcUs: options.dpcLimit,
        isrUs: options.isrLimit,
        top: options.top ?? null,
        sort: options.sort,
        histogram: options.histogram ?? 'xperf',
      },
      { onProgress: shown.report },
    );
  } finally {
    shown.done();
    trace.close();
  }
  await writeAnswer(answer(report, options), options.output, files);
  process.exitCode = verdict(report, options);
}

function answer(report: Report<DpcResult>, options: Options): string | Iterable<string> {
  if (options.format.output === 'json') return jsonDocument(report);
  return render(report, {
    format: options.format.output,
    width: terminalWidth(options.output),
    color: useColor(options.color, options.output),
    by: options.by ?? null,
    columns: options.columns ?? null,
    top: options.top ?? null,
    allHistograms: options.histogram !== undefined,
  });
}

function checkColumns(options: Options): void {
  checkColumnNames(
    options.columns ?? [],
    (options.by ?? DPC_VIEWS).flatMap((view) => viewColumns(view)),
  );
}

/** The exit code; why it is not 0 is said on stderr. */
function verdict(report: Report<DpcResult>, options: Options): number {
  const say = (text: string): void => {
    if (!options.quiet) process.stderr.write(`tracekit: ${text}\n`);
  };
  const failed = report.diagnostics.find((d) => d.code === 'analysis-failed');
  if (failed !== undefined) {
    say(`internal error: ${failed.message}. Please report it with the command line.`);
    return EXIT.unreadable;
  }
  const { modules, cpus, histograms } = report.result;
  if (modules.length === 0 && histograms.length === 0 && !cpus.some(saysSomething)) {
    const missing = whatIsMissing(report, options);
    say(missing ?? 'no DPC or ISR run passes the filters given.');
    return missing === null ? EXIT.ok : EXIT.insufficient;
  }
  if (options.strict) {
    const why = strictFailures(report, DOUBTFUL);
    if (why.length > 0) {
      say(`--strict: ${why.join('; ')}.`);
      return EXIT.unreadable;
    }
  }
  const over = options.failOver === undefined ? null : overText(report.result, options.failOver);
  if (over === null) return EXIT.ok;
  say(over);
  return EXIT.threshold;
}

/** Processors are listed where no run on them passes the filters, too: their counts are 0. */
function saysSomething(cpu: DpcResult['cpus'][number]): boolean {
  const says = (count: number | null, ...others: (number | null)[]): boolean =>
    count === null ? others.some((figure) => figure !== null) : count > 0;
  return says(cpu.dpcCount, cpu.dpcUs, cpu.maxDpcUs) || says(cpu.isrCount, cpu.isrUs, cpu.maxIsrUs);
}

/** Why there is nothing to answer from; null where there is and the filters let nothing pass. */
function whatIsMissing({ sources, diagnostics }: Report<DpcResult>, options: Options): string | null {
  if (!diagnostics.some((d) => d.code === 'no-runs')) {
    const { range, around, cpu, module, function: fn, kind } = options;
    const isFiltered = [range, around, cpu, module, fn, kind].some((filter) => filter !== undefined);
    return isFiltered ? null : 'the input holds no figures of DPCs or ISRs by module, processor or duration.';
  }
  const skipped = sources.reduce((sum, s) => sum + s.account.skipped, 0);
  const damage = diagnostics.filter((d) => d.severity !== 'info' && d.source !== null);
  if (damage.length > 0 && (skipped > 0 || sources.every((s) => s.account.rows === 0))) {
    const [{ code, line, byte, message }] = damage;
    const units = new Set(sources.map((s) => `${s.account.unit}s`));
    const lines =
      skipped > 0 ? `${skipped} ${[...units].join(' or ')} were skipped` : 'it could not be read as it should';
    const where = line !== null ? ` in line ${line}` : byte !== null ? ` at byte 0x${byte.toString(16)}` : '';
    return (
      `no DPC or ISR runs could be read from the input: ${lines}, first${where}: ${message} [${code}]. ` +
      'Copy or export it again; if nothing is missing then, record as `tracekit recipe dpc` says.'
    );
  }
  return 'no DPC or ISR runs in the input. Record with the INTERRUPT and DPC keywords: see `tracekit recipe dpc`.';
}

/** What ran longer than `limitUs`, in words; null where nothing certainly did. */
function overText({ longest, modules, cpus }: DpcResult, limitUs: number): string | null {
  const whose = (m: { kind: string | null; module: string | null }): string =>
    `${m.kind ?? 'DPC or ISR'} in ${printable(m.module ?? 'an unresolved module')}`;
  if (longest !== null && longest.durationUs > limitUs) {
    return `${whose(longest)} ran ${longest.durationUs} µs: over ${limitUs} µs.`;
  }
  // Reports without maxima bound them by a histogram or a mean; their longest lists come longest first.
  const bounded = modules.find(({ maxRange }) => maxRange !== null && maxRange.gtUs >= limitUs);
  if (bounded !== undefined) return `${whose(bounded)} ran more than ${bounded.maxRange?.gtUs} µs: over ${limitUs} µs.`;
  for (const { cpu, maxDpcUs, maxIsrUs } of cpus) {
    if ((maxDpcUs ?? 0) > limitUs) return `DPC on CPU ${cpu} ran ${maxDpcUs} µs: over ${limitUs} µs.`;
    if ((maxIsrUs ?? 0) > limitUs) return `ISR on CPU ${cpu} ran ${maxIsrUs} µs: over ${limitUs} µs.`;
  }
  return null;
}

/** Rules of findings and codes of diagnostics that make an answer doubtful. */
const DOUBTFUL = new Set(['events-lost', 'unresolved-module', 'unresolved-symbols']);
