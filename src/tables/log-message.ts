import { defineTable, dict, f64, i32, text, utf8 } from '../core/schema.js';

/** Levels as ETW counts them (winmeta.xml); 0, "log always", is null. */
export const LEVELS = { critical: 1, error: 2, warning: 3, information: 4, verbose: 5 } as const;

export const logMessage = defineTable(
  'log_message',
  'One row per message of a software trace or a log: what a program or the event log said, and when.',
  {
    atUs: f64('Time from the first message of the source that has one; NaN where a message has no time.', 'µs'),
    cpu: i32('Processor.'),
    pid: i32('Process id.'),
    tid: i32('Thread id.'),
    process: dict('Image name of the process.'),
    provider: dict(
      'What it comes from: provider, module, component, or source of the event log, as the source names it.',
    ),
    file: dict('Source file, with the line where the source gives it: `driver.c:120`.'),
    function: dict('Function that logged it.'),
    level: i32(
      'Level that the source itself gives: 1 critical, 2 error, 3 warning, 4 information, 5 verbose; else null.',
    ),
    eventId: i32('Event id, without its qualifiers.'),
    machine: dict('Computer.'),
    channel: dict('Log, as the event log names it: System, Application …'),
    dataHex: utf8('Binary data that the event log keeps with an event, in hex.'),
    message: text('What was said, without the columns in front; line feeds stay.'),
  },
);
