/** Statements of a log that have no table of their own, by what they are about. */
import { pushTo } from '../../core/push-to.js';
import { dumpFact } from '../../tables/dump-system.js';
import type { DumpRows, Placed } from './rows.js';

export type FactRow = Placed<typeof dumpFact>;

export class Facts {
  readonly #bySubject = new Map<string, FactRow[]>();

  constructor(rows: DumpRows) {
    for (const row of rows.of(dumpFact)) {
      const subject = row.subject ?? '';
      pushTo(this.#bySubject, subject, row);
    }
  }

  /** All of a subject, in the order of the log. */
  of(subject: string): readonly FactRow[] {
    return this.#bySubject.get(subject) ?? [];
  }

  /** The last one that says something; null where none does. Letter case of names does not count. */
  last(subject: string, name: string): FactRow | null {
    const wanted = name.toLowerCase();
    return (
      this.of(subject).findLast(
        (row) => row.name?.toLowerCase() === wanted && (row.value !== null || row.number !== null),
      ) ?? null
    );
  }

  text(subject: string, name: string): string | null {
    return this.last(subject, name)?.value ?? null;
  }

  number(subject: string, name: string): number | null {
    return this.last(subject, name)?.number ?? null;
  }

  /** Subjects that begin with `prefix`, with what follows it. */
  *subjects(prefix: string): Generator<readonly [string, readonly FactRow[]]> {
    for (const [subject, rows] of this.#bySubject)
      if (subject.startsWith(prefix)) yield [subject.slice(prefix.length), rows];
  }
}
