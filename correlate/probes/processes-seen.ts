/** Processes and threads of the traces: which id was whose, and how many each process started. */
import { pushTo } from '../../src/core/push-to.js';
import { NULL_I32 } from '../../src/core/schema.js';
import { type Batch, type Cite, isBatchOf } from '../../src/core/table.js';
import { processTable } from '../../src/tables/process.js';
import { threadTable } from '../../src/tables/thread.js';
import type { Probe } from './probe.js';

/** One process while it lived: ids are used again. */
export interface SeenProcess {
  readonly source: number;
  readonly pid: number;
  readonly process: string;
  readonly parentPid: number | null;
  /** µs; null of one that was there before. */
  readonly startedUs: number | null;
  endedUs: number | null;
  readonly cite: Cite;
}

export interface SeenThread {
  readonly source: number;
  readonly tid: number;
  readonly pid: number | null;
  readonly process: string | null;
  readonly startedUs: number | null;
  endedUs: number | null;
  readonly cite: Cite;
}

const MAX_PROCESSES = 50_000;
const MAX_THREADS = 50_000;

export class ProcessesSeen implements Probe {
  readonly reads = [processTable, threadTable];
  readonly processes: SeenProcess[] = [];
  readonly #threads = new Map<number, SeenThread[]>();
  #threadCount = 0;
  /** The one that has an id at present, by source and id. */
  readonly #byPid = new Map<string, SeenProcess>();
  readonly #byTid = new Map<string, SeenThread>();

  /** `tids`: threads of the dump; others are not kept. */
  constructor(private readonly tids: ReadonlySet<number>) {}

  add(batch: Batch): void {
    if (isBatchOf(batch, processTable)) this.#addProcesses(batch);
    else if (isBatchOf(batch, threadTable)) this.#addThreads(batch);
  }

  #addProcesses(batch: Batch<typeof processTable>): void {
    const { cols, dicts, n } = batch;
    for (let i = 0; i < n; i++) {
      const pid = cols.pid[i];
      const process = dicts.process.get(cols.process[i]);
      if (pid === NULL_I32 || process === null) continue;
      const event = dicts.event.get(cols.event[i]);
      const key = `${batch.source} ${pid}`;
      const known = this.#byPid.get(key);
      const isEnd = event === 'end' || event === 'defunct';
      if (isEnd && known !== undefined) known.endedUs ??= cols.atUs[i];
      // Rundown tells again of those that are known.
      if (known !== undefined && known.process === process && event !== 'start') continue;
      if (this.processes.length >= MAX_PROCESSES) continue;
      const seen: SeenProcess = {
        source: batch.source,
        pid,
        process,
        parentPid: cols.parentPid[i] === NULL_I32 ? null : cols.parentPid[i],
        startedUs: event === 'start' ? cols.atUs[i] : null,
        endedUs: isEnd ? cols.atUs[i] : null,
        cite: batch.cite(i),
      };
      this.processes.push(seen);
      this.#byPid.set(key, seen);
    }
  }

  #addThreads(batch: Batch<typeof threadTable>): void {
    const { cols, dicts, n } = batch;
    for (let i = 0; i < n; i++) {
      const tid = cols.tid[i];
      if (!this.tids.has(tid)) continue;
      const event = dicts.event.get(cols.event[i]);
      const key = `${batch.source} ${tid}`;
      const known = this.#byTid.get(key);
      if (event === 'end' && known !== undefined) known.endedUs ??= cols.atUs[i];
      if ((known !== undefined && event !== 'start') || this.#threadCount >= MAX_THREADS) continue;
      const seen: SeenThread = {
        source: batch.source,
        tid,
        pid: cols.pid[i] === NULL_I32 ? null : cols.pid[i],
        process: dicts.process.get(cols.process[i]),
        startedUs: event === 'start' ? cols.atUs[i] : null,
        endedUs: event === 'end' ? cols.atUs[i] : null,
        cite: batch.cite(i),
      };
      pushTo(this.#threads, tid, seen);
      this.#threadCount++;
      this.#byTid.set(key, seen);
    }
  }

  /** Threads that had an id, one after the other. */
  threadsOf(tid: number): readonly SeenThread[] {
    return this.#threads.get(tid) ?? [];
  }
}
