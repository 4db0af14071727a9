/**
 * Paths to text: plain files, standard input, gzip, zip entries; UTF-8 or UTF-16; handed on as blocks of whole lines.
 * Only the path that the user gave is opened, never one that a file's content names.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { Entry, ZipFile } from 'yauzl';
import { TracekitError } from './error.js';
import { decodeUtf8, printable } from './text.js';

/** Bytes looked at to tell encoding and format. */
export const HEAD_BYTES = 65536;
/** A line longer than this is skipped and counted, so that memory stays bounded. */
export const MAX_LINE = 1 << 20;
const READ_BYTES = 1 << 20;
/** Room that a block needs: a line of the longest kind, and a read behind it. */
export const BLOCK_BYTES = MAX_LINE + READ_BYTES;
/** A container that expands more than this is refused once it has given more than `EXPANSION_FLOOR` bytes. */
const MAX_EXPANSION = 200;
const EXPANSION_FLOOR = 256 << 20;
const MAX_ZIP_ENTRIES = 1000;
/** A zip cannot be read forwards: from standard input it is kept in memory, up to this. */
const MAX_STDIN_ZIP = 512 << 20;

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'binary';
export type Container = 'gzip' | 'zip' | null;

/** Whole lines from a source. `bytes` is valid until the next block is asked for. */
export interface Block {
  /** UTF-8; ends with a line feed, but for the last block of a source that does not. */
  readonly bytes: Buffer;
  /** Offset of `bytes[0]` in the unpacked source. */
  readonly start: number;
  /** Set on a block without bytes that stands for one line longer than {@link MAX_LINE}, which was not kept. */
  readonly overlong: { readonly length: number; readonly text: string } | null;
}

/** An opened source, to be read once from front to back. */
export interface TextStream {
  readonly encoding: Encoding;
  readonly container: Container;
  /** The first bytes of the text, as UTF-8 (raw where the source is binary), at most {@link HEAD_BYTES}. */
  readonly head: Buffer;
  /** True where `head` is the whole source. */
  readonly headIsAll: boolean;
  /** Reads into `buffer` where one of {@link BLOCK_BYTES} is given: for parsers whose scanner has memory of its own. */
  blocks(buffer?: Buffer): AsyncGenerator<Block>;
  /** Bytes taken from the disk (before unpacking) and their total, null where unknown. For progress. */
  progress(): { readonly read: number; readonly total: number | null };
  /** What reading found wrong, once `blocks()` has ended. */
  readonly troubles: readonly Trouble[];
  close(): void;
}

/** Something wrong with the bytes themselves. */
export interface Trouble {
  readonly code: 'truncated' | 'file-shrank' | 'file-grew';
  readonly message: string;
}

/** One thing to read: a file, standard input, or an entry of a zip. */
export interface Input {
  /** As shown: the path given, with `!entry` for a zip's entry. */
  readonly path: string;
  /** Size on disk (of the whole container), null where unknown. */
  readonly bytes: number | null;
  /** Opens it from the start. Standard input can be opened once. */
  open(): Promise<TextStream>;
}

/** Fills `target` from `offset`; 0 at the end. */
interface ByteReader {
  read(target: Buffer, offset: number): number | Promise<number>;
  readonly taken: () => number;
  readonly total: number | null;
  readonly troubles: Trouble[];
  close(): void;
}

/** The inputs behind a path: one, or one for each file in a zip. `-` is standard input. */
export async function inputsOf(path: string): Promise<Input[]> {
  if (path === '-') return stdinInputs();
  const { fd, size } = openFile(path);
  const magic = Buffer.alloc(4);
  let isZip: boolean;
  try {
    isZip = readSync(fd, magic, 0, 4, 0) === 4 && magic.readUInt32LE(0) === 0x04034b50;
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    closeSync(fd);
  }
  if (isZip) return zipInputs(path, size, () => openZipFile(path));
  return [{ path, bytes: size, open: () => openStream(path, fileReader(path)) }];
}

function openFile(path: string): { fd: number; size: number } {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    throw unreadable(path, error);
  }
  const stat = fstatSync(fd);
  if (stat.isDirectory()) {
    closeSync(fd);
    throw new TracekitError(`${printable(path)}: is a directory. Name the files in it.`);
  }
  return { fd, size: stat.isFile() ? stat.size : 0 };
}

function unreadable(path: string, error: unknown): TracekitError {
  const code = (error as NodeJS.ErrnoException).code;
  const why =
    code === 'ENOENT'
      ? 'no such file'
      : code === 'EACCES' || code === 'EPERM'
        ? 'permission denied'
        : code === 'EISDIR'
          ? 'is a directory. Name the files in it'
          : String((error as Error).message ?? error);
  return new TracekitError(`${printable(path)}: ${printable(why)}.`);
}

function fileReader(path: string): ByteReader {
  const { fd, size } = openFile(path);
  const troubles: Trouble[] = [];
  let taken = 0;
  let open = true;
  return {
    read(target, offset) {
      let n: number;
      try {
        n = readSync(fd, target, offset, Math.min(READ_BYTES, target.length - offset), null);
      } catch (error) {
        throw unreadable(path, error);
      }
      taken += n;
      if (n === 0 && taken < size && troubles.length === 0) {
        troubles.push({
          code: 'file-shrank',
          message: `the file shrank while it was read: ${taken} of ${size} bytes were there`,
        });
      }
      return n;
    },
    taken: () => taken,
    total: size,
    troubles,
    close() {
      if (open) closeSync(fd);
      open = false;
    },
  };
}

/** A pull reader over a Node stream; `taken` counts the container's bytes. */
function streamReader(stream: Readable, path: string, taken: () => number, total: number | null): ByteReader {
  const iterator = stream[Symbol.asyncIterator]();
  const troubles: Trouble[] = [];
  let chunk: Uint8Array = Buffer.alloc(0);
  let given = 0;
  const next = async (): Promise<boolean> => {
    try {
      const { value, done } = await iterator.next();
      if (done) return false;
      chunk = value as Uint8Array;
      return true;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? '';
      const message = printable(String((error as Error).message));
      if (given === 0) throw new TracekitError(`${printable(path)}: cannot be unpacked (${message}).`);
      const why = code.startsWith('Z_') ? 'the compressed data end early or are damaged' : 'reading stopped';
      troubles.push({ code: 'truncated', message: `${why} (${message}) after ${given} unpacked bytes` });
      return false;
    }
  };
  const copy = (target: Buffer, offset: number): number => {
    const n = Math.min(chunk.length, target.length - offset);
    target.set(chunk.subarray(0, n), offset);
    chunk = chunk.subarray(n);
    given += n;
    if (given > EXPANSION_FLOOR && given > taken() * MAX_EXPANSION) {
      throw new TracekitError(
        `${printable(path)}: expands more than ${MAX_EXPANSION} times, as a decompression bomb does; reading stopped at ` +
          `${given} bytes. Unpack it yourself if you trust it.`,
      );
    }
    return n;
  };
  const pull = async (target: Buffer, offset: number): Promise<number> => {
    while (chunk.length === 0) if (!(await next())) return 0;
    return copy(target, offset);
  };
  return {
    read: (target, offset) => (chunk.length > 0 ? copy(target, offset) : pull(target, offset)),
    taken,
    total,
    troubles,
    close: () => void stream.destroy(),
  };
}

let stdinTaken = false;

async function stdinInputs(): Promise<Input[]> {
  if (stdinTaken) throw new TracekitError('standard input: can be named once only.', 2);
  stdinTaken = true;
  let taken = 0;
  process.stdin.on('error', () => {});
  const counted = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of process.stdin) {
      taken += (chunk as Buffer).length;
      yield chunk as Buffer;
    }
  };
  const { Readable: NodeReadable } = await import('node:stream');
  const reader = streamReader(NodeReadable.from(counted(), { objectMode: false }), '-', () => taken, null);
  const first = Buffer.alloc(HEAD_BYTES);
  const n = await fill(reader, first);
  const replayed = replay(reader, first.subarray(0, n));
  if (n >= 4 && first.readUInt32LE(0) === 0x04034b50) {
    const all = await readAll(replayed);
    return zipInputs('-', all.length, () => openZipBuffer(all));
  }
  let opened = false;
  return [
    {
      path: '-',
      bytes: null,
      open() {
        if (opened) throw new TracekitError('standard input: can be read once only. Save it to a file.', 2);
        opened = true;
        return openStream('-', replayed);
      },
    },
  ];
}

async function readAll(reader: ByteReader): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for (;;) {
    const part = Buffer.alloc(READ_BYTES);
    const n = await reader.read(part, 0);
    if (n === 0) return Buffer.concat(parts);
    size += n;
    if (size > MAX_STDIN_ZIP) {
      throw new TracekitError(`standard input: a zip of more than ${MAX_STDIN_ZIP >> 20} MB. Save it to a file.`);
    }
    parts.push(part.subarray(0, n));
  }
}

/** Reads until `target` is full or the source ends. */
async function fill(reader: ByteReader, target: Buffer): Promise<number> {
  let n = 0;
  while (n < target.length) {
    const got = await reader.read(target, n);
    if (got === 0) break;
    n += got;
  }
  return n;
}

/** `reader` with bytes already taken from it put back in front. */
function replay(reader: ByteReader, front: Buffer): ByteReader {
  let rest = front;
  return {
    ...reader,
    read(target, offset) {
      if (rest.length === 0) return reader.read(target, offset);
      const n = Math.min(rest.length, target.length - offset);
      rest.copy(target, offset, 0, n);
      rest = rest.subarray(n);
      return n;
    },
  };
}

const ZIP_OPTIONS = { lazyEntries: true, autoClose: false, validateEntrySizes: true } as const;

async function openZipFile(path: string): Promise<ZipFile> {
  const { fromFd } = await import('yauzl');
  const { fd } = openFile(path);
  return new Promise((resolve, reject) => {
    fromFd(fd, ZIP_OPTIONS, (error, zip) => {
      if (!error) return resolve(zip);
      closeSync(fd);
      reject(damagedZip(path, error));
    });
  });
}

async function openZipBuffer(bytes: Buffer): Promise<ZipFile> {
  const { fromBuffer } = await import('yauzl');
  return new Promise((resolve, reject) => {
    fromBuffer(bytes, ZIP_OPTIONS, (error, zip) => (error ? reject(damagedZip('-', error)) : resolve(zip)));
  });
}

function damagedZip(path: string, error: Error): TracekitError {
  return new TracekitError(
    `${printable(path)}: the zip is damaged or cut off (${printable(error.message)}). Copy or export it again.`,
  );
}

async function zipInputs(path: string, size: number, openZip: () => Promise<ZipFile>): Promise<Input[]> {
  const entries = await listEntries(path, await openZip());
  if (entries.length === 0) throw new TracekitError(`${printable(path)}: the zip holds no files.`);
  return entries.map((entry) => ({
    path: `${path}!${printable(entry.fileName)}`,
    bytes: size,
    async open() {
      const zip = await openZip();
      if (entry.isEncrypted()) {
        zip.close();
        throw new TracekitError(`${printable(path)}!${printable(entry.fileName)}: is encrypted. Unpack it first.`);
      }
      let taken = 0;
      const stream = await new Promise<Readable>((resolve, reject) => {
        zip.openReadStream(entry, (error, opened) => (error ? reject(damagedZip(path, error)) : resolve(opened)));
      });
      // yauzl does not tell how much of the compressed entry was read: the share given so far stands for it.
      const counted = async function* (): AsyncGenerator<Buffer> {
        let given = 0;
        for await (const chunk of stream) {
          given += (chunk as Buffer).length;
          taken = Math.min(entry.compressedSize, (given / Math.max(entry.uncompressedSize, 1)) * entry.compressedSize);
          yield chunk as Buffer;
        }
      };
      const { Readable: NodeReadable } = await import('node:stream');
      const reader = streamReader(
        NodeReadable.from(counted(), { objectMode: false }),
        `${path}!${entry.fileName}`,
        () => taken,
        entry.compressedSize,
      );
      return openStream(
        path,
        {
          ...reader,
          close() {
            reader.close();
            stream.destroy();
            zip.close();
          },
        },
        'zip',
      );
    },
  }));
}

function listEntries(path: string, zip: ZipFile): Promise<Entry[]> {
  return new Promise((resolve, reject) => {
    const entries: Entry[] = [];
    zip.on('entry', (entry: Entry) => {
      if (!entry.fileName.endsWith('/')) entries.push(entry);
      if (entries.length > MAX_ZIP_ENTRIES) {
        zip.close();
        reject(new TracekitError(`${printable(path)}: the zip holds more than ${MAX_ZIP_ENTRIES} files.`));
      } else zip.readEntry();
    });
    zip.on('end', () => {
      zip.close();
      resolve(entries);
    });
    zip.on('error', (error: Error) => {
      zip.close();
      reject(damagedZip(path, error));
    });
    zip.readEntry();
  });
}

async function openStream(path: string, raw: ByteReader, outer: Container = null): Promise<TextStream> {
  let reader = raw;
  let container = outer;
  let front = Buffer.alloc(HEAD_BYTES);
  front = front.subarray(0, await fill(reader, front));
  if (front.length > 2 && front[0] === 0x1f && front[1] === 0x8b && front[2] === 8) {
    reader = await gunzip(path, replay(reader, front));
    container = container ?? 'gzip';
    front = Buffer.alloc(HEAD_BYTES);
    front = front.subarray(0, await fill(reader, front));
  }
  const { encoding, bom } = encodingOf(front);
  const whole = front.length < HEAD_BYTES;
  if (encoding === 'utf-8' || encoding === 'binary') {
    const head = front.subarray(bom);
    return textStream(replay(reader, head), encoding, container, head, whole, bom);
  }
  const text = transcode(replay(reader, front.subarray(bom)), encoding);
  let head = Buffer.alloc(HEAD_BYTES);
  head = head.subarray(0, await fill(text, head));
  return textStream(replay(text, head), encoding, container, head, head.length < HEAD_BYTES, 0);
}

async function gunzip(path: string, packed: ByteReader): Promise<ByteReader> {
  const { Readable: NodeReadable, pipeline } = await import('node:stream');
  const { createGunzip } = await import('node:zlib');
  const bytes = async function* (): AsyncGenerator<Buffer> {
    for (;;) {
      const part = Buffer.alloc(1 << 18);
      const n = await packed.read(part, 0);
      if (n === 0) return;
      yield part.subarray(0, n);
    }
  };
  const unpacked = createGunzip({ chunkSize: 1 << 18 });
  pipeline(NodeReadable.from(bytes(), { objectMode: false }), unpacked, () => {});
  const reader = streamReader(unpacked, path, packed.taken, packed.total);
  return {
    ...reader,
    close() {
      reader.close();
      packed.close();
    },
  };
}

/** Byte-order marks first; without one, UTF-16 shows as NULs in every other place. */
function encodingOf(front: Buffer): { encoding: Encoding; bom: number } {
  if (front.length >= 3 && front[0] === 0xef && front[1] === 0xbb && front[2] === 0xbf)
    return { encoding: 'utf-8', bom: 3 };
  if (front.length >= 2 && front[0] === 0xff && front[1] === 0xfe) return { encoding: 'utf-16le', bom: 2 };
  if (front.length >= 2 && front[0] === 0xfe && front[1] === 0xff) return { encoding: 'utf-16be', bom: 2 };
  const n = Math.min(front.length, 4096);
  let even = 0;
  let odd = 0;
  for (let i = 0; i < n; i++) if (front[i] === 0) i % 2 === 0 ? even++ : odd++;
  if (odd > n * 0.35 && even < n * 0.05) return { encoding: 'utf-16le', bom: 0 };
  if (even > n * 0.35 && odd < n * 0.05) return { encoding: 'utf-16be', bom: 0 };
  return { encoding: even + odd > n * 0.1 ? 'binary' : 'utf-8', bom: 0 };
}

function transcode(raw: ByteReader, encoding: 'utf-16le' | 'utf-16be'): ByteReader {
  const decoder = new TextDecoder(encoding, { ignoreBOM: false });
  const part = Buffer.alloc(1 << 18);
  let rest: Buffer = Buffer.alloc(0);
  let ended = false;
  const troubles = raw.troubles;
  return {
    ...raw,
    troubles,
    async read(target, offset) {
      while (rest.length === 0 && !ended) {
        const n = await raw.read(part, 0);
        ended = n === 0;
        const text = decoder.decode(part.subarray(0, n), { stream: !ended });
        // At the end only half a code unit or half a surrogate pair can be left.
        if (ended && text !== '') {
          troubles.push({ code: 'truncated', message: 'the UTF-16 text ends in the middle of a character' });
        }
        rest = Buffer.from(text, 'utf8');
      }
      const n = Math.min(rest.length, target.length - offset);
      rest.copy(target, offset, 0, n);
      rest = rest.subarray(n);
      return n;
    },
  };
}

function textStream(
  reader: ByteReader,
  encoding: Encoding,
  container: Container,
  head: Buffer,
  headIsAll: boolean,
  start: number,
): TextStream {
  return {
    encoding,
    container,
    head: Buffer.from(head),
    headIsAll,
    blocks: (buffer) => blocksOf(reader, start, buffer ?? Buffer.allocUnsafeSlow(BLOCK_BYTES)),
    progress: () => ({ read: reader.taken(), total: reader.total }),
    troubles: reader.troubles,
    close: () => reader.close(),
  };
}

/** Cuts the byte stream into blocks of whole lines, in one buffer that is used again and again. */
async function* blocksOf(reader: ByteReader, start: number, buffer: Buffer): AsyncGenerator<Block> {
  let held = 0;
  let at = start;
  /** Bytes of an over-long line that were passed over so far, and how it begins. */
  let passed = 0;
  let text = '';
  const overlong = (): Block => ({ bytes: buffer.subarray(0, 0), start: at, overlong: { length: passed, text } });
  for (;;) {
    const pending = reader.read(buffer, held);
    const n = typeof pending === 'number' ? pending : await pending;
    if (n === 0) break;
    const end = held + n;
    let from = 0;
    // What is held has no line end, and a read is no longer than a line may be: only the first line can be over-long.
    if (passed > 0 || end > MAX_LINE) {
      const newline = buffer.subarray(0, end).indexOf(10, held);
      if (passed > 0 || newline > MAX_LINE || newline < 0) {
        if (passed === 0) text = decodeUtf8(buffer, 0, Math.min(end, 200));
        from = newline < 0 ? end : newline + 1;
        passed += from;
        held = 0;
        if (newline < 0) continue;
        yield overlong();
        at += passed;
        passed = 0;
      }
    }
    const length = buffer.subarray(0, end).lastIndexOf(10) + 1;
    if (length > from) yield { bytes: buffer.subarray(from, length), start: at, overlong: null };
    const rest = Math.max(length, from);
    buffer.copyWithin(0, rest, end);
    held = end - rest;
    at += rest - from;
  }
  if (passed > 0) yield overlong();
  else if (held > 0) yield { bytes: buffer.subarray(0, held), start: at, overlong: null };
}
