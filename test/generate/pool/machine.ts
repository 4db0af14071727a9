/** The machine of a trace: modules with their addresses, processes with their threads. Drivers and programs are invented. */
import type { Random } from '../random.js';
import type { PoolFrame, PoolModule, PoolProcess } from './model.js';

/** Invented drivers, and what the names of their functions begin with. */
export const DRIVERS = {
  'fastnic.sys': 'Fn',
  'gfxmini.sys': 'Gm',
  'hidpoll.sys': 'Hp',
  'sensorhub.sys': 'Sh',
  'vpnshim.sys': 'Vs',
  'audiodrv.sys': 'Ad',
  'echo.sys': 'Ec',
  'fltguard.sys': 'Fg',
} as const;
export type Driver = keyof typeof DRIVERS;

const SYSTEM_MODULES = ['ntoskrnl.exe', 'hal.dll', 'VerifierExt.sys', 'fltmgr.sys', 'ndis.sys', 'win32kfull.sys'];
const USER_MODULES = ['ntdll.dll', 'KERNELBASE.dll', 'kernel32.dll'];
const PROGRAMS = ['telemetryd.exe', 'syncagent.exe', 'vpnclient.exe', 'camtray.exe', 'editor.exe', 'meterui.exe'];

export interface Machine {
  readonly cpus: number;
  readonly modules: readonly PoolModule[];
  /** System first, then programs. */
  readonly processes: readonly PoolProcess[];
  frame(module: string, fn: string, offset: number): PoolFrame;
}

export function machineOf(random: Random): Machine {
  const cpus = random.pick([2, 4, 4, 8]);
  const processes = processesOf(random, cpus);
  const modules = modulesOf(random, processes);
  const byName = new Map(modules.map((module) => [module.name, module]));
  const frame = (name: string, fn: string, offset: number): PoolFrame => {
    const module = byName.get(name);
    if (module === undefined) throw new Error(`no module ${name}`);
    return { module: name, fn, offset, address: module.base + startOf(fn) + BigInt(offset) };
  };
  return { cpus, modules, processes, frame };
}

/** Where a function begins in its module: spread over it by its name. */
function startOf(fn: string): bigint {
  let hash = 7;
  for (const c of fn) hash = (Math.imul(hash, 31) + c.charCodeAt(0)) >>> 0;
  return 0x1000n + BigInt((hash % 0x1e00) * 0x100);
}

/** The items in another order. */
export function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const all = [...items];
  for (let i = all.length - 1; i > 0; i--) {
    const j = random.whole(0, i);
    [all[i], all[j]] = [all[j], all[i]];
  }
  return all;
}

function processesOf(random: Random, cpus: number): PoolProcess[] {
  let nextId = 4 * random.whole(300, 900);
  const id = (): number => {
    nextId += 4 * random.whole(1, 40);
    return nextId;
  };
  const threads = (pid: number, count: number) =>
    Array.from({ length: count }, () => ({ pid, tid: id(), homeCpu: random.whole(0, cpus - 1) }));
  const system = { name: 'System', pid: 4, parentPid: 0, sessionId: 0, threads: threads(4, 3) };
  const programs = shuffled(random, PROGRAMS).slice(0, 4);
  return [
    system,
    ...programs.map((name) => {
      const pid = id();
      return { name, pid, parentPid: 4, sessionId: 1, threads: threads(pid, random.whole(1, 3)) };
    }),
  ];
}

const KERNEL_BASE = 0xfffff80200000000n;
const USER_BASE = 0x7ffa00000000n;
const PROGRAM_BASE = 0x7ff600000000n;
const STRIDE = 0x1000000n;

/** Bases differ from trace to trace, as they do from boot to boot. */
function modulesOf(random: Random, processes: readonly PoolProcess[]): PoolModule[] {
  const slide = BigInt(random.whole(0, 0xfff)) * 0x10000n;
  const place = (base: bigint, i: number): bigint => base + slide + BigInt(i) * STRIDE;
  const programs = processes.slice(1);
  const system = '\\SystemRoot\\system32\\';
  const kernel = [...SYSTEM_MODULES, ...Object.keys(DRIVERS)].map((name, i) => ({
    name,
    path: `${system}${i < 2 ? '' : 'drivers\\'}${name}`,
    base: place(KERNEL_BASE, i),
    size: 0x200000n,
    kernel: true,
    pids: [],
  }));
  const user = USER_MODULES.map((name, i) => ({
    name,
    path: `\\Device\\HarddiskVolume3\\Windows\\System32\\${name}`,
    base: place(USER_BASE, i),
    size: 0x200000n,
    kernel: false,
    pids: programs.map(({ pid }) => pid),
  }));
  const own = programs.map(({ name, pid }, i) => ({
    name,
    path: `\\Device\\HarddiskVolume3\\Programs\\${name}`,
    base: place(PROGRAM_BASE, i),
    size: 0x200000n,
    kernel: false,
    pids: [pid],
  }));
  return [...kernel, ...user, ...own];
}
