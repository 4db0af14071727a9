/** What the tests of `pool` share. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  analyzePool,
  type OpenOptions,
  open,
  type PoolOptions,
  type PoolResult,
  type Report,
} from '../../src/index.js';

export type PoolReport = Report<PoolResult>;

/** Opens, answers and closes. */
export async function poolOf(
  paths: string | readonly string[],
  options: Partial<PoolOptions> = {},
  opening: OpenOptions = {},
): Promise<PoolReport> {
  const trace = await open(typeof paths === 'string' ? [paths] : paths, opening);
  try {
    return await analyzePool(trace, options);
  } finally {
    trace.close();
  }
}

/** The answer to texts that are given as files. */
export async function poolOfTexts(
  texts: string | Buffer | readonly (string | Buffer)[],
  options: Partial<PoolOptions> = {},
): Promise<PoolReport> {
  const folder = mkdtempSync(join(tmpdir(), 'tracekit-pool-'));
  try {
    const paths = [texts].flat().map((text, i) => {
      const path = join(folder, `input-${i}`);
      writeFileSync(path, text);
      return path;
    });
    return await poolOf(paths, options);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The only finding of a rule. */
export function onlyFinding({ findings }: PoolReport, rule: string): PoolReport['findings'][number] {
  const found = findings.filter((finding) => finding.rule === rule);
  if (found.length !== 1) throw new Error(`${found.length} findings of ${rule}: ${findings.map((f) => f.rule)}`);
  return found[0];
}
