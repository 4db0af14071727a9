/**
 * `!pcr`, `!prcb` and `!irql`: what a processor does. https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-pcr
 *
 *     KPCR for Processor 0 at ffdff000:
 *                          Prcb: ffdff120
 *                          Irql: 00000000
 *                 CurrentThread: 8015e8a0
 *                    NextThread: 00000000
 *                    IdleThread: 8015e8a0
 *                      DpcQueue:  0x80168ee0 0x80100d04 ntoskrnl!KiTimerExpiration
 *                                 0xfffff8030994fda0 0xfffff8030972bc30 [Normal] nt!ExampleRoutine
 *
 *     PRCB for Processor 0 at e0000000818ba000:
 *     Threads--  Current e0000000818bbe10 Next 0000000000000000 Idle e0000000818bbe10
 *
 *     Debugger saved IRQL for processor 0x0 -- 2 (DISPATCH_LEVEL)
 */
import type { Row } from '../../src/core/schema.js';
import { dumpProcessor } from '../../src/tables/dump-system.js';
import type { Command, Reader, Taken } from './command.js';
import { queuedDpc } from './dpcs.js';
import { fed } from './fed.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import { flagsOf, type Typed } from './prompt.js';
import { ADDRESS, addressIn } from './values.js';

type Columns = { -readonly [K in keyof Row<typeof dumpProcessor>]?: Row<typeof dumpProcessor>[K] };

const PCR = new RegExp(`^K?PCR for Processor (\\d{1,4}) at ${ADDRESS}`, 'i');
const PRCB = new RegExp(`^K?PRCB for Processor (\\d{1,4}) at (${ADDRESS})`, 'i');
// `CurrentThread: 8015e8a0`, `NtTib.StackBase: 801628f0`
const FIELD = new RegExp(`^([A-Za-z]\\w{1,20}(?:\\.\\w{1,20})?):\\s{0,9}(${ADDRESS})$`, 'i');
const QUEUE = /^DpcQueue:\s{0,9}/i;
const IRQL = /^Current IRQL -- (\d{1,3})\b/i;
const THREADS = /^(?:Threads--|Current|Next|Idle)\s/i;
const THREAD = new RegExp(`\\b(Current|Next|Idle)\\s{1,9}(${ADDRESS})`, 'gi');
const REMARK =
  /^(?:Major \d|Processor Index|Number \d|Interrupt Count|Times --|Kernel\s{1,9}[0-9a-f]{8}|Error while reading|SetMember|GroupSetMember)/i;
const UNREADABLE = /^(?:Unable to (?:read|get)|Cannot (?:get|read))\b.{0,60}\b(?:PCR|KPCR|PRCB)\b/i;

const command = (name: string, header: RegExp): Command => ({
  name,
  isTyped: (typed) => typed.name === name,
  begins: ({ trimmed }) => (trimmed.startsWith('K') || trimmed.startsWith('P')) && header.test(trimmed),
  read: (log, typed) => new Processor(log, name, header, typed),
});

export const pcr = command('!pcr', PCR);
export const prcb = command('!prcb', PRCB);

class Processor implements Reader {
  #columns: Columns | null = null;
  #line: KdLine | null = null;
  #isQueue = false;

  constructor(
    private readonly log: Log,
    private readonly name: string,
    private readonly header: RegExp,
    private readonly typed: Typed | null,
  ) {}

  take(line: KdLine): Taken {
    const { trimmed } = line;
    const header = this.header.exec(trimmed);
    if (header !== null) return this.#begin(line, { cpu: Number(header[1]), prcb: addressIn(header[2]) });
    if (UNREADABLE.test(trimmed)) return this.#unreadable(line);
    const columns = this.#columns;
    if (columns === null) return 'unread';
    return this.#queue(line, columns) ?? this.#threads(trimmed, columns) ?? this.#field(trimmed, columns);
  }

  end(): void {
    if (this.#columns !== null && this.#line !== null) this.log.row(dumpProcessor, this.#columns, this.#line);
    this.#columns = null;
  }

  #fed(): Taken {
    return fed(this.log, dumpProcessor);
  }

  #begin(line: KdLine, columns: Columns): Taken {
    this.end();
    this.#columns = { command: this.name, ...columns };
    this.#line = line;
    this.#isQueue = false;
    return this.#fed();
  }

  /** `!pcr 1` of a processor that the dump has not saved. */
  #unreadable(line: KdLine): Taken {
    if (this.#columns !== null) {
      this.#columns.isUnreadable = 1;
      return 'ignored';
    }
    const cpu = /\bprocessor (\d{1,4})\b/i.exec(line.trimmed)?.[1];
    return this.#begin(line, { cpu: Number(cpu ?? flagsOf(this.typed)), isUnreadable: 1 });
  }

  /** The queue of DPCs, one a line; null for another line. */
  #queue(line: KdLine, { cpu }: Columns): Taken | null {
    const { trimmed } = line;
    const isFirst = QUEUE.test(trimmed);
    if (isFirst) this.#isQueue = true;
    if (!this.#isQueue) return null;
    const taken = queuedDpc(this.log, line, trimmed.replace(QUEUE, ''), { command: this.name, cpu: cpu ?? null });
    return taken ?? (isFirst ? 'ignored' : null);
  }

  #threads(trimmed: string, columns: Columns): Taken | null {
    if (!THREADS.test(trimmed)) return null;
    const irql = IRQL.exec(trimmed)?.[1];
    if (irql !== undefined) columns.irql = irql;
    for (const [, which, address] of trimmed.matchAll(THREAD)) {
      columns[which.toLowerCase() as 'current' | 'next' | 'idle'] = addressIn(address);
    }
    return this.#fed();
  }

  #field(trimmed: string, columns: Columns): Taken {
    const field = FIELD.exec(trimmed);
    if (field === null) return REMARK.test(trimmed) ? 'ignored' : 'unread';
    const [, name, value] = field;
    if (name === 'Prcb') columns.prcb = addressIn(value);
    else if (name === 'Irql') columns.irql = value;
    else if (name === 'CurrentThread') columns.current = addressIn(value);
    else if (name === 'NextThread') columns.next = addressIn(value);
    else if (name === 'IdleThread') columns.idle = addressIn(value);
    else return 'ignored';
    return this.#fed();
  }
}

const SAVED = /^Debugger saved IRQL for processor (?:0x)?([0-9a-f]{1,4}) -- (\d{1,3}(?:\s\(\w{1,40}\))?)/i;

export const irql: Command = {
  name: '!irql',
  isTyped: ({ name }) => name === '!irql',
  begins: ({ trimmed }) => trimmed.startsWith('Debugger saved IRQL'),
  read: (log) => ({ take: (line) => savedIrql(log, line) }),
};

function savedIrql(log: Log, line: KdLine): Taken {
  const match = SAVED.exec(line.trimmed);
  if (match === null) return 'unread';
  return log.row(dumpProcessor, { command: '!irql', cpu: Number.parseInt(match[1], 16), irql: match[2] }, line);
}
