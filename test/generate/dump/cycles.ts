/** Deadlocks of a draft. */
import { type Draft, newThread, programs, type ThreadDraft } from './draft.js';
import { sleepingOwner } from './ends.js';
import { chance, isWide } from './machine.js';
import type { DumpProcess } from './truth.js';
import { contendedSections, HOP_KINDS, type HopKind, waitForResource, waitForThread } from './waits.js';

/** `size` new threads, each waiting for the next one and the last for the first. */
export function addCycle(draft: Draft, size: number): ThreadDraft[] {
  const kinds = kindsOf(draft, size);
  const places = placesOf(draft, kinds);
  const members = places.map((process) => newThread(draft, process));
  members.forEach((member, i) => {
    const next = members[(i + 1) % size];
    if (kinds[i] === 'eresource' && chance(draft.random, 0.25))
      waitForResource(draft, member, [next, sleepingOwner(draft)]);
    else waitForThread(draft, member, next, kinds[i]);
  });
  // Victims count their hops from the ring.
  for (const member of members) member.depth = 0;
  return members;
}

/** The last is a section only if all are, so that threads can be put into processes one after the other. */
function kindsOf(draft: Draft, size: number): HopKind[] {
  const { random } = draft;
  if (chance(random, 0.25) && roomFor(draft).length > 0 && (!isWide(draft.generation) || size === 2))
    return Array<HopKind>(size).fill('critical-section');
  const kinds = Array.from({ length: size }, () => random.pick(HOP_KINDS));
  const isTooMany = (i: number): boolean =>
    i === size - 1 ||
    (isWide(draft.generation) && (roomFor(draft).length === 0 || kinds.indexOf('critical-section') < i));
  return kinds.map((kind, i) => (kind === 'critical-section' && isTooMany(i) ? 'mutant' : kind));
}

/** Processes in which another section may be contended. */
const roomFor = (draft: Draft): DumpProcess[] =>
  isWide(draft.generation)
    ? programs(draft).filter((process) => contendedSections(draft, process).length === 0)
    : programs(draft);

function placesOf(draft: Draft, kinds: readonly HopKind[]): DumpProcess[] {
  const places: DumpProcess[] = [];
  kinds.forEach((kind, i) => {
    if (i > 0 && kinds[i - 1] === 'critical-section') places.push(places[i - 1]);
    else places.push(draft.random.pick(kind === 'critical-section' ? roomFor(draft) : programs(draft)));
  });
  return places;
}
