/** Inputs that look alike and are not: the true cause moved to another thread, pool, boot or time. Nobody may be named for sure. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analyzeCorrelate, type CorrelateOptions, type CorrelateResult, open } from '../src/index.js';
import { sample } from './support/samples.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracekit-decoys-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const DUMP = sample('stories/retrying-service/dump.log');
const LINES = readFileSync(sample('stories/retrying-service/trace.log'), 'utf8').split('\n');
const GUILTY = /\[1264:1316\]/;

/** The trace with every line made anew; null leaves one out. */
const edited = (change: (line: string) => string | null): string =>
  LINES.map(change)
    .filter((line) => line !== null)
    .join('\n');

/** All times moved by so many minutes. */
const moved = (minutes: number): string =>
  edited((line) => {
    const time = line.slice(0, 26);
    if (!/^\d{4}-/.test(time)) return line;
    const at = new Date(Date.parse(`${time.slice(0, 23)}Z`) + minutes * 60_000).toISOString();
    return `${at.slice(0, 23)}${time.slice(23, 26)}${line.slice(26)}`;
  });

async function answer(
  traces: readonly string[],
  dump: string = DUMP,
  options: Partial<CorrelateOptions> = {},
): Promise<CorrelateResult> {
  const paths = traces.map((text, i) => {
    const path = join(folder, `trace-${i}.log`);
    writeFileSync(path, text);
    return path;
  });
  const trace = await open([dump, ...paths]);
  try {
    return (await analyzeCorrelate(trace, options)).result;
  } finally {
    trace.close();
  }
}

const confidences = ({ causes }: CorrelateResult): string[] => causes.map(({ confidence }) => confidence);

describe('the messages of a blocked thread', () => {
  it('name the cause where they are its own', async () => {
    expect((await answer([edited((line) => line)])).causes[0].confidence).toBe('high');
  });

  it('do not where another process used the number of the thread', async () => {
    const reused = edited((line) =>
      GUILTY.test(line)
        ? line.replace('[1264:', '[9000:').replace(/FreightArchive.*Archive\]/, 'Telemetry: Error: upload')
        : line,
    );
    const one = `${LINES[2].slice(0, 32)} INFO [1264:1316] Start: ready`;
    const result = await answer([`${one}\n${reused}`]);
    expect(result.causes[0].points.map(({ rule }) => rule)).not.toContain('same-thread');
    expect(confidences(result)).not.toContain('high');
  });

  it('do not where they are of another boot, whatever other traces there are', async () => {
    const innocent = edited((line) => (GUILTY.test(line) ? null : line));
    const result = await answer([innocent, moved(-4 * 24 * 60)]);
    expect(confidences(result)).not.toContain('high');
    expect(result.alignment.sameBoot).not.toBe(true);
    expect(result.causes[0].limits.join()).toContain('another boot');
  });

  it('do not where the trace goes on after the dump', async () => {
    const result = await answer([moved(5)]);
    expect(confidences(result)).not.toContain('high');
    expect(result.alignment.sameBoot).toBe(false);
    expect(result.alignment.sameBootReasons.join()).toContain('goes on after the dump');
  });

  it('do not for sure where they ended before anybody waited', async () => {
    const result = await answer([moved(-60)]);
    expect(confidences(result)).not.toContain('high');
    expect(result.alignment.overlapMs).toBe(0);
  });

  it('do not where a library that many programs use is all that ties them', async () => {
    const shared = edited((line) =>
      GUILTY.test(line)
        ? line.replace(/\[1264:1316\].*/, 'dapplecore: Error: label printer out of paper')
        : line.replace(/\[\d+:\d+\] /, ''),
    );
    expect(confidences(await answer([shared]))).not.toContain('high');
  });
});

describe('other decoys', () => {
  it('a tag that leaks in the other pool', async () => {
    const text = gunzipSync(readFileSync(sample('stories/shared-tag-leak/trace.txt.gz'))).toString();
    const paged = text.replaceAll(/NonPagedPool\w*/g, 'PagedPool').replaceAll('0xffffb18c', '0xffffc18c');
    const result = await answer([paged], sample('stories/shared-tag-leak/dump.log'));
    for (const { statement } of result.causes) expect(statement).not.toMatch(/explains \d+ % of/);
    expect(confidences(result)).not.toContain('high');
  });

  it('a moment of the watchdog period, and a window that ends before the storm', async () => {
    const text = readFileSync(sample('stories/cumulative-watchdog/trace.txt'), 'utf8');
    const dump = sample('stories/cumulative-watchdog/dump.log');
    const moment = await answer([text], dump, { offsetMs: 217_040 });
    expect(confidences(moment)).toEqual(confidences(moment).map(() => 'low'));
    const early = await answer([text], dump, { offsetMs: 90_000 });
    expect(early.causes[0].confidence).not.toBe('high');
    for (const { points } of early.causes) {
      for (const { evidence, rule } of points) {
        if (rule !== 'held-the-processor') continue;
        // The time of the run cited, as the row prints it, is not after the dump.
        for (const { quote } of evidence) expect(Number(quote.split(',')[1])).toBeLessThan(90_500_000);
      }
    }
  });

  it('the same blocks in two lists of the debugger are counted once', async () => {
    const text = gunzipSync(readFileSync(sample('stories/shared-tag-leak/trace.txt.gz'))).toString();
    const result = await answer([text], sample('stories/shared-tag-leak/dump.log'));
    const point = result.causes[0].points.find(({ rule }) => rule === 'same-blocks');
    expect(point?.statement).toMatch(/^96 of the 96 blocks that !?verifier 3 lists/);
  });

  it('two parts of a trace hold what they hold, and not the time between', async () => {
    const half = Math.floor(LINES.length / 3);
    const parts = [LINES.slice(0, half).join('\n'), LINES.slice(-half).join('\n')];
    const both = await answer(parts);
    const swapped = await answer([parts[1], parts[0]]);
    expect(both.alignment.overlapMs).toBeLessThan(350_000);
    expect(Math.abs((both.alignment.overlapMs as number) - (swapped.alignment.overlapMs as number))).toBeLessThan(50);
  });
});
