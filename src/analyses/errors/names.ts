/** Texts of dictionary columns as numbers that hold over all batches and sources. */
import type { Batch, Dictionary } from '../../core/table.js';

export class Names {
  readonly texts: string[] = [];
  readonly #ids = new Map<string, number>();
  readonly #columns = new Map<string, number[]>();

  id(text: string): number {
    let id = this.#ids.get(text);
    if (id === undefined) {
      id = this.texts.push(text) - 1;
      this.#ids.set(text, id);
    }
    return id;
  }

  /** For a column of a batch: from its dictionary's number to ours; -1 stays -1. */
  of(batch: Batch, column: string): (id: number) => number {
    const dictionary = (batch.dicts as Readonly<Record<string, Dictionary>>)[column];
    const key = `${batch.source} ${batch.table.name} ${column}`;
    let known = this.#columns.get(key);
    if (known === undefined) {
      known = [];
      this.#columns.set(key, known);
    }
    const ids = known;
    return (id) => {
      if (id < 0) return -1;
      ids[id] ??= this.id(dictionary.get(id) as string);
      return ids[id];
    };
  }

  /** The text of a number; null for -1. */
  text = (id: number): string | null => (id < 0 ? null : this.texts[id]);
}
