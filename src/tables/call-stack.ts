import { defineTable, dict, i32, u64 } from '../core/schema.js';

export const callStack = defineTable(
  'call_stack',
  'One row per frame of a stack that rows of other tables refer to by its number. Each different stack stands here once, whole, before the first row that refers to it.',
  {
    stack: i32('Number of the stack in its source, from 0.'),
    frame: i32('Number of the frame, from 1 at the innermost.'),
    address: u64('Return address; null where the source prints none.'),
    module: dict('Image; null where unresolved.'),
    routine: dict('`Image!Function+0xoffset` as the source prints it; null where it has no symbols.'),
  },
);
