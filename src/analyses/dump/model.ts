/** Threads and processes of a dump, each once. */
import type { Diagnostics } from '../../core/diagnostic.js';
import { pushTo } from '../../core/push-to.js';
import { dumpFact } from '../../tables/dump-system.js';
import { dumpFrameArgument, dumpProcess, dumpThread, dumpThreadIrp, dumpWaitObject } from '../../tables/dump-thread.js';
import type { Frame } from './frames.js';
import { hex } from './frames.js';
import type { Cited, DumpRows, Placed } from './rows.js';
import {
  chooseStack,
  grouped,
  isWhole,
  mergeSightings,
  ofLastSighting,
  overlay,
  sightingKey,
  tellContradictions,
} from './sightings.js';
import { type DumpClock, waitOf } from './ticks.js';

export type ThreadRow = Placed<typeof dumpThread>;
export type ProcessRow = Placed<typeof dumpProcess>;
export type WaitObjectRow = Placed<typeof dumpWaitObject>;
export type ArgumentRow = Placed<typeof dumpFrameArgument>;

export interface Process {
  readonly address: bigint | null;
  image: string | null;
  pid: number | null;
  readonly row: Partial<ProcessRow>;
  readonly rows: Cited[];
}

export interface Thread {
  readonly id: string;
  readonly address: bigint | null;
  number: number | null;
  pid: number | null;
  tid: number | null;
  process: Process | null;
  image: string | null;
  state: string | null;
  processor: number | null;
  waitReason: string | null;
  waitStartTicks: number | null;
  waitTicks: number | null;
  waitMs: number | null;
  beganAfterNow: boolean;
  /** Latest value of every column, of all sightings. */
  row: Partial<ThreadRow>;
  readonly sightings: ThreadRow[];
  /** Those that can be of one moment: what they show of the wait counts. */
  current: ThreadRow[];
  /** Those whose stacks fit `frames`. */
  stackRows: ThreadRow[];
  waitObjects: readonly WaitObjectRow[];
  irps: readonly bigint[];
  frames: readonly Frame[];
  /** The row whose stack `frames` is. */
  stackRow: ThreadRow | null;
  doubtfulFrame: number | null;
  readonly args: ArgumentRow[];
  /** Where the debugger says that there is no thread at its address. */
  readonly noThread: Cited | null;
}

export class Model {
  readonly threads = new Map<string, Thread>();
  readonly processes: Process[] = [];
  /** Stacks of processors whose thread the log does not name, newest last. */
  readonly looseStacks: { readonly row: ThreadRow; readonly frames: readonly Frame[] }[] = [];
  readonly #threadAt = new Map<bigint, Thread>();
  readonly #byAddress = new Map<bigint, Process>();
  readonly #byPid = new Map<number, Process>();
  readonly #byTid = new Map<number, Thread[]>();
  readonly #byNumber = new Map<number, Thread>();
  readonly #noThreads = new Map<string, Cited>();
  #ofProcesses: ReadonlyMap<Process, readonly Thread[]> | null = null;

  constructor(
    readonly rows: DumpRows,
    readonly clock: DumpClock,
    private readonly diagnostics: Diagnostics,
  ) {
    for (const row of rows.of(dumpFact)) {
      if (row.name === 'isThread' && row.subject !== null) this.#noThreads.set(row.subject, row);
    }
    for (const row of rows.of(dumpProcess)) this.#addProcess(row);
    const sightings = [...rows.of(dumpThread)];
    // Numbers of user-mode threads are known from a list that may come later than a stack.
    for (const row of sightings) if (row.address === null && row.tid !== null) this.#addThread(row);
    for (const row of sightings) if (row.address !== null) this.#addThread(row);
    for (const row of sightings) if (row.address === null && row.tid === null) this.#addStack(row);
    for (const thread of this.threads.values()) this.#settle(thread);
    this.#parts();
  }

  processAt(address: bigint | null): Process | null {
    return address === null ? null : (this.#byAddress.get(address) ?? null);
  }

  processOf(pid: number | null): Process | null {
    return pid === null ? null : (this.#byPid.get(pid) ?? null);
  }

  threadAt(address: bigint | null): Thread | null {
    return address === null ? null : (this.#threadAt.get(address) ?? null);
  }

  /** The thread with an id; where several carry it, the one of `process`, and none where that does not decide. */
  threadOfTid(tid: number | null, process: Process | null = null): Thread | null {
    const all = tid === null ? [] : (this.#byTid.get(tid) ?? []);
    if (all.length < 2) return all[0] ?? null;
    const own = all.filter((thread) => process !== null && this.#processFor(thread) === process);
    return own.length === 1 ? own[0] : null;
  }

  /** Its threads, as far as the log shows them; asked for after the model is made. */
  threadsOf(process: Process | null): readonly Thread[] {
    if (process === null) return [];
    if (this.#ofProcesses === null) {
      const lists = new Map<Process, Thread[]>();
      for (const thread of this.threads.values()) if (thread.process !== null) pushTo(lists, thread.process, thread);
      this.#ofProcesses = lists;
    }
    return this.#ofProcesses.get(process) ?? [];
  }

  #processFor(thread: Thread): Process | null {
    return thread.process ?? this.processOf(thread.pid);
  }

  threadOfNumber(number: number | null): Thread | null {
    return number === null ? null : (this.#byNumber.get(number) ?? null);
  }

  /** A thread known by its address only, or its id only: with nothing but that. */
  mention(address: bigint | null, tid: number | null = null, process: Process | null = null): Thread | null {
    const known = this.threadAt(address) ?? this.threadOfTid(tid, process);
    if (known !== null) {
      // `OwningThread = 0x4a8` beside `.thread 89cd9c10`
      if (known.tid === null && tid !== null) this.#setTid(known, tid);
      return known;
    }
    const id = hex(address) ?? (tid === null ? null : `tid:${tid}`);
    if (id === null) return null;
    const thread = this.#make(id, address);
    if (tid !== null) this.#setTid(thread, tid);
    return thread;
  }

  /** A process known by its address only. */
  mentionProcess(address: bigint, image: string | null): Process {
    const known = this.#byAddress.get(address);
    if (known !== undefined) {
      known.image ??= image;
      return known;
    }
    const process: Process = { address, image, pid: null, row: {}, rows: [] };
    this.#byAddress.set(address, process);
    this.processes.push(process);
    return process;
  }

  #addProcess(row: ProcessRow): void {
    const { address, pid } = row;
    if (address === null && pid === null) return;
    let process = address !== null ? this.#byAddress.get(address) : this.#byPid.get(pid ?? -1);
    // Addresses of processes are used again on a live system.
    if (process === undefined || (pid !== null && process.pid !== null && process.pid !== pid)) {
      process = { address, image: null, pid, row: {}, rows: [] };
      this.processes.push(process);
    }
    if (address !== null) this.#byAddress.set(address, process);
    if (pid !== null) this.#byPid.set(pid, process);
    process.pid ??= pid;
    process.image = row.image ?? process.image;
    process.rows.push(row);
    overlay(process.row, row);
  }

  #addThread(row: ThreadRow): void {
    const thread =
      (row.address !== null ? this.threadAt(row.address) : this.threadOfTid(row.tid)) ??
      this.#make(hex(row.address) ?? `tid:${row.tid}`, row.address);
    this.#sight(thread, row);
  }

  /** A stack without an address: of the thread with that number, or of whatever runs on that processor. */
  #addStack(row: ThreadRow): void {
    if (row.number !== null) {
      const thread = this.#byNumber.get(row.number) ?? this.#make(`thread:${row.number}`, null);
      this.#sight(thread, row);
      return;
    }
    const frames = this.rows.framesOf(row.at.source, row.stack);
    if (frames.length > 0) this.looseStacks.push({ row, frames });
  }

  #make(id: string, address: bigint | null): Thread {
    const thread: Thread = {
      id,
      address,
      number: null,
      pid: null,
      tid: null,
      process: null,
      image: null,
      state: null,
      processor: null,
      waitReason: null,
      waitStartTicks: null,
      waitTicks: null,
      waitMs: null,
      beganAfterNow: false,
      row: {},
      sightings: [],
      current: [],
      stackRows: [],
      waitObjects: [],
      irps: [],
      frames: [],
      stackRow: null,
      doubtfulFrame: null,
      args: [],
      noThread: this.#noThreads.get(`thread ${id}`) ?? null,
    };
    this.threads.set(id, thread);
    if (address !== null) this.#threadAt.set(address, thread);
    return thread;
  }

  #sight(thread: Thread, row: ThreadRow): void {
    thread.sightings.push(row);
    if (row.number !== null) {
      thread.number = row.number;
      this.#byNumber.set(row.number, thread);
    }
    if (row.tid !== null) this.#setTid(thread, row.tid);
    thread.pid = row.pid ?? thread.pid;
  }

  #setTid(thread: Thread, tid: number): void {
    thread.tid = tid;
    // The idle threads of all processors have 0.
    if (tid === 0) return;
    const all = this.#byTid.get(tid);
    if (all === undefined) this.#byTid.set(tid, [thread]);
    else if (!all.includes(thread)) all.push(thread);
  }

  /** Wait objects, arguments and IRPs go to the thread of their sighting, as far as that sighting still counts. */
  #parts(): void {
    const owners = new Map<number, Thread>();
    for (const thread of this.threads.values()) {
      for (const row of thread.current) owners.set(sightingKey(row), thread);
    }
    const stacks = new Set<number>();
    for (const { stackRows } of this.threads.values()) for (const row of stackRows) stacks.add(sightingKey(row));
    for (const row of this.rows.of(dumpFrameArgument)) {
      const key = sightingKey(row);
      if (stacks.has(key)) owners.get(key)?.args.push(row);
    }
    // Of several sightings the last that shows objects counts.
    for (const [thread, rows] of grouped(this.rows.of(dumpWaitObject), owners)) {
      thread.waitObjects = ofLastSighting(rows);
    }
    for (const [thread, rows] of grouped(this.rows.of(dumpThreadIrp), owners)) {
      thread.irps = [...new Set(rows.map(({ irp }) => irp).filter((irp) => irp !== null))];
    }
  }

  #settle(thread: Thread): void {
    const { sightings } = thread;
    if (sightings.length === 1) {
      thread.row = sightings[0];
      thread.current = sightings;
    } else mergeSightings(thread);
    tellContradictions(thread, this.clock, this.diagnostics);
    thread.state = thread.row.state === 'BLOCKED' ? 'WAIT' : (thread.row.state ?? null);
    thread.processor = thread.row.processor ?? null;
    thread.waitReason = thread.row.waitReason ?? null;
    this.#ofProcess(thread);
    chooseStack(thread, this.rows);
    // Whole blocks say more of the wait than lists.
    const ordered = [...thread.current].sort((a, b) => Number(isWhole(a)) - Number(isWhole(b)));
    Object.assign(thread, waitOf(ordered, this.clock));
  }

  #ofProcess(thread: Thread): void {
    const { processAddress, attachedAddress, image, attachedImage } = thread.row;
    const address = processAddress ?? attachedAddress ?? null;
    thread.process =
      address === null ? this.processOf(thread.pid) : this.mentionProcess(address, image ?? attachedImage ?? null);
    thread.image = image ?? thread.process?.image ?? attachedImage ?? null;
    if (thread.process !== null) thread.process.pid ??= thread.pid;
  }
}
