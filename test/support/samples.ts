import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { analyzeDpc, type DpcOptions, type DpcResult, type OpenOptions, open, type Report } from '../../src/index.js';

/** The project's folder, which holds samples/ and dist/. */
export const ROOT = resolve(import.meta.dirname, '../..');

/** Path of a sample below samples/. */
export const sample = (name: string): string => join(ROOT, 'samples', name);

/** Every sample of the trace `stutter`, by format, with what the format does not carry. */
export const SINGLE_RUNS = [
  { name: 'xperf-dumper', path: 'xperf-dumper/stutter.txt', functions: true, addresses: true },
  { name: 'etl, compressed', path: 'etl/stutter.etl', functions: false, addresses: true },
  { name: 'etl, native with stack keys', path: 'etl/stutter-keys.etl.gz', functions: false, addresses: true },
  { name: 'tracerpt-csv', path: 'tracerpt-csv/stutter.csv.gz', functions: false, addresses: true },
  { name: 'tracerpt-xml', path: 'tracerpt-xml/stutter.xml.gz', functions: false, addresses: true },
  { name: 'wpa-dpc-isr, English', path: 'wpa-dpc-isr/stutter-en.csv', functions: true, addresses: true },
  { name: 'wpa-dpc-isr, German', path: 'wpa-dpc-isr/stutter-de.csv', functions: true, addresses: false },
] as const;

/** Opens, answers and closes. */
export async function dpcOf(
  paths: string | readonly string[],
  options: Partial<DpcOptions> = {},
  opening: OpenOptions = {},
): Promise<Report<DpcResult>> {
  const trace = await open(typeof paths === 'string' ? [paths] : paths, opening);
  try {
    return await analyzeDpc(trace, options);
  } finally {
    trace.close();
  }
}

/** Bytes of a sample, unpacked. */
export function bytesOfSample(name: string): Buffer {
  const raw = readFileSync(sample(name));
  return name.endsWith('.gz') ? gunzipSync(raw) : raw;
}

/** Lines of a sample as an editor shows them: unpacked, decoded, without line ends. */
export function linesOfSample(name: string): string[] {
  const bytes = bytesOfSample(name);
  const text = bytes[0] === 0xff && bytes[1] === 0xfe ? bytes.toString('utf16le') : bytes.toString('utf8');
  return text.replace(/^\uFEFF/, '').split(/\r?\n/);
}
