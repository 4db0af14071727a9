import { defineTable, dict, f64, i32, utf8 } from '../core/schema.js';

export const processTable = defineTable('process', 'One row per process start, end or rundown.', {
  event: dict('`start`, `end`, `rundown-start`, `rundown-end` or `defunct`.'),
  atUs: f64('Time of the event from the start of the trace.', 'µs'),
  process: dict('Image name.'),
  pid: i32('Process id.'),
  parentPid: i32('Id of the parent.'),
  sessionId: i32('Session.'),
  commandLine: utf8('Command line.'),
});
