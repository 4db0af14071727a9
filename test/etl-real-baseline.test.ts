/**
 * The reader against what Microsoft's TraceEvent printed of the same logs: how many events of each kind, when, on which
 * processor and with which values the first five of each kind came.
 *
 * TraceEvent shows the events of a log as PerfView needs them, ours shows what lies in the log. It
 * - drops samples of the idle thread but for those taken in a DPC or an ISR (6,320 of 79,528 are left: those of other
 *   threads, 6,215, with those of idle threads in a DPC, 84, or in an ISR, 21, by the two low bits of the last word);
 * - attaches stacks (StackWalk/*, CLRStackWalk) to their events and shows none of them;
 * - hides what names files, threads and compiled methods at the start and at the end (FileIo/FileCreate, FileDelete and
 *   FileRundown, Thread/DCStart and DCEnd, Image/HypercallPage, MethodDCEndVerbose, the maps of IL to native code), DPI and
 *   OpticalDisk of SysConfig and the extension of the header (EventTrace/PartitionInfoExtension);
 * - takes the thread of DiskIo/FlushBuffers from where DiskIo/Read has it, which is the response time there, prints the
 *   Affinity of a thread as its StartAddr, takes the upper half of the size of an image in ImageID/Info for its process
 *   (ours is the header's in all 3,590), the seconds of a SYSTEMTIME for its milliseconds too, and a UINT64 of a
 *   self-describing event for signed.
 */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { ALL_EVENTS, type EventRecord, readEvents } from '../src/events.js';
import { info, open } from '../src/index.js';
import { realEtlFiles, realEtlPath } from './support/etl-sources.js';
import { realFile } from './support/shared.js';

const LOGS = realEtlFiles().flatMap((file) => {
  const baseline = realFile(`etl/${file.replace(/\.etl(\.zip)?$/, '')}.TraceEvent-baseline.txt`);
  return baseline === null ? [] : [{ file, baseline }];
});
if (LOGS.length === 0) console.warn('skipped: the real logs are not at hand');

/** `1:GC/Start 2:GC/Stop`: TraceEvent's names of the events of the .NET runtime, whose published ones are longer. */
const ids = (text: string): Map<string, number> =>
  new Map(text.split(/\s+/).map((pair) => [pair.slice(pair.indexOf(':') + 1), Number.parseInt(pair, 10)]));
const CLR: ReadonlyMap<string, ReadonlyMap<string, number>> = new Map([
  [
    'Microsoft-Windows-DotNETRuntime',
    ids(
      `1:GC/Start 2:GC/Stop 3:GC/RestartEEStop 4:GC/HeapStats 5:GC/CreateSegment 7:GC/RestartEEStart 8:GC/SuspendEEStop
      9:GC/SuspendEEStart 10:GC/AllocationTick 12:GC/TerminateConcurrentThread 13:GC/FinalizersStop 14:GC/FinalizersStart
      15:Type/BulkType 21:GC/BulkSurvivingObjectRanges 22:GC/BulkMovedObjectRanges 23:GC/GenerationRange
      25:GC/MarkStackRoots 26:GC/MarkFinalizeQueueRoots 27:GC/MarkHandles 28:GC/MarkCards 29:GC/FinalizeObject
      33:GC/PinObjectAtGCTime 35:GC/Triggered 50:ThreadPoolWorkerThread/Start 80:Exception/Start
      85:AppDomainResourceManagement/ThreadCreated 143:Method/LoadVerbose 144:Method/UnloadVerbose
      145:Method/JittingStarted 151:Loader/DomainModuleLoad 152:Loader/ModuleLoad 153:Loader/ModuleUnload
      154:Loader/AssemblyLoad 155:Loader/AssemblyUnload 156:Loader/AppDomainLoad 157:Loader/AppDomainUnload
      187:Runtime/Start 200:GarbageCollection/IncreaseMemoryPressure 202:GC/MarkWithType 204:GC/PerHeapHistory
      205:GC/GlobalHeapHistory 208:GC/LOHCompact 209:GC/FitBucketInfo`,
    ),
  ],
  [
    'Microsoft-Windows-DotNETRuntimePrivate',
    ids(
      `2:GC/Settings 4:GC/PerHeapHistory 5:GC/GlobalHeapHistory 7:GC/MarkStackRoots 8:GC/MarkFinalizeQueueRoots
      9:GC/MarkHandles 10:GC/MarkCards 161:Binding/NgenPhaseStart 162:Binding/NgenPhaseStop 165:Binding/LoaderPhaseStart
      166:Binding/LoaderPhaseStop 171:Binding/LoaderAssemblyInitPhaseStart 172:Binding/LoaderAssemblyInitPhaseStop
      173:Binding/LoaderMappingPhaseStart 174:Binding/LoaderMappingPhaseStop 175:Binding/LoaderDeliverEventPhaseStart
      176:Binding/LoaderDeliverEventsPhaseStop 188:NgenBinder/NgenBind 196:Binding/FusionMessage`,
    ),
  ],
  [
    'Microsoft-Windows-DotNETRuntimeRundown',
    ids(
      `146:Method/DCStopComplete 148:Method/DCStopInit 152:Loader/DomainModuleDCStop 154:Loader/ModuleDCStop
      156:Loader/AssemblyDCStop 158:Loader/AppDomainDCStop 187:Runtime/Start`,
    ),
  ],
]);

/** Ours by its name, where TraceEvent's differs by more than the words below. */
const RENAMED: Readonly<Record<string, string>> = {
  'Windows Kernel/EventTrace': 'EventTrace/Header',
  'Windows Kernel/EventTrace/RundownComplete': 'EventTrace/RDComplete',
  'Windows Kernel/UdpIp/Recv': 'UdpIp/RecvIPV4',
  'Windows Kernel/UdpIp/Send': 'UdpIp/SendIPV4',
  'Windows Kernel/PerfInfo/Sample': 'PerfInfo/SampledProfile',
  'Windows Kernel/SysConfig/Opcode(37)': 'SystemConfigEx/DeviceFamily',
  'KernelTraceControl/ImageID': 'ImageID/Info',
};
const KERNEL_WORDS: readonly (readonly [RegExp, string])[] = [
  [/^SysConfig\//, 'SystemConfigEx/'],
  [/^SystemConfig\//, 'SysConfig/'],
  [/^DiskIO\//, 'DiskIo/'],
  [/^Memory\//, 'PageFault/'],
  [/\/DCStop$/, '/DCEnd'],
  [/^(Process|Thread)\/Stop$/, '$1/End'],
];

/** Ours: the name, or provider and id where the id tells more. */
function keyOfName(said: string): string {
  if (RENAMED[said] !== undefined) return RENAMED[said];
  const [provider, rest] = [said.slice(0, said.indexOf('/')), said.slice(said.indexOf('/') + 1)];
  const id = rest === 'ManifestData' ? 65534 : CLR.get(provider)?.get(rest);
  if (id !== undefined) return `${provider} ${id}`;
  if (!/^(Windows Kernel|KernelTraceControl|MSNT_SystemTrace)$/.test(provider)) return said;
  return KERNEL_WORDS.reduce((name, [pattern, word]) => name.replace(pattern, word), rest);
}

const keyOf = ({ providerName, id, name }: EventRecord): string => {
  if (id === null) return `${name}`;
  return id === 65534 || CLR.has(`${providerName}`) ? `${providerName} ${id}` : `${providerName}/${name}`;
};

interface Said {
  readonly key: string;
  readonly ms: number;
  readonly cpu: number;
  readonly ids: { readonly pid: number; readonly tid: number };
  readonly values: ReadonlyMap<string, string>;
}

interface Baseline {
  readonly counts: ReadonlyMap<string, number>;
  readonly events: readonly Said[];
}

// EVENT 1,275.943: Windows Kernel/DiskIO/Read PID=4; TID=44; PName=System; ProceNum=0; DataLen=52; DiskNumber=0; …
// COUNT Windows Kernel/DiskIO/Read:1208
function readBaseline(path: string): Baseline {
  const text = readFileSync(path, 'utf8');
  const counts = new Map([...text.matchAll(/^COUNT (.+):(\d+)\s*$/gm)].map(([, name, n]) => [keyOfName(name), +n]));
  const events = [...text.matchAll(/^EVENT ([\d.,]+): (.+?) PID=(.*)$/gm)].map(([, at, name, rest]): Said => {
    const values = new Map(`PID=${rest}`.split('; ').map((pair) => pair.split(/=(.*)/s, 2) as [string, string]));
    const number = (key: string): number => plainNumber(values.get(key) ?? '');
    const ids = { pid: number('PID'), tid: number('TID') };
    return { key: keyOfName(name), ms: plainNumber(at), cpu: number('ProceNum'), ids, values };
  });
  return { counts, events };
}

const plainNumber = (text: string): number => Number(text.replaceAll(',', ''));

interface Ours {
  readonly counts: Map<string, number>;
  readonly firstMs: Map<string, number>;
  /** Events at the times of the baseline's. */
  readonly near: Map<string, EventRecord[]>;
  readonly samples: Record<'ofThreads' | 'ofIdleInDpc' | 'ofIdleInIsr' | 'ofIdle', number>;
}

async function readOurs(file: string, { events }: Baseline): Promise<Ours> {
  const wanted = new Set(events.map(({ ms }) => Math.round(ms * 1000)));
  const ours: Ours = {
    counts: new Map(),
    firstMs: new Map(),
    near: new Map(),
    samples: { ofThreads: 0, ofIdleInDpc: 0, ofIdleInIsr: 0, ofIdle: 0 },
  };
  const trace = await open([realEtlPath(file)]);
  try {
    await readEvents(trace, ALL_EVENTS, (event) => take(ours, event, wanted));
  } finally {
    trace.close();
  }
  return ours;
}

function take({ counts, firstMs, near, samples }: Ours, event: EventRecord, wanted: ReadonlySet<number>): void {
  const key = keyOf(event);
  const ms = (event.atUs as number) / 1000;
  counts.set(key, (counts.get(key) ?? 0) + 1);
  if (!firstMs.has(key)) firstMs.set(key, ms);
  if (key === 'PerfInfo/SampledProfile') samples[sampleOf(event)]++;
  // Rounding may go either way.
  for (const us of new Set([Math.floor(ms * 1000), Math.ceil(ms * 1000)])) {
    if (wanted.has(us)) near.set(`${us} ${key}`, [...(near.get(`${us} ${key}`) ?? []), event]);
  }
}

function sampleOf({ fields }: EventRecord): keyof Ours['samples'] {
  const { ThreadId, Reserved } = fields as { ThreadId: number; Reserved: number };
  if (ThreadId !== 0) return 'ofThreads';
  return (Reserved & 1) !== 0 ? 'ofIdleInDpc' : (Reserved & 2) !== 0 ? 'ofIdleInIsr' : 'ofIdle';
}

/** Kinds that TraceEvent does not show, with how many there are. */
const HIDDEN: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'win10-19043-x64-tracelogging-primitive-types.etl.zip': { 'EventTrace/PartitionInfoExtension': 1 },
  'win10-19045-x64-8cpu-circular-manifest-events.etl.zip': { 'EventTrace/PartitionInfoExtension': 1 },
  'win2012-x64-8cpu-perfview-compressed-stackkeys.etl.zip': {
    'StackWalk/Stack': 252,
    'StackWalk/KeyDelete': 1909,
    'StackWalk/KeyRundown': 1012,
    'StackWalk/KeyKernel': 2061,
    'StackWalk/KeyUser': 7046,
    'FileIo/FileCreate': 16,
    'FileIo/FileDelete': 14,
    'FileIo/FileRundown': 3054,
    'Thread/DCStart': 670,
    'Thread/DCEnd': 664,
    'Image/HypercallPage': 1,
    'SysConfig/DPI': 1,
    'SysConfig/OpticalDisk': 1,
    // CLRStackWalk, MethodILToNativeMap, MethodDCEndVerbose, MethodDCEndILToNativeMap.
    'Microsoft-Windows-DotNETRuntime 82': 14_983,
    'Microsoft-Windows-DotNETRuntime 190': 273,
    'Microsoft-Windows-DotNETRuntimeRundown 144': 16_702,
    'Microsoft-Windows-DotNETRuntimeRundown 150': 16_221,
  },
};

describe.each(LOGS)('$file and its baseline', ({ file, baseline: path }) => {
  const baseline = readBaseline(path);
  let ours: Ours;
  beforeAll(async () => {
    ours = await readOurs(file, baseline);
  });

  it('agree on the number of events of each kind, but for those of the idle thread', () => {
    const { ofThreads, ofIdleInDpc, ofIdleInIsr } = ours.samples;
    const samples = ofThreads + ofIdleInDpc + ofIdleInIsr;
    const counts = [...baseline.counts.keys()].map((key) => [
      key,
      key === 'PerfInfo/SampledProfile' ? samples : ours.counts.get(key),
    ]);
    expect(Object.fromEntries(counts)).toEqual(Object.fromEntries(baseline.counts));
    expect(baseline.counts.size).toBeGreaterThan(1);
  });

  it('differ by what TraceEvent hides, and by nothing else', () => {
    const hidden = [...ours.counts].filter(([key]) => !baseline.counts.has(key));
    expect(Object.fromEntries(hidden)).toEqual(HIDDEN[file] ?? {});
  });

  it('agree on when the first event of each kind came, to half a microsecond and the rounding', () => {
    const firsts = new Map<string, number>();
    for (const { key, ms } of baseline.events) if (!firsts.has(key)) firsts.set(key, ms);
    const far = [...firsts].filter(([key, ms]) => !(Math.abs((ours.firstMs.get(key) ?? Number.NaN) - ms) <= 0.00051));
    expect(far).toEqual([]);
    // The baseline prints none of the events that it cannot print.
    expect(firsts.size).toBe(baseline.counts.size);
  });

  it('agree on the time and the processor of every event that is printed', () => {
    const missing = baseline.events.filter(
      (said) => !candidates(ours, said).some(({ cpu, atUs }) => cpu === said.cpu && isAt(atUs, said.ms)),
    );
    expect(missing.map(({ key, ms, cpu }) => `${ms} ${key} ${cpu}`)).toEqual([]);
  });

  it('agree on the values of every event that is printed', () => {
    let values = 0;
    for (const said of baseline.events) {
      // Of several at one time one must be it.
      const compared = candidates(ours, said).map((event) => compare(event, said));
      const best = compared.sort((a, b) => a.wrong.length - b.wrong.length)[0];
      expect({ ms: said.ms, key: said.key, wrong: best?.wrong }).toEqual({ ms: said.ms, key: said.key, wrong: [] });
      values += best.right;
    }
    expect(values).toBeGreaterThanOrEqual(VALUES[file] ?? 1);
  });
});

/** Values that are compared at least. */
const VALUES: Readonly<Record<string, number>> = {
  'win10-19043-x64-tracelogging-primitive-types.etl.zip': 80,
  'win10-19045-x64-8cpu-circular-manifest-events.etl.zip': 122,
  'win2012-x64-8cpu-perfview-compressed-stackkeys.etl.zip': 2523,
};

const candidates = ({ near }: Ours, { key, ms }: Said): readonly EventRecord[] =>
  near.get(`${Math.round(ms * 1000)} ${key}`) ?? [];

const isAt = (atUs: number | null, ms: number): boolean => atUs !== null && Math.abs(atUs / 1000 - ms) <= 0.00051;

/** TraceEvent's names of fields that MOF calls otherwise. */
const FIELDS: Readonly<Record<string, string>> = {
  pagedirectorybase: 'directorytablebase',
  memorycount: 'pagefaultcount',
  startaddr: 'affinity',
  filekey: 'fileobject',
  samplesource: 'source',
  sessionname: 'sessionnamestring',
  logfilename: 'logfilenamestring',
};

/** TraceEvent makes these itself, knows drive letters, puts flags into words of its own, or cuts a negative number short. */
const MADE: ReadonlySet<string> = new Set(
  `PID TID PName ProceNum DataLen ProcessName PhysicalAddr Priority DiskServiceTimeMSec FileName BuildTime IrpFlags Flags
  ParentThreadID ParentProcessID CreateOptions ShareAccess ModuleFlags AppDomainFlags AssemblyFlags ExceptionHRESULT
  UtcOffsetMinutes CreateTime ExitTime keywords stacks`.split(/\s+/),
);

/** What TraceEvent takes for something else, see above, as it must come out then. */
const OTHERWISE: Readonly<Record<string, (said: string, event: EventRecord) => boolean>> = {
  'ImageID/Info/ProcessID': (said, { fields, pid }) => said === '0' && fields?.ProcessId === pid,
  'PrimitiveTypesTest/int64_type': (said, { fields }) =>
    BigInt.asIntN(64, BigInt(`${fields?.int64_type}`)) === BigInt(said),
  'PrimitiveTypesTest/system_time_type': (said, { fields }) => {
    const [, seconds] = /:(\d\d)\.\d{3}$/.exec(`${fields?.system_time_type}`) ?? [];
    return said.endsWith(`:${seconds}.0${seconds[0]}...`);
  },
};

interface Compared {
  readonly right: number;
  readonly wrong: readonly string[];
}

function compare(event: EventRecord, { values, cpu, ids }: Said): Compared {
  const own = new Map(Object.entries(event.fields ?? {}).map(([key, value]) => [key.toLowerCase(), value]));
  // 10 MHz.
  const response = own.get('highresresponsetime');
  if (typeof response === 'number') own.set('elapsedtimemsec', (Math.round(response / 10) / 1000).toFixed(3));
  const wrong = event.cpu === cpu ? [] : ['cpu'];
  let right = 0;
  if (event.id !== null) {
    // Headers of the kernel's events say less than TraceEvent finds out.
    if (event.pid !== ids.pid || event.tid !== ids.tid) wrong.push(`${event.pid} ${event.tid}`);
    right += 2;
  }
  for (const [name, said] of values) {
    if (OTHERWISE[`${event.name}/${name}`]?.(said, event)) continue;
    const value = own.get(FIELDS[name.toLowerCase()] ?? name.toLowerCase());
    if (MADE.has(name) || value === undefined || value === null) continue;
    if (agrees(value, said)) right++;
    else wrong.push(`${name}: ${JSON.stringify(value)} instead of ${said}`);
  }
  return { right, wrong };
}

/** The baseline groups digits, cuts texts after 20 characters, prints times of day in its own way and characters as numbers. */
function agrees(value: unknown, said: string): boolean {
  const text = shownAs(value, said);
  if (said.endsWith('...')) return text.startsWith(said.slice(0, -3));
  const [a, b] = [text, said.replaceAll(',', '')].map((t) => (/^(0x[0-9a-f]+|-?\d+)$/i.test(t) ? BigInt(t) : null));
  if (a !== null && b !== null) return a === b || BigInt.asUintN(32, b) === a;
  return text === said || (typeof value === 'string' && value.length === 1 && said === `${value.charCodeAt(0)}`);
}

// 2021-09-09T14:59:35.7956422Z is 21/09/09 14:59:35.79...
function shownAs(value: unknown, said: string): string {
  const text = typeof value === 'boolean' ? (value ? 'True' : 'False') : `${value}`;
  if (/^\d\d\/\d\d\/\d\d /.test(said)) return text.slice(2).replace('T', ' ').replace(/-/g, '/');
  return text.replace(/ \((0x)?[\da-f]+\)$/, '');
}

describe.skipIf(LOGS.length === 0)('names of the .NET runtime', () => {
  it('stand for the events that its published manifest, as it lies in a log, names alike', async () => {
    const trace = await open([realEtlPath('win2012-x64-8cpu-perfview-compressed-stackkeys.etl.zip')]);
    const { result } = await info(trace);
    trace.close();
    const described = result.events.filter(
      ({ id, providerName, name }) => id !== null && CLR.has(`${providerName}`) && !name.startsWith('Event('),
    );
    const wrong = described.flatMap(({ id, providerName, name }) => {
      const said = [...(CLR.get(`${providerName}`) ?? [])].find(([, known]) => known === id)?.[0];
      return said === undefined || said === shortened(name) ? [] : [`${id} ${said} ${name}`];
    });
    expect(wrong).toEqual(['28 GC/MarkCards GarbageCollection/GCMarkOlderGenerationRoots']);
    expect(described.length).toBeGreaterThan(40);
  });
});

// GarbageCollection/GCFinalizersBegin is GC/FinalizersStart, CLRLoaderRundown/ModuleDCEnd is Loader/ModuleDCStop.
const shortened = (name: string): string =>
  name
    .replace(/^GarbageCollection(?!\/Increase)/, 'GC')
    .replace(/^CLR(\w+?)(Information)?(Rundown)?\//, '$1/')
    .replace(/^(.*\/)(?:GC|Method)(?=[A-Z])/, '$1')
    .replace(/Begin$/, 'Start')
    .replace(/End$/, 'Stop')
    .replace(/DCEnd/, 'DCStop');
