/** The rows of a debugger's log that say when the dump was taken, and which trace sessions lie in it. */
import { type Batch, type Cite, isBatchOf } from '../../src/core/table.js';
import { dumpFact } from '../../src/tables/dump-system.js';
import type { Probe } from './probe.js';

export interface DumpFactRow {
  readonly source: number;
  readonly value: string | null;
  readonly number: number | null;
  readonly cite: Cite;
}

const OF_SYSTEM = new Set(['debugSessionUtc', 'uptimeMs']);
const MAX_LOGGERS = 64;

export class DumpFacts implements Probe {
  readonly reads = [dumpFact];
  /** The first of each. */
  readonly system = new Map<string, DumpFactRow>();
  /** Trace sessions, by id. */
  readonly loggers = new Map<number, DumpFactRow>();

  add(batch: Batch): void {
    if (!isBatchOf(batch, dumpFact)) return;
    const { cols, dicts, n } = batch;
    for (let i = 0; i < n; i++) {
      const subject = dicts.subject.get(cols.subject[i]) ?? '';
      const name = dicts.name.get(cols.name[i]) ?? '';
      const row = (): DumpFactRow => ({
        source: batch.source,
        value: cols.value[i],
        number: Number.isNaN(cols.number[i]) ? null : cols.number[i],
        cite: batch.cite(i),
      });
      if (subject === 'system' && OF_SYSTEM.has(name) && !this.system.has(name)) this.system.set(name, row());
      const logger = /^logger (\d{1,5})$/.exec(subject);
      if (logger === null || name !== 'name' || this.loggers.size >= MAX_LOGGERS) continue;
      const id = Number(logger[1]);
      if (!this.loggers.has(id)) this.loggers.set(id, row());
    }
  }
}
