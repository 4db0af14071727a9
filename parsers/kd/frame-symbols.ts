/** Symbols of frames, each text taken apart once: a log shows the same ones over and over. */
import { takesArguments } from './argument-routines.js';
import { frameOf, isSymbol, routineOf } from './frames.js';

/** Different texts that are remembered: those behind them are taken apart each time. */
const MAX_TEXTS = 100_000;
/** Different routines of a log go to tens of thousands. */
const MAX_ROUTINES = 200_000;

const CLOSE = 0x29;

/** What stands behind the addresses of a row. */
export interface FrameSymbol {
  /** The same for the same routine; -1 where there is no room. */
  readonly number: number;
  readonly module: string | null;
  /** As printed, without remarks; null for an address without a symbol. */
  readonly routine: string | null;
  /** `0xf6fb2044`: the address that stands in the symbol's place. */
  readonly address: bigint | null;
  readonly takesArguments: boolean;
  /** Where its module begins was looked up. */
  isBaseKnown: boolean;
}

export class FrameSymbols {
  readonly #ofText = new Map<string, FrameSymbol>();
  readonly #numbers = new Map<string, number>();

  /** The symbol that a text is; null where it is none. */
  of(text: string): FrameSymbol | null {
    const known = this.#ofText.get(text);
    if (known !== undefined) return known;
    // `(TrapFrame @ b88a0d64)` differs from row to row.
    const short = text.charCodeAt(text.length - 1) === CLOSE ? withoutTrapFrame(text) : text;
    if (short !== text) return this.of(short);
    return this.#new(text);
  }

  #new(text: string): FrameSymbol | null {
    const plain = routineOf(text);
    if (!isSymbol(plain)) return null;
    const { address, module, routine } = frameOf(plain, null);
    const symbol = {
      number: this.#number(plain),
      module,
      routine,
      address,
      takesArguments: routine !== null && takesArguments(routine),
      isBaseKnown: false,
    };
    // A copy: a part of a line would keep the whole line in memory.
    if (this.#ofText.size < MAX_TEXTS) this.#ofText.set(Buffer.from(text).toString(), symbol);
    return symbol;
  }

  #number(routine: string): number {
    const known = this.#numbers.get(routine);
    if (known !== undefined) return known;
    if (this.#numbers.size >= MAX_ROUTINES) return -1;
    // 0 stands for no symbol.
    const number = this.#numbers.size + 1;
    this.#numbers.set(routine, number);
    return number;
  }
}

function withoutTrapFrame(text: string): string {
  const at = text.lastIndexOf(' (TrapFrame');
  return at < 0 ? text : text.slice(0, at).trimEnd();
}
