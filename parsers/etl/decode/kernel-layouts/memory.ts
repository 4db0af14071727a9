import { type EventLayout, layout } from '../event-layout.js';

/**
 * Page faults, virtual memory, pool, heaps. MOF classes PageFault_TypeGroup1, PageFault_HardFault, PageFault_VirtualAlloc …
 * (https://learn.microsoft.com/windows/win32/etw/pagefault), HeapTrace; pool by ETW_POOL_EVENT of ntwmi.h, whose session
 * variants have the session's number behind it. Verified: PageFault 32. Working set and page list events have no published
 * layout.
 */
export const PAGE_FAULT: readonly EventLayout[] = [
  layout([10, 11, 12, 13, 14, 15], [0], 'VirtualAddress:p ProgramCounter:p'),
  layout([32], [0], 'InitialTime:u64 ReadOffset:x64 VirtualAddress:p FileObject:p TThreadId:u32 ByteCount:u32'),
  layout([98, 99], [0], 'BaseAddress:p RegionSize:size ProcessId:u32 Flags:x32'),
  layout([100], [0], 'HeapHandle:p HRFlags:x32 HRPid:u32 HRRangeCount:u32'),
  layout([101], [0], 'HeapHandle:p FirstRangeSize:size HRCreateFlags:x32'),
  layout([102, 103], [0], 'HeapHandle:p HRAddress:p HRSize:size'),
  layout([104], [0], 'HeapHandle:p'),
  layout([105], [0], 'FileObject:p DeviceChar:x32 FileChar:x16 LoadFlags:x16'),
];

export const POOL: readonly EventLayout[] = [
  layout([32, 34], [0], 'Type:x32 Tag:tag NumberOfBytes:size Entry:p'),
  layout([33, 35], [0], 'Type:x32 Tag:tag NumberOfBytes:size Entry:p SessionId:u32'),
];

export const HEAP: readonly EventLayout[] = [
  layout([32], [0], 'HeapHandle:p HeapFlags:x32 ReserveSize:size CommitSize:size AllocatedSize:size'),
  layout([33], [0], 'HeapHandle:p AllocSize:size AllocAddress:p SourceId:u32'),
  layout(
    [34],
    [0],
    'HeapHandle:p NewAllocAddress:p OldAllocAddress:p NewAllocSize:size OldAllocSize:size SourceId:u32',
  ),
  layout([35, 43, 44, 45, 46], [0], 'HeapHandle:p'),
  layout([36], [0], 'HeapHandle:p FreeAddress:p SourceId:u32'),
  layout(
    [37],
    [0],
    `HeapHandle:p CommittedSize:size CommitAddress:p FreeSpace:size CommittedSpace:size ReservedSpace:size NoOfUCRs:u32
     AllocatedSpace:size`,
  ),
  layout(
    [38],
    [0],
    `HeapHandle:p FreeSpace:size CommittedSpace:size ReservedSpace:size HeapFlags:x32 ProcessId:u32 LargeUCRSpace:size
     FreeListLength:u32 UCRLength:u32 AllocatedSpace:size`,
  ),
  layout(
    [42],
    [0],
    `HeapHandle:p DeCommittedSize:size DeCommitAddress:p FreeSpace:size CommittedSpace:size ReservedSpace:size NoOfUCRs:u32
     AllocatedSpace:size`,
  ),
];

export const CRIT_SEC: readonly EventLayout[] = [
  layout([34], [0], 'LockCount:u32 SpinCount:u32 OwningThread:p CritSecAddr:p'),
  layout([35], [0], 'SpinCount:size CritSecAddr:p'),
];
