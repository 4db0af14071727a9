/** The files that are made of a simulated pool, looked at with regular expressions only: parsers have tests of their own. */
import { describe, expect, it } from 'vitest';
import { countersAt } from './generate/pool/counters.js';
import { momentsOf, snapshotMs } from './generate/pool/text.js';
import { booksOf, type PoolEvent, type PoolTruth, simulatePool } from './generate/pool/truth.js';
import { poolDumper } from './generate/pool/write-dumper.js';
import { writePoolEtl } from './generate/pool/write-etl.js';
import { poolmonScreens } from './generate/pool/write-poolmon.js';
import { poolusedLog } from './generate/pool/write-poolused.js';
import { poolTracerpt } from './generate/pool/write-tracerpt.js';
import { verifierBlocks, verifierLog } from './generate/pool/write-verifier.js';
import { poolWpa } from './generate/pool/write-wpa.js';

const SEEDS = Array.from({ length: 10 }, (_, i) => i + 1);
const truths = new Map(SEEDS.map((seed) => [seed, simulatePool(seed)]));
const truthOf = (seed: number): PoolTruth => truths.get(seed) as PoolTruth;

const count = (items: readonly PoolEvent[], op: PoolEvent['op']): number => items.filter((e) => e.op === op).length;
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const hits = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;
const framesOf = ({ stacks, written }: PoolTruth): number =>
  sum(written.map(({ stack }) => stacks[stack].frames.length));

/** Events of a log by group and opcode, and buffers that tell of losses: all events here have their size at byte 4. */
function walk(file: Buffer): { counts: Map<string, number>; lossMarks: number; cpus: Set<number>; buffers: number } {
  const counts = new Map<string, number>();
  const cpus = new Set<number>();
  let [at, lossMarks, buffers] = [0, 0, 0];
  for (; at < file.length; at += file.readUInt32LE(at)) {
    buffers++;
    cpus.add(file.readUInt16LE(at + 0x28));
    if ((file.readUInt16LE(at + 0x34) & 4) !== 0) lossMarks++;
    const end = at + file.readUInt32LE(at + 0x30);
    let lastTicks = 0n;
    for (let event = at + 72; event < end; ) {
      const key = `${file[event + 7]}/${file[event + 6]}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
      const ticks = file.readBigUInt64LE(event + (file[event + 2] === 17 ? 8 : 16));
      if (ticks < lastTicks) throw new Error('time goes back in a buffer');
      lastTicks = ticks;
      event += (file.readUInt16LE(event + 4) + 7) & ~7;
    }
  }
  expect(at).toBe(file.length);
  return { counts, lossMarks, cpus, buffers };
}

describe('the log that is written', () => {
  it.each(SEEDS)('seed %i: an event and a stack for each', (seed) => {
    const truth = truthOf(seed);
    const { counts, cpus, buffers } = walk(writePoolEtl(truth));
    const pool = [32, 33, 34, 35].map((opcode) => counts.get(`14/${opcode}`) ?? 0);
    expect(pool[0] + pool[1]).toBe(count(truth.events, 'alloc'));
    expect(pool[2] + pool[3]).toBe(count(truth.events, 'free'));
    expect(counts.get('24/32')).toBe(truth.events.length);
    expect(buffers).toBeGreaterThan(5);
    expect(cpus.size).toBeGreaterThan(1);
  });

  it('by stack keys, or without stacks, or with losses', () => {
    const keys = walk(writePoolEtl(truthOf(5), { stacks: 'keys', nativeLog: true })).counts;
    expect(keys.get('24/37')).toBe(truthOf(5).events.length);
    expect(keys.get('24/35')).toBeGreaterThan(0);
    expect(keys.get('24/36')).toBeGreaterThan(0);
    const bare = walk(writePoolEtl(simulatePool(5, { noStacks: true }))).counts;
    expect(bare.has('24/32')).toBe(false);
    const ofAllocs = simulatePool(5, { noFreeStacks: true });
    expect(walk(writePoolEtl(ofAllocs)).counts.get('24/32')).toBe(count(ofAllocs.written, 'alloc'));
    const truth = simulatePool(5, { lost: true });
    const lost = walk(writePoolEtl(truth));
    expect(lost.lossMarks).toBeGreaterThanOrEqual(1);
    expect(sum([32, 33, 34, 35].map((opcode) => lost.counts.get(`14/${opcode}`) ?? 0))).toBe(truth.written.length);
  });
});

describe('the text that is written', () => {
  it.each(SEEDS)('seed %i: dumper rows, each with its stack', (seed) => {
    const truth = truthOf(seed);
    const text = poolDumper(truth);
    const rows = text.slice(text.indexOf('EndHeader'));
    expect(hits(rows, /^ +PoolAlloc(Session)?, +\d/gm)).toBe(count(truth.written, 'alloc'));
    expect(hits(rows, /^ +PoolFree(Session)?, +\d/gm)).toBe(count(truth.written, 'free'));
    expect(hits(rows, /^ +Stack, +\d+, +\d+, +\d+, 0x[0-9a-f]{16}, +[^ !]+![^ !]+\r$/gm)).toBe(framesOf(truth));
    expect(hits(rows, /^ +T-DCStart,/gm)).toBe(sum(truth.processes.map(({ threads }) => threads.length)));
  });

  it('dumper text tells of losses, and of addresses where there are no symbols', () => {
    const truth = simulatePool(2, { lost: true, noStacks: true });
    expect(poolDumper(truth)).toMatch(/Events Lost: [1-9]\d*, Buffers lost: [1-9]/);
    expect(poolDumper(truth)).not.toMatch(/^ +Stack, +\d/m);
    expect(poolDumper(truthOf(2), { symbols: false })).toContain('ntoskrnl.exe!0xfffff802');
  });

  it.each(SEEDS)('seed %i: rows of WPA, one for each block', (seed) => {
    const truth = truthOf(seed);
    const { blocks } = booksOf(truth.written);
    const lines = poolWpa(truth).toString('utf8').trimEnd().split('\r\n');
    expect(lines).toHaveLength(blocks.length + 1);
    const aifo = blocks.filter(({ alloc, free }) => alloc !== null && free === null);
    expect(lines.filter((line) => line.startsWith('AIFO,'))).toHaveLength(aifo.length);
    expect(lines.filter((line) => line.startsWith('AOFI,'))).toHaveLength(
      blocks.filter((b) => b.alloc === null).length,
    );
    expect(lines[0]).toBe(
      '\uFEFFType,Paged,Pool Tag,Alloc Stack,Alloc Time (s),Free Time (s),Process,Thread ID,Address,Count,Size (B)',
    );
    const german = poolWpa(truth, { locale: 'de' }).toString('utf16le').trimEnd().split('\r\n');
    expect(german.every((line) => line.split(';').length === 11)).toBe(true);
    expect(german.filter((line) => /;\d+,\d{9};/.test(line))).toHaveLength(blocks.length);
  });

  it.each(SEEDS)('seed %i: rows of tracerpt', (seed) => {
    const truth = truthOf(seed);
    const text = poolTracerpt(truth);
    expect(hits(text, /^ +PoolTrace, +Alloc(Session)?,/gm)).toBe(count(truth.written, 'alloc'));
    expect(hits(text, /^ +PoolTrace, +Free(Session)?,/gm)).toBe(count(truth.written, 'free'));
    expect(hits(text, /^ +StackWalk, +Stack,/gm)).toBe(truth.written.length);
    expect(hits(text, /^ *EventTrace, +Header,/gm)).toBe(1);
  });
});

describe('the snapshots that are written', () => {
  it.each(SEEDS)('seed %i: counters grow with the events, and are those of the whole trace at its end', (seed) => {
    const truth = truthOf(seed);
    const [first, middle, last] = countersAt(truth, momentsOf(truth, 3));
    expect(first).toEqual(truth.population.map((tag) => ({ ...tag })));
    const counted = (at: typeof last, of: 'allocs' | 'frees'): number => sum(at.map((tag) => tag[of]));
    expect(counted(last, 'allocs') - counted(first, 'allocs')).toBe(count(truth.events, 'alloc'));
    const frees = count(truth.events, 'free') - truth.doubleFrees.length;
    expect(counted(last, 'frees') - counted(first, 'frees')).toBe(frees);
    expect(counted(middle, 'allocs')).toBeLessThan(counted(last, 'allocs'));
    expect([...middle, ...last].every(({ allocs, frees: n, bytes }) => allocs >= n && bytes >= 0)).toBe(true);
  });

  it.each(['screen', 'snapshot'] as const)('poolmon, as %s', (layout) => {
    const truth = truthOf(4);
    const screens = poolmonScreens(truth, { snapshots: 5, layout });
    expect(screens).toHaveLength(5);
    for (const screen of screens) expect(hits(screen, /^ .{4} (Nonp |Paged)/gm)).toBe(truth.population.length);
    const [leak] = truth.scenarios;
    const diffs = screens.map((screen) => {
      const row = screen.split('\r\n').find((line) => line.startsWith(` ${leak.tag} ${leak.paged ? 'Paged' : 'Nonp'}`));
      return Number(
        row
          ?.replace(/\(.*?\)/g, ' ')
          .slice(11)
          .trim()
          .split(/ +/)[2],
      );
    });
    expect(diffs[4]).toBeGreaterThan(diffs[0]);
  });

  it.each(['old', 'new'] as const)('!poolused, %s layout', (layout) => {
    const truth = truthOf(4);
    const log = poolusedLog(truth, { snapshots: 4, layout });
    expect(hits(log, /^0: kd> !poolused/gm)).toBe(4);
    expect(hits(log, /^Debug session time: \w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d\.\d{3} \d{4} \(UTC \+ 1:00\)\r$/gm)).toBe(
      4,
    );
    const last = log.slice(log.lastIndexOf('!poolused'));
    const rows = [...last.matchAll(/^ (?!TOTAL).{4} +(\d+) +(\d+) +(\d+) +(\d+)/gm)].map((m) => m.slice(1).map(Number));
    const total = (/TOTAL +(\d+) +(\d+) +(\d+) +(\d+)/.exec(last) ?? []).slice(1).map(Number);
    expect(total).toEqual([0, 1, 2, 3].map((i) => sum(rows.map((row) => row[i]))));
    const bytes = countersAt(truth, [truth.lengthUs])[0];
    expect(total[1] + total[3]).toBe(sum(bytes.map((tag) => tag.bytes)));
  });

  it('!poolused says when, in a zone an hour ahead of UTC', () => {
    const truth = truthOf(1);
    const at = new Date(snapshotMs(truth, 0) + 3_600_000).toISOString();
    expect(poolusedLog(truth)).toContain(` ${at.slice(11, 23)} ${at.slice(0, 4)} (UTC + 1:00)`);
  });

  it.each(['old', 'new'] as const)(
    '!verifier, %s layout: the blocks that are left, and how one was allocated',
    (layout) => {
      for (const seed of SEEDS) {
        const truth = truthOf(seed);
        const leak = truth.scenarios[0].leak;
        const blocks = verifierBlocks(truth, leak?.module ?? '');
        const log = verifierLog(truth, { layout });
        const addresses = [...log.matchAll(/^ *(?:0x)?([0-9a-f]{16}) +0x[0-9a-f]{8} /gm)].map(([, hex]) =>
          BigInt(`0x${hex}`),
        );
        expect(addresses).toEqual(blocks.map(({ address }) => address));
        const shown = BigInt(`0x${/!verifier 80 ([0-9a-f]{16})/.exec(log)?.[1]}`);
        expect(blocks.find(({ address }) => address === shown)?.alloc?.stack).toBe(leak?.stack);
        expect(log.slice(log.indexOf('Pool block'))).toContain(`!${leak?.fn}+0x`);
      }
    },
  );
});
