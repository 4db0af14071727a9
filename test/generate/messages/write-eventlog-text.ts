/**
 * Prints messages as `wevtutil qe System /f:text` does (seen in public output: `Event[0]:`, two blanks, `Date` as local
 * time with ms; newer Windows prints no colon and 100 ns with a Z, taken for UTC), and as Event Viewer copies events (seen: a public post).
 */
import { shown, timeOfDay, utcOf } from './clock.js';
import type { Message } from './model.js';
import type { MessageLog } from './play.js';
import { eventXml } from './write-eventlog-xml.js';

export interface EventlogTextOptions {
  readonly style?: 'wevtutil' | 'wevtutil-11' | 'viewer';
  /** Default oldest first, as without `/rd:true`. */
  readonly newestFirst?: boolean;
}

const SECOND_US = 1_000_000;

export const resolutionUs = ({ style = 'wevtutil' }: EventlogTextOptions = {}): number =>
  style === 'wevtutil' ? 1000 : 1;

/** Event Viewer's own lines tell seconds only: what is finer stands in the XML below them. */
export const VIEWER_LINE_RESOLUTION_US = SECOND_US;

const LEVELS = ['', 'Critical', 'Error', 'Warning', 'Information', 'Verbose'] as const;

export function eventlogText(log: MessageLog, options: EventlogTextOptions = {}): string {
  const numbered = log.messages.map((message, record) => ({ message, record }));
  if (options.newestFirst) numbered.reverse();
  return numbered
    .map(({ message, record }, i) =>
      options.style === 'viewer' ? viewerCopy(log, message, record) : listed(log, message, i, options),
    )
    .join('\r\n');
}

function listed(log: MessageLog, message: Message, i: number, { style }: EventlogTextOptions): string {
  const newer = style === 'wevtutil-11';
  const at = shown(newer ? utcOf(message.clockUs, log.zoneMinutes) : message.clockUs);
  return [
    `Event[${i}]${newer ? '' : ':'}`,
    `  Log Name: ${message.event?.channel ?? 'Application'}`,
    `  Source: ${message.provider}`,
    `  Date: ${at.year}-${at.month}-${at.day}T${timeOfDay(at, newer ? 7 : 3)}${newer ? 'Z' : ''}`,
    `  Event ID: ${message.eventId}`,
    '  Task: N/A',
    `  Level: ${LEVELS[message.level]}`,
    '  Opcode: N/A',
    '  Keyword: Classic',
    '  User: N/A',
    '  User Name: N/A',
    `  Computer: ${log.machine}`,
    '  Description: ',
    message.message,
  ]
    .map((line) => `${line}\r\n`)
    .join('');
}

function viewerCopy(log: MessageLog, message: Message, record: number): string {
  const { year, month, day, time, hour } = shown(message.clockUs);
  const half = `${hour % 12 === 0 ? 12 : hour % 12}${time.slice(2)} ${hour < 12 ? 'AM' : 'PM'}`;
  return [
    `Log Name:      ${message.event?.channel ?? 'Application'}`,
    `Source:        ${message.provider}`,
    `Date:          ${Number(month)}/${Number(day)}/${year} ${half}`,
    `Event ID:      ${message.eventId}`,
    'Task Category: None',
    `Level:         ${LEVELS[message.level]}`,
    'Keywords:      Classic',
    'User:          N/A',
    `Computer:      ${log.machine}`,
    'Description:',
    message.message,
    'Event Xml:',
    ...eventXml(log, message, record, '"'),
  ]
    .map((line) => `${line}\r\n`)
    .join('');
}
