/** Files that describe events: `--manifest` and `--tmf`. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { TracekitError } from '../src/core/error.js';
import type { DecodingFiles, NamedBytes } from '../src/core/parser.js';
import { printable } from '../src/core/text.js';

/** Reads what was given; throws where a file cannot be read. */
export const decodingFiles = ({ manifest = [], tmf }: { manifest?: string[]; tmf?: string }): DecodingFiles => ({
  manifests: manifest.map(fileOf),
  tmf: tmf === undefined ? [] : tmfFiles(tmf),
});

const MAX_FILE = 64 << 20;
const MAX_TMF_FILES = 20_000;

function fileOf(path: string): NamedBytes {
  try {
    if (statSync(path).size > MAX_FILE)
      throw new TracekitError(`${printable(path)}: is larger than ${MAX_FILE >> 20} MB.`);
    return { path, bytes: readFileSync(path) };
  } catch (error) {
    if (error instanceof TracekitError) throw error;
    throw new TracekitError(`${printable(path)}: ${printable(String((error as Error).message))}.`);
  }
}

/** The .tmf files of a folder, or the one named. */
function tmfFiles(path: string): NamedBytes[] {
  let names: string[];
  try {
    if (!statSync(path).isDirectory()) return [fileOf(path)];
    names = readdirSync(path).filter((name) => /\.tmf$/i.test(name));
  } catch (error) {
    if (error instanceof TracekitError) throw error;
    throw new TracekitError(`--tmf: ${printable(String((error as Error).message))}.`);
  }
  if (names.length === 0)
    throw new TracekitError(`--tmf: no .tmf file in ${printable(path)}. Make them with tracepdb.`);
  if (names.length > MAX_TMF_FILES)
    throw new TracekitError(`--tmf: more than ${MAX_TMF_FILES} files in ${printable(path)}.`);
  return names.sort().map((name) => fileOf(join(path, name)));
}
