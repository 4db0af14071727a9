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
import { MessageClock } from './messages/clock.js';
import { hasPrompt, headLines } from './messages/head-lines.js';
import { readRecords } from './messages/records.js';
import { MessageRows } from './messages/rows.js';
import { BARE_TABLE } from './messages/table-header.js';
import { bareLayout, isTable, noteLayout, tableLayout } from './messages/table-layout.js';
import { TableReader } from './messages/table-reader.js';
import { TableRow } from './messages/table-row.js';

/**
 * Tables of messages of a software trace, as viewers copy and articles print them: a header line, any columns, the message
 * last. Also excerpts of rows without the header.
 *
 *     #    PID  TID  Time         Message
 *     1972 2780 5992 10:05:11.005 Error: not enough space
 *     [...]
 */
export const textTrace: Parser = {
  name: 'text-trace',
  title: 'table of trace messages: # PID TID Time Message, in any order of columns',
  madeBy: 'copying messages from a trace viewer, or saving them as text',
  specification: 'https://www.dumpanalysis.org/blog/index.php/2009/04/28/trace-analysis-patterns-part-1/',
  tables: [logMessage],
  sniff,
  parse,
};

function sniff(prefix: Prefix): Claim {
  if (prefix.encoding === 'binary') return NOT_MINE;
  const head = headLines(prefix.bytes);
  return isTable(head) && !hasPrompt(head) ? CLAIMED : NOT_MINE;
}

async function parse(stream: SourceStream, out: Output, { clock: given }: ParseOptions): Promise<void> {
  const head = headLines(stream.head);
  const row = (tableLayout(head) ?? bareLayout(head))?.row ?? new TableRow(BARE_TABLE);
  const clock = new MessageClock(out, given);
  let example = Number.NaN;
  for (let i = 0; i < head.from.length; i++) {
    if (!row.read(head.bytes, head.from[i], head.end[i])) continue;
    clock.learn(row.stamp);
    // Decimals tell that numbers are seconds: one that has some.
    if (Number.isNaN(example) || row.decimals > 0) example = row.number;
  }
  clock.start();
  const rows = new MessageRows(out);
  await readRecords(stream, out, rows, new TableReader(out, rows, clock, row, noteLayout(out, row, example)));
  await clock.finish();
}
