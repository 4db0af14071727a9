/** What a report says, put together from its figures. */

import type { Output } from '../../src/core/parser.js';
import type { Found, Place } from './labels.js';

export type Kind = 'DPC' | 'ISR';
export const KINDS: readonly Kind[] = ['ISR', 'DPC'];

export interface Bucket extends Place {
  readonly lo: number;
  hi: number | null;
  readonly printedHi: number | null;
  readonly count: number;
}

export interface CpuFigures {
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

export interface State {
  readonly out: Output;
  readonly of: Record<Kind, Figures>;
  /** Labels taken so far: a second report in the same file repeats them. */
  readonly taken: Set<string>;
  durationS: number | null;
  readonly separators: Set<string>;
  /** The last line, where it has no line end and holds a figure. */
  cut: Found | null;
}

export const noFigures = (): Figures => ({
  place: null,
  max: null,
  percent: null,
  maxTotal: null,
  maxDriver: null,
  totalDriver: null,
  buckets: [],
  cpus: new Map(),
});

export const kindOf = (text: string): Kind => (text.toUpperCase() === 'ISR' ? 'ISR' : 'DPC');

export const placeOf = ({ line, byte, quote }: Place): Place => ({ line, byte, quote });

export type Taken = 'row' | 'damaged' | 'other';

export function damaged(
  state: State,
  code: string,
  message: string,
  found: Found,
  severity: 'warning' | 'data-loss' = 'warning',
): Taken {
  state.out.diagnostics.add(code, severity, message, { line: found.line, example: found.quote });
  return 'damaged';
}
