/**
 * Prints messages as `tracerpt -of XML` prints events of providers with a manifest: System, EventData with named fields,
 * RenderingInfo with the message (layout of docs/formats.md; element names as in the schema of events).
 */
import { filetimeOf, shown, utcOf } from './clock.js';
import { guidOf } from './guids.js';
import type { Message } from './model.js';
import type { MessageLog } from './play.js';

export interface TracerptXmlEventsOptions {
  /** `message`: one field, `Message`. `values`: a field for each variable. */
  readonly data?: 'message' | 'values';
  /** Leaves RenderingInfo's message out. Default false. */
  readonly withoutText?: boolean;
}

export const resolutionUs = (_options: TracerptXmlEventsOptions = {}): number => 1;

const LEVELS = ['', 'Critical', 'Error', 'Warning', 'Information', 'Verbose'] as const;
const NAMESPACE = 'http://schemas.microsoft.com/win/2004/08/events';

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

export const tracerptXmlEvents = (log: MessageLog, options: TracerptXmlEventsOptions = {}): string => {
  const all = [headerEvent(log), ...log.messages.map((message) => element(log, message, options))];
  return `<Events>\r\n${all.join('\r\n')}\r\n</Events>\r\n`;
};

interface Event {
  readonly provider: string;
  readonly eventId: number;
  readonly level: number;
  readonly clockUs: number;
  readonly execution: string;
  readonly data: readonly (readonly [name: string, value: string])[];
  readonly rendering: readonly string[];
}

function element(
  log: MessageLog,
  message: Message,
  { data = 'message', withoutText }: TracerptXmlEventsOptions,
): string {
  const { provider, eventId, level, pid, tid, cpu, clockUs } = message;
  return eventText(log, {
    provider: `Name="${escaped(provider)}" Guid="{${guidOf(provider)}}"`,
    eventId,
    level,
    clockUs,
    execution: `ProcessID="${pid}" ThreadID="${tid}" ProcessorID="${cpu}" KernelTime="0" UserTime="0"`,
    data: data === 'message' ? [['Message', message.message]] : fields(message),
    rendering: [
      `\t\t<Level>${LEVELS[level]} </Level>`,
      ...(withoutText ? [] : [`\t\t<Message>${escaped(message.message)} </Message>`]),
      `\t\t<Provider>${escaped(provider)} </Provider>`,
    ],
  });
}

function fields({ values, part }: Message): [string, string][] {
  const named = values.map(({ text }, i): [string, string] => [`Arg${i + 1}`, text.replace(/^"(.*)"$/, '$1')]);
  return part === null ? named : [...named, ['State', part === 'start' ? 'started ' : 'finished ']];
}

const eventText = (log: MessageLog, event: Event): string =>
  [
    `<Event xmlns="${NAMESPACE}/event">`,
    '\t<System>',
    `\t\t<Provider ${event.provider} />`,
    `\t\t<EventID>${event.eventId}</EventID>`,
    '\t\t<Version>0</Version>',
    `\t\t<Level>${event.level}</Level>`,
    '\t\t<Task>0</Task>',
    '\t\t<Opcode>0</Opcode>',
    '\t\t<Keywords>0x1</Keywords>',
    `\t\t<TimeCreated SystemTime="${systemTime(log, event.clockUs)}" />`,
    '\t\t<Correlation ActivityID="{00000000-0000-0000-0000-000000000000}" />',
    `\t\t<Execution ${event.execution} />`,
    '\t\t<Channel />',
    '\t\t<Computer />',
    '\t</System>',
    '\t<EventData>',
    ...event.data.map(([name, value]) => `\t\t<Data Name="${name}">${escaped(value)}</Data>`),
    '\t</EventData>',
    '\t<RenderingInfo Culture="en-US">',
    ...event.rendering,
    '\t</RenderingInfo>',
    '</Event>',
  ].join('\r\n');

/** Nine decimals, UTC. */
function systemTime({ zoneMinutes }: MessageLog, clockUs: number): string {
  const at = shown(utcOf(clockUs, zoneMinutes));
  return `${at.year}-${at.month}-${at.day}T${at.time}.${at.micros}000Z`;
}

/** EventTrace/Header, as far as it tells clock and losses. */
function headerEvent(log: MessageLog): string {
  const start = filetimeOf(log.startClockUs, log.zoneMinutes);
  const text = eventText(log, {
    provider: 'Guid="{9e814aad-3204-11d2-9a82-006008a86939}"',
    eventId: 0,
    level: 0,
    clockUs: log.startClockUs,
    execution: 'ProcessID="2144" ThreadID="6212" ProcessorID="0" KernelTime="0" UserTime="0"',
    data: [
      ['BufferSize', '8192'],
      ['Version', '83951626'],
      ['ProviderVersion', '22631'],
      ['NumberOfProcessors', String(log.cpus)],
      ['EndTime', String(start + BigInt(log.lengthUs) * 10n)],
      ['PointerSize', '8'],
      ['EventsLost', '0'],
      ['PerfFreq', '10000000'],
      ['StartTime', String(start)],
      ['ReservedFlags', '0x1'],
      ['BuffersLost', '0'],
    ],
    rendering: [
      '\t\t<Opcode>Header</Opcode>',
      '\t\t<Provider>MSNT_SystemTrace</Provider>',
      `\t\t<EventName xmlns="${NAMESPACE}/trace">EventTrace</EventName>`,
    ],
  });
  const guid = '\t\t<EventGuid>{68fdd900-4a3e-11d1-84f4-0000f80464e3}</EventGuid>';
  const info = [`\t<ExtendedTracingInfo xmlns="${NAMESPACE}/trace">`, guid, '\t</ExtendedTracingInfo>', '</Event>'];
  return text.replace(/<\/Event>$/, info.join('\r\n'));
}
