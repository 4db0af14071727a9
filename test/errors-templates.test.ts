/** Templates: the same ones in whatever order lines come, bounded however many words there are, and those that the user pins. */
import { describe, expect, it } from 'vitest';
import { Scanner } from '../src/analyses/errors/scanner.js';
import { templateText } from '../src/analyses/errors/template-text.js';
import { MAX_TEMPLATES, Templates, tokensOf } from '../src/analyses/errors/templates.js';
import { play, randomScenario } from './generate/messages/truth.js';
import { type Random, seeded } from './generate/random.js';
import { errorsOf, tableOf } from './support/errors.js';

/** Templates of lines and how often each came, in the order of their texts. */
function mined(lines: readonly string[], isStructured = false): [text: string, count: number][] {
  const counts = new Map<string, number>();
  const { templates, seen } = fed(lines, isStructured);
  for (const { id } of templates.list) {
    const text =
      id === templates.other ? '(other)' : templateText(templates.list[templates.root(id)].tokens, () => false);
    counts.set(text, (counts.get(text) ?? 0) + (seen[id] ?? 0));
  }
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
}

function fed(lines: readonly string[], isStructured = false): { templates: Templates; seen: number[] } {
  const scanner = new Scanner();
  const seen: number[] = [];
  const templates = new Templates((template) => seen[template] ?? 0);
  for (const line of lines) {
    const bytes = Buffer.from(line);
    scanner.scan(bytes, 0, bytes.length, 0, isStructured, false);
    let place = templates.find(scanner.h1, scanner.h2);
    if (place < 0) {
      scanner.scan(bytes, 0, bytes.length, 0, isStructured, true);
      place = templates.add(scanner.h1, scanner.h2, { tokens: tokensOf(scanner, bytes), origin: 0, isStructured }, 0);
    }
    const template = templates.templateAt(place);
    seen[template] = (seen[template] ?? 0) + 1;
  }
  templates.settle();
  return { templates, seen };
}

function shuffled<T>(random: Random, values: readonly T[]): T[] {
  const all = [...values];
  for (let i = all.length - 1; i > 0; i--) {
    const j = random.whole(0, i);
    [all[i], all[j]] = [all[j], all[i]];
  }
  return all;
}

/** The `i`-th of many words that are no numbers. */
function wordOf(i: number): string {
  let text = 'w';
  for (let n = i + 26; n > 0; n = Math.floor(n / 26)) text += String.fromCharCode(97 + (n % 26));
  return `${text}y`;
}

const words = (count: number, from = 0): string[] => Array.from({ length: count }, (_, i) => wordOf(from + i));

describe('a place with many words', () => {
  it('is a variable from the ninth word on', () => {
    const lines = (count: number): string[] => words(count).map((word) => `Service ${word} is up`);
    expect(mined(lines(8))).toHaveLength(8);
    expect(mined(lines(9))).toEqual([['Service <*> is up', 9]]);
    expect(mined([...lines(9), ...lines(60)])).toEqual([['Service <*> is up', 69]]);
  });

  it('of a structured event is one from the thirty-third on', () => {
    const lines = (count: number): string[] => words(count).map((word) => `"${word}" started`);
    expect(mined(lines(32), true)).toHaveLength(32);
    expect(mined(lines(33), true)).toEqual([['"<*>" started', 33]]);
  });

  it('is told by its words, not by how often they come', () => {
    const lines = Array.from({ length: 200 }, (_, i) => `Service ${wordOf(i % 8)} is up`);
    expect(mined(lines).map(([, count]) => count)).toEqual([25, 25, 25, 25, 25, 25, 25, 25]);
  });

  it('may be the first', () => {
    expect(mined(words(9).map((word) => `${word} is up`))).toEqual([['<*> is up', 9]]);
  });

  it('leaves messages of a single word alone', () => {
    expect(mined(words(40))).toHaveLength(40);
    expect(mined(words(40).map((word) => `${word} 5`))).toHaveLength(40);
  });

  it('is nothing of another length, of another variable, or with other marks', () => {
    const service = words(9).map((word) => `Service ${word} is up`);
    const others = [
      'Service wzzy',
      'Service wzzy is up now',
      'Service wzzy, is up',
      'Service "x" is up',
      'Service 7 is up',
    ];
    expect(
      mined([...service, ...others])
        .map(([text]) => text)
        .sort(),
    ).toEqual(
      [
        'Service <*> is up',
        'Service wzzy',
        'Service wzzy is up now',
        'Service wzzy, is up',
        'Service <str> is up',
        'Service <num> is up',
      ].sort(),
    );
  });

  it('beside another one makes one template with two variables', () => {
    const lines = words(9).flatMap((a) => words(9, 500).map((b) => `User ${a} left ${b}`));
    expect(mined(lines)).toEqual([['User <*> left <*>', 81]]);
  });

  it('does not swallow verbs where there are few', () => {
    const lines = words(30).flatMap((a) => ['started', 'stopped', 'failed'].map((verb) => `Service ${a} ${verb} now`));
    expect(mined(lines)).toEqual([
      ['Service <*> failed now', 30],
      ['Service <*> started now', 30],
      ['Service <*> stopped now', 30],
    ]);
  });
});

describe('the order of lines does not matter', () => {
  const random = seeded(41);
  /** The same lines in twelve orders. */
  const same = (lines: readonly string[]): [string, number][] => {
    const expected = mined(lines);
    for (let n = 0; n < 12; n++) expect(mined(shuffled(random, lines))).toEqual(expected);
    return expected;
  };
  const pick = (from: readonly string[]): string => from[random.whole(0, from.length - 1)];

  it.each([
    [5, 5],
    [9, 9],
    [10, 10],
    [12, 9],
    [12, 12],
    [30, 8],
    [26, 26],
  ])('with %i words in one place and %i in another', (a, b) => {
    expect(same(words(a).flatMap((x) => words(b, 500).map((y) => `User ${x} on ${y} left`))).length).toBe(
      a > 8 ? (b > 8 ? 1 : b) : a * b,
    );
  });

  it.each([20, 60, 120, 200, 300, 600])('with %i pairs of words at random', (count) => {
    for (let n = 0; n < 4; n++) {
      same(Array.from({ length: count }, () => `User ${pick(words(20))} on ${pick(words(20, 500))} left`));
    }
  });

  it.each([100, 300, 800])('with %i triples', (count) => {
    for (let n = 0; n < 4; n++) {
      same(
        Array.from(
          { length: count },
          () => `${pick(words(10, 900))} of ${pick(words(12))} on ${pick(words(3, 500))} left after 5 ms`,
        ),
      );
    }
  });

  it('in generated traces', async () => {
    for (const seed of [1, 2, 3]) {
      const { messages } = play(randomScenario(seed, { lengthUs: 60_000_000 }));
      const told = async (texts: readonly string[]): Promise<unknown> => {
        const rows = texts.map((message, i) => ({ atUs: i * 1000, pid: 4, tid: 8, message }));
        const { result } = await errorsOf(tableOf(rows));
        return result.templates.map(({ id, template, count, level }) => ({ id, template, count, level })).sort(byId);
      };
      const texts = messages.map(({ message }) => message);
      expect(await told(shuffled(random, texts))).toEqual(await told(texts));
    }
  }, 60_000);
});

const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

describe('memory', () => {
  it('a hundred thousand words in one place are one template, and cheap', () => {
    const begun = performance.now();
    const lines = words(100_000).map((word) => `Session of ${word} opened`);
    expect(mined(lines)).toEqual([['Session of <*> opened', 100_000]]);
    expect(performance.now() - begun).toBeLessThan(5000);
  });

  it('shapes that were forgotten find their templates again', () => {
    const rare = ['Lamp on', 'Lamp off', 'Lamp broken'];
    const crowd = words(140_000).map((word) => `Session of ${word} opened`);
    expect(mined([...rare, ...crowd, ...rare, ...crowd, ...rare])).toEqual([
      ['Lamp broken', 3],
      ['Lamp off', 3],
      ['Lamp on', 3],
      ['Session of <*> opened', 280_000],
    ]);
  });

  it('crowds that differ in several words at once become few', () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `Peer ${wordOf(i)} says ${wordOf(70_000 + i)} to us`);
    const found = mined([...lines, ...lines]);
    expect(found.length).toBeLessThan(4200);
    expect(found.reduce((sum, [, count]) => sum + count, 0)).toBe(40_000);
    expect(Math.max(...found.map(([, count]) => count))).toBeGreaterThan(30_000);
  });

  it('leaves crowds alone that come again and again', () => {
    const lines = Array.from({ length: 3000 }, (_, i) => `Peer ${wordOf(i)} says ${wordOf(70_000 + i)} to us`);
    expect(mined([...lines, ...lines, ...lines])).toHaveLength(3000);
  });

  it('of templates without end is bounded', () => {
    // Nothing that two of these have in common: another number of words, other marks, one word only.
    const marks = '!#$%&()*+;<=>?@[]^{|}~';
    const lines = Array.from({ length: MAX_TEMPLATES + 500 }, (_, i) => {
      const code = [...i.toString(20)].map((digit) => marks[Number.parseInt(digit, 20)]).join('');
      return `${wordOf(i)}${code}`;
    });
    const { templates, seen } = fed(lines);
    expect(templates.live.length).toBeLessThanOrEqual(MAX_TEMPLATES + 1);
    expect(seen[templates.other]).toBe(500);
  }, 30_000);
});

describe('an answer', () => {
  const row = (atUs: number, message: string) => ({ atUs, pid: 4, tid: 8, message });

  it('with too many templates says so', async () => {
    const marks = '!#$%&()*+;<=>?@[]^{|}~';
    const rows = Array.from({ length: MAX_TEMPLATES + 40 }, (_, i) =>
      row(i, `${wordOf(i)}${[...i.toString(20)].map((digit) => marks[Number.parseInt(digit, 20)]).join('')}`),
    );
    const { result, diagnostics } = await errorsOf(tableOf(rows));
    expect(result.templates.find(({ template }) => template === '(other messages)')?.count).toBe(40);
    expect(diagnostics.find(({ code }) => code === 'too-many-templates')?.count).toBe(40);
    expect(result.templates.reduce((sum, { count }) => sum + count, 0)).toBe(rows.length);
  }, 60_000);

  it('pins templates, with levels, before all others', async () => {
    const rows = [
      row(0, 'Login of alice failed: code 5'),
      row(1, 'Login of bob failed: try later'),
      row(2, 'Login of carol worked'),
      row(3, 'Disk 5 is slow'),
      row(4, 'Disk 6 is slow'),
    ];
    const { result } = await errorsOf(tableOf(rows), {
      rules: [
        { pattern: 'Login of <*> failed*', level: 'critical' },
        { pattern: 'Login*', level: null },
        { pattern: 'disk*', level: 'error' },
      ],
    });
    expect(
      result.templates.map(({ template, count, level, levelFrom }) => [template, count, level, levelFrom]),
    ).toEqual([
      ['Login of <*> failed*', 2, 'critical', 'rule'],
      ['Disk <num> is slow', 2, null, 'none'],
      ['Login*', 1, null, 'none'],
    ]);
  });

  it('has one id for a template in whatever trace', async () => {
    const idOf = async (...messages: string[]): Promise<string[]> =>
      (await errorsOf(tableOf(messages.map((message, i) => row(i, message))))).result.templates.map(({ id }) => id);
    const [first] = await idOf('Disk 5 is slow');
    expect(await idOf('Lamp on', 'Disk 77 is slow')).toContain(first);
    expect(await idOf('Disk 5 is quick')).not.toContain(first);
  });

  it('counts each template once', async () => {
    const long = (word: string): string => `${'lamp '.repeat(600)}${word}`;
    const { result } = await errorsOf(tableOf([row(0, long('one')), row(1, long('two')), row(2, long('one'))]));
    const ids = result.templates.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(result.templates.reduce((sum, { count }) => sum + count, 0)).toBe(3);
  });

  it('is as bad as the worst code in its messages, whichever came first', async () => {
    const codes = [0, 0, 0xc000009a, 0, 0xc000009a].map((code) => `0x${code.toString(16).padStart(8, '0')}`);
    for (const order of [codes, codes.toReversed()]) {
      const rows = order.map((code, i) => row(i, `Request finished: status ${code}`));
      const [{ template, level, levelFrom }] = (await errorsOf(tableOf(rows))).result.templates;
      expect([template, level, levelFrom]).toEqual(['Request finished: status <hex>', 'error', 'code']);
    }
  });

  it('tells the values of variables', async () => {
    const rows = Array.from({ length: 40 }, (_, i) =>
      row(i, `Job ${i * 3} of queue${1} took ${i} ms at 0x${(0xffff0000 + i).toString(16)} in C:\\a\\${i % 3}.txt`),
    );
    const [{ template, parameters }] = (await errorsOf(tableOf(rows))).result.templates;
    expect(template).toBe('Job <num> of queue1 took <duration> at <addr> in <path>');
    expect(parameters.map(({ type, distinct, min, max }) => [type, distinct, min, max])).toEqual([
      ['number', null, 0, 117],
      ['number', 1, 1, 1],
      ['duration', null, 0, 39],
      ['address', null, null, null],
      ['path', 3, null, null],
    ]);
    expect(parameters[4].values).toEqual(['C:\\a\\0.txt', 'C:\\a\\1.txt', 'C:\\a\\2.txt']);
  });
});
