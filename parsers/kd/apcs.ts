/**
 * `!apc`: asynchronous procedure calls that wait to be delivered.
 * https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-apc
 *
 *     *** Enumerating APCs in all processes
 *     Process e0000000858ba8b0 System
 *         Thread 82b3e4f0 ApcStateIndex 0 ApcListHead 82b3e524 [KERNEL]
 *             KAPC @ 82b3e6ac
 *               Type           12
 *               KernelRoutine  804f16b0 nt!KiSuspendNop+0
 *               RundownRoutine 804f1bd0 nt!KiSuspendRundown+0
 */
import { parseAddress } from '../../src/core/symbol.js';
import type { Command, Reader, Taken } from './command.js';
import { hex } from './counted.js';
import { writeFact } from './facts.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import { ADDRESS } from './values.js';

const NAME = '!apc';
const MAX_APCS = 5000;

const TITLE = /^\*{3} Enumerating APCs in\b/i;
const PROCESS = new RegExp(`^Process (${ADDRESS})\\s{1,9}\\S`, 'i');
const THREAD = new RegExp(`^Thread (${ADDRESS}) ApcStateIndex\\b.{0,100}?(?:\\[(\\w{1,20})\\])?$`, 'i');
const APC = new RegExp(`^KAPC @ (${ADDRESS})`, 'i');
const ROUTINE = new RegExp(`^((?:Kernel|Rundown|Normal)Routine)\\s{1,20}(${ADDRESS})(?:\\s{1,9}(\\S.{0,300}))?$`, 'i');
const DETAIL = /^(?:Type|NormalContext|SystemArgument[12]|ApcMode|Inserted)\s/i;

export const apcs: Command = {
  name: NAME,
  isTyped: ({ name }) => name === NAME,
  begins: ({ trimmed }) => trimmed.startsWith('***') && TITLE.test(trimmed),
  read: (log, typed) => new Apcs(log, typed !== null),
};

class Apcs implements Reader {
  #thread: { address: string; mode: string | null } | null = null;
  #subject: string | null = null;

  constructor(
    private readonly log: Log,
    private readonly isTyped: boolean,
  ) {}

  take(line: KdLine): Taken {
    const { trimmed } = line;
    if (TITLE.test(trimmed) || PROCESS.test(trimmed)) return 'ignored';
    const thread = THREAD.exec(trimmed);
    if (thread !== null) {
      this.#thread = { address: hex(parseAddress(thread[1]) ?? 0n), mode: thread[2] ?? null };
      return 'ignored';
    }
    const apc = APC.exec(trimmed);
    if (apc !== null) return this.#apc(line, parseAddress(apc[1]) ?? 0n);
    const routine = ROUTINE.exec(trimmed);
    if (routine !== null && this.#subject !== null) {
      return writeFact(this.log, { subject: this.#subject, name: routine[1], value: routine[3] ?? routine[2] }, line);
    }
    if (DETAIL.test(trimmed)) return 'ignored';
    return this.isTyped ? 'unread' : 'over';
  }

  #apc(line: KdLine, address: bigint): Taken {
    this.#subject = this.log.nextOf(NAME) > MAX_APCS ? null : `apc ${hex(address)}`;
    if (this.#subject === null || this.#thread === null) return 'ignored';
    const { address: thread, mode } = this.#thread;
    if (mode !== null) writeFact(this.log, { subject: this.#subject, name: 'mode', value: mode }, line);
    return writeFact(this.log, { subject: this.#subject, name: 'thread', value: thread }, line);
  }
}
