/** Blocks that are out, but not for as long as was asked for, by slot. */
export class YoungBlocks {
  readonly #bySlot = new Map<number, { count: number; bytes: number }>();

  add(slot: number, bytes: number): void {
    const young = this.#bySlot.get(slot) ?? { count: 0, bytes: 0 };
    young.count++;
    young.bytes += bytes;
    this.#bySlot.set(slot, young);
  }

  of(slot: number): { readonly count: number; readonly bytes: number } {
    return this.#bySlot.get(slot) ?? NONE;
  }
}

const NONE = { count: 0, bytes: 0 };
