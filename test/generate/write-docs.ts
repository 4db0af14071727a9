/** Writes docs/table-reference.md and the examples in README.md: `npm run docs`. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { TABLES } from '../../src/tables/index.js';
import { tableReference, withExamples } from './docs.js';

/** Two folders up from the compiled program is dist/, three are the project. */
const root = resolve(import.meta.dirname, '../../..');

const tracekit = (args: readonly string[]): string =>
  execFileSync(process.execPath, [join(root, 'dist/bin/tracekit.js'), ...args], { cwd: root, encoding: 'utf8' });

writeFileSync(join(root, 'docs/table-reference.md'), tableReference(TABLES));
const readme = join(root, 'README.md');
writeFileSync(readme, withExamples(readFileSync(readme, 'utf8'), tracekit));
