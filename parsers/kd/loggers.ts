/**
 * `!wmitrace.strdump`: the event trace sessions. https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-wmitrace-strdump
 *
 *     (WmiTrace) StrDump Generic
 *       LoggerContext Array @ 0xFFFFFA8003F5A200 [64 Elements]
 *         Logger Id 0x02 @ 0xFFFFFA8003ABDB00 Named 'Circular Kernel Context Logger'
 */
import type { Command, Taken } from './command.js';
import { writeFact } from './facts.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';

const HEADER = /^\(WmiTrace\)\s{0,9}StrDump\b/i;
const ARRAY = /^LoggerContext\b.{0,60}(?:@|\[)/i;
const LOGGER =
  /^Logger Id\s{1,9}(0x[0-9a-f]{1,4}|\d{1,4})\s{0,9}@\s{0,9}(?:0x)?[0-9a-f`]{8,17}\s{1,9}(?:is )?Named\s{1,9}'?([^']{1,200})'?/i;

export const strdump: Command = {
  name: '!strdump',
  isTyped: ({ name }) => name === '!strdump',
  begins: ({ trimmed }) =>
    (trimmed.startsWith('(WmiTrace)') && HEADER.test(trimmed)) ||
    (trimmed.startsWith('Logger Id') && LOGGER.test(trimmed)),
  read: (log) => ({ take: (line) => take(log, line) }),
};

function take(log: Log, line: KdLine): Taken {
  const { trimmed } = line;
  const logger = LOGGER.exec(trimmed);
  if (logger !== null) {
    const id = logger[1].startsWith('0x') ? Number.parseInt(logger[1], 16) : Number(logger[1]);
    return writeFact(log, { subject: `logger ${id}`, name: 'name', value: logger[2] }, line);
  }
  return HEADER.test(trimmed) || ARRAY.test(trimmed) ? 'ignored' : 'unread';
}
