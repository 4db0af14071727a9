/**
 * What a handle stands for, where threads wait for such: a thread, a mutant, a process.
 *
 *     Handle 48
 *       Type         	Thread
 *       Name         	<none>
 *       Object Specific Information
 *         Thread Id   a74.111
 *         Priority    10
 *
 *     Handle 4c
 *       Type         	Mutant
 *       Name         	\BaseNamedObjects\Sample
 *       Object specific information
 *         Mutex is Owned
 *         Mutant Owner a74.100
 *
 *     0048: Object: 89d00420  GrantedAccess: 001f03ff Entry: e1001090
 *     Object: 89d00420  Type: (8a8bd5c8) Thread
 */
import { parseAddress } from '../../src/core/symbol.js';
import type { Taken } from './command.js';
import { hex } from './counted.js';
import { writeFact } from './facts.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import { ADDRESS, hexNumber } from './values.js';

const WAITED_FOR = /^(?:Thread|Mutant|Process)$/;

// User mode.
const HANDLE = /^Handle (?:0x)?([0-9a-f]{1,16})$/i;
const TYPE = /^Type\s{1,20}(\S.{0,60})$/;
const NAME = /^Name\s{1,20}(\S.{0,400})$/;
const THREAD = /^Thread Id\s{1,9}((?:0x)?[0-9a-f]{1,8}\.(?:0x)?[0-9a-f]{1,8})$/i;
const OWNER = /^(?:Mutant|Mutex) Owner:?\s{1,9}((?:0x)?[0-9a-f]{1,8}\.(?:0x)?[0-9a-f]{1,8})$/i;
const OTHER =
  /^(?:Type\s|Attributes\s|GrantedAccess\s|HandleCount\s|PointerCount\s|Name\s|No object specific|Object specific information|(?:Mutex|Mutant) is |Event (?:Type|is) |Semaphore |(?:Base )?Priority\s|Start Address |Process Id\s|Parent Process\s|\d{1,9} handles? of type )/i;
// `Delete,ReadControl,WriteDac,WriteOwner,Synch`
const ACCESS = /^(?:Synch|None|QueryState|[A-Z]\w{1,24}(?:,[A-Z]\w{1,24}){1,24})$/;

// The kernel debugger.
const ENTRY = new RegExp(`^([0-9a-f]{1,8}): Object: (${ADDRESS})(?:\\s|$)`, 'i');
const OBJECT = new RegExp(
  `^(?:([0-9a-f]{1,8}): )?Object: (${ADDRESS})\\s{1,9}Type: \\(${ADDRESS}\\) (\\S.{0,60})$`,
  'i',
);

export class HandleDetails {
  /** The handle that is being told of: hex digits with 0x. */
  #handle: string | null = null;
  #isUserMode = false;
  #isWaitedFor = false;

  constructor(
    private readonly log: Log,
    private process: bigint | null,
    private readonly isTyped: boolean,
  ) {}

  /** Handles of another process follow. */
  of(process: bigint): void {
    this.process = process;
    this.#handle = null;
  }

  /** Null where the line says nothing of one handle. */
  take(line: KdLine): Taken | null {
    const { trimmed } = line;
    const handle = HANDLE.exec(trimmed)?.[1];
    if (handle !== undefined) {
      this.#begin(handle, true);
      return 'ignored';
    }
    if (this.#handle !== null && this.#isUserMode) return this.#ofHandle(line);
    if (this.isTyped && OTHER.test(trimmed)) return 'ignored';
    return this.#ofKernel(line);
  }

  #begin(digits: string, isUserMode: boolean): void {
    const number = hexNumber(digits);
    this.#handle = number === null ? null : `0x${number.toString(16)}`;
    this.#isUserMode = isUserMode;
    this.#isWaitedFor = false;
  }

  #ofHandle(line: KdLine): Taken | null {
    const { trimmed } = line;
    const type = TYPE.exec(trimmed)?.[1].trim();
    if (type !== undefined && type !== 'Count') {
      this.#isWaitedFor = WAITED_FOR.test(type);
      return this.#told('type', type, line);
    }
    const name = NAME.exec(trimmed)?.[1];
    if (name !== undefined) return name === '<none>' ? 'ignored' : this.#told('name', name, line);
    const thread = THREAD.exec(trimmed)?.[1];
    if (thread !== undefined) return this.#told('thread', thread, line);
    const owner = OWNER.exec(trimmed)?.[1];
    if (owner !== undefined) return this.#told('owner', owner, line);
    return type === undefined && (OTHER.test(trimmed) || ACCESS.test(trimmed)) ? 'ignored' : null;
  }

  /** The type stands behind the object, in the line below the handle. */
  #ofKernel(line: KdLine): Taken | null {
    const { trimmed } = line;
    if (!trimmed.includes('Object: ')) return null;
    const entry = ENTRY.exec(trimmed);
    if (entry !== null) this.#begin(entry[1], false);
    const object = OBJECT.exec(trimmed);
    if (object === null) return null;
    const address = parseAddress(object[2]);
    const type = object[3].trim();
    this.#isWaitedFor = WAITED_FOR.test(type);
    if (address === null) return null;
    this.#told('type', type, line);
    return this.#told('object', hex(address), line);
  }

  #told(name: string, value: string, line: KdLine): Taken {
    if (this.#handle === null || !this.#isWaitedFor) return 'ignored';
    const of = this.process === null ? 'current' : hex(this.process);
    return writeFact(this.log, { subject: `handle ${this.#handle} of ${of}`, name, value }, line);
  }
}
