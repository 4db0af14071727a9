/**
 * The user's own copy of pooltag.txt, which comes with the debugger and the WDK: which driver allocates with which pool tag.
 *
 *     rem <PoolTag> - <binary-name> - <Description>
 *     Leak - leaky.sys   - Example of a leak
 *     Ab   - <unknown>   - A tag of fewer characters
 *     Lk?  - leaky.sys   - A wildcard
 */
import { decodeUtf8 } from './text.js';

export interface PoolTagOwner {
  readonly driver: string | null;
  readonly description: string | null;
}

/** Tags of four characters, blanks behind as in the kernel; wildcards stand among them as they are written. */
export type PoolTagOwners = ReadonlyMap<string, PoolTagOwner>;

export interface PoolTagFile {
  readonly tags: Map<string, PoolTagOwner>;
  /** Lines read. */
  readonly lines: number;
  /** Lines that are neither an entry nor a comment nor blank, and entries beyond what is kept. */
  readonly skipped: number;
}

/** The file has some five thousand lines. */
const MAX_BYTES = 16 << 20;
const MAX_TAGS = 100_000;
const MAX_LINE = 1000;

/** Reads the file; of a tag that stands twice the first entry counts. */
export function parsePoolTags(bytes: Buffer): PoolTagFile {
  const tags = new Map<string, PoolTagOwner>();
  const lines = textOf(bytes.subarray(0, MAX_BYTES)).split(/\r\n|\r|\n/);
  if (lines.at(-1) === '') lines.pop();
  let skipped = 0;
  for (const line of lines) {
    if (COMMENT.test(line)) continue;
    const entry = entryOf(line);
    if (entry === null || tags.size >= MAX_TAGS) skipped++;
    else if (!tags.has(entry.tag)) tags.set(entry.tag, entry.owner);
  }
  return { tags, lines: lines.length, skipped };
}

/** Whose a tag is: by its own entry, else by the wildcard with the most letters of its own, of those the first. */
export function poolTagOf(tags: PoolTagOwners, tag: string): PoolTagOwner | null {
  const wanted = tag.slice(0, 4).padEnd(4);
  const exact = tags.get(wanted);
  if (exact !== undefined) return exact;
  let best: PoolTagOwner | null = null;
  let most = -1;
  for (const [pattern, owner] of tags) {
    if (!pattern.includes('?') && !pattern.includes('*')) continue;
    const letters = pattern.replace(/[?*]/g, '').trimEnd().length;
    if (letters > most && matches(pattern.trimEnd(), wanted)) {
      best = owner;
      most = letters;
    }
  }
  return best;
}

/** `?` is one character, `*` any run. Neither text has more than four. */
function matches(pattern: string, text: string): boolean {
  if (pattern === '') return text.trim() === '';
  if (pattern[0] === '*') return matches(pattern.slice(1), text) || (text !== '' && matches(pattern, text.slice(1)));
  return text !== '' && (pattern[0] === '?' || pattern[0] === text[0]) && matches(pattern.slice(1), text.slice(1));
}

function textOf(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.subarray(2).toString('utf16le');
  return decodeUtf8(bytes).replace(/^\ufeff/, '');
}

// `rem The file has the following format:`, `// a line of one's own`, a blank line
const COMMENT = /^\s{0,100}(?:rem(?![^\s])|\/\/|$)|^\s{1,1000}$/i;
// `Leak - …`, `Io   - …`, ` LS  - …`: tags of four characters, blanks among them
const FULL_TAG = /^(.{4})\s{0,40}-(?:\s|$)/;
// `Ab - …`, `AB- …`, and entries that are indented
const SHORT_TAG = /^\s{0,40}(\S{1,4}?)\s{0,40}-(?:\s|$)/;

function entryOf(line: string): { tag: string; owner: PoolTagOwner } | null {
  const text = line.slice(0, MAX_LINE);
  const full = FULL_TAG.exec(text);
  const found = full !== null && full[1].trim() !== '' ? full : SHORT_TAG.exec(text);
  if (found === null) return null;
  const owner = ownerOf(text.slice(found[0].length).trim());
  return owner.driver === null && owner.description === null ? null : { tag: found[1].padEnd(4), owner };
}

// Names of drivers have dashes, too (`wdm-x.sys`): only one with a blank around it separates.
const SEPARATOR = /\s{1,40}-\s{0,40}|-\s{1,40}/;
const FILE = /^\S{1,100}\.(?:sys|dll|exe)$|^nt!\S{1,100}$/i;

function ownerOf(text: string): PoolTagOwner {
  const dash = SEPARATOR.exec(text);
  if (dash === null)
    return FILE.test(text) ? { driver: text, description: null } : { driver: null, description: filled(text) };
  const driver = text.slice(0, dash.index).trim();
  const description = filled(text.slice(dash.index + dash[0].length));
  return { driver: /^<?unknown>?$/i.test(driver) ? null : filled(driver), description };
}

const filled = (text: string): string | null => (text.trim() === '' ? null : text.trim());
