/** The stories of samples/stories: one for each thing that `correlate` has to prove. */
import { story } from './index.js';
import type { StoryKind, Twist } from './model.js';

export interface StorySample {
  /** Its folder below samples/stories. */
  readonly name: string;
  readonly kind: StoryKind;
  readonly twist: Twist;
  readonly seed: number;
}

export const STORY_SAMPLES: readonly StorySample[] = [
  { name: 'single-watchdog', kind: 'single-watchdog', twist: 'none', seed: 3 },
  { name: 'cumulative-watchdog', kind: 'cumulative-watchdog', twist: 'none', seed: 2 },
  { name: 'shared-tag-leak', kind: 'pool-leak', twist: 'none', seed: 2 },
  { name: 'retrying-service', kind: 'retry-block', twist: 'none', seed: 19 },
  { name: 'deadlock', kind: 'deadlock-innocent-rhythm', twist: 'none', seed: 4 },
  { name: 'other-boot', kind: 'retry-block', twist: 'other-boot', seed: 6 },
  { name: 'other-zone', kind: 'retry-block', twist: 'none', seed: 25 },
  { name: 'time-without-date', kind: 'retry-block', twist: 'time-of-day-only', seed: 1 },
  { name: 'live-dump', kind: 'deadlock-innocent-rhythm', twist: 'live-dump', seed: 3 },
];

/** Path below samples/, and bytes. */
export const storySamples = (): { readonly path: string; readonly bytes: Buffer }[] =>
  STORY_SAMPLES.flatMap(({ name, kind, twist, seed }) =>
    story(kind, twist, seed).files.map((file) => ({ path: `stories/${name}/${file.name}`, bytes: file.bytes })),
  );
