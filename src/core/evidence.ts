/** A place in a source and the text that stands there. */
export interface Evidence {
  /** Id of the source, e.g. `s1`. */
  readonly source: string;
  /** Line from 1; null in binary sources. */
  readonly line: number | null;
  /** Byte offset in the unpacked source; null where only the line is known. */
  readonly byte: number | null;
  readonly quote: string;
}

export type Level = 'error' | 'warning' | 'note';

/** A claim with its evidence: one without does not compile. */
export interface Finding {
  readonly rule: string;
  readonly level: Level;
  readonly message: string;
  readonly confidence: 'high' | 'medium' | 'low' | null;
  readonly evidence: readonly [Evidence, ...Evidence[]];
  /** What speaks against the claim. */
  readonly against: readonly Evidence[];
  /** What to collect or run next. */
  readonly next: readonly string[];
}
