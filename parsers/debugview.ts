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
import { trimEnd } from './messages/bytes.js';
import { MessageClock } from './messages/clock.js';
import { DebugViewLine, isMostlyDebugView, machineAt } from './messages/debugview-line.js';
import { headLines } from './messages/head-lines.js';
import { otherLine } from './messages/other-line.js';
import { type LineReader, readRecords } from './messages/records.js';
import { MessageRows } from './messages/rows.js';

/** Logs of Sysinternals DebugView: see debugview-line.ts for the lines. */
export const debugview: Parser = {
  name: 'debugview',
  title: 'log of Sysinternals DebugView',
  madeBy: 'DebugView: File, Save; or dbgview /l trace.log',
  specification: 'https://learn.microsoft.com/sysinternals/downloads/debugview',
  tables: [logMessage],
  sniff,
  parse,
};

function sniff(prefix: Prefix): Claim {
  if (prefix.encoding === 'binary') return NOT_MINE;
  return isMostlyDebugView(headLines(prefix.bytes)) ? CLAIMED : NOT_MINE;
}

async function parse(stream: SourceStream, out: Output, { clock: given }: ParseOptions): Promise<void> {
  const clock = new MessageClock(out, given);
  const rows = new MessageRows(out);
  await readRecords(stream, out, rows, new DebugViewReader(out, rows, clock));
  await clock.finish();
}

class DebugViewReader implements LineReader {
  readonly #line = new DebugViewLine();
  #machine = -1;

  constructor(
    private readonly out: Output,
    private readonly rows: MessageRows,
    private readonly clock: MessageClock,
  ) {}

  begins(bytes: Buffer, from: number, end: number): boolean {
    return this.#line.read(bytes, from, end);
  }

  line(bytes: Buffer, from: number, end: number): void {
    const line = this.#line;
    const { rows, clock } = this;
    if (!line.read(bytes, from, end)) {
      this.#other(bytes, from, end);
      return;
    }
    const n = rows.open(from);
    const { cols } = rows;
    cols.atUs[n] = Number.isNaN(line.elapsedUs)
      ? clock.at(line.stamp, rows.line)
      : clock.atNumber(line.elapsedUs, line.stepNs, rows.line);
    cols.pid[n] = line.pid;
    cols.machine[n] = this.#machine;
    rows.message(n, line.textFrom, trimEnd(bytes, line.textFrom, end), -1);
  }

  #other(bytes: Buffer, from: number, end: number): void {
    const { out, rows } = this;
    const name = machineAt(bytes, from, end);
    if (name < 0) {
      otherLine(out, rows, bytes, from, end);
      return;
    }
    this.#machine = rows.dicts.machine.id(bytes.toString('utf8', name, end - 1));
    rows.endMessage();
    out.account.ignored++;
  }
}
