/**
 * `!verifier 200 [thread]`: Driver Verifier's log of critical regions that threads have entered and left, each with its stack.
 * https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-verifier
 *
 * The documentation does not show it, so whatever order its parts come in is taken:
 *
 *     Thread: fffffa80068c9400
 *     KeEnterCriticalRegion
 *     CombinedApcDisable: 0000ffff
 *
 *         fffff80002a5b5bf nt!VerifierKeEnterCriticalRegion+0x9a
 *         fffff8800140f12a example!ExampleRead+0x20a
 */
import { parseAddress } from '../../src/core/symbol.js';
import { dumpFact } from '../../src/tables/dump-system.js';
import type { Command, Reader, Taken } from './command.js';
import { countHeld, hex } from './counted.js';
import { writeFact } from './facts.js';
import { fed } from './fed.js';
import { frameOf, isSymbol } from './frames.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import { flagsOf, type Typed } from './prompt.js';
import { ADDRESS, hexNumber } from './values.js';

const CRITICAL_REGION_LOG = 0x200;
const MAX_ENTRIES = 20_000;

const THREAD = new RegExp(`\\bThread[:,]?\\s{1,40}(${ADDRESS})\\b`, 'i');
const OPERATION = /(?:^|[!\s_])(?:Verifier)?(Ke(?:Enter|Leave)(?:Critical|Guarded)Region)/;
const DISABLED =
  /\bApc\s?Disabled?(?: count)?\s{0,20}[:=]?\s{1,20}((?:0x)?[0-9a-f]{1,16})\b|\bCombinedApcDisable\s{0,20}[:=]?\s{1,20}((?:0x)?[0-9a-f]{1,16})\b/i;
const FRAME = new RegExp(`^(?:${ADDRESS}:?\\s{1,9})?(\\S.{0,400})$`, 'i');
/** Whoever calls stands outside of the kernel. */
const OF_KERNEL = /^(?:nt|hal|ntkr\w{1,8}|ntoskrnl|verifierext)$/i;
const PROSE =
  /^(?:-{5,}|={5,}|#?\s{0,9}(?:Displaying|There are up to|Log of|Parsing|Parsed|Finished|Critical region log))/i;

export const criticalRegions: Command = {
  name: '!verifier 200',
  isTyped: isOfRegions,
  begins: () => false,
  read: (log) => new CriticalRegions(log),
};

function isOfRegions(typed: Typed): boolean {
  return typed.name === '!verifier' && flagsOf(typed) === CRITICAL_REGION_LOG;
}

interface Entry {
  readonly line: KdLine;
  lines: number;
  thread: bigint | null;
  operation: string | null;
  disabled: string | null;
  hasFrames: boolean;
  caller: string | null;
}

class CriticalRegions implements Reader {
  #entry: Entry | null = null;

  constructor(private readonly log: Log) {}

  take(line: KdLine): Taken {
    const { trimmed } = line;
    if (PROSE.test(trimmed)) return 'ignored';
    const symbol = FRAME.exec(trimmed)?.[1] ?? '';
    if (this.#entry !== null && isSymbol(symbol)) return this.#frame(this.#entry, symbol);
    return this.#head(line);
  }

  end(): void {
    this.#write();
  }

  #head(line: KdLine): Taken {
    const thread = THREAD.exec(line.trimmed);
    const operation = OPERATION.exec(line.trimmed);
    const disabled = DISABLED.exec(line.trimmed);
    if (thread === null && operation === null && disabled === null) return 'unread';
    const open = this.#entry;
    const isNext =
      open === null ||
      open.hasFrames ||
      (thread !== null && open.thread !== null) ||
      (operation !== null && open.operation !== null);
    const entry = isNext ? this.#begin(line) : open;
    entry.lines++;
    if (thread !== null) entry.thread = parseAddress(thread[1]);
    if (operation !== null) entry.operation = operation[1];
    if (disabled !== null) entry.disabled = disabled[1] ?? disabled[2];
    return 'held';
  }

  #begin(line: KdLine): Entry {
    this.#write();
    this.#entry = { line, lines: 0, thread: null, operation: null, disabled: null, hasFrames: false, caller: null };
    return this.#entry;
  }

  #frame(entry: Entry, symbol: string): Taken {
    entry.lines++;
    entry.hasFrames = true;
    entry.operation ??= OPERATION.exec(symbol)?.[1] ?? null;
    const { module, routine } = frameOf(symbol, null);
    if (module !== null && !OF_KERNEL.test(module)) entry.caller ??= routine;
    return 'held';
  }

  #write(): void {
    const entry = this.#entry;
    if (entry === null) return;
    this.#entry = null;
    const { thread, operation, disabled, caller, line, lines } = entry;
    const isKnown = thread !== null && operation !== null && this.log.nextOf('!verifier 200') <= MAX_ENTRIES;
    countHeld(this.log, lines, isKnown ? fed(this.log, dumpFact) : 'ignored');
    if (!isKnown) return;
    const number = disabled === null ? null : hexNumber(disabled);
    const value = caller ?? 'unknown caller';
    writeFact(this.log, { subject: `critical-region ${hex(thread)}`, name: operation, value, number }, line);
  }
}
