/** Became a row; nobody wants it; or why it could not be used. */
import type { Output } from '../../src/core/parser.js';
export type Outcome = 'row' | 'unwanted' | Problem;

export interface Problem {
  readonly code: string;
  readonly message: string;
}

export const problem = (code: string, message: string): Problem => ({ code, message });

export const badField = (name: string): Problem =>
  problem(
    'bad-field',
    `kernel events with a field that is missing or no number (first: ${name}); their rows were passed over`,
  );

/** A record counts once, even where it filled two tables; `isEventRow` where it is a row of the event table. */
export function account(
  out: Output,
  outcome: Outcome,
  isEventRow: boolean,
  at: () => { line: number; example: string },
): void {
  const isRow = isEventRow || outcome === 'row';
  if (typeof outcome === 'string') {
    if (isRow) out.account.rows++;
    else out.account.ignored++;
    return;
  }
  if (!isRow) {
    out.skip(outcome.code, outcome.message, at(), 'data-loss');
    return;
  }
  out.account.rows++;
  out.diagnostics.add(outcome.code, 'data-loss', outcome.message, at());
}
