/** Stack lines, read from bytes: `Stack,  1042,   4416,   1, 0xfffff80342001000,   ndis.sys!ndisAlloc`. */
import { parseAddress } from '../../src/core/symbol.js';
import { decodeUtf8 } from '../../src/core/text.js';
import { type Place, readNumber } from './dpc-rows.js';
import type { PoolStacks } from './pool-stacks.js';
import { columnKey, cutFields } from './text-rows.js';

const COMMA = 44;
const SPACE = 32;
/** A symbol is cut there. */
const MAX_SYMBOL = 4096;

/** Which columns hold what; -1 where there is none. */
interface StackShape {
  readonly time: number;
  readonly tid: number;
  readonly no: number;
  readonly address: number;
  readonly symbol: number;
}

/** Null where lines cannot be told to be of a thread. */
export function stackShape(columns: readonly string[]): StackShape | null {
  const keys = columns.map(columnKey);
  const shape = {
    time: keys.indexOf('timestamp'),
    tid: keys.indexOf('threadid'),
    no: keys.indexOf('no.'),
    address: keys.indexOf('address'),
    symbol: keys.indexOf('image!function'),
  };
  return shape.tid < 0 || (shape.address < 0 && shape.symbol < 0) ? null : shape;
}

/**
 * First of the last columns that identify the frame, address then symbol as in every schema seen; -1 where they stand
 * otherwise, so that no single stretch of bytes does.
 */
function tailOf({ time, tid, no, address, symbol }: StackShape, columns: number): number {
  const last = columns - 1;
  const sideBySide = address < 0 || symbol < 0 || address + 1 === symbol;
  const tail = address < 0 ? symbol : address;
  return sideBySide && Math.max(address, symbol) === last && Math.max(time, tid, no) < tail ? tail : -1;
}

/** What a Stack line says; good until the next one is read. */
export class StackLine {
  atUs = Number.NaN;
  tid = Number.NaN;
  /** Number of the frame as printed; NaN where no column holds it. */
  no = Number.NaN;
  readonly #tail: number;
  /** Columns before the tail: index in `#values`, or -1. */
  readonly #roles: Int32Array;
  readonly #values = new Float64Array(3);
  #from = 0;
  #to = 0;
  #address: bigint | null = null;
  #symbol = '';

  constructor(
    private readonly columns: readonly string[],
    private readonly shape: StackShape,
    private readonly place: Place,
    private readonly stacks: PoolStacks,
  ) {
    this.#tail = tailOf(shape, columns.length);
    this.#roles = Int32Array.from(columns, (_, i) => [shape.time, shape.tid, shape.no].indexOf(i));
  }

  /** Reads the line; why it cannot be used, where it cannot. */
  read(comma: number, end: number, start: number): string | null {
    const whole = this.#tail < 0 ? this.#readText(start, end) : this.#readBytes(comma, end);
    if (!whole) return 'another number of fields than its schema line';
    if (Number.isNaN(this.atUs)) return 'TimeStamp is no number';
    if (Number.isNaN(this.tid)) return 'ThreadID is no number';
    return this.shape.no >= 0 && Number.isNaN(this.no) ? 'No. is no number' : null;
  }

  /** Number of the line's frame; -1 where there is no room for more, null where the line names none. */
  frame(): number | null {
    if (this.#tail < 0) return this.#named();
    const { view } = this.place;
    const known = this.stacks.known(view, this.#from, this.#to);
    if (known >= 0) return known;
    this.#cutTail();
    const frame = this.#named();
    if (frame !== null && frame >= 0) this.stacks.learn(view, this.#from, this.#to, frame);
    return frame;
  }

  #readBytes(comma: number, end: number): boolean {
    const { bytes } = this.place;
    const values = this.#values;
    values[2] = Number.NaN;
    let at = comma + 1;
    for (let column = 1; column < this.#tail; column++) {
      const role = this.#roles[column];
      let from = at;
      while (bytes[from] === SPACE) from++;
      let value = 0;
      at = from;
      for (let digit = bytes[at] - 48; digit >= 0 && digit <= 9; digit = bytes[++at] - 48) value = value * 10 + digit;
      const plain = bytes[at] === COMMA && at > from && at - from <= 15;
      while (at < end && bytes[at] !== COMMA) at++;
      if (at >= end) return false;
      if (role >= 0) values[role] = plain ? value : readNumber(bytes, from, at);
      at++;
    }
    this.atUs = values[0];
    this.tid = values[1];
    this.no = values[2];
    this.#from = at;
    this.#to = end;
    return true;
  }

  #readText(start: number, end: number): boolean {
    const fields = cutFields(decodeUtf8(this.place.bytes, start, end), this.columns);
    if (fields === null) return false;
    this.atUs = fields.number('timestamp') ?? Number.NaN;
    this.tid = fields.number('threadid') ?? Number.NaN;
    this.no = fields.number('no.') ?? Number.NaN;
    this.#address = fields.address('address');
    this.#symbol = fields.text('image!function') ?? '';
    return true;
  }

  #cutTail(): void {
    const { bytes } = this.place;
    let comma = this.#from;
    while (comma < this.#to && bytes[comma] !== COMMA) comma++;
    const { address, symbol } = this.shape;
    const symbolFrom = address < 0 ? this.#from : Math.min(comma + 1, this.#to);
    this.#address = address < 0 ? null : parseAddress(decodeUtf8(bytes, this.#from, Math.min(comma, this.#from + 64)));
    const text = symbol < 0 ? '' : decodeUtf8(bytes, symbolFrom, Math.min(this.#to, symbolFrom + MAX_SYMBOL));
    this.#symbol = text.trim().replace(/^"(.*)"$/, '$1');
  }

  #named(): number | null {
    if (this.#symbol === '' && (this.#address ?? 0n) === 0n) return null;
    return this.stacks.frame(this.#address, this.#symbol);
  }
}
