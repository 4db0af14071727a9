import type { Reader } from '../../../src/core/reader.js';
import type { Fields, FieldValue } from './fields.js';
import { readProviderTraits } from './provider-traits.js';
import { readSchema, type SchemaField } from './tracelogging-schema.js';
import { isCharacter, readTraceLoggingValue } from './tracelogging-values.js';

export interface TraceLoggingEvent {
  readonly name: string;
  /** As the provider says in its traits; null without them. */
  readonly providerName: string | null;
  readonly tags: number;
  /**
   * In their order. A name that was there already gets ` (2)`. What the payload ends before is null; what it has behind
   * the last field that is described is `Rest`, in hex.
   */
  readonly fields: Fields;
}

/** More values than any payload of 64 KB has bytes: an array of values of no size ends here. */
const MAX_VALUES = 65_536;

interface Context {
  readonly payload: Reader;
  readonly pointerBytes: 4 | 8;
  valuesLeft: number;
}

/**
 * Decodes a TraceLogging event by the description that comes with it (extended item 11) and its provider's traits
 * (item 12, if there). Never throws; depth and number of values are limited.
 *
 * Arrays: with constant count the values alone, else u16 count first; one of characters is text. Structs: their fields in
 * a row.
 * Verified against Microsoft's reader for all primitive types in one real file; see tracelogging-values for the rest.
 */
export function decodeTraceLogging(
  schema: Buffer,
  traits: Buffer | null,
  payload: Reader,
  pointerBytes: 4 | 8,
): TraceLoggingEvent {
  const { name, tags, fields } = readSchema(schema);
  const values = readStruct({ payload, pointerBytes, valuesLeft: MAX_VALUES }, fields);
  if (payload.left > 0) values.push(['Rest', payload.take(payload.left).toString('hex')]);
  const providerName = traits === null ? null : (readProviderTraits(traits)?.name ?? null);
  return { name, providerName, tags, fields: namedValues(values) };
}

function readStruct(context: Context, fields: readonly SchemaField[]): [string, FieldValue][] {
  return fields.map((field) => [field.name, readField(context, field)]);
}

function readField(context: Context, field: SchemaField): FieldValue {
  const { payload } = context;
  // Anything behind a value that was cut off would be read from the wrong place.
  if (payload.short) return null;
  if (field.count === 'one') return readOne(context, field);
  if (field.count === 'custom') return readCustom(payload);
  const count = field.count === 'counted' ? payload.u16() : field.count;
  return payload.short ? null : readArray(context, field, count);
}

function readArray(context: Context, field: SchemaField, count: number): FieldValue {
  const values: FieldValue[] = [];
  for (let i = 0; i < count && !context.payload.short && context.valuesLeft > 0; i++) {
    values.push(readOne(context, field));
  }
  return isCharacter(field.inType, field.outType) ? values.join('') : values;
}

function readOne(context: Context, field: SchemaField): FieldValue {
  context.valuesLeft--;
  if (field.members !== null) return namedValues(context.valuesLeft > 0 ? readStruct(context, field.members) : []);
  const value = readTraceLoggingValue(context.payload, field.inType, field.outType, context.pointerBytes);
  return context.payload.short ? null : value;
}

/** Values with type information of their own: u16 size, bytes. */
function readCustom(payload: Reader): FieldValue {
  const bytes = payload.take(payload.u16());
  return payload.short ? null : bytes.toString('hex');
}

/** No name is lost, and none can reach an object's prototype: entries become own properties. */
function namedValues(values: readonly [string, FieldValue][]): Fields {
  const uses = new Map<string, number>();
  const named = values.map(([name, value]): [string, FieldValue] => {
    const use = (uses.get(name) ?? 0) + 1;
    uses.set(name, use);
    return [use === 1 ? name : `${name} (${use})`, value];
  });
  return Object.fromEntries(named);
}
