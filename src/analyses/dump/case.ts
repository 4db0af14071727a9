/** Everything that is known of a dump once its graph stands: what patterns, findings and the answer are made from. */
import type { Finish } from '../../core/analysis.js';
import type { Chains } from './chains.js';
import type { Scene } from './edges/edge.js';
import type { Facts } from './facts.js';
import type { Graph } from './graph.js';
import type { DpcWatchdog, DumpBugcheck, DumpIrps, DumpMemory, DumpQuality, LeakSuspect } from './result.js';
import type { DumpClock } from './ticks.js';

export interface Case extends Scene {
  readonly facts: Facts;
  readonly clock: DumpClock;
  readonly graph: Graph;
  readonly chains: Chains;
  readonly bugcheck: DumpBugcheck | null;
  readonly watchdog: DpcWatchdog | null;
  readonly irps: DumpIrps;
  readonly memory: DumpMemory | null;
  readonly quality: readonly DumpQuality[];
  readonly leakSuspects: readonly LeakSuspect[];
  readonly context: Finish;
}
