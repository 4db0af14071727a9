/** Answers of `errors` to texts and bytes that a test makes. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import {
  analyzeErrors,
  type ErrorsOptions,
  type ErrorsResult,
  type OpenOptions,
  open,
  type Report,
} from '../../src/index.js';
import { addsUp } from './damage.js';

/** The answer to one input or to several; the account of each must add up. */
export async function errorsOf(
  input: string | Buffer | readonly (string | Buffer)[],
  options: Partial<ErrorsOptions> = {},
  opening: OpenOptions = {},
): Promise<Report<ErrorsResult>> {
  const inputs = Array.isArray(input) ? (input as readonly (string | Buffer)[]) : [input as string | Buffer];
  const dir = mkdtempSync(join(tmpdir(), 'tracekit-errors-'));
  try {
    const paths = inputs.map((bytes, i) => {
      const path = join(dir, `input-${i}`);
      writeFileSync(path, bytes);
      return path;
    });
    return await errorsIn(paths, options, opening);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The answer to files. */
export async function errorsIn(
  paths: readonly string[],
  options: Partial<ErrorsOptions> = {},
  opening: OpenOptions = {},
): Promise<Report<ErrorsResult>> {
  const trace = await open(paths, opening);
  try {
    const report = await analyzeErrors(trace, options);
    for (const { account } of report.sources) expect(addsUp({ account })).toBe(true);
    return report;
  } finally {
    trace.close();
  }
}

export interface TableRow {
  readonly atUs: number;
  readonly pid: number;
  readonly tid: number;
  readonly message: string;
}

const pad = (value: number, width = 2): string => String(value).padStart(width, '0');

/** `10:00:00.000000` and on, µs from ten o'clock. */
export function clock(atUs: number): string {
  const us = atUs + 36_000e6;
  const seconds = Math.floor(us / 1e6);
  return `${pad(Math.floor(seconds / 3600) % 24)}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}.${pad(Math.round(us % 1e6), 6)}`;
}

/** Messages as a table `# PID TID Time Message`. */
export function tableOf(rows: readonly TableRow[]): string {
  const lines = rows.map(({ atUs, pid, tid, message }, i) => `${i + 1} ${pid} ${tid} ${clock(atUs)} ${message}`);
  return `# PID TID Time Message\n${lines.join('\n')}\n`;
}
