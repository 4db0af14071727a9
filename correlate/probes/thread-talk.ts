/** What the dump's threads and processes said in the traces: how much, and what last. */
import { pushTo } from '../../src/core/push-to.js';
import { NULL_I32 } from '../../src/core/schema.js';
import { type Batch, type Cite, isBatchOf } from '../../src/core/table.js';
import { genericEvent } from '../../src/tables/event.js';
import { logMessage } from '../../src/tables/log-message.js';
import type { Probe } from './probe.js';

export interface Talk {
  readonly source: number;
  readonly pid: number | null;
  readonly tid: number;
  readonly process: string | null;
  count: number;
  firstUs: number;
  lastUs: number;
  /** The last message; its text and place. */
  last: Cite | null;
}

const MAX_TALKS = 20_000;

export class ThreadTalk implements Probe {
  readonly reads = [logMessage, genericEvent];
  readonly #talks = new Map<string, Talk>();
  readonly #byTid = new Map<number, Talk[]>();

  /** `tids`: threads of the dump; others are not kept. `quoted`: those of which the last words are wanted. */
  constructor(
    private readonly tids: ReadonlySet<number>,
    private readonly quoted: ReadonlySet<number>,
  ) {}

  add(batch: Batch): void {
    if (this.tids.size === 0) return;
    if (isBatchOf(batch, logMessage)) this.#rows(batch as never);
    else if (isBatchOf(batch, genericEvent)) this.#rows(batch as never);
  }

  #rows(batch: Batch<typeof logMessage>): void {
    const { cols, dicts, n, source } = batch;
    const open = new Map<Talk, number>();
    for (let i = 0; i < n; i++) {
      const tid = cols.tid[i];
      if (tid === NULL_I32 || !this.tids.has(tid)) continue;
      const pid = cols.pid[i];
      const key = `${source} ${pid} ${tid}`;
      let talk = this.#talks.get(key);
      if (talk === undefined) {
        if (this.#talks.size >= MAX_TALKS) continue;
        talk = {
          source,
          tid,
          pid: pid === NULL_I32 ? null : pid,
          process: dicts.process.get(cols.process[i]),
          count: 0,
          firstUs: cols.atUs[i],
          lastUs: cols.atUs[i],
          last: null,
        };
        this.#talks.set(key, talk);
        pushTo(this.#byTid, tid, talk);
      }
      talk.count++;
      if (!(cols.atUs[i] < talk.lastUs)) {
        talk.lastUs = cols.atUs[i];
        open.set(talk, i);
      }
    }
    // One text for each batch: the rows before are not the last.
    for (const [talk, row] of open) if (this.quoted.has(talk.tid)) talk.last = batch.cite(row);
  }

  /** All that a thread id said, whatever the process. */
  of(tid: number): readonly Talk[] {
    return this.#byTid.get(tid) ?? [];
  }
}
