/** One sighting of a thread while its lines are read, and its rows once they have ended. */
import type { Row } from '../../src/core/schema.js';
import { dumpFrameArgument, dumpThread, dumpThreadIrp, dumpWaitObject } from '../../src/tables/dump-thread.js';
import { isFastcall } from './argument-routines.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import type { FinishedStack } from './stack-frames.js';

/** A wait for many objects names 64 at most. */
const MAX_OBJECTS = 512;
const MAX_IRPS = 4096;

type ThreadRow = { -readonly [K in keyof Row<typeof dumpThread>]: Row<typeof dumpThread>[K] };

interface WaitObject {
  readonly object: bigint | null;
  readonly type: string;
  readonly limit: number | null;
  readonly owner: bigint | null;
  readonly line: KdLine;
}

interface Irp {
  readonly irp: bigint | null;
  readonly flags: string;
  readonly mdl: bigint | null;
  readonly line: KdLine;
}

/** A row of `dump_thread`: every field is there from the beginning, so that all records have one shape. */
export class ThreadRecord implements ThreadRow {
  sighting: number | null = null;
  address: bigint | null = null;
  number: number | null = null;
  pid: number | null = null;
  tid: number | null = null;
  teb: bigint | null = null;
  win32Thread: bigint | null = null;
  processAddress: bigint | null = null;
  image: string | null = null;
  attachedAddress: bigint | null = null;
  attachedImage: string | null = null;
  state: string | null = null;
  waitReason: string | null = null;
  waitMode: string | null = null;
  alertable: number | null = null;
  processor: number | null = null;
  waitStartTicks: number | null = null;
  waitTicks: number | null = null;
  beganAfterNow: number | null = null;
  waitMs: number | null = null;
  contextSwitches: number | null = null;
  userMs: number | null = null;
  kernelMs: number | null = null;
  startRoutine: string | null = null;
  win32StartRoutine: string | null = null;
  priority: number | null = null;
  basePriority: number | null = null;
  lpcMessage: string | null = null;
  lpcPort: bigint | null = null;
  lpcWorkingOn: string | null = null;
  alpcMessage: bigint | null = null;
  alpcPort: bigint | null = null;
  alpcOwner: bigint | null = null;
  stack: number | null = null;
  stackCommand: string | null = null;
  doubtfulFrame: number | null = null;
  stackNotResident: number | null = null;
  suspendCount: number | null = null;
  blocker: string | null = null;
  line = 0;
  byte = 0;
  readonly #objects: WaitObject[] = [];
  readonly #irps: Irp[] = [];

  constructor(
    public command: string,
    /** Where the sighting begins. */
    readonly place: KdLine,
  ) {}

  addObject(object: WaitObject): void {
    if (this.#objects.length < MAX_OBJECTS) this.#objects.push(object);
  }

  addIrp(irp: Irp): void {
    if (this.#irps.length < MAX_IRPS) this.#irps.push(irp);
  }

  get hasObjects(): boolean {
    return this.#objects.length > 0;
  }

  /** Takes over what the stack below the thread says. */
  setStack({ stack, doubtfulFrame, isNotResident }: FinishedStack): void {
    this.stack = stack;
    this.doubtfulFrame = doubtfulFrame;
    if (isNotResident) this.stackNotResident = 1;
  }

  /** Writes the rows; gives the number of the sighting. */
  write(log: Log, finished: FinishedStack | null = null): number {
    const sighting = log.nextSighting();
    this.sighting = sighting;
    if (finished !== null) this.setStack(finished);
    const writer = log.writer(dumpThread);
    if (writer !== null) {
      const { line, byte } = log.place(this.place);
      this.line = line;
      this.byte = byte;
      writer.row(this);
    }
    this.#writeObjects(log, sighting);
    if (finished !== null) this.#writeArguments(log, sighting, finished);
    return sighting;
  }

  #writeObjects(log: Log, sighting: number): void {
    const thread = this.address;
    for (const { line, ...object } of this.#objects) log.row(dumpWaitObject, { sighting, thread, ...object }, line);
    for (const { line, ...irp } of this.#irps) log.row(dumpThreadIrp, { sighting, thread, ...irp }, line);
  }

  #writeArguments(log: Log, sighting: number, { args }: FinishedStack): void {
    for (const { frame, symbol, values, isLong, line } of args) {
      const [arg1 = null, arg2 = null, arg3 = null, arg4 = null] = values;
      const { routine } = symbol;
      const isReliable = isLong || isFastcall(routine ?? '') ? 0 : 1;
      log.row(dumpFrameArgument, { sighting, frame, routine, arg1, arg2, arg3, arg4, isReliable }, line);
    }
  }
}
