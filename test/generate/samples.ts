/** Every generated sample: where it goes and its bytes. */
import { gzipSync } from 'node:zlib';
import { randomDump } from './dump/index.js';
import { diskEvents, play, stutterRetry } from './messages/truth.js';
import { cdfCsv } from './messages/write-cdf-csv.js';
import { debugView } from './messages/write-debugview.js';
import { eventlogText } from './messages/write-eventlog-text.js';
import { eventlogXml } from './messages/write-eventlog-xml.js';
import { logText } from './messages/write-log-text.js';
import { textTrace } from './messages/write-text-trace.js';
import { tracerptCsvEvents } from './messages/write-tracerpt-csv-events.js';
import { wppText } from './messages/write-wpp.js';
import { simulatePool } from './pool/truth.js';
import { poolDumper } from './pool/write-dumper.js';
import { writePoolEtl } from './pool/write-etl.js';
import { pdhLog } from './pool/write-pdh.js';
import { poolmonLog } from './pool/write-poolmon.js';
import { poolusedLog } from './pool/write-poolused.js';
import { poolTracerpt } from './pool/write-tracerpt.js';
import { verifierLog } from './pool/write-verifier.js';
import { poolWpa } from './pool/write-wpa.js';
import { storySamples } from './stories/samples.js';
import { stutter, withLosses } from './truth.js';
import { dpcisrReport } from './write-dpcisr.js';
import { damagedDumper, dumper } from './write-dumper.js';
import { writeEtlTruth } from './write-etl-truth.js';
import { latencymonComma, latencymonEn } from './write-latencymon.js';
import { tracerptCsv } from './write-tracerpt-csv.js';
import { tracerptXml } from './write-tracerpt-xml.js';
import { wpaCsvDe, wpaCsvEn } from './write-wpa-csv.js';

export interface SampleFile {
  /** Below samples/: format, then case; or stories, then a story. */
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
    ...poolSamples(),
    ...dumpSamples(),
    ...messageSamples(),
    ...storySamples(),
  ];
}

/** Hung machines: threads in a deadlock, others behind an owner that starves, or that waits for a driver. */
function dumpSamples(): SampleFile[] {
  return [
    { path: 'kd/hang.log', bytes: Buffer.from(randomDump(19, 'win10').log) },
    { path: 'kd/hang-xp.log', bytes: Buffer.from(randomDump(283, 'xp').log) },
  ];
}

/** A minute with a driver that leaks pool, at 40 % of the usual traffic to keep the files small. */
export const POOL_SAMPLE = { seed: 276, options: { lengthSeconds: 60, scale: 0.4 } } as const;

function poolSamples(): SampleFile[] {
  const truth = simulatePool(POOL_SAMPLE.seed, POOL_SAMPLE.options);
  return [
    { path: 'etl/pool-leak.etl.gz', bytes: packed(writePoolEtl(truth)) },
    { path: 'xperf-dumper/pool-leak.txt.gz', bytes: packed(poolDumper(truth)) },
    { path: 'tracerpt-csv/pool-leak.csv.gz', bytes: packed(poolTracerpt(truth)) },
    { path: 'wpa-pool/leak.csv.gz', bytes: packed(poolWpa(truth)) },
    { path: 'poolmon/leak.txt', bytes: Buffer.from(poolmonLog(truth)) },
    { path: 'pdh-csv/leak.csv', bytes: Buffer.from(pdhLog(truth)) },
    { path: 'kd/poolused.log', bytes: Buffer.from(poolusedLog(truth)) },
    { path: 'kd/verifier.log', bytes: Buffer.from(verifierLog(truth)) },
  ];
}

/** A database's driver that tries again and again, and the event log of a disk that does not answer. */
function messageSamples(): SampleFile[] {
  const retry = play(stutterRetry());
  const disk = play(diskEvents());
  return [
    { path: 'text-trace/retry.txt', bytes: Buffer.from(textTrace(retry)) },
    { path: 'wpp-text/retry.txt', bytes: Buffer.from(wppText(retry)) },
    { path: 'cdf-csv/retry.csv', bytes: Buffer.from(cdfCsv(retry)) },
    { path: 'debugview/retry.log', bytes: Buffer.from(debugView(retry)) },
    { path: 'log-text/retry.log', bytes: Buffer.from(logText(retry)) },
    { path: 'tracerpt-csv/messages.csv', bytes: Buffer.from(tracerptCsvEvents(retry)) },
    { path: 'eventlog-text/disk.txt', bytes: Buffer.from(eventlogText(disk, { style: 'viewer', newestFirst: true })) },
    { path: 'eventlog-xml/disk.xml', bytes: Buffer.from(eventlogXml(disk)) },
  ];
}
