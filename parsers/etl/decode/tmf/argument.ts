import type { TmfArgument } from './types.js';

const MAX_TEXTS = 4096;
/** An expression may hold `, Item` itself; not this often. */
const MAX_TRIES = 64;

/**
 * Reads `expression, ItemType -- 10` or `expression, ItemListLong(A=1,B) -- 10`; older templates of WPP have `//` for
 * `--`. The expression is C and may hold commas. Null where the line is none of this.
 */
export function readArgument(line: string): TmfArgument | null {
  const end = /\s*(?:--|\/\/)\s{0,8}(\d{1,3})$/.exec(line.slice(-64));
  if (end === null) return null;
  const left = line.slice(0, line.length - end[0].length).trimEnd();
  const index = Number(end[1]);
  let comma = left.length;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    comma = comma <= 0 ? -1 : left.lastIndexOf(',', comma - 1);
    if (comma < 0) return null;
    const item = readItem(left.slice(comma + 1).trim());
    if (item !== null) return { index, name: left.slice(0, comma).trim() || `arg${index}`, ...item };
  }
  return null;
}

function readItem(text: string): Pick<TmfArgument, 'type' | 'texts'> | null {
  const paren = text.indexOf('(');
  const type = paren < 0 ? text : text.slice(0, paren);
  if (!/^Item\w{1,64}$/.test(type) || (paren >= 0 && !text.endsWith(')'))) return null;
  return { type, texts: paren < 0 ? new Map() : textsOf(text.slice(paren + 1, -1)) };
}

/** `Low,APC,DPC` from 0 on, or from a number that is given: `First=0x10,Second`. */
function textsOf(list: string): ReadonlyMap<number, string> {
  const texts = new Map<number, string>();
  let value = 0;
  for (const entry of list.split(',', MAX_TEXTS)) {
    const part = /^([^=]*)=\s*(0x[0-9a-f]{1,8}|\d{1,10})\s*$/i.exec(entry);
    if (part !== null) value = Number(part[2]);
    const text = (part === null ? entry : part[1]).trim();
    if (!texts.has(value)) texts.set(value, text);
    value++;
  }
  return texts;
}
