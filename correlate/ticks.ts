/** Ticks of the system clock as time. */
import type { DpcWatchdog } from '../src/analyses/dump/result.js';

/** How long a tick is where no wait of the log tells it: as on most machines. The system time moves by no less. */
export const TICK_MS = 15.625;

/** What the DPC watchdog allows, or its period; null where the log names neither time nor ticks. */
export const allowedMs = ({ limitMs, limitTicks }: DpcWatchdog): number | null =>
  limitMs ?? (limitTicks === null ? null : limitTicks * TICK_MS);
