/** A driver that was unloaded with its pool not freed: what bugcheck 0xC4, 0x62 says. */
import type { CounterPoint, Snapshot } from './snapshots.js';

const NAME = 'verifier allocations not freed at unload';

/** Where the log says so; null where it does not. */
export function notFreedAtUnload(
  snapshots: readonly Snapshot[],
): { readonly snapshot: Snapshot; readonly point: CounterPoint } | null {
  for (const snapshot of snapshots) {
    const point = snapshot.counters.find(({ name, value }) => name === NAME && value !== null && value > 0);
    if (point !== undefined) return { snapshot, point };
  }
  return null;
}
