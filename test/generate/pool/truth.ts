/**
 * Traces of pool made up from a seed: one truth, which the writers beside this file print in the formats that are read.
 * What must come out of it is counted in figures.ts. Shares no code with the readers.
 */
import { type Random, seeded } from '../random.js';
import { burst, cache, doubleFrees, few, steadyTraffic, turnover } from './innocents.js';
import { groupLeak, slowLeak } from './leaks.js';
import { machineOf } from './machine.js';
import { isPagedType, type PoolEvent, type PoolTruth, type Population, type Scenario } from './model.js';
import { type Plan, Stage } from './stage.js';
import { play } from './timeline.js';

export * from './figures.js';
export * from './model.js';

export interface PoolOptions {
  /** A stretch in the middle of the trace is lost. */
  readonly lost?: boolean;
  /** No stacks are written. */
  readonly noStacks?: boolean;
  /** None of frees, as with `-stackwalk PoolAlloc`. */
  readonly noFreeStacks?: boolean;
  /** The written trace ends after this share of the time, as when the disk was full. */
  readonly truncate?: number;
  /** Instead of 60 to 600 s. */
  readonly lengthSeconds?: number;
  /** Fewer blocks, for small files: 0.5 for half as many. Only the leaking group and the few blocks stay as they are. */
  readonly scale?: number;
}

const START_FILETIME = 133_893_216_001_234_560n;

export function simulatePool(seed: number, options: PoolOptions = {}): PoolTruth {
  const random = seeded(seed * 7919 + 17);
  const lengthUs = (options.lengthSeconds ?? random.whole(60, 600)) * 1_000_000;
  const { scale = 1 } = options;
  const events = scale * (5_500 + Math.floor(14_000 * random.next() * random.next()));
  const stage = new Stage(random, machineOf(random), lengthUs, scale);
  allScenarios(stage, events);
  const played = play(stage);
  const population = populationOf(random, stage.scenarios, stage.plans);
  // Last, so that all else is the same whatever is lost.
  const written = writtenPart(random, played.events, lengthUs, options);
  return {
    seed,
    name: `pool-${seed}`,
    startFiletime: START_FILETIME,
    cpus: stage.machine.cpus,
    lengthUs,
    modules: stage.machine.modules,
    processes: stage.machine.processes,
    stacks: stage.book.stacks,
    ...played,
    ...written,
    stacksOf: options.noStacks ? 'none' : options.noFreeStacks ? 'allocs' : 'all',
    scenarios: stage.scenarios,
    population,
  };
}

/** The traffic fills up to the number of events. */
function allScenarios(stage: Stage, events: number): void {
  for (const scenario of [slowLeak, cache, burst, turnover, few, groupLeak]) scenario(stage);
  const staged = stage.plans.reduce(
    (sum, { allocUs, freeUs }) => sum + (allocUs < 0 ? 0 : 1) + (freeUs === null ? 0 : 1),
    0,
  );
  steadyTraffic(stage, Math.max(1_200 * stage.scale, events - staged));
  doubleFrees(stage);
}

function writtenPart(random: Random, events: readonly PoolEvent[], lengthUs: number, options: PoolOptions) {
  const writtenUs = Math.round(lengthUs * (options.truncate ?? 1));
  const until = events.filter(({ atUs }) => atUs <= writtenUs);
  if (!options.lost) return { writtenUs, written: until, lost: null };
  const middle = 0.45 + 0.1 * random.next();
  const half = (0.03 + 0.05 * random.next()) / 2;
  const [fromUs, toUs] = [Math.round((middle - half) * writtenUs), Math.round((middle + half) * writtenUs)];
  const written = until.filter(({ atUs }) => atUs < fromUs || atUs > toUs);
  return { writtenUs, written, lost: { fromUs, toUs, events: until.length - written.length } };
}

/** Tags that poolmon shows on any machine; here, nothing happens to them. */
const QUIET = [
  { tag: 'CM31', paged: true },
  { tag: 'File', paged: false },
  { tag: 'Irp ', paged: false },
  { tag: 'MmSt', paged: true },
  { tag: 'Ntff', paged: true },
  { tag: 'Thre', paged: false },
  { tag: 'Toke', paged: true },
] as const;

/** Blocks of before the trace that are freed in it, and others that are not. */
function populationOf(random: Random, scenarios: readonly Scenario[], plans: readonly Plan[]): Population[] {
  const quiet = QUIET.map((which) => population(random, which, [], random.whole(100, 30_000)));
  const before = plans.filter(({ allocUs }) => allocUs < 0);
  const own = scenarios.map(({ tag, paged }) => {
    const blocks = before.filter((plan) => plan.tag === tag && isPagedType(plan.poolType) === paged);
    return population(random, { tag, paged }, blocks, random.whole(0, 40));
  });
  return [...own, ...quiet];
}

function population(
  random: Random,
  which: { readonly tag: string; readonly paged: boolean },
  blocks: readonly Plan[],
  others: number,
): Population {
  const frees = random.whole(0, 2_000_000);
  const bytes = blocks.reduce((sum, plan) => sum + plan.bytes, 0) + others * 16 * random.whole(2, 60);
  return { tag: which.tag, paged: which.paged, allocs: frees + blocks.length + others, frees, bytes };
}
