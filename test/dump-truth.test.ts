import { describe, expect, it } from 'vitest';
import type { DumpResult } from '../src/index.js';
import { type DumpTruth, damaged, GENERATIONS, randomDump } from './generate/dump/index.js';
import { dumpOf } from './support/dump.js';

const SEEDS = Number(process.env.TRACEKIT_DUMP_SEEDS ?? 334);

type Edge = { from: string; to: string; kind: string; object: string | null; certain: boolean };
/**
 * The truth writes `unknown` where the log shows no thread; the answer has `tid:…` where it knows the id at least. Push locks know no
 * owner, and which one it is only some stacks show.
 */
function edgeText({ from, to, kind, object, certain }: Edge): string {
  const end = to.startsWith('tid:') ? 'unknown' : to;
  if (kind === 'push-lock') return `${from} ${kind} ${end}`;
  return `${from} ${kind} ${object} ${end} ${certain ? 'certain' : 'inferred'}`;
}
const ringText = (threads: readonly string[]): string => [...threads].sort().join(' ');

/** A process cannot end whose thread waits for the one that waits for that end: a ring that the truth, which knows threads only, has not. */
const isRing = ({ kind, to }: Edge): boolean => kind === 'process' && to.startsWith('0x');

/** Edges of threads; those of locks whose waiters are not shown begin at `unknown`. */
const foundEdges = ({ waitEdges }: DumpResult): string[] =>
  waitEdges
    .filter((edge) => edge.from !== 'unknown' && !isRing(edge))
    .map(edgeText)
    .sort();

function rootsOf({ chains }: DumpResult): Map<string, Set<string>> {
  const roots = new Map<string, Set<string>>();
  for (const { threads, root } of chains) {
    const known = roots.get(threads[0]) ?? new Set();
    const why = root.isDeadlock ? 'deadlock' : root.why;
    // The truth names what the last thread waits for, the answer the thread and that beside it.
    for (const node of [root.node, root.waitsFor, 'unknown']) if (node !== null) known.add(`${node} ${why}`);
    roots.set(threads[0], known);
  }
  return roots;
}

/** Everything in which an answer differs from the truth, in words. */
function differences(truth: DumpTruth, result: DumpResult): string[] {
  const found: string[] = [];
  const compare = (what: string, actual: readonly string[], expected: readonly string[]): void => {
    const [have, want] = [new Set(actual), new Set(expected)];
    for (const one of want) if (!have.has(one)) found.push(`${what} missing: ${one}`);
    for (const one of have) if (!want.has(one)) found.push(`${what} wrong: ${one}`);
  };
  compare('edge', foundEdges(result), truth.edges.map(edgeText));
  const rings = result.waitEdges.filter(isRing);
  if (rings.length > 0) {
    for (const { to, object } of rings) {
      const process = truth.threads.find(({ address }) => address === to)?.process;
      if (process !== object) found.push(`ring: ${to} is of ${process}, not ${object}`);
    }
    return found;
  }
  compare(
    'deadlock',
    result.deadlocks.map(({ threads }) => ringText(threads)),
    truth.cycles.map(({ threads }) => ringText(threads)),
  );
  const roots = rootsOf(result);
  for (const { threads, root } of truth.chains) {
    const known = [...(roots.get(threads[0]) ?? [])];
    // A thread that waits for an event inside a driver is held up by the driver, as far as its stack tells.
    const whys = root.why === 'unknown' ? ['unknown', 'driver'] : [root.why];
    const isFound = known.some((one) =>
      root.isFirm ? whys.some((why) => one === `${root.node} ${why}`) : one.startsWith(`${root.node} `),
    );
    if (!isFound) found.push(`root of ${threads[0]}: ${root.node} ${root.why}, not ${known.join(', ')}`);
  }
  const waits = new Map(truth.threads.map(({ address, waitTicks }) => [address as string, waitTicks]));
  const order = result.order.map(({ thread }) => waits.get(thread) ?? null);
  for (let i = 1; i < order.length; i++) {
    if ((order[i - 1] ?? -1) < (order[i] ?? -1)) found.push(`order: ${order[i - 1]} ticks before ${order[i]}`);
  }
  const listed = new Set(result.order.map(({ thread }) => thread));
  const mustWait = truth.threads.filter((t) => t.isPrinted && t.state === 'WAIT' && !t.isIdle);
  for (const { address } of mustWait) if (!listed.has(address)) found.push(`order: ${address} is missing`);
  if (result.system.nowTicks !== truth.nowTicks) found.push(`now: ${result.system.nowTicks}, not ${truth.nowTicks}`);
  return found;
}

describe.each(GENERATIONS)('random wait graphs as logs of %s', (generation) => {
  it(`come out as they went in, over ${SEEDS} seeds`, async () => {
    const wrong: string[] = [];
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { truth, log } = randomDump(seed, generation);
      const { result, diagnostics } = await dumpOf(log);
      for (const { code } of diagnostics) if (code === 'analysis-failed') wrong.push(`seed ${seed}: ${code}`);
      for (const one of differences(truth, result)) wrong.push(`seed ${seed}: ${one}`);
      if (wrong.length > 40) break;
    }
    expect(wrong).toEqual([]);
  }, 600_000);

  it(`never give a wrong certain edge after damage, over ${SEEDS} seeds`, async () => {
    const wrong: string[] = [];
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { truth, log } = randomDump(seed, generation);
      const { result, diagnostics } = await dumpOf(damaged(log, seed).log);
      for (const { code } of diagnostics) if (code === 'analysis-failed') wrong.push(`seed ${seed}: ${code}`);
      const known = new Set(truth.edges.map(({ from, to, kind }) => `${from} ${kind} ${to}`));
      // Where the owner's block is lost its id is left, from the section.
      const ids = new Map(truth.threads.map(({ address, tid }) => [`tid:${tid}`, address as string]));
      const ends = (to: string): string[] => (to.startsWith('tid:') ? ['unknown', ids.get(to) ?? to] : [to]);
      const processes = new Map(truth.threads.map(({ address, process }) => [address as string, process]));
      for (const { from, to, kind, certain, statement } of result.waitEdges) {
        if (!certain || from === 'unknown' || ends(to).some((end) => known.has(`${from} ${kind} ${end}`))) continue;
        // The server's thread is lost, its process is not.
        const isItsProcess = truth.edges.some(
          (edge) => edge.from === from && edge.kind === kind && to === `process:${processes.get(edge.to)}`,
        );
        // The file's name is lost, that its request is at the redirector is not.
        const isItsDriver =
          kind === 'irp' &&
          to.startsWith('driver:') &&
          truth.edges.some((edge) => edge.from === from && edge.to.startsWith('remote:'));
        if (!isItsProcess && !isItsDriver) wrong.push(`seed ${seed}: ${from} ${kind} ${to}: ${statement}`);
      }
      if (wrong.length > 40) break;
    }
    expect(wrong).toEqual([]);
  }, 600_000);
});
