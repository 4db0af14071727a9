/** Fields of kernel events that the exporting machine could not decode, from their bytes in hex. */
import type { FieldOf } from './field-values.js';
import type { KernelEvent } from './kernel-events.js';

/** Layouts are the same in versions 0 to 2 of the DPC and ISR events. */
const MAX_RUN_VERSION = 2;

/**
 * The fields of a DPC or ISR event from its payload in hex: InitialTime u64, Routine pointer; in ISRs ReturnValue u8,
 * Vector u8, Reserved u16; in ISR-MSI then MessageNumber u32. The payload's size tells the pointer's. Null for other events,
 * versions and sizes.
 */
export function payloadFields(known: KernelEvent, version: number | null, hex: string): FieldOf | null {
  if (known.use !== 'dpc' && known.use !== 'isr') return null;
  if (version === null || version > MAX_RUN_VERSION || !/^(?:[0-9a-f]{2}){12,24}$/i.test(hex)) return null;
  const bytes = Buffer.from(hex, 'hex');
  const isMessage = known.says === 'ISR-MSI';
  const pointerBytes = bytes.length - 8 - (known.use === 'dpc' ? 0 : isMessage ? 8 : 4);
  if (pointerBytes !== 4 && pointerBytes !== 8) return null;
  const routine = pointerBytes === 8 ? bytes.readBigUInt64LE(8) : BigInt(bytes.readUInt32LE(8));
  const fields = new Map([
    ['InitialTime', bytes.readBigUInt64LE(0).toString()],
    ['Routine', `0x${routine.toString(16)}`],
  ]);
  if (known.use === 'isr') fields.set('Vector', String(bytes[9 + pointerBytes]));
  if (isMessage) fields.set('MessageNumber', String(bytes.readUInt32LE(12 + pointerBytes)));
  return (name) => fields.get(name);
}
