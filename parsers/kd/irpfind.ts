/**
 * `!irpfind`: IRPs in pool, one a line. https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-irpfind
 *
 *     Irp [ Thread ] irpStack: (Mj,Mn) DevObj [Driver] MDL Process
 *     8a3d3008 [8b56cb10] irpStack: ( 4,34) 8b1b8030 [ \Driver\Disk] 0x00000000
 *     fffffa8004c3ab10 [fffffa8004a4bb60] irpStack: ( e,2d)  fffffa8004a2e2c0 [ \Driver\AFD] 0xfffffa8004e8c040
 *     8a3d1c48 [8b5a1020] Irp is complete (CurrentLocation 10 > StackCount 9)
 *
 *     8097c008 Thread 8094d900 current stack belongs to  \Driver\symc810
 */
import type { Row } from '../../src/core/schema.js';
import { dumpIrp } from '../../src/tables/dump-io.js';
import type { Command, Reader, Taken } from './command.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import { ADDRESS, addressIn } from './values.js';

const NAME = '!irpfind';

const HEADER = /^Irp\s{1,9}\[\s{0,9}Thread\s{0,9}\]\s{1,9}irpStack:/i;
// What stands in brackets is a driver, or nothing where the device has none; the last column is the process of the MDL.
const ROW = new RegExp(
  `^(${ADDRESS})\\s{0,9}\\[\\s{0,9}(${ADDRESS})\\s{0,9}\\]\\s{0,9}irpStack:\\s{0,9}\\(\\s{0,9}([0-9a-f]{1,2})\\s{0,9},\\s{0,9}([0-9a-f]{1,2})\\s{0,9}\\)\\s{0,9}(${ADDRESS})(?:\\s{0,9}\\[([^\\]]{0,200})\\](?:.{0,60}?(${ADDRESS}))?)?`,
  'i',
);
const COMPLETE = new RegExp(
  `^(${ADDRESS})\\s{0,9}\\[\\s{0,9}(${ADDRESS})\\s{0,9}\\]\\s{0,9}Irp is complete(?:\\s{1,9}\\(CurrentLocation (\\d{1,3}) > StackCount (\\d{1,3})\\))?`,
  'i',
);
const OLD = new RegExp(
  `^(${ADDRESS})\\s{1,9}Thread\\s{1,9}(${ADDRESS})\\s{1,9}current stack belongs to\\s{0,9}(.{0,200})$`,
  'i',
);
const LIKE_A_ROW = /irpStack:|current stack belongs to/i;
// Also said of the pool that is searched.
const REMARK =
  /^(?:Searching .{1,40}pool|Scanning large pool|\.{3}terminating|Looking for IRPs|Pool(?:tag| type)\b|Free build)/i;

export const irpfind: Command = {
  name: NAME,
  isTyped: ({ name }) => name === NAME,
  begins: ({ trimmed }) =>
    mayBegin(trimmed) && (HEADER.test(trimmed) || ROW.test(trimmed) || OLD.test(trimmed) || COMPLETE.test(trimmed)),
  read: (log) => reader(log),
};

/** An address or `Irp`, and behind it a bracket or `Thread`: tells most lines of a log from rows. */
function mayBegin(trimmed: string): boolean {
  let at = trimmed.indexOf(' ');
  if (at < 3 || at > 19) return false;
  while (trimmed.charCodeAt(at) === 0x20) at++;
  const next = trimmed[at];
  return next === '[' || next === 'T' || next === 't';
}

function reader(log: Log): Reader {
  return { take: (line) => take(log, line) };
}

function take(log: Log, line: KdLine): Taken {
  const { trimmed } = line;
  const row = ROW.exec(trimmed);
  if (row !== null) return newRow(log, line, row);
  const old = OLD.exec(trimmed);
  if (old !== null) return write(log, line, old[1], old[2], { driver: driverOf(old[3]) });
  const complete = COMPLETE.exec(trimmed);
  if (complete !== null) {
    const [, address, thread, current, stacks] = complete;
    return write(log, line, address, thread, { state: 'completed', current: count(current), stacks: count(stacks) });
  }
  if (HEADER.test(trimmed) || REMARK.test(trimmed)) return 'ignored';
  if (!LIKE_A_ROW.test(trimmed)) return 'unread';
  return log.skip('damaged-irpfind', 'rows of !irpfind that cannot be read were skipped', line);
}

const count = (digits: string | undefined): number | null => (digits === undefined ? null : Number(digits));

const driverOf = (text: string | undefined): string | null => {
  const driver = (text ?? '').trim();
  return driver.startsWith('\\') ? driver : null;
};

function newRow(log: Log, line: KdLine, match: RegExpExecArray): Taken {
  const [, address, thread, major, minor, device, driver, process] = match;
  return write(log, line, address, thread, {
    major: Number.parseInt(major, 16),
    minor: Number.parseInt(minor, 16),
    device: addressIn(device),
    driver: driverOf(driver),
    process: addressIn(process),
  });
}

type Columns = Partial<Row<typeof dumpIrp>>;

function write(log: Log, line: KdLine, address: string, thread: string, columns: Columns): Taken {
  const of = addressIn(thread);
  return log.row(
    dumpIrp,
    { command: NAME, address: addressIn(address), thread: of, hasThread: Number(of !== 0n), ...columns },
    line,
  );
}
