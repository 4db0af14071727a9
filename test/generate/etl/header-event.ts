/**
 * The SystemTraceHeader event with its TRACE_LOGFILE_HEADER (evntrace.h), then the names of the logger and of the file.
 * Field offsets of both pointer sizes were compared with real files: 280 bytes before the names, or 272 with pointers of 4.
 */
import { joined, pointer, u8, u16, u32, u64, utf16z } from './bytes.js';
import type { EtlEvent, EtlSession } from './log.js';

/** Layout of the file: 1.5, or 2.0 where buffers are compressed (ntwmi.h). */
const layoutVersion = (compressed: boolean): Buffer => (compressed ? joined(u8(2), u8(0)) : joined(u8(1), u8(5)));

/** A timer interrupt each 15.6 ms, in 100 ns. */
const TIMER_RESOLUTION = 156_250;

export function headerEvent(session: EtlSession, buffersWritten: number, compressed: boolean): EtlEvent {
  const { pointerBytes } = session;
  const [major, minor, build] = session.osVersion;
  const payload = joined(
    joined(u32(session.bufferBytes), u8(major), u8(minor), layoutVersion(compressed), u32(build), u32(session.cpus)),
    joined(u64(session.endFiletime), u32(TIMER_RESOLUTION), u32(session.maximumFileMb)),
    joined(u32(session.logFileMode), u32(buffersWritten), u32(1), u32(pointerBytes)),
    joined(u32(session.eventsLost), u32(session.cpuMhz)),
    joined(pointer(0n, pointerBytes), pointer(0n, pointerBytes)),
    timeZone(session),
    // Up to the next multiple of 8: 4 bytes in both layouts.
    u32(0),
    joined(u64(session.bootFiletime), u64(session.perfFreq), u64(session.startFiletime)),
    joined(u32(session.clockType), u32(session.buffersLost)),
    utf16z(session.loggerName),
    utf16z(session.logFileName),
  );
  return {
    cpu: 0,
    ticks: session.startTicks,
    header: pointerBytes === 8 ? 'system64' : 'system32',
    group: 0,
    opcode: 0,
    version: 2,
    pid: session.pid,
    tid: session.tid,
    payload,
  };
}

/** TIME_ZONE_INFORMATION, 172 bytes. Summer time from the last Sunday of March to that of October. */
function timeZone({ timeZoneBiasMinutes, timeZoneName }: EtlSession): Buffer {
  const standardBiasMinutes = 0;
  const daylightBiasMinutes = -60;
  const name = (suffix: string): Buffer => {
    const bytes = Buffer.alloc(64);
    bytes.write(`${timeZoneName} ${suffix}`.slice(0, 31), 'utf16le');
    return bytes;
  };
  const lastSunday = (month: number, hour: number): Buffer =>
    joined(...[0, month, 0, 5, hour, 0, 0, 0].map((value) => u16(value)));
  return joined(
    u32(timeZoneBiasMinutes),
    joined(name('Standard'), lastSunday(10, 3), u32(standardBiasMinutes)),
    joined(name('Daylight'), lastSunday(3, 2), u32(daylightBiasMinutes)),
  );
}
