import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import yazl from 'yazl';
import type { SourceSummary } from '../src/core/analysis.js';
import { analyzeCorrelate } from '../src/correlate.js';
import { placesOf, readExcerpts } from '../src/excerpts.js';
import { open } from '../src/open.js';
import { story } from './generate/stories/index.js';
import { correlateReport } from './support/correlate-report.js';
import { scratch } from './support/scratch.js';

const folder = scratch('excerpts');

const summary = (id: string, path: string, encoding = 'utf-8'): SourceSummary =>
  ({ id, path, encoding }) as unknown as SourceSummary;

/** A debugger's log, so that a parser claims it, with `lines` behind its first two. */
const log = (lines: readonly string[], end = '\n'): string =>
  ['Microsoft (R) Windows Debugger Version 10.0.22621.1 AMD64', '0: kd> !process 0 0', ...lines].join(end);

async function zipped(entries: Readonly<Record<string, string>>): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  for (const [name, text] of Object.entries(entries)) zip.addBuffer(Buffer.from(text), name);
  zip.end();
  const parts: Buffer[] = [];
  for await (const part of zip.outputStream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

async function linesAt(path: string, at: readonly number[], around?: number, encoding?: string) {
  const trace = await open([path]);
  try {
    const [{ path: shown }] = trace.sources;
    return await readExcerpts(
      trace,
      [summary('s1', shown, encoding)],
      at.map((line) => ({ source: 's1', line })),
      around,
    );
  } finally {
    trace.close();
  }
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => `line ${i + 3}`);

describe('lines around what is cited', () => {
  it('are the cited one and those before and after it, as far as there are any', async () => {
    const path = folder.written('ten.log', log(numbered(8)));
    const found = await linesAt(path, [5, 10, 11, 400]);
    expect(found.get('s1:5')).toEqual({
      firstLine: 2,
      lines: ['0: kd> !process 0 0', 'line 3', 'line 4', 'line 5', 'line 6', 'line 7', 'line 8', 'line 9', 'line 10'],
    });
    expect(found.get('s1:10')).toBe(found.get('s1:5'));
    expect([...found.keys()]).toEqual(['s1:5', 's1:10']);
  });

  it('are apart where they do not touch', async () => {
    const path = folder.written('apart.log', log(numbered(50)));
    const found = await linesAt(path, [40, 10], 1);
    expect(found.get('s1:10')).toEqual({ firstLine: 9, lines: ['line 9', 'line 10', 'line 11'] });
    expect(found.get('s1:40')).toEqual({ firstLine: 39, lines: ['line 39', 'line 40', 'line 41'] });
  });

  it.each([
    ['CRLF', Buffer.from(log(numbered(30), '\r\n'))],
    ['UTF-16', Buffer.from(`\ufeff${log(numbered(30), '\r\n')}`, 'utf16le')],
    ['gzip', gzipSync(log(numbered(30)))],
    ['a line longer than any', Buffer.from(log(numbered(30)).replace('line 4', 'x'.repeat(3 << 20)))],
  ])('are counted as parsers count them: %s', async (name, bytes) => {
    const path = folder.written(`${name.split(' ')[1] ?? name}.log`, bytes);
    expect((await linesAt(path, [20], 1)).get('s1:20')?.lines).toEqual(['line 19', 'line 20', 'line 21']);
  });

  it('come from an entry of a zip too', async () => {
    const path = folder.written('two.zip', await zipped({ 'a.log': log(numbered(9)), 'b.log': log(['else']) }));
    expect((await linesAt(path, [4], 0)).get('s1:4')?.lines).toEqual(['line 4']);
  });

  it('are cut, not within a character', async () => {
    const path = folder.written(
      'long.log',
      log(['a'.repeat(398) + '😀'.repeat(20), 'é'.repeat(400), '漢'.repeat(5000)]),
    );
    const found = await linesAt(path, [3, 4, 5], 0);
    expect(found.get('s1:3')?.lines).toEqual([`${'a'.repeat(398)}…`, 'é'.repeat(400), `${'漢'.repeat(399)}…`]);
  });

  it('are no more than 5,000, of those cited first', async () => {
    const path = folder.written('many.log', log(numbered(9000)));
    const found = await linesAt(
      path,
      Array.from({ length: 1200 }, (_, i) => 8000 - i * 6),
      3,
    );
    expect([...new Set(found.values())].reduce((sum, { lines }) => sum + lines.length, 0)).toBeLessThanOrEqual(5000);
    expect(found.has('s1:8000')).toBe(true);
    expect(found.has(`s1:${8000 - 1199 * 6}`)).toBe(false);
  });

  it('are left out of what is binary, is standard input, or is gone', async () => {
    const path = folder.written('there.log', log(numbered(9)));
    const trace = await open([path]);
    const sources = [summary('s1', '-'), summary('s2', path, 'binary'), summary('s3', 'gone.log'), summary('s4', path)];
    const places = sources.map(({ id }) => ({ source: id, line: 3 }));
    const odd = [
      { source: 's4', line: null },
      { source: 's4', line: Number.NaN },
      { source: 's9', line: 1 },
    ];
    expect([...(await readExcerpts(trace, sources, [...places, ...odd])).keys()]).toEqual(['s4:3']);
    trace.close();
  });
});

describe('places of a report', () => {
  it('are those of causes first, each once', () => {
    const { result } = correlateReport();
    const places = placesOf({ result, findings: [] });
    expect(places[0]).toEqual(result.causes[0].points[0].evidence[0]);
    expect(new Set(places.map(({ source, line }) => `${source}:${line}`)).size).toBe(places.length);
    expect(places.map(({ line }) => line)).toContain(20_000);
  });

  it('of a story hold what is quoted of them', async () => {
    const { files } = story('retry-block', 'none', 5);
    const trace = await open(files.map(({ name, bytes }) => folder.written(name, bytes)));
    const report = await analyzeCorrelate(trace);
    const places = placesOf(report);
    const found = await readExcerpts(trace, report.sources, places);
    trace.close();
    expect(places.length).toBeGreaterThan(5);
    for (const { source, line, quote } of places) {
      const excerpt = found.get(`${source}:${line}`);
      const cited = excerpt?.lines[(line as number) - excerpt.firstLine] ?? 'missing';
      expect(cited.replace(/\s+/g, ' ').trim()).toBe(quote.replace(/\s+/g, ' ').trim());
    }
  });
});
