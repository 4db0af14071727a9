/** The flame graph as a file: what it says, that it is well-formed and small, that it can be read. */
import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { describe, expect, it } from 'vitest';
import { DARK_TEXT, LIGHT_TEXT, originOf, SWATCHES } from '../src/report/stacks/flame-colors.js';
import { renderFlameGraph } from '../src/report/stacks/flame-graph.js';
import { DARK, LIGHT } from '../src/report/stacks/flame-style.js';
import type { Direction, WeightedStack } from '../src/report/stacks/fold.js';
import { visibleName } from '../src/report/stacks/names.js';
import { ALLOC, anyStacks, anyText, contrast, ENTRY, HOSTILE_NAMES, OPEN, READ, STACKS } from './support/stacks.js';

const graph = (stacks: readonly WeightedStack[], direction: Direction = 'top-down', title = 'Pool'): string =>
  renderFlameGraph(stacks, { title, subtitle: 'a trace', unit: 'bytes', direction });

/** Texts of all `<title>`s but the document's, and of everything else; throws where the XML is not well-formed. */
function readSvg(svg: string): { titles: string[]; elements: Map<string, number>; attributes: string[] } {
  const titles: string[] = [];
  const elements = new Map<string, number>();
  const attributes: string[] = [];
  const parser = new SaxesParser({ xmlns: true });
  let text = '';
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', (tag) => {
    text = '';
    elements.set(tag.name, (elements.get(tag.name) ?? 0) + 1);
    attributes.push(...Object.keys(tag.attributes));
  });
  parser.on('text', (part) => {
    text += part;
  });
  parser.on('closetag', (tag) => {
    if (tag.name === 'title') titles.push(text);
  });
  parser.write(svg).close();
  return { titles: titles.slice(1), elements, attributes };
}

describe('flame graphs', () => {
  it('show each frame with its figures, and are the same each time', () => {
    const svg = graph(STACKS);
    expect(svg).toBe(graph(STACKS.toReversed()));
    expect(readSvg(svg).titles).toEqual([
      'all\n457 bytes (100.0 %)\ncount 8',
      'NonPagedPool\n457 bytes (100.0 %)\ncount 8',
      'Leak\n457 bytes (100.0 %)\ncount 8',
      `${ENTRY}\n457 bytes (100.0 %)\ncount 8\nkernel`,
      `${OPEN}\n300 bytes (65.6 %)\ncount 2\nkernel`,
      `${ALLOC}\n300 bytes (65.6 %)\ncount 2\nkernel`,
      `${READ}\n157 bytes (34.4 %)\ncount 6\n7 bytes end here\nkernel`,
      `${ALLOC}\n150 bytes (32.8 %)\ncount 5\nkernel`,
    ]);
    expect(svg).toContain(`>${OPEN}</text>`);
    expect(svg).not.toMatch(/https?:(?!\/\/www\.w3\.org\/(2000\/svg|1999\/xhtml)['"])/);
  });

  it('are well-formed and hold one script, whatever names say', () => {
    fc.assert(
      fc.property(anyStacks, fc.constantFrom<Direction>('top-down', 'bottom-up'), anyText, (stacks, way, title) => {
        const svg = graph(stacks, way, title);
        const { elements, attributes, titles } = readSvg(svg);
        expect(elements.get('script')).toBe(1);
        expect(svg.split('<script').length).toBe(2);
        expect(attributes.filter((name) => /^on|href/.test(name))).toEqual([]);
        const small = titles.filter((text) => /^\(\d+ smaller\)\n/.test(text)).length;
        expect(elements.get('svg')! - 1).toBe(titles.length);
        expect(titles.length - small).toBeGreaterThan(0);
      }),
    );
  });

  it('name hostile frames in full, as text', () => {
    const { titles } = readSvg(graph([{ frames: HOSTILE_NAMES, weights: [1, 1] }], 'bottom-up'));
    expect(titles.slice(1).map((text) => text.split('\n')[0])).toEqual(HOSTILE_NAMES.map((name) => visibleName(name)));
  });

  it('draw frames too narrow to be seen as one', () => {
    const many = Array.from({ length: 20_000 }, (_, i) => ({ frames: [`a.sys!f${i}`], weights: [1, 2] as const }));
    const { titles } = readSvg(graph([...many, { frames: ['b.sys!g'], weights: [20_000, 1] }]));
    expect(titles).toEqual([
      'all\n40000 bytes (100.0 %)\ncount 40001',
      'b.sys!g\n20000 bytes (50.0 %)\ncount 1\nkernel',
      '(20000 smaller)\n20000 bytes (50.0 %)\ncount 40000',
    ]);
  });

  it('stay below 5 MB, whatever the stacks', () => {
    const stacks = Array.from({ length: 10_000 }, (_, i) => ({
      frames: Array.from({ length: 12 }, (_, j) => `${'\u202e&'.repeat(40)}${i}_${j}`),
      weights: [10_000 + i, 1] as const,
    }));
    const svg = graph(stacks);
    expect(Buffer.byteLength(svg)).toBeLessThan(5e6);
    expect(svg).toContain('smaller');
    readSvg(svg);
  });

  it('of nothing, and of bytes that are none, are drawn', () => {
    expect(readSvg(graph([])).titles).toEqual(['all\n0 bytes (0.0 %)\ncount 0']);
    const { titles } = readSvg(graph([{ frames: ['a.sys!f'], weights: [0, 3] }]));
    expect(titles).toEqual(['all\n0 bytes (0.0 %)\ncount 3', '(1 smaller)\n0 bytes (0.0 %)\ncount 3']);
  });

  it('can be read, light and dark', () => {
    for (const { name, light, dark } of SWATCHES) {
      expect(contrast(light, LIGHT_TEXT), name).toBeGreaterThan(4.5);
      expect(contrast(dark, DARK_TEXT), name).toBeGreaterThan(4.5);
    }
    for (const [theme, text] of [
      [LIGHT, LIGHT_TEXT],
      [DARK, DARK_TEXT],
    ] as const) {
      expect(contrast(theme.hit, text)).toBeGreaterThan(4.5);
      expect(contrast(theme.page, theme.dim)).toBeGreaterThan(4.5);
      expect(contrast(theme.field, theme.text)).toBeGreaterThan(4.5);
    }
  });

  it('tell kernel from user mode', () => {
    const side = (frame: string): string | null => originOf(frame).side;
    expect(side('ntoskrnl.exe!KiSwap+0x1')).toBe('kernel');
    expect(side('nt!KiSwap')).toBe('kernel');
    expect(side('NDIS.SYS!0xfffff80012345678')).toBe('kernel');
    expect(side('unknown!0xfffff80012345678')).toBe('kernel');
    expect(side('ntdll.dll!NtCreateFile+0x14')).toBe('user');
    expect(side('unknown!0x7ff612345678')).toBe(null);
    expect(originOf('NTDLL.dll!a').color).toBe(originOf('ntdll.dll!b').color);
  });
});
