import { defineTable, dict, f64, i32, utf8 } from '../core/schema.js';

export const genericEvent = defineTable('event', 'One row per event of any kind, with its fields as text.', {
  atUs: f64('Time from the start of the trace.', 'µs'),
  cpu: i32('Processor.'),
  pid: i32('Process id.'),
  tid: i32('Thread id.'),
  provider: dict('Provider or event class as the source names it.'),
  name: dict('Event name or type.'),
  id: i32('Event id.'),
  version: i32('Version.'),
  level: i32('Level.'),
  opcode: i32('Opcode.'),
  task: i32('Task.'),
  keyword: dict('Keyword mask.'),
  fields: utf8('The event’s data as the source prints them.'),
});
