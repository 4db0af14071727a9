/**
 * Bugcheck 0xC4 with 0x62: a driver was unloaded and had not freed its pool. The fourth argument counts the blocks
 * (learn.microsoft.com/windows-hardware/drivers/debugger/bug-check-0xc4--driver-verifier-detected-violation).
 *
 *     DRIVER_VERIFIER_DETECTED_VIOLATION (c4)
 *     Arguments:
 *     Arg1: 00000062, A driver has forgotten to free its pool allocations prior to unloading.
 *     Arg4: 00000003, total # of (paged+nonpaged) allocations that weren't freed.
 */
import type { KdLine } from './line.js';
import type { Log } from './log.js';

const VIOLATION = 0xc4;
const NOT_FREED = 0x62;

/** What !analyze says of a bugcheck, argument by argument; this one counts the blocks. */
export class ViolationCounter {
  #isLeak = false;

  constructor(
    private readonly log: Log,
    private readonly code: number,
  ) {}

  argument(index: number, digits: string, line: KdLine): void {
    if (this.code !== VIOLATION) return;
    const value = Number.parseInt(digits.replace('`', ''), 16);
    if (index === 1) this.#isLeak = value === NOT_FREED;
    if (index !== 4 || !this.#isLeak) return;
    const name = 'verifier allocations not freed at unload';
    this.log.counter({ name, value, unit: 'count' }, this.log.snapshotOf('!analyze 0xc4'), line);
  }
}
