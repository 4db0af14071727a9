/** How long the limits that a snapshot prints last at the growth that is seen. */
import type { Finish } from '../../core/analysis.js';
import type { PoolCounter, PoolExhaustion } from './result.js';
import { type CounterPoint, evidenceOf, type Snapshot } from './snapshots.js';
import type { JudgedTag, TraceAnswer } from './trace-answer.js';

/** Names of what is used and of its limit, as !vm spells them in different versions. */
const POOLS = [
  {
    paged: false,
    used: /^NonPagedPool Usage$/i,
    limit: /^NonPagedPool Max(imum)?$/i,
    counter: /^Pool Nonpaged Bytes$/i,
  },
  { paged: true, used: /^PagedPool Usage$/i, limit: /^PagedPool Max(imum)?$/i, counter: /^Pool Paged Bytes$/i },
] as const;

export function exhaustionOf(
  snapshots: readonly Snapshot[],
  counters: readonly PoolCounter[],
  answer: TraceAnswer | null,
  context: Finish,
): PoolExhaustion[] {
  return POOLS.flatMap(({ paged, used, limit, counter }): PoolExhaustion[] => {
    const use = lastOf(snapshots, used);
    const most = lastOf(snapshots, limit);
    if (use === null || most === null || most.value <= 0) return [];
    const seen = counters.find(({ name, samples }) => samples > 3 && (used.test(name) || counter.test(name)));
    const slope = answer?.growth.get(paged)?.perSecond ?? seen?.slopePerSecond ?? 0;
    // A slope whose bounds hold 0 tells nothing of the future, nor does one that has come to its end.
    const low = answer?.growth.get(paged)?.low ?? seen?.slopeCi?.[0] ?? 0;
    const goesOn = answer === null ? seen?.verdict === 'growing' : answer.tags.some((tag) => growsIn(tag, paged));
    const certain = goesOn ? low : 0;
    return [
      {
        paged,
        usedBytes: use.value,
        limitBytes: most.value,
        bytesPerSecond: slope,
        secondsLeft: certain > 0 ? Math.max(0, (most.value - use.value) / slope) : null,
        evidence: [use, most].map(({ snapshot, point }) => evidenceOf(context, snapshot, point)),
      },
    ];
  });
}

const growsIn = ({ group, judgement }: JudgedTag, paged: boolean): boolean =>
  group.paged === paged && (judgement.verdict === 'leak' || judgement.verdict === 'growing');

function lastOf(
  snapshots: readonly Snapshot[],
  name: RegExp,
): { value: number; snapshot: Snapshot; point: CounterPoint } | null {
  for (const snapshot of [...snapshots].reverse()) {
    const point = snapshot.counters.find((c) => c.sessionId === null && c.unit === 'bytes' && name.test(c.name));
    if (point !== undefined && point.value !== null) return { value: point.value, snapshot, point };
  }
  return null;
}
