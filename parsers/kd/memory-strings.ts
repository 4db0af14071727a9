/**
 * `da`, `du`, `dS`, `ds`: texts in memory, and those that `dx` shows.
 * https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/d--da--db--dc--dd--dd--df--dp--dq--du--dw--dw--dyb--dyd--display-memory-
 *
 *     0078894a  "\\server\share\folder"
 *
 *     000000d7`0c7bf988  "A long text is printed in rows, "
 *     000000d7`0c7bf9a8  "each with its own address"
 *
 *     [+0x008] Name             : 0x7ff6a1b2c3d0 : "text" [Type: char *]
 */
import { parseAddress } from '../../src/core/symbol.js';
import { dumpString } from '../../src/tables/dump-system.js';
import type { Command, Reader, Taken } from './command.js';
import { countHeld } from './counted.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import { ADDRESS } from './values.js';

const MAX_TEXT = 2000;
const MAX_TEXTS = 20_000;
/** Rows of one text are not farther apart, whatever publishing has made of them. */
const MAX_STEP = 4096n;

const TYPED = new Set(['da', 'du', 'ds', 'dx']);
const ROW = new RegExp(`^(${ADDRESS})\\s{1,9}"(.{0,2000}?)"?$`, 'i');
const BEGINS = new RegExp(`^${ADDRESS}\\s{1,4}"[^"]`, 'i');
const IN_DX = /:\s{1,9}(0x[0-9a-f`]{4,17})\s{1,9}:\s{1,9}"(.{0,1000}?)"(?:\s{1,9}\[Type:.{0,200})?$/i;
const UNREADABLE = /^\?{0,2000}$/;

export const memoryStrings: Command = {
  name: 'da',
  isTyped: ({ name }) => TYPED.has(name),
  begins: ({ trimmed }) => {
    // Behind 8, 16 or 17 digits, with or without 0x.
    const quote = trimmed.indexOf('"');
    return quote >= 9 && quote <= 28 && BEGINS.test(trimmed);
  },
  read: (log, typed) => new MemoryStrings(log, typed?.name ?? null),
};

interface Text {
  readonly address: bigint;
  readonly line: KdLine;
  text: string;
  /** Address and length of its last row. */
  last: bigint;
  length: number;
  lines: number;
}

class MemoryStrings implements Reader {
  #text: Text | null = null;

  constructor(
    private readonly log: Log,
    private readonly typedName: string | null,
  ) {}

  take(line: KdLine): Taken {
    if (this.typedName === 'dx') return this.#dx(line);
    const match = ROW.exec(line.trimmed);
    const address = match === null ? null : parseAddress(match[1]);
    if (match === null || address === null) return this.typedName === null ? 'over' : 'unread';
    this.#row(line, address, match[2]);
    return 'held';
  }

  cut(): void {
    this.#write();
  }

  end(): void {
    this.#write();
  }

  #row(line: KdLine, address: bigint, text: string): void {
    const open = this.#text;
    if (open !== null && this.#goesOn(open, address)) {
      open.lines++;
      open.last = address;
      open.length = text.length;
      if (open.text.length < MAX_TEXT) open.text = (open.text + text).slice(0, MAX_TEXT);
      return;
    }
    this.#write();
    this.#text = { address, line, text: text.slice(0, MAX_TEXT), last: address, length: text.length, lines: 1 };
  }

  /** One command shows one text; without it, rows must touch: characters of one byte or of two. */
  #goesOn({ last, length }: Text, address: bigint): boolean {
    const step = address - last;
    if (step <= 0n || step > MAX_STEP) return false;
    return this.typedName !== null || step === BigInt(length) || step === BigInt(length) * 2n;
  }

  #dx(line: KdLine): Taken {
    const match = IN_DX.exec(line.trimmed);
    const address = match === null ? null : parseAddress(match[1]);
    if (match === null || address === null) return 'unread';
    return this.#add(address, match[2], line);
  }

  #write(): void {
    const open = this.#text;
    if (open === null) return;
    this.#text = null;
    countHeld(this.log, open.lines, this.#add(open.address, open.text, open.line));
  }

  #add(address: bigint, text: string, line: KdLine): Taken {
    // `????` is memory that is not in the dump.
    if (UNREADABLE.test(text) || this.log.nextOf('da') > MAX_TEXTS) return 'ignored';
    return this.log.row(dumpString, { address, text }, line);
  }
}
