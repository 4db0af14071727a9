/** How messages are cut into words and variables, and that messages of one shape have one hash. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_SLOTS, MAX_TOKENS, Scanner, Token } from '../src/analyses/errors/scanner.js';
import { templateText } from '../src/analyses/errors/template-text.js';
import { tokensOf } from '../src/analyses/errors/templates.js';

const KINDS = Object.entries(Token);
const nameOf = (kind: number): string => KINDS.find(([, value]) => value === kind)?.[0] ?? '?';

interface Scanned {
  readonly hash: string;
  /** All tokens as they stand in the message. */
  readonly tokens: readonly { readonly kind: string; readonly text: string }[];
  readonly values: readonly number[];
  readonly template: string;
}

function scanned(message: string | Uint8Array, { seed = 0, quotedAreWords = false, record = true } = {}): Scanned {
  const scanner = new Scanner();
  const bytes = Buffer.from(message as string);
  scanner.scan(bytes, 0, bytes.length, seed, quotedAreWords, record);
  const tokens = Array.from({ length: scanner.tokens }, (_, i) => ({
    kind: nameOf(scanner.kind[i]),
    text: bytes.toString('utf8', scanner.from[i], scanner.end[i]),
  }));
  return {
    hash: `${scanner.h1} ${scanner.h2}`,
    tokens,
    values: [...scanner.slotValue.subarray(0, scanner.slots)],
    template: templateText(tokensOf(scanner, bytes), () => false),
  };
}

/** `number:12` for each variable. */
const variablesOf = (message: string, quotedAreWords = false): string[] =>
  scanned(message, { quotedAreWords })
    .tokens.filter(({ kind }) => !['word', 'punctuation', 'blank'].includes(kind))
    .map(({ kind, text }) => `${kind}:${text}`);

const hashOf = (message: string, quotedAreWords = false): string =>
  scanned(message, { quotedAreWords, record: false }).hash;

describe('variables', () => {
  it.each<[message: string, template: string, variables: string[]]>([
    ['count 1234', 'count <num>', ['number:1234']],
    ['delta -5 of 3.25', 'delta <num> of <num>', ['number:-5', 'number:3.25']],
    ['rows 5-9', 'rows <num>-<num>', ['number:5', 'number:9']],
    ['1,234,567 bytes', '<num> bytes', ['number:1,234,567']],
    ['at 10:20:30.125', 'at <num>', ['number:10:20:30.125']],
    ['from 192.168.0.17', 'from <ip>', ['number:192.168.0.17']],
    ['from 192.168.0.17:8080', 'from <num>', ['number:192.168.0.17:8080']],
    ['version 10.0.19041.1', 'version <num>', ['number:10.0.19041.1']],
    ['100%, 5.', '<num>%, <num>.', ['number:100', 'number:5']],
    ['id=5 (6) #7', 'id=<num> (<num>) #<num>', ['number:5', 'number:6', 'number:7']],
    ['flags 0x1F', 'flags <hex>', ['hex:0x1F']],
    ['status 0xC000009A', 'status <hex>', ['hex:0xC000009A']],
    ['object 0xfa80049a', 'object <addr>', ['hex:0xfa80049a']],
    ['tag 1F2A', 'tag <hex>', ['hex:1F2A']],
    ['at deadbeef', 'at <addr>', ['hex:deadbeef']],
    ['at cafebabedeadbeef', 'at <addr>', ['hex:cafebabedeadbeef']],
    ['at 00000000`0012ab34', 'at <addr>', ['hex:00000000`0012ab34']],
    ['at 0xfffff880`04be3409', 'at <addr>', ['hex:0xfffff880`04be3409']],
    ['for {11111111-AAAA-4bbb-8ccc-000000000001}', 'for {<guid>}', ['guid:11111111-AAAA-4bbb-8ccc-000000000001']],
    ['abcdefab-1234-1234-1234-123456789abc', '<guid>', ['guid:abcdefab-1234-1234-1234-123456789abc']],
    ['open C:\\Program Files\\a.txt failed', 'open <path> failed', ['path:C:\\Program Files\\a.txt']],
    ['to C:/x/y.txt.', 'to <path>.', ['path:C:/x/y.txt']],
    ['\\\\server\\share\\f.txt: no', '<path>: no', ['path:\\\\server\\share\\f.txt']],
    ['on \\Device\\Harddisk8\\DR8', 'on <path>', ['path:\\Device\\Harddisk8\\DR8']],
    ['\\??\\C:\\x', '<path>', ['path:\\??\\C:\\x']],
    ['C:\\a D:\\b \\\\c\\d', '<path> <path> <path>', ['path:C:\\a', 'path:D:\\b', 'path:\\\\c\\d']],
    ['load /usr/lib/x.so.6.', 'load <path>.', ['path:/usr/lib/x.so.6']],
    ['say "two words" twice', 'say <str> twice', ['quoted:"two words"']],
    ["file 'C:\\x y' is", 'file <str> is', ["quoted:'C:\\x y'"]],
    ['done in 12ms', 'done in <duration>', ['duration:12ms']],
    ['done in 5.5 s.', 'done in <duration>.', ['duration:5.5 s']],
    ['waits 3 min, 5 of 7', 'waits <duration>, <num> of <num>', ['duration:3 min', 'number:5', 'number:7']],
    ['64KB', '<num>KB', ['number:64']],
    ['Harddisk8', 'Harddisk<num>', ['suffix:8']],
    ['Job17b', 'Job<num>b', ['suffix:17']],
    ['größe 5 мм', 'größe <num> мм', ['number:5']],
  ])('%j is %j', (message, template, variables) => {
    expect(scanned(message).template).toBe(template);
    expect(variablesOf(message)).toEqual(variables);
  });

  it.each(['fffff880`04be3409', '1234abcd`04be3409'])('an address of WinDbg is one: %s', (address) => {
    expect(variablesOf(`at ${address}`)).toEqual([`hex:${address}`]);
  });

  it.each([
    '',
    '   ',
    "don't stop",
    'unclosed " quote',
    "the users' files",
    '/help',
    'and/or',
    'dead beef',
    'C:',
    'a:b',
    '--',
    'added',
    'x\ty\0z',
  ])('%j holds none', (message) => {
    expect(variablesOf(message)).toEqual([]);
  });

  it('have their values where they are numbers', () => {
    const { values } = scanned('a 12 b -3.5 c 0x10 d Disk8 e 10:20 f "7" g 12ms');
    expect(values).toEqual([12, -3.5, Number.NaN, 8, Number.NaN, Number.NaN, 12]);
    expect(scanned('1.5 s, 250us, 2 min').values).toEqual([1500, 0.25, 120_000]);
  });

  it('of an export: what is in its quotes, and names with digits, are words', () => {
    expect(variablesOf('"\\_SB.PC00._PS3" 0x5 7', true)).toEqual(['hex:0x5', 'number:7']);
    expect(hashOf('"\\_SB.PC00._PS3"', true)).not.toBe(hashOf('"\\_SB.PC01._PS0"', true));
  });

  it('beyond the twelfth are told in the shape only', () => {
    const message = Array.from({ length: 20 }, (_, i) => `v ${i}`).join(' ');
    expect(scanned(message).values).toEqual(Array.from({ length: MAX_SLOTS }, (_, i) => i));
    expect(scanned(message).tokens.filter(({ kind }) => kind === 'number')).toHaveLength(20);
  });
});

describe('one shape', () => {
  it.each([
    ['x 5 y', 'x 0x5 y'],
    ['x 5 y', 'x -12.75 y'],
    ['x 5 y', 'x 192.168.0.1 y'],
    ['x 1234 y', 'x 12AB y'],
    ['x  5', 'x\t5'],
    ['"a"', "'a b'"],
    ['C:\\a', '\\Device\\b c\\d'],
    ['Disk1', 'Disk22'],
  ])('have %j and %j', (a, b) => {
    expect(hashOf(a)).toBe(hashOf(b));
  });

  it.each([
    ['x 5 y', 'x y'],
    ['x 5 y', 'y 5 x'],
    ['x 5', 'x "5"'],
    ['open', 'opem'],
    ['a b', 'ab'],
    ['[a]', '(a)'],
    ['Disk1', 'Task1'],
    ['a', ''],
  ])('have not %j and %j', (a, b) => {
    expect(hashOf(a)).not.toBe(hashOf(b));
  });

  it('depends on what else tells messages apart', () => {
    expect(scanned('same', { seed: 1 }).hash).not.toBe(scanned('same', { seed: 2 }).hash);
  });
});

/** Letters only, not hex, no unit and no drive. */
const word = fc.constantFrom(
  ...'driver retry writes größe слово open_file Timeout queue lamp worker mutex shutdown sync token network'.split(' '),
);
const digits = fc.nat(1e9).map(String);
const hex = fc.nat(0xffffffff).map((n) => n.toString(16));
const guid = fc.uuid();
const file = fc.array(word, { minLength: 1, maxLength: 4 });

/** Texts of one type of variable. */
const VARIABLES: readonly fc.Arbitrary<string>[] = [
  fc.oneof(
    digits,
    digits.map((n) => `-${n}`),
    fc.tuple(digits, digits).map(([a, b]) => `${a}.${b}`),
    fc.ipV4(),
    hex.map((n) => `0x${n}`),
    hex.map((n) => `0x${n.padStart(8, '0')}\`${n.padStart(8, '0')}`),
    hex.map((n) => `0${n.padStart(7, '0')}`),
  ),
  guid,
  fc.oneof(
    file.map((parts) => `C:\\${parts.join('\\')}`),
    file.map((parts) => `\\\\server\\${parts.join(' x\\')}`),
    file.map((parts) => `\\Device\\${parts.join('\\')}`),
    file.map((parts) => `/usr/${parts.join('/')}`),
  ),
  fc.oneof(
    word.map((text) => `"${text} ${text}"`),
    word.map((text) => `'${text}'`),
  ),
];

const part = fc.oneof(
  word.map((text) => ({ words: [text, text] as const })),
  fc
    .nat(VARIABLES.length - 1)
    .chain((type) =>
      fc.tuple(VARIABLES[type], VARIABLES[type]).map((words) => ({ words: words as readonly [string, string] })),
    ),
);
const message = fc.array(part, { minLength: 1, maxLength: 14 });
const said = (parts: readonly { readonly words: readonly [string, string] }[], which: 0 | 1): string =>
  parts.map(({ words }) => words[which]).join(' ');

const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 400 }),
  fc.string({ maxLength: 200, unit: 'grapheme' }).map((text) => Buffer.from(text)),
  fc
    .array(fc.constantFrom(...'09afx`-:/\\"\'., 0x C:\\ \\\\ \0\n'.split(''), 'lamp', '0x1', 'http://a'), {
      maxLength: 120,
    })
    .map((pieces) => Buffer.from(pieces.join(''))),
);

describe('of any message', () => {
  it('variables do not change the shape, words do', () => {
    fc.assert(
      fc.property(message, fc.nat(), (parts, at) => {
        const one = said(parts, 0);
        expect(hashOf(said(parts, 1))).toBe(hashOf(one));
        const i = at % parts.length;
        const other = said(
          parts.map((own, k) => (k === i ? { words: ['another', 'another'] as const } : own)),
          0,
        );
        expect(hashOf(other)).not.toBe(hashOf(one));
      }),
      { numRuns: 2000 },
    );
  });

  it('tokens put together are the message, and recording them does not change the hash', () => {
    fc.assert(
      fc.property(anyBytes, fc.boolean(), (bytes, quotedAreWords) => {
        const scanner = new Scanner();
        scanner.scan(bytes, 0, bytes.length, 7, quotedAreWords, true);
        const { h1, h2 } = scanner;
        const slots = [...scanner.slotFrom.subarray(0, scanner.slots)];
        let at = 0;
        for (let i = 0; i < scanner.tokens; i++) {
          expect([scanner.from[i], scanner.end[i] > at]).toEqual([at, true]);
          at = scanner.end[i];
        }
        expect(at).toBe(bytes.length);
        scanner.scan(bytes, 0, bytes.length, 7, quotedAreWords, false);
        expect([scanner.h1, scanner.h2, scanner.tokens]).toEqual([h1, h2, 0]);
        expect([...scanner.slotFrom.subarray(0, scanner.slots)]).toEqual(slots);
      }),
      { numRuns: 4000 },
    );
  });

  it('what stands round it in the block does not matter', () => {
    fc.assert(
      fc.property(anyBytes, fc.constantFrom(...'\r\n ,":/0a`-\''.split('')), (bytes, round) => {
        const block = Buffer.concat([Buffer.from(round.repeat(3)), bytes, Buffer.from(round.repeat(3))]);
        const [alone, inside] = [new Scanner(), new Scanner()];
        alone.scan(bytes, 0, bytes.length, 1, false, true);
        inside.scan(block, 3, 3 + bytes.length, 1, false, true);
        expect([inside.h1, inside.h2, inside.tokens]).toEqual([alone.h1, alone.h2, alone.tokens]);
      }),
      { numRuns: 4000 },
    );
  });

  it('places of variables are those of their tokens', () => {
    fc.assert(
      fc.property(message, (parts) => {
        const scanner = new Scanner();
        const bytes = Buffer.from(said(parts, 0));
        scanner.scan(bytes, 0, bytes.length, 0, false, true);
        for (let s = 0; s < scanner.slots; s++) {
          const token = scanner.slotToken[s];
          expect([scanner.from[token], scanner.end[token], scanner.kind[token]]).toEqual([
            scanner.slotFrom[s],
            scanner.slotEnd[s],
            scanner.slotKind[s],
          ]);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('long messages', () => {
  it('of a megabyte are looked at in part, and end in a variable', () => {
    const tail = (letter: string): string => `start ${'w '.repeat(100)}${letter.repeat(1 << 20)}`;
    const begun = performance.now();
    const { tokens } = scanned(tail('x'));
    expect(performance.now() - begun).toBeLessThan(200);
    expect(tokens.at(-1)?.kind).toBe('rest');
    expect(tokens.map(({ text }) => text).join('')).toHaveLength(206 + (1 << 20));
    expect(hashOf(`${tail('x')}y`)).toBe(hashOf(tail('x')));
    expect(hashOf(tail('x'))).not.toBe(hashOf('start'));
  });

  it.each(['"', "'", '\\', 'C:\\ ', '\\a ', '0x', '-', '1.', '1:', "'a", '`', '/a ', '12345678-', '\0', 'ä'])(
    'of nothing but %j take no time',
    (piece) => {
      const bytes = Buffer.from(piece.repeat(Math.ceil(1_000_000 / piece.length)));
      const scanner = new Scanner();
      const begun = performance.now();
      for (let n = 0; n < 20; n++) scanner.scan(bytes, 0, bytes.length, 0, false, true);
      expect(performance.now() - begun).toBeLessThan(2000);
      expect(scanner.tokens).toBeLessThanOrEqual(MAX_TOKENS);
    },
  );
});
