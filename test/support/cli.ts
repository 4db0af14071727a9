import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './samples.js';

const BIN = join(ROOT, 'dist/bin/tracekit.js');

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the built command in the project's folder, with pipes instead of a terminal. */
export function tracekit(args: readonly string[], more: { input?: Buffer; env?: NodeJS.ProcessEnv } = {}): Ran {
  if (!existsSync(BIN)) throw new Error('dist/ is not there: npm run build');
  const { NO_COLOR, FORCE_COLOR, ...env } = process.env;
  const run = spawnSync(process.execPath, [BIN, ...args], {
    cwd: ROOT,
    input: more.input ?? '',
    env: { ...env, ...more.env },
    encoding: 'utf8',
    maxBuffer: 1 << 27,
    timeout: 60_000,
  });
  return { code: run.status, out: run.stdout, err: run.stderr };
}
