/**
 * LatencyMon's report text (Resplendence), as saved or pasted into forums: blank lines and line breaks can be lost,
 * separators changed, µ damaged, colons left out by the tool itself. So labels are looked for, not columns.
 *
 *     LatencyMon has been analyzing your system for  0:01:00  (h:mm:ss) on all processors.
 *     Highest DPC routine execution time (µs):              128.007035
 *     Driver with highest DPC routine execution time:       ntoskrnl.exe - NT Kernel & System, Microsoft Corporation
 *     Total time spent in DPCs (%)                          0.136599
 *     DPC count (execution time 250-500 µs):                0
 *     CPU 0 DPC count:                                      196811
 *
 * Figures: up to six decimals, of which zeros at the end are folded into one: `0.0` is 0.000000, `65816.60` is
 * 65816.600000, `220.12020` is 220.120200. Seen in five reports: every fraction has six digits or ends in 0, and zeros
 * at its *front* are kept (`22.084130`, `0.000022`), so a short fraction has lost nothing. One that breaks the rule is
 * doubtful, and said.
 */
import {
  CLAIMED,
  type Claim,
  linesOf,
  NOT_MINE,
  type Output,
  type Parser,
  type Prefix,
  type TextLine,
} from '../src/core/parser.js';
import type { TextStream } from '../src/core/source.js';
import { dpcAggregate, dpcHistogram } from '../src/tables/dpc-aggregate.js';

const MAX_CPUS = 4096;
const MAX_QUOTE = 300;

/** What a label stands for; a figure carries its kind and CPU in the match. */
type What =
  | 'duration'
  | 'os'
  | 'cpus'
  | 'max'
  | 'maxDriver'
  | 'maxTotal'
  | 'totalDriver'
  | 'percent'
  | 'bucket'
  | 'cpuMax'
  | 'cpuTotal'
  | 'cpuCount'
  | 'other';

// Units match as anything in brackets: `µs` turns up as `탎`, `Âµs`, `?s`. Everything repeated is bounded.
const B = '[ \\t\\u00a0]{1,20}';
const UNIT = '[ \\t\\u00a0]{0,20}\\([^()]{0,20}\\)';
const END = '[ \\t\\u00a0]{0,20}:?';
const label = (text: string): RegExp => new RegExp(text.replaceAll('_', B), 'giu');

const LABELS: readonly (readonly [What, RegExp])[] = [
  ['duration', label('LatencyMon_has_been_analyzing_your_system_for')],
  ['os', label('OS_version:')],
  ['cpus', label('Logical_processors:')],
  ['max', label(`Highest_(ISR|DPC)_routine_execution_time${UNIT}${END}`)],
  ['maxDriver', label(`Driver_with_highest_(ISR|DPC)_routine_execution_time${END}`)],
  ['maxTotal', label(`Highest_reported_total_(ISR|DPC)_routine_time${UNIT}${END}`)],
  ['totalDriver', label(`Driver_with_highest_(ISR|DPC)_total(?:_execution)?_time${END}`)],
  ['percent', label(`Total_time_spent_in_(ISR|DPC)s${UNIT}${END}`)],
  ['bucket', label(`(ISR|DPC)_count[ \\t]{0,20}\\(execution_time_([^()]{1,40})\\)${END}`)],
  ['cpuMax', label(`CPU_(\\d{1,4})_(ISR|DPC)_highest_execution_time${UNIT}${END}`)],
  ['cpuTotal', label(`CPU_(\\d{1,4})_(ISR|DPC)_total_execution_time${UNIT}${END}`)],
  ['cpuCount', label(`CPU_(\\d{1,4})_(ISR|DPC)_count${END}`)],
  // Labels whose values are not used, but end the value before them where line breaks are lost.
  ['other', label(`CPU_\\d{1,4}_Interrupt_cycle_time${UNIT}${END}`)],
  ['other', label('(?:Computer_name|Hardware|BIOS|CPU|Processor_groups?|Processor_group_size|RAM):')],
  ['other', label(`Reported_CPU_speed(?:_\\(\\w{1,20}\\))?${END}`)],
  ['other', label(`(?:Highest|Average)_measured_interrupt_to_(?:process|DPC)_latency${UNIT}${END}`)],
  ['other', label(`Process_with_highest_pagefault_count${END}`)],
  ['other', label(`Total_number_of_hard_pagefaults${END}`)],
  ['other', label(`Hard_pagefault_count_of_hardest_hit_process${END}`)],
  ['other', label(`Number_of_processes_hit${END}`)],
  ['other', label('(?:REPORTED_(?:ISRs|DPCs|HARD)|SYSTEM_INFORMATION|CPU_SPEED|PER_CPU_DATA)')],
  ['other', /[_-]{5,}/g],
];

/** A line that looks like a figure's and gave none is damaged. */
const LIKE_A_FIGURE =
  /^\s{0,40}(?:CPU\s{1,20}\d{1,4}\s{1,20}(?:ISR|DPC)|(?:ISR|DPC)\s{1,20}count|Driver with highest (?:ISR|DPC)|Highest (?:reported|ISR|DPC)|Total time spent)/i;

type Kind = 'DPC' | 'ISR';
const KINDS: readonly Kind[] = ['ISR', 'DPC'];

interface Place {
  readonly line: number;
  readonly byte: number;
  readonly quote: string;
}

/** A label with what stands behind it. */
interface Found extends Place {
  readonly what: What;
  readonly groups: readonly string[];
  readonly value: string;
}

interface Bucket extends Place {
  readonly lo: number;
  hi: number | null;
  readonly printedHi: number | null;
  readonly count: number;
}

interface CpuFigures {
  place: Place;
  max?: number | null;
  total?: number | null;
  count?: number;
}

interface Figures {
  place: Place | null;
  max: number | null;
  percent: number | null;
  maxTotal: number | null;
  maxDriver: (Place & { readonly module: string }) | null;
  totalDriver: (Place & { readonly module: string }) | null;
  readonly buckets: Bucket[];
  readonly cpus: Map<number, CpuFigures>;
}

interface State {
  readonly out: Output;
  readonly of: Record<Kind, Figures>;
  /** Labels taken so far: a second report in the same file repeats them. */
  readonly taken: Set<string>;
  durationS: number | null;
  readonly separators: Set<string>;
  /** The last line, where it has no line end and holds a figure. */
  cut: Found | null;
}

const noFigures = (): Figures => ({
  place: null,
  max: null,
  percent: null,
  maxTotal: null,
  maxDriver: null,
  totalDriver: null,
  buckets: [],
  cpus: new Map(),
});

function sniff(prefix: Prefix): Claim {
  if (prefix.encoding === 'binary') return NOT_MINE;
  if (/LatencyMon\s{1,20}has\s{1,20}been\s{1,20}analyzing\s{1,20}your\s{1,20}system/i.test(prefix.text)) return CLAIMED;
  const kinds = LABELS.filter(([what, pattern]) => FIGURES.has(what) && prefix.text.search(pattern) >= 0);
  return kinds.length >= 2 ? CLAIMED : NOT_MINE;
}

const FIGURES = new Set<What>([
  'max',
  'maxDriver',
  'maxTotal',
  'totalDriver',
  'percent',
  'bucket',
  'cpuMax',
  'cpuTotal',
  'cpuCount',
]);

/** Lines count as rows where one of their figures went into a row (a CPU's row is made of three lines). */
async function parse(stream: TextStream, out: Output): Promise<void> {
  const state: State = {
    out,
    of: { ISR: noFigures(), DPC: noFigures() },
    taken: new Set(),
    durationS: null,
    separators: new Set(),
    cut: null,
  };
  for await (const line of linesOf(stream, out)) takeLine(state, line);
  finish(state);
}

/** Most lines hold one label; a report whose line breaks are lost holds all of them in one. */
function takeLine(state: State, line: TextLine): void {
  const { out } = state;
  const wanted = out.writer(dpcAggregate) !== null || out.writer(dpcHistogram) !== null;
  const found = labelsIn(line);
  let used = 0;
  let failed = 0;
  for (const one of found) {
    const taken = take(state, one);
    if (taken === 'row') used++;
    else if (taken === 'damaged') failed++;
  }
  const last = found.at(-1);
  if (!line.ended && last !== undefined && FIGURES.has(last.what)) state.cut = last;
  if (used > 0 && wanted) out.account.rows++;
  else if (failed > 0) out.account.skipped++;
  else if (found.length === 0 && LIKE_A_FIGURE.test(line.text)) {
    const message = 'lines that look like figures and have no label known here were passed over';
    out.skip('unreadable-line', message, { line: line.line, example: line.text });
  } else out.account.ignored++;
}

function labelsIn(line: TextLine): Found[] {
  const hits: { what: What; from: number; to: number; groups: string[] }[] = [];
  for (const [what, pattern] of LABELS) {
    for (const hit of line.text.matchAll(pattern)) {
      hits.push({ what, from: hit.index, to: hit.index + hit[0].length, groups: hit.slice(1) });
    }
  }
  hits.sort((a, b) => a.from - b.from || b.to - a.to);
  // `CPU speed` also stands inside `Reported CPU speed (WMI)`: the label that begins first is meant.
  let end = 0;
  const kept = hits.filter((hit) => {
    if (hit.from < end) return false;
    end = hit.to;
    return true;
  });
  let counted = 0;
  let bytes = line.byte;
  return kept.map((hit, i) => {
    const end = i + 1 < kept.length ? kept[i + 1].from : line.text.length;
    const from = i === 0 ? 0 : hit.from;
    bytes += Buffer.byteLength(line.text.slice(counted, from));
    counted = from;
    return {
      what: hit.what,
      groups: hit.groups,
      value: line.text.slice(hit.to, end).trim(),
      line: line.line,
      byte: bytes,
      quote: line.text.slice(from, Math.min(end, from + MAX_QUOTE)).trim(),
    };
  });
}

type Taken = 'row' | 'damaged' | 'other';

function take(state: State, found: Found): Taken {
  const { what } = found;
  if (what === 'other') return 'other';
  if (what === 'duration') return takeDuration(state, found);
  if (what === 'os') return takeOs(state, found);
  if (what === 'cpus') return takeCpus(state, found);
  const key = `${what} ${found.groups.join(' ').toLowerCase()}`;
  if (state.taken.has(key)) {
    const message = 'figures that stand twice: the file seems to hold several reports; only the first one was read';
    return damaged(state, 'repeated-figure', message, found, 'data-loss');
  }
  if (state.taken.size < 6 * MAX_CPUS) state.taken.add(key);
  if (what === 'bucket') return takeBucket(state, found);
  if (what === 'cpuMax' || what === 'cpuTotal' || what === 'cpuCount') return takeCpuFigure(state, found, what);
  return takeFigure(state, found, what);
}

function damaged(
  state: State,
  code: string,
  message: string,
  found: Found,
  severity: 'warning' | 'data-loss' = 'warning',
): Taken {
  state.out.diagnostics.add(code, severity, message, { line: found.line, example: found.quote });
  return 'damaged';
}

const kindOf = (text: string): Kind => (text.toUpperCase() === 'ISR' ? 'ISR' : 'DPC');

/** `0:19:15  (h:mm:ss)`, to the second. */
function takeDuration(state: State, { value }: Found): Taken {
  const found = /^(\d{1,5}):(\d\d):(\d\d)\b/.exec(value);
  if (found === null || state.durationS !== null) return 'other';
  state.durationS = Number(found[1]) * 3600 + Number(found[2]) * 60 + Number(found[3]);
  state.out.about.span = { startUs: 0, endUs: state.durationS * 1e6 };
  return 'other';
}

/** `Windows 11, 10.0, version 2009, build: 26100 (x64)` */
function takeOs({ out }: State, { value }: Found): Taken {
  if (out.about.machine.os !== null || value === '') return 'other';
  const build = /build:?\s{0,20}(\d{3,6})/i.exec(value);
  out.about.machine.os = value.slice(0, 200);
  out.about.machine.build = build === null ? null : Number(build[1]);
  return 'other';
}

function takeCpus({ out }: State, { value }: Found): Taken {
  const count = /^\d{1,4}\b/.exec(value);
  if (count !== null && Number(count[0]) > 0) out.about.machine.cpus ??= Number(count[0]);
  return 'other';
}

function takeFigure(state: State, found: Found, what: What): Taken {
  const of = state.of[kindOf(found.groups[0])];
  if (what === 'maxDriver' || what === 'totalDriver') {
    const module = moduleOf(found.value);
    if (module === null) return damaged(state, 'no-value', 'labels without a value were passed over', found);
    of[what] = { ...placeOf(found), module };
    return 'row';
  }
  const value = figure(state, found);
  if (value === null) return 'damaged';
  if (what === 'max') {
    of.max = value;
    of.place = placeOf(found);
  } else if (what === 'percent') {
    of.percent = value;
    of.place ??= placeOf(found);
  } else of.maxTotal = value;
  return 'row';
}

const placeOf = ({ line, byte, quote }: Place): Place => ({ line, byte, quote });

/** `ACPI.sys - ACPI Driver for NT, Microsoft Corporation`: the file name comes first. */
function moduleOf(value: string): string | null {
  const dash = value.indexOf(' - ');
  const name = (dash < 0 ? value : value.slice(0, dash)).trim();
  return name === '' || name.length > 260 || /^(none|unknown|n\/a|-)$/i.test(name) ? null : name;
}

/** A figure with a fraction; null, with a diagnostic, where there is none or it cannot be believed. */
function figure(state: State, found: Found): number | null {
  const printed = /^[+-]?[\d.,]{1,40}/.exec(found.value)?.[0] ?? '';
  const parts = /^(\d{1,15})(?:([.,])(\d{1,12}))?$/.exec(printed);
  if (parts === null) {
    damaged(state, 'no-value', 'labels without a number were passed over', found);
    return null;
  }
  const [, whole, separator, fraction = ''] = parts;
  if (separator !== undefined) state.separators.add(separator);
  if (!asPrinted(fraction)) {
    const message =
      'figures whose decimals are not as LatencyMon prints them (six, or fewer and ending in 0): cut off, edited or grouped';
    state.out.diagnostics.add('decimals-doubtful', 'warning', message, { line: found.line, example: found.quote });
    // `1,234` could be a grouped 1234: unknown rather than a thousand times wrong.
    if (fraction.length === 3) return null;
  }
  return Number(`${whole}.${fraction || '0'}`);
}

const asPrinted = (fraction: string): boolean =>
  fraction === '' || fraction.length === 6 || (fraction.length < 6 && fraction.endsWith('0'));

/** A count: digits, perhaps grouped by someone; null where there is none. */
function count(state: State, found: Found): number | null {
  const digits = /^\d{1,15}(?:[.,\u00a0\u202f]\d{3}){0,4}(?=\s|$)/.exec(found.value)?.[0] ?? null;
  if (digits !== null) return Number(digits.replace(/\D/g, ''));
  damaged(state, 'no-value', 'labels without a number were passed over', found);
  return null;
}

/** `<250 µs`, `250-500 µs`, `>=4000 µs`: numbers only, since the unit may be damaged. */
function takeBucket(state: State, found: Found): Taken {
  const of = state.of[kindOf(found.groups[0])];
  const edges = /^\s*(<=?|>=?|≥|≤)?\s*(\d{1,9})(?:\s*[-–]\s*(\d{1,9}))?/.exec(found.groups[1]);
  const n = count(state, found);
  if (n === null) return 'damaged';
  if (edges === null) return damaged(state, 'bucket-unreadable', 'ranges that cannot be read were passed over', found);
  const [, sign = '', first, second] = edges;
  const below = sign.startsWith('<') || sign === '≤';
  const hi = below ? Number(first) : second === undefined ? null : Number(second);
  of.buckets.push({ ...placeOf(found), lo: below ? 0 : Number(first), hi, printedHi: hi, count: n });
  return 'row';
}

function takeCpuFigure(state: State, found: Found, what: 'cpuMax' | 'cpuTotal' | 'cpuCount'): Taken {
  const cpu = Number(found.groups[0]);
  if (cpu >= MAX_CPUS) return damaged(state, 'cpu-unknown', 'processor numbers that cannot be were passed over', found);
  const { cpus } = state.of[kindOf(found.groups[1])];
  const value = what === 'cpuCount' ? count(state, found) : figure(state, found);
  if (value === null) return 'damaged';
  let figures = cpus.get(cpu);
  if (figures === undefined) {
    figures = { place: placeOf(found) };
    cpus.set(cpu, figures);
  }
  if (what === 'cpuMax') figures.max = value;
  else if (what === 'cpuTotal') figures.total = Math.round(value * 1e6);
  else figures.count = value;
  return 'row';
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

function finish(state: State): void {
  const { out } = state;
  for (const kind of KINDS) readBuckets(state, kind);
  for (const kind of KINDS) checkSums(state, kind);
  checkEnd(state);
  addNotes(state);
  const quotes = new Map<number, string>();
  out.quoteRow = (byte) => quotes.get(byte) ?? '';
  const rows = KINDS.map((kind) => writeKind(state, kind, quotes));
  if (sum(rows) === 0) {
    out.diagnostics.add('no-rows', 'error', 'the report holds no figures of DPCs or ISRs. Save or copy it as a whole.');
  }
}

/**
 * Ranges touch: `500-999` ends where `1000-1999` begins. `500-10000`, in the DPC list of every report seen, is a slip of
 * the tool for 500-1000: the next range begins at 1000, the ISR list says 500-1000, and the counts of all ranges add up
 * to those of all processors only if the ranges do not overlap.
 */
function readBuckets(state: State, kind: Kind): void {
  const { buckets } = state.of[kind];
  buckets.sort((a, b) => a.lo - b.lo);
  for (const [i, bucket] of buckets.entries()) {
    const next = buckets[i + 1]?.lo ?? null;
    if (bucket.hi === null) continue;
    const slip = bucket.lo === 500 && bucket.hi === 10000 && (next === null || next === 1000);
    if (!slip && (next === null || (next > bucket.hi + 1 && next !== bucket.hi))) continue;
    const touching = slip ? 1000 : (next ?? bucket.hi);
    if (touching < bucket.hi) sayLabel(state, bucket, touching);
    bucket.hi = touching;
  }
}

function sayLabel({ out }: State, bucket: Bucket, hi: number): void {
  const message = `the range ${bucket.lo}-${bucket.printedHi} µs overlaps the next one: a known slip of LatencyMon, read as ${bucket.lo}-${hi} µs`;
  out.diagnostics.add('bucket-label', 'info', message, { line: bucket.line, example: bucket.quote });
}

/** The report's own totals: runs by range and by processor are the same runs; the longest run is some processor's. */
function checkSums(state: State, kind: Kind): void {
  const { buckets, cpus, max, percent } = state.of[kind];
  const { diagnostics, about } = state.out;
  const counted = [...cpus.values()];
  const complete = cpus.size > 0 && cpus.size === (about.machine.cpus ?? cpus.size);
  if (!complete) return;
  const counts = counted.flatMap((c) => c.count ?? []);
  if (counts.length === counted.length && hasAllRanges(buckets)) {
    const ranges = sum(buckets.map((b) => b.count));
    const processors = sum(counts);
    if (ranges !== processors) {
      const message = `${kind}: the ranges count ${ranges} runs, the processors ${processors}: figures are missing or damaged`;
      diagnostics.add(`sum-differs-${kind.toLowerCase()}`, 'warning', message);
    } else if (state.cut?.what === 'cpuCount' && kindOf(state.cut.groups[1]) === kind) state.cut = null;
  }
  const longest = counted.map((c) => c.max ?? Number.NaN);
  if (max !== null && !longest.some(Number.isNaN) && Math.max(...longest) !== max) {
    const message = `${kind}: the longest run is ${max} µs, the processors' longest ${Math.max(...longest)} µs`;
    diagnostics.add(`max-differs-${kind.toLowerCase()}`, 'warning', message);
  }
  checkPercent(state, kind, percent, counted);
}

/** `Total time spent in …` is the share of all processors' time; the time analysed is printed to the second. */
function checkPercent(state: State, kind: Kind, percent: number | null, counted: readonly CpuFigures[]): void {
  const totals = counted.flatMap((c) => c.total ?? []);
  if (percent === null || state.durationS === null || totals.length !== counted.length) return;
  const shareOf = (seconds: number): number => (sum(totals) / (seconds * 1e6 * counted.length)) * 100;
  const low = shareOf(state.durationS + 2) * 0.98 - 1e-6;
  const high = state.durationS > 2 ? shareOf(state.durationS - 2) * 1.02 + 1e-6 : Number.POSITIVE_INFINITY;
  if (percent >= low && percent <= high) return;
  const message = `${kind}: ${percent} % of all processors is printed, but their times add up to ${shareOf(state.durationS || 1).toFixed(6)} %`;
  state.out.diagnostics.add(`percent-differs-${kind.toLowerCase()}`, 'warning', message);
}

const hasAllRanges = (buckets: readonly Bucket[]): boolean =>
  buckets.length >= 2 &&
  buckets[0].lo === 0 &&
  buckets[buckets.length - 1].hi === null &&
  buckets.every((b, i) => i === 0 || buckets[i - 1].hi === b.lo);

/** A whole report ends with three figures of each kind for each processor. */
function checkEnd(state: State): void {
  const { out, of, cut } = state;
  const cpus = out.about.machine.cpus;
  const whole = (figures: CpuFigures): boolean =>
    figures.max !== undefined && figures.total !== undefined && figures.count !== undefined;
  const complete = KINDS.every((kind) => {
    const all = [...of[kind].cpus.values()];
    return all.length > 0 && all.every(whole) && all.length >= (cpus ?? 1);
  });
  if (!complete) {
    out.about.truncated = true;
    const seen = KINDS.map((kind) => `${of[kind].cpus.size} for ${kind}s`).join(', ');
    const message = `the report ends before the figures of all processors (${cpus ?? 'an unknown number'}) are there: ${seen}`;
    out.diagnostics.add('truncated', 'data-loss', message);
  }
  if (cut !== null) {
    const message = 'the last line has no line end and no total confirms it: its figure may be cut off';
    out.diagnostics.add('last-line-cut', 'warning', message, { line: cut.line, example: cut.quote });
  }
}

function addNotes({ out, of, separators }: State): void {
  if (separators.size > 1) {
    const message = 'some figures have decimal points, others decimal commas: the text was edited or joined';
    out.diagnostics.add('number-mixed', 'warning', message);
  }
  const { notes } = out.about;
  const drivers = KINDS.flatMap((kind) => [of[kind].maxDriver, of[kind].totalDriver]);
  if (drivers.some((driver) => /^rsplll\w{0,8}\.sys$/i.test(driver?.module ?? ''))) {
    notes.push('rspLLL64.sys is LatencyMon’s own driver: its DPCs are part of the measurement');
  }
  if (KINDS.some((kind) => of[kind].buckets.length > 0)) {
    notes.push('LatencyMon counts a run that falls on the edge of two ranges in the upper one');
  }
}

/** Writes the rows of one kind; returns how many. */
function writeKind(state: State, kind: Kind, quotes: Map<number, string>): number {
  const of = state.of[kind];
  const sums = state.out.writer(dpcAggregate);
  const histogram = state.out.writer(dpcHistogram);
  const cited = ({ line, byte, quote }: Place): { line: number; byte: number } => {
    quotes.set(byte, quote);
    return { line, byte };
  };
  const runs = hasAllRanges(of.buckets) ? sum(of.buckets.map((b) => b.count)) : null;
  const allPlace = of.place ?? of.buckets[0] ?? null;
  const scope = { kind, module: null };
  let n = of.buckets.length + of.cpus.size;
  if (allPlace !== null) {
    n++;
    sums?.row({ ...scope, scope: 'all', count: runs, maxUs: of.max, percentOfCpu: of.percent, ...cited(allPlace) });
  }
  for (const [driver, figures] of [
    [of.maxDriver, { maxUs: of.max }],
    [of.totalDriver, { percentOfCpu: of.maxTotal }],
  ] as const) {
    if (driver === null) continue;
    n++;
    sums?.row({ kind, scope: 'module', module: driver.module, ...figures, ...cited(driver) });
  }
  for (const [cpu, { max, total, count: runsOfCpu, place }] of of.cpus) {
    sums?.row({ ...scope, scope: 'cpu', cpu, count: runsOfCpu, totalUs: total, maxUs: max, ...cited(place) });
  }
  for (const b of of.buckets)
    histogram?.row({ ...scope, scope: 'all', gtUs: b.lo, leUs: b.hi, count: b.count, ...cited(b) });
  return n;
}

export const latencymon: Parser = {
  name: 'latencymon',
  title: 'LatencyMon report text',
  madeBy: 'LatencyMon: Edit > Copy report text to clipboard, or File > Save report',
  specification: 'https://www.resplendence.com/latencymon_technical',
  tables: [dpcAggregate, dpcHistogram],
  sniff,
  parse,
};
