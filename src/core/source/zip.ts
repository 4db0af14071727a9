/** The files in a zip, each as an input of its own. */
import { closeSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { Entry, ZipFile } from 'yauzl';
import { TracekitError } from '../error.js';
import { printable } from '../text.js';
import { openFile, streamReader } from './byte-reader.js';
import { openStream } from './stream.js';
import type { Input } from './types.js';

const MAX_ZIP_ENTRIES = 1000;

/** A zip begins with the header of its first entry, or, without entries, with the end of its directory. */
export function isZip(front: Buffer): boolean {
  if (front.length < 4) return false;
  const magic = front.readUInt32LE(0);
  return magic === 0x04034b50 || magic === 0x06054b50;
}

const ZIP_OPTIONS = { lazyEntries: true, autoClose: false, validateEntrySizes: true } as const;

export async function openZipFile(path: string): Promise<ZipFile> {
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

export async function openZipBuffer(bytes: Buffer): Promise<ZipFile> {
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

export async function zipInputs(path: string, size: number, openZip: () => Promise<ZipFile>): Promise<Input[]> {
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
      const check = await checksum();
      // yauzl does not tell how much of the compressed entry was read: the share given so far stands for it.
      const counted = async function* (): AsyncGenerator<Buffer> {
        let given = 0;
        for await (const chunk of stream) {
          given += (chunk as Buffer).length;
          check?.add(chunk as Buffer);
          taken = Math.min(entry.compressedSize, (given / Math.max(entry.uncompressedSize, 1)) * entry.compressedSize);
          yield chunk as Buffer;
        }
        if (check !== null && check.sum() !== entry.crc32) throw new Error('its checksum does not match');
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

/** CRC-32, which yauzl leaves to its caller; null where this version of Node has none (before 20.15). */
async function checksum(): Promise<{ add(bytes: Buffer): void; sum(): number } | null> {
  const zlib: { crc32?: (bytes: Buffer, before?: number) => number } = await import('node:zlib');
  const { crc32 } = zlib;
  if (crc32 === undefined) return null;
  let sum = 0;
  return {
    add(bytes) {
      sum = crc32(bytes, sum);
    },
    sum: () => sum,
  };
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
