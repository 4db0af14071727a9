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
 */
import type { Command, Reader, Taken } from './command.js';
import type { KdLine } from './line.js';
import type { Figure, Log } from './log.js';
import { isWrapped } from './values.js';

const NAME = '!vm';
const KB = 1024;

// `*** Virtual Memory Usage ***`; newer debuggers leave it out and begin with the page files
const TITLE = /^\*{3} Virtual Memory Usage \*{3}$/i;
const FIRST = /^Physical Memory:\s{1,40}\d{1,20}\s{0,40}\(\s{0,40}\d{1,20}\s{0,9}Kb\)$/i;
// `NonPagedPool Usage:    53108 (    212432 Kb)`, `PagedPool  0:   32829 (  131316 Kb)`
const PAGES = /^([A-Za-z][^:()]{0,60}):\s{0,40}(-?\d{1,20})\s{0,40}\(\s{0,40}(-?\d{1,20})\s{0,9}Kb?\)/i;
// `Page File: \??\C:\pagefile.sys`
const PAGE_FILE = /^(?:Page File:\s|No Page ?file)/i;
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
// `0a30 CCC.exe             11078 (     44312 Kb)`
const PROCESS = /^[0-9a-f]{1,8}\s{1,9}\S.{0,40}?\s{1,40}-?\d{1,20}\s{0,40}\(\s{0,40}-?\d{1,20}\s{0,9}Kb\)$/i;
// What is left of a figure.
const LIKE_A_FIGURE = /^[A-Za-z][^:()]{0,60}:.{0,80}\bKb?\)?$/i;
const IN_PAGES = /pages|usage|maximum|\bmax\b|commit|\bpool\b|memory/i;

export const vm: Command = {
  name: NAME,
  isTyped: ({ name }) => name === NAME,
  begins: ({ trimmed }) => TITLE.test(trimmed) || FIRST.test(trimmed),
  read: (log, typed) => new Vm(log, typed !== null),
};

class Vm implements Reader {
  #snapshot: number | null = null;
  #sessionId: number | null = null;
  /** Bytes of a page, as the pairs of pages and Kb say. */
  #pageBytes: number | null = null;

  #hasPhysical = false;

  constructor(
    private readonly log: Log,
    private readonly isTyped: boolean,
  ) {}

  take(line: KdLine): Taken {
    const { trimmed } = line;
    if (TITLE.test(trimmed)) return this.#snapshot === null ? 'ignored' : 'over';
    if (FIRST.test(trimmed)) {
      if (this.#hasPhysical) return 'over';
      this.#hasPhysical = true;
    }
    if (PAGE_FILE.test(trimmed)) return 'ignored';
    const session = SESSION.exec(trimmed);
    if (session !== null) {
      this.#sessionId = Number(session[1]);
      return 'ignored';
    }
    return this.#figures(line) ?? this.#other(line);
  }

  /** A line with figures; null where it has none. */
  #figures(line: KdLine): Taken | null {
    const { trimmed } = line;
    const pages = PAGES.exec(trimmed);
    if (pages !== null) return this.#pages(line, pages[1], Number(pages[2]), Number(pages[3]));
    const ofFile = LINE_OF_PAGE_FILE.test(trimmed) ? [...trimmed.matchAll(OF_PAGE_FILE)].slice(0, 4) : [];
    if (ofFile.length > 0) {
      return this.#add(line, ...ofFile.map(([, name, kb]) => inKb(`Page File ${name}`, Number(kb))));
    }
    const kilobytes = KILOBYTES.exec(trimmed);
    if (kilobytes !== null) return this.#add(line, inKb(kilobytes[1], Number(kilobytes[2])));
    const failed = FAILED.exec(trimmed);
    if (failed !== null) return this.#add(line, inAll(`failed ${failed[2].toLowerCase()}`, Number(failed[1])));
    const failures = FAILURES.exec(trimmed);
    if (failures !== null) return this.#add(line, inAll(`failed ${failures[2].toLowerCase()}s`, Number(failures[1])));
    const bare = BARE.exec(trimmed);
    return bare === null ? null : this.#bare(line, bare[1], Number(bare[2]));
  }

  #other(line: KdLine): Taken {
    const { trimmed } = line;
    if (REMARK.test(trimmed) || PROCESS.test(trimmed)) return 'ignored';
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
    let taken: Taken = 'ignored';
    for (const figure of figures) {
      const { name } = figure;
      const of = { ...figure, name: name.replace(/\s{2,}/g, ' ').trim(), sessionId: this.#sessionId };
      taken = this.log.counter(of, this.#snapshot, line);
    }
    return taken;
  }
}

const inKb = (name: string, kb: number, isWrong = isWrapped(kb)): Figure => {
  return { name, value: kb * KB, unit: 'bytes', isWrong };
};
const inAll = (name: string, value: number): Figure => ({ name, value, unit: 'count' });
