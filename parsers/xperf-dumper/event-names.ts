import { decodeUtf8 } from '../../src/core/text.js';
import { ByteTable } from './seen-before.js';

const COMMA = 44;
const SPACE = 32;
/** Names longer than this are no event names: `provider/task/opcode` runs to 100 and more. Bounds the table against hostile input. */
const MAX_NAME = 256;
const MAX_NAMES = 4096;
/** Names are padded to this column, where their comma stands. */
const WIDTH = 23;

/** The events of one name: how many lines and bytes, and where they go. */
export interface EventName {
  readonly name: string;
  count: number;
  bytes: number;
  /** Reads a line of this event; null where its rows are not wanted. */
  handler: LineHandler | null;
  /** Names of its columns from its schema line, `TimeStamp` at 1; null where no schema line was seen. */
  columns: readonly string[] | null;
  /** True where its rows are runs of DPCs or ISRs that are read. */
  isRun: boolean;
  /** Index of its CPU column; -1 where it has none. */
  cpuColumn: number;
}

/** Reads the line in `bytes` from `start` to `end` (line end excluded); `comma` is the one after the name. */
export type LineHandler = (comma: number, end: number, start: number) => void;

/** Tells events by their names, for the lines that the scanner hands back. */
export class EventNames {
  /** Position of the comma after the name last looked up; -1 where there was none. */
  comma = -1;
  readonly #byName = new Map<string, EventName>();
  /** Names as they are printed, padded: indexes in `#printed`. */
  readonly #padded = new ByteTable(MAX_NAMES, MAX_NAMES * WIDTH);
  readonly #printed: EventName[] = [];

  all(): IterableIterator<EventName> {
    return this.#byName.values();
  }

  /** The event called `name`, made if new; null where there are more names than any trace has. */
  named(name: string): EventName | null {
    let entry = this.#byName.get(name);
    if (entry === undefined) {
      if (this.#byName.size >= MAX_NAMES || name.length > MAX_NAME) return null;
      entry = { name, count: 0, bytes: 0, handler: null, columns: null, isRun: false, cpuColumn: -1 };
      this.#byName.set(name, entry);
    }
    return entry;
  }

  /** The event of a line, or null where the line does not begin with a name and a comma. */
  at(bytes: Buffer, view: DataView, start: number, end: number): EventName | null {
    const isPadded = end - start > WIDTH && bytes[start + WIDTH] === COMMA;
    const known = isPadded ? this.#padded.find(view, start, start + WIDTH) : -1;
    if (known >= 0) {
      this.comma = start + WIDTH;
      return this.#printed[known];
    }
    const event = this.#find(bytes, start, end);
    if (event !== null && this.comma === start + WIDTH && this.#printed.length < MAX_NAMES) {
      this.#padded.add(view, start, this.comma, this.#printed.length);
      this.#printed.push(event);
    }
    return event;
  }

  #find(bytes: Buffer, start: number, end: number): EventName | null {
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
