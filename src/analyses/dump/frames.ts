/** Frames of debugger stacks, taken apart once for each different text. */
import { formatAddress, splitSymbol } from '../../core/symbol.js';

export interface Frame {
  readonly address: bigint | null;
  /** As printed, `nt!KiSwapContext+0x2f`; null for a bare address. */
  readonly symbol: string | null;
  /** As spelled in the symbol. */
  readonly module: string | null;
  /** Leading underscores of C left out; null where only the image is known. */
  readonly function: string | null;
  readonly offset: string | null;
  /** Module in lower case without extension, for comparisons; empty where unknown. */
  readonly base: string;
}

/** As many different frames as are remembered. */
const MAX_KNOWN = 200_000;

export class FrameReader {
  readonly #known = new Map<string, Omit<Frame, 'address'>>();

  read(address: bigint, module: string | null, routine: string | null): Frame {
    const text = routine ?? module ?? '';
    let parts = this.#known.get(text);
    if (parts === undefined) {
      parts = partsOf(module, routine);
      if (this.#known.size < MAX_KNOWN) this.#known.set(text, parts);
    }
    return { address: address === 0n ? null : address, ...parts };
  }
}

/** A frame from text alone, as `!stacks` names a blocker. */
export const frameOfText = (symbol: string): Frame => ({ address: null, ...partsOf(null, symbol) });

function partsOf(module: string | null, routine: string | null): Omit<Frame, 'address'> {
  if (routine === null) return { symbol: module, module, function: null, offset: null, base: baseOf(module) };
  const { text, offset } = withoutOffset(routine);
  const bang = text.indexOf('!');
  const symbol = bang < 0 ? { module: text === '' ? module : text, fn: null } : splitSymbol(text);
  const name = symbol.module ?? module;
  const fn = symbol.fn?.replace(/^_+(?=[A-Za-z])/, '') ?? null;
  return { symbol: routine, module: name, function: fn, offset, base: baseOf(name) };
}

/** `name+0x10`: operators of C++ such as `operator+` have no digits behind the sign. */
function withoutOffset(routine: string): { text: string; offset: string | null } {
  const match = /^(.*?)\+(0x[0-9a-f]{1,16})$/i.exec(routine);
  if (match === null) return { text: routine, offset: null };
  return { text: match[1], offset: match[2].toLowerCase() };
}

const EXTENSION = /\.(?:sys|exe|dll)$/;

/** `nt` for every name that the kernel's image has; else the name in lower case without its extension. */
export function baseOf(module: string | null): string {
  const name = (module ?? '').toLowerCase().replace(EXTENSION, '');
  return /^(?:nt(?:os|kr)\w{0,8}|nt)$/.test(name) ? 'nt' : name;
}

export const hex = formatAddress;

/** `nt!KeWaitForSingleObject`: a frame without its offset. */
export const routineOf = ({ module, function: fn, symbol, address }: Frame): string =>
  module === null ? (symbol ?? hex(address) ?? '?') : fn === null ? module : `${module}!${fn}`;

/** Thousands of threads share a stack: what is found of one is kept with its list of frames. */
export function onceForEach<R>(find: (frames: readonly Frame[]) => R): (frames: readonly Frame[]) => R {
  const known = new WeakMap<readonly Frame[], { readonly found: R }>();
  return (frames) => {
    let entry = known.get(frames);
    if (entry === undefined) {
      entry = { found: find(frames) };
      known.set(frames, entry);
    }
    return entry.found;
  };
}
