/** What the trace shows of a blocked thread itself: when it fell silent, when it last ran, who used to wake it, what it never finished. */

import type { DumpThread } from '../../../src/analyses/dump/result.js';
import { durationText } from '../../../src/core/duration-text.js';
import { boundUs, type Case, canJoinWithin, cited, messageUs, onLineUs, waitBeganUs } from '../../case.js';
import { chanceText } from '../../chance.js';
import { point } from '../../points.js';
import type { Point } from '../../result.js';

/** A thread does something between its last message and its wait. */
const SLACK_US = 5e6;
/** More likely than this by chance a silence is no sign. */
const LIKELY = 0.3;

export function silencePoints(thread: DumpThread | null, all: Case): Point[] {
  if (thread === null || all.boot.isSame === false || !canJoinWithin(all, SLACK_US)) return unfinished(thread, all);
  return [...said(thread, all), ...ran(thread, all), ...unfinished(thread, all), ...unanswered(thread, all)];
}

function said(thread: DumpThread, all: Case): Point[] {
  const match = all.threads.match(thread);
  const began = waitBeganUs(all, thread.waitMs);
  if (match === null || began === null || match.talk.length === 0) return [];
  // The first threads of System have the same numbers on every machine.
  if (thread.pid !== null && thread.pid <= 4 && all.boot.isSame !== true) return [];
  const talk = match.talk.reduce((a, b) => (b.lastUs > a.lastUs ? b : a));
  const evidence = [...cited(all, talk.source, talk.last), ...thread.evidence.slice(0, 1)];
  const last = messageUs(all, evidence, talk.lastUs);
  if (last === null) return [];
  const bound = boundUs(all);
  const apart = began - last;
  if (apart < -bound - 1e6) {
    return [
      point(
        'said-something-in-the-wait',
        -25,
        'both',
        `its last message is ${durationText(-apart / 1000)} younger than its wait: it did not wait all that time, or it is another thread of that number`,
        evidence,
      ),
    ];
  }
  // Where the clocks were joined by these silences they prove nothing again.
  if (apart > bound + SLACK_US || talk.count < 3 || all.line.isBySilences) return [];
  // Who talks every few seconds is bound to have said something shortly before anything.
  const usualUs = (talk.lastUs - talk.firstUs) / (talk.count - 1);
  const chance = usualUs > 0 ? -Math.expm1(-(Math.max(0, apart) + bound) / usualUs) : 1;
  if (chance > LIKELY) return [];
  return [
    point(
      'silent-since-the-wait',
      match.isSure ? 14 : 8,
      'both',
      `its last message of ${talk.count} came ${durationText(Math.max(0, apart) / 1000)} before its wait began; ${chanceText(chance)} by chance`,
      evidence,
      chance,
    ),
  ];
}

function ran(thread: DumpThread, all: Case): Point[] {
  const match = all.threads.match(thread);
  const began = waitBeganUs(all, thread.waitMs);
  if (match === null || began === null) return [];
  const [switched] = match.switched.filter(({ lastOutUs }) => !Number.isNaN(lastOutUs));
  if (switched === undefined) return [];
  const out = onLineUs(all, switched.source, switched.lastOutUs);
  const lastIn = onLineUs(all, switched.source, switched.lastInUs);
  if (out === null) return [];
  const bound = boundUs(all);
  const evidence = [...cited(all, switched.source, switched.lastOut), ...thread.evidence.slice(0, 1)];
  const found: Point[] = [];
  if (lastIn !== null && lastIn > began + bound) {
    return [
      point(
        'ran-in-the-wait',
        -25,
        'both',
        `it ran ${durationText((lastIn - began) / 1000)} after its wait is said to have begun`,
        evidence,
      ),
    ];
  }
  if (Math.abs(out - began) <= bound) {
    const reason = switched.waitReason === null ? '' : ` (${switched.waitReason})`;
    found.push(
      point(
        'switched-out-at-the-wait',
        20,
        'both',
        `it was last switched out${reason} when its wait began, and did not run again in the trace`,
        evidence,
      ),
    );
  }
  const [waker] = [...switched.readiedBy.values()].sort((a, b) => b.count - a.count);
  if (waker !== undefined && waker.count >= 3 && waker.inDpc < waker.count) {
    found.push(
      point(
        'used-to-be-readied-by',
        4,
        'trace',
        `before, thread ${waker.tid}${waker.process === null ? '' : ` of ${waker.process}`} made it ready ${waker.count} times: look what that one does`,
        [...cited(all, switched.source, switched.lastReady), ...evidence],
      ),
    );
  }
  return found;
}

/** Something that began in the trace and never ended. */
function unfinished(thread: DumpThread | null, all: Case): Point[] {
  if (thread === null || all.boot.isSame === false) return [];
  const { tid, pid } = thread;
  const match = all.threads.match(thread);
  if (tid === null || match === null || all.errors === null) return [];
  const open = all.errors.spans.find(
    (span) => span.tid === tid && (pid === null || span.pid === null || span.pid === pid) && span.open !== null,
  );
  if (open === undefined || open.open === null) return [];
  return [
    point('never-finished', 8, 'both', `"${open.name}" began in this thread and never ended`, [
      open.open,
      ...thread.evidence.slice(0, 1),
    ]),
  ];
}

/** A message of ALPC for whose reply it still waits. */
function unanswered(thread: DumpThread, all: Case): Point[] {
  const message = thread.tid === null ? null : all.probes.messages.of(thread.tid);
  if (message === null) return [];
  const { receiver } = message;
  const who =
    receiver === null
      ? 'which nobody took in the trace'
      : `which thread ${receiver.tid}${receiver.process === null ? '' : ` of ${receiver.process}`} took`;
  return [
    point(
      'unanswered-message',
      12,
      'both',
      `at the end of the trace it waits for the reply to ALPC message ${message.messageId}, ${who}`,
      [
        ...cited(all, message.source, message.cite),
        ...(receiver === null ? [] : cited(all, message.source, receiver.cite)),
        ...thread.evidence.slice(0, 1),
      ],
    ),
  ];
}
