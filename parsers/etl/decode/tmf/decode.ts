import type { Reader } from '../../../../src/core/reader.js';
import type { Fields, FieldValue } from '../fields.js';
import { messageText } from '../message-text.js';
import { formatItem } from './format.js';
import { ITEMS, type ItemValue } from './items.js';
import type { TmfArgument, TmfMessage } from './types.js';

export interface DecodedTmf {
  /** Null where an argument could not be read. */
  readonly text: string | null;
  /** By expression in the source. Null from the first on that could not be read. */
  readonly fields: Fields;
  readonly component: string;
  readonly source: string | null;
  /** Of the line that traced, where the message's name ends with one. */
  readonly line: number | null;
  readonly function: string | null;
  readonly level: string | null;
  readonly flags: string | null;
  /** The payload ends before the arguments do. */
  readonly short: boolean;
  /** Why decoding stopped, other than for a short payload. */
  readonly stopped: string | null;
}

/** Parts of the prefix that the trace knows and the format may ask for (`%3!x!`); what is not given stays as written. */
export interface PrefixParts {
  readonly tid?: number | null;
  readonly time?: string | null;
  readonly sequence?: number | null;
  readonly pid?: number | null;
  readonly cpu?: number | null;
}

/**
 * Reads a message's arguments, which lie one after the other in the order of their numbers, and puts them into its text.
 * `%0`, the prefix that Windows' tools write in front, is left out; `%1` and `%2` are component and source line, `%3`,
 * `%4`, `%7`, `%8` and `%9` come from `prefix` ("Trace Message Prefix" of the driver documentation). An item type that
 * is not known ends decoding: nobody can tell its size.
 */
export function decodeTmf(
  message: TmfMessage,
  payload: Reader,
  pointerBytes: 4 | 8,
  prefix: PrefixParts = {},
): DecodedTmf {
  const values = new Map<number, ItemValue>();
  const entries: [string, FieldValue][] = [];
  let stopped = message.defect;
  for (const argument of message.arguments) {
    const read = ITEMS.get(argument.type);
    if (read === undefined) stopped ??= `the type ${argument.type} of ${argument.name} is not known`;
    const item = stopped === null && !payload.short ? readWhole(read, argument, payload, pointerBytes) : null;
    entries.push([argument.name, item?.value ?? null]);
    if (item !== null) values.set(argument.index, item);
  }
  const isWhole = stopped === null && !payload.short;
  return {
    text: isWhole ? textOf(message, values, prefix) : null,
    fields: Object.fromEntries(entries),
    component: message.component,
    source: message.source,
    line: lineOf(message),
    function: message.function,
    level: message.level,
    flags: message.flags,
    short: payload.short,
    stopped,
  };
}

type ReadItem = typeof ITEMS extends ReadonlyMap<string, infer T> ? T : never;

/** Null where the payload ended meanwhile. */
function readWhole(
  read: ReadItem | undefined,
  argument: TmfArgument,
  payload: Reader,
  pointerBytes: 4 | 8,
): ItemValue | null {
  const item = read?.(payload, argument, pointerBytes) ?? null;
  return payload.short ? null : item;
}

const lineOf = ({ name }: TmfMessage): number | null => {
  const digits = /(\d{1,7})$/.exec(name)?.[1];
  return digits === undefined ? null : Number(digits);
};

function textOf(message: TmfMessage, values: ReadonlyMap<number, ItemValue>, prefix: PrefixParts): string {
  return messageText(message.format, {
    numbered: (n, format) => {
      const item = values.get(n) ?? prefixPart(message, prefix, n);
      return item === null ? null : formatItem(item, format);
    },
    named: (name) => namedPart(message, name),
  });
}

function prefixPart(message: TmfMessage, prefix: PrefixParts, n: number): ItemValue | null {
  const parts: Readonly<Record<number, string | number | null | undefined>> = {
    1: message.component,
    2: message.name,
    3: prefix.tid,
    4: prefix.time,
    7: prefix.sequence,
    8: prefix.pid,
    9: prefix.cpu,
  };
  const part = parts[n];
  if (part === undefined || part === null) return null;
  const number = typeof part === 'number' ? ({ value: BigInt(part), bits: 32 } as const) : null;
  return { value: part, text: String(part), number };
}

/** What WPP leaves to the tool that formats ("WPP special format specifications"). */
function namedPart(message: TmfMessage, name: string): string | null {
  switch (name) {
    case 'FUNC':
      return message.function;
    case 'LEVEL':
      return message.level;
    case 'FLAGS':
      return message.flags;
    case 'COMPNAME':
      return message.component;
    case 'FILE':
      return message.source;
    case 'LINE':
      return lineOf(message)?.toString() ?? null;
    case 'SPACE':
      return ' ';
    default:
      return null;
  }
}
