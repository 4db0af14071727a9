/** ALPC messages. Fields: MOF classes ALPC_* of the documentation of ETW. No real file with them is public. */
import { ansiz, type PointerBytes, u32, utf16z } from '../bytes.js';
import type { EventBody } from '../log.js';
import { GROUP, systemEvent } from './kernel.js';

const OPCODE = { send: 33, receive: 34, waitForReply: 35, waitForNewMessage: 36, unwait: 37 } as const;

const alpc = (kind: keyof typeof OPCODE, pointerBytes: PointerBytes, ...fields: readonly Buffer[]): EventBody =>
  systemEvent({ group: GROUP.alpc, opcode: OPCODE[kind], pointerBytes }, ...fields);

export const alpcMessage = (
  kind: 'send' | 'receive' | 'waitForReply',
  messageId: number,
  pointerBytes: PointerBytes = 8,
): EventBody => alpc(kind, pointerBytes, u32(messageId));

/** The documentation does not say how the port's name is encoded. */
export function alpcWaitForNewMessage(
  isServerPort: boolean,
  portName: string,
  encoding: 'ansi' | 'utf16' = 'ansi',
  pointerBytes: PointerBytes = 8,
): EventBody {
  const name = encoding === 'ansi' ? ansiz(portName) : utf16z(portName);
  return alpc('waitForNewMessage', pointerBytes, u32(isServerPort ? 1 : 0), name);
}

export const alpcUnwait = (status: number, pointerBytes: PointerBytes = 8): EventBody =>
  alpc('unwait', pointerBytes, u32(status));
