/**
 * Exception records (`.exr`), and what a debugger says of the exception that a dump was written for.
 * https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-exr--display-exception-record-
 *
 *     ExceptionAddress: 77c8d1b6 (ntdll!ExampleRoutine+0x000000b9)
 *        ExceptionCode: c0000005 (Access violation)
 *       ExceptionFlags: 00000000
 *     NumberParameters: 2
 *        Parameter[0]: 00000001
 *     Attempt to write to address 00000024
 *
 *     (1a2c.1b10): Access violation - code c0000005 (first/second chance not available)
 */
import type { Command, Taken } from './command.js';
import { exactNumber, writeFact } from './facts.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import { addressIn } from './values.js';

const SUBJECT = 'exception';

const FIELD =
  /^(Exception(?:Address|Code|Flags)|NumberParameters|Parameter\[\d{1,2}\]):\s{1,9}([0-9a-f`]{1,17})(\s.{0,300})?$/i;
const ATTEMPT = /^Attempt to (?:read|write|execute)\b.{1,100}$/i;
// `(1a2c.1b10): Break instruction exception - code 80000003 (first chance)`
const EVENT = /^\(([0-9a-f]{1,8})\.([0-9a-f]{1,8})\): (.{1,100}?) - code ([0-9a-f]{8})\b/i;

export const exception: Command = {
  name: '.exr',
  isTyped: ({ name }) => name === '.exr',
  begins: ({ trimmed }) =>
    trimmed.startsWith('(') ? EVENT.test(trimmed) : trimmed.startsWith('ExceptionAddress:') && FIELD.test(trimmed),
  read: (log) => ({ take: (line) => take(log, line) }),
};

function take(log: Log, line: KdLine): Taken {
  const { trimmed } = line;
  const event = EVENT.exec(trimmed);
  if (event !== null) return tell(log, line, event);
  const field = FIELD.exec(trimmed);
  if (field !== null) {
    const [, name, digits, rest] = field;
    const number = exactNumber(addressIn(digits));
    return writeFact(log, { subject: SUBJECT, name, value: `${digits}${rest ?? ''}`, number }, line);
  }
  return ATTEMPT.test(trimmed) ? writeFact(log, { subject: SUBJECT, name: 'text', value: trimmed }, line) : 'over';
}

function tell(log: Log, line: KdLine, [, process, thread, text, code]: RegExpExecArray): Taken {
  const number = exactNumber(addressIn(code));
  writeFact(log, { subject: SUBJECT, name: 'pid', value: process, number: Number.parseInt(process, 16) }, line);
  writeFact(log, { subject: SUBJECT, name: 'tid', value: thread, number: Number.parseInt(thread, 16) }, line);
  return writeFact(log, { subject: SUBJECT, name: 'ExceptionCode', value: `${code} (${text})`, number }, line);
}
