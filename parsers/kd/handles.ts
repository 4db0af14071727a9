/**
 * `!handle`: how many handles a process has, and of which types; what those of threads, mutants and processes stand for.
 * https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-handle
 *
 *     0:000> !handle 0 0
 *     6 Handles
 *     Type            Count
 *     Event           3
 *
 *     0:000> !handle 4c f
 *     Handle 4c
 *       Type         	Mutant
 *       Object Specific Information
 *         Mutex is Owned
 *         Mutant Owner a74.100
 *
 *     kd> !handle 0 3
 *     Handle table at fffff8a00066f700 with 39 entries in use
 *     0040: Object: fffff8a000633f00  GrantedAccess: 00000006 Entry: fffff8a000670100
 *     Object: fffff8a000633f00  Type: (fffffa80035fef20) Section
 *         ObjectHeader: fffff8a000633ed0 (new version)
 *             HandleCount: 1  PointerCount: 262144
 *
 * The kernel debugger prints the process in front; its number of types is counted here.
 */
import { parseAddress } from '../../src/core/symbol.js';
import { dumpFact } from '../../src/tables/dump-system.js';
import type { Command, Reader, Taken } from './command.js';
import { countFact, hex } from './counted.js';
import { fed } from './fed.js';
import { HandleDetails } from './handle-details.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import { ADDRESS } from './values.js';

const NAME = '!handle';
const MAX_TYPES = 500;

const PROCESS = new RegExp(`^PROCESS (${ADDRESS})(?:\\s|$)`, 'i');
// `New version of handle table at e1002000 with 380 Entries in use`, `Kernel handle table at …`
const TABLE = new RegExp(
  `^(?:Kernel )?(?:New version of )?handle table at (${ADDRESS}) with (\\d{1,9}) entries in use`,
  'i',
);
const ALL = /^(\d{1,9}) Handles?$/i;
// `Handle 4c` without a prompt in front: words of hex letters are no handles.
const ALONE = /^Handle (?:0x)?(?=[a-f]{0,15}\d)[0-9a-f]{1,16}$/i;
const COUNTS = /^Type\s{1,40}Count$/i;
const OF_TYPE = /^([A-Z][\w ]{0,40}?)\s{1,40}(\d{1,9})$/;
const OBJECT_TYPE = new RegExp(
  `^(?:[0-9a-f]{1,8}: )?Object: ${ADDRESS}\\s{1,9}Type: \\(${ADDRESS}\\) (\\S.{0,60})$`,
  'i',
);
const DETAIL =
  /^(?:[0-9a-f]{1,8}: (?:Object:|free handle)|ObjectHeader:|HandleCount:|Directory Object:|processor number \d|Searching for handles|\(?Inherit|GrantedAccess:)/i;

export const handles: Command = {
  name: NAME,
  isTyped: ({ name }) => name === NAME,
  begins: ({ trimmed }) =>
    trimmed.includes('andle') && (TABLE.test(trimmed) || ALL.test(trimmed) || ALONE.test(trimmed)),
  read: (log, typed) => new Handles(log, typed !== null),
};

class Handles implements Reader {
  #subject = 'handles current';
  readonly #details: HandleDetails;
  /** Handles of each type, with the line of the first. */
  readonly #types = new Map<string, { count: number; line: KdLine }>();
  #hasCounts = false;
  /** The handles of the process named last have begun. */
  #hasTable = false;

  constructor(
    private readonly log: Log,
    private readonly isTyped: boolean,
  ) {
    const { process, isKernel } = log.context;
    const known = log.handleProcess ?? (isKernel === false ? null : process);
    if (known !== null) this.#subject = `handles ${hex(known)}`;
    this.#details = new HandleDetails(log, known, isTyped);
  }

  take(line: KdLine): Taken {
    const { trimmed } = line;
    const process = PROCESS.exec(trimmed);
    if (process !== null) {
      this.#write();
      // The line itself is a row of the list of processes: its reader takes over, and another one of this kind goes on.
      this.#process(parseAddress(process[1]));
      return 'unread';
    }
    return this.#count(line) ?? this.#listed(line) ?? (this.isTyped ? 'unread' : 'over');
  }

  end(): void {
    this.#write();
    if (this.#hasTable) this.log.handleProcess = null;
  }

  #process(address: bigint | null): void {
    this.log.handleProcess = address;
    this.#hasTable = false;
    if (address !== null) this.#subject = `handles ${hex(address)}`;
    if (address !== null) this.#details.of(address);
  }

  #write(): void {
    for (const [type, { count, line }] of this.#types) countFact(this.log, this.#subject, type, String(count), line);
    this.#types.clear();
  }

  #count(line: KdLine): Taken | null {
    const { trimmed } = line;
    const table = TABLE.exec(trimmed);
    if (table !== null) this.#hasTable = true;
    if (table !== null) return countFact(this.log, this.#subject, 'handles', table[2], line);
    const all = ALL.exec(trimmed);
    if (all !== null) return countFact(this.log, this.#subject, 'handles', all[1], line);
    if (COUNTS.test(trimmed)) {
      this.#hasCounts = true;
      return 'ignored';
    }
    const ofType = this.#hasCounts ? OF_TYPE.exec(trimmed) : null;
    return ofType === null ? null : countFact(this.log, this.#subject, ofType[1], ofType[2], line);
  }

  /** A handle, and what is said of it. */
  #listed(line: KdLine): Taken | null {
    const { trimmed } = line;
    const told = this.#details.take(line);
    const type = OBJECT_TYPE.exec(trimmed)?.[1].trim();
    if (type !== undefined) return this.#type(type, line);
    return told ?? (DETAIL.test(trimmed) ? 'ignored' : null);
  }

  #type(type: string, line: KdLine): Taken {
    const known = this.#types.get(type);
    if (known !== undefined) known.count++;
    else if (this.#types.size < MAX_TYPES) this.#types.set(type, { count: 1, line });
    else return 'ignored';
    return fed(this.log, dumpFact);
  }
}
