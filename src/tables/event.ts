import { defineTable, dict, f64, i32, utf8 } from '../core/schema.js';

export const genericEvent = defineTable('event', 'One row per event of any kind, with its fields as text.', {
  atUs: f64('Time from the start of the trace.', 'µs'),
  cpu: i32('Processor.'),
  pid: i32('Process id.'),
  tid: i32('Thread id.'),
  process: dict('Image name of the process; null where the source does not say.'),
  provider: dict('Provider or event class as the source names it; in raw logs `kernel`, or the GUID.'),
  providerName: dict('Name of the provider, where `provider` is a GUID and its name is known.'),
  name: dict('Event name or type.'),
  group: i32('Group of a kernel event in a raw log.'),
  id: i32('Event id.'),
  version: i32('Version.'),
  level: i32('Level.'),
  opcode: i32('Opcode.'),
  task: i32('Task.'),
  channel: i32('Channel.'),
  keyword: dict('Keyword mask.'),
  activityId: utf8('Activity that the event belongs to.'),
  relatedActivityId: utf8('Activity that started it.'),
  extended: utf8('What else came with the event, as a JSON object: user, session, process start key, counters …'),
  message: utf8('The event as a sentence, where a manifest or a message file has one.'),
  fields: utf8(
    'The event’s data as the source prints them; in raw logs a JSON object, null where their layout is unknown.',
  ),
  payloadHex: utf8('The payload in hex, where it was not decoded.'),
  stack: utf8('Frames of its call stack, innermost first, joined by `;`; null where none was recorded.'),
});
