/** Events of the .NET runtime in a real file, against what Microsoft's own reader says of them. */

import { readFileSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodeManifest } from '../parsers/etl/decode/decode-manifest.js';
import type { FieldValue } from '../parsers/etl/decode/fields.js';
import { readManifests } from '../parsers/etl/decode/manifest.js';
import { Reader } from '../src/core/reader.js';
import { realFile } from './support/shared.js';

const RUNTIME = 'e13c0d23-ccbc-4e12-931b-d9cc2eee27e4';
const NAME = 'win10-19045-x64-8cpu-circular-manifest-events';
const TRACE = realFile(`etl/${NAME}.etl.zip`);
const BASELINE = realFile(`etl/${NAME}.TraceEvent-baseline.txt`);
if (TRACE === null || BASELINE === null) console.warn(`skipped: etl/${NAME} is not at hand`);

/** `Name:Type` and further attributes, one item after the other. */
const template = (tid: string, items: string): string =>
  `<template tid="${tid}">${items
    .trim()
    .split(/\s*,\s*/)
    .map(dataElement)
    .join('')}</template>`;

function dataElement(item: string): string {
  if (item.startsWith('<')) return item;
  const [name, type, map] = item.split(':');
  return `<data name="${name}" inType="win:${type}" ${map === undefined ? '' : `map="${map}"`}/>`;
}

const valueMap = (name: string, texts: readonly string[]): string =>
  `<valueMap name="${name}">${texts.map((text, i) => `<map value="${i}" message="${text}"/>`).join('')}</valueMap>`;

/** Events of ".NET runtime garbage collection events" and ".NET runtime information events" (learn.microsoft.com). */
const EVENTS: readonly (readonly [id: number, version: number, name: string, items: string])[] = [
  [
    1,
    2,
    'GC/Start',
    'Count:UInt32, Depth:UInt32, Reason:UInt32:Reason, Type:UInt32:Kind, ClrInstanceID:UInt16, ClientSequenceNumber:UInt64',
  ],
  [
    4,
    2,
    'GC/HeapStats',
    `GenerationSize0:UInt64, TotalPromotedSize0:UInt64, GenerationSize1:UInt64, TotalPromotedSize1:UInt64,
     GenerationSize2:UInt64, TotalPromotedSize2:UInt64, GenerationSize3:UInt64, TotalPromotedSize3:UInt64,
     FinalizationPromotedSize:UInt64, FinalizationPromotedCount:UInt64, PinnedObjectCount:UInt32, SinkBlockCount:UInt32,
     GCHandleCount:UInt32, ClrInstanceID:UInt16, GenerationSize4:UInt64, TotalPromotedSize4:UInt64`,
  ],
  [5, 1, 'GC/CreateSegment', 'Address:HexInt64, Size:HexInt64, Type:UInt32:Segment, ClrInstanceID:UInt16'],
  [
    10,
    4,
    'GC/AllocationTick',
    `AllocationAmount:UInt32, AllocationKind:UInt32:Allocation, ClrInstanceID:UInt16, AllocationAmount64:UInt64,
     TypeID:Pointer, TypeName:UnicodeString, HeapIndex:UInt32, Address:Pointer, ObjectSize:UInt64`,
  ],
  [29, 0, 'GC/FinalizeObject', 'TypeID:Pointer, ObjectID:Pointer, ClrInstanceID:UInt16'],
  [
    33,
    0,
    'GC/PinObjectAtGCTime',
    'HandleID:Pointer, ObjectID:Pointer, ObjectSize:UInt64, TypeName:UnicodeString, ClrInstanceID:UInt16',
  ],
  [
    187,
    0,
    'Runtime/Start',
    `ClrInstanceID:UInt16, Sku:UInt16:Sku, BclMajorVersion:UInt16, BclMinorVersion:UInt16, BclBuildNumber:UInt16,
     BclQfeNumber:UInt16, VMMajorVersion:UInt16, VMMinorVersion:UInt16, VMBuildNumber:UInt16, VMQfeNumber:UInt16,
     StartupFlags:UInt32, StartupMode:UInt8:Mode, CommandLine:UnicodeString, ComObjectGuid:GUID,
     RuntimeDllPath:UnicodeString`,
  ],
  [202, 0, 'GC/MarkWithType', 'HeapNum:UInt32, ClrInstanceID:UInt16, Type:UInt32, Promoted:UInt64'],
  [
    205,
    4,
    'GC/GlobalHeapHistory',
    `FinalYoungestDesired:UInt64, NumHeaps:Int32, CondemnedGeneration:UInt32, Gen0ReductionCount:UInt32,
     Reason:UInt32:Reason, Mechanisms:UInt32, ClrInstanceID:UInt16, PauseMode:UInt32:Pause, MemoryPressure:UInt32,
     CondemnReasons0:UInt32, CondemnReasons1:UInt32, Count:UInt32,
     <struct name="Values" count="Count"><data name="Time" inType="win:UInt32"/></struct>`,
  ],
];

const MANIFEST = `<instrumentationManifest><instrumentation><events>
  <provider name="Microsoft-Windows-DotNETRuntime" guid="{${RUNTIME}}" symbol="R">
  <maps>${valueMap('Segment', ['SmallObjectHeap', 'LargeObjectHeap', 'ReadOnlyHeap', 'PinnedObjectHeap'])}
  ${valueMap('Allocation', ['Small', 'Large', 'Pinned'])}${valueMap('Reason', ['AllocSmall', 'Induced'])}
  ${valueMap('Kind', ['NonConcurrentGC', 'BackgroundGC', 'ForegroundGC'])}${valueMap('Pause', ['Batch', 'Interactive'])}
  ${valueMap('Sku', ['None', 'DesktopClr', 'CoreClr'])}${valueMap('Mode', ['None'])}</maps>
  <templates>${EVENTS.map(([id, , , items]) => template(`t${id}`, items)).join('')}</templates>
  <events>${EVENTS.map(([id, version]) => `<event value="${id}" version="${version}" template="t${id}"/>`).join('')}</events>
  </provider></events></instrumentation></instrumentationManifest>`;

interface Recorded {
  readonly id: number;
  readonly version: number;
  /** Milliseconds since the log began, with three decimals. */
  readonly atMs: string;
  readonly payload: Buffer;
}

/** The one entry of a zip file. */
function unzipped(path: string): Buffer {
  const zip = readFileSync(path);
  const directory = zip.readUInt32LE(zip.lastIndexOf(Buffer.from('504b0506', 'hex')) + 16);
  const size = zip.readUInt32LE(directory + 20);
  const entry = zip.readUInt32LE(directory + 42);
  const from = entry + 30 + zip.readUInt16LE(entry + 26) + zip.readUInt16LE(entry + 28);
  return inflateRawSync(zip.subarray(from, from + size));
}

/** Manifest events of a log that is not compressed and has no extended items, as this one. */
function* recorded(log: Buffer): Generator<Recorded> {
  let start: bigint | null = null;
  for (let at = 0; at < log.length; at += log.readUInt32LE(at)) {
    const end = at + log.readUInt32LE(at + 0x30);
    for (let event = at + 72; event < end; ) {
      const isManifest = log[event + 2] === 19;
      const size = log.readUInt16LE(isManifest ? event : event + 4);
      const ticks = log.readBigInt64LE(event + 16);
      start ??= ticks;
      if (isManifest) {
        // Half a microsecond is rounded up, as the baseline does; `toFixed` of a binary fraction goes either way.
        const atMs = ((Number(ticks - start + 5n) - (Number(ticks - start + 5n) % 10)) / 1e4).toFixed(3);
        const payload = log.subarray(event + 80, event + size);
        yield { id: log.readUInt16LE(event + 40), version: log[event + 42], atMs, payload };
      }
      event += (size + 7) & ~7;
    }
  }
}

/** `EVENT 8,185.741: Microsoft-Windows-DotNETRuntime/GC/CreateSegment PID=1; TID=2; ... DataLen=22; Address=0x1b0; ` */
function baselineEvents(text: string): Map<string, Map<string, string>> {
  const events = new Map<string, Map<string, string>>();
  for (const [, at, name, rest] of text.matchAll(/^EVENT ([\d,.]+): Microsoft-Windows-DotNETRuntime\/(\S+) (.*)$/gm)) {
    const values = rest.split('; ').map((pair) => pair.split('=') as [string, string]);
    events.set(`${at.replaceAll(',', '')} ${name}`, new Map(values.filter(([key]) => key !== '')));
  }
  return events;
}

/** The baseline cuts long texts, groups digits, pads hex and leaves the numbers of maps out. */
function agrees(value: FieldValue, said: string): boolean {
  const text = String(value).replace(/ \(\d+\)$/, '');
  if (said.endsWith('...')) return text.startsWith(said.slice(0, -3));
  if (/^0x[0-9a-f]+$/.test(said)) return BigInt(text) === BigInt(said);
  return text === (/^[\d,]+$/.test(said) ? said.replaceAll(',', '') : said);
}

describe('events of the .NET runtime', () => {
  it.skipIf(TRACE === null || BASELINE === null)('have the values that TraceEvent decodes', () => {
    const index = readManifests([{ path: 'own.man', bytes: Buffer.from(MANIFEST) }]);
    const baseline = baselineEvents(readFileSync(BASELINE as string, 'utf8'));
    const compared = new Map<string, number>();
    let values = 0;
    for (const { id, version, atMs, payload } of recorded(unzipped(TRACE as string))) {
      const event = index.find(RUNTIME, id, version);
      if (event === null) continue;
      const reader = new Reader(payload);
      const { fields, short, stopped } = decodeManifest(event, reader, 8);
      expect({ id, short, stopped, left: reader.left }).toEqual({ id, short: false, stopped: null, left: 0 });
      const name = EVENTS.find(([known]) => known === id)?.[2] ?? '';
      const said = baseline.get(`${atMs} ${name}`);
      if (said === undefined) continue;
      compared.set(name, (compared.get(name) ?? 0) + 1);
      for (const [key, value] of Object.entries(fields)) {
        const expected = said.get(key);
        if (expected === undefined) continue;
        values++;
        expect({ name, atMs, key, value, expected, same: agrees(value, expected) }).toMatchObject({ same: true });
      }
    }
    // The baseline writes the first five of each kind.
    expect(Object.fromEntries([...compared].sort())).toEqual({
      'GC/AllocationTick': 5,
      'GC/CreateSegment': 5,
      'GC/FinalizeObject': 5,
      'GC/GlobalHeapHistory': 2,
      'GC/HeapStats': 2,
      'GC/MarkWithType': 5,
      'GC/PinObjectAtGCTime': 2,
      'GC/Start': 2,
      'Runtime/Start': 1,
    });
    expect(values).toBe(191);
  });
});
