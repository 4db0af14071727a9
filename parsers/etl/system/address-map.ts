/** Which image lay at an address, in which process and when. */

/** An image that was mapped: its pages, its life, its number. */
interface Mapped {
  readonly startPage: number;
  readonly endPage: number;
  readonly image: number;
  readonly from: number;
  to: number;
}

const PAGE = 4096n;
/** Images looked at behind an address: more than ever overlap, fewer than make a look-up slow. */
const MAX_STEPS = 64;
/** Kernel addresses, as page numbers: exact in a double. */
const KERNEL_64 = 2 ** 51;
const KERNEL_32 = 0x8000_0000 / 4096;
const END_32 = 2 ** 20;

/** An address as the number of its page, from its two words. */
export const pageOf = (low: number, high: number): number => (high >>> 0) * 1048576 + (low >>> 12);

export class AddressMap {
  readonly #kernel: Pages = new Pages();
  readonly #byPid = new Map<number, Pages>();

  loaded(pid: number, base: bigint, size: bigint, image: number, ticks: number): void {
    this.#add(pid, base, size, image, ticks, Number.POSITIVE_INFINITY);
  }

  /** It was there at the start or at the end of the trace. */
  rundown(pid: number, base: bigint, size: bigint, image: number): void {
    const pages = this.#pages(pid, base);
    if (pages.open(base, image) === null)
      this.#add(pid, base, size, image, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
  }

  unloaded(pid: number, base: bigint, size: bigint, image: number, ticks: number): void {
    const open = this.#pages(pid, base).open(base, image);
    if (open !== null) open.to = ticks;
    else this.#add(pid, base, size, image, Number.NEGATIVE_INFINITY, ticks);
  }

  /** Number of the image at a page; -1 where there is none, or where it cannot be told which of several. */
  find(page: number, pid: number, ticks: number): number {
    return this.#mappedAt(page, pid, ticks)?.image ?? -1;
  }

  /** First page of the image at a page; -1 where `find` knows none. */
  startPage(page: number, pid: number, ticks: number): number {
    return this.#mappedAt(page, pid, ticks)?.startPage ?? -1;
  }

  #mappedAt(page: number, pid: number, ticks: number): Mapped | null {
    if (page >= KERNEL_64) return this.#kernel.find(page, ticks);
    const own = this.#byPid.get(pid)?.find(page, ticks) ?? null;
    return own !== null || page < KERNEL_32 || page >= END_32 ? own : this.#kernel.find(page, ticks);
  }

  /** True where what covers a page of a process does not change with time. */
  isSteady(page: number, pid: number): boolean {
    if (page >= KERNEL_64) return this.#kernel.isSteady(page);
    return (this.#byPid.get(pid)?.isSteady(page) ?? true) && (page >= END_32 || this.#kernel.isSteady(page));
  }

  #add(pid: number, base: bigint, size: bigint, image: number, from: number, to: number): void {
    if (size <= 0n || base <= 0n || size > 1n << 32n) return;
    const startPage = Number(base / PAGE);
    this.#pages(pid, base).add({ startPage, endPage: Number((base + size + PAGE - 1n) / PAGE), image, from, to });
  }

  #pages(pid: number, base: bigint): Pages {
    const isKernel = base >= 1n << 63n || (base >= 0x8000_0000n && base < 1n << 32n && (pid === 0 || pid === 4));
    if (isKernel) return this.#kernel;
    let pages = this.#byPid.get(pid);
    if (pages === undefined) {
      pages = new Pages();
      this.#byPid.set(pid, pages);
    }
    return pages;
  }
}

/** The images of one address space. */
class Pages {
  readonly #mapped: Mapped[] = [];
  /** Open ones by first page, to find again what is unloaded. */
  readonly #open = new Map<number, Mapped[]>();
  #sorted = true;

  add(mapped: Mapped): void {
    this.#mapped.push(mapped);
    this.#sorted = false;
    if (mapped.to !== Number.POSITIVE_INFINITY) return;
    const open = this.#open.get(mapped.startPage);
    if (open === undefined) this.#open.set(mapped.startPage, [mapped]);
    else open.push(mapped);
  }

  open(base: bigint, image: number): Mapped | null {
    const open = this.#open.get(Number(base / PAGE)) ?? [];
    for (let i = open.length - 1; i >= Math.max(0, open.length - MAX_STEPS); i--) {
      if (open[i].image === image && open[i].to === Number.POSITIVE_INFINITY) return open[i];
    }
    return null;
  }

  find(page: number, ticks: number): Mapped | null {
    if (!this.#sorted) this.#sort();
    const mapped = this.#mapped;
    const low = this.#behind(page);
    let covering: Mapped | null = null;
    let alive: Mapped | null = null;
    let ambiguous = false;
    for (let i = low - 1; i >= 0 && i >= low - MAX_STEPS; i--) {
      const one = mapped[i];
      if (one.endPage <= page) continue;
      if (one.from <= ticks && ticks <= one.to) {
        if (alive !== null && alive.image !== one.image) return null;
        alive = one;
      }
      if (covering !== null && covering.image !== one.image) ambiguous = true;
      covering = one;
    }
    return alive ?? (ambiguous ? null : covering);
  }

  /** True where one image at most covers the page. */
  isSteady(page: number): boolean {
    if (!this.#sorted) this.#sort();
    let covering = 0;
    const last = this.#behind(page) - 1;
    for (let i = last; i >= 0 && i > last - MAX_STEPS; i--) if (this.#mapped[i].endPage > page) covering++;
    return covering <= 1;
  }

  /** Index of the first image that begins behind the page. */
  #behind(page: number): number {
    let low = 0;
    let high = this.#mapped.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#mapped[middle].startPage <= page) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #sort(): void {
    this.#mapped.sort((a, b) => a.startPage - b.startPage);
    this.#sorted = true;
  }
}
