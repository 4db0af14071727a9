import { defineTable, dict, f64, i32, u64 } from '../core/schema.js';

export const sampledProfile = defineTable('sampled_profile', 'One row per sample of the profile interrupt.', {
  atUs: f64('Time of the sample from the start of the trace.', 'µs'),
  cpu: i32('Processor.'),
  process: dict('Process sampled.'),
  pid: i32('Its id.'),
  tid: i32('Its thread.'),
  address: u64('Program counter.'),
  module: dict('Image at the program counter; null where unresolved.'),
  routine: dict('`Image!Function` at the program counter.'),
  stack: dict(
    'Frames of its stack, innermost first, joined by `;`, at most 32 (64 from raw logs); null where none follows.',
  ),
});
