/** Rows of pool events in raw logs, where new stacks fill their table in the middle of a row. */
import { describe, expect, it } from 'vitest';
import { etl } from '../parsers/etl.js';
import { callStack } from '../src/tables/call-stack.js';
import { poolEvent } from '../src/tables/pool-event.js';
import { etlSession } from './generate/etl/log.js';
import { EtlPacker, writeTicks } from './generate/pool/etl-packer.js';
import { parseWith } from './support/parse.js';

const EVENTS = 4000;
const FRAMES = 12;

/** Allocations, each with a stack that no other has. */
function log(): Buffer {
  const session = etlSession({ cpus: 2, bufferBytes: 65536, perfFreq: 10_000_000n });
  const packer = new EtlPacker(session, false);
  const start = Number(session.startTicks) + 1000;
  for (let i = 0; i < EVENTS; i++) {
    const ticks = start + 100 * i;
    const [bytes, at] = packer.perfInfo(i % 2, ticks, 0x0e, 32, 24);
    bytes.writeUInt32LE(512, at);
    bytes.write('Leak', at + 4, 'latin1');
    writeTicks(bytes, 16 * (i + 1), at + 8);
    bytes.writeBigUInt64LE(0xffffb18c40000000n + BigInt(i) * 4096n, at + 16);
    const [walk, from] = packer.perfInfo(i % 2, ticks + 1, 0x18, 32, 16 + 8 * FRAMES);
    writeTicks(walk, ticks, from);
    walk.writeUInt32LE(1000, from + 8);
    walk.writeUInt32LE(2000 + 4 * (i % 7), from + 12);
    for (let n = 0; n < FRAMES; n++)
      walk.writeBigUInt64LE(0xfffff80000000000n + BigInt(i * FRAMES + n), from + 16 + 8 * n);
  }
  return packer.finish();
}

describe('pool events with more frames than a batch holds', () => {
  it('are all there, each with its own stack', async () => {
    const parsed = await parseWith(etl, { bytes: log() }, { inTime: true }, [callStack, poolEvent]);
    const rows = parsed.rows(poolEvent);
    expect(rows).toHaveLength(EVENTS);
    expect(rows.map(({ bytes }) => bytes)).toEqual(Array.from({ length: EVENTS }, (_, i) => 16 * (i + 1)));
    expect(rows.every(({ tag, operation, pid }) => tag === 'Leak' && operation === 'alloc' && pid === 1000)).toBe(true);
    expect(rows.map(({ tid }) => tid)).toEqual(rows.map((_, i) => 2000 + 4 * (i % 7)));
    const frames = parsed.rows(callStack);
    expect(frames).toHaveLength(EVENTS * FRAMES);
    const first = new Map(frames.filter(({ frame }) => frame === 1).map(({ stack, address }) => [stack, address]));
    for (const [i, { stack }] of rows.entries()) {
      expect(first.get(stack)).toBe(0xfffff80000000000n + BigInt(i * FRAMES));
    }
  });
});
