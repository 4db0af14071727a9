/** A short log with an event of every kind on several processors, and the manifest and message file that describe some of them. */

import { guid, joined, u16, u32, utf16z } from '../generate/etl/bytes.js';
import type { EtlEvent, EtlLog } from '../generate/etl/log.js';
import { dpc } from '../generate/etl/payloads/dpc-isr.js';
import { classicEvent, manifestEvent, wppMessage } from '../generate/etl/payloads/other.js';
import { imageEvent, processEvent } from '../generate/etl/payloads/rundown.js';
import { sampledProfile } from '../generate/etl/payloads/schedule.js';
import { stack } from '../generate/etl/payloads/stack.js';
import { traceLogging } from '../generate/etl/payloads/tracelogging.js';
import { at, type LogOptions, logOf, ticksAt } from './etl-logs.js';

export const GUID = {
  manifest: '11111111-aaaa-4bbb-8ccc-000000000001',
  traceLogging: '22222222-aaaa-4bbb-8ccc-000000000002',
  wpp: '33333333-aaaa-4bbb-8ccc-000000000003',
  classic: '44444444-aaaa-4bbb-8ccc-000000000004',
  activity: '55555555-aaaa-4bbb-8ccc-000000000005',
  related: '66666666-aaaa-4bbb-8ccc-000000000006',
} as const;

/** The image driver.sys. */
export const BASE = 0xfffff80000010000n;

export const MANIFEST = `<?xml version="1.0" encoding="UTF-8"?>
<instrumentationManifest xmlns="http://schemas.microsoft.com/win/2004/08/events">
 <instrumentation><events>
  <provider name="Contoso-Lamp" guid="{${GUID.manifest.toUpperCase()}}" symbol="Lamp">
   <tasks><task name="Switch" value="3"/></tasks>
   <events>
    <event value="7" version="1" task="Switch" opcode="win:Start" template="T" message="$(string.m)"/>
   </events>
   <templates><template tid="T">
    <data name="Count" inType="win:UInt32"/>
    <data name="Name" inType="win:UnicodeString"/>
   </template></templates>
  </provider>
 </events></instrumentation>
 <localization><resources culture="en-US"><stringTable>
  <string id="m" value="Lamp %2 switched %1 times"/>
 </stringTable></resources></localization>
</instrumentationManifest>
`;

export const TMF = `// PDB:  lamp.pdb
${GUID.wpp} Lamp // SRC=Lamp.c MJ= MN=
#typev Lamp_c40 10 "%0%!FUNC! watts %10!d!" //   LEVEL=TRACE_LEVEL_ERROR FLAGS=IO FUNC=LampOn
{
watts, ItemLong -- 10
}
`;

const ME = { pid: 1234, tid: 11 } as const;

const BEAT = traceLogging({
  guid: GUID.traceLogging,
  provider: 'Contoso-Trace',
  name: 'Beat',
  activityId: GUID.activity,
  fields: [
    { name: 'n', type: 'uint32', data: u32(5) },
    { name: 'text', type: 'unicodeString', data: utf16z('=1+1') },
  ],
});

/** EVENT_HEADER_EXT_TYPE_RELATED_ACTIVITYID. */
const RELATED = { type: 1, data: guid(GUID.related) } as const;

/** Every event at its µs, in no order. What is not said here is 0 in the log. */
export function lampEvents(): EtlEvent[] {
  return [
    // Of equal times the lower processor comes first, whatever stands first here.
    at(700, classicEvent({ guid: GUID.classic, opcode: 3, version: 1, level: 4 }, Buffer.from('0102ff', 'hex')), {
      ...ME,
      cpu: 2,
    }),
    at(0, processEvent('rundownStart', { key: 0x1000n, pid: 1234, parentPid: 4, imageFileName: 'lamp.exe' }), {
      pid: 4,
      tid: 8,
    }),
    at(0, imageEvent('rundownStart', { base: BASE, size: 0x10000n, pid: 0, fileName: '\\Device\\driver.sys' }), {
      pid: 4,
      tid: 8,
    }),
    at(100, dpc('DPC', { initialTime: ticksAt(90), routine: BASE + 0x123n })),
    at(
      200,
      manifestEvent(
        {
          ...{ guid: GUID.manifest, id: 7, version: 1, channel: 16, level: 4, opcode: 1, task: 3 },
          keyword: 0x8000000000000010n,
        },
        joined(u32(42), utf16z('desk')),
      ),
      { ...ME, cpu: 1 },
    ),
    at(300, { ...BEAT, extendedItems: [...(BEAT.extendedItems ?? []), RELATED] }, { pid: 1234, tid: 12 }),
    at(400, wppMessage({ number: 10, guid: GUID.wpp, time: true, system: true }, u32(-5)), {
      pid: 1234,
      tid: 13,
      cpu: 2,
    }),
    at(500, manifestEvent({ guid: GUID.manifest, id: 8, version: 0, level: 2 }, joined(u16(0xdead), u16(0xbeef))), {
      ...ME,
      cpu: 1,
    }),
    at(600, sampledProfile({ instructionPointer: BASE + 0x200n, tid: 11 })),
    at(600.1, stack({ ticks: ticksAt(600), ...ME }, [BASE + 0x200n, BASE + 0x300n, 0xfffff90000000000n])),
  ];
}

export const lampLog = (options: LogOptions = {}): EtlLog => logOf(lampEvents(), options);

/** Names in the order of time, as they are without manifest and message file. */
export const LAMP_NAMES = [
  'EventTrace/Header',
  'Process/DCStart',
  'Image/DCStart',
  'PerfInfo/DPC',
  'Event(7)',
  'Beat',
  'Message(10)',
  'Event(8)',
  'PerfInfo/SampledProfile',
  'StackWalk/Stack',
  'Opcode(3)',
] as const;
