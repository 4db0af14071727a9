/** Rhythms with one period: what beats together, and by how much one comes after the other. */
import type { Beat } from './periodic.js';

/** Periods are one within this share, or within the errors of both. */
const SAME = 0.01;
/** Lags are one where they spread over no more than this share of the period. */
const LOCKED = 0.1;

export interface BeatGroup {
  readonly periodUs: number;
  /** Lag null where the phase is not held. */
  readonly members: readonly { readonly beat: number; readonly lagUs: number | null }[];
}

/** Groups of two and more, of beats that overlap in time. */
export function groupsOf(beats: readonly Beat[]): BeatGroup[] {
  const order = beats.map((_, i) => i).sort((a, b) => beats[a].rhythm.periodUs - beats[b].rhythm.periodUs);
  const groups: number[][] = [];
  for (const i of order) {
    const group = groups.at(-1);
    if (group?.some((other) => isOne(beats[other], beats[i]))) group.push(i);
    else groups.push([i]);
  }
  return groups.filter(({ length }) => length > 1).map((members) => grouped(members, beats));
}

function isOne({ rhythm: a }: Beat, { rhythm: b }: Beat): boolean {
  const error = (one: typeof a): number => (2 * (one.jitterUs || 0)) / one.beats;
  const overlap = Math.min(a.lastUs, b.lastUs) - Math.max(a.firstUs, b.firstUs);
  return Math.abs(a.periodUs - b.periodUs) <= Math.max(SAME * a.periodUs, error(a) + error(b)) && overlap > 0;
}

function grouped(members: readonly number[], beats: readonly Beat[]): BeatGroup {
  // The one with the most beats leads; of equals the one that comes first.
  const [lead] = members.toSorted(
    (a, b) => beats[b].rhythm.beats - beats[a].rhythm.beats || beats[a].rhythm.firstUs - beats[b].rhythm.firstUs,
  );
  const { periodUs } = beats[lead].rhythm;
  const lags = members.map((beat) => ({ beat, lagUs: beat === lead ? 0 : lagOf(beats[beat], beats[lead]) }));
  return {
    periodUs,
    members: lags.sort((a, b) => (a.lagUs ?? Number.POSITIVE_INFINITY) - (b.lagUs ?? Number.POSITIVE_INFINITY)),
  };
}

/** How long after a beat of `lead` the other one comes, usually, within half a period either way; null where that differs too much. */
function lagOf(other: Beat, lead: Beat): number | null {
  const { periodUs } = lead.rhythm;
  const lags: number[] = [];
  let k = 0;
  for (const at of other.instants) {
    while (k + 1 < lead.instants.length && Math.abs(lead.instants[k + 1] - at) <= Math.abs(lead.instants[k] - at)) k++;
    const lag = at - lead.instants[k];
    if (Math.abs(lag) <= periodUs / 2) lags.push(lag);
  }
  if (lags.length < 2) return null;
  lags.sort((a, b) => a - b);
  const middle = lags[lags.length >> 1];
  const off = lags.map((lag) => Math.abs(lag - middle)).sort((a, b) => a - b)[lags.length >> 1];
  return off <= LOCKED * periodUs ? middle : null;
}
