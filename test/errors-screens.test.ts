/** What `errors` prints, word for word. `npx vitest run test/errors-screens.test.ts -u` writes test/snapshots/ again. */
import { describe, expect, it } from 'vitest';
import {
  ERRORS_VIEWS,
  type ErrorsOptions,
  type ErrorsRenderOptions,
  type ErrorsResult,
  errorsColumns,
  type Report,
  render,
} from '../src/index.js';
import { errorsIn, errorsOf, tableOf } from './support/errors.js';
import { sample } from './support/samples.js';

const snapshot = (name: string): string => `./snapshots/errors-${name}.txt`;
// biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with ESC.
const plain = (text: string): string => text.replace(/\u001b\[[0-9;]*m/g, '');

/** The answer to a sample, without the project's own folder in it. */
async function answerTo(name: string, options: Partial<ErrorsOptions> = {}): Promise<Report<ErrorsResult>> {
  const report = await errorsIn([sample(name)], options);
  return { ...report, sources: report.sources.map((source) => ({ ...source, path: `samples/${name}` })) };
}

const retry = await answerTo('text-trace/retry.txt');
const disk = await answerTo('eventlog-xml/disk.xml');
const shown = (report: Report<ErrorsResult>, options: Partial<ErrorsRenderOptions>): string => render(report, options);

/** Lines of a screen must fit, but for a word that is longer: XML is quoted as it stands. */
function fits(text: string, width: number): void {
  for (const line of text.split('\n')) {
    const isWord = line.split(' ').some((word) => word.length > width - 24);
    if (!isWord) expect([...line].length, line).toBeLessThanOrEqual(width);
  }
}

describe('errors on a screen', () => {
  it.each([80, 160])('%i columns wide', async (width) => {
    const text = shown(retry, { width });
    await expect(text).toMatchFileSnapshot(snapshot(String(width)));
    fits(text, width);
  });

  it.each([80, 160])('of an event log, %i columns wide', async (width) => {
    const text = shown(disk, { width });
    await expect(text).toMatchFileSnapshot(snapshot(`disk-${width}`));
    fits(text, width);
  });

  it('shows every list when asked', async () => {
    const report = await errorsIn([sample('text-trace/retry.txt'), sample('text-trace/retry.txt')], { diff: true });
    const sources = report.sources.map((source) => ({ ...source, path: 'retry.txt' }));
    const text = shown({ ...report, sources }, { views: [...ERRORS_VIEWS], top: 4, width: 160 });
    await expect(text).toMatchFileSnapshot(snapshot('every-list'));
  });

  it('of two traces shows how they differ', async () => {
    const report = await errorsIn([sample('text-trace/retry.txt'), sample('debugview/retry.log')], { diff: true });
    const text = shown({ ...report, sources: [] }, { width: 120 });
    await expect(text).toMatchFileSnapshot(snapshot('diff'));
    fits(text, 120);
  });

  it.each([40, 60, 100, 250])('has findings that fit %i columns', (width) => {
    const lines = shown(retry, { width }).split('\n');
    const from = lines.indexOf('Findings');
    expect(from).toBeGreaterThan(0);
    for (const line of lines.slice(from + 1, from + 1 + lines.slice(from + 1).indexOf(''))) {
      expect([...line].length, line).toBeLessThanOrEqual(Math.max(width, 48));
    }
  });

  it('says the same in colour', () => {
    for (const report of [retry, disk]) {
      const [colored, uncolored] = [true, false].map((color) => shown(report, { width: 100, color }));
      expect(colored).not.toBe(uncolored);
      expect(plain(colored)).toBe(uncolored);
    }
  });

  it('says of every list that it is empty', async () => {
    const report = await errorsOf(tableOf([{ atUs: 0, pid: 4, tid: 8, message: 'Lamp is on' }]), {
      pids: new Set([1]),
    });
    const text = shown(report, { views: [...ERRORS_VIEWS], width: 80 });
    expect(text.match(/^none$/gm)?.length).toBe(ERRORS_VIEWS.length + 1);
  });

  it('of one message is short', async () => {
    const report = await errorsOf(tableOf([{ atUs: 0, pid: 4, tid: 8, message: 'Lamp is on' }]));
    const text = shown(report, { width: 80 });
    expect(text.split('\n').length).toBeLessThan(20);
    expect(text).toMatch(/1 message, 1 template/);
    expect(text).toMatch(/Lamp is on/);
  });

  it('tells all rows where --top is 0', () => {
    const rows = (top: number): number => shown(retry, { views: ['template'], top }).split('\n').length;
    expect(rows(0) - rows(5)).toBeGreaterThanOrEqual(retry.result.templates.length - 6);
  });

  it('cuts long messages, never the numbers beside them', async () => {
    const long = `${'lamp '.repeat(200)}failed`;
    const report = await errorsOf(tableOf([0, 1, 2].map((i) => ({ atUs: i * 1e6, pid: 4, tid: 8, message: long }))));
    for (const width of [40, 80, 160]) {
      const line = shown(report, { width, views: ['template'] })
        .split('\n')
        .find((one) => one.includes('lamp lamp'));
      expect(line).toMatch(/\b3\b.*lamp lamp.*…/);
    }
  });
});

describe('errors for other programs', () => {
  it('as Markdown', async () => {
    await expect(shown(retry, { format: 'md' })).toMatchFileSnapshot(snapshot('md'));
  });

  it('as NDJSON and CSV of chosen columns', async () => {
    const columns = ['periodMs', 'beats', 'confidence', 'pid', 'tid', 'retry', 'template'];
    await expect(shown(retry, { format: 'ndjson', views: ['periodic'], columns })).toMatchFileSnapshot(
      snapshot('ndjson'),
    );
    await expect(shown(retry, { format: 'csv', views: ['template', 'span'] })).toMatchFileSnapshot(snapshot('csv'));
  });

  it('as CSV in full: a header and a row for each template, numbers as they are', () => {
    const [head, ...rows] = shown(retry, { format: 'csv', columns: ['count', 'firstUs', 'id'] })
      .trimEnd()
      .split('\n');
    expect(head).toBe('count,firstUs,id');
    expect(rows).toEqual(retry.result.templates.map(({ count, firstUs, id }) => `${count},${firstUs},${id}`));
  });

  it('as JSON that is the result itself', () => {
    expect(JSON.parse(shown(retry, { format: 'json' })).result).toEqual(JSON.parse(JSON.stringify(retry.result)));
  });

  it('has columns in every list, each named once', () => {
    for (const view of ERRORS_VIEWS) {
      const keys = errorsColumns(view);
      expect(keys.length, view).toBeGreaterThan(1);
      expect(new Set(keys).size, view).toBe(keys.length);
    }
  });

  it('knows no other output', () => {
    expect(() => shown(retry, { format: 'svg' })).toThrow(/no output 'svg'\. Known: table, json/);
  });
});

describe('references within the answer', () => {
  it.each([
    ['a trace', retry],
    ['an event log', disk],
  ])('of %s hold', (_, { result }) => {
    const ids = new Set(result.templates.map(({ id }) => id));
    expect(ids.size).toBe(result.templates.length);
    for (const { templateId, group } of result.periodic) {
      expect(templateId === null || ids.has(templateId)).toBe(true);
      expect(group === null || group < result.groups.length).toBe(true);
    }
    for (const { members } of result.groups)
      for (const { periodic } of members) expect(result.periodic[periodic]).toBeDefined();
    for (const { templateId } of result.changes) expect(ids.has(templateId)).toBe(true);
    expect(result.templates.reduce((sum, { count }) => sum + count, 0)).toBe(result.messages);
    expect(result.templates.reduce((sum, { percent }) => sum + percent, 0)).toBeCloseTo(100, 6);
  });

  it('quotes lines that stand where it says', async () => {
    const { readFileSync } = await import('node:fs');
    const lines = readFileSync(sample('text-trace/retry.txt'), 'utf8').split('\r\n');
    const all = [
      ...retry.findings.flatMap(({ evidence }) => evidence),
      ...retry.result.templates.flatMap(({ examples }) => examples),
      ...retry.result.spans.flatMap(({ evidence }) => evidence),
      ...retry.result.gaps.flatMap(({ evidence }) => evidence),
    ];
    expect(all.length).toBeGreaterThan(20);
    for (const { line, quote } of all)
      expect(lines[(line ?? 0) - 1].replace(/\s+/g, ' ')).toContain(quote.replace(/\s+/g, ' ').slice(0, 60));
  });
});
