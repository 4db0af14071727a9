/** The wait graph for Graphviz and Mermaid: what is drawn, what is left out, and text that must not be taken for more. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DumpResult, render } from '../src/index.js';
import { dotText } from '../src/report/wait-graph/dot.js';
import { waitGraph } from '../src/report/wait-graph/graph.js';
import { escaped } from '../src/report/wait-graph/mermaid.js';
import { hungMachine } from './support/dump-hung.js';
import { chainOf, edgeOf, lockOf, reportOf, resultOf, threadOf } from './support/dump-result.js';
import { CONTROL } from './support/refusal.js';

const dot = (result: DumpResult): string => render(reportOf(result), { format: 'dot' });
const mermaid = (result: DumpResult): string => render(reportOf(result), { format: 'mermaid' });

const DOT_LINE =
  /^(?:digraph waits \{|\}| {2}\/\/ [\w ,;:().]+| {2}rankdir=LR;| {2}(?:node|edge) \[[\w=", ]+\];| {2}n\d+(?: -> n\d+)? \[label="(?:[^"\\]|\\["\\n])*"(?:, \w+=\w+)*\];)$/;
const MERMAID_TEXT = String.raw`"(?:[\p{L}\p{N} .,!+\-()=?:]|#\d+;|<br\/>)*"`;
const MERMAID_LINE = new RegExp(
  [
    'flowchart LR',
    String.raw`%% [\w ,;:.]+`,
    ` {2}n\\d+(?:\\[${MERMAID_TEXT}\\]|\\(${MERMAID_TEXT}\\)|\\(\\(${MERMAID_TEXT}\\)\\)|\\[\\[${MERMAID_TEXT}\\]\\])`,
    ` {2}n\\d+ -(?:-|\\.-)>\\|${MERMAID_TEXT}\\| n\\d+`,
    String.raw` {2}classDef \w+ [\w:#,-]+`,
    String.raw` {2}class [n\d,]+ \w+`,
    String.raw` {2}linkStyle [\d,]+ stroke:#c00`,
  ]
    .map((line) => `^${line}$`)
    .join('|'),
  'u',
);

function linesHold(text: string, line: RegExp): void {
  expect(text.endsWith('\n')).toBe(true);
  for (const one of text.trimEnd().split('\n')) expect(one).toMatch(line);
}

describe('the wait graph', () => {
  it('holds no node without an edge, and each thread once', () => {
    const { nodes, edges } = waitGraph(hungMachine(), 500);
    const linked = new Set(edges.flatMap(({ from, to }) => [from, to]));
    expect(new Set(nodes.map(({ id }) => id))).toEqual(linked);
    expect(nodes).toHaveLength(linked.size);
  });

  it('draws threads that wait alike as one', () => {
    const { nodes, edges } = waitGraph(hungMachine(), 500);
    const crowd = nodes.filter(({ lines }) => lines.includes('and 39 more like it'));
    expect(crowd.map(({ lines }) => lines[0])).toEqual(['0x8c037db0']);
    expect(edges.filter(({ from }) => from === '0x8c037db0')).toHaveLength(1);
  });

  it('marks ends of chains, deadlocks, and what is inferred', () => {
    const text = dot(hungMachine());
    expect(text).toMatch(/label="0x8a7d0db0\\nagent\.exe 03a8\.04a8\\n13:33:58\.703", style=bold, penwidth=3\]/);
    expect(text.match(/ -> .*color=red/g)).toHaveLength(2);
    expect(text.match(/style=dashed/g)).toHaveLength(1);
    expect(mermaid(hungMachine()).match(/ -\.->/g)).toHaveLength(1);
  });

  it('takes edges of chains that the list of edges does not hold', () => {
    const edge = edgeOf('0xa', '0xb');
    expect(dot(resultOf({ chains: [chainOf(['0xa', '0xb'], [edge])] }))).toContain('n1 -> n0');
  });

  it('is empty where nobody waits for anybody', () => {
    expect(dot(resultOf())).not.toContain('n0');
    expect(mermaid(resultOf())).not.toContain('n0');
  });
});

describe('a large wait graph', () => {
  const ids = Array.from({ length: 3000 }, (_, i) => `0xffffe0000${(0x100000 + i * 0x80).toString(16)}`);
  const threads = ids.map((id, i) => threadOf(id, { process: `service${i}.exe`, pid: i * 4, tid: i, waitMs: i }));
  const edges = ids
    .slice(1)
    .map((id, i) => edgeOf(id, ids[Math.floor(i / 2)], { object: `0x${(i + 1).toString(16)}` }));
  const last = [ids[2999], ids[1499]];
  const deadlocks = [
    { threads: last, edges: [edges[2998], edgeOf(last[1], last[0])], victims: [], certain: true, mayEnd: false },
  ];
  const large = resultOf({ threads, waitEdges: edges, deadlocks });

  it('is cut, and says so', () => {
    const text = dot(large);
    const nodes = text.match(/^ {2}n\d+ \[/gm)?.length ?? 0;
    expect(nodes).toBeGreaterThan(400);
    expect(nodes).toBeLessThanOrEqual(500);
    expect(text).toContain(`// Left out, since there are too many: ${3000 - nodes} nodes, `);
    linesHold(text, DOT_LINE);
  });

  it('is cut to what Mermaid draws', () => {
    const text = mermaid(large);
    expect(text.length).toBeLessThanOrEqual(50_000);
    expect(text.match(/ -->\|/g)?.length).toBeLessThanOrEqual(500);
    expect(text.match(/^ {2}n\d+\[/gm)?.length).toBeGreaterThan(100);
    expect(text).toMatch(/^%% Left out, since there are too many: \d+ nodes and \d+ edges\.$/m);
    linesHold(text, MERMAID_LINE);
  });

  it('keeps deadlocks', () => {
    for (const text of [dot(large), mermaid(large)]) for (const id of last) expect(text).toContain(id);
  });
});

const HOSTILE = [
  '"]; n0 -> n1; x [label="',
  'a\\',
  '\\N\\G\\"',
  '&lt;b&gt;&#60;',
  '<script>alert(1)</script>',
  'a\nb\r\nc',
  '%%{init: {"securityLevel":"loose"}}%%',
  '%% comment',
  '"]\nclick n0 href "javascript:alert(1)"',
  '`**bold**`',
  '#quot;#35;',
  '|x|--> y',
  'end',
  '1. list',
  'style x fill:#f00;',
  'ev\u001b[31mil\u0007\u202egnp.exe',
  'a\ud800b\ufffe',
  '*/ // --',
  '{a}|b|<c>',
];

/** Every name of a result is one of those that try to be more than names. */
function hostileResult(names: readonly string[]): DumpResult {
  const ids = names.map((_, i) => `0x${(0x8a000000 + i * 0x100).toString(16)}`);
  const edges = ids.map((id, i) => edgeOf(id, ids[(i + 1) % ids.length], { object: names[i], statement: names[i] }));
  const remote = edgeOf(ids[0], `remote:${names[0]}`, { kind: 'irp', certain: false });
  const driver = edgeOf(ids[0], `driver:${names.at(-1)}`, { kind: 'irp' });
  return resultOf({
    threads: ids.map((id, i) => threadOf(id, { process: names[i], state: names[i], waitReason: names[i] })),
    locks: names.map((symbol, i) => lockOf(`0x${(i + 1).toString(16)}`, { symbol, process: symbol, waiterCount: 1 })),
    waitEdges: [...edges, remote, driver, edgeOf(names[0], names.at(-1) ?? '', { kind: 'event' })],
    chains: [
      chainOf(ids, edges.slice(0, -1), { root: { ...chainOf(ids, []).root, statement: names[0], module: names[0] } }),
    ],
    deadlocks: [{ threads: ids, edges, victims: names, certain: true, mayEnd: false }],
    order: ids.map((thread, i) => ({ thread, waitMs: null, process: names[i] })),
    patterns: names.map((name) => ({
      name,
      certain: true,
      statement: name,
      subjects: [name],
      evidence: [],
      against: [],
      next: [name],
    })),
  });
}

describe('names from the log', () => {
  const result = hostileResult(HOSTILE);

  it('are nothing but text in dot', () => {
    const text = dot(result);
    linesHold(text, DOT_LINE);
    expect(text).not.toMatch(CONTROL);
  });

  it('are nothing but text in Mermaid', () => {
    const text = mermaid(result);
    linesHold(text, MERMAID_LINE);
    expect(text).not.toMatch(CONTROL);
  });

  it('cannot end the fence that a ticket draws the graph in', () => {
    const text = render(reportOf(result), { format: 'md' });
    expect(text.match(/^```/gm)).toEqual(['```', '```']);
    expect(text).not.toMatch(CONTROL);
    expect(text).not.toContain('<script');
  });

  it.each(['table', 'json', 'ndjson', 'csv', 'md'])('come out of %s without a control character', (format) => {
    for (const width of [40, 80, 160]) {
      const text = render(reportOf(result), {
        format,
        width,
        inFull: width === 80 ? new Set([result.threads[0].id]) : null,
      });
      expect(text).not.toMatch(CONTROL);
    }
  });

  it('of any kind stay inside their quotes', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 40 }), { minLength: 2, maxLength: 6 }), (names) => {
        const hostile = hostileResult(names);
        linesHold(dot(hostile), DOT_LINE);
        linesHold(mermaid(hostile), MERMAID_LINE);
      }),
      { numRuns: 60 },
    );
  });

  it('are escaped as each language wants', () => {
    expect(dotText(['a "b" \\N & <c>', 'd'])).toBe(String.raw`"a \"b\" \\N &amp; <c>\nd"`);
    expect(escaped('nt!Foo+0x1 "a" #1; <b> %%')).toBe('nt!Foo+0x1 #34;a#34; #35;1#59; #60;b#62; #37;#37;');
  });
});
