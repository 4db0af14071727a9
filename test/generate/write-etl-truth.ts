/** Writes a truth as the event log that Windows 11 would have written, or with the ISR layout of Windows 7. */
import { type EtlEvent, type EtlLog, type EtlSession, type EventBody, etlSession } from './etl/log.js';
import { dpc, type IsrLayout, isr } from './etl/payloads/dpc-isr.js';
import { imageEvent, processEvent, threadEvent, type When } from './etl/payloads/rundown.js';
import { contextSwitch, sampledProfile } from './etl/payloads/schedule.js';
import { stack, stackKey, stackKeyFrames } from './etl/payloads/stack.js';
import { writeEtl } from './etl/write-etl.js';
import {
  endUs,
  type ImageTruth,
  type ProcessTruth,
  type Run,
  type RunType,
  type Sample,
  type Switch,
  type Truth,
} from './truth.js';

export interface EtlTruthOptions extends Pick<EtlLog, 'compressed' | 'nativeLog'> {
  /** Default: the truth's. With another than a multiple of 1 MHz, times are rounded to ticks. */
  readonly perfFreq?: bigint;
  readonly bufferBytes?: number;
  readonly isrLayout?: IsrLayout;
  /** Stacks by keys, which mean other stacks later. */
  readonly stackKeys?: boolean;
}

/** Fewer keys than there are stacks. */
const STACK_KEYS = 2;
/** Which images were there before the trace, so that its start names them: every second one. The end names all. */
const KNOWN_AT_START = 2;

export const writeEtlTruth = (truth: Truth, options: EtlTruthOptions = {}): Buffer =>
  writeEtl(etlTruthLog(truth, options));

/** The log before it is written. */
export function etlTruthLog(truth: Truth, options: EtlTruthOptions = {}): EtlLog {
  const session = sessionOf(truth, options);
  const at = (us: number): bigint => ticksAt(session, us);
  const layout = options.isrLayout ?? 'vector16';
  const samples = options.stackKeys
    ? keyedSamples(truth.samples, at)
    : truth.samples.flatMap((row) => stacked(row, at));
  const events: EtlEvent[] = [
    ...rundown(truth, 'rundownStart', at(0)),
    ...truth.runs.map((run) => ({ ...runBody(run, layout, at), cpu: run.cpu, ticks: at(endUs(run)) })),
    ...truth.cswitches.map((row) => ({ ...switchBody(row), cpu: row.cpu, ticks: at(row.atUs) })),
    ...samples,
    ...rundown(truth, 'rundownEnd', at(truth.lengthUs)),
  ];
  return { session, events, compressed: options.compressed, nativeLog: options.nativeLog };
}

function sessionOf(truth: Truth, options: EtlTruthOptions): EtlSession {
  return etlSession({
    bufferBytes: options.bufferBytes ?? 65536,
    cpus: truth.cpus,
    perfFreq: options.perfFreq ?? BigInt(truth.perfFreq),
    startFiletime: truth.startFiletime,
    endFiletime: truth.startFiletime + BigInt(truth.lengthUs) * 10n,
    bootFiletime: 133_890_000_000_000_000n,
    eventsLost: truth.eventsLost,
    buffersLost: truth.buffersLost,
    logFileName: `C:\\Temp\\${truth.name}.etl`,
  });
}

/** Rounded to the nearest tick. */
function ticksAt({ startTicks, perfFreq }: EtlSession, us: number): bigint {
  return startTicks + (BigInt(us) * perfFreq + 500_000n) / 1_000_000n;
}

const isMessageSignalled = (type: RunType): boolean => type === 'ISR-MSI';

/** Logged when the routine has ended. */
function runBody(run: Run, layout: IsrLayout, at: (us: number) => bigint): EventBody {
  const common = { initialTime: at(run.startUs), routine: run.address };
  if (run.type === 'DPC' || run.type === 'TimerDPC' || run.type === 'ThreadedDPC') return dpc(run.type, common);
  const message = isMessageSignalled(run.type) ? (run.messageIndex ?? 0) : undefined;
  return isr({ ...common, vector: run.vector ?? 0, message }, layout);
}

/** KTHREAD_STATE and KWAIT_REASON: an idle thread was running, any other waits for what its user asked for. */
function switchBody({ cpu, to, from, waitUs }: Switch): EventBody {
  const wasIdle = from.tid === 0;
  return contextSwitch({
    newTid: to.tid,
    oldTid: from.tid,
    newPriority: to.tid === 0 ? 0 : 8,
    oldPriority: wasIdle ? 0 : 8,
    previousCState: 0,
    oldWaitReason: wasIdle ? 0 : 6,
    oldWaitMode: wasIdle ? 0 : 1,
    oldState: wasIdle ? 2 : 5,
    oldIdealProcessor: cpu,
    newThreadWaitTime: Math.ceil(waitUs / 15_625),
  });
}

const sampleEvent = ({ cpu, process, stack: frames }: Sample, ticks: bigint): EtlEvent => ({
  ...sampledProfile({ instructionPointer: frames[0].address, tid: process.tid }),
  cpu,
  ticks,
});

const ownerOf = ({ process }: Sample, ticks: bigint) => ({ ticks, pid: process.pid, tid: process.tid });

/** The stack is logged a tick after its sample and names it by its time. */
function stacked(sample: Sample, at: (us: number) => bigint): EtlEvent[] {
  const ticks = at(sample.atUs);
  const frames = sample.stack.map(({ address }) => address);
  const body = stack(ownerOf(sample, ticks), frames);
  return [sampleEvent(sample, ticks), { ...body, cpu: sample.cpu, ticks: ticks + 1n }];
}

/** A key that is taken for another stack is first deleted, which tells its frames; the rest is told at the end. */
function keyedSamples(samples: readonly Sample[], at: (us: number) => bigint): EtlEvent[] {
  const events: EtlEvent[] = [];
  const meaning = new Map<bigint, { name: string; frames: bigint[] }>();
  let taken = 0;
  for (const sample of samples) {
    const ticks = at(sample.atUs);
    const { cpu } = sample;
    const frames = sample.stack.map(({ address }) => address);
    const name = frames.join();
    let key = [...meaning].find(([, known]) => known.name === name)?.[0];
    if (key === undefined) {
      key = 0xffffb18c40000000n + BigInt(taken++ % STACK_KEYS) * 0x200n;
      const before = meaning.get(key);
      if (before !== undefined) events.push({ ...stackKeyFrames('delete', key, before.frames), cpu, ticks });
      meaning.set(key, { name, frames });
    }
    events.push(sampleEvent(sample, ticks));
    events.push({ ...stackKey('kernel', ownerOf(sample, ticks), key), cpu, ticks: ticks + 1n });
  }
  const last = samples.at(-1);
  if (last === undefined) return events;
  for (const [key, { frames }] of meaning) {
    events.push({ ...stackKeyFrames('rundown', key, frames), cpu: 0, ticks: at(last.atUs) + 2n });
  }
  return events;
}

/** Processes, threads and images, all at one moment. */
function rundown(truth: Truth, when: When, ticks: bigint): EtlEvent[] {
  const logger = { cpu: 0, ticks, pid: 2144, tid: 6212 };
  const images = truth.images.filter((_, i) => when === 'rundownEnd' || i % KNOWN_AT_START === 0);
  return [
    ...truth.processes.map((process) => ({ ...processBody(process, when), ...logger })),
    ...truth.processes.map((process) => ({ ...threadBody(process, when, truth.images), ...logger })),
    ...images.map((image) => ({ ...imageBody(image, when), ...logger, pid: image.pid })),
  ];
}

function processBody({ name, pid, parentPid }: ProcessTruth, when: When): EventBody {
  return processEvent(when, {
    key: 0xffffc00000000000n + BigInt(pid) * 0x1000n,
    pid,
    parentPid,
    sessionId: pid > 4 ? 1 : 0,
    imageFileName: name,
    commandLine: pid > 4 ? `"C:\\Programs\\${name}"` : '',
  });
}

function threadBody({ name, pid, tid }: ProcessTruth, when: When, images: readonly ImageTruth[]): EventBody {
  const own = images.find((image) => image.name === name) ?? images[0];
  const stackBase = 0xfffff90000000000n + BigInt(tid) * 0x10000n;
  return threadEvent(when, {
    pid,
    tid,
    stackBase,
    stackLimit: stackBase - 0x6000n,
    win32StartAddress: own.base + 0x1000n,
    basePriority: tid === 0 ? 0 : 8,
    name: '',
  });
}

const imageBody = ({ base, size, pid, path }: ImageTruth, when: When): EventBody =>
  imageEvent(when, { base, size, pid: pid === 4 ? 0 : pid, fileName: path });
