import { defineTable, dict, f64, i32, u64 } from '../core/schema.js';

export const image = defineTable('image', 'One row per image load, unload or rundown.', {
  event: dict('`load`, `unload`, `rundown-start` or `rundown-end`.'),
  atUs: f64('Time of the event from the start of the trace.', 'µs'),
  pid: i32('Process; 0 or 4 for kernel images.'),
  base: u64('First address.'),
  end: u64('First address after it.'),
  timeDateStamp: f64('Link time from the image header, seconds since 1970.', 's'),
  path: dict('File name as the source prints it.'),
});
