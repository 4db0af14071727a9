import {
  CLAIMED,
  type Claim,
  NOT_MINE,
  type Output,
  type ParseOptions,
  type Parser,
  type Prefix,
} from '../src/core/parser.js';
import type { SourceStream } from '../src/core/source.js';
import { logMessage } from '../src/tables/log-message.js';
import { type LogEvent, quoteOf } from './eventlog/event.js';
import { addEvent, eventRows, finishEvents } from './eventlog/rows.js';
import { spokenData, type XmlEvent, xmlReader } from './eventlog/xml-event.js';
import { type XmlPiece, xmlPieces } from './eventlog/xml-pieces.js';

/**
 * Event logs as XML: `wevtutil qe System /f:xml` (an event a line, with or without a root element), "Save all events as
 * XML" of Event Viewer (all in one line, with messages), `ToXml()` of Get-WinEvent. tracerpt's dumps of traces have the
 * same namespace; they have ExtendedTracingInfo and no EventRecordID.
 *
 *   <Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='disk'/>…</System>…</Event>
 */
export const eventlogXml: Parser = {
  name: 'eventlog-xml',
  title: 'event log as XML',
  madeBy: 'wevtutil qe System /f:xml > system.xml, or Event Viewer: Save All Events As, XML',
  specification: 'https://learn.microsoft.com/windows/win32/wes/eventschema-schema',
  tables: [logMessage],
  sniff,
  parse,
};

const NAMESPACE = 'http://schemas.microsoft.com/win/2004/08/events/event';
// A declaration, a root element or an event: anchored, each part bounded.
const ROOT = /^\ufeff?\s{0,400}(?:<\?xml[^>]{0,200}\?>\s{0,400})?<(?:[A-Za-z_][\w.-]{0,30}:)?Events?[\s>]/;
const TRACE_ONLY = /<ExtendedTracingInfo[\s>]|\bRawTime\s{0,4}=/;
const LOG_ONLY = /<(?:[A-Za-z_][\w.-]{0,30}:)?EventRecordID[\s>/]/;

function sniff({ encoding, text }: Prefix): Claim {
  if (encoding === 'binary' || !ROOT.test(text) || !text.includes(NAMESPACE)) return NOT_MINE;
  return LOG_ONLY.test(text) && !TRACE_ONLY.test(text) ? CLAIMED : NOT_MINE;
}

async function parse(stream: SourceStream, out: Output, { clock }: ParseOptions): Promise<void> {
  const rows = eventRows(out, clock);
  const source = await stream.random();
  try {
    for await (const piece of xmlPieces(source, await xmlReader())) {
      out.account.read++;
      const event = eventOf(out, piece);
      if (event !== null) await addEvent(rows, event);
    }
    await finishEvents(rows);
  } finally {
    source.close();
  }
  if (out.account.read === 0) out.diagnostics.add('no-events', 'warning', 'there is no Event element in it');
}

/** The event in a piece; null where it was skipped. */
function eventOf(out: Output, piece: XmlPiece): LogEvent | null {
  const { result, lacks } = piece;
  const at = { line: piece.line, example: quoteOf(piece.text) };
  if (lacks === 'size') out.skip('event-too-long', 'events longer than the event log can have were passed over', at);
  else if (lacks !== null) {
    if (lacks === 'rest') out.about.truncated = true;
    out.skip('event-cut', 'events whose beginning or end is missing', at, 'data-loss');
  } else if (result === null || typeof result === 'string') {
    out.skip('malformed-xml', 'events whose XML cannot be read were passed over', at, 'data-loss');
  } else if (result.eventId === null) {
    out.skip('damaged-event', 'events without an event id that can be read were passed over', at);
  } else {
    if (result.isDirty) {
      out.diagnostics.add('bad-character', 'warning', 'characters or entities that XML does not allow', at);
    }
    return logEvent(result, piece);
  }
  return null;
}

function logEvent(xml: XmlEvent, { text, line, byte }: XmlPiece): LogEvent {
  const { channel, provider, eventId, level, machine, cpu, pid, tid, utc, dataHex } = xml;
  const fields = { channel, provider, eventId, level, machine, cpu, pid, tid, utc, dataHex };
  const message = xml.rendered ?? spokenData(provider, eventId, xml.data);
  return { ...fields, line, byte, quote: quoteOf(text), date: null, message };
}
