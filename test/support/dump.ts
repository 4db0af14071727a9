/** Runs `dump` over a text, as the command does. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DumpOptions, DumpResult } from '../../src/index.js';
import { analyzeDump, open, type Report } from '../../src/index.js';

/** The answer over the text of a log. */
export async function dumpOf(text: string, options: Partial<DumpOptions> = {}): Promise<Report<DumpResult>> {
  const dir = mkdtempSync(join(tmpdir(), 'tracekit-'));
  try {
    const path = join(dir, 'session.log');
    writeFileSync(path, text);
    return await dumpOfFile(path, options);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The answer over files. */
export async function dumpOfFile(path: string, options: Partial<DumpOptions> = {}): Promise<Report<DumpResult>> {
  const trace = await open([path], { format: 'kd' });
  try {
    return await analyzeDump(trace, options);
  } finally {
    trace.close();
  }
}
