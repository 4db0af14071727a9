import { defineTable, dict, f64, i32 } from '../core/schema.js';

export const cswitch = defineTable('cswitch', 'One row per context switch.', {
  atUs: f64('Time of the switch from the start of the trace.', 'µs'),
  cpu: i32('Processor.'),
  newProcess: dict('Process switched in.'),
  newPid: i32('Its id.'),
  newTid: i32('Thread switched in; 0 is idle.'),
  newPriority: i32('Its priority.'),
  oldProcess: dict('Process switched out.'),
  oldPid: i32('Its id.'),
  oldTid: i32('Thread switched out; 0 is idle.'),
  oldPriority: i32('Its priority.'),
  oldState: dict('State that the old thread went to, e.g. `Waiting`.'),
  waitReason: dict('Why it waits, e.g. `UserRequest`.'),
  waitUs: f64('How long the new thread was ready before it ran (WaitTime).', 'µs'),
});
