/** Single events as text, one at a time: a log has millions. */
import { printable, safeJson } from '../core/text.js';
import type { EventRow } from '../events.js';
import { csvCell } from './rows.js';

/** Turns events into text one by one. */
export interface EventWriter {
  /** What stands before the first one. */
  readonly head: string;
  line(event: EventRow): string;
}

export const ndjsonEvents: EventWriter = {
  head: '',
  line({ fieldsJson, payloadHex, stack, line, byte, ...head }) {
    // The fields are JSON already: they are put in as they are.
    const front = JSON.stringify(head).slice(0, -1);
    const back = JSON.stringify({ payloadHex, stack, line, byte }).slice(1);
    return `${safeJson(`${front},"fields":${fieldsJson ?? 'null'},${back}`)}\n`;
  },
};

const COLUMNS = [
  'source',
  'atUs',
  'utc',
  'cpu',
  'pid',
  'tid',
  'process',
  'provider',
  'providerName',
  'group',
  'opcode',
  'id',
  'version',
  'name',
  'level',
  'task',
  'channel',
  'keyword',
  'activityId',
  'relatedActivityId',
  'extended',
  'message',
  'fields',
  'payloadHex',
  'stack',
  'line',
  'byte',
] as const;

/**
 * CSV (RFC 4180), one event a line; fields as JSON, stacks as frames joined by `;`. Formulas are made harmless, as in every
 * CSV, and control characters visible: a message may hold any. NDJSON keeps every character as it is.
 */
export const csvEvents: EventWriter = {
  head: `${COLUMNS.join(',')}\n`,
  line: (event) => `${COLUMNS.map((name) => csvCell(cellOf(event, name))).join(',')}\n`,
};

function cellOf(event: EventRow, name: (typeof COLUMNS)[number]): string | number | null {
  switch (name) {
    case 'fields':
      return event.fieldsJson === null ? null : safeJson(event.fieldsJson);
    case 'extended':
      return event.extended === null ? null : safeJson(JSON.stringify(event.extended));
    case 'stack':
      return event.stack === null ? null : event.stack.map(frameText).join(';');
    default:
      return event[name];
  }
}

function frameText({ address, module, function: fn }: NonNullable<EventRow['stack']>[number]): string {
  return `${module === null ? '' : `${module}!`}${fn ?? address ?? ''}`;
}

const FRAMES_SHOWN = 6;

/** Lines for people: time, CPU, process, event, fields; cut at the width of the terminal, stacks beneath. */
export function terminalEvents(width: number, withStacks: boolean, several = false): EventWriter {
  // On a narrow terminal the process has less room, so that the event has some.
  const whoWidth = width < 120 ? 20 : 32;
  const head = `${several ? 'Log  ' : ''}${'Time s'.padStart(12)}  CPU  ${'Process (PID, TID)'.padEnd(whoWidth)}  Event`;
  return {
    head: `${head}\n`,
    line(event) {
      const time = event.atUs === null ? '?' : (event.atUs / 1e6).toFixed(6);
      const who = `${printable(event.process ?? '?', whoWidth - 14)} (${event.pid ?? '?'}, ${event.tid ?? '?'})`;
      const what = `${eventName(event)}  ${fieldsText(event)}`.trimEnd();
      const log = several ? event.source.padEnd(5) : '';
      const line = `${log}${time.padStart(12)}  ${String(event.cpu ?? '?').padStart(3)}  ${who.padEnd(whoWidth)}  ${what}`;
      return `${cutTo(line, width)}\n${withStacks ? stackLines(event, width) : ''}`;
    },
  };
}

function eventName({ provider, providerName, name }: EventRow): string {
  const text = printable(name ?? '?', 80);
  // Classic events bear the name of their class already.
  const hasProvider = provider === null || provider === 'kernel' || name?.startsWith(`${providerName}/`);
  return hasProvider ? text : `${printable(providerName ?? provider, 60)}/${text}`;
}

function fieldsText({ message, fieldsJson, payloadHex, opcode }: EventRow): string {
  const fields = fieldsJson === null ? null : (JSON.parse(fieldsJson) as Record<string, unknown>);
  // Of WPP messages, which have no opcode, the text is what counts; of others the fields are surer.
  if (message !== null && (opcode === null || fields === null)) return printable(message, 400);
  if (fields === null) return payloadHex === null ? '' : `hex ${printable(payloadHex, 200)}`;
  const shown = Object.entries(fields).map(([name, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return name === 'Data' && Object.keys(fields).length === 1 ? text : `${name}=${text}`;
  });
  return printable(shown.join(', '), 400);
}

function stackLines({ stack }: EventRow, width: number): string {
  if (stack === null) return '';
  const lines = stack.slice(0, FRAMES_SHOWN).map((frame) => `${' '.repeat(16)}${printable(frameText(frame), 120)}`);
  if (stack.length > FRAMES_SHOWN) lines.push(`${' '.repeat(16)}… ${stack.length - FRAMES_SHOWN} more`);
  return `${lines.map((line) => cutTo(line, width)).join('\n')}\n`;
}

/** Never in the middle of a character of two UTF-16 units. */
function cutTo(line: string, width: number): string {
  return line.length > width ? `${line.slice(0, width - 1).replace(/[\ud800-\udbff]$/, '')}…` : line;
}
