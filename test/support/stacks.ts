/** What the tests of outputs for call stacks share. */
import fc from 'fast-check';
import type { WeightedStack } from '../../src/report/stacks/fold.js';

export const ALLOC = 'nt!ExAllocatePool2+0x10';
export const READ = 'leak.sys!Read+0x20';
export const OPEN = 'leak.sys!Open+0x30';
export const ENTRY = 'nt!KiSystemService+0x5';
export const PREFIX = ['NonPagedPool', 'Leak'];

/** Worked by hand: two ways to the allocator, one of them seen twice, and a stack that ends where another goes on. */
export const STACKS: readonly WeightedStack[] = [
  { frames: [ALLOC, READ, ENTRY], weights: [100, 1], prefix: PREFIX },
  { frames: [ALLOC, OPEN, ENTRY], weights: [300, 2], prefix: PREFIX },
  { frames: [ALLOC, READ, ENTRY], weights: [50, 4], prefix: PREFIX },
  { frames: [READ, ENTRY], weights: [7, 1], prefix: PREFIX },
];

/** Names that are markup, script or no text at all, where an output does not take care. */
export const HOSTILE_NAMES: readonly string[] = [
  '</script><script>window.__pwned=1</script>',
  '" onload="window.__pwned=1',
  "' onmouseover='window.__pwned=1' x='",
  '</title></svg><img src="x" onerror="window.__pwned=1"/>',
  '<foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="javascript:parent.__pwned=1"/></foreignObject>',
  ']]><script>window.__pwned=1</script>',
  '&#0;&lt;b&gt;&nbsp;&pwned;',
  '<!--<?xml-stylesheet href="x"?>',
  'nul\u0000 bell\u0007 escape\u001b[31m newline\n tab\t',
  'reversed\u202e half\ud800 other half\udc00 none\ufffe\uffff',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it would end a template, were names put into the script.
  '${window.__pwned=1}`+(window.__pwned=1)+`',
];

export const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom(...HOSTILE_NAMES),
  // Lone surrogates and what XML forbids.
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 6 }).map((units) => String.fromCharCode(...units)),
);
const anyName = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(ALLOC, READ, OPEN, ENTRY) }, anyText);
const anyStack: fc.Arbitrary<WeightedStack> = fc.record({
  frames: fc.array(anyName, { maxLength: 6 }),
  weights: fc.tuple(fc.nat(1_000_000), fc.nat(1000)),
  prefix: fc.array(anyName, { maxLength: 2 }),
});
export const anyStacks = fc.array(anyStack, { maxLength: 20 });
const text = { type: 'string' };
const number = { type: 'number' };
const list = (items: object): object => ({ type: 'array', items });
const record = (properties: Record<string, object>, optional: readonly string[] = []): object => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((key) => !optional.includes(key)),
});
const profile = (type: string, rest: Record<string, object>): object =>
  record({
    type: { type: 'string', enum: [type] },
    name: text,
    unit: { type: 'string', enum: ['bytes', 'microseconds', 'milliseconds', 'nanoseconds', 'none', 'seconds'] },
    startValue: number,
    endValue: number,
    ...rest,
  });

/**
 * What https://www.speedscope.app/file-format-schema.json demands, written down from it (speedscope, MIT,
 * https://github.com/jlfwong/speedscope/blob/main/src/lib/file-format-spec.ts), with its definitions put in place.
 */
export const SPEEDSCOPE_SCHEMA: object = record(
  {
    $schema: { type: 'string', enum: ['https://www.speedscope.app/file-format-schema.json'] },
    shared: record({
      frames: list(record({ name: text, file: text, line: number, col: number }, ['file', 'line', 'col'])),
    }),
    profiles: list({
      anyOf: [
        profile('evented', {
          events: list(record({ type: { type: 'string', enum: ['O', 'C'] }, frame: number, at: number })),
        }),
        profile('sampled', { samples: list(list(number)), weights: list(number) }),
      ],
    }),
    name: text,
    activeProfileIndex: number,
    exporter: text,
  },
  ['name', 'activeProfileIndex', 'exporter'],
);

/** Contrast of two colours `#rrggbb`: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
export function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color: string): number {
  const [r, g, b] = [1, 3, 5]
    .map((at) => Number.parseInt(color.slice(at, at + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
