/**
 * Steps of the clock that a program stamped its messages with, where they are coarser than the digits that are printed: `10:05:11.000`
 * of a log that counts whole seconds. A period of a few such steps cannot be told from the steps.
 */

/** Steps that programs round to. */
const STEPS_US = [1_000_000, 100_000, 10_000] as const;
/** Instants that must stand on a step. */
const SHARE = 0.98;
const LEAST = 8;

/**
 * The largest step that (nearly) all instants stand on, or the resolution itself.
 *
 * @param ofSecondUs what the clock showed at 0, of a second; null where that is not known
 */
export function stepOf(instants: Float64Array, resolutionUs: number, ofSecondUs: number | null): number {
  if (ofSecondUs === null || instants.length < LEAST) return resolutionUs;
  for (const step of STEPS_US) {
    if (step < 10 * resolutionUs) break;
    let on = 0;
    for (const at of instants) {
      const off = (((at + ofSecondUs) % step) + step) % step;
      if (off <= resolutionUs / 2 || off >= step - resolutionUs / 2) on++;
    }
    if (on >= SHARE * instants.length) return step;
  }
  return resolutionUs;
}

/** What a clock shows at the start of a source, of a second in µs: `2026-11-20T10:05:11.005`; null where it says nothing. */
export function ofSecondUs(start: string | null | undefined): number | null {
  if (start === null || start === undefined) return null;
  const fraction = /:\d\d(?:\.(\d{1,9}))?(?:Z|[+-]\d\d:?\d\d)?$/.exec(start);
  return fraction === null ? null : Number(`0.${fraction[1] ?? '0'}`) * 1e6;
}
