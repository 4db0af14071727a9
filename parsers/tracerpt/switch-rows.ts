/** Rows of context switches and of threads made ready. */

import { NULL_I32 } from '../../src/core/schema.js';
import { threadState, waitReason } from '../../src/tables/thread-states.js';
import type { KernelHead, Writers } from './context.js';
import { type FieldOf, stored, wholeNumber } from './field-values.js';
import { badField, type Outcome } from './outcome.js';

/** The name of a numbered value; null where there is none. */
function named(name: (value: number) => string, text: string | undefined): string | null {
  const value = wholeNumber(text);
  return value === null ? null : name(value);
}

export function writeSwitch(w: NonNullable<Writers['cswitch']>, head: KernelHead, field: FieldOf): Outcome {
  const newTid = stored(field('NewThreadId'));
  const oldTid = stored(field('OldThreadId'));
  if (newTid === NULL_I32 || oldTid === NULL_I32) return badField('NewThreadId or OldThreadId');
  const { cols, dicts, n } = w;
  cols.atUs[n] = head.atUs;
  cols.cpu[n] = head.cpu;
  // The event names threads only.
  cols.newProcess[n] = -1;
  cols.newPid[n] = NULL_I32;
  cols.newTid[n] = newTid;
  cols.newPriority[n] = stored(field('NewThreadPriority'));
  cols.oldProcess[n] = -1;
  cols.oldPid[n] = NULL_I32;
  cols.oldTid[n] = oldTid;
  cols.oldPriority[n] = stored(field('OldThreadPriority'));
  cols.oldState[n] = dicts.oldState.id(named(threadState, field('OldThreadState')));
  cols.waitReason[n] = dicts.waitReason.id(named(waitReason, field('OldThreadWaitReason')));
  // NewThreadWaitTime is documented without a unit.
  cols.waitUs[n] = Number.NaN;
  cols.line[n] = head.line;
  cols.byte[n] = head.byte;
  w.push();
  return 'row';
}

/** The readying thread is the one in whose context the event was logged. */
export function writeReady(w: NonNullable<Writers['ready']>, head: KernelHead, field: FieldOf): Outcome {
  const readyTid = stored(field('TThreadId'));
  if (readyTid === NULL_I32) return badField('TThreadId');
  const flag = wholeNumber(field('Flag'));
  const { cols, dicts, n } = w;
  cols.atUs[n] = head.atUs;
  cols.process[n] = -1;
  cols.pid[n] = head.pid;
  cols.tid[n] = head.tid;
  cols.readyProcess[n] = -1;
  cols.readyPid[n] = NULL_I32;
  cols.readyTid[n] = readyTid;
  cols.adjustReason[n] = dicts.adjustReason.id(field('AdjustReason') ?? null);
  // Flag 0x1: "The thread has been readied from DPC" (https://learn.microsoft.com/windows/win32/etw/readythread).
  cols.inDpc[n] = dicts.inDpc.id(flag === null ? null : flag & 1 ? '1' : '0');
  cols.line[n] = head.line;
  cols.byte[n] = head.byte;
  w.push();
  return 'row';
}
