import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ManifestEvent, readManifests } from '../parsers/etl/manifest.js';
import { TracekitError } from '../src/core/error.js';

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
      <events><event value="5" version="2" opcode="1" level="4" task="3" message="Done with %1"/></events></provider>`;
    expect(readManifests([file(list)]).find('01234567-89ab-cdef-0123-456789abcdef', 5, 2)).toMatchObject({
      opcode: { value: 1, name: 'Start' },
      task: { value: 3, name: 'Work' },
      level: { value: 4, name: 'Informational' },
      items: null,
      message: 'Done with %1',
    });
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
      /^dir\/a\.man:26:6: value="seven" is no number up to 65535\./,
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
