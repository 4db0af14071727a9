/**
 * Bugcheck 0xC4 with 0x62: a driver was unloaded and had not freed its pool. The fourth argument counts the blocks
 * (learn.microsoft.com/windows-hardware/drivers/debugger/bug-check-0xc4--driver-verifier-detected-violation).
 *
 *     DRIVER_VERIFIER_DETECTED_VIOLATION (c4)
 *     Arguments:
 *     Arg1: 00000062, A driver has forgotten to free its pool allocations prior to unloading.
 *     Arg4: 00000003, total # of (paged+nonpaged) allocations that weren't freed.
 */
import type { Command, Reader, Taken } from './command.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';

const BEGIN = /^DRIVER_VERIFIER_DETECTED_VIOLATION \(c4\)/i;
const ARGUMENT = /^Arg([1-4]):\s{1,9}([0-9a-f`]{1,17})\b/i;
const NOT_FREED = 0x62;
/** Words between the name and the arguments, and behind them. */
const MAX_LINES = 20;

export const verifierViolation: Command = {
  name: '!analyze 0xc4',
  isTyped: () => false,
  begins: ({ trimmed }) => BEGIN.test(trimmed),
  read: (log) => new ViolationReader(log),
};

class ViolationReader implements Reader {
  #lines = 0;
  #isLeak = false;

  constructor(private readonly log: Log) {}

  take(line: KdLine): Taken {
    if (++this.#lines > MAX_LINES) return 'over';
    const match = ARGUMENT.exec(line.trimmed);
    if (match === null) return 'ignored';
    const value = Number.parseInt(match[2].replace('`', ''), 16);
    if (match[1] === '1') this.#isLeak = value === NOT_FREED;
    if (match[1] !== '4') return 'ignored';
    this.#lines = MAX_LINES;
    if (!this.#isLeak) return 'ignored';
    return this.log.counter(
      { name: 'verifier allocations not freed at unload', value, unit: 'count' },
      this.log.snapshotOf(verifierViolation.name),
      line,
    );
  }
}
