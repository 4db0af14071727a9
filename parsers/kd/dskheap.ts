/**
 * `!dskheap [-s session]`: desktop heaps of a session.
 * https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-dskheap
 *
 *       Winstation\Desktop            Heap Size(KB)   Used Rate(%)
 *     ------------------------------------------------------------
 *       WinSta0\Default                   3072                 0%
 *     ------------------------------------------------------
 *                     Total Desktop: (    6336 KB -   4 desktops)
 *                     Session ID:  3
 *
 * Heaps that are not in the dump come first; the command may give up with them:
 *
 *     Error Reading TotalFreeSize from nt!_HEAP @ fffffa8019000000
 *     Failed to GetHeapInfo for desktop @fffffa8019000000
 *     EnumDsktps failed on Winsta: 19c4f090FillWinstaArray failed
 */
import { parseAddress } from '../../src/core/symbol.js';
import { dumpDesktop } from '../../src/tables/dump-system.js';
import type { Command, Reader, Taken } from './command.js';
import { countFact, countHeld } from './counted.js';
import { writeFact } from './facts.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import type { Typed } from './prompt.js';
import { ADDRESS } from './values.js';

const NAME = '!dskheap';
const MAX_DESKTOPS = 5000;

const HEADER = /^Winstation\\Desktop\s{1,60}Heap Size\s?\(KB\)/i;
const RULE = /^[-=]{10,200}$/;
const ROW = /^([^\s\\][^\\]{0,100}\\.{1,100}?)\s{1,80}(\d{1,12})\s{1,60}(\d{1,6}(?:\.\d{1,3})?)\s?%$/;
const LIKE_A_ROW = /^[^\s\\][^\\]{0,100}\\.{1,200}%$/;
// `Total Desktop: (    6336 KB -   4 desktops)`
const TOTAL = /^Total Desktop:\s{0,20}\(\s{0,20}(\d{1,12})\s?KB\s{0,9}-\s{0,20}(\d{1,9})\s{1,9}desktops?\)/i;
const SESSION = /^Session ID:\s{0,20}(\d{1,9})$/i;
const UNREADABLE = new RegExp(`^Error Reading \\w{1,40} from .{0,60}@ ?(${ADDRESS})$`, 'i');
const FAILED_DESKTOP = new RegExp(`^Failed to \\w{1,40} for desktop @ ?(${ADDRESS})$`, 'i');
const FAILED = /^(?:EnumDsktps failed|FillWinstaArray failed|Failed to (?:get|read|find)\b)/i;
// Published logs have marks of a heading in front of some lines.
const MARK = /^#{1,6}\s{1,80}/;

export const dskheap: Command = {
  name: NAME,
  isTyped: ({ name }) => name === NAME,
  begins: ({ trimmed }) => {
    const text = trimmed.startsWith('#') ? trimmed.replace(MARK, '') : trimmed;
    // `W`, `E`, `F`
    const first = text.charCodeAt(0);
    if (first !== 87 && first !== 69 && first !== 70) return false;
    return HEADER.test(text) || /^Error Reading TotalFreeSize\b/i.test(text) || FAILED_DESKTOP.test(text);
  },
  read: (log, typed) => new DskHeap(log, typed),
};

interface Desktop {
  readonly name: string;
  readonly heapKb: number;
  readonly usedPercent: number;
  readonly line: KdLine;
}

class DskHeap implements Reader {
  #run: number | null = null;
  #sessionId: number | null;
  /** The session is named below them. */
  #desktops: Desktop[] = [];
  readonly #unreadable = new Set<string>();
  #hasTotal = false;

  constructor(
    private readonly log: Log,
    private readonly typed: Typed | null,
  ) {
    const option = /(?:^|\s)-s\s{0,9}(\d{1,9})\b/i.exec(typed?.args ?? '')?.[1];
    this.#sessionId = option === undefined ? null : Number(option);
  }

  take(line: KdLine): Taken {
    const trimmed = line.trimmed.replace(MARK, '');
    if (HEADER.test(trimmed)) return this.#header();
    const bad = UNREADABLE.exec(trimmed) ?? FAILED_DESKTOP.exec(trimmed);
    if (bad !== null) return this.#bad(line, bad[1]);
    if (FAILED.test(trimmed)) return this.#failed(line, trimmed);
    if (this.#run === null) return 'unread';
    if (RULE.test(trimmed)) return 'ignored';
    return this.#row(line, trimmed) ?? this.#foot(line, trimmed) ?? (this.typed === null ? 'over' : 'unread');
  }

  end(): void {
    this.#write();
  }

  #header(): Taken {
    if (this.#hasTotal) return 'over';
    this.#begin();
    return 'ignored';
  }

  #begin(): number {
    this.#run ??= this.log.nextOf(NAME);
    return this.#run;
  }

  #row(line: KdLine, trimmed: string): Taken | null {
    const match = ROW.exec(trimmed);
    if (match === null) {
      if (!LIKE_A_ROW.test(trimmed)) return null;
      return this.log.skip('damaged-dskheap', 'rows of !dskheap that cannot be read were skipped', line);
    }
    if (this.#desktops.length >= MAX_DESKTOPS) return 'ignored';
    this.#desktops.push({ name: match[1], heapKb: Number(match[2]), usedPercent: Number(match[3]), line });
    return 'held';
  }

  #foot(line: KdLine, trimmed: string): Taken | null {
    const total = TOTAL.exec(trimmed);
    if (total !== null) {
      this.#hasTotal = true;
      countFact(this.log, this.#subject(), 'totalKb', total[1], line);
      return countFact(this.log, this.#subject(), 'desktops', total[2], line);
    }
    const session = SESSION.exec(trimmed);
    if (session === null) return null;
    this.#sessionId = Number(session[1]);
    this.#write();
    return countFact(this.log, this.#subject(), 'sessionId', session[1], line);
  }

  /** Both messages may name one desktop. */
  #bad(line: KdLine, digits: string): Taken {
    if (this.#hasTotal) return 'over';
    const run = this.#begin();
    const address = parseAddress(digits);
    if (address === null || this.#unreadable.has(String(address)) || this.#unreadable.size >= MAX_DESKTOPS)
      return 'ignored';
    this.#unreadable.add(String(address));
    return this.log.row(dumpDesktop, { run, address, sessionId: this.#sessionId }, line);
  }

  #failed(line: KdLine, trimmed: string): Taken {
    this.#begin();
    return writeFact(this.log, { subject: this.#subject(), name: 'failed', value: trimmed }, line);
  }

  #subject(): string {
    return `dskheap run ${this.#begin()}`;
  }

  #write(): void {
    for (const { line, ...columns } of this.#desktops) {
      countHeld(
        this.log,
        1,
        this.log.row(dumpDesktop, { run: this.#run, ...columns, sessionId: this.#sessionId }, line),
      );
    }
    this.#desktops = [];
  }
}
