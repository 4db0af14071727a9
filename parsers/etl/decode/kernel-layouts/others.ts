import { type EventLayout, layout } from '../event-layout.js';

const MASKS = `GroupMask1:x32 GroupMask2:x32 GroupMask3:x32 GroupMask4:x32 GroupMask5:x32 GroupMask6:x32 GroupMask7:x32
  GroupMask8:x32`;

/**
 * The log's own events: MOF classes EventTrace_Header, Header_Extension
 * (https://learn.microsoft.com/windows/win32/etw/eventtraceevent); partition as ETW_TRACE_PARTITION_INFORMATION of
 * evntrace.h. Verified: all. Addresses of names are those of the logging process and mean nothing.
 */
export const EVENT_TRACE: readonly EventLayout[] = [
  layout(
    [0],
    [0],
    `BufferSize:u32 Version:x32 ProviderVersion:u32 NumberOfProcessors:u32 EndTime:time TimerResolution:u32 MaxFileSize:u32
     LogFileMode:x32 BuffersWritten:u32 StartBuffers:u32 PointerSize:u32 EventsLost:u32 CPUSpeed:u32 LoggerName:p
     LogFileName:p TimeZoneInformation:zone BootTime:time PerfFreq:u64 StartTime:time ReservedFlags:x32 BuffersLost:u32
     SessionNameString:z16 LogFileNameString:z16`,
  ),
  layout([5, 32], [0], `${MASKS} KernelEventVersion:x32`),
  layout([8], [0], ''),
  layout([80], [0], 'PartitionId:guid ParentId:guid QpcOffsetFromRoot:i64 PartitionType:u32 Pad1:u32'),
];

/**
 * MOF classes Registry_TypeGroup1 … (https://learn.microsoft.com/windows/win32/etw/registry), hives as in wmicore.mof. Not
 * seen in a file. Transactions (30-32), configuration and dirty hives are left out: definitions disagree or are not
 * published.
 */
export const REGISTRY: readonly EventLayout[] = [
  layout(range(10, 21), [0, 0], 'Status:x32 KeyHandle:p ElapsedTime:i64 KeyName:z16'),
  layout(range(10, 22), [1, 1], 'Status:x32 KeyHandle:p ElapsedTime:i64 Index:u32 KeyName:z16'),
  layout(range(10, 29), [2], 'InitialTime:i64 Status:x32 Index:u32 KeyHandle:p KeyName:z16'),
  layout(
    [34],
    [2],
    `OpenedKeys:u64 DelayCloseKCBs:u64 PrivateAllocPages:u64 PrivateAllocFree:u64 PrivateAllocUsed:u64 LookupCacheHit:u64
     LookupCacheMissFound:u64 LookupCacheMissNotFound:u64 ViewMap:u64 ViewUnMap:u64 HiveShrink:u64`,
  ),
  layout([36], [2], 'Hive:p OperationType:u32 PoolTag:tag Size:u32 FileName:z16'),
  layout([38], [2], 'Hive:p Path:z16'),
  layout([39], [2], 'Size:u64 Hive:p LoadedKeyCount:u32 FileName:z16 LinkPath:z16'),
  layout([48], [2], 'Notification:p KeyHandle:p Type:u8 WatchSubtree:u8 Primary:u8'),
];

/** MOF classes ALPC_Send_Message … (https://learn.microsoft.com/windows/win32/etw/alpc). Not seen in a file. */
export const ALPC: readonly EventLayout[] = [
  layout([33, 34, 35], [0], 'MessageID:u32'),
  layout([36], [0], 'IsServerPort:u32 PortName:z8'),
  layout([37], [0], 'Status:x32'),
];

/** ETW_CREATE_HANDLE_EVENT … of ntwmi.h. Not seen in a file. */
export const OBJECT: readonly EventLayout[] = [
  layout([32, 33], [0], 'Object:p Handle:x32 ObjectType:u16'),
  layout(
    [34],
    [0],
    'Object:p SourceHandle:x32 TargetHandle:x32 TargetProcessId:u32 ObjectType:u16 SourceProcessId:u32',
  ),
  layout([36, 37], [0], 'ObjectType:u16 Reserved:u16 Name:z16'),
  layout([38, 39], [0], 'Object:p ProcessId:u32 Handle:x32 ObjectType:u16'),
  layout([48, 49], [0], 'Object:p ObjectType:u16'),
  layout([50, 51], [0], 'Object:p Tag:tag Count:u32'),
];

/** MOF classes TPCBEnqueue … of ThreadPoolTrace. Not seen in a file. */
export const THREAD_POOL: readonly EventLayout[] = [
  layout([32, 34], [0], 'PoolId:p TaskId:p CallbackFunction:p CallbackContext:p SubProcessTag:p'),
  layout([37, 38], [0], 'PoolId:p'),
  layout([39, 40], [0], 'PoolId:p ThreadNum:u32'),
];

/** ETW_DEBUG_PRINT_EVENT of ntwmi.h. Not seen in a file. */
export const DBG_PRINT: readonly EventLayout[] = [layout([32], [0], 'Component:u32 Level:u32 Message:z8')];

/** MOF classes RT_LostEvent … (https://learn.microsoft.com/windows/win32/etw/rt-lostevent): the event itself says it all. */
export const LOST_EVENT: readonly EventLayout[] = [layout([32, 33, 34], [0], '')];

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}
