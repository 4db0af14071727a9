/**
 * ALPC messages that the dump's threads wait for in the traces: kernel events ALPC/WaitForReply, /Unwait and /ReceiveMessage, whose MessageID
 * says which message (https://learn.microsoft.com/windows/win32/etw/alpc).
 */
import { NULL_I32 } from '../../src/core/schema.js';
import { type Batch, type Cite, isBatchOf } from '../../src/core/table.js';
import { genericEvent } from '../../src/tables/event.js';
import type { Probe } from './probe.js';

/** Who took a message. */
interface Receiver {
  readonly tid: number;
  readonly process: string | null;
  readonly cite: Cite;
}

export interface UnansweredMessage {
  readonly source: number;
  readonly tid: number;
  readonly messageId: number;
  readonly atUs: number;
  readonly cite: Cite;
  /** Null where the trace shows nobody who took it. */
  readonly receiver: Receiver | null;
}

/** Ids are used again: only what was received lately may be the message. */
const MAX_RECEIVED = 4096;
const EVENT = /^ALPC\/(?:ALPC[-_ ]?)?(WaitForReply|Unwait|ReceiveMessage)$/i;
const MESSAGE_ID = /"MessageID":(?:")?(\d{1,10})/;

export class AlpcMessages implements Probe {
  readonly reads = [genericEvent];
  readonly #waiting = new Map<string, Omit<UnansweredMessage, 'receiver'>>();
  /** By source and message, the last ones. */
  readonly #received = new Map<string, Receiver>();

  constructor(private readonly tids: ReadonlySet<number>) {}

  add(batch: Batch): void {
    if (!isBatchOf(batch, genericEvent)) return;
    const { cols, dicts, n, source } = batch;
    for (let i = 0; i < n; i++) {
      const kind = EVENT.exec(dicts.name.get(cols.name[i]) ?? '')?.[1].toLowerCase();
      const tid = cols.tid[i];
      if (kind === undefined || tid === NULL_I32) continue;
      const messageId = Number(MESSAGE_ID.exec(cols.fields[i] ?? '')?.[1] ?? Number.NaN);
      if (kind === 'receivemessage') this.#receive(batch, i, tid, messageId);
      else if (!this.tids.has(tid)) continue;
      else if (kind === 'unwait') this.#waiting.delete(`${source} ${tid}`);
      else if (!Number.isNaN(messageId)) {
        this.#waiting.set(`${source} ${tid}`, { source, tid, messageId, atUs: cols.atUs[i], cite: batch.cite(i) });
      }
    }
  }

  #receive(batch: Batch<typeof genericEvent>, i: number, tid: number, messageId: number): void {
    if (Number.isNaN(messageId)) return;
    const key = `${batch.source} ${messageId}`;
    // Put in again at the end, so that the oldest is the first.
    this.#received.delete(key);
    this.#received.set(key, { tid, process: batch.dicts.process.get(batch.cols.process[i]), cite: batch.cite(i) });
    if (this.#received.size > MAX_RECEIVED) this.#received.delete(this.#received.keys().next().value as string);
  }

  /** The message for whose reply a thread still waits at the end of a trace; null where it waits for none. */
  of(tid: number): UnansweredMessage | null {
    for (const wait of this.#waiting.values()) {
      if (wait.tid !== tid) continue;
      return { ...wait, receiver: this.#received.get(`${wait.source} ${wait.messageId}`) ?? null };
    }
    return null;
  }
}
