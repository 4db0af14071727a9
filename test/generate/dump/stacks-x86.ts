/** Layers of x86 stacks: Windows XP, and Server 2003 where its functions differ. */
import { DRIVERS } from './machine.js';
import type { StackNeeds } from './stacks.js';

/** A frame before it has its place. */
export interface Layer {
  readonly symbol: string;
  readonly offset: number;
  readonly isUser: boolean;
  /** The first arguments, where they are known. */
  readonly args?: readonly bigint[];
  readonly hasTrap?: boolean;
}

export type LayerKind =
  | 'lpc'
  | 'section'
  | 'resource'
  | 'fast-mutex'
  | 'push-lock'
  | 'io'
  | 'sleep'
  | 'message-box'
  | 'several'
  | 'object'
  | 'idle-worker'
  | 'idle-rpc'
  | 'idle-gui'
  | 'preempted'
  | 'running'
  | 'systemBottom'
  | 'serverBottom'
  | 'userBottom';
export type Layers = Readonly<Record<LayerKind, (needs: StackNeeds) => Layer[]>>;

/** `nt!NtClose+0x1d` of the kernel. */
export function kernel(text: string, ...args: bigint[]): Layer {
  return frame(text, false, args);
}
export function user(text: string, ...args: bigint[]): Layer {
  return frame(text, true, args);
}
function frame(text: string, isUser: boolean, args: readonly bigint[]): Layer {
  const [symbol, offset = '0'] = text.split('+');
  return { symbol, offset: Number(offset), isUser, args };
}

/** The functions of a driver, innermost first. */
export function driverFrames({ driver }: StackNeeds): Layer[] {
  return DRIVERS[driver].functions.map((fn, i) => kernel(`${driver}!${fn}+0x${(0x1f + 0x35 * i).toString(16)}`));
}

const USER_REQUEST = 6n;
const on2003 = ({ generation }: StackNeeds): boolean => generation === '2003';

const swap = (needs: StackNeeds): Layer[] => [
  kernel(on2003(needs) ? 'nt!KiSwapContext+0x26' : 'nt!KiSwapContext+0x2f'),
  kernel(on2003(needs) ? 'nt!KiSwapThread+0x2e5' : 'nt!KiSwapThread+0x8a'),
];

const single = (needs: StackNeeds): Layer[] => [
  ...swap(needs),
  kernel(
    on2003(needs) ? 'nt!KeWaitForSingleObject+0x346' : 'nt!KeWaitForSingleObject+0x1c2',
    ...(needs.object === 0n ? [] : [needs.object, USER_REQUEST]),
  ),
];

const fromUser = (stub: string): Layer[] => [
  { ...kernel('nt!KiFastCallEntry+0xfc'), hasTrap: true },
  user('ntdll!KiFastSystemCallRet'),
  user(`${stub}+0xc`),
];

const waitForSingleObject = (needs: StackNeeds): Layer[] => [
  ...single(needs),
  kernel('nt!NtWaitForSingleObject+0x9a'),
  ...fromUser('ntdll!ZwWaitForSingleObject'),
];

const throughWriteFile = (needs: StackNeeds): Layer[] =>
  needs.isSystem
    ? driverFrames(needs)
    : [
        ...driverFrames(needs),
        kernel('nt!IofCallDriver+0x45'),
        kernel('nt!NtWriteFile+0x5d7'),
        ...fromUser('ntdll!ZwWriteFile'),
        user('kernel32!WriteFile+0xf7'),
      ];

const sleepThread = (needs: StackNeeds): Layer[] => [...single(needs), kernel('win32k!xxxSleepThread+0x192')];

const toServer = (needs: StackNeeds): Layer[] => [
  ...single(needs),
  ...driverFrames(needs),
  kernel('nt!IofCallDriver+0x45'),
  kernel('nt!IopParseDevice+0xa35'),
  kernel('nt!ObpLookupObjectName+0x53c'),
  kernel('nt!ObOpenObjectByName+0xea'),
  kernel('nt!IopCreateFile+0x407'),
  kernel('nt!IoCreateFile+0x8e'),
  ...(needs.isSystem
    ? []
    : [kernel('nt!NtOpenFile+0x27'), ...fromUser('ntdll!ZwOpenFile'), user('kernel32!CreateFileW+0x2c2')]),
];

export const LAYERS_X86: Layers = {
  lpc: (needs) => [
    ...single(needs),
    kernel(on2003(needs) ? 'nt!NtRequestWaitReplyPort+0x776' : 'nt!NtRequestWaitReplyPort+0x63d'),
    ...fromUser('ntdll!ZwRequestWaitReplyPort'),
    user('RPCRT4!LRPC_CCALL::SendReceive+0x230'),
    user('RPCRT4!I_RpcSendReceive+0x24'),
    user('RPCRT4!NdrSendReceive+0x2b'),
    user('RPCRT4!NdrClientCall2+0x22e'),
  ],
  section: (needs) => [
    ...waitForSingleObject(needs),
    user(
      on2003(needs) ? 'ntdll!RtlpWaitOnCriticalSection+0x1a3' : 'ntdll!RtlpWaitForCriticalSection+0x132',
      needs.lock,
    ),
    user(on2003(needs) ? 'ntdll!RtlEnterCriticalSection+0xa8' : 'ntdll!RtlEnterCriticalSection+0x46', needs.lock),
  ],
  resource: (needs) => [
    ...single(needs),
    kernel('nt!ExpWaitForResource+0xd7', needs.lock),
    kernel(
      needs.isShared ? 'nt!ExAcquireResourceSharedLite+0xf5' : 'nt!ExAcquireResourceExclusiveLite+0xa5',
      needs.lock,
      1n,
    ),
    ...throughWriteFile(needs),
  ],
  'fast-mutex': (needs) => [...single(needs), kernel('hal!ExAcquireFastMutex+0x1d'), ...throughWriteFile(needs)],
  'push-lock': (needs) => [
    ...single(needs),
    kernel('nt!ExfAcquirePushLockExclusive+0x112'),
    ...throughWriteFile(needs),
  ],
  io: (needs) =>
    needs.driver === 'Mup'
      ? toServer(needs)
      : [
          ...single(needs),
          kernel('nt!IopSynchronousServiceTail+0x1a0'),
          kernel('nt!IopXxxControlFile+0x5c5'),
          kernel('nt!NtDeviceIoControlFile+0x2a'),
          ...fromUser('ntdll!ZwDeviceIoControlFile'),
          user('kernel32!DeviceIoControl+0x137'),
        ],
  sleep: (needs) => [
    ...swap(needs),
    kernel('nt!KeDelayExecutionThread+0x2ab'),
    ...(needs.isSystem
      ? driverFrames(needs)
      : [
          kernel('nt!NtDelayExecution+0x84'),
          ...fromUser('ntdll!NtDelayExecution'),
          user('kernel32!SleepEx+0x68', BigInt(needs.sleepMs), 0n),
          user('kernel32!Sleep+0xf', BigInt(needs.sleepMs), 0n),
        ]),
  ],
  'message-box': (needs) => [
    ...sleepThread(needs),
    kernel('win32k!xxxRealWaitMessageEx+0xda'),
    kernel('win32k!NtUserWaitMessage+0x14'),
    ...fromUser('USER32!NtUserWaitMessage'),
    user('USER32!InternalDialogBox+0xd0'),
    user('USER32!SoftModalMessageBox+0x938'),
    user('USER32!MessageBoxWorker+0x2ba'),
    user('USER32!MessageBoxTimeoutW+0x7a'),
    user('USER32!MessageBoxExW+0x1b'),
    user('USER32!MessageBoxW+0x45'),
  ],
  several: (needs) => [
    ...swap(needs),
    kernel('nt!KeWaitForMultipleObjects+0x284', 2n),
    ...(needs.isSystem
      ? driverFrames(needs)
      : [
          kernel('nt!NtWaitForMultipleObjects+0x2a2', 2n),
          ...fromUser('ntdll!ZwWaitForMultipleObjects'),
          user('kernel32!WaitForMultipleObjectsEx+0x12c', 2n),
          user('kernel32!WaitForMultipleObjects+0x18', 2n),
        ]),
  ],
  object: (needs) =>
    needs.isSystem
      ? [...single(needs), ...driverFrames(needs)]
      : [
          ...waitForSingleObject(needs),
          user('kernel32!WaitForSingleObjectEx+0xac'),
          user('kernel32!WaitForSingleObject+0x12'),
        ],
  'idle-worker': (needs) => [
    ...swap(needs),
    kernel('nt!KeRemoveQueue+0x21b'),
    ...(needs.isSystem
      ? [kernel('nt!ExpWorkerThread+0xfe')]
      : [
          kernel('nt!NtRemoveIoCompletion+0xdc'),
          ...fromUser('ntdll!ZwRemoveIoCompletion'),
          user('kernel32!GetQueuedCompletionStatus+0x29'),
        ]),
  ],
  'idle-rpc': (needs) => [
    ...single(needs),
    kernel('nt!NtReplyWaitReceivePortEx+0x3dc'),
    ...fromUser('ntdll!ZwReplyWaitReceivePortEx'),
    user('RPCRT4!LRPC_ADDRESS::ReceiveLotsaCalls+0xf4'),
    user('RPCRT4!RecvLotsaCallsWrapper+0xd'),
    user('RPCRT4!BaseCachedThreadRoutine+0x79'),
    user('RPCRT4!ThreadStartRoutine+0x1a'),
  ],
  'idle-gui': (needs) => [
    ...sleepThread(needs),
    kernel('win32k!xxxRealInternalGetMessage+0x418'),
    kernel('win32k!NtUserGetMessage+0x27'),
    ...fromUser('USER32!NtUserGetMessage'),
  ],
  preempted: (needs) => [
    kernel(on2003(needs) ? 'nt!KiSwapContext+0x26' : 'nt!KiSwapContext+0x2f'),
    kernel('nt!KiDispatchInterrupt+0x7f'),
    { ...kernel('hal!HalpDispatchInterrupt+0xba'), hasTrap: true },
  ],
  running: (needs) =>
    needs.isSystem ? driverFrames(needs) : [user('ntdll!RtlAllocateHeap+0x9f'), user('msvcrt!malloc+0x6c')],
  systemBottom: () => [kernel('nt!PspSystemThreadStartup+0x2e'), kernel('nt!KiThreadStartup+0x16')],
  serverBottom: () => [
    user('RPCRT4!Invoke+0x30'),
    user('RPCRT4!NdrStubCall2+0x297'),
    user('RPCRT4!NdrServerCall2+0x19'),
    user('RPCRT4!DispatchToStubInC+0x38'),
    user('RPCRT4!RPC_INTERFACE::DispatchToStub+0x84'),
    user('RPCRT4!LRPC_SCALL::DealWithRequestMessage+0x2db'),
    user('RPCRT4!LRPC_ADDRESS::ReceiveLotsaCalls+0x310'),
    user('RPCRT4!ThreadStartRoutine+0x1a'),
    user('kernel32!BaseThreadStart+0x37'),
  ],
  userBottom: () => [user('kernel32!BaseThreadStart+0x37')],
};
