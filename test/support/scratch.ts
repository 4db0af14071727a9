/** A folder of a test file's own, removed when its tests are done. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

export interface Scratch {
  readonly folder: string;
  /** Writes a file there and gives its path. */
  written(name: string, content: string | Buffer): string;
}

export function scratch(name: string): Scratch {
  const folder = mkdtempSync(join(tmpdir(), `tracekit-${name}-`));
  afterAll(() => rmSync(folder, { recursive: true }));
  return {
    folder,
    written(file, content) {
      const path = join(folder, file);
      writeFileSync(path, content);
      return path;
    },
  };
}
