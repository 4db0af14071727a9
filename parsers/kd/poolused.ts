/**
 * `!poolused`: pool by tag. https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-poolused
 *
 *        Sorting by  Tag
 *
 *       Pool Used:
 *                 NonPaged            Paged
 *      Tag    Allocs     Used    Allocs     Used
 *      1394        1      520         0        0UNKNOWN pooltag '1394', please update pooltag.txt
 *      8042        4     3944         0        0PS/2 kb and mouse , Binary: i8042prt.sys
 *      TOTAL     3570214 209120008     38769 13066104
 *
 * With flag 1 each pool has Allocs, Frees, Diff and Used; sorted by one pool it shows that one alone:
 *
 *      Tag    Allocs    Frees     Diff     Used
 *      EtwB      304      134      170  6550080  Etw Buffer , Binary: nt!etw
 */
import type { Command, Reader, Taken } from './command.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import { flagsOf, type Typed } from './prompt.js';
import { isWrapped, padTag } from './values.js';

const NAME = '!poolused';
const MAX_COMMENT = 200;
const VERBOSE = 1;
const SORT_NONPAGED = 2;
const SORT_PAGED = 4;
const SESSION = 8;
const BOTH: readonly string[] = ['NonPaged', 'Paged'];

type Field = 'Allocs' | 'Frees' | 'Diff' | 'Used';

/** How the table is laid out. */
interface Layout {
  /** Of one pool. */
  readonly fields: readonly Field[];
  /** `NonPaged`, `Paged`. */
  readonly pools: readonly string[];
  /** Column where the tag begins, and those where each number ends; null where there is no header. */
  readonly tagAt: number | null;
  readonly ends: readonly number[] | null;
}

/** A row taken apart. */
interface Cut {
  readonly tag: string;
  readonly numbers: readonly number[];
  readonly comment: string;
}

// `   Sorting by  Tag`, ` Sorting by Session NonPaged Pool Consumed`
const SORTING = /^Sorting by\s{1,9}(Session\s{1,9})?(Tag|NonPaged Pool Consumed|Paged Pool Consumed)$/i;
// `  Pool Used:`
const POOL_USED = /^Pool Used:$/i;
// `            NonPaged            Paged`
const POOLS = /^(NonPaged)?(?:\s{1,99})?(Paged)?$/i;
// ` Tag    Allocs     Used    Allocs     Used`
const HEADER = /^Tag(?:\s{1,40}(?:Allocs|Frees|Diff|Used)){2,8}$/;
const TOTAL = /^\s{0,99}TOTAL(?=\s)/;
// What is left of a row: some characters, then a number.
const LIKE_A_ROW = /^\S.{0,5}\s{1,40}-?\d/;
// The end of a comment that mail has put into a line of its own.
const WRAPPED_COMMENT = /pooltag\.txt|Binary\s?:/;

export const poolused: Command = {
  name: NAME,
  isTyped: ({ name }) => name === NAME,
  begins: ({ trimmed }) => SORTING.test(trimmed) || POOL_USED.test(trimmed) || HEADER.test(trimmed),
  read: (log, typed) => new PoolUsed(log, typed),
};

class PoolUsed implements Reader {
  #isSession: boolean;
  #pools: readonly string[] | null = null;
  #layout: Layout;
  #snapshot: number | null = null;
  #hasTotal = false;

  constructor(
    private readonly log: Log,
    typed: Typed | null,
  ) {
    const flags = flagsOf(typed);
    this.#isSession = (flags & SESSION) !== 0;
    this.#layout = layoutOf(flags);
  }

  take(line: KdLine): Taken {
    const { trimmed } = line;
    const sorting = SORTING.exec(trimmed);
    if (sorting !== null || POOL_USED.test(trimmed)) return this.#heading(sorting);
    const pools = POOLS.exec(trimmed);
    if (pools !== null) return this.#poolNames(pools);
    if (HEADER.test(trimmed)) return this.#header(line);
    if (this.#hasTotal) return 'over';
    return this.#row(line);
  }

  #heading(sorting: RegExpExecArray | null): Taken {
    // A table is under way: this is the next one.
    if (this.#snapshot !== null) return 'over';
    if (sorting?.[1] !== undefined) this.#isSession = true;
    if (sorting !== null && /^paged/i.test(sorting[2])) this.#pools = ['Paged'];
    return 'ignored';
  }

  #poolNames(match: RegExpExecArray): Taken {
    this.#pools = [match[1] === undefined ? null : 'NonPaged', match[2] === undefined ? null : 'Paged'].filter(
      (name) => name !== null,
    );
    return 'ignored';
  }

  #header(line: KdLine): Taken {
    if (this.#snapshot !== null) return 'over';
    const layout = layoutOfHeader(line.text, this.#pools ?? ['NonPaged']);
    if (layout === null) return this.log.skip('unknown-columns', 'headers whose columns are not known', line);
    this.#layout = layout;
    return 'ignored';
  }

  #row(line: KdLine): Taken {
    const total = TOTAL.exec(line.text);
    if (total !== null) return this.#total(line, total[0].length);
    const cut = cutRow(line.text, this.#layout);
    if (cut !== null) return this.#tag(line, cut);
    if (this.#snapshot === null) return 'unread';
    if (LIKE_A_ROW.test(line.trimmed)) return this.#damaged(line);
    return WRAPPED_COMMENT.test(line.trimmed) ? 'ignored' : 'unread';
  }

  #damaged(line: KdLine): Taken {
    return this.log.skip('damaged-poolused', 'rows of !poolused that have lost numbers were skipped', line);
  }

  #tag(line: KdLine, cut: Cut): Taken {
    const { log } = this;
    this.#snapshot ??= log.snapshotOf(NAME);
    log.knowTag(cut.tag);
    if (log.tags === null) return 'ignored';
    const halves = halvesOf(cut.numbers, this.#layout);
    const used = halves.filter(({ figures }) => Object.values(figures).some((value) => value !== 0));
    for (const half of used.length > 0 ? used : halves.slice(0, 1)) this.#half(line, cut, half);
    return 'row';
  }

  #half(line: KdLine, { tag, comment }: Cut, { pool, figures }: Half): void {
    const { log } = this;
    const { Allocs, Frees, Diff, Used } = figures;
    const outstanding = Diff ?? Allocs ?? null;
    const value = (one: number | undefined | null): number | null =>
      one === undefined || one === null ? null : log.unwrapped(one, line);
    log.tags?.row({
      snapshot: this.#snapshot ?? 0,
      atMs: log.atMs,
      tag,
      poolType: `${pool}Pool${this.#isSession ? 'Session' : ''}`,
      sessionId: this.#isSession ? log.sessionId : null,
      allocs: Diff === undefined ? null : value(Allocs),
      frees: value(Frees),
      outstanding: value(outstanding),
      bytes:
        Used === undefined ? null : log.unwrapped(Used, line, isWrapped(Used) || (outstanding === 0 && isHuge(Used))),
      driver: driverOf(comment),
      description: comment === '' || isUnknown(comment) ? null : comment.slice(0, MAX_COMMENT),
      ...log.place(line),
    });
  }

  #total(line: KdLine, from: number): Taken {
    const { fields, pools } = this.#layout;
    const scan = numbersFrom(line.text, from, fields.length * pools.length);
    if (scan === null) return this.#damaged(line);
    this.#hasTotal = true;
    this.#snapshot ??= this.log.snapshotOf(NAME);
    const of = `poolused ${this.#isSession ? 'Session ' : ''}`;
    const sessionId = this.#isSession ? this.log.sessionId : null;
    let taken: Taken = 'ignored';
    for (const { pool, figures } of halvesOf(scan.numbers, this.#layout)) {
      const name = `${of}${pool}`;
      // Blocks in use, in all layouts.
      const allocs = figures.Diff ?? figures.Allocs ?? 0;
      this.log.counter(
        { name: `${name} Used`, value: figures.Used ?? 0, unit: 'bytes', sessionId },
        this.#snapshot,
        line,
      );
      taken = this.log.counter(
        { name: `${name} Allocs`, value: allocs, unit: 'count', sessionId },
        this.#snapshot,
        line,
      );
    }
    return taken;
  }
}

/** More bytes than a tag without a block in use can hold. */
const isHuge = (bytes: number): boolean => bytes >= 2 ** 30;

/** Where no header says otherwise: by the flags that were typed. */
function layoutOf(flags: number): Layout {
  const none = { tagAt: null, ends: null };
  if ((flags & VERBOSE) === 0) return { fields: ['Allocs', 'Used'], pools: BOTH, ...none };
  const sorted = (flags & SORT_PAGED) !== 0 ? ['Paged'] : ['NonPaged'];
  const pools = (flags & (SORT_NONPAGED | SORT_PAGED)) === 0 ? BOTH : sorted;
  return { fields: ['Allocs', 'Frees', 'Diff', 'Used'], pools, ...none };
}

function layoutOfHeader(text: string, pools: readonly string[]): Layout | null {
  const words = [...text.matchAll(/\S+/g)];
  const names = words.slice(1).map(([word]) => word as Field);
  const count = names.filter((name) => name === 'Used').length;
  const fields = names.slice(0, names.length / Math.max(count, 1));
  if (count < 1 || count > 2 || !names.every((name, i) => name === fields[i % fields.length])) return null;
  return {
    fields,
    pools: count === 2 ? BOTH : pools.slice(0, 1),
    tagAt: words[0].index,
    ends: words.slice(1).map((word) => word.index + word[0].length),
  };
}

interface Half {
  readonly pool: string;
  readonly figures: Partial<Record<Field, number>>;
}

function halvesOf(numbers: readonly number[], { fields, pools }: Layout): Half[] {
  return pools.map((pool, half) => {
    const own = fields.map((field, i) => [field, numbers[half * fields.length + i]] as const);
    return { pool, figures: Object.fromEntries(own) };
  });
}

/** The tag is four characters, which may be blanks; where printing has lost some, it is what stands before the numbers. */
function cutRow(text: string, layout: Layout): Cut | null {
  const start = text.search(/\S/);
  const { tagAt } = layout;
  if (tagAt !== null && start > tagAt && start < tagAt + 4) {
    // A tag that begins with blanks, if the rest stands under its header.
    const cut = cutAt(text, tagAt, 4, layout);
    if (cut?.isAligned) return cut;
  }
  for (let length = 4; length > 0; length--) {
    const cut = cutAt(text, start, length, layout);
    if (cut !== null) return cut;
  }
  return null;
}

function cutAt(text: string, start: number, length: number, layout: Layout): (Cut & { isAligned: boolean }) | null {
  const { fields, pools, tagAt, ends } = layout;
  const shown = text.slice(start, start + length);
  const behind = start + length;
  if (!shown.endsWith(' ') && text[behind] !== ' ') return null;
  const shift = tagAt === null ? 0 : start - tagAt;
  const columns = ends?.map((end) => end + shift) ?? null;
  const scan = numbersFrom(text, behind, fields.length * pools.length, columns);
  if (scan === null) return null;
  const comment = text.slice(scan.end).trim();
  return { tag: exactTag(shown, comment), numbers: scan.numbers, comment, isAligned: scan.isAligned };
}

interface Scan {
  readonly numbers: readonly number[];
  readonly end: number;
  /** All numbers end where their columns do. */
  readonly isAligned: boolean;
}

/**
 * `count` numbers from `from` on. The last one may be glued to a comment that begins with digits itself
 * (`01394 OHCI host controller driver`): then it ends where its column does, if the others stand under theirs.
 */
function numbersFrom(text: string, from: number, count: number, columns: readonly number[] | null = null): Scan | null {
  const numbers: string[] = [];
  const ends: number[] = [];
  const number = /\s{0,99}(-?\d{1,20})/y;
  number.lastIndex = from;
  for (let n = 0; n < count; n++) {
    const match = number.exec(text);
    if (match === null || (n < count - 1 && text[number.lastIndex] !== ' ')) return null;
    numbers.push(match[1]);
    ends.push(number.lastIndex);
  }
  const last = count - 1;
  const isAligned = columns !== null && ends.slice(0, last).every((end, i) => end === columns[i]);
  const glued = gluedDigits(numbers[last], isAligned && columns !== null ? ends[last] - columns[last] : 0);
  if (glued > 0) numbers[last] = numbers[last].slice(0, -glued);
  const end = ends[last] - glued;
  return { numbers: numbers.map(Number), end, isAligned: isAligned && end === columns?.[last] };
}

/** How many digits at the end of the last number belong to the comment. */
function gluedDigits(digits: string, beyondColumn: number): number {
  if (beyondColumn > 0 && beyondColumn < digits.length) return beyondColumn;
  // No number begins with 0 and goes on.
  return /^0\d/.test(digits) ? digits.length - 1 : 0;
}

/** `UNKNOWN pooltag 'AGP ', …` quotes the tag, with blanks that printing may have lost in the column. */
function exactTag(shown: string, comment: string): string {
  const quoted = /^UNKNOWN pooltag '([^']{4})'/.exec(comment)?.[1];
  // `rx..` has the comment `'  rx'`: bytes that are no characters stand elsewhere there, so the column is right.
  const isSame = quoted !== undefined && quoted.replaceAll(' ', '') === shown.replaceAll(' ', '');
  return isSame ? quoted : padTag(shown);
}

const isUnknown = (comment: string): boolean => comment.startsWith('UNKNOWN pooltag');

/** `Etw Buffer , Binary: nt!etw` */
function driverOf(comment: string): string | null {
  const at = comment.lastIndexOf('Binary');
  const driver = at < 0 ? undefined : /^Binary\s{0,9}:\s{0,9}(\S.{0,99})/.exec(comment.slice(at))?.[1];
  return driver === undefined || isUnknown(comment) ? null : driver.trim();
}
