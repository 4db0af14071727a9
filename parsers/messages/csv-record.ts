/** Takes CSV records apart in place: fields as spans of bytes, quoted ones without their quotes. */
import { BLANK, CR, isBlank, LF, QUOTE } from './bytes.js';

/** Stands for the end of a record that does not end in the bytes at hand. */
export const OPEN = -1;
const MAX_FIELDS = 128;

export class CsvRecord {
  /** Fields of the last record. */
  count = 0;
  readonly from = new Int32Array(MAX_FIELDS);
  readonly end = new Int32Array(MAX_FIELDS);
  /** 1 where a quoted field has doubled quotes in it. */
  readonly isDoubled = new Uint8Array(MAX_FIELDS);
  /** A quote is missing: the last record ended where the next one begins. */
  isForced = false;
  #to = 0;
  /** Text of the quoted field that was read last. */
  #openFrom = 0;
  /** From here on no quote ends a field, as far as `#barrenTo`: a search that found nothing is not made again. */
  #barren = Number.POSITIVE_INFINITY;
  #barrenTo = -1;

  constructor(
    private readonly delimiter: number,
    /** A field with this index takes the rest of its line where it is not quoted; -1 for none. */
    private readonly rest = -1,
    /** True where a record can only begin at `from`: asked of lines within quotes. */
    private readonly begins: (bytes: Buffer, from: number) => boolean = () => false,
  ) {}

  /** Other bytes are looked at. */
  restart(): void {
    this.#barren = Number.POSITIVE_INFINITY;
    this.#barrenTo = -1;
  }

  /**
   * Reads the record at `from`; gives the place of the line feed that ends it, or `to`. {@link OPEN} where `to` comes within
   * quotes.
   */
  read(bytes: Buffer, from: number, to: number): number {
    this.#to = to;
    this.count = 0;
    this.isForced = false;
    let at = from;
    for (;;) {
      at = at < to && bytes[at] === QUOTE ? this.#quoted(bytes, at) : this.#plain(bytes, at);
      if (at === OPEN || at >= to || bytes[at] === LF) return at;
      // A delimiter.
      at++;
    }
  }

  /** Ends a record that was {@link OPEN} at `end`: the field that is open ends there. */
  close(bytes: Buffer, end: number): void {
    let stop = Math.max(end, this.#openFrom);
    while (stop > this.#openFrom && (isBlank(bytes[stop - 1]) || bytes[stop - 1] === CR)) stop--;
    this.#add(this.#openFrom, stop, 0);
    this.isForced = true;
  }

  #plain(bytes: Buffer, from: number): number {
    const { delimiter } = this;
    const to = this.#to;
    let a = from;
    while (a < to && bytes[a] === BLANK) a++;
    // A quote behind a blank is still one.
    if (a < to && bytes[a] === QUOTE) return this.#quoted(bytes, a);
    let at = a;
    if (this.count === this.rest) {
      at = bytes.indexOf(LF, from);
      if (at < 0 || at > to) at = to;
    } else {
      for (; at < to; at++) {
        const c = bytes[at];
        if (c === delimiter || c === LF) break;
      }
    }
    let b = at;
    while (b > a && (isBlank(bytes[b - 1]) || bytes[b - 1] === CR)) b--;
    this.#add(a, b, 0);
    return at;
  }

  /** A quote that neither the delimiter nor the line's end follows is part of the text: not every writer doubles them. */
  #quoted(bytes: Buffer, from: number): number {
    const to = this.#to;
    this.#openFrom = from + 1;
    if (from >= this.#barren && to === this.#barrenTo) return OPEN;
    let isDoubled = 0;
    let newline = bytes.indexOf(LF, from + 1);
    for (
      let quote = bytes.indexOf(QUOTE, from + 1);
      quote >= 0 && quote < to;
      quote = bytes.indexOf(QUOTE, quote + 1)
    ) {
      for (; newline >= 0 && newline < quote; newline = bytes.indexOf(LF, newline + 1)) {
        if (!this.begins(bytes, newline + 1)) continue;
        this.close(bytes, newline);
        return newline;
      }
      if (bytes[quote + 1] === QUOTE && quote + 1 < to) {
        quote++;
        isDoubled = 1;
        continue;
      }
      const next = this.#behind(bytes, quote + 1);
      if (next < 0) continue;
      this.#add(from + 1, quote, isDoubled);
      return next;
    }
    // What was found of a part of the bytes says less than what was found of all.
    if (to >= this.#barrenTo) {
      this.#barren = from;
      this.#barrenTo = to;
    }
    return OPEN;
  }

  /** The delimiter or line feed behind a closing quote; -1 where something else is there. */
  #behind(bytes: Buffer, from: number): number {
    const to = this.#to;
    let at = from;
    while (at < to && (bytes[at] === BLANK || bytes[at] === CR)) at++;
    return at >= to || bytes[at] === this.delimiter || bytes[at] === LF ? at : -1;
  }

  #add(from: number, end: number, isDoubled: number): void {
    if (this.count === MAX_FIELDS) return;
    this.from[this.count] = from;
    this.end[this.count] = end;
    this.isDoubled[this.count++] = isDoubled;
  }
}

/** Makes single quotes of doubled ones in place; gives where the text ends now. */
export function singleQuotes(bytes: Buffer, from: number, end: number): number {
  let to = from;
  for (let i = from; i < end; i++) {
    bytes[to++] = bytes[i];
    if (bytes[i] === QUOTE && i + 1 < end && bytes[i + 1] === QUOTE) i++;
  }
  return to;
}
