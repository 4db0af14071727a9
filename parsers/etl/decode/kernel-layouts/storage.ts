import { type EventLayout, layout } from '../event-layout.js';

/**
 * Disks and files. MOF classes DiskIo_TypeGroup1/2/3, DriverMajorFunctionCall …, FileIo_Name, FileIo_Create …
 * (https://learn.microsoft.com/windows/win32/etw/diskio, /fileio), version 3 as in wmicore.mof and ntwmi.h. Verified:
 * DiskIo 10-15 v2 and v3; FileIo 32, 35, 36.
 */
export const DISK_IO: readonly EventLayout[] = [
  layout(
    [10, 11, 55, 56],
    [2],
    `DiskNumber:u32 IrpFlags:x32 TransferSize:u32 Reserved:u32 ByteOffset:u64 FileObject:p Irp:p HighResResponseTime:u64
     IssuingThreadId:u32`,
  ),
  layout([12, 13, 15, 58, 59, 60], [2], 'Irp:p IssuingThreadId:u32'),
  layout([14, 57], [2], 'DiskNumber:u32 IrpFlags:x32 HighResResponseTime:u64 Irp:p IssuingThreadId:u32'),
  layout([16], [2], 'Irp:p FileKey:p'),
  layout([34], [0], 'MajorFunction:u32 MinorFunction:u32 RoutineAddr:p FileObject:p Irp:p UniqMatchId:u32'),
  layout([35, 53], [0], 'Irp:p UniqMatchId:u32'),
  layout([37], [0], 'Routine:p IrpPtr:p UniqMatchId:u32'),
  layout([52], [0], 'RoutineAddr:p Irp:p UniqMatchId:u32'),
];

export const FILE_IO: readonly EventLayout[] = [
  layout([0, 32, 35, 36], [0], 'FileObject:p FileName:z16'),
  layout([37, 38, 39, 40], [2], 'ViewBase:p FileObject:p MiscInfo:x64 ViewSize:size ProcessId:u32'),
  // Version 3 (Windows 8) made the thread a u32 and moved it behind the pointers.
  layout(
    [64],
    [2, 2],
    'IrpPtr:p TTID:size FileObject:p CreateOptions:x32 FileAttributes:x32 ShareAccess:x32 OpenPath:z16',
  ),
  layout([64], [3], 'IrpPtr:p FileObject:p TTID:u32 CreateOptions:x32 FileAttributes:x32 ShareAccess:x32 OpenPath:z16'),
  layout([65, 66, 73], [2, 2], 'IrpPtr:p TTID:size FileObject:p FileKey:p'),
  layout([65, 66, 73], [3], 'IrpPtr:p FileObject:p FileKey:p TTID:u32'),
  layout([67, 68], [2, 2], 'Offset:u64 IrpPtr:p TTID:size FileObject:p FileKey:p IoSize:u32 IoFlags:x32'),
  layout([67, 68], [3], 'Offset:u64 IrpPtr:p FileObject:p FileKey:p TTID:u32 IoSize:u32 IoFlags:x32'),
  layout([69, 70, 71, 74, 75], [2, 2], 'IrpPtr:p TTID:size FileObject:p FileKey:p ExtraInfo:p InfoClass:u32'),
  layout([69, 70, 71, 74, 75], [3], 'IrpPtr:p FileObject:p FileKey:p ExtraInfo:p TTID:u32 InfoClass:u32'),
  layout(
    [72, 77],
    [2, 2],
    'IrpPtr:p TTID:size FileObject:p FileKey:p Length:u32 InfoClass:u32 FileIndex:u32 FileName:z16',
  ),
  layout([72, 77], [3], 'IrpPtr:p FileObject:p FileKey:p TTID:u32 Length:u32 InfoClass:u32 FileIndex:u32 FileName:z16'),
  layout([76], [2], 'IrpPtr:p ExtraInfo:p NtStatus:x32'),
];

export const SPLIT_IO: readonly EventLayout[] = [layout([32], [0], 'ParentIrp:p ChildIrp:p')];
