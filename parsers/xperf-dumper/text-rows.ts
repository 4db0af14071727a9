/** Rows of the other tables: cut into text fields by their schema line. */
import type { Output } from '../../src/core/parser.js';
import type { Row, TableDef } from '../../src/core/schema.js';
import { parseAddress, splitSymbol } from '../../src/core/symbol.js';
import { cswitch } from '../../src/tables/cswitch.js';
import { image } from '../../src/tables/image.js';
import { processTable } from '../../src/tables/process.js';
import { readyThread } from '../../src/tables/ready-thread.js';
import { stack } from '../../src/tables/stack.js';
import { threadTable } from '../../src/tables/thread.js';

/** One line's fields by column name (lower case, blanks taken out). */
export interface Fields {
  text(column: string): string | null;
  /** Decimal number; null where it is none. */
  number(column: string): number | null;
  /** `chrome.exe (1234)`: name and id. */
  process(column: string): { readonly name: string | null; readonly pid: number | null };
  address(column: string): bigint | null;
}

/** A column's name as `Fields` knows it: `Process Name ( PID)` is `processname(pid)`. */
export const columnKey = (column: string): string => column.replace(/\s+/g, '').toLowerCase();

/**
 * Cuts a line into its fields. Quoted strings may hold commas; so may symbols (`foo<int, bar>::baz`): where there are
 * more fields than columns, commas inside brackets do not separate. Null where the count still does not fit.
 */
export function cutFields(line: string, columns: readonly string[], known = new Known()): Fields | null {
  let parts = split(line, false);
  if (parts.length > columns.length) parts = split(line, true);
  if (parts.length > columns.length && isFreeText(columns[columns.length - 1])) {
    parts = [...parts.slice(0, columns.length - 1), parts.slice(columns.length - 1).join(',')];
  }
  // Optional last fields are left out by some versions of xperf (SampledProfile type, PrevCState).
  if (parts.length > columns.length || parts.length < Math.max(2, columns.length - 2)) return null;
  return new CutLine(parts, known.placesOf(columns), known);
}

const NO_PROCESS = { name: null, pid: null };
const MAX_PROCESSES = 20_000;

/** What millions of lines have in common: where columns stand, and processes. */
class Known {
  #columns: readonly string[] = [];
  #places: ReadonlyMap<string, number> = new Map();
  readonly #processes = new Map<string, ReturnType<typeof processOf>>();

  placesOf(columns: readonly string[]): ReadonlyMap<string, number> {
    if (columns !== this.#columns) {
      this.#columns = columns;
      this.#places = new Map(columns.map((column, i) => [columnKey(column), i]));
    }
    return this.#places;
  }

  process(text: string): ReturnType<typeof processOf> {
    let process = this.#processes.get(text);
    if (process === undefined) {
      // A copy: a slice of a line would keep the whole block of lines in memory.
      const own = Buffer.from(text).toString();
      process = processOf(own);
      if (this.#processes.size < MAX_PROCESSES) this.#processes.set(own, process);
    }
    return process;
  }
}

/** A decimal number; null of anything else. Whole numbers, which most are, without a regular expression. */
function decimal(text: string): number | null {
  let value = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9 || i > 14) return /^-?\d{1,15}(\.\d+)?$/.test(text) ? Number(text) : null;
    value = 10 * value + digit;
  }
  return text === '' ? null : value;
}

class CutLine implements Fields {
  constructor(
    private readonly parts: readonly string[],
    private readonly places: ReadonlyMap<string, number>,
    private readonly known: Known,
  ) {}

  text(column: string): string | null {
    const at = this.places.get(column);
    const part = at === undefined ? undefined : this.parts[at];
    if (part === undefined) return null;
    const value = part.trim();
    if (value === '') return null;
    return value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
  }

  number(column: string): number | null {
    const value = this.text(column);
    return value === null ? null : decimal(value);
  }

  process(column: string): { readonly name: string | null; readonly pid: number | null } {
    const value = this.text(column);
    return value === null ? NO_PROCESS : this.known.process(value);
  }

  address(column: string): bigint | null {
    const value = this.text(column);
    return value === null ? null : parseAddress(value);
  }
}

/** `chrome.exe (1234)`, taken apart. */
export function processOf(text: string): { readonly name: string; readonly pid: number | null } {
  const match = /^(.*?)\s*\(\s*(-?\d{1,10})\)$/.exec(text);
  return match === null ? { name: text, pid: null } : { name: match[1], pid: asId(Number(match[2])) };
}

/** Ids are unsigned; all bits set stands for none. */
function asId(id: number): number | null {
  return id === 0xffffffff || id < 0 ? null : id;
}

/** True where the fields of a column may hold commas. */
export const isFreeText = (column: string): boolean => /function|name|command line|text|information/i.test(column);

function split(line: string, brackets: boolean): string[] {
  if (!brackets && !line.includes('"')) return line.split(',');
  const parts: string[] = [];
  let quoted = false;
  let depth = 0;
  let from = 0;
  for (let i = 0; i < line.length; i++) {
    const c = line[i];
    if (c === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (c === ',' && depth === 0) {
      parts.push(line.slice(from, i));
      from = i + 1;
    } else if (brackets && (c === '<' || c === '(' || c === '[')) depth++;
    else if (brackets && (c === '>' || c === ')' || c === ']')) depth = Math.max(0, depth - 1);
  }
  parts.push(line.slice(from));
  return parts;
}

const RUNDOWN: Readonly<Record<string, string>> = {
  Start: 'start',
  End: 'end',
  DCStart: 'rundown-start',
  DCEnd: 'rundown-end',
  Zombie: 'defunct',
};
const IMAGE_EVENTS: Readonly<Record<string, string>> = { ...RUNDOWN, Start: 'load', End: 'unload' };

/** How one family of events becomes rows of a table; `row` is null where the fields do not make one. */
interface Mapping<T extends TableDef = TableDef> {
  readonly table: T;
  readonly events: RegExp;
  row(fields: Fields, event: string, atUs: number): Partial<Row<T>> | null;
}

const mapping = <T extends TableDef>(m: Mapping<T>): Mapping => m as unknown as Mapping;

const MAPPINGS: readonly Mapping[] = [
  mapping({
    table: image,
    events: /^I-(Start|End|DCStart|DCEnd)$/,
    row(fields, event, atUs) {
      const base = fields.address('baseaddr');
      if (base === null) return null;
      return {
        event: IMAGE_EVENTS[event.slice(2)],
        atUs,
        pid: fields.process('processname(pid)').pid,
        base,
        end: fields.address('endaddr'),
        timeDateStamp: linkTime(fields.address('timedatestamp')),
        path: fields.text('filename'),
      };
    },
  }),
  mapping({
    table: processTable,
    events: /^P-(Start|End|DCStart|DCEnd|Zombie)$/,
    row(fields, event, atUs) {
      const { name, pid } = fields.process('processname(pid)');
      return {
        event: RUNDOWN[event.slice(2)],
        atUs,
        process: name,
        pid,
        parentPid: fields.number('parentpid'),
        sessionId: fields.number('sessionid'),
        commandLine: fields.text('commandline'),
      };
    },
  }),
  mapping({
    table: threadTable,
    events: /^T-(Start|End|DCStart|DCEnd)$/,
    row(fields, event, atUs) {
      const { name, pid } = fields.process('processname(pid)');
      return {
        event: RUNDOWN[event.slice(2)],
        atUs,
        process: name,
        pid,
        tid: fields.number('threadid'),
        startRoutine: fields.text('image!function'),
      };
    },
  }),
  mapping({
    table: cswitch,
    events: /^CSwitch$/,
    row(fields, _event, atUs) {
      const next = fields.process('newprocessname(pid)');
      const old = fields.process('oldprocessname(pid)');
      return {
        atUs,
        cpu: fields.number('cpu'),
        newProcess: next.name,
        newPid: next.pid,
        newTid: fields.number('newtid'),
        newPriority: fields.number('npri'),
        oldProcess: old.name,
        oldPid: old.pid,
        oldTid: fields.number('oldtid'),
        oldPriority: fields.number('opri'),
        oldState: fields.text('oldstate'),
        waitReason: fields.text('waitreason'),
        waitUs: fields.number('waittime'),
      };
    },
  }),
  mapping({
    table: readyThread,
    events: /^ReadyThread$/,
    row(fields, _event, atUs) {
      const by = fields.process('processname(pid)');
      const ready = fields.process('rdyprocessname(pid)');
      return {
        atUs,
        process: by.name,
        pid: by.pid,
        tid: fields.number('threadid'),
        readyProcess: ready.name,
        readyPid: ready.pid,
        readyTid: fields.number('rdytid'),
        adjustReason: fields.text('adjustreason'),
        inDpc: fields.text('indpc'),
      };
    },
  }),
  mapping({
    table: stack,
    events: /^Stack$/,
    row(fields, _event, atUs) {
      const routine = fields.text('image!function');
      return {
        atUs,
        tid: fields.number('threadid'),
        frame: fields.number('no.'),
        address: fields.address('address'),
        module: routine === null ? null : splitSymbol(routine).module,
        routine,
      };
    },
  }),
];

const linkTime = (stamp: bigint | null): number | null => (stamp === null || stamp === 0n ? null : Number(stamp));

/** Tables that these rows can fill. */
export const TEXT_TABLES: readonly TableDef[] = MAPPINGS.map((m) => m.table);

/** Why a line did not become a row; null where it did. */
export type TextHandler = (
  line: string,
  columns: readonly string[],
  place: { line: number; byte: number },
) => string | null;

/** The handler for an event's lines, or null where no table wants them. */
export function textHandler(event: string, out: Output): TextHandler | null {
  const found = MAPPINGS.find((m) => m.events.test(event));
  if (found === undefined) return null;
  const writer = out.writer(found.table);
  if (writer === null) return null;
  const known = new Known();
  return (line, columns, place) => {
    const fields = cutFields(line, columns, known);
    if (fields === null) return 'another number of fields than its schema line';
    const atUs = fields.number('timestamp');
    if (atUs === null) return 'TimeStamp is no number';
    const row = found.row(fields, event, atUs);
    if (row === null) return 'its address is no number';
    writer.row(Object.assign(row, place));
    return null;
  };
}
