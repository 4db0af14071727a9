/**
 * DPCs, ISRs and the client drivers' routines behind those of the driver framework. Fields: MOF classes DPC, ThreadedDPC,
 * TimerDPC and ISR of the documentation of ETW; the later ISR is _PERFINFO_INTERRUPT_INFORMATION of the symbols of Windows 10
 * 1607 to Windows 11, which has a Vector of 16 bits at 0x11.
 */
import { type PointerBytes, pointer, u8, u16, u32, u64 } from '../bytes.js';
import type { EventBody } from '../log.js';
import { GROUP, perfInfoEvent } from './kernel.js';

const DPC_OPCODE = { ThreadedDPC: 66, DPC: 68, TimerDPC: 69 } as const;
const WDF_OPCODE = { isr: 96, passiveIsr: 97, dpc: 98, workItem: 103 } as const;
const ISR = 67;
const ISR_MSI = 50;
const PASSIVE_ISR = 95;

export type DpcType = keyof typeof DPC_OPCODE;

export interface DpcFields {
  /** When it began; the event's own time is when it ended. */
  readonly initialTime: bigint;
  readonly routine: bigint;
}

export function dpc(type: DpcType, fields: DpcFields, pointerBytes: PointerBytes = 8): EventBody {
  const what = { group: GROUP.perfInfo, opcode: DPC_OPCODE[type], pointerBytes };
  return perfInfoEvent(what, u64(fields.initialTime), pointer(fields.routine, pointerBytes));
}

/** Vista to Windows 8.1: Vector of 8 bits; since Windows 10: of 16 bits, and a byte less of Reserved. */
export type IsrLayout = 'vector8' | 'vector16';

export interface IsrFields extends DpcFields {
  /** Whether the routine took the interrupt for its own. */
  readonly claimed?: boolean;
  readonly vector: number;
  /** Message-signalled interrupts only. */
  readonly message?: number;
  /** Passive-level interrupts only. */
  readonly passive?: boolean;
}

export function isr(fields: IsrFields, layout: IsrLayout = 'vector16', pointerBytes: PointerBytes = 8): EventBody {
  const opcode = fields.passive ? PASSIVE_ISR : fields.message === undefined ? ISR : ISR_MSI;
  const what = { group: GROUP.perfInfo, opcode, pointerBytes };
  const vector = layout === 'vector8' ? [u8(fields.vector), u16(0)] : [u16(fields.vector), u8(0)];
  return perfInfoEvent(
    what,
    u64(fields.initialTime),
    pointer(fields.routine, pointerBytes),
    u8(fields.claimed === false ? 0 : 1),
    ...vector,
    ...(fields.message === undefined ? [] : [u32(fields.message)]),
  );
}

export function wdf(kind: keyof typeof WDF_OPCODE, routine: bigint, pointerBytes: PointerBytes = 8): EventBody {
  const what = { group: GROUP.perfInfo, opcode: WDF_OPCODE[kind], pointerBytes };
  return perfInfoEvent(what, pointer(routine, pointerBytes));
}
