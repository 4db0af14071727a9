/** Makes up, from a seed, who waits for whom. */
import { addCycle } from './cycles.js';
import { type Draft, isSystem, newLock, newThread, type ThreadDraft, waitersOf } from './draft.js';
import { addEnd, addIdleIrp, addTimer, addWaiter } from './ends.js';
import { finish } from './finish.js';
import { chance, IMAGES, isWide, shuffled, spacesOf, streamOf } from './machine.js';
import { type DumpProcess, type DumpTruth, type Generation, processNode } from './truth.js';
import { canBeAwaited, HOP_KINDS, joinQueue, newSection, resourcePlace, waitForResource } from './waits.js';

const MOST_HOPS = 6;

export function randomTruth(seed: number, generation: Generation): DumpTruth {
  const draft = newDraft(seed, generation);
  const { random } = draft;
  const size = random.whole(5, 40);
  // What is waited for may bring a thread or two more than planned.
  const busy = Math.max(3, Math.floor(size * 0.7)) - 2;
  const cycles = random.whole(0, Math.min(3, Math.floor(busy / 4)));
  for (let i = 0; i < cycles; i++) {
    const room = busy - draft.threads.length - (cycles - 1 - i) * 2;
    if (room >= 2) addCycle(draft, random.whole(2, Math.min(5, room)));
  }
  do addEnd(draft);
  while (draft.threads.length < busy * 0.5);
  while (draft.threads.length < busy) {
    if (chance(random, 0.2)) addQueue(draft, busy);
    else addVictim(draft);
  }
  addTroubles(draft);
  while (draft.threads.length < size) addIdle(draft);
  return finish(draft);
}

function newDraft(seed: number, generation: Generation): Draft {
  const random = streamOf(seed, generation);
  const spaces = spacesOf(random, generation);
  let id = 4 * random.whole(60, 200);
  const nextId = (): number => {
    id += 4 * random.whole(1, 20);
    return id;
  };
  let message = random.whole(0x1000, 0xffffff);
  const nextMessageId = (): number => {
    message += random.whole(1, 400);
    return message;
  };
  const images = shuffled(random, IMAGES).slice(0, random.whole(2, 9));
  const process = (image: string, pid: number, parentPid: number, sessionId: number | null): DumpProcess => ({
    address: spaces.nonpaged.next(),
    pid,
    parentPid,
    image,
    sessionId,
    peb: pid === 4 ? 0n : (isWide(generation) ? 0xee6cf70000n : 0x7ffd0000n) + BigInt(random.whole(0, 15)) * 0x1000n,
    handleCount: random.longTailed(300, 1),
  });
  const system = process('System', 4, 0, null);
  const others = images.map((image) => process(image, nextId(), nextId(), random.whole(0, 1)));
  return {
    seed,
    random,
    generation,
    spaces,
    processes: [system, ...others],
    threads: [],
    locks: [],
    messages: [],
    irps: [],
    edges: [],
    nextId,
    nextMessageId,
  };
}

/** One more thread that waits, rather for one that waits itself. */
function addVictim(draft: Draft): void {
  const { random } = draft;
  const targets = shuffled(
    random,
    draft.threads.filter((thread) => !thread.isIdle && thread.depth < MOST_HOPS),
  );
  if (targets.length === 0) {
    addEnd(draft);
    return;
  }
  if (chance(random, 0.1) && addSharedOwners(draft, targets)) return;
  const [target] = targets.slice(0, 2).sort((a, b) => b.depth - a.depth);
  const kinds = HOP_KINDS.filter((kind) => canBeAwaited(draft, target, kind));
  if (kinds.length > 0) addWaiter(draft, target, random.pick(kinds));
  else addEnd(draft);
}

/** Several more threads that wait for a lock, if there is one. */
function addQueue(draft: Draft, busy: number): void {
  const { random } = draft;
  const isNear = ({ depth }: ThreadDraft): boolean => depth < MOST_HOPS;
  const locks = draft.locks.filter((lock) => waitersOf(lock).length > 0 && lock.owners.every(isNear));
  const lock = locks.length === 0 ? null : random.pick(locks);
  if (lock === null || !joinQueue(draft, lock)) {
    addVictim(draft);
    return;
  }
  for (let more = random.whole(0, 5); more > 0 && draft.threads.length < busy; more--) joinQueue(draft, lock);
}

/** A thread that waits for several at a time. */
function addSharedOwners(draft: Draft, targets: readonly ThreadDraft[]): boolean {
  const owners = targets.filter(({ isIdOnly }) => !isIdOnly).slice(0, draft.random.whole(2, 3));
  if (owners.length < 2) return false;
  waitForResource(draft, newThread(draft, draft.random.pick(draft.processes)), owners);
  return true;
}

/** What misleads: timers, IRPs that nobody waits for, old message ids, locks without waiters. */
function addTroubles(draft: Draft): void {
  const { random, generation, threads } = draft;
  for (const thread of threads.filter(({ isPrinted, state }) => isPrinted && state === 'WAIT')) {
    const { kind } = thread.wait;
    const mayBeTimed = kind === 'mutant' || kind === 'thread' || kind === 'process' || kind === 'event';
    if (mayBeTimed && chance(random, 0.2)) addTimer(draft, thread);
    if (kind !== 'io' && chance(random, 0.08)) addIdleIrp(draft, thread);
    if (generation !== 'win10' && thread.serves === null && !isSystem(thread.process) && chance(random, 0.12))
      thread.workingOn = draft.nextMessageId();
  }
  const owners = threads.filter(({ isPrinted, state }) => isPrinted && state === 'WAIT');
  for (const owner of owners) {
    if (!isSystem(owner.process) && chance(random, 0.1)) newSection(draft, owner);
    if (chance(random, 0.08)) newLock(draft, { kind: 'eresource', ...resourcePlace(draft), owners: [owner] });
  }
}

function addIdle(draft: Draft): void {
  const { random } = draft;
  const thread = newThread(draft, random.pick(draft.processes));
  thread.isIdle = true;
  const choice = random.next();
  if (choice < 0.1) thread.state = 'RUNNING';
  else if (choice < 0.2) waitForAny(draft, thread);
  else if (isSystem(thread.process)) thread.wait = { kind: 'idle-worker' };
  else thread.wait = { kind: random.pick(['idle-worker', 'idle-rpc', 'idle-gui']) };
  if (thread.wait.kind === 'idle-worker' && chance(random, 0.2)) addIdleIrp(draft, thread);
}

/** For an event or the end of another process: common, and nothing is wrong with it. */
function waitForAny(draft: Draft, thread: ThreadDraft): void {
  const process = draft.random.pick(draft.processes.filter((other) => !isSystem(other)));
  thread.wait = { kind: 'several', process };
  draft.edges.push({
    from: thread.address,
    to: processNode(process.address),
    kind: 'process',
    object: process.address,
    certain: false,
    source: 'one-of-several',
  });
}
