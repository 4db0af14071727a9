/** What happened when, of both sides on one axis: for drawing. */
import { durationText } from '../src/core/duration-text.js';
import { type Case, messageUs, onLineUs, sourceIndex, waitBeganUs } from './case.js';
import type { Run } from './probes/routine-runs.js';
import type { Cause, Lane, LaneStrip, TimeLine } from './result.js';

const MAX_MARKS = 20_000;
const MAX_LANES = 64;
const MAX_MESSAGE_LANES = 16;
const MAX_WAITS = 200;
const PARTS = 64;

export function timeLineOf(all: Case, causes: readonly Cause[]): TimeLine {
  const lanes = [
    ...routineLanes(all),
    ...messageLanes(all, causes),
    ...diskLanes(all),
    ...waitLanes(all, causes),
    ...poolLane(all),
  ].slice(0, MAX_LANES);
  const spans = all.line.clocks.flatMap(({ startUs, endUs }) => [startUs, endUs]);
  const instants = [
    ...spans,
    all.line.dumpAtUs,
    ...lanes.flatMap(({ startUs, durationUs }) => ends(startUs, durationUs)),
  ].filter((at): at is number => at !== null && Number.isFinite(at));
  return {
    startUs: instants.length === 0 ? null : instants.reduce((a, b) => Math.min(a, b)),
    endUs: instants.length === 0 ? null : instants.reduce((a, b) => Math.max(a, b)),
    dumpAtUs: all.line.dumpAtUs,
    uncertaintyUs: all.line.uncertaintyMs === null ? null : all.line.uncertaintyMs * 1000,
    lanes,
  };
}

function ends(startUs: readonly number[], durationUs: readonly number[]): number[] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const [i, start] of startUs.entries()) {
    if (start < low) low = start;
    if (start + durationUs[i] > high) high = start + durationUs[i];
  }
  return startUs.length === 0 ? [] : [low, high];
}

/** Long runs by kind and processor. */
function routineLanes(all: Case): Lane[] {
  const groups = new Map<string, Run[]>();
  for (const run of all.probes.runs.long()) {
    const key = `${run.source} ${run.kind} ${run.cpu ?? '?'}`;
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [run]);
    else known.push(run);
  }
  return (
    [...groups.values()]
      // Where most time went comes first: a screen shows some only.
      .sort((a, b) => sumUs(b) - sumUs(a))
      .flatMap((runs): Lane[] => {
        const [{ source, kind, cpu }] = runs;
        const kept =
          runs.length <= MAX_MARKS
            ? runs
            : [...runs]
                .sort((a, b) => b.durationUs - a.durationUs)
                .slice(0, MAX_MARKS)
                .sort((a, b) => a.startUs - b.startUs);
        const labels = new Labels();
        const starts = kept.map(({ startUs }) => onLineUs(all, source, startUs));
        if (starts.some((start) => start === null)) return [];
        return [
          {
            id: `${kind.toLowerCase()}-${source}-${cpu ?? 'x'}`,
            title: `${kind} over the limit, CPU ${cpu ?? 'unknown'}`,
            kind: kind === 'ISR' ? 'isr' : 'dpc',
            cpu,
            level: kept.some(({ durationUs }) => durationUs > 10_000) ? 'error' : 'warning',
            startUs: starts as number[],
            durationUs: kept.map(({ durationUs }) => durationUs),
            label: kept.map(({ routine, module }) => labels.id(routine ?? module ?? 'unknown')),
            labels: labels.list,
            source: all.context.sources[source].id,
            places: kept.map(({ place }) => place),
            placesAre: all.context.sources[source].account.unit === 'line' ? 'line' : 'byte',
            of: runs.length,
          },
        ];
      })
  );
}

const sumUs = (runs: readonly Run[]): number => runs.reduce((sum, { durationUs }) => sum + durationUs, 0);

class Labels {
  readonly list: string[] = [];
  readonly #ids = new Map<string, number>();

  id(text: string): number {
    let id = this.#ids.get(text);
    if (id === undefined) {
      id = this.list.push(text) - 1;
      this.#ids.set(text, id);
    }
    return id;
  }
}

/** Messages that causes name, then those in rhythm, then other errors. */
function messageLanes(all: Case, causes: readonly Cause[]): Lane[] {
  const { errors } = all;
  if (errors === null) return [];
  const named = new Set(causes.map(({ culprit }) => culprit.resource));
  const inRhythm = new Set(errors.periodic.map(({ templateId }) => templateId));
  const isBad = (level: string | null): boolean => level === 'critical' || level === 'error' || level === 'warning';
  const rank = (one: (typeof errors.templates)[number]): number =>
    named.has(`"${one.template}"`)
      ? 0
      : inRhythm.has(one.id) && isBad(one.level)
        ? 1
        : isBad(one.level)
          ? 2
          : inRhythm.has(one.id)
            ? 3
            : 4;
  return errors.templates
    .filter((one) => rank(one) < 4)
    .sort((a, b) => rank(a) - rank(b) || b.count - a.count)
    .slice(0, MAX_MESSAGE_LANES)
    .flatMap((template): Lane[] => {
      const instants = all.instantsOf(template.id);
      const starts = instants.map((at) => messageUs(all, template.examples, at)).filter((at) => at !== null);
      if (starts.length === 0) return [];
      return [
        {
          id: `message-${template.id}`,
          title: template.template,
          kind: 'message',
          cpu: null,
          level: template.level === 'warning' ? 'warning' : isBad(template.level) ? 'error' : 'note',
          startUs: starts,
          durationUs: starts.map(() => 0),
          label: starts.map(() => 0),
          labels: [template.template],
          source: template.examples[0]?.source ?? null,
          places: starts.map(() => null),
          placesAre: 'line',
          of: template.count,
        },
      ];
    });
}

function diskLanes(all: Case): Lane[] {
  return (all.errors?.disks ?? []).slice(0, 4).flatMap((disk, i): Lane[] => {
    const [first, last] = [disk.firstUs, disk.lastUs].map((at) => messageUs(all, disk.evidence, at));
    if (first === null || last === null) return [];
    return [
      {
        id: `disk-${i}`,
        title: `${disk.provider ?? 'disk'} event ${disk.eventId}`,
        kind: 'disk',
        cpu: null,
        level: 'error',
        startUs: [first],
        durationUs: [last - first],
        label: [0],
        labels: [`${disk.count} events, first to last`],
        source: disk.evidence[0]?.source ?? null,
        places: [disk.evidence[0]?.line ?? disk.evidence[0]?.byte ?? null],
        placesAre: disk.evidence[0]?.line == null ? 'byte' : 'line',
        of: disk.count,
      },
    ];
  });
}

/** Waits of threads on chains: from their beginning to the dump. */
function waitLanes(all: Case, causes: readonly Cause[]): Lane[] {
  const { dump, line } = all;
  if (line.dumpAtUs === null) return [];
  const named = new Set(causes.map(({ culprit }) => culprit.thread));
  const onChains = new Set([
    ...dump.chains.flatMap(({ threads }) => threads),
    ...dump.deadlocks.flatMap(({ threads }) => threads),
  ]);
  const waiting = dump.threads
    .filter(({ id, waitMs }) => waitMs !== null && (onChains.has(id) || named.has(id)))
    .sort((a, b) => Number(named.has(b.id)) - Number(named.has(a.id)) || (b.waitMs ?? 0) - (a.waitMs ?? 0))
    .slice(0, MAX_WAITS);
  if (waiting.length === 0) return [];
  return waiting.slice(0, 12).map((thread): Lane => {
    const began = waitBeganUs(all, thread.waitMs) as number;
    return {
      id: `wait-${thread.id}`,
      title: `${thread.process ?? 'thread'} ${thread.id} waits`,
      kind: 'wait',
      cpu: null,
      level: named.has(thread.id) ? 'error' : 'warning',
      startUs: [began],
      durationUs: [(line.dumpAtUs as number) - began],
      label: [0],
      labels: [`${thread.process ?? ''} ${thread.id}: waits for ${durationText(thread.waitMs as number)}`.trim()],
      source: thread.evidence[0]?.source ?? null,
      places: [thread.evidence[0]?.line ?? null],
      placesAre: 'line',
      of: 1,
    };
  });
}

/** The trace whose allocations are told: that which the evidence of tags is from. */
function poolSource(all: Case): number {
  const ids = (all.pool?.stacks ?? []).flatMap(({ evidence }) => evidence.map((one) => one.source));
  const tags = (all.pool?.tags ?? []).flatMap(({ evidence }) => evidence.map((one) => one.source));
  const found = [...ids, ...tags].map((id) => sourceIndex(all, id)).find((index) => index >= all.dumps);
  return found ?? all.dumps;
}

/** When pool was highest. */
function poolLane(all: Case): Lane[] {
  const peaks = (all.pool?.peaks ?? []).filter(({ atUs }) => atUs !== null);
  const source = poolSource(all);
  const starts = peaks.map(({ atUs }) => onLineUs(all, source, atUs));
  if (peaks.length === 0 || starts.some((at) => at === null)) return [];
  return [
    {
      id: 'pool-peaks',
      title: 'most pool outstanding',
      kind: 'pool',
      cpu: null,
      level: 'note',
      startUs: starts as number[],
      durationUs: starts.map(() => 0),
      label: peaks.map((_, i) => i),
      labels: peaks.map(
        ({ bytes, paged }) => `${bytes} bytes of ${paged === null ? '' : paged ? 'paged ' : 'nonpaged '}pool`,
      ),
      source: all.context.sources[source]?.id ?? null,
      places: peaks.map(() => null),
      placesAre: 'line',
      of: peaks.length,
    },
  ];
}

/** Each lane in equal parts, for JSON and for the terminal. */
export function stripsOf({ startUs, endUs, lanes }: TimeLine): LaneStrip[] {
  if (startUs === null || endUs === null) return [];
  const width = Math.max(1, endUs - startUs) / PARTS;
  return lanes.map((lane) => {
    const counts = new Array<number>(PARTS).fill(0);
    for (const [i, start] of lane.startUs.entries()) {
      const from = Math.min(PARTS - 1, Math.max(0, Math.floor((start - startUs) / width)));
      const to =
        lane.kind === 'wait' || lane.kind === 'disk'
          ? Math.min(PARTS - 1, Math.max(from, Math.floor((start + lane.durationUs[i] - startUs) / width)))
          : from;
      for (let part = from; part <= to; part++) counts[part]++;
    }
    return { id: lane.id, title: lane.title, kind: lane.kind, count: lane.of, counts };
  });
}
