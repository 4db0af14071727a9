/** Raw logs: single events, `tracekit dpc` and XPRESS, beside cat and gzip -dc of the same file. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { inputsOf } from '../src/core/source.js';
import { generateEtl } from './generate-etl.js';
import { measure } from './measure.js';
import {
  best,
  DIST,
  FOLDER,
  MIB,
  median,
  type Program,
  printTable,
  type Targets,
  type Timing,
  timeAll,
} from './timing.js';

const TARGET = {
  iteratedPerSecond: 20e6,
  dpcEventsPerSecond: 5e6,
  dpcBytesPerSecond: 400e6,
  unpackedBytesPerSecond: 300e6,
  peakBytes: 300e6,
  realSeconds: 0.8,
};

const TRACEKIT = join(DIST, 'bin', 'tracekit.js');
const ITERATE = join(DIST, 'bench', 'etl-iterate.js');
/** The one public trace with DPCs, ISRs and stacks; used where it is there. */
const REAL = join(
  resolve(process.env.TRACEKIT_SHARED ?? '../shared'),
  'real/etl/win7sp1-x64-8cpu-xperf-dpc-isr-cswitch-stacks.etl.zip',
);

const dpc = (path: string): Program['once'] => {
  return () => measure(process.execPath, [TRACEKIT, 'dpc', path, '--quiet', '--format', 'json'], { memory: true });
};

export async function benchEtl(megabytes: number, runs: number, targets: Targets): Promise<void> {
  const path = join(FOLDER, `kernel-${megabytes}.etl`);
  const packed = join(FOLDER, `kernel-${megabytes}-compressed.etl`);
  const { bytes, events } = generateEtl(path, { bytes: megabytes * MIB });
  const small = generateEtl(packed, { bytes: megabytes * MIB, compressed: true });
  const zipped = `${path}.gz`;
  if (!existsSync(zipped) || statSync(zipped).mtimeMs < statSync(path).mtimeMs) execFileSync('gzip', ['-1kf', path]);
  console.log(
    `\n.bench/kernel-${megabytes}.etl, ${bytes} bytes, ${events} events; best and median of ${runs} runs in turns\n`,
  );
  await measure('cat', [path, packed]);
  const plain = (name: string, command: string, args: string[]): Program => ({
    name,
    bytes,
    runs,
    once: () => measure('sh', ['-c', `exec ${command} "$@" > /dev/null`, 'sh', ...args]),
  });
  const timings = await timeAll([
    { name: 'tracekit dpc', bytes, runs, once: dpc(path) },
    plain('cat', 'cat', [path]),
    plain('gzip -dc (of gzip -1)', 'gzip', ['-dc', zipped]),
    { name: 'tracekit dpc, compressed', bytes: small.unpackedBytes, runs: Math.min(runs, 2), once: dpc(packed) },
  ]);
  printTable(timings);
  console.log('');
  checkDpc(timings, events, targets);
  await checkIterated(path, packed, runs, targets);
  if (existsSync(REAL)) await checkReal(runs, targets);
  else console.log('the real trace is not there: not measured');
}

function checkDpc([tracekit, cat, gzip, compressed]: readonly Timing[], events: number, targets: Targets): void {
  const account = JSON.parse(tracekit.stdout).sources[0];
  if (account.read !== events) {
    targets.missed = true;
    console.log(`MISSED   ${account.read} events read of ${events} that were written`);
  }
  const million = (n: number): number => n / 1e6;
  targets.atLeast(
    'dpc, million events per second',
    million(events / best(tracekit)),
    million(TARGET.dpcEventsPerSecond),
  );
  targets.atLeast('dpc, MB per second', million(tracekit.bytes / best(tracekit)), million(TARGET.dpcBytesPerSecond), 0);
  for (const timing of [tracekit, compressed]) {
    const { name, peakBytes } = timing;
    targets.atMost(
      `${name}, peak memory in MB`,
      peakBytes === null ? null : million(peakBytes),
      million(TARGET.peakBytes),
      0,
    );
  }
  const ratio = (other: Timing): string => (best(tracekit) / best(other)).toFixed(1);
  console.log(`dpc takes ${ratio(cat)} times cat, ${ratio(gzip)} times gzip -dc of the same file`);
}

/** In a process of its own, without start-up. */
async function checkIterated(path: string, packed: string, runs: number, targets: Targets): Promise<void> {
  const rates = { events: 0, bytes: 0 };
  for (let run = 0; run < runs; run++) {
    const plain = JSON.parse((await measure(process.execPath, [ITERATE, path])).stdout);
    const compressed = JSON.parse((await measure(process.execPath, [ITERATE, packed])).stdout);
    rates.events = Math.max(rates.events, plain.iterated.events / plain.iterated.seconds);
    rates.bytes = Math.max(rates.bytes, compressed.unpacked.bytes / compressed.unpacked.seconds);
  }
  targets.atLeast('iteration, million events per second', rates.events / 1e6, TARGET.iteratedPerSecond / 1e6);
  targets.atLeast('XPRESS, MB of output per second', rates.bytes / 1e6, TARGET.unpackedBytesPerSecond / 1e6, 0);
}

async function checkReal(runs: number, targets: Targets): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tracekit-bench-'));
  try {
    const path = join(folder, 'real.etl');
    writeFileSync(path, await unzipped(REAL));
    const [real] = await timeAll([
      { name: 'tracekit dpc, Windows 7', bytes: statSync(path).size, runs, once: dpc(path) },
    ]);
    console.log('');
    printTable([real]);
    console.log(`median ${median(real).toFixed(3)} s`);
    targets.atMost('the real trace, best time in s', best(real), TARGET.realSeconds, 3);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The first file of a zip. */
async function unzipped(path: string): Promise<Buffer> {
  const [input] = await inputsOf(path);
  const stream = await input.open();
  try {
    const bytes = await stream.random();
    const all = Buffer.alloc(bytes.size);
    await bytes.read(all, 0);
    return all;
  } finally {
    stream.close();
  }
}
