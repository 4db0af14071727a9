/** What the kernel's events have in common: group and opcode, and one of the kernel's own headers. */
import { joined, type PointerBytes } from '../bytes.js';
import type { EventBody, HeaderKind } from '../log.js';

/** EVENT_TRACE_GROUP_*, ntwmi.h. */
export const GROUP = {
  header: 0x00,
  io: 0x01,
  memory: 0x02,
  process: 0x03,
  file: 0x04,
  thread: 0x05,
  pool: 0x0e,
  perfInfo: 0x0f,
  image: 0x14,
  stackWalk: 0x18,
  alpc: 0x1a,
} as const;

export interface KernelEvent {
  readonly group: number;
  readonly opcode: number;
  readonly version?: number;
  readonly pointerBytes: PointerBytes;
}

function kernelBody(header: HeaderKind, { group, opcode, version }: KernelEvent, fields: readonly Buffer[]): EventBody {
  return { header, group, opcode, version: version ?? 2, payload: joined(...fields) };
}

/** An event without process and thread. */
export const perfInfoEvent = (what: KernelEvent, ...fields: readonly Buffer[]): EventBody =>
  kernelBody(what.pointerBytes === 8 ? 'perfinfo64' : 'perfinfo32', what, fields);

/** An event with process, thread and processor times. */
export const systemEvent = (what: KernelEvent, ...fields: readonly Buffer[]): EventBody =>
  kernelBody(what.pointerBytes === 8 ? 'system64' : 'system32', what, fields);
