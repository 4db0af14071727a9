/** What a trace says of itself: its header event, and its marks of lost events. */

import { filetimeToUtc, isFiletime, parseTicks, type Ticks, ticksBetween, ticksValue } from '../../src/core/time.js';
import type { KernelContext, KernelHead } from './context.js';
import { settleRuns } from './dpc-rows.js';
import { type FieldOf, wholeNumber } from './field-values.js';
import type { KernelEvent } from './kernel-events.js';
import type { Outcome } from './outcome.js';
import { FILETIME_PER_US } from './timeline.js';

/** A marker where the session lost events: the trace has a hole there. */
export function noteLost(context: KernelContext, known: KernelEvent, head: KernelHead): Outcome {
  context.out.diagnostics.add(
    'lost-in-trace',
    'data-loss',
    `the trace marks places where it lost something (first: ${known.says}): runs in the gaps are missing`,
    { line: head.line },
  );
  return 'unwanted';
}

// Bits of LogFileMode: https://learn.microsoft.com/windows/win32/etw/logging-mode-constants
const MODES: readonly (readonly [number, string])[] = [
  [0x1, 'sequential'],
  [0x2, 'circular'],
  [0x4, 'append'],
  [0x8, 'new file'],
  [0x100, 'real time'],
  [0x400, 'buffering'],
  [0x4000000, 'compressed'],
  [0x2000000, 'system logger'],
];
const COMPRESSED = 0x4000000;

/**
 * The `EventTrace, Header` event: TRACE_LOGFILE_HEADER without its time zone. Times in it are FILETIMEs whatever the
 * clock of the events is; its own time stamp is the start of the trace on that clock.
 */
export function readHeader(context: KernelContext, head: KernelHead, field: FieldOf): Outcome {
  const { out } = context;
  const { about } = out;
  settleRuns(context);
  context.pool.end();
  const number = (name: string): number | null => wholeNumber(field(name));
  about.machine.build = number('ProviderVersion');
  about.machine.cpus = number('NumberOfProcessors') || null;
  about.machine.os = osVersion(number('Version'), about.machine.build);
  about.eventsLost = number('EventsLost');
  about.buffersLost = number('BuffersLost');
  if (about.eventsLost !== null || about.buffersLost !== null) {
    about.lossPlace = { line: head.line, byte: head.byte, quote: out.quoteRow(head.byte, head.line) };
  }
  const mode = number('LogFileMode');
  about.session = {
    name: field('SessionNameString') || null,
    mode: mode === null ? null : modeText(mode),
    bufferBytes: number('BufferSize') || null,
    buffers: number('BuffersWritten'),
    compressed: mode === null ? null : (mode & COMPRESSED) !== 0,
    pointerBytes: number('PointerSize') || null,
  };
  setClock(context, head, field);
  return 'unwanted';
}

const modeText = (mode: number): string => {
  const names = MODES.filter(([bit]) => (mode & bit) !== 0).map(([, name]) => name);
  return names.length === 0 ? `0x${mode.toString(16)}` : `0x${mode.toString(16)} (${names.join(', ')})`;
};

/** Version: major and minor in the low two bytes. */
function osVersion(version: number | null, build: number | null): string | null {
  if (version === null) return null;
  const text = `${version & 0xff}.${(version >> 8) & 0xff}`;
  return build === null ? text : `${text}.${build}`;
}

function setClock(context: KernelContext, head: KernelHead, field: FieldOf): void {
  const { timeline, out } = context;
  const start = filetimeField(field('StartTime'));
  const end = filetimeField(field('EndTime'));
  timeline.counterPerUs = counterPerUs(field);
  if (head.stamp !== null) {
    timeline.startFiletime = isFiletime(head.stamp) ? head.stamp : start;
    timeline.startCounter = isFiletime(head.stamp) ? null : head.stamp;
  } else timeline.startFiletime = start;
  const { clock, span } = out.about;
  const shown = start ?? timeline.startFiletime;
  clock.startUtc = shown === null ? null : filetimeToUtc(ticksValue(shown));
  // The system time that StartTime was read from may be one timer tick (100 ns units) behind.
  const tick = wholeNumber(field('TimerResolution'));
  clock.uncertaintyMs = shown === null || tick === null ? null : tick / 1e4;
  span.startUs = 0;
  if (start !== null && end !== null) span.endUs = ticksBetween(start, end) / FILETIME_PER_US;
}

function filetimeField(text: string | undefined): Ticks | null {
  const ticks = parseTicks(text ?? '');
  return ticks !== null && isFiletime(ticks) ? ticks : null;
}

/** ReservedFlags holds the clock type: 1 performance counter, 2 system time (100 ns), 3 CPU cycles (CPUSpeed in MHz). */
function counterPerUs(field: FieldOf): number | null {
  const type = wholeNumber(field('ReservedFlags'));
  const rate =
    type === 3
      ? wholeNumber(field('CPUSpeed'))
      : type === 2
        ? FILETIME_PER_US
        : (wholeNumber(field('PerfFreq')) ?? 0) / 1e6;
  return rate === null || rate <= 0 ? null : rate;
}
