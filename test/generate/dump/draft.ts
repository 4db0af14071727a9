/** A dump while it is being made up: threads without times and stacks, which finish.ts adds. */
import type { Random } from '../random.js';
import type { Spaces } from './machine.js';
import type {
  Address,
  DumpEdge,
  DumpIrp,
  DumpLock,
  DumpMessage,
  DumpProcess,
  Generation,
  RootWhy,
  ThreadState,
  WaitObject,
} from './truth.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export interface LockDraft extends Mutable<Omit<DumpLock, 'owners' | 'sharedWaiters' | 'exclusiveWaiters'>> {
  readonly owners: ThreadDraft[];
  readonly sharedWaiters: ThreadDraft[];
  readonly exclusiveWaiters: ThreadDraft[];
}

/** What a thread does. */
export type Wait =
  | { readonly kind: 'lpc'; readonly message: DumpMessage }
  | { readonly kind: 'section' | 'mutant' | 'fast-mutex' | 'push-lock'; readonly lock: LockDraft }
  | { readonly kind: 'resource'; readonly lock: LockDraft; readonly isShared: boolean }
  | { readonly kind: 'thread'; readonly target: ThreadDraft }
  | { readonly kind: 'process' | 'several'; readonly process: DumpProcess }
  | { readonly kind: 'io'; readonly irp: DumpIrp }
  | { readonly kind: 'event' | 'sleep' | 'message-box' | 'idle-worker' | 'idle-rpc' | 'idle-gui' }
  | { readonly kind: 'none' };

export interface ThreadDraft {
  readonly address: Address;
  readonly process: DumpProcess;
  readonly tid: number;
  state: ThreadState;
  isPrinted: boolean;
  /** Nobody knows its address. */
  isIdOnly: boolean;
  /** No part of any chain. */
  isIdle: boolean;
  wait: Wait;
  /** Hops to the end of its chain. */
  depth: number;
  /** How a chain ends here; null where the thread waits for something that has a node of its own. */
  end: { readonly why: RootWhy; readonly isFirm: boolean } | null;
  readonly owns: LockDraft[];
  /** The message that it works on: never more than one. */
  serves: DumpMessage | null;
  workingOn: number | null;
  readonly extraObjects: WaitObject[];
  readonly irps: Address[];
}

export interface Draft {
  readonly seed: number;
  readonly random: Random;
  readonly generation: Generation;
  readonly spaces: Spaces;
  readonly processes: readonly DumpProcess[];
  readonly threads: ThreadDraft[];
  readonly locks: LockDraft[];
  readonly messages: DumpMessage[];
  readonly irps: DumpIrp[];
  readonly edges: DumpEdge[];
  nextId(): number;
  nextMessageId(): number;
}

export const isSystem = ({ pid }: DumpProcess): boolean => pid === 4;

/** Processes with user code. */
export const programs = (draft: Draft): DumpProcess[] => draft.processes.filter((process) => !isSystem(process));

export function newThread(draft: Draft, process: DumpProcess): ThreadDraft {
  const thread: ThreadDraft = {
    address: draft.spaces.nonpaged.next(),
    process,
    tid: draft.nextId(),
    state: 'WAIT',
    isPrinted: true,
    isIdOnly: false,
    isIdle: false,
    wait: { kind: 'none' },
    depth: 0,
    end: null,
    owns: [],
    serves: null,
    workingOn: null,
    extraObjects: [],
    irps: [],
  };
  draft.threads.push(thread);
  return thread;
}

export function newLock(draft: Draft, lock: Partial<LockDraft> & Pick<LockDraft, 'kind' | 'address'>): LockDraft {
  const made: LockDraft = {
    symbol: null,
    process: null,
    owners: [],
    isExclusive: true,
    sharedWaiters: [],
    exclusiveWaiters: [],
    contentionCount: draft.random.longTailed(40, 2),
    recursion: 1,
    shownBy: null,
    eventOffset: 0,
    ...lock,
  };
  for (const owner of made.owners) owner.owns.push(made);
  draft.locks.push(made);
  return made;
}

export const waitersOf = (lock: LockDraft): ThreadDraft[] => [...lock.sharedWaiters, ...lock.exclusiveWaiters];
