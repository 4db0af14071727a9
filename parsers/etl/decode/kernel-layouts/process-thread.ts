import { type EventLayout, layout } from '../event-layout.js';

/**
 * Processes, threads, images, jobs. MOF classes Process_TypeGroup1/2, Thread_TypeGroup1, CSwitch, ReadyThread … and
 * Image_Load (https://learn.microsoft.com/windows/win32/etw/process, /thread, /image); those without a page by tracerpt's
 * wmicore.mof and ntwmi.h. Verified: Process 1-4 v2-v4, 11, 32, 33, 39 v3-v5; Thread 1-4 v3, 36; Image all.
 */
export const PROCESS: readonly EventLayout[] = [
  layout([1, 2, 3, 4], [0, 0], 'ProcessId:p ParentId:p UserSID:sid ImageFileName:z8'),
  layout(
    [1, 2, 3, 4],
    [1, 1],
    'PageDirectoryBase:p ProcessId:u32 ParentId:u32 SessionId:u32 ExitStatus:i32 UserSID:sid ImageFileName:z8',
  ),
  layout(
    [1, 2, 3, 4, 39],
    [2, 2],
    `UniqueProcessKey:p ProcessId:u32 ParentId:u32 SessionId:u32 ExitStatus:i32 UserSID:sid ImageFileName:z8
     CommandLine:z16`,
  ),
  layout(
    [1, 2, 3, 4, 39],
    [3, 3],
    `UniqueProcessKey:p ProcessId:u32 ParentId:u32 SessionId:u32 ExitStatus:i32 DirectoryTableBase:p UserSID:sid
     ImageFileName:z8 CommandLine:z16`,
  ),
  layout(
    [1, 2, 3, 4],
    [4],
    `UniqueProcessKey:p ProcessId:u32 ParentId:u32 SessionId:u32 ExitStatus:i32 DirectoryTableBase:p Flags:x32 UserSID:sid
     ImageFileName:z8 CommandLine:z16 PackageFullName:z16 ApplicationId:z16`,
  ),
  // v4 ends before ExitTime.
  layout(
    [39],
    [4],
    `UniqueProcessKey:p ProcessId:u32 ParentId:u32 SessionId:u32 ExitStatus:i32 DirectoryTableBase:p Flags:x32 UserSID:sid
     ImageFileName:z8 CommandLine:z16 PackageFullName:z16 ApplicationId:z16 ExitTime:time`,
  ),
  layout([11], [0], 'ProcessId:u32'),
  layout(
    [32, 33],
    [2],
    `ProcessId:u32 PageFaultCount:u32 HandleCount:u32 Reserved:u32 PeakVirtualSize:size PeakWorkingSetSize:size
     PeakPagefileUsage:size QuotaPeakPagedPoolUsage:size QuotaPeakNonPagedPoolUsage:size VirtualSize:size
     WorkingSetSize:size PagefileUsage:size QuotaPagedPoolUsage:size QuotaNonPagedPoolUsage:size PrivatePageCount:size`,
  ),
  layout([48, 49, 50, 51, 52, 64, 65, 66, 67, 68], [0], 'Object:p Tag:p ProcessId:u32 Count:i32'),
];

const THREAD_V2 = `ProcessId:u32 TThreadId:u32 StackBase:p StackLimit:p UserStackBase:p UserStackLimit:p StartAddr:p
  Win32StartAddr:p TebBase:p SubProcessTag:u32`;

export const THREAD: readonly EventLayout[] = [
  layout([1, 2, 3, 4], [0, 0], 'TThreadId:u32 ProcessId:u32'),
  layout(
    [1, 3],
    [1, 1],
    `ProcessId:u32 TThreadId:u32 StackBase:p StackLimit:p UserStackBase:p UserStackLimit:p StartAddr:p Win32StartAddr:p
     WaitMode:i8`,
  ),
  layout([2, 4], [1, 1], 'ProcessId:u32 TThreadId:u32'),
  layout([1, 2, 3, 4], [2, 2], THREAD_V2),
  // The name came with Windows 10, in v3 already; before, the payload ends behind the flags.
  layout(
    [1, 2, 3, 4],
    [3],
    `${THREAD_V2.replace('StartAddr:p', 'Affinity:p')} BasePriority:u8 PagePriority:u8 IoPriority:u8 ThreadFlags:x8
     ThreadName:z16`,
  ),
  layout(
    [36],
    [0, 1],
    `NewThreadId:u32 OldThreadId:u32 NewThreadPriority:i8 OldThreadPriority:i8 NewThreadQuantum:i8 OldThreadQuantum:i8
     OldThreadWaitReason:i8 OldThreadWaitMode:i8 OldThreadState:i8 OldThreadWaitIdealProcessor:i8 NewThreadWaitTime:u32`,
  ),
  layout(
    [36],
    [2],
    `NewThreadId:u32 OldThreadId:u32 NewThreadPriority:i8 OldThreadPriority:i8 PreviousCState:u8 SpareByte:i8
     OldThreadWaitReason:i8 OldThreadWaitMode:i8 OldThreadState:i8 OldThreadWaitIdealProcessor:i8 NewThreadWaitTime:u32
     Reserved:u32`,
  ),
  layout(
    [41],
    [0],
    `SpinLockAddress:p CallerAddress:p AcquireTime:u64 ReleaseTime:u64 WaitTimeInCycles:u32 SpinCount:u32 ThreadId:u32
     InterruptCount:u32 Irql:u8 AcquireDepth:u8 Flag:x8 Reserved:u8`,
  ),
  layout(
    [43],
    [0],
    `AcquireTime:u64 HoldTime:u64 WaitTime:u64 MaxRecursionDepth:u32 ThreadId:u32 Resource:p Action:x32
     ContentionDelta:u32`,
  ),
  layout([48, 49, 51, 52], [0], 'ThreadId:u32 OldPriority:u8 NewPriority:u8 Reserved:u16'),
  layout([50], [0], 'TThreadId:u32 AdjustReason:i8 AdjustIncrement:i8 Flag:i8 Reserved:i8'),
  layout([53], [0], 'Affinity:p ThreadId:u32 Group:u16 Reserved:u16'),
  layout([57], [0], 'TThreadId:u32 StartTime:u64 ThreadRoutine:p'),
  layout([60], [0], 'ThreadId:u32 ProcessorIndex:u16 Priority:u8 Reserved:u8'),
  layout(
    [61],
    [0],
    'ThreadId:u32 SourceProcessorIndex:u16 TargetProcessorIndex:u16 Priority:u8 IdealProcessorAdjust:u8 OldIdealProcessorIndex:u16',
  ),
  layout([62], [0], 'Entry:p ThreadId:u32'),
  layout([63], [0], 'ThreadId:u32 EntryCount:u32 Entries:p[EntryCount]'),
  layout([64, 65], [0], 'CallbackRoutine:p'),
  layout([66], [0], 'Lock:p ThreadId:u32 NewCpuPriorityFloor:u8 OldCpuPriority:u8 IoPriorities:x8 BoostFlags:x8'),
  layout([67], [0], 'LockAddress:p ThreadId:u32 BoostBitmap:x32'),
  layout([68], [0], 'LockAddress:p ThreadId:u32'),
  layout([69], [0], 'OldTag:u32 NewTag:u32'),
  layout([72], [0], 'ProcessId:u32 ThreadId:u32 ThreadName:z16'),
];

export const IMAGE: readonly EventLayout[] = [
  // Version 0 has no process, and a size of 4 bytes. Unloads and rundown of it are not in MOF, but in real logs.
  layout([2, 3, 4, 10], [0, 0], 'BaseAddress:p ModuleSize:u32 ImageFileName:z16'),
  layout([2, 3, 4, 10], [1, 1], 'ImageBase:p ImageSize:size ProcessId:u32 FileName:z16'),
  layout(
    [2, 3, 4, 10],
    [2, 2],
    `ImageBase:p ImageSize:size ProcessId:u32 ImageChecksum:u32 TimeDateStamp:u32 Reserved0:u32 DefaultBase:p Reserved1:u32
     Reserved2:u32 Reserved3:u32 Reserved4:u32 FileName:z16`,
  ),
  layout(
    [2, 3, 4, 10],
    [3],
    `ImageBase:p ImageSize:size ProcessId:u32 ImageChecksum:u32 TimeDateStamp:u32 SignatureLevel:u8 SignatureType:u8
     Reserved0:u16 DefaultBase:p Reserved1:u32 Reserved2:u32 Reserved3:u32 Reserved4:u32 FileName:z16`,
  ),
  layout([33], [0], 'ImageBase:p'),
  layout([34], [0], 'HypercallPageVa:p'),
];

export const JOB: readonly EventLayout[] = [
  layout([32, 33, 34], [0], 'JobId:guid JobHandle:x32 Flags:x32 Status:x32'),
  layout([35], [0], 'JobId:guid JobHandle:x32 UniqueProcessId:u32 Status:x32'),
  layout([36], [0], 'JobId:guid UniqueProcessId:u32 RemovalFlags:x32 ExitStatus:x32'),
  layout([42], [0], 'JobId:guid NotificationId:u32'),
];
