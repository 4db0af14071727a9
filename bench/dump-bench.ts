/** `tracekit dump` on a debugger's log of many threads, beside grep, wc and awk over the same lines. */
import { join } from 'node:path';
import { generateDump } from './generate-dump.js';
import { measure } from './measure.js';
import { best, DIST, FOLDER, printTable, type Targets, timeAll } from './timing.js';

/** Of the issue: for 200 MB with 50,000 threads. */
const TARGET = { seconds: 4, peakBytes: 600e6 };
const TRACEKIT = join(DIST, 'bin', 'tracekit.js');
/** The least that a reader of such a log does: takes lines apart and counts routines. */
const AWK = '/Call Site/ { next } / : / { n[$NF]++ } END { for (k in n) c++; print c }';

export async function benchDump(threads: number, runs: number, targets: Targets): Promise<void> {
  const path = join(FOLDER, `dump-${threads}.log`);
  const figures = generateDump(path, threads);
  const { bytes, lines } = figures;
  await measure('grep', ['-c', 'x', path]);
  console.log(`\n.bench/dump-${threads}.log, ${bytes} bytes, ${lines} lines, ${threads} threads\n`);
  const plain = { ...process.env, LC_ALL: 'C' };
  const timings = await timeAll([
    {
      name: 'tracekit dump',
      bytes,
      runs,
      once: () => measure(process.execPath, [TRACEKIT, 'dump', path, '--quiet', '--view', 'summary'], { memory: true }),
    },
    { name: "grep -c 'THREAD '", bytes, runs, once: () => measure('grep', ['-c', 'THREAD ', path], { env: plain }) },
    { name: 'awk, counts routines', bytes, runs, once: () => measure('awk', [AWK, path], { env: plain }) },
  ]);
  printTable(timings);
  console.log('');
  const [dump, grep, awk] = timings;
  const counted = Number(grep.stdout.trim());
  if (counted !== figures.threads) {
    targets.missed = true;
    console.log(`MISSED   grep counts ${counted} threads, ${figures.threads} were written`);
  }
  targets.atMost(`dump of ${threads} threads, best, s`, best(dump), (TARGET.seconds * threads) / 50_000, 2);
  targets.atMost(
    'dump, peak memory in MB',
    dump.peakBytes === null ? null : dump.peakBytes / 1e6,
    TARGET.peakBytes / 1e6,
    0,
  );
  console.log(
    `dump takes ${(best(dump) / best(awk)).toFixed(1)} times awk, ${(best(dump) / best(grep)).toFixed(0)} times grep`,
  );
}
