import { defineTable, dict, f64, i32 } from '../core/schema.js';

export const dpcIntervalUsage = defineTable(
  'dpc_interval_usage',
  'One row per interval and CPU of a table of DPC or ISR time over time that a report printed.',
  {
    kind: dict('`DPC` or `ISR`; null where the report does not say.'),
    cpu: i32('Processor; null where the table has no line that names them.'),
    startUs: f64('Start of the interval, from the start of the trace.', 'µs'),
    endUs: f64('End of the interval.', 'µs'),
    us: f64('Time of DPCs or ISRs of this CPU within the interval.', 'µs'),
    percentOfCpu: f64('Share of the interval, as printed.', '%'),
  },
);
