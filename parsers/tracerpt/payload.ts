/** Fields of kernel events that the exporting machine could not decode, from their bytes in hex. */
import type { FieldOf } from './field-values.js';
import type { KernelEvent } from './kernel-events.js';

/** Layouts are the same in versions 0 to 2 of these events. */
const MAX_VERSION = 2;

/**
 * The fields of a DPC, ISR or pool event from its payload in hex: InitialTime u64, Routine pointer; in ISRs ReturnValue u8,
 * Vector u8, Reserved u16; in ISR-MSI then MessageNumber u32. The payload's size tells the pointer's. Null for other events,
 * versions and sizes.
 */
export function payloadFields(known: KernelEvent, version: number | null, hex: string): FieldOf | null {
  if (known.use === 'pool') return poolFields(known, version, hex);
  if (known.use !== 'dpc' && known.use !== 'isr') return null;
  if (version === null || version > MAX_VERSION || !/^(?:[0-9a-f]{2}){12,24}$/i.test(hex)) return null;
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

/** Type u32, Tag u32, NumberOfBytes pointer, Entry pointer; of session pool then SessionId u32. */
function poolFields(known: KernelEvent, version: number | null, hex: string): FieldOf | null {
  if (version === null || version > MAX_VERSION || !/^(?:[0-9a-f]{2}){16,28}$/i.test(hex)) return null;
  const bytes = Buffer.from(hex, 'hex');
  const isSession = known.says.endsWith('Session');
  const pointerBytes = (bytes.length - 8 - (isSession ? 4 : 0)) / 2;
  if (pointerBytes !== 4 && pointerBytes !== 8) return null;
  const pointer = (at: number): string => {
    const value = pointerBytes === 8 ? bytes.readBigUInt64LE(at) : BigInt(bytes.readUInt32LE(at));
    return `0x${value.toString(16)}`;
  };
  const fields = new Map([
    ['Type', String(bytes.readUInt32LE(0))],
    ['Tag', `0x${bytes.readUInt32LE(4).toString(16)}`],
    ['NumberOfBytes', pointer(8)],
    ['Entry', pointer(8 + pointerBytes)],
  ]);
  if (isSession) fields.set('SessionId', String(bytes.readUInt32LE(8 + 2 * pointerBytes)));
  return (name) => fields.get(name);
}
