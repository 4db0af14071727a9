import type { Diagnostics, Severity } from './diagnostic.js';
import type { Store, TableDef } from './schema.js';
import type { Block, Encoding, SourceStream } from './source.js';
import { type Batch, type Consumer, OTHER_NAMES, Writer } from './table.js';
import { decodeUtf8 } from './text.js';

/** Names of events counted one by one: more than any trace has. */
const MAX_EVENT_NAMES = 10_000;

/** What a parser may look at to say whether a source is its own. */
export interface Prefix {
  readonly encoding: Encoding;
  /** The first bytes, decoded; control characters as they are. */
  readonly text: string;
  /** `text` cut into lines, without line ends; the last one may be cut. */
  readonly lines: readonly string[];
  readonly bytes: Buffer;
}

/**
 * A parser's answer to "is this yours?". `why` of a refusal is shown where no parser claims the source: give one only
 * where the source looks like a relative (the right tool but another table, say), and name what would be needed.
 */
export type Claim = { readonly claims: true } | { readonly claims: false; readonly why: string | null };

export const CLAIMED: Claim = { claims: true };
export const NOT_MINE: Claim = { claims: false, why: null };
export const refuse = (why: string): Claim => ({ claims: false, why });

/** How a source tells time. */
export interface Clock {
  /** Start of the trace, ISO 8601 with Z; null where the source does not say. */
  startUtc: string | null;
  /** Zone in which the source prints times of day; null where it does not say. */
  zone: string | null;
  /** Smallest step of the times printed; null where unknown. */
  resolutionNs: number | null;
  /** How far `startUtc` may be off; null where there is none. */
  uncertaintyMs: number | null;
  /**
   * What the source's own clock showed at `atUs` 0, where that is all that it says: `2025-08-21T09:46:11.485`, or
   * `10:05:11.005` where it names no day.
   */
  startLocal?: string;
}

/** What the user knows of a source's clock that the source does not say; null where nothing was said. */
export interface ClockGiven {
  /** Day of the first message, `2026-11-20`. */
  readonly date: string | null;
  /** Zone of its times: `+02:00`, `UTC`, `Europe/Berlin`. */
  readonly zone: string | null;
  /** Order of day and month in dates that can be read both ways. */
  readonly dateOrder: 'dmy' | 'mdy' | null;
}

export const NO_CLOCK: ClockGiven = { date: null, zone: null, dateOrder: null };

/** What a source says of itself, filled in by its parser as it reads. */
export interface About {
  clock: Clock;
  machine: { os: string | null; build: number | null; cpus: number | null };
  /** First and last instant of the trace, µs from its start; null where unknown. */
  span: {
    startUs: number | null;
    endUs: number | null;
    /** When recording began, where the source says so: a log that wraps has lost what came before `startUs`. */
    openedUs?: number;
  };
  /** As the source's own header counts them; null where it does not. */
  eventsLost: number | null;
  buffersLost: number | null;
  /** Where the source counts its lost events, for evidence; null where it does not. */
  lossPlace: { readonly line: number | null; readonly byte: number | null; readonly quote: string } | null;
  /** False where the format never holds names of functions: then they are not missing. */
  functionNames: boolean;
  /** Which end of a run its printed time was taken to be, where the format does not document it; null elsewhere. */
  assumedTimestamp: 'start' | 'end' | null;
  /** True where the source ends before its end. */
  truncated: boolean;
  session: Session | null;
  /** Call stacks, and those whose event was found; null where the source was not asked, or cannot say. */
  stacks: { readonly events: number; readonly matched: number } | null;
  /** Samples that were left out because nobody wants those of user mode. */
  samplesLeftOut: number;
  /** Assumptions made in reading, in words, printed with the answer. */
  readonly notes: string[];
}

export interface Session {
  readonly name: string | null;
  readonly mode: string | null;
  readonly bufferBytes: number | null;
  readonly buffers: number | null;
  readonly compressed: boolean | null;
  readonly pointerBytes: number | null;
  /** Name of the log's file when it was written. */
  readonly logFile?: string | null;
  /** Clock of the events, and its ticks a second. */
  readonly clock?: string | null;
  readonly clockHz?: number | null;
  /** ISO 8601 with Z. */
  readonly bootUtc?: string | null;
  readonly endUtc?: string | null;
  /** Name of the recording machine's time zone. */
  readonly zoneName?: string | null;
}

/** What an event is, as far as its source says: the fields of `info`'s list. */
export interface EventIdentity {
  /**
   * `kernel`, or the GUID, in lower case, of a provider, of the class of a classic event or of a message's source file;
   * null where the source names events only.
   */
  readonly provider: string | null;
  readonly providerName: string | null;
  readonly group: number | null;
  readonly opcode: number | null;
  readonly id: number | null;
  readonly version: number | null;
  readonly name: string;
}

/** Events of one kind. */
export interface EventCount {
  readonly identity: EventIdentity | null;
  count: number;
  bytes: number;
}

/** Every unit read is one of these: read = rows + skipped + ignored. */
export interface Account {
  /** Lines for line-oriented formats, records for CSV and XML, events for binary logs. */
  unit: 'line' | 'record' | 'event';
  read: number;
  /** Became a row of a table that was asked for. */
  rows: number;
  /** Damaged: could not be used; each has a diagnostic. */
  skipped: number;
  /** Sound, but not needed: headers, blank lines, other events. */
  ignored: number;
}

/** Where a parser puts what it reads. */
export class Output {
  readonly account: Account = { unit: 'line', read: 0, rows: 0, skipped: 0, ignored: 0 };
  readonly about: About = {
    clock: { startUtc: null, zone: null, resolutionNs: null, uncertaintyMs: null },
    machine: { os: null, build: null, cpus: null },
    span: { startUs: null, endUs: null },
    eventsLost: null,
    buffersLost: null,
    lossPlace: null,
    functionNames: true,
    assumedTimestamp: null,
    truncated: false,
    session: null,
    stacks: null,
    samplesLeftOut: 0,
    notes: [],
  };
  /** Events by name as the source spells it. */
  readonly events = new Map<string, EventCount>();
  /** Turns a row's place into the text it was read from, for rows of the current block. Set by the parser. */
  quoteRow: (byte: number, line: number) => string = () => '';
  readonly #writers: Writer[] = [];

  constructor(
    /** Index of this source among those read. */
    readonly source: number,
    readonly diagnostics: Diagnostics,
    private readonly consumersOf: (table: TableDef) => readonly Consumer[],
  ) {}

  /** The writer for a table, or null where nothing that runs reads that table: then its rows need not be parsed. */
  writer<T extends TableDef>(table: T): Writer<T> | null {
    const open = this.#writers.find((w) => (w.table as TableDef) === table);
    if (open !== undefined) return open as unknown as Writer<T>;
    const consumers = this.consumersOf(table);
    if (consumers.length === 0) return null;
    const writer = new Writer(table, this.source, consumers, this);
    this.#writers.push(writer as unknown as Writer);
    return writer;
  }

  /**
   * Hands all rows on, tables in the order in which their writers were first asked for. Call it before the bytes that
   * `quoteRow` reads are gone: at the end of each block. A full writer flushes all, so that a table asked for earlier is
   * never behind one asked for later.
   */
  flush(): void {
    for (const writer of this.#writers) writer.flush();
  }

  /** Counts one unit as skipped, with the diagnostic that this owes. */
  skip(
    code: string,
    message: string,
    at: { line?: number | null; byte?: number | null; example?: string },
    severity: Severity = 'warning',
  ): void {
    this.account.skipped++;
    this.diagnostics.add(code, severity, message, at);
  }

  countEvent(name: string, bytes: number): void {
    let entry = this.events.get(name);
    if (entry === undefined) {
      const known = this.events.size < MAX_EVENT_NAMES ? name : this.#otherEvent(name);
      entry = this.events.get(known) ?? { identity: null, count: 0, bytes: 0 };
      this.events.set(known, entry);
    }
    entry.count++;
    entry.bytes += bytes;
  }

  /** Adds events of a kind that the source tells by more than a name; each kind once. */
  countKind(identity: EventIdentity, count: number, bytes: number): void {
    const { provider, group, opcode, id, version, name } = identity;
    this.events.set([provider, group, opcode, id, version, name].join('|'), { identity, count, bytes });
  }

  #otherEvent(name: string): string {
    this.diagnostics.add(
      'too-many-event-names',
      'warning',
      `events of more than ${MAX_EVENT_NAMES} names: the others are counted together, as ${OTHER_NAMES}`,
      { example: name },
    );
    return OTHER_NAMES;
  }

  /** Told by a column's dictionary that is full. */
  noRoomFor(text: string, where: string): void {
    this.diagnostics.add(
      'too-many-names',
      'data-loss',
      `more names than a column holds; those that came last became ${OTHER_NAMES} and are one to every answer. ` +
        `The first was in ${where}`,
      { example: text.slice(0, 400) },
    );
  }
}

/** One format: a filled-in form in a file of its own, listed once in parsers/index.ts. */
export interface Parser {
  /** As in `sources[].format` and `--format`, e.g. `xperf-dumper`. */
  readonly name: string;
  /** For `tracekit formats`: what it is, in a line. */
  readonly title: string;
  /** The command that makes such a file. */
  readonly madeBy: string;
  /** Where the format is described. */
  readonly specification: string;
  /** Tables that it can fill. */
  readonly tables: readonly TableDef[];
  /** Looks at a bounded prefix only. */
  sniff(prefix: Prefix): Claim;
  /** Reads the source to its end. Damaged parts are skipped and counted; throws TracekitError only where nothing can be read. */
  parse(stream: SourceStream, out: Output, options: ParseOptions): Promise<void>;
}

/** Says of an event by what is cheap to know whether it is wanted; null = unknown. */
export type EventFilter = (event: {
  readonly atUs: number;
  readonly cpu: number | null;
  readonly pid: number | null;
  readonly tid: number | null;
  /** Of kernel events, whose names are known before they are decoded; null for others. */
  readonly kernelName: string | null;
}) => boolean;

/** A file that was read whole. */
export interface NamedBytes {
  readonly path: string;
  readonly bytes: Buffer;
}

/** Descriptions of events that a source itself does not hold. */
export interface DecodingFiles {
  /** Instrumentation manifests (.man, .xml). */
  readonly manifests: readonly NamedBytes[];
  /** Trace message format files (.tmf). */
  readonly tmf: readonly NamedBytes[];
}

export const NO_DECODING: DecodingFiles = { manifests: [], tmf: [] };

/** What the caller may override where a source does not say. */
export interface ParseOptions {
  /** Which end of a run its TimeStamp is, in formats that do not document it. */
  readonly dpcTimestamp: 'start' | 'end';
  /** All event names and fields are wanted, not only the tables' (`info`). */
  readonly census: boolean;
  /** Events that need not become rows of the table of events; null where all are wanted. A parser may hand them on all the same. */
  readonly eventFilter: EventFilter | null;
  /** Files that the user gave to decode events by. */
  readonly decoding: DecodingFiles;
  /**
   * Samples of user mode need not become rows, only be counted in `about.samplesLeftOut`, and the others may come without
   * their process: for questions about what runs at DISPATCH_LEVEL and above.
   */
  readonly kernelSamplesOnly: boolean;
  /** Context switches of other threads need not become rows; null or nothing where all are wanted. A parser may hand them on all the same. */
  readonly switchedThreads?: ReadonlySet<number> | null;
  /** Rows are wanted in the order of time over all processors, where the source can give them so. */
  readonly inTime: boolean;
  /** What the user says of clocks that tell no day, no zone, or days that can be read two ways. */
  readonly clock: ClockGiven;
}

/** A line of text and its place. */
export interface TextLine {
  readonly text: string;
  readonly line: number;
  readonly byte: number;
  /** False for a last line without line end: the source may be cut there. */
  readonly ended: boolean;
  /** Bytes of `text`, where it is known: as many as characters in a line of ASCII. */
  readonly bytes?: number;
}

/**
 * The lines of a source one by one, for formats that are small or irregular; hot parsers walk the blocks themselves.
 * Over-long lines are counted as skipped here. Rows written while a line is current can be quoted until the next one.
 */
export async function* linesOf(stream: SourceStream, out: Output): AsyncGenerator<TextLine> {
  const place = { line: 0 };
  for await (const block of stream.blocks()) for (const line of linesOfBlock(block, out, place)) yield line;
}

/** The same for a caller that can take all lines of a block at once: waiting for each one takes longer than reading it. */
export async function eachLine(stream: SourceStream, out: Output, take: (line: TextLine) => void): Promise<void> {
  const place = { line: 0 };
  for await (const block of stream.blocks()) for (const line of linesOfBlock(block, out, place)) take(line);
}

function* linesOfBlock(block: Block, out: Output, place: { line: number }): Generator<TextLine> {
  if (block.overlong !== null) {
    place.line++;
    out.account.read++;
    skipOverlong(out, block, place.line);
    return;
  }
  const { bytes } = block;
  out.quoteRow = (byte) => lineAt(bytes, byte - block.start);
  for (let from = 0; from < bytes.length; ) {
    const newline = bytes.indexOf(10, from);
    const end = newline < 0 ? bytes.length : newline;
    place.line++;
    out.account.read++;
    const textEnd = end > from && bytes[end - 1] === 13 ? end - 1 : end;
    const text = bytes.toString('utf8', from, textEnd);
    yield { text, line: place.line, byte: block.start + from, ended: newline >= 0, bytes: textEnd - from };
    from = end + 1;
  }
  out.flush();
}

/** The line of `bytes` that begins at `from`, without its line end. */
export function lineAt(bytes: Buffer, from: number): string {
  const newline = bytes.indexOf(10, from);
  return decodeUtf8(bytes, from, newline < 0 ? bytes.length : newline).trim();
}

/** Counts a block that stands for one over-long line. */
export function skipOverlong(out: Output, block: Block, line: number): void {
  out.skip('line-too-long', `a line of ${block.overlong?.length} bytes is no row of this format; it was passed over`, {
    line,
    example: block.overlong?.text ?? '',
  });
}

export type { Batch, Store };
