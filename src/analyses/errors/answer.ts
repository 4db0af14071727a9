/** The answer of `errors`, from what the pass over the messages collected. */
import type { Finish } from '../../core/analysis.js';
import type { Evidence } from '../../core/evidence.js';
import { turnsInWindow, turnsOf } from './changes.js';
import { ofSecondUs } from './clock-steps.js';
import { diffOf } from './diff.js';
import { Joined } from './joined.js';
import { MAX_SILENCES, type MessagePass, type Thread } from './messages.js';
import { type ErrorsOptions, LEVEL_NAMES, type LevelName } from './options.js';
import { type Beat, type OtherSeries, Rhythms } from './periodic.js';
import type {
  Change,
  DiskErrors,
  ErrorsResult,
  Gap,
  MessageTemplate,
  Periodic,
  Span,
  ThreadActivity,
} from './result.js';
import { withRetries } from './retry-loops.js';
import { groupsOf } from './rhythm-groups.js';
import type { SpanStats } from './spans.js';
import { resampled } from './strips.js';
import { TemplateRows, type Told } from './template-rows.js';

const US = 1e6;
const PARTS_SHOWN = 64;

/** The answer, and when the messages of a template came: as many instants as were kept, µs, in order. */
export interface ErrorsAnswer {
  readonly result: ErrorsResult;
  instantsOf(templateId: string): readonly number[];
}

export function answerOf(
  pass: MessagePass,
  others: readonly OtherSeries[],
  disks: readonly DiskErrors[],
  resolutionUs: number,
  options: ErrorsOptions,
  context: Finish,
): ErrorsAnswer {
  const joined = new Joined(pass);
  const whole = { startUs: pass.firstUs, endUs: pass.lastUs, messages: pass.count };
  const rows = new TemplateRows(joined, whole, options, context);
  const all = joined.templates.map((template) => rows.of(template));
  const told = new Map(all.map((one) => [one.template.id, one]));
  const isWanted = ({ row }: Told): boolean =>
    (options.level === null || atLeast(row.level, options.level)) &&
    (options.message === null || options.message(row.template));
  const wanted = all.filter(isWanted);
  const spans = pass.spans.finish();
  const spanSeries: OtherSeries[] = spans.flatMap((span) => {
    const series = pass.spanSeries.get(span) ?? -1;
    return series < 0 || span.count < 2 ? [] : [{ kind: 'span', name: span.name, thread: span.thread, series }];
  });
  const { startUtc, startLocal } = context.sources[0].about.clock;
  const rhythms = new Rhythms(joined, resolutionUs, ofSecondUs(startUtc ?? startLocal), options);
  const beats = withRetries(rhythms.find([...spanSeries, ...others]), joined).filter(
    (beat) =>
      (beat.retry !== null && beat.chance === null ? true : passesConfidence(beat, options)) &&
      hasPeriod(beat, options) &&
      (beat.template < 0
        ? options.level === null && options.message === null
        : isWanted(told.get(beat.template) as Told)),
  );
  const ranked = beats.sort((a, b) => rank(a, told) - rank(b, told) || b.count - a.count);
  const groups = groupsOf(ranked);
  const groupOf = new Map(groups.flatMap(({ members }, g) => members.map(({ beat }) => [beat, g] as const)));
  const hasTime = pass.lastUs >= pass.firstUs;
  const spanUs = pass.lastUs - pass.firstUs;
  const result: ErrorsResult = {
    window: hasTime ? { startUs: pass.firstUs, endUs: pass.lastUs } : null,
    messages: pass.count,
    withoutTime: pass.withoutTime,
    perSecond: spanUs > 0 ? (US * (pass.count - pass.withoutTime)) / spanUs : null,
    by: options.by,
    templates: wanted.map(({ row }) => row).sort(worstFirst),
    periodic: ranked.map((beat, i) => periodicOf(beat, told, groupOf.get(i) ?? null, joined, whole.startUs, context)),
    groups: groups.map(({ periodUs, members }) => ({
      periodMs: periodUs / 1000,
      members: members.map(({ beat, lagUs }) => ({ periodic: beat, lagMs: lagUs === null ? null : lagUs / 1000 })),
    })),
    gaps: gapsOf(pass, context),
    spans: spans
      .map((span) => spanOf(span, pass, context))
      .sort((a, b) => b.totalMs - a.totalMs || b.unfinished - a.unfinished),
    changes: changesOf(wanted, pass, options),
    threads: pass.threads.map((thread, i) => activityOf(thread, i, pass)).sort((a, b) => b.count - a.count),
    disks,
    timeline: hasTime
      ? {
          startUs: pass.firstUs,
          binUs: Math.max(1, spanUs) / PARTS_SHOWN,
          counts: resampled(pass.strips.row(0), PARTS_SHOWN, pass.strips.startUs, pass.strips.partUs, whole),
        }
      : { startUs: 0, binUs: 1, counts: [] },
    diff: options.diff ? diffOf(wanted, ranked, spans, joined, [0, 1]) : null,
  };
  const byId = new Map(all.map(({ row, template }) => [row.id, template]));
  const instantsOf = (id: string): number[] =>
    (byId.get(id)?.wholes ?? []).flatMap(({ series }) => {
      const { start, end } = joined.instants(series);
      return [...start, ...end];
    });
  return { result, instantsOf };
}

const levelRank = (level: LevelName | null): number =>
  level === null ? LEVEL_NAMES.length : LEVEL_NAMES.indexOf(level);
const atLeast = (level: LevelName | null, limit: LevelName): boolean => levelRank(level) <= levelRank(limit);

const CONFIDENCE = ['low', 'medium', 'high'] as const;
const passesConfidence = ({ confidence }: Beat, options: ErrorsOptions): boolean =>
  CONFIDENCE.indexOf(confidence) >= CONFIDENCE.indexOf(options.confidence);

/** Loops that only their counter shows have a period, too. */
const hasPeriod = ({ rhythm: { periodUs } }: Beat, { period }: ErrorsOptions): boolean =>
  period === null || (periodUs >= period.fromUs && periodUs <= period.toUs);

const worstFirst = (a: MessageTemplate, b: MessageTemplate): number =>
  levelRank(a.level) - levelRank(b.level) ||
  b.count - a.count ||
  (a.firstUs ?? 0) - (b.firstUs ?? 0) ||
  (a.id < b.id ? -1 : 1);

/** Errors before what is none, messages before other series. */
const rank = (beat: Beat, told: ReadonlyMap<number, Told>): number =>
  beat.template < 0
    ? 90
    : 10 * levelRank(told.get(beat.template)?.row.level ?? null) + 2 - CONFIDENCE.indexOf(beat.confidence);

function periodicOf(
  beat: Beat,
  told: ReadonlyMap<number, Told>,
  group: number | null,
  joined: Joined,
  startUs: number,
  context: Finish,
): Periodic {
  const { pass } = joined;
  const { rhythm, retry } = beat;
  const row = told.get(beat.template)?.row ?? null;
  const thread = beat.thread < 0 ? null : pass.threads[beat.thread];
  // Runs of routines may stand in a trace without messages.
  const phase = (rhythm.phaseUs - (Number.isNaN(startUs) ? 0 : startUs)) % rhythm.periodUs;
  const cites = joined.cites(beat.series);
  const evidence = cites.map(({ source, cite }) => context.evidence(source, cite));
  return {
    kind: beat.kind,
    template: row?.template ?? beat.name ?? '',
    templateId: row?.id ?? null,
    // That of most of its messages: a rare error in a beat makes no periodic error.
    level: told.get(beat.template)?.usual ?? null,
    pid: thread?.pid ?? beat.pid,
    tid: thread?.tid ?? null,
    process: thread === null ? null : pass.names.text(thread.process),
    key: thread === null ? null : keyText(thread, pass),
    periodMs: rhythm.periodUs / 1000,
    jitterMs: Number.isNaN(rhythm.jitterUs) ? null : rhythm.jitterUs / 1000,
    count: beat.count,
    phaseMs: (phase < 0 ? phase + rhythm.periodUs : phase) / 1000,
    confidence: beat.confidence,
    chance: beat.chance,
    beats: rhythm.beats,
    missed: rhythm.missed,
    extra: rhythm.extra,
    perBeat: rhythm.perBeat,
    stretches: rhythm.stretches,
    isPartial: beat.isPartial,
    driftPercent: rhythm.driftPercent,
    firstUs: rhythm.firstUs,
    lastUs: rhythm.lastUs,
    retry: retry === null ? null : { ...retry.count, template: told.get(retry.template)?.row.template ?? '' },
    group,
    evidence: evidence.length > 0 ? evidence : (row?.examples ?? []),
  };
}

function keyText({ key }: Thread, { names }: MessagePass): string | null {
  return key < 0 ? null : (names.text(key) ?? String(key));
}

/** What lies between two instants, in whole nanoseconds: a difference of microseconds with a fraction ends in noise. */
function elapsedMs(us: number): number;
function elapsedMs(us: number | null): number | null;
function elapsedMs(us: number | null): number | null {
  return us === null ? null : Math.round(us * 1000) / 1e6;
}

function gapsOf(pass: MessagePass, context: Finish): Gap[] {
  const of = (row: number, thread: Thread | null): Gap[] =>
    pass.silences.found(row).map(({ startUs, durationUs, usualUs, source, end }) => ({
      pid: thread?.pid ?? null,
      tid: thread?.tid ?? null,
      process: thread === null ? null : pass.names.text(thread.process),
      key: thread === null ? null : keyText(thread, pass),
      startUs,
      durationMs: elapsedMs(durationUs),
      usualMs: elapsedMs(usualUs),
      evidence: [context.evidence(source, end)],
    }));
  // What nobody tells the threads of is the whole once more.
  const isKnown = ({ pid, tid, key }: Thread): boolean => pid !== null || tid !== null || key >= 0;
  const byThread = pass.threads
    .slice(0, MAX_SILENCES)
    .flatMap((thread, i) => (isKnown(thread) ? of(i + 1, thread) : []));
  const longest = (a: Gap, b: Gap): number => b.durationMs - a.durationMs;
  return [...of(0, null).sort(longest), ...byThread.sort(longest)];
}

function spanOf(span: SpanStats, pass: MessagePass, context: Finish): Span {
  const thread = pass.threads[span.thread];
  const { longest } = span;
  const evidence: Evidence[] = [];
  if (longest?.start) evidence.push(context.evidence(longest.source, longest.start));
  if (longest !== null) evidence.push(context.evidence(longest.source, longest.finish));
  return {
    name: span.name,
    pid: thread.pid,
    tid: thread.tid,
    process: pass.names.text(thread.process),
    count: span.count,
    p50Ms: elapsedMs(span.percentile(0.5)),
    p99Ms: elapsedMs(span.percentile(0.99)),
    maxMs: span.maxUs < 0 ? null : elapsedMs(span.maxUs),
    totalMs: elapsedMs(span.sumUs),
    unfinished: span.unfinished,
    unstarted: span.unstarted,
    open: span.open === null ? null : context.evidence(span.open.source, span.open.start),
    firstUs: Number.isNaN(span.firstUs) ? null : span.firstUs,
    lastUs: Number.isNaN(span.lastUs) ? null : span.lastUs,
    evidence,
  };
}

function changesOf(wanted: readonly Told[], pass: MessagePass, { window }: ErrorsOptions): Change[] {
  const whole = { startUs: pass.firstUs, endUs: pass.lastUs };
  const turns = wanted.flatMap((one) => {
    const life = { first: one.firstUs, last: one.lastUs, count: one.row.count, counts: one.counts };
    if (!Number.isFinite(life.first)) return [];
    const found =
      window === null
        ? turnsOf(one.template, life, pass.strips, whole)
        : turnsInWindow(one.template, life, window, whole);
    return found.map((turn) => ({ turn, row: one.row }));
  });
  return turns
    .map(({ turn: { kind, atUs, before, after }, row }) => ({
      kind,
      template: row.template,
      templateId: row.id,
      level: row.level,
      atUs,
      before,
      after,
      evidence: row.examples.slice(0, 1),
    }))
    .sort((a, b) => levelRank(a.level) - levelRank(b.level) || a.atUs - b.atUs);
}

function activityOf(thread: Thread, index: number, pass: MessagePass): ThreadActivity {
  const spanUs = pass.lastUs - pass.firstUs;
  const { threadLives: lives } = pass;
  const count = lives.count(index);
  const known = (us: number): number | null => (Number.isNaN(us) ? null : us);
  return {
    pid: thread.pid,
    tid: thread.tid,
    process: pass.names.text(thread.process),
    key: keyText(thread, pass),
    count,
    percent: pass.count === 0 ? 0 : (100 * count) / pass.count,
    perSecond: spanUs > 0 ? (US * count) / spanUs : null,
    firstUs: known(lives.firstUs(index)),
    lastUs: known(lives.lastUs(index)),
  };
}
