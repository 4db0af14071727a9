/** The `errors` command's answer, put together from messages, events, and what else comes in rhythms. */
import type { Finish } from '../../core/analysis.js';
import type { Finding } from '../../core/evidence.js';
import type { TableDef } from '../../core/schema.js';
import { type Batch, isBatchOf } from '../../core/table.js';
import { isoToFiletime, ticksBetween } from '../../core/time.js';
import { genericEvent } from '../../tables/event.js';
import { logMessage } from '../../tables/log-message.js';
import { answerOf, type ErrorsAnswer } from './answer.js';
import { DiskRows } from './disk-rows.js';
import { EventMessages } from './event-messages.js';
import { errorsFindings } from './findings.js';
import { type MessageColumns, MessagePass } from './messages.js';
import type { ErrorsOptions } from './options.js';
import { OTHER_TABLES, Others } from './other-series.js';
import type { ErrorsResult } from './result.js';
import { MAX_SERIES } from './series.js';
import { MAX_TEMPLATES } from './templates.js';

/** What messages are made from. */
const MESSAGE_TABLES: readonly TableDef[] = [logMessage, genericEvent];
export const READ_BY_ERRORS: readonly TableDef[] = [...MESSAGE_TABLES, ...OTHER_TABLES];

interface SourceClock {
  readonly offsetUs: number;
  /** Sources of one number count from one instant. */
  readonly group: number;
}

export class ErrorsFold {
  readonly #pass: MessagePass;
  readonly #others: Others;
  readonly #disks = new DiskRows();
  readonly #events = new EventMessages();
  readonly #clocks = new Map<number, SourceClock>();
  #firstStart: string | null = null;
  #answer: ErrorsAnswer | null = null;

  /** `starts`: when each source began, where that was found out before; a text may tell it at its end only. */
  constructor(
    private readonly options: ErrorsOptions,
    private readonly starts: readonly (string | null)[] = [],
  ) {
    this.#pass = new MessagePass(options);
    this.#others = new Others(this.#pass);
  }

  add(batch: Batch): void {
    const { offsetUs, group } = this.#clock(batch);
    if (isBatchOf(batch, logMessage)) {
      this.#pass.add(batch, { ...batch.cols, providerName: null, isSentence: null } as MessageColumns, offsetUs, group);
      this.#addDisks(batch, offsetUs);
    } else if (isBatchOf(batch, genericEvent)) {
      this.#pass.add(batch, this.#events.columns(batch), offsetUs, group);
    } else this.#others.add(batch, offsetUs);
  }

  #addDisks(batch: Batch<typeof logMessage>, offsetUs: number): void {
    const { provider, range } = this.options;
    const { cols, dicts } = batch;
    this.#disks.add(
      batch,
      offsetUs,
      (i) =>
        (provider === null || provider(dicts.provider.get(cols.provider[i]) ?? '')) &&
        (range === null || (cols.atUs[i] + offsetUs >= range.startUs && cols.atUs[i] + offsetUs <= range.endUs)),
    );
  }

  /** Sources whose start is known count from the first of them; others from their own. */
  #clock(batch: Batch): SourceClock {
    let clock = this.#clocks.get(batch.source);
    if (clock !== undefined) return clock;
    const startUtc = this.starts[batch.source] ?? batch.about.clock.startUtc;
    const start = startUtc === null ? null : isoToFiletime(startUtc);
    if (this.#clocks.size === 0 && startUtc !== null) this.#firstStart = startUtc;
    const first = this.#firstStart === null ? null : isoToFiletime(this.#firstStart);
    const isOne = start !== null && first !== null;
    clock = this.options.diff
      ? { offsetUs: 0, group: batch.source === 0 ? 0 : 1 }
      : isOne
        ? { offsetUs: ticksBetween(first, start) / 10, group: 0 }
        : { offsetUs: 0, group: this.#clocks.size === 0 ? 0 : batch.source + 1 };
    this.#clocks.set(batch.source, clock);
    return clock;
  }

  finish(context: Finish): { result: ErrorsResult; findings: Finding[] } {
    this.#sayLimits(context);
    const resolutionUs = Math.max(
      ...context.sources.map(({ about }) => (about.clock.resolutionNs ?? 1000) / 1000),
      0.1,
    );
    const disks = this.#disks.finish(context);
    this.#answer = answerOf(this.#pass, this.#others.list, disks, resolutionUs, this.options, context);
    const { result } = this.#answer;
    return { result, findings: errorsFindings(result) };
  }

  /** The source from whose start the times of a source count in the answer: its own, or the first that says when it began. */
  countsFrom(source: number): number {
    const group = this.#clocks.get(source)?.group;
    for (const [other, clock] of this.#clocks) if (clock.group === group && clock.offsetUs === 0) return other;
    return source;
  }

  /** When the messages of a template came, µs on the clock of the first source; of many the first and the last. After `finish`. */
  instantsOf(templateId: string): readonly number[] {
    return this.#answer?.instantsOf(templateId) ?? [];
  }

  #sayLimits({ diagnostics }: Finish): void {
    const pass = this.#pass;
    const say = (code: string, count: number, message: string): void => {
      if (count > 0) diagnostics.add(code, 'data-loss', message, { count });
    };
    const other = pass.templates.other;
    const others = other < 0 ? 0 : pass.records.count(other);
    say(
      'too-many-templates',
      others,
      `more than ${MAX_TEMPLATES} templates: further messages are one, "(other messages)"`,
    );
    say(
      'too-many-series',
      pass.series.left,
      `more than ${MAX_SERIES} templates in threads: messages of further ones count for their template only`,
    );
    say(
      'too-many-threads',
      pass.threadsLeft,
      'more threads than are told apart: messages of further ones count for their template only',
    );
    say(
      'too-many-spans',
      pass.spans.left,
      'more kinds of spans than are told apart: those of further ones are not there',
    );
    say('too-many-disk-errors', this.#disks.left, 'more kinds of disk errors than are told apart');
    const groups = new Set([...this.#clocks.values()].map(({ group }) => group));
    if (groups.size > 1 && !this.options.diff) {
      diagnostics.add(
        'clocks-apart',
        'warning',
        'sources that do not say when they began: each counts from its own start, and their threads are told apart. --date and --zone put them on one clock',
        { count: groups.size },
      );
    }
  }
}
