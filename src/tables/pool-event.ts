import { defineTable, dict, f64, i32, u64 } from '../core/schema.js';

/** Rows come in the order of time over all processors, so that a free finds the allocation of its block. */
export const poolEvent = defineTable('pool_event', 'One row per pool allocation or free.', {
  event: dict('Event name as the source spells it.'),
  operation: dict('`alloc` or `free`; null where the name does not tell.'),
  atUs: f64('Time from the start of the trace.', 'µs'),
  process: dict('Process.'),
  pid: i32('Its id.'),
  tid: i32('Its thread.'),
  cpu: i32('Processor.'),
  poolType: dict('POOL_TYPE by name; as the source prints it where it is none that is documented.'),
  tag: dict('Pool tag, trailing blanks kept.'),
  bytes: f64('Size.', 'bytes'),
  address: u64('The block.'),
  sessionId: i32(
    'Session whose pool it is, of which each has the same addresses; null for other pool and where not printed.',
  ),
  stack: i32('Number of its stack in `call_stack`; null where none was recorded.'),
});
