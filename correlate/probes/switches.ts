/** When the dump's threads last ran in the traces, and who used to make them ready. */
import { pushTo } from '../../src/core/push-to.js';
import { NULL_I32 } from '../../src/core/schema.js';
import { type Batch, type Cite, isBatchOf } from '../../src/core/table.js';
import { cswitch } from '../../src/tables/cswitch.js';
import { readyThread } from '../../src/tables/ready-thread.js';
import type { Probe } from './probe.js';

export interface Switched {
  readonly source: number;
  readonly tid: number;
  pid: number | null;
  process: string | null;
  /** Times that it was switched in. */
  runs: number;
  lastInUs: number;
  /** When it was last switched out, to what state, for what reason. */
  lastOutUs: number;
  outState: string | null;
  waitReason: string | null;
  lastOut: Cite | null;
  /** When it was last made ready, and by whom; others before. */
  lastReadyUs: number;
  lastReady: Cite | null;
  readonly readiedBy: Map<number, { readonly tid: number; process: string | null; count: number; inDpc: number }>;
}

const MAX_READIERS = 64;

export class Switches implements Probe {
  readonly reads = [cswitch, readyThread];
  readonly #switched = new Map<string, Switched>();
  readonly #byTid = new Map<number, Switched[]>();

  /** `threads`: those that are asked for. */
  constructor(readonly threads: ReadonlySet<number>) {}

  /** False where no thread is asked for. */
  get isAsked(): boolean {
    return this.threads.size > 0;
  }

  add(batch: Batch): void {
    if (isBatchOf(batch, cswitch)) this.#switches(batch);
    else if (isBatchOf(batch, readyThread)) this.#ready(batch);
  }

  #switches(batch: Batch<typeof cswitch>): void {
    const { cols, dicts, n, source } = batch;
    // The text of the last one of a batch is enough.
    const last = new Map<Switched, number>();
    for (let i = 0; i < n; i++) {
      const atUs = cols.atUs[i];
      const newTid = cols.newTid[i];
      const oldTid = cols.oldTid[i];
      if (this.threads.has(newTid)) {
        const thread = this.#of(source, newTid, cols.newPid[i], dicts.newProcess.get(cols.newProcess[i]));
        thread.runs++;
        thread.lastInUs = atUs;
      }
      if (!this.threads.has(oldTid)) continue;
      const thread = this.#of(source, oldTid, cols.oldPid[i], dicts.oldProcess.get(cols.oldProcess[i]));
      thread.lastOutUs = atUs;
      thread.outState = dicts.oldState.get(cols.oldState[i]);
      thread.waitReason = dicts.waitReason.get(cols.waitReason[i]);
      last.set(thread, i);
    }
    for (const [thread, row] of last) thread.lastOut = batch.cite(row);
  }

  #ready(batch: Batch<typeof readyThread>): void {
    const { cols, dicts, n, source } = batch;
    const last = new Map<Switched, number>();
    for (let i = 0; i < n; i++) {
      const tid = cols.readyTid[i];
      if (!this.threads.has(tid)) continue;
      const thread = this.#of(source, tid, cols.readyPid[i], dicts.readyProcess.get(cols.readyProcess[i]));
      thread.lastReadyUs = cols.atUs[i];
      last.set(thread, i);
      const by = cols.tid[i];
      if (by === NULL_I32) continue;
      let readier = thread.readiedBy.get(by);
      if (readier === undefined) {
        if (thread.readiedBy.size >= MAX_READIERS) continue;
        readier = { tid: by, process: dicts.process.get(cols.process[i]), count: 0, inDpc: 0 };
        thread.readiedBy.set(by, readier);
      }
      readier.count++;
      if (/^(?:1|true|yes)$/i.test(dicts.inDpc.get(cols.inDpc[i]) ?? '')) readier.inDpc++;
    }
    for (const [thread, row] of last) thread.lastReady = batch.cite(row);
  }

  #of(source: number, tid: number, pid: number, process: string | null): Switched {
    const key = `${source} ${tid}`;
    let thread = this.#switched.get(key);
    if (thread === undefined) {
      thread = {
        source,
        tid,
        pid: pid === NULL_I32 ? null : pid,
        process,
        runs: 0,
        lastInUs: Number.NaN,
        lastOutUs: Number.NaN,
        outState: null,
        waitReason: null,
        lastOut: null,
        lastReadyUs: Number.NaN,
        lastReady: null,
        readiedBy: new Map(),
      };
      this.#switched.set(key, thread);
      pushTo(this.#byTid, tid, thread);
    }
    return thread;
  }

  of(tid: number): readonly Switched[] {
    return this.#byTid.get(tid) ?? [];
  }
}
