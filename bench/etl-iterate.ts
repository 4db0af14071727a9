/**
 * `node etl-iterate.js FILE`: goes over every event of a raw log once, reading its header, and over every compressed buffer.
 * Prints events, bytes and seconds, start-up not counted, as JSON.
 */
import { openSync, readSync, statSync } from 'node:fs';
import { buffersOf } from '../parsers/etl/log/buffers.js';
import { EventCursor } from '../parsers/etl/log/cursor.js';
import { BUFFER_HEADER, BufferFlag } from '../parsers/etl/log/layout.js';
import { unpackXpress } from '../parsers/etl/log/xpress.js';
import { fileBytes } from '../src/core/source/random.js';

const path = process.argv[2];
const fd = openSync(path, 'r');
const { size } = statSync(path);
const quiet = { damaged: () => {}, cut: () => {}, unused: () => {}, shrank: () => {} };

async function iterate(): Promise<{ events: number; ticks: number; seconds: number }> {
  const cursor = new EventCursor(() => {});
  const started = performance.now();
  let events = 0;
  let ticks = 0;
  for await (const { bytes, header, start } of buffersOf(fileBytes(path, fd), quiet)) {
    cursor.open(bytes, BUFFER_HEADER.bytes, Math.min(header.end, bytes.length), start, header.cpu);
    while (cursor.step()) {
      events++;
      ticks += cursor.ticks;
    }
  }
  return { events, ticks, seconds: (performance.now() - started) / 1000 };
}

/** Unpacks the compressed buffers of the first 64 MB, again and again for a second. */
function unpack(): { bytes: number; seconds: number } {
  const file = Buffer.alloc(Math.min(size, 64 << 20));
  readSync(fd, file, 0, file.length, 0);
  const out = new Uint8Array(1 << 24);
  let bytes = 0;
  const started = performance.now();
  while (performance.now() - started < 1000) {
    const before = bytes;
    for (let at = 0; at + BUFFER_HEADER.bytes <= file.length; at += file.readUInt32LE(at)) {
      const filled = file.readUInt32LE(at + BUFFER_HEADER.filled);
      const end = at + file.readUInt32LE(at);
      const isPacked = (file.readUInt16LE(at + BUFFER_HEADER.flags) & BufferFlag.Compressed) !== 0;
      if (isPacked && end <= file.length)
        bytes += unpackXpress(file, at + BUFFER_HEADER.bytes, end, out, 0, filled - 72);
    }
    if (bytes === before) break;
  }
  return { bytes, seconds: (performance.now() - started) / 1000 };
}

console.log(JSON.stringify({ iterated: await iterate(), unpacked: unpack() }));
