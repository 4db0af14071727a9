import { readFileSync } from 'node:fs';

/** The package's version, from its package.json: beside the sources, or two folders up from the built file. */
export const VERSION: string = version();

function version(): string {
  for (const up of ['../package.json', '../../package.json']) {
    try {
      const found = JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8'));
      if (found.name === 'tracekit') return found.version;
    } catch {
      // not there: the other place
    }
  }
  return '0.0.0';
}
