/** How the text writers spell addresses, symbols and moments. */
import type { PoolFrame, PoolProcess, PoolStack, PoolTruth } from './model.js';

export const hex64 = (value: bigint): string => `0x${value.toString(16).padStart(16, '0')}`;

/** As xperf and WPA do: with the file's extension, without the offset. */
export const xperfSymbol = ({ module, fn }: PoolFrame): string => `${module}!${fn}`;

/** As debuggers do: without extension, the kernel by its short name, with the offset. */
export function kdSymbol({ module, fn, offset }: PoolFrame): string {
  return `${kdModule(module)}!${fn}+0x${offset.toString(16)}`;
}

export const kdModule = (module: string): string =>
  module === 'ntoskrnl.exe' ? 'nt' : module.slice(0, module.lastIndexOf('.'));

/** `name (pid)`, with the widths of dumper text. */
export const processCell = (name: string, pid: number): string => `${name.padStart(16)} (${String(pid).padStart(4)})`;

export function processNames(processes: readonly PoolProcess[]): ReadonlyMap<number, string> {
  return new Map(processes.map(({ name, pid }) => [pid, name]));
}

/** The frame of the allocating driver: behind those of the kernel's and the verifier's allocators. */
export function allocatorOf({ frames }: PoolStack): PoolFrame {
  return frames.find(({ module }) => module !== 'ntoskrnl.exe' && module !== 'VerifierExt.sys') ?? frames[0];
}

/** FILETIME, 100 ns, of a time in the trace. */
export const filetimeAt = (truth: PoolTruth, atUs: number): bigint => truth.startFiletime + BigInt(atUs) * 10n;

/** Between 1601 and 1970, in ms. */
const EPOCH_MS = 11_644_473_600_000;
const unixMs = (truth: PoolTruth, atUs: number): number => Number(filetimeAt(truth, atUs) / 10_000n) - EPOCH_MS;

/** When a snapshot at `atUs` was taken, since 1970 in UTC: what readers must find. */
export const snapshotMs = unixMs;

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (value: number): string => String(value).padStart(2, '0');

/** `Fri Apr 18 14:00:00.123 2025 (UTC + 1:00)`, in a zone an hour ahead of UTC. */
export function kdTime(truth: PoolTruth, atUs: number): string {
  const at = new Date(unixMs(truth, atUs) + 3_600_000);
  const date = `${DAYS[at.getUTCDay()]} ${MONTHS[at.getUTCMonth()]} ${String(at.getUTCDate()).padStart(2)}`;
  const time = [at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()].map(two).join(':');
  const ms = String(at.getUTCMilliseconds()).padStart(3, '0');
  return `${date} ${time}.${ms} ${at.getUTCFullYear()} (UTC + 1:00)`;
}

/** `0 days 1:12:05.123`; the machine was started some hours before the trace. */
export function kdUptime(atUs: number): string {
  const ms = 13_925_807 + Math.floor(atUs / 1000);
  const [hours, minutes, seconds] = [
    Math.floor(ms / 3_600_000),
    Math.floor(ms / 60_000) % 60,
    Math.floor(ms / 1000) % 60,
  ];
  return `0 days ${hours}:${two(minutes)}:${two(seconds)}.${String(ms % 1000).padStart(3, '0')}`;
}

/** So many moments at equal distances, the first at the start and the last at the end of the trace. */
export function momentsOf(truth: PoolTruth, count: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.round((truth.lengthUs * i) / Math.max(1, count - 1)));
}
