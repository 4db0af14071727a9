/**
 * `!locks` and `!critsec` of user-mode debuggers.
 * https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-locks---ntsdexts-locks-
 *
 *     CritSec ntdll!ExampleLock+0 at 00000000770f5ff8
 *     WaiterWoken        No
 *     LockCount          2
 *     RecursionCount     1
 *     OwningThread       1b4c
 *     EntryCount         0
 *     ContentionCount    1d47
 *     *** Locked
 *
 *     Scanned 37 critical sections
 */
import { parseAddress } from '../../src/core/symbol.js';
import { dumpLock } from '../../src/tables/dump-lock.js';
import type { Command, Reader, Taken } from './command.js';
import { emptySection, writeSection } from './critical-section.js';
import { fed } from './fed.js';
import type { KdLine } from './line.js';
import { lockSymbol } from './lock-symbol.js';
import type { Log } from './log.js';
import { hexNumber } from './values.js';

const NAMES = new Set(['!locks', '!critsec']);

// `CritSec example!g_lock+a8 at 68629100`, `CritSec +24e750 at 24e750`, and what is behind it in some published logs
const FIRST = /^CritSec (.{0,300}?)\s{0,40}\bat\s{1,40}((?:0x)?(?:[0-9a-f]{8}`[0-9a-f]{8}|[0-9a-f]{4,16}))(?=\s|$)/i;
const FIELD = /^(WaiterWoken|LockCount|RecursionCount|OwningThread|EntryCount|ContentionCount)\s{1,40}(\S.{0,200})$/i;
const LOCKED = /^\*{3} Locked\b/i;
const SCANNED = /^(?:Scanned \d{1,9} critical sections|Stopped scanning)/i;

export const ntsdLocks: Command = {
  name: '!locks (ntsd)',
  isTyped: ({ name }) => NAMES.has(name),
  begins: ({ trimmed }) => trimmed.startsWith('CritSec ') && FIRST.test(trimmed),
  read: (log, typed) => new NtsdLocks(log, typed?.name ?? '!locks', typed !== null),
};

class NtsdLocks implements Reader {
  #section = emptySection();
  #line: KdLine | null = null;

  constructor(
    private readonly log: Log,
    private readonly command: string,
    private readonly isTyped: boolean,
  ) {}

  take(line: KdLine): Taken {
    const { trimmed } = line;
    const first = FIRST.exec(trimmed);
    if (first !== null) return this.#first(first, line);
    if (SCANNED.test(trimmed)) return 'ignored';
    if (this.#line !== null) {
      const field = FIELD.exec(trimmed);
      if (field !== null) return this.#field(line, field[1].toLowerCase(), field[2]);
      if (LOCKED.test(trimmed)) {
        this.#section.isLocked = true;
        return fed(this.log, dumpLock);
      }
    }
    return this.isTyped ? 'unread' : 'over';
  }

  cut(): void {
    this.end();
  }

  end(): void {
    if (this.#line !== null) writeSection(this.log, this.#section, this.command, this.#line);
    this.#section = emptySection();
    this.#line = null;
  }

  #first([, symbol, address]: RegExpExecArray, line: KdLine): Taken {
    this.end();
    this.#line = line;
    this.#section.address = parseAddress(address);
    this.#section.symbol = lockSymbol(symbol);
    return fed(this.log, dumpLock);
  }

  #field(line: KdLine, name: string, value: string): Taken {
    const section = this.#section;
    const [word] = value.split(/[\s/]/);
    if (name === 'waiterwoken') section.waiterWoken = /^yes/i.test(value);
    else if (name === 'lockcount' && /^not locked/i.test(value)) section.isLocked = false;
    else {
      // LockCount and RecursionCount are decimal, all others hex.
      const number = name.endsWith('count') && !/^(?:entry|contention)/.test(name) ? decimal(word) : hexNumber(word);
      if (number === null)
        return this.log.skip('damaged-lock', 'lines of locks that cannot be read were skipped', line);
      if (name === 'entrycount') return 'ignored';
      if (name === 'lockcount') {
        section.lockCount = number;
        section.isLocked ??= number >= 0;
      } else if (name === 'recursioncount') section.recursionCount = number;
      else if (name === 'owningthread') section.ownerTid = number === 0 ? null : number;
      else section.contentionCount = number;
    }
    return fed(this.log, dumpLock);
  }
}

const decimal = (text: string): number | null => (/^-?\d{1,12}$/.test(text) ? Number(text) : hexNumber(text));
