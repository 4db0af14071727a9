import {
  CLAIMED,
  type Claim,
  NOT_MINE,
  type Output,
  type ParseOptions,
  type Parser,
  type Prefix,
  refuse,
} from '../src/core/parser.js';
import type { SourceStream } from '../src/core/source.js';
import { logMessage } from '../src/tables/log-message.js';
import { cdfColumnsOf } from './messages/cdf-columns.js';
import { MessageClock } from './messages/clock.js';
import { isMostlyDebugView } from './messages/debugview-line.js';
import { hasPrompt, headLines } from './messages/head-lines.js';
import { logForm } from './messages/log-form.js';
import { LogLine } from './messages/log-line.js';
import { LogReader } from './messages/log-reader.js';
import { readRecords } from './messages/records.js';
import { MessageRows } from './messages/rows.js';
import { isTable } from './messages/table-layout.js';
import { isMostlyWpp } from './messages/wpp-prefix.js';

/**
 * The last resort: any log whose lines begin with a time that can be recognised. See log-line.ts for what is read behind it.
 * Lines without a time, as those of a stack, belong to the message above.
 */
export const logText: Parser = {
  name: 'log-text',
  title: 'any text log whose lines begin with a time: ISO 8601, syslog, log4j, CBS and the like',
  madeBy: 'programs that write a log',
  specification: 'docs/formats.md',
  tables: [logMessage],
  sniff,
  parse,
};

function sniff(prefix: Prefix): Claim {
  if (prefix.encoding === 'binary') return NOT_MINE;
  const head = headLines(prefix.bytes);
  const found = logForm(head);
  if (found === null) return NOT_MINE;
  // Those that know their format better take these.
  if (isMostlyWpp(head) || isTable(head) || isMostlyDebugView(head) || cdfColumnsOf(prefix) !== null) return NOT_MINE;
  if (hasPrompt(head)) return NOT_MINE;
  if (!found.isCsv) return CLAIMED;
  return refuse(
    'looks like CSV with a time in front, of a tool that is not known. Messages are read from CSV whose header names TraceTime ' +
      '(or Time), ProcessId, ThreadId and Message.',
  );
}

async function parse(stream: SourceStream, out: Output, { clock: given }: ParseOptions): Promise<void> {
  const head = headLines(stream.head);
  const found = logForm(head);
  const line = new LogLine(found?.form ?? { words: 0, isIndented: false, isDated: false, hasLevels: false });
  const clock = new MessageClock(out, given);
  for (let i = 0; i < head.from.length; i++) {
    if (line.begins(head.bytes, head.from[i], head.end[i])) clock.learn(line.stamp);
  }
  clock.start();
  const rows = new MessageRows(out);
  await readRecords(stream, out, rows, new LogReader(out, rows, clock, line, found?.names ?? null));
  await clock.finish();
}
