/**
 * What kernel events become, for both forms that tracerpt writes: CSV gives their fields by position, XML by name.
 */

import { isWanted, type KernelContext, type KernelHead } from './context.js';
import { settleRuns, writeRun } from './dpc-rows.js';
import type { FieldOf } from './field-values.js';
import { noteLost, readHeader } from './header.js';
import type { KernelEvent } from './kernel-events.js';
import type { Outcome } from './outcome.js';
import { readStack, writeSample } from './sample-rows.js';
import { writeReady, writeSwitch } from './switch-rows.js';
import { writeImage, writeProcess, writeThread } from './system-rows.js';

/** Writes the row of a kernel event, or notes what the header says. */
export function readKernelEvent(context: KernelContext, known: KernelEvent, head: KernelHead, field: FieldOf): Outcome {
  const { writers } = context;
  switch (known.use) {
    case 'header':
      return readHeader(context, head, field);
    case 'lost':
      return noteLost(context, known, head);
    case 'dpc':
    case 'isr':
      return writers.dpcIsr === null ? 'unwanted' : writeRun(context, writers.dpcIsr, known, head, field);
    case 'image':
      return writers.image === null ? 'unwanted' : writeImage(writers.image, known, head, field);
    case 'process':
      return writers.process === null ? 'unwanted' : writeProcess(writers.process, known, head, field);
    case 'thread':
      return writers.thread === null ? 'unwanted' : writeThread(writers.thread, known, head, field);
    case 'cswitch':
      return writers.cswitch === null ? 'unwanted' : writeSwitch(writers.cswitch, head, field);
    case 'ready':
      return writers.ready === null ? 'unwanted' : writeReady(writers.ready, head, field);
    case 'sample':
      return writers.sample === null ? 'unwanted' : writeSample(writers.sample, head, field);
    case 'stack':
      return isWanted(context, known) ? readStack(context, head, field) : 'unwanted';
    case 'pool':
      return context.pool.isWanted ? context.pool.event(known, head, field) : 'unwanted';
  }
}

/** Said once at the end: what the scales of the trace allow; `lastUs` is the time of its last event, NaN if unknown. */
export function finishKernel(context: KernelContext, lastUs: number): void {
  const { timeline, out } = context;
  const { clock, span } = out.about;
  settleRuns(context);
  context.pool.end();
  if (timeline.startCounter !== null && timeline.counterPerUs !== null) {
    clock.resolutionNs = 1000 / timeline.counterPerUs;
  } else if (timeline.startFiletime !== null) clock.resolutionNs = 100;
  if (context.lastEndUs.size > 0) {
    out.about.notes.push(
      'The time stamp of a DPC or ISR event is taken as the end of the run and InitialTime as its start, as the kernel ' +
        'logs them; routines are addresses, to be resolved through the image table.',
    );
  }
  // tracerpt prints no time zone: FILETIMEs are UTC.
  if (timeline.startFiletime !== null) clock.zone = 'UTC';
  if (Number.isNaN(lastUs)) return;
  span.startUs = 0;
  span.endUs ??= lastUs;
}
