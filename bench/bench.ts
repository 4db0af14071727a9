/**
 * `npm run bench [-- --mb 1024] [-- --runs 5] [-- --big]`: how fast and how small `tracekit dpc` is beside grep, wc and
 * csv-parse, on one generated file. Exits 1 where a target is missed. `--big` adds a file of four times the size.
 */
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { generateDumper } from './generate-dumper.js';
import { type Measured, measure } from './measure.js';

const TARGET = { timesGrep: 1.2, peakBytes: 300e6, timesCsvParse: 100, peakGrowth: 1.15 };
const CSV_PARSE_BYTES = 100 << 20;
const MIB = 1 << 20;

const { values } = parseArgs({
  options: {
    mb: { type: 'string', default: '1024' },
    runs: { type: 'string', default: '5' },
    big: { type: 'boolean', default: false },
  },
});

const dist = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = join(dist, '..', '.bench');

/** What one program took. */
interface Timing {
  readonly name: string;
  readonly bytes: number;
  readonly seconds: readonly number[];
  readonly peakBytes: number | null;
  readonly stdout: string;
}

interface Program {
  readonly name: string;
  readonly bytes: number;
  readonly runs: number;
  once(): Promise<Measured>;
}

function programs(path: string, bytes: number, runs: number): Program[] {
  const first = Math.min(bytes, CSV_PARSE_BYTES);
  const tracekit = join(dist, 'bin', 'tracekit.js');
  const csvParse = join(dist, 'bench', 'csv-parse-first.js');
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

/** Takes turns, so that a slow moment of the machine does not fall on one program alone. */
async function timeAll(all: readonly Program[]): Promise<Timing[]> {
  const seen = all.map((): Measured[] => []);
  for (let turn = 0; turn < Math.max(...all.map(({ runs }) => runs)); turn++) {
    for (const [i, program] of all.entries()) {
      if (turn >= program.runs) continue;
      const measured = await program.once();
      if (measured.exitCode !== 0) {
        throw new Error(`${program.name} ended with exit code ${measured.exitCode}: ${measured.stderr.slice(0, 500)}`);
      }
      seen[i].push(measured);
    }
  }
  return all.map(({ name, bytes }, i) => ({
    name,
    bytes,
    seconds: seen[i].map(({ seconds }) => seconds).sort((a, b) => a - b),
    peakBytes: seen[i].reduce(
      (peak: number | null, m) => (m.peakBytes === null ? peak : Math.max(peak ?? 0, m.peakBytes)),
      null,
    ),
    stdout: seen[i][0].stdout,
  }));
}

const best = ({ seconds }: Timing): number => seconds[0];
const median = ({ seconds }: Timing): number => seconds[Math.floor((seconds.length - 1) / 2)];
const megabytes = (bytes: number | null): string => (bytes === null ? '-' : (bytes / 1e6).toFixed(0));

function printTable(timings: readonly Timing[]): void {
  const base = best(timings[0]);
  const rows = timings.map((timing) => [
    timing.name,
    megabytes(timing.bytes),
    best(timing).toFixed(3),
    median(timing).toFixed(3),
    (timing.bytes / best(timing) / 1e6).toFixed(0),
    (base / timings[0].bytes / (best(timing) / timing.bytes)).toFixed(3),
    megabytes(timing.peakBytes),
  ]);
  const titles = ['program', 'MB', 'best s', 'median s', 'MB/s', 'tracekit takes ×', 'peak MB'];
  const widths = titles.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i].length)));
  for (const row of [titles, ...rows]) {
    console.log(row.map((text, i) => (i === 0 ? text.padEnd(widths[i]) : text.padStart(widths[i]))).join('  '));
  }
}

let missed = false;

function check(what: string, value: number | null, limit: number, within: boolean, digits: number): void {
  const shown = value === null ? 'not measured' : value.toFixed(digits);
  if (!within) missed = true;
  console.log(`${within ? 'reached' : 'MISSED '}  ${what}: ${shown} (target ${limit})`);
}

function checkAll([tracekit, grep, , csvParse]: readonly Timing[]): void {
  const timesGrep = best(tracekit) / best(grep);
  check('best wall time, times grep, at most', timesGrep, TARGET.timesGrep, timesGrep <= TARGET.timesGrep, 3);
  const speed = tracekit.bytes / best(tracekit) / (csvParse.bytes / best(csvParse));
  check('bytes per second, times csv-parse, at least', speed, TARGET.timesCsvParse, speed >= TARGET.timesCsvParse, 0);
  checkPeak('peak memory in MB, below', tracekit.peakBytes);
}

function checkPeak(what: string, peakBytes: number | null): void {
  const within = peakBytes !== null && peakBytes < TARGET.peakBytes;
  check(what, peakBytes === null ? null : peakBytes / 1e6, TARGET.peakBytes / 1e6, within, 0);
}

/** Speed is worth nothing where rows are lost: what tracekit counted must be what grep and wc count. */
function checkCounts([tracekit, grep, wc]: readonly Timing[]): void {
  const account = JSON.parse(tracekit.stdout).sources[0];
  const lines = Number.parseInt(wc.stdout, 10);
  console.log(
    `rows: ${account.rows} of ${account.read} lines read; wc -l: ${lines}; DPC rows by grep: ${grep.stdout.trim()}`,
  );
  const { read, rows, skipped, ignored } = account;
  if (read !== lines || rows + skipped + ignored !== read || rows < Number(grep.stdout)) {
    missed = true;
    console.log('MISSED   the lines read do not agree with wc and grep');
  }
}

async function runBig(small: Timing, megabytesOfFile: number): Promise<void> {
  const path = join(folder, `dumper-${megabytesOfFile}.txt`);
  console.log(`\n${path}, for the peak of memory`);
  const bytes = generateDumper(path, megabytesOfFile * MIB);
  const [tracekit] = programs(path, bytes, 1);
  const [timing] = await timeAll([tracekit]);
  printTable([timing]);
  checkPeak('peak memory in MB at four times the size, below', timing.peakBytes);
  if (timing.peakBytes === null || small.peakBytes === null) return;
  const growth = timing.peakBytes / small.peakBytes;
  check(
    'peak memory, times that of the smaller file, at most',
    growth,
    TARGET.peakGrowth,
    growth <= TARGET.peakGrowth,
    2,
  );
}

async function main(): Promise<void> {
  const size = Number(values.mb);
  const runs = Number(values.runs);
  if (!(size >= 1 && runs >= 1)) throw new Error('--mb and --runs take numbers from 1');
  const processors = cpus();
  console.log(
    `${processors[0]?.model.trim()}, ${processors.length} CPUs, Node ${process.version}, ${process.platform}`,
  );
  const path = join(folder, `dumper-${size}.txt`);
  const bytes = generateDumper(path, size * MIB);
  // Into the page cache: the disk is not what is compared.
  await measure('grep', ['-c', 'x', path]);
  console.log(`.bench/dumper-${size}.txt, ${bytes} bytes; best and median of ${runs} runs in turns\n`);
  const timings = await timeAll(programs(path, bytes, runs));
  printTable(timings);
  console.log('');
  checkCounts(timings);
  checkAll(timings);
  if (values.big) await runBig(timings[0], size * 4);
  process.exitCode = missed ? 1 : 0;
}

await main();
