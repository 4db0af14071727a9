/** How a debugger spells addresses, times and commands, and the choices that a log keeps to. */
import type { Random } from '../random.js';
import { chance, streamOf } from './machine.js';
import type { Address, DumpThread, DumpTruth } from './truth.js';

export interface Layout {
  readonly truth: DumpTruth;
  /** Of what the log looks like; draws nothing that the truth depends on. */
  readonly random: Random;
  /** The blocks' stacks have arguments. */
  readonly hasArgs: boolean;
  /** XP: `Owning Process 0 Image: <Unknown>`, and the process stands as the attached one. */
  readonly hidesOwners: boolean;
  /** x64: columns of newer debuggers are wider. */
  readonly isSpacious: boolean;
  /** Windows 10 before or after the boost fields went. */
  readonly hasBoosts: boolean;
  readonly processor: string;
}

export function layoutOf(truth: DumpTruth): Layout {
  const random = streamOf(truth.seed, `log ${truth.generation}`);
  return {
    truth,
    random,
    hasArgs: chance(random, 0.5),
    hidesOwners: truth.generation === 'xp' && chance(random, 0.4),
    isSpacious: chance(random, 0.4),
    hasBoosts: chance(random, 0.5),
    processor: truth.cpus === 1 ? '' : `${random.whole(0, truth.cpus - 1)}: `,
  };
}

/** `0: kd> !locks`. */
export const typed = ({ processor }: Layout, command: string): string => `${processor}kd> ${command}`;

/** All digits: 8 or 16. */
export const ptr = ({ truth }: Pick<Layout, 'truth'>, address: Address | bigint): string =>
  BigInt(address)
    .toString(16)
    .padStart(truth.pointerBytes * 2, '0');

/** As stacks show them: `ffffd001`c70c62a8` on x64. */
export function ticked(layout: Pick<Layout, 'truth'>, address: Address | bigint): string {
  const digits = ptr(layout, address);
  return digits.length === 8 ? digits : `${digits.slice(0, 8)}\`${digits.slice(8)}`;
}

export const hex = (value: number | bigint, width = 1): string => value.toString(16).padStart(width, '0');
const two = (value: number): string => String(value).padStart(2, '0');

function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const parts = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60];
  return `${parts.map(two).join(':')}.${String(Math.floor(ms) % 1000).padStart(3, '0')}`;
}

const daysOf = (ms: number): number => Math.floor(ms / 86_400_000);

/** `0:05:34:28.281`: days first. */
export const waitTime = (ms: number): string => `${daysOf(ms)}:${clock(ms)}`;

/** `00:00:00.046`, `1 Day 01:53:14.490`, `2 Days 02:59:39.285`. */
export function cpuTime(ms: number): string {
  const days = daysOf(ms);
  return days === 0 ? clock(ms) : `${days} Day${days === 1 ? '' : 's'} ${clock(ms)}`;
}

/** `0 days 5:38:11.640`. */
export const uptime = (ms: number): string => `${daysOf(ms)} days ${clock(ms).replace(/^0/, '')}`;

/** A name at the left, and what follows in column 26. */
export const field = (name: string, value: string): string => `${name.padEnd(26)}${value}`;

export const cidOf = ({ pid, tid }: DumpThread): string => `${hex(pid, 4)}.${hex(tid, 4)}`;

export function symbolText(symbol: string, offset: number): string {
  return offset === 0 ? symbol : `${symbol}+0x${hex(offset)}`;
}
