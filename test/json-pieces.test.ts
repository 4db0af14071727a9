import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonPieces } from '../src/core/json-pieces.js';
import { jsonText } from '../src/core/text.js';

const joined = (value: unknown): string => [...jsonPieces(value)].join('');

describe('JSON in pieces', () => {
  it('says what JSON.stringify says, of any value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        expect(joined(value)).toBe(jsonText(value, 2));
      }),
    );
  });

  it('leaves out what JSON does not know', () => {
    const value = {
      a: undefined,
      b: [undefined, () => 1, Number.NaN],
      c: { d: undefined },
      e: new Date(0),
      f: [],
      g: {},
      h: '\u009b\n\u202e',
    };
    expect(joined(value)).toBe(jsonText(value, 2));
  });

  it('hands on pieces of some 64 K', () => {
    const list = Array.from({ length: 20_000 }, (_, n) => ({ n, text: 'x'.repeat(20) }));
    const pieces = [...jsonPieces({ result: { list } })];
    expect(pieces.length).toBeGreaterThan(10);
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(70_000);
    expect(JSON.parse(pieces.join(''))).toEqual({ result: { list } });
  });
});
