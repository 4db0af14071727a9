import type { Diagnostics } from './diagnostic.js';
import type { Evidence, Finding } from './evidence.js';
import type { About, Account, EventCount } from './parser.js';
import type { TableDef } from './schema.js';
import type { Container, Encoding } from './source.js';
import type { Batch, Cite } from './table.js';

/** What is known of a source once it has been read. */
export interface SourceSummary {
  /** `s1`, `s2`, … in the order given. */
  readonly id: string;
  readonly path: string;
  readonly format: string;
  readonly encoding: Encoding;
  readonly container: Container;
  /** Size on disk; null for standard input. */
  readonly bytes: number | null;
  readonly account: Account;
  readonly about: About;
  readonly events: ReadonlyMap<string, Readonly<EventCount>>;
}

/** What an analysis is given to finish with. */
export interface Finish {
  /** All sources, in order; index = `Batch.source`. */
  readonly sources: readonly SourceSummary[];
  /** False for a source whose runs stand in another one as well: they are counted once. */
  counted(source: number): boolean;
  readonly diagnostics: Diagnostics;
  /** A row cited from a batch, with the text that stands there. */
  evidence(source: number, cite: Cite): Evidence;
}

/** An analysis under way: it sees each batch once, in file order, source after source. */
export interface Fold<R> {
  add(batch: Batch): void;
  finish(context: Finish): { readonly result: R; readonly findings: readonly Finding[] };
}

/** One question: pure, declares the tables it reads, knows nothing of formats or outputs. */
export interface Analysis<O, R> {
  readonly name: string;
  readonly reads: readonly TableDef[];
  start(options: O): Fold<R>;
}
