/** Standard input: read once; a zip that comes this way is kept in memory. */
import { TracekitError } from '../error.js';
import { type ByteReader, fill, replay, streamReader } from './byte-reader.js';
import { openStream } from './stream.js';
import { HEAD_BYTES, type Input, READ_BYTES } from './types.js';
import { isZip, openZipBuffer, zipInputs } from './zip.js';

/** A zip cannot be read forwards: from standard input it is kept in memory, up to this. */
const MAX_STDIN_ZIP = 512 << 20;

let stdinTaken = false;

export async function stdinInputs(): Promise<Input[]> {
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
  if (isZip(first.subarray(0, n))) {
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
