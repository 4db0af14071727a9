/**
 * `!verifier 80 address`: Driver Verifier's log of allocations and frees of one block, each with its stack.
 * https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-verifier
 *
 *     Pool block fffffa8005400000, Size 00000000000fa000, Thread fffffa80044ceb60
 *     fffff80001927cc6 nt!VeAllocatePoolWithTagPriority+0x2b6
 *     fffff80001927d3d nt!VerifierExAllocatePoolEx+0x1d
 *     fffff8800447d634 myfault!MyfaultDeviceControl+0x358
 */
import { parseAddress } from '../../src/core/symbol.js';
import type { StackFrame } from '../../src/tables/call-stack-writer.js';
import type { Command, Reader, Taken } from './command.js';
import { baseOf, frameOf, isSymbol, loggedOperation } from './frames.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import { ADDRESS, hexNumber } from './values.js';
import { isOfLog } from './verifier.js';

const MAX_FRAMES = 256;

const BLOCK = new RegExp(
  `^Pool block (${ADDRESS}),\\s{0,9}Size ((?:0x)?[0-9a-f]{1,16}),\\s{0,9}Thread (${ADDRESS})$`,
  'i',
);
const LIKE_A_BLOCK = /^Pool block\b/i;
// Published logs have `# ` in front of some.
const FRAME = new RegExp(`^(?:#\\s{1,9})?(${ADDRESS})\\s{1,9}(\\S.*)$`, 'i');
const PROSE =
  /^(?:#\s{0,9})?(?:Log of recent kernel pool|There are up to|Parsing\b.{0,80}\bentries|Parsed entry|Finished parsing|#?$)/i;
const BEGINS =
  /^(?:#\s{0,9})?(?:Log of recent kernel pool Allocate and Free|Parsing\b.{0,80}entries, searching for address)/i;

export const verifierLog: Command = {
  name: '!verifier 80',
  isTyped: isOfLog,
  begins: ({ trimmed }) => BEGINS.test(trimmed) || BLOCK.test(trimmed),
  read: (log) => new VerifierLog(log),
};

interface Entry {
  readonly line: KdLine;
  readonly address: bigint | null;
  readonly bytes: number | null;
  readonly thread: bigint | null;
  readonly frames: StackFrame[];
}

class VerifierLog implements Reader {
  #entry: Entry | null = null;

  constructor(private readonly log: Log) {}

  take(line: KdLine): Taken {
    const { trimmed } = line;
    const block = BLOCK.exec(trimmed);
    if (block !== null) return this.#block(line, block);
    const frame = FRAME.exec(trimmed);
    if (frame !== null && isSymbol(frame[2])) return this.#frame(frame[1], frame[2]);
    this.#write();
    if (LIKE_A_BLOCK.test(trimmed)) {
      return this.log.skip('damaged-verifier-log', 'entries of !verifier 80 that cannot be read were skipped', line);
    }
    return PROSE.test(trimmed) ? 'ignored' : 'unread';
  }

  end(): void {
    this.#write();
  }

  #block(line: KdLine, [, address, bytes, thread]: RegExpExecArray): Taken {
    this.#write();
    this.#entry = {
      line,
      address: parseAddress(address),
      bytes: hexNumber(bytes),
      thread: parseAddress(thread),
      frames: [],
    };
    return this.log.blocks === null ? 'ignored' : 'row';
  }

  #frame(address: string, symbol: string): Taken {
    const entry = this.#entry;
    if (entry === null) return 'unread';
    const frame = frameOf(symbol, parseAddress(address));
    const module = baseOf(frame);
    if (module !== null) this.log.modules.addBase(module.name, module.base);
    if (entry.frames.length < MAX_FRAMES) entry.frames.push(frame);
    return this.log.blocks === null && !this.log.stacks.isWanted ? 'ignored' : 'row';
  }

  #write(): void {
    const entry = this.#entry;
    if (entry === null) return;
    this.#entry = null;
    const { log } = this;
    const { address, bytes, thread, frames } = entry;
    const place = log.place(entry.line);
    const stack = log.stacks.id(frames, place);
    log.blocks?.row({
      command: 'verifier 80',
      address,
      bytes,
      operation: loggedOperation(frames),
      thread,
      stack,
      ...place,
    });
  }
}
