import { defineTable, dict, f64, i32 } from '../core/schema.js';

export const readyThread = defineTable('ready_thread', 'One row per thread made ready, with who made it ready.', {
  atUs: f64('Time from the start of the trace.', 'µs'),
  process: dict('Process of the readying thread.'),
  pid: i32('Its id.'),
  tid: i32('The readying thread.'),
  readyProcess: dict('Process of the thread made ready.'),
  readyPid: i32('Its id.'),
  readyTid: i32('The thread made ready.'),
  adjustReason: dict('Why its priority was adjusted.'),
  inDpc: dict('Whether a DPC made it ready, as the source prints it.'),
});
