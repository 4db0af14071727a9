import { defineTable, dict, f64, i32, u64 } from '../core/schema.js';

export const frameworkCallback = defineTable(
  'framework_callback',
  'One row per routine of a client driver that the Windows Driver Framework called: the driver behind a run of Wdf01000.sys.',
  {
    type: dict('The kernel event behind it: `WdfDPC`, `WdfISR`, `WdfPassiveISR` or `WdfWorkItem`.'),
    atUs: f64('Time of the event from the start of the trace.', 'µs'),
    cpu: i32('Processor.'),
    module: dict('Image that holds the routine; null where unresolved.'),
    routine: dict('`Image!Function`, or the address where no name is known.'),
    address: u64('Address of the routine.'),
  },
);
