/**
 * `npm run bench [-- --mb 1024] [-- --etl-mb 2048] [-- --pool-millions 10] [-- --dump-threads 50000]
 * [-- --message-millions 20] [-- --correlate-mb 1024] [-- --runs 5] [-- --big] [-- --only etl]`: how fast and how small `tracekit dpc`, `pool`, `dump` and `errors` are, on generated files, beside named tools in the same run.
 * Exits 1 where a target is missed. `--big` adds a dumper file of four times the size.
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { benchCorrelate } from './correlate-bench.js';
import { benchDump } from './dump-bench.js';
import { benchDumper } from './dumper-bench.js';
import { benchErrors } from './errors-bench.js';
import { benchEtl } from './etl-bench.js';
import { benchPool } from './pool-bench.js';
import { Targets } from './timing.js';

const { values } = parseArgs({
  options: {
    mb: { type: 'string', default: '1024' },
    'etl-mb': { type: 'string', default: '2048' },
    'pool-millions': { type: 'string', default: '10' },
    'dump-threads': { type: 'string', default: '50000' },
    'message-millions': { type: 'string', default: '20' },
    'correlate-mb': { type: 'string', default: '1024' },
    runs: { type: 'string', default: '5' },
    big: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
});

const size = Number(values.mb);
const etlSize = Number(values['etl-mb']);
const poolMillions = Number(values['pool-millions']);
const dumpThreads = Number(values['dump-threads']);
const messageMillions = Number(values['message-millions']);
const correlateMb = Number(values['correlate-mb']);
const runs = Number(values.runs);
if (![size, etlSize, poolMillions, dumpThreads, messageMillions, correlateMb, runs].every((number) => number >= 1))
  throw new Error(
    '--mb, --etl-mb, --pool-millions, --dump-threads, --message-millions, --correlate-mb and --runs take numbers from 1',
  );
const processors = cpus();
console.log(`${processors[0]?.model.trim()}, ${processors.length} CPUs, Node ${process.version}, ${process.platform}`);
const targets = new Targets();
const wants = (name: string): boolean => values.only === undefined || values.only === name;
if (wants('dumper')) await benchDumper(size, runs, values.big, targets);
if (wants('etl')) await benchEtl(etlSize, runs, targets);
if (wants('pool')) await benchPool(poolMillions, Math.min(runs, 3), targets);
if (wants('dump')) await benchDump(dumpThreads, runs, targets);
if (wants('errors')) await benchErrors(messageMillions, Math.min(runs, 3), targets);
if (wants('correlate')) await benchCorrelate(correlateMb, Math.min(runs, 3), targets);
process.exitCode = targets.missed ? 1 : 0;
