import {
  CLAIMED,
  type Claim,
  linesOf,
  NOT_MINE,
  type Output,
  type ParseOptions,
  type Parser,
  type Prefix,
} from '../src/core/parser.js';
import type { SourceStream } from '../src/core/source.js';
import { decodeUtf8 } from '../src/core/text.js';
import { logMessage } from '../src/tables/log-message.js';
import { blocksOf, close, isViewerHead, isWevtutilHead, isXmlStart, takeLine } from './eventlog/blocks.js';
import { type Field, labelled } from './eventlog/labels.js';
import { addEvent, type EventRows, eventRows, finishEvents } from './eventlog/rows.js';
import { closeRow, eventTable, type TableHead, tableHead, takeRowLine } from './eventlog/table.js';
import { xmlReader } from './eventlog/xml-event.js';

/**
 * Event logs as text: what wevtutil prints, what Event Viewer copies and what it saves as text or CSV (see
 * eventlog/table.ts). A copy may have the event's XML behind it, which says what the text leaves open.
 *
 *   Event[0]:                                        Log Name:      System
 *     Log Name: System                               Source:        disk
 *     Source: disk                                   Date:          21/07/2018 9:58:19 AM
 *     Date: 2018-07-21T09:58:19.504                  Event ID:      51
 *     Event ID: 51                                   Level:         Warning
 *     Level: Warning                                 Description:
 *     Description:                                   An error was detected on device \Device\Harddisk8\DR13 …
 *   An error was detected on device …                Event Xml:
 *                                                    <Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event">…
 */
export const eventlogText: Parser = {
  name: 'eventlog-text',
  title: 'event log as text or CSV',
  madeBy: 'wevtutil qe System /f:text > system.txt, or Event Viewer: Copy Details as Text, or Save All Events As',
  specification: 'https://learn.microsoft.com/windows-server/administration/windows-commands/wevtutil',
  tables: [logMessage],
  sniff,
  parse,
};

function sniff({ encoding, lines }: Prefix): Claim {
  if (encoding === 'binary') return NOT_MINE;
  if (headOf(lines) !== null) return CLAIMED;
  return lines.some((line, i) => (isWevtutilHead(line) || isViewerHead(line) ? isEvent(lines, i) : isXml(lines, i)))
    ? CLAIMED
    : NOT_MINE;
}

/** Lines below a head in which its labels stand. */
const HEAD_LINES = 12;

/** A head, and below it a source and an id of an event. */
function isEvent(lines: readonly string[], at: number): boolean {
  const fields = lines.slice(at, at + HEAD_LINES).map((line) => labelled(line)?.field);
  const has = (field: Field): boolean => fields.includes(field);
  return has('source') && has('eventId');
}

/** An event's XML that something stands in front of: without it, it is not text. */
const isXml = (lines: readonly string[], at: number): boolean =>
  isXmlStart(lines[at]) && !/^[\ufeff\s]{0,40}</.test(lines.find((line) => line.trim() !== '') ?? '<');

/** The head of a table, which stands above all else. */
function headOf(lines: readonly string[]): TableHead | null {
  return tableHead(lines.find((line) => line.trim() !== '')?.replace(/^\ufeff/, '') ?? '');
}

async function parse(stream: SourceStream, out: Output, { clock }: ParseOptions): Promise<void> {
  const rows = eventRows(out, clock);
  const head = headOf(decodeUtf8(stream.head).split(/\r?\n/, 100));
  if (head === null) await readBlocks(stream, rows);
  else await readTable(stream, rows, head);
  await finishEvents(rows);
  if (out.account.rows + out.account.skipped === 0 && out.events.size === 0) {
    out.diagnostics.add('no-events', 'warning', 'there is no event in it');
  }
}

async function readBlocks(stream: SourceStream, rows: EventRows): Promise<void> {
  const blocks = blocksOf(rows.out, await xmlReader());
  for await (const line of linesOf(stream, rows.out)) {
    for (const event of takeLine(blocks, line)) await addEvent(rows, event);
  }
  for (const event of close(blocks)) await addEvent(rows, event);
}

async function readTable(stream: SourceStream, rows: EventRows, head: TableHead): Promise<void> {
  const table = eventTable(rows.out, await xmlReader(), head);
  for await (const line of linesOf(stream, rows.out)) {
    const event = takeRowLine(table, line);
    if (event !== null) await addEvent(rows, event);
  }
  const last = closeRow(table);
  if (last !== null) await addEvent(rows, last);
}
