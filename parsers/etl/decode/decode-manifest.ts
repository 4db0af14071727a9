/** Payloads of manifest events, decoded as their manifest says they lie. */

import type { Reader } from '../../../src/core/reader.js';
import type { Fields, FieldValue } from './fields.js';
import { IN_TYPES } from './manifest/in-types.js';
import { insertText, shownValue } from './manifest/out-types.js';
import type { DataItem, ManifestEvent, Size, StructItem, TemplateItem } from './manifest/types.js';
import { messageText } from './message-text.js';

export interface DecodedManifest {
  /** One per item of the template; null from the first on that the payload does not hold. */
  readonly fields: Fields;
  /** With the values put in; null where the event has no message, or its values are not known. */
  readonly message: string | null;
  /** The payload ends before the template does. */
  readonly short: boolean;
  /** Why decoding stopped before the end of the template, other than for a short payload. */
  readonly stopped: string | null;
}

/**
 * Decodes a payload item by item. A length or count that names an item takes the nearest of that name before it, in its
 * struct first. Values that end beyond the payload, and whatever follows them, are null: nothing is filled up. Inserts of
 * the message count the template's outermost items from `%1`; a struct counts as one (likely: so the documentation of
 * EVENT_PROPERTY_INFO numbers properties). Formats after an insert are passed over, for Windows puts in texts only.
 */
export function decodeManifest(event: ManifestEvent, payload: Reader, pointerBytes: 4 | 8): DecodedManifest {
  if (event.items === null) return { fields: {}, message: null, short: false, stopped: null };
  const state: State = {
    payload,
    pointerBytes,
    // Every value takes a byte or is in the template: a count beyond that is a lie, and would take forever.
    budget: payload.left + countItems(event.items),
    hasMessage: event.message !== null,
    stopped: null,
  };
  const { fields, texts } = readItems(event.items, state, null);
  const isWhole = !payload.short && state.stopped === null;
  const message = event.message === null || !isWhole ? null : messageText(event.message, insertsOf(texts));
  return { fields, message, short: payload.short, stopped: state.stopped };
}

interface State {
  readonly payload: Reader;
  readonly pointerBytes: 4 | 8;
  readonly hasMessage: boolean;
  budget: number;
  stopped: string | null;
}

/** Whole numbers read so far, for the lengths and counts that name them. */
interface Scope {
  readonly numbers: Map<string, number>;
  readonly outer: Scope | null;
}

const countItems = (items: readonly TemplateItem[]): number =>
  items.reduce((sum, item) => sum + 1 + (item.kind === 'struct' ? countItems(item.items) : 0), 0);

const insertsOf = (texts: readonly string[]) => ({
  numbered: (n: number): string | null => texts[n - 1] ?? null,
  named: () => null,
});

const isOver = (state: State): boolean => state.payload.short || state.stopped !== null;

interface Items {
  readonly fields: Fields;
  /** As they stand in a message, one per item. */
  readonly texts: readonly string[];
}

function readItems(items: readonly TemplateItem[], state: State, outer: Scope | null): Items {
  const scope: Scope = { numbers: new Map(), outer };
  const entries: [string, FieldValue][] = [];
  const texts: string[] = [];
  for (const item of items) {
    const { value, text } = isOver(state) ? NOTHING : readItem(item, state, scope);
    entries.push([item.name, value]);
    texts.push(text);
  }
  // Not by assignment, which a field of the name `__proto__` would turn into something else.
  return { fields: Object.fromEntries(entries), texts };
}

interface Shown {
  readonly value: FieldValue;
  readonly text: string;
}

const NOTHING: Shown = { value: null, text: '' };

function readItem(item: TemplateItem, state: State, scope: Scope): Shown {
  if (item.count === null) return readOne(item, state, scope);
  const count = sizeOf(item.count, item, state, scope);
  if (count === null) return NOTHING;
  const all: Shown[] = [];
  for (let i = 0; i < count && !isOver(state); i++) {
    // A string at the very end would be read as an empty one, again and again.
    if (state.payload.left === 0 && !(item.kind === 'data' && item.length !== null)) state.payload.skip(1);
    const one = isOver(state) ? NOTHING : readOne(item, state, scope);
    if (!isOver(state)) all.push(one);
  }
  if (state.stopped !== null) return NOTHING;
  return { value: all.map(({ value }) => value), text: all.map(({ text }) => text).join(', ') };
}

function readOne(item: TemplateItem, state: State, scope: Scope): Shown {
  if (--state.budget < 0) return stop(state, `the count of ${item.name} exceeds the payload`);
  return item.kind === 'struct' ? readStruct(item, state, scope) : readData(item, state, scope);
}

function readStruct(item: StructItem, state: State, scope: Scope): Shown {
  const { fields, texts } = readItems(item.items, state, scope);
  return { value: fields, text: texts.join(' ') };
}

function readData(item: DataItem, state: State, scope: Scope): Shown {
  const type = IN_TYPES.get(item.inType);
  if (type === undefined) return stop(state, `the type ${item.inType} of ${item.name} is not known`);
  const length = lengthOf(item, state, scope);
  if (state.stopped !== null) return NOTHING;
  const raw = type.read(state.payload, length, state.pointerBytes);
  if (state.payload.short) return NOTHING;
  if (type.bits > 0 && !scope.numbers.has(item.name)) scope.numbers.set(item.name, Number(raw as number | bigint));
  return { value: shownValue(raw, item, type), text: state.hasMessage ? insertText(raw, item, type) : '' };
}

/** Null for what ends by itself. An IPv6 address may go without a length (the SDK's own examples do). */
function lengthOf(item: DataItem, state: State, scope: Scope): number | null {
  if (item.length !== null) return sizeOf(item.length, item, state, scope);
  if (item.inType !== 'binary') return null;
  if (item.outType === 'ipv6') return 16;
  stop(state, `the length of ${item.name} is not given`);
  return null;
}

function sizeOf(size: Exclude<Size, null>, item: TemplateItem, state: State, scope: Scope): number | null {
  if (typeof size === 'number') return size;
  for (let at: Scope | null = scope; at !== null; at = at.outer) {
    const value = at.numbers.get(size);
    if (value !== undefined && value >= 0) return value;
    if (value !== undefined) break;
  }
  stop(state, `${item.name} refers to ${size}, which is no number before it`);
  return null;
}

function stop(state: State, why: string): Shown {
  state.stopped ??= why;
  return NOTHING;
}
