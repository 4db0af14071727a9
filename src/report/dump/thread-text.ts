/** Threads in full, with their stacks; and groups of threads with the same stack. */
import type { DumpResult, DumpThread } from '../../analyses/dump/result.js';
import { printable } from '../../core/text.js';
import { colorsOf, rowLimit, type TerminalOptions, wrap } from '../terminal.js';
import { placeText } from '../views.js';
import { fittedLine } from './lines.js';
import {
  countText,
  type DumpIndex,
  durationText,
  edgeText,
  frameText,
  indexOf,
  nameText,
  nodeParts,
  tellingFrame,
} from './names.js';
import { type StackGroup, stackGroups } from './stack-groups.js';

export interface ThreadTextOptions extends TerminalOptions {
  readonly top: number | null;
  /** Frames shown of a stack; 0 = all. */
  readonly depth: number | null;
}

/** Threads whose stacks are printed. */
const DEFAULT_THREADS = 10;
const DEFAULT_GROUPS = 20;

/** The threads of these ids in full. */
export function renderThreads(result: DumpResult, ids: ReadonlySet<string>, options: ThreadTextOptions): string {
  const index = indexOf(result);
  const threads = result.threads.filter(({ id }) => ids.has(id));
  const shown = threads.slice(0, rowLimit(options.top, DEFAULT_THREADS));
  const parts = shown.map((thread) => oneThread(thread, index, options));
  if (shown.length < threads.length) {
    parts.push(colorsOf(options).dim(`(${shown.length} of ${threads.length} threads shown; --top 0 shows all)\n`));
  }
  return parts.join('\n');
}

function oneThread(thread: DumpThread, index: DumpIndex, options: ThreadTextOptions): string {
  const head = fittedLine(
    [`Thread ${nodeParts(thread.id, index)[0]}`, ...nodeParts(thread.id, index).slice(1)],
    { first: '', later: '  ' },
    options,
    true,
  );
  const about = [stateLine(thread), objectsLine(thread), timesLine(thread)].filter((line) => line !== '');
  const waits = (index.waits.get(thread.id) ?? []).map(
    (edge) =>
      `waits for ${edgeText(edge, index)} of ${nodeParts(edge.to, index).join(' ')}: ${printable(edge.statement, 400)}`,
  );
  const place = thread.evidence.length === 0 ? [] : [`at ${thread.evidence.slice(0, 4).map(placeText).join(', ')}`];
  const lines = [...about, ...waits, ...place].map((line) => wrap(`  ${line}`, options.width, 4));
  return `${[head, ...lines, ...frameLines(thread, options.depth ?? 0, options)].join('\n')}\n`;
}

function stateLine({ state, processor, waitReason, priority, isIdle, startRoutine }: DumpThread): string {
  const parts = [
    state === null ? null : `${nameText(state)}${processor === null ? '' : ` on processor ${processor}`}`,
    waitReason === null ? null : `(${nameText(waitReason)})`,
    priority === null ? null : `priority ${priority}`,
    isIdle ? 'waits for work' : null,
    startRoutine === null ? null : `began in ${nameText(startRoutine)}`,
  ];
  return parts.filter((part) => part !== null).join(', ');
}

function objectsLine({ waitObjects, irps }: DumpThread): string {
  const objects = waitObjects.slice(0, 8).map(({ address, type, owner }) =>
    [type, address, owner === null ? null : `of ${owner}`]
      .filter((part) => part !== null)
      .map(nameText)
      .join(' '),
  );
  const parts = [];
  if (objects.length > 0) parts.push(`wait objects: ${objects.join(', ')}`);
  if (irps.length > 0) parts.push(`IRPs: ${irps.slice(0, 8).map(nameText).join(', ')}${irps.length > 8 ? ' …' : ''}`);
  return parts.join('; ');
}

function timesLine({ waitStartTicks, waitTicks, waitStartUtc, userMs, kernelMs, contextSwitches }: DumpThread): string {
  const parts = [
    waitTicks === null ? null : `waits ${waitTicks} ticks`,
    waitStartTicks === null ? null : `since tick ${waitStartTicks}`,
    waitStartUtc === null ? null : `since ${waitStartUtc}`,
    userMs === null ? null : `user ${durationText(userMs)}`,
    kernelMs === null ? null : `kernel ${durationText(kernelMs)}`,
    contextSwitches === null ? null : countText(contextSwitches, 'context switch', 'context switches'),
  ];
  return parts.filter((part) => part !== null).join(', ');
}

/** The first frames of a stack, the telling one marked; those behind a doubtful one say so. */
function frameLines(thread: DumpThread, depth: number, options: TerminalOptions): string[] {
  const c = colorsOf(options);
  const { frames, doubtfulFrame } = thread;
  if (frames.length === 0)
    return [c.dim(thread.stackNotResident ? '  kernel stack not resident' : '  no stack in the log')];
  const telling = tellingFrame(thread);
  let marked = false;
  const lines = frames.slice(0, depth || frames.length).map((frame, i) => {
    const text = frameText(frame);
    const mark = !marked && text === telling ? '>' : ' ';
    marked ||= mark === '>';
    const doubt = doubtfulFrame !== null && i + 1 >= doubtfulFrame ? ' ?' : '';
    const line = `  ${mark} ${String(i).padStart(2)} ${mark === '>' ? c.bold(text) : text}${doubt}`;
    return wrap(line, options.width, 8);
  });
  const more = frames.length - lines.length;
  if (more > 0) lines.push(c.dim(`  (${more} more frames; --depth 0 shows all)`));
  if (doubtfulFrame !== null) lines.push(c.dim('  (? marks frames that the debugger could not unwind for certain)'));
  return lines;
}

/** Groups with the first frames of their stacks. */
export function renderStacks(result: DumpResult, options: ThreadTextOptions): string {
  const c = colorsOf(options);
  const groups = stackGroups(result);
  const shown = groups.slice(0, rowLimit(options.top, DEFAULT_GROUPS));
  const parts = shown.map((group) => oneGroup(group, options));
  if (shown.length < groups.length)
    parts.push(c.dim(`(${shown.length} of ${groups.length} shown; --top 0 shows all)\n`));
  return `${c.bold('Threads by stack')}\n${parts.length === 0 ? 'none\n' : parts.join('\n')}`;
}

function oneGroup({ first, threads, longestWaitMs, processes }: StackGroup, options: ThreadTextOptions): string {
  const images = processes.slice(0, 4).map(nameText);
  const parts = [
    countText(threads.length, 'thread'),
    `${threads.length > 1 ? 'first ' : ''}${nameText(first.id)}`,
    ...(images.length === 0
      ? []
      : [`${images.join(', ')}${processes.length > 4 ? ` and ${processes.length - 4} more` : ''}`]),
    `longest wait ${durationText(longestWaitMs)}`,
  ];
  const head = fittedLine(parts, { first: '', later: '  ' }, options, true);
  return `${[head, ...frameLines(first, options.depth ?? 0, options)].join('\n')}\n`;
}
