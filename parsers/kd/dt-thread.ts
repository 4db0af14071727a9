/**
 * `dt nt!_KTHREAD address`: fields of a thread that tell whether APCs are disabled, and how it waits.
 * https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/dt--display-type-
 *
 *     kd> dt nt!_KTHREAD fffffa800b6c9060 KernelApcDisable
 *        +0x1c4 KernelApcDisable : 0n-1
 *        +0x1c4 CombinedApcDisable : 0xffff
 *        +0x164 State            : 0x5 ''
 */
import { parseAddress } from '../../src/core/symbol.js';
import type { Command, Reader, Taken } from './command.js';
import { hex } from './counted.js';
import { writeFact } from './facts.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import type { Typed } from './prompt.js';

const FIELDS = new Set([
  'combinedapcdisable',
  'kernelapcdisable',
  'specialapcdisable',
  'waittime',
  'state',
  'waitirql',
  'waitreason',
  'suspendcount',
  'freezecount',
  'apcstateindex',
  'priority',
  'basepriority',
]);
const STRUCTURE = /(?:^|[\s!])_?[ke]thread\b/i;
const ADDRESS_TYPED = /^(?:0x)?[0-9a-f`]{8,17}$/i;
// `+0x1c4 KernelApcDisable : 0n-1`
const FIELD = /^\+(?:0x)?[0-9a-f]{1,6}\s{1,9}(\w{1,60})\s{0,60}:\s{1,9}(\S.{0,200})$/i;
const NUMBER = /^(0n|0x|0y)?(-?[0-9a-f]{1,16})(?:\s|$)/i;
const RADIX: Readonly<Record<string, number>> = { '0n': 10, '0x': 16, '0y': 2 };

export const dtThread: Command = {
  name: 'dt (threads)',
  isTyped: (typed) => typed.name.startsWith('dt') && addressOf(typed) !== null,
  begins: () => false,
  read: (log, typed): Reader => {
    const address = typed === null ? null : addressOf(typed);
    const subject = `thread ${hex(address ?? 0n)}`;
    return { take: (line) => (address === null ? 'over' : take(log, subject, line)) };
  },
};

/** The address of a thread whose fields are asked for; null where it is another structure. */
function addressOf({ name, args }: Typed): bigint | null {
  // `dt_KTHREAD fffffa800b6c9060` has no blank.
  if (!/^dt(?:$|[\W_])/.test(name) || !STRUCTURE.test(`${name.slice(2)} ${args}`)) return null;
  const word = args.split(/\s+/).find((arg) => ADDRESS_TYPED.test(arg));
  return word === undefined ? null : parseAddress(word);
}

function take(log: Log, subject: string, line: KdLine): Taken {
  const match = FIELD.exec(line.trimmed);
  if (match === null) return 'unread';
  if (!FIELDS.has(match[1].toLowerCase())) return 'ignored';
  return writeFact(log, { subject, name: match[1], value: match[2], number: numberIn(match[2]) }, line);
}

function numberIn(text: string): number | null {
  const match = NUMBER.exec(text);
  if (match === null) return null;
  const number = Number.parseInt(match[2], RADIX[match[1]?.toLowerCase() ?? ''] ?? 10);
  return Number.isSafeInteger(number) ? number : null;
}
