/** Why the thread at the end of a chain stands still. */

import { blockerOf } from './blocker.js';
import type { Edge } from './edges/edge.js';
import type { Frame } from './frames.js';
import { onceForEach, routineOf } from './frames.js';
import type { Model, Thread } from './model.js';
import type { ChainRoot, EdgeKind, RootWhy } from './result.js';
import { isWaitingStack, stackWait, type WaitKind } from './waits.js';

const STARVED = new Set(['READY', 'STANDBY', 'TRANSITION', 'DEFERREDREADY']);

const NOT_SHOWN = 'the log shows nothing of it but that it owns or serves what is waited for';
const FREED =
  'the debugger says that there is no thread object: it has ended and was freed, and nobody will give back what it owned';

const OF_WAIT: Partial<Record<WaitKind, readonly [RootWhy, string]>> = {
  sleep: ['sleep', 'it sleeps'],
  'message-box': ['message-box', 'it shows a message box and waits for an answer'],
  'user-input': ['user-input', 'it waits for window messages'],
  'gui-message': [
    'unknown',
    'it has sent a window message and waits until another thread has handled it; which, the log does not show',
  ],
  rpc: ['remote', 'it waits for the reply of an RPC server over the network'],
};

/** The root at a process none of whose threads is known to work on the request. */
export function processRoot(model: Model, node: string, kind: EdgeKind): ChainRoot {
  const process = model.processAt(BigInt(node.slice('process:'.length)));
  const name = process?.image ?? node;
  const exiting = model.threadsOf(process).filter(({ frames }) => isExiting(frames));
  const statement =
    kind === 'process'
      ? `${name} has not ended`
      : exiting.length > 0
        ? `${name} is ending (${exiting[0].id} is in ${exitRoutine(exiting[0].frames)}); the thread that should answer is not there`
        : `${name} should answer; which of its threads works on it is not known`;
  return {
    node,
    why: kind === 'process' ? 'unknown' : 'missing-thread',
    statement,
    module: null,
    function: null,
    waitsFor: null,
    isDeadlock: false,
    isRunning: false,
    isPolling: false,
    sleepMs: null,
  };
}

const EXIT =
  /^(?:LdrShutdownProcess|_?ExitProcess|RtlExitUserProcess|NtTerminateProcess|PspTerminateAllThreads|PspTerminateProcess|exit|_?cexit|doexit)$/;
const exitFrame = onceForEach((frames) => frames.find(({ function: fn }) => fn !== null && EXIT.test(fn)));
export const isExiting = (frames: readonly Frame[]): boolean => exitFrame(frames) !== undefined;
const exitRoutine = (frames: readonly Frame[]): string => {
  const frame = exitFrame(frames);
  return frame === undefined ? 'its exit' : routineOf(frame);
};

/** The root at a thread. `out` are its own edges, to drivers, servers or what is unknown. */
export function threadRoot(thread: Thread, out: readonly Edge[]): ChainRoot {
  const blocker = blockerOf(thread.frames, thread.doubtfulFrame);
  const place = blocker === null ? null : { module: blocker.frame.module, function: blocker.frame.function };
  const to = out.find((edge) => edge.to.startsWith('remote:')) ?? out.find((edge) => edge.to.startsWith('driver:'));
  const polling = thread.waitTicks === 0 && stackWait(thread.frames)?.kind === 'sleep';
  const base = {
    node: thread.id,
    module: place?.module ?? null,
    function: place?.function ?? null,
    waitsFor: to?.to ?? null,
    isDeadlock: false,
    isRunning: thread.state === 'RUNNING',
    isPolling: polling,
    sleepMs: sleepOf(thread),
  };
  const at = blocker === null ? '' : ` in ${routineOf(blocker.frame)}`;
  const [why, statement] = reason(thread, out, at, blocker);
  return { ...base, why, statement };
}

function reason(
  thread: Thread,
  out: readonly Edge[],
  at: string,
  blocker: ReturnType<typeof blockerOf>,
): readonly [RootWhy, string] {
  const { state, sightings, frames } = thread;
  if (state === 'TERMINATED')
    return ['terminated', 'it has ended, and what it owned or worked on was never given back'];
  if (state !== null && STARVED.has(state))
    return ['starved', `it is ${state}: it is not blocked, but gets no processor`];
  const suspended = thread.row.suspendCount ?? 0;
  if (/^(?:Wr)?Suspended$/i.test(thread.waitReason ?? '') || suspended > (thread.address === null ? 1 : 0)) {
    return [
      'unknown',
      `it is suspended${suspended > 0 ? ` (count ${suspended})` : ''}: who suspended it holds it up${at}`,
    ];
  }
  if (state === 'RUNNING') return ['unknown', `it runs${at}: it is not blocked`];
  if (sightings.length === 0) return ['missing-thread', thread.noThread === null ? NOT_SHOWN : FREED];
  if (stackWait(frames)?.kind === 'idle') {
    return ['unknown', 'it waits for new work: what others wait for is handled elsewhere, or was lost'];
  }
  const remote = out.find(({ to }) => to.startsWith('remote:'));
  if (remote !== undefined) return ['remote', `it waits for the server ${remote.to.slice('remote:'.length)}${at}`];
  if (state === null && frames.length > 0 && !isWaitingStack(frames)) {
    return ['unknown', `it is in ${routineOf(frames[0])}: its stack shows no wait`];
  }
  const lost = out.find(({ to }) => to === 'unknown');
  if (lost !== undefined) return ['unknown', `it ${lost.statement}`];
  const wait = stackWait(frames);
  const stuck = out.find(({ to }) => to.startsWith('driver:'));
  if (wait?.kind === 'sleep' && stuck !== undefined) {
    return ['driver', `it ends and waits until ${stuck.to.slice('driver:'.length)} cancels its request`];
  }
  const known = wait === null ? undefined : OF_WAIT[wait.kind];
  if (known !== undefined) return [known[0], `${known[1]}${sleepText(thread)}${at}`];
  const driver = out.find(({ to }) => to.startsWith('driver:'));
  if (blocker?.isRemote) return ['remote', `it waits for another machine${at}`];
  if (driver?.isAtDevice) {
    return [
      'device',
      `it waits for a request that ${driver.to.slice('driver:'.length)}, the last driver of its device stack, has given to the device${at}`,
    ];
  }
  if (driver !== undefined)
    return ['driver', `it waits for ${driver.to.slice('driver:'.length)} to complete a request${at}`];
  if (blocker?.where === 'kernel') return ['driver', `it waits${at}`];
  if (frames.length === 0) {
    return ['unknown', thread.row.stackNotResident === 1 ? 'its stack is paged out' : 'the log shows no stack of it'];
  }
  return ['unknown', `it waits${at}; for whom, the log does not show`];
}

/** Sleep(6912): the argument is printed by `kv` on x86. */
function sleepOf({ args }: Thread): number | null {
  const row = args.find(({ routine, isReliable }) => isReliable === 1 && /!Sleep(?:Ex)?(?:\+|$)/.test(routine ?? ''));
  return row?.arg1 === null || row === undefined ? null : Number(row.arg1);
}

function sleepText(thread: Thread): string {
  const ms = sleepOf(thread);
  return ms === null ? '' : ` for ${ms} ms`;
}
