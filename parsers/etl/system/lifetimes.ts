/** Who an id belonged to, and when: ids of processes and threads are used again. */

interface Span<T> {
  readonly value: T;
  readonly from: number;
  to: number;
}

/** Holders of one id that are told apart: more than any log has, few enough that no made-up log makes a look-up slow. */
const MAX_SPANS = 512;

export class Lifetimes<T> {
  /** Holders for which there was no room. */
  dropped = 0;
  readonly #spans = new Map<number, Span<T>[]>();
  /** Those of them that have not ended yet: seldom more than one for an id. */
  readonly #open = new Map<number, Span<T>[]>();

  constructor(private readonly same: (a: T, b: T) => boolean) {}

  /** It began at `ticks`: whoever held the id until then has ended, even where the log does not say so. */
  begin(id: number, value: T, ticks: number): void {
    const still = [];
    for (const span of this.#open.get(id) ?? []) {
      if (span.from < ticks) span.to = ticks;
      else still.push(span);
    }
    this.#open.set(id, still);
    this.#add(id, { value, from: ticks, to: Number.POSITIVE_INFINITY });
  }

  /** It was there at the start or at the end of the trace: nothing says since when, unless it was seen to begin. */
  rundown(id: number, value: T): void {
    const open = this.#open.get(id)?.find((s) => this.same(s.value, value));
    if (open === undefined) this.#add(id, { value, from: this.#endOfLast(id), to: Number.POSITIVE_INFINITY });
  }

  /** It ended at `ticks`; where nothing said that it began it was there from the start. */
  end(id: number, value: T, ticks: number): void {
    const open = this.#open.get(id) ?? [];
    const at = open.findLastIndex((s) => s.from <= ticks && this.same(s.value, value));
    if (at < 0) this.#add(id, { value, from: Number.NEGATIVE_INFINITY, to: ticks });
    else {
      open[at].to = ticks;
      open.splice(at, 1);
    }
  }

  /** Whose id it was at `ticks`; of one holder only that one, even right before its beginning or after its end. */
  at(id: number, ticks: number): T | null {
    const spans = this.#spans.get(id);
    if (spans === undefined) return null;
    if (spans.length === 1) return spans[0].value;
    for (const span of spans) if (span.from <= ticks && ticks <= span.to) return span.value;
    return null;
  }

  /** The one that ever held an id; null where there were several, or none. */
  only(id: number): T | null {
    const spans = this.#spans.get(id);
    return spans?.length === 1 ? spans[0].value : null;
  }

  /** The end of the last holder that is known to have ended; none, the start. */
  #endOfLast(id: number): number {
    let last = Number.NEGATIVE_INFINITY;
    for (const { to } of this.#spans.get(id) ?? []) if (to !== Number.POSITIVE_INFINITY && to > last) last = to;
    return last;
  }

  #add(id: number, span: Span<T>): void {
    const spans = this.#spans.get(id) ?? [];
    if (spans.length >= MAX_SPANS) {
      this.dropped++;
      return;
    }
    spans.push(span);
    this.#spans.set(id, spans);
    if (span.to !== Number.POSITIVE_INFINITY) return;
    const open = this.#open.get(id);
    if (open === undefined) this.#open.set(id, [span]);
    else open.push(span);
  }
}
