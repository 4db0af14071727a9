/** The machine of a story, and its clocks: one line of time from which both sides print their own. */
import { streamOf } from '../dump/machine.js';
import type { Generation } from '../dump/truth.js';
import type { Random } from '../random.js';
import type { StoryFile, StoryKind, StoryTruth, Twist } from './model.js';
import { NO_FACTS } from './model.js';
import { Words } from './words.js';

export interface Windows {
  readonly generation: Generation;
  readonly debugger: string;
  /** `Windows 10 Kernel Version 19041` */
  readonly name: string;
  readonly build: number;
  readonly builtBy: string;
  readonly years: readonly [first: number, last: number];
}

const MODERN = [
  [17763, '17763.1.amd64fre.rs5_release.180914-1434', 2019],
  [19041, '19041.1.amd64fre.vb_release.191206-1406', 2020],
  [20348, '20348.1.amd64fre.fe_release.210507-1500', 2021],
  [22631, '22621.1.amd64fre.ni_release.220506-1250', 2023],
  [26100, '26100.1.amd64fre.ge_release.240331-1435', 2024],
] as const;

const modern = ([build, builtBy, year]: (typeof MODERN)[number]): Windows => ({
  generation: 'win10',
  debugger: year < 2022 ? '10.0.19041.685 AMD64' : '10.0.25877.1004 AMD64',
  name: `Windows 10 Kernel Version ${build}`,
  build,
  builtBy,
  years: [year, year + 2],
});

export const WINDOWS_X64: readonly Windows[] = MODERN.map(modern);
export const WINDOWS_X86: readonly Windows[] = [
  {
    generation: '2003',
    debugger: '6.12.0002.633 X86',
    name: 'Windows Server 2003 Kernel Version 3790 (Service Pack 2)',
    build: 3790,
    builtBy: '3790.srv03_sp2_gdr.100216-1301',
    years: [2008, 2012],
  },
  {
    generation: 'xp',
    debugger: '6.11.0001.404 X86',
    name: 'Windows XP Kernel Version 2600 (Service Pack 3)',
    build: 2600,
    builtBy: '2600.xpsp_sp3_gdr.090804-1435',
    years: [2008, 2012],
  },
];

const ZONES = [-480, -420, -300, -180, 0, 60, 120, 330, 345, 480, 540, 570] as const;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export interface Scene {
  readonly kind: StoryKind;
  readonly twist: Twist;
  readonly seed: number;
  readonly random: Random;
  readonly words: Words;
  readonly windows: Windows;
  readonly cpus: number;
  readonly machine: string;
  /** Local time - UTC of the machine. */
  readonly zoneMinutes: number;
  /** Of the machine on which the debugger ran. */
  readonly debuggerZoneMinutes: number;
  readonly lengthMs: number;
  /** UTC, since 1970. */
  readonly startMs: number;
  readonly dumpMs: number;
  readonly uptimeMs: number;
  readonly sameBoot: boolean;
}

export interface SceneOptions {
  readonly windows: readonly Windows[];
  /** Length of the trace. */
  readonly lengthMs: readonly [low: number, high: number];
  /** From the end of the trace to the dump, in the same boot. */
  readonly gapMs: readonly [low: number, high: number];
  readonly zoneMinutes?: number;
  /** The dump was taken before the trace ended: by so much of its length. */
}

export function sceneOf(kind: StoryKind, twist: Twist, seed: number, options: SceneOptions): Scene {
  const random = streamOf(seed, `${kind} ${twist}`);
  const windows = random.pick(options.windows);
  const zoneMinutes = options.zoneMinutes ?? random.pick(ZONES);
  const lengthMs = random.whole(...options.lengthMs);
  const startMs = momentIn(random, windows.years);
  const sameBoot = twist !== 'other-boot';
  const gapMs = sameBoot ? random.whole(...options.gapMs) : random.whole(20 * MINUTE_MS, 60 * HOUR_MS);
  const dumpMs = startMs + lengthMs + gapMs;
  const ownMs = Math.round(2 ** (random.next() * 11) * 10 * MINUTE_MS);
  return {
    kind,
    twist,
    seed,
    random,
    words: new Words(random),
    windows,
    cpus: windows.generation === 'xp' ? 1 : random.pick([2, 4, 4, 8, 8, 16]),
    machine: '',
    zoneMinutes,
    debuggerZoneMinutes: random.next() < 0.6 ? zoneMinutes : random.pick(ZONES),
    lengthMs,
    startMs,
    dumpMs,
    uptimeMs: sameBoot ? dumpMs - startMs + ownMs : Math.round(gapMs * (0.1 + 0.8 * random.next())),
    sameBoot,
  };
}

/** A whole ms in one of the years; the seconds are odd so that no clock starts at 0. */
function momentIn(random: Random, [first, last]: readonly [number, number]): number {
  const day = Date.UTC(random.whole(first, last), random.whole(0, 11), random.whole(1, 28));
  return day + random.whole(0, 24 * HOUR_MS - 1);
}

export const bootMsOf = ({ dumpMs, uptimeMs }: Scene): number => dumpMs - uptimeMs;
/** µs since 1970 that the clock of the machine shows when the trace starts. */
export const startClockUs = ({ startMs, zoneMinutes }: Scene): number => (startMs + zoneMinutes * MINUTE_MS) * 1000;
export const filetimeOfMs = (ms: number): bigint => (BigInt(ms) + 11_644_473_600_000n) * 10_000n;
export const offsetMsOf = ({ dumpMs, startMs }: Scene): number => dumpMs - startMs;

type Told = Pick<StoryTruth, 'cause' | 'isProvable' | 'innocent'> &
  Partial<Omit<StoryTruth, 'facts'>> & { readonly facts?: Partial<StoryTruth['facts']> };

/** What is known of the clocks, and what `told` adds. */
export function truthOf(scene: Scene, told: Told): StoryTruth {
  return {
    module: null,
    function: null,
    process: null,
    tag: null,
    thread: null,
    startUtc: new Date(scene.startMs).toISOString(),
    dumpUtc: new Date(scene.dumpMs).toISOString(),
    offsetMs: offsetMsOf(scene),
    sameBoot: scene.sameBoot,
    zoneMinutes: scene.zoneMinutes,
    ...told,
    facts: { ...NO_FACTS, ...told.facts },
  };
}

export const textFile = (role: StoryFile['role'], name: string, text: string): StoryFile => ({
  role,
  name,
  bytes: Buffer.from(text),
});
