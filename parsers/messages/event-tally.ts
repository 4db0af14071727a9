/** Counts messages by provider: by number while they are read, by name at the end. */
import type { Output } from '../../src/core/parser.js';
import type { Dictionary } from '../../src/core/table.js';

const NO_PROVIDER = 'message';

export class EventTally {
  /** By provider's id + 1. */
  #counts = new Float64Array(256);
  #bytes = new Float64Array(256);

  constructor(private readonly providers: Dictionary) {}

  /** One message of a provider (-1 for none) of so many bytes. */
  add(provider: number, bytes: number): void {
    const slot = provider + 1;
    if (slot >= this.#counts.length) this.#grow(slot);
    this.#counts[slot]++;
    this.#bytes[slot] += bytes;
  }

  /** Adds what was counted to `out.events`; once. */
  tell(out: Output): void {
    for (let slot = 0; slot < this.#counts.length; slot++) {
      const count = this.#counts[slot];
      if (count === 0) continue;
      const name = this.providers.get(slot - 1) ?? NO_PROVIDER;
      const before = out.events.get(name)?.count ?? 0;
      out.countEvent(name, this.#bytes[slot]);
      const entry = out.events.get(name);
      // Names beyond those that are counted one by one have been put together: they count as one there.
      if (entry !== undefined) entry.count = before + count;
    }
  }

  #grow(slot: number): void {
    const length = 2 * Math.max(slot, this.#counts.length);
    for (const which of ['counts', 'bytes'] as const) {
      const larger = new Float64Array(length);
      larger.set(which === 'counts' ? this.#counts : this.#bytes);
      if (which === 'counts') this.#counts = larger;
      else this.#bytes = larger;
    }
  }
}
