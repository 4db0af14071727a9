import { defineTable, dict, f64, i32 } from '../core/schema.js';

export const threadTable = defineTable('thread', 'One row per thread start, end or rundown.', {
  event: dict('`start`, `end`, `rundown-start` or `rundown-end`.'),
  atUs: f64('Time of the event from the start of the trace.', 'µs'),
  process: dict('Image name of the process.'),
  pid: i32('Process id.'),
  tid: i32('Thread id.'),
  startRoutine: dict('`Image!Function` of the start address.'),
});
