/**
 * Text logs of the kernel and user-mode debuggers (WinDbg, kd, cdb, LiveKd), saved with `.logopen` or pasted. A log is the outputs
 * of many commands, each of a format of its own: `kd/<command>.ts` reads one, `kd/commands.ts` lists them, `kd/outputs.ts`
 * finds them. Logs often come from articles and mails, with what those do to text (`kd/line.ts`).
 */
import {
  CLAIMED,
  type Claim,
  eachLine,
  NOT_MINE,
  type Output,
  type ParseOptions,
  type Parser,
  type Prefix,
} from '../src/core/parser.js';
import type { SourceStream } from '../src/core/source.js';
import { callStack } from '../src/tables/call-stack.js';
import { DUMP_TABLES } from '../src/tables/index.js';
import { logMessage } from '../src/tables/log-message.js';
import { poolBlock, poolCounter, poolHit, poolTag, poolTagPlace } from '../src/tables/pool-snapshot.js';
import { Log } from './kd/log.js';
import { Outputs } from './kd/outputs.js';
import { isDebuggerLine } from './kd/shapes.js';

/** As many lines as the head of a log may need to show what it is. */
const MAX_LINES = 2000;

export const kd: Parser = {
  name: 'kd',
  title: 'WinDbg/kd text log',
  madeBy: '.logopen in WinDbg, kd, cdb or LiveKd; or their output copied as text',
  specification: 'https://learn.microsoft.com/windows-hardware/drivers/debugger/keeping-a-log-file-in-windbg',
  tables: [callStack, poolTag, poolCounter, poolBlock, poolHit, poolTagPlace, ...DUMP_TABLES, logMessage],
  sniff,
  parse,
};

function sniff(prefix: Prefix): Claim {
  if (prefix.encoding === 'binary') return NOT_MINE;
  return prefix.lines.slice(0, MAX_LINES).some(isDebuggerLine) ? CLAIMED : NOT_MINE;
}

/** Lines count as rows where they fed one: all frames of a stack do. */
async function parse(stream: SourceStream, out: Output, { clock }: ParseOptions): Promise<void> {
  const log = new Log(out, clock);
  const outputs = new Outputs(log);
  await eachLine(stream, out, (line) => outputs.take(line));
  log.finish(() => outputs.finish());
  await log.messageClock.finish();
}
