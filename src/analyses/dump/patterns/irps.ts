/** I/O requests that pile up at one driver or thread. */
import { pushTo } from '../../../core/push-to.js';
import { dumpDevice, dumpIrp } from '../../../tables/dump-io.js';
import type { Case } from '../case.js';
import { hex } from '../frames.js';
import { irpRows } from '../irps.js';
import type { DumpPattern } from '../result.js';
import type { Placed } from '../rows.js';
import { type PatternFinder, pattern, someOf } from './pattern.js';

/** Commands that list all IRPs, of the system or of a process. */
const LISTS = ['!irpfind', '!processirps'];

type IrpRow = Placed<typeof dumpIrp>;
/** Shares of all IRPs from which on one holder stands out. */
const SHARE_OF_THREAD = 0.4;
const SHARE_OF_DRIVER = 0.25;
/** At least so many of one holder, and so many in a list of which only a part was published: a system has hundreds. */
const MANY = 10;
const SOME = 2;
const PART_OF_A_LIST = 20;
const LEAST_LISTED = 4;

export const irpPatterns: PatternFinder = (all) => [...distribution(all)];

/** What lies below the device that has the requests, where the log shows its stack. */
function below({ rows }: Case, list: readonly { readonly device: bigint | null }[]): string {
  const devices = new Set(list.map(({ device }) => device));
  const row = rows.of(dumpDevice).find(({ address, lower }) => lower !== null && devices.has(address));
  if (row === undefined) return '';
  return `; device ${hex(row.address)} is attached to ${row.lowerDriver ?? 'the device'} ${hex(row.lower)} below it`;
}

/** Requests that wait on every system until something happens: a device wakes or speaks, a client writes, a file changes. */
const BUSES =
  /^\\Driver\\(?:ACPI|acpipagr|pci|NDIS|usb\w{0,12}|ucx01000|HidUsb|hidi2c|HidBth|mshidkmdf|mouhid|kbdhid|i8042prt|bth\w{0,12}|vmbus\w{0,6}|vhf|umbus|WUDFRd|WpdUpFltr|swenum|CompositeBus|mouclass|kbdclass)$/i;
const INPUT = /^\\Driver\\(?:mouclass|kbdclass|HidUsb|hidi2c|HidBth|mouhid|kbdhid|i8042prt|vmbushid|vhf)$/i;
const LISTENING = /^\\(?:FileSystem\\(?:Npfs|Msfs)|Driver\\(?:AFD|tdx|netbt))$/i;
const FILE_SYSTEM = /^\\FileSystem\\/i;

function waitsByDesign({ major, minor, driver }: IrpRow): boolean {
  // IRP_MJ_POWER, IRP_MN_WAIT_WAKE
  if (major === 0x16 && minor === 0) return true;
  if (driver === null) return false;
  if (LISTENING.test(driver)) return true;
  // IRP_MJ_DEVICE_CONTROL and IRP_MJ_INTERNAL_DEVICE_CONTROL, IRP_MJ_READ
  if (major === 0xe || major === 0xf) return BUSES.test(driver);
  if (major === 3) return INPUT.test(driver);
  // Notices of changes in directories, oplocks
  return FILE_SYSTEM.test(driver) && ((major === 0xc && minor === 2) || (major === 0xd && minor === 0));
}

/** IRPs under way, as a list of all of the system, or else of a process, has them. */
function listedIn({ rows }: Case): { readonly listed: IrpRow[]; readonly isPart: boolean } {
  const all = rows.of(dumpIrp);
  const command = LISTS.find((name) => all.some((row) => row.command === name));
  const addresses = new Set(all.filter((row) => row.command === command).map(({ address }) => address));
  const listed = irpRows(rows).filter(({ address, state }) => addresses.has(address) && state !== 'completed');
  return { listed, isPart: command === '!irpfind' && listed.length < PART_OF_A_LIST };
}

/** One thread, or a driver for nobody's thread, has far more requests under way than is usual: possible only, a system may be like that. */
function distribution(all: Case): DumpPattern[] {
  const { listed, isPart } = listedIn(all);
  if (listed.length < LEAST_LISTED) return [];
  const least = isPart ? SOME : MANY;
  const isMany = (list: readonly IrpRow[], share: number): boolean =>
    list.length >= Math.max(least, listed.length * share);
  const threads = new Map<string, IrpRow[]>();
  const drivers = new Map<string, IrpRow[]>();
  for (const row of listed) {
    if (waitsByDesign(row)) continue;
    const thread = hex(row.thread);
    if (thread !== null) pushTo(threads, thread, row);
    else if (row.hasThread === 0 && row.driver !== null) pushTo(drivers, row.driver, row);
  }
  return [
    ...[...threads]
      .filter(([, list]) => isMany(list, SHARE_OF_THREAD))
      .map(([thread, list]) => ofThread(all, thread, list, listed.length)),
    ...[...drivers]
      .filter(([, list]) => isMany(list, SHARE_OF_DRIVER))
      .map(([driver, list]) => ofDriver(all, driver, list, listed.length)),
  ];
}

function ofThread(all: Case, thread: string, list: readonly IrpRow[], count: number): DumpPattern {
  const places = [...new Set(list.map(({ driver }) => driver ?? 'an unknown driver'))];
  return pattern(all, {
    name: 'IRP Distribution Anomaly',
    certain: false,
    statement: `${list.length} of ${count} IRPs listed are of thread ${thread}, at ${someOf(places)}${requestsText(list)}${below(all, list)}`,
    subjects: [thread, ...places],
    rows: list,
    next: [`!thread ${thread.slice(2)}; !irp of one of them: which driver has it, and since when`],
  });
}

function ofDriver(all: Case, driver: string, list: readonly IrpRow[], count: number): DumpPattern {
  return pattern(all, {
    name: 'IRP Distribution Anomaly',
    certain: false,
    statement: `${list.length} of ${count} IRPs listed are at ${driver}${requestsText(list)} and have no thread: the driver made them itself, or for another driver`,
    subjects: [driver],
    rows: list,
    next: [`lmv m ${driver.replace(/^.*\\/, '')}: its version and date`],
  });
}

/** ` (4,34), (f,0)`; nothing where the list does not print functions. */
function requestsText(list: readonly IrpRow[]): string {
  const known = list.filter(({ major }) => major !== null);
  const texts = new Set(known.map(({ major, minor }) => `(${major?.toString(16)},${minor?.toString(16) ?? '?'})`));
  return texts.size === 0 ? '' : ` ${someOf([...texts])}`;
}
