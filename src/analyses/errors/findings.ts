/** What the answer of `errors` says in sentences: what recurs, what fell silent, what the disks report. */
import { durationText } from '../../core/duration-text.js';
import type { Evidence, Finding, Level } from '../../core/evidence.js';
import type { LevelName } from './options.js';
import type { Change, DiskErrors, ErrorsResult, Gap, MessageTemplate, Periodic, Span } from './result.js';

/** Findings of one kind that are told. */
const MOST = 12;
const MOST_GAPS = 5;

const LEVELS: Readonly<Record<LevelName, Level>> = {
  critical: 'error',
  error: 'error',
  warning: 'warning',
  information: 'note',
  verbose: 'note',
};
const levelOf = (level: LevelName | null): Level => (level === null ? 'note' : LEVELS[level]);
const isBad = (level: LevelName | null): boolean => levelOf(level) !== 'note';

export function errorsFindings(result: ErrorsResult): Finding[] {
  const { periodic, gaps, disks, spans, changes } = result;
  const bad = periodic.filter(({ level }) => isBad(level));
  const loops = withCompanions(bad, result);
  return [
    ...loops.slice(0, MOST),
    ...disks
      .filter(({ kind }) => kind !== 'removed')
      .slice(0, MOST)
      .map(diskFinding),
    ...errorsWithoutRhythm(result),
    ...gaps
      .filter(({ pid, tid, key }) => pid === null && tid === null && key === null)
      .slice(0, MOST_GAPS)
      .flatMap(gapFinding),
    ...spans
      .filter(({ unfinished }) => unfinished > 0)
      .slice(0, MOST_GAPS)
      .flatMap(spanFinding),
    ...changes
      .filter(({ level }) => isBad(level))
      .slice(0, MOST_GAPS)
      .flatMap(changeFinding),
  ];
}

/**
 * One finding for what is one story: the same error in several threads with one period, and what comes with its beats in each of
 * them, as the retry that it causes.
 */
function withCompanions(bad: readonly Periodic[], result: ErrorsResult): Finding[] {
  const told = new Set<Periodic>();
  const findings: Finding[] = [];
  for (const one of bad) {
    if (told.has(one)) continue;
    const isLike = (other: Periodic): boolean => other !== one && other.group === one.group && one.group !== null;
    const elsewhere = bad.filter(
      (other) => isLike(other) && other.templateId === one.templateId && other.pid === one.pid,
    );
    const all = [one, ...elsewhere];
    const together = bad.filter(
      (other) => isLike(other) && !all.includes(other) && all.some((mine) => isSameThread(mine, other)),
    );
    for (const other of [...all, ...together]) told.add(other);
    const [first, ...rest] = all.flatMap(({ evidence }) => evidence.slice(0, 2));
    if (first === undefined) continue;
    const evidence: [Evidence, ...Evidence[]] = [
      first,
      ...rest,
      ...together.flatMap((other) => other.evidence.slice(0, 1)),
    ];
    findings.push({
      rule: 'periodic-error',
      level: levelOf(one.level),
      message: `"${one.template}" ${everyText(all)}${togetherText(together)}${alsoIn(all, result)}.${whyText(one)}`,
      confidence: one.confidence,
      evidence,
      against: [],
      next: nextOf(one),
    });
  }
  return findings;
}

const isSameThread = (a: Periodic, b: Periodic): boolean => a.pid === b.pid && a.tid === b.tid && a.key === b.key;

/** Threads that are told one by one. */
const MOST_THREADS = 4;

/** `every 6.700 s ± 38.7 ms in threads 6008 (25 beats) and 3308 (25 beats) of process 2716`. */
function everyText(all: readonly Periodic[]): string {
  const [one] = all;
  const jitter = one.jitterMs === null ? '' : ` ± ${durationText(one.jitterMs)}`;
  const every = `every ${durationText(one.periodMs)}${jitter}`;
  if (all.length === 1) return `${every} (${beatsText(one)})${whereText(one)}${partText(one)}`;
  const threads = all.slice(0, MOST_THREADS).map((each) => `${each.tid ?? each.key ?? '?'} (${beatsText(each)})`);
  const more = all.length > MOST_THREADS ? [`${all.length - MOST_THREADS} more`] : [];
  const list = [...threads, ...more];
  const process = one.pid === null ? '' : ` of process ${one.pid}${one.process === null ? '' : ` (${one.process})`}`;
  return `${every} in threads ${list.slice(0, -1).join(', ')} and ${list.at(-1)}${process}`;
}

function beatsText({ beats, missed, extra, perBeat, stretches, driftPercent, retry }: Periodic): string {
  const parts = [beats === 2 ? 'one repetition' : `${beats} beats`];
  if (missed > 0) parts.push(`${missed} missed`);
  if (extra > 0) parts.push(`${extra} off the beat`);
  if (stretches > 1) parts.push(`in ${stretches} stretches with pauses between`);
  if (driftPercent !== null && Math.abs(driftPercent) >= 1) parts.push(`drift ${driftPercent.toFixed(1)} %`);
  if (perBeat > 1.2) parts.push(`${perBeat.toFixed(1)} at a time`);
  if (retry !== null) {
    const anew = retry.resets === 0 ? '' : `, begun anew ${retry.resets === 1 ? 'once' : `${retry.resets} times`}`;
    parts.push(`retry ${retry.first} → ${retry.last}${anew}`);
  }
  return parts.join(', ');
}

/** What of a long series was looked at. */
function partText({ isPartial, firstUs, lastUs, beats, perBeat, count }: Periodic): string {
  if (!isPartial) return '';
  const seen = `${Math.round(beats * perBeat)} of its ${count} messages, from ${durationText(firstUs / 1000)} to ${durationText(lastUs / 1000)}`;
  return ` in ${seen}; the others were not looked at`;
}

export function whereText({ pid, tid, process, key }: Pick<Periodic, 'pid' | 'tid' | 'process' | 'key'>): string {
  if (key !== null) return ` in ${key}`;
  const name = process === null ? '' : ` (${process})`;
  if (tid !== null) return ` in thread ${tid}${pid === null ? '' : ` of process ${pid}${name}`}`;
  return pid === null ? '' : ` in process ${pid}${name}`;
}

function togetherText(others: readonly Periodic[]): string {
  const names = [...new Set(others.map(({ template }) => template))].map((template) => `"${template}"`);
  if (names.length === 0) return '';
  return `, together with ${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`;
}

/** Threads that say the same, though without a rhythm of their own that can be told. */
function alsoIn(all: readonly Periodic[], { templates }: ErrorsResult): string {
  const [one] = all;
  const tids = templates.find(({ id }) => id === one.templateId)?.tids ?? [];
  const others = tids.filter((tid) => all.every((each) => each.tid !== tid));
  if (one.tid === null || others.length === 0) return '';
  const more = others.length > MOST_THREADS ? ` and ${others.length - MOST_THREADS} more` : '';
  return `; also said in thread${others.length > 1 ? 's' : ''} ${others.slice(0, MOST_THREADS).join(', ')}${more}`;
}

function whyText({ chance, beats, confidence }: Periodic): string {
  if (chance === null) {
    return ` Confidence low: ${beats === 2 ? 'one interval' : `${beats - 1} intervals`}; that it repeats is known by its counter only.`;
  }
  return confidence === 'low' ? ' Confidence low: chance alone makes such a series now and then.' : '';
}

function nextOf({ confidence, pid, tid, periodMs }: Periodic): string[] {
  const next: string[] = [];
  if (confidence === 'low') next.push('trace for longer: eight beats and more tell a rhythm from chance');
  if (tid !== null) {
    next.push(
      `in a dump of process ${pid ?? '?'}, look at the stack of thread 0x${tid.toString(16)}: a sleep or timer of ${durationText(periodMs)} there is the loop (tracekit dump)`,
    );
  }
  return next;
}

/** Errors that recur without a rhythm: the most frequent ones. */
function errorsWithoutRhythm({ templates, periodic }: ErrorsResult): Finding[] {
  const beating = new Set(periodic.filter(({ level }) => isBad(level)).map(({ templateId }) => templateId));
  return templates
    .filter(({ id, level }) => (level === 'error' || level === 'critical') && !beating.has(id))
    .slice(0, MOST)
    .flatMap((template) => recurring(template));
}

function recurring(template: MessageTemplate): Finding[] {
  const { levelFrom, reason, examples, codes } = template;
  const [first, ...rest] = examples;
  if (first === undefined) return [];
  const named = codes
    .filter(({ name, severity }) => name !== null && severity !== 'success')
    .map(({ hex, name }) => `${hex} ${name}`);
  const code = named.length === 0 ? '' : ` (${[...new Set(named)].slice(0, 3).join(', ')})`;
  return [
    {
      rule: 'recurring-error',
      level: levelFrom === 'word' ? 'warning' : 'error',
      message: `"${template.template}"${code}: ${timesText(template)}. An error ${basis(levelFrom)}: ${reason}.`,
      confidence: levelFrom === 'word' ? 'low' : 'medium',
      evidence: [first, ...rest],
      against: [],
      next: [],
    },
  ];
}

function timesText({ count, worstCount }: MessageTemplate): string {
  if (worstCount !== null && worstCount < count) return `${worstCount} of ${count} messages`;
  if (worstCount === null) return `some of ${count} messages`;
  return count === 1 ? 'once' : `${count} times, without a rhythm that can be told from chance`;
}

function basis(from: MessageTemplate['levelFrom']): string {
  switch (from) {
    case 'source':
      return 'by its own level';
    case 'event-id':
      return 'by its event id';
    case 'code':
      return 'by the code in it';
    case 'rule':
      return 'by the rule given';
    default:
      return 'by its words';
  }
}

function diskFinding(disk: DiskErrors): Finding {
  const { eventId, kind, count, meaning, scsiStatus, srbStatus, command } = disk;
  const codes = [
    command === null ? '' : `command ${codeText(command)}`,
    scsiStatus === null ? '' : `SCSI status ${codeText(scsiStatus)}`,
    srbStatus === null ? '' : `SRB status ${codeText(srbStatus)}`,
  ].filter((text) => text !== '');
  const [first, ...rest] = disk.evidence;
  return {
    rule: 'disk-error',
    level: kind === 'retried' || kind === 'slow' ? 'warning' : 'error',
    message: `${disk.disk ?? 'a disk that the event does not name'}: event ${eventId} (${kind}) ${count === 1 ? 'once' : `${count} times`}${meaning === null ? '' : `: ${meaning}`}${codes.length === 0 ? '' : ` (${codes.join(', ')})`}.`,
    confidence: scsiStatus === null && srbStatus === null ? 'medium' : 'high',
    evidence: [first, ...rest],
    against: [],
    next:
      disk.isTimeout || disk.isReset ? ['look for waits on this disk in a dump of the same time (tracekit dump)'] : [],
  };
}

const codeText = ({ code, name }: { code: number; name: string | null }): string =>
  `0x${code.toString(16).padStart(2, '0')}${name === null ? '' : ` ${name}`}`;

function gapFinding({ startUs, durationMs, usualMs, evidence }: Gap): Finding[] {
  const [first, ...rest] = evidence;
  if (first === undefined) return [];
  return [
    {
      rule: 'discontinuity',
      level: 'warning',
      message: `nothing was said for ${durationText(durationMs)} from ${durationText(startUs / 1000)} on; 99 of 100 gaps are shorter than ${durationText(usualMs)}.`,
      confidence: 'medium',
      evidence: [first, ...rest],
      against: [],
      next: [
        'compare with what other traces and the event log say of that time: a stopped machine, lost events and a pause of the work look the same',
      ],
    },
  ];
}

function spanFinding(span: Span): Finding[] {
  const first = span.open;
  if (first === null) return [];
  return [
    {
      rule: 'unfinished-span',
      level: 'note',
      message: `"${span.name}"${whereText({ ...span, key: null })} began ${span.unfinished} ${span.unfinished === 1 ? 'time' : 'times'} without an end in the trace; ${span.count} others took up to ${durationText(span.maxMs ?? 0)}.`,
      confidence: null,
      evidence: [first],
      against: [],
      next: [],
    },
  ];
}

function changeFinding({ kind, template, atUs, before, after, evidence }: Change): Finding[] {
  const [first, ...rest] = evidence;
  if (first === undefined) return [];
  const rates = `${rateText(before)} before, ${rateText(after)} after`;
  const what = { new: 'is new', stopped: 'stopped', faster: 'comes faster', slower: 'comes slower' }[kind];
  return [
    {
      rule: `message-${kind}`,
      level: 'note',
      message: `"${template}" ${what} from ${durationText(atUs / 1000)} on: ${rates}.`,
      confidence: null,
      evidence: [first, ...rest],
      against: [],
      next: [],
    },
  ];
}

const rateText = (perSecond: number): string =>
  perSecond === 0
    ? 'none'
    : perSecond >= 1
      ? `${perSecond.toFixed(1)} a second`
      : `${(60 * perSecond).toFixed(1)} a minute`;
