/** Locks that count waiters of which the log shows none: their owners block somebody all the same. */
import { hex } from '../frames.js';
import { isOwned, lockName, waiterCountOf, waitersOf } from '../locks.js';
import { type Edge, type Scene, UNKNOWN } from './edge.js';

export function unlistedWaiters({ locks }: Scene): Edge[] {
  return locks.all
    .filter((lock) => isOwned(lock) && (waiterCountOf(lock) ?? 0) > 0 && waitersOf(lock).length === 0)
    .flatMap((lock) =>
      lock.owners.map((owner) => ({
        from: UNKNOWN,
        to: owner.id,
        kind: lock.kind === 'spin-lock' || lock.kind === 'queued-spin-lock' ? ('event' as const) : lock.kind,
        object: hex(lock.address),
        certain: true,
        statement: `${waiterCountOf(lock)} threads that the log does not show wait for ${lockName(lock)}`,
        rows: lock.rows,
      })),
    );
}
