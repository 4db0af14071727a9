/** Gives the threads of a draft their times and stacks, and says what follows from its edges. */
import type { Random } from '../random.js';
import { type Draft, isSystem, type ThreadDraft } from './draft.js';
import { addressPlus, chance, isWide } from './machine.js';
import { chainsOf, cyclesOf, type Ends, rootsOf } from './roots.js';
import { framesOf, type StackPlace, startSymbolOf } from './stacks.js';
import type { Address, DumpEdge, DumpLock, DumpThread, DumpTruth, WaitObject } from './truth.js';
import { contendedSections } from './waits.js';

interface Clock {
  readonly nowTicks: number;
  readonly tickMs: number;
}

export function finish(draft: Draft): DumpTruth {
  const { random, generation } = draft;
  const clock: Clock = {
    nowTicks: random.whole(200_000, 20_000_000),
    tickMs: random.pick(generation === 'win10' ? [15.625] : [15.625, 15.625, 15.6, 10.0144]),
  };
  const cpus = random.pick(generation === 'xp' ? [1, 1, 2] : [2, 4, 8]);
  const times = new Map<ThreadDraft, Times>();
  const timesOf = (thread: ThreadDraft): Times => {
    const known =
      times.get(thread) ?? waitTimes(random, clock, thread, targetTicks(thread, times), generation === 'win10');
    times.set(thread, known);
    return known;
  };
  const threads = draft.threads.map((thread) => finishThread(draft, thread, timesOf(thread), cpus));
  const edges = draft.edges.map((edge) => withSource(draft, edge));
  const ends: Ends = new Map(
    draft.threads.flatMap(({ address, end }) => (end === null ? [] : [[address, end] as const])),
  );
  return {
    seed: draft.seed,
    generation,
    pointerBytes: isWide(generation) ? 8 : 4,
    cpus,
    ...clock,
    processes: draft.processes,
    threads,
    locks: draft.locks.map(finishLock),
    messages: draft.messages,
    irps: draft.irps,
    edges,
    cycles: cyclesOf(edges),
    chains: chainsOf(edges, ends),
    roots: rootsOf(edges, ends),
    order: orderOf(threads),
  };
}

const addressesOf = (threads: readonly ThreadDraft[]): Address[] => threads.map(({ address }) => address);

function finishLock(lock: Draft['locks'][number]): DumpLock {
  return {
    ...lock,
    owners: addressesOf(lock.owners),
    sharedWaiters: addressesOf(lock.sharedWaiters),
    exclusiveWaiters: addressesOf(lock.exclusiveWaiters),
  };
}

/** On x64 it matters how many sections of the process have waiters. */
function withSource(draft: Draft, edge: DumpEdge): DumpEdge {
  if (edge.source !== 'only-contended') return edge;
  const waiter = draft.threads.find(({ address }) => address === edge.from) as ThreadDraft;
  const isOnly = contendedSections(draft, waiter.process).length === 1;
  return isOnly ? edge : { ...edge, source: 'only-other-contended' };
}

interface Times {
  readonly start: number | null;
  readonly ticks: number | null;
}

/** How long the thread waits that this one waits for, if that was decided before. */
function targetTicks({ wait }: ThreadDraft, times: ReadonlyMap<ThreadDraft, Times>): number | null {
  const target = wait.kind === 'thread' ? wait.target : 'lock' in wait ? wait.lock.owners[0] : undefined;
  return target === undefined ? null : (times.get(target)?.ticks ?? null);
}

function waitTimes(
  random: Random,
  { nowTicks }: Clock,
  thread: ThreadDraft,
  near: number | null,
  restartsWaits: boolean,
): Times {
  if (!thread.isPrinted) return { start: null, ticks: null };
  const ago = (ticks: number): Times => ({ start: nowTicks - ticks, ticks });
  if (thread.state === 'RUNNING') return ago(random.whole(0, 1));
  if (chance(random, 0.07)) return { start: nowTicks + random.whole(1, 300), ticks: null };
  if (thread.wait.kind === 'sleep' && chance(random, 0.35)) return ago(0);
  // Windows 10 begins to wait for a resource anew every 4 s.
  if (restartsWaits && thread.wait.kind === 'resource') return ago(random.whole(0, 255));
  if (near !== null && near > 10 && chance(random, 0.4))
    return ago(Math.min(near + random.whole(-10, 10), nowTicks - 1));
  return ago(Math.min(random.longTailed(20_000, 2.5), nowTicks - 1));
}

function finishThread(draft: Draft, thread: ThreadDraft, times: Times, cpus: number): DumpThread {
  const { random, generation, spaces } = draft;
  const { process, state, wait } = thread;
  const inUserMode = !isSystem(process);
  const stackBase = BigInt(spaces.kernelStack.next()) & ~0xfffn;
  const place: StackPlace = {
    kernelTop: stackBase,
    userTop: inUserMode ? BigInt(spaces.userStack.next()) & ~0xfffn : 0n,
  };
  const isWindowed = wait.kind === 'message-box' || wait.kind === 'idle-gui' || chance(random, 0.2);
  const wide = isWide(generation);
  const tebBase = wide ? 0xee6cf80000n : 0x7ff00000n;
  return {
    address: thread.address,
    pid: process.pid,
    tid: thread.tid,
    process: process.address,
    image: process.image,
    state: thread.isPrinted ? state : null,
    processor: state === 'READY' || state === 'RUNNING' ? random.whole(0, cpus - 1) : null,
    isPrinted: thread.isPrinted,
    isIdle: thread.isIdle,
    waitReason: reasonOf(thread, wide),
    waitMode: isKernelWait(thread) ? 'KernelMode' : 'UserMode',
    isAlertable: wait.kind === 'idle-worker' && chance(random, 0.5),
    waitObjects: thread.isPrinted && state === 'WAIT' ? waitObjectsOf(draft, thread) : [],
    waitStartTicks: times.start,
    waitTicks: times.ticks,
    teb: inUserMode && state !== 'TERMINATED' ? tebBase + BigInt((thread.tid >> 2) % 0xf0) * 0x1000n : 0n,
    win32Thread:
      inUserMode && isWindowed
        ? (wide ? 0xffffe001d1000000n : 0xbc000000n) + BigInt(random.whole(1, 0xffff)) * 16n
        : 0n,
    contextSwitches: random.longTailed(300, 3),
    userMs: inUserMode ? random.longTailed(30, 3) - 1 : 0,
    kernelMs: random.longTailed(15, 2) - 1,
    startSymbol: startSymbolOf(generation, process),
    stackBase,
    stackLimit: stackBase - (wide ? 0x6000n : 0x3000n),
    isResident: chance(random, 0.8),
    priority: random.whole(7, 13),
    frames: !thread.isPrinted || state === 'TERMINATED' ? [] : framesOf(draft, thread, place),
    irps: thread.irps,
    workingOn: thread.workingOn,
  };
}

const KERNEL_WAITS: readonly string[] = ['resource', 'fast-mutex', 'push-lock', 'io'];
const isKernelWait = ({ wait, process }: ThreadDraft): boolean => isSystem(process) || KERNEL_WAITS.includes(wait.kind);

function reasonOf({ wait, process }: ThreadDraft, wide: boolean): string {
  switch (wait.kind) {
    case 'lpc':
      return 'WrLpcReply';
    case 'section':
      return wide ? 'WrAlertByThreadId' : 'UserRequest';
    case 'resource':
      return wide ? 'WrResource' : 'Executive';
    case 'fast-mutex':
      return wide ? 'WrFastMutex' : 'Executive';
    case 'push-lock':
      return wide ? 'WrPushLock' : 'Executive';
    case 'sleep':
      return 'DelayExecution';
    case 'message-box':
    case 'idle-gui':
      return 'WrUserRequest';
    case 'idle-worker':
      return 'WrQueue';
    case 'idle-rpc':
      return 'WrLpcReceive';
    case 'io':
      return 'Executive';
    default:
      return isSystem(process) ? 'Executive' : 'UserRequest';
  }
}

function waitObjectsOf(draft: Draft, thread: ThreadDraft): WaitObject[] {
  const own = ownWaitObjects(draft, thread);
  return [...own, ...thread.extraObjects];
}

function ownWaitObjects({ generation, spaces }: Draft, { address, wait }: ThreadDraft): WaitObject[] {
  const object = (at: Address, type: string, owner: Address | null = null): WaitObject => ({
    address: at,
    type,
    owner,
  });
  const wide = isWide(generation);
  switch (wait.kind) {
    case 'lpc': {
      const semaphore = addressPlus(address, wide ? 0x570 : generation === 'xp' ? 0x1f4 : 0x1ec);
      return [object(semaphore, 'Semaphore Limit 0x1')];
    }
    case 'section':
      // Since Windows 8 a section's waiters wait for no object.
      return wide ? [] : [object(spaces.nonpaged.next(), 'SynchronizationEvent')];
    case 'mutant':
      return [object(wait.lock.address, 'Mutant - owning thread', wait.lock.owners[0].address)];
    case 'fast-mutex':
      return [object(addressPlus(wait.lock.address, wait.lock.eventOffset), 'SynchronizationEvent')];
    case 'resource':
      return [
        object(spaces.nonpaged.next(), wait.isShared ? 'Semaphore Limit 0x7fffffff' : 'SynchronizationEvent'),
        ...(wide ? [object(addressPlus(address, 0x158), 'NotificationTimer')] : []),
      ];
    case 'thread':
      return [object(wait.target.address, 'Thread')];
    case 'process':
      return [object(wait.process.address, 'ProcessObject')];
    case 'several':
      return [object(spaces.nonpaged.next(), 'NotificationEvent'), object(wait.process.address, 'ProcessObject')];
    case 'sleep':
      return [object(addressPlus(address, wide ? 0x158 : 0x78), 'NotificationTimer')];
    case 'idle-worker':
      return [object(spaces.nonpaged.next(), 'QueueObject')];
    case 'idle-rpc':
      return [object(spaces.nonpaged.next(), 'Semaphore Limit 0x7fffffff')];
    case 'io':
      return [object(spaces.nonpaged.next(), 'NotificationEvent')];
    default:
      return [object(spaces.nonpaged.next(), 'SynchronizationEvent')];
  }
}

function orderOf(threads: readonly DumpThread[]): DumpTruth['order'] {
  const rank = ({ waitTicks }: { readonly waitTicks: number | null }): number => waitTicks ?? -1;
  return threads
    .filter(({ isPrinted, state }) => isPrinted && state === 'WAIT')
    .map(({ address, waitTicks }) => ({ thread: address, waitTicks }))
    .sort((a, b) => rank(b) - rank(a) || (a.thread < b.thread ? -1 : 1));
}
