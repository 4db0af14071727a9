import { EXIT, TracekitError } from '../src/core/error.js';
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
import type { RandomBytes, SourceStream } from '../src/core/source.js';
import { callStack } from '../src/tables/call-stack.js';
import { cswitch } from '../src/tables/cswitch.js';
import { dpcIsr } from '../src/tables/dpc-isr.js';
import { genericEvent } from '../src/tables/event.js';
import { frameworkCallback } from '../src/tables/framework-callback.js';
import { image } from '../src/tables/image.js';
import { poolEvent } from '../src/tables/pool-event.js';
import { processTable } from '../src/tables/process.js';
import { readyThread } from '../src/tables/ready-thread.js';
import { sampledProfile } from '../src/tables/sampled-profile.js';
import { threadTable } from '../src/tables/thread.js';
import { describe } from './etl/about.js';
import { decodersOf } from './etl/decode/decoders.js';
import { type Decoders, describeEvent, eventText } from './etl/decode/describe-event.js';
import { readBufferHeader } from './etl/log/buffer-header.js';
import { BUFFER_HEADER, HEADER_BUFFER } from './etl/log/layout.js';
import { ticksPerUs } from './etl/log/log-header.js';
import { lookalike } from './etl/log/lookalikes.js';
import { RowContext } from './etl/rows/context.js';
import { RowPass } from './etl/rows/row-pass.js';
import { type Survey, survey } from './etl/survey.js';
import { troublesOf } from './etl/troubles.js';
import { Walk } from './etl/walk.js';

export const etl: Parser = {
  name: 'etl',
  title: 'raw ETW log (.etl), compressed or not',
  madeBy: 'xperf -start … -stop / wpr -start … -stop / logman / tracelog',
  specification: 'docs/formats.md',
  tables: [
    dpcIsr,
    sampledProfile,
    frameworkCallback,
    cswitch,
    readyThread,
    image,
    processTable,
    threadTable,
    poolEvent,
    callStack,
    genericEvent,
  ],
  sniff,
  parse,
};

/** The first buffer is of type 4 and begins with an event of the kernel: the header of the log. */
function sniff({ bytes, encoding }: Prefix): Claim {
  if (bytes.length >= BUFFER_HEADER.bytes + 8) {
    const header = readBufferHeader(bytes, 0);
    const event = BUFFER_HEADER.bytes;
    const isSystem = bytes[event + 3] === 0xc0 && (bytes[event + 2] === 1 || bytes[event + 2] === 2);
    if (header !== null && header.type === HEADER_BUFFER && isSystem) return CLAIMED;
  }
  const what = encoding === 'binary' || bytes.includes(0) ? lookalike(bytes) : null;
  return what === null ? NOT_MINE : refuse(what);
}

/** Two passes: what must be known of all of the log before any event can be told of, then the events. */
async function parse(stream: SourceStream, out: Output, options: ParseOptions): Promise<void> {
  out.account.unit = 'event';
  const file = await stream.random();
  try {
    const found = await survey(file, troublesOf(out, file.size));
    if (found.header === null) throw noHeader();
    out.account.read = found.events + out.account.skipped;
    const decoders = decodersOf(found, out, options.decoding);
    describe(found, decoders, out);
    await rows(file, found, decoders, out, options);
    if (options.census)
      out.about.stacks = { events: found.stackUses, matched: found.stacksInPlace + found.late.matched };
  } finally {
    file.close();
  }
}

async function rows(
  file: RandomBytes,
  found: Survey,
  decoders: Decoders,
  out: Output,
  options: ParseOptions,
): Promise<void> {
  const perUs = found.header === null ? null : ticksPerUs(found.header);
  const pass = new RowPass(new RowContext(found, out, perUs, options.switchedThreads ?? null), decoders, options);
  const walk = new Walk(file, found, pass.wantsStacks);
  out.quoteRow = (byte) => {
    const cursor = walk.eventAt(byte);
    return cursor === null ? '' : eventText(describeEvent(cursor, decoders));
  };
  const isMerged = options.inTime && (await walk.inTime(pass));
  if (options.inTime && !isMerged) {
    out.diagnostics.add(
      'not-in-time',
      'warning',
      'too many or too big buffers to merge the processors: rows are in the order of time on each of them only',
    );
  }
  if (!isMerged) await walk.byProcessor(pass);
  tellChange(found.events - pass.visited, out);
}

/** The second pass must see what the first one saw. */
function tellChange(missing: number, out: Output): void {
  if (missing <= 0) return;
  out.about.truncated = true;
  out.account.skipped += missing;
  out.diagnostics.add(
    'file-changed',
    'data-loss',
    'the file changed while it was read: events that were there at first are gone',
    {
      count: missing,
    },
  );
}

function noHeader(): TracekitError {
  return new TracekitError(
    'its first event is no header of a log: without it no time is known. Copy or record it again.',
    EXIT.unreadable,
  );
}
