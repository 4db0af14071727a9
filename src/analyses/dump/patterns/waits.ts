/** Wait chains, deadlocks, and what is coupled by them. */
import { pushTo } from '../../../core/push-to.js';
import type { Case } from '../case.js';
import type { Chain } from '../chains.js';
import type { Edge } from '../edges/edge.js';
import type { DumpPattern, EdgeKind } from '../result.js';
import { counted, type PatternFinder, pattern, someOf, waitText } from './pattern.js';

const CHAIN: Readonly<Partial<Record<EdgeKind, string>>> = {
  lpc: 'LPC/ALPC',
  alpc: 'LPC/ALPC',
  rpc: 'RPC',
  'critical-section': 'critical sections',
  eresource: 'executive resources',
  mutant: 'mutex objects',
  thread: 'thread objects',
  process: 'process objects',
  'push-lock': 'pushlocks',
  'fast-mutex': 'fast mutexes',
  irp: 'I/O requests',
};
const MANY_CHAINS = 20;

export const waitPatterns: PatternFinder = (all) => [
  ...deadlocks(all),
  ...chains(all),
  ...processes(all),
  ...machines(all),
  ...missing(all),
];

function deadlocks(all: Case): DumpPattern[] {
  const { graph } = all;
  return graph.cycles.map((members) => {
    const edges = graph.edgesWithin.get(members) ?? [];
    return pattern(all, {
      name: `Deadlock (${deadlockKind(edges)})`,
      certain: edges.every(({ certain, isOneOfSeveral }) => certain && !isOneOfSeveral),
      statement:
        members.length === 1
          ? `${members[0]} waits for what it holds itself`
          : `${members.length} threads wait for each other: ${someOf(members, 8)}`,
      subjects: members,
      rows: edges.flatMap(({ rows }) => rows.slice(0, 2)),
    });
  });
}

function deadlockKind(edges: readonly Edge[]): string {
  const kinds = [...new Set(edges.map(({ kind }) => kind))];
  if (kinds.length > 1) {
    const user = kinds.every(
      (kind) =>
        kind === 'critical-section' ||
        kind === 'lpc' ||
        kind === 'alpc' ||
        kind === 'thread' ||
        kind === 'mutant' ||
        kind === 'rpc' ||
        kind === 'process',
    );
    return user ? 'mixed objects, user space' : 'mixed objects, kernel space';
  }
  return kinds[0] === 'lpc' || kinds[0] === 'alpc' ? 'LPC' : (CHAIN[kinds[0]] ?? kinds[0]);
}

function chains(all: Case): DumpPattern[] {
  const seen = new Set<string>();
  const found: DumpPattern[] = [];
  for (const chain of all.chains.list) {
    // Victims of one root make one pattern: the most important chain of it stands for all.
    if (chain.threads.length < 2 || seen.has(chain.root.node) || found.length >= MANY_CHAINS) continue;
    seen.add(chain.root.node);
    found.push(
      pattern(all, {
        name: `Wait Chain (${chainKind(chain)})`,
        certain: chain.edges.every(({ certain }) => certain),
        statement: `${counted(chain.waiters, 'thread')} ${chain.waiters === 1 ? 'waits' : 'wait'} for ${chain.root.node}: ${chain.root.statement}`,
        subjects: [...chain.threads],
        rows: chain.edges.flatMap(({ rows }) => rows.slice(0, 1)),
      }),
    );
  }
  return found;
}

function chainKind({ edges }: Chain): string {
  const kinds = [...new Set(edges.map(({ kind }) => CHAIN[kind] ?? 'general'))];
  return kinds.length === 1 ? kinds[0] : 'general';
}

/** Processes that wait for each other's answers. */
function processes(all: Case): DumpPattern[] {
  const pairs = new Map<string, { from: string; to: string; edges: Edge[] }>();
  for (const edge of all.graph.edges) {
    const [from, to] = [imageOf(all, edge.from), imageOf(all, edge.to)];
    if (from === null || to === null || from.key === to.key) continue;
    const key = `${from.key} ${to.key}`;
    const pair = pairs.get(key) ?? { from: from.name, to: to.name, edges: [] };
    pair.edges.push(edge);
    pairs.set(key, pair);
  }
  return [...pairs.values()].slice(0, MANY_CHAINS).map(({ from, to, edges }) =>
    pattern(all, {
      name: 'Coupled Processes (strong)',
      certain: edges.some(({ certain }) => certain),
      statement: `threads of ${from} wait for ${to}: ${someOf([...new Set(edges.map((edge) => edge.from))])}`,
      subjects: [...new Set(edges.flatMap((edge) => [edge.from, edge.to]))].slice(0, 20),
      rows: edges.flatMap(({ rows }) => rows.slice(0, 1)),
    }),
  );
}

function imageOf({ model }: Case, node: string): { key: string; name: string } | null {
  if (node.startsWith('process:')) {
    const process = model.processAt(BigInt(node.slice('process:'.length)));
    return { key: node, name: process?.image ?? node };
  }
  const thread = model.threads.get(node);
  const process = thread?.process ?? null;
  if (process === null || process.address === null) return null;
  return { key: `process:0x${process.address.toString(16)}`, name: process.image ?? thread?.image ?? node };
}

/** Threads that wait for another machine. */
function machines(all: Case): DumpPattern[] {
  const byServer = new Map<string, Edge[]>();
  for (const edge of all.graph.edges) {
    if (edge.to.startsWith('remote:')) pushTo(byServer, edge.to, edge);
  }
  const found = [...byServer].map(([server, edges]) => {
    const waiters = edges.reduce((sum, { from }) => sum + all.chains.waitersOf(from), 0);
    const longest = Math.max(...edges.map(({ from }) => all.model.threads.get(from)?.waitMs ?? -1));
    return pattern(all, {
      name: 'Coupled Machines',
      certain: edges.some(({ certain }) => certain),
      statement: `${someOf(edges.map(({ from }) => from))} ${edges.length === 1 ? 'waits' : 'wait'} for ${server.slice('remote:'.length)}${longest < 0 ? '' : `, the longest ${waitText(longest)}`}; ${counted(waiters, 'thread')} wait for ${edges.length === 1 ? 'it' : 'them'}`,
      subjects: [server, ...edges.map(({ from }) => from)],
      rows: edges.flatMap(({ rows }) => rows.slice(0, 3)),
      next: ['look at that machine at the same time: is it up, does it answer (dump of it, or a network trace)'],
    });
  });
  const named = new Set([...byServer.values()].flat().map(({ from }) => from));
  for (const { root } of all.chains.list) {
    if (root.why !== 'remote' || root.waitsFor !== null || named.has(root.node)) continue;
    named.add(root.node);
    found.push(
      pattern(all, {
        name: 'Coupled Machines',
        certain: false,
        statement: `${root.node}: ${root.statement}; which machine, the log does not show`,
        subjects: [root.node],
        rows: all.model.threads.get(root.node)?.sightings ?? [],
        next: [
          '!irp of its IRP and !fileobj of its file object show the path; or du on the arguments of the stack (kv)',
        ],
      }),
    );
  }
  return found;
}

function missing(all: Case): DumpPattern[] {
  const seen = new Set<string>();
  const found: DumpPattern[] = [];
  for (const chain of all.chains.list) {
    const { root, threads } = chain;
    // Of an owner that is merely not printed nobody can say that it is missing.
    const isKnown = root.node.startsWith('process:') || all.model.threads.get(root.node)?.noThread != null;
    if (root.why !== 'missing-thread' || !isKnown || seen.has(root.node) || found.length >= MANY_CHAINS) continue;
    seen.add(root.node);
    found.push(
      pattern(all, {
        name: 'Missing Thread',
        certain: false,
        statement: `${root.node}: ${root.statement}`,
        subjects: [...new Set([root.node, ...threads])],
        rows: chain.edges.at(-1)?.rows ?? [],
        next: root.node.startsWith('process:')
          ? [`!process ${root.node.slice('process:0x'.length)} 1f`]
          : [`!pool ${root.node.slice(2)}`],
      }),
    );
  }
  return found;
}
