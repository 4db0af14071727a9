/** What the user knows of the clocks that the sources do not say. */
export interface CorrelateOptions {
  /** When the first trace began, ms since 1970 in UTC. */
  readonly traceStartMs: number | null;
  /** Zone of times that name none: `+02:00`, `Europe/Berlin`. */
  readonly zone: string | null;
  /** From the start of the first trace to the dump, ms. */
  readonly offsetMs: number | null;
  /** When the dump was taken, ms since 1970 in UTC. */
  readonly dumpTimeMs: number | null;
  /** Causes told at most; 0 = all. */
  readonly top: number;
}

export const CORRELATE_DEFAULTS: CorrelateOptions = {
  traceStartMs: null,
  zone: null,
  offsetMs: null,
  dumpTimeMs: null,
  top: 0,
};
