/** What a stack waits in, by the routines that Windows waits in: names of functions, never of cases. */
import { type Frame, onceForEach } from './frames.js';

/** How a thread waits, as far as its stack tells. */
export type WaitKind =
  | 'critical-section'
  | 'srw-lock'
  | 'eresource'
  | 'push-lock'
  | 'fast-mutex'
  | 'lpc'
  | 'alpc'
  | 'rpc'
  | 'sleep'
  | 'message-box'
  | 'gui-message'
  | 'user-input'
  /** A pool thread or a server that waits for work. */
  | 'idle'
  | 'object';

export interface StackWait {
  readonly kind: WaitKind;
  /** Index of the frame that shows it. */
  readonly at: number;
}

interface Rule {
  readonly kind: WaitKind;
  /** Modules, as in `Frame.base`; null for any. */
  readonly modules: readonly string[] | null;
  readonly routine: RegExp;
}

const NTDLL = ['ntdll', 'wow64'];
const USER = ['user32', 'win32u', 'win32k', 'win32kfull', 'win32kbase'];
const KERNEL32 = ['kernel32', 'kernelbase', 'ntdll', 'nt'];

/** The first rule that a frame meets, frames from the innermost on, says how the stack waits. */
const RULES: readonly Rule[] = [
  {
    kind: 'critical-section',
    modules: NTDLL,
    routine: /^Rtlp?(?:(?:Wait(?:For|On)|Enter)CriticalSection(?:Contended)?|EnterCriticalSection)$/,
  },
  { kind: 'srw-lock', modules: NTDLL, routine: /^RtlAcquireSRWLock(?:Exclusive|Shared)(?:Contended)?$/ },
  {
    kind: 'eresource',
    modules: ['nt'],
    routine:
      /^(?:Exp(?:WaitForResource|AcquireResource|AcquireShared)\w{0,40}|Ex(?:Acquire(?:Resource|Shared)\w{0,40}|EnterCriticalRegionAndAcquire\w{0,40}))$/,
  },
  {
    kind: 'push-lock',
    modules: ['nt'],
    routine:
      /^(?:Exf?p?(?:TryTo)?(?:Acquire(?:Cache\w{0,20})?PushLock\w{0,30}|BlockPushLock\w{0,20}|BlockOnLockedPushLock|WaitForUnblockPushLock|TimedWaitForUnblockPushLock|ClearPushLock\w{0,20})|Exp\w{0,20}PushLock\w{0,30})$/,
  },
  {
    kind: 'fast-mutex',
    modules: ['nt', 'hal'],
    routine:
      /^(?:ExAcquireFastMutex\w{0,20}|ExpAcquireFastMutex\w{0,20}|Ki?e?AcquireGuardedMutex\w{0,20}|KiAcquireFastMutex|KeAcquireFastMutex)$/,
  },
  {
    kind: 'lpc',
    modules: ['nt', 'ntdll'],
    routine: /^(?:Nt|Zw|Lpc)RequestWaitReplyPort(?:Ex)?$|^LpcpRequestWaitReplyPort\w{0,12}$/,
  },
  {
    kind: 'alpc',
    modules: ['nt'],
    routine: /^Alpcp(?:SignalAndWait|ReceiveSynchronousReply|ProcessSynchronousRequest)$/,
  },
  { kind: 'sleep', modules: KERNEL32, routine: /^(?:KeDelayExecutionThread|(?:Nt|Zw)DelayExecution|SleepEx?)$/ },
  { kind: 'message-box', modules: ['nt', 'ntdll'], routine: /^(?:(?:Nt|Zw)RaiseHardError|Exp?RaiseHardError)$/ },
  { kind: 'message-box', modules: USER, routine: /^(?:MessageBox\w{0,20}|SoftModalMessageBox)$/ },
  {
    kind: 'gui-message',
    modules: USER,
    routine:
      /^(?:xxxInterSendMsgEx|xxxSendMessage\w{0,20}|SendMessage\w{0,20}|NtUserMessageCall|xxxWrapSendMessage\w{0,12})$/,
  },
  {
    kind: 'user-input',
    modules: USER,
    routine:
      /^(?:NtUser(?:GetMessage|WaitMessage)|GetMessage[AW]|WaitMessage|xxxWaitMessage|DialogBox\w{0,30}|MsgWaitForMultipleObjects\w{0,4})$/,
  },
  { kind: 'rpc', modules: ['rpcrt4'], routine: /^(?:(?:OSF|DG)_CCALL|WS_SyncRecv|COMMON_.{0,40}Recv|OSF_CCONNECTION)/ },
  {
    kind: 'idle',
    modules: ['nt', 'ntdll'],
    routine:
      /^(?:KeRemove(?:Queue|PriQueue)\w{0,6}|IoRemoveIoCompletion|(?:Nt|Zw)RemoveIoCompletion\w{0,4}|(?:Nt|Zw)?(?:ReplyWaitReceivePort\w{0,4}|WaitForWorkViaWorkerFactory)|AlpcpReceive(?:Message|LegacyMessage)\w{0,10}|ExpWaitForWork\w{0,20})$/,
  },
];

/**
 * What a system thread is there for, or a thread of a pool: one that waits right inside it waits for work. With anything else between
 * the wait and it, the thread is at work.
 */
const BODIES: readonly { readonly modules: readonly string[]; readonly routine: RegExp }[] = [
  {
    modules: ['nt'],
    routine:
      /^(?:M[mi]ZeroPageThread|KeBalanceSetManager|KeSwapProcessOrStack|MiModifiedPageWriter|MiMappedPageWriter|KiIdleLoop|PoIdle|KiExecuteDpc|KiDpcThread|MiDereferenceSegmentThread|MiRebuildLargePages|EtwpLogger|WmipLogger|ExpWorkerThreadBalanceManager|ExpWorkerThread|ExpWorkerFactoryManagerThread|CcQueueLazyWriteScanThread|FsRtlWorkerThread|PopIrpWorkerControl|PopIrpWorker|PsReaperThread|PspReaper|CmpDelayedCloseWorker|ObpProcessRemoveObjectQueue)$/,
  },
  {
    modules: ['ntdll'],
    routine:
      /^(?:Tpp(?:WaiterpThread|WorkerThread|TimerpThread|WaitpThread)|Rtlp(?:WorkerThread|WaitThread|TimerThread|IOWorkerThread|TpWaitThread|TpTimerThread)|EtwpEventPump\w{0,10})$/,
  },
  {
    modules: ['rpcrt4'],
    routine: /^(?:LRPC_ADDRESS::(?:ProcessIO|ReceiveLotsaCalls)|COMMON_ProcessCalls|RecvLotsaCallsWrapper)$/,
  },
];

/** Parts of the system through which a wait is called: behind the first frame of anything else stands what is not this wait. */
const LAYERS = new Set([
  'nt',
  'hal',
  'ntdll',
  'kernel32',
  'kernelbase',
  'user32',
  'win32u',
  'win32k',
  'win32kfull',
  'win32kbase',
  'wow64',
  'wow64cpu',
  'wow64win',
  'rpcrt4',
  'verifier',
  'vrfcore',
]);
/** Windows calls back into the program here: what is outside of it was called before, and waits for the callback to end. */
const CALLBACK =
  /^(?:InternalCallWinProc|UserCall(?:Win|Dlg)Proc\w{0,20}|DispatchClientMessage|_{0,2}fn[A-Z]\w{2,30}|KiUserCallbackDispatcher\w{0,10}|KiUserApcDispatch\w{0,10}|KeUserModeCallback|KiCallUserMode|xxxDispatchMessage\w{0,10}|DispatchMessage\w{0,8}|CallHookWithSEH|fnHk\w{3,30})$/;

/** How a stack waits; `object` where it shows no more than a wait. Null where there is no stack. */
export const stackWait = onceForEach(findWait);

function findWait(frames: readonly Frame[]): StackWait | null {
  if (frames.length === 0) return null;
  const layer = layerOf(frames);
  for (let i = 0; i < layer; i++) {
    const { base, function: fn } = frames[i];
    if (fn === null) continue;
    for (const { kind, modules, routine } of RULES) {
      if ((modules === null || modules.includes(base)) && routine.test(fn)) {
        return { kind: refined(kind, frames.slice(i, layer)), at: i };
      }
    }
    if (i > 0 && isBody(frames[i]) && frames.slice(0, i).every(isWaitRoutine)) return { kind: 'idle', at: i };
  }
  return { kind: 'object', at: 0 };
}

/** Number of the frames that belong to the present wait. */
function layerOf(frames: readonly Frame[]): number {
  const end = frames.findIndex(({ base, function: fn }) => !LAYERS.has(base) || (fn !== null && CALLBACK.test(fn)));
  return end < 0 ? frames.length : end;
}

const isBody = ({ base, function: fn }: Frame): boolean =>
  fn !== null && BODIES.some(({ modules, routine }) => modules.includes(base) && routine.test(fn));

/** A message loop is under a message box as well: what the thread shows to the user stands farther out. */
function refined(kind: WaitKind, outside: readonly Frame[]): WaitKind {
  if (kind !== 'user-input' && kind !== 'gui-message') return kind;
  return outside.some(({ base, function: fn }) => base === 'user32' && fn !== null && MESSAGE_BOX.test(fn))
    ? 'message-box'
    : kind;
}

const MESSAGE_BOX = /^(?:MessageBox\w{0,20}|SoftModalMessageBox)$/;

const WAITING =
  /^(?:KiSwap(?:Context|Thread)|KiCommitThreadWait|KeWaitFor(?:SingleObject|MultipleObjects|MutexObject|Gate)|KeDelayExecutionThread|KeRemove(?:Queue|PriQueue)\w{0,6}|(?:Nt|Zw)(?:WaitFor\w{1,40}|DelayExecution|RequestWaitReplyPort|ReplyWaitReceivePort\w{0,4}|RemoveIoCompletion\w{0,4}|SignalAndWaitForSingleObject|AlpcSendWaitReceivePort)|KiFastSystemCallRet|SwapContext)$/;
const INNERMOST = 4;

/** Routines that only wait, of the kernel and of user mode. */
const isWaitRoutine = ({ base, function: fn }: Frame): boolean =>
  LAYERS.has(base) && fn !== null && (WAITING.test(fn) || WAIT_LAYER.test(fn));
const WAIT_LAYER =
  /^(?:WaitFor(?:Single|Multiple)Objects?\w{0,4}|KiSystemService\w{0,20}|KiFastCallEntry\w{0,8}|KiFastSystemCall\w{0,4}|Alpcp\w{1,40}|(?:Nt|Zw)\w{0,10}Wait\w{1,40}|KiWait\w{1,30}|Obp?WaitFor\w{1,40}|KiDeliverApc|KiExitDispatcher|KiDispatch\w{0,20}|LRPC_ADDRESS::ProcessIO|\? \?\?\s?::.{1,40})$/;

/** True where a thread of the kernel itself waits in what it was started for, and in nothing that this called. */
export const isInOwnBody = onceForEach((frames) => {
  const inside = frames.filter(
    (frame) => !isWaitRoutine(frame) && !(frame.function !== null && STARTUP.test(frame.function)),
  );
  return frames.every(({ base }) => base === 'nt' || base === '') && inside.length <= 1;
});
const STARTUP =
  /^(?:PspSystemThreadStartup|Ki(?:Start|Initialize)\w{0,4}SystemThread|KiThreadStartup|KiStartSystemThread|Phase1Initialization\w{0,12}|ExpWorkerThread)$/;

/** True where the innermost frames are those of a wait: for threads whose state is not printed. */
export const isWaitingStack = onceForEach((frames) =>
  frames.slice(0, INNERMOST).some(({ function: fn }) => fn !== null && WAITING.test(fn)),
);
