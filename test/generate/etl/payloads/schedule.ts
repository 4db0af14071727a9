/**
 * Samples, context switches and readied threads. Fields: MOF classes SampledProfile, CSwitch and ReadyThread of the
 * documentation of ETW; the first two were compared with real files.
 */
import { type PointerBytes, pointer, u8, u16, u32 } from '../bytes.js';
import type { EventBody } from '../log.js';
import { GROUP, perfInfoEvent } from './kernel.js';

const SAMPLED_PROFILE = 46;
const CSWITCH = 36;
const READY_THREAD = 50;

export interface SampleFields {
  readonly instructionPointer: bigint;
  readonly tid: number;
  readonly count?: number;
}

export function sampledProfile(fields: SampleFields, pointerBytes: PointerBytes = 8): EventBody {
  return perfInfoEvent(
    { group: GROUP.perfInfo, opcode: SAMPLED_PROFILE, pointerBytes },
    pointer(fields.instructionPointer, pointerBytes),
    u32(fields.tid),
    u16(fields.count ?? 1),
    u16(0),
  );
}

export interface SwitchFields {
  readonly newTid: number;
  readonly oldTid: number;
  readonly newPriority?: number;
  readonly oldPriority?: number;
  readonly previousCState?: number;
  /** KWAIT_REASON, KPROCESSOR_MODE and KTHREAD_STATE of the old thread. */
  readonly oldWaitReason?: number;
  readonly oldWaitMode?: number;
  readonly oldState?: number;
  readonly oldIdealProcessor?: number;
  /** In timer ticks. */
  readonly newThreadWaitTime?: number;
}

export function contextSwitch(fields: SwitchFields, pointerBytes: PointerBytes = 8): EventBody {
  return perfInfoEvent(
    { group: GROUP.thread, opcode: CSWITCH, pointerBytes },
    u32(fields.newTid),
    u32(fields.oldTid),
    u8(fields.newPriority ?? 8),
    u8(fields.oldPriority ?? 8),
    u8(fields.previousCState ?? 0),
    u8(0),
    u8(fields.oldWaitReason ?? 0),
    u8(fields.oldWaitMode ?? 0),
    u8(fields.oldState ?? 5),
    u8(fields.oldIdealProcessor ?? 0),
    u32(fields.newThreadWaitTime ?? 0),
    u32(0),
  );
}

export interface ReadyFields {
  /** The thread that may run now; who readied it is the context that the event was logged in. */
  readonly tid: number;
  readonly adjustReason?: number;
  readonly adjustIncrement?: number;
  /** 1: readied by a DPC. */
  readonly flag?: number;
}

export function readyThread(fields: ReadyFields, pointerBytes: PointerBytes = 8): EventBody {
  return perfInfoEvent(
    { group: GROUP.thread, opcode: READY_THREAD, pointerBytes },
    u32(fields.tid),
    u8(fields.adjustReason ?? 1),
    u8(fields.adjustIncrement ?? 0),
    u8(fields.flag ?? 0),
    u8(0),
  );
}
