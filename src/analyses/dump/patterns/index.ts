/** All patterns that are looked for, each finder on its own: one that throws loses its own patterns only. */
import type { Case } from '../case.js';
import type { DumpPattern } from '../result.js';
import { apcPatterns } from './apcs.js';
import { codePatterns } from './code.js';
import { contentionPatterns } from './contention.js';
import { driverPatterns } from './drivers.js';
import { irpPatterns } from './irps.js';
import { memoryPatterns } from './memory.js';
import type { PatternFinder } from './pattern.js';
import { processPatterns } from './processes.js';
import { qualityPatterns } from './quality.js';
import { threadPatterns } from './threads.js';
import { waitPatterns } from './waits.js';

const FINDERS: readonly PatternFinder[] = [
  qualityPatterns,
  waitPatterns,
  contentionPatterns,
  driverPatterns,
  apcPatterns,
  threadPatterns,
  processPatterns,
  memoryPatterns,
  irpPatterns,
  codePatterns,
];

/** Patterns without evidence are no patterns. */
export const patternsOf = (all: Case): DumpPattern[] =>
  FINDERS.flatMap((find) => {
    try {
      return find(all);
    } catch (error) {
      const message = String((error as Error).message);
      all.context.diagnostics.add('analysis-failed', 'error', `patterns are missing: ${message}`);
      return [];
    }
  }).filter(({ evidence }) => evidence.length > 0);
