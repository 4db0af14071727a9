/** Folded call stacks: tree, collapsed lines, speedscope file, terminal. */
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderCollapsed } from '../src/report/stacks/collapsed.js';
import { type Direction, foldTree, type StackNode, type WeightedStack } from '../src/report/stacks/fold.js';
import { columnsOf, visibleName } from '../src/report/stacks/names.js';
import { renderSpeedscope } from '../src/report/stacks/speedscope.js';
import { renderStackTree } from '../src/report/stacks/tree-text.js';
import { VERSION } from '../src/version.js';
import { ALLOC, anyStacks, anyText, ENTRY, OPEN, PREFIX, READ, SPEEDSCOPE_SCHEMA, STACKS } from './support/stacks.js';

type Drawn = [name: string, self: readonly number[], total: readonly number[], ...children: Drawn[]];
const drawn = ({ name, self, total, children }: StackNode): Drawn => [name, self, total, ...children.map(drawn)];

function nodesOf(tree: StackNode): StackNode[] {
  const nodes: StackNode[] = [tree];
  for (let i = 0; i < nodes.length; i++) for (const child of nodes[i].children) nodes.push(child);
  return nodes;
}

const sumOf = (stacks: readonly WeightedStack[], which: 0 | 1): number =>
  stacks.reduce((sum, { weights }) => sum + weights[which], 0);

describe('the tree', () => {
  it('is that worked by hand, from the top', () => {
    expect(drawn(foldTree(STACKS, 'top-down', null))).toEqual([
      'all',
      [0, 0],
      [457, 8],
      [
        'NonPagedPool',
        [0, 0],
        [457, 8],
        [
          'Leak',
          [0, 0],
          [457, 8],
          [
            ENTRY,
            [0, 0],
            [457, 8],
            [OPEN, [0, 0], [300, 2], [ALLOC, [300, 2], [300, 2]]],
            [READ, [7, 1], [157, 6], [ALLOC, [150, 5], [150, 5]]],
          ],
        ],
      ],
    ]);
  });

  it('is that worked by hand, from the bottom', () => {
    const leak = foldTree(STACKS, 'bottom-up', null).children[0].children[0];
    expect(drawn(leak)).toEqual([
      'Leak',
      [0, 0],
      [457, 8],
      [
        ALLOC,
        [0, 0],
        [450, 7],
        [OPEN, [0, 0], [300, 2], [ENTRY, [300, 2], [300, 2]]],
        [READ, [0, 0], [150, 5], [ENTRY, [150, 5], [150, 5]]],
      ],
      [READ, [0, 0], [7, 1], [ENTRY, [7, 1], [7, 1]]],
    ]);
  });

  it('keeps `depth` frames behind the groups, and says how many stacks had more', () => {
    const tree = foldTree(STACKS, 'top-down', 1);
    expect(tree.cutStacks).toBe(4);
    expect(drawn(tree.children[0].children[0])).toEqual(['Leak', [0, 0], [457, 8], [ENTRY, [457, 8], [457, 8]]]);
    expect(foldTree(STACKS, 'bottom-up', 2).cutStacks).toBe(3);
    expect(foldTree(STACKS, 'bottom-up', 3).cutStacks).toBe(0);
  });

  it('tells groups from frames, and what is both from neither', () => {
    const groups = (stacks: readonly WeightedStack[]): string[] =>
      nodesOf(foldTree(stacks, 'top-down', null))
        .filter((node) => node.group)
        .map((node) => node.name);
    expect(groups(STACKS)).toEqual(['all', 'NonPagedPool', 'Leak']);
    expect(groups([...STACKS, { frames: ['NonPagedPool'], weights: [1, 1] }])).toEqual(['all', 'Leak']);
  });

  it('has no more nodes than asked for: the deepest levels are left out of all stacks', () => {
    const tree = foldTree(STACKS, 'top-down', null, 5);
    expect(nodesOf(tree).map((node) => node.name)).toEqual(['all', ...PREFIX, ENTRY, OPEN, READ]);
    expect(tree.cutStacks).toBe(3);
    expect(tree.total).toEqual([457, 8]);
  });

  it('keeps the sum of all weights, sorts children, and does not depend on the order of stacks', () => {
    fc.assert(
      fc.property(anyStacks, fc.constantFrom('top-down', 'bottom-up'), fc.option(fc.nat(4)), (stacks, way, depth) => {
        const tree = foldTree(stacks, way as Direction, depth);
        const nodes = nodesOf(tree);
        for (const which of [0, 1] as const) {
          expect(nodes.reduce((sum, node) => sum + node.self[which], 0)).toBe(sumOf(stacks, which));
          expect(tree.total[which]).toBe(sumOf(stacks, which));
        }
        for (const { children } of nodes) {
          expect(new Set(children.map((child) => child.name)).size).toBe(children.length);
          const totals = children.map((child) => child.total[0]);
          expect(totals).toEqual(totals.toSorted((a, b) => b - a));
        }
        expect(foldTree(stacks.toReversed(), way as Direction, depth)).toEqual(tree);
      }),
    );
  });

  it('takes many deep stacks', () => {
    const names = Array.from({ length: 190 }, (_, i) => `deep.sys!f${i}+0x1`);
    const stacks = Array.from({ length: 20_000 }, (_, i) => ({
      frames: [`leak.sys!f${i % 5000}`, ...names],
      weights: [i, 1] as const,
      prefix: PREFIX,
    }));
    for (const way of ['top-down', 'bottom-up'] as const) {
      const tree = foldTree(stacks, way, null);
      expect(tree.total).toEqual([(20_000 * 19_999) / 2, 20_000]);
      expect(tree.cutStacks).toBe(0);
    }
  });
});

describe('collapsed stacks', () => {
  it('are those worked by hand', () => {
    const at = 'NonPagedPool;Leak;nt!KiSystemService+0x5';
    expect(renderCollapsed(STACKS)).toBe(
      [`${at};${OPEN};${ALLOC} 300`, `${at};${READ} 7`, `${at};${READ};${ALLOC} 150`, ''].join('\n'),
    );
    expect(renderCollapsed(STACKS, 'count').split('\n')[0]).toBe(`${at};${OPEN};${ALLOC} 2`);
  });

  it('hold their marks only, whatever names say', () => {
    const stacks = [{ frames: ['a;b\nc', '', '\u001b[31m'], weights: [1e21, 1] as const }];
    expect(renderCollapsed(stacks)).toBe('\\x1b[31m;(no name);a,b\\x0ac 1000000000000000000000\n');
    expect(renderCollapsed([{ frames: [], weights: [5, 1] }])).toBe('(no stack) 5\n');
  });

  it('can be read back', () => {
    fc.assert(
      fc.property(anyStacks, (stacks) => {
        const lines = renderCollapsed(stacks).split('\n').slice(0, -1);
        const read = lines.map((line) => /^(.*) (\d+)$/u.exec(line)!);
        expect(read.reduce((sum, [, , weight]) => sum + Number(weight), 0)).toBe(sumOf(stacks, 0));
        expect(new Set(read.map(([, path]) => path)).size).toBe(lines.length);
        const name = (text: string): string => visibleName(text).replaceAll(';', ',') || '(no name)';
        const wanted = stacks.map(({ frames, prefix = [] }) => [...prefix, ...frames.toReversed()].map(name).join(';'));
        expect(new Set(read.map(([, path]) => path))).toEqual(new Set(wanted.map((path) => path || '(no stack)')));
      }),
    );
  });
});

describe('speedscope files', () => {
  const isValid = new Ajv({ allErrors: true, strict: true }).compile(SPEEDSCOPE_SCHEMA);

  it('are that worked by hand', () => {
    const names = ['Leak', 'NonPagedPool', OPEN, READ, ALLOC, ENTRY];
    const samples = [
      [1, 0, 5, 2, 4],
      [1, 0, 5, 3],
      [1, 0, 5, 3, 4],
    ];
    const common = { type: 'sampled', startValue: 0, samples };
    expect(JSON.parse(renderSpeedscope(STACKS, 'pool'))).toEqual({
      $schema: 'https://www.speedscope.app/file-format-schema.json',
      exporter: `tracekit@${VERSION}`,
      name: 'pool',
      activeProfileIndex: 0,
      shared: { frames: names.map((name) => ({ name })) },
      profiles: [
        { ...common, name: 'pool: bytes', unit: 'bytes', endValue: 457, weights: [300, 7, 150] },
        { ...common, name: 'pool: count', unit: 'none', endValue: 8, weights: [2, 1, 5] },
      ],
    });
  });

  it('are valid by the published schema', () => {
    fc.assert(
      fc.property(anyStacks, anyText, (stacks, name) => {
        const file = JSON.parse(renderSpeedscope(stacks, name));
        expect(isValid(file), JSON.stringify(isValid.errors)).toBe(true);
        for (const { samples, weights, endValue } of file.profiles) {
          expect(samples).toHaveLength(weights.length);
          expect(weights.reduce((sum: number, weight: number) => sum + weight, 0)).toBe(endValue);
          for (const id of samples.flat()) expect(file.shared.frames[id]).toBeDefined();
        }
      }),
    );
    expect(isValid({ profiles: [] })).toBe(false);
  });
});

describe('the tree on a terminal', () => {
  const options = { width: 80, color: false, depth: null, top: null, unit: 'bytes' } as const;
  const text = (stacks: readonly WeightedStack[], more: Partial<Parameters<typeof renderStackTree>[1]> = {}): string =>
    renderStackTree(foldTree(stacks, 'top-down', null), { ...options, ...more });

  it('is indented where it branches only', () => {
    expect(text(STACKS)).toBe(
      [
        'Bytes      %  Count  Stack',
        '  457  100.0      8  all',
        '                     NonPagedPool',
        '                     Leak',
        '                     nt!KiSystemService+0x5',
        '  300   65.6      2  |- leak.sys!Open+0x30',
        '                     |  nt!ExAllocatePool2+0x10',
        '  157   34.4      6  `- leak.sys!Read+0x20',
        '  150   32.8      5     nt!ExAllocatePool2+0x10',
        '',
      ].join('\n'),
    );
  });

  it('says what it leaves out', () => {
    const stacks = Array.from({ length: 30 }, (_, i) => ({ frames: [`a.sys!f${i}`], weights: [100 - i, 1] as const }));
    expect(text(stacks).split('\n').slice(-2)).toEqual([' 1610   62.8     20  `- (20 smaller branches, 62.8 %)', '']);
    expect(text(stacks, { top: 0 }).split('\n')).toHaveLength(33);
    const two = text(stacks, { top: 29 }).split('\n').at(-2);
    expect(two).toBe('   71    2.8      1  `- (1 smaller branch, 2.8 %)');
    expect(text(STACKS, { depth: 1 }).split('\n').slice(-3)).toEqual([
      '                     nt!KiSystemService+0x5',
      '                     (deeper frames not shown)',
      '',
    ]);
    const cut = renderStackTree(foldTree(STACKS, 'top-down', 1), options);
    expect(cut).toContain('(4 stacks cut: deeper frames count for the last one kept)');
  });

  it('shows what ends at a fork', () => {
    const lines = text([
      { frames: ['a!b', 'a!a'], weights: [5, 1] },
      { frames: ['a!c', 'a!a'], weights: [4, 1] },
      { frames: ['a!a'], weights: [3, 1] },
    ]).split('\n');
    expect(lines.slice(-4, -1)).toEqual([
      '    5   41.7      1  |- a!b',
      '    4   33.3      1  |- a!c',
      '    3   25.0      1  `- (ends here)',
    ]);
  });

  it('keeps to the width, however deep, wide or hostile', () => {
    const long = `nt!${'A'.repeat(100)}+0x10`;
    expect(text([{ frames: [long], weights: [1, 1] }])).toMatch(/^ +nt!A+…A+\+0x10$/m);
    // A fork on each level.
    const skewed = Array.from({ length: 150 }, (_, i) => ({
      frames: Array.from({ length: i + 1 }, (_, j) => (j === 0 ? `漢字${'x'.repeat(90)}` : `a!f${i - j}`)),
      weights: [10, 1] as const,
    }));
    for (const line of text(skewed, { top: 0 }).split('\n')) expect(columnsOf(line)).toBeLessThanOrEqual(80);
    fc.assert(
      fc.property(anyStacks, (stacks) => {
        for (const line of text(stacks, { top: 0 }).split('\n')) {
          expect(columnsOf(line)).toBeLessThanOrEqual(80);
          // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not reach a terminal.
          expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
        }
      }),
    );
  });
});
