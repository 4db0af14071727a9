/** The leak simulator's truth against the answer from xperf dumper text, over 200 seeds. */
import { it } from 'vitest';
import { poolDumper } from './generate/pool/write-dumper.js';
import { none, wrongAnswers, wrongOf } from './support/pool-truth.js';

it('xperf dumper text of simulated leaks', { timeout: 600_000 }, async () => {
  none(await wrongOf((truth) => poolDumper(truth, { symbols: true }), wrongAnswers));
});
