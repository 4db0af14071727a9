/** Marks for time lines of reports made by hand. */
import type { Lane } from '../../correlate/result.js';

const N = 4000;
const laneOf = (more: Partial<Lane>): Lane => ({
  id: 'lane',
  title: 'a lane',
  kind: 'dpc',
  cpu: null,
  level: 'note',
  startUs: [],
  durationUs: [],
  label: [],
  labels: ['netdrv.sys!RxDpc', 'storport.sys!RaidpAdapterDpc'],
  source: 's1',
  places: [],
  placesAre: 'line',
  of: 0,
  ...more,
});

/** Numbers that look like chance, and are the same in each run. */
export function* shuffled(seed: number): Generator<number> {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

/** `count` marks over `spanUs` with durations that differ. */
export function runsLane(title: string, count: number, spanUs: number, more: Partial<Lane> = {}): Lane {
  const chance = shuffled(title.length + count);
  const next = (): number => chance.next().value as number;
  const startUs = Array.from({ length: count }, (_, i) => Math.round(((i + next()) / count) * spanUs * 10) / 10);
  return laneOf({
    id: title,
    title,
    startUs,
    durationUs: startUs.map(() => Math.round(2 * 2 ** (next() * 9)) / 2),
    label: startUs.map(() => (next() > 0.7 ? 1 : 0)),
    places: startUs.map((_, i) => 10 + 3 * i),
    of: count,
    ...more,
  });
}

export function lanes(): Lane[] {
  const beats = Array.from({ length: 18 }, (_, i) => 1_200_000 + i * 6_656_000);
  return [
    runsLane('CPU 0 DPC', N, 120e6, { cpu: 0 }),
    runsLane('CPU 1 DPC', N / 2, 120e6, { cpu: 1, level: 'warning' }),
    runsLane('CPU 1 ISR', N / 4, 120e6, { cpu: 1, kind: 'isr' }),
    laneOf({
      id: 'retry',
      title: 'Not enough space on temp disk, retry <n>',
      kind: 'message',
      level: 'error',
      startUs: beats,
      durationUs: beats.map(() => 0),
      label: beats.map(() => 0),
      labels: ['Not enough space on temp disk, retry <n>'],
      places: beats.map((_, i) => (i === 0 ? 16504 : 16600 + 90 * i)),
      of: 18,
    }),
    laneOf({
      id: 'wait',
      title: 'Wait of 0xffffb28c4a1d7080',
      kind: 'wait',
      level: 'error',
      source: 's2',
      startUs: [22_000_000],
      durationUs: [113_000_000],
      label: [0],
      labels: ['waits for critical-section 0x7c980600'],
      places: [140],
      of: 1,
    }),
    laneOf({
      id: 'pool',
      title: "Pool 'Leak' outstanding",
      kind: 'pool',
      startUs: [3e6, 40e6, 90e6],
      durationUs: [0, 0, 0],
      label: [0, 0, 0],
      labels: ['1 MB more'],
      places: [null, null, null],
      of: 3,
    }),
    laneOf({
      id: 'disk',
      title: 'Disk 0 reset',
      kind: 'disk',
      level: 'warning',
      startUs: [61e6],
      durationUs: [4e6],
      label: [0],
      labels: ['event 129: reset'],
      places: [20000],
      of: 1,
    }),
  ];
}
