/** Where modules lie, as far as a log says: to name those in whose code a tag was found. */

const MAX_RANGES = 2000;
/** A driver's image is smaller; what lies farther behind its base is not taken for it. */
const MAX_IMAGE = 4n << 20n;

interface Range {
  readonly name: string;
  readonly from: bigint;
  readonly to: bigint;
}

export class Modules {
  readonly #ranges: Range[] = [];
  readonly #bases: Range[] = [];

  /** A range that the log prints (`lm`), or the routine around an address (`ln`). */
  add(name: string, from: bigint, to: bigint): void {
    if (to > from && this.#ranges.length < MAX_RANGES) this.#ranges.push({ name, from, to });
  }

  /** `myfault+0x1634` at an address: where the module begins, and no more. */
  addBase(name: string, base: bigint): void {
    if (this.#bases.length >= MAX_RANGES || this.#bases.some((b) => b.name === name && b.from === base)) return;
    this.#bases.push({ name, from: base, to: base + MAX_IMAGE });
  }

  /** The module at an address; null where the log does not say. Printed ranges go before what is known of bases only. */
  at(address: bigint): string | null {
    const covers = ({ from, to }: Range): boolean => from <= address && address < to;
    const known = this.#ranges.find(covers);
    if (known !== undefined) return known.name;
    let nearest: Range | null = null;
    for (const base of this.#bases) if (covers(base) && (nearest === null || base.from > nearest.from)) nearest = base;
    return nearest?.name ?? null;
  }
}
