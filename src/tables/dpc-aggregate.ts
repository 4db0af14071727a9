import { defineTable, dict, f64, i32 } from '../core/schema.js';

export const dpcAggregate = defineTable(
  'dpc_aggregate',
  'One row per sum of DPC or ISR time that a report printed, where the single runs are not in the source.',
  {
    kind: dict('`DPC` or `ISR`.'),
    module: dict('Image; null where the sum is over all of them or the image is unresolved (see `scope`).'),
    scope: dict('What is summed over: `module`, `module-cpu`, `function`, `cpu`, `all`.'),
    fn: dict('Function, where the sum is for one.'),
    cpu: i32('Processor, where the sum is for one.'),
    count: f64('Runs; null where not printed.'),
    totalUs: f64('Time, inclusive; null where not printed.', 'µs'),
    exclusiveUs: f64('Time without nested interrupts; null where not printed.', 'µs'),
    maxUs: f64('Longest run; null where not printed.', 'µs'),
    percentOfCpu: f64('Share of the time of the processors summed over; null where not printed.', '%'),
  },
);

export const dpcHistogram = defineTable(
  'dpc_histogram',
  'One row per bucket of a histogram of durations that a report printed.',
  {
    kind: dict('`DPC` or `ISR`; null where the report does not say.'),
    module: dict('Image; null where the histogram is over all of them or the image is unresolved (see `scope`).'),
    scope: dict('What is counted: `module` or `all`.'),
    gtUs: f64('Durations above this …', 'µs'),
    leUs: f64('… up to and including this; null in the open last bucket.', 'µs'),
    count: f64('Runs in the bucket.'),
  },
);
