/** Rows of pool_allocation. */

import type { CsvRecord } from '../../src/core/csv.js';
import type { Output } from '../../src/core/parser.js';
import { parseAddress } from '../../src/core/symbol.js';
import type { Writer } from '../../src/core/table.js';
import { CallStackWriter } from '../../src/tables/call-stack-writer.js';
import { poolAllocation } from '../../src/tables/pool-allocation.js';
import { wholeOf } from '../wpa/cells.js';
import { LIVES } from './columns.js';
import type { Figures } from './figures.js';
import type { LeafRow } from './groups.js';
import { type Header, NEEDED } from './headers.js';
import { lifeOf, poolTypeOf, processOf, tagOf } from './names.js';
import { framesOf, pathOf } from './stacks.js';

/** Stacks known by their list of frames, of which rows share one. */
const MAX_KNOWN = 50_000;

/** What one row of the table is about; AIFI and the like in columns of their own make several of a record. */
interface Part {
  readonly type: string | null;
  readonly count: number | null;
  readonly bytes: number | null;
}

/** Where rows are written. */
export class PoolRows {
  readonly #stacks: CallStackWriter;
  readonly #writer: Writer<typeof poolAllocation> | null;
  readonly #known = new Map<readonly string[], number | null>();
  /** Texts of the rows since the last flush: the bytes of some may be gone when they are handed on. */
  readonly #quotes = new Map<number, string>();
  /** The other half of `out.quoteRow`, which reading lines sets anew for each block. */
  #lines: Output['quoteRow'] = () => '';

  constructor(private readonly out: Output) {
    this.#stacks = new CallStackWriter(out);
    this.#writer = out.writer(poolAllocation);
  }

  readonly #quote = (byte: number, line: number): string => this.#quotes.get(byte) ?? this.#lines(byte, line);

  /** Takes a row that stands for itself. */
  take(header: Header, row: LeafRow): void {
    const { out } = this;
    const { record, figures } = row;
    const place = { line: record.line, example: record.text };
    const parts = partsOf(row);
    const tag = tagOf(row.text('tag'));
    if (tag === null) {
      const message = `rows without a pool tag, or with one that is none, were passed over: sums over tags; ${NEEDED}`;
      out.skip('tag-missing', message, place, 'data-loss');
      return;
    }
    if (parts.length === 0) {
      out.skip('no-size', 'rows with neither size nor count that can be read were passed over', place, 'data-loss');
      return;
    }
    for (const { type } of parts) out.countEvent(type ?? 'unknown', record.text.length);
    if (this.#writer === null) {
      out.account.ignored++;
      return;
    }
    this.#keepQuote(this.#writer, record);
    const common = this.#columns(header, row, tag, figures);
    for (const part of parts) this.#writer.row({ ...common, ...part });
    out.account.rows++;
  }

  #columns(header: Header, row: LeafRow, tag: string, figures: Figures) {
    const { record } = row;
    const process = processOf(row.text('process').trim());
    return {
      poolType: this.#poolType(row),
      tag,
      allocUs: figures.allocTime ?? null,
      freeUs: figures.freeTime ?? null,
      process: process.name,
      pid: process.pid ?? this.#whole(header, row, 'pid'),
      tid: this.#whole(header, row, 'tid'),
      address: parseAddress(row.text('address')),
      stack: this.#stack(row.path, record),
      freeStack: this.#stack(pathOf(row.text('freeStack').trim()), record),
      line: record.line,
      byte: record.byte,
    };
  }

  #poolType(row: LeafRow): string | null {
    const poolType = row.text('poolType').trim();
    const paged = row.text('paged').trim();
    const name = poolTypeOf(poolType, paged);
    if (name === null && poolType + paged !== '') {
      const message = 'cells of Paged or Pool Type that tell neither paged nor nonpaged pool: read as unknown';
      this.out.diagnostics.add('pool-unknown', 'warning', message, {
        line: row.record.line,
        example: poolType || paged,
      });
    }
    return name;
  }

  /** Cells of a row in a group may be blank: then they are those of the group. */
  #whole(header: Header, row: LeafRow, id: 'pid' | 'tid'): number | null {
    const at = header.at.get(id);
    if (at === undefined) return null;
    const fields = row.record.fields.with(at, row.text(id));
    return wholeOf(header, { ...row.record, fields }, id, this.out);
  }

  #stack(path: readonly string[], place: CsvRecord): number | null {
    if (path.length === 0 || !this.#stacks.isWanted) return null;
    const known = this.#known.get(path);
    if (known !== undefined) return known;
    const id = this.#stacks.id(framesOf(path), place);
    if (this.#known.size < MAX_KNOWN) this.#known.set(path, id);
    return id;
  }

  #keepQuote(writer: Writer<typeof poolAllocation>, record: CsvRecord): void {
    // A flush hands on all tables at once: what was written before it is not asked for again.
    if (writer.n === 0) this.#quotes.clear();
    this.#quotes.set(record.byte, record.text);
    if (this.out.quoteRow === this.#quote) return;
    this.#lines = this.out.quoteRow;
    this.out.quoteRow = this.#quote;
  }
}

function partsOf(row: LeafRow): Part[] {
  const { figures } = row;
  const type = lifeOf(row.text('type'));
  const bytes = figures.size ?? impactOf(figures);
  const isSingle = figures.allocTime !== undefined || row.text('address').trim() !== '';
  const count = figures.count ?? (isSingle ? 1 : null);
  const lives = type === null && figures.count === undefined ? livesOf(figures) : [];
  if (lives.length > 0) return lives;
  return bytes === null && figures.count === undefined ? [] : [{ type, count, bytes }];
}

/** What was allocated before the range and freed in it has an impact below 0, which is no size. */
const impactOf = ({ impactingSize }: Figures): number | null =>
  impactingSize === undefined || impactingSize < 0 ? null : impactingSize;

/** `AIFO Count` 3 and `AIFI Count` 120 are two rows; a size for all of them stands for none. */
function livesOf(figures: Figures): Part[] {
  return LIVES.flatMap((life) => {
    const count = figures[`${life}Count`] ?? null;
    const bytes = figures[`${life}Size`] ?? null;
    return count === null && bytes === null ? [] : [{ type: life.toUpperCase(), count, bytes }];
  }).filter(({ count, bytes }) => (count ?? 0) > 0 || (bytes ?? 0) > 0);
}
