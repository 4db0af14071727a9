/**
 * `tracekit correlate` on a trace and a debugger's log, beside what it does in one pass: `dpc`, `pool` and `errors` on the trace, `dump`,
 * `pool` and `errors` on the log.
 */
import { join } from 'node:path';
import { generateDump } from './generate-dump.js';
import { generateDumper } from './generate-dumper.js';
import { generateEtl } from './generate-etl.js';
import { type Measured, measure } from './measure.js';
import { best, DIST, FOLDER, MIB, printTable, type Targets, timeAll } from './timing.js';

/** Threads that make a log of about 50 MB. */
const THREADS = 12_500;
const TRACEKIT = join(DIST, 'bin', 'tracekit.js');
const SIDES = ['dpc', 'pool', 'errors'] as const;

export async function benchCorrelate(mb: number, runs: number, targets: Targets): Promise<void> {
  const log = join(FOLDER, `dump-${THREADS}.log`);
  const dump = generateDump(log, THREADS);
  const text = join(FOLDER, `dumper-${mb}.txt`);
  const etl = join(FOLDER, `trace-${mb}.etl`);
  const traces = [
    { name: 'dumper text', path: text, bytes: generateDumper(text, mb * MIB) },
    { name: '.etl', path: etl, bytes: generateEtl(etl, { bytes: mb * MIB }).bytes },
  ];
  // Nothing of pool, or no messages, is an answer as well (4); so is that the evidence carries no verdict.
  const run = async (args: readonly string[]): Promise<Measured> => {
    const measured = await measure(process.execPath, [TRACEKIT, ...args, '--quiet'], { memory: true });
    return measured.exitCode === 4 ? { ...measured, exitCode: 0 } : measured;
  };
  for (const { name, path, bytes } of traces) {
    const single = [
      ...SIDES.map((command) => ({ name: `tracekit ${command}, ${name}`, bytes, args: [command, path] })),
      ...['dump', 'pool', 'errors'].map((command) => ({
        name: `tracekit ${command}, log`,
        bytes: dump.bytes,
        args: [command, log],
      })),
    ];
    const html = join(FOLDER, 'report.html');
    const timings = await timeAll([
      {
        name: `tracekit correlate, ${name}`,
        bytes: bytes + dump.bytes,
        runs,
        once: () => run(['correlate', path, log, '--html', html]),
      },
      ...single.map(({ args, ...rest }) => ({ ...rest, runs, once: () => run(args) })),
    ]);
    console.log(`\n${bytes} bytes of ${name} and ${dump.bytes} bytes of log\n`);
    printTable(timings);
    const [whole, ...parts] = timings;
    const sum = parts.reduce((seconds, part) => seconds + best(part), 0);
    targets.atMost(
      `correlate of ${name} beside the sum of its parts (${sum.toFixed(2)} s), ratio`,
      best(whole) / sum,
      1,
      2,
    );
  }
}
