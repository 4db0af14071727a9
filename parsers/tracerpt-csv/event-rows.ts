/** Rows of the event table. */

import type { Writer } from '../../src/core/table.js';
import { decodeUtf8 } from '../../src/core/text.js';
import type { genericEvent } from '../../src/tables/event.js';
import { dataFrom, numberAt, textAt } from './cells.js';
import type { Columns } from './columns.js';
import type { Kind, Reader } from './reader.js';

export function writeEvent(
  reader: Reader,
  w: Writer<typeof genericEvent>,
  columns: Columns,
  kind: Kind,
  bytes: Buffer,
  from: number,
  end: number,
): void {
  const { cols, dicts, n } = w;
  const { head } = reader;
  cols.atUs[n] = head.atUs;
  cols.cpu[n] = head.cpu;
  cols.pid[n] = head.pid;
  cols.tid[n] = head.tid;
  cols.provider[n] = dicts.provider.id(kind.provider);
  cols.name[n] = dicts.name.id(kind.type);
  cols.id[n] = numberAt(reader, bytes, from, end, columns.id);
  cols.version[n] = numberAt(reader, bytes, from, end, columns.version);
  cols.level[n] = numberAt(reader, bytes, from, end, columns.level);
  cols.opcode[n] = numberAt(reader, bytes, from, end, columns.opcode);
  cols.task[n] = numberAt(reader, bytes, from, end, columns.task);
  cols.keyword[n] = dicts.keyword.id(textAt(reader, bytes, from, end, columns.keyword));
  cols.fields[n] = decodeUtf8(bytes, dataFrom(reader, columns, end), end).trim();
  cols.line[n] = head.line;
  cols.byte[n] = head.byte;
  w.push();
}
