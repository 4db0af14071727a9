/** The lists of a `pool` result as tables. */
import type {
  ListedBlocks,
  PoolCounter,
  PoolGroup,
  PoolNode,
  PoolResult,
  PoolSnapshot,
  PoolStack,
  PoolTag,
  PoolTotal,
} from '../analyses/pool/result.js';
import { printable } from '../core/text.js';
import { shownFrame } from './pool-stacks.js';
import type { View, ViewColumn } from './views.js';

export const POOL_VIEWS = [
  'total',
  'tag',
  'stack',
  'tree',
  'group',
  'snapshot',
  'counter',
  'block',
  'place',
  'timeline',
] as const;
export type PoolViewName = (typeof POOL_VIEWS)[number];

const name = (text: string | null): string | null => (text === null ? null : printable(text));
const pool = (paged: boolean | null): string | null => (paged === null ? null : paged ? 'Paged' : 'Nonp');

/** Tags keep their blanks: people see them between quotes. */
const quoted = (tag: string | null): string | null => (tag === null ? null : `'${printable(tag)}'`);

const TOTAL: readonly ViewColumn<PoolTotal>[] = [
  { key: 'type', title: 'Type', rank: 0, value: (t) => t.type },
  { key: 'paged', title: 'Pool', rank: 0, value: (t) => pool(t.paged) },
  { key: 'count', title: 'Count', rank: 0, value: (t) => t.count, unknown: 'unknown' },
  { key: 'bytes', title: 'Bytes', rank: 0, value: (t) => t.bytes, unknown: 'unknown' },
];

const VERDICT = { key: 'verdict', title: 'Verdict', rank: 0 } as const;
const SLOPE: readonly ViewColumn<Pick<PoolTag, 'slopeBytesPerSecond' | 'slopeCi'>>[] = [
  { key: 'slopeBytesPerSecond', title: 'Bytes/s', decimals: 0, rank: 1, value: (t) => t.slopeBytesPerSecond },
  { key: 'slopeLow', title: 'from', decimals: 0, rank: 6, value: (t) => t.slopeCi?.[0] ?? null },
  { key: 'slopeHigh', title: 'to', decimals: 0, rank: 6, value: (t) => t.slopeCi?.[1] ?? null },
];

const TAG: readonly ViewColumn<PoolTag>[] = [
  { key: 'tag', title: 'Tag', rank: 0, value: (t) => name(t.tag), text: (t) => quoted(t.tag) },
  { key: 'paged', title: 'Pool', rank: 0, value: (t) => pool(t.paged) },
  { ...VERDICT, value: (t) => t.verdict },
  { key: 'confidence', title: 'Conf', rank: 4, value: (t) => t.confidence },
  { key: 'score', title: 'Score', rank: 9, value: (t) => t.score },
  { key: 'aifoBytes', title: 'AIFO bytes', rank: 0, optional: true, value: (t) => t.aifoBytes },
  { key: 'aifoCount', title: 'AIFO', rank: 1, value: (t) => t.aifoCount },
  { key: 'aifiCount', title: 'AIFI', rank: 2, value: (t) => t.aifiCount },
  { key: 'aifiBytes', title: 'AIFI bytes', rank: 12, value: (t) => t.aifiBytes },
  { key: 'aofiCount', title: 'AOFI', rank: 3, value: (t) => t.aofiCount },
  { key: 'aofiBytes', title: 'AOFI bytes', rank: 13, value: (t) => t.aofiBytes },
  { key: 'snapshotBytes', title: 'Snapshot bytes', rank: 0, optional: true, value: (t) => t.snapshotBytes },
  { key: 'snapshotCount', title: 'Blocks', rank: 2, value: (t) => t.snapshotCount },
  ...SLOPE,
  { key: 'frees', title: 'Frees', rank: 8, value: (t) => t.frees },
  { key: 'neverFreedPercent', title: '% kept', decimals: 1, rank: 5, value: (t) => t.neverFreedPercent },
  { key: 'p99Us', title: 'p99 life µs', decimals: 0, rank: 7, value: (t) => t.lifetimes?.p99Us ?? null },
  { key: 'doubleFrees', title: 'Twice', rank: 11, value: (t) => t.doubleFrees || null },
  { key: 'driver', title: 'Driver', rank: 1, value: (t) => name(t.driver) },
  { key: 'driverFrom', title: 'from', rank: 6, value: (t) => t.driverFrom },
  { key: 'description', title: 'Description', rank: 10, value: (t) => name(t.description) },
];

const STACK: readonly ViewColumn<PoolStack>[] = [
  { key: 'bytes', title: 'Bytes', rank: 0, value: (s) => s.bytes },
  { key: 'count', title: 'Count', rank: 0, value: (s) => s.count },
  { key: 'allocCount', title: 'Allocs', rank: 4, value: (s) => s.allocCount },
  { key: 'freedCount', title: 'Freed', rank: 2, value: (s) => s.freedCount },
  { ...VERDICT, value: (s) => s.verdict },
  { key: 'confidence', title: 'Conf', rank: 6, value: (s) => s.confidence },
  { key: 'tag', title: 'Tag', rank: 0, value: (s) => name(s.tag), text: (s) => quoted(s.tag) },
  { key: 'paged', title: 'Pool', rank: 5, value: (s) => pool(s.paged) },
  ...SLOPE.map((column) => ({ ...column, rank: column.rank + 2 })),
  {
    key: 'allocator',
    title: 'Allocator',
    rank: 0,
    value: (s) => (s.allocator === null ? null : shownFrame(s.allocator)),
  },
  {
    key: 'calledBy',
    title: 'Called by',
    rank: 3,
    optional: true,
    value: (s) => (s.allocator?.calledBy ? shownFrame(s.allocator.calledBy) : null),
  },
  { key: 'process', title: 'Process', rank: 2, value: (s) => name(s.requester?.process ?? null) },
  { key: 'pid', title: 'PID', rank: 7, value: (s) => s.requester?.pid ?? null },
  {
    key: 'requester',
    title: 'Requester',
    rank: 1,
    value: (s) =>
      s.requester === null || (s.requester.module === null && s.requester.function === null)
        ? null
        : shownFrame(s.requester),
  },
  { key: 'call', title: 'Call', rank: 8, value: (s) => name(s.requester?.call ?? null) },
  { key: 'frames', title: 'Frames', rank: 99, hidden: true, value: (s) => s.frames.map(shownFrame).join(';') },
];

/** A row of the tree, with how deep it lies. */
export interface TreeRow {
  readonly depth: number;
  readonly path: readonly string[];
  readonly node: PoolNode;
}

const TREE: readonly ViewColumn<TreeRow>[] = [
  { key: 'bytes', title: 'Bytes', rank: 0, value: ({ node }) => node.bytes },
  { key: 'count', title: 'Count', rank: 0, value: ({ node }) => node.count },
  { key: 'depth', title: 'Depth', rank: 99, hidden: true, value: ({ depth }) => depth },
  { key: 'by', title: 'By', rank: 3, value: ({ node }) => node.by },
  {
    key: 'path',
    title: 'Type, pool, tag, stack …',
    rank: 0,
    value: ({ path }) => path.map((part) => printable(part)).join(' / '),
    text: ({ node, depth }) =>
      `${'  '.repeat(depth)}${node.by === 'tag' ? (quoted(node.value) ?? 'unknown') : printable(node.value ?? 'unknown')}`,
  },
];

const GROUP: readonly ViewColumn<PoolGroup>[] = [
  {
    key: 'tags',
    title: 'Tags',
    rank: 0,
    value: (g) => g.tags.map((tag) => printable(tag)).join(','),
    text: (g) => g.tags.map(quoted).join(' '),
  },
  { key: 'ratio', title: 'Ratio', rank: 0, value: (g) => g.ratio.join(':') },
  { key: 'counts', title: 'Blocks', rank: 0, value: (g) => g.counts.join(':') },
];

const SNAPSHOT: readonly ViewColumn<PoolSnapshot>[] = [
  { key: 'source', title: 'Source', rank: 0, value: (s) => s.source },
  { key: 'snapshot', title: 'No.', rank: 0, value: (s) => s.snapshot },
  { key: 'utc', title: 'UTC', rank: 0, value: (s) => s.utc },
  { key: 'tags', title: 'Tags', rank: 1, value: (s) => s.tags.length },
  { key: 'nonpagedBytes', title: 'Nonpaged bytes', rank: 0, value: (s) => s.nonpagedBytes },
  { key: 'pagedBytes', title: 'Paged bytes', rank: 0, value: (s) => s.pagedBytes },
];

const COUNTER: readonly ViewColumn<PoolCounter>[] = [
  { key: 'name', title: 'Figure', rank: 0, value: (c) => name(c.name) },
  { key: 'sessionId', title: 'Session', rank: 2, value: (c) => c.sessionId },
  { key: 'first', title: 'First', rank: 2, value: (c) => (c.samples > 1 ? c.first : null) },
  { key: 'last', title: 'Last', rank: 0, value: (c) => c.last },
  { key: 'max', title: 'Highest', rank: 3, value: (c) => (c.samples > 1 ? c.max : null) },
  { key: 'unit', title: 'Unit', rank: 1, value: (c) => c.unit },
  { key: 'samples', title: 'Samples', rank: 4, value: (c) => c.samples },
  { key: 'slopePerSecond', title: 'Per s', decimals: 1, rank: 1, value: (c) => c.slopePerSecond },
  { ...VERDICT, rank: 1, value: (c) => (c.samples > 1 ? c.verdict : null) },
];

const BLOCK: readonly ViewColumn<ListedBlocks>[] = [
  { key: 'command', title: 'Listed by', rank: 0, value: (b) => `!${b.command}` },
  { key: 'driver', title: 'Driver', rank: 1, value: (b) => name(b.driver) },
  { key: 'tag', title: 'Tag', rank: 0, value: (b) => name(b.tag), text: (b) => quoted(b.tag) },
  { key: 'count', title: 'Blocks', rank: 0, value: (b) => b.count },
  { key: 'bytes', title: 'Bytes', rank: 0, value: (b) => b.bytes },
  { key: 'caller', title: 'Caller', rank: 0, value: (b) => name(b.caller ?? b.callerAddress) },
  { key: 'callerAddress', title: 'Address', rank: 3, value: (b) => b.callerAddress },
  { key: 'inTrace', title: 'Out in trace', rank: 2, value: (b) => b.inTrace },
  { key: 'freedInTrace', title: 'Freed in trace', rank: 4, value: (b) => b.freedInTrace },
];

const PLACE: readonly ViewColumn<PoolResult['tagPlaces'][number]>[] = [
  { key: 'tag', title: 'Tag', rank: 0, value: (p) => name(p.tag), text: (p) => quoted(p.tag) },
  { key: 'address', title: 'Address', rank: 0, value: (p) => p.address },
  { key: 'module', title: 'Module', rank: 0, value: (p) => name(p.module), unknown: 'unknown' },
];

interface TimePoint {
  readonly endUs: number;
  readonly nonpagedBytes: number;
  readonly pagedBytes: number;
  readonly nonpagedGrowth: number;
  readonly pagedGrowth: number;
}

const TIMELINE: readonly ViewColumn<TimePoint>[] = [
  { key: 'endUs', title: 'To µs', decimals: 0, rank: 0, value: (p) => p.endUs },
  { key: 'nonpagedBytes', title: 'Nonpaged outstanding', rank: 0, value: (p) => p.nonpagedBytes },
  { key: 'pagedBytes', title: 'Paged outstanding', rank: 0, value: (p) => p.pagedBytes },
  { key: 'nonpagedGrowth', title: 'Nonpaged growth', rank: 1, value: (p) => p.nonpagedGrowth },
  { key: 'pagedGrowth', title: 'Paged growth', rank: 1, value: (p) => p.pagedGrowth },
];

/** A list of the result as a table. */
export function poolView(view: PoolViewName, result: PoolResult): View<never> {
  const made = <R>(
    title: string,
    columns: readonly ViewColumn<R>[],
    rows: readonly R[],
    of = rows.length,
  ): View<never> => ({ name: view, title, columns, rows, of }) as unknown as View<never>;
  switch (view) {
    case 'total':
      return made('Allocated inside (AI) or before (AO) the range, freed in it (FI) or not (FO)', TOTAL, result.totals);
    case 'tag':
      return made('By tag', TAG, result.tags, result.cut.tags?.of);
    case 'stack':
      return made('Stacks by outstanding bytes', STACK, result.stacks, result.cut.stacks?.of);
    case 'tree':
      return made('Nested', TREE, flat(result.tree));
    case 'group':
      return made('Tags that grow in lock-step', GROUP, result.groups);
    case 'snapshot':
      return made('Snapshots', SNAPSHOT, result.snapshots);
    case 'counter':
      return made('Figures of the machine', COUNTER, result.counters);
    case 'block':
      return made('Blocks listed by the debugger', BLOCK, result.blocks, result.cut.blocks?.of);
    case 'place':
      return made('Where tags stand in memory', PLACE, result.tagPlaces);
    case 'timeline':
      return made('Outstanding bytes by time', TIMELINE, timePoints(result));
  }
}

/** Rows of the tree, outermost first. */
export function flat(nodes: readonly PoolNode[]): TreeRow[] {
  const rows: TreeRow[] = [];
  const visit = (list: readonly PoolNode[], path: readonly string[]): void => {
    for (const node of list) {
      const own = [...path, node.value ?? 'unknown'];
      rows.push({ depth: path.length, path: own, node });
      visit(node.children, own);
    }
  };
  visit(nodes, []);
  return rows;
}

function timePoints({ timeline }: PoolResult): TimePoint[] {
  if (timeline === null) return [];
  const { startUs, binUs, nonpagedBytes, pagedBytes, nonpagedGrowth, pagedGrowth } = timeline;
  return nonpagedBytes.map((bytes, i) => ({
    endUs: startUs + (i + 1) * binUs,
    nonpagedBytes: bytes,
    pagedBytes: pagedBytes[i],
    nonpagedGrowth: nonpagedGrowth[i],
    pagedGrowth: pagedGrowth[i],
  }));
}
