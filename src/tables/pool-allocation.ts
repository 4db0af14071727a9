import { defineTable, dict, f64, i32, u64 } from '../core/schema.js';

export const poolAllocation = defineTable(
  'pool_allocation',
  'One row per allocation, or group of allocations, that the source itself has paired with its free (tables of WPA).',
  {
    type: dict('`AIFI`, `AIFO`, `AOFI` or `AOFO` as the source says, against the range it was exported with.'),
    poolType: dict('POOL_TYPE by name; `PagedPool` or `NonPagedPool` where the source tells only that.'),
    tag: dict('Pool tag, trailing blanks kept.'),
    allocUs: f64('Time of the allocation from the start of the trace; null where not known.', 'µs'),
    freeUs: f64('Time of the free from the start of the trace; null where it was not freed, or not known.', 'µs'),
    process: dict('Process that allocated.'),
    pid: i32('Its id.'),
    tid: i32('Its thread.'),
    count: f64('Allocations in this row.'),
    bytes: f64('Their size together.', 'bytes'),
    address: u64('The block; null in groups.'),
    stack: i32('Number of the allocating stack in `call_stack`.'),
    freeStack: i32('Number of the freeing stack in `call_stack`.'),
  },
);
