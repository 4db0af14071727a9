/** Stories of which it is known what was the cause: it comes first; and where the decisive evidence is gone, nobody is named for sure. */
import { afterAll, describe, expect, it } from 'vitest';
import { moduleKey } from '../correlate/names.js';
import type { Cause } from '../correlate/result.js';
import { STORY_KINDS, type Story, type StoryKind, story, type Twist, twistsOf } from './generate/stories/index.js';
import { reportOf } from './support/stories.js';

const combinations: readonly (readonly [StoryKind, Twist])[] = STORY_KINDS.flatMap((kind) =>
  twistsOf(kind).map((twist) => [kind, twist] as const),
);
/** As many seeds as the decoys are tried with; each tries every kind and twist in turn. */
const SEEDS = 500;
const PLAIN_SEEDS = 12;

/** True where the cause names what the story says it was. */
function isRight({ cause, culprit }: Cause, { kind, truth }: Story): boolean {
  if (cause !== truth.cause) return false;
  switch (kind) {
    case 'retry-block':
      return culprit.thread === truth.thread;
    case 'deadlock-innocent-rhythm':
      return culprit.thread !== null;
    case 'process-factory':
      return culprit.process === truth.process;
    default:
      return truth.module === null || moduleKey(culprit.module ?? '') === moduleKey(truth.module);
  }
}

/** Names of those who did nothing, as causes might name them. */
const namesInnocent = ({ culprit }: Cause, { truth }: Story): boolean => {
  const named = [culprit.module, culprit.process].filter((name) => name !== null).map(moduleKey);
  return truth.innocent.some((name) => named.includes(moduleKey(name)));
};

describe('the right cause comes first', () => {
  it.each(STORY_KINDS)(
    'of %s',
    async (kind) => {
      for (let seed = 1; seed <= PLAIN_SEEDS; seed++) {
        const told = story(kind, 'none', seed);
        const { causes } = (await reportOf(told)).result;
        expect(isRight(causes[0], told), `${kind} ${seed}: ${JSON.stringify(causes[0].culprit)}`).toBe(true);
        expect(causes[0].confidence, `${kind} ${seed}`).not.toBe('low');
      }
    },
    120_000,
  );
});

describe('decoys', () => {
  const named = { high: 0, medium: 0, low: 0, none: 0 };

  it(`over ${SEEDS} seeds nobody is wrongly named with high confidence`, async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const [kind, twist] = combinations[seed % combinations.length];
      const told = story(kind, twist, 1000 + seed);
      const { causes, verdict } = (await reportOf(told)).result;
      const [first] = causes;
      named[first?.confidence ?? 'none']++;
      if (first === undefined) continue;
      const where = `${kind} ${twist} ${1000 + seed}: ${first.cause} ${JSON.stringify(first.culprit)} ${first.confidence}`;
      if (first.confidence === 'high') {
        // A ring of certain waits is proven by the dump, whatever the trace is.
        if (first.cause !== 'deadlock') expect(told.truth.isProvable, where).toBe(true);
        expect(isRight(first, told), where).toBe(true);
        expect(namesInnocent(first, told) && told.kind !== 'deadlock-innocent-rhythm', where).toBe(false);
      }
      for (const cause of causes) if (cause.confidence === 'high') expect(isRight(cause, told), where).toBe(true);
      expect(verdict.cause === null).toBe(first.confidence === 'low');
    }
  }, 240_000);

  afterAll(() => {
    console.log(`first causes of ${SEEDS} stories: ${JSON.stringify(named)}`);
  });
});

describe('clocks of stories', () => {
  it.each(combinations)('%s, %s: the offset is true within its bound, or unknown', async (kind, twist) => {
    for (let seed = 1; seed <= 4; seed++) {
      const told = story(kind, twist, seed);
      const { alignment } = (await reportOf(told)).result;
      // Of another boot an assumed zone was chosen among those that fit this one.
      if (alignment.offsetMs === null || twist === 'other-boot') continue;
      const off = Math.abs(alignment.offsetMs - told.truth.offsetMs);
      expect(off, `${kind} ${twist} ${seed} ${alignment.statement}`).toBeLessThanOrEqual(
        (alignment.uncertaintyMs ?? 0) + 1,
      );
      if (alignment.sameBoot !== null) expect(alignment.sameBoot).toBe(told.truth.sameBoot);
    }
  });

  it('never takes a trace of another boot for one of the dump’s', async () => {
    for (const kind of STORY_KINDS) {
      for (let seed = 1; seed <= 5; seed++) {
        const { alignment } = (await reportOf(story(kind, 'other-boot', seed))).result;
        expect(alignment.sameBoot, `${kind} ${seed}`).not.toBe(true);
      }
    }
  }, 60_000);
});
