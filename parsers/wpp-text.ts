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
import { isMostlyWpp, prefixOf } from './messages/wpp-prefix.js';
import { WppReader } from './messages/wpp-reader.js';

/**
 * Messages of WPP and TraceLogging providers as tracefmt and TraceView write them, and `!wmitrace.logdump` of a debugger.
 *
 *     [3]0004.183C::08/21/2025-09:46:11.485 [core]FxIFR logging started
 *
 * Lines without such a prefix go on with the message above.
 */
export const wppText: Parser = {
  name: 'wpp-text',
  title: 'text of WPP messages by tracefmt, TraceView or !wmitrace.logdump',
  madeBy: 'tracefmt trace.etl -p C:\\tmf -o trace.txt',
  specification: 'https://learn.microsoft.com/windows-hardware/drivers/devtest/trace-message-prefix',
  tables: [logMessage],
  sniff,
  parse,
};

function sniff(prefix: Prefix): Claim {
  if (prefix.encoding === 'binary') return NOT_MINE;
  const lines = headLines(prefix.bytes);
  return isMostlyWpp(lines) && !hasPrompt(lines) ? CLAIMED : NOT_MINE;
}

async function parse(stream: SourceStream, out: Output, { clock: given }: ParseOptions): Promise<void> {
  const { prefix } = prefixOf(headLines(stream.head));
  const clock = new MessageClock(out, given, { order: 'mdy' });
  const rows = new MessageRows(out);
  await readRecords(stream, out, rows, new WppReader(out, rows, clock, prefix));
  await clock.finish();
}
