import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeManifest } from '../parsers/etl/decode/decode-manifest.js';
import { type ManifestEvent, readManifests } from '../parsers/etl/decode/manifest.js';
import { TracekitError } from '../src/core/error.js';
import { Reader } from '../src/core/reader.js';

const KERNEL_PROCESS = '22fb2cd6-0e7b-422b-a0c7-2fad1fd0e716';

/** In the form of the manifests that PerfView writes from registered providers; texts and numbers are this test's. */
const PROCESS_MANIFEST = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE instrumentationManifest [<!ENTITY lol "lol">]>
<instrumentationManifest xmlns="http://schemas.microsoft.com/win/2004/08/events">
 <instrumentation xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:win="http://manifests.microsoft.com/win/2004/08/windows/events">
  <events>
   <provider name="Microsoft-Windows-Kernel-Process" guid="{22FB2CD6-0E7B-422B-A0C7-2FAD1FD0E716}" symbol="KernelProcess">
    <channels><channel name="Analytic" chid="A" type="Analytic"/></channels>
    <keywords>
     <keyword name="WINEVENT_KEYWORD_PROCESS" message="$(string.keyword_process)" mask="0x10"/>
    </keywords>
    <tasks>
     <task name="ProcessStart" message="$(string.task_ProcessStart)" value="1"/>
     <task name="JobStart" value="0x0D"><opcodes><opcode name="Terminate" value="11"/></opcodes></task>
    </tasks>
    <opcodes><opcode name="Terminate" value="99"/></opcodes>
    <maps>
     <valueMap name="Flavour"><map value="0" message="$(string.sour)"/><map value="0x1" message="$(string.sweet)"/></valueMap>
     <bitMap name="Flags"><map value="0x1" message="Protected"/><map value="0x4" message="Packaged"/></bitMap>
    </maps>
    <events>
     <event value="1" symbol="ProcessStart" version="0" task="ProcessStart" opcode="win:Start" level="win:Informational"
            keywords="WINEVENT_KEYWORD_PROCESS" template="ProcessStartArgs" message="$(string.start)"/>
     <event value="1" symbol="ProcessStart_V3" version="3" task="ProcessStart" opcode="win:Start" level="win:Informational"
            keywords="WINEVENT_KEYWORD_PROCESS  Other" channel="A" template="ProcessStartArgs_V3"/>
     <event value="1" version="3" task="ProcessStart" template="ProcessStartArgs"/>
     <event value="7" task="JobStart" opcode="Terminate" level="5"/>
    </events>
    <templates>
     <template tid="ProcessStartArgs">
      <data name="ProcessID" inType="win:UInt32"/>
      <data name="CreateTime" inType="win:FILETIME"/>
      <data name="ImageName" inType="win:UnicodeString"/>
     </template>
     <template tid="ProcessStartArgs_V3">
      <data name="ProcessID" inType="win:UInt32" outType="win:PID"/>
      <data name="Flags" inType="win:UInt32" map="Flags"/>
      <data name="Flavour" inType="win:UInt8" map="Flavour"/>
      <data name="Count" inType="win:UInt16"/>
      <struct name="Pieces" count="Count">
       <data name="Size" inType="win:UInt16"/>
       <data name="Bytes" inType="win:Binary" length="Size"/>
      </struct>
      <data name="Count" inType="win:UInt16"/>
     </template>
    </templates>
   </provider>
  </events>
 </instrumentation>
 <localization>
  <resources culture="de-DE"><stringTable>
   <string id="start" value="Prozess %1 gestartet"/>
  </stringTable></resources>
  <resources culture="en-US"><stringTable>
   <string id="start" value="Process %1 started at %2: %3"/>
   <string id="sour" value="Sour "/>
   <string id="sweet" value="Sweet"/>
  </stringTable></resources>
 </localization>
</instrumentationManifest>
`;

const file = (text: string | Buffer, path = 'x.man') => ({ path, bytes: Buffer.from(text as string) });
const index = readManifests([file(PROCESS_MANIFEST)]);

const failure = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(TracekitError);
    return (error as Error).message;
  }
  return 'no error';
};

describe('manifests', () => {
  it('finds an event by provider, id and version, and no other version in its place', () => {
    expect(index.providerName(KERNEL_PROCESS)).toBe('Microsoft-Windows-Kernel-Process');
    expect(index.providerName('00000000-0000-0000-0000-000000000000')).toBeNull();
    const event = index.find(KERNEL_PROCESS, 1, 0) as ManifestEvent;
    expect({ ...event, items: event.items?.length }).toEqual({
      provider: 'Microsoft-Windows-Kernel-Process',
      id: 1,
      version: 0,
      symbol: 'ProcessStart',
      level: { value: 4, name: 'Informational' },
      opcode: { value: 1, name: 'Start' },
      task: { value: 1, name: 'ProcessStart' },
      channel: null,
      keywords: ['WINEVENT_KEYWORD_PROCESS'],
      items: 3,
      message: 'Process %1 started at %2: %3',
    });
    expect(index.find(KERNEL_PROCESS, 1, 1)).toBeNull();
    expect(index.find(KERNEL_PROCESS, 1, 2)).toBeNull();
  });

  it('takes the first of two events with one id and version, and counts the others', () => {
    expect(index.duplicates).toBe(1);
    expect(index.find(KERNEL_PROCESS, 1, 3)?.symbol).toBe('ProcessStart_V3');
    expect(readManifests([file(PROCESS_MANIFEST), file(PROCESS_MANIFEST, 'y.man')]).duplicates).toBe(5);
  });

  it('reads maps, structs, lengths and counts by name, and tells items of one name apart', () => {
    const items = index.find(KERNEL_PROCESS, 1, 3)?.items ?? [];
    expect(items.map(({ name }) => name)).toEqual(['ProcessID', 'Flags', 'Flavour', 'Count', 'Pieces', 'Count_2']);
    expect(items[0]).toMatchObject({ inType: 'uint32', outType: 'pid', map: null, length: null, count: null });
    expect(items[1]).toMatchObject({
      map: {
        kind: 'bit',
        texts: new Map([
          [1, 'Protected'],
          [4, 'Packaged'],
        ]),
      },
    });
    expect(items[2]).toMatchObject({
      map: {
        kind: 'value',
        texts: new Map([
          [0, 'Sour'],
          [1, 'Sweet'],
        ]),
      },
    });
    expect(items[4]).toMatchObject({ kind: 'struct', count: 'Count', items: [{ name: 'Size' }, { length: 'Size' }] });
  });

  it('prefers the opcodes of a task, and knows levels by number', () => {
    const event = index.find(KERNEL_PROCESS, 7, 0);
    expect(event).toMatchObject({ opcode: { value: 11, name: 'Terminate' }, task: { value: 13, name: 'JobStart' } });
    expect(event).toMatchObject({ level: { value: 5, name: 'Verbose' }, items: [], message: null });
  });

  it('reads UTF-8 and UTF-16 of both byte orders, with and without byte order mark', () => {
    const little = Buffer.from(PROCESS_MANIFEST, 'utf16le');
    const mark = Buffer.from('\ufeff', 'utf16le');
    const big = Buffer.from(Buffer.concat([mark, little])).swap16();
    const utf8 = Buffer.from(`\ufeff${PROCESS_MANIFEST}`);
    for (const bytes of [little, Buffer.concat([mark, little]), big, utf8]) {
      expect(readManifests([{ path: 'x', bytes }]).find(KERNEL_PROCESS, 1, 0)).toEqual(
        index.find(KERNEL_PROCESS, 1, 0),
      );
    }
  });

  it('reads the list of wevtutil, whose events have no templates: their payload is unknown, not empty', () => {
    const list = `<provider name="A-B" guid="01234567-89ab-cdef-0123-456789abcdef">
      <opcodes><opcode name="win:Start" value="1" message="Start"/></opcodes>
      <tasks><task name="Work" value="3"/></tasks>
      <events><event value="5" version="2" opcode="1" level="4" task="3" message="Done with %1"/>
      <event value="1073741924" message="Classic"/></events></provider>`;
    expect(readManifests([file(list)]).find('01234567-89ab-cdef-0123-456789abcdef', 5, 2)).toMatchObject({
      opcode: { value: 1, name: 'Start' },
      task: { value: 3, name: 'Work' },
      level: { value: 4, name: 'Informational' },
      items: null,
      message: 'Done with %1',
    });
    expect(readManifests([file(list)]).providers.map(({ events }) => events.length)).toEqual([1]);
  });

  it('names file, place and remedy where a file is no manifest or is damaged', () => {
    const of = (text: string) => failure(() => readManifests([file(text, 'dir/a.man')]));
    expect(of('<html/>')).toMatch(/^dir\/a\.man: no instrumentation manifest: the root element is <html>.*Give the/);
    expect(of('')).toMatch(/^dir\/a\.man:1:1: /);
    expect(of('no XML')).toMatch(/^dir\/a\.man:1:\d+: not well-formed XML/);
    expect(of(PROCESS_MANIFEST.slice(0, 900))).toMatch(/^dir\/a\.man:\d+:\d+: not well-formed XML.*Give the manifest/);
    expect(of(PROCESS_MANIFEST.replace('win:UInt16"/>\n       <data', 'win:UInt16">\n       <data'))).toMatch(
      /^dir\/a\.man:42:16: /,
    );
    expect(of(PROCESS_MANIFEST.replace('tid="ProcessStartArgs"', 'tid="Other"'))).toMatch(
      /^dir\/a\.man:21:6: the template "ProcessStartArgs" is not in this file\./,
    );
    expect(of(PROCESS_MANIFEST.replace('event value="7"', 'event value="seven"'))).toMatch(
      /^dir\/a\.man:26:6: value="seven" is no number up to 4294967295\./,
    );
    expect(of(PROCESS_MANIFEST.replace('2FAD1FD0E716', '2FAD'))).toMatch(
      /^dir\/a\.man:6:4: <provider> has no valid guid/,
    );
    expect(of(PROCESS_MANIFEST.replace('valueMap name="Flavour"', 'valueMap name="F"'))).toMatch(/the map "Flavour"/);
    expect(of(PROCESS_MANIFEST.replace('Process %1', 'Process &lol;'))).toMatch(/undefined entity/);
    expect(of('<a>'.repeat(100))).toMatch(/nested more than 64 deep/);
  });

  it('reads a file with anything changed in it, or refuses it', () => {
    const bytes = Buffer.from(PROCESS_MANIFEST);
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.constantFrom(0, 9, 34, 38, 45, 47, 60, 62, 97, 255));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 4 }), fc.nat(bytes.length), (changes, length) => {
        const copy = Buffer.from(bytes.subarray(0, length));
        for (const [at, value] of changes) if (at < length) copy[at] = value;
        try {
          readManifests([{ path: 'x', bytes: copy }]);
        } catch (error) {
          expect(error).toBeInstanceOf(TracekitError);
        }
      }),
      { numRuns: 300 },
    );
  });
});

const PROVIDER = '01234567-89ab-cdef-0123-456789abcdef';

/** An event 1 of the provider `T`, with a template of these items. */
function eventOf(items: string, message = '', maps = ''): ManifestEvent {
  const text = `<instrumentationManifest><instrumentation><events><provider name="T" guid="{${PROVIDER}}" symbol="T">
    <maps>${maps}</maps><templates><template tid="t">${items}</template></templates>
    <events><event value="1" template="t" message="${message}"/></events></provider></events></instrumentation>
    </instrumentationManifest>`;
  return readManifests([file(text)]).find(PROVIDER, 1, 0) as ManifestEvent;
}

const decode = (event: ManifestEvent, hex: string, pointerBytes: 4 | 8 = 8) =>
  decodeManifest(event, new Reader(Buffer.from(hex.replace(/\s/g, ''), 'hex')), pointerBytes);

/** One value of an input type, an output type and further attributes. */
const one = (inType: string, hex: string, more = '', pointerBytes: 4 | 8 = 8) =>
  decode(eventOf(`<data name="V" inType="win:${inType}" ${more}/>`), hex, pointerBytes).fields.V;

describe('payloads of manifest events', () => {
  it('reads numbers, by their output type', () => {
    expect(one('Int8', 'fe')).toBe(-2);
    expect(one('Int8', '41', 'outType="xs:string"')).toBe('A');
    expect(one('UInt8', 'fe')).toBe(254);
    expect(one('UInt8', '01', 'outType="xs:boolean"')).toBe(true);
    expect(one('Int16', '0080')).toBe(-32768);
    expect(one('UInt16', '0050', 'outType="win:Port"')).toBe(80);
    expect(one('UInt16', 'e900', 'outType="xs:string"')).toBe('é');
    expect(one('UInt16', 'cdab', 'outType="win:HexInt16"')).toBe('0xabcd');
    expect(one('Int32', '05400080', 'outType="win:HResult"')).toBe('0x80004005');
    expect(one('UInt32', '220000c0', 'outType="win:NTSTATUS"')).toBe('0xc0000022');
    expect(one('UInt32', '05000000', 'outType="win:Win32Error"')).toBe(5);
    expect(one('UInt32', '7f000001', 'outType="win:IPv4"')).toBe('127.0.0.1');
    expect(one('UInt32', '10270000', 'outType="win:PID"')).toBe(10000);
    expect(one('Int64', 'feffffffffffffff')).toBe(-2);
    expect(one('UInt64', 'ffffffffffffffff')).toBe('18446744073709551615');
    expect(one('UInt64', '0000008000000000', 'outType="win:HexInt64"')).toBe('0x80000000');
    expect(one('HexInt32', '0df0feca')).toBe('0xcafef00d');
    expect(one('Pointer', '78563412f67f0000')).toBe('0x7ff612345678');
    expect(one('Pointer', '78563412', '', 4)).toBe('0x12345678');
    expect(one('Float', '0000c03f')).toBe(1.5);
    expect(one('Double', '000000000000f87f')).toBe('NaN');
    expect(one('Boolean', '00010000')).toBe(true);
  });

  it('reads times, identifiers and addresses', () => {
    expect(one('GUID', '44332211 6655 8877 99aabbccddeeff00')).toBe('11223344-5566-7788-99aa-bbccddeeff00');
    expect(one('FILETIME', '00803ed5deb19d01')).toBe('1970-01-01T00:00:00.0000000Z');
    expect(one('SYSTEMTIME', 'ea07 0800 0000 0900 0c00 2200 3800 1503')).toBe('2026-08-09T12:34:56.789Z');
    expect(one('SYSTEMTIME', 'ea07 0d00 0000 0900 0c00 2200 3800 1503')).toBeNull();
    expect(one('SID', '0101000000000005 12000000')).toBe('S-1-5-18');
    expect(one('Binary', '20010db8000000000000000000000001', 'outType="win:IPv6"')).toBe('2001:db8::1');
    expect(one('Binary', '00000000000000000000ffff7f000001', 'outType="win:IPv6"')).toBe('::ffff:127.0.0.1');
    expect(one('Binary', '02000050 7f000001 0000000000000000', 'length="16" outType="win:SocketAddress"')).toBe(
      '127.0.0.1:80',
    );
    expect(
      one(
        'Binary',
        '170001bb00000000 00000000000000000000000000000000 00000000',
        'length="28" outType="win:SocketAddress"',
      ),
    ).toBe('[::]:443');
    expect(one('Binary', '2100005000000000', 'length="8" outType="win:SocketAddress"')).toBe('2100005000000000');
  });

  it('reads strings with end mark, of fixed length, and counted', () => {
    expect(one('UnicodeString', '61006200 0000 6300')).toBe('ab');
    expect(one('UnicodeString', '6100 6200')).toBe('ab');
    expect(one('UnicodeString', '6100 0000 6300', 'length="3"')).toBe('a');
    expect(one('AnsiString', '6162 00 63')).toBe('ab');
    expect(one('AnsiString', '61620000', 'length="4"')).toBe('ab');
    expect(one('CountedUnicodeString', '0400 6100 6200 6300')).toBe('ab');
    expect(one('CountedAnsiString', '0100 6162')).toBe('a');
    expect(one('CountedBinary', '0200 6162 63')).toBe('6162');
    expect(one('AnsiString', '6100 6200 6300', 'count="2"')).toEqual(['a', 'b']);
  });

  it('shows maps by text with the number kept', () => {
    const value = '<valueMap name="M"><map value="0" message="No"/><map value="0x2" message="Two "/></valueMap>';
    const bit =
      '<bitMap name="M"><map value="1" message="A"/><map value="2" message="B"/><map value="8" message="D"/></bitMap>';
    const event = (maps: string) => eventOf('<data name="V" inType="win:UInt32" map="M"/>', 'is %1', maps);
    expect(decode(event(value), '02000000')).toMatchObject({ fields: { V: 'Two (2)' }, message: 'is Two' });
    expect(decode(event(value), '07000000')).toMatchObject({ fields: { V: 7 }, message: 'is 7' });
    expect(decode(event(bit), '03000000')).toMatchObject({ fields: { V: 'A | B (0x3)' }, message: 'is A | B' });
    expect(decode(event(bit), '090000f0')).toMatchObject({ fields: { V: 'A | D | 0xf0000000 (0xf0000009)' } });
    expect(decode(event(bit), '00000000')).toMatchObject({ fields: { V: 0 }, message: 'is 0' });
  });

  it("reads arrays of structs whose members say each other's length", () => {
    const event = index.find(KERNEL_PROCESS, 1, 3) as ManifestEvent;
    expect(decode(event, 'd2040000 05000000 01 0200 0100aa 0300bbccdd 0700')).toEqual({
      fields: {
        ProcessID: 1234,
        Flags: 'Protected | Packaged (0x5)',
        Flavour: 'Sweet (1)',
        Count: 2,
        Pieces: [
          { Size: 1, Bytes: 'aa' },
          { Size: 3, Bytes: 'bbccdd' },
        ],
        Count_2: 7,
      },
      message: null,
      short: false,
      stopped: null,
    });
  });

  it('puts values into the message', () => {
    const start = index.find(KERNEL_PROCESS, 1, 0) as ManifestEvent;
    expect(decode(start, 'd2040000 00803ed5deb19d01 61002e0065007800650000 00')).toEqual({
      fields: { ProcessID: 1234, CreateTime: '1970-01-01T00:00:00.0000000Z', ImageName: 'a.exe' },
      message: 'Process 1234 started at 1970-01-01T00:00:00.0000000Z: a.exe',
      short: false,
      stopped: null,
    });
    const items = '<data name="A" inType="win:UInt8"/><data name="B" inType="win:GUID"/>';
    const event = eventOf(items, '%%%1!d! %2!s!%n%tEnd%! %1! At %3 %b%.');
    expect(decode(event, '07 44332211 6655 8877 99aabbccddeeff00').message).toBe(
      '%7 {11223344-5566-7788-99aa-bbccddeeff00}\n\tEnd! 7! At %3  .',
    );
  });

  it('leaves null what a short payload does not hold', () => {
    const event = index.find(KERNEL_PROCESS, 1, 3) as ManifestEvent;
    expect(decode(event, 'd2040000 05')).toEqual({
      fields: { ProcessID: 1234, Flags: null, Flavour: null, Count: null, Pieces: null, Count_2: null },
      message: null,
      short: true,
      stopped: null,
    });
    expect(decode(event, 'd2040000 05000000 01 0200 0100aa 0300bb')).toMatchObject({
      fields: { Count: 2, Pieces: [{ Size: 1, Bytes: 'aa' }], Count_2: null },
      short: true,
    });
    expect(decode(event, 'd2040000 05000000 01 ffff 0100aa')).toMatchObject({
      fields: { Count: 65535, Pieces: [{ Size: 1, Bytes: 'aa' }] },
      short: true,
    });
    expect(one('SID', '0901000000000005 12000000')).toBeNull();
  });

  it('stops where the manifest does not say how an item lies', () => {
    const stopped = (items: string, hex: string) => decode(eventOf(items, '%1'), hex);
    const first = '<data name="A" inType="win:UInt8"/>';
    expect(stopped(`${first}<data name="B" inType="win:New"/><data name="C" inType="win:UInt8"/>`, '010203')).toEqual({
      fields: { A: 1, B: null, C: null },
      message: null,
      short: false,
      stopped: 'the type new of B is not known',
    });
    expect(stopped(`${first}<data name="B" inType="win:Binary"/>`, '0102').stopped).toBe(
      'the length of B is not given',
    );
    expect(stopped(`${first}<data name="B" inType="win:Binary" length="C"/>`, '0102').stopped).toBe(
      'B refers to C, which is no number before it',
    );
    const empty = '<struct name="S" count="65535"><data name="N" inType="win:Binary" length="0"/></struct>';
    expect(stopped(`${empty}${first}`, '0102').stopped).toMatch(/^the count of [NS] exceeds the payload$/);
  });

  it('keeps a field of the name __proto__ a field', () => {
    const { fields } = decode(eventOf('<data name="__proto__" inType="win:UInt8"/>'), '05');
    expect(JSON.stringify(fields)).toBe('{"__proto__":5}');
  });

  it('gives each item of a template for any payload', () => {
    const event = index.find(KERNEL_PROCESS, 1, 3) as ManifestEvent;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom<4 | 8>(4, 8), (bytes, pointerBytes) => {
        const payload = new Reader(Buffer.from(bytes));
        const { fields, stopped } = decodeManifest(event, payload, pointerBytes);
        expect(Object.keys(fields)).toEqual(['ProcessID', 'Flags', 'Flavour', 'Count', 'Pieces', 'Count_2']);
        expect(stopped).toBeNull();
        expect(payload.at).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });
});
