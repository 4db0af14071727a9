/**
 * `!ndiskd.pendingnbls`: NET_BUFFER_LISTs that are on their way, and who holds each.
 * https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-ndiskd-pendingnbls
 *
 *     PHASE 1/3: Found 20 NBL pool(s).
 *     PHASE 2/3: Found 342 freed NBL(s).
 *
 *         Pending Nbl        Currently held by
 *         ffffe00b00005c60   ffffe00b000701a0 - Example Network Adapter  [NetAdapter]
 *
 *     PHASE 3/3: Found 1 pending NBL(s) of 4817 total NBL(s).
 *     Search complete.
 *
 * Where the target does not keep track of them, the command says so, at length:
 *
 *     This command requires NBL tracking to be enabled on the debugee target
 *     machine. ...
 */
import { parseAddress } from '../../src/core/symbol.js';
import { dumpNbl } from '../../src/tables/dump-system.js';
import type { Command, Reader, Taken } from './command.js';
import { countFact } from './counted.js';
import { writeFact } from './facts.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import { ADDRESS } from './values.js';

const NAME = '!pendingnbls';
const SUBJECT = 'nbls';
/** Lines of the text that says how to enable tracking. */
const MAX_PROSE = 20;

const UNTRACKED = /^This command requires NBL tracking\b/i;
const PHASE = /^PHASE \d\/\d: /i;
const TOTAL = /^PHASE 3\/3: Found (\d{1,12}) pending NBL\(s\) of (\d{1,12}) total\b/i;
const HEADER = /^Pending Nbl\s{1,40}Currently held by$/i;
const DONE = /^Search complete\b/i;
// `ffffe00b00005c60   ffffe00b000701a0 - Example Network Adapter  [NetAdapter]`
const ROW = new RegExp(`^(${ADDRESS})\\s{1,40}(${ADDRESS})(?:\\s{0,9}-\\s{0,9}(.{0,300}))?$`, 'i');
// `ffffe00b00005c60   [Unknown]`
const WITHOUT_HOLDER = new RegExp(`^(${ADDRESS})\\s{1,40}([^0-9a-f\\s].{0,300})$`, 'i');
const KIND = /\s{0,40}\[([^[\]]{1,40})\]$/;
const PROSE = /^(?:machine\.|have level|the target machine|HKLM\\|Possible Values|\*?\s{0,9}\d:\s|Show me all)/i;

export const pendingNbls: Command = {
  name: '!ndiskd.pendingnbls',
  isTyped: ({ name }) => name === NAME,
  begins: ({ trimmed }) => {
    if (trimmed.startsWith('P')) return PHASE.test(trimmed) || HEADER.test(trimmed);
    return trimmed.startsWith('This command') && UNTRACKED.test(trimmed);
  },
  read: (log, typed) => new PendingNbls(log, typed !== null),
};

class PendingNbls implements Reader {
  /** Null before the first line of it. */
  #run: number | null = null;
  #prose = 0;
  #isDone = false;

  constructor(
    private readonly log: Log,
    private readonly isTyped: boolean,
  ) {}

  take(line: KdLine): Taken {
    const { trimmed } = line;
    if (UNTRACKED.test(trimmed)) return this.#untracked(line);
    if (PHASE.test(trimmed)) return this.#phase(line);
    if (HEADER.test(trimmed)) return this.#ignored();
    if (this.#run === null) return 'unread';
    const row = ROW.exec(trimmed);
    if (row !== null) return this.#row(line, row[1], row[2], row[3] ?? '');
    const without = WITHOUT_HOLDER.exec(trimmed);
    if (without !== null) return this.#row(line, without[1], null, without[2]);
    if (DONE.test(trimmed)) return 'ignored';
    return this.#other(trimmed);
  }

  #other(trimmed: string): Taken {
    const isProse = this.#prose > 0 && (this.isTyped || PROSE.test(trimmed));
    if (isProse && this.#prose++ < MAX_PROSE) return 'ignored';
    return this.isTyped ? 'unread' : 'over';
  }

  #untracked(line: KdLine): Taken {
    this.#ignored();
    this.#prose = 1;
    return writeFact(this.log, { subject: SUBJECT, name: 'tracking', value: 'disabled' }, line);
  }

  #phase(line: KdLine): Taken {
    // The next output begins here, where no prompt parts them.
    if (this.#isDone) return 'over';
    this.#ignored();
    const total = TOTAL.exec(line.trimmed);
    if (total === null) return 'ignored';
    this.#isDone = true;
    countFact(this.log, SUBJECT, 'total', total[2], line);
    return countFact(this.log, SUBJECT, 'pending', total[1], line);
  }

  #row(line: KdLine, nbl: string, holder: string | null, text: string): Taken {
    const kind = KIND.exec(text);
    const name = (kind === null ? text : text.slice(0, kind.index)).trim();
    const values = {
      run: this.#run,
      nbl: parseAddress(nbl),
      holder: holder === null ? null : parseAddress(holder),
      holderName: name === '' ? null : name,
      holderKind: kind?.[1] ?? null,
    };
    return this.log.row(dumpNbl, values, line);
  }

  #ignored(): Taken {
    this.#run ??= this.log.nextOf(NAME);
    return 'ignored';
  }
}
