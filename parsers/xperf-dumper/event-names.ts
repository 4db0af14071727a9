import { decodeUtf8 } from '../../src/core/text.js';

/** Column of the comma after the event name: xperf right-justifies names to 23 characters (seen in every excerpt). */
const WIDTH = 23;
const SLOTS = 512;
const COMMA = 44;
const SPACE = 32;
/** Names longer than this are no event names: `provider/task/opcode` runs to 100 and more. Bounds the table against hostile input. */
const MAX_NAME = 256;
const MAX_NAMES = 4096;

/** The events of one name: how many lines and bytes, and where they go. */
export interface EventName {
  readonly name: string;
  count: number;
  bytes: number;
  /** Reads a line of this event; null where its rows are not wanted. */
  handler: LineHandler | null;
  /** Names of its columns from its schema line, `TimeStamp` at 1; null where no schema line was seen. */
  columns: readonly string[] | null;
  /** Index of its CPU column; -1 where it has none. */
  cpuColumn: number;
}

/** Reads the line in `bytes` from `start` to `end` (line end excluded); `comma` is the one after the name. */
export type LineHandler = (comma: number, end: number, start: number) => void;

/**
 * Tells events by the bytes of their names. The padded name is compared as six 32-bit words, which costs a few
 * nanoseconds a line; names that are not padded as xperf does it take the slow way.
 */
export class EventNames {
  /** Position of the comma after the name last looked up; -1 where there was none. */
  comma = -1;
  readonly #byName = new Map<string, EventName>();
  readonly #slots: (EventName | null)[] = new Array(SLOTS).fill(null);
  readonly #words = new Int32Array(SLOTS * 6);
  #view: DataView = new DataView(new ArrayBuffer(0));
  #bytes: Uint8Array = new Uint8Array(0);

  /** Call for each new block. */
  use(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  all(): IterableIterator<EventName> {
    return this.#byName.values();
  }

  /** The event of a line, or null where the line does not begin with a name and a comma. */
  at(start: number, end: number): EventName | null {
    if (end - start <= WIDTH + 1 || this.#bytes[start + WIDTH] !== COMMA) return this.#slow(start, end);
    const view = this.#view;
    const e = view.getInt32(start + 16, true);
    const f = view.getInt32(start + 20, true);
    const words = this.#words;
    let slot = (Math.imul(f ^ Math.imul(e, 0x85ebca6b), 0x9e3779b1) >>> 23) & (SLOTS - 1);
    for (;;) {
      const entry = this.#slots[slot];
      if (entry === null) return this.#remember(slot, start, end);
      const w = slot * 6;
      if (
        words[w + 5] === f &&
        words[w + 4] === e &&
        words[w + 3] === view.getInt32(start + 12, true) &&
        words[w + 2] === view.getInt32(start + 8, true) &&
        words[w + 1] === view.getInt32(start + 4, true) &&
        words[w] === view.getInt32(start, true)
      ) {
        this.comma = start + WIDTH;
        return entry;
      }
      slot = (slot + 1) & (SLOTS - 1);
    }
  }

  /** The event called `name`, made if new; null where there are more names than any trace has. */
  named(name: string): EventName | null {
    let entry = this.#byName.get(name);
    if (entry === undefined) {
      if (this.#byName.size >= MAX_NAMES || name.length > MAX_NAME) return null;
      entry = { name, count: 0, bytes: 0, handler: null, columns: null, cpuColumn: -1 };
      this.#byName.set(name, entry);
    }
    return entry;
  }

  #remember(slot: number, start: number, end: number): EventName | null {
    const entry = this.#slow(start, end);
    // Half-full at most, so that probing ends; names beyond that stay slow.
    if (entry === null || this.comma !== start + WIDTH || this.#filled() > SLOTS / 2) return entry;
    this.#slots[slot] = entry;
    for (let i = 0; i < 6; i++) this.#words[slot * 6 + i] = this.#view.getInt32(start + i * 4, true);
    return entry;
  }

  #filled(): number {
    let n = 0;
    for (const entry of this.#slots) if (entry !== null) n++;
    return n;
  }

  #slow(start: number, end: number): EventName | null {
    const bytes = this.#bytes;
    let from = start;
    while (from < end && bytes[from] === SPACE) from++;
    let comma = from;
    const limit = Math.min(end, from + MAX_NAME);
    while (comma < limit && bytes[comma] !== COMMA) comma++;
    if (comma === limit || comma === from) {
      this.comma = -1;
      return null;
    }
    this.comma = comma;
    return this.named(decodeUtf8(bytes, from, comma).trimEnd());
  }
}
