/** `pool` on input that is damaged, foreign or made to do harm: one line, an exit code, and never a control character. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { afterAll, describe, expect, it } from 'vitest';
import { TracekitError } from '../src/core/error.js';
import type { PoolEvent, PoolStack, PoolTruth } from './generate/pool/model.js';
import { myfaultTruth } from './generate/pool/myfault.js';
import { poolDumper } from './generate/pool/write-dumper.js';
import { writePoolEtl } from './generate/pool/write-etl.js';
import { poolTracerpt } from './generate/pool/write-tracerpt.js';
import { poolWpa } from './generate/pool/write-wpa.js';
import { tracekit } from './support/cli.js';
import { poolOfTexts } from './support/pool.js';
import { clean, refused } from './support/refusal.js';
import { sample } from './support/samples.js';

const dir = mkdtempSync(join(tmpdir(), 'tracekit-pool-hostile-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

let files = 0;
function file(bytes: string | Uint8Array, name = `input-${files++}`): string {
  const path = join(dir, name);
  writeFileSync(path, bytes);
  return path;
}

const FORMATS = ['table', 'json', 'ndjson', 'csv', 'md', 'collapsed', 'flamegraph', 'speedscope'] as const;

describe('inputs that cannot be read', () => {
  it('empty, binary, random, zeros, a folder, a missing file', () => {
    refused(tracekit(['pool', file('')]), 3, /: is empty/);
    refused(tracekit(['pool', file(new Uint8Array(9000).fill(1, 500, 600))]), 3, /: is binary/);
    refused(tracekit(['pool', file(new Uint8Array(9000))]), 3, /begins with zeros only/);
    const random = Uint8Array.from({ length: 9000 }, (_, i) => (Math.imul(i + 7, 2654435761) >>> 13) & 255);
    refused(tracekit(['pool', file(random)]), 3, /: is (binary|of no known format)/);
    refused(tracekit(['pool', dir]), 3, /: is a directory/);
    refused(tracekit(['pool', join(dir, 'no\u001b[31m')]), 3, /no\\x1b\[31m: no such file/);
    refused(tracekit(['pool', file('\u001b]0;owned\u0007 \u202egnp.exe\n')]), 3, /\\x1b\]0;owned\\x07/);
    refused(tracekit(['pool', file('nothing\n', 'a\u001b[31mb\u202e\n')]), 3, /a\\x1b\[31mb\\u\{202e\}/);
    refused(tracekit(['pool', '-'], { input: Buffer.from('hello\n') }), 3, /-: is of no known format/);
    refused(tracekit(['pool', file(gzipSync('x').subarray(0, 11))]), 3, /cannot be unpacked/);
  });

  it('one bad file of several: nothing is answered', () => {
    const good = sample('kd/verifier.log');
    refused(tracekit(['pool', good, file('not a trace\n')]), 3, /is of no known format/);
    refused(tracekit(['pool', good, '--snapshot', file('')]), 3, /: is empty/);
  });

  it('a pooltag.txt that is none', () => {
    const good = sample('poolmon/leak.txt');
    for (const bytes of ['', 'no entry here\n', new Uint8Array(5000), '\u001b[31m\n'])
      refused(tracekit(['pool', good, '--pooltag', file(bytes)]), 3, /^tracekit: --pooltag: /);
    refused(tracekit(['pool', good, '--pooltag', dir]), 3, /^tracekit: --pooltag: /);
  });
});

describe('damaged inputs are read as far as they go', () => {
  const text = poolDumper(myfaultTruth());

  it('cut in the middle of a row', () => {
    const path = file(text.slice(0, Math.floor(text.length * 0.7)));
    const ran = tracekit(['pool', path, '--json']);
    clean(ran);
    expect(ran.code).toBe(0);
    expect(JSON.parse(ran.out).result.tags[0]).toMatchObject({ tag: 'Leak' });
    expect(tracekit(['pool', path, '--strict']).code).toBe(3);
  });

  it('cut gzip and cut logs: the loss is told', () => {
    const packed = readFileSync(sample('xperf-dumper/pool-leak.txt.gz'));
    const ran = tracekit(['pool', file(packed.subarray(0, packed.length / 2))]);
    clean(ran);
    expect([ran.code, ran.out]).toEqual([0, expect.stringMatching(/the compressed data end early/)]);
    const log = gunzipSync(readFileSync(sample('etl/pool-leak.etl.gz')));
    const cut = tracekit(['pool', file(log.subarray(0, log.length / 2 + 1000)), '--strict']);
    clean(cut);
    expect([cut.code, cut.err]).toEqual([3, expect.stringContaining('truncated')]);
  });

  it('a header alone, and rows that are all damaged: exit 4', () => {
    const head = text.slice(0, text.indexOf('FirstReliable'));
    for (const rows of ['', 'PoolAlloc, x, y\r\n', 'PoolAlloc\r\n\u0000\u0000\r\n']) {
      const ran = tracekit(['pool', file(head + rows)]);
      clean(ran);
      expect([ran.code, ran.err]).toEqual([4, expect.stringMatching(/^tracekit: no pool data in the input.*\n$/)]);
    }
  });

  const sources = [
    ['dumper text', text],
    ['tables of WPA', poolWpa(myfaultTruth(20))],
    ['tracerpt', poolTracerpt(myfaultTruth(20))],
    ['a raw log', writePoolEtl(myfaultTruth(20))],
    ['poolmon', readFileSync(sample('poolmon/leak.txt'))],
    ['debugger logs', readFileSync(sample('kd/verifier.log'))],
    ['counter logs', readFileSync(sample('pdh-csv/leak.csv'))],
  ] as const;

  it.each(sources)('%s, bytes changed anywhere: an answer or one reason', { timeout: 120_000 }, async (_, given) => {
    const whole = Buffer.from(given);
    const edits = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        edits,
        fc.integer({ min: Math.floor(whole.length / 2), max: whole.length }),
        async (list, end) => {
          const bytes = Buffer.from(whole.subarray(0, end));
          for (const [at, value] of list) if (at < bytes.length) bytes[at] = value;
          try {
            const { findings, diagnostics } = await poolOfTexts(bytes);
            expect(diagnostics.filter(({ code }) => code === 'analysis-failed')).toEqual([]);
            for (const { message, evidence } of findings) {
              expect(message).not.toMatch(/NaN|undefined|Infinity|\[object/);
              expect(evidence.length).toBeGreaterThan(0);
            }
          } catch (error) {
            if (!(error instanceof TracekitError)) throw error;
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});

const TAGS = [
  '=1+1',
  '+A1 ',
  '-2+3',
  '@SUM',
  '\u001b[3m',
  '<b>"',
  '|a|`',
  "';--",
  '&#0;',
  '\u009b31m',
  '\u00e9\u00ff  ',
  '%s%n',
];
const NAMES = [
  `=cmd|' /C calc'!A0`,
  '+1+1.sys!f',
  '@SUM(A1).sys!f',
  'ev\u001b[31mil.sys!\u001b]0;title\u0007f',
  'b\u202egnp.sys!\u2066f\u2069',
  'c1\u009b31m.sys!f\u0085',
  'del\u007f.sys!f',
  '<script>alert(1)</script>.sys!f',
  '[x](http:evil).sys!`code`|pipe|',
  ']]>.sys!<!--',
  'ls\u2028.sys!f;g',
  '_*~#.sys!f',
];

/** A leak of each tag, through code with each name. */
function hostileTruth(): PoolTruth {
  const truth = myfaultTruth();
  const [whole] = truth.stacks;
  const stacks = NAMES.map((name, id): PoolStack => {
    const [module, fn = 'f'] = name.split('!');
    const frames = whole.frames.map((frame, i) => (i === 1 || i === 10 ? { ...frame, module, fn } : frame));
    return { ...whole, id, frames };
  });
  const events = truth.events.flatMap((event, second) =>
    TAGS.map((tag, i): PoolEvent => {
      const address = event.address + BigInt(i * 0x1000 + second * 0x20);
      return { ...event, tag, stack: i % stacks.length, address, bytes: 0x100, atUs: event.atUs + i };
    }),
  );
  return { ...truth, stacks, events, written: events };
}

describe('names from the file', () => {
  const truth = hostileTruth();
  const path = file(poolDumper(truth));
  const log = file(writePoolEtl(truth));

  it.each(FORMATS)('--format %s prints no control character', (format) => {
    for (const [from, more] of [
      [path, []],
      [path, ['--view', 'total,tag,stack,tree,group,timeline', '--top', '0', '--depth', '0']],
      [path, ['--tree', 'top-down', '--top', '0']],
      [log, []],
    ] as const) {
      const ran = tracekit(['pool', from, '--format', format, ...more]);
      expect([format, ran.code, ran.err]).toEqual([format, 0, '']);
      clean(ran);
      expect(ran.out.length).toBeGreaterThan(300);
    }
  });

  it('all leak, and are told apart', () => {
    const { result, findings } = JSON.parse(tracekit(['pool', path, '--json']).out);
    expect(result.tags).toHaveLength(TAGS.length);
    expect(new Set(result.tags.map(({ verdict }: { verdict: string }) => verdict))).toEqual(new Set(['leak']));
    expect(findings.some(({ rule }: { rule: string }) => rule === 'pool-leak')).toBe(true);
  });

  it('CSV cells cannot be formulas', () => {
    const { out } = tracekit(['pool', path, '--format', 'csv', '--view', 'tag,stack,tree,group', '--top', '0']);
    const cells = out.split('\n').flatMap((line) => cellsOf(line));
    const text = cells.filter((cell) => !/^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(cell));
    expect(text.filter((cell) => /^[=+\-@\t\r]/.test(cell))).toEqual([]);
    for (const start of ["'=1+1", "'+A1", "'-2+3", "'@SUM", "'=cmd|"])
      expect([start, text.some((cell) => cell.startsWith(start))]).toEqual([start, true]);
  });

  it('Markdown holds no markup and stays in its columns', () => {
    const { out } = tracekit(['pool', path, '--format', 'md', '--top', '0']);
    expect(out).not.toMatch(/<script|<b>/);
    expect(out).not.toMatch(/(?<!\\)\[x(?<!\\)\]\(/);
    const bars = (line: string): number => line.replace(/\\\|/g, '').split('|').length;
    for (const block of out.split('\n\n').filter((part) => part.startsWith('|')))
      expect(
        new Set(
          block
            .split('\n')
            .filter((line) => line.startsWith('|'))
            .map(bars),
        ).size,
      ).toBe(1);
  });

  it('a flame graph stays well-formed, without elements or handlers of its names', () => {
    const { out } = tracekit(['pool', path, '--format', 'flamegraph']);
    const parser = new SaxesParser({ xmlns: true });
    const names = new Set<string>();
    parser.on('error', (error) => {
      throw error;
    });
    parser.on('opentag', ({ name, attributes }) => {
      names.add(name);
      for (const key of Object.keys(attributes)) expect(key).not.toMatch(/^on/i);
    });
    parser.write(out).close();
    expect([...names].filter((name) => /^(b|img|iframe|foreignObject|a)$/i.test(name))).toEqual([]);
    expect(out.match(/<script/g)?.length ?? 0).toBeLessThanOrEqual(1);
  });

  it('folded stacks keep their separators', () => {
    const lines = tracekit(['pool', path, '--format', 'collapsed']).out.trimEnd().split('\n');
    // Pool, tag, and the frames of each stack.
    const depths = new Set(lines.map((line) => line.replace(/ \d+$/, '').split(';').length));
    expect([lines.length, ...depths]).toEqual([TAGS.length, 2 + truth.stacks[0].frames.length]);
    for (const line of lines) expect(line).toMatch(/^\S.* \d+$/);
  });

  it('of snapshots and lists of blocks are as harmless', () => {
    const evil = 'ev\u001b[31mil\u202e=1+1<script>';
    const kd = file(
      `0: kd> !poolused 2\n   Sorting by NonPaged Pool Consumed\n\n               NonPaged                  Paged\n Tag     Allocs         Used     Allocs         Used\n\n =1+1     50000   900000000          0            0  ${evil} , Binary: ${evil}\n\nTOTAL     50000   900000000          0            0\n`,
    );
    const poolmon = file(readFileSync(sample('poolmon/leak.txt'), 'utf8').replaceAll('FnRx', '@A\u001b['));
    const pdh = file(
      readFileSync(sample('pdh-csv/leak.csv'), 'utf8').replace(
        'HOST\\Memory\\Pool N',
        `${evil}\\Memory\\Pool ${evil}N`,
      ),
    );
    for (const from of [kd, poolmon, pdh]) {
      for (const format of ['table', 'json', 'csv', 'md', 'ndjson']) {
        const ran = tracekit(['pool', from, '--format', format, '--view', 'tag,snapshot,counter,block,place']);
        expect([format, ran.code]).toEqual([format, 0]);
        clean(ran);
        if (format === 'md') expect(ran.out).not.toContain('<script>');
      }
      clean(tracekit(['pool', from]));
    }
    expect(tracekit(['pool', kd]).out).toContain("'=1+1' holds 900000000 of 900000000 bytes");
  });

  it('of a pooltag.txt too', () => {
    const tags = file('FnRx - ev\u001b[31mil.sys - =cmd|\u202e<script>\n');
    for (const format of ['table', 'csv', 'md']) {
      const ran = tracekit(['pool', sample('poolmon/leak.txt'), '--pooltag', tags, '--format', format]);
      expect(ran.code).toBe(0);
      clean(ran);
    }
  });
});

/** The cells of one line of CSV (RFC 4180, no line ends in cells). */
function cellsOf(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    (m) => m[1]?.replaceAll('""', '"') ?? m[2] ?? '',
  );
}
