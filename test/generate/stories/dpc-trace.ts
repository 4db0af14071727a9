/** Traces of DPCs and ISRs for stories: runs that do not overlap on a CPU, and the files that hold them. */
import { gzipSync } from 'node:zlib';
import { hashOf } from '../dump/machine.js';
import { writeEtl } from '../etl/write-etl.js';
import { endUs, type Frame, type ImageTruth, type ProcessTruth, type Run, type Sample, type Truth } from '../truth.js';
import { dumper } from '../write-dumper.js';
import { etlTruthLog } from '../write-etl-truth.js';
import type { StoryFile } from './model.js';
import { bootMsOf, filetimeOfMs, type Scene } from './scene.js';

export interface Routine {
  /** `brooknic.sys` */
  readonly file: string;
  readonly fn: string;
  readonly type: Run['type'];
}

const IMAGE_BYTES = 0x100000n;
const STRIDE = 0x200000n;
/** Windows' own, in load order. */
const SYSTEM_IMAGES = ['ntoskrnl.exe', 'hal.dll', 'Wdf01000.sys', 'ndis.sys', 'storport.sys', 'dxgkrnl.sys'];
const IDLE: ProcessTruth = { name: 'Idle', pid: 0, parentPid: 0, tid: 0 };
const SYSTEM: ProcessTruth = { name: 'System', pid: 4, parentPid: 0, tid: 212 };
/** Runs of a CPU keep this distance. */
const GAP_US = 5;
/** Larger texts are packed. */
const PLAIN_BYTES = 150_000;

export interface DpcTraceBuilder {
  readonly runs: Run[];
  readonly samples: Sample[];
  readonly images: readonly ImageTruth[];
  frame(file: string, fn: string, offset?: number): Frame;
  /** Adds a run, unless another is there on that CPU, or it is not wholly within the trace. */
  place(routine: Routine, cpu: number, startUs: number, durationUs: number): boolean;
  /** So many runs at random times on some of the CPUs. */
  scatter(routine: Routine, of: Scatter): void;
}

export interface Scatter {
  readonly runs: number;
  readonly cpus: readonly number[];
  readonly medianUs: number;
  readonly sigma: number;
  /** None is longer. */
  readonly mostUs: number;
}

/** `slide` moves all images, as another boot does. */
export function imagesOf(files: readonly string[], slide: bigint): ImageTruth[] {
  return [...SYSTEM_IMAGES, ...files].map((name, i) => ({
    name,
    path: `\\SystemRoot\\System32\\${name.toLowerCase().endsWith('.sys') ? 'drivers\\' : ''}${name}`,
    base: 0xfffff80340000000n + slide + BigInt(i) * STRIDE,
    size: IMAGE_BYTES,
    pid: 4,
  }));
}

/** Where a function of an image lies. */
export function frameIn(images: readonly ImageTruth[], file: string, fn: string, offset = 0): Frame {
  const image = images.find(({ name }) => name === file);
  if (image === undefined) throw new Error(`no image ${file}`);
  const address = image.base + 0x1000n + BigInt((hashOf(fn) % 0xe000) << 4) + BigInt(offset);
  return { module: file, fn, address };
}

export function dpcTrace({ random, lengthMs }: Scene, images: readonly ImageTruth[]): DpcTraceBuilder {
  const runs: Run[] = [];
  const samples: Sample[] = [];
  const lanes = new Map<number, Run[]>();
  const frame = (file: string, fn: string, offset = 0): Frame => frameIn(images, file, fn, offset);
  const place = (routine: Routine, cpu: number, startUs: number, durationUs: number): boolean => {
    const lane = lanes.get(cpu) ?? [];
    lanes.set(cpu, lane);
    const end = startUs + durationUs + GAP_US;
    if (startUs < 0 || end > lengthMs * 1000) return false;
    if (lane.some((run) => run.startUs < end && endUs(run) + GAP_US > startUs)) return false;
    const isIsr = routine.type.startsWith('ISR');
    const run: Run = {
      ...frame(routine.file, routine.fn),
      kind: isIsr ? 'ISR' : 'DPC',
      type: routine.type,
      startUs,
      durationUs,
      cpu,
      vector: isIsr ? 0x40 + (hashOf(routine.file) % 0x80) : null,
      messageIndex: routine.type === 'ISR-MSI' ? 1 : null,
    };
    lane.push(run);
    runs.push(run);
    return true;
  };
  const scatter = (routine: Routine, of: Scatter): void => {
    for (let i = 0; i < of.runs; i++) {
      const durationUs = Math.min(of.mostUs, random.longTailed(of.medianUs, of.sigma));
      place(routine, random.pick(of.cpus), random.whole(1000, lengthMs * 1000 - 1000), durationUs);
    }
  };
  return { runs, samples, images, frame, place, scatter };
}

/** What the processor did in a run: one stack again and again. */
export function sampled(trace: DpcTraceBuilder, run: Run, stack: readonly Frame[], everyUs: number): void {
  for (let atUs = run.startUs + Math.floor(everyUs / 2); atUs < endUs(run); atUs += everyUs) {
    trace.samples.push({ atUs, cpu: run.cpu, process: IDLE, stack });
  }
}

const byEnd = (a: Run, b: Run): number => endUs(a) - endUs(b) || b.startUs - a.startUs;

/** The file: dumper text with its functions, or a raw log. */
export function traceFile(scene: Scene, trace: DpcTraceBuilder, as: 'dumper' | 'etl'): StoryFile {
  const truth: Truth = {
    name: 'trace',
    startFiletime: filetimeOfMs(scene.startMs),
    perfFreq: 10_000_000,
    cpus: scene.cpus,
    lengthUs: scene.lengthMs * 1000,
    eventsLost: 0,
    buffersLost: 0,
    images: trace.images,
    processes: [IDLE, SYSTEM],
    runs: trace.runs.sort(byEnd),
    cswitches: [],
    samples: trace.samples.sort((a, b) => a.atUs - b.atUs),
  };
  return as === 'etl' ? etlFile(scene, truth) : dumperFile(scene, dumper(truth));
}

/** The boot, the zone and the build are those of the machine. */
function etlFile(scene: Scene, truth: Truth): StoryFile {
  const log = etlTruthLog(truth, { compressed: true, bufferBytes: 16_384 });
  const session = {
    ...log.session,
    bootFiletime: filetimeOfMs(traceBootMs(scene)),
    osVersion: [10, 0, scene.windows.build] as const,
    timeZoneBiasMinutes: -scene.zoneMinutes,
  };
  return { role: 'trace', name: 'trace.etl', bytes: writeEtl({ ...log, session }) };
}

/** Of another boot, the trace's machine was started some time before it. */
export const traceBootMs = (scene: Scene): number =>
  scene.sameBoot ? bootMsOf(scene) : scene.startMs - 3_600_000 - (scene.seed % 97) * 600_000;

function dumperFile(scene: Scene, text: string): StoryFile {
  return packedIfLarge(
    'trace',
    'trace.txt',
    text.replace('OS Version: 10.0.22631', `OS Version: 10.0.${scene.windows.build}`),
  );
}

/** As it is, or packed where it is long. */
export function packedIfLarge(role: StoryFile['role'], name: string, text: string | Buffer): StoryFile {
  const bytes = Buffer.from(text as string);
  if (bytes.length <= PLAIN_BYTES) return { role, name, bytes };
  const packed = gzipSync(bytes, { level: 6 });
  // Byte 9 tells the system it was packed on: unknown.
  packed[9] = 255;
  return { role, name: `${name}.gz`, bytes: packed };
}
