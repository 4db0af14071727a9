/**
 * Cuts a message into words, punctuation and typed variables, and hashes what is left when the variables are gone: messages of
 * one shape have one hash. Masking typed variables before comparing is Drain's idea (He et al., "Drain: An Online Log Parsing
 * Approach with Fixed Depth Tree", ICWS 2017); here it is done on the bytes, without a string a line.
 */

/** What a token is. Words, punctuation and blanks are the shape, the others are variables. */
export const Token = {
  word: 0,
  punctuation: 1,
  blank: 2,
  /** A decimal number, with sign, fraction, or the points and colons of times, versions and addresses. */
  number: 3,
  hex: 4,
  guid: 5,
  path: 6,
  quoted: 7,
  /** The digits in a name: `Harddisk8`, `eth0`. */
  suffix: 8,
  /** Stands for the rest of a message that is longer than is looked at. */
  rest: 9,
  /** A number with a unit of time, `12ms`, `3.5 s`: units differ from message to message. Its value is in ms. */
  duration: 10,
} as const;

/** Bytes of a message that are looked at, and tokens that are kept of it. */
const MAX_SCANNED = 4096;
export const MAX_TOKENS = 512;
/** Variables whose values are kept for a message. */
export const MAX_SLOTS = 12;
const MAX_QUOTED = 1024;
const MAX_PATH_WORDS = 16;
/** Letters of the longest unit that is told at a glance. */
const MAX_UNIT = 4;

const LETTER = 1;
const DIGIT = 2;
const SPACE = 4;
const HEX = 8;
const ENDS_PATH = 16;
/** What may begin more than itself. */
const RARE = 32;
const IN_WORD = LETTER | DIGIT;

/** What each byte is: letters are `_` and all of UTF-8 beyond ASCII, too. */
const FLAGS = new Uint8Array(256);
for (let c = 0; c < 256; c++) {
  const text = String.fromCharCode(c);
  if (c >= 128 || /[A-Za-z_]/.test(text)) FLAGS[c] |= LETTER;
  else if (/\d/.test(text)) FLAGS[c] |= DIGIT;
  else if (/[\s\0]/.test(text)) FLAGS[c] |= SPACE | ENDS_PATH;
  if (/[0-9A-Fa-f]/.test(text)) FLAGS[c] |= HEX;
  if ('"\'<>|,;()[]{}'.includes(text)) FLAGS[c] |= ENDS_PATH;
  if (/[\d"'\\/-]/.test(text)) FLAGS[c] |= RARE;
}

const BLANK = 0x20;
const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const SLASH = 0x2f;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const BACKTICK = 0x60;

const isSlash = (c: number): boolean => c === BACKSLASH || c === SLASH;
const WORD_PRIME = 0x01000193;
const PRIME_1 = 0x9e3779b1;
const PRIME_2 = 0x85ebca6b;

/** The scanner keeps what it found of the last message: nothing is made anew for a line. */
export class Scanner {
  /** Two hashes of the shape: together they tell shapes apart. */
  h1 = 0;
  h2 = 0;
  /** Tokens of the last message, where they were asked for. */
  tokens = 0;
  readonly kind = new Uint8Array(MAX_TOKENS);
  readonly from = new Int32Array(MAX_TOKENS);
  readonly end = new Int32Array(MAX_TOKENS);
  /** Variables, at most {@link MAX_SLOTS}: their token (where tokens are kept), kind, value (of numbers, else NaN), and place. */
  slots = 0;
  readonly slotToken = new Int32Array(MAX_SLOTS);
  readonly slotKind = new Uint8Array(MAX_SLOTS);
  readonly slotValue = new Float64Array(MAX_SLOTS);
  readonly slotFrom = new Int32Array(MAX_SLOTS);
  readonly slotEnd = new Int32Array(MAX_SLOTS);
  private bytes: Uint8Array = new Uint8Array(0);
  private last = 0;
  private record = false;
  private namesAreWords = false;

  /**
   * Hashes a message and finds its variables; its tokens are kept only where `record` is true: they are wanted once for each
   * shape.
   *
   * @param seed what else tells messages apart: provider and event id, hashed
   * @param quotedAreWords true where the quotes are those of an export: the text in them, and names with digits, may be what an
   *   event is about (`"\_SB.PC00._PS3"`)
   */
  scan(bytes: Uint8Array, from: number, end: number, seed: number, quotedAreWords: boolean, record: boolean): void {
    const last = end - from > MAX_SCANNED ? from + MAX_SCANNED : end;
    this.bytes = bytes;
    this.last = last;
    this.record = record;
    this.namesAreWords = quotedAreWords;
    this.tokens = 0;
    this.slots = 0;
    let h1 = seed | 0;
    let h2 = Math.imul(seed, PRIME_2);
    let at = from;
    while (at < last) {
      const first = bytes[at];
      const flags = FLAGS[first];
      if ((flags & LETTER) !== 0) {
        // Hashed as it is read: most of a message is words.
        let word: number = first;
        let any = 0;
        let all = flags;
        let to = at + 1;
        for (; to < last; to++) {
          const c = bytes[to];
          const f = FLAGS[c];
          if ((f & IN_WORD) === 0) break;
          any |= f;
          all &= f;
          word = (Math.imul(word, WORD_PRIME) + c) | 0;
        }
        if ((any & DIGIT) === 0 && (all & HEX) === 0 && bytes[to] !== COLON && bytes[to] !== BACKSLASH) {
          h1 = Math.imul(h1 ^ word, PRIME_1) ^ (h1 >>> 13);
          h2 = Math.imul(h2 + word, PRIME_2) ^ (h2 >>> 15);
          if (record) this.add(Token.word, at, to);
          at = to;
          // Mostly a blank and the next word follow: that is no turn of the loop of its own.
          if (bytes[to] !== BLANK || to + 1 >= last || (FLAGS[bytes[to + 1]] & SPACE) !== 0) continue;
          h1 = Math.imul(h1 ^ BLANK, PRIME_1);
          h2 = (h2 << 5) ^ (h2 >>> 27) ^ BLANK;
          if (record) this.add(Token.blank, to, to + 1);
          at = to + 1;
          continue;
        }
        this.h1 = h1;
        this.h2 = h2;
        at = this.word(at, to, any, all);
      } else if ((flags & SPACE) !== 0) {
        let to = at + 1;
        while (to < last && (FLAGS[bytes[to]] & SPACE) !== 0) to++;
        h1 = Math.imul(h1 ^ BLANK, PRIME_1);
        h2 = (h2 << 5) ^ (h2 >>> 27) ^ BLANK;
        if (record) this.add(Token.blank, at, to);
        at = to;
        continue;
      } else if ((flags & RARE) === 0) {
        h1 = Math.imul(h1 ^ first, PRIME_1);
        h2 = Math.imul(h2 + first, PRIME_2) ^ (h1 >>> 15);
        if (record) this.add(Token.punctuation, at, at + 1);
        at++;
        continue;
      } else {
        this.h1 = h1;
        this.h2 = h2;
        if ((flags & DIGIT) !== 0) at = this.digits(at);
        else if (first === QUOTE) at = quotedAreWords ? this.single(at) : this.quoted(at);
        else if (first === APOSTROPHE) at = this.apostrophe(at, from);
        else if (first === MINUS) at = this.minus(at, from);
        else at = quotedAreWords ? this.single(at) : this.slash(at, from);
      }
      h1 = this.h1;
      h2 = this.h2;
    }
    this.h1 = h1;
    this.h2 = h2;
    if (at < end) this.variable(Token.rest, at, end, Number.NaN);
  }

  private mix(value: number): void {
    this.h1 = Math.imul(this.h1 ^ value, PRIME_1);
    this.h2 = Math.imul(this.h2 + value, PRIME_2) ^ (this.h1 >>> 15);
  }

  private add(kind: number, from: number, end: number): void {
    if (this.tokens >= MAX_TOKENS) return;
    const n = this.tokens++;
    this.kind[n] = kind;
    this.from[n] = from;
    this.end[n] = end;
  }

  /** Numbers in decimal and in hex are one variable: `1234` may be followed by `12AB`. */
  private variable(kind: number, from: number, end: number, value: number): void {
    this.mix(kind === Token.hex || kind === Token.suffix ? 256 + Token.number : 256 + kind);
    if (this.slots < MAX_SLOTS) {
      const s = this.slots++;
      this.slotToken[s] = this.tokens;
      this.slotKind[s] = kind;
      this.slotValue[s] = value;
      this.slotFrom[s] = from;
      this.slotEnd[s] = end;
    }
    if (this.record) this.add(kind, from, end);
  }

  private single(at: number): number {
    this.mix(this.bytes[at]);
    if (this.record) this.add(Token.punctuation, at, at + 1);
    return at + 1;
  }

  /** A word that is a hex number, or holds digits, or may begin a path or an address of the web. */
  private word(at: number, end: number, any: number, all: number): number {
    const { bytes } = this;
    if ((all & HEX) !== 0) {
      const length = end - at;
      if (((any & DIGIT) !== 0 && length >= 4) || length === 8 || length === 16) {
        return length === 8 && bytes[end] === MINUS && this.isGuid(at) ? this.guid(at) : this.hex(at, at, end);
      }
    }
    if ((any & DIGIT) !== 0 && !this.namesAreWords) return this.named(at, end);
    // `DOMAIN\user`, `folder\file`.
    if (bytes[end] === BACKSLASH && !this.namesAreWords && end + 2 < this.last) {
      if ((FLAGS[bytes[end + 1]] & IN_WORD) !== 0 && (FLAGS[bytes[end + 2]] & IN_WORD) !== 0) return this.path(at);
    }
    const isColon = end + 1 < this.last && bytes[end] === COLON;
    if (isColon && end - at === 1 && isSlash(bytes[end + 1])) return this.path(at);
    this.literal(at, end);
    return isColon && bytes[end + 1] === SLASH && bytes[end + 2] === SLASH ? this.path(end) : end;
  }

  /** Hashed as `scan` does it. */
  private literal(at: number, end: number): void {
    const { bytes, h1, h2 } = this;
    let word: number = bytes[at];
    for (let i = at + 1; i < end; i++) word = (Math.imul(word, WORD_PRIME) + bytes[i]) | 0;
    this.h1 = Math.imul(h1 ^ word, PRIME_1) ^ (h1 >>> 13);
    this.h2 = Math.imul(h2 + word, PRIME_2) ^ (h2 >>> 15);
    if (this.record) this.add(Token.word, at, end);
  }

  /** `Harddisk8`, `w3wp`, `Job17b`: letters stay, each run of digits is a variable. */
  private named(at: number, end: number): number {
    const { bytes } = this;
    let from = at;
    while (from < end) {
      const isDigit = (FLAGS[bytes[from]] & DIGIT) !== 0;
      let to = from + 1;
      while (to < end && ((FLAGS[bytes[to]] & DIGIT) !== 0) === isDigit) to++;
      if (isDigit) this.variable(Token.suffix, from, to, numberIn(bytes, from, to));
      else this.literal(from, to);
      from = to;
    }
    return end;
  }

  private digits(at: number): number {
    const { bytes, last } = this;
    if (bytes[at] === 0x30 && at + 2 < last && (bytes[at + 1] | 32) === 0x78 && (FLAGS[bytes[at + 2]] & HEX) !== 0) {
      let end = at + 3;
      while (end < last && ((FLAGS[bytes[end]] & HEX) !== 0 || bytes[end] === BACKTICK)) end++;
      return this.hex(at, at + 2, end);
    }
    let end = at + 1;
    let any = 0;
    let all: number = HEX;
    for (; end < last; end++) {
      const flags = FLAGS[bytes[end]];
      if ((flags & IN_WORD) === 0) break;
      any |= flags;
      all &= flags;
    }
    const isHex = (all & HEX) !== 0;
    if (isHex && end - at === 8 && bytes[end] === MINUS && this.isGuid(at)) return this.guid(at);
    if ((any & LETTER) !== 0) return isHex && end - at >= 4 ? this.hex(at, at, end) : this.withUnit(at, end);
    if (end < last && bytes[end] === BACKTICK && end - at === 8) return this.hex(at, at, end);
    return this.number(at, at, end);
  }

  /** From `end` on, the fractions, times, versions and addresses that a number may go on with. */
  private number(at: number, digits: number, end: number): number {
    const { bytes, last } = this;
    let to = end;
    let parts = 0;
    let points = 0;
    while (to + 1 < last && (FLAGS[bytes[to + 1]] & DIGIT) !== 0) {
      const c = bytes[to];
      if (c !== DOT && c !== COMMA && c !== COLON) break;
      parts++;
      if (c === DOT) points++;
      to += 2;
      while (to < last && (FLAGS[bytes[to]] & DIGIT) !== 0) to++;
    }
    const isOne = parts === 0 || (parts === 1 && points === 1);
    const value = isOne ? numberIn(bytes, digits, to) : Number.NaN;
    return this.amount(at, to, at < digits ? -value : value);
  }

  private hasUnit(at: number): boolean {
    let end = at + 1;
    while (end < this.last && end - at <= MAX_UNIT && (FLAGS[this.bytes[end]] & IN_WORD) !== 0) end++;
    return end - at <= MAX_UNIT && unitMs(this.bytes, at, end) > 0;
  }

  /** A number, with its unit of time where one follows, a blank between or none. */
  private amount(at: number, to: number, value: number): number {
    const { bytes, last } = this;
    const unit = bytes[to] === BLANK ? to + 1 : to;
    if (unit < last && (FLAGS[bytes[unit]] & LETTER) !== 0) {
      let end = unit + 1;
      while (end < last && end - unit <= MAX_UNIT && (FLAGS[bytes[end]] & IN_WORD) !== 0) end++;
      const ms = end - unit > MAX_UNIT ? 0 : unitMs(bytes, unit, end);
      if (ms > 0) {
        this.variable(Token.duration, at, end, value * ms);
        return end;
      }
    }
    this.variable(Token.number, at, to, value);
    return to;
  }

  /** `12ms`, `3rd`, `64KB`: the number is a variable, what follows is not. */
  private withUnit(at: number, end: number): number {
    const { bytes } = this;
    let to = at;
    while (to < end && (FLAGS[bytes[to]] & DIGIT) !== 0) to++;
    const behind = this.amount(at, to, numberIn(bytes, at, to));
    return behind < end ? this.named(behind, end) : behind;
  }

  /** WinDbg's addresses go on behind eight digits: fffff880`04be3409 */
  private hex(at: number, digits: number, eight: number): number {
    const { bytes, last } = this;
    let end = eight;
    if (end < last && bytes[end] === BACKTICK && end - digits === 8) {
      end++;
      while (end < last && (FLAGS[bytes[end]] & HEX) !== 0) end++;
    }
    // What hex numbers stand for (addresses, codes) has no size.
    this.variable(Token.hex, at, end, Number.NaN);
    return end;
  }

  /** 8-4-4-4-12 hex digits. */
  private isGuid(at: number): boolean {
    const { bytes } = this;
    if (at + 36 > this.last) return false;
    for (let i = 8; i < 36; i++) {
      const isDash = i === 8 || i === 13 || i === 18 || i === 23;
      if (isDash ? bytes[at + i] !== MINUS : (FLAGS[bytes[at + i]] & HEX) === 0) return false;
    }
    return true;
  }

  private guid(at: number): number {
    this.variable(Token.guid, at, at + 36, Number.NaN);
    return at + 36;
  }

  /** Text between quotes that end; a quote that does not is punctuation. */
  private quoted(at: number): number {
    const { bytes } = this;
    const last = Math.min(this.last, at + MAX_QUOTED);
    let end = at + 1;
    while (end < last && bytes[end] !== QUOTE) end++;
    if (end >= last) return this.single(at);
    this.variable(Token.quoted, at, end + 1, Number.NaN);
    return end + 1;
  }

  /** `'C:\x'` is quoted; the apostrophe of "don't" is not, nor one that opens nothing. */
  private apostrophe(at: number, from: number): number {
    const { bytes } = this;
    if (at > from && (FLAGS[bytes[at - 1]] & IN_WORD) !== 0) return this.single(at);
    const last = Math.min(this.last, at + MAX_QUOTED);
    let end = at + 1;
    while (end < last && bytes[end] !== APOSTROPHE) end++;
    const isClosed = end < last && end > at + 1 && (end + 1 >= this.last || (FLAGS[bytes[end + 1]] & LETTER) === 0);
    if (!isClosed) return this.single(at);
    this.variable(Token.quoted, at, end + 1, Number.NaN);
    return end + 1;
  }

  /** A path begins with `\\server`, `\Device\…`, or `/usr/lib`, where no word stands before it. */
  private slash(at: number, from: number): number {
    const { bytes, last } = this;
    const before = at > from ? FLAGS[bytes[at - 1]] : SPACE;
    if ((before & IN_WORD) !== 0 || at + 1 >= last) return this.single(at);
    const next = bytes[at + 1];
    if ((FLAGS[next] & LETTER) === 0 && next !== BACKSLASH && next !== 0x3f) return this.single(at);
    if (bytes[at] === BACKSLASH) return this.path(at);
    for (let i = at + 1; i < last && (FLAGS[bytes[i]] & ENDS_PATH) === 0; i++) {
      if (bytes[i] === SLASH) return this.path(at);
    }
    return this.single(at);
  }

  private path(at: number): number {
    const { bytes, last } = this;
    let end = at;
    while (end < last && (FLAGS[bytes[end]] & ENDS_PATH) === 0) end++;
    // `C:\Program Files\x`: a word belongs to it where a backslash stands in that word.
    for (let words = 0; words < MAX_PATH_WORDS && end < last && bytes[end] === BLANK; words++) {
      let to = end + 1;
      let holds = false;
      for (; to < last && (FLAGS[bytes[to]] & ENDS_PATH) === 0; to++) if (bytes[to] === BACKSLASH) holds = true;
      if (!holds || isSlash(bytes[end + 1]) || bytes[end + 2] === COLON) break;
      end = to;
    }
    // The point or colon of a sentence is not the path's.
    while (end > at + 1 && (bytes[end - 1] === DOT || bytes[end - 1] === COLON)) end--;
    this.variable(Token.path, at, end, Number.NaN);
    return end;
  }

  /** A sign belongs to its number where no word or number stands before it. */
  private minus(at: number, from: number): number {
    const { bytes, last } = this;
    const before = at > from ? FLAGS[bytes[at - 1]] : SPACE;
    if ((before & IN_WORD) !== 0 || at + 1 >= last || (FLAGS[bytes[at + 1]] & DIGIT) === 0) return this.single(at);
    let end = at + 2;
    while (end < last && (FLAGS[bytes[end]] & DIGIT) !== 0) end++;
    // `-5ms` is one, `-5abc` is none.
    if (end < last && (FLAGS[bytes[end]] & LETTER) !== 0 && !this.hasUnit(end)) return this.single(at);
    return this.number(at, at + 1, end);
  }
}

/** `s`, `ms`, `us`, `µs`, `ns`, `sec`, `secs`, `min` in ms; 0 for other words. */
function unitMs(bytes: Uint8Array, from: number, end: number): number {
  const a = bytes[from] | 32;
  const b = bytes[from + 1] | 32;
  switch (end - from) {
    case 1:
      return a === 0x73 ? 1000 : 0;
    case 2:
      if (b !== 0x73) return 0;
      return a === 0x6d ? 1 : a === 0x75 ? 1e-3 : a === 0x6e ? 1e-6 : 0;
    case 3:
      if (bytes[from] === 0xc2 || bytes[from] === 0xce) return bytes[from + 2] === 0x73 ? 1e-3 : 0;
      if (a === 0x73 && b === 0x65 && (bytes[from + 2] | 32) === 0x63) return 1000;
      return a === 0x6d && b === 0x69 && (bytes[from + 2] | 32) === 0x6e ? 60_000 : 0;
    default:
      return a === 0x73 && b === 0x65 && (bytes[from + 2] | 32) === 0x63 && (bytes[from + 3] | 32) === 0x73 ? 1000 : 0;
  }
}

/** A decimal number, with at most one point; not exact beyond 2^53. */
function numberIn(bytes: Uint8Array, from: number, end: number): number {
  let value = 0;
  let scale = 0;
  for (let i = from; i < end; i++) {
    const c = bytes[i];
    if (c === DOT) scale = 1;
    else {
      value = value * 10 + (c - 48);
      scale *= 10;
    }
  }
  return scale > 1 ? value / scale : value;
}
