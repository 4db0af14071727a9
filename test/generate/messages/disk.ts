/** An event log of a disk that does not answer: resets by storport every ten minutes, and requests that are tried again. */
import { seeded } from '../random.js';
import { clockAt } from './clock.js';
import { pagingDump, resetDump, retriedDump } from './disk-data.js';
import type { EventLogFields, Level, ListedSource, Process, Scenario, Spoken } from './model.js';
import { makeScenario } from './scenario.js';

const LENGTH_US = 2 * 3_600_000_000;
/** Between resets, and how far each may be from its place. */
const PERIOD_US = 600_000_000;
const JITTER_US = 2_500_000;
const FIRST_US = 130_000_000;
const RESETS = 12;

const SYSTEM: Process = { name: 'System', pid: 4 };
const SERVICES: Process = { name: 'services.exe', pid: 916 };
/** Warnings of drivers: severity 2, customer bit off, facility 4. */
const DRIVER = 0x8004;

export const spoken = (provider: string, eventId: number, level: Level, text: string): Spoken => ({
  text,
  provider,
  eventId,
  level,
  severity: level === 3 ? 'warning' : null,
  file: '',
  line: 0,
  function: '',
});

export const event = (qualifiers: number, device: string | null): EventLogFields => ({
  channel: 'System',
  qualifiers,
  device,
});

const RESET = spoken('storahci', 129, 3, 'Reset to device, \\Device\\RaidPort0, was issued.');
const RETRIED = spoken(
  'disk',
  153,
  3,
  'The IO operation at logical block address <hex> for Disk 1 (PDO name: \\Device\\0000003a) was retried.',
);
const PAGING = spoken(
  'disk',
  51,
  3,
  'An error was detected on device \\Device\\Harddisk1\\DR1 during a paging operation.',
);
const SERVICE = spoken('Service Control Manager', 7036, 4, 'The Lamp Indexer service entered the running state.');
const UPTIME = spoken('EventLog', 6013, 4, 'The system uptime is <num> seconds.');

/** About 60 events in two hours. Event 129 is periodic; two to four of 153 follow each, and some of 51. */
export function diskEvents(seed = 20_261_121): Scenario {
  const random = seeded(seed);
  const around = (atUs: number, byUs: number): number => atUs + random.whole(-byUs, byUs);
  const resets = Array.from({ length: RESETS }, (_, i) => around(FIRST_US + i * PERIOD_US, JITTER_US));
  const retried = resets.flatMap((atUs) =>
    Array.from({ length: random.whole(2, 4) }, () => atUs + random.whole(20_000, 1_800_000)),
  );
  const paging = resets.filter((_, i) => i % 4 === 1).map((atUs) => atUs + random.whole(2_000_000, 3_000_000));
  const anytime = (count: number): number[] => Array.from({ length: count }, () => random.whole(0, LENGTH_US - 1));
  const kernel = { kind: 'listed', process: SYSTEM, tids: [268, 312] } as const;
  const services = { kind: 'listed', process: SERVICES, tids: [1004] } as const;
  const sources: ListedSource[] = [
    { ...kernel, spoken: RESET, atUs: resets, event: event(DRIVER, '\\Device\\RaidPort0'), dump: resetDump },
    { ...kernel, spoken: RETRIED, atUs: retried, event: event(DRIVER, '\\Device\\Harddisk1\\DR1'), dump: retriedDump },
    { ...kernel, spoken: PAGING, atUs: paging, event: event(DRIVER, '\\Device\\Harddisk1\\DR1'), dump: pagingDump },
    { ...services, spoken: SERVICE, atUs: anytime(7), event: event(16384, 'Lamp Indexer') },
    { ...services, spoken: UPTIME, atUs: [LENGTH_US / 2], event: event(0x8000, null) },
  ];
  return makeScenario({
    name: 'disk',
    seed,
    lengthUs: LENGTH_US,
    startClockUs: clockAt(2026, 11, 20, 13, 7, 2),
    sources,
  });
}
