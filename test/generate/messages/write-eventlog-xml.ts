/**
 * Prints messages as `wevtutil qe System /f:xml` does: one element a line, in single quotes, without a root (documented);
 * the fields of an event as in a public copy. Times are UTC.
 */
import { shown, utcOf } from './clock.js';
import type { Message } from './model.js';
import type { MessageLog } from './play.js';

export interface EventlogXmlOptions {
  /** `/e:Events`: all in one element. */
  readonly root?: boolean;
  readonly newestFirst?: boolean;
  /** `/f:RenderedXml`: with the text of the message. Without it only the strings are there. */
  readonly rendered?: boolean;
}

export const resolutionUs = (_options: EventlogXmlOptions = {}): number => 1;

const FIRST_RECORD = 10_700;
const LEVELS = ['', 'Critical', 'Error', 'Warning', 'Information', 'Verbose'] as const;

export function eventlogXml(log: MessageLog, { root, newestFirst, rendered }: EventlogXmlOptions = {}): string {
  const events = log.messages.map((message, record) => eventXml(log, message, record, "'", rendered).join(''));
  if (newestFirst) events.reverse();
  const lines = root ? ['<Events>', ...events, '</Events>'] : events;
  return lines.map((line) => `${line}\r\n`).join('');
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** The lines of an `Event` element; `q` is the quote of attributes. */
export function eventXml(log: MessageLog, message: Message, record: number, q: string, rendered = false): string[] {
  const { event, disk, level } = message;
  const strings = [...(event?.device ? [event.device] : []), ...message.values.map(({ text }) => text)];
  return [
    `<Event xmlns=${q}http://schemas.microsoft.com/win/2004/08/events/event${q}>`,
    '<System>',
    `<Provider Name=${q}${escaped(message.provider)}${q} />`,
    `<EventID Qualifiers=${q}${event?.qualifiers ?? 0}${q}>${message.eventId}</EventID>`,
    '<Version>0</Version>',
    `<Level>${level}</Level>`,
    '<Task>0</Task>',
    '<Opcode>0</Opcode>',
    '<Keywords>0x80000000000000</Keywords>',
    `<TimeCreated SystemTime=${q}${systemTime(log, message)}${q} />`,
    `<EventRecordID>${FIRST_RECORD + record}</EventRecordID>`,
    '<Correlation />',
    `<Execution ProcessID=${q}${message.pid}${q} ThreadID=${q}${message.tid}${q} />`,
    `<Channel>${event?.channel ?? 'Application'}</Channel>`,
    `<Computer>${log.machine}</Computer>`,
    '<Security />',
    '</System>',
    '<EventData>',
    ...strings.map((text) => `<Data>${escaped(text)}</Data>`),
    ...(disk === null ? [] : [`<Binary>${disk.dataHex}</Binary>`]),
    '</EventData>',
    ...(rendered ? renderingInfo(message) : []),
    '</Event>',
  ];
}

const renderingInfo = ({ message, level }: Message): string[] => [
  `<RenderingInfo Culture='en-US'><Message>${escaped(message)}</Message><Level>${LEVELS[level]}</Level></RenderingInfo>`,
];

/** `2026-11-20T09:05:11.005123000Z`: nine decimals. */
export function systemTime({ zoneMinutes }: MessageLog, { clockUs }: Message): string {
  const at = shown(utcOf(clockUs, zoneMinutes));
  return `${at.year}-${at.month}-${at.day}T${at.time}.${at.micros}000Z`;
}
