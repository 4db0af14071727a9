/**
 * `!qlocks`: queued spin locks. https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-qlocks
 *
 *     Key: O = Owner, 1-n = Wait order, blank = not owned/waiting, C = Corrupt
 *
 *                            Processor Number
 *         Lock Name         0  1  2  3
 *
 *     KE   - Dispatcher     O  1
 *     MM   - PFN
 */
import { dumpFact } from '../../src/tables/dump-system.js';
import type { Command, Reader, Taken } from './command.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';

const NAME = '!qlocks';
const MAX_CPUS = 1024;

const KEY = /^Key: O = Owner, 1-n = Wait order\b/i;
const TITLE = /^Processor Number$/i;
const HEADER = /^Lock Name(?:\s{1,40}\d{1,4}){1,200}$/i;
// `KE   - Dispatcher     O  1`
const ROW = /^([A-Z]\w{0,7}\s{1,9}- \S.{0,60}?)((?:\s{1,400}(?:O|C|\d{1,4})){0,200})$/;
const MARK = /O|C|\d{1,4}/g;

interface Column {
  readonly cpu: number;
  readonly from: number;
  readonly to: number;
}

export const qlocks: Command = {
  name: NAME,
  isTyped: ({ name }) => name === NAME,
  begins: ({ trimmed }) => trimmed.startsWith('Key: O') && KEY.test(trimmed),
  read: (log) => new Qlocks(log),
};

class Qlocks implements Reader {
  #columns: Column[] = [];

  constructor(private readonly log: Log) {}

  take(line: KdLine): Taken {
    const { trimmed } = line;
    if (KEY.test(trimmed) || TITLE.test(trimmed)) return 'ignored';
    if (HEADER.test(trimmed)) {
      this.#columns = columnsOf(line.text);
      return 'ignored';
    }
    if (this.#columns.length === 0) return 'unread';
    const row = ROW.exec(trimmed);
    return row === null ? 'unread' : this.#row(line, row[1], row[2]);
  }

  #row(line: KdLine, name: string, marks: string): Taken {
    if (marks === '') return 'ignored';
    const begin = line.text.indexOf(name) + name.length;
    const found = [...marks.matchAll(MARK)].map((match) => ({
      value: match[0],
      cpu: this.#cpuAt(begin + match.index, begin + match.index + match[0].length),
    }));
    // Where blanks were lost nothing tells whose marks they are, but when all processors have one.
    if (found.length === this.#columns.length) for (const [i, one] of found.entries()) one.cpu = this.#columns[i].cpu;
    if (found.some(({ cpu }) => cpu === null)) {
      return this.log.skip('damaged-qlocks', 'lines of !qlocks whose columns are lost were skipped', line);
    }
    const subject = `qlock ${name.replace(/\s{1,99}/g, ' ')}`;
    let taken: Taken = 'ignored';
    for (const { cpu, value } of found) {
      const number = /^\d/.test(value) ? Number(value) : null;
      taken = this.log.row(dumpFact, { subject, name: `cpu ${cpu}`, value, number }, line);
    }
    return taken;
  }

  #cpuAt(from: number, to: number): number | null {
    const near = this.#columns.find((column) => from <= column.to && to >= column.from);
    return near?.cpu ?? null;
  }
}

function columnsOf(text: string): Column[] {
  const behind = text.search(/Lock Name/i) + 'Lock Name'.length;
  return [...text.slice(behind).matchAll(/\d{1,4}/g)].slice(0, MAX_CPUS).map((match) => {
    const from = behind + match.index;
    return { cpu: Number(match[0]), from, to: from + match[0].length };
  });
}
