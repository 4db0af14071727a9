/** The scenarios that leak. */
import { DRIVERS } from './machine.js';
import type { PoolProcess } from './model.js';
import type { Path, Site } from './paths.js';
import { blockBytes, exponential, freedBy, type Stage, timesWithin } from './stage.js';

const LEAK: readonly ['leak'] = ['leak'];

function leakOf(site: Site, path: Path) {
  const { name, pid } = path.process;
  return { stack: path.allocStack, module: site.driver, fn: site.fn, process: name, pid };
}

/**
 * One of several ways to allocate a tag leaks: of the blocks that it allocates for one process, one in `k` is never freed, or
 * none ever is. The same place in the driver serves other processes, and their blocks are freed.
 */
export function slowLeak(stage: Stage): void {
  const { random } = stage;
  const [tag, poolType, driver] = [stage.tag(), stage.poolType(), stage.driver()];
  const [requester, ...others] = requesters(stage);
  const leaking = stage.site(driver, 'Query', { verifier: random.next() < 0.4 });
  const leakPath = stage.path(leaking, requester);
  const k = random.next() < 0.5 ? 1 : random.whole(2, 6);
  const use = { tag, poolType, meanUs: stage.share(0.002 + 0.01 * random.next()) };
  traffic(stage, { ...use, path: leakPath, bytes: blockBytes(random), count: stage.count(60, 180) * k, k });
  for (const process of others) {
    const path = stage.path(leaking, process);
    traffic(stage, { ...use, path, bytes: blockBytes(random), count: stage.count(40, 160) });
  }
  const ways = ['Open', 'Send', 'Notify', 'Map', 'Attach'].slice(0, random.whole(3, 5));
  for (const what of ways) {
    const site = stage.site(driver, what, { verifier: random.next() < 0.2 });
    const path = stage.path(site, random.pick(stage.programs));
    traffic(stage, { ...use, path, bytes: blockBytes(random), count: stage.count(60, 240) });
  }
  stage.expect('slow-leak', tag, poolType, LEAK, leakOf(leaking, leakPath));
}

/** The process that makes the driver leak, and one or two more that use it in the same way. */
function requesters(stage: Stage): PoolProcess[] {
  const first = stage.random.whole(0, stage.programs.length - 1);
  const turned = [...stage.programs.slice(first), ...stage.programs.slice(0, first)];
  return turned.slice(0, stage.random.whole(2, 3));
}

interface Use {
  readonly tag: string;
  readonly poolType: number;
  readonly path: Path;
  readonly bytes: number;
  readonly count: number;
  readonly meanUs: number;
  /** Of so many blocks the last one is never freed. */
  readonly k?: number;
}

/** Blocks with short lives, all through the trace. */
function traffic(stage: Stage, { count, meanUs, k, ...what }: Use): void {
  const times = timesWithin(stage.random, count, 0, stage.lengthUs, true);
  for (const [i, allocUs] of times.entries()) {
    const endUs = allocUs + 20 + Math.ceil(exponential(stage.random) * meanUs);
    const leaks = k !== undefined && i % k === k - 1;
    stage.add({ ...what, allocUs, freeUs: leaks ? null : freedBy(stage, endUs) });
  }
}

/** An object made of blocks with three tags, of the third two at a time; none is ever freed. */
export function groupLeak(stage: Stage): void {
  const { random } = stage;
  const [poolType, driver] = [stage.poolType(), stage.driver()];
  const entry = random.pick(['ioctl', 'create', 'worker'] as const);
  const process = random.pick(stage.programs);
  const fn = `${DRIVERS[driver]}CreateSession`;
  const parts = [1, 1, 2].map((each) => {
    const site = stage.site(driver, 'Session', { entry, fn });
    return { each, tag: stage.tag(), bytes: blockBytes(random), site, path: stage.path(site, process) };
  });
  for (const startUs of timesWithin(random, random.whole(25, 55), 0, stage.share(0.999), true)) {
    let allocUs = startUs;
    for (const { each, tag, bytes, path } of parts) {
      for (let i = 0; i < each; i++) {
        stage.add({ tag, poolType, bytes, path, allocUs, freeUs: null });
        allocUs += random.whole(2, 30);
      }
    }
  }
  for (const { tag, site, path } of parts) stage.expect('group-leak', tag, poolType, LEAK, leakOf(site, path));
}
