import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import yazl from 'yazl';
import { stutter } from './generate/truth.js';
import type { Ran } from './support/cli.js';
import { clean, refused } from './support/refusal.js';

const ROOT = resolve(import.meta.dirname, '..');
const BIN = join(ROOT, 'dist/bin/tracekit.js');
const STUTTER = join(ROOT, 'samples/xperf-dumper/stutter.txt');
const DAMAGED = join(ROOT, 'samples/xperf-dumper/damaged.txt');
const FORMATS = ['table', 'json', 'ndjson', 'csv', 'md'] as const;

let dir: string;
beforeAll(() => {
  if (!existsSync(BIN)) throw new Error('dist/bin/tracekit.js is not there: run `npm run build` first.');
  dir = mkdtempSync(join(tmpdir(), 'tracekit-cli-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

let files = 0;
function file(bytes: string | Uint8Array, name = `input-${files++}`): string {
  const path = join(dir, name);
  writeFileSync(path, bytes);
  return path;
}

/** Runs the built command. Its exit must come by itself: a signal gives code null. */
function tracekit(args: readonly string[], input?: Uint8Array | string): Ran {
  const env = { ...process.env, NO_COLOR: '1' };
  const got = spawnSync(process.execPath, [BIN, ...args], { input, env, maxBuffer: 1 << 28, timeout: 50_000 });
  return { code: got.status, out: got.stdout.toString('utf8'), err: got.stderr.toString('utf8') };
}

const HEADER = [
  'BeginHeader',
  '                    DPC,  TimeStamp, ElapsedTime, CPU,        ServiceAddr,            Image!Function',
  'EndHeader',
  'OS Version: 10.0.22631, Trace Size: 4096KB, Events Lost: 0, Buffers lost: 0, Trace Start: 133893216001234560, Trace Length: 1 sec, PointerSize: 8, Trace Name: x.etl',
];
const row = (symbol: string, us = 150, at = 2000): string =>
  `                    DPC, ${String(at).padStart(10)}, ${String(us).padStart(11)},   1, 0xfffff80342001000, ${symbol}`;
const dumper = (rows: readonly string[]): string => `${[...HEADER, ...rows].join('\r\n')}\r\n`;

async function zip(entries: Readonly<Record<string, Uint8Array | string>>): Promise<Buffer> {
  const made = new yazl.ZipFile();
  for (const [name, bytes] of Object.entries(entries)) made.addBuffer(Buffer.from(bytes), name);
  made.end();
  const parts: Buffer[] = [];
  for await (const part of made.outputStream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

describe('inputs that cannot be read: exit 3 and one message', () => {
  const commands = [
    ['dpc', []],
    ['info', []],
    ['events', []],
    ['tables', ['--out', 'unused']],
  ] as const;

  for (const [verb, options] of commands) {
    const run = (path: string): Ran =>
      tracekit([verb, path, ...options.map((o) => (o === 'unused' ? join(dir, o) : o))]);

    it(`${verb}: empty, binary, random, a folder, a missing file`, () => {
      const empty = file('');
      refused(run(empty), 3, new RegExp(`${empty}: is empty`));
      const binary = file(new Uint8Array(9000).fill(1, 500, 600));
      refused(run(binary), 3, new RegExp(`${binary}: is binary`));
      const zeros = file(new Uint8Array(9000));
      refused(run(zeros), 3, new RegExp(`${zeros}: begins with zeros only: the log was never written`));
      const random = file(Uint8Array.from({ length: 9000 }, (_, i) => (Math.imul(i + 7, 2654435761) >>> 13) & 255));
      refused(run(random), 3, new RegExp(`${random}: is (binary|of no known format)`));
      refused(run(dir), 3, new RegExp(`${dir}: is a directory`));
      refused(run(join(dir, 'missing.txt')), 3, /missing\.txt: no such file/);
      expect(existsSync(join(dir, 'unused'))).toBe(false);
    });
  }

  it('escape sequences in a file of no known format, and in its name', () => {
    refused(
      tracekit(['dpc', file('\u001b]0;owned\u0007\u001b[2J \u202egnp.exe\n')]),
      3,
      /\\x1b\]0;owned\\x07\\x1b\[2J/,
    );
    refused(tracekit(['dpc', file('nothing\n', 'a\u001b[31mb\u202e\n')]), 3, /a\\x1b\[31mb\\u\{202e\}/);
    refused(tracekit(['dpc', join(dir, 'no\u001b[31m')]), 3, /no\\x1b\[31m: no such file/);
  });

  it('gzip and zip that are damaged', async () => {
    const packed = await zip({ 'trace.txt': dumper([row('a.sys!f')]) });
    const cut = file(packed.subarray(0, packed.length - 10));
    refused(tracekit(['dpc', cut]), 3, /the zip is damaged or cut off/);
    const gz = file(gzipSync('x').subarray(0, 11));
    refused(tracekit(['dpc', gz]), 3, new RegExp(`${gz}: cannot be unpacked`));
  });

  it('a zip bomb, with little memory and time', () => {
    const path = file(
      gzipSync(Buffer.concat([Buffer.from(dumper([])), Buffer.alloc(280 << 20, `${row('a.sys!f')}\n`)])),
    );
    const begun = Date.now();
    refused(tracekit(['dpc', path]), 3, /expands more than 200 times/);
    expect(Date.now() - begun).toBeLessThan(5_000);
  });

  it('several files, one of them bad: nothing is answered', () => {
    const bad = file('not a trace\n');
    refused(tracekit(['dpc', STUTTER, bad]), 3, new RegExp(`${bad}: is of no known format`));
    refused(tracekit(['dpc', STUTTER, join(dir, 'missing')]), 3, /missing: no such file/);
  });

  it('wrong use: exit 2', () => {
    for (const args of [
      ['dpc'],
      ['dpc', STUTTER, '--format', 'xml'],
      ['dpc', STUTTER, '--range', 'a', 'b'],
      ['dpc', STUTTER, '--columns', 'no\u001b[31mne'],
      ['nonsense'],
      ['dpc', '-', '-'],
      ['dpc', STUTTER, '--top', '\u001b[31m'],
      ['dpc', STUTTER, '--around', '\u001b[31m'],
      ['dpc', STUTTER, '--range', '1s', '\u001b[31m'],
      ['dpc', STUTTER, '--range', '1\u001b[31m', '2s'],
      ['\u001b[31m'],
      ['dpc', STUTTER, '--\u001b[31m'],
    ]) {
      const result = tracekit(args, dumper([row('a.sys!f')]));
      clean(result);
      expect([args, result.code]).toEqual([args, 2]);
      expect(result.err).not.toBe('');
      expect(result.out).toBe('');
    }
  });
});

describe('inputs that are read and give no runs: exit 4', () => {
  it('a header alone, rows all damaged', () => {
    for (const [says, rows] of [
      [/^tracekit: no DPC or ISR runs in the input\. Record with .*\n$/, []],
      [/^tracekit: no DPC or ISR runs could be read .*: 1 lines .* in line 5: .*\n$/, [row('a.sys!f').slice(0, 40)]],
      [/^tracekit: no DPC or ISR runs could be read .*: 2 lines .*\n$/, ['\u0000\u0000', 'DPC, x, y, z']],
    ] as const) {
      const result = tracekit(['dpc', file(dumper(rows))]);
      clean(result);
      expect(result.code).toBe(4);
      expect(result.err).toMatch(says);
    }
  });
});

describe('damaged inputs are read as far as they go', () => {
  it('cut in the middle of a row', () => {
    const text = dumper([row('a.sys!f', 150, 2000), row('b.sys!g', 250, 3000)]);
    const path = file(text.slice(0, text.length - 60));
    const result = tracekit(['dpc', path, '--json']);
    clean(result);
    expect([result.code, result.err]).toEqual([0, '']);
    const doc = JSON.parse(result.out);
    expect(doc.result.modules.map((m: { module: string }) => m.module)).toEqual(['a.sys']);
    expect(doc.diagnostics.map((d: { code: string }) => d.code).sort()).toEqual(['damaged-row', 'no-line-end']);
    expect(tracekit(['dpc', path, '--strict']).code).toBe(3);
  });

  it('cut in the middle of a UTF-16 pair', () => {
    const utf16 = Buffer.from(`\ufeff${dumper([row('a.sys!f'), row('b.sys!g')])}`, 'utf16le');
    const result = tracekit(['dpc', file(utf16.subarray(0, utf16.length - 5)), '--json']);
    clean(result);
    expect(result.code).toBe(0);
    const codes = JSON.parse(result.out).diagnostics.map((d: { code: string }) => d.code);
    expect(codes).toContain('truncated');
  });

  it('cut gzip: the loss is told', () => {
    const packed = gzipSync(readFileSync(STUTTER));
    const path = file(packed.subarray(0, packed.length - 20_000));
    const result = tracekit(['dpc', path]);
    clean(result);
    expect(result.code).toBe(0);
    expect(result.out).toMatch(/data-loss: .*the compressed data end early/);
    expect(tracekit(['dpc', path, '--strict', '--quiet'])).toMatchObject({ code: 3, err: '' });
  });

  it('NULs between rows', () => {
    const result = tracekit(['dpc', file(dumper([row('a.sys!f'), '\0\0\0\0', row('a.sys!\0f')]))]);
    clean(result);
    expect(result.code).toBe(0);
    expect(result.out).toMatch(/damaged-line/);
  });

  it('a very long line', () => {
    const path = file(
      Buffer.concat([Buffer.from(dumper([row('a.sys!f')])), Buffer.alloc(20 << 20, 'DPC, '), Buffer.from('\n')]),
    );
    const result = tracekit(['dpc', path]);
    clean(result);
    expect(result.code).toBe(0);
    expect(result.out).toMatch(/line-too-long/);
  });
});

describe('names from the file', () => {
  const NAMES = [
    `=cmd|' /C calc'!A0`,
    '+1+1.sys!f',
    '-2.sys!f',
    '@SUM(A1).sys!f',
    'ev\u001b[31mil.sys!\u001b]0;title\u0007f',
    'b\u202egnp.sys!\u2066f\u2069',
    'c1\u009b31m.sys!f\u0085',
    'del\u007f.sys!f',
    '<script>alert(1)</script>.sys!f',
    '[x](http:evil).sys!`code`|pipe|',
    'tab\tin.sys!f',
    'bom\ufeff.sys!f',
    'ls\u2028.sys!f',
    '_*~#.sys!f',
  ];
  // Each is over the limit, so that all of them get into findings with their quotes.
  const rows = NAMES.map((name, i) => row(name, 5000 + i, 100_000 * (i + 1)));

  for (const format of FORMATS) {
    it(`--format ${format} prints no control character`, () => {
      const path = file(dumper(rows));
      for (const more of [[], ['--by', 'module,function,cpu,run', '--top', '0']]) {
        const result = tracekit(['dpc', path, '--format', format, ...more]);
        expect([result.code, result.err]).toEqual([0, '']);
        clean(result);
        expect(result.out.length).toBeGreaterThan(500);
      }
    });
  }

  it('info and tables print none', () => {
    const path = file(
      dumper([...rows, 'Odd\u001b[31m, 1', '\u202eName, 12, x', '\u009bName, TimeStamp, x', '\u009bName, 12, x']),
    );
    clean(tracekit(['info', path]));
    clean(tracekit(['info', path, '--json']));
    const result = tracekit(['tables', path, '--out', join(dir, 'out\u001b[31m')]);
    expect(result.code).toBe(0);
    clean(result);
  });

  it('the damaged sample prints none in any format', () => {
    for (const format of FORMATS) {
      const result = tracekit(['dpc', DAMAGED, '--format', format]);
      expect(result.code).toBe(0);
      clean(result);
    }
  });

  it('CSV cells cannot be formulas', () => {
    const { out } = tracekit([
      'dpc',
      file(dumper(rows)),
      '--format',
      'csv',
      '--by',
      'module,function,run',
      '--top',
      '0',
    ]);
    const cells = out.split('\n').flatMap((line) => cellsOf(line));
    const text = cells.filter((cell) => !/^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(cell));
    expect(text.filter((cell) => /^[=+\-@\t\r]/.test(cell))).toEqual([]);
    for (const start of ["'=cmd|", "'+1+1.sys", "'-2.sys", "'@SUM(A1).sys"]) {
      expect(text.some((cell) => cell.startsWith(start))).toBe(true);
    }
  });

  it('Markdown cells hold no markup and stay in their column', () => {
    const { out } = tracekit(['dpc', file(dumper(rows)), '--format', 'md', '--top', '0']);
    expect(out).not.toMatch(/<script/);
    expect(out).not.toMatch(/(?<!\\)\[x(?<!\\)\]\(/);
    expect(out).not.toMatch(/(?<!\\)`/);
    const bars = (line: string): number => line.replace(/\\\|/g, '').split('|').length;
    for (const block of out.split('\n\n').filter((part) => part.startsWith('|'))) {
      const lines = block.split('\n').filter((line) => line.startsWith('|'));
      expect(new Set(lines.map(bars)).size).toBe(1);
    }
  });

  it('JSON and NDJSON stay JSON', () => {
    const path = file(dumper(rows));
    expect(JSON.parse(tracekit(['dpc', path, '--json']).out).result.modules).toHaveLength(NAMES.length);
    const lines = tracekit(['dpc', path, '--format', 'ndjson']).out.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toHaveLength(NAMES.length);
  });
});

/** The cells of one line of CSV (RFC 4180, no line ends in cells). */
function cellsOf(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    (m) => m[1]?.replaceAll('""', '"') ?? m[2] ?? '',
  );
}

describe('standard input and output', () => {
  const figures = (result: Ran): unknown => {
    clean(result);
    expect([result.code, result.err]).toEqual([0, '']);
    return JSON.parse(result.out).result.modules;
  };

  it('- reads plain text, gzip, zip and UTF-16 with the same answer', async () => {
    const bytes = readFileSync(STUTTER);
    const expected = figures(tracekit(['dpc', STUTTER, '--json']));
    expect((expected as { module: string }[]).length).toBeGreaterThan(10);
    const forms = [bytes, gzipSync(bytes), await zip({ 'x.txt': bytes }), Buffer.from(`\ufeff${bytes}`, 'utf16le')];
    for (const input of forms) expect(figures(tracekit(['dpc', '-', '--json'], input))).toEqual(expected);
  });

  it('- that is empty or nothing known is refused', () => {
    refused(tracekit(['dpc', '-'], ''), 3, /-: is empty/);
    refused(tracekit(['dpc', '-'], 'hello\n'), 3, /-: is of no known format/);
    refused(tracekit(['dpc', '-'], gzipSync('hello\n')), 3, /-: is of no known format/);
    refused(tracekit(['dpc', '-'], Buffer.from('PK\u0003\u0004 nonsense')), 3, /-: the zip is damaged/);
  });

  it('a zip of several: what is no trace is said, the rest read', async () => {
    const path = file(await zip({ 'a.txt': readFileSync(STUTTER), 'readme.txt': 'read me\n' }));
    const result = tracekit(['dpc', path, '--json']);
    clean(result);
    expect(result.code).toBe(0);
    const doc = JSON.parse(result.out);
    expect(doc.sources).toHaveLength(1);
    expect(doc.sources[0].path).toBe(`${path}!a.txt`);
    expect(doc.diagnostics.map((d: { code: string }) => d.code)).toContain('entry-not-read');
  });

  it('a reader that has seen enough ends it quietly', async () => {
    for (const args of [
      ['dpc', STUTTER, '--format', 'csv', '--by', 'run', '--top', '0'],
      ['dpc', STUTTER, '--json', '--top', '0'],
      ['dpc', STUTTER],
      ['formats'],
      ['--help'],
    ]) {
      const { code, err } = await closedEarly(args);
      expect([args, code, err]).toEqual([args, 0, '']);
    }
  });

  it('--output writes there and prints nothing; the text is the same', () => {
    for (const format of FORMATS) {
      const target = join(dir, `answer.${format}`);
      const result = tracekit(['dpc', STUTTER, '--format', format, '--output', target]);
      expect(result).toEqual({ code: 0, out: '', err: '' });
      expect(readFileSync(target, 'utf8')).toBe(tracekit(['dpc', STUTTER, '--format', format]).out);
    }
    expect(JSON.parse(readFileSync(join(dir, 'answer.json'), 'utf8')).result.modules.length).toBeGreaterThan(0);
  });

  it('--output that cannot be written: exit 3', () => {
    refused(tracekit(['dpc', STUTTER, '--output', join(dir, 'no/such/folder/x')]), 3, /--output: /);
    mkdirSync(join(dir, 'taken'));
    refused(tracekit(['dpc', STUTTER, '--output', join(dir, 'taken')]), 3, /--output: /);
  });

  it('--output never writes over an input, however it is spelled', () => {
    const text = dumper([row('a.sys!f')]);
    const path = file(text, 'precious.txt');
    symlinkSync(path, join(dir, 'link.txt'));
    linkSync(path, join(dir, 'hard.txt'));
    mkdirSync(join(dir, 'sub'));
    for (const target of [path, join(dir, 'sub/../precious.txt'), join(dir, 'link.txt'), join(dir, 'hard.txt')]) {
      for (const verb of ['dpc', 'info']) {
        const result = tracekit([verb, path, '--output', target]);
        refused(result, 2, /is one of the files to be read/);
        expect(readFileSync(path, 'utf8')).toBe(text);
      }
    }
    refused(tracekit(['dpc', join(dir, 'link.txt'), '--output', path]), 2, /is one of the files to be read/);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('the answer agrees with the generated truth', () => {
    const doc = JSON.parse(tracekit(['dpc', STUTTER, '--json', '--top', '0']).out);
    const counted = doc.result.modules.reduce((sum: number, m: { count: number }) => sum + m.count, 0);
    expect(counted).toBe(stutter().runs.length);
  });
});

/** Runs a command whose standard output is closed after its first bytes. */
function closedEarly(args: readonly string[]): Promise<{ code: number | null; err: string }> {
  return new Promise((done) => {
    const child: ChildProcess = spawn(process.execPath, [BIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let err = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      err += chunk.toString('utf8');
    });
    child.stdout?.once('data', () => child.stdout?.destroy());
    child.on('close', (code) => done({ code, err }));
  });
}
