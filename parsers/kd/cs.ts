/**
 * `!cs`: critical sections. https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-cs
 *
 *     -----------------------------------------
 *     DebugInfo          = 0x7c97e500
 *     Critical section   = 0x7c980600 (ntdll!ExampleLock+0x0)
 *     LOCKED
 *     LockCount          = 0x10
 *     WaiterWoken        = No
 *     OwningThread       = 0x000004a8
 *     RecursionCount     = 0x1
 *     LockSemaphore      = 0xC20
 *     SpinCount          = 0x00000000
 *     OwningThread       = .thread 89cd9c10
 *     ntdll!RtlpStackTraceDataBase is NULL. Probably the stack traces are not enabled.
 *
 * With an address the first two lines change places.
 */
import { parseAddress } from '../../src/core/symbol.js';
import { dumpLock } from '../../src/tables/dump-lock.js';
import type { Command, Reader, Taken } from './command.js';
import { type CriticalSection, emptySection, saysMore, semaphoreOf, writeSection } from './critical-section.js';
import { fed } from './fed.js';
import type { KdLine } from './line.js';
import { lockSymbol } from './lock-symbol.js';
import type { Log } from './log.js';
import { hexNumber } from './values.js';

const NAME = '!cs';

// Marks of a heading in front in some published logs.
const HEADING = /^#{1,6}\s{1,9}/;
const FIELD =
  /^(Critical section|DebugInfo|LockCount|WaiterWoken|OwningThread|RecursionCount|LockSemaphore|SpinCount|EntryCount|ContentionCount|OwningDbgThread|OwningDbgStack)\s{0,40}=\s{0,40}(.{0,400})$/i;
// `0x7c980600 (ntdll!ExampleLock+0x0)`
const PLACE = /^((?:0x)?[0-9a-f`]{1,17})(?:\s{1,40}\((.{0,300}?)\))?(?:\s|$)/i;
const FIRST = /^(?:Critical section|DebugInfo)\s{0,40}=\s{0,40}(?:0x)?[0-9a-f`]{4,17}\b/i;
const STATE = /^(NOT )?LOCKED(?=\s|$)/;
// `(ntdll!ExampleLock+0x0)`, which mail has put into the next line
const SYMBOL = /^\((\S.{0,300})\)$/;
// `.thread 89cd9c10`, `.thread /p /r fffffa8003c9e040`
const THREAD = /^\.thread\b.{0,20}?\s((?:0x)?(?:[0-9a-f]{8}`[0-9a-f]{8}|[0-9a-f]{8,16}))\b/i;
// `~~[1a4]`, `.thread (~~[0x1a4])`
const TID = /~~\[(?:0x)?([0-9a-f]{1,8})\]/i;
const RULE = /^-{5,200}$/;
// `Stack trace for DebugInfo = 0x6A262080:`, `0x6A2137BD: ntdll!RtlInitializeCriticalSectionAndSpinCount+0x9B`
const TRACE =
  /^(?:Stack trace for DebugInfo\b|(?:0x)?[0-9a-f`]{8,17}: \S{1,300}$|\S{1,40}!RtlpStackTraceDataBase is NULL)/i;
// `Tree root 00bb08c0`, and its columns of numbers
const TREE = /^(?:Tree root\s|Level\s{1,40}Node\s|\d{1,4}(?:\s{1,40}[0-9a-f`]{1,17}){6,12}$)/i;

export const cs: Command = {
  name: NAME,
  isTyped: ({ name }) => name === NAME,
  begins: ({ trimmed }) => /^[CD#]/.test(trimmed) && FIRST.test(trimmed.replace(HEADING, '')),
  read: (log, typed) => new Cs(log, typed !== null),
};

class Cs implements Reader {
  #section = emptySection();
  #line: KdLine | null = null;
  #hasSymbol = false;

  constructor(
    private readonly log: Log,
    private readonly isTyped: boolean,
  ) {}

  take(line: KdLine): Taken {
    const text = line.trimmed.replace(HEADING, '');
    if (RULE.test(text)) {
      this.#write();
      return 'ignored';
    }
    const state = STATE.exec(text);
    if (state !== null) return this.#feeds(line, { isLocked: state[1] === undefined });
    const field = FIELD.exec(text);
    if (field !== null) return this.#field(line, field[1].toLowerCase(), field[2]);
    if (TRACE.test(text) || TREE.test(text)) return 'ignored';
    const symbol = this.#hasSymbol || saysMore(this.#section) ? null : SYMBOL.exec(text);
    if (symbol !== null && this.#section.address !== null) {
      return this.#feeds(line, { symbol: lockSymbol(symbol[1]) });
    }
    return this.isTyped ? 'unread' : 'over';
  }

  /** What is behind a cut may be of another section. */
  cut(): void {
    this.#write();
  }

  end(): void {
    this.#write();
  }

  #field(line: KdLine, name: string, value: string): Taken {
    if (name === 'critical section') return this.#place(line, value);
    if (name === 'debuginfo') {
      // It stands in front of the address, or behind it: a section that says more has ended.
      if (saysMore(this.#section)) this.#write();
      return 'ignored';
    }
    if (name === 'owningthread') return this.#owner(line, value);
    if (name === 'waiterwoken') return this.#feeds(line, { waiterWoken: /^yes/i.test(value) });
    const number = NUMBERS[name];
    if (number === undefined) return 'ignored';
    const found = hexNumber(value.split(/[\s/]/)[0]);
    if (found === null) return this.log.skip('damaged-lock', 'lines of locks that cannot be read were skipped', line);
    return this.#feeds(line, number(found, value.trim()));
  }

  #place(line: KdLine, value: string): Taken {
    const match = PLACE.exec(value);
    if (match === null) return this.log.skip('damaged-lock', 'lines of locks that cannot be read were skipped', line);
    if (this.#section.address !== null || saysMore(this.#section)) this.#write();
    this.#hasSymbol = match[2] !== undefined;
    return this.#feeds(line, { address: parseAddress(match[1]), symbol: lockSymbol(match[2] ?? '') });
  }

  #owner(line: KdLine, value: string): Taken {
    const thread = THREAD.exec(value)?.[1];
    if (thread !== undefined) return this.#feeds(line, { ownerThread: parseAddress(thread) });
    const tid = TID.exec(value)?.[1] ?? (value.startsWith('.') ? '' : value.split(/[\s/]/)[0]);
    const number = hexNumber(tid);
    return number === null ? 'ignored' : this.#feeds(line, { ownerTid: number === 0 ? null : number });
  }

  #feeds(line: KdLine, values: Partial<CriticalSection>): Taken {
    this.#line ??= line;
    Object.assign(this.#section, values);
    return fed(this.log, dumpLock);
  }

  #write(): void {
    if (this.#line !== null) writeSection(this.log, this.#section, NAME, this.#line);
    this.#section = emptySection();
    this.#line = null;
    this.#hasSymbol = false;
  }
}

const NUMBERS: Readonly<Record<string, (value: number, text: string) => Partial<CriticalSection>>> = {
  lockcount: (lockCount) => ({ lockCount }),
  recursioncount: (recursionCount) => ({ recursionCount }),
  locksemaphore: (_, text) => ({ semaphore: semaphoreOf(text.split(/\s/)[0]) }),
  contentioncount: (contentionCount) => ({ contentionCount }),
};
