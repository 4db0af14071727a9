/** Texts of pool rows: tags, types, processes; each made and taken apart once. */
import type { Dictionary } from '../../src/core/table.js';
import { decodeUtf8 } from '../../src/core/text.js';
import { poolTypeName } from '../../src/tables/pool-types.js';
import { ByteTable } from './seen-before.js';
import { processOf } from './text-rows.js';

/** Tags of a machine go to a thousand, processes to some thousand. */
const MAX_KNOWN = 1 << 16;
const MAX_KNOWN_BYTES = 4 << 20;
/** Longer fields are no such texts. */
const MAX_FIELD = 400;

/** What a field names, by its bytes as printed, blanks included. */
export class KnownTexts {
  readonly #known = new ByteTable(MAX_KNOWN, MAX_KNOWN_BYTES);

  /** `read` gives the number, from 0, of a text; -1 where it is none. */
  constructor(private readonly read: (field: string) => number) {}

  id(bytes: Buffer, view: DataView, from: number, to: number): number {
    const known = this.#known.find(view, from, to);
    if (known >= 0) return known;
    if (to - from > MAX_FIELD) return -1;
    const id = this.read(fieldText(bytes, from, to));
    if (id >= 0) this.#known.add(view, from, to, id);
    return id;
  }
}

/** Tags may hold any bytes: what is no UTF-8 is taken byte by byte, so that different tags stay different. */
function fieldText(bytes: Buffer, from: number, to: number): string {
  const text = decodeUtf8(bytes, from, to);
  return text.includes('\ufffd') ? bytes.toString('latin1', from, to) : text;
}

/** Process names with their ids. */
export class KnownProcesses {
  /** By number; the column's null where there is none. */
  readonly names: number[] = [];
  readonly pids: number[] = [];
  readonly #numbers = new Map<string, number>();

  constructor(
    private readonly dictionary: Dictionary,
    private readonly nullPid: number,
  ) {}

  /** `  System (   4)`: its number, by which its name and id are found; -1 where there are too many. */
  number(field: string): number {
    const text = field.trim().replace(/^"(.*)"$/, '$1');
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    if (this.#numbers.size >= MAX_KNOWN) return -1;
    const { name, pid } = processOf(text);
    const number = this.names.length;
    this.#numbers.set(text, number);
    this.names.push(this.dictionary.id(name));
    this.pids.push(pid !== null && pid <= 0x7fffffff ? pid : this.nullPid);
    return number;
  }
}

/** ` 512` and `  0x200` by name, ` NonPaged` as printed. */
export function typeOf(field: string): string {
  const text = field.trim().replace(/^"(.*)"$/, '$1');
  return /^(\d{1,10}|0x[0-9a-f]{1,8})$/i.test(text) ? poolTypeName(Number(text)) : text;
}

const TAG_LENGTH = 4;

/**
 * The tag printed between two commas: four characters, those that are missing at the end blank; null where there are more.
 * One blank follows each comma and columns are padded on the left, so the last four characters are the tag, blanks
 * included: `      Irp ` is `Irp `. Seen nowhere, but taken: padding on the right, quotes, and the number, lowest byte first
 * (`0x6b61654c` and `1801545036` are `Leak`).
 */
export function tagOf(field: string): string | null {
  const inner = field.trim();
  if (/^(0x[0-9a-f]{5,8}|\d{5,10})$/i.test(inner)) return tagOfNumber(Number(inner));
  const quoted = /^(["'])(.{1,4})\1$/s.exec(inner);
  if (quoted !== null && inner.length > TAG_LENGTH) return quoted[2].padEnd(TAG_LENGTH);
  const text = [...(field.startsWith(' ') ? field.slice(1) : field)];
  if (text.length <= TAG_LENGTH) return text.join('').padEnd(TAG_LENGTH);
  const last = text.slice(-TAG_LENGTH).join('');
  if (last.trim() !== '' && text.slice(0, -TAG_LENGTH).join('').trim() === '') return last;
  const first = [...inner];
  return first.length <= TAG_LENGTH ? inner.padEnd(TAG_LENGTH) : null;
}

function tagOfNumber(number: number): string | null {
  if (number > 0xffffffff) return null;
  const bytes = Buffer.alloc(TAG_LENGTH);
  bytes.writeUInt32LE(number);
  return bytes.toString('latin1');
}
