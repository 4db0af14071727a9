import { defineTable, dict, f64, i32, u64 } from '../core/schema.js';

export const poolEvent = defineTable('pool_event', 'One row per pool allocation or free.', {
  event: dict('Event name as the source spells it.'),
  atUs: f64('Time from the start of the trace.', 'µs'),
  process: dict('Process.'),
  pid: i32('Its id.'),
  tid: i32('Its thread.'),
  cpu: i32('Processor.'),
  poolType: dict('Pool type as the source prints it.'),
  tag: dict('Pool tag, trailing blanks kept.'),
  bytes: f64('Size.', 'bytes'),
  address: u64('The block.'),
});
