/** Every generated sample: where it goes and its bytes. */
import { gzipSync } from 'node:zlib';
import { stutter, withLosses } from './truth.js';
import { dpcisrReport } from './write-dpcisr.js';
import { damagedDumper, dumper } from './write-dumper.js';
import { writeEtlTruth } from './write-etl-truth.js';
import { latencymonComma, latencymonEn } from './write-latencymon.js';
import { tracerptCsv } from './write-tracerpt-csv.js';
import { tracerptXml } from './write-tracerpt-xml.js';
import { wpaCsvDe, wpaCsvEn } from './write-wpa-csv.js';

export interface SampleFile {
  /** Below samples/: format, then case. */
  readonly path: string;
  readonly bytes: Buffer;
}

/** Packed, because tracerpt's exports are long-winded. Byte 9 tells the system it was packed on: unknown. */
function packed(plain: string | Buffer): Buffer {
  const bytes = gzipSync(plain, { level: 9 });
  bytes[9] = 255;
  return bytes;
}

/** Made anew at each call. */
export function samples(): SampleFile[] {
  const truth = stutter();
  return [
    { path: 'etl/stutter.etl', bytes: writeEtlTruth(truth, { compressed: true }) },
    { path: 'etl/stutter-keys.etl.gz', bytes: packed(writeEtlTruth(truth, { nativeLog: true, stackKeys: true })) },
    { path: 'xperf-dumper/stutter.txt', bytes: Buffer.from(dumper(truth)) },
    { path: 'xperf-dumper/damaged.txt', bytes: Buffer.from(damagedDumper(withLosses(truth)).text) },
    { path: 'tracerpt-csv/stutter.csv.gz', bytes: packed(tracerptCsv(truth)) },
    { path: 'tracerpt-xml/stutter.xml.gz', bytes: packed(tracerptXml(truth)) },
    { path: 'wpa-dpc-isr/stutter-en.csv', bytes: wpaCsvEn(truth) },
    { path: 'wpa-dpc-isr/stutter-de.csv', bytes: wpaCsvDe(truth) },
    { path: 'xperf-dpcisr/stutter.txt', bytes: Buffer.from(dpcisrReport(truth)) },
    { path: 'latencymon/stutter.txt', bytes: latencymonEn(truth) },
    { path: 'latencymon/stutter-comma.txt', bytes: latencymonComma(truth) },
  ];
}
