/** Takes down what is said in a trace, in any order, and works out the truth from it when all is said. */
import { ClockHands } from './clock.js';
import { fitted } from './measured.js';
import type {
  Follower,
  Message,
  PairSource,
  PeriodicSource,
  PoissonSource,
  Retry,
  Scenario,
  Source,
  SourceKind,
  Spoken,
  Value,
} from './model.js';
import type {
  BurstTruth,
  GapTruth,
  MessageTruth,
  PeriodicTruth,
  RateChange,
  RetryTruth,
  SeriesTruth,
  SpanTruth,
  TemplateTruth,
} from './truth-model.js';
import { templateText } from './variables.js';

/** What a source says, as the book takes it down. */
export interface Draft extends Partial<Pick<Message, 'part' | 'event' | 'disk'>> {
  readonly spoken: Spoken;
  readonly series: number;
  readonly source: Source;
  readonly atUs: number;
  readonly tid: number;
  readonly cpu: number;
  readonly values: readonly Value[];
  readonly message: string;
}

interface OpenTemplate {
  readonly spoken: Spoken;
  readonly stretches: PoissonSource['stretches'][number][];
}

interface Rhythm {
  readonly source: PeriodicSource;
  readonly follows: { readonly template: number; readonly every: number } | null;
  readonly retry: Retry | undefined;
}

interface OpenSeries {
  readonly kind: SourceKind;
  readonly source: Source;
  readonly template: number;
  rhythm: Rhythm | null;
  readonly beatNumbers: number[];
  readonly counted: number[];
}

interface Entry {
  readonly series: number;
  readonly message: Message;
}

/** Event ids of templates that name none. */
const FIRST_EVENT_ID = 100;
/** A template is new, or stops, where this share of the trace lies before or behind it by plan. */
const WELL_INSIDE = 0.2;

export class Book {
  readonly #templates: OpenTemplate[] = [];
  readonly #byText = new Map<string, number>();
  readonly #series: OpenSeries[] = [];
  readonly #entries: Entry[] = [];
  readonly #spans: SpanTruth[] = [];
  readonly #bursts: BurstTruth[] = [];

  readonly #hands: ClockHands;

  constructor(private readonly scenario: Scenario) {
    this.#hands = new ClockHands(scenario);
  }

  /** Opens a series of messages of one text from one source. */
  series(kind: SourceKind, source: Source, spoken: Spoken): number {
    const template = this.#template(spoken);
    return this.#series.push({ kind, source, template, rhythm: null, beatNumbers: [], counted: [] }) - 1;
  }

  #template(spoken: Spoken): number {
    const key = `${spoken.provider}|${templateText(spoken.text)}`;
    const known = this.#byText.get(key);
    if (known !== undefined) return known;
    this.#byText.set(key, this.#templates.length);
    return this.#templates.push({ spoken, stretches: [] }) - 1;
  }

  add({ spoken, series, source, atUs, tid, cpu, values, message, part, event, disk }: Draft): void {
    const { template } = this.#series[series];
    // Field by field: spreading objects as wide as this takes longer than all the rest.
    const full: Message = {
      atUs,
      clockUs: this.#hands.clockUs(atUs),
      pid: source.process.pid,
      tid,
      cpu,
      process: source.process.name,
      provider: spoken.provider,
      file: spoken.file,
      line: spoken.line,
      function: spoken.function,
      level: spoken.level,
      message,
      template,
      eventId: spoken.eventId ?? FIRST_EVENT_ID + template,
      values,
      part: part ?? null,
      event: event ?? null,
      disk: disk ?? null,
    };
    this.#entries.push({ series, message: full });
  }

  /** The series beats: by itself, or on beats of a leader. */
  setRhythm(series: number, source: PeriodicSource, follower: Follower | null): void {
    const follows = follower === null ? null : { template: this.#template(source.spoken), every: follower.every };
    this.#series[series].rhythm = { source, follows, retry: (follower ?? source).retry };
  }

  /** A beat was printed: its place on the grid, and its retry counter. */
  beat(series: number, n: number, counted: number | null): void {
    this.#series[series].beatNumbers.push(n);
    if (counted !== null) this.#series[series].counted.push(counted);
  }

  setStretches({ spoken, stretches }: PoissonSource): void {
    this.#templates[this.#template(spoken)].stretches.push(...stretches);
  }

  burst(spoken: Spoken, times: readonly number[]): void {
    const template = this.#template(spoken);
    this.#bursts.push({ template, startUs: times[0], endUs: times[times.length - 1], messages: times.length });
  }

  span(source: PairSource, span: Pick<SpanTruth, 'startUs' | 'endUs' | 'tid' | 'depth' | 'key'>): void {
    const [startTemplate, finishTemplate] = [this.#template(source.start), this.#template(source.finish)];
    this.#spans.push({ ...span, pid: source.process.pid, name: source.name, startTemplate, finishTemplate });
  }

  finish(): { messages: readonly Message[]; truth: MessageTruth } {
    // The sort is stable: what was said first comes first.
    const entries = [...this.#entries].sort((a, b) => a.message.atUs - b.message.atUs);
    const messages = entries.map(({ message }) => message);
    const byTemplate = this.#templates.map((): Message[] => []);
    for (const message of messages) byTemplate[message.template].push(message);
    const seriesTruths = this.#seriesTruths(entries);
    return {
      messages,
      truth: {
        messages: messages.length,
        firstUs: messages[0]?.atUs ?? Number.NaN,
        lastUs: messages.at(-1)?.atUs ?? Number.NaN,
        templates: this.#templates.map((open, i) => this.#templateTruth(open, i, byTemplate[i], seriesTruths)),
        spans: [...this.#spans].sort((a, b) => a.startUs - b.startUs),
        gaps: gapsOf(this.scenario, messages),
        bursts: [...this.#bursts].sort((a, b) => a.startUs - b.startUs),
        clockSteps: this.scenario.clockSteps.map((step) => {
          const first = messages.findIndex(({ atUs }) => atUs >= step.atUs);
          return { ...step, firstMessage: first < 0 ? null : first };
        }),
        midnightsUs: this.#hands.midnights(),
      },
    };
  }

  #seriesTruths(entries: readonly Entry[]): SeriesTruth[] {
    const times = this.#series.map((): number[] => []);
    const inOrder = this.#series.map((): number[] => []);
    for (const { series, message } of entries) times[series].push(message.atUs);
    // Beats were taken down in the order of the grid, with which their times go.
    for (const { series, message } of this.#entries) inOrder[series].push(message.atUs);
    return this.#series.map((open, i) => ({
      kind: open.kind,
      pid: open.source.process.pid,
      tids: open.source.tids,
      count: times[i].length,
      firstUs: times[i][0] ?? Number.NaN,
      lastUs: times[i].at(-1) ?? Number.NaN,
      periodic: open.rhythm === null ? null : periodicTruth(open.rhythm, open.beatNumbers, inOrder[i]),
      retry: retryTruth(open),
    }));
  }

  #templateTruth(
    { spoken, stretches }: OpenTemplate,
    index: number,
    own: readonly Message[],
    seriesTruths: readonly SeriesTruth[],
  ): TemplateTruth {
    return {
      index,
      text: templateText(spoken.text),
      provider: spoken.provider,
      file: spoken.file,
      line: spoken.line,
      function: spoken.function,
      level: spoken.level,
      severity: spoken.severity,
      eventId: spoken.eventId ?? FIRST_EVENT_ID + index,
      count: own.length,
      firstUs: own[0]?.atUs ?? Number.NaN,
      lastUs: own.at(-1)?.atUs ?? Number.NaN,
      pids: distinct(own.map(({ pid }) => pid)),
      tids: distinct(own.map(({ tid }) => tid)),
      series: seriesTruths.filter((_, i) => this.#series[i].template === index),
      ...plannedLife(stretches, this.scenario.lengthUs),
      rateChanges: rateChanges(stretches),
    };
  }
}

const distinct = (numbers: readonly number[]): number[] => [...new Set(numbers)].sort((a, b) => a - b);

function periodicTruth(
  { source, follows }: Rhythm,
  beatNumbers: readonly number[],
  times: readonly number[],
): PeriodicTruth {
  const every = follows?.every ?? 1;
  const between = beatNumbers.length === 0 ? 0 : beatNumbers[beatNumbers.length - 1] - beatNumbers[0];
  return {
    periodUs: source.periodUs * every,
    phaseUs: source.phaseUs,
    jitter: source.jitter,
    drift: source.drift,
    beatNumbers,
    beats: beatNumbers.length,
    missed: between + 1 - beatNumbers.length,
    ...fitted(beatNumbers, times),
    follows,
  };
}

function retryTruth({ rhythm, counted }: OpenSeries): RetryTruth | null {
  if (rhythm?.retry === undefined || counted.length === 0) return null;
  const resets = counted.filter((value, i) => i > 0 && value < counted[i - 1]).length;
  const [first, last] = [Math.min(...counted), Math.max(...counted)];
  return { first, last, step: rhythm.retry.step, resets, values: counted };
}

function plannedLife(stretches: PoissonSource['stretches'], lengthUs: number) {
  const alive = stretches.filter(({ ratePerS }) => ratePerS > 0);
  if (alive.length === 0) return { newFromUs: null, stopsAtUs: null };
  const fromUs = Math.min(...alive.map((stretch) => stretch.fromUs));
  const toUs = Math.max(...alive.map((stretch) => stretch.toUs));
  return {
    newFromUs: fromUs > WELL_INSIDE * lengthUs ? fromUs : null,
    stopsAtUs: toUs < (1 - WELL_INSIDE) * lengthUs ? toUs : null,
  };
}

function rateChanges(stretches: PoissonSource['stretches']): RateChange[] {
  return stretches.slice(1).flatMap(({ fromUs, ratePerS }, i) => {
    const before = stretches[i];
    if (before.toUs !== fromUs || before.ratePerS === ratePerS) return [];
    return [{ atUs: fromUs, beforePerS: before.ratePerS, afterPerS: ratePerS }];
  });
}

function gapsOf({ gaps }: Scenario, messages: readonly Message[]): GapTruth[] {
  return gaps.flatMap(({ fromUs, toUs, tid }) => {
    const own = tid === null ? messages : messages.filter((message) => message.tid === tid);
    const before = own.findLast(({ atUs }) => atUs < fromUs);
    const after = own.find(({ atUs }) => atUs >= toUs);
    return before === undefined || after === undefined ? [] : [{ fromUs: before.atUs, toUs: after.atUs, tid }];
  });
}
