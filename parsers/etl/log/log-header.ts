import type { Reader } from '../../../src/core/reader.js';
import { isDaylight, type ZoneRules } from './zone.js';

/** What a log says of itself in its first event (SystemTraceHeader: TRACE_LOGFILE_HEADER in evntrace.h, then two names). */
export interface LogHeader {
  /** Counter at the start of the log: time 0. */
  readonly originCounter: bigint;
  readonly bufferBytes: number;
  /** Windows' version, e.g. 10.0, and build. */
  readonly osVersion: string;
  readonly build: number;
  readonly cpus: number;
  /** FILETIMEs, UTC; 0 where the log does not say. */
  readonly startTime: bigint;
  readonly endTime: bigint;
  readonly bootTime: bigint;
  readonly logFileMode: number;
  readonly buffersWritten: number;
  readonly pointerBytes: number;
  readonly eventsLost: number;
  readonly buffersLost: number;
  readonly cpuMHz: number;
  /** 1 QueryPerformanceCounter, 2 system time, 3 CPU cycles. */
  readonly clockType: number;
  readonly perfFreq: bigint;
  /** Minutes that UTC is ahead of local time at the start, summer time counted in. */
  readonly biasMinutes: number;
  readonly zoneName: string | null;
  readonly loggerName: string | null;
  readonly logFileName: string | null;
}

/**
 * Reads the payload of the event (its header, 32 bytes, lies before it). Pointers are 4 bytes long in 32-bit headers, as
 * is the alignment behind the time zone. Null where it is too short.
 */
export function readLogHeader(payload: Reader, is64Bit: boolean, originCounter: bigint): LogHeader | null {
  const bufferBytes = payload.u32();
  const major = payload.u8();
  const minor = payload.u8();
  payload.skip(2);
  const build = payload.u32();
  const cpus = payload.u32();
  const endTime = payload.u64();
  payload.skip(8); // TimerResolution, MaximumFileSize
  const logFileMode = payload.u32();
  const buffersWritten = payload.u32();
  payload.skip(4); // StartBuffers
  const pointerBytes = payload.u32();
  const eventsLost = payload.u32();
  const cpuMHz = payload.u32();
  payload.skip(is64Bit ? 16 : 8); // pointers to the names
  const zone = readZone(payload);
  payload.skip(4); // alignment
  const bootTime = payload.u64();
  const perfFreq = payload.u64();
  const startTime = payload.u64();
  const clockType = payload.u32();
  const buffersLost = payload.u32();
  if (payload.short) return null;
  const loggerName = payload.utf16Z() || null;
  const logFileName = payload.utf16Z() || null;
  const summer = isDaylight(zone, startTime);
  return {
    originCounter,
    bufferBytes,
    osVersion: `${major}.${minor}`,
    build,
    cpus,
    startTime,
    endTime,
    bootTime,
    logFileMode,
    buffersWritten,
    pointerBytes,
    eventsLost,
    buffersLost,
    cpuMHz,
    clockType,
    perfFreq,
    biasMinutes: zone.biasMinutes + (summer ? zone.daylightBiasMinutes : zone.standardBiasMinutes),
    zoneName: (summer ? zone.daylightName : zone.standardName) || null,
    loggerName,
    logFileName,
  };
}

/** TIME_ZONE_INFORMATION, 172 bytes. */
function readZone(payload: Reader): ZoneRules {
  const name = (): string => payload.utf16(64).split('\0')[0];
  const date = (): ZoneRules['daylightDate'] => {
    const [year, month, dayOfWeek, day, hour, minute] = Array.from({ length: 8 }, () => payload.u16());
    return { year, month, dayOfWeek, day, hour, minute };
  };
  const biasMinutes = payload.i32();
  const standardName = name();
  const standardDate = date();
  const standardBiasMinutes = payload.i32();
  const daylightName = name();
  const daylightDate = date();
  const daylightBiasMinutes = payload.i32();
  return {
    biasMinutes,
    standardName,
    standardDate,
    standardBiasMinutes,
    daylightName,
    daylightDate,
    daylightBiasMinutes,
  };
}

/** Counters of real machines tick some million to some thousand million times a second. */
const isFrequency = (hz: number): boolean => hz >= 1000 && hz <= 1e11;

/** Ticks of the counter in a µs; null where the log does not say. */
export function ticksPerUs(header: LogHeader): number | null {
  switch (header.clockType) {
    case 2:
      // System time: the counter is a FILETIME.
      return 10;
    case 3:
      return header.cpuMHz > 0 ? header.cpuMHz : null;
    default:
      return isFrequency(Number(header.perfFreq)) ? Number(header.perfFreq) / 1e6 : null;
  }
}
