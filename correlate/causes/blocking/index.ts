/** What holds threads up: for each root of the dump's chains, what the traces say of its thread, its process, its component, its device. */
import { durationText } from '../../../src/core/duration-text.js';
import type { Case } from '../../case.js';
import { type Cap, type Draft, point } from '../../points.js';
import type { Culprit, Join, Point } from '../../result.js';
import { type DiskMatch, diskMatches, diskPoints } from './disk-match.js';
import { type MessageMatch, messageMatches, vocabularyOf } from './message-match.js';
import { messagePoints, placesOf } from './message-points.js';
import { remotePoints } from './remote.js';
import { type Root, rootsOf } from './roots.js';
import { silencePoints } from './silence.js';
import { starvationPoints } from './starved.js';

/** Explanations kept of each root, beside that of the dump alone. */
const EXPLANATIONS = 3;

export function blocking(all: Case): Draft[] {
  const vocabulary = vocabularyOf(all.errors);
  return rootsOf(all).flatMap((root) => {
    const disks = diskMatches(root, all);
    // What the disks report is told decoded, not as messages again.
    const isTold = ({ template }: MessageMatch): boolean =>
      disks.length > 0 &&
      (all.errors?.disks ?? []).some(
        ({ eventId, provider }) => eventId === template.eventId && provider === template.provider,
      );
    const messages = headlines(messageMatches(root, vocabulary, all).filter((match) => !isTold(match))).slice(
      0,
      EXPLANATIONS,
    );
    const explained = [
      ...messages.map((match) => messageDraft(match, root, all)),
      ...disks.map((match) => diskDraft(match, root, all)),
    ];
    const others = [...remotePoints(root, all), ...starvationPoints(root, all)];
    // A server that fails, or a processor that is taken, is an explanation of its own beside any message.
    return explained.length > 0 && !others.some(({ points }) => points >= 10)
      ? explained
      : [...explained, plainDraft(root, others, all)];
  });
}

/** Messages of one beat are one explanation: the worst of them stands for all. */
function headlines(matches: readonly MessageMatch[]): MessageMatch[] {
  const kept: MessageMatch[] = [];
  for (const match of [...matches].sort((a, b) => Number(b.isError) - Number(a.isError))) {
    if (!kept.some((other) => isOneBeat(other, match))) kept.push(match);
  }
  return kept;
}

function isOneBeat(a: MessageMatch, b: MessageMatch): boolean {
  const shares = a.template.tids.some((tid) => b.template.tids.includes(tid));
  if (!shares) return false;
  if (a.periodic !== null && b.periodic !== null) return Math.abs(a.periodic.periodMs / b.periodic.periodMs - 1) < 0.02;
  const near = (one: number | null, other: number | null): boolean =>
    one !== null && other !== null && Math.abs(one - other) < 1e6;
  return near(a.template.firstUs, b.template.firstUs) && near(a.template.lastUs, b.template.lastUs);
}

/** Who waits for what, in words. */
function whoWaits({ waiters, edge, thread, node, process, statement, longestWaitMs }: Root): string {
  const lock = edge === null ? '' : edge.object === null ? ` (${edge.kind})` : ` (${edge.kind} ${edge.object})`;
  const who = thread === null ? (process ?? node) : `${process === null ? 'thread' : process} ${thread.id}`;
  const long = longestWaitMs === null ? '' : `, the longest for ${durationText(longestWaitMs)}`;
  const threads =
    waiters === 0 ? 'Nobody is known to wait' : waiters === 1 ? '1 thread waits' : `${waiters} threads wait`;
  return `${threads} for ${who}${lock}${long}: ${statement}`;
}

const culpritOf = (root: Root): Partial<Culprit> => ({
  module: root.module,
  function: root.function,
  process: root.process,
  pid: root.pid,
  thread: root.thread?.id ?? (root.node.startsWith('0x') ? root.node : null),
  remote: root.waitsFor?.startsWith('remote:') ? root.waitsFor.slice('remote:'.length) : null,
  resource: root.edge?.object ?? (root.waitsFor?.startsWith('driver:') ? root.waitsFor.slice('driver:'.length) : null),
});

function messageDraft(match: MessageMatch, root: Root, all: Case): Draft {
  const { template, periodic } = match;
  const every =
    periodic === null ? `${template.count} times` : `every ${durationText(periodic.periodMs)}, ${periodic.count} times`;
  const isTied = match.isThread || match.module !== null || match.words.length >= 2 || match.phrase !== null;
  // A single message that shares some words tells of the component, not why.
  const saysWhy = match.isError && (match.isThread || (isTied && template.count > 1));
  const points = messagePoints(match, root, all);
  const isBefore = points.some(({ rule }) => rule === 'ended-before-the-wait');
  const isOtherThread = !match.isThread && match.isProcess && points.some(({ rule }) => rule === 'thread-not-in-trace');
  return {
    ...base(root),
    culprit: { ...culpritOf(root), resource: `"${template.template}"` },
    statement: `${whoWaits(root)}. In the trace ${saysWhy ? 'it says why' : 'there is'}: "${template.template}", ${every}.`,
    points: [...dumpPoints(root), ...points, ...silencePoints(root.thread, all), ...earlier(root, all)],
    caps: [
      ...capsOf(root),
      ...(isTied || match.isProcess
        ? []
        : [{ most: 'low' as const, reason: 'nothing but the rhythm or one word ties the message to the thread' }]),
      ...(match.isThread || match.isProcess
        ? []
        : [
            {
              most: 'medium' as const,
              reason: 'message and thread are joined by names and rhythm, not by the number of a thread or a process',
            },
          ]),
      ...(isOtherThread
        ? [
            {
              most: isTied ? ('medium' as const) : ('low' as const),
              reason: 'its process says it, but in other threads',
            },
          ]
        : []),
      ...(isBefore ? [{ most: 'medium' as const, reason: 'the messages ended before the wait began' }] : []),
    ],
    next: stepsOf(root, all, true),
    joins: componentJoins(match, root),
  };
}

function componentJoins(match: MessageMatch, root: Root): Join[] {
  const { module, words, phrase, template } = match;
  if (module === null && words.length === 0) return [];
  return [
    {
      kind: 'component',
      key: module ?? (phrase ?? words.slice(0, 4)).join(' '),
      traceRows: template.count,
      dumpRows: 1,
      strength: module !== null ? 'exact' : words.length >= 2 || phrase !== null ? 'inferred' : 'weak',
      statement: `${root.module ?? root.node}${root.function === null ? '' : `!${root.function}`} and "${template.template}"`,
      evidence: [...placesOf(match).slice(0, 2), ...root.evidence.slice(0, 1)],
    },
  ];
}

function diskDraft(match: DiskMatch, root: Root, all: Case): Draft {
  const { disk } = match;
  const points = diskPoints(match, root, all);
  const isBefore = points.some(({ rule }) => rule === 'ended-before-the-wait');
  return {
    ...base(root),
    culprit: { ...culpritOf(root), module: disk.provider ?? root.module, function: null, resource: disk.provider },
    statement: `${whoWaits(root)}. The event log of that time has event ${disk.eventId} of ${disk.provider ?? 'the disk'} ${disk.count} times${disk.meaning === null ? '' : `: ${disk.meaning}`}.`,
    points: [...dumpPoints(root), ...points, ...silencePoints(root.thread, all), ...earlier(root, all)],
    caps: [
      ...capsOf(root),
      ...(isBefore ? [{ most: 'medium' as const, reason: 'the disk events ended before the wait began' }] : []),
    ],
    next: stepsOf(root, all, true),
  };
}

/** No message explains it: what the dump shows, and what else the trace knows. */
function plainDraft(root: Root, others: readonly Point[], all: Case): Draft {
  return {
    ...base(root),
    culprit: culpritOf(root),
    statement: `${whoWaits(root)}. Why it does, ${all.errors === null && all.dpc === null ? 'no trace was given that could say' : 'the trace does not say'}.`,
    points: [...dumpPoints(root), ...silencePoints(root.thread, all), ...others, ...earlier(root, all)],
    caps: capsOf(root),
    next: stepsOf(root, all, false),
  };
}

const base = (root: Root) =>
  ({
    cause: root.why === 'starved' ? 'starvation' : 'blocking',
    question: `wait for ${root.node}`,
    victims: root.waiters,
    isTiedByNumbers: false,
  }) as const;

function dumpPoints(root: Root): Point[] {
  const { waiters, isCertain, statement, evidence, why, waitsFor } = root;
  const found = [
    point(
      isCertain ? 'holds-up-others' : 'may-hold-up-others',
      waiters === 0 ? 3 : (isCertain ? 12 : 6) + (waiters >= 10 ? 8 : waiters >= 3 ? 4 : 0),
      'dump',
      `${waiters} ${waiters === 1 ? 'thread waits' : 'threads wait'} for it${isCertain ? '' : ', as far as can be inferred'}; ${statement}`,
      evidence,
    ),
  ];
  if (why === 'remote' && waitsFor !== null)
    found.push(point('server-in-the-dump', 24, 'dump', `it waits for ${waitsFor.slice('remote:'.length)}`, evidence));
  if ((why === 'driver' || why === 'device') && waitsFor !== null) {
    found.push(
      point('request-in-the-dump', 10, 'dump', `a request of it is at ${waitsFor.slice('driver:'.length)}`, evidence),
    );
  }
  return found;
}

/** Somebody else blocked before: this one may be a victim as well. */
function earlier(root: Root, { dump }: Case): Point[] {
  const own = root.longestWaitMs ?? root.waitMs;
  if (own === null) return [];
  const onChain = new Set(root.chain.threads);
  const first = dump.order.find(
    ({ thread, waitMs }) => !onChain.has(thread) && waitMs !== null && waitMs > own * 1.05 + 1000,
  );
  const thread = first === undefined ? undefined : dump.threads.find(({ id }) => id === first.thread);
  if (first === undefined || thread === undefined) return [];
  return [
    point(
      'earlier-blocker',
      -3,
      'dump',
      `${first.process ?? ''} ${first.thread} waits longer (${durationText(first.waitMs as number)}) and is not on this chain`.trim(),
      thread.evidence,
    ),
  ];
}

function capsOf({ isCertain, why, node }: Root): Cap[] {
  const caps: Cap[] = [];
  if (!isCertain) caps.push({ most: 'medium', reason: 'the chain of waits is inferred in part' });
  if (why === 'missing-thread') caps.push({ most: 'low', reason: `the log of the dump shows nothing of ${node}` });
  return caps;
}

function stepsOf({ thread, sleepMs, why, process }: Root, all: Case, isExplained: boolean): string[] {
  const steps: string[] = [];
  if (thread?.address != null && (why === 'sleep' || !isExplained))
    steps.push(`.thread /p /r ${thread.address.slice(2)}; kv`);
  if (why === 'missing-thread') steps.push('!process 0 3f');
  if (sleepMs === null && why === 'sleep') steps.push('ub @$ip; dps @$csp');
  if (!isExplained) {
    if (all.errors === null) steps.push('tracekit recipe errors');
    if (all.dump.watchdog === null && all.facts.loggers.size === 0) steps.push('!wmitrace.strdump');
    for (const [id] of [...all.facts.loggers].slice(0, 2)) steps.push(`!wmitrace.logdump 0x${id.toString(16)}`);
  }
  if (why === 'unknown' && process !== null) steps.push(`procdump -ma ${process}`);
  return steps;
}
