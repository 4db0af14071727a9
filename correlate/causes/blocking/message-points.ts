/** What a message's ties to a root are worth. */
import { durationText } from '../../../src/core/duration-text.js';
import type { Evidence } from '../../../src/core/evidence.js';
import { boundUs, type Case, canJoinWithin, messageUs, waitBeganUs } from '../../case.js';
import { chanceText } from '../../chance.js';
import { point } from '../../points.js';
import type { Point } from '../../result.js';
import { type MessageMatch, NEAR } from './message-match.js';
import type { Root } from './roots.js';

/** Where the messages stand, one that names the level first. */
export const placesOf = ({ template, periodic }: MessageMatch): Evidence[] => [
  ...template.examples.slice(0, 2),
  ...(periodic?.evidence ?? []).slice(0, 2),
];

export function messagePoints(match: MessageMatch, root: Root, all: Case): Point[] {
  return [...identity(match, root, all), ...rhythm(match, root), ...time(match, root, all), ...content(match, root)];
}

function identity(match: MessageMatch, root: Root, all: Case): Point[] {
  const { isThread, isProcess, isOther, module, words, phrase, template, wordChance } = match;
  const evidence = placesOf(match);
  const found: Point[] = [];
  if (isThread) {
    found.push(
      point('same-thread', 25, 'both', `thread ${root.thread?.tid} says it itself (${template.count} messages)`, [
        ...evidence,
        ...root.evidence,
      ]),
    );
  } else if (isProcess) {
    found.push(
      point('same-process', 12, 'both', `${root.process ?? 'its process'} says it (${template.count} messages)`, [
        ...evidence,
        ...root.evidence,
      ]),
    );
  }
  if (module !== null) {
    found.push(
      point(
        'same-module',
        18,
        'both',
        `the trace names ${module}, a module of its stack, as where the message comes from`,
        [...evidence, ...root.evidence],
      ),
    );
  } else if (words.length > 0) {
    const many = words.length >= 2 || phrase !== null;
    const shared =
      phrase !== null
        ? `"${phrase.join(' ')}"`
        : words
            .slice(0, 4)
            .map((word) => `"${word}"`)
            .join(', ');
    const chance = wordChance === null ? '' : `; ${chanceText(wordChance)} by chance among all messages`;
    found.push(
      point(
        many ? 'same-component' : 'same-word',
        many ? 18 : 8,
        'both',
        `the message and the stack (${root.module ?? '?'}!${root.function ?? '?'}) both say ${shared}${chance}`,
        [...evidence, ...root.evidence],
        wordChance,
      ),
    );
  }
  if (isOther === true && !isThread) {
    found.push(
      point(
        'another-process',
        // A number alone may be of another run of the same program.
        template.processes.length > 0 ? -12 : -6,
        'trace',
        `other processes say it: ${template.processes.slice(0, 3).join(', ') || `PID ${template.pids.slice(0, 3).join(', ')}`}, not ${root.process ?? `PID ${root.pid}`}`,
        evidence,
      ),
    );
  } else if (!isThread && root.thread?.tid != null && template.tids.length > 0 && !template.hasMoreThreads) {
    found.push(
      point(
        'thread-not-in-trace',
        -4,
        'both',
        `thread ${root.thread.tid} is not among those that say it (${template.tids.slice(0, 4).join(', ')})`,
        evidence,
      ),
    );
  } else if (!isThread && root.thread !== null && root.thread.tid === null && template.tids.length > 0) {
    found.push(
      point(
        'thread-not-in-trace',
        -4,
        'both',
        'the thread has no number in the log of the dump that the trace could be searched for',
        root.evidence,
      ),
    );
  }
  if (all.errors !== null && module === null && words.length === 0 && !isThread && !isProcess) {
    found.push(
      point('no-tie', -15, 'both', 'neither thread, process, module nor words tie the message to the stack', evidence),
    );
  }
  return found;
}

function rhythm(match: MessageMatch, root: Root): Point[] {
  const { sleepMs, why } = root;
  const { ratio, periodic, rhythmChance } = match;
  const evidence = [...(periodic?.evidence ?? []), ...root.evidence.slice(0, 1)];
  if (ratio === null || periodic === null || sleepMs === null) {
    if (periodic === null || why !== 'sleep') return [];
    return [
      point(
        'rhythm-without-sleep',
        4,
        'trace',
        `it comes every ${durationText(periodic.periodMs)}; how long the thread sleeps the log does not say`,
        evidence,
      ),
    ];
  }
  const text = `it comes every ${durationText(periodic.periodMs)} (${periodic.count} times), the thread sleeps for ${durationText(sleepMs)}`;
  if (ratio < NEAR.least || ratio > NEAR.most) {
    // Some multiple or none: a loop with this sleep has another rhythm.
    return [point('rhythm-differs', -12, 'both', `${text}: another rhythm`, evidence)];
  }
  const chance = rhythmChance === null ? '' : `; ${chanceText(rhythmChance)} by chance`;
  const isLikely = (rhythmChance ?? 0) > 0.2;
  const isSure = periodic.confidence !== 'low' && !isLikely;
  const points = [
    point(
      'same-rhythm',
      isSure ? 20 : 10,
      'both',
      `${text}${chance}${isSure || isLikely ? '' : ', but the rhythm has too few beats to be sure of'}`,
      evidence,
      rhythmChance,
    ),
  ];
  const stepMs = 16;
  if (periodic.periodMs < sleepMs - stepMs) {
    points.push(
      point(
        'shorter-than-the-sleep',
        isSure ? -8 : -4,
        'both',
        `a loop cannot come round in less than it sleeps, and this is ${durationText(sleepMs - periodic.periodMs)} less: the sleep varies, or it is another's`,
        evidence,
      ),
    );
  }
  return points;
}

/** Do the messages and the wait belong to one time? */
function time({ template }: MessageMatch, { waitMs, longestWaitMs }: Root, all: Case): Point[] {
  const began = waitBeganUs(all, longestWaitMs ?? waitMs);
  const evidence = template.examples.slice(0, 1);
  const [first, last] = [messageUs(all, evidence, template.firstUs), messageUs(all, evidence, template.lastUs)];
  if (began === null || first === null || last === null || all.boot.isSame === false) return [];
  if (!canJoinWithin(all, 60e6)) return [];
  const bound = boundUs(all);
  if (last < began - bound - 60e6 && template.count > 1) {
    return [
      point(
        'ended-before-the-wait',
        -12,
        'both',
        `the last of these messages is ${durationText((began - last) / 1000)} older than the longest wait`,
        template.examples,
      ),
    ];
  }
  const end = all.errors?.window?.endUs;
  const goesOn =
    end !== undefined &&
    messageUs(all, evidence, end) !== null &&
    last >= (messageUs(all, evidence, end) as number) - 120e6;
  if (first <= began + bound && goesOn) {
    return [
      point(
        'goes-on-since-the-wait',
        8,
        'both',
        'the messages began before the longest wait, and go on to the end of the trace',
        template.examples,
      ),
    ];
  }
  return first <= began + bound && last >= began - bound - 60e6
    ? [point('at-the-time-of-the-wait', 4, 'both', 'the messages came when the longest wait began', template.examples)]
    : [];
}

function content(match: MessageMatch, { why, evidence }: Root): Point[] {
  const { template, isError, isRetry, periodic } = match;
  const found: Point[] = [];
  if (isError)
    found.push(
      point(
        'is-an-error',
        template.level === 'warning' ? 4 : 6,
        'trace',
        `the message is ${template.level === 'warning' ? 'a warning' : 'an error'} (${template.reason})`,
        template.examples.slice(0, 1),
      ),
    );
  if (isRetry && why === 'sleep') {
    const retry = periodic?.retry ?? null;
    found.push(
      point(
        'retry-loop',
        8,
        'both',
        retry === null
          ? 'the message speaks of waiting or trying again, and the thread sleeps'
          : `it counts attempts (${retry.first} to ${retry.last}), and the thread sleeps`,
        [...placesOf(match), ...evidence.slice(0, 1)],
      ),
    );
  }
  return found;
}
