/**
 * A seeded raw log of pool events with stacks, of any size: most stacks by key, some whole, as newer and older logs hold them. The
 * blocks that are live grow to a tenth of the events, then some are freed for each that is allocated.
 */
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { eventBytes } from '../test/generate/etl/event-bytes.js';
import { type EventBody, etlSession } from '../test/generate/etl/log.js';
import { imageEvent, processEvent, threadEvent } from '../test/generate/etl/payloads/rundown.js';
import { EtlPacker, writeTicks } from '../test/generate/pool/etl-packer.js';
import { type Random, seeded } from '../test/generate/random.js';

const SEED = 20261120;
const CPUS = 8;
const TICKS_PER_US = 10;
const STACKS = 20_000;
const TAGS = 300;
const DRIVERS = 60;
const PROCESSES = 40;
const RETURNS = 400;
/** Of the stacks, those that are written whole. */
const WHOLE_SHARE = 0.12;
const LIVE_SHARE = 0.1;
const BUFFER_BYTES = 65536;

export interface PoolFigures {
  readonly bytes: number;
  /** Allocations and frees. */
  readonly events: number;
  /** Blocks that are live at the end, and never more before. */
  readonly live: number;
  readonly liveBytes: number;
}

/** Writes the log to `path`, and its events as CSV beside it (`.csv`), unless they are there already. */
export function generatePool(path: string, events: number): PoolFigures {
  const note = `${path}.json`;
  const known = figuresIn(note);
  if (known !== null && known.events === events && statSync(path, { throwIfNoEntry: false })?.size === known.bytes)
    return known;
  mkdirSync(dirname(path), { recursive: true });
  const fd = openSync(`${path}.part`, 'w');
  const csv = new CsvFile(`${path}.csv`);
  let figures: PoolFigures;
  try {
    figures = write(fd, csv, events);
  } finally {
    closeSync(fd);
    csv.close();
  }
  renameSync(`${path}.part`, path);
  writeFileSync(note, JSON.stringify(figures));
  return figures;
}

function figuresIn(path: string): PoolFigures | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

/** The same events for a database: time, operation, address, tag, type, bytes, stack. */
class CsvFile {
  readonly #fd: number;
  #lines: string[] = ['ticks,operation,address,tag,type,bytes,stack,pid\n'];

  constructor(path: string) {
    this.#fd = openSync(path, 'w');
  }

  row(ticks: number, operation: string, place: number, { tag, type, bytes, pid }: Stack, stack: number): void {
    this.#lines.push(`${ticks},${operation},${place},${tag},${type},${bytes},${stack},${pid}\n`);
    if (this.#lines.length > 20_000) this.#flush();
  }

  close(): void {
    this.#flush();
    closeSync(this.#fd);
  }

  #flush(): void {
    writeSync(this.#fd, this.#lines.join(''));
    this.#lines = [];
  }
}

interface Stack {
  readonly key: bigint;
  readonly frames: Buffer;
  readonly tag: number;
  readonly type: number;
  readonly pid: number;
  readonly tid: number;
  readonly bytes: number;
}

function write(fd: number, csv: CsvFile, events: number): PoolFigures {
  const random = seeded(SEED);
  // The header is written last, but stands first: it has the size of a buffer.
  let at = BUFFER_BYTES;
  const session = etlSession({
    cpus: CPUS,
    bufferBytes: BUFFER_BYTES,
    perfFreq: 10_000_000n,
    logFileName: 'C:\\Temp\\pool.etl',
  });
  const packer = new EtlPacker(session, false, (buffer) => {
    writeSync(fd, buffer, 0, buffer.length, at);
    at += buffer.length;
  });
  const stacks = Array.from({ length: STACKS }, (_, i) => stackOf(i, random));
  const start = Number(session.startTicks) + TICKS_PER_US;
  rundown(packer, start);
  const { ticks, live, liveBytes } = traffic(packer, csv, stacks, events, start + 1000, random);
  for (const { key, frames } of stacks) {
    const [bytes, place] = packer.perfInfo(0, ticks, 0x18, 36, 8 + frames.length);
    bytes.writeBigUInt64LE(key, place);
    frames.copy(bytes, place + 8);
  }
  const header = packer.finish();
  writeSync(fd, header, 0, header.length, 0);
  return { bytes: at, events, live, liveBytes };
}

function stackOf(i: number, random: Random): Stack {
  const depth = random.whole(10, 26);
  const frames = Buffer.alloc(8 * depth);
  for (let n = 0; n < depth; n++) {
    const isUser = n > depth - 6;
    const image = isUser ? random.whole(0, 9) : n === 0 ? 0 : random.whole(0, DRIVERS - 1);
    const base = isUser ? 0x7ffb00000000n : 0xfffff80300000000n;
    // Calls return to some hundred places of an image.
    const place = 0x1000 + random.whole(0, RETURNS - 1) * 0x2f0;
    frames.writeBigUInt64LE(base + BigInt(image) * 0x800000n + BigInt(place), 8 * n);
  }
  const process = random.whole(0, PROCESSES - 1);
  return {
    key: 0xffffb18c40000000n + BigInt(i) * 0x200n,
    frames,
    tag: random.whole(0, TAGS - 1),
    type: random.pick([512, 512, 1, 0]),
    pid: 1000 + process * 44,
    tid: 4000 + process * 4,
    bytes: random.whole(2, 256) * 16,
  };
}

function rundown(packer: EtlPacker, ticks: number): void {
  const put = (body: EventBody, pid: number): void =>
    packer.raw(0, ticks, eventBytes({ ...body, cpu: 0, ticks: BigInt(ticks), pid, tid: 4 }));
  for (let i = 0; i < PROCESSES; i++) {
    const pid = 1000 + i * 44;
    const name = `service${i}.exe`;
    put(
      processEvent('rundownStart', {
        key: BigInt(pid),
        pid,
        parentPid: 4,
        sessionId: 0,
        imageFileName: name,
        commandLine: name,
      }),
      pid,
    );
    put(threadEvent('rundownStart', { pid, tid: 4000 + i * 4, win32StartAddress: 0x7ffb00001000n, name: '' }), pid);
    for (let n = 0; n < 10; n++) {
      const base = 0x7ffb00000000n + BigInt(n) * 0x800000n;
      put(
        imageEvent('rundownStart', {
          base,
          size: 0x400000n,
          pid,
          fileName: `\\Device\\HarddiskVolume3\\Windows\\System32\\library${n}.dll`,
        }),
        pid,
      );
    }
  }
  for (let n = 0; n < DRIVERS; n++) {
    const base = 0xfffff80300000000n + BigInt(n) * 0x800000n;
    const name = n === 0 ? 'ntoskrnl.exe' : `drivers\\driver${n}.sys`;
    put(imageEvent('rundownStart', { base, size: 0x400000n, pid: 0, fileName: `\\SystemRoot\\System32\\${name}` }), 0);
  }
}

function traffic(
  packer: EtlPacker,
  csv: CsvFile,
  stacks: readonly Stack[],
  events: number,
  start: number,
  random: Random,
): { ticks: number; live: number; liveBytes: number } {
  const most = Math.floor(events * LIVE_SHARE);
  const address = new Int32Array(most + 1);
  const owner = new Int32Array(most + 1);
  const free: number[] = [];
  let fresh = 0;
  let live = 0;
  let liveBytes = 0;
  let ticks = start;
  for (let i = 0; i < events; i++) {
    ticks += random.whole(5, 35);
    const cpu = i & (CPUS - 1);
    const isAlloc = live === 0 || (live < most && random.next() < 0.5 + LIVE_SHARE / 2);
    if (isAlloc) {
      const place = free.pop() ?? fresh++;
      const id = random.whole(0, STACKS - 1);
      address[live] = place;
      owner[live++] = id;
      liveBytes += stacks[id].bytes;
      put(packer, cpu, ticks, 32, stacks[id], place, random);
      csv.row(ticks, 'alloc', place, stacks[id], id);
    } else {
      const n = random.whole(0, live - 1);
      const id = owner[n];
      put(packer, cpu, ticks, 34, stacks[id], address[n], random);
      csv.row(ticks, 'free', address[n], stacks[id], id);
      free.push(address[n]);
      liveBytes -= stacks[id].bytes;
      live--;
      address[n] = address[live];
      owner[n] = owner[live];
    }
  }
  return { ticks: ticks + 1000, live, liveBytes };
}

function put(
  packer: EtlPacker,
  cpu: number,
  ticks: number,
  opcode: number,
  stack: Stack,
  place: number,
  random: Random,
): void {
  const [bytes, at] = packer.perfInfo(cpu, ticks, 0x0e, opcode, 24);
  bytes.writeUInt32LE(stack.type, at);
  const first = 65 + (stack.tag % 26);
  const second = 97 + (Math.floor(stack.tag / 26) % 26);
  bytes.writeUInt32LE(first | (second << 8) | (0x67 << 16) | (0x20 << 24), at + 4);
  writeTicks(bytes, stack.bytes, at + 8);
  bytes.writeUInt32LE((place * 4096) >>> 0, at + 16);
  bytes.writeUInt32LE(0xffffb180 + Math.floor(place / 1048576), at + 20);
  const isWhole = random.next() < WHOLE_SHARE;
  const content = isWhole ? stack.frames.length : 8;
  const [walk, from] = packer.perfInfo(cpu, ticks + 1, 0x18, isWhole ? 32 : 37, 16 + content);
  writeTicks(walk, ticks, from);
  walk.writeUInt32LE(stack.pid, from + 8);
  walk.writeUInt32LE(stack.tid, from + 12);
  if (isWhole) stack.frames.copy(walk, from + 16);
  else walk.writeBigUInt64LE(stack.key, from + 16);
}
