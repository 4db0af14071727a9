import { Reader } from '../../../src/core/reader.js';
import { decodeKernel } from './decode-kernel.js';
import { type CompiledLayout, compileLayout, readLayout } from './event-layout.js';
import type { Fields } from './fields.js';
import { kernelClassOfGuid, kernelTypeName } from './kernel-names.js';

export interface ClassicEvent {
  /** `class/type`, as for kernel events. */
  readonly name: string;
  /** Null where the layout is not published. */
  readonly fields: Fields | null;
}

interface ClassicClass {
  readonly guid: string;
  readonly className: string;
  /** By opcode: name, and layout where there is one. */
  readonly types: Readonly<Record<number, readonly [name: string, fields: string | null]>>;
}

const RSDS = 'ImageBase:p ProcessId:u32 GuidSig:guid Age:u32 PdbFileName:z8';

/**
 * Events that merging adds (KernelTraceControl.dll). Names and most fields as Microsoft's TraceEvent has them
 * (SymbolTraceEventParser, KernelTraceEventParser; github.com/microsoft/perfview, MIT), ImageID also in ntwmi.h, EventInfo
 * the head of TRACE_EVENT_INFO (tdh.h). Verified: all that have fields. Of NB10 the names are those of the CodeView record;
 * DeviceFamily holds the same 16 bytes as the kernel's SysConfig/DeviceFamily in the same log.
 */
const CLASSES: readonly ClassicClass[] = [
  {
    guid: 'b3e675d7-2554-4f18-830b-2762732560de',
    className: 'ImageID',
    types: {
      0: ['Info', 'ImageBase:p ImageSize:size ProcessId:u32 TimeDateStamp:u32 OriginalFileName:z16'],
      32: ['None', 'ImageBase:p ProcessId:u32'],
      35: ['DbgID_NB10', 'ImageBase:p ProcessId:u32 Offset:u32 Signature:u32 Age:u32 PdbFileName:z8'],
      36: ['DbgID_RSDS', RSDS],
      37: ['DbgID_ILRSDS', RSDS],
      38: ['DbgPPDB', 'ImageBase:p ProcessId:u32 TimeDateStamp:u32 MajorVersion:u16 MinorVersion:u16'],
      40: ['DbgDeterm', 'ImageBase:p ProcessId:u32'],
      64: [
        'FileVersion',
        `ImageSize:u32 TimeDateStamp:u32 OrigFileName:z16 FileDescription:z16 FileVersion:z16 BinFileVersion:z16
         VerLanguage:z16 ProductName:z16 CompanyName:z16 ProductVersion:z16 FileId:z16 ProgramId:z16`,
      ],
    },
  },
  {
    guid: '9b79ee91-b5fd-41c0-a243-4248e266e9d0',
    className: 'SystemConfigEx',
    types: {
      32: ['BuildInfo', 'InstallDate:time BuildLab:z16 ProductName:z16'],
      33: ['SystemPaths', 'SystemDirectory:z16 SystemWindowsDirectory:z16'],
      34: ['UnknownVolume', 'Value:z16'],
      35: ['VolumeMapping', 'NtPath:z16 DosPath:z16'],
      37: ['DeviceFamily', 'UAPInfo:x64 DeviceFamily:u32 DeviceForm:u32'],
    },
  },
  {
    guid: 'bbccf6c1-6cd1-48c4-80ff-839482e37671',
    className: 'MetaData',
    types: {
      32: [
        'EventInfo',
        `ProviderGuid:guid EventGuid:guid Id:u16 Version:u8 Channel:u8 Level:u8 Opcode:u8 Task:u16 Keyword:x64
         DecodingSource:u32`,
      ],
      33: ['EventMapInfo', 'ProviderGuid:guid'],
    },
  },
  // Compressed XML.
  {
    guid: 'ed54dff8-c409-4cf6-bf83-05e1e61a09c4',
    className: 'WinSat',
    types: { 33: ['WinSPR', null], 35: ['Metrics', null], 37: ['SystemConfig', null] },
  },
  { guid: 'bf6ef1cb-89b5-490a-80ac-b180cfbcff0f', className: 'PerfTrackMetaData', types: {} },
];

interface CompiledClass {
  readonly className: string;
  readonly types: ReadonlyMap<number, { readonly name: string; readonly fields: CompiledLayout | null }>;
}

const COMPILED: ReadonlyMap<string, CompiledClass> = new Map(CLASSES.map((from) => [from.guid, compileClass(from)]));

function compileClass({ className, types }: ClassicClass): CompiledClass {
  const compiled = Object.entries(types).map(
    ([opcode, [name, fields]]): [number, { name: string; fields: CompiledLayout | null }] => [
      Number(opcode),
      { name, fields: fields === null ? null : compileLayout(fields) },
    ],
  );
  return { className, types: new Map(compiled) };
}

/**
 * Name and fields of an event with a FULL header, by its GUID (lower case): events that merging adds, and kernel events,
 * whose class GUID this is. Null where the GUID is neither's. Never throws.
 */
export function decodeClassic(
  guid: string,
  opcode: number,
  version: number,
  payload: Reader,
  pointerBytes: 4 | 8,
): ClassicEvent | null {
  const kernel = kernelClassOfGuid(guid);
  if (kernel !== null) return decodeKernelClass(kernel.className, opcode, version, payload, pointerBytes);
  const known = COMPILED.get(guid);
  if (known === undefined) return null;
  const type = known.types.get(opcode);
  const fields = type?.fields ?? null;
  return {
    name: `${known.className}/${type?.name ?? `Opcode(${opcode})`}`,
    fields: fields === null ? null : readLayout(fields, payload, pointerBytes),
  };
}

/**
 * A 32-bit program that passes on events of a 64-bit kernel logs them with 32-bit headers (seen in logs of Windows 7): a
 * payload that does not end where its layout does with 4-byte pointers, but does with 8-byte ones, has these.
 */
function decodeKernelClass(
  className: string,
  opcode: number,
  version: number,
  payload: Reader,
  pointerBytes: 4 | 8,
): ClassicEvent {
  const name = kernelTypeName(className, opcode);
  const { at } = payload;
  const fields = decodeKernel(className, opcode, version, payload, pointerBytes);
  if (pointerBytes === 8 || fields === null || fitted(payload, fields)) return { name, fields };
  const wide = new Reader(payload.bytes, at, payload.end);
  const wideFields = decodeKernel(className, opcode, version, wide, 8);
  return { name, fields: wideFields !== null && fitted(wide, wideFields) ? wideFields : fields };
}

const fitted = (payload: Reader, fields: Fields): boolean => !payload.short && !('Rest' in fields);
