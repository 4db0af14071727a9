/** What the answer of `dump` comes to, in words, each claim with its evidence, what speaks against it and what to do next. */
import type { Evidence, Finding, Level } from '../../core/evidence.js';
import { absences } from './absences.js';
import { blockedFirst } from './blocked-first.js';
import { bugcheckClaim } from './bugcheck-finding.js';
import type { Case } from './case.js';
import type { Chain } from './chains.js';
import { isThread } from './graph.js';
import type { Thread } from './model.js';
import { counted, someOf, waitText } from './patterns/pattern.js';
import { isLive } from './quality.js';
import type { DumpPattern, EdgeKind } from './result.js';
import { type Cited, evidenceOf } from './rows.js';
import { watchdogSteps } from './watchdog.js';

const MAX_CHAINS = 8;
const MAX_EARLIER = 3;
const MAX_TAGS = 3;

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
    ...pool(all),
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
  return [
    {
      rule: found.kind === 'single' ? 'dpc-watchdog-single' : 'dpc-watchdog-cumulative',
      level: 'error',
      message: `DPC watchdog, ${found.kind === 'single' ? 'a single DPC or ISR' : 'all DPCs and ISRs together'}${time}: ${found.statement}`,
      evidence: found.evidence,
      confidence: found.culprit?.certain ? 'high' : 'low',
      next: watchdogSteps(found),
    },
  ];
}

const LOCKS: ReadonlySet<EdgeKind> = new Set(['critical-section', 'eresource', 'mutant', 'push-lock', 'fast-mutex']);
const IN_ORDER = 'its stacks show where each lock is taken: all code has to take them in one order';
const ONE_ENDS =
  'its stacks show where each thread waits: one of these waits has to go, be bounded, or come before what the thread holds is taken';

function deadlocks(all: Case): Claim[] {
  const { graph, context } = all;
  const live = graph.cycles.length > 0 && isLive(all);
  return graph.cycles.map((members) => {
    const edges = graph.edgesWithin.get(members) ?? [];
    const certain = edges.every((edge) => edge.certain);
    const steps = edges.slice(0, 6).map(({ from, statement }) => `${named(all, from)} ${statement}`);
    const loose = edges.filter(({ isOneOfSeveral }) => isOneOfSeveral);
    const isPossible = loose.length > 0 || live;
    const what = isPossible ? 'Possible deadlock' : 'Deadlock';
    const unless = [
      loose.length === 0 ? '' : `; it is none where another object that ${loose[0].from} waits for ends its wait`,
      live ? '; the system ran while it was read, so waits of two moments may stand side by side' : '',
    ].join('');
    return {
      rule: isPossible ? 'possible-deadlock' : 'deadlock',
      level: loose.length > 0 ? 'note' : live ? 'warning' : 'error',
      message:
        members.length === 1
          ? `${what} of one thread: ${steps[0]}${unless}`
          : `${what} of ${members.length} threads: ${steps.join('; ')}${unless}`,
      evidence: evidenceOf(
        context,
        edges.flatMap(({ rows }) => rows.slice(0, 2)),
        8,
      ),
      confidence: isPossible ? 'low' : certain ? 'high' : 'medium',
      next: certain
        ? [edges.every(({ kind }) => LOCKS.has(kind)) ? IN_ORDER : ONE_ENDS]
        : ['some of its edges are inferred: kv on the members, !cs -l -o and !locks make them sure'],
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
      [...edges.flatMap(({ rows }) => rows.slice(0, 2)), ...rowsOf(all.model.threads.get(root.node))],
      8,
    ),
    confidence: certain ? (root.why === 'unknown' || root.why === 'missing-thread' ? 'medium' : 'high') : 'low',
    against: evidenceOf(
      all.context,
      earlier.flatMap(({ sightings }) => sightings.slice(0, 1)),
    ),
    next: nextOf(all, root.node, root.why),
  };
}

const rowsOf = (thread: Thread | undefined): readonly Cited[] =>
  thread === undefined ? [] : thread.noThread === null ? thread.sightings : [thread.noThread, ...thread.sightings];

function nextOf({ model }: Case, node: string, why: string): string[] {
  if (node.startsWith('process:')) return [`!process ${node.slice('process:0x'.length)} 1f`];
  if (why === 'remote')
    return ['look at that machine at the same time: is it up, does it answer (a dump of it, or a network trace)'];
  if (why === 'starved') return ['!running -it and !ready: who has the processors; priorities of those that run'];
  if (!node.startsWith('0x')) return userSteps(model.threads.get(node));
  // It was asked already: there is no thread any more.
  if (model.threads.get(node)?.noThread) return [`!pool ${node.slice(2)}`];
  if (why === 'missing-thread') return [`!thread ${node.slice(2)} 1f`];
  if (why === 'driver') return [`!irp of the IRPs of ${node}, !devstack of their device, lmv m of the driver`];
  if (why === 'unknown' || why === 'sleep') return [`.thread /p /r ${node.slice(2)}; kv`];
  return [];
}

/** In a user-mode debugger threads are chosen by their number or id. */
function userSteps(thread: Thread | undefined): string[] {
  if (thread === undefined) return [];
  const { number, tid, frames } = thread;
  if (number !== null && frames.length > 0) return [`~${number} kv; !handle of what it waits for`];
  return tid === null ? [] : [`~~[${tid.toString(16)}] kv: what the thread does, where it is still there`];
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

const order = (all: Case): Claim[] =>
  blockedFirst(all).map(({ statement, early, late }) => ({
    rule: 'blocked-first',
    level: 'note',
    message: statement,
    evidence: evidenceOf(all.context, [...early.sightings.slice(-1), ...late.sightings.slice(-1)]),
    confidence: 'high',
  }));

/** One listing shows what is held, not that it grows. */
const pool = ({ leakSuspects }: Case): Claim[] =>
  leakSuspects
    .filter(({ kind }) => kind === 'pool-tag')
    .slice(0, MAX_TAGS)
    .map(({ subject, bytes, count, percent, evidence }) => ({
      rule: 'pool-tag',
      level: 'note',
      message: `Pool tag ${subject} holds ${bytes} bytes${count === null ? '' : ` in ${counted(count, 'allocation')}`}${percent === null ? '' : `, ${percent.toFixed(1)} % of its pool`}; whether it grows, one listing does not show`,
      evidence,
      confidence: 'low',
      next: ['tracekit pool over the same log; another !poolused later, or poolmon snapshots, show whether it grows'],
    }));

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
