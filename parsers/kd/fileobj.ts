/**
 * `!fileobj`: a file object, which the output does not name: the command line does.
 * https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-fileobj
 *
 *     kd> !fileobj 899ab170
 *
 *     \SERVER\IPC$
 *
 *     Device Object: 0x89f46ee8   \FileSystem\Mup
 *     Vpb is NULL
 *     Flags:  0x2
 *      Synchronous IO
 */
import { dumpFile } from '../../src/tables/dump-io.js';
import type { Command, Reader, Taken } from './command.js';
import { fed } from './fed.js';
import { typedAddress } from './irp.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import type { Typed } from './prompt.js';
import { ADDRESS, addressIn } from './values.js';

const DEVICE = new RegExp(`^Device Object:\\s{0,9}(${ADDRESS})(?:\\s{1,9}(\\\\.{1,200}))?$`, 'i');
const OTHER =
  /^(?:Related File Object|Vpb\b|Event |Access:|Flags:|FsContext|CurrentByteOffset|Private Cache Map|Shared Cache Map|Section Object Pointers|Cache Data|Data(?:Section|Cache|Control)?:|Image(?:Section)?:|Lock Operation|File Object is |File object extension|Completion Context|IoCompletion|No .{1,20} Section|(?:Synchronous IO|Sequential Only|Cleanup Complete|Handle Created|Cache Supported|Fast IO Read|No Intermediate Buffering|Random Access|Size Changed|Alertable IO|File Modified|Write Through|Named Pipe|Mailslot|Stream File|Direct Device Open|Volume Open|Queue Irp to Thread|Temporary File|Delete (?:On Close|Pending)|Opened Case Sensitive|Remote Origin|Skip Completion Port|Generate Audit)\b)/i;

export const fileobj: Command = {
  name: '!fileobj',
  isTyped: ({ name }) => name === '!fileobj',
  begins: ({ trimmed }) => trimmed.startsWith('Device Object: 0x') && DEVICE.test(trimmed),
  read: (log, typed) => new FileObj(log, typed),
};

class FileObj implements Reader {
  readonly #address: bigint | null;
  #name: string | null = null;
  #first: KdLine | null = null;
  #isDone = false;

  constructor(
    private readonly log: Log,
    typed: Typed | null,
  ) {
    this.#address = typedAddress(typed);
  }

  take(line: KdLine): Taken {
    const { trimmed } = line;
    const device = DEVICE.exec(trimmed);
    if (device !== null) return this.#isDone ? 'over' : this.#device(line, device);
    if (this.#isDone) return OTHER.test(trimmed) ? 'ignored' : 'unread';
    if (this.#name !== null || !trimmed.startsWith('\\')) return OTHER.test(trimmed) ? 'ignored' : 'unread';
    this.#name = trimmed.slice(0, 500);
    this.#first = line;
    return fed(this.log, dumpFile);
  }

  /** A name without a device. */
  end(): void {
    if (!this.#isDone && this.#first !== null) this.#write(this.#first, null, null);
  }

  #device(line: KdLine, [, device, driver]: RegExpExecArray): Taken {
    return this.#write(this.#first ?? line, addressIn(device), driver?.trim() ?? null);
  }

  #write(line: KdLine, device: bigint | null, driver: string | null): Taken {
    this.#isDone = true;
    return this.log.row(dumpFile, { address: this.#address, name: this.#name, device, driver }, line);
  }
}
