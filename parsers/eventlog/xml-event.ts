/**
 * One `Event` element of the event log, as wevtutil, Event Viewer and Get-WinEvent print it.
 * Schema: https://learn.microsoft.com/windows/win32/wes/eventschema-schema
 *
 *   <Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='disk'/>
 *     <EventID Qualifiers='32772'>51</EventID><Level>3</Level><TimeCreated SystemTime='2026-11-20T10:00:00.5048350Z'/>
 *     <EventRecordID>10731</EventRecordID><Execution ProcessID='4' ThreadID='640'/><Channel>System</Channel>
 *     <Computer>BOX</Computer></System><EventData><Data>\Device\Harddisk8\DR13</Data><Binary>03018000</Binary></EventData>
 *     <RenderingInfo Culture='en-US'><Message>An error was detected …</Message></RenderingInfo></Event>
 */
import type { SaxesParser, SaxesTagPlain } from 'saxes';
import { isoToFiletime, type Ticks } from '../../src/core/time.js';
import { eventIdOf, idOf, wholeOf } from './event.js';
import { levelOfNumber, levelOfWord } from './levels.js';

/** Events nest 5 deep; user data may go deeper. */
const MAX_DEPTH = 64;
const MAX_FIELDS = 512;
/** Text of one field that is kept. */
const MAX_TEXT = 262_144;
/** Characters of one event: a record of the log has at most 64 KB. */
export const MAX_EVENT = 1 << 20;

/** What the XML of an event says. */
export interface XmlEvent {
  readonly channel: string | null;
  readonly provider: string | null;
  readonly eventId: number | null;
  readonly level: number | null;
  readonly machine: string | null;
  readonly cpu: number | null;
  readonly pid: number | null;
  readonly tid: number | null;
  readonly utc: Ticks | null;
  readonly dataHex: string | null;
  /** As the exporting machine rendered it; null where it did not. */
  readonly rendered: string | null;
  /** Values of the event's own data: `name=value`, or the value alone. */
  readonly data: readonly string[];
  /** True where the text has characters or entities that XML does not allow. */
  readonly isDirty: boolean;
}

/** `open`: elements are left open where the text ends; `damaged`: it cannot be read. */
export type XmlResult = XmlEvent | 'open' | 'damaged';

export type ReadXml = (text: string) => XmlResult;

interface Reading {
  readonly path: string[];
  /** Outermost elements: an event is one. */
  roots: number;
  /** Texts of leaves outside the event's own data, by section and name: `System/EventID`. */
  readonly texts: Map<string, string>;
  /** Attributes of the elements in System. */
  readonly attributes: Map<string, string>;
  readonly data: { readonly name: string | null; readonly value: string }[];
  /** Text of the element that was opened last; null once it is closed or has children. */
  leaf: string | null;
  name: string | null;
  isDirty: boolean;
  isDamaged: boolean;
}

/** Loads the reader of XML, which takes 30 ms: most runs need none. */
export async function xmlReader(): Promise<ReadXml> {
  const { SaxesParser } = await import('saxes');
  return (text) => read(new SaxesParser({ fragment: true, position: false }), text);
}

function read(parser: SaxesParser, text: string): XmlResult {
  const reading: Reading = {
    path: [],
    roots: 0,
    texts: new Map(),
    attributes: new Map(),
    data: [],
    leaf: null,
    name: null,
    isDirty: false,
    isDamaged: false,
  };
  parser.on('opentag', (tag) => openTag(reading, tag));
  parser.on('closetag', () => closeTag(reading));
  parser.on('text', (part) => addText(reading, part));
  parser.on('cdata', (part) => addText(reading, part));
  parser.on('error', (error) => noteError(reading, error.message));
  parser.write(text);
  if (reading.isDamaged) return 'damaged';
  if (reading.path.length > 0) return 'open';
  return eventOf(reading);
}

/** Characters that XML forbids stand in real events: they cost nothing but themselves. */
function noteError(reading: Reading, message: string): void {
  const what = message.replace(/^\d{1,9}:\d{1,9}: /, '');
  const isHarmless = /^(?:disallowed character\.|undefined entity|malformed character entity|the string "]]>")/.test(
    what,
  );
  if (isHarmless) reading.isDirty = true;
  else reading.isDamaged = true;
}

const localName = (name: string): string => name.slice(name.indexOf(':') + 1);

function openTag(reading: Reading, tag: SaxesTagPlain): void {
  const name = localName(tag.name);
  const { path, attributes } = reading;
  path.push(name);
  if (path.length === 1) reading.roots++;
  if (path.length > MAX_DEPTH || reading.roots > 1) reading.isDamaged = true;
  reading.leaf = '';
  reading.name = tag.attributes.Name ?? null;
  if (path.at(-2) !== 'System') return;
  for (const [key, value] of Object.entries(tag.attributes)) {
    if (attributes.size < MAX_FIELDS) attributes.set(`${name}/${key}`, value);
  }
}

function addText(reading: Reading, part: string): void {
  if (reading.leaf !== null && reading.leaf.length < MAX_TEXT) reading.leaf += part.slice(0, MAX_TEXT);
}

/** Sections of an event that are not data of its own. */
const KNOWN_SECTIONS = new Set(['System', 'RenderingInfo']);

function closeTag(reading: Reading): void {
  const { path, leaf, texts, data } = reading;
  const name = path.pop();
  reading.leaf = null;
  if (leaf === null || name === undefined || path.length === 0) return;
  const section = path[1] ?? '';
  if (KNOWN_SECTIONS.has(section)) {
    const key = `${section}/${name}`;
    if (texts.size < MAX_FIELDS && !texts.has(key)) texts.set(key, leaf.trim());
  } else if (data.length < MAX_FIELDS) {
    // `Data` and `Binary` are what the schema calls unnamed values.
    data.push({ name: reading.name ?? (name === 'Data' ? null : name), value: leaf.trim() });
  }
}

function eventOf({ texts, attributes, data, isDirty }: Reading): XmlEvent {
  const binary = data.find((field) => field.name === 'Binary' && isHex(field.value));
  const pid = idOf(attributes.get('Execution/ProcessID'));
  const tid = idOf(attributes.get('Execution/ThreadID'));
  // Classic events that name no thread have 0 and 0.
  const isNamed = pid !== 0 || tid !== 0;
  const level = wholeOf(texts.get('System/Level'));
  return {
    channel: filled(texts.get('System/Channel')),
    provider: filled(attributes.get('Provider/Name')) ?? filled(attributes.get('Provider/Guid')),
    eventId: eventIdOf(texts.get('System/EventID')),
    level: levelOfNumber(level) ?? levelOfWord(texts.get('RenderingInfo/Level') ?? ''),
    machine: filled(texts.get('System/Computer')),
    cpu: idOf(attributes.get('Execution/ProcessorID')),
    pid: isNamed ? pid : null,
    tid: isNamed ? tid : null,
    utc: isoToFiletime(attributes.get('TimeCreated/SystemTime') ?? ''),
    dataHex: binary === undefined ? null : binary.value.replace(/\s+/g, ''),
    rendered: filled(texts.get('RenderingInfo/Message')),
    data: data.filter((field) => field !== binary && field.value !== '').map(shown),
    isDirty,
  };
}

const isHex = (text: string): boolean => text !== '' && /^[0-9a-f\s]*$/i.test(text);
const filled = (text: string | undefined): string | null => (text === undefined || text === '' ? null : text);
const shown = ({ name, value }: { name: string | null; value: string }): string =>
  name === null ? value : `${name}=${value}`;

/** What an event says where nobody rendered its message: `disk 51: \Device\Harddisk8\DR13; count=3`. */
export function spokenData(provider: string | null, eventId: number | null, data: readonly string[]): string | null {
  const name = [provider, eventId].filter((part) => part !== null).join(' ');
  const text = data.length === 0 ? name : `${name}: ${data.join('; ')}`;
  return text === '' ? null : text;
}
