/** Single events, decoded: the `events` command. Reads the sources once, in the order of time where they allow it. */
import { PARSERS } from '../parsers/index.js';
import type { SourceSummary } from './core/analysis.js';
import type { Diagnostic } from './core/diagnostic.js';
import { EXIT, TracekitError } from './core/error.js';
import type { Filter } from './core/filter.js';
import { isAddress, splitSymbol } from './core/symbol.js';
import { type Batch, isBatchOf, rowAt } from './core/table.js';
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

/** One event, as the JSON has it; unknown is null. */
export interface EventRecord {
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
  readonly message: string | null;
  /** Null where the layout of the payload is not known: then `payloadHex` holds it. */
  readonly fields: Readonly<Record<string, unknown>> | null;
  readonly payloadHex: string | null;
  readonly stack: readonly EventFrame[] | null;
  readonly line: number | null;
  readonly byte: number | null;
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
export async function readEvents(
  trace: Trace,
  selection: EventSelection,
  each: (event: EventRecord) => void,
  read: ReadOptions = {},
): Promise<EventsSummary> {
  requireEvents(trace);
  const { cpus, pids, tids, range } = selection;
  const counts = { matched: 0, shown: 0 };
  const pass: Pass = await trace.read(
    (table) => (table === genericEvent ? [(batch) => handOn(batch, selection, counts, each)] : []),
    {
      ...read,
      inTime: true,
      eventFilter: ({ atUs, cpu, pid, tid }) =>
        (cpus === null || (cpu !== null && cpus.has(cpu))) &&
        (range === null || (atUs >= range.startUs && atUs <= range.endUs)) &&
        // A message may name its thread where its header does not.
        (pids === null || pid === null || pids.has(pid)) &&
        (tids === null || tid === null || tids.has(tid)),
    },
  );
  return { sources: pass.sources, diagnostics: pass.diagnostics.flatMap((d) => d.list()), ...counts };
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
  each: (event: EventRecord) => void,
): void {
  if (!isBatchOf(batch, genericEvent)) return;
  const start = startOf(batch);
  const wants = wanted(batch, selection);
  for (let i = 0; i < batch.n; i++) {
    if (!wants(i)) continue;
    counts.matched++;
    if (selection.limit !== null && counts.shown >= selection.limit) continue;
    counts.shown++;
    each(recordOf(batch, i, start));
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

function recordOf(batch: Events, i: number, start: bigint | null): EventRecord {
  const row = rowAt(batch, i);
  const utc = start === null || row.atUs === null ? null : instant(start, row.atUs);
  return {
    source: `s${batch.source + 1}`,
    atUs: row.atUs,
    utc,
    cpu: row.cpu,
    pid: row.pid,
    tid: row.tid,
    process: row.process,
    provider: row.provider,
    providerName: row.providerName,
    group: row.group,
    opcode: row.opcode,
    id: row.id,
    version: row.version,
    name: row.name,
    level: row.level,
    task: row.task,
    channel: row.channel,
    keyword: row.keyword,
    activityId: row.activityId,
    relatedActivityId: row.relatedActivityId,
    message: row.message,
    fields: fieldsOf(row.fields, row.line !== null),
    payloadHex: row.payloadHex,
    stack: row.stack === null ? null : row.stack.split(';').map(frameOf),
    line: row.line,
    byte: row.byte,
  };
}

/** An instant `us` after a FILETIME; null where that is none. */
function instant(start: bigint, us: number): string | null {
  const after = Math.round(us * 10);
  if (!Number.isSafeInteger(after)) return null;
  const ticks = start + BigInt(after);
  return ticks > 0n && ticks < 2_650_467_744_000_000_000n ? filetimeToUtc(ticks) : null;
}

/** Raw logs give a JSON object; of text formats the data as printed stand under `Data`. */
function fieldsOf(text: string | null, isText: boolean): Record<string, unknown> | null {
  if (text === null) return null;
  if (isText) return text === '' ? {} : { Data: text };
  return JSON.parse(text);
}

function frameOf(text: string): EventFrame {
  const { module, fn } = splitSymbol(text);
  const address = text.slice(text.lastIndexOf('!') + 1);
  return { address: isAddress(address) ? address : null, module, function: fn };
}
