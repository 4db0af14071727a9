/** The scenarios that look like leaks in one way or another, and are none. */
import type { PoolProcess } from './model.js';
import type { Path } from './paths.js';
import { blockBytes, exponential, freedBy, type Plan, type Stage, timesWithin } from './stage.js';

function anyPath(stage: Stage, what: string, process?: PoolProcess): Path {
  const entry = stage.random.pick(['ioctl', 'write', 'create', 'worker'] as const);
  const site = stage.site(stage.driver(), what, { entry, verifier: stage.random.next() < 0.15 });
  return stage.path(site, process ?? stage.random.pick(stage.programs));
}

/** Grows, then levels off, and is never given back: linearly, or ever more slowly. */
export function cache(stage: Stage): void {
  const { random } = stage;
  const use = {
    tag: stage.tag(),
    poolType: stage.poolType(),
    bytes: blockBytes(random),
    path: anyPath(stage, 'Lookup'),
  };
  const stopUs = stage.share(0.3 + 0.4 * random.next());
  const count = stage.count(150, 500);
  const linear = random.next() < 0.5;
  const times = linear ? timesWithin(random, count, 0, stopUs, true) : saturating(stage, count, stopUs);
  for (const allocUs of times) stage.add({ ...use, allocUs, freeUs: null });
  stage.expect('cache', use.tag, use.poolType, ['steady']);
}

/** Their number grows as 1 - exp(-t). */
function saturating({ random }: Stage, count: number, stopUs: number): number[] {
  const scale = random.whole(3, 5);
  const times: number[] = [];
  while (times.length < count) {
    const at = exponential(random);
    if (at < scale) times.push(Math.floor((at / scale) * stopUs));
  }
  return times;
}

/** Many blocks at once, which are freed late but all of them. */
export function burst(stage: Stage): void {
  const { random } = stage;
  const use = { tag: stage.tag(), poolType: stage.poolType(), bytes: blockBytes(random), path: anyPath(stage, 'Scan') };
  const fromUs = stage.share(0.2 + 0.25 * random.next());
  const untilUs = stage.share(0.6 + 0.25 * random.next());
  const spanUs = stage.share(0.01 + 0.04 * random.next());
  const count = stage.count(150, 500);
  const ends = timesWithin(random, count, untilUs, untilUs + spanUs, false);
  const starts = timesWithin(random, count, fromUs, fromUs + spanUs, false);
  for (const [i, allocUs] of starts.entries()) stage.add({ ...use, allocUs, freeUs: ends[i] });
  stage.expect('burst', use.tag, use.poolType, ['transient']);
}

/** Blocks of before the trace are freed as fast as others are allocated that outlive it. */
export function turnover(stage: Stage): void {
  const { random } = stage;
  const use = {
    tag: stage.tag(),
    poolType: stage.poolType(),
    bytes: blockBytes(random),
    path: anyPath(stage, 'Renew'),
  };
  const count = stage.count(120, 400);
  for (const freeUs of timesWithin(random, count, 0, stage.lengthUs, true)) {
    stage.add({ ...use, allocUs: -random.whole(1, 3_600_000_000), freeUs });
  }
  for (const allocUs of timesWithin(random, count, 0, stage.lengthUs, true)) {
    stage.add({ ...use, allocUs, freeUs: null });
  }
  stage.expect('turnover', use.tag, use.poolType, ['steady']);
}

/** Too few to tell. */
export function few(stage: Stage): void {
  const { random } = stage;
  const use = {
    tag: stage.tag(),
    poolType: stage.poolType(),
    bytes: blockBytes(random),
    path: anyPath(stage, 'Start'),
  };
  const times = timesWithin(random, random.whole(3, 5), stage.share(0.05), stage.share(0.95), false);
  for (const allocUs of times) stage.add({ ...use, allocUs, freeUs: null });
  stage.expect('few', use.tag, use.poolType, ['insufficient', 'steady']);
}

/** Traffic in balance, under three tags; one of them is used in paged and in nonpaged pool. It makes up `events` events. */
export function steadyTraffic(stage: Stage, events: number): void {
  const [first, second, third] = [stage.tag(), stage.tag(), stage.tag()];
  const streams = [
    { tag: first, poolType: 512, part: 0.35 },
    { tag: first, poolType: 1, part: 0.15 },
    { tag: second, poolType: stage.poolType(), part: 0.3 },
    { tag: third, poolType: stage.poolType(), part: 0.2 },
  ];
  const driver = stage.driver();
  for (const [i, { tag, poolType, part }] of streams.entries()) {
    const sites = ['Read', 'Write', 'Poll'].map((what) => stage.site(driver, `${what}${i}`));
    const paths = sites.map((site) => stage.path(site, stage.random.pick(stage.programs)));
    stream(stage, { tag, poolType, paths, objects: Math.round((events * part) / 2) });
    stage.expect('traffic', tag, poolType, ['transient', 'steady']);
  }
}

interface Stream {
  readonly tag: string;
  readonly poolType: number;
  readonly paths: readonly Path[];
  readonly objects: number;
}

/** It went on before the trace as well, so that it is in balance from the first moment on. */
function stream(stage: Stage, { tag, poolType, paths, objects }: Stream): void {
  const { random, lengthUs } = stage;
  const meanUs = Math.ceil(lengthUs * (0.0005 + 0.03 * random.next() * random.next()));
  const bytes = paths.map(() => blockBytes(random));
  const beforeUs = 6 * meanUs;
  const count = Math.round(objects * (1 + beforeUs / lengthUs));
  for (const allocUs of timesWithin(random, count, -beforeUs, lengthUs, false)) {
    const endUs = allocUs + 20 + Math.ceil(exponential(random) * meanUs);
    const i = random.whole(0, paths.length - 1);
    if (endUs >= 0)
      stage.add({ tag, poolType, bytes: bytes[i], path: paths[i], allocUs, freeUs: freedBy(stage, endUs) });
  }
}

/** One to three blocks of the traffic are freed twice. Nobody gets their address in between. */
export function doubleFrees(stage: Stage): void {
  const { random, plans } = stage;
  const busy = new Set(stage.scenarios.filter(({ kind }) => kind === 'traffic').map(({ tag }) => tag));
  const canBe = ({ tag, allocUs, freeUs }: Plan): boolean =>
    busy.has(tag) && allocUs >= 0 && freeUs !== null && freeUs < stage.share(0.95);
  const places = plans.flatMap((plan, i) => (canBe(plan) ? [i] : []));
  for (let left = random.whole(1, 3); left > 0 && places.length > 0; left--) {
    const [place] = places.splice(random.whole(0, places.length - 1), 1);
    const plan = plans[place];
    plans[place] = { ...plan, againUs: (plan.freeUs ?? 0) + random.whole(1_000, stage.share(0.01)) };
  }
}
