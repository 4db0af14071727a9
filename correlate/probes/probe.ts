/** What is looked for in the traces beside what the other commands answer. */
import type { TableDef } from '../../src/core/schema.js';
import type { Batch } from '../../src/core/table.js';

/** Sees each batch of its tables once; keeps what the dump asks for, within bounds. */
export interface Probe {
  readonly reads: readonly TableDef[];
  add(batch: Batch): void;
}
