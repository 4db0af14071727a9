/** What the answer of `dump` comes to, in words, each claim with its evidence, what speaks against it and what to do next. */
import type { Evidence, Finding, Level } from '../../core/evidence.js';
import { absences } from './absences.js';
import { bugcheckClaim } from './bugcheck-finding.js';
import type { Case } from './case.js';
import type { Chain } from './chains.js';
import { isThread } from './graph.js';
import type { Thread } from './model.js';
import { counted, someOf, waitText } from './patterns/pattern.js';
import type { DumpPattern } from './result.js';
import { evidenceOf } from './rows.js';

const MAX_CHAINS = 8;
const MAX_EARLIER = 3;

interface Claim {
  readonly rule: string;
  readonly level: Level;
  readonly message: string;
  readonly evidence: readonly Evidence[];
  readonly confidence?: Finding['confidence'];
  readonly against?: readonly Evidence[];
  readonly next?: readonly string[];
}

export function dumpFindings(all: Case, patterns: readonly DumpPattern[]): Finding[] {
  const claims = [
    ...watchdog(all),
    ...bugcheck(all),
    ...deadlocks(all),
    ...chains(all),
    ...order(all),
    ...ofPatterns(patterns),
  ];
  const told = claims.flatMap(({ evidence, confidence, against, next, ...claim }): Finding[] => {
    const [first, ...rest] = evidence;
    if (first === undefined) return [];
    return [
      {
        ...claim,
        evidence: [first, ...rest],
        confidence: confidence ?? null,
        against: against ?? [],
        next: next ?? [],
      },
    ];
  });
  return [...told, ...absences(all)];
}

function bugcheck(all: Case): Claim[] {
  const claim = bugcheckClaim(all);
  if (claim === null) return [];
  const { message, evidence, isExplained, next } = claim;
  // A crash that somebody started says nothing of a fault.
  const level = all.bugcheck?.code === '0xe2' ? 'note' : 'error';
  return [{ rule: 'bugcheck', level, message, evidence, confidence: isExplained ? 'high' : null, next }];
}

function watchdog({ watchdog: found }: Case): Claim[] {
  if (found === null) return [];
  const time =
    found.ticks === null
      ? ''
      : ` (${found.ticks} ticks${found.ms === null ? '' : ` = ${(found.ms / 1000).toFixed(1)} s`}, allowed ${found.limitTicks})`;
  const next = found.loggers.map(
    ({ command, name }) => `${command} saves the session "${name}"; then: tracekit dpc dpc.etl`,
  );
  if (found.kind === 'cumulative' && next.length === 0) {
    next.push(
      '!wmitrace.strdump lists the ETW sessions of the dump; !wmitrace.logsave <id> dpc.etl saves the kernel one; then: tracekit dpc dpc.etl',
    );
  }
  return [
    {
      rule: found.kind === 'single' ? 'dpc-watchdog-single' : 'dpc-watchdog-cumulative',
      level: 'error',
      message: `DPC watchdog, ${found.kind === 'single' ? 'a single DPC or ISR' : 'all DPCs and ISRs together'}${time}: ${found.statement}`,
      evidence: found.evidence,
      confidence: found.culprit === null ? 'low' : found.culprit.certain ? 'high' : 'low',
      next,
    },
  ];
}

function deadlocks(all: Case): Claim[] {
  const { graph, context } = all;
  return graph.cycles.map((members) => {
    const inside = new Set(members);
    const edges = members.flatMap((node) => (graph.out.get(node) ?? []).filter(({ to }) => inside.has(to)));
    const certain = edges.every((edge) => edge.certain);
    const steps = edges.slice(0, 6).map(({ from, statement }) => `${named(all, from)} ${statement}`);
    return {
      rule: 'deadlock',
      level: 'error',
      message:
        members.length === 1
          ? `Deadlock of one thread: ${steps[0]}`
          : `Deadlock of ${members.length} threads: ${steps.join('; ')}`,
      evidence: evidenceOf(
        context,
        edges.flatMap(({ rows }) => rows.slice(0, 2)),
        8,
      ),
      confidence: certain ? 'high' : 'medium',
      next: certain ? [] : ['some of its edges are inferred: kv on the members, !cs -l -o and !locks make them sure'],
    };
  });
}

/** The most important chain of each root. */
function chains(all: Case): Claim[] {
  const seen = new Set<string>();
  const claims: Claim[] = [];
  for (const chain of all.chains.list) {
    const { root, threads, waiters } = chain;
    const isBare = threads.length < 2 && waiters === 0;
    if (seen.has(root.node) || isBare || root.isDeadlock || claims.length >= MAX_CHAINS) continue;
    seen.add(root.node);
    claims.push(chainClaim(all, chain));
  }
  return claims;
}

function chainClaim(all: Case, chain: Chain): Claim {
  const { root, threads, edges, waiters } = chain;
  const certain = edges.every((edge) => edge.certain);
  const way =
    threads.length < 2
      ? ''
      : ` The way there: ${someOf(
          threads.map((id) => named(all, id)),
          8,
        )}.`;
  const earlier = earlierBlockers(all, chain);
  const told =
    earlier.length === 0
      ? ''
      : ` Blocked earlier, and not on this chain: ${earlier.map((thread) => `${named(all, thread.id)} for ${waitText(thread.waitMs)}`).join(', ')}.`;
  return {
    rule: 'wait-chain',
    level: root.why === 'unknown' && !root.isRunning ? 'note' : 'warning',
    message: `${counted(waiters, 'thread')} ${waiters === 1 ? 'waits' : 'wait'} for ${named(all, root.node)}: ${root.statement}.${way}${told}`,
    evidence: evidenceOf(
      all.context,
      [...edges.flatMap(({ rows }) => rows.slice(0, 2)), ...(all.model.threads.get(root.node)?.sightings ?? [])],
      8,
    ),
    confidence: certain ? (root.why === 'unknown' || root.why === 'missing-thread' ? 'medium' : 'high') : 'low',
    against: evidenceOf(
      all.context,
      earlier.flatMap(({ sightings }) => sightings.slice(0, 1)),
    ),
    next: nextOf(root.node, root.why),
  };
}

function nextOf(node: string, why: string): string[] {
  if (why === 'missing-thread' && node.startsWith('process:'))
    return [`!process ${node.slice('process:0x'.length)} 1f`];
  if (!node.startsWith('0x')) return [];
  if (why === 'missing-thread') return [`!thread ${node.slice(2)} 1f`];
  if (why === 'driver') return [`!irp of the IRPs of ${node}, !devstack of their device, lmv m of the driver`];
  if (why === 'unknown') return [`.thread /p /r ${node.slice(2)}; kv`];
  return [];
}

/** Threads of the chain's processes that have waited longer than its root: the first to stand still may not be on the chain. */
function earlierBlockers(all: Case, { threads, root }: Chain): Thread[] {
  const of = all.model.threads.get(root.node);
  const limit = of?.waitMs ?? null;
  if (of === undefined || limit === null) return [];
  const processes = new Set(threads.map((id) => all.model.threads.get(id)?.process ?? null));
  const on = new Set(threads);
  return [...all.model.threads.values()]
    .filter((thread) => thread.process !== null && processes.has(thread.process) && !on.has(thread.id))
    .filter(
      (thread) =>
        (thread.waitMs ?? -1) > limit &&
        (all.graph.out.get(thread.id) ?? []).some(
          ({ to }) => isThread(to) || to.startsWith('remote:') || to.startsWith('driver:'),
        ),
    )
    .sort((a, b) => (b.waitMs ?? 0) - (a.waitMs ?? 0))
    .slice(0, MAX_EARLIER);
}

/** Which of the processes on a chain stood still first. */
function order(all: Case): Claim[] {
  const seen = new Set<string>();
  const claims: Claim[] = [];
  for (const { threads, root } of all.chains.list) {
    const first = new Map<string, Thread>();
    const members = [...threads.map((id) => all.model.threads.get(id)), ...ofProcess(all, root.node)];
    for (const thread of members) {
      if (thread === undefined || thread.process?.image == null || thread.waitMs === null) continue;
      const known = first.get(thread.process.image);
      if (known === undefined || (known.waitMs ?? 0) < thread.waitMs) first.set(thread.process.image, thread);
    }
    const sorted = [...first].sort(([, a], [, b]) => (b.waitMs ?? 0) - (a.waitMs ?? 0));
    for (let i = 1; i < sorted.length && claims.length < MAX_CHAINS; i++) {
      const [[early, a], [late, b]] = [sorted[i - 1], sorted[i]];
      const key = `${early} ${late}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const difference = ((a.waitMs ?? 0) - (b.waitMs ?? 0)) / 1000;
      claims.push({
        rule: 'blocked-first',
        level: 'note',
        message:
          difference === 0
            ? `${early} and ${late} blocked at the same time (${waitText(a.waitMs)} before the dump)`
            : `${early} blocked ${spanText(difference)} before ${late} (${a.id} for ${waitText(a.waitMs)}, ${b.id} for ${waitText(b.waitMs)})`,
        evidence: evidenceOf(all.context, [...a.sightings.slice(-1), ...b.sightings.slice(-1)]),
        confidence: 'high',
      });
    }
  }
  return claims;
}

/** Threads of a process that a chain ends in, those that wait. */
function ofProcess({ model }: Case, node: string): Thread[] {
  if (!node.startsWith('process:')) return [];
  const process = model.processAt(BigInt(node.slice('process:'.length)));
  return [...model.threads.values()].filter((thread) => thread.process !== null && thread.process === process);
}

const LEVELS: readonly (readonly [RegExp, Level])[] = [
  [
    /^(?:Inconsistent Dump|Truncated Dump|Orphaned Lock|Critical Section Corruption|Insufficient Memory|Hooked|Pending|Blocked Thread|APC|Deadlock \(lock order\)|High Contention|Coupled Machines|Handle Leak|Process Factory|Spiking)/,
    'warning',
  ],
];
/** Told as chains and deadlocks already. */
const TOLD = /^(?:Wait Chain|Deadlock \((?!lock order)|Coupled Processes)/;

const ofPatterns = (patterns: readonly DumpPattern[]): Claim[] =>
  patterns
    .filter(({ name, certain }) => !TOLD.test(name) && (certain || name !== 'Missing Thread'))
    .map(({ name, certain, statement, evidence, against, next }) => ({
      rule: name
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-|-$/g, ''),
      level: certain ? (LEVELS.find(([of]) => of.test(name))?.[1] ?? 'note') : 'note',
      message: `${certain ? '' : 'Possible '}${name}: ${statement}`,
      evidence,
      against,
      next,
      confidence: certain ? ('high' as const) : ('low' as const),
    }));

function named({ model }: Case, node: string): string {
  if (node.startsWith('process:')) {
    const process = model.processAt(BigInt(node.slice('process:'.length)));
    return process?.image == null ? node : `${process.image} (${node})`;
  }
  const thread = model.threads.get(node);
  return thread?.image == null ? node : `${node} (${thread.image})`;
}

/** `16 ms`, `13.0 s`, `9:10:48.891` */
const spanText = (seconds: number): string =>
  seconds < 1
    ? `${Math.round(seconds * 1000)} ms`
    : seconds < 600
      ? `${seconds.toFixed(1)} s`
      : waitText(seconds * 1000);
