/**
 * The lines between the first one of a thread and its stack, each known by how it begins:
 *
 *         89d4779c  Semaphore Limit 0x1
 *     Waiting for reply to LPC MessageId 0000acfd:
 *     Current LPC port e5501c28
 *     IRP List:
 *         89b49008: (0006,01d8) Flags: 00000030  Mdl: 00000000
 *     Owning Process            89d6d8e8       Image:         ServiceA.exe
 *     Attached Process          N/A            Image:         N/A
 *     Wait Start TickCount      1845699        Ticks: 1284370 (0:05:34:28.281)
 *     WaitTime (seconds)        32278
 *     Context Switch Count      149            IdealProcessor: 2             LargeStack
 *     UserTime                  00:00:00.000
 *     Win32 Start Address kernel32!Foo (0x5e95a798)
 *     LPC Server thread working on message Id acfd
 *     Stack Init b88a1000 Current b88a0c50 Base b88a1000 Limit b889e000 Call 0
 *     Priority 7 BasePriority 7 PriorityDecrement 0 DecrementCount 0
 *     Kernel stack not resident.
 */
import { parseAddress } from '../../src/core/symbol.js';
import { dumpThread, dumpThreadIrp, dumpWaitObject } from '../../src/tables/dump-thread.js';
import type { Taken } from './command.js';
import { durationMs } from './durations.js';
import { fed, plainHex } from './fed.js';
import { digitAt, wordAt } from './hex.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import { NOT_RESIDENT } from './stack-frames.js';
import { readCounts } from './thread-head.js';
import type { ThreadRecord } from './thread-record.js';

const POINTER = '(?:0x)?[0-9a-f`]{8,17}';
// `89d4779c  Semaphore Limit 0x1`, `fffffa80…  Mutant - owning thread fffffa80…`
const OBJECT = new RegExp(
  `^(${POINTER})\\s{1,40}([A-Z][A-Za-z]{2,40})(?:\\s{1,9}Limit:?\\s{0,9}(?:0x)?([0-9a-f]{1,8})|\\s{0,9}-\\s{0,9}owning thread:?\\s{0,9}(${POINTER})|\\s{0,9}[-(/<\\[].{0,200})?$`,
  'i',
);
// `89b49008: (0006,01d8) Flags: 00000030  Mdl: 00000000`
const IRP = new RegExp(
  `^(${POINTER}):\\s{0,9}\\([0-9a-f]{1,8},\\s?[0-9a-f]{1,8}\\)\\s{0,9}Flags:\\s{0,9}(?:0x)?([0-9a-f]{1,8})(?:\\s{1,40}Mdl:\\s{0,9}((?:0x)?[0-9a-f\`]{1,17}))?`,
  'i',
);
const PROCESS = /^(?:Owning|Attached) Process:?\s{1,40}(\S{1,18})(?:\s{1,40}Image:\s{0,40}(\S.{0,80}?))?$/i;
const TICKS = /Ticks:\s{0,9}(-?\d{1,20})(?:\s{0,9}\(\s?(-?[\d:.]{5,30})\s?\))?/i;
const START = /^Wait ?Start TickCount:?\s{1,40}(\d{1,20})(?:\s{1,40}(\S.{0,80}))?$/i;
const WAIT_TIME = /^WaitTime\s{0,9}\((seconds|ticks)\):?\s{1,40}(\d{1,20})$/i;
const SWITCHES = /^Context Switch Count:?\s{1,40}(\d{1,20})\b/i;
const TIME = /^(?:User|Kernel)Time:?\s{1,40}(\S.{0,40})$/i;
const LPC = /^Waiting for reply to (?:LPC )?Message ?Id:?\s{1,9}(?:0x)?([0-9a-f]{1,16}):?/i;
const ALPC = new RegExp(`ALPC Message:?\\s{1,9}(${POINTER})`, 'i');
const QUEUED = new RegExp(`queued at port:?\\s{1,9}(${POINTER})`, 'i');
const OWNED = new RegExp(`owned by process:?\\s{1,9}(${POINTER})`, 'i');
const LPC_PORT = new RegExp(`^Current LPC port:?\\s{1,9}(${POINTER})`, 'i');
const WORKING = /^LPC Server thread working on message Id:?\s{1,9}(?:0x)?([0-9a-f]{1,16})\b/i;
const START_ADDRESS = /^(?:Win32 )?Start Address:?\s{1,40}(\S.{0,400})$/i;
// ` (0x5e95a798)` behind a routine
const BEHIND_ROUTINE = /\s{1,9}\((?:0x)?[0-9a-f`]{4,17}\)$/i;
const PRIORITY = /^Priority:?\s{1,9}(-?\d{1,3})(?:\s{1,9}BasePriority:?\s{1,9}(-?\d{1,3}))?\b/i;
// Sound, and of no table.
const KNOWN =
  /^(?:IRP List:|Not impersonating|Impersonation token|No active impersonation|DeviceMap\b|Pending LPC Reply Message|Stack Init\b|Base [0-9a-f`]{8}|Initial Sp\b|IdealProcessor|Ideal Processor|Scheduling Group|Thread Name|GetU[Ll]ong|GetPointer|Unable to (?:get|read)|Could not|Wow64|WOW64|LargeStack|NoStackSwap|Child Process|ServiceTable|\*{3} (?:ERROR|WARNING)|[0-9a-f`]{8,17}:\s{0,9}\[[0-9a-f`]{8,17},)/;
const NO_VALUE = /^(?:0|N\/A|<.{0,40}>|\?{1,8})$/i;
/** Values of 32 bits that have run below 0. */
const BELOW_ZERO = 2 ** 31;
const MAX_ROUTINE = 300;

/** Fields of which a thread has one each: a second one belongs to something else. */
enum Field {
  Owning = 1,
  Attached = 2,
  WaitStart = 4,
  Switches = 8,
  User = 16,
  Kernel = 32,
  Start = 64,
  Win32Start = 128,
  Priority = 256,
}

export class ThreadFields {
  #seen = 0;
  /** Lines that may go on in the next one. */
  #isTicksOpen = false;
  #isAlpcOpen = false;

  constructor(
    private readonly log: Log,
    private readonly record: ThreadRecord,
  ) {}

  /** What a line is of this thread; null for nothing. */
  take(line: KdLine): Taken | null {
    const { trimmed } = line;
    const [isTicksOpen, isAlpcOpen] = [this.#isTicksOpen, this.#isAlpcOpen];
    this.#isTicksOpen = false;
    this.#isAlpcOpen = false;
    if (isTicksOpen && trimmed.startsWith('Ticks:')) return this.#ticks(trimmed) ? this.#fed() : null;
    if (isAlpcOpen && this.#alpc(trimmed)) return this.#fed();
    return this.#named(trimmed) ?? this.#listed(line);
  }

  #fed(): Taken {
    return fed(this.log, dumpThread);
  }

  /** Tells lines apart by their first letter: blocks of threads are most of a log. */
  #named(trimmed: string): Taken | null {
    switch (trimmed.charCodeAt(0)) {
      case 0x57: // W
        return this.#waitOrWin32(trimmed);
      case 0x4f: // O
        return this.#process(trimmed, Field.Owning);
      case 0x41: // A
        return this.#process(trimmed, Field.Attached);
      case 0x43: // C
        return this.#switches(trimmed) ?? this.#lpcPort(trimmed);
      case 0x55: // U
        return this.#time(trimmed, Field.User) ?? known(trimmed);
      case 0x4b: // K
        return this.#time(trimmed, Field.Kernel) ?? this.#notResident(trimmed);
      case 0x53: // S
        return this.#start(trimmed) ?? this.#notResident(trimmed) ?? this.#counts(trimmed) ?? known(trimmed);
      case 0x50: // P
        return this.#priority(trimmed) ?? known(trimmed);
      case 0x4c: // L
        return this.#workingOn(trimmed) ?? known(trimmed);
      case 0x46: // F
        return this.#counts(trimmed);
      default:
        return known(trimmed);
    }
  }

  /** Rows of the lists of wait objects and IRPs begin with an address. */
  #listed(line: KdLine): Taken | null {
    const { trimmed } = line;
    if (wordAt(trimmed, 0) < 0 && digitAt(trimmed, 0) !== 0) return null;
    const object = OBJECT.exec(trimmed);
    if (object !== null) {
      const [, address, type, limit, owner] = object;
      this.record.addObject({
        object: parseAddress(address),
        type,
        limit: limit === undefined ? null : Number.parseInt(limit, 16),
        owner: owner === undefined ? null : parseAddress(owner),
        line,
      });
      return fed(this.log, dumpWaitObject);
    }
    const irp = IRP.exec(trimmed);
    if (irp === null) return null;
    this.record.addIrp({
      irp: parseAddress(irp[1]),
      flags: irp[2],
      mdl: irp[3] === undefined ? null : parseAddress(irp[3]),
      line,
    });
    return fed(this.log, dumpThreadIrp);
  }

  #waitOrWin32(trimmed: string): Taken | null {
    if (trimmed.startsWith('Win32 S')) return this.#start(trimmed);
    if (trimmed.startsWith('WaitTime')) return this.#waitTime(trimmed);
    if (trimmed.startsWith('Wait')) return this.#waitStart(trimmed) ?? this.#waitingFor(trimmed);
    return known(trimmed);
  }

  #waitStart(trimmed: string): Taken | null {
    const match = START.exec(trimmed);
    if (match === null) return null;
    if (!this.#first(Field.WaitStart)) return null;
    const { record } = this;
    record.waitStartTicks = Number(match[1]);
    const rest = match[2];
    if (rest === undefined) {
      // The wait began behind the time of the dump, unless mail has put the rest into the next line.
      record.beganAfterNow = 1;
      this.#isTicksOpen = true;
    } else this.#ticks(rest);
    return this.#fed();
  }

  /** `Ticks: 1284370 (0:05:34:28.281)` */
  #ticks(text: string): boolean {
    const match = TICKS.exec(text);
    if (match === null) return false;
    const { record } = this;
    const ticks = Number(match[1]);
    const isBelowZero = ticks < 0 || (ticks >= BELOW_ZERO && ticks < 2 ** 32) || ticks >= 2 ** 63;
    record.beganAfterNow = isBelowZero ? 1 : null;
    record.waitTicks = isBelowZero ? null : ticks;
    record.waitMs = isBelowZero || match[2] === undefined ? null : durationMs(match[2]);
    return true;
  }

  /** `WaitTime (ticks)` is the tick count at which the wait began, `WaitTime (seconds)` how long it has lasted. */
  #waitTime(trimmed: string): Taken | null {
    const match = WAIT_TIME.exec(trimmed);
    if (match === null || !this.#first(Field.WaitStart)) return null;
    if (/^s/i.test(match[1])) this.record.waitMs = Number(match[2]) * 1000;
    else this.record.waitStartTicks = Number(match[2]);
    return this.#fed();
  }

  #waitingFor(trimmed: string): Taken | null {
    const lpc = LPC.exec(trimmed);
    if (lpc !== null) {
      this.record.lpcMessage = plainHex(lpc[1]);
      return this.#fed();
    }
    return this.#alpc(trimmed) ? this.#fed() : null;
  }

  /** `Waiting for reply to ALPC Message X : queued at port P : owned by process Q`, which mail may wrap. */
  #alpc(trimmed: string): boolean {
    const [message, port, owner] = [ALPC, QUEUED, OWNED].map((pattern) => pattern.exec(trimmed)?.[1]);
    if (message === undefined && port === undefined && owner === undefined) return false;
    const { record } = this;
    if (message !== undefined) record.alpcMessage = parseAddress(message);
    if (port !== undefined) record.alpcPort = parseAddress(port);
    if (owner !== undefined) record.alpcOwner = parseAddress(owner);
    this.#isAlpcOpen = owner === undefined;
    return true;
  }

  #process(trimmed: string, field: Field.Owning | Field.Attached): Taken | null {
    const match = PROCESS.exec(trimmed);
    if (match === null) return known(trimmed);
    const isOwning = trimmed.charCodeAt(0) === 0x4f;
    if (isOwning !== (field === Field.Owning) || !this.#first(field)) return null;
    const address = NO_VALUE.test(match[1]) ? null : parseAddress(match[1]);
    const image = match[2] === undefined || NO_VALUE.test(match[2]) ? null : match[2];
    const { record } = this;
    if (isOwning) {
      record.processAddress = address;
      record.image = image;
    } else {
      record.attachedAddress = address;
      record.attachedImage = image;
    }
    return this.#fed();
  }

  #switches(trimmed: string): Taken | null {
    const match = SWITCHES.exec(trimmed);
    if (match === null || !this.#first(Field.Switches)) return null;
    this.record.contextSwitches = Number(match[1]);
    return this.#fed();
  }

  #lpcPort(trimmed: string): Taken | null {
    const match = LPC_PORT.exec(trimmed);
    if (match === null) return known(trimmed);
    this.record.lpcPort = parseAddress(match[1]);
    return this.#fed();
  }

  #time(trimmed: string, field: Field.User | Field.Kernel): Taken | null {
    const match = TIME.exec(trimmed);
    if (match === null || !this.#first(field)) return null;
    const ms = durationMs(match[1].trim());
    if (field === Field.User) this.record.userMs = ms;
    else this.record.kernelMs = ms;
    return this.#fed();
  }

  #start(trimmed: string): Taken | null {
    const match = START_ADDRESS.exec(trimmed);
    if (match === null) return null;
    const isWin32 = trimmed.charCodeAt(0) === 0x57;
    if (!this.#first(isWin32 ? Field.Win32Start : Field.Start)) return null;
    const routine = match[1].replace(BEHIND_ROUTINE, '').slice(0, MAX_ROUTINE);
    if (isWin32) this.record.win32StartRoutine = routine;
    else this.record.startRoutine = routine;
    return this.#fed();
  }

  #workingOn(trimmed: string): Taken | null {
    const match = WORKING.exec(trimmed);
    if (match === null) return null;
    this.record.lpcWorkingOn = plainHex(match[1]);
    return this.#fed();
  }

  #priority(trimmed: string): Taken | null {
    const match = PRIORITY.exec(trimmed);
    if (match === null || !this.#first(Field.Priority)) return null;
    this.record.priority = Number(match[1]);
    this.record.basePriority = match[2] === undefined ? null : Number(match[2]);
    return this.#fed();
  }

  #notResident(trimmed: string): Taken | null {
    if (!NOT_RESIDENT.test(trimmed)) return known(trimmed);
    this.record.stackNotResident = 1;
    return this.#fed();
  }

  #counts(trimmed: string): Taken | null {
    return /^(?:Suspend|Freeze)Count/i.test(trimmed) && readCounts(trimmed, this.record) ? this.#fed() : null;
  }

  /** False where the thread has the field already. */
  #first(field: Field): boolean {
    if ((this.#seen & field) !== 0) return false;
    this.#seen |= field;
    return true;
  }
}

const known = (trimmed: string): Taken | null => (KNOWN.test(trimmed) ? 'ignored' : null);
