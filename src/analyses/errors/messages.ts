/** The pass over all messages: everything that `errors` tells is collected here, in one look at each. */
import { IntKeys } from '../../core/int-keys.js';
import { NULL_I32 } from '../../core/schema.js';
import type { Batch, Cite } from '../../core/table.js';
import type { TextColumn } from '../../core/text-column.js';
import { Lives } from './lives.js';
import { Names } from './names.js';
import type { By, ErrorsOptions } from './options.js';
import { Parameters } from './parameters.js';
import { RetryCounter, retrySlot } from './retry.js';
import { Rules } from './rules.js';
import { Scanner } from './scanner.js';
import { SeriesStore } from './series.js';
import { Silences } from './silence.js';
import { digitsOf, idOf } from './span-ids.js';
import { spanMark } from './span-words.js';
import { type SpanStats, Spans } from './spans.js';
import { Strips } from './strips.js';
import { TemplateRecords } from './template-records.js';
import { Templates, tokensOf } from './templates.js';
import { TimeOrder } from './time-order.js';

/** Series whose first messages are kept as evidence. */
const MAX_CITED = 20_000;
/** Messages kept of each of those. */
const CITED = 2;
const MAX_THREADS = 100_000;
/** Threads whose gaps are followed. */
export const MAX_SILENCES = 20_000;
const MAX_ORIGINS = 1 << 20;
/** A template that more threads say is looked at as a whole only: each of its messages would be another thread's. */
const MAX_THREADS_OF_TEMPLATE = 64;

/** Marks series that are of no single thread: those of sources on one clock have one number. */
export const ALL_THREADS = -1;
export const allThreadsOf = (group: number): number => ALL_THREADS - group;

/** Columns of a table that holds messages; a table lacks what it does not know. */
export interface MessageColumns {
  readonly atUs: Float64Array;
  readonly pid: Int32Array;
  readonly tid: Int32Array;
  readonly cpu: Int32Array;
  readonly level: Int32Array;
  readonly eventId: Int32Array;
  readonly process: Int32Array;
  readonly provider: Int32Array;
  /** Its name where `provider` is a GUID; null for tables without. */
  readonly providerName: Int32Array | null;
  readonly function: Int32Array | null;
  readonly file: Int32Array | null;
  readonly machine: Int32Array | null;
  readonly channel: Int32Array | null;
  readonly message: TextColumn;
  /** Of events: 1 where the message is a sentence, 0 where it is made of fields; null for tables of messages. */
  readonly isSentence: Uint8Array | null;
}

/** What is known of a template beside its text. */
export interface Seen {
  readonly examples: { readonly source: number; readonly cite: Cite; readonly text: string }[];
  readonly rule: number;
}

export interface Thread {
  readonly group: number;
  readonly pid: number | null;
  readonly tid: number | null;
  /** What `--by` tells it by, where that is neither thread nor process. */
  readonly key: number;
  process: number;
}

export class MessagePass {
  readonly names = new Names();
  readonly templates = new Templates((template) => this.records.count(template));
  readonly seen: Seen[] = [];
  readonly series = new SeriesStore();
  readonly parameters = new Parameters();
  readonly spans = new Spans((a, b) => this.threads[a].pid === this.threads[b].pid && this.threads[a].pid !== null);
  readonly spanSeries = new Map<SpanStats, number>();
  readonly strips = new Strips();
  readonly threads: Thread[] = [];
  /** Row 0: the whole; the others are those of threads, each one up. */
  readonly silences = new Silences();
  readonly counters = new Map<number, RetryCounter>();
  readonly cites: (readonly { readonly source: number; readonly cite: Cite }[] | undefined)[] = [];
  /** Messages that passed the filters, those without a time, and those whose thread found no room. */
  count = 0;
  withoutTime = 0;
  threadsLeft = 0;
  firstUs = Number.NaN;
  lastUs = Number.NaN;
  readonly records = new TemplateRecords();
  readonly threadLives = new Lives();
  readonly #scanner = new Scanner();
  readonly #origins = new IntKeys(MAX_ORIGINS);
  readonly #threadKeys = new IntKeys(MAX_THREADS);
  readonly #rules: Rules;
  readonly #ruleTemplates: number[] = [];
  #lastKeys: [number, number, number] = [Number.NaN, Number.NaN, Number.NaN];
  #lastThread = -1;
  #source = -1;
  #order = new TimeOrder();

  constructor(private readonly options: ErrorsOptions) {
    this.#rules = new Rules(options.rules);
    this.strips.reserve(0);
    this.silences.reserve(0);
  }

  /** Provider, event id, function and level (as the source counts it) of an origin; null for what it has none of. */
  origin(id: number): {
    provider: string | null;
    eventId: number | null;
    function: string | null;
    level: number | null;
  } {
    if (id < 0) return { provider: null, eventId: null, function: null, level: null };
    const [provider, eventId, fn, last] = this.#origins.keys.subarray(4 * id, 4 * id + 4);
    return {
      provider: this.names.text(provider),
      eventId: eventId === NULL_I32 ? null : eventId,
      function: this.names.text(fn),
      level: last >> 1 === 0 ? null : last >> 1,
    };
  }

  /**
   * Takes the rows of a batch.
   *
   * @param offsetUs what is added to its times, so that all sources count from one instant
   * @param group sources of one clock have one number
   */
  add(batch: Batch, cols: MessageColumns, offsetUs: number, group: number): void {
    if (batch.source !== this.#source) this.#turnTo(batch.source);
    this.#order.add(cols.atUs, batch.n);
    this.spans.isBackwards = this.#order.isBackwards;
    const passes = this.#filter(batch, cols);
    const provider = this.#provider(batch, cols);
    const fn = cols.function === null ? null : this.names.of(batch, 'function');
    const process = this.names.of(batch, 'process');
    const by = this.#key(batch, cols);
    const { range } = this.options;
    const { buffer, from, end } = cols.message;
    const scanner = this.#scanner;
    const hasRules = this.#rules.some;
    const { isSentence: sentences } = cols;
    let [lastProvider, lastEvent, lastFunction, lastLevel, origin] = [
      Number.NaN,
      Number.NaN,
      Number.NaN,
      Number.NaN,
      -1,
    ];
    for (let i = 0; i < batch.n; i++) {
      if (from[i] < 0 || (passes !== null && !passes(i))) continue;
      const atUs = cols.atUs[i] + offsetUs;
      if (range !== null && !(atUs >= range.startUs && atUs <= range.endUs)) continue;
      const isStructured = sentences !== null && sentences[i] === 0;
      // The same words at another level are another statement.
      const level = cols.level[i];
      const p = cols.provider[i];
      const e = cols.eventId[i];
      const f = cols.function === null ? -1 : cols.function[i];
      // Many messages in a row come from one place.
      if (p !== lastProvider || e !== lastEvent || f !== lastFunction || level !== lastLevel || sentences !== null) {
        origin = this.#origins.id(
          provider(i),
          e,
          fn === null ? -1 : fn(f),
          2 * Math.max(0, level) + (isStructured ? 1 : 0),
        );
        lastProvider = p;
        lastEvent = e;
        lastFunction = f;
        lastLevel = level;
      }
      const textsAreWords = isStructured && !this.templates.hasTextVariables(origin);
      scanner.scan(buffer, from[i], end[i], origin, textsAreWords, false);
      const rule = hasRules ? this.#rules.match(cols.message.get(i) ?? '') : -1;
      let place = rule < 0 ? this.templates.find(scanner.h1, scanner.h2) : -1;
      if (rule < 0 && place < 0) place = this.#newShape(buffer, from[i], end[i], origin, isStructured);
      const template = rule < 0 ? this.templates.templateAt(place) : this.#pinned(rule, origin);
      const thread = this.#thread(by === null ? cols.pid[i] : by(i), by === null ? cols.tid[i] : group, group, cols, i);
      if (cols.process[i] >= 0 && thread >= 0) this.threads[thread].process = process(cols.process[i]);
      this.#saw(template, thread, group, atUs, batch, i, cols);
      const mark = rule < 0 ? this.templates.markAt(place) : 0;
      if (mark > 0 && thread >= 0 && !Number.isNaN(atUs)) this.#span(mark, thread, atUs, buffer, batch, i);
    }
    this.spans.endBatch(batch);
  }

  /** Sources are read one after the other: between the last message of one and the first of the next there is no gap. */
  #turnTo(source: number): void {
    this.#source = source;
    this.silences.restart();
    this.#order = new TimeOrder();
  }

  /** A series of instants that are no messages: runs of a routine, allocations of a tag. */
  addInstant(series: number, atUs: number, batch: Batch, i: number): void {
    this.#cite(series, this.series.add(series, atUs), batch, i);
  }

  #saw(
    template: number,
    thread: number,
    group: number,
    atUs: number,
    batch: Batch,
    i: number,
    cols: MessageColumns,
  ): void {
    const { series } = this;
    const scanner = this.#scanner;
    const { records } = this;
    if (this.seen[template] === undefined) this.#newTemplate(template);
    this.count++;
    if (records.saw(template, atUs, cols.level[i])) {
      this.seen[template].examples.push({ source: batch.source, cite: batch.cite(i), text: cols.message.get(i) ?? '' });
    }
    if (scanner.slots > 0) this.parameters.saw(template, scanner, cols.message.buffer, batch, i);
    if (Number.isNaN(atUs)) {
      this.withoutTime++;
      return;
    }
    if (!(this.firstUs <= atUs)) this.firstUs = atUs;
    if (!(this.lastUs >= atUs)) this.lastUs = atUs;
    const part = this.strips.part(atUs);
    this.strips.count(0, part);
    this.strips.count(template + 1, part);
    const { silences } = this;
    if (silences.saw(0, atUs)) silences.keep(0, batch.source, batch.cite(i));
    const whole = group === 0 ? this.#wholeSeries(template) : series.of(template, allThreadsOf(group));
    if (whole >= 0) series.add(whole, atUs);
    if (thread < 0) {
      this.threadsLeft++;
      return;
    }
    this.threadLives.saw(thread, atUs);
    if (thread < MAX_SILENCES && silences.saw(thread + 1, atUs)) {
      silences.keep(thread + 1, batch.source, batch.cite(i));
    }
    const threads = records.threads(template);
    if (threads > MAX_THREADS_OF_TEMPLATE) return;
    const before = series.count;
    const own = series.of(template, thread);
    if (own < 0) {
      // There is no room for its threads: they are not told apart any more.
      records.setThreads(template, MAX_THREADS_OF_TEMPLATE + 1);
      return;
    }
    if (own >= before) records.setThreads(template, threads + 1);
    this.#cite(own, series.add(own, atUs), batch, i);
    const retry = records.retry(template);
    if (retry >= 0 && retry < scanner.slots) this.#counter(own).saw(scanner.slotValue[retry], this.#order.isBackwards);
  }

  #cite(series: number, count: number, batch: Batch, i: number): void {
    if (count > CITED || series >= MAX_CITED) return;
    this.cites[series] = [...(this.cites[series] ?? []), { source: batch.source, cite: batch.cite(i) }];
  }

  #counter(series: number): RetryCounter {
    let counter = this.counters.get(series);
    if (counter === undefined) {
      counter = new RetryCounter();
      this.counters.set(series, counter);
    }
    return counter;
  }

  #span(mark: number, thread: number, atUs: number, buffer: Buffer, batch: Batch, i: number): void {
    const scanner = this.#scanner;
    const id = idOf(scanner, buffer, this.spans.markAt(mark));
    const { digitSlots } = this.spans.markAt(mark);
    if (digitSlots.length > 0) this.spans.sawDigits(mark, digitsOf(scanner, buffer, digitSlots));
    const ended = this.spans.saw(mark, id, thread, atUs, batch, i);
    if (ended === null) return;
    let series = this.spanSeries.get(ended);
    if (series === undefined) {
      series = this.series.of(-2 - this.spanSeries.size, ALL_THREADS);
      this.spanSeries.set(ended, series);
    }
    if (series >= 0) this.addInstant(series, this.spans.lastStartUs, batch, i);
  }

  #newShape(bytes: Buffer, from: number, end: number, origin: number, isStructured: boolean): number {
    const scanner = this.#scanner;
    scanner.scan(bytes, from, end, origin, isStructured && !this.templates.hasTextVariables(origin), true);
    const tokens = tokensOf(scanner, bytes);
    const mark = this.spans.register(spanMark(tokens));
    return this.templates.add(scanner.h1, scanner.h2, { tokens, origin, isStructured }, mark);
  }

  #pinned(rule: number, origin: number): number {
    this.#ruleTemplates[rule] ??= this.templates.pin(this.options.rules[rule].pattern, origin);
    return this.#ruleTemplates[rule];
  }

  #newTemplate(template: number): void {
    const { tokens } = this.templates.list[template];
    this.seen[template] = { examples: [], rule: this.#ruleTemplates.indexOf(template) };
    this.records.make(template, retrySlot(tokens), Math.max(1, this.options.sampleLines));
    this.strips.reserve(template + 1);
  }

  #wholeSeries(template: number): number {
    const known = this.records.series(template);
    if (known >= 0) return known;
    const series = this.series.of(template, ALL_THREADS);
    this.records.setSeries(template, series);
    return series;
  }

  /** True where a template's threads were told apart to the end. */
  knowsThreads = (template: number): boolean => this.records.threads(template) <= MAX_THREADS_OF_TEMPLATE;

  #thread(a: number, b: number, group: number, cols: MessageColumns, i: number): number {
    const last = this.#lastKeys;
    if (a === last[0] && b === last[1] && group === last[2]) return this.#lastThread;
    const before = this.#threadKeys.count;
    const thread = this.#threadKeys.id(a, b, group, 0);
    if (thread >= before) this.#newThread(a, group, cols, i, thread);
    last[0] = a;
    last[1] = b;
    last[2] = group;
    this.#lastThread = thread;
    return thread;
  }

  #newThread(a: number, group: number, cols: MessageColumns, i: number, thread: number): void {
    const { by } = this.options;
    const hasPid = by === 'thread' || by === 'process';
    this.threads.push({
      group,
      pid: hasPid && cols.pid[i] !== NULL_I32 ? cols.pid[i] : null,
      tid: by === 'thread' && cols.tid[i] !== NULL_I32 ? cols.tid[i] : null,
      key: hasPid ? -1 : a,
      process: -1,
    });
    this.threadLives.reserve(thread);
    if (thread < MAX_SILENCES) this.silences.reserve(thread + 1);
  }

  /** What `--by` tells threads of activity by; null for process and thread id. */
  #key(batch: Batch, cols: MessageColumns): ((i: number) => number) | null {
    const { by } = this.options;
    if (by === 'thread') return null;
    if (by === 'process') return (i) => cols.pid[i];
    if (by === 'cpu') return (i) => cols.cpu[i];
    if (by === 'template') return () => -1;
    if (by === 'provider') return this.#provider(batch, cols);
    const column = columnOf(cols, by);
    if (column === null) return () => -1;
    const name = this.names.of(batch, by);
    return (i) => name(column[i]);
  }

  #provider(batch: Batch, { provider, providerName }: MessageColumns): (i: number) => number {
    const own = this.names.of(batch, 'provider');
    if (providerName === null) return (i) => own(provider[i]);
    const named = this.names.of(batch, 'providerName');
    return (i) => (providerName[i] >= 0 ? named(providerName[i]) : own(provider[i]));
  }

  #filter(batch: Batch, cols: MessageColumns): ((i: number) => boolean) | null {
    const { pids, tids, process, provider } = this.options;
    if (pids === null && tids === null && process === null && provider === null) return null;
    const processes = this.names.of(batch, 'process');
    const providers = this.#provider(batch, cols);
    return (i) =>
      (pids === null || pids.has(cols.pid[i])) &&
      (tids === null || tids.has(cols.tid[i])) &&
      (process === null || process(this.names.text(processes(cols.process[i])) ?? '')) &&
      (provider === null || provider(this.names.text(providers(i)) ?? ''));
  }
}

function columnOf(cols: MessageColumns, by: By): Int32Array | null {
  switch (by) {
    case 'function':
      return cols.function;
    case 'file':
      return cols.file;
    case 'machine':
      return cols.machine;
    case 'channel':
      return cols.channel;
    default:
      return null;
  }
}
