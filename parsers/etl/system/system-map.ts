/** Processes, threads and images of a log, and to whom an id or an address belonged at a time. */
import { fileName } from '../../../src/core/symbol.js';
import { AddressMap, pageOf } from './address-map.js';
import { Lifetimes } from './lifetimes.js';
import type { ImageEvent, ProcessEvent, SystemEvent, ThreadEvent } from './system-events.js';

/** A trace of an hour has some tens of thousands. */
const MAX_EVENTS = 1 << 20;
/** Names of images and processes, each kept once; a machine has some thousands. */
const MAX_NAMES = 200_000;
const MAX_NAME = 260;

/** What is kept of an event until all are there. */
type Known =
  | {
      readonly kind: 'image';
      readonly event: ImageEvent['event'];
      pid: number;
      base: bigint;
      size: bigint;
      name: number;
    }
  | { readonly kind: 'process'; readonly event: ProcessEvent['event']; readonly pid: number; readonly name: number }
  | { readonly kind: 'thread'; readonly event: ThreadEvent['event']; readonly pid: number; readonly tid: number };

/** Pages whose image was looked up lately; a power of 2. */
const CACHED = 1 << 14;
const CELLS = 4;

export class SystemMap {
  /** File names of images, by number; and names of processes. */
  readonly images: string[] = [];
  readonly #nameIds = new Map<string, number>();
  readonly #addresses = new AddressMap();
  readonly #processes = new Lifetimes<number>((a, b) => a === b);
  readonly #threads = new Lifetimes<number>((a, b) => a === b);
  /** Page, upper word, process and image, one after the other. */
  readonly #cache = new Int32Array(CACHED * CELLS).fill(-2);
  #taken: { readonly ticks: number; readonly known: Known }[] = [];
  /** Events for which there was no room. */
  dropped = 0;

  /** Takes what an event says, at its time; in any order. */
  take(event: SystemEvent, ticks: number): void {
    const known = this.#taken.length >= MAX_EVENTS ? null : this.#knownOf(event);
    if (known === null) this.dropped++;
    else this.#taken.push({ ticks, known });
  }

  /** Once all are taken: tells beginnings and ends in the order of time. */
  seal(): void {
    this.#taken.sort((a, b) => a.ticks - b.ticks);
    for (const { ticks, known } of this.#taken) {
      if (known.kind === 'image') this.#image(known, ticks);
      else if (known.kind === 'process') this.#process(known, ticks);
      else this.#thread(known, ticks);
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

  /** How far behind the first byte of its image an address lies; -1 where no image is known. */
  offsetAt(low: number, high: number, pid: number, ticks: number): number {
    const page = pageOf(low, high);
    const start = this.#addresses.startPage(page, pid, ticks);
    return start < 0 ? -1 : (page - start) * 4096 + (low & 4095);
  }

  /** Image name of a process; null where no event names it. */
  processName(pid: number, ticks: number): string | null {
    if (pid === 0) return 'Idle';
    const name = this.#processes.at(pid, ticks);
    return name === null ? null : this.images[name];
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

  /** Null where there is no room for its name. */
  #knownOf(event: SystemEvent): Known | null {
    if (event.kind === 'thread') return { kind: 'thread', event: event.event, pid: event.pid, tid: event.tid };
    const name = this.#nameId(event.kind === 'image' ? fileName(event.path) : event.name);
    if (name < 0) return null;
    if (event.kind === 'process') return { kind: 'process', event: event.event, pid: event.pid, name };
    return { kind: 'image', event: event.event, pid: event.pid ?? 0, base: event.base, size: event.size, name };
  }

  #image({ event, pid, base, size, name }: Known & { kind: 'image' }, ticks: number): void {
    if (event === 'load') this.#addresses.loaded(pid, base, size, name, ticks);
    else if (event === 'unload') this.#addresses.unloaded(pid, base, size, name, ticks);
    else this.#addresses.rundown(pid, base, size, name);
  }

  #process({ event, pid, name }: Known & { kind: 'process' }, ticks: number): void {
    if (event === 'start') this.#processes.begin(pid, name, ticks);
    else if (event === 'end') this.#processes.end(pid, name, ticks);
    else this.#processes.rundown(pid, name);
  }

  #thread({ event, pid, tid }: Known & { kind: 'thread' }, ticks: number): void {
    if (event === 'start') this.#threads.begin(tid, pid, ticks);
    else if (event === 'end') this.#threads.end(tid, pid, ticks);
    else this.#threads.rundown(tid, pid);
  }

  /** -1 where there is no room. */
  #nameId(text: string): number {
    // Copied: a part of a text keeps all of it in memory.
    const name = text.length > MAX_NAME ? Buffer.from(text.slice(0, MAX_NAME)).toString() : text;
    const known = this.#nameIds.get(name);
    if (known !== undefined) return known;
    if (this.images.length >= MAX_NAMES) return -1;
    this.#nameIds.set(name, this.images.length);
    this.images.push(name);
    return this.images.length - 1;
  }
}
