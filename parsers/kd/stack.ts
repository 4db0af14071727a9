/**
 * Stacks (`k`, `kb`, `kv`, `kn`, `kL`, `kf`), read where the log sets nt!PoolHitTag: those in which the kernel's pool routines
 * stand innermost are hits. https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/k--kb--kc--kd--kp--kp--kv--display-stack-backtrace-
 *
 *     Child-SP          RetAddr           Call Site
 *     fffff880`04ec1770 fffff880`0496e634 nt!ExAllocatePoolWithTag+0x82e
 *
 *      # ChildEBP RetAddr  Args to Child
 *     01 8a3f1c44 f7a31234 00000000 00000018 3261654c nt!ExAllocatePoolWithTag+0x12 (FPO: [3,0,0])
 *
 *     RetAddr           : Args to Child                                                           : Call Site
 *     fffff880`0496e634 : 00000000`00000000 ... : nt!ExAllocatePoolWithTag+0x82e
 *
 * A row's return address lies in the routine of the next row: that is where the next frame is.
 */
import { parseAddress } from '../../src/core/symbol.js';
import type { StackFrame } from '../../src/tables/call-stack-writer.js';
import type { Command, Reader, Taken } from './command.js';
import { baseOf, frameOf, isSymbol, poolOperation } from './frames.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import { ADDRESS } from './values.js';

const MAX_FRAMES = 256;

/** What a header says of the columns. */
interface Columns {
  readonly hasMemory: boolean;
  /** Child-SP or ChildEBP. */
  readonly hasStackPointer: boolean;
  readonly hasArguments: boolean;
}

const USUAL: Columns = { hasMemory: false, hasStackPointer: true, hasArguments: false };

/** One row of a stack. */
interface FrameRow {
  readonly symbol: string;
  /** Null for an inlined routine, which has no return address of its own. */
  readonly returnAddress: bigint | null;
  readonly isInline: boolean;
}

// `Child-SP          RetAddr           Call Site`, ` # ChildEBP RetAddr  Args to Child`, `#   Memory  ChildEBP RetAddr`
const HEADER =
  /^(?:#\s{1,40})?(Memory\s{1,40})?(Child-?SP|ChildEBP|FramePtr)?\s{0,40}RetAddr(?:\s{0,99}:?\s{1,99}(Args to Child))?(?:\s{0,99}:?\s{1,99}Call Site)?$/i;
// `04 `, `a3 `
const NUMBER = new RegExp(`^[0-9a-f]{1,3}\\s{1,40}(?=\\(Inline|${ADDRESS})`, 'i');
// `0000001c ` in the column Memory
const MEMORY = new RegExp(`^[0-9a-f]{1,7}\\s{1,40}(?=${ADDRESS}\\s{0,9}${ADDRESS})`, 'i');
// Of one size both: columns of x86 may be glued to the arguments behind them.
const LONG = '(?:[0-9a-f]{16}|[0-9a-f]{8}`[0-9a-f]{8})';
const TWO = new RegExp(`^(?:${LONG}\\s{0,9}(${LONG})|[0-9a-f]{8}\\s{0,9}([0-9a-f]{8}))`, 'i');
const ONE = new RegExp(`^(${ADDRESS})(?=[\\s:])`, 'i');
// `(Inline Function) --------`-------- nt!Foo+0x12`
const INLINE = /^\(Inline(?: Function)?\)[\s:`-]{0,400}/i;
const THREE_ARGUMENTS = /^(?:[0-9a-f]{8}\s{1,9}){1,3}/i;
// Lines that stand inside stacks: `WARNING: Stack unwind information not available.`, `*** ERROR: Module load completed but …`
const INSIDE = /^(?:WARNING:|\*{3} (?:ERROR|WARNING|Stack trace)\b|Frame IP not in any known module)/;
const TYPED = /^(?:~\S{0,8}\s?)?k[bcdfmnpsvlxr]{0,6}\d{0,5}$/;
// Commands that list threads: their stacks are no hits of a breakpoint.
const LISTING = /^[!~]/;

export const stack: Command = {
  name: 'k',
  isTyped: ({ name }) => TYPED.test(name),
  begins: ({ trimmed }, log) => log.isHitTagSet && !LISTING.test(log.typedName) && HEADER.test(trimmed),
  read: (log) => new Stack(log),
};

class Stack implements Reader {
  #columns = USUAL;
  #hasHeader = false;
  #first: KdLine | null = null;
  readonly #frames: StackFrame[] = [];
  /** Lines that are frames or parts of them. */
  #lines = 0;
  /** Return address of the last row: where the next frame is. */
  #next: bigint | null = null;
  /** A row whose symbol mail has put into the next line. */
  #open: FrameRow | null = null;

  constructor(private readonly log: Log) {}

  take(line: KdLine): Taken {
    const header = HEADER.exec(line.trimmed);
    if (header !== null) return this.#header(header);
    if (INSIDE.test(line.trimmed)) return 'ignored';
    if (this.#open !== null && isSymbol(line.trimmed)) return this.#symbol(line);
    const row = rowOf(line.trimmed, this.#columns);
    if (row === null) return this.#lines === 0 && !this.#hasHeader ? 'unread' : 'over';
    this.#close();
    this.#first ??= line;
    this.#lines++;
    if (row.symbol === '') this.#open = row;
    else this.#add(row, row.symbol);
    return 'held';
  }

  cut(): void {
    this.#close();
    this.#next = null;
  }

  end(): void {
    this.#close();
    const isRow = this.#hit();
    const { account } = this.log.out;
    if (isRow) account.rows += this.#lines;
    else account.ignored += this.#lines;
  }

  #header(match: RegExpExecArray): Taken {
    if (this.#hasHeader || this.#lines > 0) return 'over';
    this.#hasHeader = true;
    this.#columns = {
      hasMemory: match[1] !== undefined,
      hasStackPointer: match[2] !== undefined,
      hasArguments: match[3] !== undefined,
    };
    return 'ignored';
  }

  #symbol(line: KdLine): Taken {
    const row = this.#open;
    this.#open = null;
    this.#lines++;
    if (row !== null) this.#add(row, line.trimmed);
    return 'held';
  }

  /** A row that never got its symbol is a frame without one. */
  #close(): void {
    const row = this.#open;
    this.#open = null;
    if (row !== null) this.#add(row, '');
  }

  #add(row: FrameRow, symbol: string): void {
    const frame = frameOf(symbol, this.#next);
    // An inlined routine runs where the one runs that it is part of.
    if (!row.isInline) this.#next = row.returnAddress;
    const module = baseOf(frame);
    if (module !== null) this.log.modules.addBase(module.name, module.base);
    if (this.#frames.length < MAX_FRAMES) this.#frames.push(frame);
  }

  /** Writes the hit; true where the lines fed a row. */
  #hit(): boolean {
    const { log } = this;
    const operation = poolOperation(this.#frames);
    if (this.#first === null || operation === null || !log.isHitTagSet || LISTING.test(log.typedName)) return false;
    const place = log.place(this.#first);
    const number = log.stacks.id(this.#frames, place);
    log.hits?.row({ operation, tag: log.hitTag, stack: number, ...place });
    return log.hits !== null || log.stacks.isWanted;
  }
}

function rowOf(trimmed: string, columns: Columns): FrameRow | null {
  let text = trimmed.replace(NUMBER, '');
  if (columns.hasMemory) text = text.replace(MEMORY, '');
  const inline = INLINE.exec(text);
  if (inline !== null) return symbolRow(text.slice(inline[0].length), null, true);
  const match = (columns.hasStackPointer ? TWO : ONE).exec(text);
  if (match === null) return null;
  const rest = text.slice(match[0].length).trim();
  return symbolRow(behindArguments(rest, columns), parseAddress(match[1] ?? match[2]), false);
}

function symbolRow(text: string, returnAddress: bigint | null, isInline: boolean): FrameRow | null {
  const symbol = text.trim();
  const address = returnAddress === 0n ? null : returnAddress;
  return symbol === '' || isSymbol(symbol) ? { symbol, returnAddress: address, isInline } : null;
}

function behindArguments(text: string, { hasArguments }: Columns): string {
  // `: 00000000`00000000 … : nt!ExAllocatePoolWithTag+0x82e`
  if (text.startsWith(':')) {
    const colon = text.indexOf(' : ', 1);
    return colon < 0 ? text.slice(1) : text.slice(colon + 3);
  }
  return hasArguments ? text.replace(THREE_ARGUMENTS, '') : text;
}
