/**
 * Pool that the dump shows to be used up, against what the trace shows to be allocated and not freed: the same tag, the same blocks, a
 * growth that comes to the dump's total since the boot, and the code that allocates.
 */

import type { LeakSuspect } from '../../src/analyses/dump/result.js';
import { driverOf } from '../../src/analyses/pool/attribution.js';
import { bytesText, poolText, rateText, tagText } from '../../src/analyses/pool/bytes-text.js';
import type { ListedBlocks, PoolResult, PoolStack, PoolTag } from '../../src/analyses/pool/result.js';
import type { Case } from '../case.js';
import { moduleKey } from '../names.js';
import { type Draft, point } from '../points.js';
import type { Point } from '../result.js';

const CANDIDATES = 8;
/** Of a pool: less is not what uses it up. */
const LEAST_PERCENT = 3;
/** A driver is named where it allocated at least so much of what the tag has out. */
const LEAST_SHARE = 0.5;

/** A tag, in one pool or in both where the source does not tell. */
interface Subject {
  readonly tag: string;
  readonly paged: boolean | null;
  readonly row: PoolTag | null;
  readonly suspect: LeakSuspect | null;
  readonly stacks: readonly PoolStack[];
  readonly listed: readonly ListedBlocks[];
  /** Where the tag stands in code. */
  readonly places: PoolResult['tagPlaces'];
}

export function poolLeak(all: Case): Draft[] {
  const { pool, dump } = all;
  if (pool === null) return [];
  const suspects = dump.leakSuspects.filter(({ kind }) => kind === 'pool-tag');
  const big = suspects.slice(0, CANDIDATES);
  const isBig = ({ tag, paged }: PoolTag): boolean =>
    big.some(
      (one) => plain(one.subject) === plain(tag ?? '') && (one.paged === null || paged === null || one.paged === paged),
    );
  const asked = pool.tags.filter(
    (row) => row.tag !== null && (isBig(row) || row.verdict === 'leak' || row.verdict === 'growing'),
  );
  const subjects = asked.map((row) => subjectOf(row.tag as string, row.paged, row, suspects, pool));
  // Tags of lists and breakpoints, of which no snapshot and no trace tells.
  const known = new Set(subjects.map(({ tag }) => plain(tag)));
  for (const { tag, count } of [...pool.blocks, ...pool.stacks.filter(({ from }) => from !== 'trace')]) {
    if (tag === null || count === 0 || known.has(plain(tag))) continue;
    known.add(plain(tag));
    const row = pool.tags.find((one) => one.tag !== null && plain(one.tag) === plain(tag)) ?? null;
    subjects.push(subjectOf(tag, row?.paged ?? null, row, suspects, pool));
  }
  return subjects
    .filter((one) => isWorthIt(one, all))
    .sort((a, b) => weight(b) - weight(a))
    .slice(0, CANDIDATES)
    .flatMap((one) => draftsOf(one, all));
}

function subjectOf(
  tag: string,
  paged: boolean | null,
  row: PoolTag | null,
  suspects: readonly LeakSuspect[],
  pool: PoolResult,
): Subject {
  const isOwn = (one: string | null): boolean => one !== null && plain(one) === plain(tag);
  const fitsPool = (other: boolean | null): boolean => other === null || paged === null || other === paged;
  return {
    tag,
    paged,
    row,
    suspect: suspects.find((one) => isOwn(one.subject) && fitsPool(one.paged)) ?? null,
    stacks: pool.stacks.filter((stack) => isOwn(stack.tag) && fitsPool(stack.paged)),
    listed: pool.blocks.filter((list) => isOwn(list.tag)),
    places: pool.tagPlaces.filter((place) => isOwn(place.tag)),
  };
}

/** Tags as poolmon, kd and ETW print them differ in trailing blanks and in a bit for protected allocations. */
const plain = (tag: string): string => tag.replace(/^'|'$/g, '').trimEnd();

const weight = ({ row, suspect }: Subject): number =>
  (suspect?.bytes ?? row?.snapshotBytes ?? 0) + 60 * Math.max(0, row?.slopeBytesPerSecond ?? 0);

/** The dump has to show it: what only grows in the trace is said by `tracekit pool`. */
function isWorthIt({ row, suspect, listed, stacks }: Subject, { dump }: Case): boolean {
  if ((suspect?.percent ?? 0) >= LEAST_PERCENT || listed.some(({ count }) => count > 0)) return true;
  if (stacks.some(({ from }) => from !== 'trace')) return true;
  return row?.verdict === 'leak' && (dump.memory?.failedPoolAllocations ?? 0) > 0;
}

/** One draft for each driver that allocates a good part; one without a driver where stacks do not tell. */
function draftsOf(subject: Subject, all: Case): Draft[] {
  const shares = allocators(subject);
  if (shares.length === 0) return [draftOf(subject, listedShare(subject), all)];
  return shares.slice(0, 3).map((share) => draftOf(subject, share, all));
}

interface Share {
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
const allocatedBy = ({ allocator }: PoolStack): string | null => (allocator === null ? null : driverOf(allocator));

/** Without any stack: the caller that the debugger lists, or the module in whose code the tag stands. */
function listedShare({ listed, places }: Subject): Share | null {
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
function allocators({ stacks }: Subject): Share[] {
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

function draftOf(subject: Subject, share: Share | null, all: Case): Draft {
  const { tag, paged, row } = subject;
  const join = slopeJoin(subject, all);
  const blocks = blockJoin(subject);
  const points = [
    ...inDump(subject, all),
    ...inTrace(subject, all),
    ...(join === null ? [] : [join]),
    ...blocks,
    ...allocatorPoints(subject, share),
    ...listedCaller(subject, share),
  ];
  const who = share === null ? null : `${share.module}${share.function === null ? '' : `!${share.function}`}`;
  const on = share?.process == null ? '' : ` on behalf of ${share.process}`;
  return {
    cause: 'pool-leak',
    culprit: {
      module: share?.module ?? null,
      function: share?.function ?? null,
      process: share?.process ?? null,
      resource: `tag ${tagText(tag)}`,
    },
    statement:
      `${tagText(tag)} in ${poolText(paged)} ${verdictText(row)}` +
      (who === null
        ? '; which code allocates it, the trace does not show'
        : `: ${(100 * (share as Share).part).toFixed(0)} % ${share?.stack?.from === 'trace' ? 'of what is outstanding in the trace' : 'of what the debugger shows'} was allocated by ${who}${on}`) +
      (join === null ? '.' : `; ${join.statement}.`) +
      (share !== null && share.innocent.length > 0
        ? ` The same tag is used, and freed, by ${share.innocent.slice(0, 4).join(', ')}.`
        : ''),
    question: 'pool used up',
    victims: null,
    points,
    caps: [
      ...(share === null ? [{ most: 'medium' as const, reason: 'no stack names the code that allocates' }] : []),
      ...(share !== null && !share.leaks
        ? [{ most: 'medium' as const, reason: `the trace does not show that what ${share.module} allocates stays` }]
        : []),
      ...(row !== null && (row.verdict === 'steady' || row.verdict === 'transient')
        ? [{ most: 'low' as const, reason: 'the tag does not grow in the trace' }]
        : []),
    ],
    isTiedByNumbers: blocks.some(({ points: worth }) => worth > 0),
    next: stepsOf(subject, share, all),
  };
}

function verdictText(row: PoolTag | null): string {
  switch (row?.verdict) {
    case 'leak':
      return 'leaks';
    case 'growing':
      return 'grows';
    case 'steady':
      return 'does not grow in the trace';
    case 'transient':
      return 'comes and goes in the trace';
    default:
      return 'is what the dump shows';
  }
}

function inDump({ suspect, row, paged, tag }: Subject, { dump }: Case): Point[] {
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

function inTrace({ row }: Subject, { pool }: Case): Point[] {
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
function slopeJoin({ row, suspect }: Subject, { dump, boot }: Case): Point | null {
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
function blockJoin({ listed }: Subject): Point[] {
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

function allocatorPoints({ stacks }: Subject, share: Share | null): Point[] {
  if (share?.stack === null) return [];
  if (share === null)
    return stacks.length > 0 ? [] : [point('no-stacks', -5, 'trace', 'no stack of an allocation was recorded', [])];
  if (share.stack.from !== 'trace') return [];
  const { evidence } = share.stack;
  const percent = (100 * share.part).toFixed(0);
  if (!share.leaks) {
    return [
      point(
        'allocates-some',
        -10,
        'trace',
        `${share.module} allocated ${percent} % of what is outstanding, but its blocks are freed in time`,
        evidence,
      ),
    ];
  }
  if (share.part < LEAST_SHARE) {
    return [
      point(
        'allocates-less-than-half',
        -10,
        'trace',
        `only ${percent} % of what is outstanding was allocated by ${share.module}`,
        evidence,
      ),
    ];
  }
  return [
    point(
      'allocates-most',
      share.part >= 0.8 ? 12 : 8,
      'trace',
      `${percent} % of what is outstanding was allocated on stacks of ${share.module} that grow`,
      evidence,
    ),
  ];
}

/** The debugger's own list names a caller. */
function listedCaller({ listed, stacks, places }: Subject, share: Share | null): Point[] {
  if (share === null) return [];
  const own = moduleKey(share.module);
  const isTraced = share.stack?.from === 'trace';
  const found: Point[] = [];
  const inCode = places.filter(({ module }) => module !== null && moduleKey(module) === own);
  if (inCode.length > 0) {
    found.push(
      point(
        'tag-in-its-code',
        12,
        'dump',
        `the tag stands in the code or data of ${share.module}`,
        inCode.flatMap(({ evidence }) => evidence),
      ),
    );
  }
  const named = listed.filter(({ caller, driver }) => caller !== null || driver !== null);
  const same = named.filter(({ caller, driver }) =>
    [caller?.split('!')[0], driver].some((one) => one != null && moduleKey(one) === own),
  );
  if (same.length > 0) {
    const count = same.reduce((sum, one) => sum + one.count, 0);
    found.push(
      point(
        'same-caller',
        // Driver Verifier counts what its driver has not freed: of others it is a list of blocks in use.
        isTraced ? 18 : same.some(({ command }) => /^!?verifier 3/.test(command)) ? 32 : 15,
        isTraced ? 'both' : 'dump',
        `the debugger lists ${count} blocks that ${share.module} allocated`,
        same.flatMap(({ evidence }) => evidence),
      ),
    );
  } else if (named.length > 0) {
    const [first] = named;
    found.push(
      point(
        'another-caller',
        -18,
        'both',
        `the debugger lists blocks that ${first.caller ?? first.driver} allocated, not ${share.module}`,
        first.evidence,
      ),
    );
  }
  const hits = stacks.filter((stack) => stack.from === 'breakpoint' && moduleKey(allocatedBy(stack) ?? '') === own);
  if (hits.length > 0)
    found.push(
      point(
        'same-breakpoint-stack',
        isTraced ? 12 : 25,
        isTraced ? 'both' : 'dump',
        'a breakpoint on the tag was hit in the same driver',
        hits.flatMap(({ evidence }) => evidence),
      ),
    );
  return found;
}

function stepsOf({ tag, listed }: Subject, share: Share | null, { dump }: Case): string[] {
  const steps: string[] = [];
  if (share === null) steps.push(`tracekit recipe pool --tag "${tag}"`);
  if (listed.length === 0) steps.push(`!poolfind ${tag} -tag`);
  if (share !== null)
    steps.push(`verifier /flags 0x9 /driver ${share.module}`, `lmv m ${share.module.replace(/\.sys$/i, '')}`);
  if (dump.system.uptimeMs === null) steps.push('.time');
  return steps;
}
