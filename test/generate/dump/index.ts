/** Made-up debugger logs with known truth. Shares no code with the readers. */
import { type DamagedLog, type DamageOptions, damageLog } from './damage.js';
import { randomTruth } from './random-graph.js';
import type { DumpTruth, Generation } from './truth.js';
import { write2003 } from './write-2003.js';
import { writeWin10 } from './write-win10.js';
import { writeXp } from './write-xp.js';

export { DAMAGES, type Damage, type DamagedLog, type DamageOptions, type RemovedLine } from './damage.js';
export * from './truth.js';

const WRITERS: Readonly<Record<Generation, (truth: DumpTruth) => string>> = {
  xp: writeXp,
  '2003': write2003,
  win10: writeWin10,
};

export interface RandomDump {
  readonly truth: DumpTruth;
  readonly log: string;
}

/**
 * Processes, threads and locks made up from `seed`, who waits for whom, and the log that a debugger would print of them on that
 * Windows. The same seed and generation give the same log on every machine. Every edge of the truth can be read off the log, as
 * truth.ts says.
 */
export function randomDump(seed: number, generation: Generation): RandomDump {
  const truth = randomTruth(seed, generation);
  return { truth, log: WRITERS[generation](truth) };
}

/**
 * The log as a blog would have published it: hard blanks, `0×`, cuts, wrapped lines and so on, as often as `options.count` says. Only
 * cuts take lines away: those are in `removed`.
 */
export function damaged(log: string, seed: number, options: DamageOptions = {}): DamagedLog {
  return damageLog(log, seed, options);
}
