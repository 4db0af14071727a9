/** The leak simulator's truth against the answer from xperf dumper text, over 200 seeds. */
import { expect, it } from 'vitest';
import { poolDumper } from './generate/pool/write-dumper.js';
import {
  expectedFigures,
  figuresOf,
  none,
  untold,
  wrongCulprits,
  wrongOf,
  wrongVerdicts,
} from './support/pool-truth.js';

it('xperf dumper text of simulated leaks', { timeout: 600_000 }, async () => {
  none(
    await wrongOf(
      (truth) => poolDumper(truth, { symbols: true }),
      (truth, report) => {
        expect(figuresOf(report)).toEqual(expectedFigures(truth));
        return [...wrongVerdicts(truth, report), ...wrongCulprits(truth, report), ...untold(truth, report)];
      },
    ),
  );
});
