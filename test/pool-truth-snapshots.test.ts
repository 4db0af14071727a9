/** The leak simulator's truth against the answer from series of snapshots, over 200 seeds. */
import { it } from 'vitest';
import { poolmonLog } from './generate/pool/write-poolmon.js';
import { poolusedLog } from './generate/pool/write-poolused.js';
import { none, wrongOf, wrongVerdicts } from './support/pool-truth.js';

it('a series of !poolused', { timeout: 600_000 }, async () => {
  none(
    await wrongOf(
      (truth) => poolusedLog(truth, { snapshots: 24, layout: truth.seed % 2 === 0 ? 'old' : 'new' }),
      wrongVerdicts,
    ),
  );
});

it('a series of poolmon', { timeout: 600_000 }, async () => {
  none(
    await wrongOf(
      (truth) => poolmonLog(truth, { snapshots: 24, layout: truth.seed % 2 === 0 ? 'screen' : 'snapshot' }),
      wrongVerdicts,
    ),
  );
});
