/**
 * Events that say what the system consists of: processes, threads, images. The layouts are those of the MOF classes
 * Process_TypeGroup1, Thread_TypeGroup1 and Image_Load (learn.microsoft.com/windows/win32/etw), checked against real files
 * of Windows 7 to 11; versions 0 and 1 against files that Google's sawbuck made.
 */
import { Reader } from '../../../src/core/reader.js';
import type { EventCursor } from '../log/cursor.js';
import { Group, HeaderType, kernelKey, pointerBytesOf } from '../log/layout.js';

export type Phase = 'start' | 'end' | 'rundown-start' | 'rundown-end' | 'defunct';

export interface ImageEvent {
  readonly kind: 'image';
  readonly event: 'load' | 'unload' | 'rundown-start' | 'rundown-end';
  readonly base: bigint;
  readonly size: bigint;
  /** Null in version 0, which does not say. */
  readonly pid: number | null;
  /** Seconds since 1970; null where unknown. */
  readonly timeDateStamp: number | null;
  readonly path: string;
}

export interface ProcessEvent {
  readonly kind: 'process';
  readonly event: Phase;
  readonly pid: number;
  readonly parentPid: number;
  readonly sessionId: number | null;
  readonly name: string;
  readonly commandLine: string | null;
}

export interface ThreadEvent {
  readonly kind: 'thread';
  readonly event: Phase | 'name';
  readonly pid: number;
  readonly tid: number;
  /** Null where the event does not say. */
  readonly startAddress: bigint | null;
  readonly name: string | null;
}

export type SystemEvent = ImageEvent | ProcessEvent | ThreadEvent;

const PHASES: Readonly<Record<number, Phase>> = {
  1: 'start',
  2: 'end',
  3: 'rundown-start',
  4: 'rundown-end',
  39: 'defunct',
};
/** Opcodes of images in the classes Image and, for live loads, Process. */
const IMAGE_EVENTS: Readonly<Record<number, ImageEvent['event']>> = {
  2: 'unload',
  3: 'rundown-start',
  4: 'rundown-end',
  10: 'load',
};
const THREAD_NAME = 72;

/** Kinds of events by `kernelKey`; 0 for others. For the hot loop. */
export const SYSTEM_KINDS: Uint8Array = ((): Uint8Array => {
  const kinds = new Uint8Array(1 << 16);
  for (const opcode of Object.keys(PHASES).map(Number)) {
    kinds[kernelKey(Group.Process, opcode)] = 1;
    if (opcode !== 39) kinds[kernelKey(Group.Thread, opcode)] = 1;
  }
  for (const opcode of Object.keys(IMAGE_EVENTS).map(Number)) kinds[kernelKey(Group.Image, opcode)] = 1;
  kinds[kernelKey(Group.Process, 10)] = 1;
  kinds[kernelKey(Group.Thread, THREAD_NAME)] = 1;
  return kinds;
})();

/** Classes by which the same events go where they have a classic header: Image, Process, Thread. */
const CLASSES: Readonly<Record<string, Group>> = {
  '2cb15d1d-5fc1-11d2-abe1-00a0c911f518': Group.Image,
  '3d6fa8d0-fe05-11d0-9dda-00c04fd7ba7c': Group.Process,
  '3d6fa8d1-fe05-11d0-9dda-00c04fd7ba7c': Group.Thread,
};

/** First words of the GUIDs in {@link CLASSES}: most classic events are told by them not to be asked further. */
const FIRST_WORDS = new Set(Object.keys(CLASSES).map((guid) => Number.parseInt(guid.slice(0, 8), 16) | 0));

/** True where the classic event at the cursor may say something of the system. */
export function mayBeSystemClass(cursor: EventCursor): boolean {
  return FIRST_WORDS.has(cursor.words[(cursor.at + 24) >> 2]);
}

/** The event at the cursor as what it says of the system; null where it is another, `'damaged'` where it is too short. */
export function readSystemEvent(cursor: EventCursor, guid: string | null): SystemEvent | 'damaged' | null {
  const { bytes, at, type } = cursor;
  const isClassic = type === HeaderType.Full32 || type === HeaderType.Full64;
  const group = isClassic && guid !== null ? CLASSES[guid] : cursor.key >> 8;
  if (group === undefined) return null;
  const opcode = isClassic ? bytes[at + 4] : cursor.key & 0xff;
  const version = isClassic ? bytes.readUInt16LE(at + 6) : bytes[at];
  const payload = new Reader(bytes, cursor.payloadAt, at + cursor.size);
  const pointerBytes = pointerBytesOf(type);
  const image = group === Group.Image || (group === Group.Process && opcode === 10) ? IMAGE_EVENTS[opcode] : undefined;
  const read =
    image !== undefined
      ? readImage(payload, image, version, pointerBytes)
      : group === Group.Process && PHASES[opcode] !== undefined
        ? readProcess(payload, PHASES[opcode], version, pointerBytes)
        : group === Group.Thread
          ? readThread(payload, opcode, version, pointerBytes)
          : null;
  return read !== null && payload.short ? 'damaged' : read;
}

function readImage(p: Reader, event: ImageEvent['event'], version: number, pointerBytes: 4 | 8): ImageEvent {
  const base = p.pointer(pointerBytes);
  const size = version === 0 ? BigInt(p.u32()) : p.pointer(pointerBytes);
  let pid: number | null = null;
  let timeDateStamp = 0;
  if (version >= 1) pid = p.u32();
  if (version >= 2) {
    p.skip(4); // ImageChecksum
    timeDateStamp = p.u32();
    p.skip(4); // SignatureLevel, SignatureType, reserved
    p.pointer(pointerBytes); // DefaultBase
    p.skip(16);
  }
  return { kind: 'image', event, base, size, pid, timeDateStamp: timeDateStamp || null, path: p.utf16Z() };
}

function readProcess(p: Reader, event: Phase, version: number, pointerBytes: 4 | 8): ProcessEvent {
  let sessionId: number | null = null;
  if (version >= 1) p.pointer(pointerBytes); // PageDirectoryBase, UniqueProcessKey
  const pid = version === 0 ? Number(BigInt.asUintN(32, p.pointer(pointerBytes))) : p.u32();
  const parentPid = version === 0 ? Number(BigInt.asUintN(32, p.pointer(pointerBytes))) : p.u32();
  if (version >= 1) {
    sessionId = p.u32();
    p.skip(4); // ExitStatus
  }
  if (version >= 3) p.pointer(pointerBytes); // DirectoryTableBase
  if (version >= 4) p.skip(4); // Flags
  skipSid(p, pointerBytes);
  const name = p.ansiZ();
  const commandLine = version >= 2 ? p.utf16Z() || null : null;
  return {
    kind: 'process',
    event,
    pid,
    parentPid,
    sessionId: sessionId === 0xffffffff ? null : sessionId,
    name,
    commandLine,
  };
}

/** A pointer, 0 where there is no SID; else TOKEN_USER (two pointers' room, of which that is the first) and the SID. */
function skipSid(p: Reader, pointerBytes: 4 | 8): void {
  if (p.pointer(pointerBytes) === 0n) return;
  p.pointer(pointerBytes);
  p.skip(1);
  const subAuthorities = p.u8();
  p.skip(6 + 4 * subAuthorities);
}

function readThread(p: Reader, opcode: number, version: number, pointerBytes: 4 | 8): ThreadEvent | null {
  const pid = p.u32();
  const tid = p.u32();
  if (opcode === THREAD_NAME) {
    return { kind: 'thread', event: 'name', pid, tid, startAddress: null, name: p.utf16Z() || null };
  }
  const event = PHASES[opcode];
  if (event === undefined || event === 'defunct') return null;
  // In version 0 the thread comes first, and nothing else does.
  if (version === 0) return { kind: 'thread', event, pid: tid, tid: pid, startAddress: null, name: null };
  // Ends of version 1 hold no more than the ids; its other events hold no TebBase, but a WaitMode.
  if (p.left < (version === 1 ? 6 : 7) * pointerBytes)
    return { kind: 'thread', event, pid, tid, startAddress: null, name: null };
  p.skip(5 * pointerBytes); // StackBase, StackLimit, UserStackBase, UserStackLimit, StartAddr or Affinity
  const start = p.pointer(pointerBytes); // Win32StartAddr
  if (version >= 2) p.pointer(pointerBytes); // TebBase
  let name: string | null = null;
  if (version >= 3 && p.left >= 8) p.skip(8); // SubProcessTag, priorities, flags
  if (version >= 4) name = p.utf16Z() || null;
  return { kind: 'thread', event, pid, tid, startAddress: start === 0n ? null : start, name };
}
