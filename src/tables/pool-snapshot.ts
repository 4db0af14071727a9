import { defineTable, dict, f64, i32, u64 } from '../core/schema.js';

/** Tables of what pool looks like at one moment: from poolmon, perfmon and debuggers. */
export const poolTag = defineTable('pool_tag', 'One row per pool tag and pool in a snapshot.', {
  snapshot: i32('Number of the snapshot in its source, from 1, in the order of the source.'),
  atMs: f64('When it was taken, since 1970 in UTC; null where the source does not say.', 'ms'),
  tag: dict('Pool tag, trailing blanks kept.'),
  poolType: dict('`NonPagedPool` or `PagedPool`, with `Session` behind it for session pool.'),
  sessionId: i32('Session whose pool it is; null for that of the system.'),
  allocs: f64('Allocations since the tag was first used; null where not printed.'),
  frees: f64('Frees; null where not printed.'),
  outstanding: f64('Blocks in use: Diff of poolmon, Allocs of !poolused; null where the count has wrapped.'),
  bytes: f64('Bytes in use; null where the count has wrapped.', 'bytes'),
  driver: dict('Driver that the source names for the tag.'),
  description: dict('What the source says of the tag.'),
});

export const poolCounter = defineTable('pool_counter', 'One row per figure of the whole machine in a snapshot.', {
  snapshot: i32('Number of the snapshot in its source, from 1. A counter log has one for each line.'),
  atMs: f64('When it was taken, since 1970 in UTC; null where the source does not say.', 'ms'),
  name: dict('The figure, as the source spells it without units (`NonPagedPool Usage`, `Pool Nonpaged Bytes`).'),
  value: f64('Its value.'),
  unit: dict('`bytes` or `count`.'),
  sessionId: i32('Session that it is of; null for the machine.'),
  driver: dict('Driver that it is of (!verifier); null for the machine.'),
});

export const poolBlock = defineTable('pool_block', 'One row per pool block that a debugger lists.', {
  command: dict('`verifier 3`, `verifier 80`, `pool` or `poolfind`.'),
  address: u64('The block.'),
  bytes: f64('Size as printed; !pool and !poolfind count the header of the block in.', 'bytes'),
  tag: dict('Pool tag, trailing blanks kept; null where not printed.'),
  operation: dict('`alloc` or `free` in the log of !verifier 80, where the stack tells; null elsewhere.'),
  state: dict('`allocated` or `free`; null where not printed.'),
  poolType: dict('`NonPagedPool` or `PagedPool`; null where not printed.'),
  driver: dict('Driver that the block is charged to (!verifier 3); null elsewhere.'),
  caller: dict('Routine that allocated it, as printed; null where not printed.'),
  callerAddress: u64('Its address; null where not printed.'),
  thread: u64('Thread; null where not printed.'),
  stack: i32('Number of its stack in `call_stack`; null where none is printed.'),
});

export const poolHit = defineTable(
  'pool_hit',
  'One row per stack printed where a breakpoint on nt!PoolHitTag was hit.',
  {
    operation: dict('`alloc` or `free`, as the frames say; null where they do not.'),
    tag: dict('Tag that PoolHitTag was set to, where the log says.'),
    stack: i32('Number of the stack in `call_stack`.'),
  },
);

export const poolTagPlace = defineTable(
  'pool_tag_place',
  'One row per place in the code or data of a module where a pool tag was found (`s -a`, `dc`).',
  {
    tag: dict('Pool tag.'),
    address: u64('The place.'),
    module: dict('Module, where the log names it.'),
  },
);
