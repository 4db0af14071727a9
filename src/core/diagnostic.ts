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
  readonly count: number;
  readonly message: string;
  /** Up to {@link MAX_EXAMPLES} of the texts concerned, control characters made visible. */
  readonly examples: readonly string[];
}

export const MAX_EXAMPLES = 3;

/** Folds repeated diagnostics of one source by code. */
export class Diagnostics {
  readonly #byCode = new Map<string, Diagnostic & { count: number; examples: string[] }>();

  constructor(readonly source: string | null) {}

  /** Adds `count` occurrences of `code`; the first one's message and place stay. */
  add(
    code: string,
    severity: Severity,
    message: string,
    at: { line?: number | null; example?: string; count?: number } = {},
  ): void {
    let entry = this.#byCode.get(code);
    if (entry === undefined) {
      entry = {
        code,
        severity,
        source: this.source,
        line: at.line ?? null,
        count: 0,
        message: printable(message),
        examples: [],
      };
      this.#byCode.set(code, entry);
    }
    entry.count += at.count ?? 1;
    if (at.example !== undefined && entry.examples.length < MAX_EXAMPLES) entry.examples.push(printable(at.example));
  }

  list(): Diagnostic[] {
    return [...this.#byCode.values()];
  }
}
