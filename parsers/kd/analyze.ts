/**
 * `!analyze`, verbose or short: the bugcheck, and what the debugger makes of it.
 * https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-analyze
 *
 *     DPC_WATCHDOG_VIOLATION (133)
 *     The DPC watchdog detected a prolonged run time at an IRQL of DISPATCH_LEVEL
 *     or above.
 *     Arguments:
 *     Arg1: 0000000000000000, A single DPC or ISR exceeded its time allotment. The offending
 *         component can usually be identified with a stack trace.
 *     Arg2: 0000000000000501, The DPC time count (in ticks).
 *
 *     BUGCHECK_CODE:  133
 *     PROCESS_NAME:  System
 *     STACK_TEXT:
 *
 *     BugCheck 133, {0, 501, 500, 0}
 *     Probably caused by : Example.sys ( Example!ExampleTimer+7d )
 *
 * `STACK_TEXT` is a stack like others: what reads those begins there, and the fields behind it begin here again.
 */
import { SUBJECT } from './bugcheck.js';
import type { Command, Reader, Taken } from './command.js';
import { exactNumber, writeFact, writeHex } from './facts.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import { addressIn } from './values.js';
import { ViolationCounter } from './verifier-violation.js';

const NAME = '!analyze';
const ANALYZE = 'analyze';
/** Lines of words behind the title, and behind an argument. */
const MAX_WORDS = 20;
const MAX_WORDS_OF_ARGUMENT = 6;
/** Fields of one analysis go to some dozens. */
const MAX_FIELDS = 300;

const BANNER = /^\*\s{1,99}(?:Bugcheck|Exception|Hang|Lock) Analysis\s{1,99}\*$/i;
// `DPC_WATCHDOG_VIOLATION (133)`, `KERNEL_MODE_EXCEPTION_NOT_HANDLED_M (1000008e)`, `Unknown bugcheck code (4000008a)`
const TITLE = /^([A-Z][A-Z0-9]{1,30}_[A-Z0-9_]{2,60}|Unknown bugcheck code) \(([0-9a-f]{1,8})\)$/;
/** Other constants are printed in the same way. */
const NO_TITLE = /^(?:STATUS|EXCEPTION|ERROR|IRP|DNF|RPC|WAIT)_/;
// `Arg1: 0000000000000000, A single DPC or ISR exceeded its time allotment.`
const ARGUMENT = /^Arg([1-4]):\s{0,9}((?:0x)?[0-9a-f]{1,8}(?:`?[0-9a-f]{8})?)\b/i;
const SHORT = /^BugCheck ([0-9a-f]{1,8}), \{([^}]{1,200})\}/i;
const CAUSE = /^(Probably caused by|Followup)\s{0,9}:\s{1,9}(\S.{0,300})$/;
// `PROCESS_NAME:  AppA.exe`, `STACK_TEXT:`
const FIELD = /^([A-Z][A-Z0-9_]{3,50}):(?:\s{1,40}(\S.{0,600})?)?$/;
// `Key  : Analysis.CPU.mSec`, `Value: 1234`
const KEY = /^Key\s{1,9}:\s{1,9}(\S{1,100})$/;
const VALUE = /^Value:\s{1,9}(\S.{0,300})$/;
const REMARK =
  /^(?:\*{3,}$|\*\s{1,99}\*$|Arguments:|Debugging Details:|-{3,}$|Use !analyze -v|For analysis of this file|BugCheck Info:|KEY_VALUES_STRING)/i;
// Lines of other outputs: no words of the analysis.
const OTHER_OUTPUT =
  /^(?:THREAD |PROCESS |Resource @|Child-?SP|ChildEBP|RetAddr|#\s|[0-9a-f]{8}|\d{1,3}: |Irp is |CritSec |start\s{1,40}end\b)/i;

/** Fields that tell, where nothing else does, that an analysis goes on. */
const KNOWN = new Set(
  `ADDITIONAL_DEBUG_TEXT ANALYSIS_SESSION_HOST ANALYSIS_VERSION APPLICATION_VERIFIER_FLAGS BLACKBOXBSD BLACKBOXNTFS BLACKBOXPNP
  BLACKBOXWINLOGON BLOCKED_THREAD BLOCKING_THREAD BUCKET_ID BUGCHECK_CODE BUGCHECK_P1 BUGCHECK_P2 BUGCHECK_P3 BUGCHECK_P4
  BUGCHECK_STR BUILD_VERSION_STRING CHKIMG_EXTENSION CONTEXT CPU_COUNT CPU_FAMILY CPU_MHZ CPU_MODEL CPU_STEPPING CPU_VENDOR
  CURRENT_IRQL CUSTOMER_CRASH_COUNT DEFAULT_BUCKET_ID DEVICE_OBJECT DPC_TIMEOUT_TYPE DRIVER_OBJECT DRVPOWERSTATE_SUBCODE
  DUMP_CLASS DUMP_FILE_ATTRIBUTES DUMP_QUALIFIER DUMP_TYPE ERROR_CODE EXCEPTION_CODE EXCEPTION_CODE_STR EXCEPTION_PARAMETER1
  EXCEPTION_PARAMETER2 EXCEPTION_RECORD FAILURE_BUCKET_ID FAILURE_ID_HASH FAILURE_ID_HASH_STRING FAULTING_IP FAULTING_MODULE
  FAULTING_SOURCE_CODE FAULTING_THREAD FILE_IN_CAB FOLLOWUP_IP FOLLOWUP_NAME HANG_TYPE IMAGE_NAME IMAGE_VERSION IRP_ADDRESS
  LAST_CONTROL_TRANSFER LOCK_ADDRESS LOOPING_THREAD MODULE_NAME NTGLOBALFLAG OSBUILD OSNAME OSPLATFORM_TYPE OS_VERSION
  PRIMARY_PROBLEM_CLASS PROBLEM_CLASSES PROCESS_NAME PROCESS_OBJECT PRODUCT_TYPE READ_ADDRESS SERVER_THREAD SHARED_USER_DATA
  STACK_COMMAND SYMBOL_NAME SYMBOL_STACK_INDEX SYSTEM_MANUFACTURER SYSTEM_PRODUCT_NAME THREAD_ATTRIBUTES TRAP_FRAME
  TRIAGER_LINE USER_MODE_BUCKET_ID WAITING_THREAD WRITE_ADDRESS DEBUG_FLR_IMAGE_TIMESTAMP DERIVED_WAIT_CHAIN WAIT_CHAIN_COMMAND
  MANAGED_STACK_COMMAND CRITICAL_SECTION BUGCHECK_DESC FAULT_INSTR_CODE ANALYSIS_SOURCE`
    .split(/\s+/)
    .filter((name) => name !== ''),
);
/** Their values are hex numbers, as a rule. */
const IN_HEX =
  /^(?:BUGCHECK_(?:CODE|P\d|STR)|CURRENT_IRQL|DRVPOWERSTATE_SUBCODE|EXCEPTION_(?:CODE|PARAMETER\d)|ERROR_CODE)/;
/** A line of its own follows with the symbol. */
const SYMBOL_BELOW = new Set(['FAULTING_IP', 'FOLLOWUP_IP']);

export const analyze: Command = {
  name: NAME,
  isTyped: ({ name }) => name === NAME,
  begins: ({ trimmed }) => {
    const first = trimmed.charCodeAt(0);
    if (first === 0x2a) return BANNER.test(trimmed);
    // All others begin with a capital.
    return first >= 0x41 && first <= 0x5a && isBeginning(trimmed);
  },
  read: (log) => new Analyze(log),
};

function isBeginning(trimmed: string): boolean {
  if (trimmed.endsWith(')') && titleOf(trimmed) !== null) return true;
  if (trimmed.startsWith('BugCheck ') && SHORT.test(trimmed)) return true;
  if (trimmed.startsWith('Probably caused by : ') || trimmed.startsWith('Use !analyze -v to get')) return true;
  const colon = trimmed.indexOf(':');
  return colon > 3 && colon < 52 && KNOWN.has(trimmed.slice(0, colon)) && FIELD.test(trimmed);
}

/** The name and code of a bugcheck; null for a line that is no title. */
function titleOf(trimmed: string): RegExpExecArray | null {
  const match = TITLE.exec(trimmed);
  if (match === null || NO_TITLE.test(match[1]))
    return /^STATUS_SYSTEM_PROCESS_TERMINATED \(/.test(trimmed) ? match : null;
  return match;
}

class Analyze implements Reader {
  #violation: ViolationCounter | null = null;
  #wordsLeft = 0;
  #fields = 0;
  /** Field whose value stands in the next line. */
  #below: string | null = null;
  #key: string | null = null;

  constructor(private readonly log: Log) {}

  take(line: KdLine): Taken {
    const { trimmed } = line;
    const title = titleOf(trimmed);
    if (title !== null) return this.#title(line, title);
    if (BANNER.test(trimmed) || REMARK.test(trimmed)) return 'ignored';
    const argument = ARGUMENT.exec(trimmed);
    if (argument !== null) return this.#argument(line, Number(argument[1]), argument[2]);
    return this.#short(line) ?? this.#field(line) ?? this.#words(line);
  }

  #title(line: KdLine, [, name, code]: RegExpExecArray): Taken {
    const { log } = this;
    this.#wordsLeft = MAX_WORDS;
    this.#violation = new ViolationCounter(log, Number.parseInt(code, 16));
    if (name.includes('_')) writeFact(log, { subject: SUBJECT, name: 'name', value: name }, line);
    return writeHex(log, SUBJECT, 'code', code, line);
  }

  #argument(line: KdLine, index: number, digits: string): Taken {
    this.#wordsLeft = MAX_WORDS_OF_ARGUMENT;
    this.#violation?.argument(index, digits, line);
    return writeHex(this.log, SUBJECT, `arg${index}`, digits, line);
  }

  /** What !analyze prints without -v; null for another line. */
  #short(line: KdLine): Taken | null {
    const cause = CAUSE.exec(line.trimmed);
    if (cause !== null) return writeFact(this.log, { subject: ANALYZE, name: cause[1], value: cause[2] }, line);
    const short = SHORT.exec(line.trimmed);
    if (short === null) return null;
    const taken = writeHex(this.log, SUBJECT, 'code', short[1], line);
    for (const [index, digits] of short[2].split(',').slice(0, 4).entries()) {
      writeHex(this.log, SUBJECT, `arg${index + 1}`, digits.trim(), line);
    }
    return taken;
  }

  #field(line: KdLine): Taken | null {
    const { log } = this;
    const field = FIELD.exec(line.trimmed);
    if (field === null || !isField(field[1])) return this.#behindField(line);
    const [, name, value] = field;
    this.#wordsLeft = 0;
    this.#below = SYMBOL_BELOW.has(name) && value === undefined ? name : null;
    // Something else may read the stack.
    if (name.endsWith('STACK_TEXT')) return 'unread';
    if (value === undefined || ++this.#fields > MAX_FIELDS) return 'ignored';
    const argument = /^BUGCHECK_P([1-4])$/.exec(name)?.[1];
    if (argument !== undefined) writeHex(log, SUBJECT, `arg${argument}`, value, line);
    if (name === 'BUGCHECK_CODE') writeHex(log, SUBJECT, 'code', value, line);
    return writeFact(log, { subject: ANALYZE, name, value, number: numberOf(name, value) }, line);
  }

  /** The lines below a field; null for another line. */
  #behindField(line: KdLine): Taken | null {
    const { trimmed } = line;
    const below = this.#below;
    this.#below = null;
    if (below !== null && /^[\w.]{1,64}!\S/.test(trimmed)) {
      return writeFact(this.log, { subject: ANALYZE, name: below, value: trimmed }, line);
    }
    const key = KEY.exec(trimmed)?.[1];
    if (key !== undefined) {
      this.#key = key;
      return 'ignored';
    }
    const value = this.#key === null ? null : VALUE.exec(trimmed);
    if (value === null || this.#key === null) return null;
    const name = this.#key;
    this.#key = null;
    if (++this.#fields > MAX_FIELDS) return 'ignored';
    return writeFact(this.log, { subject: ANALYZE, name, value: value[1] }, line);
  }

  /** Words behind the title or behind an argument, which may be wrapped. */
  #words({ trimmed }: KdLine): Taken {
    if (this.#wordsLeft <= 0 || OTHER_OUTPUT.test(trimmed)) return 'unread';
    this.#wordsLeft--;
    return 'ignored';
  }
}

/** `WARNING:` and the like are none. */
const isField = (name: string): boolean => name.includes('_') || KNOWN.has(name);

/** `133`, `0x133`, `(NTSTATUS) 0xc0000005 - The instruction at …` */
function numberOf(name: string, value: string): number | null {
  if (!IN_HEX.test(name)) return null;
  return exactNumber(addressIn(/^(?:\(\w{1,20}\)\s{1,9})?((?:0x)?[0-9a-f]{1,16})(?:\s|$)/i.exec(value)?.[1]));
}
