/** What dump and trace say of a tag, and whether it is the same. */
import { bytesText, poolText, rateText } from '../../../src/analyses/pool/bytes-text.js';
import type { ListedBlocks } from '../../../src/analyses/pool/result.js';
import type { Case } from '../../case.js';
import { point } from '../../points.js';
import type { Point } from '../../result.js';
import { plain, type Subject } from './subject.js';

export function inDump({ suspect, row, paged, tag }: Subject, { dump }: Case): Point[] {
  const found: Point[] = [];
  const other = dump.leakSuspects.find(
    (one) => one.kind === 'pool-tag' && plain(one.subject) === plain(tag) && one.paged !== null && one.paged !== paged,
  );
  if (suspect === null && other !== undefined && paged !== null) {
    found.push(
      point(
        'other-pool-in-dump',
        -25,
        'both',
        `in the dump the tag is large in ${poolText(other.paged)}, not in ${poolText(paged)}`,
        other.evidence,
      ),
    );
  }
  const percent = suspect?.percent ?? null;
  const bytes = suspect?.bytes ?? row?.snapshotBytes ?? null;
  if (percent !== null && suspect !== null) {
    const points = percent >= 50 ? 25 : percent >= 20 ? 18 : percent >= 5 ? 10 : 4;
    found.push(
      point(
        'top-tag-of-the-dump',
        points,
        'dump',
        `in the dump it has ${bytes === null ? 'an unknown number of bytes' : bytesText(bytes)}, ${percent.toFixed(0)} % of ${poolText(paged)}`,
        suspect.evidence,
      ),
    );
  }
  const failed = dump.memory?.failedPoolAllocations ?? 0;
  if (failed > 0) {
    found.push(
      point(
        'allocations-failed',
        5,
        'dump',
        `${failed} pool allocations had failed when the dump was taken`,
        dump.memory?.evidence ?? [],
      ),
    );
  }
  return found;
}

export function inTrace({ row }: Subject, { pool }: Case): Point[] {
  if (row === null || pool?.window.endUs == null) return [];
  const isTraced = row.aifoCount !== null || row.aifiCount !== null;
  if (!isTraced) return [point('not-in-trace', -8, 'trace', 'the trace holds no allocation of this tag', [])];
  const rate = row.slopeBytesPerSecond;
  const grows = rate === null ? '' : `, by ${rateText(rate)}`;
  switch (row.verdict) {
    case 'leak':
      return [
        point(
          'leaks-in-trace',
          row.confidence === 'high' ? 25 : row.confidence === 'medium' ? 20 : 10,
          'trace',
          `in the trace it is allocated and not freed${grows}: ${row.reasons.slice(0, 2).join('; ')}`,
          row.evidence,
        ),
      ];
    case 'growing':
      return [point('grows-in-trace', 10, 'trace', `in the trace it grows${grows}, which may end`, row.evidence)];
    case 'steady':
    case 'transient':
      return [
        point(
          'freed-in-trace',
          -25,
          'trace',
          `in the trace it does not grow: ${row.frees ?? 'its'} blocks were freed`,
          row.evidence,
        ),
      ];
    default:
      return [];
  }
}

/** The growth of the trace since the boot, against what the dump holds. */
export function slopeJoin({ row, suspect }: Subject, { dump, boot }: Case): Point | null {
  const { uptimeMs } = dump.system;
  const bytes = suspect?.bytes ?? row?.snapshotBytes ?? null;
  const rate = row?.slopeBytesPerSecond ?? null;
  if (
    row === null ||
    uptimeMs === null ||
    bytes === null ||
    bytes <= 0 ||
    rate === null ||
    rate <= 0 ||
    boot.isSame === false
  )
    return null;
  if (row.verdict !== 'leak' && row.verdict !== 'growing') return null;
  const expected = (rate * uptimeMs) / 1000;
  const ratio = expected / bytes;
  const text = `at ${rateText(rate)} since the boot the trace explains ${(100 * ratio).toFixed(0)} % of the ${bytesText(bytes)} in the dump`;
  // A growth this size comes out by chance in so many of the octaves between a byte and a gigabyte a second.
  const chance = (width: number): number => Math.log2(width) / 30;
  const evidence = [...(suspect?.evidence ?? []), ...row.evidence];
  if (ratio >= 0.5 && ratio <= 1.6) return point('growth-explains-the-total', 20, 'both', text, evidence, chance(3.2));
  if (ratio >= 0.2 && ratio <= 3)
    return point('growth-is-of-that-size', 8, 'both', `${text}, if it grew all the time alike`, evidence, chance(15));
  return point(
    'growth-does-not-fit',
    -8,
    'both',
    `${text}: it grew otherwise before, or another code allocated it`,
    evidence,
  );
}

/** The very blocks that the debugger lists, found in the trace. Lists of several commands hold the same blocks: the one that tells most counts. */
export function blockJoin({ listed }: Subject): Point[] {
  const best = (of: (list: ListedBlocks) => number): ListedBlocks | undefined =>
    [...listed].filter((list) => of(list) > 0).sort((a, b) => of(b) - of(a))[0];
  const found: Point[] = [];
  const out = best(({ inTrace }) => inTrace ?? 0);
  const freed = best(({ freedInTrace }) => freedInTrace ?? 0);
  if (out !== undefined) {
    const { count, inTrace, command } = out;
    found.push(
      point(
        'same-blocks',
        (inTrace as number) >= count / 2 || (inTrace as number) >= 10 ? 25 : 12,
        'both',
        `${inTrace} of the ${count} blocks that ${command} lists were allocated in the trace, at the same addresses, and not freed there`,
        out.evidence.slice(0, 3),
      ),
    );
  }
  if (freed !== undefined && (freed.freedInTrace as number) > (out?.inTrace ?? 0)) {
    const { count, freedInTrace, command } = freed;
    found.push(
      point(
        'blocks-freed-in-trace',
        -25,
        'both',
        `${freedInTrace} of the ${count} blocks that ${command} lists were freed in the trace`,
        freed.evidence.slice(0, 3),
      ),
    );
  }
  return found;
}
