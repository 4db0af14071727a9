/** What holds threads up in the dump: the root of each chain once, with what is known of it. */
import type { DumpChain, DumpThread, RootWhy, WaitEdge } from '../../../src/analyses/dump/result.js';
import type { Evidence } from '../../../src/core/evidence.js';
import type { Case } from '../../case.js';
import { moduleKey, wordsOf } from '../../names.js';

export interface Root {
  readonly node: string;
  readonly why: RootWhy;
  readonly statement: string;
  readonly thread: DumpThread | null;
  readonly process: string | null;
  readonly pid: number | null;
  readonly module: string | null;
  readonly function: string | null;
  /** `driver:…`, `remote:…` */
  readonly waitsFor: string | null;
  readonly sleepMs: number | null;
  readonly waiters: number;
  /** How long the root itself waits; null where it does not, or nobody knows. */
  readonly waitMs: number | null;
  readonly longestWaitMs: number | null;
  /** The last edge: what it holds that others want. */
  readonly edge: WaitEdge | null;
  readonly chain: DumpChain;
  readonly isCertain: boolean;
  readonly evidence: readonly Evidence[];
}

const MAX_ROOTS = 16;
/** Waits shorter than this are how machines work. */
const LEAST_WAIT_MS = 1000;

export function rootsOf({ dump, threads }: Case): Root[] {
  const byNode = new Map<string, DumpChain>();
  for (const chain of dump.chains) {
    if (chain.root.isDeadlock) continue;
    const known = byNode.get(chain.root.node);
    // Of several ways to a root the one with the longest wait tells most.
    if (known === undefined || (chain.longestWaitMs ?? 0) > (known.longestWaitMs ?? 0))
      byNode.set(chain.root.node, chain);
  }
  return [...byNode.values()]
    .filter(({ longestWaitMs, waiters }) => longestWaitMs === null || longestWaitMs >= LEAST_WAIT_MS || waiters > 1)
    .slice(0, MAX_ROOTS)
    .map((chain): Root => {
      const { root } = chain;
      const thread = threads.byId(root.node);
      const process = dump.processes.find(({ address }) => address !== null && root.node === `process:${address}`);
      const edge = chain.edges.at(-1) ?? null;
      return {
        ...root,
        thread,
        process: thread?.process ?? process?.image ?? null,
        pid: thread?.pid ?? process?.pid ?? null,
        waiters: chain.waiters,
        waitMs: thread?.waitMs ?? null,
        longestWaitMs: chain.longestWaitMs,
        edge,
        chain,
        isCertain: chain.certain,
        evidence: [
          ...tellingFirst(thread?.evidence ?? process?.evidence ?? [], root.function).slice(0, 3),
          ...(edge?.evidence ?? []).slice(0, 2),
        ],
      };
    });
}

/** Lines that show where it is, or its Sleep, before others: they are what the statement says. */
function tellingFirst(evidence: readonly Evidence[], fn: string | null): Evidence[] {
  const rank = ({ quote }: Evidence): number =>
    (fn !== null && quote.includes(fn)) || /!Sleep(?:Ex)?\b/.test(quote) ? 0 : /^THREAD /i.test(quote) ? 1 : 2;
  return [...evidence].sort((a, b) => rank(a) - rank(b));
}

/** Modules of Windows that are on every stack: they name no component. */
const PLUMBING = new Set(
  (
    'nt hal ntdll kernel32 kernelbase user32 win32u win32k win32kfull win32kbase msvcrt ucrtbase wow64 wow64cpu wow64win rpcrt4 ' +
    'combase ole32 sechost msvcp_win vcruntime140 clr mscorwks coreclr wininet winhttp ws2_32 mswsock schannel advapi32 ' +
    'shell32 shlwapi crypt32 bcrypt secur32 netapi32 webio urlmon'
  ).split(' '),
);

/** Names of modules and functions of its stack, Windows' own plumbing left out. */
export function componentNames({ thread, module, function: fn }: Root): string[] {
  const frames = (thread?.frames ?? []).filter(
    (frame) => frame.module !== null && !PLUMBING.has(moduleKey(frame.module)),
  );
  const names = [module, fn, ...frames.slice(0, 12).flatMap((frame) => [frame.module, frame.function])];
  return [...new Set(names.filter((name) => name !== null && !PLUMBING.has(moduleKey(name))) as string[])];
}

/** Words by which messages may be known to come from what the thread is in: of the frames that are not Windows' own plumbing. */
export const componentWords = (root: Root): Set<string> => new Set(componentNames(root).flatMap(wordsOf));

/** Keys of the modules on its stack, plumbing aside. */
export function componentModules({ thread, module }: Root): Set<string> {
  const names = [module, ...(thread?.frames ?? []).map((frame) => frame.module)];
  return new Set(names.flatMap((name) => (name === null || PLUMBING.has(moduleKey(name)) ? [] : [moduleKey(name)])));
}
