/** The leak simulator's truth against the answer from tables of WPA, over 200 seeds. */
import { expect, it } from 'vitest';
import { poolWpa } from './generate/pool/write-wpa.js';
import {
  expectedFigures,
  figuresOf,
  none,
  untold,
  wrongCulprits,
  wrongOf,
  wrongVerdicts,
} from './support/pool-truth.js';

it('tables of WPA of simulated leaks, English and German', { timeout: 600_000 }, async () => {
  none(
    await wrongOf(
      (truth) => poolWpa(truth, { locale: truth.seed % 2 === 0 ? 'en' : 'de' }),
      (truth, report) => {
        expect(figuresOf(report)).toEqual(expectedFigures(truth));
        return [...wrongVerdicts(truth, report), ...wrongCulprits(truth, report), ...untold(truth, report)];
      },
    ),
  );
});
