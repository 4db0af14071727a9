/** Gives rows of pool tables to the `pool` analysis without a file, and the plainest way to pair them. */
import { POOL_DEFAULTS, type PoolOptions } from '../../src/analyses/pool/options.js';
import { PoolFold } from '../../src/analyses/pool/pool.js';
import type { PoolResult } from '../../src/analyses/pool/result.js';
import type { Finish, SourceSummary } from '../../src/core/analysis.js';
import { type Diagnostic, Diagnostics } from '../../src/core/diagnostic.js';
import type { Finding } from '../../src/core/evidence.js';
import { type About, Output } from '../../src/core/parser.js';
import type { Row } from '../../src/core/schema.js';
import { callStack } from '../../src/tables/call-stack.js';
import { poolAllocation } from '../../src/tables/pool-allocation.js';
import { poolEvent } from '../../src/tables/pool-event.js';

export interface Given {
  /** Routines of stacks, innermost first; a stack's number is its index. */
  readonly stacks?: readonly (readonly (Partial<Row<typeof callStack>> | string)[])[];
  readonly events?: readonly Partial<Row<typeof poolEvent>>[];
  readonly paired?: readonly Partial<Row<typeof poolAllocation>>[];
  /** Rows of a batch; all in one where left out. */
  readonly batch?: number;
  readonly about?: Partial<About>;
}

export interface Fed {
  readonly result: PoolResult;
  readonly findings: readonly Finding[];
  readonly diagnostics: readonly Diagnostic[];
}

export function feed(given: Given, options: Partial<PoolOptions> = {}): Fed {
  const fold = new PoolFold({ ...POOL_DEFAULTS, ...options });
  const diagnostics = new Diagnostics('s1');
  const out = new Output(0, diagnostics, () => [(batch) => fold.add(batch)]);
  out.quoteRow = (byte, line) => `row ${Number.isNaN(line) ? byte : line}`;
  Object.assign(out.about, given.about);
  const [frames, events, paired] = [out.writer(callStack), out.writer(poolEvent), out.writer(poolAllocation)];
  given.stacks?.forEach((stack, id) => {
    for (const [i, frame] of stack.entries())
      frames?.row({ stack: id, frame: i + 1, ...(typeof frame === 'string' ? { routine: frame } : frame) });
  });
  out.flush();
  const step = given.batch ?? Number.POSITIVE_INFINITY;
  given.events?.forEach((event, i) => {
    if (i > 0 && i % step === 0) out.flush();
    events?.row({ line: i + 1, ...event });
  });
  given.paired?.forEach((row, i) => {
    if (i > 0 && i % step === 0) out.flush();
    paired?.row({ line: i + 1, ...row });
  });
  out.flush();
  return { ...fold.finish(contextOf(out, diagnostics)), diagnostics: diagnostics.list() };
}

/** What an analysis is finished with, of one source. */
export function contextOf(out: Output, diagnostics: Diagnostics): Finish {
  const source: SourceSummary = {
    id: 's1',
    path: 'input',
    format: 'made-up',
    encoding: 'utf-8',
    container: null,
    bytes: null,
    account: out.account,
    about: out.about,
    events: out.events,
  };
  return {
    sources: [source],
    counted: () => true,
    diagnostics,
    evidence: (_, { line, byte, text }) => ({ source: 's1', line, byte, quote: text }),
  };
}

/** An event as properties make it. */
export interface MadeEvent {
  readonly operation: 'alloc' | 'free';
  readonly atUs: number;
  readonly address: bigint;
  readonly bytes: number;
  readonly tag: string;
  readonly poolType: string;
  readonly sessionId: number | null;
  readonly stack: number | null;
  readonly pid: number;
}

interface Life {
  /** Whose tag and size count: the allocation's, or the free's where that was not seen. */
  readonly of: MadeEvent;
  readonly allocUs: number | null;
  /** When it was freed, or when its address was given out again. */
  readonly endUs: number | null;
  readonly isReused: boolean;
  /** Places of both events in their order. */
  readonly from: number;
  readonly to: number;
}

export interface Expected {
  readonly tags: Readonly<Record<string, string>>;
  readonly totals: Readonly<Record<string, string>>;
  readonly twice: number;
  readonly reused: number;
  /** Highest sum of what was allocated inside and out at one time, by pool. */
  readonly peaks: Readonly<Record<string, number>>;
}

const isPaged = ({ poolType }: MadeEvent): boolean => !poolType.startsWith('Non');
const zeros = (): Record<string, [number, number]> => ({ AIFI: [0, 0], AIFO: [0, 0], AOFI: [0, 0], AOFO: [0, 0] });
const text = (sums: Record<string, [number, number]>): string =>
  Object.entries(sums)
    .map(([type, [count, bytes]]) => `${type} ${count}/${bytes}`)
    .join(' ');

/** Figures by a Map from address to block, events in the order of time. */
export function pairedNaively(
  events: readonly MadeEvent[],
  range: { readonly startUs: number; readonly endUs: number },
  minAgeUs = 0,
): Expected {
  const { lives, twice, reused } = livesOf(events, range);
  const tags: Record<string, Record<string, [number, number]>> = {};
  const totals: Record<string, Record<string, [number, number]>> = {};
  const lastUs = Math.min(range.endUs, events.at(-1)?.atUs ?? range.endUs);
  for (const { of, type, allocUs } of lives.flatMap((life) => classOf(life, range))) {
    const isYoung = type === 'AIFO' && lastUs - (allocUs ?? 0) < minAgeUs;
    for (const [sums, key] of [
      [tags, `${of.tag}|${isPaged(of)}`],
      [totals, `${isPaged(of)}`],
    ] as const) {
      if (isYoung || type === 'gone') continue;
      sums[key] ??= zeros();
      sums[key][type][0]++;
      sums[key][type][1] += of.bytes;
    }
  }
  const asText = (all: typeof tags): Record<string, string> =>
    Object.fromEntries(Object.entries(all).map(([key, sums]) => [key, text(sums)]));
  return { tags: asText(tags), totals: asText(totals), twice, reused, peaks: peaksOf(lives, range) };
}

function livesOf(events: readonly MadeEvent[], { startUs, endUs }: { startUs: number; endUs: number }) {
  const lives: Life[] = [];
  const open = new Map<string, { readonly event: MadeEvent; readonly from: number }>();
  const freed = new Set<string>();
  let twice = 0;
  let reused = 0;
  for (const [to, event] of events.entries()) {
    const { atUs, address, poolType, sessionId } = event;
    const key = `${address} ${poolType.includes('Session') ? sessionId : null}`;
    const known = open.get(key);
    if (event.operation === 'alloc') {
      if (known !== undefined) {
        reused++;
        lives.push({ of: known.event, allocUs: known.event.atUs, endUs: atUs, isReused: true, from: known.from, to });
      }
      open.set(key, { event, from: to });
      freed.delete(key);
      continue;
    }
    if (known !== undefined)
      lives.push({ of: known.event, allocUs: known.event.atUs, endUs: atUs, isReused: false, from: known.from, to });
    else if (freed.has(key)) twice += atUs >= startUs && atUs <= endUs ? 1 : 0;
    else lives.push({ of: event, allocUs: null, endUs: atUs, isReused: false, from: -1, to });
    open.delete(key);
    freed.add(key);
  }
  const to = Number.POSITIVE_INFINITY;
  for (const { event, from } of open.values())
    lives.push({ of: event, allocUs: event.atUs, endUs: null, isReused: false, from, to });
  return { lives, twice, reused };
}

type Class = 'AIFI' | 'AIFO' | 'AOFI' | 'AOFO' | 'gone';

/** None where the block was not there in the range. A block whose free is missing is gone when its address is given out again. */
function classOf(life: Life, { startUs, endUs }: { startUs: number; endUs: number }): (Life & { type: Class })[] {
  const end = life.endUs ?? Number.POSITIVE_INFINITY;
  const alloc = life.allocUs ?? Number.NEGATIVE_INFINITY;
  if (alloc > endUs || end < startUs) return [];
  const inside = alloc >= startUs;
  const isOver = life.endUs !== null && end <= endUs;
  if (life.isReused && isOver) return [{ ...life, type: 'gone' }];
  return [{ ...life, type: `${inside ? 'AI' : 'AO'}${isOver ? 'FI' : 'FO'}` }];
}

/** By trying every allocation. */
function peaksOf(lives: readonly Life[], { startUs, endUs }: { startUs: number; endUs: number }) {
  const own = lives.filter(({ allocUs }) => allocUs !== null && allocUs >= startUs && allocUs <= endUs);
  const peaks: Record<string, number> = {};
  for (const paged of [false, true]) {
    const blocks = own.filter(({ of }) => isPaged(of) === paged);
    const sums = blocks.map(({ from: at }) =>
      blocks.reduce((sum, { of, from, to }) => (from <= at && to > at ? sum + of.bytes : sum), 0),
    );
    peaks[`${paged}`] = Math.max(0, ...sums);
  }
  return peaks;
}
