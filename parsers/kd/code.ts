/**
 * Instructions as a disassembly prints them, and the last of them: what comes before an address (`ub`) and what stands there (`u`)
 * are two outputs, and one routine.
 *
 *     fffff880`04be33fe b964000000      mov     ecx,64h
 *     fffff880`04be3403 ff15f70b0000    call    qword ptr [example!_imp_KeStallExecutionProcessor (fffff880`04be4000)]
 *     77381341 e9ba3c00c0      jmp     37390000
 */
import { parseAddress } from '../../src/core/symbol.js';
import { ADDRESS } from './values.js';

/** Loops that wait are short; what is farther back is not looked at. */
const MAX_KEPT = 64;

export interface Instruction {
  readonly address: bigint;
  readonly bytes: number;
  readonly mnemonic: string;
  /** As printed, remarks left out. */
  readonly operands: string;
}

// Two digits a byte; an instruction has 15 at most. `uf` may put the number of a source line in front.
const ROW = new RegExp(
  `^(?:\\d{1,6}\\s{1,9})?(${ADDRESS})\\s{1,9}((?:[0-9a-f]{2}){1,15})\\s{1,40}([a-z][a-z0-9.]{0,15})(?:\\s{1,40}(.{1,400}))?$`,
  'i',
);

/** The instruction that a line shows; null where it shows none. */
export function instructionIn(trimmed: string): Instruction | null {
  const match = ROW.exec(trimmed);
  const address = match === null ? null : parseAddress(match[1]);
  if (match === null || address === null) return null;
  const [, , digits, mnemonic, operands = ''] = match;
  const remark = operands.indexOf('//');
  return {
    address,
    bytes: digits.length / 2,
    mnemonic: mnemonic.toLowerCase(),
    operands: (remark < 0 ? operands : operands.slice(0, remark)).trim(),
  };
}

/** First address behind an instruction. */
export const endOf = ({ address, bytes }: Instruction): bigint => address + BigInt(bytes);

export class Code {
  #kept: Instruction[] = [];

  /** Instructions without a gap, up to the one added last. */
  get run(): readonly Instruction[] {
    return this.#kept;
  }

  add(instruction: Instruction): void {
    const last = this.#kept.at(-1);
    if (last === undefined || endOf(last) !== instruction.address) this.#kept = [];
    this.#kept.push(instruction);
    if (this.#kept.length > MAX_KEPT) this.#kept.shift();
  }
}
