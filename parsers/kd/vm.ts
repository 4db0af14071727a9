/**
 * `!vm`: memory as a whole. https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-vm
 *
 *     *** Virtual Memory Usage ***
 *           Physical Memory:     16270   (   65080 Kb)
 *           Page File: \??\E:\pagefile.sys
 *              Current:     98304Kb Free Space:     61044Kb
 *           NonPagedPool Usage:    877   (    3508 Kb)
 *     ********** 185454 pool allocations have failed **********
 *      Session ID 1 @ af925000:
 *      Paged Pool Usage:       16868K
 *      *** 371034 Pool Allocation Failures ***
 *
 * Each figure is a row of `pool_counter`, in bytes, and a fact as it is printed.
 */
import type { Command, Reader, Taken } from './command.js';
import type { KdLine } from './line.js';
import type { Figure, Log } from './log.js';
import { isWrapped } from './values.js';
import { VmFacts } from './vm-facts.js';

const NAME = '!vm';
const KB = 1024;

// `*** Virtual Memory Usage ***`; newer debuggers leave it out and begin with the page files
const TITLE = /^\*{3} Virtual Memory Usage \*{3}$/i;
const FIRST = /^Physical Memory:\s{1,40}\d{1,20}\s{0,40}\(\s{0,40}\d{1,20}\s{0,9}Kb\)$/i;
// `NonPagedPool Usage:    53108 (    212432 Kb)`, `PagedPool  0:   32829 (  131316 Kb)`
const PAGES = /^([A-Za-z][^:()]{0,60}):\s{0,40}(-?\d{1,20})\s{0,40}\(\s{0,40}(-?\d{1,20})\s{0,9}Kb?\)/i;
// `Page File: \??\C:\pagefile.sys`
const PAGE_FILE = /^(?:Page File:\s|No Page ?file|No Name for Paging File)/i;
const FIRST_PAGE_FILE = /^Page File: \\\?\?\\/i;
// `Current:  50331648 Kb  Free Space:  50306732 Kb`
const LINE_OF_PAGE_FILE = /^(?:Current|Minimum):/i;
const OF_PAGE_FILE = /(Current|Free Space|Minimum|Maximum):\s{0,40}(-?\d{1,20})\s{0,9}Kb/gi;
// `Paged Pool Usage:       16868K`
const KILOBYTES = /^([A-Za-z][^:()]{0,60}):\s{0,40}(-?\d{1,20})\s{0,9}Kb?$/i;
// `Free System PTEs:     4294967295`
const BARE = /^([A-Za-z][^:()]{0,60}):\s{0,40}(-?\d{1,20})$/;
// `Session ID 1 @ af925000:`
const SESSION = /^Session ID (\d{1,9}) @/i;
// `********** 48440 commit requests have failed  **********`
const FAILED = /^\*{2,40}\s{0,9}(\d{1,20}) ([a-z][a-z ]{0,60}?)\s{1,9}(?:have|has) failed\b/i;
// `*** 371034 Pool Allocation Failures ***`
const FAILURES = /^\*{2,40}\s{0,9}(\d{1,20}) ([a-z][a-z ]{0,60}?)\s{1,9}Failures?\b/i;
// `********** Excessive NonPaged Pool Usage *****`, `Terminal Server Memory Usage By Session:`
const REMARK = /^(?:\*{2}|Terminal Server Memory Usage)/;
// `  Pid ImageName                           Commit   SharedCommit          Debt`
const PROCESSES = /^Pid\s{1,40}ImageName\s{1,80}Commit\b/i;
// What is left of a figure.
const LIKE_A_FIGURE = /^[A-Za-z][^:()]{0,60}:.{0,80}\bKb?\)?$/i;
const IN_PAGES = /pages|usage|maximum|\bmax\b|commit|\bpool\b|memory/i;

export const vm: Command = {
  name: NAME,
  isTyped: ({ name }) => name === NAME,
  begins: ({ trimmed }) => {
    if (trimmed.startsWith('*')) return TITLE.test(trimmed);
    return trimmed.startsWith('P') && (FIRST.test(trimmed) || FIRST_PAGE_FILE.test(trimmed));
  },
  read: (log, typed) => new Vm(log, typed !== null),
};

class Vm implements Reader {
  #snapshot: number | null = null;
  #sessionId: number | null = null;
  /** Bytes of a page, as the pairs of pages and Kb say. */
  #pageBytes: number | null = null;

  #hasPhysical = false;
  readonly #facts: VmFacts;

  constructor(
    private readonly log: Log,
    private readonly isTyped: boolean,
  ) {
    this.#facts = new VmFacts(log);
  }

  take(line: KdLine): Taken {
    const { trimmed } = line;
    if (TITLE.test(trimmed)) return this.#snapshot === null ? 'ignored' : 'over';
    if (FIRST.test(trimmed)) {
      if (this.#hasPhysical) return 'over';
      this.#hasPhysical = true;
    }
    if (PAGE_FILE.test(trimmed)) {
      this.#facts.pageFile(trimmed);
      return 'ignored';
    }
    const session = SESSION.exec(trimmed);
    if (session !== null) {
      this.#sessionId = Number(session[1]);
      this.#facts.session(session[1]);
      return 'ignored';
    }
    return this.#figures(line) ?? this.#other(line);
  }

  /** A line with figures; null where it has none. */
  #figures(line: KdLine): Taken | null {
    const { trimmed } = line;
    const pages = PAGES.exec(trimmed);
    if (pages !== null) {
      this.#facts.pages(line, pages[1], pages[2], pages[3]);
      return this.#pages(line, pages[1], Number(pages[2]), Number(pages[3]));
    }
    const ofFile = LINE_OF_PAGE_FILE.test(trimmed) ? [...trimmed.matchAll(OF_PAGE_FILE)].slice(0, 4) : [];
    if (ofFile.length > 0) {
      for (const [, name, kb] of ofFile) this.#facts.ofPageFile(line, name, kb);
      return this.#add(line, ...ofFile.map(([, name, kb]) => inKb(`Page File ${name}`, Number(kb))));
    }
    const kilobytes = KILOBYTES.exec(trimmed);
    if (kilobytes !== null) {
      this.#facts.kilobytes(line, kilobytes[1], kilobytes[2]);
      return this.#add(line, inKb(kilobytes[1], Number(kilobytes[2])));
    }
    const failed = FAILED.exec(trimmed);
    if (failed !== null) return this.#failed(line, `failed ${failed[2].toLowerCase()}`, failed[1]);
    const failures = FAILURES.exec(trimmed);
    if (failures !== null) return this.#failed(line, `failed ${failures[2].toLowerCase()}s`, failures[1]);
    const bare = BARE.exec(trimmed);
    if (bare === null) return null;
    this.#facts.plain(line, bare[1], bare[2]);
    return this.#bare(line, bare[1], Number(bare[2]));
  }

  #failed(line: KdLine, name: string, count: string): Taken {
    this.#facts.plain(line, name, count);
    return this.#add(line, inAll(name, Number(count)));
  }

  #other(line: KdLine): Taken {
    const { trimmed } = line;
    if (PROCESSES.test(trimmed)) return 'ignored';
    if (REMARK.test(trimmed)) return this.#facts.remark(line);
    const process = this.#facts.process(line);
    if (process !== null) return process;
    if (this.#snapshot !== null && LIKE_A_FIGURE.test(trimmed)) {
      return this.log.skip('damaged-vm', 'figures of !vm that cannot be read were skipped', line);
    }
    // Without a prompt nothing but the shape of its lines tells where the output ends.
    return this.isTyped || this.#snapshot === null ? 'unread' : 'over';
  }

  #pages(line: KdLine, name: string, pages: number, kb: number): Taken {
    const figure = inKb(name, kb, isWrapped(pages) || kb < 0);
    if (!figure.isWrong && pages > 0) this.#pageBytes ??= figure.value / pages;
    return this.#add(line, figure);
  }

  /** A number without a unit: pages, where its name says so and the log has said how big one is. */
  #bare(line: KdLine, name: string, value: number): Taken {
    const isPages = this.#pageBytes !== null && IN_PAGES.test(name) && !isWrapped(value);
    return this.#add(line, isPages ? inKb(name, (value * (this.#pageBytes ?? 0)) / KB) : inAll(name, value));
  }

  #add(line: KdLine, ...figures: readonly Figure[]): Taken {
    this.#snapshot ??= this.log.snapshotOf(NAME);
    let taken = this.#facts.taken;
    for (const figure of figures) {
      const { name } = figure;
      const of = { ...figure, name: name.replace(/\s{2,}/g, ' ').trim(), sessionId: this.#sessionId };
      if (this.log.counter(of, this.#snapshot, line) === 'row') taken = 'row';
    }
    return taken;
  }
}

const inKb = (name: string, kb: number, isWrong = isWrapped(kb)): Figure => {
  return { name, value: kb * KB, unit: 'bytes', isWrong };
};
const inAll = (name: string, value: number): Figure => ({ name, value, unit: 'count' });
