/** Rows of DPCs and ISRs, with the relation of their two times. */

import { NULL_I32 } from '../../src/core/schema.js';
import { isFiletime, parseTicks, type Ticks } from '../../src/core/time.js';
import { assumedClock, holdRun, settleClock } from './assumed-clock.js';
import type { KernelContext, KernelHead, Writers } from './context.js';
import { address, type FieldOf, stored } from './field-values.js';
import type { KernelEvent } from './kernel-events.js';
import { badField, type Outcome, type Problem, problem } from './outcome.js';
import { betweenUs } from './timeline.js';

/**
 * The event is logged when the routine ends; InitialTime is its start, in the clock of the trace (WmiTime in the MOF).
 * Whether tracerpt turns InitialTime into a FILETIME as it does with Clock-Time is not documented: the size of the value
 * tells. Ticks beside a FILETIME are related by the header where it carries both, as it does under `tracerpt -rts`, and
 * else by the runs themselves, once all are known.
 */
export function writeRun(
  context: KernelContext,
  w: NonNullable<Writers['dpcIsr']>,
  known: KernelEvent,
  head: KernelHead,
  field: FieldOf,
): Outcome {
  const initial = parseTicks(field('InitialTime') ?? '');
  if (initial === null) return badField('InitialTime');
  const routine = address(field('Routine'));
  if (routine === null) return badField('Routine');
  const durationUs = betweenUs(context.timeline, initial, head.stamp);
  if (durationUs < 0) return problem('ends-before-start', 'a DPC or ISR whose InitialTime is after its own time stamp');
  fillRun(w, known, head, field, routine, durationUs);
  if (Number.isNaN(durationUs)) return holdUnrelated(context, w, head, initial, field('InitialTime') ?? '');
  noteOrder(context, head.cpu, head.atUs, head.line);
  w.push();
  return 'row';
}

/** Sets the run at the writer's index `n`, without ending the row. */
function fillRun(
  w: NonNullable<Writers['dpcIsr']>,
  known: KernelEvent,
  head: KernelHead,
  field: FieldOf,
  routine: bigint,
  durationUs: number,
): void {
  const { cols, dicts, n } = w;
  const isIsr = known.use === 'isr';
  cols.kind[n] = dicts.kind.id(isIsr ? 'ISR' : 'DPC');
  cols.type[n] = dicts.type.id(known.says);
  cols.startUs[n] = head.atUs - durationUs;
  cols.durationUs[n] = durationUs;
  cols.cpu[n] = head.cpu;
  cols.vector[n] = isIsr ? stored(field('Vector')) : NULL_I32;
  cols.messageIndex[n] = isIsr ? stored(field('MessageNumber')) : NULL_I32;
  cols.module[n] = -1;
  cols.routine[n] = dicts.routine.id(`0x${routine.toString(16)}`);
  cols.address[n] = routine;
  cols.line[n] = head.line;
  cols.byte[n] = head.byte;
}

const REMEDY = 'Export again with `tracerpt -rts` or xperf -a dumper';

const noRelation = (why: string): Problem =>
  problem(
    'no-clock-relation',
    `durations of DPCs and ISRs are unknown: InitialTime and Clock-Time are on two scales, and ${why}. ${REMEDY}`,
  );

const NO_RELATION = noRelation('the file gives no rate or no start of the counter');

/** Holds a run in counter ticks whose time stamp is a FILETIME; any other cannot be related. */
function holdUnrelated(
  context: KernelContext,
  w: NonNullable<Writers['dpcIsr']>,
  head: KernelHead,
  initial: Ticks,
  initialText: string,
): Outcome {
  const { out, timeline } = context;
  const { stamp, stampText, atUs } = head;
  const isHeldKind = !isFiletime(initial) && stamp !== null && isFiletime(stamp) && !Number.isNaN(atUs);
  if (!isHeldKind || timeline.counterPerUs === null || timeline.startFiletime === null) return NO_RELATION;
  context.assumed ??= assumedClock(out, w, timeline.startFiletime, initial, timeline.counterPerUs);
  const quote = out.quoteRow(head.byte, head.line);
  switch (holdRun(context.assumed, { stamp, stampText, initial, initialText, endUs: atUs }, quote)) {
    case 'held':
      return 'row';
    case 'too-far':
      return badField('InitialTime');
    case 'too-many':
      return problem('too-many-rows', `more runs than can be held in memory to relate their times. ${REMEDY}`);
  }
}

/** At the end of a trace, and before the header of another that was put behind it. */
export function settleRuns(context: KernelContext): void {
  const { assumed, out } = context;
  if (assumed === null) return;
  context.assumed = null;
  const refusal = settleClock(assumed, out, (cpu, endUs, line) => noteOrder(context, cpu, endUs, line));
  if (refusal === null) return;
  const { code, message } = noRelation(refusal.message);
  for (const [i, example] of refusal.examples.entries()) {
    const count = i === 0 ? refusal.count - refusal.examples.length + 1 : 1;
    out.diagnostics.add(code, 'data-loss', message, { line: refusal.line, example, count });
  }
  if (context.rowAnyway) return;
  out.account.rows -= refusal.count;
  out.account.skipped += refusal.count;
}

/** tracerpt writes events in the order of their time stamps; rows that are not would be nested wrongly. */
function noteOrder({ out, lastEndUs }: KernelContext, cpu: number, endUs: number, line: number): void {
  const last = lastEndUs.get(cpu);
  if (last !== undefined && endUs < last) {
    out.diagnostics.add(
      'time-inversion',
      'warning',
      'DPCs or ISRs are not in the order in which they ended on their CPU: exclusive times may be wrong',
      { line },
    );
  } else lastEndUs.set(cpu, endUs);
}
