import type { SaxesParser, SaxesTagPlain } from 'saxes';
import { CLAIMED, type Claim, NOT_MINE, type Output, type Parser, type Prefix, refuse } from '../src/core/parser.js';
import { NULL_I32 } from '../src/core/schema.js';
import type { Block, TextStream } from '../src/core/source.js';
import type { Writer } from '../src/core/table.js';
import { decodeUtf8 } from '../src/core/text.js';
import { isFiletime, isoToFiletime, parseTicks, type Ticks, ticksBetween } from '../src/core/time.js';
import { genericEvent } from '../src/tables/event.js';
import {
  className,
  finishKernel,
  isWanted,
  KERNEL_TABLES,
  type KernelContext,
  type KernelEvent,
  type KernelHead,
  kernelContext,
  kernelEventNamed,
  kernelEventOfGuid,
  type Outcome,
  payloadFields,
  readKernelEvent,
  shifted,
  startWith,
  timeUs,
  wholeNumber,
} from './tracerpt/kernel-events.js';

/**
 * `tracerpt x.etl -of XML`. One `Event` element per event; kernel events are told by `EventGuid` and `Opcode`, because
 * their provider is the same for all of them and their display names may be translated:
 *
 *   <Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event">
 *     <System><Provider Guid="{9e814aad-3204-11d2-9a82-006008a86939}" /><Version>2</Version><Opcode>68</Opcode>
 *       <TimeCreated SystemTime="2006-12-18T12:26:27.887309500Z" /><Execution ProcessID="0" ThreadID="0" ProcessorID="3" />
 *     </System>
 *     <EventData><Data Name="InitialTime">128109147878730950</Data><Data Name="Routine">0xFFFFF8034A6D1230</Data></EventData>
 *     <RenderingInfo Culture="en-US"><Opcode>DPC</Opcode><Provider>MSNT_SystemTrace</Provider>
 *       <EventName xmlns="http://schemas.microsoft.com/win/2004/08/events/trace">PerfInfo</EventName></RenderingInfo>
 *     <ExtendedTracingInfo xmlns="http://schemas.microsoft.com/win/2004/08/events/trace">
 *       <EventGuid>{ce1dbfb4-137e-4da6-87b0-3f59aa102cbc}</EventGuid></ExtendedTracingInfo>
 *   </Event>
 *
 * An event whose version the exporting machine did not know has its bytes in hex instead of EventData:
 *
 *   <ProcessingErrorData><ErrorCode>15005</ErrorCode><EventPayload>F0190000A410…</EventPayload></ProcessingErrorData>
 */
export const tracerptXml: Parser = {
  name: 'tracerpt-xml',
  title: 'XML dump of an .etl by tracerpt: every event with its fields by name',
  madeBy: 'tracerpt trace.etl -of XML -o dumpfile.xml',
  specification: 'https://learn.microsoft.com/windows-server/administration/windows-commands/tracerpt_1',
  tables: [...KERNEL_TABLES, genericEvent],
  sniff,
  parse,
};

/** tracerpt nests 5 deep; user data of manifests may go deeper. */
const MAX_DEPTH = 64;
/** Text of one field that is kept. */
const MAX_TEXT = 65_536;
const MAX_FIELDS = 256;
/** Characters without a tag between them: beyond this the rest is not read, for saxes keeps them all. */
const MAX_BETWEEN_TAGS = 8 << 20;
const MAX_QUOTE_BYTES = 4096;

function sniff(prefix: Prefix): Claim {
  // Anchored and without nested repetition: comments before the root are not looked through.
  const root = /^\ufeff?\s*(?:<\?xml[^>]{0,200}\?>\s*)?<Events?[\s>]/.test(prefix.text);
  if (!root || !prefix.text.includes('http://schemas.microsoft.com/win/2004/08/events/event')) return NOT_MINE;
  if (prefix.text.includes('<EventRecordID>') && !prefix.text.includes('<ExtendedTracingInfo')) {
    return refuse(
      'is an event log saved as XML, not a trace. A trace has DPCs and ISRs: tracerpt trace.etl -of XML -o dumpfile.xml',
    );
  }
  return CLAIMED;
}

/** An event under construction. */
interface XmlEvent {
  readonly line: number;
  readonly byte: number;
  /** Texts of leaf elements outside the event's own data, by parent and name: `System/Opcode`. */
  readonly texts: Map<string, string>;
  /** Attributes of the elements in System: `TimeCreated/SystemTime`. */
  readonly attributes: Map<string, string>;
  /** The event's own data in their order. */
  readonly data: { readonly name: string; readonly value: string }[];
}

interface Reader {
  readonly out: Output;
  readonly context: KernelContext;
  readonly events: Writer<typeof genericEvent> | null;
  readonly parser: SaxesParser;
  /** The line being fed: its text, number and place. */
  text: string;
  line: number;
  byte: number;
  /** saxes' position before that line. */
  position: number;
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
  /** 100 ns to add to SystemTime: the difference of the header's StartTime and its own SystemTime. */
  shift: number;
  lastUs: number;
  readonly head: KernelHead;
}

function makeReader(out: Output, parser: SaxesParser): Reader {
  const reader: Reader = {
    out,
    context: kernelContext(out),
    events: out.writer(genericEvent),
    parser,
    text: '',
    line: 0,
    byte: 0,
    position: 0,
    path: [],
    eventDepth: 0,
    event: null,
    leaf: null,
    leafName: '',
    betweenTags: 0,
    failure: null,
    shift: 0,
    lastUs: Number.NaN,
    head: {
      stamp: null,
      stampText: null,
      atUs: Number.NaN,
      cpu: NULL_I32,
      pid: NULL_I32,
      tid: NULL_I32,
      line: 0,
      byte: 0,
    },
  };
  parser.on('opentagstart', () => noteEventPlace(reader));
  parser.on('opentag', (tag) => openTag(reader, tag));
  parser.on('closetag', () => closeTag(reader));
  parser.on('text', (text) => addText(reader, text));
  parser.on('cdata', (text) => addText(reader, text));
  parser.on('error', (error) => onError(reader, error.message));
  return reader;
}

async function parse(stream: TextStream, out: Output): Promise<void> {
  out.account.unit = 'record';
  // Loaded here: most runs read no XML, and loading it takes 30 ms.
  const { SaxesParser } = await import('saxes');
  // Fragment: dumps put one after another have several roots.
  const reader = makeReader(out, new SaxesParser({ fragment: true, position: true }));
  let carried = '';
  for await (const block of stream.blocks()) {
    out.quoteRow = quoter(block, carried);
    feedBlock(reader, block);
    out.flush();
    if (reader.failure !== null) break;
    carried = carriedText(reader, block, carried);
  }
  if (reader.failure === null) reader.parser.close();
  finish(reader);
}

/** Text of a row's event, from the current block or from the one before where it begins there. */
function quoter(block: Block, carried: string): (byte: number) => string {
  return (byte) => {
    const from = Math.max(byte - block.start, 0);
    const text = (byte < block.start ? carried : '') + decodeUtf8(block.bytes, from, cap(block, from));
    const end = text.indexOf('</Event>');
    return text
      .slice(0, end < 0 ? text.length : end + '</Event>'.length)
      .replace(/ xmlns="[^"]*"/g, '')
      .replace(/>\s+</g, '><')
      .trim();
  };
}

const cap = (block: Block, from: number): number => Math.min(block.bytes.length, from + MAX_QUOTE_BYTES);

function carriedText(reader: Reader, block: Block, carried: string): string {
  const { event } = reader;
  if (event === null) return '';
  if (event.byte < block.start) return carried;
  const from = event.byte - block.start;
  return decodeUtf8(block.bytes, from, cap(block, from));
}

/** Line by line, so that any event's line and byte are known. */
function feedBlock(reader: Reader, block: Block): void {
  if (block.overlong !== null) {
    fail(reader, 'line-too-long', `a line of ${block.overlong.length} bytes`);
    return;
  }
  const { bytes } = block;
  for (let from = 0; from < bytes.length && reader.failure === null; ) {
    const newline = bytes.indexOf(10, from);
    const end = newline < 0 ? bytes.length : newline + 1;
    reader.text = decodeUtf8(bytes, from, end);
    reader.line++;
    reader.byte = block.start + from;
    reader.position = reader.parser.position;
    reader.betweenTags += end - from;
    reader.parser.write(reader.text);
    if (reader.betweenTags > MAX_BETWEEN_TAGS) fail(reader, 'text-too-long', 'more than 8 MB without a tag');
    from = end;
  }
}

function fail(reader: Reader, code: string, message: string): void {
  reader.failure ??= { code, message };
}

/** Characters that XML forbids stand in real strings: they cost nothing but themselves. Broken structure ends reading. */
function onError(reader: Reader, message: string): void {
  const what = message.replace(/^\d+:\d+: /, '');
  if (/^(?:disallowed character\.|undefined entity|malformed character entity|the string "]]>")/.test(what)) {
    reader.out.diagnostics.add('bad-character', 'warning', 'characters or entities that XML does not allow', {
      line: reader.line,
      example: reader.text.trim(),
    });
  } else fail(reader, 'malformed-xml', what);
}

const localName = (name: string): string => name.slice(name.indexOf(':') + 1);

/** Kept aside for `openTag`, which is called when the tag is complete, maybe lines later. */
function noteEventPlace(reader: Reader): void {
  if (reader.event !== null) return;
  const upTo = reader.parser.position - reader.position;
  const at = Math.max(reader.text.lastIndexOf('<', upTo - 1), 0);
  reader.head.line = reader.line;
  reader.head.byte = reader.byte + Buffer.byteLength(reader.text.slice(0, at));
}

function openTag(reader: Reader, tag: SaxesTagPlain): void {
  if (reader.failure !== null) return;
  const name = localName(tag.name);
  reader.betweenTags = 0;
  reader.path.push(name);
  reader.leaf = '';
  reader.leafName = tag.attributes.Name ?? name;
  if (reader.path.length > MAX_DEPTH) fail(reader, 'too-deep', `elements nested more than ${MAX_DEPTH} deep`);
  if (name === 'Event' && reader.event === null) {
    const { line, byte } = reader.head;
    reader.event = { line, byte, texts: new Map(), attributes: new Map(), data: [] };
    reader.eventDepth = reader.path.length;
  } else if (reader.event !== null && parentName(reader) === 'System') {
    for (const [key, value] of Object.entries(tag.attributes)) reader.event.attributes.set(`${name}/${key}`, value);
  }
}

/** Name of the element right below `Event` that the current one is in. */
const sectionName = (reader: Reader): string => reader.path[reader.eventDepth] ?? '';
const parentName = (reader: Reader): string => reader.path.at(-2) ?? '';

function addText(reader: Reader, text: string): void {
  reader.betweenTags = 0;
  if (reader.leaf !== null && reader.leaf.length < MAX_TEXT) reader.leaf += text.slice(0, MAX_TEXT);
}

function closeTag(reader: Reader): void {
  if (reader.failure !== null) return;
  reader.betweenTags = 0;
  const { event, leaf } = reader;
  if (event !== null && leaf !== null && reader.path.length > reader.eventDepth) keepLeaf(reader, event, leaf.trim());
  reader.leaf = null;
  const closesEvent = event !== null && reader.path.length === reader.eventDepth;
  reader.path.pop();
  if (!closesEvent) return;
  reader.event = null;
  reader.eventDepth = 0;
  readEvent(reader, event);
}

function keepLeaf(reader: Reader, event: XmlEvent, value: string): void {
  const section = sectionName(reader);
  if (section === 'System' || section === 'RenderingInfo' || section === 'ExtendedTracingInfo') {
    const key = `${section}/${reader.path.at(-1)}`;
    if (event.texts.size < MAX_FIELDS && !event.texts.has(key)) event.texts.set(key, value);
  } else if (event.data.length < MAX_FIELDS) event.data.push({ name: reader.leafName, value });
}

function readEvent(reader: Reader, event: XmlEvent): void {
  const { out } = reader;
  out.account.read++;
  const names = namesOf(event);
  const stamp = stampOf(event);
  if (stamp === null) {
    out.skip('bad-time', 'an event without a TimeCreated that can be read', { line: event.line, example: names.shown });
    return;
  }
  out.countEvent(names.shown, 0);
  const known = knownOf(event, names);
  const field = fieldsOf(event, known);
  if (known?.use === 'header' && field !== null) setShift(reader, stamp, field);
  fillHead(reader, event, shifted(stamp, reader.shift));
  const isUsed = known !== null && isWanted(reader.context, known);
  const outcome = isUsed ? readKernel(reader, known, field) : noteUndecoded(reader, event);
  if (reader.events !== null) writeEvent(reader, reader.events, event, names);
  account(reader, event, names, outcome);
}

interface Names {
  readonly provider: string;
  readonly name: string;
  readonly id: string;
  readonly shown: string;
}

/** Kernel events go by their class, `PerfInfo`; others by their provider. */
function namesOf(event: XmlEvent): Names {
  const { texts, attributes } = event;
  const eventName = texts.get('RenderingInfo/EventName') || className(texts.get('ExtendedTracingInfo/EventGuid') ?? '');
  const providerName =
    attributes.get('Provider/Name') || texts.get('RenderingInfo/Provider') || attributes.get('Provider/Guid') || '';
  const id = texts.get('System/EventID') || '0';
  const isClassic = id === '0';
  const provider = isClassic && eventName ? eventName : providerName;
  const opcode = texts.get('System/Opcode') ?? '';
  const name = texts.get('RenderingInfo/Opcode') || opcode;
  const shown = isClassic ? `${provider}/${name}` : `${provider}/${/^\d*$/.test(name) ? '' : `${name}/`}${id}`;
  return { provider, name, id, shown };
}

function knownOf(event: XmlEvent, names: Names): KernelEvent | null {
  if (names.id !== '0') return null;
  const opcode = wholeNumber(event.texts.get('System/Opcode'));
  for (const guid of [event.texts.get('ExtendedTracingInfo/EventGuid'), event.attributes.get('Provider/Guid')]) {
    if (guid === undefined || className(guid) === null) continue;
    return opcode === null ? null : kernelEventOfGuid(guid, opcode);
  }
  const byName = event.texts.get('RenderingInfo/EventName') ?? event.texts.get('RenderingInfo/Task');
  return byName === undefined ? null : kernelEventNamed(byName, names.name);
}

/** SystemTime, or the clock's own ticks where tracerpt was told to print these (-rts). */
function stampOf(event: XmlEvent): Ticks | null {
  const raw = event.attributes.get('TimeCreated/RawTime');
  if (raw !== undefined) return parseTicks(raw);
  return isoToFiletime(event.attributes.get('TimeCreated/SystemTime') ?? '');
}

/** Reads a field by name; null where the event's data are not decoded. */
function fieldsOf(event: XmlEvent, known: KernelEvent | null): ((name: string) => string | undefined) | null {
  const payload = payloadOf(event);
  if (payload !== undefined) {
    const version = wholeNumber(event.texts.get('System/Version'));
    return known === null ? null : payloadFields(known, version, payload);
  }
  return (name) => event.data.find((field) => field.name === name)?.value;
}

const payloadOf = (event: XmlEvent): string | undefined =>
  event.data.find((field) => field.name === 'EventPayload' || field.name === 'BinaryEventData')?.value;

const DAY_100NS = 864_000_000_000;

/**
 * SystemTime may be printed with a zone, and whether that zone is right is not documented (no real export with one was
 * at hand). The header's StartTime is the same instant as its SystemTime and always UTC: their difference corrects all
 * times.
 */
function setShift(reader: Reader, stamp: Ticks, field: (name: string) => string | undefined): void {
  const start = parseTicks(field('StartTime') ?? '');
  if (start === null || !isFiletime(start) || !isFiletime(stamp)) return;
  const shift = ticksBetween(stamp, start);
  if (shift === 0 || Math.abs(shift) > 2 * DAY_100NS) return;
  reader.shift = shift;
  reader.out.about.notes.push(
    `The times printed differ from UTC by ${shift / 1e7} s by the trace's own header; they were corrected by that.`,
  );
}

function fillHead(reader: Reader, event: XmlEvent, stamp: Ticks): void {
  const { head, context } = reader;
  startWith(context.timeline, stamp);
  head.stamp = stamp;
  head.stampText =
    event.attributes.get('TimeCreated/RawTime') ?? event.attributes.get('TimeCreated/SystemTime') ?? null;
  head.atUs = timeUs(context.timeline, stamp);
  if (!Number.isNaN(head.atUs) && !(head.atUs <= reader.lastUs)) reader.lastUs = head.atUs;
  head.cpu = stored(event.attributes.get('Execution/ProcessorID'));
  // 4294967295 stands for none.
  head.pid = stored(event.attributes.get('Execution/ProcessID'));
  head.tid = stored(event.attributes.get('Execution/ThreadID'));
  head.line = event.line;
  head.byte = event.byte;
}

function stored(text: string | undefined): number {
  const value = wholeNumber(text);
  return value === null || value < 0 || value > 0x7fffffff ? NULL_I32 : value;
}

function readKernel(reader: Reader, known: KernelEvent, field: ((name: string) => string | undefined) | null): Outcome {
  if (field !== null) return readKernelEvent(reader.context, known, reader.head, field);
  return {
    code: 'undecoded-event',
    message:
      'kernel events that the exporting machine could not decode, of a version or size whose layout is not known here',
  };
}

function noteUndecoded(reader: Reader, event: XmlEvent): Outcome {
  if (payloadOf(event) !== undefined) {
    reader.out.diagnostics.add(
      'undecoded-fields',
      'info',
      'events whose fields the exporting machine could not decode',
      {
        line: event.line,
      },
    );
  }
  return 'unwanted';
}

/** A record counts once, even where it filled two tables. */
function account(reader: Reader, event: XmlEvent, names: Names, outcome: Outcome): void {
  const { out } = reader;
  const isRow = reader.events !== null || outcome === 'row';
  if (typeof outcome === 'string') {
    if (isRow) out.account.rows++;
    else out.account.ignored++;
    return;
  }
  const at = { line: event.line, example: `${names.shown}: ${fieldsText(event)}` };
  if (!isRow) {
    out.skip(outcome.code, outcome.message, at, 'data-loss');
    return;
  }
  out.account.rows++;
  out.diagnostics.add(outcome.code, 'data-loss', outcome.message, at);
}

function writeEvent(reader: Reader, w: Writer<typeof genericEvent>, event: XmlEvent, names: Names): void {
  const { texts } = event;
  const { cols, dicts, n } = w;
  const { head } = reader;
  cols.atUs[n] = head.atUs;
  cols.cpu[n] = head.cpu;
  cols.pid[n] = head.pid;
  cols.tid[n] = head.tid;
  cols.provider[n] = dicts.provider.id(names.provider);
  cols.name[n] = dicts.name.id(names.name);
  cols.id[n] = stored(names.id);
  cols.version[n] = stored(texts.get('System/Version'));
  cols.level[n] = stored(texts.get('System/Level'));
  cols.opcode[n] = stored(texts.get('System/Opcode'));
  cols.task[n] = stored(texts.get('System/Task'));
  cols.keyword[n] = dicts.keyword.id(texts.get('System/Keywords') ?? null);
  cols.fields[n] = fieldsText(event);
  cols.line[n] = head.line;
  cols.byte[n] = head.byte;
  w.push();
}

/** `InitialTime=134…, Routine=0x…`. */
function fieldsText(event: XmlEvent): string {
  const text = event.data.map(({ name, value }) => (name === 'Data' ? value : `${name}=${value}`)).join(', ');
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}

function finish(reader: Reader): void {
  const { out, failure } = reader;
  if (reader.event !== null) {
    out.account.read++;
    out.skip('event-cut', 'an event that does not end', { line: reader.event.line }, 'data-loss');
  }
  if (failure !== null) {
    out.about.truncated = true;
    out.diagnostics.add(
      failure.code,
      'data-loss',
      `the XML cannot be read on from here (${failure.message}): what came before was used, nothing after it`,
      { line: reader.line, example: reader.text.trim() },
    );
  }
  if (out.account.read === 0) out.diagnostics.add('no-events', 'warning', 'there is no Event element in it');
  finishKernel(reader.context);
  if (reader.context.timeline.startFiletime !== null) out.about.clock.zone = 'UTC';
  if (Number.isNaN(reader.lastUs)) return;
  out.about.span.startUs = 0;
  if (out.about.span.endUs === null) out.about.span.endUs = reader.lastUs;
}
