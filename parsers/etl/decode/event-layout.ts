import type { Reader } from '../../../src/core/reader.js';
import { type FieldReader, fieldReader } from './field-types.js';
import type { Fields, FieldValue } from './fields.js';

/**
 * How the payload of some events lies, as data. `fields` are `Name:type` with a blank between, in their order; types are
 * those of field-types.ts, `[]` behind one takes all that is left, `[Name]` as many as the field of that name says.
 */
export interface EventLayout {
  readonly opcodes: readonly number[];
  /** Event versions that it holds for; without `to`, all later ones too (their new fields are then left over). */
  readonly from: number;
  readonly to: number | null;
  readonly fields: string;
}

export function layout(opcodes: readonly number[], versions: readonly [number, number?], fields: string): EventLayout {
  return { opcodes, from: versions[0], to: versions[1] ?? null, fields };
}

/** Payload fields of one event type, ready to read. */
export type CompiledLayout = readonly LayoutField[];

interface LayoutField {
  readonly name: string;
  readonly read: FieldReader;
  /** `one`, all that is `left`, or as many as the field of that name says. */
  readonly count: 'one' | 'left' | { readonly of: string };
}

export function compileLayout(fields: string): CompiledLayout {
  return fields
    .split(/\s+/)
    .filter((field) => field !== '')
    .map(compileField);
}

function compileField(text: string): LayoutField {
  const [name, type] = text.split(':');
  const bracket = type.indexOf('[');
  if (bracket < 0) return { name, read: fieldReader(type), count: 'one' };
  const of = type.slice(bracket + 1, -1);
  return { name, read: fieldReader(type.slice(0, bracket)), count: of === '' ? 'left' : { of } };
}

/**
 * Reads a payload by its layout. Fields that the payload ends before, or in, are null; what it has behind the last one is
 * `Rest`, in hex.
 */
export function readLayout(fields: CompiledLayout, payload: Reader, pointerBytes: 4 | 8): Fields {
  const values: Fields = {};
  for (const field of fields) values[field.name] = readCounted(field, values, payload, pointerBytes);
  if (payload.left > 0) values.Rest = payload.take(payload.left).toString('hex');
  return values;
}

function readCounted(field: LayoutField, values: Fields, payload: Reader, pointerBytes: 4 | 8): FieldValue {
  if (field.count === 'one') return readOne(field, payload, pointerBytes);
  const most = field.count === 'left' ? payload.left : values[field.count.of];
  if (typeof most !== 'number') return null;
  const list: FieldValue[] = [];
  for (let i = 0; i < most && payload.left > 0; i++) {
    const value = readOne(field, payload, pointerBytes);
    if (value !== null) list.push(value);
  }
  return list;
}

/** A payload may end where any field would begin: older versions of an event are shorter. */
function readOne({ read }: LayoutField, payload: Reader, pointerBytes: 4 | 8): FieldValue {
  if (payload.left <= 0) return null;
  const wasShort = payload.short;
  const value = read(payload, pointerBytes);
  return payload.short && !wasShort ? null : value;
}
