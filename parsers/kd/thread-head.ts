/**
 * The first line of a thread, of all versions:
 *
 *     THREAD fb667780 Cid 2.1 Teb: 00000000 Win32Thread: 80144900 WAIT: (WrFreePage) KernelMode Non-Alertable
 *     THREAD ffaf5410  Cid e7.e8  Teb: 7ffde000 WAIT: (Executive) KernelMode Non-Alertable
 *     THREAD 8a0b2890  Cid 0814.10e8  Teb: 7ffdf000 Win32Thread: bc217c68 RUNNING on processor 0
 *     THREAD 861b1898  Cid 4860.4894  Teb: 7ffd8000 Win32Thread: bc1669a8 READY on processor 80000002
 *     THREAD 85c25db0  Cid 53bc.5470  Teb: 7ffde000 Win32Thread: bd1a18a8 WAIT: (Suspended) KernelMode Non-Alertable FreezeCount 1
 */
import { parseAddress } from '../../src/core/symbol.js';
import type { ThreadRecord } from './thread-record.js';

const POINTER = '(?:0x)?[0-9a-f`]{1,17}';
const HEAD = new RegExp(
  `^THREAD:?\\s{1,9}((?:0x)?[0-9a-f\`]{8,17})(?:\\s{1,40}Cid:?\\s{0,9}([0-9a-f]{1,8})\\.([0-9a-f]{1,8}))?` +
    `(?:\\s{1,40}Teb:\\s{0,9}(${POINTER})(?=\\s|$))?(?:\\s{1,40}Win32Thread:\\s{0,9}(${POINTER})(?=\\s|$))?\\s{0,40}(.{0,200})$`,
  'i',
);
/** What a line must have to be sure: the ids, or nothing behind the address. */
const SURE =
  /^THREAD:?\s{1,9}(?:0x)?[0-9a-f`]{8,17}(?:\s{1,40}Cid:?\s{0,9}[0-9a-f]{1,8}\.[0-9a-f]{1,8}\b.{0,300}|\s{0,9})$/i;
// `WAIT: (WrLpcReply) UserMode Non-Alertable`, `WAIT: (Unknown)`, `WAIT: ...`
const WAIT =
  /^WAIT:?\s{0,40}(?:\(\s{0,3}([^()]{0,40}?)\s{0,3}\))?\s{0,40}(KernelMode|UserMode)?\s{0,40}(Non-?Alertable|Alertable)?/i;
// `RUNNING on processor 2`
const STATE = /^([A-Z][A-Z_]{3,20}(?: READY)?)\b(?:\s{1,9}on processor\s{1,9}([0-9a-f]{1,8}))?/;
const COUNTS = /\b(Suspend|Freeze)Count:?\s{1,9}(-?\d{1,9})/gi;
// What follows where mail has wrapped the line.
const CONTINUATION =
  /^(?:Cid:?\s|Teb:|Win32Thread:|WAIT:|\([A-Z]\w{2,30}\)|KernelMode|UserMode|Non-Alertable|Alertable|RUNNING|READY|STANDBY|TERMINATED|(?:0x)?[0-9a-f`]{8,17}\s{1,9}(?:Win32Thread:|WAIT:|RUNNING|READY|STANDBY|TERMINATED|INITIALIZED|TRANSITION|GATEWAIT)|on processor \d|\d{1,3}$)/;
// What tells that the line is whole.
const WHOLE =
  /(?:Alertable|on processor [0-9a-f]{1,8}|READY|STANDBY|TERMINATED|INITIALIZED|TRANSITION|GATEWAIT|Count:? -?\d+|\.{2,}|…)$/i;
const PROCESSOR_BITS = 0x7fffffff;

/** Whether a line begins a thread. */
export const isThread = (trimmed: string): boolean => trimmed.startsWith('THREAD') && SURE.test(trimmed);

/** Whether more of the first line may follow in the next. */
export const isHeadWhole = (trimmed: string): boolean => WHOLE.test(trimmed);
export const continuesHead = (trimmed: string): boolean => CONTINUATION.test(trimmed);

/** Reads the first line into the record. */
export function readHead(trimmed: string, record: ThreadRecord): void {
  const match = HEAD.exec(trimmed);
  if (match === null) return;
  const [, address, pid, tid, teb, win32Thread, rest] = match;
  record.address = parseAddress(address);
  record.pid = pid === undefined ? null : Number.parseInt(pid, 16);
  record.tid = tid === undefined ? null : Number.parseInt(tid, 16);
  record.teb = teb === undefined ? null : parseAddress(teb);
  record.win32Thread = win32Thread === undefined ? null : parseAddress(win32Thread);
  readState(rest, record);
}

function readState(text: string, record: ThreadRecord): void {
  readCounts(text, record);
  const wait = WAIT.exec(text);
  if (wait !== null) {
    const [, reason, mode, alertable] = wait;
    record.state = 'WAIT';
    record.waitReason = reason === undefined || reason === '' || /^Unknown$/i.test(reason) ? null : reason;
    record.waitMode = mode ?? null;
    record.alertable = alertable === undefined ? null : Number(!/^Non/i.test(alertable));
    return;
  }
  const state = STATE.exec(text);
  if (state === null) return;
  record.state = state[1].replace(/\s/g, '_');
  record.processor = state[2] === undefined ? null : processorOf(state[2]);
}

/** `2`; some versions print READY threads' processors as 80000002. */
function processorOf(text: string): number {
  return text.length === 8 ? Number.parseInt(text, 16) & PROCESSOR_BITS : Number(text);
}

/** `SuspendCount 2`, `FreezeCount 1`: the first goes over the second. */
export function readCounts(text: string, record: ThreadRecord): boolean {
  let isFound = false;
  for (const [, kind, count] of text.matchAll(COUNTS)) {
    isFound = true;
    if (/^s/i.test(kind) || record.suspendCount === null) record.suspendCount = Number(count);
  }
  return isFound;
}
