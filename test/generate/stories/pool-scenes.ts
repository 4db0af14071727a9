/** The pool trace of a story: a tag that two drivers share, one of which does not free; and a log with names of the story. */

import { booksOf } from '../pool/figures.js';
import { DRIVERS, type Driver, machineOf } from '../pool/machine.js';
import type { PoolEvent, PoolFrame, PoolModule, PoolProcess, PoolTruth, Scenario } from '../pool/model.js';
import type { Path } from '../pool/paths.js';
import { exponential, freedBy, Stage, timesWithin } from '../pool/stage.js';
import { play } from '../pool/timeline.js';
import type { Random } from '../random.js';
import { filetimeOfMs, type Scene } from './scene.js';
import type { DriverName } from './words.js';

export interface PoolCast {
  readonly leaker: DriverName;
  /** Uses the same tag and frees it. */
  readonly sharer: DriverName;
  readonly other: DriverName;
  /** `BkRx`: shared. */
  readonly tag: string;
  readonly otherTag: string;
  readonly poolType: 1 | 512;
  readonly bytes: number;
}

export interface PoolScene {
  readonly truth: PoolTruth;
  /** `BcQuery` */
  readonly fn: string;
  readonly process: PoolProcess;
  /** Blocks of the tag that are left at the end. */
  readonly left: readonly PoolEvent[];
  readonly bytesPerSecond: number;
}

export interface PoolShape {
  /** Allocations of the leaker that are never freed. */
  readonly leaks: number;
  /** All are freed instead, and the other tag grows. */
  readonly isSteady: boolean;
  readonly hasStacks: boolean;
}

/** Roles of the drivers of test/generate/pool, whose names are changed when all is played. */
const LEAKER: Driver = 'fastnic.sys';
const SHARER: Driver = 'gfxmini.sys';
const OTHER: Driver = 'sensorhub.sys';

export function poolScene(scene: Scene, random: Random, cast: PoolCast, shape: PoolShape): PoolScene {
  const lengthUs = scene.lengthMs * 1000;
  const stage = new Stage(random, machineOf(random), lengthUs, 1);
  const [requester, second] = stage.programs;
  const leakSite = stage.site(LEAKER, 'Query', { entry: 'ioctl' });
  const leak = stage.path(leakSite, requester);
  const shared = stage.path(stage.site(SHARER, 'Open', { entry: 'ioctl' }), second);
  const worker = stage.path(stage.site(OTHER, 'Poll', { entry: 'worker' }), second);
  const { tag, otherTag, poolType, bytes } = cast;
  const keep = { tag, poolType, bytes, path: leak };
  for (const allocUs of timesWithin(random, shape.leaks, 0, lengthUs, true)) {
    stage.add({ ...keep, allocUs, freeUs: shape.isSteady ? freedBy(stage, allocUs + shortUs(random)) : null });
  }
  traffic(stage, { tag, poolType, bytes, path: leak, count: 12 });
  traffic(stage, { tag, poolType, bytes: bytes >> 1, path: shared, count: 45 });
  traffic(stage, { tag: otherTag, poolType, bytes: 336, path: worker, count: 40 }, shape.isSteady);
  const played = play(stage);
  const scenario: Scenario = {
    kind: 'slow-leak',
    tag,
    paged: poolType === 1,
    poolType,
    verdicts: shape.isSteady ? ['steady', 'transient'] : ['leak'],
    leak: { stack: leak.allocStack, module: LEAKER, fn: leakSite.fn, process: requester.name, pid: requester.pid },
  };
  const truth: PoolTruth = {
    seed: scene.seed,
    name: 'trace',
    startFiletime: filetimeOfMs(scene.startMs),
    cpus: stage.machine.cpus,
    lengthUs,
    writtenUs: lengthUs,
    modules: stage.machine.modules,
    processes: stage.machine.processes,
    stacks: stage.book.stacks,
    ...played,
    written: played.events,
    lost: null,
    stacksOf: shape.hasStacks ? 'all' : 'none',
    scenarios: [scenario],
    population: [],
  };
  const renamed = withNames(
    truth,
    new Map([
      [LEAKER, cast.leaker],
      [SHARER, cast.sharer],
      [OTHER, cast.other],
    ]),
  );
  const blocks = booksOf(renamed.events).blocks.filter(
    (block) => block.tag === tag && block.alloc !== null && block.free === null,
  );
  return {
    truth: renamed,
    fn: renamed.scenarios[0].leak?.fn ?? '',
    process: requester,
    left: blocks.flatMap(({ alloc }) => (alloc === null ? [] : [alloc])),
    bytesPerSecond: (shape.leaks * bytes) / (scene.lengthMs / 1000),
  };
}

const shortUs = (random: Random): number => 2_000 + Math.ceil(exponential(random) * 300_000);

interface Traffic {
  readonly tag: string;
  readonly poolType: number;
  readonly bytes: number;
  readonly path: Path;
  readonly count: number;
}

/** Blocks with short lives; or, where `grows`, none is freed. */
function traffic(stage: Stage, { count, ...what }: Traffic, grows = false): void {
  for (const allocUs of timesWithin(stage.random, count * (grows ? 2 : 1), 0, stage.lengthUs, true)) {
    stage.add({ ...what, allocUs, freeUs: grows ? null : freedBy(stage, allocUs + shortUs(stage.random)) });
  }
}

/** Drivers get the names of the story, and their functions begin as those do. */
function withNames(truth: PoolTruth, names: ReadonlyMap<Driver, DriverName>): PoolTruth {
  const fileOf = (module: string): string => names.get(module as Driver)?.file ?? module;
  const fnOf = (module: string, fn: string): string => {
    const name = names.get(module as Driver);
    return name === undefined ? fn : `${name.dpc.slice(0, 2)}${fn.slice(DRIVERS[module as Driver].length)}`;
  };
  const frame = (one: PoolFrame): PoolFrame => ({ ...one, module: fileOf(one.module), fn: fnOf(one.module, one.fn) });
  const module = (one: PoolModule): PoolModule => ({
    ...one,
    name: fileOf(one.name),
    path: one.path.replace(one.name, fileOf(one.name)),
  });
  return {
    ...truth,
    modules: truth.modules.map(module),
    stacks: truth.stacks.map((stack) => ({ ...stack, frames: stack.frames.map(frame) })),
    scenarios: truth.scenarios.map((one) => ({
      ...one,
      leak:
        one.leak === null
          ? null
          : { ...one.leak, module: fileOf(one.leak.module), fn: fnOf(one.leak.module, one.leak.fn) },
    })),
  };
}
