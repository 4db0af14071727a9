/** Extended items of EVENT headers: built by hand byte by byte, counted in real logs, damaged. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readExtendedItems } from '../parsers/etl/decode/extended-items.js';
import { realLog, walkEvents } from './support/etl-walk.js';

/** `type`, data as hex, and whether another follows. */
const item = (type: number, data: string, more: boolean): string => {
  const size = data.length / 2;
  const u16 = (n: number): string => Buffer.from([n & 255, n >> 8]).toString('hex');
  const whole = Math.ceil((size + 8) / 8) * 8;
  return u16(whole) + u16(type) + (more ? '0100' : '0000') + u16(size) + data + '00'.repeat(whole - 8 - size);
};

const read = (hex: string, at = 0): ReturnType<typeof readExtendedItems> => {
  const bytes = Buffer.from(hex, 'hex');
  return readExtendedItems(bytes, at, bytes.length);
};

describe('extended items', () => {
  it('reads related activity, stack, traits and schema in a row and finds the payload behind them', () => {
    const hex =
      'ffff' +
      '180001000100100000112233445566778899aabbccddeeff' +
      '2000060001001800080000000000000000100040f8ffffff2143658700000000' +
      '18000c0001000b000b0050657266566965770000000000' + // 11 bytes of data, 5 of padding
      '00' +
      '10000b0000000400aabbccdd00000000' +
      'deadbeef';
    const items = read(hex, 2);
    expect(items.relatedActivityId).toBe('33221100-5544-7766-8899-aabbccddeeff');
    expect(items.stacks).toEqual([{ matchId: 8n, addresses: [0xfffffff840001000n, 0x87654321n] }]);
    expect(items.traits?.toString('latin1')).toBe('\x0b\0PerfView\0');
    expect(items.schema?.toString('hex')).toBe('aabbccdd');
    expect(items.next).toBe(2 + 24 + 32 + 24 + 16);
    expect(items.broken).toBe(false);
    expect(items.others).toEqual([]);
  });

  it('reads the items that no real log at hand has', () => {
    const items = read(
      item(2, '010200000000000520000000' + '20020000', true) +
        item(3, '02000000', true) +
        item(4, '0100000002000000' + '33221100554477668899aabbccddeeff', true) +
        item(5, '0700000000000000' + '00100080' + '01000000', true) +
        item(7, '0900000000000000', true) +
        item(8, '0100000000000000' + 'ffffffffffffffff', true) +
        item(10, '0a00000000000000', true) +
        item(13, '0d00000000000080', true) +
        item(14, '33221100554477668899aabbccddeeff', true) +
        item(16, Buffer.from('00112233-4455-6677-8899-aabbccddeeff').toString('hex'), true) +
        item(18, '0100000000000000' + '10e0ffffffffffff', false),
    );
    expect(items).toMatchObject({
      sid: 'S-1-5-32-544',
      tsId: 2,
      instance: { instanceId: 1, parentInstanceId: 2, parentGuid: '00112233-4455-6677-8899-aabbccddeeff' },
      stacks: [{ matchId: 7n, addresses: [0x80001000n, 1n] }],
      pebsIndex: 9n,
      pmcCounters: [1n, 0xffffffffffffffffn],
      eventKey: 10n,
      processStartKey: 0x800000000000000dn,
      controlGuid: '00112233-4455-6677-8899-aabbccddeeff',
      containerId: '00112233-4455-6677-8899-aabbccddeeff',
      stackKey: { matchId: 1n, stackKey: 0xffffffffffffe010n },
      broken: false,
    });
  });

  it('keeps what it does not know, and what does not fit its type', () => {
    const items = read(item(9, 'aabb', true) + item(1, 'cc', true) + item(777, '', false));
    expect(items.others.map(({ type, data }) => [type, data.toString('hex')])).toEqual([
      [9, 'aabb'],
      [1, 'cc'],
      [777, ''],
    ]);
    expect(items.relatedActivityId).toBeNull();
  });

  it.each([
    ['an item over the end', '2000060001001800'],
    ['more data than item', `${item(3, '02000000', true)}1000030000000900${'00'.repeat(8)}`],
    ['a size of 0', `0000030001000400${'00'.repeat(8)}`],
    ['a following item that is not there', item(3, '02000000', true)],
    ['nothing', ''],
  ])('calls %s broken and takes the end for the payload', (_, hex) => {
    const items = read(hex);
    expect(items.broken).toBe(true);
    expect(items.next).toBe(hex.length / 2);
  });

  it('never throws, stays within the event', () => {
    const good = Buffer.from(
      item(6, '00'.repeat(24), true) + item(12, '00'.repeat(11), true) + item(11, '', false),
      'hex',
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(64), fc.nat(80), (noise, at, cut) => {
        const bytes = Buffer.concat([good.subarray(0, cut), noise]);
        const items = readExtendedItems(bytes, at, bytes.length);
        expect(items.next).toBeLessThanOrEqual(Math.max(at, bytes.length));
      }),
    );
  });
});

/** Events with items of those types, in order. */
function itemKinds(log: Buffer): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const event of walkEvents(log)) {
    if (!event.extended) continue;
    const items = readExtendedItems(event.bytes, event.payload, event.end);
    const has = [
      items.relatedActivityId !== null && 'related',
      items.stacks.length > 0 && 'stack',
      items.traits !== null && 'traits',
      items.schema !== null && 'schema',
      items.others.length > 0 && 'other',
      items.broken && 'broken',
      items.next % 8 !== 0 && 'unaligned',
    ].filter((name) => name !== false);
    const kind = has.join(' ');
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

// Counted by another walk, which also found item size = data size + 8, rounded up to 8, in every item.
describe('extended items of real logs', () => {
  it.for([
    ['win10-18363-32bit-header-on-64bit-os-compressed.etl.zip', '.etl', { traits: 5795 }],
    ['win2012-x64-8cpu-perfview-compressed-stackkeys.etl.zip', '.etl', { stack: 652, 'related stack': 3 }],
    ['win10-19043-x64-tracelogging-primitive-types.etl.zip', '.etl', { 'traits schema': 5 }],
    [
      'win10-19041-x64-4cpu-diaghub-4files.zip',
      'user_paged.1.etl',
      { traits: 20, 'traits schema': 80, 'stack traits schema': 168, 'related stack traits schema': 8 },
    ],
  ] as const)('%s', ([name, entry, expected], context) => {
    const log = realLog(name, entry);
    if (log === null) return context.skip('real traces are absent');
    expect(itemKinds(log)).toEqual(expected);
  });
});
