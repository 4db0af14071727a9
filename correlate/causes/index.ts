/** Every kind of cause that is looked for. A finder that throws loses its own causes only. */
import type { Case } from '../case.js';
import type { Draft } from '../points.js';
import { blocking } from './blocking/index.js';
import { deadlock } from './deadlock.js';
import { dpcCumulative } from './dpc-cumulative.js';
import { dpcSingle } from './dpc-single.js';
import { exhaustion } from './exhaustion.js';
import { poolLeak } from './pool/index.js';
import { processFactory } from './process-factory.js';

const FINDERS: readonly (readonly [name: string, find: (all: Case) => Draft[]])[] = [
  ['dpc-watchdog-single', dpcSingle],
  ['dpc-watchdog-cumulative', dpcCumulative],
  ['pool-leak', poolLeak],
  ['blocking', blocking],
  ['deadlock', deadlock],
  ['process-factory', processFactory],
  ['exhaustion', exhaustion],
];

/** Causes without any evidence are none. */
export function draftsOf(all: Case): Draft[] {
  return FINDERS.flatMap(([name, find]) => {
    try {
      return find(all);
    } catch (error) {
      const message = String((error as Error).message);
      all.context.diagnostics.add('analysis-failed', 'error', `${name} failed and its causes are missing: ${message}`);
      return [];
    }
  }).filter(({ points }) => points.some(({ evidence }) => evidence.length > 0));
}
