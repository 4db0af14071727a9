import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generateDump } from '../bench/generate-dump.js';
import {
  type Address,
  DAMAGES,
  type DumpEdge,
  type DumpThread,
  type DumpTruth,
  damaged,
  GENERATIONS,
  type Generation,
  randomDump,
} from './generate/dump/index.js';
import { scratch } from './support/scratch.js';

const SEEDS = Array.from({ length: 60 }, (_, i) => i + 1);
const cases = GENERATIONS.flatMap((generation) =>
  SEEDS.map((seed) => ({ generation, seed, ...randomDump(seed, generation) })),
);
const of = (generation: Generation) => cases.filter((one) => one.generation === generation);

const digits = (truth: DumpTruth, address: Address): string => address.slice(2).padStart(truth.pointerBytes * 2, '0');
const linesOf = (log: string): string[] => log.split('\r\n');
const threadAt = (truth: DumpTruth, address: string): DumpThread | undefined =>
  truth.threads.find((thread) => thread.address === address);
const edgesFrom = (truth: DumpTruth, address: string): DumpEdge[] => truth.edges.filter(({ from }) => from === address);

/** All nodes that can be reached by at least one edge, the plainest way. */
function reached(truth: DumpTruth, from: string): Set<string> {
  const found = new Set<string>();
  const open = [from];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const { to } of edgesFrom(truth, node)) {
      if (found.has(to)) continue;
      found.add(to);
      open.push(to);
    }
  }
  return found;
}

/** The lines of every block of a thread, in the process list or elsewhere. */
function blocksOf(truth: DumpTruth, log: string, { address }: DumpThread): string[][] {
  const lines = linesOf(log);
  const starts = lines.flatMap((line, i) =>
    line.trimStart().startsWith(`THREAD ${digits(truth, address)} `) ? [i] : [],
  );
  return starts.map((start) => {
    const end = lines.findIndex((line, i) => i > start && line === '');
    return lines.slice(start, end);
  });
}

/** Not the first line alone, as !ready prints it. */
const isWhole = (block: readonly string[]): boolean => block.some((line) => line.includes('Owning Process'));

describe('a made-up dump', () => {
  it('is the same each time, and differs by seed and by generation', () => {
    for (const generation of GENERATIONS) {
      expect(randomDump(7, generation)).toEqual(randomDump(7, generation));
      expect(randomDump(7, generation).log).not.toBe(randomDump(8, generation).log);
    }
    expect(new Set(GENERATIONS.map((generation) => randomDump(7, generation).log)).size).toBe(GENERATIONS.length);
  });

  it('has 5 to 40 threads in 3 to 10 processes, each identity once', () => {
    for (const { truth } of cases) {
      const { threads, processes, locks, messages, irps } = truth;
      expect(threads.length).toBeGreaterThanOrEqual(5);
      expect(threads.length).toBeLessThanOrEqual(44);
      expect(processes.length).toBeGreaterThanOrEqual(3);
      expect(processes.length).toBeLessThanOrEqual(10);
      const kernelLocks = locks.filter(({ kind }) => kind !== 'critical-section');
      const addresses = [...threads, ...processes, ...kernelLocks, ...irps].map(({ address }) => address);
      expect(new Set(addresses).size).toBe(addresses.length);
      expect(new Set(threads.map(({ tid }) => tid)).size).toBe(threads.length);
      expect(new Set(messages.map(({ id, address }) => address ?? id)).size).toBe(messages.length);
      const sections = locks.filter(({ kind }) => kind === 'critical-section');
      expect(new Set(sections.map(({ process, address }) => `${process} ${address}`)).size).toBe(sections.length);
    }
  });

  it('lets only printed threads that wait have edges, to threads and nodes that there are', () => {
    for (const { truth } of cases) {
      const processes = new Set(truth.processes.map(({ address }) => `process:${address}`));
      for (const { from, to, object } of truth.edges) {
        expect(threadAt(truth, from)).toMatchObject({ isPrinted: true, state: 'WAIT' });
        if (to.startsWith('0x')) expect(threadAt(truth, to)?.isIdle).toBe(false);
        else expect(processes.has(to) || /^(?:unknown$|driver:\\|remote:\\\\\w)/.test(to)).toBe(true);
        expect(object).toMatch(/^0x[1-9a-f][0-9a-f]*$/);
      }
    }
  });

  it('has an edge from every waiter of a lock to every owner, and every lock has an owner', () => {
    for (const { truth } of cases) {
      for (const lock of truth.locks) {
        expect(lock.owners.length > 0).toBe(lock.kind !== 'push-lock');
        if (lock.isExclusive) expect(lock.owners.length).toBeLessThanOrEqual(1);
        else expect(lock.sharedWaiters).toEqual([]);
        for (const waiter of [...lock.sharedWaiters, ...lock.exclusiveWaiters]) {
          expect(lock.owners).not.toContain(waiter);
          const edges = edgesFrom(truth, waiter);
          expect(edges.every(({ object, kind }) => object === lock.address && kind === lock.kind)).toBe(true);
          expect(edges.length).toBe(Math.max(1, lock.owners.length));
        }
        if (lock.kind !== 'critical-section') continue;
        const parties = [...lock.owners, ...lock.exclusiveWaiters].map((address) => threadAt(truth, address)?.process);
        expect(new Set(parties)).toEqual(new Set([lock.process]));
      }
    }
  });

  it('has threads that work on one message at a time', () => {
    for (const { truth } of cases) {
      const servers = truth.messages.flatMap(({ server }) => (server === null ? [] : [server]));
      expect(new Set(servers).size).toBe(servers.length);
      for (const { client, server, serverProcess } of truth.messages) {
        expect(edgesFrom(truth, client).map(({ to }) => to)).toEqual([server ?? `process:${serverProcess}`]);
        if (server !== null) expect(threadAt(truth, server)?.process).toBe(serverProcess);
      }
    }
  });

  it('calls those threads deadlocked that wait for themselves, ring by ring', () => {
    for (const { truth } of cases) {
      const inRings = truth.cycles.flatMap(({ threads }) => threads);
      expect(new Set(inRings).size).toBe(inRings.length);
      const own = truth.threads.filter(({ address }) => reached(truth, address).has(address));
      expect(new Set(inRings)).toEqual(new Set(own.map(({ address }) => address)));
      for (const { threads, isCertain } of truth.cycles) {
        const links = threads.map((thread, i) =>
          edgesFrom(truth, thread).find(({ to }) => to === threads[(i + 1) % threads.length]),
        );
        expect(links).not.toContain(undefined);
        expect(isCertain).toBe(links.every((link) => link?.certain));
        for (const thread of threads) {
          const others = own.filter(
            ({ address }) => reached(truth, thread).has(address) && reached(truth, address).has(thread),
          );
          expect(new Set(others.map(({ address }) => address))).toEqual(new Set(threads));
        }
      }
    }
  });

  it('ends chains where no edge goes on', () => {
    for (const { truth } of cases) {
      const rings = new Set<string>(truth.cycles.flatMap(({ threads }) => threads));
      expect(new Set(truth.roots.keys())).toEqual(new Set(truth.edges.map(({ from }) => from)));
      for (const [thread, roots] of truth.roots) {
        const nodes = reached(truth, thread);
        const ends = [...nodes].filter((node) => edgesFrom(truth, node).length === 0);
        const plain = roots.filter(({ why }) => why !== 'deadlock').map(({ node }) => node);
        expect(new Set(plain)).toEqual(new Set(ends));
        expect(roots.some(({ why }) => why === 'deadlock')).toBe([...nodes].some((node) => rings.has(node)));
        for (const { node, why } of roots) if (why === 'deadlock') expect(rings.has(node)).toBe(true);
      }
      for (const { threads, root } of truth.chains) {
        expect(truth.edges.some(({ to }) => to === threads[0])).toBe(false);
        expect(new Set(threads).size).toBe(threads.length);
        threads.slice(1).forEach((thread, i) => {
          expect(edgesFrom(truth, threads[i]).some(({ to }) => to === thread)).toBe(true);
        });
        const last = threads[threads.length - 1];
        expect(last === root.node || edgesFrom(truth, last).some(({ to }) => to === root.node)).toBe(true);
      }
    }
  });

  it('says why as the state of the thread at the end says', () => {
    const states = { starved: 'READY', terminated: 'TERMINATED', sleep: 'WAIT', 'message-box': 'WAIT' } as const;
    for (const { truth } of cases) {
      for (const { node, why } of [...truth.roots.values()].flat()) {
        const thread = threadAt(truth, node);
        if (why === 'missing-thread') expect(thread?.isPrinted ?? false).toBe(false);
        if (why === 'driver' || why === 'remote') expect(node.startsWith(`${why}:`)).toBe(true);
        if (why in states) expect(thread?.state).toBe(states[why as keyof typeof states]);
      }
    }
  });

  it('is ordered by how long threads wait, those of unknown duration last', () => {
    for (const { truth } of cases) {
      const ticks = truth.order.map(({ waitTicks }) => waitTicks ?? -1);
      expect(ticks).toEqual([...ticks].sort((a, b) => b - a));
      const waiting = truth.threads.filter(({ state, isPrinted }) => state === 'WAIT' && isPrinted);
      expect(truth.order.length).toBe(waiting.length);
    }
  });

  it('has, over the seeds, every kind of edge, end and ring, and chains of up to 6 hops', () => {
    for (const generation of GENERATIONS) {
      const truths = of(generation).map(({ truth }) => truth);
      const kinds = new Set(truths.flatMap(({ edges }) => edges.map(({ kind }) => kind)));
      const message = generation === 'win10' ? 'alpc' : 'lpc';
      const expected = [message, 'critical-section', 'mutant', 'eresource', 'fast-mutex', 'process', 'thread', 'irp'];
      expect([...kinds].sort()).toEqual([...expected, ...(generation === 'xp' ? [] : ['push-lock'])].sort());
      const whys = new Set(truths.flatMap(({ roots }) => [...roots.values()].flat().map(({ why }) => why)));
      expect(whys.size).toBe(9);
      const sizes = new Set(truths.flatMap(({ cycles }) => cycles.map(({ threads }) => threads.length)));
      expect([...sizes].sort()).toEqual([2, 3, 4, 5]);
      expect(Math.max(...truths.map(({ cycles }) => cycles.length))).toBe(3);
      const chains = truths.flatMap((truth) => truth.chains);
      expect(Math.max(...chains.map(({ threads }) => threads.length))).toBeGreaterThanOrEqual(6);
      expect(truths.some(({ locks }) => locks.some(({ owners }) => owners.length > 1))).toBe(true);
      expect(truths.some(({ locks }) => locks.some((lock) => lock.exclusiveWaiters.length > 4))).toBe(true);
    }
    const sources = new Set(cases.flatMap(({ truth }) => truth.edges.map(({ source }) => source)));
    expect(sources.size).toBe(14);
  });
});

describe('the log of it', () => {
  it('has a block of every thread that is said to be printed, with its identity, and of no other', () => {
    for (const { truth, log } of cases) {
      for (const thread of truth.threads) {
        const blocks = blocksOf(truth, log, thread);
        expect(blocks.length > 0).toBe(thread.isPrinted);
        if (!thread.isPrinted)
          expect(thread).toMatchObject({ state: null, waitTicks: null, waitObjects: [], frames: [] });
        const cid = `Cid ${thread.pid.toString(16).padStart(4, '0')}.${thread.tid.toString(16).padStart(4, '0')}`;
        for (const [head] of blocks) expect(head).toContain(cid);
        for (const block of blocks.filter(isWhole)) {
          expect(block.join('\n')).toContain(thread.image);
          expect(block.join('\n')).toContain(digits(truth, thread.process));
        }
      }
    }
  });

  it('has one clock: a wait began Ticks before now, or behind now without Ticks', () => {
    for (const { truth, log } of cases) {
      for (const [, start, rest] of log.matchAll(/Wait Start TickCount +(\d+)([^\r]*)/g)) {
        const ticks = /Ticks: (\d+)/.exec(rest);
        if (ticks === null) expect(Number(start)).toBeGreaterThan(truth.nowTicks);
        else expect(Number(start) + Number(ticks[1])).toBe(truth.nowTicks);
      }
      for (const thread of truth.threads.filter(({ isPrinted }) => isPrinted)) {
        const [block] = blocksOf(truth, log, thread).filter(isWhole);
        const shown = /Wait Start TickCount +(\d+)(?: +Ticks: (\d+))?/.exec(block.join('\n'));
        expect(Number(shown?.[1])).toBe(thread.waitStartTicks);
        expect(shown?.[2] === undefined ? null : Number(shown[2])).toBe(thread.waitTicks);
      }
    }
  });

  it('names every lock with waiters, its owner and its kind of waiting', () => {
    for (const { truth, log: ticked } of cases) {
      const log = ticked.replaceAll('`', '');
      for (const lock of truth.locks) {
        if (lock.kind === 'push-lock') continue;
        expect(log).toContain(digits(truth, lock.address));
        const [owner] = lock.owners;
        const tid = threadAt(truth, owner)?.tid ?? 0;
        const byId = lock.shownBy === 'list' || lock.shownBy === 'dt';
        expect(log).toContain(
          byId ? `0x${tid.toString(16).padStart(truth.pointerBytes * 2, '0')}` : digits(truth, owner),
        );
      }
    }
  });

  it('shows on x86 the section of a waiter as the first argument of RtlEnterCriticalSection', () => {
    for (const { truth, log } of cases.filter(({ generation }) => generation !== 'win10')) {
      for (const { from, object } of truth.edges.filter(({ kind }) => kind === 'critical-section')) {
        const thread = threadAt(truth, from) as DumpThread;
        const frame = thread.frames.find(({ symbol }) => symbol === 'ntdll!RtlEnterCriticalSection');
        const sp = frame?.sp.toString(16).padStart(8, '0');
        const shown = linesOf(log).filter((line) => line.trimStart().startsWith(`${sp} `));
        expect(shown.some((line) => line.includes(` ${digits(truth, object)} `))).toBe(true);
      }
    }
  });

  it('leaves on x64 one section that a waiter can wait for', () => {
    for (const { truth } of of('win10')) {
      for (const { from, object, certain, source } of truth.edges.filter(({ kind }) => kind === 'critical-section')) {
        const { process } = threadAt(truth, from) as DumpThread;
        const contended = truth.locks.filter((lock) => lock.process === process && lock.exclusiveWaiters.length > 0);
        const others = contended.filter(({ owners }) => !owners.includes(from));
        expect(others.map(({ address }) => address)).toEqual([object]);
        expect(certain).toBe(false);
        expect(source).toBe(contended.length === 1 ? 'only-contended' : 'only-other-contended');
      }
    }
  });

  it('says of LPC servers which message they work on wherever !lpc message was not asked for', () => {
    for (const { truth, log } of cases.filter(({ generation }) => generation !== 'win10')) {
      for (const { id, client, server, isShown } of truth.messages) {
        expect(log).toContain(`Waiting for reply to LPC MessageId ${id.toString(16).padStart(8, '0')}:`);
        expect(log.includes(`Client thread ${digits(truth, client)} waiting a reply from ${id.toString(16)} `)).toBe(
          isShown,
        );
        if (!isShown) expect(threadAt(truth, server as string)?.workingOn).toBe(id);
      }
      const live = new Set(truth.messages.map((message) => message.id));
      for (const { workingOn, address } of truth.threads) {
        if (workingOn === null || !live.has(workingOn)) continue;
        expect(truth.messages.find(({ id }) => id === workingOn)?.server).toBe(address);
      }
    }
  });

  it('shows raw lock counts of Server 2003 from which the waiters follow', () => {
    const raw = of('2003').flatMap(({ truth, log }) =>
      [
        ...log.matchAll(
          /CriticalSection +: 0x([0-9a-f]{8})[\s\S]{1,400}?LockCount +: (-?\d+)[\s\S]{1,120}?OwningThread +: 0x([0-9a-f]+)/g,
        ),
      ].map(([, address, count, tid]) => ({ truth, address, count: Number(count), tid: Number.parseInt(tid, 16) })),
    );
    expect(raw.length).toBeGreaterThan(5);
    for (const { truth, address, count, tid } of raw) {
      const lock = truth.locks.find(
        (one) => digits(truth, one.address) === address && threadAt(truth, one.owners[0])?.tid === tid,
      );
      expect(lock).toBeDefined();
      expect(count & 1).toBe(0);
      expect(~count >> 2).toBe(lock?.exclusiveWaiters.length);
    }
  });
});

describe('damage', () => {
  const { log } = randomDump(3, '2003');

  it('is the same each time, of every kind, and of the kinds asked for', () => {
    expect(damaged(log, 5)).toEqual(damaged(log, 5));
    expect(damaged(log, 5).log).not.toBe(damaged(log, 6).log);
    const kinds = new Set(SEEDS.flatMap((seed) => damaged(log, seed, { count: 10 }).done.map(({ kind }) => kind)));
    expect([...kinds].sort()).toEqual([...DAMAGES].sort());
    expect(damaged(log, 5, { count: 0 })).toEqual({ log, removed: [], done: [] });
    for (const kind of DAMAGES) {
      const { done, log: broken } = damaged(log, 1, { count: 3, kinds: [kind] });
      expect(done.map((one) => one.kind)).toEqual(done.map(() => kind));
      expect(done.length > 0).toBe(broken !== log);
    }
  });

  it('takes lines away only by cuts, and says which', () => {
    const kinds = DAMAGES.filter((kind) => kind !== 'cut');
    for (const seed of SEEDS) {
      expect(damaged(log, seed, { count: 20, kinds }).removed).toEqual([]);
      const { log: cut, removed } = damaged(log, seed, { count: 8, kinds: ['cut'] });
      const lines = linesOf(log);
      for (const { line, text } of removed) expect(lines[line - 1]).toBe(text);
      const gone = new Set(removed.map(({ line }) => line));
      const left = lines.filter((line, i) => line !== '' && !gone.has(i + 1));
      expect(linesOf(cut).filter((line) => line !== '' && !/^(?:\[(?:…|\.{2,3})\]|…)$/.test(line))).toEqual(left);
    }
  });

  it('can be undone where nothing but spelling changed', () => {
    for (const seed of SEEDS) {
      const hard = damaged(log, seed, { count: 5, kinds: ['hard-blanks', 'times-signs'] }).log;
      expect(hard.replaceAll('\u00a0', ' ').replaceAll('0×', '0x')).toBe(log);
      const blank = damaged(log, seed, { count: 5, kinds: ['blank-lines'] }).log;
      expect(linesOf(blank).filter((line) => line !== '')).toEqual(linesOf(log).filter((line) => line !== ''));
    }
  });
});

describe('the big log', () => {
  const { folder } = scratch('big-dump');

  it('has about 4 KB a thread, chains and deadlocks, and a few hundred stacks', () => {
    const path = join(folder, 'dump.log');
    const figures = generateDump(path, 2000);
    const log = readFileSync(path, 'latin1');
    expect(figures.bytes).toBe(statSync(path).size);
    expect(figures.bytes / 2000).toBeGreaterThan(3600);
    expect(figures.bytes / 2000).toBeLessThan(4400);
    expect(figures.lines).toBe(log.split('\r\n').length - 1);
    expect(log.match(/^ +THREAD /gm)?.length).toBe(2000);
    expect(log.match(/^PROCESS /gm)?.length).toBe(figures.processes);
    expect(log.match(/Waiting for reply to ALPC Message/g)?.length).toBe(40);
    expect(log.match(/ServerThread/g)?.length).toBe(40);
    expect(log.match(/^Resource @ /gm)?.length).toBe(40 + figures.deadlocks);
    expect(figures).toMatchObject({ threads: 2000, processes: 40, deadlocks: 1, waiters: 40 * 5 + 1 });
    expect(figures.stacks).toBeGreaterThan(250);
    for (const [, start, ticks] of log.matchAll(/Wait Start TickCount +(\d+) +Ticks: (\d+)/g))
      expect(Number(start) + Number(ticks)).toBe(9_000_000);
    expect(generateDump(path, 2000)).toEqual(figures);
  });
});
