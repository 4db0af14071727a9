/** TraceLogging events: by hand, byte by byte; the real ones against what Microsoft's reader says; and damaged. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeTraceLogging, type TraceLoggingEvent } from '../parsers/etl/decode/decode-tracelogging.js';
import { readExtendedItems } from '../parsers/etl/decode/extended-items.js';
import type { FieldValue } from '../parsers/etl/decode/fields.js';
import { readProviderTraits } from '../parsers/etl/decode/provider-traits.js';
import { readSchema } from '../parsers/etl/decode/tracelogging-schema.js';
import { Reader } from '../src/core/reader.js';
import { realLog, walkEvents } from './support/etl-walk.js';

const ascii = (text: string): number[] => [...Buffer.from(`${text}\0`, 'latin1')];
const utf16 = (text: string): number[] => [...Buffer.from(text, 'utf16le')];

/** A schema of an event `E` with `body` behind its name. */
function schemaOf(body: readonly number[], tags: readonly number[] = [0]): Buffer {
  const rest = [...tags, ...ascii('E'), ...body];
  return Buffer.from([(rest.length + 2) & 255, (rest.length + 2) >> 8, ...rest]);
}

function decode(body: readonly number[], payload: readonly number[], pointerBytes: 4 | 8 = 8): TraceLoggingEvent {
  return decodeTraceLogging(schemaOf(body), null, new Reader(Buffer.from(payload)), pointerBytes);
}

/** The value of one field of in type and, where given, out type. */
function value(types: readonly number[], payload: readonly number[], pointerBytes: 4 | 8 = 8): FieldValue {
  const [inType, ...more] = types;
  const flags = more.length > 0 ? inType | 0x80 : inType;
  return decode([...ascii('v'), flags, ...more], payload, pointerBytes).fields.v;
}

describe('TraceLogging values', () => {
  it.each<[string, number[], number[], FieldValue]>([
    ['null', [0], [], null],
    ['UTF-16 text', [1], [...utf16('Bär'), 0, 0], 'Bär'],
    ['8-bit text', [2], [0x42, 0xc3, 0xa4, 0x72, 0], 'Bär'],
    ['i8', [3], [0xfe], -2],
    ['u8', [4], [0xfe], 254],
    ['u8 as boolean', [4, 3], [1], true],
    ['u8 as character', [4, 2], [0x4d], 'M'],
    ['i16', [5], [0xcd, 0xff], -51],
    ['u16', [6], [0xcd, 0xff], 65485],
    ['u16 as port', [6, 7], [0x01, 0xbb], 443],
    ['i32', [7], [0x9a, 0xff, 0xff, 0xff], -102],
    ['i32 as HRESULT', [7, 15], [0x05, 0x40, 0x00, 0x80], '0x80004005'],
    ['u32', [8], [0xff, 0xff, 0xff, 0xff], 4294967295],
    ['u32 as hex', [8, 4], [0xef, 0xbe, 0xad, 0xde], '0xdeadbeef'],
    ['u32 as process id', [8, 5], [0x10, 0x27, 0, 0], 10000],
    ['u32 as Win32 error', [8, 13], [5, 0, 0, 0], 5],
    ['u32 as NTSTATUS', [8, 14], [0x34, 0, 0, 0xc0], '0xc0000034'],
    ['u32 as IPv4', [8, 8], [10, 128, 0, 55], '10.128.0.55'],
    ['i64', [9], [0x34, ...Array(7).fill(0xff)], -204],
    ['i64 beyond 2^53', [9], [0, 0, 0, 0, 0, 0, 0, 0x80], '-9223372036854775808'],
    ['u64 beyond 2^53', [10], Array(8).fill(0xff), '18446744073709551615'],
    ['float', [11], [0xcd, 0xcc, 0xcc, 0x3d], 0.1],
    ['double', [12], [0x9a, 0x99, 0x99, 0x99, 0x99, 0x99, 0xb9, 0x3f], 0.1],
    ['infinity', [11], [0, 0, 0x80, 0x7f], 'Infinity'],
    ['32-bit boolean', [13], [0, 0, 1, 0], true],
    ['binary', [14], [3, 0, 0xde, 0xad, 0xbe], 'deadbe'],
    ['binary as IPv6', [14, 9], [16, 0, 0xfe, 0x80, ...Array(13).fill(0), 1], 'fe80::1'],
    [
      'binary as socket address',
      [14, 10],
      [16, 0, 2, 0, 0x1f, 0x90, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0],
      '127.0.0.1:8080',
    ],
    [
      'binary as IPv6 socket address',
      [14, 10],
      [28, 0, 23, 0, 0x01, 0xbb, 0, 0, 0, 0, 0x20, 0x01, 0x0d, 0xb8, ...Array(11).fill(0), 0xff, 0, 0, 0, 0],
      '[2001:db8::ff]:443',
    ],
    [
      'GUID',
      [15],
      [0xc4, 0x14, 0xd6, 0x0a, 0xf4, 0x0e, 0x25, 0x42, 0x80, 0x13, 0xf4, 0x4f, 0x37, 0xcb, 0x03, 0x97],
      '0ad614c4-0ef4-4225-8013-f44f37cb0397',
    ],
    // 116444736000000000 is 1970-01-01.
    ['FILETIME', [17], [0x00, 0x80, 0x3e, 0xd5, 0xde, 0xb1, 0x9d, 0x01], '1970-01-01T00:00:00.0000000Z'],
    [
      'SYSTEMTIME of no zone',
      [18],
      [0xe5, 7, 9, 0, 4, 0, 9, 0, 14, 0, 59, 0, 35, 0, 0x1f, 3],
      '2021-09-09T14:59:35.799',
    ],
    [
      'SYSTEMTIME in UTC',
      [18, 38],
      [0xe5, 7, 9, 0, 4, 0, 9, 0, 14, 0, 59, 0, 35, 0, 0x1f, 3],
      '2021-09-09T14:59:35.799Z',
    ],
    ['SYSTEMTIME that is no date', [18], [0xe5, 7, 2, 0, 4, 0, 30, 0, 14, 0, 59, 0, 35, 0, 0, 0], null],
    ['SID', [19], [1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0], 'S-1-5-18'],
    ['hex u32', [20], [0x00, 0x10, 0, 0], '0x1000'],
    ['hex u64', [21], [0, 0, 0, 0, 1, 0, 0, 0], '0x100000000'],
    ['counted UTF-16', [22], [4, 0, ...utf16('ab')], 'ab'],
    ['counted 8-bit text', [23, 35], [2, 0, 0xc3, 0xa4], 'ä'],
    ['counted binary', [25], [1, 0, 7], '07'],
    ['array of variable length', [6 | 0x40], [2, 0, 1, 0, 2, 0], [1, 2]],
    ['array of no length', [6 | 0x40], [0, 0], []],
    ['characters', [6 | 0x40, 2], [2, 0, ...utf16('if')], 'if'],
  ])('%s', (_, types, payload, expected) => {
    expect(value(types, payload)).toEqual(expected);
  });

  it('takes the pointer size of the event for pointers', () => {
    expect(value([16], [0, 16, 0, 128], 4)).toBe('0x80001000');
    expect(value([16], [0, 16, 0, 128, 0, 0xf8, 0xff, 0xff], 8)).toBe('0xfffff80080001000');
  });

  it('reads arrays of constant length and values with type information', () => {
    const fields = [...ascii('a'), 4 | 0x20, 3, 0, ...ascii('c'), 4 | 0x60, 2, 0, 0xaa, 0xbb, ...ascii('after'), 4];
    expect(decode(fields, [1, 2, 3, 2, 0, 0xde, 0xad, 9]).fields).toEqual({ a: [1, 2, 3], c: 'dead', after: 9 });
  });

  it('reads structs in structs, and arrays of structs', () => {
    const fields = [
      ...ascii('outer'),
      24 | 0x80 | 0x40,
      2,
      ...ascii('x'),
      4,
      ...ascii('inner'),
      24 | 0x80,
      1,
      ...ascii('y'),
      6,
      ...ascii('after'),
      4,
    ];
    expect(decode(fields, [2, 0, 1, 2, 0, 3, 4, 0, 5]).fields).toEqual({
      outer: [
        { x: 1, inner: { y: 2 } },
        { x: 3, inner: { y: 4 } },
      ],
      after: 5,
    });
  });

  it('reads tags of event and field, seven bits a byte from the top', () => {
    expect(readSchema(schemaOf([], [0x81, 0x00])).tags).toBe(1 << 21);
    expect(readSchema(schemaOf([], [0xff, 0xff, 0xff, 0x7f])).tags).toBe(0xfffffff);
    expect(decode([...ascii('v'), 0x84, 0x83, 0x81, 0x00, ...ascii('w'), 4], [1, 7]).fields).toEqual({ v: true, w: 7 });
  });

  it('keeps fields of one name apart, and any name a field', () => {
    const fields = [...ascii('v'), 4, ...ascii('v'), 4, ...ascii('__proto__'), 4];
    const decoded = decode(fields, [1, 2, 3]).fields;
    expect(JSON.stringify(decoded)).toBe('{"v":1,"v (2)":2,"__proto__":3}');
    expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype);
  });

  it('leaves null what is cut off, and keeps what is left over', () => {
    const fields = [...ascii('a'), 8, ...ascii('b'), 4, ...ascii('c'), 4 | 0x40];
    expect(decode(fields, [1, 0, 0, 0]).fields).toEqual({ a: 1, b: null, c: null });
    expect(decode(fields, [1, 0]).fields).toEqual({ a: null, b: null, c: null });
    expect(decode(fields, [1, 0, 0, 0, 2, 1, 0, 3, 0xca, 0xfe]).fields).toEqual({ a: 1, b: 2, c: [3], Rest: 'cafe' });
    expect(decode([...ascii('a'), 31, ...ascii('b'), 4], [1, 2]).fields).toEqual({ a: null, b: null });
  });
});

describe('provider traits', () => {
  it('reads name and group', () => {
    const group = '13000133221100554477668899aabbccddeeff';
    const bytes = Buffer.from(`17005000${group}`, 'hex');
    expect(readProviderTraits(bytes)).toEqual({
      name: 'P',
      groupGuid: '00112233-4455-6677-8899-aabbccddeeff',
      decodeGuid: null,
    });
  });

  it('has none without a name', () => {
    expect(readProviderTraits(Buffer.alloc(0))).toBeNull();
    expect(readProviderTraits(Buffer.from([2, 0]))).toBeNull();
  });
});

function decodedEvents(log: Buffer): TraceLoggingEvent[] {
  const decoded: TraceLoggingEvent[] = [];
  for (const event of walkEvents(log)) {
    if (!event.extended) continue;
    const { schema, traits, next } = readExtendedItems(event.bytes, event.payload, event.end);
    if (schema === null) continue;
    const payload = new Reader(event.bytes, next, event.end);
    decoded.push(decodeTraceLogging(schema, traits, payload, event.pointerBytes));
  }
  return decoded;
}

describe('TraceLogging in real logs', () => {
  it('agrees with Microsoft TraceEvent on all primitive types', (context) => {
    const log = realLog('win10-19043-x64-tracelogging-primitive-types.etl.zip', '.etl');
    if (log === null) return context.skip('real traces are absent');
    const events = decodedEvents(log);
    expect(events.map(({ name, providerName }) => `${providerName}/${name}`)).toEqual(
      Array(5).fill('solar_system/PrimitiveTypesTest'),
    );
    const column = (name: string): unknown[] => events.map(({ fields }) => fields[name]);
    expect(column('string_type')).toEqual(['Mercury', 'Venus', 'Earth', 'Mars', 'Jupiter']);
    expect(column('boolean_type')).toEqual([false, true, false, false, true]);
    // TraceEvent shows the characters' codes: 77, 86, 69, 77, 74.
    expect(column('char_type')).toEqual(['M', 'V', 'E', 'M', 'J']);
    expect(column('int16_type')).toEqual([-51, -95, -65, -29, -69]);
    expect(column('int32_type')).toEqual([-102, -190, -130, -58, -138]);
    expect(column('uint16_type')).toEqual([51, 95, 65, 29, 69]);
    expect(column('uint32_type')).toEqual([102, 190, 130, 58, 138]);
    expect(column('uint64_type')).toEqual([204, 380, 260, 116, 276]);
    // Described as UINT64 in the event itself; TraceEvent takes all 64-bit integers for signed.
    expect(column('int64_type').map((n) => BigInt.asIntN(64, BigInt(n as string)))).toEqual([
      -204n,
      -380n,
      -260n,
      -116n,
      -276n,
    ]);
    expect(events[1].fields.guid_type).toMatch(/^e04ff801-9ea3-494f-a/);
    // TraceEvent: 14:59:35.79, 36.23, 36.67, 37.04, 37.48 of 2021-09-09.
    expect(column('file_time_type').map((time) => String(time).slice(0, 22))).toEqual([
      '2021-09-09T14:59:35.79',
      '2021-09-09T14:59:36.23',
      '2021-09-09T14:59:36.67',
      '2021-09-09T14:59:37.04',
      '2021-09-09T14:59:37.48',
    ]);
    // The same instants, in ms; TraceEvent takes the wrong byte for them.
    expect(column('system_time_type')).toEqual(column('file_time_type').map((time) => String(time).slice(0, 23)));
  });

  it.for([
    ['win10-18362-x64-3-events-lost-amsi.etl', undefined, 19],
    ['win10-19041-x64-8k-buffers-tracelogging.etl', undefined, 2],
    ['win11-22000-x64-compressed-tiny.etl', undefined, 1],
    ['win10-19041-x64-4cpu-diaghub-4files.zip', 'user_paged.1.etl', 256],
  ] as const)('%s: every payload ends where its description does', ([name, entry, count], context) => {
    const log = realLog(name, entry);
    if (log === null) return context.skip('real traces are absent');
    const events = decodedEvents(log);
    expect(events).toHaveLength(count);
    expect(events.filter(({ fields }) => 'Rest' in fields).length).toBe(0);
    expect(events.filter(({ fields }) => Object.values(fields).includes(null)).length).toBe(0);
    expect(events.filter(({ providerName }) => providerName === null).length).toBe(0);
  });

  it('reads the struct of the Windows 11 event', (context) => {
    const log = realLog('win11-22000-x64-compressed-tiny.etl');
    if (log === null) return context.skip('real traces are absent');
    expect(decodedEvents(log)).toEqual([
      { name: 'TestEvent', providerName: 'MySource', tags: 0, fields: { a: { b: 'Hello', c: 'World!' } } },
    ]);
  });
});

describe('hostile descriptions', () => {
  it('ends at values of no size', () => {
    const nulls = [...ascii('a'), 24 | 0x80 | 0x20, 1, 255, 255, ...ascii('b'), 24 | 0x80 | 0x20, 1, 255, 255];
    const begin = performance.now();
    decode([...nulls, ...ascii('c'), 0x20, 255, 255], []);
    expect(performance.now() - begin).toBeLessThan(2000);
  });

  it('ends at structs without end', () => {
    const nested = Array.from({ length: 10_000 }, () => [...ascii(''), 24 | 0x80, 127]).flat();
    const { fields, broken } = readSchema(schemaOf(nested));
    expect(broken).toBe(true);
    expect(fields).toEqual([]);
  });

  it('never throws', () => {
    const bytes = fc.uint8Array({ maxLength: 200 });
    fc.assert(
      fc.property(bytes, bytes, bytes, fc.constantFrom(4 as const, 8 as const), (schema, traits, payload, pointer) => {
        const sized = Buffer.concat([Buffer.from([schema.length + 2, 0]), schema]);
        const decoded = decodeTraceLogging(sized, Buffer.from(traits), new Reader(Buffer.from(payload)), pointer);
        JSON.stringify(decoded);
      }),
      { numRuns: 2000 },
    );
  });
});
