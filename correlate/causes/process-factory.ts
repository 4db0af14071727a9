/** A process that starts others without end, or that hoards handles: seen in the dump, confirmed by starts in the trace. */
import type { DumpPattern, DumpProcess } from '../../src/analyses/dump/result.js';
import { type Case, cited } from '../case.js';
import { imageKey, isSameImage } from '../names.js';
import { type Draft, point } from '../points.js';
import type { Point } from '../result.js';

export function processFactory(all: Case): Draft[] {
  return all.dump.patterns
    .filter(({ name }) => name === 'Process Factory' || name === 'Handle Leak')
    .slice(0, 4)
    .map((pattern) => draftOf(pattern, all));
}

function draftOf(pattern: DumpPattern, all: Case): Draft {
  const owner = ownerOf(pattern, all);
  const isFactory = pattern.name === 'Process Factory';
  return {
    cause: isFactory ? 'process-factory' : 'exhaustion',
    culprit: { process: owner?.image ?? null, pid: owner?.pid ?? null, resource: isFactory ? 'processes' : 'handles' },
    statement: `${pattern.statement}.`.replace(/\.\.$/, '.'),
    question: isFactory ? 'many processes' : 'many handles',
    victims: null,
    points: [
      point(
        isFactory ? 'many-children' : 'many-handles',
        pattern.certain ? 30 : 18,
        'dump',
        pattern.statement,
        pattern.evidence,
      ),
      ...(pattern.against.length > 0
        ? [point('dump-against', -5, 'dump', 'the dump holds something that speaks against it', pattern.against)]
        : []),
      ...(owner === null ? [] : [...startsOf(owner, all), ...(isFactory ? saidOf(owner, all) : [])]),
    ],
    caps: [],
    isTiedByNumbers: false,
    next: [...pattern.next],
  };
}

/** The parent, or who holds the handles. */
function ownerOf({ subjects, name }: DumpPattern, { dump }: Case): DumpProcess | null {
  const named = dump.processes.filter(({ address, image, pid }) =>
    subjects.some(
      (subject) =>
        subject === address ||
        subject === `process:${address}` ||
        (image !== null && subject === image) ||
        (pid !== null && subject === String(pid)),
    ),
  );
  if (name !== 'Process Factory' || named.length === 0) return named[0] ?? null;
  // Of parent and children it is the one that the others name as their parent.
  const parent = named.find(({ pid }) => pid !== null && dump.processes.some(({ parentPid }) => parentPid === pid));
  return parent ?? named[0];
}

/** Starts of processes in the trace by this parent. */
function startsOf(owner: DumpProcess, all: Case): Point[] {
  const { processes } = all.probes.processes;
  const started = processes.filter(({ startedUs }) => startedUs !== null);
  if (processes.length === 0) return [];
  if (started.length === 0)
    return [point('no-starts-in-trace', -8, 'trace', 'the trace holds processes, but none of them started in it', [])];
  const own = started.filter(
    ({ parentPid }) =>
      parentPid !== null &&
      parentPid === owner.pid &&
      (owner.image === null ||
        processes.some(({ pid, process }) => pid === parentPid && isSameImage(process, owner.image as string))),
  );
  if (own.length < 3)
    return [
      point(
        'not-the-parent-in-trace',
        -12,
        'both',
        `of ${started.length} processes that started in the trace ${own.length} were started by ${owner.image ?? owner.pid}`,
        started.slice(0, 2).flatMap((one) => cited(all, one.source, one.cite)),
      ),
    ];
  const times = own.map(({ startedUs }) => startedUs as number).sort((a, b) => a - b);
  const seconds = (times[times.length - 1] - times[0]) / 1e6;
  const image = mostOf(own.map(({ process }) => imageKey(process)));
  const count = own.filter(({ process }) => imageKey(process) === image).length;
  const stay = own.filter(({ endedUs }) => endedUs === null).length;
  return [
    point(
      'starts-processes-in-trace',
      stay > own.length / 2 ? 30 : 15,
      'both',
      `in the trace it started ${own.length} processes in ${seconds.toFixed(0)} s, ${count} of them ${image}; ${stay} of them did not end in it`,
      own.slice(0, 3).flatMap((one) => cited(all, one.source, one.cite)),
    ),
    ...(own.length / started.length >= 0.5
      ? [
          point(
            'most-starts-are-its-own',
            10,
            'trace',
            `${own.length} of all ${started.length} starts in the trace are its own`,
            [],
          ),
        ]
      : []),
  ];
}

/** Messages of the parent that name the image of its children. */
function saidOf(owner: DumpProcess, { dump, errors }: Case): Point[] {
  if (errors === null || owner.pid === null) return [];
  const children = dump.processes.filter(({ parentPid, image }) => parentPid === owner.pid && image !== null);
  const image = mostOf(children.map((child) => imageKey(child.image as string)));
  if (image === null) return [];
  const naming = errors.templates.filter(
    ({ template, pids, processes, examples }) =>
      (pids.includes(owner.pid as number) ||
        (owner.image !== null && processes.some((one) => isSameImage(one, owner.image as string)))) &&
      [template, ...examples.map(({ quote }) => quote)].some((text) =>
        text.toLowerCase().includes(image.replace(/\.exe$/, '')),
      ),
  );
  const [told] = naming.sort((a, b) => b.count - a.count);
  if (told === undefined || told.count < 3) return [];
  const rate = told.perSecond === null ? '' : ` (${(60 * told.perSecond).toFixed(1)} a minute)`;
  return [
    point(
      'says-that-it-starts-them',
      30,
      'both',
      `in the trace it names ${image} again and again: "${told.template}", ${told.count} times${rate}`,
      [...told.examples.slice(0, 2), ...owner.evidence.slice(0, 1)],
    ),
  ];
}

function mostOf(values: readonly string[]): string | null {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? null;
}
