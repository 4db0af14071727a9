/** Events counted by what they are, without a name being made for each. */
import { guidText } from '../../../src/core/reader.js';
import type { EventCursor } from './cursor.js';
import { type ScannedName, traceLoggingName } from './event-name-scan.js';
import { HeaderType } from './layout.js';
import { messageGuidOffset } from './message-layout.js';

/** Events told by provider, id, version and opcode. More are counted together. */
const MAX_KINDS = 20_000;

/** What events of one kind have in common. */
export interface EventKind {
  /** Null for kernel events; GUID of the provider, of the class of a classic event, of a message's source file. */
  readonly guid: string | null;
  /** Header: `kernel`, `manifest` (and TraceLogging), `classic` or `message`. */
  readonly header: 'kernel' | 'manifest' | 'classic' | 'message';
  readonly group: number | null;
  readonly opcode: number | null;
  readonly id: number | null;
  readonly version: number | null;
  /** Name, and that of the provider, of events that say so themselves (TraceLogging); null for others. */
  readonly name: string | null;
  readonly providerName: string | null;
}

export interface KindCount {
  readonly kind: EventKind;
  count: number;
  bytes: number;
}

/** Kinds that provider, id, version, opcode and header do not tell apart: by the name that the events give themselves. */
interface Alike {
  readonly words: readonly number[];
  readonly byName: Map<string | null, KindCount>;
}

export class EventCounts {
  /** Differs from run to run, so that no file can be made whose kinds all fall into one chain. */
  readonly #seed = Math.floor(Math.random() * 0x7fffffff);
  readonly #kernelCounts = new Float64Array(1 << 16);
  readonly #kernelBytes = new Float64Array(1 << 16);
  /** Kinds by the words that tell them apart, in chains of equal hash. */
  readonly #others = new Map<number, Alike[]>();
  #kinds = 0;
  /** Events of kinds for which there was no room. */
  uncounted = 0;

  /** Counts the event at the cursor; gives its entry where it is none of the kernel's. */
  count(cursor: EventCursor): KindCount | null {
    if (cursor.key >= 0) {
      this.#kernelCounts[cursor.key]++;
      this.#kernelBytes[cursor.key] += cursor.size;
      return null;
    }
    const entry = this.#entry(cursor);
    if (entry === null) this.uncounted++;
    else {
      entry.count++;
      entry.bytes += cursor.size;
    }
    return entry;
  }

  list(): KindCount[] {
    const found: KindCount[] = [];
    for (let key = 0; key < this.#kernelCounts.length; key++) {
      if (this.#kernelCounts[key] === 0) continue;
      const kind: EventKind = {
        guid: null,
        header: 'kernel',
        group: key >> 8,
        opcode: key & 0xff,
        id: null,
        version: null,
        ...NAMELESS,
      };
      found.push({ kind, count: this.#kernelCounts[key], bytes: this.#kernelBytes[key] });
    }
    for (const chain of this.#others.values()) for (const { byName } of chain) found.push(...byName.values());
    return found;
  }

  #entry(cursor: EventCursor): KindCount | null {
    const { words, at, type, bytes } = cursor;
    const i = at >> 2;
    const isManifest = type === HeaderType.Event32 || type === HeaderType.Event64;
    const isMessage = type === HeaderType.Message;
    // Offset of the GUID, in words; messages have one where their options say so.
    const g = isMessage ? messageGuidOffset(words[i + 1] >>> 16) >> 2 : 6;
    const isLong = g > 0 && (g + 4) * 4 <= cursor.size;
    const a = isLong ? words[i + g] : 0;
    const b = isLong ? words[i + g + 1] : 0;
    const c = isLong ? words[i + g + 2] : 0;
    const d = isLong ? words[i + g + 3] : 0;
    const detail = isManifest
      ? (words[i + 10] & 0xffffff) | 0
      : isMessage
        ? words[i + 1] & 0xffff
        : words[i + 1] & ~0xff00;
    const header = isManifest ? 0 : isMessage ? 1 : 2;
    const alike = this.#alike(a, b, c, d, detail, header);
    // Most events that describe themselves have the id 0, but EventSource numbers its own.
    const scanned = isManifest ? traceLoggingName(cursor) : null;
    const name = scanned?.name ?? null;
    const known = alike?.byName.get(name);
    if (known !== undefined) return known;
    if (alike === null || this.#kinds >= MAX_KINDS) return null;
    this.#kinds++;
    const count = { kind: kindOf(cursor, isLong ? guidText(bytes, at + g * 4) : null, scanned), count: 0, bytes: 0 };
    alike.byName.set(name, count);
    return count;
  }

  /** Null where there is no room. */
  #alike(a: number, b: number, c: number, d: number, detail: number, header: number): Alike | null {
    const hash = mixed(mixed(mixed(mixed(mixed(this.#seed, a), b), c), d), detail);
    const chain = this.#others.get(hash);
    for (const alike of chain ?? []) {
      const { words: w } = alike;
      if (w[0] === a && w[1] === b && w[2] === c && w[3] === d && w[4] === detail && w[5] === header) return alike;
    }
    if (this.#kinds >= MAX_KINDS) return null;
    const alike = { words: [a, b, c, d, detail, header], byName: new Map() };
    if (chain === undefined) this.#others.set(hash, [alike]);
    else chain.push(alike);
    return alike;
  }
}

function mixed(hash: number, word: number): number {
  const next = Math.imul(hash ^ word, 0x9e3779b1);
  return next ^ (next >>> 15);
}

const NAMELESS = { name: null, providerName: null };

function kindOf(cursor: EventCursor, guid: string | null, scanned: ScannedName | null): EventKind {
  const { bytes, at, type } = cursor;
  switch (type) {
    case HeaderType.Event32:
    case HeaderType.Event64:
      return {
        guid,
        header: 'manifest',
        group: null,
        opcode: bytes[at + 45],
        id: bytes.readUInt16LE(at + 40),
        version: bytes[at + 42],
        name: scanned?.name ?? null,
        providerName: scanned?.provider ?? null,
      };
    case HeaderType.Message:
      return {
        guid,
        header: 'message',
        group: null,
        opcode: null,
        id: bytes.readUInt16LE(at + 4),
        version: null,
        ...NAMELESS,
      };
    default:
      return {
        guid,
        header: 'classic',
        group: null,
        opcode: bytes[at + 4],
        id: null,
        version: bytes.readUInt16LE(at + 6),
        ...NAMELESS,
      };
  }
}
