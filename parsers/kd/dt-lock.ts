/**
 * `dt` and `dx` of locks: critical sections, executive resources, fast and guarded mutexes, mutants.
 * https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/dt--display-type-
 *
 *     0: kd> dt -r1 ntdll!_RTL_CRITICAL_SECTION 0x0032be30
 *        +0x000 DebugInfo        : 0x0016c6d8 _RTL_CRITICAL_SECTION_DEBUG
 *           +0x004 CriticalSection  : 0x0032be30 _RTL_CRITICAL_SECTION
 *           +0x014 ContentionCount  : 0xac352
 *        +0x004 LockCount        : 0n-210
 *        +0x008 RecursionCount   : 0n1
 *        +0x00c OwningThread     : 0x00001c64 Void
 *
 *     0: kd> dt nt!_FAST_MUTEX fffffa80`03c9e040
 *        +0x000 Count            : 0n0
 *        +0x008 Owner            : 0xfffffa80`0cd8a040 _KTHREAD
 *
 *     0:000> dx -r1 (*((ntdll!_RTL_CRITICAL_SECTION *)0x7ff65e843650))
 *         [+0x008] LockCount        : -6 [Type: long]
 *
 * Without an address `dt` prints types in place of values: no row.
 */
import { parseAddress } from '../../src/core/symbol.js';
import { dumpLock } from '../../src/tables/dump-lock.js';
import type { Command, Reader, Taken } from './command.js';
import { emptySection, saysMore, semaphoreOf, writeSection } from './critical-section.js';
import { fed } from './fed.js';
import type { KdLine } from './line.js';
import { lockSymbol } from './lock-symbol.js';
import type { Log } from './log.js';
import type { Typed } from './prompt.js';
import { hexNumber } from './values.js';

const MAX_FIELDS = 200;

type Kind = 'critical-section' | 'eresource' | 'fast-mutex' | 'mutant';

// `ntdll!_RTL_CRITICAL_SECTION`, `CRITICAL_SECTION`, `(nt!_FAST_MUTEX *)`
const TYPE =
  /(?:^|[\s!(])_?(RTL_CRITICAL_SECTION|CRITICAL_SECTION|ERESOURCE|FAST_MUTEX|KGUARDED_MUTEX|KMUTANT|KMUTEX)(?=[\s*)]|$)/i;
const KINDS: Readonly<Record<string, Kind>> = {
  rtl_critical_section: 'critical-section',
  critical_section: 'critical-section',
  eresource: 'eresource',
  fast_mutex: 'fast-mutex',
  kguarded_mutex: 'fast-mutex',
  kmutant: 'mutant',
  kmutex: 'mutant',
};
// `+0x004 LockCount        : -210`, `[+0x008] LockCount        : -6 [Type: long]`
const FIELD = /^\[?\+0x([0-9a-f]{3,4})\]?\s{1,9}(\w{1,60})\s{0,60}:\s{0,9}(.{0,300}?)(?:\s{1,9}\[Type: .{0,200}\])?$/i;
// A critical section whose command the log does not show.
const FIRST_FIELD = /^\[?\+0x000\]? DebugInfo\s{0,60}: 0x[0-9a-f`]{1,17}(?: _RTL_CRITICAL_SECTION_DEBUG| \[Type:)/i;
// `ProcessA!_RTL_CRITICAL_SECTION`, which some versions print above the fields
const TYPE_LINE = /^(?:\w{1,64}!)?_\w{1,60}(?:\s|$)/;
const DX_LINE = /^\(.{1,300}\)\s{0,40}(?::.{0,200})?\[Type: .{1,200}\]$/;
const INT32 = 2 ** 32;

export const dtLock: Command = {
  name: 'dt (locks)',
  isTyped: (typed) => kindOf(typed) !== null,
  begins: ({ trimmed }) => /^\[?\+0x000/.test(trimmed) && FIRST_FIELD.test(trimmed),
  read: (log, typed) => new DtLock(log, typed),
};

function kindOf({ name, args }: Typed): Kind | null {
  if (!/^d[tx]/.test(name)) return null;
  // `dt_ERESOURCE 8055a180`: the blank was lost.
  const type = TYPE.exec(/^d[tx]$/.test(name) ? args : `${name.slice(2)} ${args}`)?.[1];
  return type === undefined ? null : KINDS[type.toLowerCase()];
}

class DtLock implements Reader {
  readonly #kind: Kind;
  readonly #fields = new Map<string, string>();
  #line: KdLine | null = null;
  /** The structure that fields in front of this one were of. */
  #inside = '';

  constructor(
    private readonly log: Log,
    private readonly typed: Typed | null,
  ) {
    this.#kind = (typed === null ? null : kindOf(typed)) ?? 'critical-section';
  }

  take(line: KdLine): Taken {
    const field = FIELD.exec(line.trimmed);
    if (field === null) return this.#other(line);
    const [, offset, name, value] = field;
    if (/^0+$/.test(offset) && this.#line !== null && this.#fields.has(name.toLowerCase())) {
      // Nested structures have names of their own: a first field that was seen is the next lock's.
      if (this.#kind === 'critical-section') this.#write();
    }
    this.#line ??= line;
    this.#keep(name.toLowerCase(), value.trim());
    return fed(this.log, dumpLock);
  }

  end(): void {
    this.#write();
  }

  #other({ trimmed }: KdLine): Taken {
    if (TYPE_LINE.test(trimmed) || DX_LINE.test(trimmed)) return 'ignored';
    return this.typed === null ? 'over' : 'unread';
  }

  #keep(name: string, value: string): void {
    // Of an owner entry only the one of the exclusive owner names who holds the resource.
    const key = name === 'ownerthread' && this.#inside !== '' ? `${this.#inside}.${name}` : name;
    if (this.#fields.size < MAX_FIELDS && !this.#fields.has(key)) this.#fields.set(key, value);
    if (/_OWNER_ENTRY\b/.test(value)) this.#inside = name;
  }

  #write(): void {
    const line = this.#line;
    if (line !== null && this.#kind === 'critical-section') this.#section(line);
    else if (line !== null) this.#kernelLock(line);
    this.#fields.clear();
    this.#line = null;
    this.#inside = '';
  }

  #section(line: KdLine): void {
    const { address, symbol } = placeIn(this.typed);
    const self = this.#address('criticalsection');
    const section = {
      ...emptySection(),
      isRaw: true,
      address: address ?? self,
      symbol,
      lockCount: int32(this.#number('lockcount')),
      recursionCount: this.#number('recursioncount'),
      ownerTid: this.#number('owningthread') || null,
      semaphore: semaphoreOf(firstWord(this.#fields.get('locksemaphore'))),
      contentionCount: this.#number('contentioncount'),
    };
    if (saysMore(section)) writeSection(this.log, section, 'dt', line);
  }

  #kernelLock(line: KdLine): void {
    const owner = this.#owner();
    const { address, symbol } = placeIn(this.typed);
    const active = this.#number('activeentries') ?? this.#number('activecount');
    if (owner === null && active === null && this.#number('count') === null) return;
    const isResource = this.#kind === 'eresource';
    const isLocked = isResource ? isHeld(owner, active) : owner !== null && this.#number('count') !== 1;
    const isExclusive = isLocked === true && isResource ? this.#isExclusive(owner) : isLocked || null;
    this.log.row(
      dumpLock,
      {
        lock: this.log.nextLock(),
        command: 'dt',
        kind: this.#kind,
        address,
        symbol,
        isLocked: isLocked === null ? null : Number(isLocked),
        isExclusive: isExclusive === null ? null : Number(isExclusive),
        // The owner that is left in a resource which nobody holds is the last one.
        ownerThread: isLocked === true && isExclusive !== false ? owner : null,
        contentionCount: this.#number('contentioncount') ?? this.#number('contention'),
        sharedWaiters: this.#number('numberofsharedwaiters'),
        exclusiveWaiters: this.#number('numberofexclusivewaiters'),
      },
      line,
    );
  }

  #owner(): bigint | null {
    const entry = this.#kind === 'eresource' ? this.#address('ownerentry.ownerthread') : this.#address('ownerthread');
    const owner = entry ?? this.#address('owner');
    // Low bits of the word are flags.
    return owner === null || owner < 0x1000n ? null : owner & ~3n;
  }

  /** Flag 0x80 of a resource: owned exclusively; null where neither it nor an owner was printed. */
  #isExclusive(owner: bigint | null): boolean | null {
    const flags = this.#number('flag');
    if (flags !== null) return (flags & 0x80) !== 0;
    return owner === null ? null : true;
  }

  #address(name: string): bigint | null {
    const address = /^0x[0-9a-f`]{1,17}/i.exec(this.#fields.get(name) ?? '')?.[0];
    const value = address === undefined ? null : parseAddress(address);
    return value === 0n ? null : value;
  }

  #number(name: string): number | null {
    const text = this.#fields.get(name);
    return text === undefined ? null : numberOf(firstWord(text));
  }
}

/** Whether a resource is held: threads that hold it are counted; null where neither a count nor an owner was printed. */
function isHeld(owner: bigint | null, active: number | null): boolean | null {
  if (active !== null) return active > 0;
  return owner === null ? null : true;
}

const firstWord = (text: string | undefined): string => (text ?? '').split(/\s/)[0];

/** `-210`, `0n-22`, `-0n22`, `0x34`. */
function numberOf(word: string): number | null {
  const decimal = /^(-?)(?:0n)?(-?)(\d{1,15})$/.exec(word);
  if (decimal !== null) return Number(decimal[3]) * (decimal[1] !== decimal[2] ? -1 : 1);
  return /^0x/i.test(word) ? hexNumber(word) : null;
}

/** A value that was printed without its sign. */
const int32 = (value: number | null): number | null =>
  value !== null && value >= INT32 / 2 && value < INT32 ? value - INT32 : value;

/** Where the lock lies: an address or a symbol among the arguments. */
function placeIn(typed: Typed | null): { address: bigint | null; symbol: string | null } {
  const args = typed?.args ?? '';
  const pointer = /\*\s{0,9}\)\s{0,9}(0x[0-9a-f`]{5,17})/i.exec(args)?.[1];
  const words = args.split(/\s{1,99}/).filter((word) => !TYPE.test(word) && !/^[-/]/.test(word));
  const bare = words.find((word) => /^(?:0x)?[0-9a-f`]{5,17}$/i.test(word));
  const symbol = words.find((word) => /^&?\w{1,64}!\S{1,200}$/.test(word));
  const address = pointer ?? bare;
  return {
    address: address === undefined ? null : parseAddress(address),
    symbol: symbol === undefined ? null : lockSymbol(symbol.replace(/^&/, '')),
  };
}
