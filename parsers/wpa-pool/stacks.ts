/** Stacks as WPA prints them: a path of frames in one cell, or one frame a row under each other. */

import { isAddress, parseAddress, splitSymbol } from '../../src/core/symbol.js';
import type { StackFrame } from '../../src/tables/call-stack-writer.js';

/** More than any stack has; the rest of a longer cell is not looked at. */
const MAX_FRAMES = 512;
const ROOT = /^\[?root\]?$/i;
/** What WPA prints where there is no stack. */
const NONE = /^(?:n\/a|-|unknown|none)?$/i;

/**
 * The frames of a cell, outermost first:
 *
 *     [Root]/ntdll.dll!RtlUserThreadStart/myfault.sys!LeakPool/ntoskrnl.exe!ExAllocatePoolWithTag
 *     [Root]/foo.sys!operator/
 */
export function pathOf(text: string): string[] {
  if (NONE.test(text)) return [];
  const frames: string[] = [];
  let from = 0;
  while (from <= text.length && frames.length <= MAX_FRAMES) {
    const slash = separatorAt(text, from);
    const end = slash < 0 ? text.length : slash;
    const frame = text.slice(from, end).trim();
    if (frame !== '' && !ROOT.test(frame)) frames.push(frame);
    from = end + 1;
  }
  return frames;
}

/** The next `/` that no `operator/` or `operator/=` holds; -1 where there is none. */
function separatorAt(text: string, from: number): number {
  const slash = text.indexOf('/', from);
  if (slash < 0 || !OPERATOR.test(text.slice(Math.max(from, slash - 9), slash))) return slash;
  return text.indexOf('/', slash + 1);
}

const OPERATOR = /[:!\s]operator$/;

/** A frame in a row of its own, by what stands in front of it. */
export interface TreeFrame {
  readonly text: string;
  /** How many `|` stand in front of it. */
  readonly level: number;
  /** True where it is one of several at its level (`|- `); else it is the only one below the row above. */
  readonly isBranch: boolean;
}

//     [Root]
//     |- ntdll.dll!RtlUserThreadStart
//     |    kernel32.dll!BaseThreadInitThunk
//     |    |- a.exe!main
const TREE = /^((?:[ \t]{0,8}\|){0,400})(-?)[ \t]*/;

/** Null where the cell holds no frame, or a path of them. */
export function treeFrameOf(raw: string): TreeFrame | null {
  const prefix = TREE.exec(raw);
  const level = prefix === null ? 0 : prefix[1].split('|').length - 1;
  const text = level === 0 ? raw.trim() : raw.slice(prefix?.[0].length ?? 0).trim();
  if (NONE.test(text) || separatorAt(text, 0) >= 0) return null;
  return { text, level, isBranch: prefix?.[2] === '-' };
}

/** The frames above a row and its own, outermost first: `foo.sys!f<itself>` stands below `foo.sys!f`. */
export function below(above: readonly string[], { text }: TreeFrame): readonly string[] {
  if (ROOT.test(text)) return above;
  const own = text.replace(/<itself>$/i, '').trim();
  const isItself = own !== text && (own === '' || own === above.at(-1));
  return isItself ? above : [...above, own];
}

/** WPA's remarks in the place of a function: `<Symbols disabled>`, `<PDB not found>`. */
const REMARK = /^<[^<>]{0,80}>$/;

/** Frames innermost first, as tables hold them. */
export const framesOf = (path: readonly string[]): StackFrame[] => path.map(frameOf).reverse();

/** `ndis.sys!ndisFree`, `ndis.sys!<Symbols disabled>`, `?!?`, `ndis.sys!0xfffff8034a6d1230`. */
function frameOf(text: string): StackFrame {
  const bare = text.replace(/^"(.*)"$/s, '$1').trim();
  const bang = bare.indexOf('!');
  const last = bare.slice(bang + 1).trim();
  const { module, fn } = splitSymbol(bare);
  const address = isAddress(last) ? parseAddress(last) : null;
  const isNamed = bang >= 0 && fn !== null && !REMARK.test(fn);
  return { address, module: module !== null && REMARK.test(module) ? null : module, routine: isNamed ? bare : null };
}
