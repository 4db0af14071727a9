/** Which image covers an address, from image load and rundown rows. */
import { fileName, parseAddress } from '../core/symbol.js';
import { type Batch, type Consumer, isBatchOf } from '../core/table.js';
import { image } from '../tables/image.js';

interface Loaded {
  readonly base: bigint;
  readonly end: bigint;
  readonly name: string;
}

/** Kernel images only: DPCs and ISRs run in no other. They lie in the upper half of the address space. */
const KERNEL_64 = 0xffff_8000_0000_0000n;
const KERNEL_32 = 0x8000_0000n;
const MAX_IMAGES = 20_000;

class ImageMap {
  readonly #images: Loaded[] = [];
  readonly #names = new Map<string, string | null>();
  #sorted = true;

  add(batch: Batch<typeof image>): void {
    const { cols, dicts, n } = batch;
    for (let i = 0; i < n; i++) {
      const base = cols.base[i];
      const end = cols.end[i];
      const path = dicts.path.get(cols.path[i]);
      const kernel = base >= KERNEL_64 || (base >= KERNEL_32 && base < 0x1_0000_0000n);
      if (!kernel || end <= base || path === null || this.#images.length >= MAX_IMAGES) continue;
      this.#images.push({ base, end, name: fileName(path) });
      this.#sorted = false;
      this.#names.clear();
    }
  }

  /**
   * File name of the image that covers an address printed as `0x…`; null for other text and for addresses outside all
   * images. Where two images used the same addresses one after the other the answer is null too: which one the address
   * belongs to cannot be told from the address alone.
   */
  module(routine: string): string | null {
    const known = this.#names.get(routine);
    if (known !== undefined) return known;
    const name = this.#find(routine);
    this.#names.set(routine, name);
    return name;
  }

  /** How far behind the first byte of its image an address lies; null where the images do not tell one from another. */
  offset(address: bigint): bigint | null {
    const bases = new Set(this.#covering(address).map(({ base }) => base));
    return bases.size === 1 ? address - [...bases][0] : null;
  }

  #find(routine: string): string | null {
    if (!routine.startsWith('0x')) return null;
    const address = parseAddress(routine);
    if (address === null) return null;
    const names = new Set(this.#covering(address).map(({ name }) => name));
    return names.size === 1 ? [...names][0] : null;
  }

  #covering(address: bigint): Loaded[] {
    if (!this.#sorted) {
      this.#images.sort((a, b) => (a.base < b.base ? -1 : a.base > b.base ? 1 : 0));
      this.#sorted = true;
    }
    const covering: Loaded[] = [];
    for (const loaded of this.#images) {
      if (loaded.base > address) break;
      if (address < loaded.end) covering.push(loaded);
    }
    return covering;
  }
}

/** The images of each source: put in front of the analyses, which ask for the module of an address once all is read. */
export class Images {
  readonly #bySource = new Map<number, ImageMap>();

  readonly consume: Consumer = (batch: Batch) => {
    if (isBatchOf(batch, image)) this.of(batch.source).add(batch);
  };

  of(source: number): ImageMap {
    let map = this.#bySource.get(source);
    if (map === undefined) {
      map = new ImageMap();
      this.#bySource.set(source, map);
    }
    return map;
  }
}
