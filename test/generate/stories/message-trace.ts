/** Traces of messages for stories: talk and innocent rhythms around what matters, in a format that suits the twist. */
import { shuffled } from '../dump/machine.js';
import type {
  ListedSource,
  PeriodicSource,
  PlannedGap,
  PoissonSource,
  Process,
  Source,
  Speaker,
  Spoken,
} from '../messages/model.js';
import { type MessageLog, play } from '../messages/play.js';
import { makeScenario } from '../messages/scenario.js';
import { NOISE, RECURRING } from '../messages/texts.js';
import { debugView } from '../messages/write-debugview.js';
import { logText } from '../messages/write-log-text.js';
import { type TextTraceColumn, textTrace } from '../messages/write-text-trace.js';
import { wppText } from '../messages/write-wpp.js';
import { packedIfLarge } from './dpc-trace.js';
import type { StoryFile, Twist } from './model.js';
import { type Scene, startClockUs } from './scene.js';

export interface MessagePlan {
  readonly decisive: readonly Source[];
  /** How many messages of noise of each text, and how many texts. */
  readonly noise: { readonly texts: number; readonly each: readonly [number, number] };
  /** Periods of innocents, µs. */
  readonly innocentPeriodsUs: readonly number[];
  readonly gaps?: readonly PlannedGap[];
  /** Ids of the processes of the noise begin here. */
  readonly firstPid: number;
}

export interface MessageTrace {
  readonly log: MessageLog;
  /** Components and processes that only talk. */
  readonly innocent: readonly string[];
}

/** Error texts that tests of this project use elsewhere do not belong to a story's innocents. */
const INNOCENTS = RECURRING.filter(({ provider }) => provider !== 'OrderStore');

export function messageTrace(scene: Scene, plan: MessagePlan): MessageTrace {
  const { random, words, lengthMs } = scene;
  const lengthUs = lengthMs * 1000;
  let id = plan.firstPid;
  const nextId = (): number => {
    id += 4 * random.whole(3, 60);
    return id;
  };
  const process = (): Process => ({
    name: `${words.stem()}${random.pick(['agent', 'tray', 'hub', 'sync'])}.exe`,
    pid: nextId(),
  });
  const crowd = [process(), process(), process()];
  const speaker = (): Speaker => ({ process: random.pick(crowd), tids: [nextId(), nextId()] });
  const noise = shuffled(random, NOISE)
    .slice(0, plan.noise.texts)
    .map(
      (spoken): PoissonSource => ({
        kind: 'poisson',
        spoken,
        ...speaker(),
        stretches: [{ fromUs: 0, toUs: lengthUs, ratePerS: 0 }],
        exactly: random.whole(...plan.noise.each),
      }),
    );
  const rhythms = errorFirst(shuffled(random, INNOCENTS))
    .slice(0, plan.innocentPeriodsUs.length)
    .map((spoken, i) => {
      const { process: who, tids } = speaker();
      return rhythm(scene, { spoken, process: who, tids: [tids[0]], periodUs: plan.innocentPeriodsUs[i] });
    });
  const scenario = makeScenario({
    name: `${scene.kind}-${scene.seed}`,
    seed: scene.seed * 31 + 7,
    startClockUs: startClockUs(scene),
    zoneMinutes: scene.zoneMinutes,
    machine: words.machine(),
    cpus: scene.cpus,
    lengthUs,
    sources: [...plan.decisive, ...noise, ...rhythms, beginning(speaker())],
    gaps: plan.gaps ?? [],
  });
  const innocent = [...rhythms.map(({ spoken }) => spoken.provider), ...crowd.map(({ name }) => name)];
  return { log: play(scenario), innocent };
}

/** One of them at least is an error. */
const errorFirst = (all: readonly Spoken[]): Spoken[] => {
  const error = all.find(({ severity }) => severity === 'error');
  return error === undefined ? [...all] : [error, ...all.filter((one) => one !== error)];
};

/** A message at the very start, so that the first time in the file is that of the start. */
const beginning = (speaker: Speaker): ListedSource => ({
  kind: 'listed',
  ...speaker,
  spoken: {
    text: 'Tracing begins',
    provider: 'TraceHost',
    file: 'session.cpp',
    line: 77,
    function: 'Begin',
    level: 4,
    severity: null,
    eventId: 2,
  },
  atUs: [0],
  event: { channel: 'Application', qualifiers: 0, device: null },
});

export interface RhythmPlan extends Speaker {
  readonly spoken: Spoken;
  readonly periodUs: number;
  /** Of any beat, from the start of the trace; default: anywhere. */
  readonly beatUs?: number;
  readonly share?: number;
  readonly fromUs?: number;
}

/** From its first place in the trace to its end. */
export function rhythm(scene: Scene, plan: RhythmPlan): PeriodicSource {
  const { spoken, process, tids, periodUs, beatUs, share = 0.004, fromUs = 0 } = plan;
  const lengthUs = scene.lengthMs * 1000;
  const within = ((((beatUs ?? scene.random.whole(0, periodUs - 1)) - fromUs) % periodUs) + periodUs) % periodUs;
  const phaseUs = fromUs + within;
  return {
    kind: 'periodic',
    spoken,
    process,
    tids,
    phaseUs,
    periodUs,
    beats: Math.max(2, Math.floor((lengthUs - phaseUs) / periodUs) + 1),
    missed: 0,
    jitter: { model: 'grid', share },
    drift: 0,
  };
}

type Writer = readonly [name: string, write: (log: MessageLog) => string];

const table = (columns: readonly TextTraceColumn[], options: Parameters<typeof textTrace>[1]): Writer => [
  'trace.txt',
  (log) => textTrace(log, { ...options, columns }),
];
const SHORT: readonly TextTraceColumn[] = ['#', 'PID', 'TID', 'Time', 'Message'];
const WITH_MODULE: readonly TextTraceColumn[] = ['#', 'Module', 'PID', 'TID', 'Time', 'Message'];
const DATED: readonly TextTraceColumn[] = ['#', 'Module', 'PID', 'TID', 'Date', 'Time', 'Message'];

const UTC: readonly Writer[] = [
  ['trace.log', (log) => logText(log, { style: 'iso' })],
  table(SHORT, { time: 'ticks' }),
  table(WITH_MODULE, { time: 'ticks', separator: 'tab', ids: 'hex' }),
];
const LOCAL: readonly Writer[] = [
  table(DATED, { time: 'ms', date: 'iso' }),
  table(DATED, { time: 'us', date: 'de', separator: 'tab' }),
  ['trace.txt', (log) => wppText(log)],
  ['trace.txt', (log) => wppText(log, { functions: true })],
  ['trace.log', (log) => logText(log, { style: 'comma' })],
];
const TIME_ONLY: readonly Writer[] = [
  table(SHORT, { time: 'ms' }),
  table(WITH_MODULE, { time: 'us', separator: 'tab' }),
  ['trace.log', (log) => debugView(log, { time: 'clock' })],
];

/** By what the twist leaves of the times. */
export function messageFile({ twist, random }: Scene, { log }: MessageTrace): StoryFile {
  const [name, write] = random.pick(writersOf(twist));
  return packedIfLarge('trace', name, write(log));
}

function writersOf(twist: Twist): readonly Writer[] {
  if (twist === 'zone-without-date') return LOCAL;
  return twist === 'time-of-day-only' ? TIME_ONLY : UTC;
}

/** False where local times without a zone were recorded in another zone than that of the debugger: nobody can join them then. */
export const areClocksKnown = ({ twist, zoneMinutes, debuggerZoneMinutes }: Scene): boolean =>
  (twist !== 'zone-without-date' && twist !== 'time-of-day-only') || zoneMinutes === debuggerZoneMinutes;
