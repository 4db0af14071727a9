/** Writes a truth of pool as the kernel log that Windows would have written, with the keyword Pool and its stacks. */
import { eventBytes } from '../etl/event-bytes.js';
import { type EtlEvent, type EtlSession, type EventBody, etlSession } from '../etl/log.js';
import { imageEvent, processEvent, threadEvent, type When } from '../etl/payloads/rundown.js';
import { EtlPacker, writeTicks } from './etl-packer.js';
import { StackWriter } from './etl-stacks.js';
import { hasStack, isSessionType, type PoolEvent, type PoolModule, type PoolTruth } from './model.js';

export interface PoolEtlOptions {
  readonly bufferBytes?: number;
  /** Written by Windows itself, not merged: time stamps of buffers are ticks. */
  readonly nativeLog?: boolean;
  /** `whole`: one stack event an event. `split`: kernel and user part in events of their own. `keys`: by keys, which are recycled. */
  readonly stacks?: 'whole' | 'split' | 'keys';
}

const GROUP = { thread: 0x05, pool: 0x0e } as const;
const CSWITCH = 36;
/** Of both; a session's events have the number above. */
const ALLOC = 32;
const FREE = 34;
/** By its clock of 10 MHz. */
const TICKS_PER_US = 10;

export function writePoolEtl(truth: PoolTruth, options: PoolEtlOptions = {}): Buffer {
  const session = sessionOf(truth, options);
  const packer = new EtlPacker(session, options.nativeLog ?? false);
  const stacks = new StackWriter(packer, truth, options.stacks ?? 'whole');
  const startTicks = Number(session.startTicks);
  const running = new Map<number, number>();
  let toLose = truth.lost === null ? 0 : session.buffersLost;
  rundown(packer, truth, 'rundownStart', startTicks);
  for (const event of truth.written) {
    if (truth.lost !== null && toLose > 0 && event.atUs > truth.lost.toUs) {
      packer.lose(toLose);
      toLose = 0;
    }
    const ticks = startTicks + event.atUs * TICKS_PER_US;
    switchTo(packer, running, event, ticks);
    poolEvent(packer, truth, event, ticks);
    if (hasStack(truth, event)) stacks.write(event, ticks);
  }
  const endTicks = startTicks + truth.writtenUs * TICKS_PER_US + TICKS_PER_US;
  stacks.finish(endTicks);
  // A trace that was cut has no end.
  if (truth.writtenUs === truth.lengthUs) rundown(packer, truth, 'rundownEnd', endTicks);
  return packer.finish();
}

function sessionOf(truth: PoolTruth, options: PoolEtlOptions): EtlSession {
  return etlSession({
    bufferBytes: options.bufferBytes ?? 65536,
    cpus: truth.cpus,
    perfFreq: BigInt(TICKS_PER_US) * 1_000_000n,
    startFiletime: truth.startFiletime,
    endFiletime: truth.startFiletime + BigInt(truth.lengthUs) * 10n,
    eventsLost: eventsLost(truth),
    buffersLost: buffersLost(truth),
    logFileName: `C:\\Temp\\${truth.name}.etl`,
  });
}

/** With each, a context switch was lost, and a stack. */
export const eventsLost = (truth: PoolTruth): number => (truth.lost?.events ?? 0) * (truth.stacksOf === 'none' ? 2 : 3);
export const buffersLost = (truth: PoolTruth): number =>
  truth.lost === null ? 0 : Math.max(1, Math.ceil(truth.lost.events / 250));

/** The thread of the event gets the processor half a µs before, if another has it. */
function switchTo(packer: EtlPacker, running: Map<number, number>, { cpu, tid }: PoolEvent, ticks: number): void {
  const old = running.get(cpu) ?? 0;
  if (old === tid) return;
  running.set(cpu, tid);
  const [bytes, at] = packer.perfInfo(cpu, ticks - TICKS_PER_US / 2, GROUP.thread, CSWITCH, 24);
  bytes.fill(0, at, at + 24);
  bytes.writeUInt32LE(tid, at);
  bytes.writeUInt32LE(old, at + 4);
  // Priorities of both, and the state of the old thread: waiting, or, of the idle thread, running.
  bytes[at + 8] = 8;
  bytes[at + 9] = old === 0 ? 0 : 8;
  bytes[at + 14] = old === 0 ? 2 : 5;
}

function poolEvent(packer: EtlPacker, truth: PoolTruth, event: PoolEvent, ticks: number): void {
  const session = isSessionType(event.poolType);
  const opcode = (event.op === 'alloc' ? ALLOC : FREE) + (session ? 1 : 0);
  const [bytes, at] = packer.perfInfo(event.cpu, ticks, GROUP.pool, opcode, session ? 28 : 24);
  bytes.writeUInt32LE(event.poolType, at);
  bytes.write(event.tag, at + 4, 4, 'latin1');
  writeTicks(bytes, event.bytes, at + 8);
  bytes.writeBigUInt64LE(event.address, at + 16);
  if (session) bytes.writeUInt32LE(truth.processes.find(({ pid }) => pid === event.pid)?.sessionId ?? 0, at + 24);
}

/** Processes, threads and images, all at one moment. */
function rundown(packer: EtlPacker, truth: PoolTruth, when: When, ticks: number): void {
  const put = (body: EventBody, pid: number): void => {
    const event: EtlEvent = { ...body, cpu: 0, ticks: BigInt(ticks), pid, tid: packer.session.tid };
    packer.raw(0, ticks, eventBytes(event));
  };
  for (const { name, pid, parentPid, sessionId, threads } of truth.processes) {
    const key = 0xffffc00000000000n + BigInt(pid) * 0x1000n;
    put(processEvent(when, { key, pid, parentPid, sessionId, imageFileName: name, commandLine: name }), pid);
    const start = truth.modules.find((module) => module.name === name) ?? truth.modules[0];
    for (const { tid } of threads) put(threadEvent(when, { pid, tid, win32StartAddress: start.base, name: '' }), pid);
  }
  for (const module of truth.modules) {
    for (const pid of pidsOf(module)) {
      put(imageEvent(when, { base: module.base, size: module.size, pid, fileName: module.path }), pid);
    }
  }
}

/** Drivers are logged as loaded in process 0. */
export const pidsOf = ({ kernel, pids }: PoolModule): readonly number[] => (kernel ? [0] : pids);
