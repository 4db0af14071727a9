/** What the finders of causes see: both sides on one time line, and who is who. */
import type { Evidence } from '../src/core/evidence.js';
import type { Cite } from '../src/core/table.js';
import type { Line } from './clock-alignment.js';
import type { Given } from './given.js';
import type { Boots } from './same-boot.js';
import type { Threads } from './threads.js';
import { TICK_MS } from './ticks.js';

export interface Case extends Given {
  readonly line: Line;
  readonly boot: Boots;
  readonly threads: Threads;
}

/** A time of a source on the time line, µs; null where its clock is not joined to it. */
export function onLineUs({ line }: Case, source: number, atUs: number | null): number | null {
  const offset = line.offsetUs[source];
  return offset === null || offset === undefined || atUs === null || Number.isNaN(atUs) ? null : atUs + offset;
}

/** Index of a source by its id. */
export const sourceIndex = ({ context }: Case, id: string): number => context.sources.findIndex((one) => one.id === id);

/**
 * A time of `errors` on the time line: it counts from the first source with messages that says when it began, others from their own
 * start.
 */
export function messageUs(all: Case, evidence: readonly Evidence[], atUs: number | null): number | null {
  const own = evidence.length === 0 ? -1 : sourceIndex(all, evidence[0].source);
  if (own < 0 || atUs === null) return null;
  return onLineUs(all, all.countsFrom(own), atUs);
}

/** A row of a source as evidence; none where its text was not kept. */
export const cited = ({ context }: Case, source: number, cite: Cite | null): Evidence[] =>
  cite === null ? [] : [context.evidence(source, cite)];

/** Of the evidence what names a module; all of it where none does. */
export function naming(module: string, evidence: readonly Evidence[]): readonly Evidence[] {
  const name = module.replace(/\.sys$/i, '').toLowerCase();
  const own = evidence.filter(({ quote }) => quote.toLowerCase().includes(name));
  return own.length > 0 ? own : evidence;
}

/** When a wait of so many ms began, on the time line. */
export const waitBeganUs = ({ line }: Case, waitMs: number | null): number | null =>
  waitMs === null || line.dumpAtUs === null ? null : line.dumpAtUs - waitMs * 1000;

/** True where the clocks are good enough for a join this close, µs: a closer one is refused. */
export const canJoinWithin = (all: Case, us: number): boolean => boundUs(all) <= us;

/** Joins in time that are closer than this are not made, µs. */
export const boundUs = ({ line, dump }: Case): number =>
  1000 * ((line.uncertaintyMs ?? Number.POSITIVE_INFINITY) + (dump.system.tickMs ?? TICK_MS));
