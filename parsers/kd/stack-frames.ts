/**
 * The frames of one stack, line by line: for `k` and for the stacks that other commands print below a thread. A row's return
 * address lies in the routine of the next row: that is where the next frame is.
 */
import type { StackFrame } from '../../src/tables/call-stack-writer.js';
import { dumpProcessor } from '../../src/tables/dump-system.js';
import { dumpFrameArgument, dumpThread } from '../../src/tables/dump-thread.js';
import type { Taken } from './command.js';
import { type FrameColumns, USUAL } from './frame-columns.js';
import { argumentsIn, FrameRow } from './frame-row.js';
import type { FrameSymbol } from './frame-symbols.js';
import { baseOf } from './frames.js';
import { bigintOf } from './hex.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';

/** As many as ETW walks at most; `call_stack` holds no more. */
const MAX_FRAMES = 192;
/** Rows that mail has wrapped are put together from this many lines at most. */
const MAX_WRAPPED = 4;
/** Lines of parameters below one frame (`kP`). */
const MAX_PARAMETERS = 64;
const OPEN = 0x28;

// `WARNING: Stack unwind information not available. Following frames may be wrong.`
const DOUBT = /^(?:WARNING:\s)?(?:Stack unwind information not available|Frame IP not in any known module)/i;
// Lines that stand inside stacks: `*** ERROR: Module load completed but symbols could not be loaded for myfault.sys`
const INSIDE =
  /^(?:WARNING:|\*{2,3} (?:ERROR|WARNING|Stack trace)\b|Following frames may be wrong|GetContextState failed|Get\w{3,30}FromAddress:|Unable to (?:read|get|load|find|verify)\b|CS descriptor lookup|No flat address|Cannot (?:get|read)\b|Page \S{1,20} (?:not present|too large)|Failed to read\b|Memory (?:read|access) error|Could not read\b)/;
// `Kernel stack not resident.`, `Stack paged out`
export const NOT_RESIDENT = /^(?:Kernel stack (?:is )?not resident|Stack (?:is )?paged out)\b/i;
// `//Here is our driver`, `<-- this one`, `^^^^^`
const REMARK = /^(?:\/\/|<[-=]|\^{2}|={2,3}>|-{2,3}>)/;
// The rest of a source place or remark that mail has put into a line of its own: `ctxswap.asm @ 139]`
const REST = /^[^!]{0,300}[\])]$/;

interface ArgumentsOfFrame {
  readonly frame: number;
  readonly symbol: FrameSymbol;
  readonly values: readonly string[];
  readonly isLong: boolean;
  readonly line: KdLine;
}

/** A stack that has ended. */
export interface FinishedStack {
  /** Its number in `call_stack`; null where nobody reads it, or it has no frames. */
  readonly stack: number | null;
  readonly doubtfulFrame: number | null;
  readonly isNotResident: boolean;
  readonly args: readonly ArgumentsOfFrame[];
}

/** Whether somebody reads stacks of threads: where only pool is asked for, nobody does. */
export function areStacksWanted(log: Log): boolean {
  const isOfThreads = log.writer(dumpThread) !== null || log.writer(dumpProcessor) !== null;
  return log.stacks.isWanted && (isOfThreads || log.hits === null);
}

export class StackFrames {
  #columns = USUAL;
  #count = 0;
  #lines = 0;
  #hasNext = false;
  #nextHigh = 0;
  #nextLow = 0;
  #doubtful: number | null = null;
  #isNotResident = false;
  #args: ArgumentsOfFrame[] = [];
  /** Text of a row whose symbol mail has put into the next line, and its return address. */
  #open: string | null = null;
  #openLines = 0;
  #openHigh = 0;
  #openLow = 0;
  /** `kP`: the symbol whose parameters follow. */
  #parameters: string | null = null;
  #parameterLines = 0;
  /** Text of the last row, to know the rest of it. */
  #last = '';
  readonly #row = new FrameRow();
  readonly #symbols: (FrameSymbol | null)[] = new Array(MAX_FRAMES).fill(null);
  /** For each frame: both words of its address, and its symbol's number. */
  readonly #words = new Uint32Array(MAX_FRAMES * 3);
  readonly #bytes = Buffer.from(this.#words.buffer);
  readonly #isWanted: boolean;
  readonly #areArgumentsWanted: boolean;
  first: KdLine | null = null;

  constructor(private readonly log: Log) {
    this.#isWanted = areStacksWanted(log);
    this.#areArgumentsWanted = log.writer(dumpFrameArgument) !== null;
  }

  get count(): number {
    return this.#count;
  }

  /** Some line of a stack was read since it began. */
  get isBegun(): boolean {
    return this.#lines > 0;
  }

  begin(columns: FrameColumns): void {
    this.#columns = columns;
    this.#count = 0;
    this.#lines = 0;
    this.#hasNext = false;
    this.#doubtful = null;
    this.#isNotResident = false;
    this.#args = [];
    this.#open = null;
    this.#openLines = 0;
    this.#parameters = null;
    this.#last = '';
    this.first = null;
  }

  /** `held` for a line of the stack, which `finish` counts; null for one that is not of it. */
  take(line: KdLine): Taken | null {
    const text = line.trimmed;
    if (this.#parameters !== null) return this.#parameter(text) ?? this.#other(text);
    if (this.#open !== null && this.#continue(text, line)) return this.#held(line);
    const row = this.#row;
    if (!row.read(text, this.#columns)) return this.#other(text);
    if (row.symbolFrom >= text.length) return this.#withoutSymbol(text, line);
    const from = text.slice(row.symbolFrom);
    const symbol = this.log.symbols.of(from);
    if (symbol === null) return this.#other(text);
    // A row whose symbol never came is a frame without one.
    this.#close();
    if (text.charCodeAt(text.length - 1) === OPEN && /!\S{1,300}\($/.test(from)) this.#beginParameters(from);
    else this.#pushRow(text, symbol, line);
    return this.#held(line);
  }

  /** Something was cut out: the next frame is not the caller of the last one. */
  cut(): void {
    this.#close();
    this.#endParameters('');
    this.#hasNext = false;
  }

  /** Ends the stack and counts its lines. Hits of pool want it in any case. */
  finish(isHit = false): FinishedStack {
    this.#close();
    this.#endParameters('');
    const stack = this.#number(isHit);
    const { account } = this.log.out;
    const reader = isHit ? this.log.hits : this.log.writer(dumpThread);
    const isFed = stack !== null || reader !== null || this.#args.length > 0;
    if (isFed) account.rows += this.#lines;
    else account.ignored += this.#lines;
    const finished = {
      stack,
      doubtfulFrame: this.#doubtful,
      isNotResident: this.#isNotResident,
      args: this.#args,
    };
    this.begin(USUAL);
    return finished;
  }

  /** The frames so far, innermost first. */
  frames(most = this.#count): StackFrame[] {
    this.#close();
    const frames: StackFrame[] = [];
    for (let i = 0; i < Math.min(most, this.#count); i++) {
      const [high, low] = [this.#words[i * 3], this.#words[i * 3 + 1]];
      const symbol = this.#symbols[i];
      const address = high === 0 && low === 0 ? (symbol?.address ?? null) : bigintOf(high, low);
      frames.push({ address, module: symbol?.module ?? null, routine: symbol?.routine ?? null });
    }
    return frames;
  }

  #number(isHit: boolean): number | null {
    if (this.#count === 0 || this.first === null || !(this.#isWanted || (isHit && this.log.stacks.isWanted)))
      return null;
    const place = this.log.place(this.first);
    const hasNumbers = this.#symbols.slice(0, this.#count).every((symbol) => symbol?.number !== -1);
    if (!hasNumbers) return this.log.stacks.id(this.frames(), place);
    const key = this.#bytes.toString('latin1', 0, this.#count * 12);
    return this.log.stacks.idByKey(key, () => this.frames(), place);
  }

  #held(line: KdLine): Taken {
    this.first ??= line;
    this.#lines++;
    return 'held';
  }

  /** The row that was read last. */
  #pushRow(text: string, symbol: FrameSymbol | null, line: KdLine): void {
    const { returnHigh, returnLow, isInline } = this.#row;
    this.#push(symbol);
    this.#last = text;
    if (symbol?.takesArguments && this.#areArgumentsWanted && this.#count < MAX_FRAMES)
      this.#addArguments(text, symbol, line);
    // An inlined routine runs where the one runs that it is part of.
    if (!isInline) this.#setNext(returnHigh, returnLow);
  }

  #push(symbol: FrameSymbol | null): void {
    if (this.#count < MAX_FRAMES) {
      const at = this.#count * 3;
      this.#words[at] = this.#hasNext ? this.#nextHigh : 0;
      this.#words[at + 1] = this.#hasNext ? this.#nextLow : 0;
      this.#words[at + 2] = symbol === null ? 0 : symbol.number;
      this.#symbols[this.#count] = symbol;
      this.#count++;
      if (symbol !== null && !symbol.isBaseKnown && this.#hasNext) this.#learnBase(symbol);
    }
  }

  #setNext(high: number, low: number): void {
    this.#nextHigh = high;
    this.#nextLow = low;
    this.#hasNext = high !== 0 || low !== 0;
  }

  #addArguments(text: string, symbol: FrameSymbol, line: KdLine): void {
    const { argumentsFrom, argumentsTo, isLong } = this.#row;
    if (argumentsTo - argumentsFrom < 8) return;
    this.#args.push({
      frame: this.#count,
      symbol,
      values: argumentsIn(text, argumentsFrom, argumentsTo),
      isLong,
      line,
    });
  }

  /** `myfault+0x1634`: where its module begins. */
  #learnBase(symbol: FrameSymbol): void {
    symbol.isBaseKnown = true;
    if (symbol.module === null || symbol.routine === null || symbol.routine.includes('!')) return;
    const { module, routine } = symbol;
    const found = baseOf({ address: bigintOf(this.#nextHigh, this.#nextLow), module, routine });
    if (found !== null) this.log.modules.addBase(found.name, found.base);
  }

  /** A row that ends behind its addresses: mail may have put its symbol into the next line. */
  #withoutSymbol(text: string, line: KdLine): Taken | null {
    if (!this.#columns.hasReturn || this.#row.isInline) return null;
    if (this.#columns.hasBackingStore) {
      this.#pushRow(text, null, line);
      return this.#held(line);
    }
    if (this.#open !== null) {
      // Two of them are rows of memory rather than of a stack.
      this.#dropOpen();
      return null;
    }
    const { argumentsFrom, argumentsTo } = this.#row;
    if (argumentsTo > argumentsFrom && !this.#columns.hasArguments && text.indexOf(':') < 0) return null;
    this.#hold(text, 1);
    return this.#held(line);
  }

  /** True where the line completes the open row, or continues it. */
  #continue(text: string, line: KdLine): boolean {
    const open = this.#open;
    if (open === null) return false;
    const row = this.#row;
    row.read(open, this.#columns);
    const { isCutShort } = row;
    // Unless the open row lacks arguments, what looks like a row of its own is one.
    if (!isCutShort && this.log.symbols.of(text) === null) return false;
    const joined = `${open} ${text}`;
    if (!row.read(joined, this.#columns)) return false;
    const from = joined.slice(row.symbolFrom);
    const symbol = from === '' ? null : this.log.symbols.of(from);
    if (symbol !== null) {
      this.#open = null;
      this.#pushRow(joined, symbol, line);
      return true;
    }
    if (from !== '' || !row.isCutShort || this.#openLines >= MAX_WRAPPED || !/^[0-9a-f` :]{8,80}$/i.test(text))
      return false;
    this.#hold(joined, this.#openLines + 1);
    return true;
  }

  #hold(text: string, lines: number): void {
    this.#open = text;
    this.#openLines = lines;
    this.#openHigh = this.#row.returnHigh;
    this.#openLow = this.#row.returnLow;
  }

  #close(): void {
    if (this.#open === null) return;
    this.#open = null;
    this.#push(null);
    this.#setNext(this.#openHigh, this.#openLow);
  }

  /** The open row was none. */
  #dropOpen(): void {
    this.#open = null;
    this.#lines -= this.#openLines;
    this.log.out.account.ignored += this.#openLines;
  }

  #beginParameters(symbol: string): void {
    this.#parameters = symbol;
    this.#parameterLines = 0;
    this.#openHigh = this.#row.returnHigh;
    this.#openLow = this.#row.returnLow;
  }

  /** A line of the parameters that `kP` prints below a frame; null for what is none. */
  #parameter(text: string): Taken | null {
    const end = /\)(\+0x[0-9a-f]{1,16})?(?=\s|$)/i.exec(text);
    const isOne = end !== null || / = |,$/.test(text);
    if (!isOne || ++this.#parameterLines > MAX_PARAMETERS) {
      this.#endParameters('');
      return null;
    }
    if (end !== null) this.#endParameters(end[1] ?? '');
    this.#lines++;
    return 'held';
  }

  #endParameters(offset: string): void {
    const symbol = this.#parameters;
    this.#parameters = null;
    if (symbol === null) return;
    this.#push(this.log.symbols.of(symbol.slice(0, -1) + offset));
    this.#setNext(this.#openHigh, this.#openLow);
  }

  /** A line that is no row: null where it is not of the stack either. */
  #other(text: string): Taken | null {
    if (DOUBT.test(text)) {
      this.#close();
      this.#doubtful ??= this.#count + 1;
      return 'ignored';
    }
    if (NOT_RESIDENT.test(text)) {
      this.#isNotResident = true;
      return 'ignored';
    }
    if (INSIDE.test(text)) return 'ignored';
    if (this.#count === 0) return null;
    if (REMARK.test(text)) return 'ignored';
    return isUnclosed(this.#last) && REST.test(text) ? this.#rest(text) : null;
  }

  #rest(text: string): Taken {
    this.#last += text;
    return 'ignored';
  }
}

/** True for a row that ends within brackets: `nt!Foo+0x12 [d:\nt\base\ntos\ke\i386\` */
const isUnclosed = (text: string): boolean =>
  text.lastIndexOf('[') > text.lastIndexOf(']') || text.lastIndexOf('(') > text.lastIndexOf(')');
