/** How threads, processes, waits and frames of a `dump` result are written, wherever they are shown. */

import type { DumpFrame, DumpLock, DumpProcess, DumpResult, DumpThread, WaitEdge } from '../../analyses/dump/result.js';
import { pushTo } from '../../core/push-to.js';
import { printable } from '../../core/text.js';

/** Longest name of an image, an object or a symbol in a line with others. */
const MAX_NAME = 64;

/** Text from the log, short enough to stand beside others. */
export const nameText = (text: string): string => printable(text, MAX_NAME);

/** What the ids and addresses of a result stand for. */
export interface DumpIndex {
  readonly threads: ReadonlyMap<string, DumpThread>;
  readonly processes: ReadonlyMap<string, DumpProcess>;
  /** Locks by address: critical sections of several processes may share one. */
  readonly locks: ReadonlyMap<string, readonly DumpLock[]>;
  /** Waits of each node. */
  readonly waits: ReadonlyMap<string, readonly WaitEdge[]>;
}

const made = new WeakMap<DumpResult, DumpIndex>();

export function indexOf(result: DumpResult): DumpIndex {
  const known = made.get(result);
  if (known !== undefined) return known;
  const index: DumpIndex = {
    threads: new Map(result.threads.map((thread) => [thread.id, thread])),
    processes: new Map(result.processes.flatMap((process) => (process.address ? [[process.address, process]] : []))),
    locks: grouped(result.locks, (lock) => lock.address),
    waits: grouped(result.waitEdges, (edge) => edge.from),
  };
  made.set(result, index);
  return index;
}

/** Lists by key, in the order of the rows; rows whose key is null are left out. */
export function grouped<R>(rows: readonly R[], keyOf: (row: R) => string | null): Map<string, R[]> {
  const lists = new Map<string, R[]>();
  for (const row of rows) {
    const key = keyOf(row);
    if (key === null) continue;
    pushTo(lists, key, row);
  }
  return lists;
}

/** `5:34:28.281`, `4d 10:03:56.640`: days, hours, minutes, seconds, as the debugger writes ticks. */
export function durationText(ms: number | null): string {
  if (ms === null) return 'unknown';
  const all = Math.round(Math.abs(ms));
  const days = Math.floor(all / 86_400_000);
  const two = (n: number): string => String(n % 60).padStart(2, '0');
  const hours = Math.floor(all / 3_600_000) % 24;
  const text = `${hours}:${two(Math.floor(all / 60_000))}:${two(Math.floor(all / 1000))}.${String(all % 1000).padStart(3, '0')}`;
  return `${ms < 0 ? '-' : ''}${days > 0 ? `${days}d ` : ''}${text}`;
}

const hex = (n: number | null): string => (n === null ? '?' : n.toString(16).padStart(4, '0'));

/** `03a8.04a8`: process and thread in hex, as the debugger prints `Cid`. Null where neither is known. */
export const cidText = (pid: number | null, tid: number | null): string | null =>
  pid === null && tid === null ? null : `${hex(pid)}.${hex(tid)}`;

/** How long a thread waits, or that it does not. */
export function waitText(thread: DumpThread): string {
  if (thread.waitMs !== null) return durationText(thread.waitMs);
  if (thread.beganAfterNow) return 'began after the dump';
  const { state, processor } = thread;
  if (state === null || /^wait/i.test(state)) return 'wait unknown';
  return processor === null ? nameText(state) : `${nameText(state)} on ${processor}`;
}

/** A node of the wait graph in words that may stand in one line, the id first. */
export function nodeParts(id: string, index: DumpIndex): string[] {
  const thread = index.threads.get(id);
  if (thread !== undefined) {
    const cid = cidText(thread.pid, thread.tid);
    const image = thread.process === null ? null : nameText(thread.process);
    return [nameText(id), cid === null ? null : `Cid ${cid}`, image, waitText(thread)].filter((part) => part !== null);
  }
  const [, kind, name] = /^(process|driver|remote):(.{1,4096})$/s.exec(id) ?? [];
  if (kind === undefined) return [id === 'unknown' ? 'a thread that the log does not name' : nameText(id)];
  if (kind !== 'process') return [`${kind} ${nameText(name)}`];
  const process = index.processes.get(name);
  const about = [`process ${nameText(name)}`];
  if (process?.pid != null) about.push(`Cid ${hex(process.pid)}`);
  if (process?.image != null) about.push(nameText(process.image));
  return about;
}

/** What a wait is for: `critical-section 0x7c980600 ntdll!FastPebLock`; `?` in front of what is inferred. */
export function edgeText({ kind, object, certain }: WaitEdge, index: DumpIndex): string {
  const symbol = object === null ? null : symbolOf(object, index);
  const parts = [kind, object === null ? null : nameText(object), symbol === null ? null : nameText(symbol)];
  return `${certain ? '' : '? '}${parts.filter((part) => part !== null).join(' ')}`;
}

/** Name of the lock at an address; null where locks of several names stand there. */
function symbolOf(address: string, index: DumpIndex): string | null {
  const names = new Set((index.locks.get(address) ?? []).map(({ symbol }) => symbol));
  const [name] = names;
  return names.size === 1 ? name : null;
}

/** `nt!KiSwapContext+0x2f`, or what of it is known. */
export function frameText({ symbol, module, function: fn, offset, address }: DumpFrame): string {
  if (symbol !== null) return printable(symbol);
  if (module === null && fn === null) return address ?? '?';
  const name = [module, fn].filter((part) => part !== null).join('!');
  return printable(offset === null || offset === '0x0' ? name : `${name}+${offset}`);
}

/** Modules whose frames stand on the stack of every wait, whoever asked for it. */
const OF_EVERY_WAIT =
  /^(?:nt|ntkr(?:nl|pa)\w{0,8}|ntoskrnl|hal|ntdll|kernel32|kernelbase|wow64\w{0,4})(?:\.\w{1,4})?$/i;

/** The innermost frame outside the kernel and the system's own libraries; the innermost of all where there is none. */
export function tellingFrame({ frames }: DumpThread): string | null {
  const frame = frames.find(({ module }) => module !== null && !OF_EVERY_WAIT.test(module)) ?? frames[0];
  return frame === undefined ? null : frameText(frame);
}

/** Symbols of a stack without offsets: equal where two threads came the same way. */
export const stackKey = ({ frames }: DumpThread): string =>
  frames
    .map((f) => (f.module === null && f.function === null ? (f.symbol ?? '?') : `${f.module}!${f.function}`))
    .join('\n');

export const countText = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;
