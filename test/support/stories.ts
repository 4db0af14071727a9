/** Stories as files, and the answer to them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyzeCorrelate, type CorrelateOptions, type CorrelateReport, open } from '../../src/index.js';
import type { Story } from '../generate/stories/index.js';

/** The answer of `correlate` to a story's files. */
export async function reportOf(story: Story, options: Partial<CorrelateOptions> = {}): Promise<CorrelateReport> {
  const folder = mkdtempSync(join(tmpdir(), 'tracekit-story-'));
  try {
    const paths = story.files.map(({ name, bytes }) => {
      const path = join(folder, name);
      writeFileSync(path, bytes);
      return path;
    });
    const trace = await open(paths);
    try {
      return await analyzeCorrelate(trace, options);
    } finally {
      trace.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
