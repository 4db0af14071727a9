/** What a source is and holds: the `info` command. */
import { PARSERS } from '../parsers/index.js';
import type { Report } from './analyze.js';
import type { SourceSummary } from './core/analysis.js';
import type { EventIdentity, Parser, Session } from './core/parser.js';
import type { TableDef } from './core/schema.js';
import { type Batch, isBatchOf } from './core/table.js';
import type { ReadOptions, Trace } from './open.js';
import { dpcAggregate, dpcHistogram } from './tables/dpc-aggregate.js';
import { dpcIsr } from './tables/dpc-isr.js';
import { dumpIrp } from './tables/dump-io.js';
import { dumpLock, dumpMessage } from './tables/dump-lock.js';
import { dumpFact } from './tables/dump-system.js';
import { dumpProcess, dumpThread } from './tables/dump-thread.js';
import { genericEvent } from './tables/event.js';
import { DUMP_TABLES, TABLES } from './tables/index.js';
import { logMessage } from './tables/log-message.js';
import { poolAllocation } from './tables/pool-allocation.js';
import { poolEvent } from './tables/pool-event.js';
import { poolBlock, poolCounter, poolHit, poolTag, poolTagPlace } from './tables/pool-snapshot.js';
import { sampledProfile } from './tables/sampled-profile.js';

/** `result` of `info`: the first source; further ones in `more`. */
export interface InfoResult extends SourceInfo {
  readonly more: readonly SourceInfo[];
}

export interface SourceInfo {
  readonly source: string;
  readonly format: string;
  readonly encoding: string;
  readonly span: {
    /** When recording began, or the first event where the source does not say. */
    readonly startUtc: string | null;
    readonly firstEventUtc: string | null;
    readonly endUtc: string | null;
    readonly durationUs: number | null;
  };
  readonly session: Session | null;
  readonly machine: SourceSummary['about']['machine'];
  readonly eventsTotal: number;
  /** Lines or records that could not be read. */
  readonly unreadable: number;
  readonly events: readonly EventCount[];
  readonly stacks: { readonly events: number; readonly matched: number | null };
  readonly capabilities: readonly { readonly command: string; readonly answers: boolean; readonly why: string }[];
}

export interface EventCount extends EventIdentity {
  readonly count: number;
  readonly bytes: number;
}

/** Reads all sources with every table wanted, and tells what they hold. */
export async function info(trace: Trace, read: ReadOptions = {}): Promise<Report<InfoResult>> {
  const rows = new Map<number, Map<string, number>>();
  const runs = new Map<number, { startUs: number; endUs: number }>();
  const pass = await trace.read(
    // The table of all events has as many rows as there are events: they need not be decoded to be counted.
    (table) =>
      table === genericEvent
        ? []
        : [
            (batch) => {
              const counts = rows.get(batch.source) ?? new Map<string, number>();
              rows.set(batch.source, counts);
              counts.set(batch.table.name, (counts.get(batch.table.name) ?? 0) + batch.n);
              if (isBatchOf(batch, dpcIsr)) widen(runs, batch);
            },
          ],
    { ...read, census: true },
  );
  const [first, ...more] = pass.sources.map((source, i) => sourceInfo(source, rows.get(i) ?? new Map(), runs.get(i)));
  return {
    command: 'info',
    sources: pass.sources,
    result: { ...first, more },
    findings: [],
    diagnostics: pass.diagnostics.flatMap((d) => d.list()),
  };
}

/** Keeps the first start and the last end of the runs of each source. */
function widen(runs: Map<number, { startUs: number; endUs: number }>, { source, cols, n }: Batch<typeof dpcIsr>): void {
  let { startUs, endUs } = runs.get(source) ?? { startUs: Number.POSITIVE_INFINITY, endUs: Number.NEGATIVE_INFINITY };
  for (let i = 0; i < n; i++) {
    if (cols.startUs[i] < startUs) startUs = cols.startUs[i];
    const end = cols.startUs[i] + cols.durationUs[i];
    if (end > endUs) endUs = end;
  }
  if (startUs <= endUs) runs.set(source, { startUs, endUs });
}

/** Text formats name events only. */
const NAME_ONLY = { provider: null, providerName: null, group: null, opcode: null, id: null, version: null };

function sourceInfo(
  source: SourceSummary,
  rows: ReadonlyMap<string, number>,
  runs: { readonly startUs: number; readonly endUs: number } | undefined,
): SourceInfo {
  const { about, account, events } = source;
  const list = [...events].map(([name, { identity, count, bytes }]) => ({
    ...(identity ?? { ...NAME_ONLY, name }),
    count,
    bytes,
  }));
  list.sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
  // WPA's tables do not say how long the trace is; their runs say from when to when they are.
  const firstUs = about.span.startUs ?? runs?.startUs ?? null;
  const startUs = about.span.openedUs ?? firstUs;
  const endUs = about.span.endUs ?? runs?.endUs ?? null;
  return {
    source: source.id,
    format: source.format,
    encoding: source.encoding,
    span: {
      startUtc: utcAt(about.clock.startUtc, startUs),
      firstEventUtc: utcAt(about.clock.startUtc, firstUs),
      endUtc: utcAt(about.clock.startUtc, endUs),
      durationUs: startUs === null || endUs === null ? null : endUs - startUs,
    },
    session: about.session,
    machine: about.machine,
    eventsTotal: list.reduce((sum, e) => sum + e.count, 0),
    unreadable: account.skipped,
    events: list,
    stacks: about.stacks ?? { events: rows.get('stack') ?? 0, matched: null },
    capabilities: capabilities(
      source,
      rows,
      list.reduce((sum, e) => sum + e.count, 0),
    ),
  };
}

/** An instant `us` after the start of the trace; null where the start is unknown. */
function utcAt(startUtc: string | null, us: number | null): string | null {
  const start = startUtc === null ? Number.NaN : Date.parse(startUtc);
  const at = us === null ? Number.NaN : start + us / 1000;
  return Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : null;
}

function capabilities(
  source: SourceSummary,
  rows: ReadonlyMap<string, number>,
  eventsTotal: number,
): SourceInfo['capabilities'] {
  const parser = PARSERS.find((p) => p.name === source.format);
  const singleEvents = parser?.tables.includes(genericEvent) ? eventsTotal : 0;
  const filled = TABLES.flatMap((table) => {
    const count = table === genericEvent ? singleEvents : (rows.get(table.name) ?? 0);
    return count > 0 ? [`${table.name} ${count}`] : [];
  });
  return [
    dpcCapability(source, parser, rows),
    {
      command: 'events',
      answers: singleEvents > 0,
      why: singleEvents > 0 ? `${singleEvents} events` : `${source.format} holds no single events`,
    },
    poolCapability(source, parser, rows),
    dumpCapability(source, parser, rows),
    errorsCapability(source, parser, rows, singleEvents),
    {
      command: 'tables',
      answers: filled.length > 0,
      why: filled.length > 0 ? `rows: ${filled.join(', ')}` : 'no rows for any table',
    },
  ].filter((capability) => capability !== null);
}

/** Of formats that hold messages or single events. */
function errorsCapability(
  source: SourceSummary,
  parser: Parser | undefined,
  rows: ReadonlyMap<string, number>,
  events: number,
): Capability | null {
  const messages = rows.get(logMessage.name) ?? 0;
  const canHold = parser?.tables.includes(logMessage) || parser?.tables.includes(genericEvent);
  if (!canHold || (parser?.tables.includes(dumpThread) && messages === 0)) return null;
  if (messages > 0) return { command: 'errors', answers: true, why: `${messages} messages` };
  const own = [...source.events.values()].filter(({ identity }) => identity !== null && identity.provider !== 'kernel');
  const count = own.reduce((sum, entry) => sum + entry.count, 0);
  const known = own.length > 0 || source.format === 'etl' ? count : events;
  if (known === 0)
    return { command: 'errors', answers: false, why: 'no messages, and no events but those of the kernel' };
  return { command: 'errors', answers: true, why: `${known} events that may be messages` };
}

type Capability = SourceInfo['capabilities'][number];

function dpcCapability(
  { format, account }: SourceSummary,
  parser: Parser | undefined,
  rows: ReadonlyMap<string, number>,
): Capability {
  const runs = rows.get(dpcIsr.name) ?? 0;
  const sums = (rows.get(dpcAggregate.name) ?? 0) + (rows.get(dpcHistogram.name) ?? 0);
  const samples = rows.get(sampledProfile.name) ?? 0;
  const can = parser?.tables.includes(dpcIsr) || parser?.tables.includes(dpcAggregate);
  const why =
    runs > 0
      ? `${runs} runs of DPCs and ISRs${samples > 0 ? `, and ${samples} samples to see behind frameworks` : '; no samples, so the drivers behind frameworks stay unknown'}`
      : sums > 0
        ? 'sums of DPC and ISR time; no single runs, so no exclusive times and percentiles'
        : can && account.skipped > 0
          ? `no DPC or ISR events could be read: ${account.skipped} ${account.unit}s were skipped`
          : can
            ? 'no DPC or ISR events: record with INTERRUPT and DPC, see `tracekit recipe dpc`'
            : `${format} holds no DPC or ISR data`;
  return { command: 'dpc', answers: runs + sums > 0, why };
}

/** Tables that `pool` answers from, and what their rows are. */
const POOL_ROWS: readonly (readonly [TableDef, string])[] = [
  [poolEvent, 'pool allocations and frees'],
  [poolAllocation, 'pool allocations'],
  [poolTag, 'figures of tags'],
  [poolBlock, 'pool blocks'],
  [poolHit, 'stacks of PoolHitTag'],
  [poolTagPlace, 'places of pool tags'],
  [poolCounter, 'figures of the machine'],
];

/** Only of formats that could hold something about pool. */
function poolCapability(
  source: SourceSummary,
  parser: Parser | undefined,
  rows: ReadonlyMap<string, number>,
): Capability | null {
  if (!POOL_ROWS.some(([table]) => parser?.tables.includes(table))) return null;
  const found = POOL_ROWS.flatMap(([table, what]) => {
    const count = rows.get(table.name) ?? 0;
    return count > 0 ? [`${count} ${what}`] : [];
  });
  if (found.length > 0) return { command: 'pool', answers: true, why: found.join(', ') };
  const why = parser?.tables.includes(poolEvent)
    ? `no Pool events${source.account.skipped > 0 ? ' could be read' : ''}: record with xperf -on PROC_THREAD+LOADER+POOL -stackwalk PoolAlloc+PoolFree, or with the pool profile of wpr (tracekit recipe pool)`
    : `${source.format} here holds nothing about pool`;
  return { command: 'pool', answers: false, why };
}

/** Tables that `dump` answers from, and what their rows are. */
const DUMP_ROWS: readonly (readonly [TableDef, string])[] = [
  [dumpThread, 'threads, each time one is printed'],
  [dumpProcess, 'processes'],
  [dumpLock, 'locks'],
  [dumpMessage, 'LPC and ALPC messages'],
  [dumpIrp, 'IRPs'],
  [dumpFact, 'statements about the system'],
];

/** Only of debuggers' logs. */
function dumpCapability(
  { format }: SourceSummary,
  parser: Parser | undefined,
  rows: ReadonlyMap<string, number>,
): Capability | null {
  if (!parser?.tables.includes(dumpThread)) return null;
  const others = DUMP_TABLES.filter((table) => (rows.get(table.name) ?? 0) > 0);
  const found = DUMP_ROWS.flatMap(([table, what]) => {
    const count = rows.get(table.name) ?? 0;
    return count > 0 ? [`${count} ${what}`] : [];
  });
  if (others.length === 0) return { command: 'dump', answers: false, why: `${format} here holds nothing about a dump` };
  const why = found.length > 0 ? found.join(', ') : others.map(({ name }) => name).join(', ');
  return { command: 'dump', answers: true, why };
}
