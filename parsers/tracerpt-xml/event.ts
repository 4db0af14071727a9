/** What an event's elements say: its names, its time, its fields. */

import { NULL_I32 } from '../../src/core/schema.js';
import { isoToFiletime, parseTicks, type Ticks } from '../../src/core/time.js';
import { wholeNumber } from '../tracerpt/field-values.js';
import {
  className,
  type KernelEvent,
  kernelEventNamed,
  kernelEventOfGuid,
  shownName,
} from '../tracerpt/kernel-events.js';
import { payloadFields } from '../tracerpt/payload.js';
import { MAX_TEXT, type XmlEvent } from './elements.js';

export interface Names {
  readonly provider: string;
  readonly name: string;
  readonly id: string;
  readonly shown: string;
}

/** Kernel events go by their class, `PerfInfo`; others by their provider. */
export function namesOf(event: XmlEvent): Names {
  const { texts, attributes } = event;
  const eventName = texts.get('RenderingInfo/EventName') || className(texts.get('ExtendedTracingInfo/EventGuid') ?? '');
  const providerName =
    attributes.get('Provider/Name') || texts.get('RenderingInfo/Provider') || attributes.get('Provider/Guid') || '';
  const id = texts.get('System/EventID') || '0';
  const isClassic = id === '0';
  const provider = isClassic && eventName ? eventName : providerName;
  const opcode = texts.get('System/Opcode') ?? '';
  const name = texts.get('RenderingInfo/Opcode') || opcode;
  return { provider, name, id, shown: shownName(provider, name, id) };
}

export function knownOf(event: XmlEvent, names: Names): KernelEvent | null {
  if (names.id !== '0') return null;
  const opcode = wholeNumber(event.texts.get('System/Opcode'));
  for (const guid of [event.texts.get('ExtendedTracingInfo/EventGuid'), event.attributes.get('Provider/Guid')]) {
    if (guid === undefined || className(guid) === null) continue;
    return opcode === null ? null : kernelEventOfGuid(guid, opcode);
  }
  const byName = event.texts.get('RenderingInfo/EventName') ?? event.texts.get('RenderingInfo/Task');
  return byName === undefined ? null : kernelEventNamed(byName, names.name);
}

/** SystemTime, or the clock's own ticks where tracerpt was told to print these (-rts). */
export function stampOf(event: XmlEvent): Ticks | null {
  const raw = event.attributes.get('TimeCreated/RawTime');
  if (raw !== undefined) return parseTicks(raw);
  return isoToFiletime(event.attributes.get('TimeCreated/SystemTime') ?? '');
}

/** Reads a field by name; null where the event's data are not decoded. */
export function fieldsOf(event: XmlEvent, known: KernelEvent | null): ((name: string) => string | undefined) | null {
  const payload = payloadOf(event);
  if (payload !== undefined) {
    const version = wholeNumber(event.texts.get('System/Version'));
    return known === null ? null : payloadFields(known, version, payload);
  }
  return (name) => event.data.find((field) => field.name === name)?.value;
}

export const payloadOf = (event: XmlEvent): string | undefined =>
  event.data.find((field) => field.name === 'EventPayload' || field.name === 'BinaryEventData')?.value;

export function stored(text: string | undefined): number {
  const value = wholeNumber(text);
  return value === null || value < 0 || value > 0x7fffffff ? NULL_I32 : value;
}

/** `InitialTime=134…, Routine=0x…`. */
export function fieldsText(event: XmlEvent): string {
  const text = event.data.map(({ name, value }) => (name === 'Data' ? value : `${name}=${value}`)).join(', ');
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}
