/**
 * Bugchecks, as `.bugcheck` and a break in a live kernel print them. The facts are those that `!analyze` gives too.
 * https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-bugcheck--display-bug-check-data-
 *
 *     Bugcheck code 00000133
 *     Arguments 00000000`00000000 00000000`00000283 00000000`00000282 00000000`00000000
 *
 *     *** Fatal System Error: 0x00000133
 *                            (0x0000000000000000,0x0000000000000501,0x0000000000000500,0x0000000000000000)
 */
import type { Command, Reader, Taken } from './command.js';
import { writeHex } from './facts.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';

export const SUBJECT = 'bugcheck';
const ARGUMENTS = 4;

const CODE = /^Bugcheck code (?:0x)?([0-9a-f]{1,8})$/i;
const BREAK = /^\*{3} (?:Fatal System Error|STOP):\s{0,9}0x([0-9a-f]{1,8})\b(.{0,300})$/i;
const ARGUMENT_LINE = /^(?:Arguments\b|\(|(?:0x)?[0-9a-f`]{8,18}(?:[\s,)]|$))/i;
const DIGITS = /^(?:0x)?[0-9a-f]{1,8}(?:`?[0-9a-f]{1,8})?$/i;

export const bugcheck: Command = {
  name: '.bugcheck',
  isTyped: ({ name }) => name === '.bugcheck',
  begins: ({ trimmed }) =>
    (trimmed.startsWith('Bugcheck code ') && CODE.test(trimmed)) || (trimmed.startsWith('***') && BREAK.test(trimmed)),
  read: (log) => new BugcheckReader(log),
};

class BugcheckReader implements Reader {
  /** Number of the next argument; 0 before the code. */
  #next = 0;

  constructor(private readonly log: Log) {}

  take(line: KdLine): Taken {
    const { trimmed } = line;
    const code = CODE.exec(trimmed) ?? BREAK.exec(trimmed);
    if (code !== null) {
      if (this.#next > 0) return 'over';
      this.#next = 1;
      const taken = writeHex(this.log, SUBJECT, 'code', code[1], line);
      if (code[2] !== undefined) this.#arguments(line, code[2]);
      return taken;
    }
    if (this.#next === 0) return 'unread';
    if (this.#next > ARGUMENTS || !ARGUMENT_LINE.test(trimmed)) return 'over';
    return this.#arguments(line, trimmed);
  }

  #arguments(line: KdLine, text: string): Taken {
    let taken: Taken = 'ignored';
    for (const word of text.split(/[\s(),]+/)) {
      if (this.#next > ARGUMENTS || !DIGITS.test(word)) continue;
      taken = writeHex(this.log, SUBJECT, `arg${this.#next++}`, word, line);
    }
    return taken;
  }
}
