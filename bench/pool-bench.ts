/** `tracekit pool` on a raw log of pool events with stacks, beside `tracekit info` of the same file and the job in DuckDB's SQL. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { generatePool } from './generate-pool.js';
import { measure } from './measure.js';
import { best, DIST, FOLDER, type Program, printTable, type Targets, timeAll } from './timing.js';

/** Of the issue: times `info`; peak memory. */
const TARGET = { timesInfo: 2.5, peakBytes: 600e6 };
const TRACEKIT = join(DIST, 'bin', 'tracekit.js');
const SQL = join(DIST, 'bench', 'pool-duckdb.js');

export async function benchPool(millions: number, runs: number, targets: Targets): Promise<void> {
  const path = join(FOLDER, `pool-${millions}m.etl`);
  const figures = generatePool(path, millions * 1e6);
  const parquet = `${path}.parquet`;
  if (!existsSync(parquet) || statSync(parquet).mtimeMs < statSync(path).mtimeMs) {
    await measure(process.execPath, [SQL, 'prepare', `${path}.csv`, parquet]);
  }
  const { bytes, events, live, liveBytes } = figures;
  console.log(
    `\n.bench/pool-${millions}m.etl, ${bytes} bytes, ${events} pool events with stacks, ${live} blocks live at most\n`,
  );
  const tracekit = (command: string): Program['once'] => {
    return () => measure(process.execPath, [TRACEKIT, command, path, '--quiet', '--json'], { memory: true });
  };
  const timings = await timeAll([
    { name: 'tracekit pool', bytes, runs, once: tracekit('pool') },
    { name: 'tracekit info', bytes, runs, once: tracekit('info') },
    {
      name: 'DuckDB, 1 thread, Parquet of the events',
      bytes: statSync(parquet).size,
      runs,
      once: () => measure(process.execPath, [SQL, 'run', parquet], { memory: true }),
    },
  ]);
  printTable(timings);
  console.log('');
  const [pool, info, sql] = timings;
  checkSums(pool.stdout, sql.stdout, live, liveBytes, targets);
  targets.atMost('pool against info, times', best(pool) / best(info), TARGET.timesInfo, 2);
  targets.atMost(
    'pool, peak memory in MB',
    pool.peakBytes === null ? null : pool.peakBytes / 1e6,
    TARGET.peakBytes / 1e6,
    0,
  );
  console.log(
    `pool takes ${(best(pool) / best(sql)).toFixed(1)} times DuckDB, which reads 8 columns of numbers and no log`,
  );
}

/** All three count the same blocks. */
function checkSums(pool: string, sql: string, live: number, liveBytes: number, targets: Targets): void {
  const totals: { type: string; count: number; bytes: number }[] = JSON.parse(pool).result.totals;
  const out = totals.filter(({ type }) => type === 'AIFO');
  const ours = [out.reduce((sum, { count }) => sum + count, 0), out.reduce((sum, { bytes }) => sum + bytes, 0)];
  const theirs: { blocks: number; bytes: number } = JSON.parse(sql);
  if ([ours, [theirs.blocks, theirs.bytes]].every(([count, bytes]) => count === live && bytes === liveBytes)) return;
  targets.missed = true;
  console.log(
    `MISSED   outstanding: ${ours.join(' blocks, ')} bytes by tracekit, ${theirs.blocks}, ${theirs.bytes} by DuckDB, ${live}, ${liveBytes} were written`,
  );
}
