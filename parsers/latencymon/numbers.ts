/**
 * Figures: up to six decimals, of which zeros at the end are folded into one: `0.0` is 0.000000, `65816.60` is
 * 65816.600000, `220.12020` is 220.120200. Seen in five reports: every fraction has six digits or ends in 0, and zeros
 * at its *front* are kept (`22.084130`, `0.000022`), so a short fraction has lost nothing. One that breaks the rule is
 * doubtful, and said.
 */
import type { Found } from './labels.js';
import { damaged, type State } from './report.js';

/** A figure with a fraction; null, with a diagnostic, where there is none or it cannot be believed. */
export function figure(state: State, found: Found): number | null {
  const printed = /^[+-]?[\d.,]{1,40}/.exec(found.value)?.[0] ?? '';
  const parts = /^(\d{1,15})(?:([.,])(\d{1,12}))?$/.exec(printed);
  if (parts === null) {
    damaged(state, 'no-value', 'labels without a number were passed over', found);
    return null;
  }
  const [, whole, separator, fraction = ''] = parts;
  if (separator !== undefined) state.separators.add(separator);
  if (!asPrinted(fraction)) {
    const message =
      'figures whose decimals are not as LatencyMon prints them (six, or fewer and ending in 0): cut off, edited or grouped';
    state.out.diagnostics.add('decimals-doubtful', 'warning', message, { line: found.line, example: found.quote });
    // `1,234` could be a grouped 1234: unknown rather than a thousand times wrong.
    if (fraction.length === 3) return null;
  }
  return Number(`${whole}.${fraction || '0'}`);
}

const asPrinted = (fraction: string): boolean =>
  fraction === '' || fraction.length === 6 || (fraction.length < 6 && fraction.endsWith('0'));

/** A count: digits, perhaps grouped by someone; null where there is none. */
export function count(state: State, found: Found): number | null {
  const digits = /^\d{1,15}(?:[.,\u00a0\u202f]\d{3}){0,4}(?=\s|$)/.exec(found.value)?.[0] ?? null;
  if (digits !== null) return Number(digits.replace(/\D/g, ''));
  damaged(state, 'no-value', 'labels without a number were passed over', found);
  return null;
}
