/** An event as text while its lines come in, and what becomes of it. */
import type { Output, TextLine } from '../../src/core/parser.js';
import { dateOf } from './dates.js';
import { eventIdOf, idOf, type LogEvent, quoteOf } from './event.js';
import type { Field } from './labels.js';
import { levelOfWord } from './levels.js';
import { type ReadXml, spokenData, type XmlEvent } from './xml-event.js';

/** Characters of a description that are kept: a record of the log has at most 64 KB. */
const MAX_DESCRIPTION = 262_144;
const MAX_RAW = 2000;

export interface Draft {
  readonly line: number;
  readonly byte: number;
  /** Lines that it takes up. */
  lines: number;
  /** How it begins, for evidence. */
  raw: string;
  /** Blanks in front of all its lines. */
  readonly indent: number;
  readonly fields: Map<Field, string>;
  readonly description: string[];
  descriptionChars: number;
  isCut: boolean;
  /** Its XML, as far as it has come; null where there is none. */
  xml: string[] | null;
  xmlChars: number;
}

export function draftAt(line: TextLine): Draft {
  return {
    line: line.line,
    byte: line.byte,
    lines: 1,
    raw: line.text.slice(0, MAX_RAW),
    indent: line.text.length - line.text.trimStart().length,
    fields: new Map(),
    description: [],
    descriptionChars: 0,
    isCut: false,
    xml: null,
    xmlChars: 0,
  };
}

/** Counts a further line of the event. */
export function joinLine(out: Output, draft: Draft, text: string): void {
  // Units are events: their further lines were counted as they were read.
  out.account.read--;
  draft.lines++;
  if (draft.raw.length < MAX_RAW) draft.raw += `\n${text.slice(0, MAX_RAW)}`;
}

export function describe(draft: Draft, text: string): void {
  const { indent } = draft;
  const line = text.slice(0, indent).trim() === '' ? text.slice(indent) : text;
  if (draft.descriptionChars + line.length > MAX_DESCRIPTION) draft.isCut = true;
  if (draft.isCut) return;
  draft.description.push(line.trimEnd());
  draft.descriptionChars += line.length + 1;
}

/** The event of a draft, counted as skipped where nothing tells what it was; null then. */
export function finished(out: Output, draft: Draft, read: ReadXml): LogEvent | null {
  const { line, byte, fields } = draft;
  const at = { line, example: quoteOf(draft.raw) };
  const xml = xmlOf(out, draft, read, at);
  const eventId = xml?.eventId ?? eventIdOf(fields.get('eventId'));
  if (eventId === null) {
    out.skip('damaged-event', 'events without an event id that can be read were passed over', at);
    return null;
  }
  if (draft.isCut) {
    const message = `descriptions longer than ${MAX_DESCRIPTION} characters: their ends are left out`;
    out.diagnostics.add('description-cut', 'data-loss', message, at);
  }
  const provider = xml?.provider ?? filled(fields.get('source'));
  return {
    line,
    byte,
    quote: at.example,
    channel: xml?.channel ?? filled(fields.get('channel')),
    provider,
    eventId,
    level: xml?.level ?? levelOf(out, fields.get('level'), line),
    machine: xml?.machine ?? filled(fields.get('machine')),
    cpu: xml?.cpu ?? idOf(fields.get('cpu')),
    pid: xml?.pid ?? idOf(fields.get('pid')),
    tid: xml?.tid ?? idOf(fields.get('tid')),
    utc: xml?.utc ?? null,
    date: dateOf(fields.get('date') ?? ''),
    dataHex: xml?.dataHex ?? null,
    message: messageOf(draft) ?? xml?.rendered ?? spokenData(provider, eventId, xml?.data ?? []),
  };
}

/** What the XML behind the text says, which is exact where the text depends on the machine's region. */
function xmlOf(out: Output, draft: Draft, read: ReadXml, at: { line: number; example: string }): XmlEvent | null {
  if (draft.xml === null) return null;
  const result = read(draft.xml.join('\n'));
  if (result === 'open' || result === 'damaged') {
    out.diagnostics.add('bad-event-xml', 'warning', 'events whose XML cannot be read: their text was taken', at);
    return null;
  }
  if (result.isDirty) {
    out.diagnostics.add('bad-character', 'warning', 'characters or entities that XML does not allow', at);
  }
  return result;
}

function levelOf(out: Output, word: string | undefined, line: number): number | null {
  if (word === undefined || word === '' || word === 'N/A') return null;
  const level = levelOfWord(word);
  if (level === null) {
    const message = 'levels in a language that is not known here: these events have none';
    out.diagnostics.add('unknown-level', 'info', message, { line, example: word });
  }
  return level;
}

/** `N/A` stands where no description was found. */
function messageOf({ description }: Draft): string | null {
  const text = description.join('\n').trim();
  return text === '' || text === 'N/A' ? null : text;
}

const filled = (text: string | undefined): string | null => (text === undefined || text === '' ? null : text);
