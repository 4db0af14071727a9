/** Where WPP messages hold what their option flags name: for the passes that make no object of an event. */
import { HEADER_BYTES, HeaderType } from './layout.js';

/** Size, marker, message number and flags: what every message has. */
export const MESSAGE_FIXED_BYTES = HEADER_BYTES[HeaderType.Message];

/** The option flags of evntrace.h. */
export enum MessageFlag {
  Sequence = 0x01,
  Guid = 0x02,
  ComponentId = 0x04,
  Timestamp = 0x08,
  /** Obsolete by that header's own comment: the session decides the clock. */
  PerformanceTimestamp = 0x10,
  SystemInfo = 0x20,
  Pointer32 = 0x40,
  Pointer64 = 0x80,
}

/** Offset of the GUID of a message: behind its sequence number. 0 where it has none. */
export function messageGuidOffset(flags: number): number {
  if ((flags & MessageFlag.Guid) === 0) return 0;
  return MESSAGE_FIXED_BYTES + (flags & MessageFlag.Sequence ? 4 : 0);
}

/** Offset of the time of a message: behind sequence number and GUID or component id, which exclude each other. 0 where it has none. */
export function messageTimeOffset(flags: number): number {
  if ((flags & MessageFlag.Timestamp) === 0) return 0;
  const source = flags & MessageFlag.Guid ? 16 : flags & MessageFlag.ComponentId ? 4 : 0;
  return MESSAGE_FIXED_BYTES + (flags & MessageFlag.Sequence ? 4 : 0) + source;
}
