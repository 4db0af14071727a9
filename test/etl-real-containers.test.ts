/** A log gives the same answers however it is packed: as it is, in a zip, gzipped, through standard input. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALL_EVENTS, type EventRecord, readEvents } from '../src/events.js';
import { info, open } from '../src/index.js';
import { tracekit } from './support/cli.js';
import { realEtlFiles, realEtlPath } from './support/etl-sources.js';
import { realLog } from './support/etl-walk.js';
import { dpcOf } from './support/samples.js';

const ZIPPED = 'win10-18363-32bit-header-on-64bit-os-compressed.etl.zip';
const PLAIN = 'win11-22000-x64-compressed-tiny.etl';
const DPC = 'win7sp1-x64-8cpu-xperf-dpc-isr-cswitch-stacks.etl.zip';
const IS_HERE = [ZIPPED, PLAIN, DPC].every((name) => realEtlFiles().includes(name));
if (!IS_HERE) console.warn('skipped: the real logs are not at hand');

/** All that `info` and `events` say, but for what it was packed in. */
async function answers(path: string): Promise<{ info: unknown; events: readonly EventRecord[] }> {
  const trace = await open([path]);
  const { result, diagnostics } = await info(trace);
  trace.close();
  const events: EventRecord[] = [];
  const again = await open([path]);
  await readEvents(again, ALL_EVENTS, (event) => events.push(event));
  again.close();
  // A zip may tell of entries that are no log.
  return { info: { result, diagnostics: diagnostics.filter(({ source }) => source !== null) }, events };
}

describe.skipIf(!IS_HERE)('a log', () => {
  let folder = '';
  let plain = '';
  let gzipped = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tracekit-'));
    plain = join(folder, 'log.etl');
    gzipped = join(folder, 'log.etl.gz');
    const log = realLog(ZIPPED, '.etl') as Buffer;
    writeFileSync(plain, log);
    writeFileSync(gzipped, gzipSync(log));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('gives the same answers as it is, in a zip and gzipped', async () => {
    const expected = await answers(plain);
    expect(expected.events.length).toBe(5870);
    expect(await answers(realEtlPath(ZIPPED))).toEqual(expected);
    expect(await answers(gzipped)).toEqual(expected);
  });

  it('gives the same answers through standard input, packed and not', () => {
    const args = (path: string): string[] => ['info', path, '--json', '--quiet'];
    const answer = (out: string): unknown => JSON.parse(out).result;
    const expected = answer(tracekit(args(plain)).out);
    for (const path of [plain, gzipped, realEtlPath(ZIPPED)]) {
      expect(answer(tracekit(args('-'), { input: readFileSync(path) }).out)).toEqual(expected);
    }
  });

  it('gives the same events through standard input', () => {
    const args = (path: string): string[] => ['events', path, '--format', 'ndjson', '--limit', '0', '--quiet'];
    const expected = tracekit(args(realEtlPath(PLAIN)));
    expect(expected.out.trim().split('\n').length).toBe(22);
    expect(tracekit(args('-'), { input: readFileSync(realEtlPath(PLAIN)) })).toEqual(expected);
  });

  it('gives the same DPCs and ISRs gzipped, whole buffers not compressed', async () => {
    const path = join(folder, 'dpc.etl.gz');
    writeFileSync(path, gzipSync(realLog(DPC, '.etl') as Buffer, { level: 1 }));
    const [zipped, gzip] = [await dpcOf(realEtlPath(DPC)), await dpcOf(path)];
    expect(gzip.result).toEqual(zipped.result);
    expect(gzip.findings).toEqual(zipped.findings);
  });
});
