/** Threads at which chains end. */
import { type Draft, isSystem, newLock, newThread, programs, type ThreadDraft } from './draft.js';
import { addressPlus, chance, DRIVERS, IO_DRIVERS, isWide, SERVERS } from './machine.js';
import { type DumpIrp, type DumpProcess, driverNode, processNode, type RootWhy, remoteNode } from './truth.js';
import { canBeAwaited, HOP_KINDS, type HopKind, request, waiterFor, waitForThread } from './waits.js';

type Ending = (draft: Draft) => ThreadDraft;

const sleeping: Ending = (draft) => ended(draft, draft.random.pick(draft.processes), 'sleep', 'sleep');
const onEvent: Ending = (draft) => ended(draft, draft.random.pick(draft.processes), 'event', 'unknown');
const messageBox: Ending = (draft) => ended(draft, draft.random.pick(programs(draft)), 'message-box', 'message-box');

function ended(draft: Draft, process: DumpProcess, kind: 'sleep' | 'event' | 'message-box', why: RootWhy): ThreadDraft {
  const thread = newThread(draft, process);
  thread.wait = { kind };
  thread.end = { why, isFirm: true };
  return thread;
}

const atDriver: Ending = (draft) => {
  const { random } = draft;
  const thread = newThread(draft, random.pick(programs(draft)));
  const { object } = DRIVERS[random.pick(IO_DRIVERS)];
  const irp = newIrp(draft, thread, {
    driver: object,
    fileName: null,
    major: random.pick([3, 4, 0xe]),
    minor: 0,
    shownBy: chance(random, 0.75) ? 'irp' : 'irpfind',
  });
  thread.wait = { kind: 'io', irp };
  draft.edges.push({
    from: thread.address,
    to: driverNode(object),
    kind: 'irp',
    object: irp.address,
    certain: true,
    source: irp.shownBy === 'irp' ? 'irp' : 'irpfind',
  });
  return thread;
};

const atServer: Ending = (draft) => {
  const { random } = draft;
  const thread = newThread(draft, random.pick(draft.processes));
  const server = random.pick(SERVERS);
  const fileName = `\\${server}\\${random.pick(['IPC$', 'data', 'profiles$', 'builds'])}`;
  const { object } = DRIVERS.Mup;
  const irp = newIrp(draft, thread, { driver: object, fileName, major: 0, minor: 0, shownBy: 'irp' });
  thread.wait = { kind: 'io', irp };
  draft.edges.push({
    from: thread.address,
    to: remoteNode(server),
    kind: 'irp',
    object: irp.address,
    certain: true,
    source: 'file',
  });
  return thread;
};

export function newIrp(
  draft: Draft,
  thread: ThreadDraft,
  rest: Pick<DumpIrp, 'driver' | 'fileName' | 'major' | 'minor' | 'shownBy'>,
): DumpIrp {
  const { nonpaged } = draft.spaces;
  const irp = {
    address: nonpaged.next(),
    thread: thread.address,
    device: nonpaged.next(),
    file: nonpaged.next(),
    ...rest,
  };
  thread.irps.push(irp.address);
  draft.irps.push(irp);
  return irp;
}

const onProcess: Ending = (draft) => {
  const { random } = draft;
  const thread = newThread(draft, random.pick(draft.processes));
  const others = programs(draft).filter((other) => other.address !== thread.process.address);
  const process = random.pick(others.length > 0 ? others : programs(draft));
  thread.wait = { kind: 'process', process };
  draft.edges.push({
    from: thread.address,
    to: processNode(process.address),
    kind: 'process',
    object: process.address,
    certain: true,
    source: 'wait-object',
  });
  return thread;
};

const unserved: Ending = (draft) => {
  const { random } = draft;
  const thread = newThread(draft, random.pick(programs(draft)));
  const others = programs(draft).filter((other) => other.address !== thread.process.address);
  request(draft, thread, random.pick(others.length > 0 ? others : programs(draft)), null);
  return thread;
};

const onPushLock: Ending = (draft) => {
  const { random } = draft;
  const thread = newThread(draft, random.pick(draft.processes));
  const lock = newLock(draft, { kind: 'push-lock', address: draft.spaces.nonpaged.next() });
  lock.exclusiveWaiters.push(thread);
  thread.wait = { kind: 'push-lock', lock };
  draft.edges.push({
    from: thread.address,
    to: 'unknown',
    kind: 'push-lock',
    object: lock.address,
    certain: true,
    source: 'stack',
  });
  return thread;
};

/** Owners that do not wait: worth nothing unless somebody waits for them. */
const ready = owner({ why: 'starved', isFirm: true }, (thread) => {
  thread.state = 'READY';
});
const terminated = owner({ why: 'terminated', isFirm: true }, (thread) => {
  thread.state = 'TERMINATED';
});
const running = owner({ why: 'unknown', isFirm: false }, (thread) => {
  thread.state = 'RUNNING';
});
const missing = owner({ why: 'missing-thread', isFirm: true }, (thread) => {
  thread.isPrinted = false;
});
const missingById = owner({ why: 'missing-thread', isFirm: true }, (thread) => {
  thread.isPrinted = false;
  thread.isIdOnly = true;
});

function owner(end: NonNullable<ThreadDraft['end']>, change: (thread: ThreadDraft) => void): Ending {
  return (draft) => {
    const thread = newThread(draft, draft.random.pick(draft.processes));
    change(thread);
    thread.end = end;
    const kinds = HOP_KINDS.filter((kind) => canBeAwaited(draft, thread, kind));
    if (kinds.length === 0 || (thread.isIdOnly && isSystem(thread.process))) {
      // No section for it on this machine: an owner with an address then.
      thread.isIdOnly = false;
      addWaiter(draft, thread, 'eresource');
    } else addWaiter(draft, thread, draft.random.pick(kinds));
    return thread;
  };
}

export function addWaiter(draft: Draft, target: ThreadDraft, kind: HopKind): ThreadDraft {
  const waiter = waiterFor(draft, target, kind);
  waitForThread(draft, waiter, target, kind);
  return waiter;
}

export const sleepingOwner = sleeping;

/** Of the kinds that there are on this Windows. */
export function addEnd(draft: Draft): ThreadDraft {
  const { random, generation } = draft;
  const plain = [sleeping, onEvent, messageBox, atDriver, atDriver, atServer, onProcess, unserved];
  const owners = [ready, terminated, missing, missingById, running];
  const all = generation === 'xp' ? [...plain, ...owners] : [...plain, onPushLock, ...owners];
  return random.pick(all)(draft);
}

/** What hangs on its thread without being waited for. */
export function addIdleIrp(draft: Draft, thread: ThreadDraft): void {
  newIrp(draft, thread, {
    driver: '\\FileSystem\\Npfs',
    fileName: null,
    major: 3,
    minor: 0,
    shownBy: null,
  });
}

/** A timer within the thread makes a wait a timed one. */
export function addTimer(draft: Draft, thread: ThreadDraft): void {
  const address = addressPlus(thread.address, isWide(draft.generation) ? 0x158 : 0x78);
  thread.extraObjects.push({ address, type: 'NotificationTimer', owner: null });
}
