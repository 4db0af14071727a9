/** What a synthetic .etl file is made from. */
import type { PointerBytes } from './bytes.js';

export type HeaderKind =
  | 'system32'
  | 'system64'
  | 'compact32'
  | 'compact64'
  | 'perfinfo32'
  | 'perfinfo64'
  | 'full32'
  | 'full64'
  | 'instance32'
  | 'instance64'
  | 'event32'
  | 'event64'
  | 'message';

/** Data beside the payload of a manifest or TraceLogging event, by EVENT_HEADER_EXT_TYPE_* of evntcons.h. */
export interface ExtendedItem {
  readonly type: number;
  readonly data: Buffer;
}

/** What a payload builder knows of an event. */
export interface EventBody {
  readonly header: HeaderKind;
  /** Kernel events: SYSTEM, COMPACT and PERFINFO headers. */
  readonly group?: number;
  readonly opcode?: number;
  readonly version?: number;
  readonly level?: number;
  /** FULL, INSTANCE and EVENT headers. */
  readonly guid?: string;
  /** EVENT headers, as the next ones. */
  readonly id?: number;
  readonly channel?: number;
  readonly task?: number;
  readonly keyword?: bigint;
  readonly activityId?: string;
  readonly extendedItems?: readonly ExtendedItem[];
  /** EVENT_HEADER_PROPERTY_*. */
  readonly property?: number;
  /** INSTANCE headers. */
  readonly instanceId?: number;
  readonly parentInstanceId?: number;
  readonly parentGuid?: string;
  readonly message?: MessageFields;
  readonly payload: Buffer;
}

/** Fields of a WPP message; those given are written, and nothing else. */
export interface MessageFields {
  readonly number: number;
  readonly sequence?: number;
  readonly guid?: string;
  readonly componentId?: number;
  /** Writes the event's time. */
  readonly time?: boolean;
  /** Writes the event's thread and process. */
  readonly system?: boolean;
  readonly pointerBytes?: PointerBytes;
}

export interface EtlEvent extends EventBody {
  readonly cpu: number;
  /** In units of the log's clock. */
  readonly ticks: bigint;
  readonly pid?: number;
  readonly tid?: number;
  /** SYSTEM, FULL and EVENT headers, in timer ticks. */
  readonly kernelTime?: number;
  readonly userTime?: number;
}

export interface EtlSession {
  readonly bufferBytes: number;
  readonly cpus: number;
  readonly perfFreq: bigint;
  /** 1 performance counter, 2 system time, 3 CPU cycles. */
  readonly clockType: 1 | 2 | 3;
  readonly startFiletime: bigint;
  /** Of the same moment. */
  readonly startTicks: bigint;
  readonly endFiletime: bigint;
  readonly bootFiletime: bigint;
  readonly eventsLost: number;
  readonly buffersLost: number;
  readonly logFileMode: number;
  readonly maximumFileMb: number;
  readonly loggerName: string;
  readonly logFileName: string;
  readonly osVersion: readonly [major: number, minor: number, build: number];
  readonly cpuMhz: number;
  /** Of the header event; other events have their own. */
  readonly pointerBytes: PointerBytes;
  /** UTC = local time + bias. */
  readonly timeZoneBiasMinutes: number;
  readonly timeZoneName: string;
  readonly loggerId: number;
  /** Who started the trace. */
  readonly pid: number;
  readonly tid: number;
}

export interface EtlLog {
  readonly session: EtlSession;
  /** In any order: they are put into the buffers of their CPUs by time. */
  readonly events: readonly EtlEvent[];
  /** Buffers packed by XPRESS, as xperf -merge -compress and PerfView write them. */
  readonly compressed?: boolean;
  /** Written by Windows itself, not merged: time stamps of buffers are ticks, not FILETIME. */
  readonly nativeLog?: boolean;
  /** The processor's index takes 16 bits (Windows 8 and later). Default true. */
  readonly wideProcessorIndex?: boolean;
  /** A circular file with room for so many buffers of events: later ones overwrite the first. */
  readonly circularBuffers?: number;
  /** Turns the buffers of events, so that the oldest is not the first; nothing is lost. */
  readonly rotateBuffers?: number;
  /** Buffers of events left out, by their place in the order of writing; the next one of the CPU says so. */
  readonly lostBuffers?: readonly number[];
  /** Buffers of events marked as such in which events were lost, by their place in the order of writing. */
  readonly buffersWithLosses?: readonly number[];
}

/** A session of Windows 11 with 64 KiB buffers and a clock of 10 MHz. */
export function etlSession(over: Partial<EtlSession> = {}): EtlSession {
  return {
    bufferBytes: 65536,
    cpus: 8,
    perfFreq: 10_000_000n,
    clockType: 1,
    startFiletime: 133_893_216_001_234_560n,
    startTicks: 41_000_000_000n,
    endFiletime: 133_893_216_201_234_560n,
    bootFiletime: 133_893_211_901_234_560n,
    eventsLost: 0,
    buffersLost: 0,
    logFileMode: 1,
    maximumFileMb: 0,
    loggerName: 'NT Kernel Logger',
    logFileName: 'C:\\Temp\\synthetic.etl',
    osVersion: [10, 0, 22631],
    cpuMhz: 2995,
    pointerBytes: 8,
    timeZoneBiasMinutes: -60,
    timeZoneName: 'Synthetic Time',
    loggerId: 0,
    pid: 2144,
    tid: 6212,
    ...over,
  };
}
