/** What a debugger prints of any target: the lines with which it opens a dump, times, and modules. */
import { codeAddress, hashOf } from '../dump/machine.js';
import { hex, uptime } from '../dump/text.js';
import type { Scene } from './scene.js';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (value: number): string => String(value).padStart(2, '0');

/** `Fri Apr 18 14:00:00.123 2025 (UTC + 1:00)`; `utcMs` since 1970. */
export function kdTime(utcMs: number, zoneMinutes: number): string {
  const at = new Date(utcMs + zoneMinutes * 60_000);
  const minutes = Math.abs(zoneMinutes);
  const zone = `(UTC ${zoneMinutes < 0 ? '-' : '+'} ${Math.floor(minutes / 60)}:${two(minutes % 60)})`;
  const time = [at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()].map(two).join(':');
  const date = `${DAYS[at.getUTCDay()]} ${MONTHS[at.getUTCMonth()]} ${String(at.getUTCDate()).padStart(2)}`;
  return `${date} ${time}.${String(at.getUTCMilliseconds()).padStart(3, '0')} ${at.getUTCFullYear()} ${zone}`;
}

export const isWide = ({ windows }: Scene): boolean => windows.generation === 'win10';
export const digits = (scene: Scene, value: bigint): string => hex(value, isWide(scene) ? 16 : 8);

/** `fffff803`1234abcd` */
export function ticked(scene: Scene, value: bigint): string {
  const all = digits(scene, value);
  return all.length === 8 ? all : `${all.slice(0, 8)}\`${all.slice(8)}`;
}

export const typed = (cpu: number | null, command: string): string => `${cpu === null ? '' : `${cpu}: `}kd> ${command}`;

/** What LiveKd prints before it starts the debugger. */
const LIVEKD = [
  '',
  'LiveKd v5.63 - Execute kd/windbg on a live system',
  'Sysinternals - www.sysinternals.com',
  'Copyright (C) 2000-2020 Mark Russinovich and Ken Johnson',
  '',
  'Launching c:\\Debuggers\\kd.exe:',
  '',
];

/** From the debugger's first line to the uptime; where no base is given, the kernel lies where the stacks of hung machines have it. */
export function headLines(scene: Scene, kernelBase?: bigint): string[] {
  const { windows, cpus, twist, dumpMs, uptimeMs, debuggerZoneMinutes } = scene;
  const isLive = twist === 'live-dump';
  const processors = cpus === 1 ? 'UP' : `MP (${cpus} procs)`;
  const base = kernelBase ?? (codeAddress(windows.generation, 'nt') & ~0xfffn) - 0x1000n;
  return [
    ...(isLive ? LIVEKD : []),
    `Microsoft (R) Windows Debugger Version ${windows.debugger}`,
    'Copyright (c) Microsoft Corporation. All rights reserved.',
    '',
    '',
    `Loading Dump File [${isLive ? 'C:\\Windows\\livekd.dmp' : 'C:\\Dumps\\MEMORY.DMP'}]`,
    isWide(scene) && !isLive
      ? 'Kernel Bitmap Dump File: Full address space is available'
      : 'Kernel Complete Dump File: Full address space is available',
    '',
    `${windows.name} ${processors} ${isWide(scene) ? 'Free x64' : 'Free x86 compatible'}`,
    'Product: WinNt, suite: TerminalServer SingleUserTS',
    `Built by: ${windows.builtBy}`,
    'Machine Name:',
    `Kernel base = 0x${ticked(scene, base)} PsLoadedModuleList = 0x${ticked(scene, base + 0x86520n)}`,
    `Debug session time: ${kdTime(dumpMs, debuggerZoneMinutes)}`,
    `System Uptime: ${uptime(uptimeMs)}`,
    'Loading Kernel Symbols',
    '.'.repeat(60),
    '',
  ];
}

export interface LoadedModule {
  /** `brooknic.sys` */
  readonly file: string;
  readonly base: bigint;
  readonly size: bigint;
}

/** `lm`, as if no symbols but the kernel's were loaded. */
export function moduleList(scene: Scene, cpu: number | null, modules: readonly LoadedModule[]): string[] {
  const rows = [...modules]
    .sort((a, b) => (a.base < b.base ? -1 : 1))
    .map(({ file, base, size }) => {
      const name = moduleName(file);
      const symbols = name === 'nt' ? '(pdb symbols)          c:\\symbols\\ntkrnlmp.pdb' : '(deferred)             ';
      return `${ticked(scene, base)} ${ticked(scene, base + size)}   ${name.padEnd(10)} ${symbols}`;
    });
  const header = isWide(scene)
    ? 'start             end                 module name'
    : 'start    end        module name';
  return [typed(cpu, 'lm'), header, ...rows, ''];
}

export const moduleName = (file: string): string =>
  file === 'ntoskrnl.exe' ? 'nt' : file === 'hal.dll' ? 'hal' : file.replace(/\.(?:sys|exe|dll)$/i, '');

/** `lmvm`: a version and a date of its own. */
export function moduleDetails(scene: Scene, cpu: number | null, { file, base, size }: LoadedModule): string[] {
  const name = moduleName(file);
  const stamp = 0x50000000 + (hashOf(name) % 0x10000000);
  const at = kdTime(stamp * 1000, 0);
  const version = [1 + (hashOf(name) % 9), hashOf(`${name}a`) % 20, hashOf(`${name}b`) % 3000, 0].join('.');
  return [
    typed(cpu, `lmvm ${name}`),
    'Browse full module list',
    isWide(scene) ? 'start             end                 module name' : 'start    end        module name',
    `${ticked(scene, base)} ${ticked(scene, base + size)}   ${name.padEnd(10)} (deferred)             `,
    `    Image path: \\SystemRoot\\System32\\drivers\\${file}`,
    `    Image name: ${file}`,
    '    Browse all global symbols  functions  data',
    `    Timestamp:        ${at.slice(0, 19)} ${at.slice(24, 28)} (${hex(stamp, 8).toUpperCase()})`,
    '    CheckSum:         00012F4E',
    `    ImageSize:        ${hex(size, 8).toUpperCase()}`,
    `    File version:     ${version}`,
    `    Product version:  ${version}`,
    '',
  ];
}

/** The whole log. */
export const logText = (...parts: readonly (readonly string[])[]): string => `${parts.flat().join('\r\n')}\r\n`;
