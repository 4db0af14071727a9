import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePoolTags, poolTagOf } from '../src/core/pooltag.js';

/** Made up; the layout is that of pooltag.txt. */
const FILE = `rem
rem Pooltag.txt
rem <PoolTag> - <binary-name> - <Description>
rem
// a line of one's own

Leak - leaky.sys    - Example of a leak
Ab   - nt!ab        - Two characters - and a dash
 Lk  - leaky.sys    - A blank in front
A-b  - wdm-x.sys    - Dashes in names
Unk  - <unknown>    - Nobody knows
Gob  - Gob objects
Sys  - alone.sys
Xy?  - xy.sys       - Wildcard of one
Xyz* - xyz.sys      - Wildcard of any run
X*   - x.sys        - Wildcard of the rest
Leak - other.sys    - Said again
    Ind - ind.sys   - Indented
TooLong - long.sys  - Five characters and more
no entry
`;
const parsed = parsePoolTags(Buffer.from(FILE));
const owner = (tag: string) => {
  const found = poolTagOf(parsed.tags, tag);
  return found === null ? null : [found.driver, found.description];
};

describe('pooltag.txt', () => {
  it.each([
    ['Leak', ['leaky.sys', 'Example of a leak']],
    ['Ab  ', ['nt!ab', 'Two characters - and a dash']],
    ['Ab', ['nt!ab', 'Two characters - and a dash']],
    [' Lk ', ['leaky.sys', 'A blank in front']],
    ['A-b ', ['wdm-x.sys', 'Dashes in names']],
    ['Unk ', [null, 'Nobody knows']],
    ['Gob ', [null, 'Gob objects']],
    ['Sys ', ['alone.sys', null]],
    ['Ind ', ['ind.sys', 'Indented']],
    ['leak', null],
    ['rem ', null],
  ])('of %j knows %j', (tag, expected) => expect(owner(tag)).toEqual(expected));

  it('counts lines, and those that are no entries', () => {
    expect(parsed.lines).toBe(FILE.split('\n').length - 1);
    expect(parsed.skipped).toBe(2);
    expect(parsed.tags.size).toBe(11);
    for (const tag of parsed.tags.keys()) expect(tag).toHaveLength(4);
  });

  it('asks wildcards where no entry is exact, those with most letters first', () => {
    expect(owner('Xyz9')?.[0]).toBe('xyz.sys');
    expect(owner('Xyz ')?.[0]).toBe('xyz.sys');
    expect(owner('XyA')?.[0]).toBe('xy.sys');
    // A question mark is one character: four are too many for three.
    expect(owner('XyAB')?.[0]).toBe('x.sys');
    expect(owner('X')?.[0]).toBe('x.sys');
    expect(owner('Y')).toBeNull();
  });

  it.each([
    ['CRLF', Buffer.from(FILE.replaceAll('\n', '\r\n'))],
    ['UTF-8 with mark', Buffer.from(`\ufeff${FILE}`)],
    ['UTF-16', Buffer.from(`\ufeff${FILE}`, 'utf16le')],
  ])('reads the same from %s', (_, bytes) => expect(parsePoolTags(bytes)).toEqual(parsed));

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constant(FILE), fc.string(), fc.constantFrom('Ab - ', '-', ' - x - ', '* - a - b'))),
        (parts) => {
          const { tags, lines, skipped } = parsePoolTags(Buffer.from(parts.join('\n')));
          expect(skipped).toBeLessThanOrEqual(lines);
          for (const [tag] of tags) poolTagOf(tags, tag.replace(/[?*]/g, 'x'));
        },
      ),
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void parsePoolTags(Buffer.from(bytes))));
  });

  it('is bounded', { timeout: 5000 }, () => {
    const many = Array.from({ length: 150_000 }, (_, i) => `${i.toString(36).padStart(4, '0')} - a.sys - b`).join('\n');
    const { tags, skipped } = parsePoolTags(Buffer.from(many));
    expect([tags.size, skipped]).toEqual([100_000, 50_000]);
    for (const line of [' '.repeat(1e6), '-'.repeat(1e6), `Leak${' '.repeat(1e6)}`, `Leak - ${'- '.repeat(5e5)}`]) {
      expect(parsePoolTags(Buffer.from(line)).lines).toBe(1);
    }
  });
});
