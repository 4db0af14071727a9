/** Processes, threads and images of a log, and to whom an id or an address belonged at a time. */
import { fileName } from '../../../src/core/symbol.js';
import { AddressMap, pageOf } from './address-map.js';
import { Lifetimes } from './lifetimes.js';
import type { ImageEvent, ProcessEvent, SystemEvent, ThreadEvent } from './system-events.js';

/** A trace of an hour has some tens of thousands. */
const MAX_EVENTS = 1 << 20;
const MAX_NAMES = 200_000;
/** Pages whose image was looked up lately; a power of 2. */
const CACHED = 1 << 14;
const CELLS = 4;

export class SystemMap {
  /** File names of images, by number. */
  readonly images: string[] = [];
  readonly #imageIds = new Map<string, number>();
  readonly #addresses = new AddressMap();
  readonly #processes = new Lifetimes<string>((a, b) => a === b);
  readonly #threads = new Lifetimes<number>((a, b) => a === b);
  readonly #threadNames = new Map<number, string>();
  /** Page, upper word, process and image, one after the other. */
  readonly #cache = new Int32Array(CACHED * CELLS).fill(-2);
  #taken: { readonly ticks: number; readonly event: SystemEvent }[] = [];
  /** Events for which there was no room. */
  dropped = 0;

  /** Takes what an event says, at its time; in any order. */
  take(event: SystemEvent, ticks: number): void {
    if (this.#taken.length >= MAX_EVENTS) this.dropped++;
    else this.#taken.push({ ticks, event });
  }

  /** Once all are taken: tells beginnings and ends in the order of time. */
  seal(): void {
    this.#taken.sort((a, b) => a.ticks - b.ticks);
    for (const { ticks, event } of this.#taken) {
      if (event.kind === 'image') this.#image(event, ticks);
      else if (event.kind === 'process') this.#process(event, ticks);
      else this.#thread(event, ticks);
    }
    this.#taken = [];
    this.dropped += this.#processes.dropped + this.#threads.dropped;
  }

  /** Number of the image at an address (two words) of a process; -1 where unknown. */
  imageAt(low: number, high: number, pid: number, ticks: number): number {
    // Kernel addresses are the same in all processes.
    const owner = high < 0 ? -1 : pid;
    const page = low >>> 12;
    const slot = (page ^ (page >>> 11) ^ Math.imul(high ^ owner, 0x9e3779b1)) & (CACHED - 1);
    const at = slot * CELLS;
    const cache = this.#cache;
    if (cache[at] === page && cache[at + 1] === high && cache[at + 2] === owner) return cache[at + 3];
    const image = this.#addresses.find(pageOf(low, high), pid, ticks);
    // Only what does not change with time is kept.
    if (this.#addresses.isSteady(pageOf(low, high), pid)) {
      cache[at] = page;
      cache[at + 1] = high;
      cache[at + 2] = owner;
      cache[at + 3] = image;
    }
    return image;
  }

  /** True where what lies at an address does not change with time. */
  isSteady(low: number, high: number, pid: number): boolean {
    return this.#addresses.isSteady(pageOf(low, high), pid);
  }

  /** File name of the image at an address; null where unknown. */
  moduleAt(low: number, high: number, pid: number, ticks: number): string | null {
    const image = this.imageAt(low, high, pid, ticks);
    return image < 0 ? null : this.images[image];
  }

  /** Image name of a process; null where no event names it. */
  processName(pid: number, ticks: number): string | null {
    return pid === 0 ? 'Idle' : this.#processes.at(pid, ticks);
  }

  /** Process of a thread; null where no event says. */
  pidOfThread(tid: number, ticks: number): number | null {
    return tid === 0 ? 0 : this.#threads.at(tid, ticks);
  }

  /** True where a thread's id, and that of its process, were used once only. */
  isSteadyThread(tid: number): boolean {
    const pid = this.#threads.only(tid);
    return tid === 0 || (pid !== null && (pid === 0 || this.#processes.only(pid) !== null));
  }

  threadName(tid: number): string | null {
    return this.#threadNames.get(tid) ?? null;
  }

  #image(event: ImageEvent, ticks: number): void {
    const { base, size } = event;
    const pid = event.pid ?? 0;
    const image = this.#imageId(fileName(event.path));
    if (image < 0) return;
    switch (event.event) {
      case 'load':
        this.#addresses.loaded(pid, base, size, image, ticks);
        break;
      case 'unload':
        this.#addresses.unloaded(pid, base, size, image, ticks);
        break;
      default:
        this.#addresses.rundown(pid, base, size, image);
    }
  }

  #process({ event, pid, name }: ProcessEvent, ticks: number): void {
    if (event === 'start') this.#processes.begin(pid, name, ticks);
    else if (event === 'end') this.#processes.end(pid, name, ticks);
    else this.#processes.rundown(pid, name);
  }

  #thread({ event, pid, tid, name }: ThreadEvent, ticks: number): void {
    if (name !== null && (this.#threadNames.size < MAX_NAMES || this.#threadNames.has(tid)))
      this.#threadNames.set(tid, name);
    if (event === 'start') this.#threads.begin(tid, pid, ticks);
    else if (event === 'end') this.#threads.end(tid, pid, ticks);
    else this.#threads.rundown(tid, pid);
  }

  #imageId(name: string): number {
    const known = this.#imageIds.get(name);
    if (known !== undefined) return known;
    if (this.images.length >= MAX_NAMES) return -1;
    this.#imageIds.set(name, this.images.length);
    this.images.push(name);
    return this.images.length - 1;
  }
}
