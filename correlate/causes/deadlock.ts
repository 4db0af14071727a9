/** Rings of waits that the dump shows, and whether the traces agree that their members stood still since then. */
import type { DumpDeadlock } from '../../src/analyses/dump/result.js';
import type { Case } from '../case.js';
import { type Draft, point } from '../points.js';
import type { Point } from '../result.js';
import { silencePoints } from './blocking/silence.js';

const MAX_RINGS = 8;
const MAX_MEMBERS = 8;

export function deadlock(all: Case): Draft[] {
  return all.dump.deadlocks.slice(0, MAX_RINGS).map((ring) => draftOf(ring, all));
}

function draftOf(ring: DumpDeadlock, all: Case): Draft {
  const members = ring.threads.slice(0, MAX_MEMBERS).map((id) => all.threads.byId(id));
  const [first] = [...members].sort((a, b) => (b?.waitMs ?? -1) - (a?.waitMs ?? -1));
  const kinds = [...new Set(ring.edges.map(({ kind }) => kind))].join(', ');
  const names = ring.threads.map((id) => {
    const process = all.threads.byId(id)?.process ?? null;
    return process === null ? id : `${id} (${process})`;
  });
  return {
    cause: 'deadlock',
    culprit: {
      process: first?.process ?? null,
      pid: first?.pid ?? null,
      thread: first?.id ?? ring.threads[0] ?? null,
      resource:
        ring.edges
          .map(({ object }) => object)
          .filter((object) => object !== null)
          .join(', ') || null,
    },
    statement:
      `${ring.threads.length} threads wait for each other in a ring (${kinds}): ${names.slice(0, MAX_MEMBERS).join(' -> ')}` +
      `${ring.victims.length > 0 ? `; ${ring.victims.length} more wait for them` : ''}.`,
    question: `ring ${ring.threads.join(' ')}`,
    victims: ring.threads.length + ring.victims.length,
    points: [...ringPoints(ring), ...members.flatMap((thread) => silencePoints(thread, all)).slice(0, 6)],
    caps: [
      ...(ring.certain ? [] : [{ most: 'medium' as const, reason: 'one of the waits of the ring is inferred' }]),
      ...(ring.mayEnd
        ? [{ most: 'medium' as const, reason: 'a member waits for something else as well, which may end its wait' }]
        : []),
    ],
    isTiedByNumbers: false,
    isProvenByDump: ring.certain && !ring.mayEnd,
    next: ring.threads
      .slice(0, 3)
      .map((id) => (id.startsWith('0x') ? `!thread ${id.slice(2)}` : '!locks; !cs -l -o -s')),
  };
}

function ringPoints({ certain, mayEnd, edges, threads }: DumpDeadlock): Point[] {
  const evidence = edges.flatMap((edge) => edge.evidence.slice(0, 2));
  const found = [
    point(
      certain ? 'ring-of-waits' : 'inferred-ring',
      certain ? 72 : 30,
      'dump',
      `each of ${threads.length} threads waits for what the next one owns${certain ? '' : ', as far as can be inferred'}`,
      evidence,
    ),
  ];
  if (mayEnd)
    found.push(
      point('ring-may-end', -15, 'dump', 'a member waits for several objects, one of which may end its wait', evidence),
    );
  return found;
}
