/**
 * DPCs and ISRs. The event is logged when the routine ends; its InitialTime, in the clock of the log, is the start.
 * Classes DPC, TimerDPC, ThreadedDPC, ISR of PerfInfo (learn.microsoft.com/windows/win32/etw/dpc, /isr): InitialTime u64,
 * Routine p; ISRs then ReturnValue u8, Vector (u8 to Windows 7, u16 later, whose upper byte was reserved and 0 before),
 * reserved u8; ISR-MSI then MessageNumber u32. IOTimer (70) is a part of the timer DPC that runs it: no run of its own.
 */
import { NULL_I32 } from '../../../src/core/schema.js';
import { dpcIsr } from '../../../src/tables/dpc-isr.js';
import { Group, kernelKey, pointerBytesOf } from '../log/layout.js';
import { type Handler, type Outcome, type Problem, type RowContext, tooShort } from './context.js';
import { RoutineColumns } from './names.js';

const TYPES: Readonly<Record<number, { readonly kind: 'DPC' | 'ISR'; readonly type: string }>> = {
  66: { kind: 'DPC', type: 'ThreadedDPC' },
  68: { kind: 'DPC', type: 'DPC' },
  69: { kind: 'DPC', type: 'TimerDPC' },
  50: { kind: 'ISR', type: 'ISR-MSI' },
  67: { kind: 'ISR', type: 'ISR' },
  95: { kind: 'ISR', type: 'PassiveISR' },
};

const SHORT = tooShort('DPCs or ISRs');
const BACKWARDS: Problem = {
  code: 'ends-before-start',
  message: 'a DPC or ISR whose InitialTime is after its own time stamp',
};
const NO_CLOCK: Problem = {
  code: 'unknown-duration',
  message: 'durations are unknown: the log does not say how fast its clock goes',
};

/** Handlers by key; none where nobody reads the table. */
export function dpcRows(context: RowContext): [number, Handler][] {
  const w = context.out.writer(dpcIsr);
  if (w === null) return [];
  const { cols, dicts } = w;
  const routine = new RoutineColumns(context.survey.system, cols, dicts, w.words('address'));
  const handler = (kind: number, type: number, isIsr: boolean): Handler => {
    return ({ cursor }): Outcome => {
      const pointerBytes = pointerBytesOf(cursor.type);
      const payload = cursor.payloadAt;
      const end = cursor.at + cursor.size;
      const after = payload + 8 + pointerBytes;
      if (after > end) return SHORT;
      const initial = cursor.ticksFrom(payload);
      const ticks = cursor.ticks - initial;
      if (ticks < 0) return BACKWARDS;
      const durationUs = context.us(ticks);
      if (Number.isNaN(durationUs)) return NO_CLOCK;
      const i = (payload + 8) >> 2;
      const low = cursor.words[i];
      const high = pointerBytes === 8 ? cursor.words[i + 1] : 0;
      const { n } = w;
      cols.kind[n] = kind;
      cols.type[n] = type;
      cols.startUs[n] = context.us(initial);
      cols.durationUs[n] = durationUs;
      cols.cpu[n] = cursor.cpu;
      cols.vector[n] = isIsr && after + 3 <= end ? cursor.bytes.readUInt16LE(after + 1) : NULL_I32;
      cols.messageIndex[n] = isIsr && after + 8 <= end ? cursor.words[(after + 4) >> 2] : NULL_I32;
      routine.set(n, low, high, cursor.ticks);
      cols.line[n] = Number.NaN;
      cols.byte[n] = cursor.start + cursor.at;
      w.push();
      return 'row';
    };
  };
  return Object.entries(TYPES).map(([opcode, { kind, type }]) => [
    kernelKey(Group.PerfInfo, Number(opcode)),
    handler(dicts.kind.id(kind), dicts.type.id(type), kind === 'ISR'),
  ]);
}
