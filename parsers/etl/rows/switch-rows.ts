/**
 * Context switches and threads made ready: classes CSwitch and ReadyThread (learn.microsoft.com/windows/win32/etw/cswitch,
 * /readythread). NewThreadWaitTime is documented without a unit: not read.
 */
import { NULL_I32 } from '../../../src/core/schema.js';
import { cswitch } from '../../../src/tables/cswitch.js';
import { readyThread } from '../../../src/tables/ready-thread.js';
import { threadState, waitReason } from '../../../src/tables/thread-states.js';
import { Group, kernelKey } from '../log/layout.js';
import { type Handler, idOrNull, type Outcome, type RowContext, tooShort } from './context.js';

export const CSWITCH: number = kernelKey(Group.Thread, 36);
const READY = kernelKey(Group.Thread, 50);
const SHORT = tooShort('context switches');
const SHORT_READY = tooShort('ReadyThread');

export function switchRows(context: RowContext): [number, Handler][] {
  const w = context.out.writer(cswitch);
  if (w === null) return [];
  const { cols, dicts } = w;
  const { system } = context.survey;
  const asked = context.switchedThreads;
  const nameOf = (pid: number | null, ticks: number): string | null =>
    pid === null ? null : system.processName(pid, ticks);
  const handler: Handler = ({ cursor }): Outcome => {
    const at = cursor.payloadAt;
    const { bytes, ticks } = cursor;
    if (at + 16 > cursor.at + cursor.size) return SHORT;
    const newTid = cursor.words[at >> 2];
    const oldTid = cursor.words[(at >> 2) + 1];
    if (asked !== null && !asked.has(newTid) && !asked.has(oldTid)) return 'none';
    const newPid = system.pidOfThread(newTid, ticks);
    const oldPid = system.pidOfThread(oldTid, ticks);
    const { n } = w;
    cols.atUs[n] = context.us(ticks);
    cols.cpu[n] = cursor.cpu;
    cols.newProcess[n] = dicts.newProcess.id(nameOf(newPid, ticks));
    cols.newPid[n] = newPid ?? NULL_I32;
    cols.newTid[n] = idOrNull(newTid);
    cols.newPriority[n] = bytes.readInt8(at + 8);
    cols.oldProcess[n] = dicts.oldProcess.id(nameOf(oldPid, ticks));
    cols.oldPid[n] = oldPid ?? NULL_I32;
    cols.oldTid[n] = idOrNull(oldTid);
    cols.oldPriority[n] = bytes.readInt8(at + 9);
    cols.oldState[n] = dicts.oldState.id(threadState(bytes.readInt8(at + 14)));
    cols.waitReason[n] = dicts.waitReason.id(waitReason(bytes.readInt8(at + 12)));
    cols.waitUs[n] = Number.NaN;
    cols.line[n] = Number.NaN;
    cols.byte[n] = cursor.start + cursor.at;
    w.push();
    return 'row';
  };
  return [[CSWITCH, handler]];
}

/** The readying thread is the one in whose context the event was logged; a DPC that made it ready borrowed that. */
export function readyRows(context: RowContext): [number, Handler][] {
  const w = context.out.writer(readyThread);
  if (w === null) return [];
  const { cols, dicts } = w;
  const { system } = context.survey;
  const handler: Handler = ({ cursor }): Outcome => {
    const at = cursor.payloadAt;
    const { bytes, ticks } = cursor;
    if (at + 7 > cursor.at + cursor.size) return SHORT_READY;
    const readyTid = cursor.words[at >> 2];
    const readyPid = system.pidOfThread(readyTid, ticks);
    const pid = context.pid(cursor);
    const { n } = w;
    cols.atUs[n] = context.us(ticks);
    cols.process[n] = dicts.process.id(pid === NULL_I32 ? null : system.processName(pid, ticks));
    cols.pid[n] = pid;
    cols.tid[n] = context.tid(cursor);
    cols.readyProcess[n] = dicts.readyProcess.id(readyPid === null ? null : system.processName(readyPid, ticks));
    cols.readyPid[n] = readyPid ?? NULL_I32;
    cols.readyTid[n] = idOrNull(readyTid);
    cols.adjustReason[n] = dicts.adjustReason.id(String(bytes.readInt8(at + 4)));
    // Flag 0x1: "The thread has been readied from DPC".
    cols.inDpc[n] = dicts.inDpc.id(bytes[at + 6] & 1 ? '1' : '0');
    cols.line[n] = Number.NaN;
    cols.byte[n] = cursor.start + cursor.at;
    w.push();
    return 'row';
  };
  return [[READY, handler]];
}
