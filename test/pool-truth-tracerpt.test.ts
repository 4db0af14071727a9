/** The leak simulator's truth against the answer from CSV of tracerpt, over 200 seeds. */
import { expect, it } from 'vitest';
import { poolTracerpt } from './generate/pool/write-tracerpt.js';
import {
  expectedFigures,
  figuresOf,
  none,
  untold,
  wrongCulprits,
  wrongOf,
  wrongVerdicts,
} from './support/pool-truth.js';

it('tracerpt CSV of simulated leaks', { timeout: 600_000 }, async () => {
  none(
    await wrongOf(poolTracerpt, (truth, report) => {
      expect(figuresOf(report)).toEqual(expectedFigures(truth));
      return [...wrongVerdicts(truth, report), ...wrongCulprits(truth, report), ...untold(truth, report)];
    }),
  );
});
