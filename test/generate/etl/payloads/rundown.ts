/**
 * Processes, threads and images: start, end, and rundown at start and end. Layouts compared with real files of Windows 7
 * (thread 3, process 3, image 2) and Windows 10 (thread 3 with a name, process 4, image 3).
 */
import { ansiz, joined, type PointerBytes, pointer, u8, u16, u32, utf16z } from '../bytes.js';
import type { EventBody } from '../log.js';
import { GROUP, perfInfoEvent, systemEvent } from './kernel.js';

/** EVENT_TRACE_TYPE_START, _END, _DC_START and _DC_END. */
export type When = 'start' | 'end' | 'rundownStart' | 'rundownEnd';
const OPCODE: Record<When, number> = { start: 1, end: 2, rundownStart: 3, rundownEnd: 4 };
const LOAD = 10;
const UNLOAD = 2;
const NAME = 72;

export interface ProcessFields {
  readonly key: bigint;
  readonly pid: number;
  readonly parentPid: number;
  readonly sessionId?: number;
  readonly exitStatus?: number;
  readonly imageFileName: string;
  readonly commandLine?: string;
  /** 4 has flags, a package's name and an application's id as well. */
  readonly version?: 3 | 4;
}

/** S-1-5-18, LocalSystem. */
const SID = Buffer.from('010100000000000512000000', 'hex');

export function processEvent(when: When, fields: ProcessFields, pointerBytes: PointerBytes = 8): EventBody {
  const version = fields.version ?? 4;
  // TOKEN_USER stands before the SID: a pointer and attributes, as wide as a pointer.
  const user = joined(pointer(fields.key + 0x60n, pointerBytes), pointer(0n, pointerBytes), SID);
  return systemEvent(
    { group: GROUP.process, opcode: OPCODE[when], version, pointerBytes },
    pointer(fields.key, pointerBytes),
    u32(fields.pid),
    u32(fields.parentPid),
    u32(fields.sessionId ?? 0),
    u32(fields.exitStatus ?? 0x103),
    pointer(0x1ad000n, pointerBytes),
    ...(version === 4 ? [u32(0)] : []),
    user,
    ansiz(fields.imageFileName),
    utf16z(fields.commandLine ?? ''),
    ...(version === 4 ? [utf16z(''), utf16z('')] : []),
  );
}

export interface ThreadFields {
  readonly pid: number;
  readonly tid: number;
  readonly stackBase?: bigint;
  readonly stackLimit?: bigint;
  readonly userStackBase?: bigint;
  readonly userStackLimit?: bigint;
  /** Affinity since version 3. */
  readonly startAddress?: bigint;
  readonly win32StartAddress: bigint;
  readonly teb?: bigint;
  readonly subProcessTag?: number;
  readonly basePriority?: number;
  /** Windows 10 and later; without one, the fields end with the priorities, as in Windows 7. */
  readonly name?: string;
  readonly version?: 3 | 4;
}

export function threadEvent(when: When, fields: ThreadFields, pointerBytes: PointerBytes = 8): EventBody {
  const address = (value: bigint | undefined): Buffer => pointer(value ?? 0n, pointerBytes);
  return systemEvent(
    { group: GROUP.thread, opcode: OPCODE[when], version: fields.version ?? 3, pointerBytes },
    u32(fields.pid),
    u32(fields.tid),
    address(fields.stackBase),
    address(fields.stackLimit),
    address(fields.userStackBase),
    address(fields.userStackLimit),
    address(fields.startAddress),
    address(fields.win32StartAddress),
    address(fields.teb),
    u32(fields.subProcessTag ?? 0),
    joined(u8(fields.basePriority ?? 8), u8(5), u8(2), u8(0)),
    ...(fields.name === undefined ? [] : [utf16z(fields.name)]),
  );
}

/** SetThreadDescription, group Thread, opcode 72: process, thread and name. */
export function threadName(pid: number, tid: number, name: string, pointerBytes: PointerBytes = 8): EventBody {
  const what = { group: GROUP.thread, opcode: NAME, version: 2, pointerBytes };
  return systemEvent(what, u32(pid), u32(tid), utf16z(name));
}

export interface ImageFields {
  readonly base: bigint;
  readonly size: bigint;
  readonly pid: number;
  readonly checksum?: number;
  readonly timeDateStamp?: number;
  readonly defaultBase?: bigint;
  readonly fileName: string;
  /** 3 has the level and the type of the signature. */
  readonly version?: 2 | 3;
}

/** A load while tracing is logged in the group Process; all else in the group Image. */
export function imageEvent(when: When, fields: ImageFields, pointerBytes: PointerBytes = 8): EventBody {
  const version = fields.version ?? 3;
  const what =
    when === 'start'
      ? { group: GROUP.process, opcode: LOAD, version, pointerBytes }
      : { group: GROUP.image, opcode: when === 'end' ? UNLOAD : OPCODE[when], version, pointerBytes };
  const isPlain = when === 'end';
  return (isPlain ? perfInfoEvent : systemEvent)(
    what,
    pointer(fields.base, pointerBytes),
    pointer(fields.size, pointerBytes),
    u32(fields.pid),
    u32(fields.checksum ?? 0),
    u32(fields.timeDateStamp ?? 0x5f3a1c20),
    version === 3 ? joined(u8(0), u8(1), u16(0)) : u32(0),
    pointer(fields.defaultBase ?? fields.base, pointerBytes),
    joined(u32(0), u32(0), u32(0), u32(0)),
    utf16z(fields.fileName),
  );
}
