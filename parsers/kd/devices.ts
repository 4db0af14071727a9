/**
 * `!devobj`, `!drvobj` and `!devnode`: devices, their drivers and what they are attached to.
 * https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-devobj
 *
 *     Device object (8b1b8030) is for:
 *      DR0 \Driver\Disk DriverObject 8b57e218
 *     Current Irp 00000000 RefCount 0 Type 00000007 Flags 00000050
 *     AttachedDevice (Upper) 8b0556d8 \Driver\PartMgr
 *     AttachedTo (Lower) 8b192030 \Driver\Example
 *
 *     Driver object (8b57e218) is for:
 *      \Driver\Disk
 *
 *     DevNode 0x80e203b8 for PDO 0x80e204f8
 *       InstancePath is "HTREE\ROOT\0"
 *       ServiceName is "volmgr"
 *       State = DeviceNodeStarted (0x308)
 */
import type { Row } from '../../src/core/schema.js';
import { dumpDevice } from '../../src/tables/dump-io.js';
import type { Command, Reader, Taken } from './command.js';
import { writeFact } from './facts.js';
import { fed } from './fed.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import { ADDRESS, addressIn } from './values.js';

type Columns = Partial<Row<typeof dumpDevice>>;
type DeviceColumns = { -readonly [K in keyof Columns]: Columns[K] };

/** One device whose lines come one by one. */
class Open {
  #columns: DeviceColumns | null = null;
  #line: KdLine | null = null;

  constructor(private readonly log: Log) {}

  get columns(): DeviceColumns | null {
    return this.#columns;
  }

  get fed(): Taken {
    return fed(this.log, dumpDevice);
  }

  begin(line: KdLine, columns: Columns): Taken {
    this.end();
    this.#columns = { ...columns };
    this.#line = line;
    return this.fed;
  }

  end(): void {
    if (this.#columns !== null && this.#line !== null) this.log.row(dumpDevice, this.#columns, this.#line);
    this.#columns = null;
  }
}

const DEVICE = new RegExp(`^Device object \\((${ADDRESS})\\) is for:`, 'i');
// ` DR0 \Driver\Disk DriverObject 8b57e218`: the name may be missing.
const DRIVER_OBJECT = new RegExp(`^(.{0,300}?)\\s{0,9}DriverObject (${ADDRESS})$`, 'i');
const NO_NAME = /^(?:InfoMask field|Cannot read|Unable to)/i;
const ATTACHED = new RegExp(
  `^Attached(?:Device|To) \\((Upper|Lower)\\)\\s{1,9}(${ADDRESS})(?:\\s{1,9}(\\\\.{1,120}))?$`,
  'i',
);
const OF_DEVICE =
  /^(?:Current Irp|RefCount|Vpb|Dacl|DevExt|DevObjExt|Dope|DevNode|SecurityDescriptor|ExtensionFlags|Characteristics|Device queue is|DeviceQueue:|State|FILE_|DOE_)\b/i;

export const devobj: Command = {
  name: '!devobj',
  isTyped: ({ name }) => name === '!devobj',
  begins: ({ trimmed }) => trimmed.startsWith('Device object (') && DEVICE.test(trimmed),
  read: (log) => new DevObj(log),
};

class DevObj implements Reader {
  readonly #open: Open;

  constructor(log: Log) {
    this.#open = new Open(log);
  }

  take(line: KdLine): Taken {
    const { trimmed } = line;
    const address = addressIn(DEVICE.exec(trimmed)?.[1]);
    if (address !== null) return this.#open.begin(line, { command: '!devobj', address });
    const { columns, fed } = this.#open;
    if (columns === null) return 'unread';
    const driver = DRIVER_OBJECT.exec(trimmed);
    if (driver !== null) {
      Object.assign(columns, nameAndDriver(driver[1]));
      return fed;
    }
    const attached = ATTACHED.exec(trimmed);
    if (attached === null) return OF_DEVICE.test(trimmed) ? 'ignored' : 'unread';
    const [, side, other, otherDriver] = attached;
    if (side.toLowerCase() === 'upper') {
      columns.upper = addressIn(other);
      columns.upperDriver = otherDriver?.trim() ?? null;
    } else {
      columns.lower = addressIn(other);
      columns.lowerDriver = otherDriver?.trim() ?? null;
    }
    return fed;
  }

  end(): void {
    this.#open.end();
  }
}

/** `DR0 \Driver\Disk`, `\FileSystem\Mup`, `0000004e \Driver\PnpManager` */
export function nameAndDriver(text: string): { name: string | null; driver: string | null } {
  const at = text.search(/\\(?:Driver|FileSystem)\\/i);
  const name = (at < 0 ? text : text.slice(0, at)).trim();
  const driver = at < 0 ? null : text.slice(at).trim();
  return { name: name === '' || NO_NAME.test(name) ? null : name.slice(0, 200), driver };
}

const DRIVER = new RegExp(`^Driver object \\((${ADDRESS})\\) is for:\\s{0,9}(.{0,200})$`, 'i');
const DEVICE_LIST = /^Device Object list:/i;
const IS_ADDRESS = new RegExp(`^${ADDRESS}$`, 'i');
const OF_DRIVER =
  /^(?:Driver Extension List|\([0-9a-f`]{8,17} [0-9a-f`]{8,17}\)|DriverEntry|DriverStartIo|DriverUnload|AddDevice|Dispatch routines|Fast I\/O routines|Device Object stacks|\[[0-9a-f]{2}\] IRP_MJ_|FastIo|(?:Acquire|Release|Mdl|Prepare)\w{1,40}\s)/i;

export const drvobj: Command = {
  name: '!drvobj',
  isTyped: ({ name }) => name === '!drvobj',
  begins: ({ trimmed }) => trimmed.startsWith('Driver object (') && DRIVER.test(trimmed),
  read: (log) => new DrvObj(log),
};

class DrvObj implements Reader {
  #address = '';
  #driver: string | null = null;
  #isList = false;

  constructor(private readonly log: Log) {}

  take(line: KdLine): Taken {
    const { trimmed } = line;
    const header = DRIVER.exec(trimmed);
    if (header !== null) {
      this.#address = header[1];
      this.#driver = null;
      this.#isList = false;
      return header[2].startsWith('\\') ? this.#name(line, header[2]) : 'ignored';
    }
    if (this.#address !== '' && this.#driver === null && trimmed.startsWith('\\')) return this.#name(line, trimmed);
    if (DEVICE_LIST.test(trimmed)) {
      this.#isList = true;
      return 'ignored';
    }
    if (this.#isList && trimmed.split(/\s+/).every((word) => IS_ADDRESS.test(word))) return this.#devices(line);
    this.#isList = false;
    return OF_DRIVER.test(trimmed) ? 'ignored' : 'unread';
  }

  #name(line: KdLine, name: string): Taken {
    this.#driver = name.trim();
    const address = addressIn(this.#address)?.toString(16) ?? '0';
    return writeFact(this.log, { subject: `driver 0x${address}`, name: 'name', value: this.#driver }, line);
  }

  #devices(line: KdLine): Taken {
    let taken: Taken = 'ignored';
    for (const word of line.trimmed.split(/\s+/)) {
      const address = addressIn(word);
      taken = this.log.row(dumpDevice, { command: '!drvobj', address, driver: this.#driver }, line);
    }
    return taken;
  }
}

const NODE = new RegExp(`^DevNode (${ADDRESS}) for PDO (${ADDRESS})`, 'i');
const QUOTED = /^(InstancePath|ServiceName) is\s{1,9}"([^"]{0,500})"?/i;
const STATE = /^State = (\w{1,60})/i;
const OF_NODE =
  /^(?:Dumping IopRootDeviceNode|Parent |Previous State|StateHistory\[|Flags? \(|UserFlags|CapabilityFlags|DNF_|DisableableDepends|TargetDeviceNotify|(?:Boot|Translated)?Resource\w{0,20}List|TranslatedResourceList|Entry \d|Range starts|Level 0x|Data - |Problem|InterfaceType|BusNumber)/i;

export const devnode: Command = {
  name: '!devnode',
  isTyped: ({ name }) => name === '!devnode',
  begins: ({ trimmed }) => trimmed.startsWith('DevNode ') && NODE.test(trimmed),
  read: (log) => new DevNode(log),
};

class DevNode implements Reader {
  readonly #open: Open;

  constructor(log: Log) {
    this.#open = new Open(log);
  }

  take(line: KdLine): Taken {
    const { trimmed } = line;
    const node = NODE.exec(trimmed);
    if (node !== null) return this.#open.begin(line, { command: '!devnode', address: addressIn(node[2]) });
    const { columns, fed } = this.#open;
    if (columns === null) return OF_NODE.test(trimmed) ? 'ignored' : 'unread';
    const quoted = QUOTED.exec(trimmed);
    const state = STATE.exec(trimmed)?.[1];
    if (quoted?.[1].toLowerCase() === 'instancepath') columns.instance = quoted[2];
    else if (quoted !== null) columns.service = quoted[2];
    else if (state !== undefined) columns.state = state;
    else return OF_NODE.test(trimmed) ? 'ignored' : 'unread';
    return fed;
  }

  end(): void {
    this.#open.end();
  }
}
