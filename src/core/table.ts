import type { Table as ArrowTable, Data, DataType, Field, Vector } from 'apache-arrow';
import type { About } from './parser.js';
import { type Column, type ColumnKind, NULL_I32, type Row, type Store, type TableDef } from './schema.js';
import { TextColumn } from './text-column.js';

/** What stands for the strings for which a bounded dictionary had no room. */
export const OTHER_NAMES = '(other names)';
/** Bounds of the dictionary of a column: names of a trace go to tens of thousands, paths to some MB. */
const MAX_STRINGS = 500_000;
const MAX_CHARS = 32 << 20;

/** The distinct strings of one `dict` column; ids count from 0 in order of first sight. */
export class Dictionary {
  readonly values: string[] = [];
  readonly #ids = new Map<string, number>();
  #chars = 0;

  /**
   * With `full` the dictionary is bounded: a string for which there is no room any more gets the id of
   * {@link OTHER_NAMES}, and `full` is called with it.
   */
  constructor(private readonly full: ((text: string) => void) | null = null) {}

  /** The id of `text`, added if new; -1 for null. */
  id(text: string | null): number {
    if (text === null) return -1;
    return this.#ids.get(text) ?? this.#new(text);
  }

  #new(text: string): number {
    const { full } = this;
    this.#chars += text.length;
    if (full === null || (this.values.length < MAX_STRINGS && this.#chars <= MAX_CHARS)) return this.#add(text);
    // What did not fit takes up no room: a short one may still find some.
    this.#chars -= text.length;
    full(text);
    return this.#ids.get(OTHER_NAMES) ?? this.#add(OTHER_NAMES);
  }

  #add(text: string): number {
    const id = this.values.length;
    this.values.push(text);
    this.#ids.set(text, id);
    return id;
  }

  /** The string of an id; null for -1. */
  get(id: number): string | null {
    return id < 0 ? null : this.values[id];
  }
}

type DictNames<T extends TableDef> = {
  [K in keyof T['columns']]: T['columns'][K]['kind'] extends 'dict' ? K : never;
}[keyof T['columns']];

/** One dictionary for each `dict` column. */
export type Dictionaries<T extends TableDef> = { readonly [K in DictNames<T>]: Dictionary };

/**
 * Up to `capacity` rows of one table from one source. Valid only while the consumer it is handed to runs: the
 * arrays are filled again afterwards. Dictionary ids stay valid for the whole source.
 */
export interface Batch<T extends TableDef = TableDef> {
  readonly table: T;
  /** Index of the source among those read. */
  readonly source: number;
  /** What the source has said of itself so far. */
  readonly about: About;
  /** Rows in this batch; the arrays are longer. */
  readonly n: number;
  readonly cols: Store<T>;
  readonly dicts: Dictionaries<T>;
  /** The text that row `i` was read from, for evidence. */
  quote(i: number): string;
  /** The text at a place whose row came before, in this batch or an earlier one; empty where its bytes are gone. */
  quoteAt(byte: number, line: number): string;
  /** Row `i` as evidence may need it once its bytes are gone. */
  cite(i: number): Cite;
}

/** The place of a row and what stands there, as read: `Finish.evidence` makes it fit to be shown. */
export interface Cite {
  readonly line: number | null;
  readonly byte: number | null;
  readonly text: string;
}

export type Consumer = (batch: Batch) => void;

function makeStore(kind: ColumnKind, length: number): Store<TableDef>[string] {
  switch (kind) {
    case 'f64':
      return new Float64Array(length).fill(Number.NaN);
    case 'i32':
      return new Int32Array(length).fill(NULL_I32);
    case 'dict':
      return new Int32Array(length).fill(-1);
    case 'u64':
      return new BigUint64Array(length);
    case 'utf8':
      return new Array(length).fill(null);
    case 'text':
      return new TextColumn(length);
  }
}

const CAPACITY = 16384;

/** What stands for null, by kind. */
const NULLS: Readonly<Record<ColumnKind, unknown>> = {
  f64: Number.NaN,
  i32: NULL_I32,
  u64: 0n,
  dict: -1,
  utf8: null,
  text: null,
};

/**
 * Collects rows for consumers. A parser sets `cols.<column>[w.n]` for every column (one that it never sets stays null) and
 * calls `push()`; hot parsers do so directly, others through `row()`.
 */
export class Writer<T extends TableDef = TableDef> implements Batch<T> {
  readonly cols: Store<T>;
  readonly dicts: Dictionaries<T>;
  n = 0;
  /** Rows pushed so far in this source. */
  total = 0;
  readonly #words: Record<string, Uint32Array> = {};
  /** The columns, laid out for `row`. */
  readonly #cells: readonly {
    readonly name: string;
    readonly kind: ColumnKind;
    readonly store: Record<number, unknown>;
    readonly dictionary: Dictionary | null;
  }[];

  constructor(
    readonly table: T,
    readonly source: number,
    readonly consumers: readonly Consumer[],
    private readonly owner: {
      readonly about: About;
      quoteRow(byte: number, line: number): string;
      flush(): void;
      noRoomFor(text: string, where: string): void;
    },
  ) {
    const cols: Record<string, unknown> = {};
    const dicts: Record<string, Dictionary> = {};
    for (const [name, column] of Object.entries<Column>(table.columns)) {
      const store = makeStore(column.kind, CAPACITY);
      cols[name] = store;
      if (column.kind === 'dict')
        dicts[name] = new Dictionary((text) => owner.noRoomFor(text, `${table.name}.${name}`));
      if (store instanceof BigUint64Array) this.#words[name] = new Uint32Array(store.buffer);
    }
    this.cols = cols as Store<T>;
    this.dicts = dicts as Dictionaries<T>;
    this.#cells = Object.entries<Column>(table.columns).map(([name, { kind }]) => {
      return { name, kind, store: cols[name] as Record<number, unknown>, dictionary: dicts[name] ?? null };
    });
  }

  get about(): About {
    return this.owner.about;
  }

  /** The u64 column as pairs of 32-bit words, low word first: writing these makes no BigInt. */
  words(column: keyof T['columns'] & string): Uint32Array {
    return this.#words[column];
  }

  /** Ends the row at index `n`. */
  push(): void {
    this.total++;
    if (++this.n === CAPACITY) this.owner.flush();
  }

  /** Adds one row given as an object; columns left out are null. For parsers that are not hot. */
  row(values: Partial<Row<T>>): void {
    const given = values as Record<string, unknown>;
    const { n } = this;
    for (const { name, kind, store, dictionary } of this.#cells) {
      const value = given[name] ?? null;
      if (store instanceof TextColumn) store.set(n, value as string | null);
      else store[n] = kind === 'dict' ? dictionary?.id(value as string | null) : (value ?? NULLS[kind]);
    }
    this.push();
  }

  quote(i: number): string {
    return this.owner.quoteRow(this.cols.byte[i] as number, this.cols.line[i] as number);
  }

  quoteAt(byte: number, line: number): string {
    return this.owner.quoteRow(byte, line);
  }

  cite(i: number): Cite {
    const line = this.cols.line[i] as number;
    const byte = this.cols.byte[i] as number;
    return {
      line: Number.isNaN(line) ? null : line,
      byte: Number.isNaN(byte) ? null : byte,
      text: this.owner.quoteRow(byte, line),
    };
  }

  /** Hands the rows collected so far to the consumers. */
  flush(): void {
    if (this.n === 0) return;
    for (const consume of this.consumers) consume(this as unknown as Batch);
    this.n = 0;
  }
}

/** Row `i` of a batch as an object. */
export const rowAt = <T extends TableDef>(batch: Batch<T>, i: number): Row<T> => rowReader(batch)(i);

/** Reads the rows of a batch as objects: for those that need many. */
export function rowReader<T extends TableDef>(batch: Batch<T>): (i: number) => Row<T> {
  const cols = batch.cols as Record<string, ArrayLike<unknown>>;
  const dicts = batch.dicts as Record<string, Dictionary>;
  const cells = Object.entries<Column>(batch.table.columns).map(([name, { kind }]) => {
    return { name, kind, values: cols[name], dictionary: dicts[name] };
  });
  return (i) => {
    const row: Record<string, unknown> = {};
    for (const { name, kind, values, dictionary } of cells) {
      row[name] = values instanceof TextColumn ? values.get(i) : readCell(kind, values[i], dictionary);
    }
    return row as Row<T>;
  };
}

function readCell(kind: ColumnKind, value: unknown, dictionary: Dictionary | undefined): unknown {
  switch (kind) {
    case 'f64':
      return Number.isNaN(value) ? null : value;
    case 'i32':
      return value === NULL_I32 ? null : value;
    case 'u64':
      return value === 0n ? null : value;
    case 'utf8':
    case 'text':
      return value;
    case 'dict':
      return dictionary?.get(value as number) ?? null;
  }
}

/** True where the batch holds rows of `table`; narrows the type. */
export function isBatchOf<T extends TableDef>(batch: Batch, table: T): batch is Batch<T> & Batch {
  return (batch.table as TableDef) === table;
}

/** A column's first `n` values, to be kept. */
function keptOf(store: Store<TableDef>[string], n: number): unknown {
  return store instanceof TextColumn ? Array.from({ length: n }, (_, i) => store.get(i)) : store.slice(0, n);
}

type Chunk = { readonly source: number; readonly n: number; readonly cols: Record<string, unknown> };

/**
 * Keeps all rows of one table and turns them into an Arrow table. Memory grows with the rows: for exporting tables and
 * for the library; analyses read batches as they come.
 */
export class TableCollector<T extends TableDef> {
  readonly #chunks: Chunk[] = [];
  readonly #dicts = new Map<number, Dictionaries<T>>();
  rows = 0;

  constructor(readonly table: T) {}

  readonly consume: Consumer = (batch) => {
    const cols: Record<string, unknown> = {};
    for (const [name, store] of Object.entries(batch.cols)) cols[name] = keptOf(store, batch.n);
    this.#chunks.push({ source: batch.source, n: batch.n, cols });
    this.#dicts.set(batch.source, batch.dicts as Dictionaries<T>);
    this.rows += batch.n;
  };

  /**
   * The rows as an Arrow table: units, sentences and `sourceIds` (the `source` column's strings) go in as metadata of
   * the fields. apache-arrow is loaded here and nowhere else, because loading it takes about 80 ms.
   */
  async toArrow(sourceIds: readonly string[]): Promise<ArrowTable> {
    const arrow = await import('apache-arrow');
    const fields: Field[] = [];
    const vectors: Vector[] = [];
    const add = (name: string, doc: string, unit: string | null, vector: Vector): void => {
      const metadata = new Map([['doc', doc]]);
      if (unit !== null) metadata.set('unit', unit);
      fields.push(new arrow.Field(name, vector.type, true, metadata));
      vectors.push(vector);
    };
    add('source', 'Id of the source the row was read from.', null, this.#sourceVector(arrow, sourceIds));
    for (const [name, column] of Object.entries<Column>(this.table.columns)) {
      add(name, column.doc, column.unit, this.#vector(arrow, name, column.kind));
    }
    const schema = new arrow.Schema(
      fields,
      new Map([
        ['table', this.table.name],
        ['doc', this.table.doc],
      ]),
    );
    const data = arrow.makeData({
      type: new arrow.Struct(schema.fields),
      length: this.rows,
      nullCount: 0,
      children: vectors.map((v) => v.data[0]),
    });
    return new arrow.Table(schema, [new arrow.RecordBatch(schema, data)]);
  }

  #sourceVector(arrow: typeof import('apache-arrow'), ids: readonly string[]): Vector {
    const indices = new Int32Array(this.rows);
    let at = 0;
    for (const chunk of this.#chunks) {
      indices.fill(chunk.source, at, at + chunk.n);
      at += chunk.n;
    }
    return dictionaryVector(arrow, indices, ids, 0);
  }

  #vector(arrow: typeof import('apache-arrow'), name: string, kind: ColumnKind): Vector {
    switch (kind) {
      case 'f64':
        return plainVector(arrow, new arrow.Float64(), this.#joined(name, new Float64Array(this.rows)), Number.isNaN);
      case 'i32':
        return plainVector(
          arrow,
          new arrow.Int32(),
          this.#joined(name, new Int32Array(this.rows)),
          (v) => v === NULL_I32,
        );
      case 'u64':
        return plainVector(
          arrow,
          new arrow.Uint64(),
          this.#joined(name, new BigUint64Array(this.rows)),
          (v) => v === 0n,
        );
      case 'utf8':
      case 'text':
        return arrow.vectorFromArray(
          this.#chunks.flatMap((c) => c.cols[name] as (string | null)[]),
          new arrow.Utf8(),
        );
      case 'dict':
        return this.#dictionaryColumn(arrow, name);
    }
  }

  #joined<A extends Float64Array | Int32Array | BigUint64Array>(name: string, target: A): A {
    let at = 0;
    for (const chunk of this.#chunks) {
      target.set(chunk.cols[name] as never, at);
      at += chunk.n;
    }
    return target;
  }

  /** Sources have dictionaries of their own: ids are mapped into one. */
  #dictionaryColumn(arrow: typeof import('apache-arrow'), name: string): Vector {
    const union = new Dictionary();
    const indices = new Int32Array(this.rows);
    let at = 0;
    for (const chunk of this.#chunks) {
      const own = (this.#dicts.get(chunk.source) as Record<string, Dictionary>)[name];
      const map = own.values.map((value) => union.id(value));
      const ids = chunk.cols[name] as Int32Array;
      for (let i = 0; i < chunk.n; i++) indices[at++] = ids[i] < 0 ? -1 : map[ids[i]];
    }
    return dictionaryVector(arrow, indices, union.values, 1 + Object.keys(this.table.columns).indexOf(name));
  }
}

function validity(length: number, isNull: (i: number) => boolean): { nullCount: number; nullBitmap: Uint8Array } {
  const nullBitmap = new Uint8Array(Math.ceil(length / 64) * 8);
  let nullCount = 0;
  for (let i = 0; i < length; i++) {
    if (isNull(i)) nullCount++;
    else nullBitmap[i >> 3] |= 1 << (i & 7);
  }
  return { nullCount, nullBitmap };
}

function plainVector<V extends number | bigint>(
  arrow: typeof import('apache-arrow'),
  type: DataType,
  data: ArrayLike<V>,
  isNull: (value: V) => boolean,
): Vector {
  const bits = validity(data.length, (i) => isNull(data[i]));
  return arrow.makeVector(arrow.makeData({ type, length: data.length, data, ...bits } as never) as Data);
}

function dictionaryVector(
  arrow: typeof import('apache-arrow'),
  indices: Int32Array,
  values: readonly string[],
  /** Apache-arrow would number them by itself, over all tables: then the same rows would not make the same file. */
  id: number,
): Vector {
  const bits = validity(indices.length, (i) => indices[i] < 0);
  const dictionary = arrow.vectorFromArray(values.length > 0 ? values : [''], new arrow.Utf8());
  const type = new arrow.Dictionary(dictionary.type, new arrow.Int32(), id);
  const data = indices.map((id) => Math.max(id, 0));
  return arrow.makeVector(arrow.makeData({ type, length: data.length, data, dictionary, ...bits } as never) as Data);
}

/** An Arrow table as the bytes of an Arrow IPC file. */
export async function tableToIpc(table: ArrowTable): Promise<Uint8Array> {
  const { tableToIPC } = await import('apache-arrow');
  return tableToIPC(table, 'file');
}
