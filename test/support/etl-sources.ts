/** What SOURCES.md beside the real logs says of each of them: counted and read by another program than ours. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SHARED } from './shared.js';

/** One log: a file, or an entry of a zip. */
export interface SaidLog {
  /** Patterns of file names that the section is about, as its heading has them. */
  readonly file: RegExp;
  readonly name: string;
  readonly bytes: number;
  readonly buffers: number;
  readonly bufferBytes: number;
  readonly compressed: boolean;
  readonly events: number;
  readonly pointerBytes: number;
  readonly build: number;
  readonly cpus: number;
  readonly perfFreq: number;
  readonly clockType: number;
  readonly logFileMode: string;
  readonly eventsLost: number;
  readonly buffersLost: number;
  readonly session: string;
  /** `2011-08-30T04:56:58` */
  readonly start: string;
  readonly end: string;
  readonly headers: ReadonlyMap<string, number>;
  /** As named, e.g. `PerfInfo/ISR`; the most frequent ones where there are many. */
  readonly kernel: ReadonlyMap<string, number>;
  readonly manifest: ReadonlyMap<string, number>;
  readonly classic: ReadonlyMap<string, number>;
}

const FOLDER = join(SHARED, 'real/etl');

/** Logs and zips in `real/etl`; none where the folder is absent. */
export const realEtlFiles = (): string[] =>
  existsSync(FOLDER)
    ? readdirSync(FOLDER)
        .filter((name) => /\.(etl|zip)$/.test(name))
        .sort()
    : [];

export const realEtlPath = (name: string): string => join(FOLDER, name);

/** Empty where the folder is absent. */
export function saidLogs(): SaidLog[] {
  const path = join(SHARED, 'real/SOURCES.md');
  if (!existsSync(path)) return [];
  const text = readFileSync(path, 'utf8');
  const part = /^## etl\/\n(.*?)(?=^## )/ms.exec(`${text}\n## `)?.[1] ?? '';
  return part.split(/^### /m).slice(1).flatMap(logsOfSection);
}

function logsOfSection(section: string): SaidLog[] {
  const file = new RegExp(`^${section.split(/[\s(]/, 1)[0].replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
  return [...section.matchAll(/^- `([^`]+)`\n((?: {4}.*\n?)+)/gm)].map(([, name, lines]) => logOf(file, name, lines));
}

// 33554432 bytes, 32 buffers (BufferSize 1048576, not compressed), 505715 events; 64-bit header, Windows build 7601, 8
// CPUs, PerfFreq 2143632, clock=1(1=QPC), LogFileMode 0x10000, EventsLost 0, BuffersLost 0, session "Relogger";
// start 2011-08-30 04:56:58, end 2011-08-30 04:57:15; header types {'SYSTEM64': 12187, 'FULL32': 1}
function logOf(file: RegExp, name: string, lines: string): SaidLog {
  const text = (pattern: RegExp): string => {
    const found = pattern.exec(lines);
    if (found === null) throw new Error(`SOURCES.md: ${name}: no ${pattern}`);
    return found[1];
  };
  const number = (pattern: RegExp): number => Number(text(pattern));
  const counts = (label: RegExp): Map<string, number> =>
    pairs(label.exec(lines)?.[1] ?? '', /(?:^|, )((?:[^,[]|\[[^\]]*\])+) (\d+)(?=,|$)/g);
  return {
    file,
    name,
    bytes: number(/(\d+) bytes/),
    buffers: number(/(\d+) buffers/),
    bufferBytes: number(/BufferSize (\d+)/),
    compressed: text(/BufferSize \d+, ([a-z ]+)\)/) === 'compressed',
    events: number(/(\d+) events;/),
    pointerBytes: number(/(\d+)-bit header/) / 8,
    build: number(/Windows build (\d+)/),
    cpus: number(/(\d+) CPUs/),
    perfFreq: number(/PerfFreq (\d+)/),
    clockType: number(/clock=(\d)/),
    logFileMode: text(/LogFileMode (0x[0-9a-f]+)/i).toLowerCase(),
    eventsLost: number(/EventsLost (\d+)/),
    buffersLost: number(/BuffersLost (\d+)/),
    session: text(/session "([^"]*)"/),
    start: text(/start (\S+ [\d:]+)/).replace(' ', 'T'),
    end: text(/end (\S+ [\d:]+)/).replace(' ', 'T'),
    headers: pairs(text(/header types \{(.*)\}/), /'(\w+)': (\d+)/g),
    kernel: counts(/kernel: (.*)/),
    manifest: counts(/manifest\/TraceLogging providers \(GUID count\): (.*)/),
    classic: counts(/classic \(FULL header\) GUIDs: (.*)/),
  };
}

const pairs = (text: string, pattern: RegExp): Map<string, number> =>
  new Map([...text.matchAll(pattern)].map(([, name, count]) => [name, Number(count)]));
