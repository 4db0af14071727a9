/** The command: what it prints, writes and exits with. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analyzeCorrelate, type CorrelateReport, open, render } from '../src/index.js';
import { tracekit } from './support/cli.js';
import { sample } from './support/samples.js';
import { validator } from './support/schema.js';

const STORIES = [
  ['single-watchdog', 'trace.txt'],
  ['cumulative-watchdog', 'trace.txt'],
  ['shared-tag-leak', 'trace.txt.gz'],
  ['retrying-service', 'trace.log'],
  ['deadlock', 'trace.txt'],
  ['other-boot', 'trace.txt'],
  ['other-zone', 'trace.log'],
  ['time-without-date', 'trace.txt'],
  ['live-dump', 'trace.txt'],
] as const;
const filesOf = ([name, trace]: readonly [string, string]): [trace: string, dump: string] => [
  `samples/stories/${name}/${trace}`,
  `samples/stories/${name}/dump.log`,
];
const snapshot = (name: string): string => `./snapshots/correlate-${name}.txt`;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracekit-correlate-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function answerTo([name, file]: readonly [string, string]): Promise<CorrelateReport> {
  const trace = await open([sample(`stories/${name}/dump.log`), sample(`stories/${name}/${file}`)]);
  const report = await analyzeCorrelate(trace);
  trace.close();
  return {
    ...report,
    sources: report.sources.map((source) => ({ ...source, path: source.path.replace(/^.*samples/, 'samples') })),
  };
}

describe('correlate on a screen', () => {
  it.each(STORIES)('%s', async (...story) => {
    const report = await answerTo(story);
    await expect(render(report, { width: 100 })).toMatchFileSnapshot(snapshot(`${story[0]}-100`));
  });

  it.each([60, 80, 160])('fits %i columns', async (width) => {
    for (const story of STORIES) {
      for (const line of render(await answerTo(story), { width }).split('\n')) {
        const hasLongWord = line.split(' ').some((word) => word.length > width - 24);
        if (!hasLongWord) expect([...line].length, line).toBeLessThanOrEqual(width);
      }
    }
  });

  it('as Markdown', async () => {
    await expect(render(await answerTo(STORIES[2]), { format: 'md' })).toMatchFileSnapshot(snapshot('md'));
  });

  it('as JSON, which its schema describes', async () => {
    const validate = validator('correlate');
    for (const story of STORIES) {
      const document = JSON.parse(render(await answerTo(story), { format: 'json' }));
      expect(validate(document)).toEqual([]);
    }
  });

  it('prints its options', async () => {
    await expect(tracekit(['correlate', '--help']).out).toMatchFileSnapshot('./snapshots/help-correlate.txt');
    await expect(tracekit(['demo', '--help']).out).toMatchFileSnapshot('./snapshots/help-demo.txt');
  });
});

describe('correlate as a command', () => {
  const [trace, dump] = filesOf(STORIES[3]);

  it('exits with 0 for a verdict, told files or not, in any order', () => {
    const told = tracekit(['correlate', '--trace', trace, '--dump', dump]);
    expect(told.code).toBe(0);
    expect(told.err).toBe('');
    expect(tracekit(['correlate', trace, dump]).out).toBe(told.out);
    expect(tracekit(['correlate', dump, trace]).out).toBe(told.out);
  });

  it('reads one side from standard input', () => {
    const ran = tracekit(['correlate', '--trace', '-', '--dump', dump], {
      input: readFileSync(sample('stories/retrying-service/trace.log')),
    });
    expect(ran.code).toBe(0);
    expect(ran.out).toContain('says it itself');
    const packed = tracekit(['correlate', '--dump', '-', '--trace', trace], {
      input: readFileSync(sample('stories/retrying-service/dump.log')),
    });
    expect(packed.code).toBe(0);
  });

  it('exits with 4 where the evidence carries no verdict, and says so', () => {
    const [leak] = filesOf(STORIES[2]);
    const ran = tracekit(['correlate', '--trace', leak, '--dump', dump]);
    expect(ran.code).toBe(4);
    expect(ran.err).toBe('tracekit: the evidence does not carry a verdict; the answer says what is missing.\n');
    expect(ran.out).toContain('Insufficient evidence');
  });

  it('refuses what it cannot use, in one line', () => {
    const refused = (...args: string[]): { code: number | null; err: string } => {
      const { code, err, out } = tracekit(['correlate', ...args]);
      expect(out).toBe('');
      expect(err.trim().split('\n').length).toBeLessThanOrEqual(3);
      expect(err).not.toMatch(/\bat .*\.js:\d+/);
      return { code, err };
    };
    expect(refused()).toMatchObject({ code: 2 });
    const noDump = refused('--trace', trace);
    expect(noDump.code).toBe(2);
    expect(noDump.err).toContain("none is a debugger's log");
    expect(refused('--dump', 'nowhere.log')).toMatchObject({ code: 3 });
    expect(refused('--trace', trace, '--dump', dump, '--trace-start', 'yesterday')).toMatchObject({ code: 2 });
    expect(refused('--trace', trace, '--dump', dump, '--zone', 'Mars/Base')).toMatchObject({ code: 2 });
    expect(refused('--trace', trace, '--dump', dump, '--html', trace)).toMatchObject({ code: 2 });
    expect(refused('--trace', trace, '--dump', dump, '--bundle', join(folder, 'none', 'x.zip')).code).toBe(3);
  });

  it('writes the report for a browser, with the lines around each place, and a bundle', () => {
    const html = join(folder, 'report.html');
    const zip = join(folder, 'out.zip');
    const ran = tracekit(['correlate', trace, dump, '--html', html, '--bundle', zip, '--json']);
    expect(ran.code).toBe(0);
    const page = readFileSync(html, 'utf8');
    expect(page).toContain('dapplecore!Freight_Archive_Execute');
    // A line beside a cited one, which no quote holds.
    const lines = readFileSync(sample('stories/retrying-service/trace.log'), 'utf8').split('\n');
    const cited = JSON.parse(ran.out).result.causes[0].evidence.find((e: { source: string }) => e.source === 's2').line;
    expect(page).toContain(lines[cited - 2].slice(30, 60).replaceAll('"', '&quot;').replaceAll("'", '&#39;'));
    expect(readFileSync(zip).subarray(0, 2).toString()).toBe('PK');
  });

  it('replaces names in all that it prints and writes', () => {
    const html = join(folder, 'redacted.html');
    const ran = tracekit(['correlate', trace, dump, '--html', html, '--redact', '--json']);
    for (const text of [ran.out, readFileSync(html, 'utf8')]) {
      expect(text).not.toMatch(/freightarchived/i);
      expect(text).not.toContain('10.108.84.195');
      expect(text).not.toContain('retrying-service');
      expect(text).toContain('dapplecore');
    }
  });

  it('does not obey what stands in the files', () => {
    const bad = '\u001b]0;owned\u0007\u001b[31m<script>alert(1)</script>\u202e';
    const text = readFileSync(sample('stories/retrying-service/trace.log'), 'utf8').replaceAll(
      'refuses the connection',
      `refuses ${bad}`,
    );
    const log = readFileSync(sample('stories/retrying-service/dump.log'), 'utf8').replaceAll(
      'freightarchived',
      'freight\u001b[2J',
    );
    mkdirSync(join(folder, 'bad'), { recursive: true });
    const [tracePath, dumpPath, html] = ['trace.log', 'dump.log', 'r.html'].map((name) => join(folder, 'bad', name));
    writeFileSync(tracePath, text);
    writeFileSync(dumpPath, log);
    for (const format of ['table', 'md', 'json']) {
      const ran = tracekit(['correlate', tracePath, dumpPath, '--format', format, '--html', html]);
      expect(ran.code).not.toBeNull();
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not come out.
      expect(ran.out).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/);
      expect(readFileSync(html, 'utf8')).not.toContain('<script>alert');
    }
  });

  it('survives logs that end anywhere and traces that are damaged', async () => {
    const log = readFileSync(sample('stories/shared-tag-leak/dump.log'));
    const traceBytes = gunzipSync(readFileSync(sample('stories/shared-tag-leak/trace.txt.gz')));
    for (const share of [0.05, 0.3, 0.55, 0.8, 0.97]) {
      const [tracePath, dumpPath] = ['cut.txt', 'cut.log'].map((name) => join(folder, name));
      writeFileSync(dumpPath, log.subarray(0, Math.floor(share * log.length)));
      writeFileSync(tracePath, traceBytes.subarray(0, Math.floor(share * traceBytes.length)));
      const opened = await open([tracePath, dumpPath]);
      const { diagnostics } = await analyzeCorrelate(opened);
      opened.close();
      expect(diagnostics.filter(({ code }) => code === 'analysis-failed')).toEqual([]);
    }
  });
});

describe('tracekit demo', () => {
  it('shows three stories and writes their reports', () => {
    const out = join(folder, 'demo');
    const ran = tracekit(['demo', '--out', out]);
    expect(ran.code).toBe(0);
    expect(ran.out.match(/Confidence: high/g)).toHaveLength(3);
    for (const name of ['single-watchdog', 'shared-tag-leak', 'retrying-service']) {
      expect(readFileSync(join(out, `${name}.html`), 'utf8')).toContain('<html');
    }
  });
});
