/** The command's options and exit codes; what it prints is in cli-screens.test.ts. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { analyze, documentOf, info, open, render, type Trace } from '../src/index.js';
import { dpcAggregate } from '../src/tables/dpc-aggregate.js';
import { dpcIsr } from '../src/tables/dpc-isr.js';
import { logMessage } from '../src/tables/log-message.js';
import { poolTag } from '../src/tables/pool-snapshot.js';
import { samples } from './generate/samples.js';
import { stutter } from './generate/truth.js';
import { dumper } from './generate/write-dumper.js';
import { tracekit } from './support/cli.js';
import { sample } from './support/samples.js';
import { validator } from './support/schema.js';

const STUTTER = 'samples/xperf-dumper/stutter.txt';
const DAMAGED = 'samples/xperf-dumper/damaged.txt';
const REPORT = 'samples/xperf-dpcisr/stutter.txt';
const LATENCYMON = 'samples/latencymon/stutter.txt';

const folder = mkdtempSync(join(tmpdir(), 'tracekit-'));
afterAll(() => rmSync(folder, { recursive: true }));

function written(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const DPC_TABLES = [dpcIsr, dpcAggregate];

/** A sound dumper file with images, switches and samples, but no DPC or ISR. */
const noRuns = written('no-runs.txt', dumper({ ...stutter(), runs: [] }));

/** The modules' part of the answer to these arguments. */
function modules(...args: string[]): unknown {
  const { out, err, code } = tracekit(['dpc', ...args, '--json']);
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out).result.modules;
}

describe('exit codes', () => {
  it.each<[number, string, string[]]>([
    [0, '', ['dpc', STUTTER]],
    [0, '', ['dpc', STUTTER, '--fail-over', '2s']],
    [0, '', ['dpc', STUTTER, '--fail-over', '1ms', '--cpu', '0']],
    [0, 'no DPC or ISR run passes the filters', ['dpc', STUTTER, '--module', 'nosuch.sys']],
    [0, '', ['info', DAMAGED]],
    [1, 'DPC in Wdf01000.sys ran 1000412 µs: over 1000 µs', ['dpc', STUTTER, '--fail-over', '1ms']],
    [1, 'ran 1000412 µs', ['dpc', STUTTER, '--fail-over', '1s', '--sort', 'name', '--top', '1', '--by', 'cpu']],
    [1, 'ran 310 µs: over 309.5 µs', ['dpc', STUTTER, '--fail-over', '309.5us', '--module', 'fastnic.sys']],
    [1, 'ran 1000412 µs', ['dpc', LATENCYMON, '--fail-over', '1ms']],
    [1, 'ran more than 524288 µs', ['dpc', REPORT, '--fail-over', '1ms']],
    [3, '--strict: events-lost', ['dpc', DAMAGED, '--strict']],
    [3, '--strict', ['info', DAMAGED, '--strict']],
    [3, '--strict: ', ['dpc', DAMAGED, '--strict', '--fail-over', '1us']],
    [3, 'missing.txt', ['dpc', 'missing.txt']],
    [3, 'samples', ['dpc', 'samples']],
    [3, 'is of no known format', ['dpc', 'README.md']],
    [3, 'is empty', ['dpc', '-']],
    [4, 'no DPC or ISR runs in the input', ['dpc', noRuns]],
    [4, 'no DPC or ISR runs in the input', ['dpc', noRuns, '--strict', '--fail-over', '1us']],
    [4, 'no rows', ['tables', STUTTER, '--only', 'pool_event', '--out', join(folder, 'none')]],
  ])('%i: "%s" %j', (code, why, args) => {
    const ran = tracekit(args);
    expect([ran.code, ran.err]).toEqual([code, why === '' ? '' : expect.stringContaining(why)]);
    expect(ran.err).not.toContain('internal error');
  });

  it('are the same with --quiet, which says nothing', () => {
    for (const [code, args] of [
      [1, ['dpc', STUTTER, '--fail-over', '1ms']],
      [3, ['dpc', DAMAGED, '--strict']],
      [4, ['dpc', noRuns]],
    ] as const) {
      const ran = tracekit([...args, '--quiet']);
      expect([ran.code, ran.err]).toEqual([code, '']);
    }
  });

  it.each<[string, string[]]>([
    ['no command', []],
    ['an unknown command', ['dcp', STUTTER]],
    ['no file', ['dpc']],
    ['an unknown option', ['dpc', STUTTER, '--modul', 'x']],
    ['an unknown column', ['dpc', STUTTER, '--columns', 'module,nosuch']],
    ['a column of another list', ['dpc', STUTTER, '--by', 'cpu', '--columns', 'p99Us']],
    ['an unknown list', ['dpc', STUTTER, '--by', 'driver']],
    ['an unknown kind', ['dpc', STUTTER, '--kind', 'APC']],
    ['an unknown order', ['dpc', STUTTER, '--sort', 'size']],
    ['an unknown format', ['dpc', STUTTER, '--format', 'html']],
    ['a limit that is no duration', ['dpc', STUTTER, '--dpc-limit', 'soon']],
    ['a limit below zero', ['dpc', STUTTER, '--fail-over', '-1ms']],
    ['a length that is no number', ['dpc', STUTTER, '--top', 'all']],
    ['a processor that is no number', ['dpc', STUTTER, '--cpu', 'all']],
    ['one time', ['dpc', STUTTER, '--range', '2s']],
    ['three times', ['dpc', STUTTER, '--range', '2s,3s,4s']],
    ['a range that ends before it begins', ['dpc', STUTTER, '--range', '3s', '2s']],
    ['a range that is none', ['dpc', STUTTER, '--range', 'soon,later']],
    ['a time without distance', ['dpc', STUTTER, '--around', '2s']],
    ['two windows', ['dpc', STUTTER, '--range', '2s,3s', '--around', '2s±1s']],
    ['a time of day without zone', ['dpc', STUTTER, '--range', '2025-04-17T00:00:02,2025-04-17T00:00:03']],
    ['a time of day in a file without date', ['dpc', REPORT, '--range', '2025-04-17T00:00:02Z,+1s']],
    ['an output over an input', ['dpc', STUTTER, '--output', `./${STUTTER}`]],
    ['no folder for tables', ['tables', STUTTER]],
    ['an unknown recipe', ['recipe', 'cake']],
  ])('2: %s', (_, args) => {
    const { code, out, err } = tracekit(args);
    expect([code, out]).toEqual([2, '']);
    expect(err.length).toBeGreaterThan(10);
    expect(err).not.toContain('    at ');
  });

  it('says why in one line, and names the remedy of a time without zone', () => {
    const { err } = tracekit(['dpc', STUTTER, '--range', '2025-04-17T00:00:02,2025-04-17T00:00:03']);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
    expect(err).toContain('2025-04-17T00:00:02Z');
  });
});

describe('windows', () => {
  // The sample begins at 00:00:00.123456.
  const asked = modules(STUTTER, '--range', '2s', '3s');

  it.each([
    [['--range', '2s,3s']],
    [['--range', '2s 3s']],
    [['--range=2s,3s']],
    [['--range', '2000ms', '+1s']],
    [['--range', '2000000,3000000us']],
    [['--around', '2.5s±500ms']],
    [['--around', '2.5s+-0.5s']],
    [['--around', '2.5s +/- 500000']],
    [['--range', '2025-04-17T00:00:02.123456Z', '2025-04-17T00:00:03.123456Z']],
    [['--range', '2025-04-17T02:00:02.123456+02:00', '+1s']],
    [['--around', '2025-04-16T20:00:02.623456-04:00±500ms']],
  ])('%j', (args) => {
    expect(modules(...args, STUTTER)).toEqual(asked);
  });

  it('takes a time of day without zone where the file names one', () => {
    const csv = 'samples/tracerpt-csv/stutter.csv.gz';
    const wall = ['--range', '2025-04-17T00:00:02.123456', '2025-04-17T00:00:03.123456'];
    expect(modules(csv, ...wall)).toEqual(modules(csv, '--range', '2s', '3s'));
  });

  it('takes a file behind --histogram for a file', () => {
    const by = ['--by', 'histogram'];
    const asked = tracekit(['dpc', STUTTER, ...by, '--histogram', 'xperf']);
    expect([asked.code, asked.out.includes('Wdf01000.sys')]).toEqual([0, true]);
    expect(tracekit(['dpc', ...by, '--histogram', STUTTER])).toEqual(asked);
    expect(tracekit(['dpc', '--histogram', ...by, STUTTER])).toEqual(asked);
    expect(tracekit(['dpc', STUTTER, ...by, '--histogram'])).toEqual(asked);
    const other = tracekit(['dpc', ...by, '--histogram', 'latencymon', STUTTER]);
    expect([other.code, other.out === asked.out]).toEqual([0, false]);
    expect(tracekit(['dpc', ...by, '--histogram=latencymon', STUTTER])).toEqual(other);
    expect(tracekit(['dpc', STUTTER, '--histogram=cake']).code).toBe(2);
  });

  it('takes --range for what it is after --', () => {
    expect(tracekit(['dpc', '--', '--range', 'a', 'b']).code).toBe(3);
  });
});

describe('outputs', () => {
  it('takes an output and an input format one after the other', () => {
    const asJson = tracekit(['dpc', STUTTER, '--json']).out;
    expect(tracekit(['dpc', STUTTER, '--format', 'xperf-dumper', '--format', 'json']).out).toBe(asJson);
    expect(tracekit(['dpc', STUTTER, '--format', 'json', '--format', 'xperf-dumper']).out).toBe(asJson);
    const forced = tracekit(['dpc', STUTTER, '--format', 'latencymon']);
    expect([forced.code, forced.err]).toEqual([4, expect.stringContaining('no DPC or ISR runs')]);
  });

  it('cuts nothing with --top 0', () => {
    const { out } = tracekit(['dpc', STUTTER, '--top', '0']);
    expect(/\d+ of \d+ shown/.test(out)).toBe(false);
    expect(out.match(/^ *\d+\.0 .* s1:\d+$/gm)).toHaveLength(stutter().runs.length);
    const document = JSON.parse(tracekit(['dpc', STUTTER, '--top', '2', '--json']).out);
    expect(document.result.cut.modules).toEqual({ shown: 2, of: 23 });
  });

  it('writes to a file what it would print', () => {
    const path = join(folder, 'answer.csv');
    const ran = tracekit(['dpc', STUTTER, '--format', 'csv', '--output', path]);
    expect([ran.code, ran.out, ran.err]).toEqual([0, '', '']);
    expect(readFileSync(path, 'utf8')).toBe(tracekit(['dpc', STUTTER, '--format', 'csv']).out);
    expect(tracekit(['dpc', STUTTER, '--output', join(folder, 'no', 'such', 'folder')]).code).toBe(3);
  });

  it('reads standard input', () => {
    const ran = tracekit(['dpc', '-', '--json'], { input: readFileSync(sample('tracerpt-csv/stutter.csv.gz')) });
    const document = JSON.parse(ran.out);
    expect([ran.code, document.sources[0].path, document.sources[0].bytes]).toEqual([0, '-', null]);
    expect(document.result.modules).toEqual(modules('samples/tracerpt-csv/stutter.csv.gz'));
  });

  it('prints the answer whatever the exit code', () => {
    const plain = tracekit(['dpc', DAMAGED]).out;
    expect(tracekit(['dpc', DAMAGED, '--strict']).out).toBe(plain);
    expect(tracekit(['dpc', DAMAGED, '--fail-over', '1us']).out).toBe(plain);
  });

  it('gives columns in the order asked for', () => {
    const { out } = tracekit(['dpc', STUTTER, '--format', 'csv', '--columns', 'MAXUS,module', '--top', '1']);
    expect(out).toBe('maxUs,module\n1000412,Wdf01000.sys\n');
  });
});

/** The answer as JSON to each command that takes samples. */
const JSON_OF = {
  dpc: async (trace: Trace) => render(await analyze(trace, 'dpc'), { format: 'json' }),
  pool: async (trace: Trace) => render(await analyze(trace, 'pool'), { format: 'json' }),
  errors: async (trace: Trace) => render(await analyze(trace, 'errors'), { format: 'json' }),
};

/** Of formats that hold no runs, only `pool` or `errors` has an answer. */
function commandFor(trace: Trace): keyof typeof JSON_OF {
  if (DPC_TABLES.some((table) => trace.canFill(table))) return 'dpc';
  return trace.canFill(logMessage) && !trace.canFill(poolTag) ? 'errors' : 'pool';
}

describe('JSON', () => {
  const schemas = { dpc: validator('dpc'), pool: validator('pool'), errors: validator('errors') };
  const infoSchema = validator('info');

  it.each(samples().map(({ path }) => path))('is valid for %s', async (path) => {
    const trace = await open([sample(path)]);
    const command = commandFor(trace);
    const text = await JSON_OF[command](trace);
    expect(schemas[command](JSON.parse(text))).toEqual([]);
    expect(infoSchema(JSON.parse(JSON.stringify(documentOf(await info(trace)))))).toEqual([]);
    trace.close();
  });

  it('is what the library gives', async () => {
    const trace = await open([sample('xperf-dumper/stutter.txt')]);
    const { result } = await analyze(trace, 'dpc');
    trace.close();
    const printed = JSON.parse(tracekit(['dpc', STUTTER, '--json']).out);
    expect(printed.result).toEqual(JSON.parse(JSON.stringify(result)));
    expect(schemas.dpc(printed)).toEqual([]);
    expect(infoSchema(JSON.parse(tracekit(['info', STUTTER, '--json']).out))).toEqual([]);
  });
});
