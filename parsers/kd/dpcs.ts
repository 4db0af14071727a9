/**
 * Queued DPCs: `!dpcs`, `!dpcwatchdog`, and the queue that `!pcr` shows.
 * https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-dpcs
 *
 *     CPU Type      KDPC       Function
 *      0: Normal  : 0xfffff8035f5ac290 0xfffff80363e15630 nt!ExampleAction
 *     Failed to read DPC at 0xffffe40b77190dd8
 *      0: Threaded: 0xfffff8035f5ac3d8 0xfffff80363f27d70 nt!KiDpcWatchdog
 *
 *     dpcs: no pending DPCs found
 *
 *     All durations are in seconds (1 System tick = 15.625000 milliseconds)
 *     CPU#0
 *     Current DPC: example!ExampleDpc (Normal DPC)
 *     Pending DPCs:
 */
import { dumpDpc } from '../../src/tables/dump-system.js';
import type { Command, Reader, Taken } from './command.js';
import { writeFact } from './facts.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import { ADDRESS, addressIn } from './values.js';

const HEADER = /^CPU\s{1,9}Type\s{1,40}KDPC\s{1,40}Function$/i;
const ROW = /^(\d{1,4}):\s{0,9}(Normal|Threaded)\s{0,9}:\s{0,9}(.{1,400})$/i;
const DPC = new RegExp(
  `^(${ADDRESS})\\s{1,9}(${ADDRESS})(?:\\s{1,9}\\[(\\w{1,20})\\])?(?:\\s{1,9}(\\S.{0,300}))?$`,
  'i',
);
const NONE = /^dpcs: no pending DPCs found/i;
const REMARK = /^(?:Failed to read DPC|-{5,}$|Pending DPCs?\b|Circular Kernel Context Logger|DPC and ISR stats)/i;

/** The two addresses and the name of a DPC; null where the text is none. */
export function queuedDpc(
  log: Log,
  line: KdLine,
  text: string,
  of: { command: string; cpu: number | null; type?: string },
): Taken | null {
  const match = DPC.exec(text);
  if (match === null) return null;
  const [, kdpc, address, type, routine] = match;
  const known = { kdpc: addressIn(kdpc), address: addressIn(address), routine: routine?.trim() ?? null };
  return log.row(dumpDpc, { ...of, type: of.type ?? type ?? null, ...known }, line);
}

export const dpcs: Command = {
  name: '!dpcs',
  isTyped: ({ name }) => name === '!dpcs',
  begins: ({ trimmed }) => (trimmed.startsWith('CPU ') && HEADER.test(trimmed)) || NONE.test(trimmed),
  read: (log) => ({ take: (line) => take(log, line, '!dpcs') }),
};

function take(log: Log, line: KdLine, command: string): Taken {
  const { trimmed } = line;
  const row = ROW.exec(trimmed);
  if (row !== null) {
    const [, cpu, type, text] = row;
    const taken = queuedDpc(log, line, text, { command, cpu: Number(cpu), type });
    return taken ?? log.skip('damaged-dpc', 'rows of queued DPCs that cannot be read were skipped', line);
  }
  if (!NONE.test(trimmed)) return HEADER.test(trimmed) || REMARK.test(trimmed) ? 'ignored' : 'unread';
  if (command !== '!dpcs') return 'ignored';
  return writeFact(log, { subject: 'dpcs', name: 'pending', value: '0', number: 0 }, line);
}

const TICK = /^All durations are in seconds \(1 System tick = (\d{1,6}(?:\.\d{1,9})?) milliseconds\)/i;
const PROCESSOR = /^CPU\s?#\s?(\d{1,4})$/i;
const CURRENT = /^Current DPC:\s{1,9}(\S.{0,300})$/i;

export const dpcwatchdog: Command = {
  name: '!dpcwatchdog',
  isTyped: ({ name }) => name === '!dpcwatchdog',
  begins: ({ trimmed }) => trimmed.startsWith('All durations are') && TICK.test(trimmed),
  read: (log) => new DpcWatchdog(log),
};

class DpcWatchdog implements Reader {
  #cpu: string | null = null;

  constructor(private readonly log: Log) {}

  take(line: KdLine): Taken {
    const { log } = this;
    const { trimmed } = line;
    const tick = TICK.exec(trimmed)?.[1];
    if (tick !== undefined) {
      return writeFact(log, { subject: 'system', name: 'tickMs', value: tick, number: Number(tick) }, line);
    }
    const cpu = PROCESSOR.exec(trimmed)?.[1];
    if (cpu !== undefined) {
      this.#cpu = cpu;
      return 'ignored';
    }
    const current = CURRENT.exec(trimmed)?.[1];
    if (current === undefined || this.#cpu === null) return take(log, line, '!dpcwatchdog');
    return writeFact(log, { subject: `dpcwatchdog cpu ${this.#cpu}`, name: 'currentDpc', value: current }, line);
  }
}
