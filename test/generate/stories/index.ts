/** Made-up stories: a trace and a debugger's log of one machine, and what is known of both. Shares no code with the readers. */
import { cumulativeWatchdog } from './cumulative-watchdog.js';
import { deadlock } from './deadlock.js';
import { diskTimeout } from './disk-timeout.js';
import type { Story, StoryKind, Twist } from './model.js';
import { poolLeak } from './pool-leak.js';
import { processFactory } from './process-factory.js';
import { retryBlock } from './retry-block.js';
import { singleWatchdog } from './single-watchdog.js';

export * from './model.js';

const ALWAYS: readonly Twist[] = ['none', 'decisive-evidence-removed', 'contradicted', 'other-boot'];
const OF_HANGS: readonly Twist[] = [...ALWAYS, 'zone-without-date', 'time-of-day-only', 'live-dump'];

const TELLERS: Readonly<
  Record<string, { readonly tell: (twist: Twist, seed: number) => Story; readonly twists: readonly Twist[] }>
> = {
  'cumulative-watchdog': { tell: cumulativeWatchdog, twists: ALWAYS },
  'deadlock-innocent-rhythm': { tell: deadlock, twists: OF_HANGS },
  'disk-timeout-block': {
    tell: diskTimeout,
    twists: OF_HANGS.filter((twist) => twist !== 'time-of-day-only'),
  },
  'pool-leak': { tell: poolLeak, twists: ALWAYS },
  'process-factory': { tell: processFactory, twists: OF_HANGS },
  'retry-block': { tell: retryBlock, twists: OF_HANGS },
  'single-watchdog': { tell: singleWatchdog, twists: ALWAYS },
};

/** The twists that there are of a kind. */
export const twistsOf = (kind: StoryKind): readonly Twist[] => TELLERS[kind].twists;

/** The same each time for the same kind, twist and seed. Throws where there is no such twist of the kind. */
export function story(kind: StoryKind, twist: Twist, seed: number): Story {
  const { tell, twists } = TELLERS[kind];
  if (!twists.includes(twist)) throw new Error(`there is no story ${kind} with the twist ${twist}`);
  return tell(twist, seed);
}
