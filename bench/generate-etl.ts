/**
 * A seeded .etl file of any size. A round of events (etl-round.ts) is laid out in buffers once; after that only the times in it
 * are set forward and it is written again, so that 2 GiB take seconds. Compressed buffers are made so that times stay as they
 * are in them and can be set forward just the same.
 */
import { closeSync, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  BUFFER_HEADER_BYTES,
  body,
  bufferHeader,
  FLAG,
  filledUp,
  type Packed,
  packBuffers,
  TYPE,
} from '../test/generate/etl/buffers.js';
import { type EtlEvent, type EtlSession, etlSession } from '../test/generate/etl/log.js';
import { filetimeOf, headerBuffer } from '../test/generate/etl/write-etl.js';
import { xpressCompressKeeping } from '../test/generate/etl/xpress-compress.js';
import { CPUS, machine, makeRound, rundown } from './etl-round.js';

const DEFAULT_BYTES = 2 ** 31;
const BUFFER_BYTES = 65536;
/** Of each CPU in a round. */
const BUFFERS_PER_CPU = 16;
/** Time for the rundown before the first round. */
const RUNDOWN_TICKS = 200_000n;
/** The upper three bytes of all times are the same. */
const TIME_BYTES = 5;

export interface EtlFigures {
  /** Of the file. */
  readonly bytes: number;
  /** Of all buffers before they were packed. */
  readonly unpackedBytes: number;
  readonly buffers: number;
  readonly events: number;
  /** By what they are: the header event and rundowns are counted as well. */
  readonly counts: Readonly<Record<Kind, number>>;
  /** From the header event to the last one. */
  readonly seconds: number;
}

export interface EtlOptions {
  /** Size of the buffers before they are packed; a round more or less. Default 2 GiB. */
  readonly bytes?: number;
  readonly compressed?: boolean;
}

type Kind =
  | 'cswitch'
  | 'stack'
  | 'sampledProfile'
  | 'dpc'
  | 'timerDpc'
  | 'isr'
  | 'isrMsi'
  | 'image'
  | 'process'
  | 'thread'
  | 'diskIo'
  | 'fileIo'
  | 'manifest'
  | 'header';

/** Writes the file to `path`, unless one of its size is there. */
export function generateEtl(path: string, options: EtlOptions = {}): EtlFigures {
  const plan = makePlan(options);
  const there = statSync(path, { throwIfNoEntry: false });
  if (there?.size === plan.figures.bytes) return plan.figures;
  mkdirSync(dirname(path), { recursive: true });
  const unfinished = `${path}.part`;
  const fd = openSync(unfinished, 'w');
  try {
    writePlan(fd, plan);
  } finally {
    closeSync(fd);
  }
  renameSync(unfinished, path);
  return plan.figures;
}

interface Plan {
  readonly session: EtlSession;
  readonly header: Buffer;
  readonly start: Laid;
  readonly round: Laid;
  readonly roundTicks: number;
  readonly rounds: number;
  readonly end: Laid;
  readonly figures: EtlFigures;
}

function makePlan({ bytes = DEFAULT_BYTES, compressed = false }: EtlOptions): Plan {
  const what = machine();
  const basic = etlSession({ cpus: CPUS, bufferBytes: BUFFER_BYTES, logFileName: 'C:\\Temp\\bench.etl' });
  const first = basic.startTicks + RUNDOWN_TICKS;
  const startEvents = rundown(what, 'rundownStart', basic.startTicks + 1n);
  const round = makeRound(what, first, BUFFERS_PER_CPU * BUFFER_BYTES);
  const start = layOut(startEvents, compressed);
  const one = layOut(round.events, compressed);
  const rounds = Math.max(1, Math.round(bytes / (one.buffers.length * BUFFER_BYTES)));
  const endTicks = first + BigInt(rounds) * BigInt(round.ticks);
  const endEvents = rundown(what, 'rundownEnd', endTicks);
  const end = layOut(endEvents, compressed, true);
  const session = { ...basic, endFiletime: filetimeOf(basic, endTicks) };
  const buffers = 1 + start.buffers.length + rounds * one.buffers.length + end.buffers.length;
  const header = headerBuffer({ session, compressed }, buffers);
  const counts = countsOf([...startEvents, ...endEvents], round.events, rounds);
  const figures = {
    bytes: header.length + start.bytes.length + rounds * one.bytes.length + end.bytes.length,
    unpackedBytes: buffers * BUFFER_BYTES,
    buffers,
    events: Object.values(counts).reduce((sum, count) => sum + count, 0),
    counts,
    seconds: Number(endTicks - basic.startTicks) / Number(basic.perfFreq),
  };
  return { session, header, start, round: one, roundTicks: round.ticks, rounds, end, figures };
}

/** Buffers one after the other, and where the times in them are. */
interface Laid {
  readonly bytes: Buffer;
  readonly buffers: readonly { readonly offset: number; readonly flushedTicks: bigint }[];
  /** As laid out. */
  readonly times: Float64Array;
  /** TIME_BYTES for each time, lowest first. */
  readonly timeBytes: Uint32Array;
}

function layOut(events: readonly EtlEvent[], compressed: boolean, isEnd = false): Laid {
  const packed = packBuffers(events, BUFFER_BYTES);
  const chunks: Buffer[] = [];
  const buffers: { offset: number; flushedTicks: bigint }[] = [];
  const times: number[] = [];
  const timeBytes: number[] = [];
  let offset = 0;
  for (const [i, one] of packed.entries()) {
    const content = contentOf(one, compressed);
    const flags = FLAG.wideIndex | (compressed ? FLAG.compressed : 0);
    const isLast = isEnd && i === packed.length - 1;
    chunks.push(bufferOf(one, content.bytes, isLast ? flags | FLAG.flush : flags, compressed));
    for (const at of content.timeBytes) timeBytes.push(offset + BUFFER_HEADER_BYTES + at);
    for (const time of content.times) times.push(time);
    buffers.push({ offset, flushedTicks: one.flushedTicks });
    offset += chunks[chunks.length - 1].length;
  }
  return {
    bytes: Buffer.concat(chunks),
    buffers,
    times: Float64Array.from(times),
    timeBytes: Uint32Array.from(timeBytes),
  };
}

interface Content {
  readonly bytes: Buffer;
  readonly times: readonly number[];
  readonly timeBytes: Uint32Array;
}

/** Time stamps, and times of other events in payloads: those of a stack's event, and when a run began. */
function contentOf(packed: Packed, compressed: boolean): Content {
  const plain = body(packed);
  const at: number[] = [];
  for (const { event, offset } of packed.events) {
    const start = offset - BUFFER_HEADER_BYTES;
    at.push(start + (event.header.startsWith('perfinfo') ? 8 : 16));
    const kind = kindOf(event);
    if (kind === 'stack' || isRun(kind)) at.push(start + 16);
  }
  const times = at.map((position) => Number(plain.readBigUInt64LE(position)));
  const kept = Uint32Array.from(at.flatMap((position) => [0, 1, 2, 3, 4].map((byte) => position + byte)));
  if (!compressed) return { bytes: plain, times, timeBytes: kept };
  const squeezed = xpressCompressKeeping(plain, kept);
  return { bytes: squeezed.bytes, times, timeBytes: squeezed.kept };
}

function bufferOf(packed: Packed, content: Buffer, flags: number, compressed: boolean): Buffer {
  const bufferBytes = compressed ? BUFFER_HEADER_BYTES + content.length : BUFFER_BYTES;
  const header = bufferHeader({
    bufferBytes,
    filledBytes: packed.filledBytes,
    currentOffset: packed.filledBytes + (packed.refusedBytes || BUFFER_BYTES),
    time: 0n,
    sequence: 0,
    cpu: packed.cpu,
    loggerId: 0,
    flags,
    type: TYPE.generic,
  });
  return filledUp(Buffer.concat([header, content]), bufferBytes);
}

const isRun = (kind: Kind): boolean => kind === 'dpc' || kind === 'timerDpc' || kind === 'isr' || kind === 'isrMsi';

const KERNEL_KIND: Readonly<Record<string, Kind>> = {
  '5 36': 'cswitch',
  '24 32': 'stack',
  '15 46': 'sampledProfile',
  '15 68': 'dpc',
  '15 69': 'timerDpc',
  '15 67': 'isr',
  '15 50': 'isrMsi',
};
const GROUP_KIND: Readonly<Record<number, Kind>> = { 1: 'diskIo', 3: 'process', 4: 'fileIo', 5: 'thread', 20: 'image' };

function kindOf({ header, group, opcode }: EtlEvent): Kind {
  if (header === 'event64') return 'manifest';
  return KERNEL_KIND[`${group} ${opcode}`] ?? GROUP_KIND[group ?? 0] ?? 'header';
}

function countsOf(once: readonly EtlEvent[], repeated: readonly EtlEvent[], times: number): Record<Kind, number> {
  const counts: Record<Kind, number> = {
    cswitch: 0,
    stack: 0,
    sampledProfile: 0,
    dpc: 0,
    timerDpc: 0,
    isr: 0,
    isrMsi: 0,
    image: 0,
    process: 0,
    thread: 0,
    diskIo: 0,
    fileIo: 0,
    manifest: 0,
    header: 1,
  };
  for (const event of once) counts[kindOf(event)]++;
  for (const event of repeated) counts[kindOf(event)] += times;
  return counts;
}

function writePlan(fd: number, plan: Plan): void {
  let sequence = 1;
  const put = (laid: Laid, laterTicks: number): void => {
    setForward(laid, laterTicks);
    for (const { offset, flushedTicks } of laid.buffers) {
      const time = filetimeOf(plan.session, flushedTicks + BigInt(laterTicks));
      laid.bytes.writeBigInt64LE(time, offset + 0x10);
      laid.bytes.writeUInt32LE(sequence++, offset + 0x18);
    }
    writeAll(fd, laid.bytes);
  };
  writeAll(fd, plan.header);
  put(plan.start, 0);
  for (let i = 0; i < plan.rounds; i++) put(plan.round, i * plan.roundTicks);
  put(plan.end, 0);
}

function setForward({ bytes, times, timeBytes }: Laid, laterTicks: number): void {
  for (let i = 0, at = 0; i < times.length; i++, at += TIME_BYTES) {
    const time = times[i] + laterTicks;
    const low = time >>> 0;
    bytes[timeBytes[at]] = low;
    bytes[timeBytes[at + 1]] = low >>> 8;
    bytes[timeBytes[at + 2]] = low >>> 16;
    bytes[timeBytes[at + 3]] = low >>> 24;
    bytes[timeBytes[at + 4]] = time / 0x100000000;
  }
}

function writeAll(fd: number, buffer: Buffer): void {
  for (let done = 0; done < buffer.length; ) done += writeSync(fd, buffer, done, buffer.length - done);
}
