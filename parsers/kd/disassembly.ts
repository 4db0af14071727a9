/**
 * `u`, `ub`, `uf`: disassembly. Three things are read from it: jumps with which a routine begins (a hook), loops that stall the
 * processor (`stall-loop.ts`), and whether the instruction before an address is a call, as it must be where that is a return
 * address. https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/u--ub--uu--unassemble-
 *
 *     USER32!ExampleRoutine:
 *     77381341 e9ba3c00c0      jmp     37390000
 *     77381346 6801000040      push    40000001h
 *
 *     37390000 e96b91562e      jmp     Example!Hook (658f9170)
 *
 *     ^ Unable to find valid previous instruction for 'ub 8089a570'
 */
import { parseAddress } from '../../src/core/symbol.js';
import { dumpJump } from '../../src/tables/dump-system.js';
import { endOf, type Instruction, instructionIn } from './code.js';
import type { Command, Reader, Taken } from './command.js';
import { hex } from './counted.js';
import { writeFact } from './facts.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import type { Typed } from './prompt.js';
import { stallFacts } from './stall-loop.js';
import { ADDRESS } from './values.js';

/** A hook jumps at once, or behind an instruction or two of its own. */
const MAX_BEFORE_JUMP = 2;

const TYPED = new Set(['u', 'ub', 'uu', 'uf', 'up']);
// `USER32!CreateWindowExA:`, `dummy!Routine+63 [d:\nt\vc.c @ 2711]:`, `nt! ?? ::FNODOBFM::`string'+0x24a2a:`
const LABEL = /^([\w.~$-]{1,64}!\s?\S.{0,300}?)(?:\s{1,9}\[.{1,300}\])?:$/;
const INSIDE_ROUTINE = /\+(?:0x)?[0-9a-f]{1,16}$/i;
const NO_PREVIOUS = /^\^ Unable to find valid previous instruction for '(?:ub)?\s{0,9}([^']{0,100})'?/i;
// `37390000`, `Example!Hook (658f9170)`, `short nt!Foo+0x12 (80829f67)`, `Example+0x1234 (658f9170)`
const TARGET = new RegExp(`^(?:short |near ptr )?(?:(\\S.{0,300}?)\\s{0,9}\\((${ADDRESS})\\)|(${ADDRESS}))$`, 'i');
// `mov     rax,offset Example!Hook (00007ff8`00001000)`, `mov     rax,7FF800001000h`
const INTO_REGISTER = /^(r\w{1,3}),(?:offset )?(.{1,300})$/i;

export const disassembly: Command = {
  name: 'u',
  isTyped: ({ name }) => TYPED.has(name),
  begins: ({ trimmed }, log) => {
    if (trimmed.startsWith('^')) return NO_PREVIOUS.test(trimmed);
    // A label alone is sure enough where no other command was typed.
    return log.typedName === '' && trimmed.endsWith(':') && trimmed.includes('!') && LABEL.test(trimmed);
  },
  read: (log, typed) => new Disassembly(log, typed),
};

class Disassembly implements Reader {
  /** The routine whose first instructions follow; null where none is named. */
  #routine: string | null = null;
  /** First instruction of the routine or of the output; null before it. */
  #first: Instruction | null = null;
  /** Instructions since then, while a jump among them is one at the beginning; null behind that. */
  #before: Instruction[] | null = [];
  /** Where the instruction before is asked for (`ub`); null where not known. */
  readonly #asked: bigint | null;
  readonly #isBackwards: boolean;
  #last: { instruction: Instruction; line: KdLine } | null = null;
  #isAnswered = false;
  #wasCut = false;

  constructor(
    private readonly log: Log,
    private readonly typed: Typed | null,
  ) {
    this.#isBackwards = typed?.name === 'ub';
    this.#asked = this.#isBackwards ? addressAmong(typed?.args ?? '') : null;
    // What is before an address is the beginning of nothing.
    if (this.#isBackwards) this.#before = null;
  }

  take(line: KdLine): Taken {
    const { trimmed } = line;
    const instruction = instructionIn(trimmed);
    if (instruction !== null) return this.#instruction(line, instruction);
    const none = NO_PREVIOUS.exec(trimmed);
    if (none !== null) return this.#noPrevious(line, none[1]);
    const label = LABEL.exec(trimmed);
    if (label !== null) return this.#label(label[1]);
    return this.typed === null ? 'over' : 'unread';
  }

  cut(): void {
    this.#before = null;
    this.#wasCut = true;
  }

  end(): void {
    if (this.#last === null || this.#isAnswered || this.#asked !== null || this.#wasCut || !this.#isBackwards) return;
    // `ub nt!KiSwapThread+0x2e5`: the output ends where that is.
    this.#previous(endOf(this.#last.instruction), this.#last.instruction, this.#last.line);
  }

  #label(text: string): Taken {
    const isRoutine = !INSIDE_ROUTINE.test(text);
    this.#routine = isRoutine ? text : null;
    this.#first = null;
    this.#before = isRoutine && !this.#isBackwards ? [] : null;
    this.#wasCut = false;
    return 'ignored';
  }

  #instruction(line: KdLine, instruction: Instruction): Taken {
    const { log } = this;
    log.code.add(instruction);
    this.#last = { instruction, line };
    let taken = this.#jump(line, instruction);
    if (stallFacts(log, line) === 'row') taken = 'row';
    if (this.#asked !== null && endOf(instruction) === this.#asked) {
      if (this.#previous(this.#asked, instruction, line) === 'row') taken = 'row';
    }
    return taken;
  }

  /** Writes a jump at the beginning. */
  #jump(line: KdLine, instruction: Instruction): Taken {
    const before = this.#before;
    if (before === null) return 'ignored';
    this.#first ??= instruction;
    const target = targetOf(instruction, before.at(-1));
    if (target === null) {
      before.push(instruction);
      if (before.length > MAX_BEFORE_JUMP || LEAVES.test(instruction.mnemonic)) this.#before = null;
      return 'ignored';
    }
    this.#before = null;
    const values = {
      address: instruction.address,
      symbol: this.#routine,
      offset: Number(instruction.address - this.#first.address),
      target: target.address,
      targetSymbol: target.symbol,
    };
    return this.log.row(dumpJump, values, line);
  }

  #noPrevious(line: KdLine, text: string): Taken {
    const address = addressAmong(text) ?? this.#asked;
    if (address === null) return 'ignored';
    this.#isAnswered = true;
    return writeFact(
      this.log,
      { subject: `address ${hex(address)}`, name: 'previousInstruction', value: 'none' },
      line,
    );
  }

  #previous(address: bigint, { mnemonic }: Instruction, line: KdLine): Taken {
    this.#isAnswered = true;
    const value = CALLS.test(mnemonic) ? 'call' : 'other';
    return writeFact(this.log, { subject: `address ${hex(address)}`, name: 'previousInstruction', value }, line);
  }
}

// x86 and x64, ARM and ARM64, Itanium
const CALLS = /^(?:call|blx?|blr\w{0,4}|br\.call\w{0,10})$/;
const LEAVES = /^(?:j\w{1,5}|ret\w{0,4}|b|br|bx|b\.\w{2}|cbn?z|tbn?z|call|bl|blr)$/;
const JUMPS = /^(?:jmp|b|br)$/;

/** Where an unconditional jump goes; null for what is none, or goes where memory says. */
function targetOf({ mnemonic, operands }: Instruction, before: Instruction | undefined): Target | null {
  if (!JUMPS.test(mnemonic)) return null;
  // `mov rax,...` and `jmp rax`
  const loaded = before?.mnemonic === 'mov' ? INTO_REGISTER.exec(before.operands) : null;
  if (loaded !== null && loaded[1].toLowerCase() === operands.toLowerCase()) {
    return targetIn(loaded[2].replace(/^0?([0-9a-f]{8,16})h$/i, (_, digits: string) => digits.padStart(16, '0')));
  }
  return targetIn(operands);
}

interface Target {
  readonly address: bigint;
  readonly symbol: string | null;
}

function targetIn(text: string): Target | null {
  const match = TARGET.exec(text);
  const address = match === null ? null : parseAddress(match[2] ?? match[3]);
  // `qword ptr [example!_imp_Routine (00007ff8`00001000)]` ends in a bracket and is none.
  if (match === null || address === null || address === 0n || /\[/.test(match[1] ?? '')) return null;
  return { address, symbol: match[1]?.trim() || null };
}

/** The first address in a text: `fffff880`04be3409 L8`, `8089a570`. */
function addressAmong(text: string): bigint | null {
  const word = text.split(/\s+/).find((one) => /^(?:0x)?[0-9a-f`]{5,17}$/i.test(one));
  return word === undefined ? null : parseAddress(word);
}
