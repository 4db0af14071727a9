import type { Reader } from '../../../src/core/reader.js';
import { readLayout } from './event-layout.js';
import type { Fields } from './fields.js';
import { kernelLayout } from './kernel-layouts.js';

/**
 * The fields of a kernel event, under their MOF names, by its class (kernelClassOfGroup, kernelClassOfGuid), opcode and
 * version. What the payload ends before is null; what lies behind the last known field is `Rest`, in hex. Null where no
 * layout is published. Never throws. Times called InitialTime, EventTimeStamp … are ticks of the log's clock.
 */
export function decodeKernel(
  className: string,
  opcode: number,
  version: number,
  payload: Reader,
  pointerBytes: 4 | 8,
): Fields | null {
  const fields = kernelLayout(className, opcode, version);
  return fields === null ? null : readLayout(fields, payload, pointerBytes);
}
