/** Which of the processes that wait for each other stood still first, in the sentence that an engineer needs. */
import type { Case } from './case.js';
import { isBlocked } from './chains.js';
import { isIdle } from './idle.js';
import type { Process, Thread } from './model.js';
import { waitText } from './patterns/pattern.js';
import { stackWait } from './waits.js';

/** As many sentences as are told. */
const MOST = 8;

export interface BlockedFirst {
  readonly statement: string;
  readonly early: Thread;
  readonly late: Thread;
}

export function blockedFirst(all: Case): BlockedFirst[] {
  const found: BlockedFirst[] = [];
  for (const threads of coupled(all)) {
    const first = firstOfEach(threads);
    for (let i = 1; i < first.length && found.length < MOST; i++) found.push(sentence(first[i - 1], first[i], all));
  }
  return found;
}

/** Threads that wait for each other in any way, and those of processes that such a wait ends in; the largest group first. */
function coupled(all: Case): Thread[][] {
  const { graph, model } = all;
  const seen = new Set<string>();
  const groups: Thread[][] = [];
  for (const node of graph.out.keys()) {
    if (seen.has(node) || node === 'unknown') continue;
    const nodes = connected(all, node, seen);
    const threads = new Set(nodes.map((id) => model.threads.get(id)).filter((thread) => thread !== undefined));
    for (const id of nodes) if (id.startsWith('process:')) for (const thread of ofProcess(all, id)) threads.add(thread);
    groups.push(
      [...threads].filter(
        (thread) => isBlocked(thread) && thread.waitMs !== null && !isIdle(thread, all) && !isListening(thread),
      ),
    );
  }
  return groups.sort((a, b) => b.length - a.length);
}

/** Waits for new work, even where somebody waits for it. */
const isListening = ({ frames }: Thread): boolean => stackWait(frames)?.kind === 'idle';

function connected({ graph }: Case, start: string, seen: Set<string>): string[] {
  const nodes: string[] = [];
  const todo = [start];
  seen.add(start);
  for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
    nodes.push(node);
    const next = [
      ...(graph.out.get(node) ?? []).map(({ to }) => to),
      ...(graph.into.get(node) ?? []).map(({ from }) => from),
    ];
    for (const one of next) {
      // What is unknown, a driver or a server joins threads that need have nothing to do with each other.
      if (seen.has(one) || /^(?:unknown|driver:|remote:)/.test(one)) continue;
      seen.add(one);
      todo.push(one);
    }
  }
  return nodes;
}

const ofProcess = ({ model }: Case, node: string): readonly Thread[] =>
  model.threadsOf(model.processAt(BigInt(node.slice('process:'.length))));

/** The longest wait of each process, the longest first. */
function firstOfEach(threads: readonly Thread[]): Thread[] {
  const first = new Map<Process, Thread>();
  for (const thread of threads) {
    if (thread.process?.image == null) continue;
    const known = first.get(thread.process);
    if (known === undefined || (known.waitMs ?? 0) < (thread.waitMs ?? 0)) first.set(thread.process, thread);
  }
  return [...first.values()].sort((a, b) => (b.waitMs ?? 0) - (a.waitMs ?? 0));
}

function sentence(early: Thread, late: Thread, { model, clock }: Case): BlockedFirst {
  const name = ({ process }: Thread): string => {
    const isAlone = model.processes.filter(({ image }) => image === process?.image).length < 2;
    const pid = process?.pid ?? null;
    return isAlone || pid === null ? (process?.image ?? '') : `${process?.image} (PID ${pid})`;
  };
  const ms = (early.waitMs ?? 0) - (late.waitMs ?? 0);
  const seconds = ms / 1000;
  // Waits are counted in ticks: which of two in one tick came first, nobody knows.
  const statement =
    ms < (clock.tickMs ?? 0) / 2 || ms === 0
      ? `${name(early)} and ${name(late)} blocked at the same time (${early.id} and ${late.id}, ${waitText(early.waitMs)} before the dump)`
      : `${name(early)} blocked ${spanText(seconds)} before ${name(late)} (${early.id} for ${waitText(early.waitMs)}, ${late.id} for ${waitText(late.waitMs)})`;
  return { statement, early, late };
}

/** `16 ms`, `13.0 s`, `9:10:48.891` */
const spanText = (seconds: number): string =>
  seconds < 1
    ? `${Math.round(seconds * 1000)} ms`
    : seconds < 600
      ? `${seconds.toFixed(1)} s`
      : waitText(seconds * 1000);
