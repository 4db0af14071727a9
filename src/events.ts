/** Single events, decoded: the `events` command. Reads the sources once, in the order of time where they allow it. */
import { PARSERS } from '../parsers/index.js';
import type { SourceSummary } from './core/analysis.js';
import type { Diagnostic } from './core/diagnostic.js';
import { EXIT, TracekitError } from './core/error.js';
import type { Filter } from './core/filter.js';
import type { EventFilter } from './core/parser.js';
import { NULL_I32 } from './core/schema.js';
import { isAddress, splitSymbol } from './core/symbol.js';
import { type Batch, isBatchOf } from './core/table.js';
import { printable } from './core/text.js';
import { filetimeToUtc, isoToFiletime, ticksValue } from './core/time.js';
import type { Pass, ReadOptions, Trace } from './open.js';
import { genericEvent } from './tables/event.js';

/** Which events are wanted; null = all. */
export interface EventSelection {
  /** Is given what a provider is called: GUID and name, or `kernel`; nothing where an event says none. */
  readonly provider: ((names: readonly string[]) => boolean) | null;
  readonly name: Filter | null;
  readonly ids: ReadonlySet<number> | null;
  readonly pids: ReadonlySet<number> | null;
  readonly tids: ReadonlySet<number> | null;
  readonly cpus: ReadonlySet<number> | null;
  readonly range: { readonly startUs: number; readonly endUs: number } | null;
  /** Hand on no more than these, the first ones; the others are counted. */
  readonly limit: number | null;
}

export const ALL_EVENTS: EventSelection = {
  provider: null,
  name: null,
  ids: null,
  pids: null,
  tids: null,
  cpus: null,
  range: null,
  limit: null,
};

/** One frame of a stack. */
export interface EventFrame {
  readonly address: string | null;
  readonly module: string | null;
  readonly function: string | null;
}

/** One event, as the JSON has it, but for its fields; unknown is null. */
export interface EventRow {
  readonly source: string;
  readonly atUs: number | null;
  readonly utc: string | null;
  readonly cpu: number | null;
  readonly pid: number | null;
  readonly tid: number | null;
  readonly process: string | null;
  readonly provider: string | null;
  readonly providerName: string | null;
  readonly group: number | null;
  readonly opcode: number | null;
  readonly id: number | null;
  readonly version: number | null;
  readonly name: string | null;
  readonly level: number | null;
  readonly task: number | null;
  readonly channel: number | null;
  readonly keyword: string | null;
  readonly activityId: string | null;
  readonly relatedActivityId: string | null;
  /** What else came with the event: user, session, process start key, counters …; null where nothing did. */
  readonly extended: Readonly<Record<string, unknown>> | null;
  readonly message: string | null;
  /** The fields as the text of a JSON object; null where the layout of the payload is not known. */
  readonly fieldsJson: string | null;
  /** What was not decoded. */
  readonly payloadHex: string | null;
  readonly stack: readonly EventFrame[] | null;
  readonly line: number | null;
  readonly byte: number | null;
}

/** One event, as the JSON has it; unknown is null. */
export interface EventRecord extends Omit<EventRow, 'fieldsJson'> {
  /** Null where the layout of the payload is not known: then `payloadHex` holds it. */
  readonly fields: Readonly<Record<string, unknown>> | null;
}

/** What one reading gave besides the events. */
export interface EventsSummary {
  readonly sources: readonly SourceSummary[];
  readonly diagnostics: readonly Diagnostic[];
  /** Events that the selection lets pass, and those of them that were handed on. */
  readonly matched: number;
  readonly shown: number;
}

/**
 * Hands on each event that is wanted. Memory does not grow with them. Throws TracekitError where a source cannot be read
 * or none holds single events.
 */
export function readEvents(
  trace: Trace,
  selection: Partial<EventSelection>,
  each: (event: EventRecord) => void,
  read: ReadOptions = {},
): Promise<EventsSummary> {
  return readEventRows(trace, selection, (row) => each(recordOf(row)), read);
}

/** The same, with the fields as text: most outputs need them so, and making objects of them takes as long as the rest. */
export async function readEventRows(
  trace: Trace,
  given: Partial<EventSelection>,
  each: (event: EventRow) => void,
  read: ReadOptions = {},
): Promise<EventsSummary> {
  requireEvents(trace);
  const selection = { ...ALL_EVENTS, ...given };
  const counts = { matched: 0, shown: 0 };
  const pass: Pass = await trace.read(
    (table) => (table === genericEvent ? [(batch) => handOn(batch, selection, counts, each)] : []),
    { ...read, inTime: true, eventFilter: cheapFilter(selection, counts) },
  );
  return { sources: pass.sources, diagnostics: pass.diagnostics.flatMap((d) => d.list()), ...counts };
}

/**
 * Says of an event before it is decoded whether it is wanted, as far as can be told. Once enough are shown, those of which
 * all is known need not be decoded to be counted.
 */
function cheapFilter(selection: EventSelection, counts: { matched: number; shown: number }): EventFilter {
  const { cpus, pids, tids, range, provider, name, ids, limit } = selection;
  const byKind = provider !== null || name !== null || ids !== null;
  return ({ atUs, cpu, pid, tid, kernelName }) => {
    if (cpus !== null && (cpu === null || !cpus.has(cpu))) return false;
    if (range !== null && !(atUs >= range.startUs && atUs <= range.endUs)) return false;
    // A message may name its thread where its header does not.
    if (pids !== null && pid !== null && !pids.has(pid)) return false;
    if (tids !== null && tid !== null && !tids.has(tid)) return false;
    if (kernelName !== null) {
      // Kernel events have no ids.
      if (ids !== null || (name !== null && !name(kernelName)) || (provider !== null && !provider(['kernel'])))
        return false;
    }
    const isSure =
      (pids === null || pid !== null) && (tids === null || tid !== null) && (!byKind || kernelName !== null);
    if (limit === null || counts.shown < limit || !isSure) return true;
    counts.matched++;
    return false;
  };
}

function requireEvents(trace: Trace): void {
  if (trace.canFill(genericEvent)) return;
  const formats = trace.sources.map((s) => `${printable(s.path)} (${s.format})`).join(', ');
  const able = PARSERS.filter((p) => p.tables.includes(genericEvent)).map((p) => p.name);
  throw new TracekitError(
    `${formats}: holds no single events. Formats that do: ${able.join(', ')}.`,
    EXIT.insufficient,
  );
}

function handOn(
  batch: Batch,
  selection: EventSelection,
  counts: { matched: number; shown: number },
  each: (event: EventRow) => void,
): void {
  if (!isBatchOf(batch, genericEvent)) return;
  const utc = new UtcTimes(startOf(batch));
  const wants = wanted(batch, selection);
  for (let i = 0; i < batch.n; i++) {
    if (!wants(i)) continue;
    counts.matched++;
    if (selection.limit !== null && counts.shown >= selection.limit) continue;
    counts.shown++;
    each(rowOf(batch, i, utc));
  }
}

type Events = Batch<typeof genericEvent>;

/** FILETIME of the start; null where the source does not say. */
function startOf(batch: Events): bigint | null {
  const { startUtc } = batch.about.clock;
  const ticks = startUtc === null ? null : isoToFiletime(startUtc);
  return ticks === null ? null : ticksValue(ticks);
}

function wanted({ cols, dicts }: Events, s: EventSelection): (i: number) => boolean {
  const provider = (i: number): boolean => {
    if (s.provider === null) return true;
    const names = [dicts.provider.get(cols.provider[i]), dicts.providerName.get(cols.providerName[i])];
    return s.provider(names.filter((name) => name !== null));
  };
  return (i) =>
    (s.cpus === null || s.cpus.has(cols.cpu[i])) &&
    (s.pids === null || s.pids.has(cols.pid[i])) &&
    (s.tids === null || s.tids.has(cols.tid[i])) &&
    (s.ids === null || s.ids.has(cols.id[i])) &&
    (s.range === null || (cols.atUs[i] >= s.range.startUs && cols.atUs[i] <= s.range.endUs)) &&
    (s.name === null || s.name(dicts.name.get(cols.name[i]) ?? '')) &&
    provider(i);
}

const whole = (value: number): number | null => (value === NULL_I32 ? null : value);
const real = (value: number): number | null => (Number.isNaN(value) ? null : value);

function rowOf({ source, cols, dicts }: Events, i: number, utc: UtcTimes): EventRow {
  const atUs = real(cols.atUs[i]);
  const line = real(cols.line[i]);
  const stack = cols.stack[i];
  return {
    source: `s${source + 1}`,
    atUs,
    utc: atUs === null ? null : utc.at(atUs),
    cpu: whole(cols.cpu[i]),
    pid: whole(cols.pid[i]),
    tid: whole(cols.tid[i]),
    process: dicts.process.get(cols.process[i]),
    provider: dicts.provider.get(cols.provider[i]),
    providerName: dicts.providerName.get(cols.providerName[i]),
    group: whole(cols.group[i]),
    opcode: whole(cols.opcode[i]),
    id: whole(cols.id[i]),
    version: whole(cols.version[i]),
    name: dicts.name.get(cols.name[i]),
    level: whole(cols.level[i]),
    task: whole(cols.task[i]),
    channel: whole(cols.channel[i]),
    keyword: dicts.keyword.get(cols.keyword[i]),
    activityId: cols.activityId[i],
    relatedActivityId: cols.relatedActivityId[i],
    extended: cols.extended[i] === null ? null : JSON.parse(cols.extended[i]),
    message: cols.message[i],
    fieldsJson: fieldsJson(cols.fields[i], line !== null),
    payloadHex: cols.payloadHex[i],
    stack: stack === null ? null : stack.split(';').map(frameOf),
    line,
    byte: real(cols.byte[i]),
  };
}

/** Raw logs give a JSON object; of text formats the data as printed stand under `Data`. */
function fieldsJson(text: string | null, isText: boolean): string | null {
  if (text === null || !isText) return text;
  return text === '' ? '{}' : JSON.stringify({ Data: text });
}

/** The event with its fields as an object, in the place that they have in the JSON. */
function recordOf(row: EventRow): EventRecord {
  const { fieldsJson: json, payloadHex, stack, line, byte, ...head } = row;
  return { ...head, fields: json === null ? null : JSON.parse(json), payloadHex, stack, line, byte };
}

const TICKS_PER_SECOND = 10_000_000;
const LAST = 2_650_467_744_000_000_000n;

/** Instants after a FILETIME, to 100 ns; the text of a second is made once. */
class UtcTimes {
  readonly #startSecond: bigint;
  readonly #startTicks: number;
  #second = Number.NaN;
  #text: string | null = null;

  constructor(private readonly start: bigint | null) {
    this.#startSecond = (start ?? 0n) / BigInt(TICKS_PER_SECOND);
    this.#startTicks = Number((start ?? 0n) % BigInt(TICKS_PER_SECOND));
  }

  /** The instant `us` after the start; null where that is unknown, or is none. */
  at(us: number): string | null {
    const ticks = this.#startTicks + Math.round(us * 10);
    if (this.start === null || !Number.isSafeInteger(ticks)) return null;
    const second = Math.floor(ticks / TICKS_PER_SECOND);
    if (second !== this.#second) {
      this.#second = second;
      const filetime = (this.#startSecond + BigInt(second)) * BigInt(TICKS_PER_SECOND);
      // `2026-11-20T10:20:30.`
      this.#text = filetime > 0n && filetime < LAST ? filetimeToUtc(filetime).slice(0, -8) : null;
    }
    const fraction = ticks - second * TICKS_PER_SECOND;
    return this.#text === null ? null : `${this.#text}${String(fraction).padStart(7, '0')}Z`;
  }
}

function frameOf(text: string): EventFrame {
  const { module, fn } = splitSymbol(text);
  const address = text.slice(text.lastIndexOf('!') + 1);
  return { address: isAddress(address) ? address : null, module, function: fn };
}
