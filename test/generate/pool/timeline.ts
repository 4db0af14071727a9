/** Plays planned blocks: puts all allocations and frees in the order of time, and hands out addresses. */
import type { Random } from '../random.js';
import { isPagedType, isSessionType, type PoolEvent, type PoolThread } from './model.js';
import type { Plan, Stage } from './stage.js';

type What = 'alloc' | 'free' | 'again';
interface Action {
  readonly us: number;
  readonly what: What;
  readonly block: number;
}

/** So many threads run elsewhere than at home. */
const ELSEWHERE = 0.05;
/** So many blocks are freed by another thread of the process, perhaps. */
const OTHER_THREAD = 0.3;
/** Blocks of up to so many bytes lie in places of one size, so that an address serves many tags. */
const PLACE_BYTES = [512, 4096, 32768] as const;
const REGIONS = {
  nonpaged: 0xffffb18c40000000n,
  paged: 0xffffc68a20000000n,
  'session nonpaged': 0xffff8f0160000000n,
  'session paged': 0xffff8f2060000000n,
} as const;

/** Free places are handed out last in, first out. */
class Heap {
  readonly #free = new Map<string, bigint[]>();
  readonly #next = new Map<string, bigint>();

  take({ poolType, bytes }: Plan): bigint {
    const key = this.#key(poolType, bytes);
    const free = this.#free.get(key)?.pop();
    if (free !== undefined) return free;
    const address = this.#next.get(key) ?? this.#start(poolType, bytes);
    this.#next.set(key, address + BigInt(placeOf(bytes)));
    return address;
  }

  give(address: bigint, { poolType, bytes }: Plan): void {
    const key = this.#key(poolType, bytes);
    const free = this.#free.get(key);
    if (free === undefined) this.#free.set(key, [address]);
    else free.push(address);
  }

  #key(poolType: number, bytes: number): string {
    return `${regionOf(poolType)} ${placeOf(bytes)}`;
  }

  /** A block of 4096 bytes and more begins with a page; smaller ones have a header in front. */
  #start(poolType: number, bytes: number): bigint {
    const place = placeOf(bytes);
    return REGIONS[regionOf(poolType)] + BigInt(place) * 0x10000n + (place > 4096 ? 0n : 0x10n);
  }
}

function regionOf(poolType: number): keyof typeof REGIONS {
  const kind = isPagedType(poolType) ? 'paged' : 'nonpaged';
  return isSessionType(poolType) ? `session ${kind}` : kind;
}

/** Of the smallest places in which the block and its header find room. */
function placeOf(bytes: number): number {
  return PLACE_BYTES.find((place) => bytes + 16 <= place) ?? 65536;
}

/** The events of the trace; those of before are played, but not listed. No two events have the same time. */
export function play(stage: Stage): { events: PoolEvent[]; doubleFrees: PoolEvent[] } {
  const { random, plans } = stage;
  const heap = new Heap();
  const addresses = new Map<number, bigint>();
  const threads = plans.map(({ path }) => random.pick(path.process.threads));
  const events: PoolEvent[] = [];
  const doubleFrees: PoolEvent[] = [];
  let lastUs = 0;
  for (const { us, what, block } of actionsOf(plans)) {
    const plan = plans[block];
    const address = addresses.get(block) ?? heap.take(plan);
    addresses.set(block, address);
    if (what === 'again' || (what === 'free' && plan.againUs === undefined)) heap.give(address, plan);
    if (us < 0) continue;
    lastUs = Math.max(lastUs + 1, us);
    const who = contextOf(stage, plan, threads[block], what);
    events.push({ atUs: lastUs, op: what === 'alloc' ? 'alloc' : 'free', address, ...who, block });
    if (what === 'again') doubleFrees.push(events[events.length - 1]);
  }
  return { events, doubleFrees };
}

/** A block's own actions keep their order, as each is later than the one before. */
function actionsOf(plans: readonly Plan[]): Action[] {
  const actions: Action[] = [];
  for (const [block, { allocUs, freeUs, againUs }] of plans.entries()) {
    actions.push({ us: allocUs, what: 'alloc', block });
    if (freeUs !== null) actions.push({ us: freeUs, what: 'free', block });
    if (againUs !== undefined) actions.push({ us: againUs, what: 'again', block });
  }
  return actions.sort((a, b) => a.us - b.us);
}

function contextOf({ random, machine }: Stage, plan: Plan, owner: PoolThread, what: What) {
  const { tag, poolType, bytes, path } = plan;
  const thread = what === 'alloc' || random.next() >= OTHER_THREAD ? owner : random.pick(path.process.threads);
  return {
    tag,
    poolType,
    bytes,
    stack: what === 'alloc' ? path.allocStack : path.freeStack,
    pid: thread.pid,
    tid: thread.tid,
    cpu: cpuOf(random, thread, machine.cpus),
  };
}

const cpuOf = (random: Random, thread: PoolThread, cpus: number): number =>
  random.next() < ELSEWHERE ? random.whole(0, cpus - 1) : thread.homeCpu;
