/** What scenarios have in common: they put planned blocks on the stage; timeline.ts plays them. */
import type { Random } from '../random.js';
import { DRIVERS, type Driver, type Machine, shuffled } from './machine.js';
import {
  isPagedType,
  type LeakTruth,
  type PoolProcess,
  type Scenario,
  type ScenarioKind,
  type Verdict,
} from './model.js';
import { type Path, pathOf, type Site, type SiteOptions, StackBook, siteOf } from './paths.js';

/** A block to come. */
export interface Plan {
  readonly tag: string;
  readonly poolType: number;
  readonly bytes: number;
  readonly path: Path;
  /** Below 0: before the trace. */
  readonly allocUs: number;
  /** Null: not in this trace. */
  readonly freeUs: number | null;
  /** Freed once more, by mistake. */
  readonly againUs?: number;
}

/** Invented tags, some with characters that readers stumble over. */
const TAGS = [
  'FnRx',
  'GmCb',
  'Vpn ',
  'Hp#1',
  'ShEv',
  'AdBf',
  'Ec  ',
  'FgCx',
  'CcLk',
  'TkOb',
  'TkCt',
  'TkBf',
  'Mt:k',
  'qUe!',
];
/** Every trace has all of these, as it has at least as many scenarios. */
const POOL_TYPES = [512, 1, 0, 33, 512, 1, 544, 32] as const;

export class Stage {
  readonly plans: Plan[] = [];
  readonly scenarios: Scenario[] = [];
  readonly book: StackBook;
  readonly #tags: string[];
  readonly #types: number[];
  readonly #drivers: Driver[];

  constructor(
    readonly random: Random,
    readonly machine: Machine,
    readonly lengthUs: number,
    /** Of the numbers of blocks, against those of a trace of full size. */
    readonly scale: number,
  ) {
    this.book = new StackBook(machine);
    this.#tags = shuffled(random, TAGS);
    this.#types = shuffled(random, POOL_TYPES);
    this.#drivers = shuffled(random, Object.keys(DRIVERS) as Driver[]);
  }

  /** One that no scenario has yet. */
  tag(): string {
    return taken(this.#tags);
  }

  poolType(): number {
    return taken(this.#types);
  }

  driver(): Driver {
    return taken(this.#drivers);
  }

  get programs(): readonly PoolProcess[] {
    return this.machine.processes.slice(1);
  }

  site(driver: Driver, what: string, options: SiteOptions = {}): Site {
    return siteOf(this.book, this.random, driver, what, options);
  }

  path(site: Site, process: PoolProcess): Path {
    return pathOf(this.book, site, site.entry === 'worker' ? this.machine.processes[0] : process);
  }

  /** How many blocks: from `low` to `high`, in a trace of full size. */
  count(low: number, high: number): number {
    return Math.ceil(this.random.whole(low, high) * this.scale);
  }

  /** A fraction of the trace, in µs. */
  share(fraction: number): number {
    return Math.round(this.lengthUs * fraction);
  }

  add(plan: Plan): void {
    this.plans.push(plan);
  }

  expect(kind: ScenarioKind, tag: string, poolType: number, verdicts: readonly Verdict[], leak?: LeakTruth): void {
    this.scenarios.push({ kind, tag, poolType, paged: isPagedType(poolType), verdicts, leak: leak ?? null });
  }
}

function taken<T>(items: T[]): T {
  const item = items.pop();
  if (item === undefined) throw new Error('nothing is left to take');
  return item;
}

/** Sizes as drivers have them; now and then large ones. */
export function blockBytes(random: Random): number {
  if (random.next() < 0.1) return 4096 * random.whole(1, 4);
  return random.pick([32, 48, 80, 112, 160, 256, 368, 512, 1040, 2000]) + 8 * random.whole(0, 3);
}

/**
 * Exponentially distributed with mean 1, by von Neumann's comparisons: Math.log need not give the same last digit everywhere.
 */
export function exponential(random: Random): number {
  for (let whole = 0; ; whole++) {
    const first = random.next();
    let last = first;
    let run = 1;
    for (let next = random.next(); next <= last; next = random.next()) {
      last = next;
      run++;
    }
    if (run % 2 === 1) return whole + first;
  }
}

/** Times of `count` events within [fromUs, toUs), in equal steps or at random. */
export function timesWithin(random: Random, count: number, fromUs: number, toUs: number, even: boolean): number[] {
  const spanUs = toUs - fromUs;
  const at = (i: number): number => (even ? (i + random.next()) / count : random.next());
  return Array.from({ length: count }, (_, i) => Math.floor(fromUs + at(i) * spanUs)).sort((a, b) => a - b);
}

/** Null where the trace ends before. */
export const freedBy = (stage: Stage, atUs: number): number | null => (atUs < stage.lengthUs ? atUs : null);
