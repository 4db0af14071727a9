import type { SaxesParser } from 'saxes';
import { addNote } from '../src/core/note.js';
import { CLAIMED, type Claim, NOT_MINE, type Output, type Parser, type Prefix, refuse } from '../src/core/parser.js';
import type { SourceStream } from '../src/core/source.js';
import type { Writer } from '../src/core/table.js';
import { isFiletime, parseTicks, type Ticks, ticksBetween } from '../src/core/time.js';
import { genericEvent } from '../src/tables/event.js';
import {
  emptyHead,
  isWanted,
  KERNEL_TABLES,
  type KernelContext,
  type KernelHead,
  kernelContext,
  notePassed,
} from './tracerpt/context.js';
import type { KernelEvent } from './tracerpt/kernel-events.js';
import { account, type Outcome } from './tracerpt/outcome.js';
import { finishKernel, readKernelEvent } from './tracerpt/read-event.js';
import { shifted, startWith, timeUs } from './tracerpt/timeline.js';
import { type Elements, elementsOf, feedBlock, type XmlEvent } from './tracerpt-xml/elements.js';
import {
  fieldsOf,
  fieldsText,
  knownOf,
  type Names,
  namesOf,
  payloadOf,
  stampOf,
  stored,
} from './tracerpt-xml/event.js';
import { carriedText, quoter } from './tracerpt-xml/quotes.js';

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

interface Reader {
  readonly out: Output;
  readonly context: KernelContext;
  readonly events: Writer<typeof genericEvent> | null;
  readonly elements: Elements;
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
    elements: elementsOf(parser, out, (event) => readEvent(reader, event)),
    shift: 0,
    lastUs: Number.NaN,
    head: emptyHead(),
  };
  return reader;
}

async function parse(stream: SourceStream, out: Output): Promise<void> {
  out.account.unit = 'record';
  // Loaded here: most runs read no XML, and loading it takes 30 ms.
  const { SaxesParser } = await import('saxes');
  // Fragment: dumps put one after another have several roots.
  const reader = makeReader(out, new SaxesParser({ fragment: true, position: true }));
  const { pool } = reader.context;
  let carried = '';
  for await (const block of stream.blocks()) {
    const quoted = quoter(block, carried);
    out.quoteRow = (byte) => pool.quote(byte) ?? quoted(byte);
    feedBlock(reader.elements, block);
    out.flush();
    pool.flushed();
    if (reader.elements.failure !== null) break;
    carried = carriedText(reader.elements, block, carried);
  }
  if (reader.elements.failure === null) reader.elements.parser.close();
  finish(reader);
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
  notePassed(reader.context, known, reader.head.cpu);
  const isUsed = known !== null && isWanted(reader.context, known);
  const outcome = isUsed ? readKernel(reader, known, field) : noteUndecoded(reader, event);
  if (reader.events !== null) writeEvent(reader, reader.events, event, names);
  account(out, outcome, reader.events !== null, () => ({
    line: event.line,
    example: `${names.shown}: ${fieldsText(event)}`,
  }));
}

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
  addNote(
    reader.out.about,
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

function finish(reader: Reader): void {
  const { out } = reader;
  const { event, failure, line, text } = reader.elements;
  if (event !== null) {
    out.account.read++;
    out.skip('event-cut', 'an event that does not end', { line: event.line }, 'data-loss');
  }
  if (failure !== null) {
    out.about.truncated = true;
    out.diagnostics.add(
      failure.code,
      'data-loss',
      `the XML cannot be read on from here (${failure.message}): what came before was used, nothing after it`,
      { line, example: text.trim() },
    );
  }
  if (out.account.read === 0) out.diagnostics.add('no-events', 'warning', 'there is no Event element in it');
  finishKernel(reader.context, reader.lastUs);
}
