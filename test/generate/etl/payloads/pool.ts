/** Pool allocations, group Pool: 32 alloc, 33 session alloc, 34 free, 35 session free. No real file with them is public. */
import { type PointerBytes, pointer, u32 } from '../bytes.js';
import type { EventBody } from '../log.js';
import { GROUP, perfInfoEvent } from './kernel.js';

export interface PoolFields {
  /** POOL_TYPE. */
  readonly type: number;
  /** Up to four characters. */
  readonly tag: string;
  readonly bytes: bigint;
  readonly entry: bigint;
  /** Given: session pool. */
  readonly sessionId?: number;
}

export function pool(action: 'alloc' | 'free', fields: PoolFields, pointerBytes: PointerBytes = 8): EventBody {
  const opcode = (action === 'alloc' ? 32 : 34) + (fields.sessionId === undefined ? 0 : 1);
  return perfInfoEvent(
    { group: GROUP.pool, opcode, pointerBytes },
    u32(fields.type),
    Buffer.from(fields.tag.padEnd(4).slice(0, 4), 'latin1'),
    pointer(fields.bytes, pointerBytes),
    pointer(fields.entry, pointerBytes),
    ...(fields.sessionId === undefined ? [] : [u32(fields.sessionId)]),
  );
}
