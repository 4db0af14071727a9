/** Lines of tables of messages become rows. */
import type { Output } from '../../src/core/parser.js';
import { ByteNames } from './byte-names.js';
import { isDigit, skipBlanks, trimEnd } from './bytes.js';
import type { MessageClock } from './clock.js';
import { FileLines } from './file-lines.js';
import { levelOfCell } from './levels.js';
import { damagedRow, otherLine } from './other-line.js';
import type { LineReader } from './records.js';
import type { MessageRows } from './rows.js';
import { type ColumnKind, tableHeader } from './table-header.js';
import type { TableRow } from './table-row.js';

type DictColumn = 'provider' | 'process' | 'function' | 'machine';
const DICT_COLUMNS: readonly DictColumn[] = ['provider', 'process', 'function', 'machine'];

export class TableReader implements LineReader {
  /** Columns of names: index of the column, where its ids go, and the ids. */
  readonly #names: readonly { readonly column: number; readonly ids: Int32Array; readonly names: ByteNames }[];
  readonly #levels = new ByteNames(levelOfCell);
  readonly #files: FileLines;
  readonly #fileAt: number;
  readonly #lineAt: number;
  readonly #levelAt: number;
  readonly #providerAt: number;

  constructor(
    private readonly out: Output,
    private readonly rows: MessageRows,
    private readonly clock: MessageClock,
    private readonly row: TableRow,
    /** Unit of times that are plain numbers, ns; null where it is unknown, or times are no numbers. */
    private readonly unitNs: number | null,
  ) {
    const at = (kind: ColumnKind): number => row.header.columns.findIndex((column) => column.kind === kind);
    this.#names = DICT_COLUMNS.filter((kind) => at(kind) >= 0).map((kind) => {
      return { column: at(kind), ids: rows.cols[kind], names: new ByteNames((name) => rows.dicts[kind].id(name)) };
    });
    this.#files = new FileLines(new ByteNames((name) => rows.dicts.file.id(name)));
    this.#fileAt = at('file');
    this.#lineAt = at('line');
    this.#levelAt = at('level');
    this.#providerAt = at('provider');
  }

  begins(bytes: Buffer, from: number, end: number): boolean {
    return this.row.read(bytes, from, end);
  }

  line(bytes: Buffer, from: number, end: number): void {
    const { row, rows } = this;
    if (!row.read(bytes, from, end)) {
      this.#other(bytes, from, end);
      return;
    }
    const n = rows.open(from);
    const { cols } = rows;
    cols.atUs[n] = this.#time();
    cols.pid[n] = row.pid;
    cols.tid[n] = row.tid;
    cols.cpu[n] = row.cpu;
    cols.eventId[n] = row.eventId;
    for (let i = 0; i < this.#names.length; i++) {
      const { column, ids, names } = this.#names[i];
      const cellFrom = row.from[column];
      const cellEnd = row.end[column];
      ids[n] = cellEnd > cellFrom ? names.get(bytes, cellFrom, cellEnd) : -1;
    }
    if (this.#levelAt >= 0) cols.level[n] = this.#levels.get(bytes, row.from[this.#levelAt], row.end[this.#levelAt]);
    if (this.#fileAt >= 0) {
      const [file, line] = [this.#fileAt, Math.max(this.#lineAt, 0)];
      const lineEnd = this.#lineAt < 0 ? 0 : row.end[line];
      cols.file[n] = this.#files.get(bytes, row.from[file], row.end[file], row.from[line], lineEnd);
    }
    const provider = this.#providerAt < 0 ? -1 : cols.provider[n];
    rows.message(n, row.textFrom, trimEnd(bytes, row.textFrom, end), provider);
  }

  #time(): number {
    const { row, clock, rows } = this;
    if (row.timeMode === 'clock' || Number.isNaN(row.number)) return clock.at(row.stamp, rows.line);
    if (this.unitNs === null) return Number.NaN;
    return clock.atNumber((row.number * this.unitNs) / 1000, this.unitNs / 10 ** row.decimals, rows.line);
  }

  /** A line that is no row: one that begins with a number as rows do is damaged, another goes on with the message above. */
  #other(bytes: Buffer, from: number, end: number): void {
    const { out, rows } = this;
    const text = skipBlanks(bytes, from, end);
    const isHeader = text < end && end - from < 1000 && tableHeader(bytes.toString('utf8', from, end)) !== null;
    if (isHeader) {
      rows.endMessage();
      out.account.ignored++;
    } else if (isDigit(bytes[text])) damagedRow(out, rows, from);
    else otherLine(out, rows, bytes, from, end);
  }
}
