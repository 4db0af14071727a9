/** Deadlocks on a terminal: each thread, what it waits for, and round to the first. */
import type { DumpDeadlock, DumpResult, WaitEdge } from '../../analyses/dump/result.js';
import { colorsOf, rowLimit, wrap } from '../terminal.js';
import type { ListTextOptions } from './chain-text.js';
import { fittedLine } from './lines.js';
import { countText, type DumpIndex, edgeText, indexOf, nameText, nodeParts } from './names.js';

const DEFAULT_DEADLOCKS = 10;
/** Threads shown of a deadlock, and of those that wait for one. */
const DEFAULT_MEMBERS = 20;
const DEFAULT_VICTIMS = 6;

export function renderDeadlocks(result: DumpResult, options: ListTextOptions): string {
  const c = colorsOf(options);
  const { deadlocks } = result;
  if (deadlocks.length === 0) return `${c.bold('Deadlocks')}\nnone\n`;
  const index = indexOf(result);
  const shown = deadlocks.slice(0, rowLimit(options.top, DEFAULT_DEADLOCKS));
  const parts = shown.map((deadlock) => oneDeadlock(deadlock, index, options));
  const of = result.cut.deadlocks ?? deadlocks.length;
  const note = shown.length < of ? `${c.dim(`(${shown.length} of ${of} shown; --top 0 shows all)`)}\n` : '';
  return `${c.bold('Deadlocks')}\n${parts.join('')}${note}`;
}

function oneDeadlock(deadlock: DumpDeadlock, index: DumpIndex, options: ListTextOptions): string {
  const c = colorsOf(options);
  const { threads, victims, certain } = deadlock;
  const head = `${certain ? 'DEADLOCK' : 'POSSIBLE DEADLOCK'} of ${countText(threads.length, 'thread')}${certain ? '' : '; ? marks what is inferred'}`;
  const lines = [c.red(head)];
  const members = new Set(threads);
  const shown = threads.slice(0, rowLimit(options.top, DEFAULT_MEMBERS));
  shown.forEach((id, i) => {
    lines.push(fittedLine(nodeParts(id, index), { first: '  ', later: '    ' }, options, true));
    for (const { edge, to } of waitsOf(deadlock, id, members, threads[(i + 1) % threads.length])) {
      lines.push(fittedLine([waitText(edge, to, index)], { first: '    ', later: '      ' }, options));
    }
  });
  if (shown.length < threads.length) lines.push(c.dim(`  (${threads.length - shown.length} more; --top 0 shows all)`));
  if (victims.length > 0) lines.push(wrap(`  ${victimsText(victims, options)}`, options.width, 4));
  return `${lines.join('\n')}\n`;
}

function waitText(edge: WaitEdge | null, to: string, index: DumpIndex): string {
  if (edge === null) return `waits for ${nameText(to)}`;
  // The object that it waits for is the other thread itself.
  if (edge.kind === 'thread' && edge.object === to)
    return `waits for ${edge.certain ? '' : '? '}thread ${nameText(to)} to end`;
  return `waits for ${edgeText(edge, index)} of ${nameText(to)}`;
}

/** What a member waits for inside the deadlock; the next member where the edges do not say. */
function waitsOf({ edges }: DumpDeadlock, id: string, members: ReadonlySet<string>, next: string) {
  const own = edges.filter(({ from, to }) => from === id && members.has(to));
  return own.length === 0 ? [{ edge: null, to: next }] : own.map((edge) => ({ edge, to: edge.to }));
}

function victimsText(victims: readonly string[], { top }: ListTextOptions): string {
  const shown = victims.slice(0, rowLimit(top, DEFAULT_VICTIMS)).map(nameText);
  const more = victims.length - shown.length;
  return (
    `${countText(victims.length, 'thread')} outside ${victims.length === 1 ? 'waits' : 'wait'} for them: ` +
    `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
  );
}
