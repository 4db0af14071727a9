import { defineTable, dict, f64, i32, u64 } from '../core/schema.js';

export const stack = defineTable('stack', 'One row per stack frame; the frames of one stack follow each other.', {
  atUs: f64('Time stamp of the event that the stack belongs to, from the start of the trace.', 'µs'),
  tid: i32('Thread of the event that the stack belongs to.'),
  frame: i32('Number of the frame, from 1 at the innermost.'),
  address: u64('Return address.'),
  module: dict('Image; null where unresolved.'),
  routine: dict('`Image!Function`.'),
});
