/** Bytes to text: gunzip, encodings, blocks. */

import { blocksOf } from './blocks.js';
import { type ByteReader, fill, replay, streamReader } from './byte-reader.js';
import { encodingOf, transcode } from './encoding.js';
import { keptBytes } from './random.js';
import { BLOCK_BYTES, type Container, type Encoding, HEAD_BYTES, type SourceStream } from './types.js';

export async function openStream(path: string, raw: ByteReader, outer: Container = null): Promise<SourceStream> {
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

function textStream(
  reader: ByteReader,
  encoding: Encoding,
  container: Container,
  head: Buffer,
  headIsAll: boolean,
  start: number,
): SourceStream {
  return {
    encoding,
    container,
    head: Buffer.from(head),
    headIsAll,
    blocks: (buffer) => blocksOf(reader, start, buffer ?? Buffer.allocUnsafeSlow(BLOCK_BYTES)),
    random: async () => reader.random?.() ?? keptBytes(reader),
    progress: () => ({ read: reader.taken(), total: reader.total }),
    troubles: reader.troubles,
    close: () => reader.close(),
  };
}
