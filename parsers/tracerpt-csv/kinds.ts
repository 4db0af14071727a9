/** Kinds of records, found by their bytes: what the same event has in common is worked out once. */

import { isWanted } from '../tracerpt/context.js';
import { fieldNames } from '../tracerpt/field-names.js';
import { type KernelEvent, kernelEventNamed, shownName } from '../tracerpt/kernel-events.js';
import { fieldEnd, textAt } from './cells.js';
import type { Columns } from './columns.js';
import type { Kind, Reader } from './reader.js';

/** Most different (name, type, id) kept at hand; a trace has hundreds. */
const MAX_KINDS = 4096;
/** Longer ones are not kept. */
const MAX_KEY = 1024;

/** The record's kind, found by the bytes of its first columns where these are name, type and id, as they always were. */
export function kindOf(reader: Reader, columns: Columns, bytes: Buffer, from: number, end: number): Kind {
  const usual = columns.name === 0 && columns.type === 1 && columns.id === 2;
  const key = usual
    ? bytes.toString('latin1', from, fieldEnd(reader, end, 2))
    : [columns.name, columns.type, columns.id].map((c) => textAt(reader, bytes, from, end, c)).join();
  let kind = reader.kinds.get(key);
  if (kind === undefined) {
    kind = makeKind(reader, columns, bytes, from, end);
    if (reader.kinds.size >= MAX_KINDS) reader.kinds.clear();
    if (key.length <= MAX_KEY) reader.kinds.set(key, kind);
  }
  return kind;
}

function makeKind(reader: Reader, columns: Columns, bytes: Buffer, from: number, end: number): Kind {
  const provider = textAt(reader, bytes, from, end, columns.name) ?? '';
  const type = textAt(reader, bytes, from, end, columns.type) ?? '';
  const id = textAt(reader, bytes, from, end, columns.id) ?? '0';
  const isClassic = id === '0';
  // Manifest events have an id; kernel events, described by MOF, never do.
  const known = isClassic ? kernelEventNamed(provider, type) : null;
  return {
    provider,
    type,
    eventName: shownName(provider, type, id),
    known: known !== null && isWanted(reader.context, known) ? known : null,
    isHeaderLine: provider.toLowerCase() === 'event name' && type.toLowerCase() === 'type',
    layouts: new Map(),
  };
}

export function layoutOf(kind: Kind, known: KernelEvent, count: number): ReadonlyMap<string, number> | null {
  let layout = kind.layouts.get(count);
  if (layout === undefined) {
    const names = fieldNames(known, count);
    layout = names === null ? null : new Map(names.map((name, index) => [name, index]));
    kind.layouts.set(count, layout);
  }
  return layout;
}
