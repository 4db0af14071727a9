import type { Names } from './names.js';

/** What a finder works on. */
export interface Context {
  readonly text: string;
  /** The same in lower case. */
  readonly low: string;
  readonly names: Names;
  /** The same finder for a part of the text. */
  redacted(part: string): string;
}

/** A part of the text that has been found, from where it was looked for up to `end`, and what stands in its place. */
export interface Span {
  readonly end: number;
  readonly out: string;
}
