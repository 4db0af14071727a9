/**
 * Prints messages as DebugView saves them: number, time, text, parted by tabs, with a tab at the end of the line (seen in
 * public logs). It knows the process, in brackets, and no thread; what `provider` said is part of the text.
 */
import { shown, timeOfDay } from './clock.js';
import type { Message } from './model.js';
import type { MessageLog } from './play.js';

export interface DebugViewOptions {
  /** `elapsed`: seconds since the first line, 8 digits. `clock`: `10:05:11.005`; `clock12`: `10:05:11.005 AM`. */
  readonly time?: 'elapsed' | 'clock' | 'clock12';
}

export const resolutionUs = ({ time = 'elapsed' }: DebugViewOptions = {}): number => (time === 'elapsed' ? 1 : 1000);

export const debugView = (log: MessageLog, options: DebugViewOptions = {}): string =>
  log.messages
    .map((message, i) => {
      const number = String(i + 1).padStart(8, '0');
      return `${number}\t${timeText(log, message, options)}\t[${message.pid}] ${message.message}\t\r\n`;
    })
    .join('');

/** Elapsed time is by a counter that nobody sets. */
function timeText(log: MessageLog, message: Message, { time = 'elapsed' }: DebugViewOptions): string {
  if (time === 'elapsed') return ((message.atUs - log.messages[0].atUs) / 1e6).toFixed(8);
  const at = shown(message.clockUs);
  const text = timeOfDay(at, 3);
  if (time === 'clock') return text;
  return `${at.hour % 12 === 0 ? 12 : at.hour % 12}${text.slice(2)} ${at.hour < 12 ? 'AM' : 'PM'}`;
}
