/** Events of providers: with a manifest, classic, WPP, and notes of loss. */
import type { PointerBytes } from '../bytes.js';
import type { EventBody, MessageFields } from '../log.js';

/** Class RT_LostEvent of the documentation of ETW. Its events have no fields. */
const LOST_EVENT = '6a399ae0-4bc6-4de9-870b-3657f8947e7e';
const LOST_OPCODE = { event: 32, buffer: 33, file: 34 } as const;

type EventHead = Omit<EventBody, 'header' | 'payload'>;

export const manifestEvent = (head: EventHead, payload: Buffer, pointerBytes: PointerBytes = 8): EventBody => ({
  ...head,
  header: pointerBytes === 8 ? 'event64' : 'event32',
  payload,
});

export const classicEvent = (head: EventHead, payload: Buffer, pointerBytes: PointerBytes = 8): EventBody => ({
  ...head,
  header: pointerBytes === 8 ? 'full64' : 'full32',
  payload,
});

export const instanceEvent = (head: EventHead, payload: Buffer, pointerBytes: PointerBytes = 8): EventBody => ({
  ...head,
  header: pointerBytes === 8 ? 'instance64' : 'instance32',
  payload,
});

/** A WPP message: its number within the GUID or component, and the arguments one after the other. */
export const wppMessage = (message: MessageFields, payload: Buffer): EventBody => ({
  header: 'message',
  message,
  payload,
});

export const lostNote = (what: keyof typeof LOST_OPCODE, pointerBytes: PointerBytes = 8): EventBody =>
  classicEvent({ guid: LOST_EVENT, opcode: LOST_OPCODE[what], version: 0 }, Buffer.alloc(0), pointerBytes);
