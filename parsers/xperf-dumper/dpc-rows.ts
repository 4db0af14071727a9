/** DPC and Interrupt rows, written without making a string per row. */
import type { HeldRuns } from '../../src/core/held-runs.js';
import { NULL_I32 } from '../../src/core/schema.js';
import { parseAddress, splitSymbol } from '../../src/core/symbol.js';
import type { Writer } from '../../src/core/table.js';
import { decodeUtf8 } from '../../src/core/text.js';
import type { dpcIsr } from '../../src/tables/dpc-isr.js';
import type { LineHandler } from './event-names.js';

type DpcWriter = Writer<typeof dpcIsr>;

/** All bits set stands for none in 32-bit fields: what is above this is no number of a vector or message. */
const MAX_I32 = 0x7fffffff;
/** Twice what Windows runs on; a number above is none of a processor. */
const MAX_CPUS = 4096;
const COMMA = 44;
const SPACE = 32;

/** Why a row is damaged that is whole but for its routine. */
export const NO_ROUTINE = 'it has neither a routine nor its address';

/** Where the reader is: set by the parser for each block and line. */
export interface Place {
  bytes: Buffer;
  view: DataView;
  /** Offset of the block in the source. */
  start: number;
  line: number;
}

/** Told of rows that cannot be used, and of the time stamps and processors seen. */
interface RowSink {
  damaged(start: number, end: number, why: string): void;
  sawRun(us: number, elapsedUs: number, cpu: number): void;
}

/** Which column of an event holds what; -1 where it has none. */
export interface DpcShape {
  readonly kind: 'DPC' | 'ISR';
  readonly type: string;
  readonly columns: number;
  readonly time: number;
  readonly elapsed: number;
  readonly cpu: number;
  readonly vector: number;
  readonly messageIndex: number;
  readonly address: number;
  readonly symbol: number;
}

/**
 * Tells from an event's name and schema line whether its rows are runs of DPCs or ISRs. Names seen in schema lines:
 * `DPC`, `DPCTmr`, `Interrupt`; other DPC kinds are taken by their name and the same columns.
 */
export function dpcShape(name: string, columns: readonly string[]): DpcShape | null {
  const index = (wanted: string): number => columns.findIndex((c) => c.toLowerCase() === wanted);
  const elapsed = index('elapsedtime');
  const cpu = index('cpu');
  const symbol = index('image!function');
  if (elapsed < 0 || cpu < 0 || symbol < 0) return null;
  const isr = /^(interrupt|isr)/i.test(name);
  if (!isr && !/dpc/i.test(name)) return null;
  return {
    kind: isr ? 'ISR' : 'DPC',
    type: isr ? isrType(name) : dpcType(name),
    columns: columns.length,
    time: index('timestamp'),
    elapsed,
    cpu,
    vector: index('vector'),
    messageIndex: index('messageindex'),
    address: columns.findIndex((c) => /^(serviceaddr|address|routine)$/i.test(c)),
    symbol,
  };
}

function dpcType(name: string): string {
  if (/tmr|timer/i.test(name)) return 'TimerDPC';
  if (/thr/i.test(name)) return 'ThreadedDPC';
  return 'DPC';
}

function isrType(name: string): string {
  if (/msi/i.test(name)) return 'ISR-MSI';
  return /passive/i.test(name) ? 'PassiveISR' : 'ISR';
}

/** A handler for the rows of one event that the scanner hands back: those it cannot read, and those that are damaged. */
export function dpcHandler(
  shape: DpcShape,
  write: RunWriter,
  routines: Routines,
  place: Place,
  sink: RowSink,
): LineHandler {
  const last = shape.columns - 1;
  // Image!Function is last wherever it was seen, and may itself hold commas: it runs to the end of the line.
  const symbolLast = shape.symbol === last;
  const numbers = [shape.time, shape.elapsed, shape.cpu, shape.vector, shape.messageIndex];
  const values = new Float64Array(shape.columns);
  const starts = new Int32Array(shape.columns + 1);

  return (comma, end, start) => {
    const { bytes } = place;
    let at = comma + 1;
    for (let column = 1; column < last; column++) {
      starts[column] = at;
      while (at < end && bytes[at] !== COMMA) at++;
      if (at >= end) return sink.damaged(start, end, 'fewer fields than its schema line');
      if (numbers.includes(column)) values[column] = readNumber(bytes, starts[column], at);
      at++;
    }
    starts[last] = at;
    starts[shape.columns] = end + 1;
    if (!symbolLast) {
      for (let i = at; i < end; i++)
        if (bytes[i] === COMMA) return sink.damaged(start, end, 'more fields than its schema line');
      if (numbers.includes(last)) values[last] = readNumber(bytes, at, end);
    }
    const time = values[shape.time];
    const elapsed = values[shape.elapsed];
    const cpu = values[shape.cpu];
    if (!(time >= 0 && elapsed >= 0 && cpu >= 0 && cpu < MAX_CPUS && Number.isInteger(cpu))) {
      return sink.damaged(start, end, 'TimeStamp, ElapsedTime or CPU is no number, or none that can be');
    }
    const found = routines.at(
      bytes,
      place.view,
      starts[shape.symbol],
      starts[shape.symbol + 1] - 1,
      shape.address < 0 ? -1 : starts[shape.address],
      shape.address < 0 ? -1 : starts[shape.address + 1] - 1,
    );
    if (found === null) return sink.damaged(start, end, NO_ROUTINE);
    const message = shape.messageIndex < 0 ? Number.NaN : values[shape.messageIndex];
    const vector = shape.vector < 0 ? Number.NaN : values[shape.vector];
    write(time, elapsed, cpu, vector, message, found, place.line, place.start + start);
    sink.sawRun(time, elapsed, cpu);
  };
}

/** Writes one run; vector and message as printed, NaN or negative where they are not. */
export type RunWriter = (
  time: number,
  elapsed: number,
  cpu: number,
  vector: number,
  message: number,
  routine: Routine,
  line: number,
  byte: number,
) => void;

/** A writer for the runs of one event; to `held`, where rows stand in the order in which runs began. */
export function runWriter(shape: DpcShape, writer: DpcWriter, held: HeldRuns<typeof dpcIsr> | null): RunWriter {
  const { cols } = writer;
  const addresses = writer.words('address');
  const kindId = writer.dicts.kind.id(shape.kind);
  const typeId = writer.dicts.type.id(shape.type);
  const msiId = shape.type === 'ISR' ? writer.dicts.type.id('ISR-MSI') : typeId;
  const isMsi = shape.type === 'ISR-MSI';
  return (time, elapsed, cpu, vector, message, routine, line, byte) => {
    const i = writer.n;
    // A line-based interrupt has no message: 0 stands there in every schema, and for message 0 as well.
    const messageKnown = message > 0 && message <= MAX_I32;
    cols.kind[i] = kindId;
    cols.type[i] = messageKnown ? msiId : typeId;
    cols.startUs[i] = held === null ? time - elapsed : time;
    cols.durationUs[i] = elapsed;
    cols.cpu[i] = cpu;
    cols.vector[i] = vector >= 0 && vector <= MAX_I32 ? vector : NULL_I32;
    cols.messageIndex[i] = messageKnown || (isMsi && message === 0) ? message : NULL_I32;
    cols.module[i] = routine.module;
    cols.routine[i] = routine.id;
    addresses[2 * i] = routine.low;
    addresses[2 * i + 1] = routine.high;
    cols.line[i] = line;
    cols.byte[i] = byte;
    if (held === null) writer.push();
    else held.hold(time + elapsed);
  };
}

/** A decimal number between blanks; NaN where there is none. Whole numbers in the fast loop, the rest by Number(). */
export function readNumber(bytes: Uint8Array, from: number, to: number): number {
  let i = from;
  while (i < to && bytes[i] === SPACE) i++;
  const first = i;
  let value = 0;
  for (; i < to; i++) {
    const digit = bytes[i] - 48;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
  }
  if (i > first && i - first <= 15 && (i === to || (bytes[i] === SPACE && onlyBlanks(bytes, i, to)))) return value;
  return slowNumber(bytes, first, to);
}

function onlyBlanks(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (bytes[i] !== SPACE) return false;
  return true;
}

function slowNumber(bytes: Uint8Array, from: number, to: number): number {
  const text = decodeUtf8(bytes, from, Math.min(to, from + 40)).trim();
  return /^-?\d{1,15}(\.\d{1,9})?$/.test(text) ? Number(text) : Number.NaN;
}

export interface Routine {
  readonly id: number;
  readonly module: number;
  readonly low: number;
  readonly high: number;
  /** The bytes that print it: whole 32-bit words, and the rest. */
  readonly length: number;
  readonly words: Int32Array;
  readonly rest: Uint8Array;
  /** True where these begin with its address. */
  readonly addressed: boolean;
  readonly next: Routine | null;
  /** Routines in its bucket before it. */
  readonly depth: number;
}

/** More distinct routines than any machine has: the rest of made-up ones are one, so that memory is bounded. */
const MAX_ROUTINES = 50_000;
const BUCKETS = 4096;
/** A bucket holds no more: made-up rows could fill one so that each look-up passes thousands. */
const MAX_DEPTH = 64;

/**
 * The routines seen, found by the bytes that print them (address and symbol), so that the text of each is decoded and
 * taken apart once.
 */
export class Routines {
  readonly #buckets: (Routine | null)[] = new Array(BUCKETS).fill(null);
  /** By address and symbol, where these do not stand side by side, or their bucket is full. */
  readonly #apart = new Map<string, Routine>();
  #others: Routine | null = null;
  #count = 0;

  constructor(private readonly writer: DpcWriter) {}

  /** True where routines went beyond the bound. */
  get isFull(): boolean {
    return this.#others !== null;
  }

  /** The routine printed at `symbol`..`symbolEnd` with its address at `address`..`addressEnd` (-1: not printed). */
  at(
    bytes: Buffer,
    view: DataView,
    symbol: number,
    symbolEnd: number,
    address: number,
    addressEnd: number,
  ): Routine | null {
    // Address and symbol stand side by side in every schema seen: then one stretch of bytes identifies the routine.
    const addressed = address >= 0 && addressEnd + 1 === symbol;
    const from = addressed ? address : symbol;
    const length = symbolEnd - from;
    // The last digits of the address and the end of the symbol spread well enough; the comparison below decides.
    const last = addressed ? addressEnd : symbolEnd;
    let hash = length;
    if (last - from >= 8) {
      hash = Math.imul(hash ^ view.getInt32(last - 4, true), 0x9e3779b1);
      hash = Math.imul(hash ^ view.getInt32(last - 8, true), 0x9e3779b1);
    }
    const bucket = (hash ^ (hash >>> 15)) & (BUCKETS - 1);
    for (let entry = this.#buckets[bucket]; entry !== null; entry = entry.next) {
      if (entry.length !== length || entry.addressed !== addressed) continue;
      if ((addressed || address < 0) && sameText(entry, bytes, view, from)) return entry;
    }
    return this.#add(bucket, bytes, from, symbol, symbolEnd, address, addressEnd);
  }

  /** Stands for all routines beyond the bound: runs under no module, whose time still counts. */
  #beyond(): Routine {
    this.#others ??= {
      id: this.writer.dicts.routine.id('(other routines)'),
      module: -1,
      low: 0,
      high: 0,
      length: 0,
      words: new Int32Array(0),
      rest: new Uint8Array(0),
      addressed: false,
      next: null,
      depth: 0,
    };
    return this.#others;
  }

  #add(
    bucket: number,
    bytes: Buffer,
    from: number,
    symbol: number,
    symbolEnd: number,
    address: number,
    addressEnd: number,
  ): Routine | null {
    const value = address < 0 ? null : parseAddress(decodeUtf8(bytes, address, Math.min(addressEnd, address + 64)));
    const text = decodeUtf8(bytes, symbol, Math.min(symbolEnd, symbol + 4096)).trim();
    // `"Unknown"` without an address is a routine that nobody can name, and yet a run; nothing at all is a cut row.
    if (text === '' && value === null) return null;
    const depth = (this.#buckets[bucket]?.depth ?? -1) + 1;
    const apart = (from === address || address < 0) && depth < MAX_DEPTH ? null : `${value} ${text}`;
    const known = apart === null ? undefined : this.#apart.get(apart);
    if (known !== undefined) return known;
    if (this.#count >= MAX_ROUTINES) return this.#beyond();
    this.#count++;
    const { module, fn } = splitSymbol(text);
    const { dicts } = this.writer;
    const hex = value === null ? '' : `0x${value.toString(16)}`;
    const routine: Routine = {
      id: dicts.routine.id(module === null ? hex : `${module}!${fn ?? hex}`),
      module: dicts.module.id(module),
      low: value === null ? 0 : Number(value & 0xffffffffn),
      high: value === null ? 0 : Number(value >> 32n),
      length: symbolEnd - from,
      words: wordsOf(bytes, from, symbolEnd),
      addressed: from === address,
      rest: new Uint8Array(bytes.subarray(symbolEnd - ((symbolEnd - from) & 3), symbolEnd)),
      next: this.#buckets[bucket],
      depth,
    };
    // Keyed by the bytes from `from` only where these hold the address too; else the address could differ.
    if (apart === null) this.#buckets[bucket] = routine;
    else this.#apart.set(apart, routine);
    return routine;
  }
}

function wordsOf(bytes: Buffer, from: number, to: number): Int32Array {
  return Int32Array.from({ length: (to - from) >> 2 }, (_, i) => bytes.readInt32LE(from + i * 4));
}

function sameText(routine: Routine, bytes: Uint8Array, view: DataView, from: number): boolean {
  const { words, rest } = routine;
  for (let i = 0; i < words.length; i++) if (words[i] !== view.getInt32(from + i * 4, true)) return false;
  const at = from + words.length * 4;
  for (let i = 0; i < rest.length; i++) if (rest[i] !== bytes[at + i]) return false;
  return true;
}
