/** Snapshots of tags and of the machine's figures, in the order in which they were taken. */
import type { Finish } from '../../core/analysis.js';
import type { Evidence } from '../../core/evidence.js';
import { NULL_I32 } from '../../core/schema.js';
import type { Batch, Cite } from '../../core/table.js';
import type { poolCounter, poolTag } from '../../tables/pool-snapshot.js';
import { isPaged } from '../../tables/pool-types.js';
import type { PoolOptions } from './options.js';
import type { PoolSnapshot } from './result.js';

/** One tag in one snapshot. */
export interface TagPoint {
  readonly tag: string | null;
  readonly paged: boolean | null;
  readonly sessionId: number | null;
  readonly allocs: number | null;
  readonly frees: number | null;
  readonly count: number | null;
  readonly bytes: number | null;
  readonly driver: string | null;
  readonly description: string | null;
  readonly cite: Cite;
}

export interface CounterPoint {
  readonly name: string;
  readonly value: number | null;
  readonly unit: string | null;
  readonly sessionId: number | null;
  readonly driver: string | null;
  readonly cite: Cite;
}

export interface Snapshot {
  readonly source: number;
  readonly number: number;
  readonly atMs: number | null;
  readonly tags: TagPoint[];
  readonly counters: CounterPoint[];
}

/** Snapshots of tags kept: a line of a counter log is one too. */
const MAX_SNAPSHOTS = 200_000;
const MAX_POINTS = 4_000_000;

export class Snapshots {
  readonly #byKey = new Map<string, Snapshot>();
  #points = 0;
  dropped = 0;

  constructor(private readonly options: PoolOptions) {}

  addTags(batch: Batch<typeof poolTag>): void {
    const { cols, dicts, n } = batch;
    for (let i = 0; i < n; i++) {
      const tag = dicts.tag.get(cols.tag[i]);
      const paged = isPaged(dicts.poolType.get(cols.poolType[i]));
      if (!this.#passes(tag, paged)) continue;
      this.#snapshot(batch.source, cols.snapshot[i], cols.atMs[i])?.tags.push({
        tag,
        paged,
        sessionId: idOf(cols.sessionId[i]),
        allocs: known(cols.allocs[i]),
        frees: known(cols.frees[i]),
        count: known(cols.outstanding[i]),
        bytes: known(cols.bytes[i]),
        driver: dicts.driver.get(cols.driver[i]),
        description: dicts.description.get(cols.description[i]),
        cite: batch.cite(i),
      });
    }
  }

  addCounters(batch: Batch<typeof poolCounter>): void {
    const { cols, dicts, n } = batch;
    for (let i = 0; i < n; i++) {
      const name = dicts.name.get(cols.name[i]);
      if (name === null) continue;
      this.#snapshot(batch.source, cols.snapshot[i], cols.atMs[i])?.counters.push({
        name,
        value: known(cols.value[i]),
        unit: dicts.unit.get(cols.unit[i]),
        sessionId: idOf(cols.sessionId[i]),
        driver: dicts.driver.get(cols.driver[i]),
        cite: batch.cite(i),
      });
    }
  }

  /** In the order of time where all say when they were taken, else in that of the files. */
  list(): Snapshot[] {
    const all = [...this.#byKey.values()];
    const inFiles = (a: Snapshot, b: Snapshot): number => a.source - b.source || a.number - b.number;
    all.sort(inFiles);
    if (!all.every(({ atMs }) => atMs !== null)) return all;
    return all.sort((a, b) => (a.atMs as number) - (b.atMs as number) || inFiles(a, b));
  }

  #passes(tag: string | null, paged: boolean | null): boolean {
    if (this.options.paged !== null && paged !== this.options.paged) return false;
    return this.options.tag === null || this.options.tag(tag ?? '');
  }

  #snapshot(source: number, number: number, atMs: number): Snapshot | null {
    const key = `${source},${number}`;
    const found = this.#byKey.get(key);
    if (++this.#points > MAX_POINTS || (found === undefined && this.#byKey.size >= MAX_SNAPSHOTS)) {
      this.dropped++;
      return null;
    }
    if (found !== undefined) return found;
    const made: Snapshot = { source, number, atMs: known(atMs), tags: [], counters: [] };
    this.#byKey.set(key, made);
    return made;
  }
}

/** Tags by whose counters a reboot is known, and the share of them that must have fallen: single ones wrap at 2^32. */
const MIN_FALLEN = 3;
const FALLEN = 0.5;

/** Those since the last reboot: allocations are counted from the start of the system, so that all counters fall there. */
export function sinceBoot(snapshots: readonly Snapshot[]): readonly Snapshot[] {
  for (let i = snapshots.length - 1; i > 0; i--)
    if (hasBooted(snapshots[i - 1], snapshots[i])) return snapshots.slice(i);
  return snapshots;
}

function hasBooted(before: Snapshot, after: Snapshot): boolean {
  const allocs = new Map(before.tags.map((point) => [keyOf(point), point.allocs]));
  let both = 0;
  let fallen = 0;
  for (const point of after.tags) {
    const was = allocs.get(keyOf(point)) ?? null;
    if (was === null || point.allocs === null) continue;
    both++;
    if (point.allocs < was) fallen++;
  }
  return fallen >= MIN_FALLEN && fallen > FALLEN * both;
}

const keyOf = ({ paged, tag, sessionId }: TagPoint): string => `${paged},${sessionId},${tag}`;

const known = (value: number): number | null => (Number.isNaN(value) ? null : value);
const idOf = (value: number): number | null => (value === NULL_I32 ? null : value);

/** A row of values over snapshots. */
export interface Series {
  /** Seconds from the first; null where it is not known how far snapshots are apart: then `at` counts them. */
  readonly atS: readonly number[] | null;
  readonly at: readonly number[];
  readonly values: readonly number[];
  readonly snapshots: readonly number[];
}

/** Times of snapshots in seconds from the first; null where they are not known. */
export function timesOf(snapshots: readonly Snapshot[], everyMs: number | null): number[] | null {
  const first = snapshots[0]?.atMs ?? null;
  if (first !== null && snapshots.every(({ atMs }) => atMs !== null)) {
    return snapshots.map(({ atMs }) => ((atMs as number) - first) / 1000);
  }
  return everyMs === null ? null : snapshots.map((_, i) => (i * everyMs) / 1000);
}

/** Snapshots as the result shows them; those of counter logs are summed up elsewhere. */
export function shownSnapshots(snapshots: readonly Snapshot[], { sources }: Finish): PoolSnapshot[] {
  return snapshots
    .filter(({ tags, counters }) => tags.length > 0 || counters.length > 1)
    .map(({ source, number, atMs, tags, counters }) => ({
      source: sources[source].id,
      snapshot: number,
      utc: utcOf(atMs),
      counters: counters.map(({ name, value, unit, sessionId }) => ({ name, value, unit, sessionId })),
      tags: tags.map(({ tag, paged, sessionId, count, bytes, allocs, frees }) => ({
        tag,
        paged,
        sessionId,
        count,
        bytes,
        allocs,
        frees,
      })),
      nonpagedBytes: sumOf(tags, false),
      pagedBytes: sumOf(tags, true),
    }));
}

function utcOf(atMs: number | null): string | null {
  return atMs === null || Math.abs(atMs) > 8.64e15 ? null : new Date(atMs).toISOString();
}

function sumOf(tags: readonly TagPoint[], paged: boolean): number | null {
  const own = tags.filter((point) => point.paged === paged && point.bytes !== null);
  return own.length === 0 ? null : own.reduce((sum, { bytes }) => sum + (bytes as number), 0);
}

/** Where a point stands. */
export const evidenceOf = (context: Finish, snapshot: Snapshot, point: { readonly cite: Cite }): Evidence =>
  context.evidence(snapshot.source, point.cite);
