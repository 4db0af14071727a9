/**
 * `tracekit errors` on a software trace of millions of lines, beside `grep -c` and beside the plainest template miner that is at
 * hand: awk that masks digits and counts what is left. (The registry has no miner of the Drain family; see docs/dependencies.md.)
 */
import { join } from 'node:path';
import { writeMessages } from './generate-messages.js';
import { measure } from './measure.js';
import { best, DIST, FOLDER, printTable, type Targets, timeAll } from './timing.js';

/** Of the issue: for 2 GB, 20 million lines, 3,000 templates. */
const TARGET = { linesPerSecond: 1e6, peakBytes: 400e6 };
const TRACEKIT = join(DIST, 'bin', 'tracekit.js');
const AWK = '{ $1 = $2 = $3 = $4 = ""; gsub(/0x[0-9a-f]+|[0-9]+/, "N"); n[$0]++ } END { for (k in n) c++; print c }';

export async function benchErrors(millions: number, runs: number, targets: Targets): Promise<void> {
  const path = join(FOLDER, `messages-${millions}.txt`);
  const { bytes, lines, templates } = await writeMessages(path, { lines: Math.round(millions * 1e6) });
  await measure('grep', ['-c', 'x', path]);
  console.log(`\n.bench/messages-${millions}.txt, ${bytes} bytes, ${lines} lines, ${templates} templates\n`);
  const plain = { ...process.env, LC_ALL: 'C' };
  const json = ['errors', path, '--quiet', '--format', 'csv', '--view', 'template', '--columns', 'count'];
  const timings = await timeAll([
    {
      name: 'tracekit errors',
      bytes,
      runs,
      once: () => measure(process.execPath, [TRACEKIT, ...json], { memory: true }),
    },
    { name: 'grep -c .', bytes, runs, once: () => measure('grep', ['-c', '.', path], { env: plain }) },
    {
      name: 'awk, digits masked',
      bytes,
      runs: 1,
      once: () => measure('awk', [AWK, path], { env: plain, memory: true }),
    },
  ]);
  printTable(timings);
  console.log('');
  const [errors, grep, awk] = timings;
  const counts = errors.stdout.trim().split('\n').slice(1).map(Number);
  const counted = counts.reduce((sum, count) => sum + count, 0);
  if (counted !== lines || Number(grep.stdout.trim()) !== lines + 1) {
    targets.missed = true;
    console.log(
      `MISSED   ${counted} messages are in templates, grep counts ${grep.stdout.trim()}, ${lines} were written`,
    );
  }
  console.log(`${counts.length} templates found of ${templates}; awk has ${awk.stdout.trim()}`);
  targets.atLeast('errors, million lines a second, best', lines / best(errors) / 1e6, TARGET.linesPerSecond / 1e6, 2);
  targets.atMost(
    'errors, peak memory in MB',
    errors.peakBytes === null ? null : errors.peakBytes / 1e6,
    TARGET.peakBytes / 1e6,
    0,
  );
  console.log(
    `errors takes ${(best(errors) / best(grep)).toFixed(1)} times grep, ${(best(errors) / best(awk)).toFixed(2)} times awk`,
  );
}
