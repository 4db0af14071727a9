/**
 * A second simulator, independent of the scenarios: families of what tags do on real machines, most of it no leak. Each member of a
 * family is one tag of one trace, so that many seeds cost one file.
 */
import { type Random, seeded } from '../random.js';
import type { PoolEvent, PoolFrame, PoolModule, PoolProcess, PoolStack, PoolTruth } from './model.js';

/** A block's life in shares of the trace: below 0 it is older, above 1 it outlives it. */
export interface Life {
  readonly from: number;
  readonly to: number;
  /** Path of the driver that allocates it; 0 where not given. */
  readonly path?: number;
}

export interface Family {
  readonly name: string;
  /** `none`: never `leak`. `doubtful`: no more than `leak` with low confidence. `leak`: mostly found. */
  readonly truth: 'none' | 'doubtful' | 'leak';
  /** Paths that leak; all others must never be blamed. */
  readonly guilty: readonly number[];
  readonly lives: (random: Random) => Life[];
}

const NEVER = 9;
const exponential = (random: Random): number => -Math.log(1 - random.next());
const many = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));

/** Times of a Poisson process with `rate` arrivals a trace. */
function arrivals(random: Random, rate: number, from: number, to: number): number[] {
  const times: number[] = [];
  for (let at = from + exponential(random) / rate; at < to; at += exponential(random) / rate) times.push(at);
  return times;
}

/** Blocks that come evenly from `begin` on; those from before the trace that live into it, too. */
const stream = (random: Random, rate: number, begin: number, lifetime: () => number, path = 0): Life[] =>
  arrivals(random, rate, begin, 1)
    .map((from) => ({ from, to: from + lifetime(), path }))
    .filter(({ to }) => to >= 0);

const kept = (n: number, when: () => number, path = 0): Life[] => many(n, () => ({ from: when(), to: NEVER, path }));

/** Until the trace is full of them: of the early ones more. */
function saturating(random: Random, n: number, tau: number): Life[] {
  const lives: Life[] = [];
  while (lives.length < n) {
    const from = tau * exponential(random);
    if (from < 1) lives.push({ from, to: NEVER });
  }
  return lives;
}

const family = (
  name: string,
  truth: Family['truth'],
  lives: Family['lives'],
  guilty: readonly number[] = truth === 'leak' ? [0] : [],
): Family => ({ name, truth, guilty, lives });

/** As many come as go, and each as old as the others: 200 blocks by path `path`. */
const turnover = (random: Random, path: number): Life[] => [
  ...many(200, () => ({ from: -1, to: random.next(), path })),
  ...kept(200, random.next, path),
];

export const FAMILIES: readonly Family[] = [
  ...[0.4, 0.7, 0.85, 0.9].map((stop) =>
    family(`cache of 200 filled until ${stop}`, 'none', (r) => kept(200, () => stop * r.next())),
  ),
  ...[0.2, 0.4, 0.6].map((tau) =>
    family(`cache of 400 that fills ever more slowly, ${tau}`, 'none', (r) => saturating(r, 400, tau)),
  ),
  family('cache of 20 filled until 0.85', 'doubtful', (r) => kept(20, () => 0.85 * r.next())),
  family('cache of 60 that fills ever more slowly, 0.5', 'doubtful', (r) => saturating(r, 60, 0.5)),
  family('cache filled in 4 steps', 'none', (r) =>
    many(4, (i) => kept(40, () => (0.9 * i) / 4 + 0.1 + 0.005 * exponential(r))).flat(),
  ),
  family('cache trimmed at 0.7 that fills again', 'none', (r) =>
    many(400, () => {
      const from = r.next();
      return { from, to: from < 0.7 ? 0.7 + 0.001 * r.next() : NEVER };
    }),
  ),
  family('lives as long as the trace, from before', 'none', (r) => stream(r, 300, -8, () => exponential(r))),
  family('lives for 0.4 of the trace, begins in it', 'none', (r) => stream(r, 400, 0.1, () => 0.4 * exponential(r))),
  family('lives for 0.2 of the trace, begins in it', 'none', (r) => stream(r, 400, 0.3, () => 0.2 * exponential(r))),
  family('heavy tail from before', 'none', (r) => stream(r, 2000, -20, () => 0.0005 / (1 - r.next()) ** 1.2)),
  family('one of 20 lives for 0.6 of the trace, begins', 'none', (r) =>
    stream(r, 1500, 0, () => (r.next() < 0.05 ? 0.6 : 0.0005 * exponential(r))),
  ),
  family('freed by a collector ten times', 'none', (r) =>
    stream(r, 1000, -0.2, () => 0).map(({ from }) => ({ from, to: Math.ceil(from * 10) / 10 + 0.0001 })),
  ),
  family('freed at the end only', 'none', (r) =>
    many(300, () => {
      const from = 0.95 * r.next();
      return { from, to: 0.95 + 0.01 * r.next() };
    }),
  ),
  family('load that rises tenfold', 'none', (r) =>
    stream(r, 3000, -0.2, () => 0.005 * exponential(r)).filter(({ from }) => r.next() < 0.1 + 0.9 * Math.max(0, from)),
  ),
  family('turnover by a path that also frees at once', 'none', (r) => [
    ...turnover(r, 0),
    ...stream(r, 800, 0, () => 0.0005 * exponential(r)),
  ]),
  family('a leak', 'leak', (r) => kept(150, r.next)),
  family('a leak from half of the trace on', 'leak', (r) => kept(150, () => 0.5 + 0.5 * r.next())),
  family('one of 100 of a busy path', 'leak', (r) =>
    stream(r, 6000, -0.01, () => 0.0002 * exponential(r)).map((life) =>
      life.from > 0 && r.next() < 0.01 ? { ...life, to: NEVER } : life,
    ),
  ),
  family(
    'sixty among the coming and going of a large population',
    'leak',
    (r) => [...stream(r, 5000, -0.3, () => 0.05 * exponential(r)), ...kept(60, r.next, 1)],
    [1],
  ),
  family(
    'a leak beside turnover by a path that also frees at once',
    'leak',
    (r) => [...turnover(r, 0), ...stream(r, 800, 0, () => 0.0005 * exponential(r)), ...kept(600, r.next, 1)],
    [1],
  ),
  family(
    'two paths that leak beside one that does not',
    'leak',
    (r) => [...stream(r, 3000, -0.1, () => 0.001 * exponential(r)), ...kept(200, r.next, 1), ...kept(100, r.next, 2)],
    [1, 2],
  ),
];

const BASE = 0xfffff80342000000n;
const SIZE = 0x100000n;
const SYSTEM: PoolProcess = {
  name: 'System',
  pid: 4,
  parentPid: 0,
  sessionId: 0,
  threads: [{ pid: 4, tid: 8, homeCpu: 0 }],
};
const moduleOf = (name: string, i: number): PoolModule => ({
  name,
  path: `\\SystemRoot\\System32\\drivers\\${name}`,
  base: BASE + BigInt(i) * SIZE,
  size: SIZE,
  kernel: true,
  pids: [4],
});

/** Paths that a driver may allocate by. */
const PATHS = 3;

function stacksOf(modules: readonly PoolModule[]): PoolStack[] {
  const frame = ({ name, base }: PoolModule, fn: string, offset: number): PoolFrame => ({
    module: name,
    fn,
    offset,
    address: base + BigInt(0x1000 + offset),
  });
  const [nt, ...drivers] = modules;
  return drivers.flatMap((driver, i) =>
    many(PATHS + 1, (path) => ({
      id: i * (PATHS + 1) + path,
      frames: [
        frame(nt, path < PATHS ? 'ExAllocatePoolWithTag' : 'ExFreePoolWithTag', 0x20),
        frame(driver, path < PATHS ? `Path${path}` : 'Free', 0x100 * (path + 1)),
        frame(nt, 'ExpWorkerThread', 0x200),
        frame(nt, 'PspSystemThreadStartup', 0x300),
      ],
      kernelFrames: 4,
    })),
  );
}

export const familyTag = (i: number): string => `F${String(i).padStart(3, '0')}`;

/** One trace in which tag `i` is the family by seed `i`; beside them a tag whose blocks are freed. */
export function simulateFamily({ name, lives }: Family, seeds: number, lengthUs: number): PoolTruth {
  const modules = ['ntoskrnl.exe', ...many(seeds + 1, (i) => `drv${i}.sys`)].map(moduleOf);
  const busy = (random: Random): Life[] => stream(random, 500, 0, () => 0.001 * exponential(random));
  const events: PoolEvent[] = [];
  let block = 0;
  for (let i = 0; i <= seeds; i++) {
    const random = seeded(
      7919 * (i + 1) + [...name].reduce((sum, c) => (Math.imul(sum, 31) + c.charCodeAt(0)) >>> 0, 7),
    );
    for (const { from, to, path = 0 } of i === seeds ? busy(random) : lives(random)) {
      block++;
      const use = {
        address: 0xffffa00000000000n + BigInt(block) * 0x100n,
        bytes: 128,
        tag: familyTag(i),
        poolType: 512,
        pid: 4,
        tid: 8,
        cpu: 0,
        block,
      };
      const stack = i * (PATHS + 1);
      if (from >= 0 && from <= 1)
        events.push({ ...use, atUs: Math.floor(from * lengthUs), op: 'alloc', stack: stack + path });
      if (to >= 0 && to <= 1)
        events.push({ ...use, atUs: Math.floor(to * lengthUs), op: 'free', stack: stack + PATHS });
    }
  }
  // Of one time, in the order in which they were made: a free never comes before its allocation.
  events.sort((a, b) => a.atUs - b.atUs);
  return {
    seed: 0,
    name: 'families',
    startFiletime: 133_600_000_000_000_000n,
    cpus: 1,
    lengthUs,
    writtenUs: lengthUs,
    modules,
    processes: [SYSTEM],
    stacks: stacksOf(modules),
    events,
    written: events,
    lost: null,
    stacksOf: 'all',
    doubleFrees: [],
    scenarios: [],
    population: [],
  };
}
