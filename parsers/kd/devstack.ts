/**
 * `!devstack`: the devices of a stack, from the top; what is said of the device node is of the lowest, the physical device.
 * https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-devstack
 *
 *       !DevObj   !DrvObj            !DevExt   ObjectName
 *       8b0556d8  \Driver\PartMgr    8b055790
 *     > 8b1b8030  \Driver\Disk       8b1b80e8  DR0
 *     !DevNode 8b56f5d0 :
 *       DeviceInst is "SCSI\Disk&Ven_A\4&1588251b&0&000"
 *       ServiceName is "disk"
 */
import { dumpDevice } from '../../src/tables/dump-io.js';
import type { Command, Reader, Taken } from './command.js';
import { nameAndDriver } from './devices.js';
import { fed } from './fed.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import { ADDRESS, addressIn } from './values.js';

/** A device stack has as many locations as an IRP. */
const MAX_DEVICES = 128;

const HEADER = /^!DevObj\s{1,40}!DrvObj\s{1,40}!DevExt\b/i;
// A driver's name that fills its column is glued to the next one.
const ROW = new RegExp(
  `^>?\\s{0,9}(${ADDRESS})\\s{1,9}(\\\\.{1,120}?)\\s{0,40}(${ADDRESS})(?:\\s{1,40}(\\S.{0,300}))?$`,
  'i',
);
// A driver whose name could not be read.
const NAMELESS_ROW = new RegExp(`^>?\\s{0,9}(${ADDRESS})\\s{1,40}(?:Unable|Cannot|Could not|Invalid|\\?)`, 'i');
const NODE = new RegExp(`^!DevNode ${ADDRESS}`, 'i');
const QUOTED = /^(DeviceInst|ServiceName) is\s{1,9}"([^"]{0,500})"?/i;

interface Device {
  readonly line: KdLine;
  readonly address: bigint | null;
  readonly driver: string | null;
  readonly name: string | null;
}

export const devstack: Command = {
  name: '!devstack',
  isTyped: ({ name }) => name === '!devstack',
  begins: ({ trimmed }) => trimmed.startsWith('!DevObj') && HEADER.test(trimmed),
  read: (log) => new DevStack(log),
};

class DevStack implements Reader {
  #devices: Device[] = [];
  #hasHeader = false;
  #instance: string | null = null;
  #service: string | null = null;

  constructor(private readonly log: Log) {}

  take(line: KdLine): Taken {
    const { trimmed } = line;
    if (HEADER.test(trimmed)) {
      this.end();
      this.#hasHeader = true;
      return 'ignored';
    }
    const row = this.#hasHeader ? (ROW.exec(trimmed) ?? NAMELESS_ROW.exec(trimmed)) : null;
    if (row !== null) return this.#row(line, row);
    if (NODE.test(trimmed)) {
      // No more devices follow.
      this.#hasHeader = false;
      return 'ignored';
    }
    const quoted = QUOTED.exec(trimmed);
    if (quoted === null || this.#devices.length === 0) return 'unread';
    if (quoted[1].toLowerCase() === 'deviceinst') this.#instance = quoted[2];
    else this.#service = quoted[2];
    return this.#fed();
  }

  end(): void {
    const devices = this.#devices;
    this.#devices = [];
    this.#hasHeader = false;
    if (devices.length === 0) return;
    const stack = this.log.nextOf('!devstack');
    for (const [index, { line, ...device }] of devices.entries()) {
      const isLowest = index === devices.length - 1;
      const node = isLowest ? { instance: this.#instance, service: this.#service } : {};
      this.log.row(dumpDevice, { command: '!devstack', ...device, stack, position: index + 1, ...node }, line);
    }
    this.#instance = null;
    this.#service = null;
  }

  #fed(): Taken {
    return fed(this.log, dumpDevice);
  }

  #row(line: KdLine, [, address, driver, , name]: RegExpExecArray): Taken {
    if (this.#devices.length >= MAX_DEVICES) return 'ignored';
    const named = nameAndDriver(name ?? '').name;
    this.#devices.push({ line, address: addressIn(address), driver: driver ?? null, name: named });
    return this.#fed();
  }
}
