/** Columns of the lists of `errors`. */
import type {
  Change,
  DiskErrors,
  ErrorsResult,
  Gap,
  MessageTemplate,
  Parameter,
  Periodic,
  Span,
  SpanDiff,
  TemplateDiff,
  ThreadActivity,
} from '../../analyses/errors/result.js';
import type { Evidence } from '../../core/evidence.js';
import { printable } from '../../core/text.js';
import { placeText, type ViewColumn } from '../views.js';
import { strip } from './strip.js';

const text = (value: string | null): string | null =>
  value === null ? null : printable(value, Number.POSITIVE_INFINITY).replace(/\s+/g, ' ');

/** Where the first line stands that a row was made from. */
const evidence = <R>(of: (row: R) => readonly Evidence[], rank = 99, hidden = true): ViewColumn<R> => ({
  key: 'evidence',
  title: 'At',
  rank,
  hidden,
  value: (row) => (of(row).length === 0 ? null : placeText(of(row)[0])),
});

/** Seconds from the start, of a value in µs. */
const seconds = <R>(key: string, title: string, rank: number, us: (row: R) => number | null): ViewColumn<R> => ({
  key,
  title,
  rank,
  value: us,
  text: (row) => {
    const value = us(row);
    return value === null ? null : (value / 1e6).toFixed(3);
  },
});

/** Rates of a second have as many digits as say something. */
const rate = <R>(key: string, title: string, rank: number, of: (row: R) => number | null): ViewColumn<R> => ({
  key,
  title,
  rank,
  value: of,
  text: (row) => {
    const value = of(row);
    return value === null
      ? null
      : value >= 100
        ? value.toFixed(0)
        : value >= 1
          ? value.toFixed(1)
          : value.toPrecision(2);
  },
});

/** Ids of processes or threads: all of them for programs, on a screen how many where they are more than two. */
const ids = <R>(key: string, title: string, rank: number, of: (row: R) => readonly number[]): ViewColumn<R> => ({
  key,
  title,
  rank,
  value: (row) => (of(row).length === 0 ? null : of(row).join(' ')),
  text: (row) => {
    const values = of(row);
    if (values.length === 0) return null;
    return values.length <= 2 ? values.join(',') : `${values.length} ids`;
  },
});

const STRIP = 24;

export interface TemplateRow {
  readonly template: MessageTemplate;
  /** Its rhythm, where one was found. */
  readonly period: Periodic | null;
}

export const TEMPLATE: readonly ViewColumn<TemplateRow>[] = [
  {
    key: 'level',
    title: 'Level',
    rank: 0,
    value: ({ template: t }) => t.level,
    text: ({ template: t }) => short(t.level),
  },
  { key: 'count', title: 'Count', rank: 0, value: ({ template: t }) => t.count },
  { key: 'percent', title: '%', rank: 4, decimals: 2, value: ({ template: t }) => t.percent },
  rate('perSecond', '/s', 3, ({ template: t }) => t.perSecond),
  {
    key: 'periodMs',
    title: 'Every (s)',
    rank: 1,
    value: ({ period }) => period?.periodMs ?? null,
    text: ({ period }) => (period === null ? '' : (period.periodMs / 1000).toFixed(3)),
  },
  seconds('firstUs', 'First (s)', 5, ({ template: t }) => t.firstUs),
  seconds('lastUs', 'Last (s)', 6, ({ template: t }) => t.lastUs),
  ids('pids', 'PID', 7, ({ template: t }) => t.pids),
  ids('tids', 'TID', 8, ({ template: t }) => t.tids),
  { key: 'strip', title: 'When', rank: 2, value: ({ template: t }) => strip(t.counts, STRIP) },
  { key: 'provider', title: 'Provider', rank: 9, value: ({ template: t }) => text(t.provider) },
  { key: 'eventId', title: 'Event', rank: 10, value: ({ template: t }) => t.eventId, optional: true },
  { key: 'id', title: 'Id', rank: 11, value: ({ template: t }) => t.id },
  { key: 'template', title: 'Template', rank: 0, fills: true, value: ({ template: t }) => text(t.template) },
  { key: 'function', title: 'Function', rank: 99, hidden: true, value: ({ template: t }) => text(t.function) },
  { key: 'levelFrom', title: 'Level by', rank: 99, hidden: true, value: ({ template: t }) => t.levelFrom },
  { key: 'reason', title: 'Reason', rank: 99, hidden: true, value: ({ template: t }) => text(t.reason) },
  {
    key: 'example',
    title: 'Example',
    rank: 99,
    hidden: true,
    value: ({ template: t }) => text(t.examples[0]?.quote ?? null),
  },
  evidence(({ template: t }) => t.examples),
];

/** Levels in five letters. */
function short(level: string | null): string | null {
  return level === 'information' ? 'info' : level === 'critical' ? 'crit' : level === 'warning' ? 'warn' : level;
}

export const PERIODIC: readonly ViewColumn<Periodic>[] = [
  { key: 'periodMs', title: 'Every (ms)', rank: 0, decimals: 3, value: (p) => p.periodMs },
  { key: 'jitterMs', title: '± (ms)', rank: 1, decimals: 3, value: (p) => p.jitterMs },
  { key: 'count', title: 'Count', rank: 0, value: (p) => p.count },
  { key: 'beats', title: 'Beats', rank: 5, value: (p) => p.beats },
  { key: 'missed', title: 'Missed', rank: 3, value: (p) => p.missed },
  { key: 'extra', title: 'Off', rank: 6, value: (p) => p.extra },
  { key: 'perBeat', title: 'Per beat', rank: 8, decimals: 1, value: (p) => p.perBeat },
  { key: 'stretches', title: 'Stretches', rank: 99, hidden: true, value: (p) => p.stretches },
  { key: 'isPartial', title: 'Part', rank: 7, value: (p) => (p.isPartial ? 'yes' : null), optional: true },
  { key: 'phaseMs', title: 'Phase (ms)', rank: 7, decimals: 1, value: (p) => p.phaseMs },
  { key: 'driftPercent', title: 'Drift %', rank: 9, decimals: 2, value: (p) => p.driftPercent },
  { key: 'confidence', title: 'Sure', rank: 0, value: (p) => p.confidence },
  { key: 'chance', title: 'Chance', rank: 99, hidden: true, value: (p) => p.chance },
  { key: 'pid', title: 'PID', rank: 2, value: (p) => p.pid },
  { key: 'tid', title: 'TID', rank: 1, value: (p) => p.tid },
  { key: 'process', title: 'Process', rank: 5, value: (p) => text(p.process), optional: true },
  { key: 'key', title: 'Of', rank: 1, value: (p) => text(p.key), optional: true },
  {
    key: 'retry',
    title: 'Retry',
    rank: 1,
    value: (p) => (p.retry === null ? null : `${p.retry.first} → ${p.retry.last}`),
    optional: true,
  },
  { key: 'group', title: 'Group', rank: 10, value: (p) => p.group },
  seconds('firstUs', 'First (s)', 11, (p) => p.firstUs),
  seconds('lastUs', 'Last (s)', 11, (p) => p.lastUs),
  { key: 'kind', title: 'Kind', rank: 4, value: (p) => p.kind },
  { key: 'level', title: 'Level', rank: 4, value: (p) => p.level, text: (p) => short(p.level) },
  { key: 'template', title: 'What', rank: 0, fills: true, value: (p) => text(p.template) },
  { key: 'templateId', title: 'Id', rank: 99, hidden: true, value: (p) => p.templateId },
  evidence((p) => p.evidence),
];

export const GAP: readonly ViewColumn<Gap>[] = [
  seconds('startUs', 'From (s)', 0, (g) => g.startUs),
  { key: 'durationMs', title: 'Silent (ms)', rank: 0, decimals: 3, value: (g) => g.durationMs },
  { key: 'usualMs', title: '99 % below (ms)', rank: 2, decimals: 3, value: (g) => g.usualMs },
  { key: 'pid', title: 'PID', rank: 0, value: (g) => g.pid },
  { key: 'tid', title: 'TID', rank: 0, value: (g) => g.tid },
  { key: 'process', title: 'Process', rank: 3, value: (g) => text(g.process), optional: true },
  { key: 'key', title: 'Of', rank: 1, value: (g) => text(g.key), optional: true },
  { key: 'end', title: 'Ends with', rank: 1, fills: true, value: (g) => text(g.evidence[0]?.quote ?? null) },
  evidence((g) => g.evidence, 4, false),
];

export const SPAN: readonly ViewColumn<Span>[] = [
  { key: 'count', title: 'Count', rank: 0, value: (s) => s.count },
  { key: 'p50Ms', title: 'p50 (ms)', rank: 1, decimals: 3, value: (s) => s.p50Ms },
  { key: 'p99Ms', title: 'p99 (ms)', rank: 1, decimals: 3, value: (s) => s.p99Ms },
  { key: 'maxMs', title: 'Max (ms)', rank: 0, decimals: 3, value: (s) => s.maxMs },
  { key: 'totalMs', title: 'Total (ms)', rank: 3, decimals: 3, value: (s) => s.totalMs },
  { key: 'unfinished', title: 'Open', rank: 0, value: (s) => s.unfinished },
  { key: 'unstarted', title: 'No start', rank: 6, value: (s) => s.unstarted },
  { key: 'pid', title: 'PID', rank: 2, value: (s) => s.pid },
  { key: 'tid', title: 'TID', rank: 2, value: (s) => s.tid },
  { key: 'process', title: 'Process', rank: 5, value: (s) => text(s.process), optional: true },
  { key: 'name', title: 'Span', rank: 0, fills: true, value: (s) => text(s.name) },
  evidence((s) => s.evidence),
];

export const CHANGE: readonly ViewColumn<Change>[] = [
  { key: 'kind', title: 'Change', rank: 0, value: (c) => c.kind },
  seconds('atUs', 'At (s)', 0, (c) => c.atUs),
  rate('before', '/s before', 1, (c) => c.before),
  rate('after', '/s after', 1, (c) => c.after),
  { key: 'level', title: 'Level', rank: 2, value: (c) => c.level, text: (c) => short(c.level) },
  { key: 'template', title: 'Template', rank: 0, fills: true, value: (c) => text(c.template) },
  { key: 'templateId', title: 'Id', rank: 99, hidden: true, value: (c) => c.templateId },
  evidence((c) => c.evidence),
];

export const THREAD: readonly ViewColumn<ThreadActivity>[] = [
  { key: 'pid', title: 'PID', rank: 0, value: (t) => t.pid },
  { key: 'tid', title: 'TID', rank: 0, value: (t) => t.tid },
  { key: 'process', title: 'Process', rank: 1, value: (t) => text(t.process), optional: true },
  { key: 'key', title: 'Of', rank: 0, value: (t) => text(t.key), optional: true },
  { key: 'count', title: 'Count', rank: 0, value: (t) => t.count },
  { key: 'percent', title: '%', rank: 1, decimals: 2, value: (t) => t.percent },
  rate('perSecond', '/s', 2, (t) => t.perSecond),
  seconds('firstUs', 'First (s)', 3, (t) => t.firstUs),
  seconds('lastUs', 'Last (s)', 3, (t) => t.lastUs),
];

const code = (value: { code: number; name: string | null } | null): string | null =>
  value === null ? null : `0x${value.code.toString(16).padStart(2, '0')}${value.name === null ? '' : ` ${value.name}`}`;

export const DISK: readonly ViewColumn<DiskErrors>[] = [
  { key: 'count', title: 'Count', rank: 0, value: (d) => d.count },
  { key: 'eventId', title: 'Event', rank: 0, value: (d) => d.eventId },
  { key: 'kind', title: 'Kind', rank: 0, value: (d) => d.kind },
  { key: 'disk', title: 'Disk', rank: 0, value: (d) => text(d.disk), unknown: 'unknown' },
  { key: 'command', title: 'Command', rank: 2, value: (d) => code(d.command) },
  { key: 'scsiStatus', title: 'SCSI', rank: 3, value: (d) => code(d.scsiStatus) },
  { key: 'srbStatus', title: 'SRB', rank: 1, value: (d) => code(d.srbStatus) },
  { key: 'sense', title: 'Sense', rank: 5, value: (d) => code(d.sense?.key ?? null), optional: true },
  { key: 'lba', title: 'LBA', rank: 6, value: (d) => d.lba, optional: true },
  { key: 'provider', title: 'Provider', rank: 7, value: (d) => text(d.provider) },
  { key: 'isTimeout', title: 'Timeout', rank: 99, hidden: true, value: (d) => yesNo(d.isTimeout) },
  { key: 'isReset', title: 'Reset', rank: 99, hidden: true, value: (d) => yesNo(d.isReset) },
  seconds('firstUs', 'First (s)', 8, (d) => d.firstUs),
  seconds('lastUs', 'Last (s)', 8, (d) => d.lastUs),
  { key: 'meaning', title: 'Meaning', rank: 1, fills: true, value: (d) => text(d.meaning) },
  evidence((d) => d.evidence),
];

const yesNo = (value: boolean | null): string | null => (value === null ? null : value ? 'yes' : 'no');

export interface ParameterRow {
  readonly template: MessageTemplate;
  readonly number: number;
  readonly parameter: Parameter;
}

export const PARAMETER: readonly ViewColumn<ParameterRow>[] = [
  { key: 'id', title: 'Template', rank: 1, value: (p) => p.template.id },
  { key: 'number', title: '#', rank: 0, value: (p) => p.number },
  { key: 'type', title: 'Type', rank: 0, value: (p) => p.parameter.type },
  { key: 'distinct', title: 'Distinct', rank: 0, value: (p) => p.parameter.distinct, unknown: 'many' },
  { key: 'min', title: 'Min', rank: 2, value: (p) => p.parameter.min },
  { key: 'max', title: 'Max', rank: 2, value: (p) => p.parameter.max },
  {
    key: 'values',
    title: 'Values',
    rank: 1,
    value: (p) => text(p.parameter.values.join(' | ')),
    text: (p) => text(p.parameter.values.slice(0, 4).join(' | ')),
  },
  { key: 'template', title: 'Of', rank: 0, fills: true, value: (p) => text(p.template.template) },
];

export interface GroupRow {
  readonly group: number;
  readonly periodMs: number;
  readonly lagMs: number | null;
  readonly member: Periodic;
}

export const GROUP: readonly ViewColumn<GroupRow>[] = [
  { key: 'group', title: 'Group', rank: 0, value: (g) => g.group },
  { key: 'periodMs', title: 'Every (ms)', rank: 0, decimals: 3, value: (g) => g.periodMs },
  { key: 'lagMs', title: 'After the first (ms)', rank: 1, decimals: 3, value: (g) => g.lagMs },
  { key: 'pid', title: 'PID', rank: 2, value: (g) => g.member.pid },
  { key: 'tid', title: 'TID', rank: 2, value: (g) => g.member.tid },
  { key: 'template', title: 'What', rank: 0, fills: true, value: (g) => text(g.member.template) },
];

export const DIFF: readonly ViewColumn<TemplateDiff>[] = [
  { key: 'change', title: 'Change', rank: 0, value: (d) => d.change },
  { key: 'countA', title: 'Count A', rank: 0, value: (d) => d.countA },
  { key: 'countB', title: 'Count B', rank: 0, value: (d) => d.countB },
  rate('perSecondA', '/s A', 1, (d) => d.perSecondA),
  rate('perSecondB', '/s B', 1, (d) => d.perSecondB),
  { key: 'ratio', title: 'B/A', rank: 2, decimals: 2, value: (d) => d.ratio },
  { key: 'periodMsA', title: 'Every A (ms)', rank: 4, decimals: 1, value: (d) => d.periodMsA },
  { key: 'periodMsB', title: 'Every B (ms)', rank: 4, decimals: 1, value: (d) => d.periodMsB },
  { key: 'level', title: 'Level', rank: 3, value: (d) => d.level, text: (d) => short(d.level) },
  { key: 'template', title: 'Template', rank: 0, fills: true, value: (d) => text(d.template) },
  { key: 'id', title: 'Id', rank: 99, hidden: true, value: (d) => d.id },
  evidence((d) => d.evidence),
];

export const SPAN_DIFF: readonly ViewColumn<SpanDiff>[] = [
  { key: 'countA', title: 'Count A', rank: 0, value: (d) => d.countA },
  { key: 'countB', title: 'Count B', rank: 0, value: (d) => d.countB },
  { key: 'meanMsA', title: 'Mean A (ms)', rank: 1, decimals: 3, value: (d) => d.meanMsA },
  { key: 'meanMsB', title: 'Mean B (ms)', rank: 1, decimals: 3, value: (d) => d.meanMsB },
  { key: 'maxMsA', title: 'Max A (ms)', rank: 2, decimals: 3, value: (d) => d.maxMsA },
  { key: 'maxMsB', title: 'Max B (ms)', rank: 2, decimals: 3, value: (d) => d.maxMsB },
  { key: 'name', title: 'Span', rank: 0, fills: true, value: (d) => text(d.name) },
];

export const parameterRows = ({ templates }: ErrorsResult): ParameterRow[] =>
  templates.flatMap((template) => template.parameters.map((parameter, i) => ({ template, number: i + 1, parameter })));
