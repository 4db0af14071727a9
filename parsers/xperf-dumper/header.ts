/** Schema lines and the `OS Version` line of xperf dumper text. */
import type { Output } from '../../src/core/parser.js';
import { filetimeToUtc } from '../../src/core/time.js';

/**
 * `DPC,  TimeStamp, ElapsedTime, CPU,        ServiceAddr,            Image!Function`: the column names, or null where
 * the line is no schema line. The second field of every schema line is `TimeStamp`.
 */
export function schemaColumns(text: string): string[] | null {
  const fields = text.split(',').map((field) => field.trim());
  return fields.length >= 2 && fields[1] === 'TimeStamp' && fields[0] !== '' ? fields : null;
}

/**
 * `OS Version: 10.0.19043, Trace Size: 20736KB, Events Lost: 0, Buffers lost: 0, Trace Start: 132675686690347142,
 * Trace Length: 2 sec, PointerSize: 8, Trace Name: x.etl`
 */
export function readOsVersion(text: string, place: { line: number; byte: number }, out: Output): boolean {
  if (!/^\s*OS Version:/.test(text)) return false;
  const value = (key: string): string | null =>
    new RegExp(`(?:^|,)\\s*${key}:\\s*([^,]*)`, 'i').exec(text)?.[1].trim() ?? null;
  const whole = (key: string): number | null => {
    const found = value(key);
    return found !== null && /^\d{1,15}$/.test(found) ? Number(found) : null;
  };
  const { about } = out;
  const os = value('OS Version');
  about.machine.os = os;
  const build = os === null ? null : /^\d+\.\d+\.(\d+)/.exec(os);
  about.machine.build = build === null ? null : Number(build[1]);
  about.eventsLost = whole('Events Lost');
  about.buffersLost = whole('Buffers lost');
  const start = value('Trace Start');
  if (start !== null && /^\d{17,19}$/.test(start)) {
    about.clock.startUtc = filetimeToUtc(BigInt(start));
    about.clock.uncertaintyMs = 0;
  }
  about.lossPlace = { ...place, quote: text.trim() };
  about.session = {
    name: value('Trace Name'),
    mode: null,
    bufferBytes: null,
    buffers: null,
    compressed: null,
    pointerBytes: whole('PointerSize'),
  };
  return true;
}
