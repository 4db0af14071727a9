/** The HTML report of `correlate` as text: complete, bounded, and nothing in it that a file could have put there as markup. */
import { createHash } from 'node:crypto';
import { Script } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { Cause } from '../correlate/result.js';
import { nextStep } from '../src/report/correlate/html/commands.js';
import { limitsFor } from '../src/report/correlate/html/limits.js';
import { escaped, html } from '../src/report/correlate/html/markup.js';
import { Places } from '../src/report/correlate/html/places.js';
import { SCRIPT } from '../src/report/correlate/html/script.js';
import { DARK, LIGHT } from '../src/report/correlate/html/style.js';
import { drawn, timelineJson } from '../src/report/correlate/html/timeline-data.js';
import { chanceText, figure, momentText } from '../src/report/correlate/html/units.js';
import { layOutWaits } from '../src/report/correlate/html/wait-layout.js';
import { renderCorrelateHtml } from '../src/report/correlate/html.js';
import { lanes, runsLane } from './support/correlate-lanes.js';
import {
  causeOf,
  correlateParts,
  correlateReport,
  correlateResult,
  dumpLine,
  emptyReport,
  hostileReport,
  manyMarks,
  pointOf,
  sourceOf,
  traceLine,
} from './support/correlate-report.js';
import { contrast, HOSTILE_NAMES } from './support/stacks.js';

const FULL = renderCorrelateHtml(correlateReport());
const MORE_HOSTILE = [...HOSTILE_NAMES, '"><img src=x onerror=alert(1)>', 'javascript:alert(1)//', 'a\u2028b\u202ec'];
const HOSTILE = renderCorrelateHtml(hostileReport(MORE_HOSTILE));

const elementText = (page: string, name: string): string[] =>
  [...page.matchAll(new RegExp(`<${name}(?: [^>]*)?>([\\s\\S]*?)</${name}>`, 'g'))].map(([, text]) => text);

/** Markup between the texts: tags with their attributes, scripts and styles left out. */
const tagsOf = (page: string): string[] =>
  page.replace(/<(script|style)\b[^>]*>[\s\S]*?<\/\1>/g, '').match(/<[^<>]+>/g) ?? [];

const VOID = new Set(['meta', 'br', 'rect', 'path', 'line']);

/** What is closed that is not open, or open at the end. */
function nestingFaults(page: string): string[] {
  const open: string[] = [];
  const faults: string[] = [];
  for (const tag of tagsOf(page)) {
    const [, slash, name] = /^<(\/?)([a-zA-Z0-9]+)/.exec(tag) ?? [];
    if (name === undefined || VOID.has(name) || tag.endsWith('/>')) continue;
    if (slash === '') open.push(name);
    else if (open.pop() !== name) faults.push(tag);
  }
  return [...faults, ...open];
}

describe('the page', () => {
  it('has all parts in their order, the verdict first', () => {
    const titles = elementText(FULL, 'h2');
    expect(titles).toEqual([
      'Verdict',
      'Causes',
      'Time line',
      'Who waits for whom',
      'Pool',
      'DPCs and ISRs',
      'Errors that recur',
      'Joins between trace and dump',
      'Unexplained',
      'Not measured',
      'Alignment of the clocks',
      'Quality of the data',
      'Places cited',
    ]);
    expect(elementText(FULL, 'title')).toContain('Correlation of trace.csv and dump.log');
    expect(FULL).toMatch(/^<!DOCTYPE html>\n<html lang="en">/);
  });

  it('has headings that skip no level, and each id once', () => {
    const levels = [...FULL.matchAll(/<h([1-6])/g)].map(([, level]) => Number(level));
    levels.reduce((before, level) => {
      expect(level).toBeLessThanOrEqual(before + 1);
      return level;
    }, 0);
    const ids = tagsOf(FULL).flatMap((tag) => / id="([^"]*)"/.exec(tag)?.[1] ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    const targets = tagsOf(FULL).flatMap(
      (tag) => / (?:href="#|popovertarget="|aria-labelledby=")([^"]*)"/.exec(tag)?.[1] ?? [],
    );
    expect(targets.filter((id) => !ids.includes(id))).toEqual([]);
  });

  it('is well nested, whatever stands in files', () => {
    for (const page of [FULL, HOSTILE, renderCorrelateHtml(emptyReport())]) expect(nestingFaults(page)).toEqual([]);
  });

  it('allows no more than its own style and script', () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(FULL)?.[1] ?? '';
    const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`script-src ${hash(elementText(FULL, 'script').at(-1) ?? '')};`);
    expect(policy).toContain(`style-src ${hash(elementText(FULL, 'style')[0])};`);
    expect(policy).not.toContain('unsafe');
  });

  it('refers to nothing outside', () => {
    expect(FULL).not.toMatch(/https?:/);
    for (const page of [FULL, HOSTILE]) {
      for (const tag of tagsOf(page)) {
        // Values of attributes may say anything.
        expect(tag.replace(/"[^"]*"/g, '""')).not.toMatch(/[\s"](?:src|style|on[a-z]+)=/i);
        const href = / href="([^"]*)"/.exec(tag)?.[1];
        if (href !== undefined) expect(href).toMatch(/^#[\w-]+$/);
      }
    }
  });

  it('has a script that compiles', () => {
    expect(() => new Script(SCRIPT)).not.toThrow();
    expect(SCRIPT).not.toMatch(/<\/script|innerHTML|insertAdjacentHTML|document\.write|eval\(/);
  });

  it.each([
    ['light', LIGHT],
    ['dark', DARK],
  ])('can be read in the %s theme', (_, theme) => {
    for (const text of [theme.text, theme.dim, theme.accent, theme.error, theme.warning, theme.good]) {
      for (const behind of [theme.page, theme.card]) expect(contrast(text, behind)).toBeGreaterThanOrEqual(4.5);
    }
    expect(contrast(theme.edge, theme.page)).toBeGreaterThanOrEqual(3);
    expect(contrast(theme.text, theme.hit)).toBeGreaterThanOrEqual(4.5);
  });
});

describe('hostile names', () => {
  it('are text everywhere', () => {
    const names = new Set(tagsOf(HOSTILE).map((tag) => /^<\/?([a-zA-Z0-9!]+)/.exec(tag)?.[1]));
    for (const name of ['img', 'iframe', 'foreignObject', 'script', 'b1']) expect(names).not.toContain(name);
    expect(elementText(HOSTILE, 'script')).toHaveLength(2);
    expect(elementText(HOSTILE, 'script')[1]).toBe(SCRIPT);
    expect(HOSTILE).toContain('&lt;/script&gt;&lt;script&gt;');
  });

  it('have no control and no bidirectional characters', () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there.
    expect(HOSTILE).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/);
    expect(HOSTILE).toContain('\\u{202e}');
  });

  it('end no data', () => {
    const data = elementText(HOSTILE, 'script')[0];
    expect(data).not.toContain('<');
    const parsed = JSON.parse(data);
    expect(parsed.lanes.length).toBe(lanes().length);
    expect(JSON.stringify(parsed)).toContain('</script>');
  });

  it('cannot leave an attribute', () => {
    expect(html`<a title="${'"><b x="'}">`.text).toBe('<a title="&quot;&gt;&lt;b x=&quot;">');
    expect(escaped("'`&<")).toBe('&#39;&#96;&amp;&lt;');
  });
});

describe('what is unknown', () => {
  const page = renderCorrelateHtml(emptyReport());

  it('is said to be', () => {
    expect(page).toContain('The evidence does not carry a verdict.');
    expect(page).toContain('The moment of the dump is <span class="unknown">unknown</span>');
    expect(page).toContain('<dt>Same boot</dt><dd><span class="unknown">unknown</span></dd>');
    expect(elementText(page, 'script')).toHaveLength(1);
    expect(elementText(page, 'h2')).not.toContain('Pool');
  });

  it('is not a number', () => {
    expect(FULL).toContain('<dt>Culprit</dt><dd><span class="unknown">unknown</span></dd>');
    const shown = FULL.replace(/<(script|style)\b[\s\S]*?<\/\1>/g, '');
    expect(shown).not.toMatch(/\b(?:NaN|undefined|null|Infinity)\b|\[object/);
  });
});

describe('size', () => {
  it('is below 5 MB with 100 000 marks, all of which are there', () => {
    const page = renderCorrelateHtml(manyMarks(100_000));
    expect(Buffer.byteLength(page)).toBeLessThan(5_000_000);
    const data = JSON.parse(elementText(page, 'script')[0]);
    expect(data.lanes.reduce((sum: number, { n }: { n: number }) => sum + n, 0)).toBe(100_000);
  });

  it('is below 5 MB whatever there is, and says what was left out', () => {
    const long = 'x'.repeat(3000);
    const evidence = Array.from({ length: 40 }, (_, i) => traceLine(i, `${long}${i}`));
    const causes = Array.from(
      { length: 300 },
      (_, i): Cause =>
        causeOf('blocking', {
          rank: i + 1,
          statement: long,
          points: Array.from({ length: 80 }, (_, j) =>
            pointOf({ statement: long, evidence: [traceLine(1000 * i + j, long)] }),
          ),
          evidence,
          next: Array.from({ length: 200 }, () => long),
        }),
    );
    const excerpts = new Map(
      Array.from({ length: 20_000 }, (_, i) => [
        `s1:${i}`,
        { firstLine: Math.max(1, i - 5), lines: Array.from({ length: 11 }, () => long) },
      ]),
    );
    const page = renderCorrelateHtml(
      correlateReport({
        result: correlateResult({
          causes,
          missing: Array.from({ length: 500 }, () => ({ what: long, why: long, next: long })),
        }),
        parts: correlateParts({
          timeline: {
            ...correlateParts().timeline,
            lanes: Array.from({ length: 300 }, (_, i) => runsLane(`lane ${i}`, 3000, 60e6)),
          },
        }),
        excerpts,
      }),
    );
    expect(Buffer.byteLength(page)).toBeLessThan(5_000_000);
    expect(page).toMatch(/\d+ of 300 causes are shown; \d+ were left out/);
    expect(page).toMatch(/\d+ of 300 lanes are shown/);
    expect(nestingFaults(page)).toEqual([]);
  });
});

describe('places', () => {
  const limits = limitsFor(1);

  it('are named by file and line, or by file and byte', () => {
    const places = new Places(
      [sourceOf('s1', 'C:\\x\\trace.csv', 'csv'), sourceOf('s2', '/y/dump.log', 'kd')],
      new Map(),
      limits,
    );
    expect(places.nameOf(traceLine(4513, ''))).toBe('trace.csv:4513');
    expect(places.nameOf({ source: 's2', line: null, byte: 0x1234 })).toBe('dump.log@0x1234');
    expect(places.nameOf({ source: 's9', line: null, byte: null })).toBe('s9');
  });

  it('tell files of one name apart', () => {
    const places = new Places([sourceOf('s1', 'a/x.log', 'kd'), sourceOf('s2', 'b/x.log', 'kd')], new Map(), limits);
    expect([places.fileOf('s1'), places.fileOf('s2')]).toEqual(['x.log (s1)', 'x.log (s2)']);
  });

  it('stand in the page once, with the cited line marked among its neighbours', () => {
    const id = /popovertarget="(e\d+)">trace\.csv:16504</.exec(FULL)?.[1];
    expect(FULL.split(`id="${id}"`)).toHaveLength(2);
    const place = FULL.slice(FULL.indexOf(`id="${id}"`)).split('</section>')[0];
    expect(place).toContain('<ol class="lines" start="16499"');
    expect(place.match(/<li/g)).toHaveLength(11);
    expect(elementText(place, 'mark')[0]).toContain('Not enough space on temp disk, retry 41');
    expect(place).not.toContain('<blockquote>');
  });

  it('quote what no excerpt shows', () => {
    const places = new Places([sourceOf('s2', 'dump.log', 'kd')], new Map(), limits);
    places.button(dumpLine(7, 'a <quote>'));
    expect(places.section().text).toContain('<blockquote>a &lt;quote&gt;</blockquote>');
  });
});

describe('next steps', () => {
  const commandsOf = (step: string, isTyped = false): string[] => elementText(nextStep(step, isTyped).text, 'code');

  it('are commands where they look like ones', () => {
    expect(commandsOf('!thread ffff: its stack')).toEqual(['!thread ffff']);
    expect(commandsOf('run `wpr -start A` then `wpr -stop b`')).toEqual(['wpr -start A', 'wpr -stop b']);
    expect(commandsOf('tracekit errors x.csv')).toEqual(['tracekit errors x.csv']);
    expect(commandsOf('ask the vendor of x.sys')).toEqual([]);
    expect(commandsOf('ask the vendor', true)).toEqual(['ask the vendor']);
  });

  it('keep their lines', () => {
    expect(commandsOf('!a\n!b', true)).toEqual(['!a\n!b']);
  });
});

describe('marks of the time line', () => {
  const limits = limitsFor(1);
  const timeline = { startUs: 0, endUs: 10, dumpAtUs: 12, uncertaintyUs: 1, lanes: [] };
  const lane = runsLane('CPU 0', 4, 100, {
    startUs: [30, Number.NaN, 10, 20],
    durationUs: [1, 5, 9, 2],
    places: [3, 2, null, 0],
  });

  it('come in the order of time, those without one left out', () => {
    const [one] = drawn({ ...timeline, lanes: [lane] }, limits).lanes;
    expect([...one.start]).toEqual([10, 20, 30]);
    expect([...one.duration]).toEqual([9, 2, 1]);
    expect(one.place).toEqual([null, 0, 3]);
  });

  it('are the longest where there are too many', () => {
    const [one] = drawn({ ...timeline, lanes: [lane] }, { ...limits, marks: 2 }).lanes;
    expect([...one.duration]).toEqual([9, 2]);
    expect(one.of).toBe(4);
  });

  it('are written as differences', () => {
    const made = JSON.parse(
      timelineJson(drawn({ ...timeline, lanes: [lane] }, limits), (id) => id, {}, '2026-01-01T00:00:00Z'),
    );
    expect(made.lanes[0]).toMatchObject({ s: [100, 100, 100], d: [90, 20, 10], p: [0, 1, 3], n: 3 });
    expect(made.utcMs).toBe(Date.parse('2026-01-01T00:00:00Z'));
  });

  it('are shown without the dump where that lies far behind them', () => {
    const near = drawn({ ...timeline, lanes: [lane] }, limits).first;
    expect(near?.[1]).toBeGreaterThan(12);
    const far = drawn({ ...timeline, dumpAtUs: 9e9, lanes: [lane] }, limits).first;
    expect(far?.[1]).toBeLessThan(100);
  });
});

describe('the layout of waits', () => {
  const node = (id: string, more = {}) => ({
    id,
    kind: 'thread' as const,
    lines: [id],
    isRoot: false,
    isDeadlocked: false,
    ...more,
  });
  const edge = (from: string, to: string) => ({ from, to, label: '', certain: true, isDeadlocked: false });
  const layout = (ids: readonly string[], edges: readonly [string, string][], more = {}) =>
    layOutWaits({
      nodes: ids.map((id) => node(id, more)),
      edges: edges.map(([from, to]) => edge(from, to)),
      nodesLeft: 0,
      edgesLeft: 0,
    });

  it('puts what all wait for in the first column', () => {
    const { nodes, columns, rows } = layout(
      ['a', 'b', 'root', 'c'],
      [
        ['a', 'root'],
        ['b', 'root'],
        ['c', 'a'],
      ],
    );
    const spots = Object.fromEntries(nodes.map(({ node: { id }, column, row }) => [id, [column, row]]));
    expect(spots).toEqual({ root: [0, 0], a: [1, 0], c: [2, 0], b: [1, 1] });
    expect([columns, rows]).toEqual([3, 2]);
  });

  it('ends in rings, and never puts two nodes in one spot', () => {
    const ids = Array.from({ length: 200 }, (_, i) => `n${i}`);
    const ring = ids.map((id, i): [string, string] => [id, ids[(i * 7 + 1) % 200]]);
    const { nodes } = layout(ids, [...ring, ['n0', 'n0'], ['n3', 'n9']], { isDeadlocked: true });
    expect(nodes).toHaveLength(200);
    expect(new Set(nodes.map(({ column, row }) => `${column} ${row}`)).size).toBe(200);
  });
});

it('writes figures as people read them', () => {
  expect([figure(1234), figure(275_775_488), figure(-12345.678, 1), figure(1e300)]).toEqual([
    '1234',
    '275\u202f775\u202f488',
    '-12\u202f345.7',
    '1e+300',
  ]);
  expect([momentText(1_500_000), momentText(-2e6), momentText(7.2e9)]).toEqual(['+1.5 s', '−2 s', '+2 h 0 min']);
  expect([chanceText(0.25), chanceText(0.004), chanceText(0)]).toEqual(['25 %', '1 in 250', 'none']);
});
