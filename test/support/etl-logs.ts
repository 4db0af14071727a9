/** Short synthetic logs for tests of the reader: events at whole µs of a clock of 10 MHz, parsed without their decoded fields. */
import { expect } from 'vitest';
import { etl } from '../../parsers/etl.js';
import type { ParseOptions } from '../../src/core/parser.js';
import type { RandomBytes } from '../../src/core/source.js';
import { cswitch } from '../../src/tables/cswitch.js';
import { dpcIsr } from '../../src/tables/dpc-isr.js';
import { image } from '../../src/tables/image.js';
import { poolEvent } from '../../src/tables/pool-event.js';
import { processTable } from '../../src/tables/process.js';
import { readyThread } from '../../src/tables/ready-thread.js';
import { sampledProfile } from '../../src/tables/sampled-profile.js';
import { threadTable } from '../../src/tables/thread.js';
import { type EtlEvent, type EtlLog, type EtlSession, type EventBody, etlSession } from '../generate/etl/log.js';
import { type WrittenEtl, writeEtlPlaced } from '../generate/etl/write-etl.js';
import { addsUp } from './damage.js';
import { type Parsed, parseWith } from './parse.js';

/** Counter at the start of each log. */
export const ORIGIN = 41_000_000_000n;
/** Counter at so many µs from the start. */
export const ticksAt = (us: number): bigint => ORIGIN + BigInt(Math.round(us * 10));

/** An event of CPU 0 at `us`. */
export const at = (us: number, body: EventBody, over: Partial<EtlEvent> = {}): EtlEvent => ({
  ...body,
  cpu: 0,
  ticks: ticksAt(us),
  ...over,
});

export interface LogOptions extends Omit<Partial<EtlLog>, 'session' | 'events'> {
  readonly session?: Partial<EtlSession>;
}

export const logOf = (events: readonly EtlEvent[], { session, ...rest }: LogOptions = {}): EtlLog => ({
  session: etlSession({ bufferBytes: 4096, ...session }),
  events,
  ...rest,
});

export const written = (events: readonly EtlEvent[], options: LogOptions = {}): WrittenEtl =>
  writeEtlPlaced(logOf(events, options));

/** Tables that hold one kind of event each: of `event`, which holds all, nothing would be seen to be ignored. */
const TABLES = [dpcIsr, sampledProfile, cswitch, readyThread, image, processTable, threadTable, poolEvent];

export const parseEtl = (bytes: Uint8Array, options: Partial<ParseOptions> = {}): Promise<Parsed> =>
  parseWith(etl, { bytes }, options, TABLES);

/** Writes a log and reads it; its account must add up. */
export async function readBack(
  events: readonly EtlEvent[],
  options: LogOptions = {},
  parsing: Partial<ParseOptions> = {},
): Promise<Parsed> {
  const parsed = await parseEtl(written(events, options).bytes, parsing);
  expect(addsUp(parsed)).toBe(true);
  return parsed;
}

/** Bytes as the random access that the reader wants; reads are as short as a file's may be at its end only. */
export const inMemory = (bytes: Buffer): RandomBytes => ({
  size: bytes.length,
  read: async (into: Buffer, from: number) => bytes.copy(into, 0, from, Math.min(bytes.length, from + into.length)),
  close: () => {},
});
