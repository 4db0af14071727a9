/** Whatever the input: bounded time and memory, nothing thrown but a refusal, and an account that balances. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ErrorsOptions, type ErrorsResult, type Report, render, TracekitError } from '../src/index.js';
import { MESSAGE_FORMATS } from './generate/messages/formats.js';
import { play, stutterRetry } from './generate/messages/truth.js';
import { seeded } from './generate/random.js';
import { clock, errorsOf, type TableRow, tableOf } from './support/errors.js';

const LIMIT_MS = 20_000;
const LIMIT_BYTES = 700e6;

/** The answer, within time and memory; it can be shown, too. */
async function bounded(input: string | Buffer, options: Partial<ErrorsOptions> = {}): Promise<Report<ErrorsResult>> {
  const before = process.memoryUsage().rss;
  const begun = performance.now();
  const report = await errorsOf(input, options);
  for (const format of ['table', 'md']) expect(render(report, { format }).length).toBeGreaterThan(0);
  expect(performance.now() - begun).toBeLessThan(LIMIT_MS);
  expect(process.memoryUsage().rss - before).toBeLessThan(LIMIT_BYTES);
  consistent(report);
  return report;
}

/** What must hold of every answer. */
function consistent({ result }: Report<ErrorsResult>): void {
  const { messages, withoutTime, templates, periodic, spans, gaps, timeline, window } = result;
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  expect(sum(templates.map(({ count }) => count))).toBe(messages);
  expect(sum(timeline.counts)).toBe(messages - withoutTime);
  for (const { firstUs, lastUs } of templates) expect(firstUs === null || (lastUs ?? 0) >= firstUs).toBe(true);
  for (const { periodMs, beats } of periodic) expect([periodMs > 0, beats > 1]).toEqual([true, true]);
  for (const { p50Ms, maxMs, totalMs } of spans)
    expect([(p50Ms ?? 0) >= 0, (maxMs ?? 0) >= (p50Ms ?? 0), totalMs >= 0]).toEqual([true, true, true]);
  for (const { durationMs } of gaps) expect(durationMs).toBeGreaterThan(0);
  expect(window === null || window.endUs >= window.startUs).toBe(true);
  // Unknown is null, never NaN or infinite: JSON has neither.
  expect(JSON.parse(JSON.stringify(result))).toEqual(result);
}

const many = (count: number, row: (i: number) => TableRow): string =>
  tableOf(Array.from({ length: count }, (_, i) => row(i)));

/** A word without digits for each number. */
const wordOf = (i: number): string =>
  [...i.toString(26).padStart(4, '0')]
    .map((digit) => String.fromCharCode(103 + (Number.parseInt(digit, 26) % 20)))
    .join('') + 'z'.repeat(i % 7);

describe('very many', () => {
  it('words in one place are one template', async () => {
    const { result } = await bounded(
      many(100_000, (i) => ({ atUs: i * 10, pid: 4, tid: 8, message: `Session of ${wordOf(i)} opened by us` })),
    );
    expect(result.templates.map(({ template }) => template)).toEqual(['Session of <*> opened by us']);
  }, 60_000);

  it('threads are told apart up to a limit, and the rest is said', async () => {
    const { result, diagnostics } = await bounded(
      many(110_000, (i) => ({ atUs: i * 10, pid: 4, tid: i, message: 'Lamp is on' })),
    );
    expect([result.messages, result.templates.length]).toEqual([110_000, 1]);
    expect(diagnostics.find(({ code }) => code === 'too-many-threads')?.count).toBe(110_000 - result.threads.length);
  }, 60_000);

  it('templates in threads are counted, and what was left out is said', async () => {
    const text = many(240_000, (i) => ({ atUs: i * 10, pid: 4, tid: Math.floor(i / 8000), message: wordOf(i % 8000) }));
    const { result, diagnostics } = await bounded(text);
    expect(new Set(result.templates.map(({ count }) => count))).toEqual(new Set([30]));
    expect(diagnostics.map(({ code }) => code)).toContain('too-many-series');
  }, 60_000);

  it('names of spans are bounded, and what was left out is said', async () => {
    const text = many(200_000, (i) => ({
      atUs: i * 10,
      pid: 4,
      tid: (i >> 1) % 60_000,
      message: i % 2 === 0 ? 'Scan started' : 'Scan finished',
    }));
    const { result, diagnostics } = await bounded(text);
    expect(result.spans.length).toBeLessThanOrEqual(50_000);
    expect(diagnostics.map(({ code }) => code)).toContain('too-many-spans');
  }, 60_000);

  it('span names of one thread each', async () => {
    const text = many(100_000, (i) => ({
      atUs: i * 10,
      pid: 4,
      tid: 8,
      message: `${i % 2 === 0 ? 'Enter' : 'Leave'} ${wordOf(i >> 1)}${'!?#%'[(i >> 1) % 4]} now`,
    }));
    const { result } = await bounded(text);
    expect(result.messages).toBe(100_000);
  }, 60_000);

  it('starts that never end', async () => {
    const { result } = await bounded(
      many(200_000, (i) => ({ atUs: i * 10, pid: 4, tid: i % 50, message: `Request ${i} started` })),
    );
    expect(result.spans).toEqual([]);
  }, 60_000);

  it('spans of one thread that are all open at once', async () => {
    const { result } = await bounded(
      many(100_000, (i) => ({
        atUs: i * 10,
        pid: 4,
        tid: 8,
        message: `Request ${i % 50_000} ${i < 50_000 ? 'started' : 'finished'}`,
      })),
    );
    const [{ count, unfinished, unstarted }] = result.spans;
    expect(count + unstarted).toBe(50_000);
    expect(count + unfinished).toBe(50_000);
  }, 60_000);

  it('retries in every thread', async () => {
    await bounded(
      many(100_000, (i) => ({
        atUs: i * 10,
        pid: 4,
        tid: i % 9000,
        message: `failed (retry ${Math.floor(i / 9000)})`,
      })),
    );
  }, 60_000);

  it('rules and messages that hardly match', async () => {
    const rules = Array.from({ length: 200 }, (_, i) => ({ pattern: `${'*a'.repeat(20)}${i}`, level: null }));
    await bounded(
      many(300, (i) => ({ atUs: i, pid: 4, tid: 8, message: 'a'.repeat(2000) })),
      { rules },
    );
  }, 60_000);
});

describe('very long', () => {
  it.each(['x', 'w ', '"', "'", 'C:\\ ', '0x1 ', '12345678-', '(retry 1)', 'started ', '\\a b\\'])(
    'messages of %j are cut',
    async (piece) => {
      const long = piece.repeat(Math.floor(((1 << 20) - 100) / piece.length));
      const { result } = await bounded(many(8, (i) => ({ atUs: i * 1e6, pid: 4, tid: 8, message: `failed ${long}` })));
      expect(result.messages).toBe(8);
    },
    60_000,
  );

  it('lines beyond a megabyte are skipped, and that is said', async () => {
    const rows = [2_000_000, 10].map((length, i) => ({ atUs: i, pid: 4, tid: 8, message: 'x'.repeat(length) }));
    const { result, diagnostics, sources } = await bounded(
      tableOf([{ atUs: 0, pid: 4, tid: 8, message: 'Lamp is on' }, ...rows]),
    );
    expect([result.messages, sources[0].account.skipped]).toEqual([2, 1]);
    expect(diagnostics.map(({ code, count }) => [code, count])).toEqual([[expect.stringContaining('long'), 1]]);
  });

  it('words that differ at their end only', async () => {
    const { result } = await bounded(
      many(30, (i) => ({ atUs: i * 1e6, pid: 4, tid: 8, message: `${'lamp '.repeat(2000)}${wordOf(i)}` })),
    );
    expect(result.templates).toHaveLength(1);
  }, 60_000);
});

describe('times', () => {
  const at = (times: readonly number[]): string =>
    tableOf(
      times.map((atUs, i) => ({ atUs, pid: 4, tid: 8, message: i % 2 === 0 ? 'Scan started' : 'Scan finished' })),
    );
  const random = seeded(77);

  it.each<[string, number[]]>([
    ['all the same', new Array(5000).fill(1e6)],
    ['backward', Array.from({ length: 5000 }, (_, i) => 5e9 - i * 1e5)],
    ['at random', Array.from({ length: 5000 }, () => random.whole(0, 8e9))],
    ['a zigzag', Array.from({ length: 5000 }, (_, i) => (i % 2) * 6e9 + i)],
    ['a day apart', Array.from({ length: 400 }, (_, i) => i * 86_400e6)],
    ['two only', [0, 1]],
    ['one only', [0]],
  ])('%s', async (_, times) => {
    const { result } = await bounded(at(times));
    expect(result.messages).toBe(times.length);
  });

  it('of all messages the same make no rhythm and no gap', async () => {
    const { result } = await bounded(at(new Array(5000).fill(1e6)));
    expect([result.periodic, result.gaps, result.changes, result.perSecond]).toEqual([[], [], [], null]);
  });

  it('none at all', async () => {
    const text = `PID TID Message\n${Array.from({ length: 100 }, (_, i) => `4 8 Lamp ${i} failed`).join('\n')}\n`;
    const report = await errorsOf(text).catch((error: unknown) => error);
    if (report instanceof TracekitError) expect(report.message).toMatch(/is of no known format/);
    else expect((report as Report<ErrorsResult>).result.window).toBeNull();
  });

  it('that are none', async () => {
    const rows = [
      '1 4 8 10:00:00.000 Lamp is on',
      '2 4 8 25:61:99.9 Lamp is on',
      '3 4 8 NaN Lamp is on',
      '4 4 8 10:00:01.000 Lamp is on',
    ];
    const { result, sources } = await bounded(`# PID TID Time Message\n${rows.join('\n')}\n`);
    expect(result.messages + sources[0].account.skipped + sources[0].account.ignored).toBeGreaterThanOrEqual(4);
  });
});

describe('ids', () => {
  it.each(['99999999999999999999', '4294967295', '-1', '0', '0xffffffff', '0x123456789abcdef', 'x', ''])(
    '%j of a process',
    async (pid) => {
      const lines = [0, 1, 2].map((i) => `${i} ${pid} 8 ${clock(i * 1e6)} Lamp is on`);
      const report = await errorsOf(
        `# PID TID Time Message\n${lines.join('\n')}\n1 4 8 10:00:09.000 Lamp is off\n`,
      ).catch((error: unknown) => error);
      if (!(report instanceof TracekitError)) consistent(report as Report<ErrorsResult>);
    },
  );
});

describe('damage', () => {
  const log = play(stutterRetry());

  it.each(MESSAGE_FORMATS.map((format) => [format.name, format] as const))(
    'of %s is survived',
    async (_, format) => {
      const bytes = format.write(log);
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 30 }),
          fc.oneof(fc.constant(bytes.length), fc.nat(bytes.length)),
          async (edits, length) => {
            const damaged = Buffer.from(bytes);
            for (const [place, byte] of edits) damaged[place] = byte;
            const report = await errorsOf(damaged.subarray(0, length)).catch((error: unknown) => error);
            if (report instanceof Error) expect(report).toBeInstanceOf(TracekitError);
            else {
              consistent(report as Report<ErrorsResult>);
              expect(render(report as Report<ErrorsResult>, { width: 80 }).length).toBeGreaterThan(0);
            }
          },
        ),
        { numRuns: 12 },
      );
    },
    60_000,
  );

  it.each([
    '',
    '\n',
    '# PID TID Time Message',
    '# PID TID Time Message\n',
    '\0\0\0\0',
    '\ufeff',
    '# PID TID Time Message\n\0\0\0\n',
  ])('of a whole file: %j', async (text) => {
    const report = await errorsOf(text).catch((error: unknown) => error);
    if (report instanceof Error) expect(report).toBeInstanceOf(TracekitError);
    else expect((report as Report<ErrorsResult>).result.messages).toBeLessThan(2);
  });

  it('random bytes behind good lines', async () => {
    const random = seeded(9);
    const noise = Buffer.from(Array.from({ length: 200_000 }, () => random.whole(0, 255)));
    const good = many(2000, (i) => ({ atUs: i * 1000, pid: 4, tid: 8, message: 'Lamp is on' }));
    const { result } = await bounded(Buffer.concat([Buffer.from(good), noise]));
    // The last one may go on in the noise.
    expect(result.templates[0].count).toBeGreaterThanOrEqual(1999);
  });
});
