/**
 * A routine that stalls the processor in a loop, as a disassembly shows it:
 *
 *     fffff880`04be33f9 bbc0d40100      mov     ebx,1D4C0h
 *     fffff880`04be33fe b964000000      mov     ecx,64h
 *     fffff880`04be3403 ff15f70b0000    call    qword ptr [example!_imp_KeStallExecutionProcessor (fffff880`04be4000)]
 *     fffff880`04be3409 4883eb01        sub     rbx,1
 *     fffff880`04be340d 75ef            jne     example!EvtTimerFunc+0x72 (fffff880`04be33fe)
 *
 * 64h is the argument, 1D4C0h how often the loop goes round. Each is stated only where its instruction was seen.
 */
import { parseAddress } from '../../src/core/symbol.js';
import { endOf, type Instruction } from './code.js';
import type { Taken } from './command.js';
import { hex } from './counted.js';
import { writeFact } from './facts.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import { ADDRESS } from './values.js';

/** Instructions between what sets an argument and the call. */
const MAX_TO_CALL = 6;

const STALLS = /(?:^|[!_])(KeStallExecutionProcessor|KeDelayExecutionThread)(?:\s|\(|\]|$)/;
// `ecx,64h`, `rcx,64h`
const TO_FIRST_ARGUMENT = /^[er]?cx,(0x)?([0-9a-f]{1,16})h?$/i;
const PUSHED = /^(?:0x)?([0-9a-f]{1,8})h?$/i;
// `ebx,1D4C0h`
const LOADED = /^(r\d{1,2}d?|[er][a-ds][xip]),(?:0x)?([0-9a-f]{1,16})h?$/i;
const BACK = new RegExp(`^(?:.{0,300}\\()?(${ADDRESS})\\)?$`, 'i');
// `sub rbx,1`, `dec ebx`, `add ebx,0FFFFFFFFh`
const COUNTS = /^(?:sub|dec|add)$/;
const BY_ONE = /^[^,]{1,4}(?:,(?:1|0?F{8,16}h))?$/i;
const CONDITIONAL = /^j(?!mp)\w{1,5}$/;
const ROUTINE = /^(?:short )?([\w.~$-]{1,64}!.{1,200}?)(?:\+0x[0-9a-f]{1,8})?\s{0,9}\(/i;

/** What the instruction added last says of a stall. */
export function stallFacts(log: Log, line: KdLine): Taken {
  const { run } = log.code;
  const last = run.at(-1);
  if (last === undefined) return 'ignored';
  if (last.mnemonic === 'call') return callFacts(log, line, last, run);
  return CONDITIONAL.test(last.mnemonic) ? loopFacts(log, line, last, run) : 'ignored';
}

function callFacts(log: Log, line: KdLine, call: Instruction, run: readonly Instruction[]): Taken {
  const routine = STALLS.exec(call.operands)?.[1];
  if (routine === undefined) return 'ignored';
  const subject = subjectOf(call);
  const argument = routine === 'KeStallExecutionProcessor' ? argumentOf(run.slice(0, -1)) : null;
  const taken = writeFact(log, { subject, name: 'calls', value: routine }, line);
  writeFact(log, { subject, name: 'returnAddress', value: hex(endOf(call)) }, line);
  if (argument !== null) {
    writeFact(log, { subject, name: 'argument', value: argument, number: Number.parseInt(argument, 16) }, line);
  }
  return taken;
}

/** The first argument as hex digits: in ecx, or the last that was pushed; null where that is not seen. */
function argumentOf(run: readonly Instruction[]): string | null {
  for (const { mnemonic, operands } of run.slice(-MAX_TO_CALL).reverse()) {
    if (mnemonic === 'call') return null;
    if (mnemonic === 'push') return PUSHED.exec(operands)?.[1] ?? null;
    if (mnemonic === 'mov' && /^[er]?cx,/i.test(operands)) return TO_FIRST_ARGUMENT.exec(operands)?.[2] ?? null;
  }
  return null;
}

/** A jump back over a call that stalls. */
function loopFacts(log: Log, line: KdLine, jump: Instruction, run: readonly Instruction[]): Taken {
  const target = parseAddress(BACK.exec(jump.operands)?.[1] ?? '');
  if (target === null || target >= jump.address) return 'ignored';
  const call = run.findLast((one) => one.mnemonic === 'call' && STALLS.test(one.operands));
  if (call === undefined || target > call.address) return 'ignored';
  const subject = subjectOf(call);
  const taken = writeFact(log, { subject, name: 'loopsTo', value: hex(target) }, line);
  const routine = ROUTINE.exec(jump.operands)?.[1];
  if (routine !== undefined) writeFact(log, { subject, name: 'routine', value: routine }, line);
  const counter = counterOf(run, call, target);
  if (counter !== null) {
    writeFact(log, { subject, name: 'loopCounter', value: counter, number: Number.parseInt(counter, 16) }, line);
  }
  return taken;
}

/** Hex digits that the register which is counted down behind the call was set to before the loop. */
function counterOf(run: readonly Instruction[], call: Instruction, target: bigint): string | null {
  const counting = run.find(
    ({ address, mnemonic, operands }) =>
      address > call.address && COUNTS.test(mnemonic) && BY_ONE.test(operands) && registerOf(operands) !== null,
  );
  const register = counting === undefined ? null : registerOf(counting.operands);
  if (register === null) return null;
  const set = run.findLast(
    ({ address, mnemonic, operands }) => address < target && mnemonic === 'mov' && registerOf(operands) === register,
  );
  return set === undefined ? null : (LOADED.exec(set.operands)?.[2] ?? null);
}

/** `ebx` and `rbx` are one register, so are `r8d` and `r8`. */
function registerOf(operands: string): string | null {
  const name = /^(r\d{1,2}|[er][a-ds][xip])d?(?:,|$)/i.exec(operands)?.[1]?.toLowerCase();
  return name === undefined ? null : name.replace(/^[er](?=[a-z])/, '');
}

const subjectOf = (call: Instruction): string => `disassembly ${hex(call.address)}`;
