/** Rows of a debugger's log as they come, kept with their places: a log is small beside a trace, and every answer joins them. */
import type { Finish } from '../../core/analysis.js';
import type { Evidence } from '../../core/evidence.js';
import type { Row, TableDef } from '../../core/schema.js';
import { type Batch, type Cite, isBatchOf, rowReader } from '../../core/table.js';
import { callStack } from '../../tables/call-stack.js';
import { DUMP_TABLES } from '../../tables/index.js';
import { poolCounter, poolTag } from '../../tables/pool-snapshot.js';
import { type Frame, FrameReader } from './frames.js';

/** As many rows of one table as are kept. */
const MAX_ROWS = 2_000_000;

/** A row, where it stands, and its number among all rows: later ones were printed later. */
export type Placed<T extends TableDef> = Row<T> & {
  readonly at: { readonly source: number; readonly cite: Cite };
};

/** Anything that can be cited. */
export interface Cited {
  readonly at: { readonly source: number; readonly cite: Cite };
}

/** All that `dump` reads. */
export const READ_BY_DUMP: readonly TableDef[] = [callStack, ...DUMP_TABLES, poolTag, poolCounter];

export class DumpRows {
  readonly #rows = new Map<TableDef, Placed<TableDef>[]>();
  /** By source, then by the number of the stack. */
  readonly #stacks: Frame[][][] = [];
  readonly #frames = new FrameReader();
  /** Rows for which there was no room. */
  left = 0;

  add(batch: Batch): void {
    if (isBatchOf(batch, callStack)) this.#addFrames(batch);
    else this.#addRows(batch);
  }

  /** The rows of a table, in the order of the log. */
  of<T extends TableDef>(table: T): readonly Placed<T>[] {
    return (this.#rows.get(table) ?? []) as unknown as readonly Placed<T>[];
  }

  /** Keeps only some rows of a table. */
  keep(table: TableDef, isKept: (row: Cited) => boolean): void {
    this.#rows.set(table, (this.#rows.get(table) ?? []).filter(isKept));
  }

  /** Puts rows in front of those of a table. */
  put<T extends TableDef>(table: T, rows: readonly Placed<T>[]): void {
    if (rows.length > 0)
      this.#rows.set(table, [...(rows as unknown as Placed<TableDef>[]), ...(this.#rows.get(table) ?? [])]);
  }

  /** Takes out what one source gave. */
  without(source: number): void {
    for (const [table, rows] of this.#rows) {
      this.#rows.set(
        table,
        rows.filter((row) => row.at.source !== source),
      );
    }
  }

  /** Frames of a stack, innermost first; empty where there is none. */
  framesOf(source: number, stack: number | null): readonly Frame[] {
    return stack === null ? NO_FRAMES : (this.#stacks[source]?.[stack] ?? NO_FRAMES);
  }

  #addRows(batch: Batch): void {
    const kept = this.#rows.get(batch.table) ?? [];
    this.#rows.set(batch.table, kept);
    const read = rowReader(batch);
    for (let i = 0; i < batch.n; i++) {
      if (kept.length >= MAX_ROWS) this.left++;
      else kept.push({ ...read(i), at: { source: batch.source, cite: batch.cite(i) } } as Placed<TableDef>);
    }
  }

  #addFrames(batch: Batch<typeof callStack>): void {
    const { cols, dicts } = batch;
    this.#stacks[batch.source] ??= [];
    const stacks = this.#stacks[batch.source];
    for (let i = 0; i < batch.n; i++) {
      stacks[cols.stack[i]] ??= [];
      stacks[cols.stack[i]].push(
        this.#frames.read(cols.address[i], dicts.module.get(cols.module[i]), dicts.routine.get(cols.routine[i])),
      );
    }
  }
}

/** One for all threads without a stack, so that what is known of a stack is known once. */
const NO_FRAMES: readonly Frame[] = [];

/** Evidence of rows, each line once, in the order given. */
export function evidenceOf(context: Finish, rows: readonly Cited[], most = 8): Evidence[] {
  if (rows.length === 1) return [context.evidence(rows[0].at.source, rows[0].at.cite)];
  const seen = new Set<string>();
  const found: Evidence[] = [];
  for (const { at } of rows) {
    const key = `${at.source} ${at.cite.line} ${at.cite.byte}`;
    if (seen.has(key)) continue;
    seen.add(key);
    found.push(context.evidence(at.source, at.cite));
    if (found.length >= most) break;
  }
  return found;
}
