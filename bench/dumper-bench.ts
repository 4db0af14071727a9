/** `tracekit dpc` over dumper text, beside grep, wc and csv-parse. */
import { join } from 'node:path';
import { generateDumper } from './generate-dumper.js';
import { measure } from './measure.js';
import { best, DIST, FOLDER, MIB, type Program, printTable, type Targets, type Timing, timeAll } from './timing.js';

const TARGET = { timesGrep: 1.2, peakBytes: 300e6, timesCsvParse: 100, peakGrowth: 1.15 };
const CSV_PARSE_BYTES = 100 << 20;

function programs(path: string, bytes: number, runs: number): Program[] {
  const first = Math.min(bytes, CSV_PARSE_BYTES);
  const tracekit = join(DIST, 'bin', 'tracekit.js');
  const csvParse = join(DIST, 'bench', 'csv-parse-first.js');
  const plain = { ...process.env, LC_ALL: 'C' };
  return [
    {
      name: 'tracekit dpc',
      bytes,
      runs,
      once: () => measure(process.execPath, [tracekit, 'dpc', path, '--quiet', '--format', 'json'], { memory: true }),
    },
    { name: "grep -c '^ *DPC,'", bytes, runs, once: () => measure('grep', ['-c', '^ *DPC,', path], { env: plain }) },
    { name: 'wc -l', bytes, runs, once: () => measure('wc', ['-l', path], { env: plain }) },
    {
      name: 'csv-parse',
      bytes: first,
      runs: Math.min(runs, 2),
      once: () => measure(process.execPath, [csvParse, path, String(first)]),
    },
  ];
}

export async function benchDumper(megabytes: number, runs: number, withBig: boolean, targets: Targets): Promise<void> {
  const path = join(FOLDER, `dumper-${megabytes}.txt`);
  const bytes = generateDumper(path, megabytes * MIB);
  // Into the page cache: the disk is not what is compared.
  await measure('grep', ['-c', 'x', path]);
  console.log(`.bench/dumper-${megabytes}.txt, ${bytes} bytes; best and median of ${runs} runs in turns\n`);
  const timings = await timeAll(programs(path, bytes, runs));
  printTable(timings);
  console.log('');
  checkCounts(timings, targets);
  checkAll(timings, targets);
  if (withBig) await runBig(timings[0], megabytes * 4, targets);
}

function checkAll([tracekit, grep, , csvParse]: readonly Timing[], targets: Targets): void {
  const timesGrep = best(tracekit) / best(grep);
  targets.atMost('best wall time, times grep', timesGrep, TARGET.timesGrep, 3);
  const speed = tracekit.bytes / best(tracekit) / (csvParse.bytes / best(csvParse));
  targets.atLeast('bytes per second, times csv-parse', speed, TARGET.timesCsvParse, 0);
  targets.atMost('peak memory in MB', peak(tracekit), TARGET.peakBytes / 1e6, 0);
}

const peak = ({ peakBytes }: Timing): number | null => (peakBytes === null ? null : peakBytes / 1e6);

/** Speed is worth nothing where rows are lost: what tracekit counted must be what grep and wc count. */
function checkCounts([tracekit, grep, wc]: readonly Timing[], targets: Targets): void {
  const account = JSON.parse(tracekit.stdout).sources[0];
  const lines = Number.parseInt(wc.stdout, 10);
  console.log(
    `rows: ${account.rows} of ${account.read} lines read; wc -l: ${lines}; DPC rows by grep: ${grep.stdout.trim()}`,
  );
  const { read, rows, skipped, ignored } = account;
  if (read !== lines || rows + skipped + ignored !== read || rows < Number(grep.stdout)) {
    targets.missed = true;
    console.log('MISSED   the lines read do not agree with wc and grep');
  }
}

async function runBig(small: Timing, megabytesOfFile: number, targets: Targets): Promise<void> {
  const path = join(FOLDER, `dumper-${megabytesOfFile}.txt`);
  console.log(`\n${path}, for the peak of memory`);
  const bytes = generateDumper(path, megabytesOfFile * MIB);
  const [tracekit] = programs(path, bytes, 1);
  const [timing] = await timeAll([tracekit]);
  printTable([timing]);
  targets.atMost('peak memory in MB at four times the size', peak(timing), TARGET.peakBytes / 1e6, 0);
  if (timing.peakBytes === null || small.peakBytes === null) return;
  const growth = timing.peakBytes / small.peakBytes;
  targets.atMost('peak memory, times that of the smaller file', growth, TARGET.peakGrowth, 2);
}
