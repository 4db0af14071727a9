/** What both readers of tracerpt keep of a trace while they read its kernel events. */

import type { Output } from '../../src/core/parser.js';
import { NULL_I32 } from '../../src/core/schema.js';
import type { Writer } from '../../src/core/table.js';
import type { Ticks } from '../../src/core/time.js';
import { callStack } from '../../src/tables/call-stack.js';
import { cswitch } from '../../src/tables/cswitch.js';
import { dpcIsr } from '../../src/tables/dpc-isr.js';
import { genericEvent } from '../../src/tables/event.js';
import { image } from '../../src/tables/image.js';
import { poolEvent } from '../../src/tables/pool-event.js';
import { processTable } from '../../src/tables/process.js';
import { readyThread } from '../../src/tables/ready-thread.js';
import { sampledProfile } from '../../src/tables/sampled-profile.js';
import { stack } from '../../src/tables/stack.js';
import { threadTable } from '../../src/tables/thread.js';
import type { AssumedClock } from './assumed-clock.js';
import type { KernelEvent } from './kernel-events.js';
import { PoolRows } from './pool-rows.js';
import type { Timeline } from './timeline.js';

/** Tables that the two parsers fill from kernel events. */
export const KERNEL_TABLES = [
  image,
  processTable,
  threadTable,
  cswitch,
  readyThread,
  sampledProfile,
  stack,
  dpcIsr,
  poolEvent,
  callStack,
] as const;

/** An event's own columns. Numbers as the tables store them: NULL_I32 for null. */
export interface KernelHead {
  stamp: Ticks | null;
  /** The time stamp as printed, where that is not its decimal ticks. */
  stampText: string | null;
  /** From `timeUs`; NaN where it cannot be told. */
  atUs: number;
  cpu: number;
  pid: number;
  tid: number;
  line: number;
  byte: number;
}

/** A head before the first event, to be filled again for each. */
export const emptyHead = (): KernelHead => ({
  stamp: null,
  stampText: null,
  atUs: Number.NaN,
  cpu: NULL_I32,
  pid: NULL_I32,
  tid: NULL_I32,
  line: 0,
  byte: 0,
});

/** What reading kernel events needs between them. */
export interface KernelContext {
  readonly out: Output;
  readonly timeline: Timeline;
  readonly writers: Writers;
  /** Pool events, each until its stack has come. */
  readonly pool: PoolRows;
  /** End of the last run on each CPU, to see rows that are out of order. */
  readonly lastEndUs: Map<number, number>;
  /** Runs that wait for what relates their two scales; null where there are none. */
  assumed: AssumedClock | null;
  /** True where each record becomes a row of another table as well, and so is never skipped. */
  readonly rowAnyway: boolean;
}

export interface Writers {
  readonly image: Writer<typeof image> | null;
  readonly process: Writer<typeof processTable> | null;
  readonly thread: Writer<typeof threadTable> | null;
  readonly cswitch: Writer<typeof cswitch> | null;
  readonly ready: Writer<typeof readyThread> | null;
  readonly sample: Writer<typeof sampledProfile> | null;
  readonly stack: Writer<typeof stack> | null;
  readonly dpcIsr: Writer<typeof dpcIsr> | null;
}

/** A fresh context; opens the writers of the tables that are wanted, and of `event` after them. */
export function kernelContext(out: Output): KernelContext {
  const timeline: Timeline = { startFiletime: null, startCounter: null, counterPerUs: null };
  const context: Omit<KernelContext, 'rowAnyway'> = {
    out,
    timeline,
    writers: {
      image: out.writer(image),
      process: out.writer(processTable),
      thread: out.writer(threadTable),
      cswitch: out.writer(cswitch),
      ready: out.writer(readyThread),
      sample: out.writer(sampledProfile),
      stack: out.writer(stack),
      dpcIsr: out.writer(dpcIsr),
    },
    pool: new PoolRows(out, timeline),
    lastEndUs: new Map(),
    assumed: null,
  };
  return { ...context, rowAnyway: out.writer(genericEvent) !== null };
}

/** Told of each event: only a stack right behind a pool event can be told to be its own by the order alone. */
export function notePassed({ pool }: KernelContext, known: KernelEvent | null, cpu: number): void {
  if (known?.use !== 'pool' && known?.use !== 'stack') pool.passed(cpu);
}

/** True where the event's fields have to be read: it is the header, a loss, or a table wants it. */
export function isWanted(context: KernelContext, known: KernelEvent): boolean {
  switch (known.use) {
    case 'header':
    case 'lost':
      return true;
    case 'dpc':
    case 'isr':
      return context.writers.dpcIsr !== null;
    case 'pool':
      return context.pool.isWanted;
    case 'stack':
      return context.writers.stack !== null || context.pool.takesStacks;
    default:
      return context.writers[known.use] !== null;
  }
}
