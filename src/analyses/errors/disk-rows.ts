/** Disk events of the event log, added up by disk and by what happened. */
import type { Finish } from '../../core/analysis.js';
import type { Batch, Cite } from '../../core/table.js';
import type { logMessage } from '../../tables/log-message.js';
import { type DiskEvent, decodeDiskEvent } from './disk-events.js';
import type { DiskErrors } from './result.js';

/** Different errors that are told apart. */
const MAX_KINDS = 10_000;
/** Messages quoted of each. */
const CITED = 3;

interface Sum {
  readonly event: DiskEvent;
  readonly provider: string | null;
  readonly eventId: number;
  count: number;
  firstUs: number;
  lastUs: number;
  readonly cites: { readonly source: number; readonly cite: Cite }[];
}

export class DiskRows {
  readonly #sums = new Map<string, Sum>();
  left = 0;

  add(batch: Batch<typeof logMessage>, offsetUs: number, passes: (i: number) => boolean): void {
    const { cols, dicts, n } = batch;
    for (let i = 0; i < n; i++) {
      const eventId = cols.eventId[i];
      // No event of a disk has a higher number.
      if (!(eventId > 0 && eventId < 512) || !passes(i)) continue;
      const provider = dicts.provider.get(cols.provider[i]);
      const { dataHex, message } = cols;
      const event = decodeDiskEvent({ provider, eventId, dataHex: dataHex[i], message: message.get(i) });
      if (event !== null) this.#count(event, provider, eventId, cols.atUs[i] + offsetUs, batch, i);
    }
  }

  #count(event: DiskEvent, provider: string | null, eventId: number, atUs: number, batch: Batch, i: number): void {
    const { disk, kind, scsiStatus, srbStatus, command, meaning } = event;
    const key = [provider, eventId, disk, kind, scsiStatus?.code, srbStatus?.code, command?.code, meaning].join('|');
    let sum = this.#sums.get(key);
    if (sum === undefined) {
      if (this.#sums.size >= MAX_KINDS) {
        this.left++;
        return;
      }
      sum = { event, provider, eventId, count: 0, firstUs: Number.NaN, lastUs: Number.NaN, cites: [] };
      this.#sums.set(key, sum);
    }
    sum.count++;
    if (!(sum.firstUs <= atUs)) sum.firstUs = atUs;
    if (!(sum.lastUs >= atUs)) sum.lastUs = atUs;
    if (sum.cites.length < CITED) sum.cites.push({ source: batch.source, cite: batch.cite(i) });
  }

  finish(context: Finish): DiskErrors[] {
    const known = (us: number): number | null => (Number.isFinite(us) ? us : null);
    return [...this.#sums.values()]
      .map(({ event, provider, eventId, count, firstUs, lastUs, cites }) => ({
        ...event,
        provider,
        eventId,
        count,
        // Of several the first one's block would be taken for all of theirs.
        lba: count === 1 ? event.lba : null,
        firstUs: known(firstUs),
        lastUs: known(lastUs),
        evidence: cites.map(({ source, cite }) => context.evidence(source, cite)),
      }))
      .sort((a, b) => b.count - a.count || (a.firstUs ?? 0) - (b.firstUs ?? 0));
  }
}
