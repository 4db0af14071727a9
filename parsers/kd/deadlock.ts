/**
 * `!deadlock`: what Driver Verifier found, in which order threads took locks.
 * https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-deadlock
 *
 *     Deadlock detected (2 resources in 2 threads):
 *
 *     Thread 0: A B
 *     Thread 1: B A
 *
 *     Where:
 *     Thread 0 = 8d3ba030
 *     Lock A =   bba2af30 Type 'Spinlock'
 *
 * `!deadlock 1` prints the same with the stacks at which the locks were taken:
 *
 *     Thread 0 (8D14F750) took locks in the following order:
 *
 *         Lock A -- b7906f30 (Spinlock)
 *         Stack:   example!ExampleActivate+0x63
 *                  example!ExampleOpen+0x2E1
 */
import { dumpFact } from '../../src/tables/dump-system.js';
import type { Command, Reader, Taken } from './command.js';
import { fed } from './fed.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';

const NAME = '!deadlock';
const SUBJECT = 'deadlock';
const MAX_LOCKS = 100;

const FIRST = /^Deadlock detected \(\d{1,6} resources? in \d{1,6} threads?\)/i;
// `Thread 0: A B`
const ORDER = /^Thread (\d{1,4}): ([A-Z]{1,3}(?: [A-Z]{1,3}){0,60})$/i;
// `Thread 0 = 8d3ba030`
const THREAD = /^Thread (\d{1,4}) = {0,9}([0-9a-f`x]{4,18})\b/i;
// `Lock A =   bba2af30 Type 'Spinlock'`, `Lock B =   example!g_lock Type 'Spinlock'`
const LOCK = /^Lock ([A-Z]{1,3}) =\s{0,40}(\S{1,200})(?:\s{1,9}Type '([^']{1,60})')?/i;
// `Thread 0 (8D14F750) took locks in the following order:`
const TOOK = /^Thread (\d{1,4}) \(([0-9a-f`x]{4,18})\) took locks\b/i;
// `Lock A -- b7906f30 (Spinlock)`
const TAKEN = /^Lock ([A-Z]{1,3}) --\s{0,9}(\S{1,200})(?:\s{1,9}\(([^)]{1,60})\))?/i;
// `Stack:   example!ExampleActivate+0x63`, `Stack:   << Current stack >>`
const STACK = /^Stack:\s{0,40}(\S.{0,300})$/i;
const FRAME = /^[\w.~$-]{1,64}(?:!|\+0x)\S/;

export const deadlock: Command = {
  name: NAME,
  isTyped: ({ name }) => name === NAME,
  begins: ({ trimmed }) => trimmed.startsWith('Deadlock detected') && FIRST.test(trimmed),
  read: (log, typed) => new Deadlock(log, typed !== null),
};

class Deadlock implements Reader {
  readonly #locks = new Set<string>();
  /** Thread whose locks are being listed. */
  #thread: string | null = null;
  #threadLine: KdLine | null = null;
  #order: string[] = [];
  #hasBegun = false;

  constructor(
    private readonly log: Log,
    private readonly isTyped: boolean,
  ) {}

  take(line: KdLine): Taken {
    const { trimmed } = line;
    if (FIRST.test(trimmed)) {
      this.end();
      this.#hasBegun = true;
      return 'ignored';
    }
    if (this.#hasBegun) {
      const taken = this.#summary(line) ?? this.#detail(line);
      if (taken !== null) return taken;
    }
    return this.isTyped ? 'unread' : 'over';
  }

  end(): void {
    if (this.#thread !== null && this.#threadLine !== null && this.#order.length > 0) {
      this.#fact(`order ${this.#thread}`, this.#order.join(' '), this.#threadLine);
    }
    this.#thread = null;
    this.#order = [];
    this.#locks.clear();
  }

  #summary(line: KdLine): Taken | null {
    const { trimmed } = line;
    if (trimmed === 'Where:') return 'ignored';
    const order = ORDER.exec(trimmed);
    if (order !== null) return this.#fact(`order ${order[1]}`, order[2], line);
    const thread = THREAD.exec(trimmed);
    if (thread !== null) return this.#fact(`thread ${thread[1]}`, thread[2], line);
    const lock = LOCK.exec(trimmed);
    return lock === null ? null : this.#lock(lock, line);
  }

  #detail(line: KdLine): Taken | null {
    const { trimmed } = line;
    const took = TOOK.exec(trimmed);
    if (took !== null) {
      const locks = new Set(this.#locks);
      this.end();
      for (const name of locks) this.#locks.add(name);
      this.#thread = took[1];
      this.#threadLine = line;
      return this.#fact(`thread ${took[1]}`, took[2], line);
    }
    if (this.#thread === null) return null;
    const taken = TAKEN.exec(trimmed);
    if (taken !== null) {
      if (this.#order.length < MAX_LOCKS) this.#order.push(taken[1]);
      return this.#lock(taken, line);
    }
    const stack = STACK.exec(trimmed);
    if (stack === null) return FRAME.test(trimmed) ? 'ignored' : null;
    return this.#fact(`taken ${this.#thread} ${this.#order.at(-1) ?? ''}`.trim(), stack[1], line);
  }

  #lock([, name, place, type]: RegExpExecArray, line: KdLine): Taken {
    // The detailed form names a lock once for each thread.
    if (this.#locks.has(name)) return fed(this.log, dumpFact);
    if (this.#locks.size < MAX_LOCKS) this.#locks.add(name);
    const taken = this.#fact(`lock ${name}`, place, line);
    if (type !== undefined) this.#fact(`lock ${name} type`, type, line);
    return taken;
  }

  #fact(name: string, value: string, line: KdLine): Taken {
    return this.log.row(dumpFact, { subject: SUBJECT, name, value }, line);
  }
}
