/** Which driver allocated what is outstanding of a tag. */
import { driverOf } from '../../../src/analyses/pool/attribution.js';
import type { PoolStack } from '../../../src/analyses/pool/result.js';
import { moduleKey } from '../../names.js';
import type { Subject } from './subject.js';

export interface Share {
  readonly module: string;
  readonly function: string | null;
  readonly process: string | null;
  readonly requester: string | null;
  readonly bytes: number;
  readonly part: number;
  readonly leaks: boolean;
  /** Null where only a list or the code names the driver. */
  readonly stack: PoolStack | null;
  /** Others that allocate the tag and free it. */
  readonly innocent: readonly string[];
}

/** The driver behind a framework that allocates for others. */
export const allocatedBy = ({ allocator }: PoolStack): string | null =>
  allocator === null ? null : driverOf(allocator);

/** Without any stack: the caller that the debugger lists, or the module in whose code the tag stands. */
export function listedShare({ listed, places }: Subject): Share | null {
  const named = listed.filter(({ caller, driver, count }) => count > 0 && (caller !== null || driver !== null));
  const [first] = [...named].sort((a, b) => b.bytes - a.bytes);
  const caller = first?.caller?.includes('!') ? first.caller : null;
  const [place] = places.filter(({ module }) => module !== null);
  const module = caller?.split('!')[0] ?? first?.driver ?? place?.module ?? null;
  if (module === null || new Set(named.map((one) => one.driver ?? one.caller?.split('!')[0])).size > 1) return null;
  return {
    module,
    function: caller?.split('!')[1]?.replace(/\+0x[0-9a-f]{1,16}$/i, '') ?? null,
    process: null,
    requester: null,
    bytes: first?.bytes ?? 0,
    part: 1,
    leaks: true,
    stack: null,
    innocent: [],
  };
}

/** What is outstanding of the tag, by the driver that allocated it; most first. */
export function allocators({ stacks }: Subject): Share[] {
  const named = stacks.filter((stack) => allocatedBy(stack) !== null);
  const traced = named.filter(({ from }) => from === 'trace');
  const used = traced.length > 0 ? traced : named;
  const total = used.reduce((sum, { bytes, count }) => sum + (bytes ?? count), 0);
  const groups = new Map<string, PoolStack[]>();
  for (const stack of used) {
    const key = moduleKey(allocatedBy(stack) ?? '');
    groups.set(key, [...(groups.get(key) ?? []), stack]);
  }
  const shares = [...groups.values()].map((group): Share => {
    const worst = group.reduce((a, b) => ((b.bytes ?? b.count) > (a.bytes ?? a.count) ? b : a));
    const bytes = group.reduce((sum, one) => sum + (one.bytes ?? one.count), 0);
    return {
      module: allocatedBy(worst) ?? '',
      function: (worst.allocator?.calledBy ?? worst.allocator)?.function ?? null,
      process: worst.processes[0]?.process ?? null,
      requester: worst.requester?.module ?? null,
      bytes,
      part: total > 0 ? bytes / total : 0,
      leaks: group.some(({ verdict }) => verdict === 'leak' || verdict === 'growing'),
      stack: worst,
      innocent: [],
    };
  });
  const isSteady = (share: Share): boolean => !share.leaks && share.part < 0.2;
  return shares
    .sort((a, b) => Number(b.leaks) - Number(a.leaks) || b.bytes - a.bytes)
    .map((share) => ({
      ...share,
      innocent: shares.filter((other) => other !== share && isSteady(other)).map(({ module }) => module),
    }))
    .filter((share) => !isSteady(share));
}
