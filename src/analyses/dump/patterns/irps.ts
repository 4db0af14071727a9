/** I/O requests that pile up at one driver or thread. */
import { dumpDevice, dumpIrp } from '../../../tables/dump-io.js';
import type { Case } from '../case.js';
import { hex } from '../frames.js';
import { irpRows } from '../irps.js';
import type { DumpPattern } from '../result.js';
import { counted, type PatternFinder, pattern, someOf } from './pattern.js';

/** Commands that list all IRPs, of the system or of a process. */
const LISTS = new Set(['!irpfind', '!processirps']);
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

function waitsByDesign({ major, minor, driver }: { major: number | null; minor: number | null; driver: string | null }): boolean {
  // IRP_MJ_POWER, IRP_MN_WAIT_WAKE
  if (major === 0x16 && minor === 0) return true;
  if (driver === null) return false;
  if (LISTENING.test(driver)) return true;
  // IRP_MJ_INTERNAL_DEVICE_CONTROL
  if (major === 0xf) return BUSES.test(driver);
  // IRP_MJ_DEVICE_CONTROL: drivers and services wait for events of ACPI and of buses.
  if (major === 0xe) return BUSES.test(driver);
  if (major === 3) return INPUT.test(driver);
  // Notices of changes in directories, oplocks
  return FILE_SYSTEM.test(driver) && ((major === 0xc && minor === 2) || (major === 0xd && minor === 0));
}

function distribution(all: Case): DumpPattern[] {
  const commands = new Map(all.rows.of(dumpIrp).map(({ address, command }) => [address, LISTS.get(command ?? '')]));
  void commands;
  return [];
}
