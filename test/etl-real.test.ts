/** The reader on every real log: what it counts and says against SOURCES.md, and against a walker that shares no code with it. */
import { beforeAll, describe, expect, it } from 'vitest';
import { info, open } from '../src/index.js';
import type { SourceInfo } from '../src/info.js';
import { realEtlFiles, realEtlPath, type SaidLog, saidLogs } from './support/etl-sources.js';
import { realLog, type WalkedEvent, walkEvents } from './support/etl-walk.js';

const FILES = realEtlFiles();
const SAID = saidLogs();
if (FILES.length === 0) console.warn('skipped: the real logs are not at hand');

/** One log as ours tells of it. */
interface ReadLog {
  /** `…/x.zip!entry` or `…/x.etl`. */
  readonly path: string;
  readonly info: SourceInfo;
  readonly source: Awaited<ReturnType<typeof info>>['sources'][number];
  /** Taken as it lies in the file. */
  readonly log: Buffer;
}

async function readFile(name: string): Promise<ReadLog[]> {
  const trace = await open([realEtlPath(name)]);
  try {
    const { result, sources } = await info(trace);
    return [result, ...result.more].map((found, i) => {
      const entry = sources[i].path.split('!')[1];
      return { path: sources[i].path, info: found, source: sources[i], log: realLog(name, entry) as Buffer };
    });
  } finally {
    trace.close();
  }
}

/** The log that a paragraph of SOURCES.md is about: the file's only one, or the one of that name. */
function saidOf(file: string, { path }: ReadLog, logs: number): SaidLog | undefined {
  const said = SAID.filter((log) => log.file.test(file));
  const name =
    path
      .split(/[/!\\]/)
      .at(-1)
      ?.replace(/\.etl$/, '') ?? '';
  const named = (log: SaidLog): boolean =>
    log.name === name || log.name === `${name}.etl` || name.endsWith(`-${log.name}`);
  return said.length === 1 && logs === 1 ? said[0] : said.find(named);
}

describe.each(FILES)('%s', (file) => {
  let logs: readonly ReadLog[] = [];
  beforeAll(async () => {
    logs = await readFile(file);
  });

  it('is described as SOURCES.md has it', () => {
    for (const log of logs) {
      const said = saidOf(file, log, logs.length);
      if (said === undefined) throw new Error(`SOURCES.md says nothing of ${log.path}`);
      expect(facts(log)).toEqual(saidFacts(said));
    }
    const paragraphs = SAID.filter((said) => said.file.test(file) && logs.length > 1);
    expect(paragraphs.length).toBe(logs.length > 1 ? logs.length : 0);
  });

  it('holds the events that SOURCES.md counts', () => {
    for (const log of logs) {
      const said = saidOf(file, log, logs.length) as SaidLog;
      const kernel = [...said.kernel].map(([name, count]) => [name, groupAndOpcode(name), count]);
      expect(kernel.map(([name, key]) => [name, key, countsByKey(log).get(`${key}`)])).toEqual(kernel);
      expect(
        Object.fromEntries([...said.manifest.keys()].map((guid) => [guid, byProvider(log, true).get(guid)])),
      ).toEqual(Object.fromEntries(said.manifest));
      expect(
        Object.fromEntries([...said.classic.keys()].map((guid) => [guid, byProvider(log, false).get(guid)])),
      ).toEqual(Object.fromEntries(said.classic));
    }
  });

  it('holds the events that a plain walk counts, each by its kind', () => {
    for (const log of logs) {
      const walked = walkedCounts(log.log);
      expect(Object.fromEntries(ourCounts(log))).toEqual(Object.fromEntries(walked.kinds));
      const said = saidOf(file, log, logs.length) as SaidLog;
      expect(Object.fromEntries(walked.headers)).toEqual(Object.fromEntries(said.headers));
    }
  });

  it('is read to the last event', () => {
    for (const { info: found, source } of logs) {
      const { account } = source;
      expect(account.rows + account.skipped + account.ignored).toBe(account.read);
      expect({ total: found.eventsTotal, unreadable: found.unreadable, skipped: account.skipped }).toEqual({
        total: account.read,
        unreadable: 0,
        skipped: 0,
      });
      expect(found.events.reduce((sum, { count }) => sum + count, 0)).toBe(found.eventsTotal);
    }
  });
});

const SELF_DESCRIBING = 'win11-22000-x64-compressed-tiny.etl';

describe.skipIf(!FILES.includes(SELF_DESCRIBING))('info', () => {
  it('names an event that describes itself though it has an id', async () => {
    const [{ info: found }] = await readFile(SELF_DESCRIBING);
    const provider = 'a61ea624-4944-55fc-c2a8-37838829438d';
    expect(found.events.find((e) => e.provider === provider)).toMatchObject({
      providerName: 'MySource',
      name: 'TestEvent',
      id: 3,
      count: 1,
    });
  });
});

describe.skipIf(FILES.length === 0)('SOURCES.md', () => {
  it('was understood, each paragraph with its kernel events', () => {
    expect(SAID.length).toBeGreaterThanOrEqual(16);
    for (const { name, kernel, headers, events } of SAID) {
      expect({ name, kernel: kernel.size > 0, events: sum(headers) }).toEqual({ name, kernel: true, events });
    }
    // Where all providers and all kernel events are listed, they are all the events that there are.
    const whole = SAID.filter(
      ({ kernel, manifest, classic, events }) => sum(kernel) + sum(manifest) + sum(classic) === events,
    );
    expect(whole.length).toBeGreaterThanOrEqual(13);
  });

  it('tells of no file that is not there', () => {
    expect(SAID.filter(({ file }) => !FILES.some((name) => file.test(name))).map(({ name }) => name)).toEqual([]);
  });
});

const sum = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((a, b) => a + b, 0);

function facts({ info: found, source, log }: ReadLog): Record<string, unknown> {
  const { about } = source;
  return {
    bytes: log.length,
    buffers: found.session?.buffers,
    bufferBytes: found.session?.bufferBytes,
    compressed: found.session?.compressed,
    events: found.eventsTotal,
    pointerBytes: found.session?.pointerBytes,
    build: found.machine.build,
    cpus: found.machine.cpus,
    clockHz: found.session?.clockHz,
    clock: found.session?.clock,
    mode: /\((0x[0-9a-f]+)\)$/.exec(found.session?.mode ?? '')?.[1],
    eventsLost: about.eventsLost,
    buffersLost: about.buffersLost,
    session: found.session?.name,
    start: about.clock.startUtc?.slice(0, 19),
    end: found.session?.endUtc?.slice(0, 19),
  };
}

const CLOCKS: Readonly<Record<number, string>> = { 1: 'QueryPerformanceCounter', 2: 'system time', 3: 'CPU cycles' };

/** A session without a name is null with us. */
const saidFacts = (said: SaidLog): Record<string, unknown> => ({
  bytes: said.bytes,
  buffers: said.buffers,
  bufferBytes: said.bufferBytes,
  compressed: said.compressed,
  events: said.events,
  pointerBytes: said.pointerBytes,
  build: said.build,
  cpus: said.cpus,
  clockHz: said.perfFreq,
  clock: CLOCKS[said.clockType],
  mode: said.logFileMode,
  eventsLost: said.eventsLost,
  buffersLost: said.buffersLost,
  session: said.session || null,
  start: said.start,
  end: said.end,
});

/** Numbers of groups and of opcodes behind the names in SOURCES.md (evntrace.h, ntwmi.h). */
const GROUPS: Readonly<Record<string, number>> = {
  EventTrace: 0x00,
  DiskIo: 0x01,
  PageFault: 0x02,
  Process: 0x03,
  FileIo: 0x04,
  Thread: 0x05,
  TcpIp: 0x06,
  UdpIp: 0x08,
  Registry: 0x09,
  SysConfig: 0x0b,
  Pool: 0x0e,
  PerfInfo: 0x0f,
  Image: 0x14,
  StackWalk: 0x18,
  ALPC: 0x1a,
};
const OPCODES: Readonly<Record<string, number>> = {
  'PerfInfo/SampledProfile': 46,
  'PerfInfo/ISR-MSI': 50,
  'PerfInfo/ThreadedDPC': 66,
  'PerfInfo/ISR': 67,
  'PerfInfo/DPC': 68,
  'PerfInfo/TimerDPC': 69,
  'StackWalk/Stack': 32,
  'StackWalk/KeyDelete': 35,
  'StackWalk/KeyRundown': 36,
  'StackWalk/KeyKernel': 37,
  'StackWalk/KeyUser': 38,
  'Thread/T-Start': 1,
  'Thread/T-End': 2,
  'Thread/T-DCStart': 3,
  'Thread/T-DCEnd': 4,
  'Thread/CSwitch': 36,
  'Thread/ReadyThread': 50,
  'Process/P-Start': 1,
  'Process/P-End': 2,
  'Process/P-DCStart': 3,
  'Process/P-DCEnd': 4,
  'Process/Defunct': 39,
  'Image/Unload': 2,
  'Image/DCStart': 3,
  'Image/DCEnd': 4,
};

/** `group/opcode` of `PerfInfo/ISR`, `FileIo/36`, `Process/33(PerfCtrRundown)` and `Image/Load[group 0x03 op 10]`. */
function groupAndOpcode(name: string): string {
  const exact = /\[group (0x[0-9a-f]+) op (\d+)\]$/i.exec(name);
  if (exact !== null) return `${Number(exact[1])}/${exact[2]}`;
  const [, className, opcode] = /^(\w+)\/(\d+)?/.exec(name) ?? [];
  const known = opcode ?? OPCODES[name];
  if (GROUPS[className] === undefined || known === undefined) throw new Error(`no numbers for ${name}`);
  return `${GROUPS[className]}/${known}`;
}

/** Kernel events of `info` by `group/opcode`. */
const countsByKey = ({ info: { events } }: ReadLog): Map<string, number> =>
  added(events.filter((e) => e.group !== null).map((e) => [`${e.group}/${e.opcode}`, e.count]));

/** Events with an id are those with EVENT headers. */
const byProvider = ({ info: { events } }: ReadLog, hasId: boolean): Map<string, number> =>
  added(events.filter((e) => e.group === null && (e.id !== null) === hasId).map((e) => [`${e.provider}`, e.count]));

const ourCounts = ({ info: { events } }: ReadLog): Map<string, number> =>
  added(
    events.map((e) => [
      e.group !== null ? `${e.group}/${e.opcode}` : `${e.provider} ${e.id} ${e.opcode} v${e.version}`,
      e.count,
    ]),
  );

function added(counts: Iterable<readonly [string, number]>): Map<string, number> {
  const found = new Map<string, number>();
  for (const [key, count] of counts) found.set(key, (found.get(key) ?? 0) + count);
  return found;
}

const HEADER_NAMES: Readonly<Record<number, string>> = {
  1: 'SYSTEM32',
  2: 'SYSTEM64',
  3: 'COMPACT32',
  4: 'COMPACT64',
  10: 'FULL32',
  16: 'PERFINFO32',
  17: 'PERFINFO64',
  18: 'EVENT32',
  19: 'EVENT64',
  20: 'FULL64',
};

function walkedCounts(log: Buffer): { kinds: Map<string, number>; headers: Map<string, number> } {
  const kinds = new Map<string, number>();
  const headers = new Map<string, number>();
  for (const event of walkEvents(log)) {
    const kind = kindOf(event);
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    const header = HEADER_NAMES[event.type] ?? `${event.type}`;
    headers.set(header, (headers.get(header) ?? 0) + 1);
  }
  return { kinds, headers };
}

function kindOf({ group, opcode, guid, id, version }: WalkedEvent): string {
  return group !== null ? `${group}/${opcode}` : `${guid} ${id} ${opcode} v${version}`;
}
