/**
 * Rows held back by parsers whose sources are not in the order in which the runs ended, until they can be handed on in
 * that order.
 */
import type { Output } from './parser.js';
import type { Column, Store, TableDef } from './schema.js';
import type { Writer } from './table.js';

const FIRST_ROWS = 1024;
/** Rows that may wait for an end that is still to come, when they are handed on as the source is read. */
const MAX_WAITING = 1 << 20;

type Cells = Float64Array | Int32Array | Uint32Array | (string | null)[];

/** A column here and in the writer; addresses as pairs of 32-bit words, which makes no BigInt. */
interface Pair {
  readonly name: string;
  readonly isAddress: boolean;
  readonly theirs: Cells;
  ours: Cells;
}

/** How rows are handed on. */
interface Release {
  /** Only rows that have ended by then; the others stay. All, where it is left out. */
  readonly upToUs?: number;
  /** Text of a row that was held without its text; else `out.quoteRow` is asked. */
  readonly quoteOf?: (row: number) => string;
  /** Called when row `row` stands at index `n` of the writer, to set columns that were not known before. */
  readonly complete?: (row: number) => void;
}

/**
 * Holds rows of a table of runs (columns `startUs`, `byte`, `line` and any others) in typed arrays: for dpc_isr 80 bytes
 * a row. Rows are put together in the writer, as if to be pushed, and taken from there.
 */
export class HeldRuns<T extends TableDef> {
  /** Rows held; their numbers count from 0 and stay until `release`. */
  n = 0;
  cols: Store<T>;
  /** By which the rows are sorted; may be set until they are handed on. */
  endUs = new Float64Array(FIRST_ROWS);
  /** A number of the parser's own for each row. */
  tags = new Int32Array(FIRST_ROWS);
  readonly #pairs: Pair[];
  #quotes = new Map<number, string>();

  constructor(
    private readonly out: Output,
    readonly writer: Writer<T>,
  ) {
    this.#pairs = Object.entries<Column>(writer.table.columns).map(([name, { kind }]) => {
      const isAddress = kind === 'u64';
      const theirs = (isAddress ? writer.words(name) : writer.cols[name]) as unknown as Cells;
      return { name, isAddress, theirs, ours: sized(theirs, isAddress ? 2 * FIRST_ROWS : FIRST_ROWS) };
    });
    this.cols = this.#columns();
  }

  /** Takes the row that stands at index `n` of the writer, without pushing it; returns its number. */
  hold(endUs: number, quote: string | null = null, tag = 0): number {
    const row = this.n;
    if (row === this.endUs.length) this.#grow();
    this.n++;
    this.endUs[row] = endUs;
    this.tags[row] = tag;
    if (quote !== null) this.#quotes.set(row, quote);
    const from = this.writer.n;
    for (const { theirs, ours, isAddress } of this.#pairs) {
      if (isAddress) {
        ours[2 * row] = theirs[2 * from];
        ours[2 * row + 1] = theirs[2 * from + 1];
      } else ours[row] = theirs[from];
    }
    return row;
  }

  /** Text of a row that was held with it; null where it was not. */
  quote(row: number): string | null {
    return this.#quotes.get(row) ?? null;
  }

  /** Hands rows on in the order in which they ended; of those that ended together the inner one, begun last, first. */
  release({ upToUs = Number.POSITIVE_INFINITY, quoteOf, complete }: Release = {}): void {
    const { out, writer } = this;
    // What is under way is older, and is quoted from where it stands.
    out.flush();
    const order = this.#order(upToUs);
    const outerQuote = out.quoteRow;
    let first = 0;
    out.quoteRow = (byte, line) => {
      const row = order[first + (writer.cols.byte as Float64Array).indexOf(byte)];
      return this.#quotes.get(row) ?? quoteOf?.(row) ?? outerQuote(byte, line);
    };
    for (let k = 0; k < order.length; k++) {
      this.#putBack(order[k]);
      complete?.(order[k]);
      writer.push();
      if (writer.n === 0) first = k + 1;
    }
    out.flush();
    out.quoteRow = outerQuote;
    this.#keepAfter(upToUs);
    if (this.n > MAX_WAITING) this.#handOnAll();
  }

  drop(): void {
    this.n = 0;
    this.#quotes.clear();
  }

  #order(upToUs: number): Uint32Array {
    const { endUs } = this;
    const startUs = this.cols.startUs as Float64Array;
    const order = new Uint32Array(this.n);
    let count = 0;
    let inOrder = true;
    const compare = (a: number, b: number): number => endUs[a] - endUs[b] || startUs[b] - startUs[a] || a - b;
    for (let row = 0; row < this.n; row++) {
      if (endUs[row] > upToUs) continue;
      if (count > 0 && compare(order[count - 1], row) > 0) inOrder = false;
      order[count++] = row;
    }
    const taken = order.subarray(0, count);
    return inOrder ? taken : taken.sort(compare);
  }

  #putBack(row: number): void {
    const at = this.writer.n;
    for (const { theirs, ours, isAddress } of this.#pairs) {
      if (isAddress) {
        theirs[2 * at] = ours[2 * row];
        theirs[2 * at + 1] = ours[2 * row + 1];
      } else theirs[at] = ours[row];
    }
  }

  /** Moves the rows that stay to the front, with their texts: the bytes that these stand in may be gone by the next time. */
  #keepAfter(upToUs: number): void {
    const quotes = new Map<number, string>();
    let kept = 0;
    for (let row = 0; row < this.n; row++) {
      if (!(this.endUs[row] > upToUs)) continue;
      quotes.set(
        kept,
        this.#quotes.get(row) ?? this.out.quoteRow(this.#number('byte', row), this.#number('line', row)),
      );
      this.#move(row, kept++);
    }
    this.n = kept;
    this.#quotes = quotes;
  }

  #number(column: 'byte' | 'line', row: number): number {
    return (this.cols[column] as Float64Array)[row];
  }

  #move(from: number, to: number): void {
    this.endUs[to] = this.endUs[from];
    this.tags[to] = this.tags[from];
    for (const { ours, isAddress } of this.#pairs) {
      if (isAddress) {
        ours[2 * to] = ours[2 * from];
        ours[2 * to + 1] = ours[2 * from + 1];
      } else ours[to] = ours[from];
    }
  }

  #handOnAll(): void {
    this.out.diagnostics.add(
      'too-many-open-runs',
      'warning',
      `more than ${MAX_WAITING} runs had begun and not ended: they were handed on out of order, so exclusive times may be wrong`,
    );
    this.release();
  }

  #grow(): void {
    const rows = this.endUs.length * 2;
    this.endUs = sized(this.endUs, rows) as Float64Array<ArrayBuffer>;
    this.tags = sized(this.tags, rows) as Int32Array<ArrayBuffer>;
    for (const pair of this.#pairs) pair.ours = sized(pair.ours, pair.isAddress ? 2 * rows : rows);
    this.cols = this.#columns();
  }

  #columns(): Store<T> {
    const stored = ({ ours, isAddress }: Pair): unknown =>
      isAddress ? new BigUint64Array((ours as Uint32Array).buffer) : ours;
    return Object.fromEntries(this.#pairs.map((pair) => [pair.name, stored(pair)])) as unknown as Store<T>;
  }
}

/** As many of `from` as fit, in an array of its kind with `length` places. */
function sized(from: Cells, length: number): Cells {
  if (Array.isArray(from)) return from.slice(0, length);
  const to =
    from instanceof Float64Array
      ? new Float64Array(length)
      : from instanceof Int32Array
        ? new Int32Array(length)
        : new Uint32Array(length);
  to.set(from.subarray(0, length));
  return to;
}
