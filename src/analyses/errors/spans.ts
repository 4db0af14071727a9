/** Time Delta (the name of the published pattern): spans from messages that begin and end something, by thread and name. */
import { IntKeys } from '../../core/int-keys.js';
import type { Batch, Cite } from '../../core/table.js';
import { MAX_PARTNERS, SpanPartners } from './span-partners.js';
import { SpanStats } from './span-stats.js';
import { nameWith, type SpanMark } from './span-words.js';

export { SpanStats } from './span-stats.js';

/** Starts of one kind that are open in a thread at one time; further ones push out the oldest. */
const MAX_OPEN = 16;
/** Starts that are found by their id from another thread. */
const MAX_BY_ID = 50_000;
const MAX_SPANS = 50_000;
const MAX_MARKS = 100_000;
/** Starts of which the text is kept. */
const MAX_TEXTS = 20_000;
const MAX_STACKS = 400_000;
/** Of spans that only an id tells apart: `begin 17`. */
const NO_NAME = '(no name)';

/**
 * What began and has not ended yet. In a log with the newest first the messages that end something come before those that begin it:
 * there it is the end that waits for its beginning.
 */
interface Open {
  /** Open ones are numbered as they come: the innermost has the highest number. */
  readonly order: number;
  readonly id: number;
  readonly atUs: number;
  readonly line: number;
  readonly byte: number;
  readonly thread: number;
  readonly mark: number;
  isClosed: boolean;
  readonly source: number;
  /** What stands there, kept when its bytes are about to go; null until then, and where there was no room. */
  text: string | null;
}

/** A message that nothing seen so far could belong to. */
interface Ends {
  readonly thread: number;
  readonly source: number;
  /** The first one's place where it is a start, of a log with the newest first. */
  readonly start: Cite | null;
  count: number;
}

/** A mark, and what it may end or be ended by. */
interface Marked {
  readonly mark: SpanMark;
  /** Numbers of the marks of the other side. */
  readonly partners: number[];
}

export class Spans {
  /** Marks of shapes, from 1: the number is kept with the shape. */
  readonly #marks: Marked[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #partners = new SpanPartners();
  readonly #nameIds = new Map<string, number>();
  readonly #spanKeys = new IntKeys(MAX_SPANS);
  readonly #stats: SpanStats[] = [];
  /** Open starts of a mark in a thread, innermost last. */
  readonly #stackKeys = new IntKeys(MAX_STACKS);
  readonly #stacks: Open[][] = [];
  /** The last starts of a mark that nothing seen so far could end: most words that begin something end nowhere in a trace. */
  readonly #waiting: (Open[] | undefined)[] = [];
  /** How many more there were. */
  readonly #passed: number[] = [];
  /** Finishes of a mark that nothing seen so far could have begun. */
  readonly #ends: (Ends | undefined)[] = [];
  /** By name: the digits in it; null where they differ. */
  readonly #digits = new Map<string, string | null>();
  readonly #byId = new Map<string, Open>();
  /** Starts of the batch under way, and texts kept of those that it did not end. */
  readonly #fresh: Open[] = [];
  #texts = 0;
  #order = 0;
  /** True where the messages come with the newest first: starts and finishes change places. */
  isBackwards = false;
  /** Open starts of a mark in any thread, latest last; closed ones are dropped as they are met. */
  readonly #anywhere: Open[][] = [];
  /** Spans for which there was no room, and starts that were given up. */
  left = 0;

  constructor(private readonly isOneProcess: (thread: number, other: number) => boolean) {}

  /** A number for the mark of a shape; 0 for none. */
  register(mark: SpanMark | null): number {
    if (mark === null) return 0;
    const key = JSON.stringify(mark);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    if (this.#marks.length >= MAX_MARKS) return 0;
    const marked: Marked = { mark, partners: [] };
    const number = this.#marks.push(marked);
    this.#numbers.set(key, number);
    for (const other of this.#partners.add(number, mark)) {
      const { partners } = this.#marks[other - 1];
      if (partners.length >= MAX_PARTNERS) continue;
      marked.partners.push(other);
      partners.push(number);
      this.#countEnds(other);
      this.#release(other);
    }
    return number;
  }

  /** The first message has come that could end what those of a mark began. */
  #release(start: number): void {
    const waiting = this.#waiting[start] ?? [];
    this.#waiting[start] = undefined;
    waiting.sort((a, b) => a.order - b.order);
    for (const open of waiting) this.#push(open);
    if (waiting.length > 0) this.#giveUp(waiting[0], this.#passed[start] ?? 0);
  }

  /** The first message has come that could have begun what those of a mark ended: those before it have no beginning. */
  #countEnds(mark: number): void {
    const ends = this.#ends[mark];
    this.#ends[mark] = undefined;
    if (ends === undefined) return;
    const span = this.#span(this.#shorter(mark, this.#marks[mark - 1].partners[0]), ends.thread);
    if (span !== null) this.#alone(span, mark, ends.count, ends.source, ends.start);
  }

  /** Messages of a mark that lack their other half. */
  #alone(span: SpanStats, mark: number, count: number, source: number, start: Cite | null): void {
    if (!this.#marks[mark - 1].mark.isStart) {
      span.unstarted += count;
      return;
    }
    span.unfinished += count;
    // With the newest first, the last one came first.
    if (start !== null && (span.open === null || !this.isBackwards)) span.open = { source, start };
  }

  /** The mark behind a number. */
  markAt = (mark: number): SpanMark => this.#marks[mark - 1].mark;

  /** The digits in the name of a message with that mark. */
  sawDigits(mark: number, digits: string): void {
    const { name } = this.#marks[mark - 1].mark;
    const known = this.#digits.get(name);
    if (known === undefined) this.#digits.set(name, digits);
    else if (known !== null && known !== digits) this.#digits.set(name, null);
  }

  /**
   * Row `i` of a batch begins or ends something. `id` is 0 where it names none. Returns the span both ends of which are known now,
   * see `lastStartUs`; null else.
   */
  saw(mark: number, id: number, thread: number, atUs: number, batch: Batch, i: number): SpanStats | null {
    const { mark: own, partners } = this.#marks[mark - 1];
    if (own.isStart !== this.isBackwards) {
      const open = this.#newOpen(mark, id, thread, atUs, batch, i);
      if (partners.length === 0) this.#wait(open);
      else this.#push(open);
      return null;
    }
    if (partners.length === 0) {
      // What could have begun it may come yet: then it was one without a beginning.
      const ends = this.#ends[mark];
      if (ends !== undefined) ends.count++;
      else
        this.#ends[mark] = {
          thread,
          source: batch.source,
          start: own.isStart ? this.#citeOnce(batch, i) : null,
          count: 1,
        };
      return null;
    }
    const open = this.#openOf(mark, id, thread);
    const owner = open === null || own.isStart ? thread : open.thread;
    const span = this.#span(open === null ? mark : this.#shorter(open.mark, mark), owner);
    if (span === null) return null;
    if (open === null) {
      this.#alone(span, mark, 1, batch.source, own.isStart && span.open === null ? batch.cite(i) : null);
      return null;
    }
    this.#close(span, open, own.isStart, atUs, batch, i);
    return span;
  }

  #newOpen(mark: number, id: number, thread: number, atUs: number, batch: Batch, i: number): Open {
    const { line, byte } = batch.cols as { readonly line: Float64Array; readonly byte: Float64Array };
    const open: Open = {
      order: this.#order++,
      id,
      atUs,
      line: line[i],
      byte: byte[i],
      thread,
      mark,
      isClosed: false,
      source: batch.source,
      text: null,
    };
    this.#fresh.push(open);
    return open;
  }

  /** Row `i` is the other half of `open`: its start where `isStart` is true. */
  #close(span: SpanStats, open: Open, isStart: boolean, atUs: number, batch: Batch, i: number): void {
    const [startUs, finishUs] = isStart ? [atUs, open.atUs] : [open.atUs, atUs];
    if (span.add(startUs, finishUs)) {
      const other = citeOf(open, open.text ?? batch.quoteAt(open.byte, open.line));
      const [start, finish] = isStart ? [batch.cite(i), other] : [other, batch.cite(i)];
      span.longest = finish === null ? null : { source: batch.source, start, finish };
    }
    this.lastStartUs = startUs;
  }

  /** A place, while there is room for such. */
  #citeOnce(batch: Batch, i: number): Cite | null {
    if (this.#texts >= MAX_TEXTS) return null;
    this.#texts++;
    return batch.cite(i);
  }

  /** A batch has been taken: what it began and did not end is kept as text while its bytes are there. */
  endBatch(batch: Batch): void {
    for (const open of this.#fresh) {
      if (open.isClosed || this.#texts >= MAX_TEXTS) continue;
      this.#texts++;
      open.text = batch.quoteAt(open.byte, open.line);
    }
    this.#fresh.length = 0;
  }

  /** When the span that `saw` returned last began. */
  lastStartUs = Number.NaN;

  #wait(open: Open): void {
    const { mark } = open;
    let waiting = this.#waiting[mark];
    if (waiting === undefined) {
      waiting = [];
      this.#waiting[mark] = waiting;
      this.#passed[mark] = 0;
    }
    if (waiting.length < MAX_OPEN) waiting.push(open);
    else waiting[this.#passed[mark]++ % MAX_OPEN] = open;
  }

  #push(open: Open): void {
    const { id, thread, mark } = open;
    const stack = this.#stackKeys.id(thread, mark, 0, 0);
    if (stack < 0) {
      this.left++;
      return;
    }
    this.#stacks[stack] ??= [];
    const opens = this.#stacks[stack];
    opens.push(open);
    if (opens.length > MAX_OPEN) {
      const oldest = opens.shift() as Open;
      this.#forgetId(oldest);
      this.#giveUp(oldest, 1);
    }
    this.#anywhere[mark] ??= [];
    const anywhere = this.#anywhere[mark];
    anywhere.push(open);
    if (anywhere.length > MAX_OPEN)
      this.#anywhere[mark] = anywhere.filter(({ isClosed }) => !isClosed).slice(-MAX_OPEN / 2);
    if (id !== 0 && this.#byId.size < MAX_BY_ID) this.#byId.set(idKey(id, mark), open);
  }

  /** Of two with one id the later one is found by it. */
  #forgetId(open: Open): void {
    const key = idKey(open.id, open.mark);
    if (this.#byId.get(key) === open) this.#byId.delete(key);
  }

  /** Open ones that stay so. */
  #giveUp(open: Open, count: number): void {
    const [partner] = this.#marks[open.mark - 1].partners;
    // What nothing in the trace could have ended is no span.
    if (partner === undefined) return;
    const span = this.#span(this.#shorter(open.mark, partner), open.thread);
    if (span === null) return;
    this.#alone(span, open.mark, count, open.source, citeOf(open, open.text ?? ''));
  }

  /** The innermost open start (or, backwards, finish) that the other half fits, in its thread; else one with its id in another. */
  #openOf(finish: number, id: number, thread: number): Open | null {
    const { partners } = this.#marks[finish - 1];
    let best: Open | null = null;
    let from: Open[] | null = null;
    let isSure = false;
    for (const partner of partners) {
      const stack = this.#stackKeys.find(thread, partner, 0, 0);
      const opens = stack < 0 ? undefined : this.#stacks[stack];
      if (opens === undefined) continue;
      for (let k = opens.length - 1; k >= 0; k--) {
        const open = opens[k];
        // Without an id on one side the name must do.
        const fits = open.id === id || open.id === 0 || id === 0;
        if (!fits) continue;
        const sure = open.id === id;
        if (best === null || (sure && !isSure) || (sure === isSure && open.order > best.order)) {
          best = open;
          from = opens;
          isSure = sure;
        }
        break;
      }
    }
    if (best !== null && from !== null) return this.#take(from, best);
    return (id === 0 ? null : this.#elsewhere(finish, id)) ?? this.#onlyOne(finish, id, thread);
  }

  /**
   * What goes on in another thread than it began in (AML methods, work items): the start is taken where just one of that name is
   * open in the process.
   */
  #onlyOne(finish: number, id: number, thread: number): Open | null {
    if (this.#marks[finish - 1].mark.name === '') return null;
    let only: Open | null = null;
    for (const partner of this.#marks[finish - 1].partners) {
      const opens = (this.#anywhere[partner] ?? []).filter(({ isClosed }) => !isClosed);
      this.#anywhere[partner] = opens;
      for (const open of opens) {
        if (!this.isOneProcess(open.thread, thread) || (open.id !== id && open.id !== 0 && id !== 0)) continue;
        if (only !== null) return null;
        only = open;
      }
    }
    if (only === null) return null;
    return this.#take(this.#stacks[this.#stackKeys.find(only.thread, only.mark, 0, 0)], only);
  }

  /** The last one with the id, in whatever thread. */
  #elsewhere(finish: number, id: number): Open | null {
    let best: Open | null = null;
    for (const partner of this.#marks[finish - 1].partners) {
      const open = this.#byId.get(idKey(id, partner));
      if (open !== undefined && (best === null || open.order > best.order)) best = open;
    }
    if (best === null) return null;
    return this.#take(this.#stacks[this.#stackKeys.find(best.thread, best.mark, 0, 0)], best);
  }

  #take(opens: Open[], open: Open): Open {
    const at = opens.lastIndexOf(open);
    if (at >= 0) opens.splice(at, 1);
    open.isClosed = true;
    this.#forgetId(open);
    return open;
  }

  /** Of the names of both sides the one that both have: that of the start, but for words that only one has behind it. */
  #shorter(a: number, b: number): number {
    const names = [this.#marks[a - 1].mark.name, this.#marks[b - 1].mark.name];
    return names[0].length <= names[1].length ? a : b;
  }

  #span(mark: number, thread: number): SpanStats | null {
    const name = this.#marks[mark - 1].mark.name || NO_NAME;
    let id = this.#nameIds.get(name);
    if (id === undefined) {
      id = this.#nameIds.size;
      this.#nameIds.set(name, id);
    }
    const span = this.#spanKeys.id(thread, id, 0, 0);
    if (span < 0) {
      this.left++;
      return null;
    }
    this.#stats[span] ??= new SpanStats(name, thread);
    return this.#stats[span];
  }

  /** All spans that have come, those still open counted as unfinished. Names that only ever began, or ended, nothing are left out. */
  finish(): SpanStats[] {
    for (const opens of this.#stacks) for (const open of opens) this.#giveUp(open, 1);
    this.#stacks.length = 0;
    const all = this.#stats;
    for (const span of all) span.name = nameWith(span.name, this.#digits.get(span.name) ?? null);
    const paired = new Set(all.filter(({ count }) => count > 0).map(({ name }) => name));
    return all.filter(({ name, count, unfinished }) => count > 0 || (unfinished > 0 && paired.has(name)));
  }
}

const idKey = (id: number, mark: number): string => `${id} ${mark}`;

/** A place to be cited; null where nobody knows any more what stands there. */
const citeOf = ({ line, byte }: Open, text: string): Cite | null =>
  text === '' ? null : { line: known(line), byte: known(byte), text };

const known = (value: number): number | null => (Number.isNaN(value) ? null : value);
