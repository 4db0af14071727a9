/**
 * Stacks that stand alone (`k`, `kb`, `kv`, `kn`, `kL`, `kf`, `kp`, `kc`, `~4 kb`), and STACK_TEXT of !analyze. Each is a sighting of the thread
 * that the debugger is set to; where the log sets nt!PoolHitTag, those in which the kernel's pool routines stand innermost are hits.
 * https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/k--kb--kc--kd--kp--kp--kv--display-stack-backtrace-
 *
 *     Child-SP          RetAddr           Call Site
 *     fffff880`04ec1770 fffff880`0496e634 nt!ExAllocatePoolWithTag+0x82e
 *
 *      # ChildEBP RetAddr  Args to Child
 *     01 8a3f1c44 f7a31234 00000000 00000018 3261654c nt!ExAllocatePoolWithTag+0x12 (FPO: [3,0,0])
 *
 *     STACK_TEXT:
 *     f46f5b44 808b73a4 e1a36008 00000004 00000018 nt!Foo+0xd7
 */
import type { Command, Reader, Taken } from './command.js';
import { columnsOf, mayBeHeader, USUAL } from './frame-columns.js';
import { poolOperation } from './frames.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import type { Typed } from './prompt.js';
import { StackFrames } from './stack-frames.js';
import { ThreadRecord } from './thread-record.js';

// `k`, `kbn`, `kv 10`; `kd` shows raw memory
const TYPED = /^k[bcfmnpsvlxr]{0,6}\d{0,5}$/i;
// `~4kb`, `~4 kb`, `~*e kb`, `~. k`
const OF_THREAD = /^~\S{0,12}?\s?(?:e\s{1,9})?(k[bcfmnpsvlxr]{0,6}\d{0,5})\b/i;
const WITH_ARGUMENTS = /^k\w{0,6}[bv]/i;
const STACK_TEXT = /^STACK_TEXT:?$/;
// Commands that list threads: their stacks are no hits of a breakpoint.
const LISTING = /^[!~]/;
// Behind these stands the stack of the present thread: `.thread 89cd9c10`, `g` to a breakpoint with `k`, `!for_each_thread ".thread …; k"`
const SETTING = /^(?:!for_each|\.(?:thread|process|cxr|trap|ecxr|reload|effmach)|g$|~)/;
/** Frames above a caller in which the pool's own routines stand; more where a verifier or a hook lies between. */
const INNERMOST = 6;

/** How the stack was asked for: `kb`; null where what was typed prints none. */
function stackCommandOf(typed: Typed | null): string | null {
  if (typed === null) return null;
  if (TYPED.test(typed.name)) return typed.name;
  return OF_THREAD.exec(`${typed.name} ${typed.args}`)?.[1].toLowerCase() ?? null;
}

export const stack: Command = {
  name: 'k',
  isTyped: (typed) => stackCommandOf(typed) !== null,
  begins: ({ trimmed }) => mayBeHeader(trimmed) && columnsOf(trimmed) !== null,
  read: (log, typed) => new Stack(log, 'k', stackCommandOf(typed)),
};

export const stackText: Command = {
  name: '!analyze STACK_TEXT',
  isTyped: () => false,
  begins: ({ trimmed }) => trimmed.startsWith('STACK_TEXT') && STACK_TEXT.test(trimmed),
  read: (log) => new Stack(log, '!analyze', null),
};

class Stack implements Reader {
  readonly #frames: StackFrames;
  #hasHeader = false;
  #isOver = false;

  constructor(
    private readonly log: Log,
    private readonly command: string,
    private readonly typed: string | null,
  ) {
    this.#frames = new StackFrames(log);
    // Where the header is lost.
    this.#frames.begin({ ...USUAL, hasArguments: typed !== null && WITH_ARGUMENTS.test(typed) });
  }

  take(line: KdLine): Taken {
    if (this.#isOver) return 'over';
    const { trimmed } = line;
    if (mayBeHeader(trimmed)) {
      const columns = columnsOf(trimmed);
      if (columns !== null) {
        if (this.#hasHeader || this.#frames.isBegun) return this.#over();
        this.#hasHeader = true;
        this.#frames.begin(columns);
        return 'ignored';
      }
    }
    if (this.command === '!analyze' && !this.#hasHeader && STACK_TEXT.test(trimmed)) {
      this.#hasHeader = true;
      this.#frames.begin({ ...USUAL, hasArguments: true });
      return 'ignored';
    }
    const taken = this.#frames.take(line);
    if (taken !== null) return taken;
    return this.#frames.isBegun || this.#hasHeader ? this.#over() : 'unread';
  }

  cut(): void {
    this.#frames.cut();
  }

  end(): void {
    if (!this.#frames.isBegun) return;
    if (!this.#hit()) this.#thread();
  }

  #over(): Taken {
    this.#isOver = true;
    return 'over';
  }

  /** Writes the stack as a hit of pool; false where it is none. */
  #hit(): boolean {
    const { log } = this;
    const { first } = this.#frames;
    if (!log.isHitTagSet || LISTING.test(log.typedName) || first === null) return false;
    const operation = poolOperation(this.#frames.frames(INNERMOST));
    if (operation === null) return false;
    const { stack: number } = this.#frames.finish(true);
    log.hits?.row({ operation, tag: log.hitTag, stack: number, ...log.place(first) });
    return true;
  }

  #thread(): void {
    const { log, command, typed } = this;
    const { context } = log;
    const { first } = this.#frames;
    const finished = this.#frames.finish();
    if (first === null) return;
    const record = new ThreadRecord(command, first);
    record.stackCommand = command === 'k' ? (typed ?? 'k') : null;
    if (context.isKernel === false) record.number = context.number;
    else if (command === '!analyze') record.processor = context.cpu;
    else if (this.#isOfContext()) {
      record.address = context.thread;
      if (context.thread === null) record.processor = context.cpu;
    }
    record.write(log, finished);
  }

  /** Whether the stack is surely of the thread that the debugger is set to, and not of one that another command shows. */
  #isOfContext(): boolean {
    const { typedName } = this.log;
    return this.typed !== null || typedName === '' || SETTING.test(typedName);
  }
}
