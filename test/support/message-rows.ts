import { Diagnostics } from '../../src/core/diagnostic.js';
import { type ClockGiven, NO_CLOCK, NO_DECODING, Output, type Parser } from '../../src/core/parser.js';
import type { Row } from '../../src/core/schema.js';
import type { Block, SourceStream } from '../../src/core/source.js';
import { rowAt } from '../../src/core/table.js';
import { logMessage } from '../../src/tables/log-message.js';
import { addsUp } from './damage.js';
import type { Parsed } from './parse.js';
import { parseWith } from './parse.js';

export type Message = Row<typeof logMessage> & { readonly quote: string };

/** Reads a text with some knowledge of its clock. */
export const readText = (parser: Parser, text: string | Uint8Array, clock: Partial<ClockGiven> = {}): Promise<Parsed> =>
  parseWith(parser, { bytes: text }, { clock: { ...NO_CLOCK, ...clock } }, [logMessage]);

export const messagesOf = (parsed: Parsed): readonly Message[] => parsed.rows(logMessage);

/** Times of all messages, µs. */
export const timesOf = (parsed: Parsed): (number | null)[] => messagesOf(parsed).map((row) => row.atUs);

/** Some columns of each message. */
export const columnsOf = <K extends keyof Message>(parsed: Parsed, ...names: readonly K[]): Message[K][][] =>
  messagesOf(parsed).map((row) => names.map((name) => row[name]));

/**
 * Reads a text whose blocks end where `sizes` say (at the next line feed, that is), over and over; the bytes of each block
 * are overwritten before the next one comes, as those of a file are.
 */
export async function readInBlocks(parser: Parser, text: string, sizes: readonly number[]): Promise<unknown> {
  const bytes = Buffer.from(text);
  const stream = {
    encoding: 'utf-8',
    head: bytes.subarray(0, 65_536),
    headIsAll: bytes.length < 65_536,
    blocks: () => blocksOf(bytes, sizes),
  } as unknown as SourceStream;
  const rows: object[] = [];
  const diagnostics = new Diagnostics('s1');
  const out = new Output(0, diagnostics, (table) =>
    table === logMessage
      ? [
          (batch) => {
            for (let i = 0; i < batch.n; i++) rows.push({ ...rowAt(batch, i), quote: batch.quote(i) });
          },
        ]
      : [],
  );
  const options = {
    dpcTimestamp: 'end',
    census: true,
    inTime: false,
    kernelSamplesOnly: false,
    eventFilter: null,
    decoding: NO_DECODING,
    clock: NO_CLOCK,
  } as const;
  await parser.parse(stream, out, options);
  const { account, about, events } = out;
  if (!addsUp({ account })) throw new Error('the account does not add up');
  return { rows, account, about, events, diagnostics: diagnostics.list() };
}

async function* blocksOf(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Block> {
  for (let [start, n] = [0, 0]; start < bytes.length; n++) {
    const newline = bytes.indexOf(10, Math.min(bytes.length - 1, start + sizes[n % sizes.length]));
    const end = newline < 0 ? bytes.length : newline + 1;
    const block = Buffer.from(bytes.subarray(start, end));
    yield { bytes: block, start, overlong: null };
    block.fill(0x23);
    start = end;
  }
}
