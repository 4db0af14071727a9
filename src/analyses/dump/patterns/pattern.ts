/** How a pattern is found and told. Names are those of the published catalogue of memory dump analysis patterns (D. Vostokov). */
import type { Evidence } from '../../../core/evidence.js';
import type { Case } from '../case.js';
import type { DumpPattern } from '../result.js';
import { type Cited, evidenceOf } from '../rows.js';

/** Looks for patterns of some kind. */
export type PatternFinder = (all: Case) => DumpPattern[];

interface Told {
  readonly name: string;
  /** False: the evidence carries no more than "possible". */
  readonly certain: boolean;
  readonly statement: string;
  readonly subjects?: readonly string[];
  readonly rows: readonly Cited[];
  readonly against?: readonly Cited[];
  readonly next?: readonly string[];
}

export function pattern({ context }: Case, told: Told): DumpPattern {
  const { name, certain, statement, subjects = [], rows, against = [], next = [] } = told;
  const cited: Evidence[] = evidenceOf(context, rows);
  return { name, certain, statement, subjects, evidence: cited, against: evidenceOf(context, against), next };
}

/** `1 thread`, `3 threads` */
export const counted = (count: number, what: string): string =>
  `${count} ${what}${count === 1 ? '' : /s$/.test(what) ? 'es' : 's'}`;

/** The first few of a list, and how many more there are. */
export function someOf(names: readonly string[], most = 4): string {
  const more = names.length - most;
  return more > 0 ? `${names.slice(0, most).join(', ')} and ${more} more` : names.join(', ');
}

/** `13:33:58.703`, with days in front where there are some. */
export function waitText(ms: number | null): string {
  if (ms === null) return 'unknown time';
  const whole = Math.floor(ms);
  const part = (value: number, length = 2): string => String(value).padStart(length, '0');
  const [s, m, h, d] = [
    Math.floor(whole / 1000) % 60,
    Math.floor(whole / 60_000) % 60,
    Math.floor(whole / 3_600_000) % 24,
    Math.floor(whole / 86_400_000),
  ];
  return `${d > 0 ? `${d}d ` : ''}${h}:${part(m)}:${part(s)}.${part(whole % 1000, 3)}`;
}
