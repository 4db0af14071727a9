/**
 * The figures of `!vm` as facts: `vm` for the machine, `vm session 1`, `vm pagefile \??\C:\pagefile.sys`, `vm store` for what Windows
 * 10 keeps compressed in memory and lists as a page file without a name, `vm process a30 a.exe`.
 *
 *     NonPagedPool Usage:    877   (    3508 Kb)        pages; its Kb are a fact of their own
 *     Current:     98304Kb Free Space:     61044Kb      Kb
 *     ********** Excessive NonPaged Pool Usage *****
 *     0a30 example.exe          11078 (     44312 Kb)
 *
 * Windows 10 and later list processes in another way, in Kb only:
 *
 *       Pid ImageName                           Commit   SharedCommit          Debt
 *      1cb4 example.exe                      257796 Kb        2352 Kb          0 Kb
 */
import { dumpFact } from '../../src/tables/dump-system.js';
import type { Taken } from './command.js';
import { type Fact, writeFact } from './facts.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import { isWrapped } from './values.js';

const MAX_PROCESSES = 5000;

const PROCESS = /^([0-9a-f]{1,8})\s{1,9}(\S.{0,60}?)\s{1,80}(-?\d{1,20})\s{0,40}\(\s{0,40}(-?\d{1,20})\s{0,9}Kb\)$/i;
const PROCESS_IN_KB =
  /^([0-9a-f]{1,8})\s{1,9}(\S.{0,60}?)\s{1,80}(\d{1,20})\s{0,9}Kb\s{1,40}(\d{1,20})\s{0,9}Kb(?:\s{1,40}(\d{1,20})\s{0,9}Kb)?$/i;
// `Page File: \??\C:\pagefile.sys`
const PAGE_FILE = /^Page File:\s{1,40}(\S.{0,260})$/i;
const STORE = /^No Name for Paging File/i;
const STARS = /^[\s*]{1,80}|[\s*]{1,80}$/g;

export class VmFacts {
  #subject = 'vm';
  #pageFile = 'vm pagefile';

  constructor(private readonly log: Log) {}

  /** What becomes of a line that feeds a fact. */
  get taken(): Taken {
    return this.log.writer(dumpFact) === null ? 'ignored' : 'row';
  }

  /** Figures that follow are those of a session. */
  session(id: string): void {
    this.#subject = `vm session ${Number(id)}`;
  }

  pageFile(trimmed: string): void {
    this.#pageFile = STORE.test(trimmed) ? 'vm store' : `vm pagefile ${PAGE_FILE.exec(trimmed)?.[1] ?? ''}`.trim();
  }

  ofPageFile(line: KdLine, name: string, kb: string): void {
    this.#add(line, { subject: this.#pageFile, name, value: kb, number: soundNumber(kb) });
  }

  pages(line: KdLine, name: string, pages: string, kb: string): void {
    const isSound = !isWrapped(Number(pages)) && Number(kb) >= 0;
    this.#figure(line, name, pages, isSound);
    this.#figure(line, `${name.trim()} Kb`, kb, isSound);
  }

  kilobytes(line: KdLine, name: string, kb: string): void {
    this.#figure(line, name, kb, true);
  }

  plain(line: KdLine, name: string, digits: string): void {
    this.#figure(line, name, digits, true);
  }

  /** `Excessive NonPaged Pool Usage`, `Number of committed pages is near limit` */
  remark(line: KdLine): Taken {
    const text = line.trimmed.slice(0, 200).replace(STARS, '');
    if (!line.trimmed.startsWith('**') || text === '') return 'ignored';
    return this.#add(line, { subject: this.#subject, name: 'remark', value: text });
  }

  /** A row of the list of processes; null where the line is none. */
  process(line: KdLine): Taken | null {
    const old = PROCESS.exec(line.trimmed);
    const match = old ?? PROCESS_IN_KB.exec(line.trimmed);
    if (match === null) return null;
    if (this.log.nextOf('!vm process') > MAX_PROCESSES) return 'ignored';
    const subject = `vm process ${Number.parseInt(match[1], 16).toString(16)} ${match[2]}`;
    const names = old === null ? ['commit Kb', 'shared commit Kb', 'debt Kb'] : ['commit', 'commit Kb'];
    let taken: Taken = 'ignored';
    for (const [i, name] of names.entries()) {
      const value = match[3 + i];
      if (value !== undefined) taken = this.#add(line, { subject, name, value, number: soundNumber(value) });
    }
    return taken;
  }

  #figure(line: KdLine, name: string, value: string, isSound: boolean): void {
    const number = isSound ? soundNumber(value) : null;
    this.#add(line, { subject: this.#subject, name: name.replace(/\s{2,99}/g, ' ').trim(), value, number });
  }

  #add(line: KdLine, one: Fact): Taken {
    return writeFact(this.log, one, line);
  }
}

const soundNumber = (digits: string): number | null => (isWrapped(Number(digits)) ? null : Number(digits));
