/** IRPs of a dump: what drivers and threads have under way, and what their control bytes arm. */
import type { Finish } from '../../core/analysis.js';
import { pushTo } from '../../core/push-to.js';
import { parseAddress } from '../../core/symbol.js';
import { dumpIrp, dumpIrpStack } from '../../tables/dump-io.js';
import { hex } from './frames.js';
import type { DumpIrp, DumpIrps, IrpLocation } from './result.js';
import type { DumpRows, Placed } from './rows.js';

type IrpRow = Placed<typeof dumpIrp>;
type LocationRow = Placed<typeof dumpIrpStack>;

const MAX_LISTED = 20_000;

/** Major functions, from wdm.h. */
const MAJORS = [
  'CREATE',
  'CREATE_NAMED_PIPE',
  'CLOSE',
  'READ',
  'WRITE',
  'QUERY_INFORMATION',
  'SET_INFORMATION',
  'QUERY_EA',
  'SET_EA',
  'FLUSH_BUFFERS',
  'QUERY_VOLUME_INFORMATION',
  'SET_VOLUME_INFORMATION',
  'DIRECTORY_CONTROL',
  'FILE_SYSTEM_CONTROL',
  'DEVICE_CONTROL',
  'INTERNAL_DEVICE_CONTROL',
  'SHUTDOWN',
  'LOCK_CONTROL',
  'CLEANUP',
  'CREATE_MAILSLOT',
  'QUERY_SECURITY',
  'SET_SECURITY',
  'POWER',
  'SYSTEM_CONTROL',
  'DEVICE_CHANGE',
  'QUERY_QUOTA',
  'SET_QUOTA',
  'PNP',
];

const majorName = (major: number | null): string | null =>
  major === null ? null : MAJORS[major] === undefined ? `0x${major.toString(16)}` : `IRP_MJ_${MAJORS[major]}`;

/**
 * A control byte: low nibble 1 = pending returned, 2 = error; high nibble: the completion routine is called on cancel (2), success (4), error (8).
 * It says what is armed, not what happened.
 */
function controlOf(control: number | null): IrpLocation['control'] {
  if (control === null) return null;
  const on: ('success' | 'error' | 'cancel')[] = [];
  if (control & 0x40) on.push('success');
  if (control & 0x80) on.push('error');
  if (control & 0x20) on.push('cancel');
  return { byte: `0x${control.toString(16)}`, pending: (control & 1) !== 0, error: (control & 2) !== 0, invokeOn: on };
}

/** Each IRP once: the sighting that says most counts. */
export function irpRows(rows: DumpRows): IrpRow[] {
  const best = new Map<bigint, IrpRow>();
  const nameless: IrpRow[] = [];
  for (const row of rows.of(dumpIrp)) {
    if (row.address === null) {
      nameless.push(row);
      continue;
    }
    const known = best.get(row.address);
    if (known === undefined || weight(row) >= weight(known)) best.set(row.address, row);
  }
  return [...best.values(), ...nameless];
}

const weight = (row: IrpRow): number =>
  (row.command === '!irp' ? 4 : 0) + (row.driver === null ? 0 : 2) + (row.thread === null ? 0 : 1);

export function irpsOf(rows: DumpRows, context: Finish): DumpIrps {
  const irps = irpRows(rows);
  const locations = new Map<bigint, LocationRow[]>();
  for (const row of rows.of(dumpIrpStack)) {
    if (row.irp === null) continue;
    const list = locations.get(row.irp) ?? [];
    // A later printing of the same IRP replaces the earlier one.
    if (row.location === 1) list.length = 0;
    list.push(row);
    locations.set(row.irp, list);
  }
  return {
    byDriver: byDriver(irps),
    byThread: byThread(irps),
    list: irps.slice(0, MAX_LISTED).map((row) => shown(row, locations.get(row.address ?? -1n) ?? [], context)),
  };
}

function byDriver(irps: readonly IrpRow[]): DumpIrps['byDriver'] {
  const groups = new Map<string, IrpRow[]>();
  for (const row of irps) if (row.driver !== null) pushTo(groups, row.driver, row);
  return [...groups]
    .map(([driver, list]) => ({
      driver,
      count: list.length,
      threads: new Set(list.map(({ thread }) => thread).filter((thread) => thread !== null)).size,
      withoutThread: list.filter(({ hasThread }) => hasThread === 0).length,
      requests: [
        ...new Set(list.map(({ major, minor }) => `${major?.toString(16) ?? '?'},${minor?.toString(16) ?? '?'}`)),
      ].slice(0, 8),
    }))
    .sort((a, b) => b.count - a.count || (a.driver < b.driver ? -1 : 1));
}

function byThread(irps: readonly IrpRow[]): DumpIrps['byThread'] {
  const groups = new Map<string | null, IrpRow[]>();
  for (const row of irps) {
    if (row.hasThread === null && row.thread === null) continue;
    pushTo(groups, hex(row.thread), row);
  }
  return [...groups]
    .map(([thread, list]) => ({
      thread,
      count: list.length,
      drivers: [...new Set(list.map(({ driver }) => driver).filter((driver) => driver !== null))],
    }))
    .sort((a, b) => b.count - a.count || ((a.thread ?? '') < (b.thread ?? '') ? -1 : 1));
}

const isUnused = ({ major, device, driver, file, completion, isCurrent }: LocationRow): boolean =>
  major === 0 && device === null && driver === null && file === null && completion === null && isCurrent !== 1;

/** A routine, or its address where it has no symbol. */
const completionOf = (text: string | null): string | null =>
  text !== null && /^[0-9a-f`]{8,17}$/i.test(text) ? hex(parseAddress(text)) : text;

function shown(row: IrpRow, locations: readonly LocationRow[], context: Finish): DumpIrp {
  return {
    address: hex(row.address),
    thread: hex(row.thread),
    driver: row.driver,
    device: hex(row.device),
    major: majorName(row.major),
    minor: row.minor,
    stacks: row.stacks,
    current: row.current,
    locations: locations.map((one) => ({
      location: one.location ?? 0,
      current: one.isCurrent === 1,
      // Zeroes of a location that nobody has used yet are no IRP_MJ_CREATE.
      major: isUnused(one) ? null : majorName(one.major),
      minor: isUnused(one) ? null : one.minor,
      device: hex(one.device),
      driver: one.driver,
      file: hex(one.file),
      completion: completionOf(one.completion),
      control: controlOf(one.control),
    })),
    evidence: context.evidence(row.at.source, row.at.cite),
  };
}
