/** Whether the messages of a source come with the newest first, as event logs are mostly exported. */
export class TimeOrder {
  #back = 0;
  #forward = 0;

  /** Instants of a batch, as they come; NaN is none. All batches of the source so far decide: the last one may be of a few rows. */
  add(atUs: Float64Array, count: number): void {
    let last = Number.NaN;
    for (let i = 0; i < count; i++) {
      const at = atUs[i];
      if (at < last) this.#back++;
      else if (at > last) this.#forward++;
      if (!Number.isNaN(at)) last = at;
    }
  }

  get isBackwards(): boolean {
    return this.#back > this.#forward;
  }
}
