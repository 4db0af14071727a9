import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Folder with real traces that are not part of the project. Tests that need it skip where it is absent. */
export const SHARED = resolve(process.env.TRACEKIT_SHARED ?? join(import.meta.dirname, '../../../shared'));

/** Path of a real file below `real/`, or null where the folder is absent; the reason to skip is printed. */
export function realFile(name: string): string | null {
  const path = join(SHARED, 'real', name);
  return existsSync(path) ? path : null;
}
