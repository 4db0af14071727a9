/**
 * Prints messages as tracefmt does with its default prefix, `[cpu]PID.TID::MM/DD/YYYY-hh:mm:ss.mmm [provider]message`
 * (documented by Microsoft as `[%9!d!]%8!04X!.%3!04X!::%4!s! [%1!s!]`); ids are hex.
 */
import { shown, timeOfDay } from './clock.js';
import type { Message } from './model.js';
import type { MessageLog } from './play.js';

export interface WppOptions {
  /** Puts `!Function[line]!` in front of messages, as some drivers' own formats do. */
  readonly functions?: boolean;
  /** `YYYY/MM/DD-hh:mm:ss.nnnnnnnnn` of other tools. */
  readonly nanoseconds?: boolean;
}

export const resolutionUs = ({ nanoseconds = false }: WppOptions = {}): number => (nanoseconds ? 1 : 1000);

export const wppText = (log: MessageLog, options: WppOptions = {}): string =>
  log.messages.map((message) => `${line(message, options)}\r\n`).join('');

const id = (value: number): string => value.toString(16).toUpperCase().padStart(4, '0');

function line(message: Message, { functions = false, nanoseconds = false }: WppOptions): string {
  const { cpu, pid, tid, provider } = message;
  const at = shown(message.clockUs);
  const date = nanoseconds ? `${at.year}/${at.month}/${at.day}` : `${at.month}/${at.day}/${at.year}`;
  const where = functions ? `!${message.function}[${message.line}]!` : '';
  const time = timeOfDay(at, nanoseconds ? 9 : 3);
  return `[${cpu}]${id(pid)}.${id(tid)}::${date}-${time} [${provider}]${where}${message.message}`;
}
