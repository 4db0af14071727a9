/** Time Delta (the name of the published pattern): spans from messages that begin and end something, by thread and name. */
import { IntKeys } from '../../core/int-keys.js';
import type { Batch, Cite } from '../../core/table.js';
import { MAX_PARTNERS, SpanPartners } from './span-partners.js';
import type { SpanMark } from './span-words.js';

/** Starts of one kind that are open in a thread at one time; further ones push out the oldest. */
const MAX_OPEN = 64;
/** Starts that are found by their id from another thread. */
const MAX_BY_ID = 50_000;
const MAX_SPANS = 50_000;
const MAX_MARKS = 100_000;
/** Starts of which the text is kept. */
const MAX_TEXTS = 20_000;
const MAX_STACKS = 400_000;
/** Of spans that only an id tells apart: `begin 17`. */
const NO_NAME = '(no name)';
/** Durations kept of a span: all at first, then every second, fourth … */
const MAX_DURATIONS = 8192;

interface Open {
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

/** A mark, what it may end or be ended by, and the names that this goes by. */
interface Marked {
  readonly mark: SpanMark;
  /** Numbers of the marks of the other side. */
  readonly partners: number[];
}

/** Spans of one name in one thread. */
export class SpanStats {
  count = 0;
  sumUs = 0;
  maxUs = -1;
  unfinished = 0;
  unstarted = 0;
  firstUs = Number.NaN;
  lastUs = Number.NaN;
  longest: { readonly source: number; readonly start: Cite | null; readonly finish: Cite } | null = null;
  /** The last start that never ended. */
  open: { readonly source: number; readonly start: Cite } | null = null;
  #kept: number[] = [];
  #stride = 1;

  constructor(
    readonly name: string,
    readonly thread: number,
  ) {}

  /** Returns true where this is the longest so far. */
  add(us: number): boolean {
    this.count++;
    this.sumUs += us;
    if (this.count % this.#stride === 0) this.#keep(us);
    if (us <= this.maxUs) return false;
    this.maxUs = us;
    return true;
  }

  #keep(us: number): void {
    this.#kept.push(us);
    if (this.#kept.length < MAX_DURATIONS) return;
    this.#kept = this.#kept.filter((_, i) => i % 2 === 1);
    this.#stride *= 2;
  }

  /** By nearest rank; exact up to 8191 spans. Null where there are none. */
  percentile(p: number): number | null {
    if (this.#kept.length === 0) return null;
    const sorted = this.#kept.toSorted((a, b) => a - b);
    return sorted[Math.max(0, Math.ceil(p * sorted.length - 1e-9) - 1)];
  }
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
  /** Finishes of a mark that nothing seen so far could have begun, and the first one's thread. */
  readonly #ends: ({ readonly thread: number; count: number } | undefined)[] = [];
  readonly #byId = new Map<string, Open>();
  /** Starts of the batch under way, and texts kept of those that it did not end. */
  readonly #fresh: Open[] = [];
  #texts = 0;
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
      if (mark.isStart) this.#countEnds(other);
      else this.#release(other);
    }
    return number;
  }

  /** The first finish has come that could end the starts of a mark. */
  #release(start: number): void {
    const waiting = this.#waiting[start] ?? [];
    this.#waiting[start] = undefined;
    waiting.sort((a, b) => a.atUs - b.atUs);
    for (const open of waiting) this.#push(open);
    if (waiting.length > 0) this.#giveUp(waiting[0], this.#passed[start] ?? 0);
  }

  /** The first start has come that could have begun what the finishes of a mark ended: those before it have no beginning. */
  #countEnds(finish: number): void {
    const ends = this.#ends[finish];
    this.#ends[finish] = undefined;
    if (ends === undefined) return;
    const span = this.#span(this.#shorter(finish, this.#marks[finish - 1].partners[0]), ends.thread);
    if (span !== null) span.unstarted += ends.count;
  }

  /** Number among a message's variables of the one that tells spans of a name apart; -1 for none. */
  idSlot = (mark: number): number => this.#marks[mark - 1].mark.idSlot;

  /**
   * Row `i` of a batch begins or ends something. `id` is 0 where it names none. Returns the span whose start became known by its
   * finish, with that instant; null else.
   */
  saw(mark: number, id: number, thread: number, atUs: number, batch: Batch, i: number): SpanStats | null {
    const { mark: own, partners } = this.#marks[mark - 1];
    if (own.isStart) {
      const { line, byte } = batch.cols as { readonly line: Float64Array; readonly byte: Float64Array };
      const open: Open = {
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
      if (partners.length === 0) this.#wait(open);
      else this.#push(open);
      return null;
    }
    if (partners.length === 0) {
      // What could have begun it may come yet: then it was one without a beginning.
      const ends = this.#ends[mark];
      if (ends === undefined) this.#ends[mark] = { thread, count: 1 };
      else ends.count++;
      return null;
    }
    const start = this.#startOf(mark, id, thread);
    const span = this.#span(start === null ? mark : this.#shorter(start.mark, mark), start?.thread ?? thread);
    if (span === null) return null;
    if (start === null) {
      span.unstarted++;
      return null;
    }
    if (!(span.firstUs <= start.atUs)) span.firstUs = start.atUs;
    span.lastUs = atUs;
    if (span.add(Math.max(0, atUs - start.atUs))) {
      const text = start.text ?? batch.quoteAt(start.byte, start.line);
      span.longest = { source: batch.source, start: citeOf(start, text), finish: batch.cite(i) };
    }
    this.lastStartUs = start.atUs;
    return span;
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
    if (opens.length > MAX_OPEN) this.#giveUp(opens.shift() as Open, 1);
    this.#anywhere[mark] ??= [];
    const anywhere = this.#anywhere[mark];
    anywhere.push(open);
    if (anywhere.length > MAX_OPEN)
      this.#anywhere[mark] = anywhere.filter(({ isClosed }) => !isClosed).slice(-MAX_OPEN / 2);
    if (id !== 0 && this.#byId.size < MAX_BY_ID) this.#byId.set(this.#idKey(open), open);
  }

  #idKey = ({ id, mark }: { readonly id: number; readonly mark: number }): string =>
    `${id} ${this.#marks[mark - 1].mark.family}`;

  /** Starts that never ended. */
  #giveUp(open: Open, count: number): void {
    const [partner] = this.#marks[open.mark - 1].partners;
    // What nothing in the trace could have ended is no span.
    if (partner === undefined) return;
    const span = this.#span(this.#shorter(open.mark, partner), open.thread);
    if (span === null) return;
    span.unfinished += count;
    const start = citeOf(open, open.text ?? '');
    if (start !== null) span.open = { source: open.source, start };
  }

  /** The innermost open start that the finish fits, in its thread; else one with its id in another. */
  #startOf(finish: number, id: number, thread: number): Open | null {
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
        if (best === null || (sure && !isSure) || (sure === isSure && open.atUs > best.atUs)) {
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

  #elsewhere(finish: number, id: number): Open | null {
    const open = this.#byId.get(this.#idKey({ id, mark: finish }));
    if (open === undefined || !this.#marks[finish - 1].partners.includes(open.mark)) return null;
    const opens = this.#stacks[this.#stackKeys.find(open.thread, open.mark, 0, 0)];
    return opens.includes(open) ? this.#take(opens, open) : null;
  }

  #take(opens: Open[], open: Open): Open {
    const at = opens.lastIndexOf(open);
    if (at >= 0) opens.splice(at, 1);
    open.isClosed = true;
    if (open.id !== 0) this.#byId.delete(this.#idKey(open));
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
    const paired = new Set(all.filter(({ count }) => count > 0).map(({ name }) => name));
    return all.filter(({ name, count, unfinished }) => count > 0 || (unfinished > 0 && paired.has(name)));
  }
}

/** A place to be cited; null where nobody knows any more what stands there. */
const citeOf = ({ line, byte }: Open, text: string): Cite | null =>
  text === '' ? null : { line: known(line), byte: known(byte), text };

const known = (value: number): number | null => (Number.isNaN(value) ? null : value);
