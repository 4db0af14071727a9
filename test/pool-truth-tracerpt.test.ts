/** The leak simulator's truth against the answer from CSV of tracerpt, over 200 seeds. */
import { it } from 'vitest';
import { poolTracerpt } from './generate/pool/write-tracerpt.js';
import { none, wrongAnswers, wrongOf } from './support/pool-truth.js';

it('tracerpt CSV of simulated leaks', { timeout: 600_000 }, async () => {
  none(await wrongOf(poolTracerpt, wrongAnswers));
});
