import {
  CLAIMED,
  type Claim,
  NOT_MINE,
  type Output,
  type ParseOptions,
  type Parser,
  type Prefix,
  skipOverlong,
} from '../src/core/parser.js';
import type { SourceStream } from '../src/core/source.js';
import { logMessage } from '../src/tables/log-message.js';
import { cdfColumnsOf } from './messages/cdf-columns.js';
import { CdfReader } from './messages/cdf-reader.js';

/**
 * CSV files of Citrix CDF traces, as CDFControl and CDFMonitor make them, and CSV of other tools with the same columns.
 *
 *     TraceTime,ProcessId,ThreadId,ModuleName,Src,LineNum,Function,Level,Message
 *     2026-11-20 10:05:11.005,2780,5992,Lamp_DB,db.cpp,120,Query,Error,"not enough space, retry"
 */
export const cdfCsv: Parser = {
  name: 'cdf-csv',
  title: 'CSV of trace messages, as of Citrix CDF: TraceTime, ProcessId, ThreadId, …, Message',
  madeBy: 'CDFControl or CDFMonitor, parsed to CSV',
  specification: 'https://support.citrix.com/article/CTX111961',
  tables: [logMessage],
  sniff,
  parse,
};

function sniff(prefix: Prefix): Claim {
  return prefix.encoding !== 'binary' && cdfColumnsOf(prefix) !== null ? CLAIMED : NOT_MINE;
}

async function parse(stream: SourceStream, out: Output, { clock: given }: ParseOptions): Promise<void> {
  out.account.unit = 'record';
  const reader = new CdfReader(out, given, stream.head);
  let held: Buffer = Buffer.alloc(0);
  let heldStart = 0;
  for await (const block of stream.blocks()) {
    if (block.overlong !== null) {
      reader.read(held, heldStart, true);
      held = Buffer.alloc(0);
      out.account.read++;
      skipOverlong(out, block, ++reader.rows.line);
      continue;
    }
    const start = held.length > 0 ? heldStart : block.start;
    const bytes = held.length > 0 ? Buffer.concat([held, block.bytes]) : block.bytes;
    const done = reader.read(bytes, start, false);
    held = Buffer.from(bytes.subarray(done));
    heldStart = start + done;
  }
  reader.read(held, heldStart, true);
  await reader.finish();
}
