import { type EventLayout, layout } from '../event-layout.js';

/**
 * Samples, DPCs, interrupts, system calls, timers. MOF classes SampledProfile, SampledProfileInterval, DPC, ISR, SysCallEnter
 * … (https://learn.microsoft.com/windows/win32/etw/perfinfo), newer ones as in wmicore.mof. Times are raw ticks of the log's
 * clock. Verified: 46, 50, 66-69, 73, 74. An ISR's vector was u8 with two reserved bytes behind it once, and is u16 with one
 * now: the bytes of old events read the same.
 */
export const PERF_INFO: readonly EventLayout[] = [
  layout([34], [0], 'Message:z8'),
  layout([46], [0, 1], 'InstructionPointer:p ThreadId:u32 Count:u32'),
  layout([46], [2], 'InstructionPointer:p ThreadId:u32 Count:u16 Reserved:u16'),
  layout([47], [0], 'InstructionPointer:p ThreadId:u32 ProfileSource:u16 Reserved:u16'),
  layout([48], [0], 'CounterCount:u32 CounterName:z16[CounterCount]'),
  layout([50], [0], 'InitialTime:u64 Routine:p ReturnValue:u8 Vector:u16 Reserved:u8 MessageNumber:u32'),
  layout([51], [0], 'SysCallAddress:p'),
  layout([52], [0], 'SysCallNtStatus:x32'),
  layout([58], [0], ''),
  layout([66, 68, 69, 70], [0], 'InitialTime:u64 Routine:p'),
  layout([67], [0, 1], 'InitialTime:u64 Routine:p ReturnValue:u32'),
  layout([67], [2], 'InitialTime:u64 Routine:p ReturnValue:u8 Vector:u16 Reserved:u8'),
  layout([72, 73, 74], [0, 2], 'Source:u32 NewInterval:u32 OldInterval:u32'),
  layout([72, 73, 74], [3], 'Source:u32 NewInterval:u32 OldInterval:u32 SourceName:z16'),
  layout(
    [75, 76],
    [0],
    `SpinLockSpinThreshold:u32 SpinLockContentionSampleRate:u32 SpinLockAcquireSampleRate:u32
     SpinLockHoldThreshold:u32`,
  ),
  layout([80], [0], 'InterruptTime:u64'),
  layout([81], [0], 'ExpectedDueTime:u64 TimerAddress:p DeferredRoutine:p EncodedDelay:u8'),
  layout(
    [82, 83, 84],
    [0],
    'ExpectedDueTime:u64 TimerAddress:p TargetProcessorGroup:u16 TargetProcessorIndex:u8 Flags:x8 Period:u32 EncodedDelay:u8',
  ),
  layout([85], [0], 'TimerAddress:p'),
  layout([88], [0], 'InterruptTime:u64 ClockOwner:u32'),
  layout([90], [0], 'KnownType:u32 Capabilities:x32 DisableReason:u32'),
  layout([92], [0], 'Vector:u16'),
  layout([93, 94], [0], 'DeviceObject:p TimerRoutine:p'),
  layout([95], [0], 'InitialTime:u64 Routine:p ReturnValue:u8 Vector:u16 Reserved:u8'),
  layout([96, 97, 98, 103], [0], 'Routine:p'),
  layout([99], [0], 'Address:p Bytes:size Clean:u8 FullFlush:u8 Rectangle:u8 Reserved0:u8 Reserved1:u32'),
  layout(
    [104, 105],
    [0],
    'DueTime:u64 MaximumDueTime:u64 Period:u64 Timer:p Callback:p CallbackContext:p TimerFlags:x8',
  ),
  layout([106], [0], 'Timer:p'),
  layout([107], [0], 'Timer:p DisableCallback:p DisableContext:p TimerFlags:x8'),
  layout([108], [0], 'Timer:p DisableCallback:p DisableContext:p'),
  layout([114], [0], 'CallCode:u32 IsFast:u8 IsNested:u8'),
];

/** MOF numbers the addresses from Stack1; here they are one list. Verified: all but 34. */
export const STACK_WALK: readonly EventLayout[] = [
  layout([32], [0], 'EventTimeStamp:u64 StackProcess:u32 StackThread:u32 Stack:p[]'),
  layout([34, 35, 36], [0], 'StackKey:p Stack:p[]'),
  layout([37, 38], [0], 'EventTimeStamp:u64 StackProcess:u32 StackThread:u32 StackKey:p'),
];
