/** What scenarios have in common. */
import { clockAt } from './clock.js';
import type { Scenario } from './model.js';

const DEFAULTS = {
  name: 'scenario',
  startClockUs: clockAt(2026, 3, 17, 9, 41, 7) + 250_000,
  zoneMinutes: 60,
  machine: 'LAMP01',
  cpus: 8,
  gaps: [],
  clockSteps: [],
};

/** A scenario put together by hand; what is not said is as in any other. */
export const makeScenario = (given: Pick<Scenario, 'sources' | 'lengthUs'> & Partial<Scenario>): Scenario => ({
  ...DEFAULTS,
  seed: 1,
  ...given,
});
