import { printable } from './text.js';

/** How bad: `data-loss` means the answer may be wrong because data are missing; `error` that a source gave nothing. */
export type Severity = 'info' | 'warning' | 'data-loss' | 'error';

/** Something the reader must know about the input: what was skipped, cut, assumed. Nothing is dropped without one. */
export interface Diagnostic {
  readonly code: string;
  readonly severity: Severity;
  /** Id of the source, null where it concerns several. */
  readonly source: string | null;
  /** Line of the first occurrence, from 1; null where there is none. */
  readonly line: number | null;
  /** Byte offset of the first occurrence in a binary source; null elsewhere. */
  readonly byte: number | null;
  readonly count: number;
  readonly message: string;
  /** Up to {@link MAX_EXAMPLES} of the texts concerned, control characters made visible. */
  readonly examples: readonly string[];
}

export const MAX_EXAMPLES = 3;

/** Folds repeated diagnostics by code and source. */
export class Diagnostics {
  readonly #byKey = new Map<string, Diagnostic & { count: number; examples: string[] }>();

  /** `source`: whose they are where `add` does not say; null for none. */
  constructor(readonly source: string | null) {}

  /** Adds `count` occurrences of `code`; the first one's message and place stay. */
  add(
    code: string,
    severity: Severity,
    message: string,
    at: { source?: string; line?: number | null; byte?: number | null; example?: string; count?: number } = {},
  ): void {
    const source = at.source ?? this.source;
    const key = `${code} ${source}`;
    let entry = this.#byKey.get(key);
    if (entry === undefined) {
      entry = {
        code,
        severity,
        source,
        line: at.line ?? null,
        byte: at.byte ?? null,
        count: 0,
        message: printable(message),
        examples: [],
      };
      this.#byKey.set(key, entry);
    }
    entry.count += at.count ?? 1;
    if (at.example !== undefined && entry.examples.length < MAX_EXAMPLES) entry.examples.push(printable(at.example));
  }

  list(): Diagnostic[] {
    return [...this.#byKey.values()];
  }
}
