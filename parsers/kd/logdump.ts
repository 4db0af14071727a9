/**
 * `!wmitrace.logdump`: messages that lay in the buffers of a trace session.
 * https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-wmitrace-logdump
 *
 *     (WmiTrace) LogDump for Logger Id 0x13
 *     Found Buffers: 5 Messages: 537, sorting entries
 *     [1]0EF8.0CF0::04/24/2020-09:43:36.894 [cx]DriverEntry: Enter
 *     Total of 537 Messages from 5 Buffers
 */
import { logMessage } from '../../src/tables/log-message.js';
import { DateKind, dayMs } from '../messages/date-text.js';
import { Stamp } from '../messages/stamp.js';
import { DefaultPrefix } from '../messages/wpp-default.js';
import { functionIn } from '../messages/wpp-names.js';
import type { Command, Reader, Taken } from './command.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';

const HEADER = /^\(WmiTrace\)\s{0,9}LogDump\b/i;
const FRAME = /^(?:Reading Buffer\s{1,9}\d|Found Buffers: \d|Total of \d{1,12} Messages from )/;
// Cheap, for it is asked of every line: the default prefix with a processor.
const MESSAGE = /^\[\d{1,4}\][0-9a-f]{1,8}\.[0-9a-f]{1,8}::\s{0,9}\d/i;

export const logdump: Command = {
  name: '!logdump',
  isTyped: ({ name }) => name === '!logdump',
  begins: ({ trimmed }) =>
    (trimmed[0] === '[' && MESSAGE.test(trimmed)) || (trimmed.startsWith('(WmiTrace)') && HEADER.test(trimmed)),
  read: (log) => new LogDump(log),
};

class LogDump implements Reader {
  readonly #prefix = new DefaultPrefix(new Stamp());

  constructor(private readonly log: Log) {}

  take(line: KdLine): Taken {
    const { trimmed } = line;
    if (HEADER.test(trimmed) || FRAME.test(trimmed)) return 'ignored';
    const bytes = Buffer.from(trimmed);
    const prefix = this.#prefix;
    if (!prefix.match(bytes, 0, bytes.length)) return 'unread';
    functionIn(prefix, bytes, bytes.length);
    monthFirst(prefix.stamp);
    const text = (from: number, end: number): string | null => (end > from ? bytes.toString('utf8', from, end) : null);
    return this.log.row(
      logMessage,
      {
        atUs: this.log.messageClock.at(prefix.stamp, line.line),
        cpu: prefix.cpu,
        pid: prefix.pid,
        tid: prefix.tid,
        provider: text(prefix.providerFrom, prefix.providerEnd),
        function: text(prefix.functionFrom, prefix.functionEnd),
        message: bytes.toString('utf8', prefix.textFrom),
      },
      line,
    );
  }
}

/** Dates of these messages are documented to have the month first; others in the same log may be anything. */
function monthFirst(stamp: Stamp): void {
  if (stamp.kind !== DateKind.twoWays || Number.isNaN(dayMs(stamp.year, stamp.month, stamp.day))) return;
  stamp.kind = DateKind.certain;
}
