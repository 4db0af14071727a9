/** Prints messages as logs of all sorts are: one line each, a time in front. */
import { monthName, shown, timeOfDay, zoneText } from './clock.js';
import type { Message } from './model.js';
import type { MessageLog } from './play.js';

export interface LogTextOptions {
  readonly style?: LogStyle;
}

/**
 * `iso`: `2026-11-20T10:05:11.005123+01:00 ERROR [2716:6008] OrderStore: text`;
 * `comma`: `2026-11-20 10:05:11,005 ERROR [6008] text`; `syslog`: `Nov 20 10:05:11 LAMP01 orderdb[2716]: text`;
 * `us`: `11/20/2026 10:05:11.005 [6008] ERROR text`; `de`: `20.11.2026 10:05:11,005 FEHLER text`.
 */
export type LogStyle = 'iso' | 'comma' | 'syslog' | 'us' | 'de';

const RESOLUTION: Record<LogStyle, number> = { iso: 1, comma: 1000, syslog: 1_000_000, us: 1000, de: 1000 };

export const resolutionUs = ({ style = 'iso' }: LogTextOptions = {}): number => RESOLUTION[style];

const LEVELS = ['', 'FATAL', 'ERROR', 'WARN', 'INFO', 'DEBUG'] as const;
const LEVELS_DE = ['', 'FATAL', 'FEHLER', 'WARNUNG', 'INFO', 'DEBUG'] as const;

const LINE: Record<LogStyle, (log: MessageLog, message: Message) => string> = {
  iso(log, message) {
    const at = shown(message.clockUs);
    const when = `${at.year}-${at.month}-${at.day}T${timeOfDay(at, 6)}${zoneText(log.zoneMinutes)}`;
    return `${when} ${LEVELS[message.level]} [${message.pid}:${message.tid}] ${message.provider}: ${message.message}`;
  },
  comma(_log, message) {
    const at = shown(message.clockUs);
    const when = `${at.year}-${at.month}-${at.day} ${timeOfDay(at, 3).replace('.', ',')}`;
    return `${when} ${LEVELS[message.level]} [${message.tid}] ${message.message}`;
  },
  syslog(log, message) {
    const at = shown(message.clockUs);
    const when = `${monthName(at)} ${String(Number(at.day)).padStart(2)} ${timeOfDay(at, 0)}`;
    return `${when} ${log.machine} ${message.process.replace('.exe', '')}[${message.pid}]: ${message.message}`;
  },
  us(_log, message) {
    const at = shown(message.clockUs);
    const when = `${at.month}/${at.day}/${at.year} ${timeOfDay(at, 3)}`;
    return `${when} [${message.tid}] ${LEVELS[message.level]} ${message.message}`;
  },
  de(_log, message) {
    const at = shown(message.clockUs);
    const when = `${at.day}.${at.month}.${at.year} ${timeOfDay(at, 3).replace('.', ',')}`;
    return `${when} ${LEVELS_DE[message.level]} ${message.message}`;
  },
};

export const logText = (log: MessageLog, { style = 'iso' }: LogTextOptions = {}): string =>
  log.messages.map((message) => `${LINE[style](log, message)}\n`).join('');
