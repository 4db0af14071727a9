/** Events put together from XML elements, line by line. */

import type { SaxesParser, SaxesTagPlain } from 'saxes';
import type { Output } from '../../src/core/parser.js';
import type { Block } from '../../src/core/source.js';
import { decodeUtf8 } from '../../src/core/text.js';

/** tracerpt nests 5 deep; user data of manifests may go deeper. */
const MAX_DEPTH = 64;
/** Text of one field that is kept. */
export const MAX_TEXT = 65_536;
const MAX_FIELDS = 256;
/** Characters without a tag between them: beyond this the rest is not read, for saxes keeps them all. */
const MAX_BETWEEN_TAGS = 8 << 20;

/** An event under construction. */
export interface XmlEvent {
  readonly line: number;
  readonly byte: number;
  /** Texts of leaf elements outside the event's own data, by parent and name: `System/Opcode`. */
  readonly texts: Map<string, string>;
  /** Attributes of the elements in System: `TimeCreated/SystemTime`. */
  readonly attributes: Map<string, string>;
  /** The event's own data in their order. */
  readonly data: { readonly name: string; readonly value: string }[];
}

/** The elements that are open, and the event that is put together from them. */
export interface Elements {
  readonly out: Output;
  readonly onEvent: (event: XmlEvent) => void;
  readonly parser: SaxesParser;
  /** The line being fed: its text, number and place. */
  text: string;
  line: number;
  byte: number;
  /** Characters fed before that line. saxes' own position counts a chunk twice from its end to the next one's start. */
  position: number;
  /** The first `chars` characters of that line are `bytes` bytes long. */
  readonly measured: { chars: number; bytes: number };
  /** Names of the open elements. */
  readonly path: string[];
  /** Depth of the open `Event` element in `path`; 0 where none is open. */
  eventDepth: number;
  event: XmlEvent | null;
  /** Text of the element that was opened last; null once it is closed or has children. */
  leaf: string | null;
  leafName: string;
  betweenTags: number;
  /** Why reading stopped. */
  failure: { readonly code: string; readonly message: string } | null;
  /** Where the last tag outside an event begins. */
  readonly place: { line: number; byte: number };
}

/** Listens to `parser`; calls `onEvent` as each event ends. */
export function elementsOf(parser: SaxesParser, out: Output, onEvent: (event: XmlEvent) => void): Elements {
  const elements: Elements = {
    out,
    onEvent,
    parser,
    text: '',
    line: 0,
    byte: 0,
    position: 0,
    measured: { chars: 0, bytes: 0 },
    path: [],
    eventDepth: 0,
    event: null,
    leaf: null,
    leafName: '',
    betweenTags: 0,
    failure: null,
    place: { line: 0, byte: 0 },
  };
  parser.on('opentagstart', () => noteEventPlace(elements));
  parser.on('opentag', (tag) => openTag(elements, tag));
  parser.on('closetag', () => closeTag(elements));
  parser.on('text', (text) => addText(elements, text));
  parser.on('cdata', (text) => addText(elements, text));
  parser.on('error', (error) => onError(elements, error.message));
  return elements;
}

/** Line by line, so that any event's line and byte are known. */
export function feedBlock(elements: Elements, block: Block): void {
  if (block.overlong !== null) {
    fail(elements, 'line-too-long', `a line of ${block.overlong.length} bytes`);
    return;
  }
  const { bytes } = block;
  for (let from = 0; from < bytes.length && elements.failure === null; ) {
    const newline = bytes.indexOf(10, from);
    const end = newline < 0 ? bytes.length : newline + 1;
    elements.text = decodeUtf8(bytes, from, end);
    elements.line++;
    elements.byte = block.start + from;
    elements.measured.chars = 0;
    elements.measured.bytes = 0;
    elements.betweenTags += end - from;
    elements.parser.write(elements.text);
    elements.position += elements.text.length;
    if (elements.betweenTags > MAX_BETWEEN_TAGS) fail(elements, 'text-too-long', 'more than 8 MB without a tag');
    from = end;
  }
}

function fail(elements: Elements, code: string, message: string): void {
  elements.failure ??= { code, message };
}

/** Characters that XML forbids stand in real strings: they cost nothing but themselves. Broken structure ends reading. */
function onError(elements: Elements, message: string): void {
  const what = message.replace(/^\d+:\d+: /, '');
  if (/^(?:disallowed character\.|undefined entity|malformed character entity|the string "]]>")/.test(what)) {
    elements.out.diagnostics.add('bad-character', 'warning', 'characters or entities that XML does not allow', {
      line: elements.line,
      example: elements.text.trim(),
    });
  } else fail(elements, 'malformed-xml', what);
}

const localName = (name: string): string => name.slice(name.indexOf(':') + 1);

/** Kept aside for `openTag`, which is called when the tag is complete, maybe lines later. */
function noteEventPlace(elements: Elements): void {
  if (elements.event !== null) return;
  const upTo = elements.parser.position - elements.position;
  const at = Math.max(elements.text.lastIndexOf('<', upTo - 1), 0);
  elements.place.line = elements.line;
  elements.place.byte = elements.byte + bytesBefore(elements, at);
}

/** Length of the current line up to `at`, on from where it was measured last: a line may hold any number of tags. */
function bytesBefore({ text, measured }: Elements, at: number): number {
  if (at > measured.chars) {
    measured.bytes += Buffer.byteLength(text.slice(measured.chars, at));
    measured.chars = at;
  }
  return measured.bytes;
}

function openTag(elements: Elements, tag: SaxesTagPlain): void {
  if (elements.failure !== null) return;
  const name = localName(tag.name);
  elements.betweenTags = 0;
  elements.path.push(name);
  elements.leaf = '';
  elements.leafName = tag.attributes.Name ?? name;
  if (elements.path.length > MAX_DEPTH) fail(elements, 'too-deep', `elements nested more than ${MAX_DEPTH} deep`);
  if (name === 'Event' && elements.event === null) {
    const { line, byte } = elements.place;
    elements.event = { line, byte, texts: new Map(), attributes: new Map(), data: [] };
    elements.eventDepth = elements.path.length;
  } else if (elements.event !== null && parentName(elements) === 'System') {
    for (const [key, value] of Object.entries(tag.attributes)) {
      if (elements.event.attributes.size < MAX_FIELDS) elements.event.attributes.set(`${name}/${key}`, value);
    }
  }
}

/** Name of the element right below `Event` that the current one is in. */
const sectionName = (elements: Elements): string => elements.path[elements.eventDepth] ?? '';
const parentName = (elements: Elements): string => elements.path.at(-2) ?? '';

function addText(elements: Elements, text: string): void {
  elements.betweenTags = 0;
  if (elements.leaf !== null && elements.leaf.length < MAX_TEXT) elements.leaf += text.slice(0, MAX_TEXT);
}

function closeTag(elements: Elements): void {
  if (elements.failure !== null) return;
  elements.betweenTags = 0;
  const { event, leaf } = elements;
  if (event !== null && leaf !== null && elements.path.length > elements.eventDepth)
    keepLeaf(elements, event, leaf.trim());
  elements.leaf = null;
  const closesEvent = event !== null && elements.path.length === elements.eventDepth;
  elements.path.pop();
  if (!closesEvent) return;
  elements.event = null;
  elements.eventDepth = 0;
  elements.onEvent(event);
}

function keepLeaf(elements: Elements, event: XmlEvent, value: string): void {
  const section = sectionName(elements);
  if (section === 'System' || section === 'RenderingInfo' || section === 'ExtendedTracingInfo') {
    const key = `${section}/${elements.path.at(-1)}`;
    if (event.texts.size < MAX_FIELDS && !event.texts.has(key)) event.texts.set(key, value);
  } else if (event.data.length < MAX_FIELDS) event.data.push({ name: elements.leafName, value });
}
