/**
 * `!processirps`: IRPs of a process, and `!poaction`: power IRPs.
 * https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-processirps
 * https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-poaction
 *
 *     **** PROCESS fffffa800688c940 (Image: explorer.exe) ****
 *       Thread fffffa800689f080:
 *         IRP fffffa80045ccc10 - Owned by \FileSystem\Ntfs for device fffffa8004f5c030
 *       FileObject fffffa80068795e0 (handle 8bc):
 *         IRP fffffa8006590cf0 - Owned by \Driver\DeviceApi for device DeviceApi (fffffa800363ae40)
 *
 *     Allocated power irps (PopIrpList - fffff801332f44f0)
 *       IRP: ffffe0001d53d8f0 (wait-wake/S0), PDO: ffffe00013cae060
 *       IRP: ffffe00013d07420 (set/D3,), PDO: ffffe00012daf840, CURRENT: ffffe00012dd5040
 *     Irp worker threads (PopIrpThreadList - fffff801332f3100)
 *       THREAD: ffffe0000ef5e040 (static), IRP: ffffe00013d07420, DEVICE: ffffe00012dd5040
 */
import { dumpIrp } from '../../src/tables/dump-io.js';
import type { Command, Reader, Taken } from './command.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import { ADDRESS, addressIn } from './values.js';

const PROCESS = new RegExp(`^\\*{2,6} PROCESS (${ADDRESS}) \\(Image:`, 'i');
const CHECKING = /^Checking (?:threads|file objects) for IRPs/i;
const THREAD = new RegExp(`^Thread (${ADDRESS}):$`, 'i');
const FILE = new RegExp(`^FileObject (${ADDRESS})\\b`, 'i');
const OWNED = new RegExp(
  `^IRP (${ADDRESS}) - Owned by (\\S.{0,120}?) for device (?:.{0,120}?\\()?(${ADDRESS})\\)?$`,
  'i',
);

export const processirps: Command = {
  name: '!processirps',
  isTyped: ({ name }) => name === '!processirps',
  begins: ({ trimmed }) => trimmed.startsWith('**') && PROCESS.test(trimmed),
  read: (log) => new ProcessIrps(log),
};

class ProcessIrps implements Reader {
  #process: bigint | null = null;
  #thread: bigint | null = null;
  #file: bigint | null = null;

  constructor(private readonly log: Log) {}

  take(line: KdLine): Taken {
    const { trimmed } = line;
    const owned = OWNED.exec(trimmed);
    if (owned !== null) return this.#irp(line, owned);
    if (CHECKING.test(trimmed)) return 'ignored';
    const process = addressIn(PROCESS.exec(trimmed)?.[1]);
    if (process !== null) return this.#of(process, null, null);
    const thread = addressIn(THREAD.exec(trimmed)?.[1]);
    if (thread !== null) return this.#of(this.#process, thread, null);
    const file = addressIn(FILE.exec(trimmed)?.[1]);
    return file === null ? 'unread' : this.#of(this.#process, null, file);
  }

  #of(process: bigint | null, thread: bigint | null, file: bigint | null): Taken {
    this.#process = process;
    this.#thread = thread;
    this.#file = file;
    return 'ignored';
  }

  #irp(line: KdLine, [, address, driver, device]: RegExpExecArray): Taken {
    return this.log.row(
      dumpIrp,
      {
        command: '!processirps',
        address: addressIn(address),
        thread: this.#thread,
        hasThread: this.#thread === null ? null : 1,
        process: this.#process,
        driver,
        device: addressIn(device),
        file: this.#file,
      },
      line,
    );
  }
}

const ACTION = new RegExp(`^PopAction:\\s{0,9}${ADDRESS}`, 'i');
const LIST = /^(?:Allocated power irps|Irp worker threads) \(/i;
// Between the words of the action there may be a comma: `(set/D3,)`.
const POWER = new RegExp(`^IRP:\\s{0,9}(${ADDRESS})\\s{0,9}\\(([a-z-]{1,20})\\s{0,9}/[^)]{0,40}\\)(.{0,300})$`, 'i');
const WORKER = new RegExp(`^THREAD:\\s{0,9}(${ADDRESS})\\s{0,9}\\(\\w{1,20}\\)(.{0,300})$`, 'i');
const IRP = new RegExp(`\\bIRP:\\s{0,9}(${ADDRESS})`, 'i');
const DEVICE = new RegExp(`\\b(?:CURRENT|DEVICE):\\s{0,9}(${ADDRESS})`, 'i');
const PDO = new RegExp(`\\bPDO:\\s{0,9}(${ADDRESS})`, 'i');
const FIELD = /^[A-Z][A-Za-z ]{2,20}\.{1,12}:/;
const IRP_MJ_POWER = 0x16;
const MINORS = ['wait-wake', 'sequence', 'set', 'query'];

export const poaction: Command = {
  name: '!poaction',
  isTyped: ({ name }) => name === '!poaction',
  begins: ({ trimmed }) => ACTION.test(trimmed) || LIST.test(trimmed),
  read: (log) => ({ take: (line) => powerIrp(log, line) }),
};

function powerIrp(log: Log, line: KdLine): Taken {
  const { trimmed } = line;
  const irp = POWER.exec(trimmed);
  if (irp !== null) return power(log, line, irp);
  const worker = WORKER.exec(trimmed);
  if (worker !== null) return powerWorker(log, line, worker);
  return ACTION.test(trimmed) || LIST.test(trimmed) || FIELD.test(trimmed) ? 'ignored' : 'unread';
}

function power(log: Log, line: KdLine, [, address, word, rest]: RegExpExecArray): Taken {
  const minor = MINORS.indexOf(word.toLowerCase());
  return log.row(
    dumpIrp,
    {
      command: '!poaction',
      address: addressIn(address),
      major: IRP_MJ_POWER,
      minor: minor < 0 ? null : minor,
      device: addressIn(DEVICE.exec(rest)?.[1]),
      pdo: addressIn(PDO.exec(rest)?.[1]),
    },
    line,
  );
}

/** A worker that has an IRP; one that has none says nothing. */
function powerWorker(log: Log, line: KdLine, [, thread, rest]: RegExpExecArray): Taken {
  const address = addressIn(IRP.exec(rest)?.[1]);
  if (address === null) return 'ignored';
  const device = addressIn(DEVICE.exec(rest)?.[1]);
  const columns = { thread: addressIn(thread), hasThread: 1, major: IRP_MJ_POWER, device };
  return log.row(dumpIrp, { command: '!poaction', address, ...columns }, line);
}
