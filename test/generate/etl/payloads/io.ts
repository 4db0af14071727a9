/** Disk and file operations. Fields: MOF classes DiskIo_TypeGroup1 and FileIo_ReadWrite of the documentation of ETW. */
import { type PointerBytes, pointer, u32, u64 } from '../bytes.js';
import type { EventBody } from '../log.js';
import { GROUP, perfInfoEvent } from './kernel.js';

export interface DiskFields {
  readonly disk: number;
  readonly bytes: number;
  readonly offset: bigint;
  readonly fileObject: bigint;
  readonly irp: bigint;
  /** In units of the clock. */
  readonly responseTime: bigint;
  readonly tid: number;
}

export function diskIo(action: 'read' | 'write', fields: DiskFields, pointerBytes: PointerBytes = 8): EventBody {
  return perfInfoEvent(
    { group: GROUP.io, opcode: action === 'read' ? 10 : 11, version: 3, pointerBytes },
    u32(fields.disk),
    u32(0x60043),
    u32(fields.bytes),
    u32(0),
    u64(fields.offset),
    pointer(fields.fileObject, pointerBytes),
    pointer(fields.irp, pointerBytes),
    u64(fields.responseTime),
    u32(fields.tid),
  );
}

export interface FileFields {
  readonly offset: bigint;
  readonly irp: bigint;
  readonly fileObject: bigint;
  readonly fileKey: bigint;
  readonly tid: number;
  readonly bytes: number;
}

export function fileIo(action: 'read' | 'write', fields: FileFields, pointerBytes: PointerBytes = 8): EventBody {
  return perfInfoEvent(
    { group: GROUP.file, opcode: action === 'read' ? 67 : 68, version: 3, pointerBytes },
    u64(fields.offset),
    pointer(fields.irp, pointerBytes),
    pointer(fields.fileObject, pointerBytes),
    pointer(fields.fileKey, pointerBytes),
    u32(fields.tid),
    u32(fields.bytes),
    u32(0),
    u32(0),
  );
}
