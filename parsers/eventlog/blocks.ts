/** Events as blocks of labelled lines: of `wevtutil /f:text`, and as Event Viewer copies them. */
import type { Output, TextLine } from '../../src/core/parser.js';
import { type Draft, describe, draftAt, finished, joinLine } from './draft.js';
import type { LogEvent } from './event.js';
import { type Labelled, labelled } from './labels.js';
import { MAX_EVENT, type ReadXml } from './xml-event.js';

export interface Blocks {
  readonly out: Output;
  readonly read: ReadXml;
  draft: Draft | null;
  /** What the lines are part of. */
  state: 'head' | 'description' | 'xml';
  /** A line that begins a copied event if the next one goes on as one: `Log Name:` may stand in a description. */
  held: TextLine | null;
  /** Lines of the open head that are none of an event. */
  strange: number;
}

export const blocksOf = (out: Output, read: ReadXml): Blocks => {
  return { out, read, draft: null, state: 'head', held: null, strange: 0 };
};

// `Event[0]:` of wevtutil, without the colon since Windows 10 2004
const WEVTUTIL = /^\s{0,40}(?:Event|Ereignis|Événement|Evento|Событие|イベント|事件)\[\d{1,10}\]:?\s{0,40}$/;
// `<Event xmlns="…">`; browsers put `- ` in front of what can be folded
const XML_START =
  /^\s{0,40}(?:[-+]\s{1,4})?<Event\s[^<>]{0,100}schemas\.microsoft\.com\/win\/2004\/08\/events\/event["']/;
const XML_END = '</Event>';
const FOLD = /^\s{0,80}[-+]\s{1,4}(?=<)/;
/** Lines of prose after which an open head is none. */
const MAX_STRANGE = 8;

export const isWevtutilHead = (line: string): boolean => WEVTUTIL.test(line);
export const isXmlStart = (line: string): boolean => XML_START.test(line);
/** `Log Name:      System`: how a copied event begins. */
export const isViewerHead = (line: string): boolean => labelled(line)?.field === 'channel';
const isSource = (line: string): boolean => labelled(line)?.field === 'source';

/** Takes a line; the events that it ends. */
export function takeLine(blocks: Blocks, line: TextLine): LogEvent[] {
  const { held } = blocks;
  if (held === null) return takeNext(blocks, line);
  blocks.held = null;
  if (isSource(line.text)) return [...open(blocks, held), ...takeNext(blocks, line)];
  takeText(blocks, held);
  return takeNext(blocks, line);
}

function takeNext(blocks: Blocks, line: TextLine): LogEvent[] {
  const { text } = line;
  if (isWevtutilHead(text)) return open(blocks, line);
  if (blocks.state !== 'head' && blocks.draft !== null && isViewerHead(text)) {
    blocks.held = line;
    return [];
  }
  if (blocks.draft === null) return takeOutside(blocks, line);
  if (blocks.state === 'head') return takeHead(blocks, line);
  return takeText(blocks, line);
}

/** Begins an event; the one before has ended. */
function open(blocks: Blocks, line: TextLine): LogEvent[] {
  const events = close(blocks);
  blocks.draft = draftAt(line);
  blocks.state = 'head';
  blocks.strange = 0;
  if (!isWevtutilHead(line.text)) keepField(blocks.draft, labelled(line.text));
  return events;
}

/** Ends the open event. */
export function close(blocks: Blocks): LogEvent[] {
  const { draft, out, read } = blocks;
  if (blocks.held !== null && draft !== null) {
    const { held } = blocks;
    blocks.held = null;
    takeText(blocks, held);
  }
  blocks.draft = null;
  const event = draft === null ? null : finished(out, draft, read);
  return event === null ? [] : [event];
}

/** Prose around the events of a post; XML without text in front is an event too. */
function takeOutside(blocks: Blocks, line: TextLine): LogEvent[] {
  if (isXmlStart(line.text)) {
    blocks.draft = draftAt(line);
    blocks.draft.xml = [];
    blocks.state = 'xml';
    return takeXml(blocks, blocks.draft, line);
  }
  if (isViewerHead(line.text)) return open(blocks, line);
  blocks.out.account.ignored++;
  return [];
}

function takeHead(blocks: Blocks, line: TextLine): LogEvent[] {
  const { draft, out } = blocks;
  if (draft === null) return [];
  const found = labelled(line.text);
  // A second head before the first has ended: that one was cut.
  if (found?.field === 'channel' && draft.fields.has('channel')) return open(blocks, line);
  joinLine(out, draft, line.text);
  if (line.text.trim() === '') return [];
  if (isXmlStart(line.text)) {
    draft.xml = [];
    blocks.state = 'xml';
    return takeXml(blocks, draft, line);
  }
  if (found?.field === 'description') {
    blocks.state = 'description';
    if (found.value !== '') describe(draft, line.text.slice(line.text.search(/[:：]/) + 1).trim());
  } else if (found === null || found.field === null) {
    const message = 'lines in the heads of events whose labels are not known here were passed over';
    out.diagnostics.add('unknown-label', 'info', message, { line: line.line, example: line.text });
    if (++blocks.strange > MAX_STRANGE) return close(blocks);
  } else if (found.field !== 'xml') keepField(draft, found);
  return [];
}

function keepField(draft: Draft, found: Labelled | null): void {
  if (found === null || found.field === null) return;
  if (!draft.fields.has(found.field)) draft.fields.set(found.field, found.value);
}

function takeText(blocks: Blocks, line: TextLine): LogEvent[] {
  const { draft, out } = blocks;
  if (draft === null) return [];
  joinLine(out, draft, line.text);
  if (blocks.state === 'xml') return takeXml(blocks, draft, line);
  if (!isXmlStart(line.text)) {
    describe(draft, line.text);
    return [];
  }
  dropLabel(draft);
  draft.xml = [];
  blocks.state = 'xml';
  return takeXml(blocks, draft, line);
}

function takeXml(blocks: Blocks, draft: Draft, { text, line }: TextLine): LogEvent[] {
  const end = text.indexOf(XML_END);
  const unfolded = (end < 0 ? text : text.slice(0, end + XML_END.length)).replace(FOLD, '');
  draft.xmlChars += unfolded.length + 1;
  if (draft.xmlChars <= MAX_EVENT) draft.xml?.push(unfolded);
  if (end < 0) return [];
  const rest = text.slice(end + XML_END.length);
  if (isXmlStart(rest)) {
    const { out } = blocks;
    const message = 'more than one event in a line behind text: the first was taken. Cut the text off, or the lines.';
    out.account.read++;
    out.skip('event-in-line', message, { line, example: rest }, 'data-loss');
  }
  return close(blocks);
}

/** `Event Xml:` in front of the XML is no part of the description, whatever its language. */
function dropLabel({ description }: Draft): void {
  while (description.at(-1)?.trim() === '') description.pop();
  const last = description.at(-1)?.trim() ?? '';
  if (last.length < 60 && /[:：]$/.test(last) && /xml/i.test(last)) description.pop();
}
