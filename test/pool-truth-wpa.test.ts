/** The leak simulator's truth against the answer from tables of WPA, over 200 seeds. */
import { it } from 'vitest';
import { poolWpa } from './generate/pool/write-wpa.js';
import { none, wrongAnswers, wrongOf } from './support/pool-truth.js';

it('tables of WPA of simulated leaks, English and German', { timeout: 600_000 }, async () => {
  none(await wrongOf((truth) => poolWpa(truth, { locale: truth.seed % 2 === 0 ? 'en' : 'de' }), wrongAnswers));
});
