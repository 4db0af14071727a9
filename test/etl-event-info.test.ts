/** Descriptions of events in the log itself: synthetic ones, and those of real logs against the events they describe. */

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeManifest } from '../parsers/etl/decode/decode-manifest.js';
import { EventInfos, METADATA_GUID, readEventInfo, readEventMap } from '../parsers/etl/decode/event-info.js';
import { readExtendedItems } from '../parsers/etl/decode/extended-items.js';
import type { Fields, FieldValue } from '../parsers/etl/decode/fields.js';
import { Reader } from '../src/core/reader.js';
import { realLog, type WalkedEvent, walkEvents } from './support/etl-walk.js';
import { realFile } from './support/shared.js';

const PROVIDER = '11223344-5566-7788-99aa-bbccddeeff00';
const PROVIDER_BYTES = Buffer.from('4433221166558877' + '99aabbccddeeff00', 'hex');
const CLASS = 'cafe0001-0000-0000-0000-000000000002';
const CLASS_BYTES = Buffer.from('0100feca00000000' + '0000000000000002', 'hex');

const STRUCT = 0x01;
const PARAM_LENGTH = 0x02;
const PARAM_COUNT = 0x04;
const FIXED_LENGTH = 0x10;
const FIXED_COUNT = 0x20;
const CUSTOM_SCHEMA = 0x80;

interface Property {
  readonly name: string;
  readonly flags?: number;
  /** Of a struct: the index of the first member, and their number. */
  readonly types?: readonly [number, number];
  readonly map?: string;
  readonly count?: number;
  readonly length?: number;
}

interface Info {
  readonly properties?: readonly Property[];
  readonly topLevel?: number;
  readonly source?: number;
  readonly eventGuid?: Buffer;
  /** By the offset of the field that points there. */
  readonly texts?: Readonly<Record<number, string>>;
}

/** A TRACE_EVENT_INFO of event 7 version 2, level 4, opcode 1, task 9, keyword 0x30, laid out as tdh.h has it. */
function traceEventInfo({ properties = [], topLevel, source = 0, eventGuid, texts = {} }: Info): Buffer {
  const head = Buffer.alloc(112 + 24 * properties.length);
  PROVIDER_BYTES.copy(head, 0);
  eventGuid?.copy(head, 16);
  head.writeUInt16LE(7, 32);
  head.set([2, 16, 4, 1], 34);
  head.writeUInt16LE(9, 38);
  head.writeUInt32LE(0x30, 40);
  head.writeUInt32LE(source, 48);
  head.writeUInt32LE(properties.length, 100);
  head.writeUInt32LE(topLevel ?? properties.length, 104);
  const parts: Buffer[] = [head];
  let end = head.length;
  const point = (at: number, text: string): void => {
    const bytes = Buffer.from(`${text}\0`, 'utf16le');
    head.writeUInt32LE(end, at);
    parts.push(bytes);
    end += bytes.length;
  };
  for (const [at, text] of Object.entries(texts)) point(Number(at), text);
  properties.forEach(({ name, flags = 0, types = [8, 0], map, count = 1, length = 0 }, i) => {
    const at = 112 + 24 * i;
    head.writeUInt32LE(flags, at);
    point(at + 4, name);
    head.writeUInt16LE(types[0], at + 8);
    head.writeUInt16LE(types[1], at + 10);
    if (map !== undefined) point(at + 12, map);
    head.writeUInt16LE(count, at + 16);
    head.writeUInt16LE(length, at + 18);
  });
  return Buffer.concat(parts);
}

/** GUID and EVENT_MAP_INFO, with the empty entry that Windows leaves behind the others. */
function eventMap(name: string, flags: number, entries: readonly (readonly [number, string])[]): Buffer {
  const head = Buffer.alloc(16 + 8 * (entries.length + 1));
  head.writeUInt32LE(flags, 4);
  head.writeUInt32LE(entries.length, 8);
  const texts = [name, ...entries.map(([, text]) => text)].map((text) => Buffer.from(`${text}\0`, 'utf16le'));
  let end = head.length;
  texts.forEach((text, i) => {
    head.writeUInt32LE(end, i === 0 ? 0 : 8 + 8 * i);
    if (i > 0) head.writeUInt32LE(entries[i - 1][0], 12 + 8 * i);
    end += text.length;
  });
  return Buffer.concat([PROVIDER_BYTES, head, ...texts]);
}

const read = (bytes: Buffer) => readEventInfo(new Reader(bytes));
const itemsOf = (properties: readonly Property[], topLevel?: number) =>
  read(traceEventInfo({ properties, topLevel }))?.event.items;

function gathered(...payloads: readonly (readonly [opcode: number, bytes: Buffer])[]): EventInfos {
  const infos = new EventInfos();
  for (const [opcode, bytes] of payloads) infos.take(opcode, new Reader(bytes));
  return infos;
}

describe('a description of an event', () => {
  const NAMES = {
    52: 'Contoso-Disk',
    56: 'win:Informational',
    60: 'Contoso/Operational',
    64: 'Reads\0Writes\0',
    68: 'Transfer ',
    72: 'win:Start',
    76: 'Read %1\r\nof %2 ',
    92: 'TransferStart',
  };

  it('has the names and numbers of the head', () => {
    const info = read(traceEventInfo({ texts: NAMES }));
    expect(info).toEqual({
      provider: PROVIDER,
      providerName: 'Contoso-Disk',
      key: { source: 'manifest', guid: PROVIDER, id: 7, version: 2, opcode: 1 },
      event: {
        provider: 'Contoso-Disk',
        id: 7,
        version: 2,
        symbol: 'TransferStart',
        level: { value: 4, name: 'Informational' },
        opcode: { value: 1, name: 'Start' },
        task: { value: 9, name: 'Transfer' },
        channel: 'Contoso/Operational',
        keywords: ['Reads', 'Writes'],
        items: [],
        message: 'Read %1\nof %2',
      },
    });
  });

  it('keeps numbers without names, and the GUID for the name of the provider', () => {
    expect(read(traceEventInfo({}))).toMatchObject({
      providerName: null,
      event: { provider: PROVIDER, task: { value: 9, name: null }, keywords: [], message: null, symbol: null },
    });
  });

  it('names types as manifests do', () => {
    const types = [
      [1, 1, 'unicodestring', 'string'],
      [10, 19, 'uint64', 'hexint64'],
      [13, 13, 'boolean', 'boolean'],
      [17, 2, 'filetime', 'datetime'],
      [6, 22, 'uint16', 'port'],
      [18, 38, 'systemtime', 'datetimeutc'],
      [25, 0, 'countedbinary', null],
      [300, 0, 'countedunicodestring', null],
      [306, 0, 'uint16', 'string'],
      [308, 99, 'pointer', null],
      [77, 300, 'type 77', null],
    ] as const;
    const items = itemsOf(types.map(([inType, outType], i) => ({ name: `f${i}`, types: [inType, outType] })));
    expect(items?.map((item) => item.kind === 'data' && [item.inType, item.outType])).toEqual(
      types.map(([, , inType, outType]) => [inType, outType]),
    );
  });

  it('tells fixed lengths and counts from those in other properties', () => {
    const items = itemsOf([
      { name: 'Size', types: [6, 0], length: 2 },
      { name: 'Text', types: [1, 0], length: 12 },
      { name: 'Empty', types: [1, 0], flags: FIXED_LENGTH, length: 0 },
      { name: 'Data', types: [14, 0], flags: PARAM_LENGTH, length: 0 },
      { name: 'Words', types: [6, 0], flags: PARAM_COUNT, count: 0, length: 2 },
      { name: 'Pair', types: [16, 0], count: 2, length: 4 },
      { name: 'Alone', types: [8, 0], flags: FIXED_COUNT, count: 1, length: 4 },
    ]);
    expect(items?.map((item) => item.kind === 'data' && [item.name, item.length, item.count])).toEqual([
      ['Size', null, null],
      ['Text', 12, null],
      ['Empty', 0, null],
      ['Data', 'Size', null],
      ['Words', null, 'Size'],
      ['Pair', null, 2],
      ['Alone', null, 1],
    ]);
  });

  it('puts members into their structs, and decodes by them', () => {
    const info = traceEventInfo({
      topLevel: 2,
      properties: [
        { name: 'Count', types: [4, 0] },
        { name: 'Values', flags: STRUCT | PARAM_COUNT, types: [2, 3], count: 0 },
        { name: 'N', types: [4, 0] },
        { name: 'Ids', flags: PARAM_COUNT, types: [6, 17], count: 2 },
        { name: 'N', types: [4, 0] },
      ],
    });
    const event = gathered([32, info]).find(PROVIDER, 7, 2);
    const payload = new Reader(Buffer.from('02' + '01' + '3412' + '09' + '00' + '08', 'hex'));
    expect(event && decodeManifest(event, payload, 8)).toMatchObject({
      fields: {
        Count: 2,
        Values: [
          { N: 1, Ids: ['0x1234'], N_2: 9 },
          { N: 0, Ids: [], N_2: 8 },
        ],
      },
      short: false,
      stopped: null,
    });
    expect(payload.left).toBe(0);
  });

  it.each([
    ['a struct that holds itself', [{ name: 'S', flags: STRUCT, types: [0, 1] }], 1],
    ['a property in two structs', [struct('A', 2, 1), struct('B', 2, 1), { name: 'x' }], 2],
    ['a member that is no member', [struct('A', 1, 1), { name: 'x' }], 2],
    ['members beyond the last', [struct('A', 1, 2), { name: 'x' }], 1],
    ['structs within structs without end', Array.from({ length: 12 }, (_, i) => struct(`s${i}`, i + 1, 1)), 1],
    ['more outer properties than there are', [{ name: 'x' }], 2],
    ['flags that nobody knows', [{ name: 'x', flags: 0x100 }], 1],
    ['a count in a later property', [{ name: 'x', flags: PARAM_COUNT, count: 1 }, { name: 'n' }], 2],
    ['a count in itself', [{ name: 'x', flags: PARAM_COUNT, count: 0 }], 1],
    [
      'a count in a property that a nearer one of its name hides',
      [{ name: 'n' }, struct('s', 2, 2), { name: 'n' }, { name: 'x', flags: PARAM_COUNT, count: 0 }],
      2,
    ],
    ['a count in a struct before', [struct('s', 2, 1), { name: 'x', flags: PARAM_COUNT, count: 2 }, { name: 'n' }], 2],
  ] satisfies [string, Property[], number][])('has no items for %s', (_, properties, topLevel) => {
    expect(itemsOf(properties, topLevel)).toBeNull();
  });

  function struct(name: string, from: number, members: number): Property {
    return { name, flags: STRUCT, types: [from, members] };
  }

  it('has no items where they lie beyond its end, and is none without its head', () => {
    const bytes = traceEventInfo({ properties: [{ name: 'x' }] });
    bytes.writeUInt32LE(0x7fffffff, 100);
    expect(read(bytes)).toMatchObject({ provider: PROVIDER, event: { items: null } });
    expect(read(bytes.subarray(0, 111))).toBeNull();
    bytes.writeUInt32LE(4, 48);
    expect(read(bytes)).toBeNull();
  });

  it('numbers names that come again, whatever others are called', () => {
    const items = itemsOf(['a', 'a_2', 'a', 'a', '', 'a_2'].map((name) => ({ name })));
    expect(items?.map(({ name }) => name)).toEqual(['a', 'a_2', 'a_3', 'a_4', 'field5', 'a_2_2']);
  });

  it('does not read one long text for each property', () => {
    const properties = Array.from({ length: 1000 }, (_, i) => ({ name: i === 0 ? 'x'.repeat(15_000) : 'y' }));
    const bytes = traceEventInfo({ properties });
    for (let i = 1; i < 1000; i++) bytes.writeUInt32LE(bytes.readUInt32LE(116), 116 + 24 * i);
    expect(read(bytes)?.event.items).toBeNull();
  });
});

describe('maps', () => {
  const property = { name: 'Kind', types: [8, 8], map: 'Kinds' } as const;

  it('are put in, though they follow the event', () => {
    const infos = gathered([32, traceEventInfo({ properties: [property] })]);
    const mapOfKind = (): unknown => {
      const item = infos.find(PROVIDER, 7, 2)?.items?.[0];
      return item?.kind === 'data' ? item.map : undefined;
    };
    expect(mapOfKind()).toBeNull();
    const map = eventMap('Kinds', 2, [
      [1, 'Small '],
      [0x80000000, 'Large '],
    ]);
    infos.take(33, new Reader(map));
    expect(mapOfKind()).toEqual({
      kind: 'bit',
      texts: new Map([
        [1, 'Small'],
        [0x80000000, 'Large'],
      ]),
    });
  });

  it('are none where the place is that of a schema', () => {
    const map: readonly [number, Buffer] = [33, eventMap('Kinds', 1, [[1, 'Small ']])];
    const find = (flags: number) =>
      gathered(map, [32, traceEventInfo({ properties: [{ ...property, flags }] })]).find(PROVIDER, 7, 2)?.items?.[0];
    expect(find(0)).toMatchObject({ map: { kind: 'value' } });
    expect(find(CUSTOM_SCHEMA)).toMatchObject({ map: null });
  });

  it('are read only whole, and only those of manifests', () => {
    const bytes = eventMap('Kinds', 1, [[3, 'Three ']]);
    expect(readEventMap(new Reader(bytes))).toEqual({
      provider: PROVIDER,
      name: 'Kinds',
      map: { kind: 'value', texts: new Map([[3, 'Three']]) },
    });
    expect(readEventMap(new Reader(eventMap('Kinds', 4, [[3, 'Three ']])))).toBeNull();
    expect(readEventMap(new Reader(bytes.subarray(0, 31)))).toBeNull();
    bytes.writeUInt32LE(0xffffffff, 24);
    expect(readEventMap(new Reader(bytes))).toBeNull();
  });
});

describe('descriptions together', () => {
  it('are found by GUID, id and version; classes by opcode', () => {
    const infos = gathered(
      [32, traceEventInfo({ texts: { 52: 'Contoso' } })],
      [
        32,
        traceEventInfo({ source: 1, eventGuid: CLASS_BYTES, texts: { 52: 'Classes', 68: 'Disk', 92: 'ActivityId' } }),
      ],
    );
    expect(infos.count).toBe(2);
    expect(infos.find(PROVIDER, 7, 2)).toMatchObject({ id: 7, provider: 'Contoso' });
    expect(infos.find(PROVIDER, 7, 1)).toBeNull();
    expect(infos.find(CLASS, 7, 2)).toBeNull();
    expect(infos.findClassic(CLASS, 1, 2)).toMatchObject({ task: { name: 'Disk' }, symbol: null });
    expect(infos.findClassic(CLASS, 7, 2)).toBeNull();
    expect(infos.findClassic(PROVIDER, 1, 2)).toBeNull();
    expect(infos.providerName(PROVIDER)).toBe('Contoso');
    expect(infos.providerName(CLASS)).toBeNull();
  });

  it('do not take TraceLogging events, which share an id', () => {
    expect(gathered([32, traceEventInfo({ source: 3 })]).find(PROVIDER, 7, 2)).toBeNull();
    expect(read(traceEventInfo({ source: 3 }))?.key.source).toBe('tracelogging');
  });

  it('keep the first of two, and their own copy of it', () => {
    const first = traceEventInfo({ texts: { 68: 'First' } });
    const infos = gathered([32, first], [32, traceEventInfo({ texts: { 68: 'Second' } })]);
    first.fill(0);
    expect(infos.find(PROVIDER, 7, 2)?.task.name).toBe('First');
  });

  it('are not taken without limit', () => {
    const infos = new EventInfos();
    const bytes = Buffer.concat([traceEventInfo({}), Buffer.alloc(60_000)]);
    for (let id = 0; id < 1000; id++) {
      bytes.writeUInt16LE(id, 32);
      infos.take(32, new Reader(bytes));
    }
    // 32 MiB / 60,112 bytes.
    expect({ count: infos.count, isCut: infos.isCut }).toEqual({ count: 558, isCut: true });
  });

  it('never throw, whatever the bytes', () => {
    const info = traceEventInfo({
      topLevel: 3,
      texts: { 52: 'P', 64: 'K\0L\0', 76: 'm %1' },
      properties: [
        { name: 'n' },
        { name: 't', types: [1, 1], flags: PARAM_LENGTH },
        { name: 's', flags: STRUCT | PARAM_COUNT, types: [3, 2], count: 0 },
        { name: 'a', map: 'M' },
        { name: 'b', types: [14, 0], length: 3 },
      ],
    });
    const map = eventMap('M', 1, [
      [0, 'zero '],
      [1, 'one '],
    ]);
    const change = fc.tuple(fc.nat(info.length - 1), fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 2, 3, 255)));
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 8 }),
        fc.nat(info.length),
        fc.uint8Array({ maxLength: 80 }),
        (changes, cut, data) => {
          const [a, b] = [Buffer.from(info), Buffer.from(map)];
          for (const [at, value] of changes) {
            a[at] = value;
            b[at % b.length] = value;
          }
          const infos = gathered(
            [33, b],
            [32, a.subarray(0, info.length - (cut % 3 === 0 ? cut : 0))],
            [33, a],
            [32, b],
          );
          const found = read(a);
          const event = found === null ? null : infos.find(found.key.guid, found.key.id, found.key.version);
          if (event !== null) decodeManifest(event, new Reader(Buffer.from(data)), 8);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

const WIN7 = realLog('win7sp1-x64-8cpu-xperf-dpc-isr-cswitch-stacks.etl.zip', '.etl');
const MSBUILD = realLog('win10-18363-32bit-header-on-64bit-os-compressed.etl.zip', '.etl');
const DIAGHUB = 'win10-19041-x64-4cpu-diaghub-4files.zip';
const DIAGHUB_INFOS = realLog(DIAGHUB, 'diaghub.etl');
const DIAGHUB_EVENTS = realLog(DIAGHUB, 'diaghub.user_paged.1.etl');
const WIN2012_NAME = 'win2012-x64-8cpu-perfview-compressed-stackkeys';
const WIN2012 = realLog(`${WIN2012_NAME}.etl.zip`, '.etl');
const BASELINE = realFile(`etl/${WIN2012_NAME}.TraceEvent-baseline.txt`);
if (WIN2012 === null) console.warn('skipped: the real logs are not at hand');

function infosOf(log: Buffer): EventInfos {
  const infos = new EventInfos();
  for (const { guid, opcode, bytes, payload, end } of walkEvents(log)) {
    if (guid === METADATA_GUID) infos.take(opcode, new Reader(bytes, payload, end));
  }
  return infos;
}

interface Decoded {
  readonly event: WalkedEvent;
  readonly from: number;
  readonly task: string | null;
  readonly provider: string;
  readonly fields: Fields;
  /** `left` are bytes behind the last item; -1 where the payload ended before. */
  readonly left: number;
}

function* decodedEvents(log: Buffer, infos: EventInfos): Generator<Decoded> {
  for (const event of walkEvents(log)) {
    const { bytes, payload, end, guid, id, version, extended, pointerBytes } = event;
    const known = id === null || guid === null ? null : infos.find(guid, id, version);
    if (known === null) continue;
    const from = extended ? readExtendedItems(bytes, payload, end).next : payload;
    const reader = new Reader(bytes, from, end);
    const { fields, short, stopped } = decodeManifest(known, reader, pointerBytes);
    const left = known.items === null || short || stopped !== null ? -1 : reader.left;
    yield { event, from, task: known.task.name, provider: known.provider, fields, left };
  }
}

/** Events that are used to the last byte, and the others by their task. */
function used(log: Buffer, infos = infosOf(log)): Readonly<Record<string, number>> {
  const counts: Record<string, number> = { whole: 0 };
  for (const { task, left } of decodedEvents(log, infos)) {
    const key = left === 0 ? 'whole' : `${task}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return { described: infos.count, ...counts };
}

describe('descriptions in real logs', () => {
  it.skipIf(WIN7 === null)('fit the events of Windows 7', () => {
    expect(used(WIN7 as Buffer)).toEqual({ described: 24, whole: 713 });
    const flags = [...decodedEvents(WIN7 as Buffer, infosOf(WIN7 as Buffer))].flatMap(
      ({ fields }) => fields.Flags ?? [],
    );
    expect(flags).toContain('Thread is being destroyed (0x40)');
  });

  it.skipIf(MSBUILD === null)('fit the events of a log with 32-bit headers', () => {
    expect(used(MSBUILD as Buffer)).toMatchObject({ described: 54 });
    expect(Object.keys(used(MSBUILD as Buffer))).toEqual(['described', 'whole']);
  });

  it.skipIf(DIAGHUB_INFOS === null)('fit the events of a log beside theirs', () => {
    const counts = used(DIAGHUB_EVENTS as Buffer, infosOf(DIAGHUB_INFOS as Buffer));
    expect(counts.described).toBe(17);
    expect(Object.keys(counts)).toEqual(['described', 'whole']);
  });

  // The .NET runtime's own manifest gives its stacks two frames, and logs as many as there are.
  it.skipIf(WIN2012 === null)('fit the events of Windows 2012 but for stacks of the .NET runtime', () => {
    const counts = used(WIN2012 as Buffer);
    expect(counts).toMatchObject({ described: 61, CLRStack: 14_983 });
    expect(Object.keys(counts)).toEqual(['described', 'whole', 'CLRStack']);
  });

  it.skipIf(WIN2012 === null || BASELINE === null)('give the values that TraceEvent decodes', () => {
    const baseline = baselineEvents(readFileSync(BASELINE as string, 'utf8'));
    const log = WIN2012 as Buffer;
    const origin = firstTicks(log);
    const kinds = new Set<string>();
    let values = 0;
    for (const { event, from, provider, fields } of decodedEvents(log, infosOf(log))) {
      const said = baseline.get(placeOf(event, from, origin, provider));
      if (said === undefined) continue;
      kinds.add(said.name);
      for (const [key, value] of Object.entries(fields)) {
        const expected = said.values.get(key);
        if (expected === undefined || SAID_OTHERWISE.has(key)) continue;
        values++;
        expect({ said, key, value, same: agrees(value, expected) }).toMatchObject({ same: true });
      }
    }
    // Both counted in the text of the baseline too, without the values that TraceEvent adds of its own.
    expect({ kinds: kinds.size, values }).toEqual({ kinds: 56, values: 805 });
  });
});

/** TraceEvent masks bits off, knows drive letters, names flags of its own, shows local time and signed codes. */
const SAID_OTHERWISE: ReadonlySet<string> = new Set(
  'CreateOptions ShareAccess FileName CreateTime ExitTime ModuleFlags Flags AppDomainFlags AssemblyFlags ExceptionHRESULT'.split(
    ' ',
  ),
);

function firstTicks(log: Buffer): bigint {
  for (const { bytes, payload } of walkEvents(log)) return bytes.readBigInt64LE(payload - 32 + 16);
  return 0n;
}

/** Time in milliseconds with three decimals, thread, length of the payload and provider. */
function placeOf({ bytes, payload, end }: WalkedEvent, from: number, origin: bigint, provider: string): string {
  // Half a microsecond is rounded up, as the baseline does.
  const ticks = bytes.readBigInt64LE(payload - 64) - origin + 5n;
  const atMs = (Number(ticks - (ticks % 10n)) / 1e4).toFixed(3);
  return `${atMs} ${bytes.readUInt32LE(payload - 72)} ${end - from} ${provider}`;
}

interface Said {
  readonly name: string;
  readonly values: ReadonlyMap<string, string>;
}

/** `EVENT 174.754: Microsoft-Windows-DNS-Client/DnsServerForInterface PID=1; TID=2; ... DataLen=59; Index=1; ` */
function baselineEvents(text: string): Map<string, Said | undefined> {
  const events = new Map<string, Said | undefined>();
  for (const [, at, name, rest] of text.matchAll(/^EVENT ([\d,.]+): (Microsoft-Windows-\S+) (.*)$/gm)) {
    const values = new Map(rest.split('; ').map((pair) => pair.split(/=(.*)/s, 2) as [string, string]));
    const bytes = values.get('DataLen')?.replaceAll(',', '');
    const key = `${at.replaceAll(',', '')} ${values.get('TID')} ${bytes} ${name.slice(0, name.indexOf('/'))}`;
    // Two that nothing tells apart are not compared.
    events.set(key, events.has(key) ? undefined : { name, values });
  }
  return events;
}

const NUMBER = /^(0x[0-9a-f]+|[\d,]+)$/;

/** The baseline cuts long texts, groups digits, pads hex and leaves the numbers of maps out. */
function agrees(value: FieldValue, said: string): boolean {
  const text = String(value).replace(/ \((0x)?[\da-f]+\)$/, '');
  if (said.endsWith('...')) return text.startsWith(said.slice(0, -3));
  if (NUMBER.test(said) && NUMBER.test(text)) return BigInt(text) === BigInt(said.replaceAll(',', ''));
  return text === said;
}
