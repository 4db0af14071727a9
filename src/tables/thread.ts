import { defineTable, dict, f64, i32, utf8 } from '../core/schema.js';

export const threadTable = defineTable('thread', 'One row per thread start, end or rundown, and per name given.', {
  event: dict('`start`, `end`, `rundown-start`, `rundown-end` or `name`.'),
  atUs: f64('Time of the event from the start of the trace.', 'µs'),
  process: dict('Image name of the process.'),
  pid: i32('Process id.'),
  tid: i32('Thread id.'),
  startRoutine: dict('`Image!Function` of the start address.'),
  name: utf8('Name that the thread was given (SetThreadDescription); null where the source does not say.'),
});
