/**
 * `dps`, `dds`, `dqs`: memory as pointers, with the symbol of each that has one. On a stack they are what was left there.
 * https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/dds--dps--dqs--display-words-and-symbols-
 *
 *     f70c2f3c  f70c2f9c
 *     f70c2f40  f72922a5 Example!BuildList+0x9b
 *     fffff880`02b0ee70  fffff800`0187ba32 nt!KiCommitThreadWait+0x1d2
 */
import { parseAddress } from '../../src/core/symbol.js';
import { dumpMemorySymbol } from '../../src/tables/dump-system.js';
import type { Command, Reader, Taken } from './command.js';
import { countHeld } from './counted.js';
import { frameOf, isSymbol } from './frames.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import { ADDRESS } from './values.js';

/** Rows of a log; a stack of 24 KB has some thousands. */
const MAX_ROWS = 50_000;

const TYPED = new Set(['dps', 'dds', 'dqs', 'dpp', 'ddp', 'dqp']);
const ROW = new RegExp(`^(${ADDRESS})\\s{1,9}(${ADDRESS})(?:\\s{1,9}(\\S.{0,400}))?$`, 'i');
const UNREADABLE = new RegExp(`^${ADDRESS}\\s{1,9}\\?{8}`, 'i');
const TWO_COLUMNS = new RegExp(`^(${ADDRESS})\\s{1,9}${ADDRESS}$`, 'i');
/** Where a module begins, its name stands alone. */
const MODULE = /^[a-z_][\w.~$-]{0,63}$/i;
// Commands that print other rows of two numbers.
const OTHERS = /^(?:d|s$|lm|\?|!pte|!stacks|x$|r$)/;

export const memorySymbols: Command = {
  name: 'dps',
  isTyped: ({ name }) => TYPED.has(name),
  // A row with a symbol looks like a frame of a stack; one without is sure if the next one follows it.
  begins: ({ trimmed }, log) =>
    trimmed.length < 45 &&
    isHexDigit(trimmed.charCodeAt(0)) &&
    TWO_COLUMNS.test(trimmed) &&
    !OTHERS.test(log.typedName),
  read: (log, typed) => new MemorySymbols(log, typed !== null),
};

class MemorySymbols implements Reader {
  /** Address of the row before. */
  #before: bigint | null = null;
  /** True where rows are surely of this command. */
  #isSure: boolean;
  #held = 0;

  constructor(
    private readonly log: Log,
    private readonly isTyped: boolean,
  ) {
    this.#isSure = isTyped;
  }

  take(line: KdLine): Taken {
    const match = ROW.exec(line.trimmed);
    const address = match === null ? null : parseAddress(match[1]);
    if (match === null || address === null) return this.#other(line);
    if (!this.#isSure && !this.#follows(address)) return this.#before === null ? this.#hold(address) : 'over';
    this.#before = address;
    this.#isSure = true;
    const symbol = symbolOf(match[3]);
    const value = parseAddress(match[2]);
    if (symbol === null || this.log.nextOf('dps') > MAX_ROWS) return 'ignored';
    return this.log.row(dumpMemorySymbol, { address, value, symbol }, line);
  }

  /** What was cut out may lie between two rows. */
  cut(): void {
    if (!this.#isSure) this.#before = null;
  }

  end(): void {
    countHeld(this.log, this.#held, 'ignored');
  }

  #hold(address: bigint): Taken {
    this.#before = address;
    this.#held++;
    return 'held';
  }

  #follows(address: bigint): boolean {
    if (this.#before === null) return false;
    const step = address - this.#before;
    return step === 4n || step === 8n;
  }

  #other(line: KdLine): Taken {
    if (UNREADABLE.test(line.trimmed)) return 'ignored';
    return this.isTyped ? 'unread' : 'over';
  }
}

function symbolOf(text: string | undefined): string | null {
  if (text === undefined || (!isSymbol(text) && !MODULE.test(text))) return null;
  const { routine } = frameOf(text, null);
  return routine === null || routine === '' ? null : routine;
}

const isHexDigit = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 97 && code <= 102) || (code >= 65 && code <= 70);
