import type { TextColumn } from './text-column.js';

/**
 * Tables are declared once, as data: `defineTable(name, doc, columns)`. The Arrow schema, the row type and the
 * documentation all come from that declaration.
 */

/**
 * How a column is stored, and what stands for null:
 * - `f64`  Float64Array, null = NaN
 * - `i32`  Int32Array, null = {@link NULL_I32}
 * - `u64`  BigUint64Array (addresses), null = 0
 * - `dict` Int32Array of dictionary ids (repeated strings), null = -1
 * - `utf8` string | null (strings that seldom repeat)
 * - `text` {@link TextColumn} (strings of rows in their millions, which stay bytes)
 */
export type ColumnKind = 'f64' | 'i32' | 'u64' | 'dict' | 'utf8' | 'text';

/** Stands for null in `i32` columns. */
export const NULL_I32 = -0x80000000;

/** One column of a table: how it is stored, its unit, and a sentence that says what it holds. */
export interface Column<K extends ColumnKind = ColumnKind> {
  readonly kind: K;
  /** Unit as printed, e.g. `µs`; null where the value has none. */
  readonly unit: string | null;
  readonly doc: string;
}

export type Columns = Readonly<Record<string, Column>>;

/** Every table has these: any row can be cited. */
export interface PlaceColumns {
  readonly line: Column<'f64'>;
  readonly byte: Column<'f64'>;
}

/** A table: its name, a sentence, its columns in order. */
export interface TableDef<C extends Columns = Columns> {
  readonly name: string;
  readonly doc: string;
  readonly columns: C & PlaceColumns;
}

export const f64 = (doc: string, unit: string | null = null): Column<'f64'> => ({ kind: 'f64', unit, doc });
export const i32 = (doc: string, unit: string | null = null): Column<'i32'> => ({ kind: 'i32', unit, doc });
export const u64 = (doc: string): Column<'u64'> => ({ kind: 'u64', unit: null, doc });
export const dict = (doc: string): Column<'dict'> => ({ kind: 'dict', unit: null, doc });
export const utf8 = (doc: string): Column<'utf8'> => ({ kind: 'utf8', unit: null, doc });
export const text = (doc: string): Column<'text'> => ({ kind: 'text', unit: null, doc });

/** Declares a table; adds the columns `line` and `byte` that let any row be cited. */
export function defineTable<const C extends Columns>(name: string, doc: string, columns: C): TableDef<C> {
  return {
    name,
    doc,
    columns: {
      ...columns,
      line: f64('Line in the source, counted from 1; null in binary sources.'),
      byte: f64('Byte offset in the (unpacked) source; counted in UTF-8 where the source is UTF-16.'),
    },
  };
}

type Stored = {
  f64: Float64Array;
  i32: Int32Array;
  u64: BigUint64Array;
  dict: Int32Array;
  utf8: (string | null)[];
  text: TextColumn;
};
type Value = { f64: number; i32: number; u64: bigint; dict: string; utf8: string; text: string };

/** The arrays behind a table's columns. */
export type Store<T extends TableDef> = { readonly [K in keyof T['columns']]: Stored[T['columns'][K]['kind']] };

/** One row as an object, for tests and small tables; analyses read the arrays. */
export type Row<T extends TableDef> = { readonly [K in keyof T['columns']]: Value[T['columns'][K]['kind']] | null };
