/** The properties of an event, EVENT_PROPERTY_INFO of tdh.h, as the items of a template. */

import type { Size, StructItem, TemplateItem, ValueMap } from '../manifest/types.js';
import type { Texts } from './texts.js';
import { inTypeName, outTypeName } from './type-names.js';

/** sizeof(EVENT_PROPERTY_INFO). */
export const PROPERTY_BYTES = 24;

/** PROPERTY_FLAGS of tdh.h. */
enum PropertyFlag {
  Struct = 0x01,
  ParamLength = 0x02,
  ParamCount = 0x04,
  FixedLength = 0x10,
  FixedCount = 0x20,
  HasTags = 0x40,
  HasCustomSchema = 0x80,
}

/** All but PropertyWBEMXmlFragment, of which nothing says how it lies. */
const KNOWN_FLAGS = 0xf7;
/** TraceLogging allows 8; manifests, one. */
const MAX_DEPTH = 8;
/** Types that have a length: TDH_INTYPE_UNICODESTRING, _ANSISTRING, _BINARY. tdh.h lets it be ignored for all others. */
const WITH_LENGTH: ReadonlySet<number> = new Set([1, 2, 14]);

export interface PropertyList {
  readonly bytes: Buffer;
  /** Of the first property. */
  readonly at: number;
  readonly count: number;
  /** The first so many are no members of structs. */
  readonly topLevel: number;
  readonly texts: Texts;
  readonly mapNamed: (name: string) => ValueMap | null;
}

/**
 * The properties in their order, members within their structs; null where they are no sound layout: beyond the bytes, with
 * flags that are not known, a property in two places, or a length or count that refers to none before it.
 */
export function readItems(list: PropertyList): readonly TemplateItem[] | null {
  const { bytes, at, count, topLevel } = list;
  if (topLevel > count || at + count * PROPERTY_BYTES > bytes.length) return null;
  return itemsOf({ list, names: new Array(count) }, 0, topLevel, null, 0);
}

interface State {
  readonly list: PropertyList;
  /** By index; undefined where the property was not read yet. */
  readonly names: (string | undefined)[];
}

/** Indexes of the properties read so far in a template or struct, by their names. */
interface Scope {
  readonly indexes: Map<string, number>;
  /** How often a name was spelled so far. */
  readonly times: Map<string, number>;
  readonly outer: Scope | null;
}

function itemsOf(state: State, from: number, n: number, outer: Scope | null, depth: number): TemplateItem[] | null {
  if (depth > MAX_DEPTH || from + n > state.list.count) return null;
  const scope: Scope = { indexes: new Map(), times: new Map(), outer };
  const items: TemplateItem[] = [];
  for (let i = from; i < from + n; i++) {
    // Each property has one place: so structs cannot hold themselves, nor each other again and again.
    if (state.names[i] !== undefined) return null;
    const name = nameOf(state, i, scope);
    if (name === null) return null;
    state.names[i] = name;
    const item = itemOf(state, i, name, scope, depth);
    if (item === null) return null;
    scope.indexes.set(name, i);
    items.push(item);
  }
  return items;
}

/** A name that comes twice gets a number, as in manifests: `Value` and `Value_2`. */
function nameOf({ list }: State, i: number, { indexes, times }: Scope): string | null {
  const spelled = list.texts.at(list.bytes.readUInt32LE(placeOf(list, i) + 4));
  if (spelled === null) return null;
  const name = spelled === '' ? `field${i + 1}` : spelled;
  let n = (times.get(name) ?? 0) + 1;
  while (indexes.has(numbered(name, n))) n++;
  times.set(name, n);
  return numbered(name, n);
}

const numbered = (name: string, n: number): string => (n === 1 ? name : `${name}_${n}`);

const placeOf = ({ at }: PropertyList, i: number): number => at + i * PROPERTY_BYTES;

function itemOf(state: State, i: number, name: string, scope: Scope, depth: number): TemplateItem | null {
  const { list } = state;
  const place = placeOf(list, i);
  const flags = list.bytes.readUInt32LE(place);
  if ((flags & ~KNOWN_FLAGS) !== 0) return null;
  const count = countOf(state, place, flags, scope);
  if (count === undefined) return null;
  if (flags & PropertyFlag.Struct) return structOf(state, place, name, count, scope, depth);
  const inType = list.bytes.readUInt16LE(place + 8);
  const outType = list.bytes.readUInt16LE(place + 10);
  const length = WITH_LENGTH.has(inType) ? lengthOf(state, place, flags, scope) : null;
  if (length === undefined) return null;
  return {
    kind: 'data',
    name,
    inType: inTypeName(inType),
    outType: outTypeName(inType, outType),
    map: mapOf(list, place, flags),
    length,
    count,
  };
}

function structOf(
  state: State,
  place: number,
  name: string,
  count: Size,
  scope: Scope,
  depth: number,
): StructItem | null {
  const { bytes } = state.list;
  const items = itemsOf(state, bytes.readUInt16LE(place + 8), bytes.readUInt16LE(place + 10), scope, depth + 1);
  return items === null ? null : { kind: 'struct', name, count, items };
}

/** The place of a map's name is that of a schema of the provider's own where there is one. */
function mapOf({ bytes, texts, mapNamed }: PropertyList, place: number, flags: number): ValueMap | null {
  const name = flags & PropertyFlag.HasCustomSchema ? null : texts.at(bytes.readUInt32LE(place + 12));
  return name === null ? null : mapNamed(name);
}

/** 1 stands for a property that is no array, unless flags say otherwise (seen: flags never set for arrays of 2). */
function countOf(state: State, place: number, flags: number, scope: Scope): Size | undefined {
  const count = state.list.bytes.readUInt16LE(place + 16);
  if (flags & PropertyFlag.ParamCount) return referred(state, count, scope);
  return flags & PropertyFlag.FixedCount || count > 1 ? count : null;
}

/** 0 stands for none, unless flags say otherwise. */
function lengthOf(state: State, place: number, flags: number, scope: Scope): Size | undefined {
  const length = state.list.bytes.readUInt16LE(place + 18);
  if (flags & PropertyFlag.ParamLength) return referred(state, length, scope);
  return flags & PropertyFlag.FixedLength || length > 0 ? length : null;
}

/**
 * The name of the property with that index; undefined where it was not before, or where an item of the same name is nearer,
 * for items refer to each other by name.
 */
function referred({ names }: State, index: number, scope: Scope): string | undefined {
  const name = names[index];
  if (name === undefined) return undefined;
  for (let at: Scope | null = scope; at !== null; at = at.outer) {
    const found = at.indexes.get(name);
    if (found !== undefined) return found === index ? name : undefined;
  }
  return undefined;
}
