/** Tags as a trace and as snapshots know them, made one; and whose they are. */
import type { PoolOptions } from './options.js';
import type { DriverSource, PoolResult, PoolTag, PoolVerdict } from './result.js';
import type { SnapshotTag } from './snapshot-answer.js';
import { growthOf, type TraceAnswer } from './trace-answer.js';

const ORDER: readonly PoolVerdict[] = ['leak', 'growing', 'insufficient', 'steady', 'transient'];

/** Worst verdict first; of one verdict, most bytes first. */
export function mergedTags(
  answer: TraceAnswer | null,
  seen: readonly SnapshotTag[],
  places: PoolResult['tagPlaces'],
  options: PoolOptions,
): PoolTag[] {
  const keyOf = ({ tag, paged }: { readonly tag: string | null; readonly paged: boolean | null }): string =>
    `${paged},${tag}`;
  const bySnapshot = new Map(seen.map((tag) => [keyOf(tag), tag]));
  const traced = (answer?.tags ?? []).map(({ result }) => {
    const snapshot = bySnapshot.get(keyOf(result));
    bySnapshot.delete(keyOf(result));
    return snapshot === undefined ? result : withSnapshot(result, snapshot);
  });
  const all = [...traced, ...[...bySnapshot.values()].map(fromSnapshot)].map((tag) => named(tag, places, options));
  return all.sort(
    (a, b) =>
      ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict) ||
      bytesOf(b) - bytesOf(a) ||
      (a.tag ?? '').localeCompare(b.tag ?? ''),
  );
}

const bytesOf = ({ aifoBytes, snapshotBytes }: PoolTag): number => Math.max(aifoBytes ?? 0, snapshotBytes ?? 0);

function withSnapshot(tag: PoolTag, { bytes, count, driver, description, evidence, judgement }: SnapshotTag): PoolTag {
  const grows = judgement.verdict === 'leak' || judgement.verdict === 'growing';
  const differs =
    grows !== (tag.verdict === 'leak' || tag.verdict === 'growing') && judgement.verdict !== 'insufficient';
  return {
    ...tag,
    snapshotBytes: bytes,
    snapshotCount: count,
    driver: tag.driver ?? driver,
    driverFrom: tag.driver === null && driver !== null ? 'snapshot' : tag.driverFrom,
    description,
    against: differs
      ? [...tag.against, `snapshots say otherwise (${judgement.verdict}): ${judgement.reasons.join('; ')}`]
      : tag.against,
    reasons:
      differs || judgement.verdict === 'insufficient'
        ? tag.reasons
        : [...tag.reasons, `snapshots agree: ${judgement.reasons.join('; ')}`],
    evidence: [...tag.evidence, ...evidence],
  };
}

function fromSnapshot(seen: SnapshotTag): PoolTag {
  const { tag, paged, bytes, count, allocs, frees, driver, description, evidence, slope, judgement } = seen;
  return {
    tag,
    paged,
    driver,
    driverFrom: driver === null ? null : 'snapshot',
    driverPercent: null,
    description,
    aifiCount: null,
    aifiBytes: null,
    aifoCount: null,
    aifoBytes: null,
    aofiCount: null,
    aofiBytes: null,
    frees,
    ...growthOf(slope, judgement),
    snapshotBytes: bytes,
    snapshotCount: count,
    lifetimes: null,
    neverFreedPercent:
      allocs !== null && frees !== null && allocs > 0 && allocs >= frees ? (100 * (allocs - frees)) / allocs : null,
    doubleFrees: null,
    evidence,
  };
}

/** Driver and description from the user's pooltag.txt where neither stacks nor a snapshot name one, then from places in code. */
function named(tag: PoolTag, places: PoolResult['tagPlaces'], { poolTags }: PoolOptions): PoolTag {
  const listed = tag.tag === null || poolTags === null ? null : poolTags(tag.tag);
  const description = tag.description ?? listed?.description ?? null;
  if (tag.driver !== null) return { ...tag, description };
  const from = (driver: string, driverFrom: DriverSource): PoolTag => ({ ...tag, driver, driverFrom, description });
  if (listed !== null && listed.driver !== null) return from(listed.driver, 'pooltag.txt');
  const modules = new Set(
    places.filter((place) => place.tag?.trimEnd() === tag.tag?.trimEnd()).flatMap(({ module }) => module ?? []),
  );
  return modules.size === 1 ? from([...modules][0], 'search') : { ...tag, description };
}
