import {
  chmodSync,
  closeSync,
  createWriteStream,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import yazl from 'yazl';
import { TracekitError } from '../src/core/error.js';
import { HEAD_BYTES, type Input, inputsOf, MAX_LINE, type SourceStream } from '../src/core/source.js';
import { open } from '../src/open.js';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'tracekit-source-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

let files = 0;
function file(bytes: string | Uint8Array): string {
  const path = join(dir, `input-${files++}`);
  writeFileSync(path, bytes);
  return path;
}

/** What a source gave: its lines, each over-long one as its length in angle brackets. */
interface Read {
  readonly lines: string[];
  /** Offset of each block against the sum of the lengths before it: 0 where they agree. */
  readonly gaps: Set<number>;
  readonly bytes: number;
  readonly largestBlock: number;
  readonly encoding: SourceStream['encoding'];
  readonly container: SourceStream['container'];
  readonly troubles: string[];
  readonly headIsAll: boolean;
}

async function readInput(input: Input, keep = true): Promise<Read> {
  const stream = await input.open();
  const lines: string[] = [];
  const gaps = new Set<number>();
  let rest = '';
  let at = 0;
  let first: number | null = null;
  let largestBlock = 0;
  for await (const { bytes, start, overlong } of stream.blocks()) {
    first ??= start;
    gaps.add(start - first - at);
    at += overlong?.length ?? bytes.length;
    largestBlock = Math.max(largestBlock, bytes.length);
    if (overlong !== null) lines.push(`<${overlong.length}>`);
    else if (keep) {
      const parts = (rest + bytes.toString('utf8')).split('\n');
      rest = parts.pop() as string;
      for (const part of parts) lines.push(part);
    }
  }
  if (rest !== '') lines.push(rest);
  stream.close();
  const { encoding, container, headIsAll } = stream;
  const troubles = stream.troubles.map((t) => t.code);
  return { lines, gaps, bytes: at, largestBlock, encoding, container, troubles, headIsAll };
}

const read = async (path: string): Promise<Read> => readInput((await inputsOf(path))[0]);
const readBytes = (bytes: string | Uint8Array): Promise<Read> => read(file(bytes));

async function failure(what: () => Promise<unknown>): Promise<string> {
  try {
    await what();
  } catch (error) {
    expect(error).toBeInstanceOf(TracekitError);
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
}

const utf16be = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

describe('encodings', () => {
  const text = 'DPC, 1, µs 𝄞\r\nsecond line\r\n\r\nfourth';
  const lines = text.split('\n');

  it.each([
    ['UTF-8', Buffer.from(text), 'utf-8'],
    ['UTF-8 with BOM', Buffer.from(`\ufeff${text}`), 'utf-8'],
    ['UTF-16 LE with BOM', Buffer.from(`\ufeff${text}`, 'utf16le'), 'utf-16le'],
    ['UTF-16 LE without BOM', Buffer.from(text, 'utf16le'), 'utf-16le'],
    ['UTF-16 BE with BOM', utf16be(`\ufeff${text}`), 'utf-16be'],
    ['UTF-16 BE without BOM', utf16be(text), 'utf-16be'],
  ] as const)('%s', async (_name, bytes, encoding) => {
    const got = await readBytes(bytes);
    expect(got.lines).toEqual(lines);
    expect(got).toMatchObject({ encoding, container: null, troubles: [], headIsAll: true });
    expect(got.gaps).toEqual(new Set([0]));
  });

  it('keeps what is longer than the head the same in every encoding', async () => {
    const long = Array.from({ length: 30_000 }, (_, i) => `line ${i} ä𝄞 ${'x'.repeat(i % 90)}`);
    for (const bytes of [Buffer.from(long.join('\n')), Buffer.from(`\ufeff${long.join('\n')}`, 'utf16le')]) {
      const got = await readBytes(bytes);
      expect(got.headIsAll).toBe(false);
      expect(got.lines).toEqual(long);
    }
  });

  it('says that UTF-16 ends in the middle of a code unit', async () => {
    const whole = Buffer.from('\ufeffDPC, 12\nDPC, 34', 'utf16le');
    const got = await readBytes(whole.subarray(0, whole.length - 1));
    expect(got.troubles).toEqual(['truncated']);
    expect(got.lines).toEqual(['DPC, 12', 'DPC, 3\ufffd']);
  });

  it('says that UTF-16 ends between the halves of a surrogate pair', async () => {
    for (const whole of [Buffer.from('\ufeffDPC 𝄞', 'utf16le'), utf16be('\ufeffDPC 𝄞')]) {
      const got = await readBytes(whole.subarray(0, whole.length - 2));
      expect(got.troubles).toEqual(['truncated']);
      expect(got.lines).toEqual(['DPC \ufffd']);
    }
  });

  it('does not take bytes that are no UTF-8 for an end of the text', async () => {
    const got = await readBytes(Buffer.from([0x41, 0xb5, 0x73, 10, 0xff, 0x42, 10]));
    expect(got.lines).toEqual(['A\ufffds', '\ufffdB']);
    expect(got.encoding).toBe('utf-8');
  });

  it('a few NULs are text, many are binary', async () => {
    expect((await readBytes(`${'text '.repeat(100)}\0\0\nmore\n`)).encoding).toBe('utf-8');
    expect((await readBytes(new Uint8Array(5000))).encoding).toBe('binary');
    expect((await readBytes(Buffer.from('ab\0\0'.repeat(500)))).encoding).toBe('binary');
  });

  it('a byte-order mark and nothing else is empty', async () => {
    for (const bom of [[0xef, 0xbb, 0xbf], [0xff, 0xfe], [0xfe, 0xff], []]) {
      const path = file(Uint8Array.from(bom));
      expect((await read(path)).lines).toEqual([]);
      expect(await failure(() => open([path]))).toContain('is empty');
    }
  });
});

describe('lines', () => {
  const line = (length: number): string => 'x'.repeat(length);

  it.each([MAX_LINE - 1, MAX_LINE, MAX_LINE + 1, 2 * MAX_LINE, 2 * MAX_LINE + 7])(
    'a line of %i bytes, wherever it stands',
    async (length) => {
      const kept = length <= MAX_LINE;
      for (const before of [0, 1, 70_000, MAX_LINE - 70_000, MAX_LINE - 1]) {
        const text = `${before > 0 ? `${line(before - 1)}\n` : ''}${line(length)}\nafter\nend`;
        const got = await readBytes(text);
        const expected = kept ? line(length) : `<${length + 1}>`;
        expect(got.lines.slice(-3).map((l) => (l.length > 40 ? l.length : l))).toEqual([
          kept ? length : expected,
          'after',
          'end',
        ]);
        expect(got.gaps).toEqual(new Set([0]));
        expect(got.bytes).toBe(text.length);
      }
    },
  );

  it('the last line may be as long, with and without a line end', async () => {
    expect((await readBytes(line(MAX_LINE))).lines[0]).toHaveLength(MAX_LINE);
    expect((await readBytes(line(MAX_LINE + 1))).lines).toEqual([`<${MAX_LINE + 1}>`]);
    expect((await readBytes(`a\n${line(MAX_LINE + 1)}`)).lines).toEqual(['a', `<${MAX_LINE + 1}>`]);
  });

  it('loses no line between two that are too long', async () => {
    // The lines between are in one read with the end of the first: they must come out although the next read has none.
    for (const between of [1, 1000, 60_000, 120_000]) {
      const lines = Array.from({ length: between }, (_, i) => `row ${i}`);
      const long = line(MAX_LINE + 500_000);
      const got = await readBytes([long, ...lines, long, 'end'].join('\n'));
      expect(got.lines).toHaveLength(between + 3);
      expect(got.lines.slice(1, -2)).toEqual(lines);
      expect(got.gaps).toEqual(new Set([0]));
    }
  });

  it('passes over a line of 100 MB in bounded memory', async () => {
    const path = join(dir, 'long-line');
    const fd = openSync(path, 'w');
    writeSync(fd, 'first\n');
    const part = Buffer.alloc(1 << 20, 'y');
    for (let i = 0; i < 100; i++) writeSync(fd, part);
    writeSync(fd, '\nlast\n');
    closeSync(fd);
    const before = process.memoryUsage().rss;
    let peak = before;
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss);
    }, 2);
    const got = await read(path);
    clearInterval(watch);
    peak = Math.max(peak, process.memoryUsage().rss);
    expect(got.lines).toEqual(['first', `<${100 * (1 << 20) + 1}>`, 'last']);
    expect(got.largestBlock).toBeLessThan(2 * MAX_LINE + 1);
    expect(peak - before).toBeLessThan(40e6);
    rmSync(path);
  });

  it('any text cut into any reads gives the lines of split', async () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }).map((s) => s.replaceAll('\n', ' ')),
      fc.integer({ min: 0, max: 3000 }).map((n) => 'z'.repeat(n)),
      fc.constantFrom('', 'DPC,', '\r', 'µs', '𝄞'),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { maxLength: 60 }),
        fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 20 }),
        async (pieces, cuts) => {
          const bytes = Buffer.from(pieces.join('\n'));
          // Lone surrogates and a BOM in front do not survive being written; NULs make it binary or UTF-16.
          fc.pre(!pieces.join('').includes('\0') && bytes[0] !== 0xef && bytes[0] < 0xf0);
          const text = bytes.toString('utf8');
          const got = await readInChunks(bytes, cuts);
          const expected = text.split('\n');
          if (expected[expected.length - 1] === '') expected.pop();
          expect(got.lines).toEqual(expected);
          expect(got.gaps.size <= 1).toBe(true);
          expect(got.bytes).toBe(bytes.length);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('long lines are told the same whatever the reads', async () => {
    const lengths = [3, MAX_LINE, 5, MAX_LINE + 1, 0, 17, MAX_LINE - 1, 2 * MAX_LINE + 3, 4];
    const bytes = Buffer.from(lengths.map(line).join('\n'));
    const told = (l: string): string => (l.startsWith('<') ? l : String(l.length));
    const expected = lengths.map((n) => (n > MAX_LINE ? `<${n + 1}>` : String(n)));
    for (const cuts of [[1 << 18], [65_536], [16_384, 3], [1 << 17, 99_991], [12_345]]) {
      const got = await readInChunks(bytes, cuts);
      expect(got.lines.map(told)).toEqual(expected);
    }
  });
});

/** Reads bytes as gzip members of the sizes of `cuts`, again and again: unpacking hands each on by itself. */
async function readInChunks(bytes: Buffer, cuts: readonly number[]): Promise<Read> {
  const members: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const end = at + cuts[i % cuts.length];
    members.push(gzipSync(bytes.subarray(at, end), { level: 1 }));
    at = end;
  }
  return readBytes(members.length === 0 ? gzipSync('') : Buffer.concat(members));
}

describe('gzip', () => {
  const text = Array.from({ length: 50_000 }, (_, i) => `row ${i} ${(i * 2654435761) % 4294967296}`).join('\n');

  it('is unpacked, also in several members', async () => {
    const got = await readBytes(gzipSync(text));
    expect(got.lines.join('\n')).toBe(text);
    expect(got).toMatchObject({ container: 'gzip', troubles: [] });
    const half = text.length >> 1;
    const members = Buffer.concat([gzipSync(text.slice(0, half)), gzipSync(text.slice(half))]);
    expect((await readBytes(members)).lines.join('\n')).toBe(text);
  });

  it('holds UTF-16', async () => {
    const got = await readBytes(gzipSync(Buffer.from(`\ufeff${text}`, 'utf16le')));
    expect(got.lines.join('\n')).toBe(text);
    expect(got).toMatchObject({ container: 'gzip', encoding: 'utf-16le' });
  });

  it('cut off: what is there is read and the loss told', async () => {
    const packed = gzipSync(text);
    const got = await readBytes(packed.subarray(0, packed.length >> 1));
    expect(got.troubles).toEqual(['truncated']);
    expect(got.lines.length).toBeGreaterThan(10_000);
    expect(text.startsWith(got.lines.join('\n'))).toBe(true);
  });

  it('cut off within its first bytes: refused', async () => {
    const path = file(gzipSync(text).subarray(0, 14));
    expect(await failure(() => open([path]))).toMatch(/^\S*input-\d+: cannot be unpacked \(/);
  });

  it('damaged inside: what stands before is read and the loss told', async () => {
    const packed = gzipSync(text);
    packed.fill(0xff, packed.length >> 1, (packed.length >> 1) + 64);
    const got = await readBytes(packed);
    expect(got.troubles).toEqual(['truncated']);
    expect(got.lines.length).toBeGreaterThan(5_000);
  });

  it('padded with zeros after its end: the text is whole', async () => {
    const got = await readBytes(Buffer.concat([gzipSync(text), Buffer.alloc(512)]));
    expect(got.lines.join('\n') === text).toBe(true);
    expect(got.troubles).toEqual([]);
  });

  it('with other bytes after its end: told, and no line is made up', async () => {
    const got = await readBytes(Buffer.concat([gzipSync(text), Buffer.from('garbage after the end')]));
    expect(got.troubles).toEqual(['truncated']);
    expect(text.startsWith(got.lines.join('\n'))).toBe(true);
    // Zlib drops the output of the piece in which the bytes stand.
    expect(got.bytes).toBeGreaterThan(text.length - (1 << 18));
  });
});

type Entry = { readonly name: string; readonly bytes: Buffer; readonly options?: Partial<yazl.Options> };

async function zip(entries: readonly Entry[], end: Partial<yazl.EndOptions> = {}): Promise<Buffer> {
  const made = new yazl.ZipFile();
  for (const { name, bytes, options } of entries) made.addBuffer(bytes, name, options);
  made.end(end as yazl.EndOptions);
  const parts: Buffer[] = [];
  for await (const part of made.outputStream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

const DUMPER = [
  'BeginHeader',
  '                    DPC,  TimeStamp, ElapsedTime, CPU,        ServiceAddr,            Image!Function',
  'EndHeader',
  '                    DPC,       1000,          40,   1, 0xfffff80342001000, storport.sys!RaidpAdapterDpcRoutine',
  '',
].join('\n');

describe('zip', () => {
  it('with one entry', async () => {
    const path = file(await zip([{ name: 'folder/trace.txt', bytes: Buffer.from(DUMPER) }]));
    const [input, ...more] = await inputsOf(path);
    expect(more).toEqual([]);
    expect(input.path).toBe(`${path}!folder/trace.txt`);
    expect(await readInput(input)).toMatchObject({ container: 'zip', lines: DUMPER.split('\n').slice(0, -1) });
  });

  it('with several entries, stored and deflated, folders left out; each can be opened twice', async () => {
    const made = new yazl.ZipFile();
    made.addEmptyDirectory('folder');
    made.addBuffer(Buffer.from('a\n'), 'folder/a.txt', { compress: false });
    made.addBuffer(Buffer.from('b\n'), 'b.txt');
    made.end();
    const parts: Buffer[] = [];
    for await (const part of made.outputStream) parts.push(part as Buffer);
    const inputs = await inputsOf(file(Buffer.concat(parts)));
    for (let i = 0; i < 2; i++) {
      expect(await Promise.all(inputs.map(async (input) => (await readInput(input)).lines))).toEqual([['a'], ['b']]);
    }
  });

  it('in zip64 format', async () => {
    const bytes = Buffer.from(DUMPER);
    const packed = await zip([{ name: 't.txt', bytes, options: { forceZip64Format: true } as never }], {
      forceZip64Format: true,
    });
    expect(packed.indexOf(Buffer.from([0x50, 0x4b, 0x06, 0x06]))).toBeGreaterThan(0);
    expect((await read(file(packed))).lines).toEqual(DUMPER.split('\n').slice(0, -1));
  });

  it('whose entry is gzip', async () => {
    const path = file(await zip([{ name: 't.gz', bytes: gzipSync(DUMPER) }]));
    expect((await read(path)).lines).toEqual(DUMPER.split('\n').slice(0, -1));
  });

  it('with an encrypted entry: refused with its name', async () => {
    const packed = await zip([{ name: 'secret.txt', bytes: Buffer.from(DUMPER) }]);
    for (const [signature, at] of [
      [0x04034b50, 6],
      [0x02014b50, 8],
    ]) {
      const mark = Buffer.alloc(4);
      mark.writeUInt32LE(signature);
      const header = packed.indexOf(mark);
      packed.writeUInt16LE(packed.readUInt16LE(header + at) | 1, header + at);
    }
    const path = file(packed);
    expect(await failure(() => open([path]))).toBe(`${path}!secret.txt: is encrypted. Unpack it first.`);
  });

  it('whose content does not match its checksum: the text is read, and its damage told', async () => {
    const packed = await zip([{ name: 't.txt', bytes: Buffer.from(DUMPER), options: { compress: false } as never }]);
    const at = packed.indexOf('ndis.sys') >= 0 ? packed.indexOf('ndis.sys') : packed.indexOf(DUMPER.slice(40, 60));
    packed[at] ^= 1;
    const read = await readInput((await inputsOf(file(packed)))[0]);
    expect(read.lines.length).toBeGreaterThan(0);
    expect(read.troubles).toEqual(['truncated']);
  });

  it('with one entry that cannot be read beside one that can: the other is read, and the first is named', async () => {
    const packed = await zip([
      { name: 'good.txt', bytes: Buffer.from(DUMPER) },
      { name: 'secret.txt', bytes: Buffer.from(DUMPER) },
    ]);
    for (const [signature, at] of [
      [0x04034b50, 6],
      [0x02014b50, 8],
    ]) {
      const mark = Buffer.alloc(4);
      mark.writeUInt32LE(signature);
      const header = packed.lastIndexOf(mark);
      packed.writeUInt16LE(packed.readUInt16LE(header + at) | 1, header + at);
    }
    const trace = await open([file(packed)]);
    expect(trace.sources.map((source) => source.path.split('!')[1])).toEqual(['good.txt']);
    const { diagnostics } = await trace.read(() => []);
    const left = diagnostics.flatMap((d) => d.list()).find((d) => d.code === 'entry-not-read');
    expect(left?.examples[0]).toContain('secret.txt: is encrypted');
  });

  it('packed by a method that is not known: refused with the reason', async () => {
    const packed = await zip([{ name: 'odd.txt', bytes: Buffer.from(DUMPER) }]);
    for (const [signature, at] of [
      [0x04034b50, 8],
      [0x02014b50, 10],
    ]) {
      const mark = Buffer.alloc(4);
      mark.writeUInt32LE(signature);
      packed.writeUInt16LE(93, packed.indexOf(mark) + at);
    }
    expect(await failure(() => open([file(packed)]))).toMatch(/unsupported compression method: 93/);
  });

  it('cut off, damaged or without files: refused', async () => {
    const whole = await zip([{ name: 't.txt', bytes: Buffer.from(DUMPER.repeat(1000)) }]);
    expect(await failure(() => open([file(whole.subarray(0, whole.length - 30))]))).toContain('damaged or cut off');
    expect(await failure(() => open([file(whole.subarray(0, 40))]))).toContain('damaged or cut off');
    const nothing = await zip([]);
    expect(await failure(() => open([file(nothing)]))).toMatch(/the zip holds no files/);
    const bent = Buffer.from(whole);
    bent.fill(0xff, 60, 160);
    expect(await failure(() => open([file(bent)]))).toMatch(/cannot be unpacked|no known format/);
  });

  it('whose entry is longer than it says: refused or told', async () => {
    const packed = await zip([{ name: 't.txt', bytes: Buffer.from(DUMPER.repeat(2000)) }]);
    const mark = Buffer.alloc(4);
    mark.writeUInt32LE(0x02014b50);
    const header = packed.indexOf(mark);
    packed.writeUInt32LE(packed.readUInt32LE(header + 24) - 500, header + 24);
    const got = await read(file(packed));
    expect(got.troubles).toEqual(['truncated']);
  });

  it('with a long list of files: refused', async () => {
    const entries = Array.from({ length: 1001 }, (_, i) => ({ name: `f${i}`, bytes: Buffer.from('x') }));
    expect(await failure(async () => inputsOf(file(await zip(entries))))).toContain('more than 1000 files');
  });

  it('names in a zip never reach the file system or the terminal as they are', async () => {
    const packed = await zip([{ name: 'aa/aa/passwd.txt', bytes: Buffer.from(DUMPER) }]);
    const name = Buffer.from('aa/aa/passwd.txt');
    const evil = Buffer.from('aa/\u001b[31mevil.txt');
    for (let at = packed.indexOf(name); at >= 0; at = packed.indexOf(name)) evil.copy(packed, at);
    const [input] = await inputsOf(file(packed));
    expect(input.path).toMatch(/!aa\/\\x1b\[31mevil\.txt$/);
  });
});

describe('decompression bombs', () => {
  /** More than 256 MB of lines that all look like rows. */
  async function bomb(path: string): Promise<void> {
    const row = Buffer.from(DUMPER.split('\n')[3].padEnd(127)).toString();
    const part = Buffer.from(`${row}\n`.repeat(8192));
    const rows = function* (): Generator<Buffer> {
      yield Buffer.from(DUMPER);
      for (let i = 0; i < 300; i++) yield part;
    };
    await pipeline(rows, createGzip(), createWriteStream(path));
  }

  it('gzip is refused with little memory', async () => {
    const path = join(dir, 'bomb.gz');
    await bomb(path);
    const before = process.memoryUsage().rss;
    const begun = Date.now();
    const message = await failure(async () => readInput((await inputsOf(path))[0], false));
    expect(message).toMatch(/bomb\.gz: expands more than 200 times/);
    expect(Date.now() - begun).toBeLessThan(5000);
    expect(process.memoryUsage().rss - before).toBeLessThan(150e6);
  });

  it('a zip entry is refused as well', async () => {
    const made = new yazl.ZipFile();
    made.addBuffer(Buffer.alloc(300 << 20, 'DPC, 1, 2, 3 padded to be a line with its end.......\n'), 'bomb.txt');
    made.end();
    const path = join(dir, 'bomb.zip');
    await pipeline(made.outputStream, createWriteStream(path));
    const begun = Date.now();
    const message = await failure(async () => readInput((await inputsOf(path))[0], false));
    expect(message).toMatch(/bomb\.zip!bomb\.txt: expands more than 200 times/);
    expect(Date.now() - begun).toBeLessThan(5000);
  });
});

describe('what is no readable file', () => {
  it('a folder, a missing file, a file without permission', async () => {
    const folder = join(dir, 'folder');
    mkdirSync(folder);
    expect(await failure(() => inputsOf(folder))).toBe(`${folder}: is a directory. Name the files in it.`);
    const missing = join(dir, 'missing');
    expect(await failure(() => inputsOf(missing))).toBe(`${missing}: no such file.`);
    expect(await failure(() => inputsOf(`${file('x')}/below`))).toMatch(/below: .+\./);
    expect(await failure(() => inputsOf('a\u001b[31mb'))).toBe('a\\x1b[31mb: no such file.');
    expect(await failure(() => inputsOf('a\0b'))).toMatch(/^a\\x00b: /);
  });

  it.skipIf(process.getuid?.() === 0)('a file without permission', async () => {
    const path = file('x');
    chmodSync(path, 0);
    expect(await failure(() => inputsOf(path))).toBe(`${path}: permission denied.`);
  });

  it('a file that shrinks while it is read is read as far as it goes, and that is told once', async () => {
    const path = file('row of text\n'.repeat(500_000));
    const [input] = await inputsOf(path);
    const stream = await input.open();
    let bytes = 0;
    for await (const block of stream.blocks()) {
      if (bytes === 0) truncateSync(path, 3_000_000);
      bytes += block.bytes.length;
    }
    stream.close();
    expect(bytes).toBe(3_000_000);
    expect(stream.troubles.map((t) => t.code)).toEqual(['file-shrank']);
    expect(stream.troubles[0].message).toContain('3000000 of 6000000 bytes');
  });

  it('a small file that shrinks before it is read', async () => {
    const path = file('row of text\n'.repeat(2000));
    const [input] = await inputsOf(path);
    const stream = await input.open();
    expect(stream.head.length).toBeLessThan(HEAD_BYTES);
    for await (const block of stream.blocks()) void block;
    expect(stream.troubles).toEqual([]);
    stream.close();
  });

  it('closing twice does no harm, nor does closing before reading', async () => {
    for (const bytes of ['text\n', gzipSync('text\n'), await zip([{ name: 'a', bytes: Buffer.from('text\n') }])]) {
      const stream = await (await inputsOf(file(bytes)))[0].open();
      stream.close();
      stream.close();
    }
  });
});

it('a file that is closed while it is read takes no bytes from the one that is opened next', async () => {
  const { fileReader } = await import('../src/core/source/byte-reader.js');
  const folder = mkdtempSync(join(tmpdir(), 'tracekit-close-'));
  try {
    const paths = [0, 1].map((i) => join(folder, `${i}`));
    for (const path of paths) writeFileSync(path, Buffer.alloc(1 << 16, 7));
    for (let n = 0; n < 200; n++) {
      const first = fileReader(paths[0]);
      const unread = Promise.resolve(first.read(Buffer.alloc(1 << 16), 0)).catch(() => 0);
      first.close();
      const second = fileReader(paths[1]);
      expect(await second.read(Buffer.alloc(1 << 17), 0)).toBe(1 << 16);
      second.close();
      await unread;
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
