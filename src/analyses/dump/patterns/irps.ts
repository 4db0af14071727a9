/** I/O requests that pile up at one driver or thread. */
import { dumpDevice, dumpIrp } from '../../../tables/dump-io.js';
import type { Case } from '../case.js';
import { hex } from '../frames.js';
import { irpRows } from '../irps.js';
import type { DumpPattern } from '../result.js';
import { counted, type PatternFinder, pattern, someOf } from './pattern.js';

/** Commands that list all IRPs, of the system or of a process. */
const LISTS = new Set(['!irpfind', '!processirps']);
/** Share of all IRPs, and number, from which on one holder stands out; few are "possible" only. */
const SHARE = 0.4;
const SOME = 2;
const MANY = 10;
const LEAST_LISTED = 4;

export const irpPatterns: PatternFinder = (all) => [...distribution(all)];

/** What lies below the device that has the requests, where the log shows its stack. */
function below({ rows }: Case, list: readonly { readonly device: bigint | null }[]): string {
  const devices = new Set(list.map(({ device }) => device));
  const row = rows.of(dumpDevice).find(({ address, lower }) => lower !== null && devices.has(address));
  if (row === undefined) return '';
  return `; device ${hex(row.address)} is attached to ${row.lowerDriver ?? 'the device'} ${hex(row.lower)} below it`;
}

function distribution(all: Case): DumpPattern[] {
  const listed = new Set(
    all.rows
      .of(dumpIrp)
      .filter(({ command }) => LISTS.has(command ?? ''))
      .map(({ address }) => address),
  );
  const rows = irpRows(all.rows).filter(({ address }) => listed.has(address));
  if (rows.length < LEAST_LISTED) return [];
  const found: DumpPattern[] = [];
  const threads = new Map<string, typeof rows>();
  const drivers = new Map<string, typeof rows>();
  for (const row of rows) {
    const thread = hex(row.thread);
    if (thread !== null) threads.set(thread, [...(threads.get(thread) ?? []), row]);
    else if (row.hasThread === 0 && row.driver !== null)
      drivers.set(row.driver, [...(drivers.get(row.driver) ?? []), row]);
  }
  for (const [thread, list] of threads) {
    if (list.length < SOME || list.length < rows.length * SHARE) continue;
    const places = [...new Set(list.map(({ driver }) => driver ?? 'an unknown driver'))];
    const requests = [...new Set(list.map(({ major, minor }) => `(${major?.toString(16)},${minor?.toString(16)})`))];
    found.push(
      pattern(all, {
        name: 'IRP Distribution Anomaly',
        certain: list.length >= MANY,
        statement: `${list.length} of ${rows.length} IRPs listed are of thread ${thread}, at ${someOf(places)} ${someOf(requests)}${below(all, list)}`,
        subjects: [thread, ...places],
        rows: list,
        next: [`!thread ${thread.slice(2)}; !irp of one of them: which driver has it, and since when`],
      }),
    );
  }
  for (const [driver, list] of drivers) {
    if (list.length < SOME) continue;
    found.push(
      pattern(all, {
        name: 'IRP Distribution Anomaly',
        certain: list.length >= MANY,
        statement: `${counted(list.length, 'IRP')} at ${driver} ${list.length === 1 ? 'has' : 'have'} no thread: the driver made ${list.length === 1 ? 'it' : 'them'} itself, or for another driver`,
        subjects: [driver],
        rows: list,
        next: [`lmv m ${driver.replace(/^.*\\/, '')}: its version and date`],
      }),
    );
  }
  return found;
}
