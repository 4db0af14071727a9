/** Tags and figures over a row of snapshots. */

import type { Finish } from '../../core/analysis.js';
import type { Evidence } from '../../core/evidence.js';
import { pushTo } from '../../core/push-to.js';
import type { PoolCounter, PoolVerdict } from './result.js';
import { judgeSnapshots, type SnapshotSeries, slopeOf } from './snapshot-verdict.js';
import { evidenceOf, type Snapshot, sinceBoot, type TagPoint, timesOf } from './snapshots.js';
import type { Slope } from './trend.js';
import type { Judgement } from './verdict.js';

/** One tag and pool through all snapshots that have it; sessions are added up. */
export interface SnapshotTag {
  readonly tag: string | null;
  readonly paged: boolean | null;
  readonly count: number | null;
  readonly bytes: number | null;
  readonly allocs: number | null;
  readonly frees: number | null;
  readonly driver: string | null;
  readonly description: string | null;
  readonly judgement: Judgement;
  /** Bytes a second; null where snapshots have no times. */
  readonly slope: Slope | null;
  /** Bytes from one snapshot to the next, where they have none. */
  readonly perSnapshot: number | null;
  readonly first: TagPoint;
  readonly evidence: readonly Evidence[];
}

export function snapshotTags(all: readonly Snapshot[], everyMs: number | null, context: Finish): SnapshotTag[] {
  const listing = all.filter(({ tags }) => tags.length > 0);
  const snapshots = sinceBoot(listing);
  if (snapshots.length < listing.length) {
    context.diagnostics.add(
      'reboot-between-snapshots',
      'warning',
      'allocations are counted from the start of the system, and most counters fall: the system was restarted. Growth is judged by the snapshots since then',
      { count: listing.length - snapshots.length },
    );
  }
  const times = timesOf(snapshots, everyMs);
  const byTag = new Map<string, { readonly at: number; readonly points: TagPoint[] }[]>();
  snapshots.forEach((snapshot, at) => {
    const own = new Map<string, TagPoint[]>();
    for (const point of snapshot.tags) {
      const key = `${point.paged},${point.tag}`;
      pushTo(own, key, point);
    }
    for (const [key, points] of own) {
      pushTo(byTag, key, { at, points });
    }
  });
  return [...byTag.values()].map((seen) => tagOf(seen, snapshots, times, context));
}

function tagOf(
  seen: readonly { readonly at: number; readonly points: readonly TagPoint[] }[],
  snapshots: readonly Snapshot[],
  times: readonly number[] | null,
  context: Finish,
): SnapshotTag {
  const rows = seen.map(({ at, points }) => ({
    at,
    points,
    bytes: sum(points, (p) => p.bytes),
    count: sum(points, (p) => p.count),
  }));
  const last = rows[rows.length - 1];
  const known = rows.filter(({ bytes }) => bytes !== null);
  const series = seriesOf(known, snapshots, times);
  const slope = slopeOf(series);
  const [point] = last.points;
  const cites = known.length > 1 ? [known[0], known[known.length - 1]] : known;
  return {
    tag: point.tag,
    paged: point.paged,
    count: last.count,
    bytes: last.bytes,
    allocs: sum(last.points, (p) => p.allocs),
    frees: sum(last.points, (p) => p.frees),
    driver: point.driver,
    description: point.description,
    judgement: judgeSnapshots(series),
    slope: times === null ? null : slope,
    perSnapshot: times === null ? (slope?.perSecond ?? null) : null,
    first: seen[0].points[0],
    evidence: cites.map(({ at, points }) => evidenceOf(context, snapshots[at], points[0])),
  };
}

interface Seen {
  readonly at: number;
  readonly bytes: number | null;
  readonly count: number | null;
  readonly points: readonly TagPoint[];
}

/** Of what the tag held at most: where a snapshot lists a tag with so little, one that it does not list is taken to hold nothing. */
const SMALL = 0.5;

/** True where the tags of a pool add up to the total that the snapshot prints: then no tag is left out. */
function isWhole({ tags, counters }: Snapshot, paged: boolean | null): boolean {
  const name = paged ? 'poolused Paged Used' : 'poolused NonPaged Used';
  const total = counters.find((counter) => counter.name === name)?.value ?? null;
  const own = tags.reduce((all, tag) => (tag.paged === paged ? all + (tag.bytes ?? 0) : all), 0);
  return total !== null && paged !== null && own >= 0.99 * total;
}

/** Values by time, with 0 where the tag is missing from a snapshot that lists much smaller ones: tools list what is in use. */
function seriesOf(
  known: readonly Seen[],
  snapshots: readonly Snapshot[],
  times: readonly number[] | null,
): SnapshotSeries {
  const byAt = new Map(known.map((row) => [row.at, row]));
  const most = known.reduce((max, { bytes }) => Math.max(max, bytes ?? 0), 0);
  const paged = known[0]?.points[0]?.paged ?? null;
  const rows = snapshots.flatMap(({ tags }, at): { at: number; bytes: number; count: number | null }[] => {
    const row = byAt.get(at);
    if (row !== undefined) return [{ at, bytes: row.bytes ?? 0, count: row.count }];
    const least = tags.reduce(
      (min, tag) => (tag.paged === paged && tag.bytes !== null ? Math.min(min, tag.bytes) : min),
      most,
    );
    return least <= SMALL * most || isWhole(snapshots[at], paged) ? [{ at, bytes: 0, count: 0 }] : [];
  });
  return {
    at: rows.map(({ at }) => times?.[at] ?? at),
    values: rows.map(({ bytes }) => bytes),
    counts: rows.every(({ count }) => count !== null) ? rows.map(({ count }) => count as number) : null,
  };
}

function sum(points: readonly TagPoint[], pick: (point: TagPoint) => number | null): number | null {
  const values = points.map(pick).filter((value) => value !== null);
  return values.length === 0 ? null : values.reduce((a, b) => a + b, 0);
}

/** Figures of the machine that stand in more than one snapshot, or alone. */
export function snapshotCounters(all: readonly Snapshot[], everyMs: number | null, context: Finish): PoolCounter[] {
  const times = timesOf(all, everyMs);
  const byName = new Map<
    string,
    { readonly at: number; readonly value: number; readonly evidence: () => Evidence; readonly unit: string | null }[]
  >();
  const heads = new Map<string, { readonly name: string; readonly sessionId: number | null }>();
  all.forEach((snapshot, at) => {
    for (const counter of snapshot.counters) {
      if (counter.value === null || counter.driver !== null) continue;
      const key = `${counter.sessionId},${counter.name}`;
      const list = byName.get(key) ?? [];
      list.push({
        at,
        value: counter.value,
        unit: counter.unit,
        evidence: () => evidenceOf(context, snapshot, counter),
      });
      byName.set(key, list);
      heads.set(key, { name: counter.name, sessionId: counter.sessionId });
    }
  });
  return [...byName].map(([key, points]): PoolCounter => {
    const series = {
      at: points.map(({ at }) => times?.[at] ?? at),
      values: points.map(({ value }) => value),
      counts: null,
    };
    const slope = times === null ? null : slopeOf(series);
    const { name, sessionId } = heads.get(key) as { name: string; sessionId: number | null };
    const [first] = points;
    const last = points[points.length - 1];
    return {
      name,
      sessionId,
      unit: last.unit,
      samples: points.length,
      first: first.value,
      last: last.value,
      max: points.reduce((most, { value }) => Math.max(most, value), first.value),
      slopePerSecond: slope?.perSecond ?? null,
      slopeCi: slope === null ? null : [slope.low, slope.high],
      verdict: ofFigure(judgeSnapshots(series).verdict),
      evidence: points.length > 1 ? [first.evidence(), last.evidence()] : [first.evidence()],
    };
  });
}

/** A figure of the whole machine grows; what leaks is a tag. */
const ofFigure = (verdict: PoolVerdict): PoolVerdict => (verdict === 'leak' ? 'growing' : verdict);
