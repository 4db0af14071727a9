/** What is known of a log while it is read, and where its rows go: shared by the modules of all commands. */
import { type ClockGiven, NO_CLOCK, type Output } from '../../src/core/parser.js';
import type { Row, TableDef } from '../../src/core/schema.js';
import type { Writer } from '../../src/core/table.js';
import { CallStackWriter } from '../../src/tables/call-stack-writer.js';
import { poolBlock, poolCounter, poolHit, poolTag, poolTagPlace } from '../../src/tables/pool-snapshot.js';
import { MessageClock } from '../messages/clock.js';
import { Code } from './code.js';
import type { Taken } from './command.js';
import { Context } from './context.js';
import { FrameSymbols } from './frame-symbols.js';
import type { KdLine } from './line.js';
import { Modules } from './modules.js';
import type { OpenLock } from './open-lock.js';
import { isWrapped, tagOfDword } from './values.js';

/** Tags of a system go to some thousands. */
const MAX_TAGS = 20_000;
/** Places of tags are kept to the end of the log, because it may name modules behind them. */
const MAX_PLACES = 5000;

/** A figure for `pool_counter`. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: 'bytes' | 'count';
  readonly sessionId?: number | null;
  readonly driver?: string | null;
  /** Whether it has run below zero, where the value as printed tells that and not `value`. */
  readonly isWrong?: boolean;
}

interface TagPlace {
  readonly tag: string;
  readonly address: bigint;
  readonly line: KdLine;
}

export class Log {
  // Stacks go first: their table must be handed on before those that refer to it.
  readonly stacks: CallStackWriter;
  readonly tags: Writer<typeof poolTag> | null;
  readonly counters: Writer<typeof poolCounter> | null;
  readonly blocks: Writer<typeof poolBlock> | null;
  readonly hits: Writer<typeof poolHit> | null;
  readonly #tagPlaces: Writer<typeof poolTagPlace> | null;
  readonly modules = new Modules();
  /** Symbols of stacks, each taken apart once. */
  readonly symbols = new FrameSymbols();
  /** What the last disassembly has shown. */
  readonly code = new Code();
  /** Whose outputs follow. */
  readonly context = new Context();
  /** Of messages of software traces; not the clock of the target. */
  readonly messageClock: MessageClock;
  readonly #writers = new Map<TableDef, Writer | null>();
  readonly #counts = new Map<string, number>();
  #sightings = 0;
  #locks = 0;
  /** Time of what is shown, ms since 1970 in UTC; null where the log has not said. */
  atMs: number | null = null;
  /** Session whose pool is shown (`!session`); null for none. */
  sessionId: number | null = null;
  /** PoolHitTag was set to a tag, and not yet back to something else. */
  isHitTagSet = false;
  hitTag: string | null = null;
  /** Process that !handle has printed last, in front of its handles; null for none. */
  handleProcess: bigint | null = null;
  /** Command line in force; empty where the log has shown no prompt. */
  typedName = '';
  /** Executive resource whose threads are being listed since the last prompt; null for none. */
  openLock: OpenLock | null = null;
  readonly #snapshotOf = new Set<string>();
  #snapshot = 0;
  readonly #knownTags = new Set<string>();
  readonly #searchHits = new Set<bigint>();
  readonly #held: TagPlace[] = [];
  readonly #quotes = new Map<number, string>();
  #quoteRow: Output['quoteRow'] | null = null;
  /** Number of the block of bytes that is current. */
  #block = 0;

  constructor(
    readonly out: Output,
    given: ClockGiven = NO_CLOCK,
  ) {
    this.messageClock = new MessageClock(out, given);
    this.stacks = new CallStackWriter(out);
    this.tags = out.writer(poolTag);
    this.counters = out.writer(poolCounter);
    this.blocks = out.writer(poolBlock);
    this.hits = out.writer(poolHit);
    this.#tagPlaces = out.writer(poolTagPlace);
  }

  /**
   * To be called for each line first, with its offset: rows may be written when the bytes of their line are gone, so their
   * texts are kept. Gives the number of the block of bytes.
   */
  follow(firstByte: number): number {
    const { out } = this;
    if (out.quoteRow === this.#quoteRow) return this.#block;
    const ofBlock = out.quoteRow;
    this.#quotes.clear();
    this.#quoteRow = (byte, line) => this.#quotes.get(byte) ?? (byte < firstByte ? '' : ofBlock(byte, line));
    out.quoteRow = this.#quoteRow;
    return ++this.#block;
  }

  /** The place of a row that is written now. */
  place(line: KdLine): { line: number; byte: number } {
    if (line.block !== this.#block) this.#quotes.set(line.byte, line.quote);
    return { line: line.line, byte: line.byte };
  }

  /** Lines were cut out: what follows may be of another lock, and of another process where more than dots says so. */
  cut({ trimmed }: KdLine): void {
    this.openLock?.write();
    this.openLock = null;
    if (/[[\]…]/.test(trimmed)) this.context.process = null;
  }

  /** Writes a row of a table, with the place of `line`; `ignored` where nobody reads that table. */
  row<T extends TableDef>(table: T, values: Partial<Row<T>>, line: KdLine): Taken {
    const writer = this.writer(table);
    if (writer === null) return 'ignored';
    writer.row({ ...values, ...this.place(line) });
    return 'row';
  }

  /** The writer of a table; null where nobody reads it. */
  writer<T extends TableDef>(table: T): Writer<T> | null {
    const known = this.#writers.get(table);
    if (known !== undefined) return known as Writer<T> | null;
    const writer = this.out.writer(table);
    this.#writers.set(table, writer as Writer | null);
    return writer;
  }

  /** Number for the next row of `dump_thread`. */
  nextSighting(): number {
    return this.#sightings++;
  }

  /** Number for the next row of `dump_lock`. */
  nextLock(): number {
    return this.#locks++;
  }

  /** How many of `what` there have been, with this one: runs of a command, rows of which there may be too many. */
  nextOf(what: string): number {
    const number = (this.#counts.get(what) ?? 0) + 1;
    this.#counts.set(what, number);
    return number;
  }

  /** Number of the snapshot that an output of `command` is: another one where that command was already seen in the last. */
  snapshotOf(command: string): number {
    if (this.#snapshot === 0 || this.#snapshotOf.has(command)) {
      this.#snapshot++;
      this.#snapshotOf.clear();
    }
    this.#snapshotOf.add(command);
    return this.#snapshot;
  }

  /** Writes a figure; one that has wrapped becomes null, with a diagnostic. */
  counter(figure: Figure, snapshot: number, line: KdLine): Taken {
    if (this.counters === null) return 'ignored';
    const { isWrong, ...columns } = figure;
    const value = this.unwrapped(figure.value, line, isWrong);
    this.counters.row({ ...columns, value, snapshot, atMs: this.atMs, ...this.place(line) });
    return 'row';
  }

  /** A count or size, or null where it has run below zero. */
  unwrapped(value: number, line: KdLine, isWrong = isWrapped(value)): number | null {
    if (!isWrong) return value;
    this.out.diagnostics.add(
      'wrapped-counter',
      'warning',
      'counters that have run below zero, or do not fit each other, are left out of all sums',
      { line: line.line, example: line.quote },
    );
    return null;
  }

  skip(code: string, message: string, line: KdLine): Taken {
    this.out.skip(code, message, { line: line.line, example: line.quote });
    return 'skipped';
  }

  /** A tag that the log has named: dumps of memory that show it later show a place of it. */
  knowTag(tag: string): void {
    if (this.#knownTags.size < MAX_TAGS) this.#knownTags.add(tag);
  }

  isKnownTag(tag: string): boolean {
    return this.#knownTags.has(tag);
  }

  /** PoolHitTag holds this dword. */
  setHitTag(value: number): void {
    this.hitTag = tagOfDword(value);
    this.isHitTagSet = this.hitTag !== null;
    if (this.hitTag !== null) this.knowTag(this.hitTag);
  }

  /** A place where a search found something. */
  foundAt(address: bigint): void {
    if (this.#searchHits.size < MAX_TAGS) this.#searchHits.add(address);
  }

  wasFoundAt(address: bigint): boolean {
    return this.#searchHits.has(address);
  }

  /** A place of a tag: its row is written at the end of the log. */
  tagPlace(tag: string, address: bigint, line: KdLine): Taken {
    if (this.#tagPlaces === null) return 'ignored';
    const place = { tag, address, line };
    if (this.#held.length < MAX_PLACES) this.#held.push(place);
    else this.#write(place);
    return 'row';
  }

  /** Lets the outputs end, then writes what was kept to the end. */
  finish(endOutputs: () => void): void {
    // No bytes can be quoted any more.
    this.#block++;
    this.#quotes.clear();
    this.out.quoteRow = (byte) => this.#quotes.get(byte) ?? '';
    endOutputs();
    for (const place of this.#held) this.#write(place);
  }

  #write({ tag, address, line }: TagPlace): void {
    this.#tagPlaces?.row({ tag, address, module: this.modules.at(address), ...this.place(line) });
  }
}
