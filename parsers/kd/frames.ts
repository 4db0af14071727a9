/** Symbols of stack frames as debuggers print them, and what they say of pool. */
import { parseAddress } from '../../src/core/symbol.js';
import type { StackFrame } from '../../src/tables/call-stack-writer.js';

const MAX_ROUTINE = 300;
/** Frames above a caller in which the pool's own routines stand; more where a verifier or a hook lies between. */
const INNERMOST = 6;
/** The log of !verifier 80 begins at the caller of the routine that logs. */
const INNERMOST_LOGGED = 3;

// `nt!ExAllocatePoolWithTag+0x82e`, `myfault+0x1634`, `nt! ?? ::FNODOBFM::`string'+0x24a2a`, `<Unloaded_x.sys>+0x12`
const SYMBOL = /^<?([\w.~$-]{1,64})>?(?:!|\+0x[0-9a-f])/i;
// `0xf6fb2044`, `0x12e`
const BARE_ADDRESS = /^0x([0-9a-f`]{1,17})$/i;
// `(FPO: [1,0,0])`, `(TrapFrame @ b88a0d64)`, `(CONV: stdcall)`, `[d:\nt\base\x.c @ 12]`, `//Here is our driver`
const BEHIND = /\s{1,40}(?:\((?:FPO|TrapFrame|CONV|Inline)\b|\[[^\]]{0,300}\s?@ \d|\[[a-z]:[\\/]|\/\/|<-).*$/i;

/** True for a text that stands where a symbol does. */
export const isSymbol = (text: string): boolean => SYMBOL.test(text) || BARE_ADDRESS.test(text);

// `nt!Foo+0x12 and then what somebody says of it`; names of templates have blanks too, so this goes by the offset
const BEHIND_OFFSET = /^(.{1,400}?\+0x[0-9a-f]{1,16})\s.*$/i;
// No name has so many blanks.
const BEHIND_BLANKS = /\s{4}.*$/;
// `app!main(int argc = 0n1, char ** argv = 0x00000000`00034f10)+0x1f`, as `kp` prints it
const PARAMETERS = /^([^\s(<]{1,200})(?<!operator)\(.*\)(\+0x[0-9a-f]{1,16})?$/i;

/** The symbol alone: without remarks, source places and parameters. */
export function routineOf(text: string): string {
  return text
    .replace(BEHIND, '')
    .replace(BEHIND_OFFSET, '$1')
    .replace(BEHIND_BLANKS, '')
    .replace(PARAMETERS, '$1$2')
    .replace(/\s{1,99}/g, ' ')
    .trim()
    .slice(0, MAX_ROUTINE);
}

/** The frame of a symbol as printed, remarks and source places left out. */
export function frameOf(text: string, address: bigint | null): StackFrame {
  const routine = routineOf(text);
  const bare = BARE_ADDRESS.exec(routine);
  if (bare !== null) return { address: address ?? parseAddress(bare[1]), module: null, routine: null };
  const module = SYMBOL.exec(routine)?.[1] ?? null;
  return { address, module, routine: routine === '' ? null : routine };
}

/** Where the module of a frame without symbols (`myfault+0x1634`) begins; null where the frame does not say. */
export function baseOf({ address, module, routine }: StackFrame): { name: string; base: bigint } | null {
  if (address === null || module === null || routine === null) return null;
  const offset = /^[^!]{1,64}\+0x([0-9a-f]{1,8})$/i.exec(routine)?.[1];
  const base = offset === undefined ? 0n : address - BigInt(`0x${offset}`);
  return base > 0n ? { name: module, base } : null;
}

// `nt!ExAllocatePoolWithTag+0x82e`, `nt!ExFreePoolWithTag`, `nt!ExpAllocateBigPool+0x13a`, `nt!VerifierExFreePoolWithTag`
const POOL_ROUTINE = /^(?:nt|ntos\w{0,20}|ntkr\w{0,20})!_?\w{0,40}?(Allocate|Free)\w{0,20}?Pool/i;
const ALLOC_OR_FREE = /!.{0,80}?(Alloc|Free)/i;

const operationOf = (word: string): 'alloc' | 'free' => (/^alloc/i.test(word) ? 'alloc' : 'free');

/** What the pool routine of the kernel among the innermost frames does; null where there is none. */
export function poolOperation(frames: readonly StackFrame[]): 'alloc' | 'free' | null {
  for (const { routine } of frames.slice(0, INNERMOST)) {
    const word = routine === null ? undefined : POOL_ROUTINE.exec(routine)?.[1];
    if (word !== undefined) return operationOf(word);
  }
  return null;
}

/** The same for stacks that are of pool in any case: the innermost name with either word in it tells. */
export function loggedOperation(frames: readonly StackFrame[]): 'alloc' | 'free' | null {
  for (const { routine } of frames.slice(0, INNERMOST_LOGGED)) {
    const word = routine === null ? undefined : ALLOC_OR_FREE.exec(routine)?.[1];
    if (word !== undefined) return operationOf(word);
  }
  return null;
}
