/** Layers of x64 stacks: Windows 10. */

import type { StackNeeds } from './stacks.js';
import { driverFrames, kernel, type Layer, type Layers, user } from './stacks-x86.js';

export type { Layer };

const commit: readonly Layer[] = [
  kernel('nt!KiSwapContext+0x76'),
  kernel('nt!KiSwapThread+0x501'),
  kernel('nt!KiCommitThreadWait+0x14f'),
];
const single = ({ object }: StackNeeds): Layer[] => [
  ...commit,
  kernel('nt!KeWaitForSingleObject+0x233', ...(object === 0n ? [] : [object])),
];
const fromUser = (stub: string): Layer[] => [
  { ...kernel('nt!KiSystemServiceCopyEnd+0x28'), hasTrap: true },
  user(`${stub}+0x14`),
];

const throughWriteFile = (needs: StackNeeds): Layer[] =>
  needs.isSystem
    ? driverFrames(needs)
    : [
        ...driverFrames(needs),
        kernel('FLTMGR!FltpDispatch+0xb6'),
        kernel('nt!IopSynchronousServiceTail+0x1a0'),
        kernel('nt!NtWriteFile+0x676'),
        ...fromUser('ntdll!NtWriteFile'),
        user('KERNELBASE!WriteFile+0xfd'),
      ];

const sleepThread = (needs: StackNeeds): Layer[] => [
  ...single(needs),
  kernel('win32kfull!xxxRealSleepThread+0x2c3'),
  kernel('win32kfull!xxxSleepThread2+0xb0'),
];

const toServer = (needs: StackNeeds): Layer[] => [
  ...single(needs),
  ...driverFrames(needs),
  kernel('nt!IofCallDriver+0x59'),
  kernel('nt!IopParseDevice+0x773'),
  kernel('nt!ObpLookupObjectName+0x71e'),
  kernel('nt!ObOpenObjectByNameEx+0x1df'),
  kernel('nt!IopCreateFile+0x3f5'),
  ...(needs.isSystem
    ? [kernel('nt!IoCreateFileEx+0x11d')]
    : [kernel('nt!NtCreateFile+0x79'), ...fromUser('ntdll!NtCreateFile'), user('KERNELBASE!CreateFileW+0x66')]),
];

export const LAYERS_WIDE: Layers = {
  lpc: (needs) => [
    ...single(needs),
    kernel('nt!AlpcpSignalAndWait+0x143'),
    kernel('nt!AlpcpReceiveSynchronousReply+0x5b'),
    kernel('nt!AlpcpProcessSynchronousRequest+0x3bb'),
    kernel('nt!NtAlpcSendWaitReceivePort+0x1e1'),
    ...fromUser('ntdll!NtAlpcSendWaitReceivePort'),
    user('RPCRT4!LRPC_BASE_CCALL::DoSendReceive+0x112'),
    user('RPCRT4!NdrpSendReceive+0x97'),
    user('RPCRT4!NdrpClientCall2+0x5d6'),
    user('RPCRT4!NdrClientCall3+0xf1'),
  ],
  section: ({ lock }) => [
    ...commit,
    kernel('nt!KeWaitForAlertByThreadId+0xc4'),
    kernel('nt!NtWaitForAlertByThreadId+0x30'),
    ...fromUser('ntdll!NtWaitForAlertByThreadId'),
    user('ntdll!RtlpWaitOnAddressWithTimeout+0x81'),
    user('ntdll!RtlpWaitOnAddress+0xae'),
    user('ntdll!RtlpWaitOnCriticalSection+0xfd', lock),
    user('ntdll!RtlpEnterCriticalSectionContended+0x1c4', lock),
    user('ntdll!RtlEnterCriticalSection+0x42', lock),
  ],
  resource: (needs) => [
    ...single(needs),
    kernel('nt!ExpWaitForResource+0x2a8', needs.lock),
    kernel(
      needs.isShared ? 'nt!ExAcquireResourceSharedLite+0x325' : 'nt!ExAcquireResourceExclusiveLite+0x183',
      needs.lock,
    ),
    ...throughWriteFile(needs),
  ],
  'fast-mutex': (needs) => [
    ...single(needs),
    kernel('nt!ExpAcquireFastMutexContended+0x7c'),
    kernel('nt!ExAcquireFastMutex+0x162'),
    ...throughWriteFile(needs),
  ],
  'push-lock': (needs) => [
    ...single(needs),
    kernel('nt!ExfAcquirePushLockExclusiveEx+0x1a0'),
    kernel('nt!ExAcquirePushLockExclusiveEx+0x14b'),
    ...throughWriteFile(needs),
  ],
  io: (needs) =>
    needs.driver === 'Mup'
      ? toServer(needs)
      : [
          ...single(needs),
          kernel('nt!IopSynchronousServiceTail+0x1a0'),
          kernel('nt!IopXxxControlFile+0xc6a'),
          kernel('nt!NtDeviceIoControlFile+0x56'),
          ...fromUser('ntdll!NtDeviceIoControlFile'),
          user('KERNELBASE!DeviceIoControl+0x6b'),
          user('KERNEL32!DeviceIoControlImplementation+0x81'),
        ],
  sleep: (needs) => [
    ...commit,
    kernel('nt!KeDelayExecutionThread+0x122'),
    ...(needs.isSystem
      ? driverFrames(needs)
      : [
          kernel('nt!NtDelayExecution+0x5f'),
          ...fromUser('ntdll!NtDelayExecution'),
          user('KERNELBASE!SleepEx+0x9e', BigInt(needs.sleepMs)),
        ]),
  ],
  'message-box': (needs) => [
    ...sleepThread(needs),
    kernel('win32kfull!NtUserWaitMessage+0x3f'),
    ...fromUser('win32u!NtUserWaitMessage'),
    user('USER32!DialogBox2+0x261'),
    user('USER32!InternalDialogBox+0x132'),
    user('USER32!SoftModalMessageBox+0x5b9'),
    user('USER32!MessageBoxWorker+0x31b'),
    user('USER32!MessageBoxTimeoutW+0x1a7'),
    user('USER32!MessageBoxW+0x4e'),
  ],
  several: (needs) => [
    ...commit,
    kernel('nt!KeWaitForMultipleObjects+0x283'),
    ...(needs.isSystem
      ? driverFrames(needs)
      : [
          kernel('nt!ObWaitForMultipleObjects+0x2a9'),
          kernel('nt!NtWaitForMultipleObjects+0x119'),
          ...fromUser('ntdll!NtWaitForMultipleObjects'),
          user('KERNELBASE!WaitForMultipleObjectsEx+0xf0'),
        ]),
  ],
  object: (needs) =>
    needs.isSystem
      ? [...single(needs), ...driverFrames(needs)]
      : [
          ...single(needs),
          kernel('nt!ObWaitForSingleObject+0x91'),
          kernel('nt!NtWaitForSingleObject+0x6a'),
          ...fromUser('ntdll!NtWaitForSingleObject'),
          user('KERNELBASE!WaitForSingleObjectEx+0x93'),
        ],
  'idle-worker': (needs) => [
    ...commit,
    ...(needs.isSystem
      ? [kernel('nt!KeRemovePriQueue+0x259'), kernel('nt!ExpWorkerThread+0x9d')]
      : [
          kernel('nt!KeRemoveQueueEx+0x263'),
          kernel('nt!IoRemoveIoCompletion+0x98'),
          kernel('nt!NtWaitForWorkViaWorkerFactory+0x38a'),
          ...fromUser('ntdll!NtWaitForWorkViaWorkerFactory'),
          user('ntdll!TppWorkerThread+0x2f7'),
        ]),
  ],
  'idle-rpc': (needs) => [
    ...single(needs),
    kernel('nt!AlpcpWaitForSingleObject+0x3e'),
    kernel('nt!AlpcpReceiveMessagePort+0x1e9'),
    kernel('nt!AlpcpReceiveMessage+0x322'),
    kernel('nt!NtAlpcSendWaitReceivePort+0xfe'),
    ...fromUser('ntdll!NtAlpcSendWaitReceivePort'),
    user('RPCRT4!LRPC_ADDRESS::ProcessIO+0x55'),
  ],
  'idle-gui': (needs) => [
    ...sleepThread(needs),
    kernel('win32kfull!xxxRealInternalGetMessage+0x13df'),
    kernel('win32kfull!NtUserGetMessage+0x92'),
    ...fromUser('win32u!NtUserGetMessage'),
    user('USER32!GetMessageW+0x22'),
  ],
  preempted: () => [
    kernel('nt!KiSwapContext+0x76'),
    kernel('nt!KxDispatchInterrupt+0x122'),
    { ...kernel('nt!KiDpcInterrupt+0x2e4'), hasTrap: true },
  ],
  running: (needs) =>
    needs.isSystem
      ? driverFrames(needs)
      : [user('ntdll!RtlpAllocateHeapInternal+0x1b2'), user('ucrtbase!_malloc_base+0x36')],
  systemBottom: () => [kernel('nt!PspSystemThreadStartup+0x55'), kernel('nt!KiStartSystemThread+0x28')],
  serverBottom: () => [
    user('RPCRT4!Invoke+0x73'),
    user('RPCRT4!NdrStubCall2+0x3bf'),
    user('RPCRT4!NdrServerCall2+0x1a'),
    user('RPCRT4!DispatchToStubInCNoAvrf+0x18'),
    user('RPCRT4!RPC_INTERFACE::DispatchToStubWorker+0x1a6'),
    user('RPCRT4!LRPC_SCALL::DispatchRequest+0x1f8'),
    user('RPCRT4!LRPC_SCALL::HandleRequest+0x7f8'),
    user('RPCRT4!LRPC_ADDRESS::ProcessIO+0x55'),
    user('ntdll!TppAlpcpExecuteCallback+0x25f'),
    user('ntdll!TppWorkerThread+0x455'),
    user('KERNEL32!BaseThreadInitThunk+0x14'),
    user('ntdll!RtlUserThreadStart+0x21'),
  ],
  userBottom: () => [user('KERNEL32!BaseThreadInitThunk+0x14'), user('ntdll!RtlUserThreadStart+0x21')],
};
