/** Keeps the `n` largest of many. 0 keeps all. Ask `wants` first: most values need not be made at all. */
export class LargestN<T> {
  readonly #heap: { key: number; order: number; value: T }[] = [];
  readonly #max: number;
  #seen = 0;

  constructor(n: number) {
    this.#max = n === 0 ? Number.POSITIVE_INFINITY : n;
  }

  /** True where a value of this key would be kept. */
  wants(key: number): boolean {
    return this.#heap.length < this.#max || key > this.#heap[0].key;
  }

  add(key: number, value: T): void {
    if (!this.wants(key)) return;
    const heap = this.#heap;
    const entry = { key, order: this.#seen++, value };
    if (heap.length < this.#max) {
      heap.push(entry);
      this.#up(heap.length - 1);
    } else {
      heap[0] = entry;
      this.#down(0);
    }
  }

  /** Largest first; equal ones in the order in which they came. */
  sorted(): T[] {
    return [...this.#heap].sort((a, b) => b.key - a.key || a.order - b.order).map((e) => e.value);
  }

  /** Among equal keys the later one is the smaller, so that the first ones stay. */
  #less(a: number, b: number): boolean {
    const x = this.#heap[a];
    const y = this.#heap[b];
    return x.key < y.key || (x.key === y.key && x.order > y.order);
  }

  #swap(a: number, b: number): void {
    const kept = this.#heap[a];
    this.#heap[a] = this.#heap[b];
    this.#heap[b] = kept;
  }

  #up(at: number): void {
    for (let i = at; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (!this.#less(i, parent)) return;
      this.#swap(i, parent);
      i = parent;
    }
  }

  #down(at: number): void {
    for (let i = at; ; ) {
      const left = 2 * i + 1;
      if (left >= this.#heap.length) return;
      const right = left + 1;
      const child = right < this.#heap.length && this.#less(right, left) ? right : left;
      if (!this.#less(child, i)) return;
      this.#swap(i, child);
      i = child;
    }
  }
}
