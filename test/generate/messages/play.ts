/** Plays a scenario: all messages in the order of time, with the truth about them. */
import { type Random, seeded } from '../random.js';
import { Book } from './book.js';
import type {
  BurstSource,
  ListedSource,
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
import { beatsOf, burstTimes, poissonTimes } from './rhythms.js';
import { spansOf } from './spans.js';
import type { MessageTruth } from './truth-model.js';
import { filledIn, partsOf, valuesFor } from './variables.js';

/** A trace: what the writers print, and what must come out. */
export interface MessageLog extends Omit<Scenario, 'sources' | 'gaps' | 'clockSteps'> {
  readonly scenario: Scenario;
  readonly messages: readonly Message[];
  readonly truth: MessageTruth;
}

/** All messages of a scenario and the truth; the same each time. */
export function play(scenario: Scenario): MessageLog {
  const { sources, gaps, clockSteps, ...rest } = scenario;
  const stage = new Stage(scenario);
  // Each source has its own numbers: one more source leaves the others as they are.
  for (const [i, source] of sources.entries()) {
    stage.random = seeded(scenario.seed * 7919 + i * 104_729 + 17);
    PLAY[source.kind](stage, source as never);
  }
  return { ...rest, scenario, ...stage.book.finish() };
}

/** Messages of a scenario in the order of time. */
export const messagesOf = (scenario: Scenario): readonly Message[] => play(scenario).messages;

export const truthOf = (scenario: Scenario): MessageTruth => play(scenario).truth;

type Extra = Partial<Pick<Message, 'part' | 'event' | 'disk'>>;

/** What differs between messages of a source. */
interface Said {
  readonly atUs: number;
  readonly tid: number;
  readonly series: number;
  readonly fixed?: ReadonlyMap<number, Value>;
  readonly extra?: Extra;
}

class Stage {
  readonly book: Book;
  random: Random = seeded(0);

  constructor(readonly scenario: Scenario) {
    this.book = new Book(scenario);
  }

  /** Says it, unless nothing is logged then or there; gives the message's values, or null. */
  say(spoken: Spoken, source: Source, { atUs, tid, series, fixed, extra }: Said): readonly Value[] | null {
    const parts = partsOf(spoken.text);
    const values = valuesFor(this.random, parts, fixed);
    if (!this.heard(atUs, tid)) return null;
    // Threads stay where they are, mostly.
    const cpu = (Math.floor(tid / 4) + (this.random.next() < 0.1 ? 1 : 0)) % this.scenario.cpus;
    this.book.add({ spoken, series, source, atUs, tid, cpu, values, message: filledIn(parts, values), ...extra });
    return values;
  }

  heard(atUs: number, tid: number): boolean {
    const { lengthUs, gaps } = this.scenario;
    if (atUs < 0 || atUs >= lengthUs) return false;
    return !gaps.some((gap) => (gap.tid === null || gap.tid === tid) && atUs >= gap.fromUs && atUs < gap.toUs);
  }

  series(kind: SourceKind, source: Source, spoken: Spoken): number {
    return this.book.series(kind, source, spoken);
  }
}

const PLAY: { readonly [K in Source['kind']]: (stage: Stage, source: Extract<Source, { kind: K }>) => void } = {
  periodic: playPeriodic,
  poisson: playPoisson,
  burst: playBursts,
  pair: playPairs,
  listed: playListed,
};

function playPeriodic(stage: Stage, source: PeriodicSource): void {
  const series = stage.series('periodic', source, source.spoken);
  const counter = new Counter(source.retry);
  stage.book.setRhythm(series, source, null);
  const followers = (source.followers ?? []).map((follower) => {
    const own = stage.series('follower', source, follower.spoken);
    stage.book.setRhythm(own, source, follower);
    return { ...follower, series: own, counter: new Counter(follower.retry) };
  });
  for (const { n, atUs } of beatsOf(stage.random, source)) {
    const tid = stage.random.pick(source.tids);
    const said = stage.say(source.spoken, source, { atUs, tid, series, fixed: counter.fixedIn(source.spoken.text) });
    if (said !== null) {
      stage.book.beat(series, n, counter.value);
      counter.count();
    }
    for (const follower of followers) {
      if (n % follower.every !== 0 || said === null) continue;
      const laterUs = atUs + stage.random.whole(...follower.delayUs);
      const fixed = follower.counter.fixedIn(follower.spoken.text);
      if (stage.say(follower.spoken, source, { atUs: laterUs, tid, series: follower.series, fixed }) === null) continue;
      stage.book.beat(follower.series, n / follower.every, follower.counter.value);
      follower.counter.count();
    }
  }
}

/** A retry counter, where the source has one. */
class Counter {
  #value: number;

  constructor(private readonly retry: Retry | undefined) {
    this.#value = retry?.first ?? 0;
  }

  get value(): number | null {
    return this.retry === undefined ? null : this.#value;
  }

  fixedIn(text: string): ReadonlyMap<number, Value> {
    const at = partsOf(text).kinds.indexOf('retry');
    return at < 0 ? new Map() : new Map([[at, { kind: 'retry', text: String(this.#value) }]]);
  }

  count(): void {
    if (this.retry === undefined) return;
    const next = this.#value + this.retry.step;
    this.#value = next > this.retry.last ? this.retry.first : next;
  }
}

function playPoisson(stage: Stage, source: PoissonSource): void {
  const series = stage.series('poisson', source, source.spoken);
  stage.book.setStretches(source);
  for (const atUs of poissonTimes(stage.random, source)) {
    stage.say(source.spoken, source, { atUs, tid: stage.random.pick(source.tids), series });
  }
}

function playBursts(stage: Stage, source: BurstSource): void {
  const series = stage.series('burst', source, source.spoken);
  for (const times of burstTimes(stage.random, source, stage.scenario.lengthUs)) {
    const tid = stage.random.pick(source.tids);
    const heard = times.filter((atUs) => stage.say(source.spoken, source, { atUs, tid, series }) !== null);
    if (heard.length > 0) stage.book.burst(source.spoken, heard);
  }
}

/** A span of which a gap would swallow an end is left out. */
function playPairs(stage: Stage, source: PairSource): void {
  const starts = stage.series('pair', source, source.start);
  const finishes = stage.series('pair', source, source.finish);
  for (const { startUs, endUs, tid, depth } of spansOf(stage.random, source, stage.scenario.lengthUs)) {
    if (!stage.heard(startUs, tid) || (endUs !== null && !stage.heard(endUs, tid))) continue;
    const values = stage.say(source.start, source, { atUs: startUs, tid, series: starts, extra: { part: 'start' } });
    if (values === null) continue;
    const key = source.key === null ? null : values[source.key[0]];
    if (endUs !== null) {
      const fixed = new Map(source.key === null || key === null ? [] : [[source.key[1], key]]);
      stage.say(source.finish, source, { atUs: endUs, tid, series: finishes, fixed, extra: { part: 'finish' } });
    }
    stage.book.span(source, { startUs, endUs, tid, depth, key: key?.text ?? null });
  }
}

function playListed(stage: Stage, source: ListedSource): void {
  const series = stage.series('listed', source, source.spoken);
  for (const atUs of source.atUs) {
    const disk = source.dump?.(stage.random) ?? null;
    const extra = { event: source.event, disk };
    stage.say(source.spoken, source, { atUs, tid: stage.random.pick(source.tids), series, extra });
  }
}
