/**
 * Rows of a software trace that were pasted into a log: not of the debugger, but messages all the same.
 *
 *     #    PID  TID  Time         Message
 *     1972 2780 5992 10:05:11.005 Error: ...
 */
import type { Row } from '../../src/core/schema.js';
import { NULL_I32 } from '../../src/core/schema.js';
import { logMessage } from '../../src/tables/log-message.js';
import { levelOfCell } from '../messages/levels.js';
import { type ColumnKind, type TableHeader, tableHeader } from '../messages/table-header.js';
import { TableRow } from '../messages/table-row.js';
import type { Command, Reader, Taken } from './command.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';

export const traceMessages: Command = {
  name: 'trace message table',
  isTyped: () => false,
  begins: ({ trimmed }) => headerOf(trimmed) !== null,
  read: (log) => new TraceMessages(log),
};

/** Other tables begin with `#` too; only a name of the message column at the end makes one of messages. */
function headerOf(trimmed: string): TableHeader | null {
  return /^(?:#|no\b|pid\b|time\b)/i.test(trimmed) ? tableHeader(trimmed) : null;
}

class TraceMessages implements Reader {
  #row: TableRow | null = null;

  constructor(private readonly log: Log) {}

  take(line: KdLine): Taken {
    const header = headerOf(line.trimmed);
    if (header !== null) {
      this.#row = new TableRow(header);
      return 'ignored';
    }
    const row = this.#row;
    const bytes = Buffer.from(line.trimmed);
    if (row === null || !(row.read(bytes, 0, bytes.length) || this.#inHex(row, bytes))) return 'over';
    return this.#write(row, bytes, line);
  }

  /** Ids with letters: from here on the column is hexadecimal. */
  #inHex(row: TableRow, bytes: Buffer): boolean {
    if (row.isHex[0]) return false;
    row.isHex.fill(true);
    if (row.read(bytes, 0, bytes.length)) return true;
    row.isHex.fill(false);
    return false;
  }

  #write(row: TableRow, bytes: Buffer, line: KdLine): Taken {
    const cell = (kind: ColumnKind): string | null => {
      const column = row.header.columns.findIndex((one) => one.kind === kind);
      return column < 0 ? null : bytes.toString('utf8', row.from[column], row.end[column]) || null;
    };
    const [file, sourceLine, level] = [cell('file'), cell('line'), cell('level')];
    const values: Partial<Row<typeof logMessage>> = {
      atUs: this.log.messageClock.at(row.stamp, line.line),
      pid: row.pid,
      tid: row.tid,
      cpu: row.cpu,
      eventId: row.eventId,
      provider: cell('provider'),
      process: cell('process'),
      function: cell('function'),
      machine: cell('machine'),
      file: file === null || sourceLine === null ? file : `${file}:${sourceLine}`,
      level: level === null ? NULL_I32 : levelOfCell(level),
      message: bytes.toString('utf8', row.textFrom),
    };
    return this.log.row(logMessage, values, line);
  }
}
