/** Drivers: packets that never come back, filters in an unexpected order, Plug and Play that waits. */

import { blockerOf } from '../blocker.js';
import type { Case } from '../case.js';
import { filtersOf } from '../filters.js';
import { hex, routineOf } from '../frames.js';
import { lockName } from '../locks.js';
import { nblsOf } from '../nbls.js';
import type { DumpPattern } from '../result.js';
import { counted, type PatternFinder, pattern, someOf, waitText } from './pattern.js';

export const driverPatterns: PatternFinder = (all) => [
  ...nbls(all),
  ...plugAndPlay(all),
  ...filters(all),
  ...spinLocks(all),
];

/** NBLs of one holder from which on they pile up, and its share of all that are pending. */
const MANY_NBLS = 16;
const SHARE_OF_NBLS = 0.5;

function nbls(all: Case): DumpPattern[] {
  const known = nblsOf(all);
  if (known === null || known.evidence.length === 0) return [];
  const listedInAll = known.holders.reduce((sum, { listed }) => sum + listed, 0);
  const pending = Math.max(known.pending ?? 0, listedInAll);
  // Of a list that was cut only a holder that is alone is known in full.
  const isOnly = known.holders.length === 1;
  const countOf = (listed: number): number => (isOnly ? pending : listed);
  const isPile = (listed: number): boolean =>
    countOf(listed) >= MANY_NBLS && countOf(listed) >= pending * SHARE_OF_NBLS;
  const hasPile = known.holders.some(({ listed }) => isPile(listed));
  return (
    known.holders
      // A few are always on their way: beside a holder of many they say nothing.
      .filter(({ listed }) => listed > 0 && (isPile(listed) || listed >= MANY_NBLS || !hasPile))
      .map(({ address, name, driver, listed, states, kind }) => ({
        name: 'Pending NET_BUFFER_LISTs',
        certain: isPile(listed),
        statement: `${listedInAll < pending && !isOnly ? 'at least ' : ''}${counted(countOf(listed), 'NBL')}${known.total === null ? '' : ` of ${known.total}`} ${countOf(listed) === 1 ? 'is' : 'are'} held by ${name ?? address}${kind === null ? '' : ` [${kind}]`}${driver === null ? '' : `, driver ${driver}`}${Object.keys(states).length === 0 ? '' : ` (${Object.values(states).slice(0, 4).join(', ')})`}`,
        subjects: [address ?? '', ...(driver === null ? [] : [driver])],
        evidence: known.evidence,
        against: [],
        next: [`ask the vendor of ${driver ?? name ?? 'that miniport'}; !ndiskd.miniport ${address?.slice(2) ?? ''}`],
      }))
  );
}

/** How long a thread waits with a lock of Plug and Play before it is stuck, and before it is worth a word. */
const STUCK_MS = 60_000;
const SLOW_MS = 10_000;

const PNP =
  /!(?:IopDeviceTreeLock|PiEngineLock|PpRegistryDeviceResource|PnpDevice\w{0,30}Lock|PiPnpRtlActive\w{0,20})$/i;

/** Locks of Plug and Play that somebody holds and waits: no device comes or goes until it is over. */
function plugAndPlay(all: Case): DumpPattern[] {
  const held = all.locks.all.filter(({ symbol, owners }) => symbol !== null && PNP.test(symbol) && owners.length > 0);
  const owners = [...new Set(held.flatMap((lock) => lock.owners))].filter(
    ({ state, waitMs }) => state !== 'RUNNING' && (waitMs === null || waitMs >= SLOW_MS),
  );
  return owners.map((owner) => {
    const own = held.filter((lock) => lock.owners.includes(owner));
    const blocker = blockerOf(owner.frames, owner.doubtfulFrame);
    const removing = owner.frames.find(({ function: fn }) => fn !== null && /Remove|Eject/.test(fn));
    return pattern(all, {
      name: 'Blocked Thread (Plug and Play)',
      certain: owner.waitMs !== null && owner.waitMs >= STUCK_MS,
      statement: `${owner.id} holds ${own.map(lockName).join(' and ')}${owner.waitMs === null ? '' : ` and has waited ${waitText(owner.waitMs)}`}${blocker === null ? '' : ` in ${routineOf(blocker.frame)}`}${removing === undefined ? '' : `, while a device is removed (${routineOf(removing)})`}: no device can come or go`,
      subjects: [owner.id, ...own.map(({ address }) => hex(address) ?? '')],
      rows: [...owner.sightings, ...own.flatMap(({ rows }) => rows)],
    });
  });
}

/** A legacy filter stands above a minifilter of higher altitude: frames of the filter manager are attached as wholes. */
function filters(all: Case): DumpPattern[] {
  const list = filtersOf(all.rows);
  const found: DumpPattern[] = [];
  for (const legacy of list.filter(({ isLegacy }) => isLegacy === 1)) {
    const below = list
      .slice(list.indexOf(legacy) + 1)
      .filter((row) => row.isLegacy !== 1 && Number(row.altitude) > Number(legacy.altitude));
    if (below.length === 0) continue;
    const altitudes = `between ${legacy.altitude} and ${below[0].altitude}`;
    found.push(
      pattern(all, {
        name: 'Filter Order',
        certain: true,
        statement: `legacy filter ${legacy.name} (${legacy.altitude}) stands above minifilter ${someOf(below.map(({ name, altitude }) => `${name} (${altitude})`))} despite its lower altitude: by design, because frame ${below[0].frame ?? 0} was widened to take the minifilter in`,
        subjects: [legacy.name ?? '', ...below.map(({ name }) => name ?? '')],
        rows: [legacy, ...below],
        next: [
          `a minifilter of an altitude ${altitudes} that loads first forces another frame and so the order; or replace the legacy filter`,
        ],
      }),
    );
  }
  return found;
}

/** `!deadlock`: Driver Verifier saw locks taken in orders that form a cycle. */
function spinLocks(all: Case): DumpPattern[] {
  // Printed again, a name means something else: what it says last counts.
  const latest = [...new Map(all.facts.of('deadlock').map((row) => [row.name, row])).values()];
  const of = (what: RegExp): typeof latest => latest.filter(({ name }) => what.test(name ?? ''));
  const [orders, locks, threads] = [of(/^order/), of(/^lock/), of(/^thread/)];
  if (orders.length < 2) return [];
  return [
    pattern(all, {
      name: 'Deadlock (lock order)',
      certain: true,
      statement: `Driver Verifier: ${counted(orders.length, 'thread')} took ${counted(locks.length, 'lock')} in different orders (${orders.map(({ value }) => value).join('; ')}): they can block each other for good`,
      subjects: [...threads, ...locks].map(({ value }) => value ?? ''),
      rows: [...orders, ...locks, ...threads],
      next: ['!deadlock 1: the stacks at which each lock was taken'],
    }),
  ];
}
