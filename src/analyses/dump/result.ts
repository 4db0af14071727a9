/** The answer of `dump`, as docs/json.md and docs/schema/dump.schema.json describe it. Unknown is null. */
import type { Evidence } from '../../core/evidence.js';

export interface DumpFrame {
  readonly address: string | null;
  /** As printed: `nt!KiSwapContext+0x2f`. */
  readonly symbol: string | null;
  readonly module: string | null;
  readonly function: string | null;
  readonly offset: string | null;
}

export interface DumpBugcheck {
  /** `0x133` */
  readonly code: string;
  readonly name: string | null;
  /** Hex with `0x`; null where not printed. */
  readonly parameters: readonly [string | null, string | null, string | null, string | null];
  /** What the parameters mean, one text each; null where it is not known. */
  readonly meanings: readonly [string | null, string | null, string | null, string | null];
  readonly evidence: readonly Evidence[];
}

export interface DumpModule {
  readonly name: string;
  readonly base: string | null;
  readonly end: string | null;
  readonly image: string | null;
  readonly path: string | null;
  readonly timestampUtc: string | null;
  readonly fileVersion: string | null;
  readonly productVersion: string | null;
  readonly company: string | null;
  readonly unloaded: boolean;
  readonly evidence: Evidence;
}

export interface DumpSystem {
  readonly bugcheck: DumpBugcheck | null;
  readonly windows: string | null;
  readonly build: number | null;
  readonly architecture: string | null;
  readonly cpus: number | null;
  readonly machine: string | null;
  readonly debugSessionUtc: string | null;
  readonly uptimeMs: number | null;
  /** Tick count of the dump: Wait Start + Ticks of every thread. */
  readonly nowTicks: number | null;
  readonly tickMs: number | null;
  readonly modules: readonly DumpModule[];
  readonly processors: readonly DumpProcessor[];
}

export interface DumpProcessor {
  readonly cpu: number;
  readonly current: string | null;
  readonly next: string | null;
  readonly idle: string | null;
  /** True where the current thread is the idle thread; null where that is unknown. */
  readonly isIdle: boolean | null;
  readonly dpcs: readonly {
    readonly kdpc: string | null;
    readonly type: string | null;
    readonly routine: string | null;
  }[];
  readonly evidence: Evidence;
}

export interface DumpQuality {
  readonly flag: string;
  readonly statement: string;
  readonly count: number;
  readonly evidence: readonly Evidence[];
}

export interface DumpWaitObject {
  readonly address: string | null;
  readonly type: string | null;
  readonly owner: string | null;
}

export interface DumpThread {
  /** By which edges, chains and orders name it: its address; `tid:163` or `thread:4` where there is none. */
  readonly id: string;
  readonly address: string | null;
  /** Image of its process. */
  readonly process: string | null;
  readonly processAddress: string | null;
  readonly pid: number | null;
  readonly tid: number | null;
  /** The debugger's number in user mode. */
  readonly number: number | null;
  readonly state: string | null;
  readonly processor: number | null;
  readonly waitReason: string | null;
  readonly waitStartTicks: number | null;
  readonly waitTicks: number | null;
  readonly waitMs: number | null;
  readonly waitStartUtc: string | null;
  /** True where the wait began behind the time of the dump: the dump was taken from a live system. */
  readonly beganAfterNow: boolean | null;
  readonly waitObjects: readonly DumpWaitObject[];
  readonly irps: readonly string[];
  readonly userMs: number | null;
  readonly kernelMs: number | null;
  readonly contextSwitches: number | null;
  readonly priority: number | null;
  readonly startRoutine: string | null;
  readonly frames: readonly DumpFrame[];
  /** First frame, from 1, that is doubtful; null where none is. */
  readonly doubtfulFrame: number | null;
  readonly stackNotResident: boolean | null;
  /** Waits for work, not for somebody: pool threads, servers that listen. Null, as all else, of a thread that is only named. */
  readonly isIdle: boolean | null;
  readonly evidence: readonly Evidence[];
}

export interface DumpProcess {
  readonly address: string | null;
  readonly image: string | null;
  readonly pid: number | null;
  readonly parentPid: number | null;
  readonly sessionId: number | null;
  readonly handleCount: number | null;
  /** Threads that the log shows of it; null where it shows none, since every process has some. */
  readonly threadCount: number | null;
  readonly commandLine: string | null;
  readonly elapsedMs: number | null;
  readonly userMs: number | null;
  readonly kernelMs: number | null;
  readonly commitPages: number | null;
  readonly evidence: readonly Evidence[];
}

export type LockKind =
  | 'critical-section'
  | 'eresource'
  | 'mutant'
  | 'push-lock'
  | 'fast-mutex'
  | 'spin-lock'
  | 'queued-spin-lock';

export interface DumpLock {
  readonly kind: LockKind;
  readonly address: string | null;
  readonly symbol: string | null;
  readonly processAddress: string | null;
  readonly process: string | null;
  readonly locked: boolean | null;
  readonly exclusive: boolean | null;
  /** Ids of threads. */
  readonly owners: readonly string[];
  readonly ownerTid: number | null;
  readonly sharedWaiters: number | null;
  readonly exclusiveWaiters: number | null;
  readonly waiterCount: number | null;
  /** Ids of those that are known. */
  readonly waiters: readonly string[];
  readonly recursionCount: number | null;
  readonly contentionCount: number | null;
  readonly evidence: readonly Evidence[];
}

export type EdgeKind =
  | 'lpc'
  | 'alpc'
  | 'rpc'
  | 'critical-section'
  | 'mutant'
  | 'eresource'
  | 'push-lock'
  | 'fast-mutex'
  | 'process'
  | 'thread'
  | 'irp'
  | 'event';

export interface WaitEdge {
  /** Id of a thread, or `unknown`. */
  readonly from: string;
  /** Id of a thread, `process:0x…`, `driver:\Driver\X`, `remote:\\SERVER` or `unknown`. */
  readonly to: string;
  readonly kind: EdgeKind;
  /** Lock, message, IRP or object; null where unknown. */
  readonly object: string | null;
  /** False where it is inferred. */
  readonly certain: boolean;
  /** Why it is known, or inferred, in a sentence. */
  readonly statement: string;
  readonly evidence: readonly Evidence[];
}

export type RootWhy =
  | 'sleep'
  | 'remote'
  | 'driver'
  | 'device'
  | 'message-box'
  | 'starved'
  | 'terminated'
  | 'missing-thread'
  | 'user-input'
  | 'unknown';

export interface ChainRoot {
  /** Thread, or `process:0x…` where its thread is not known. */
  readonly node: string;
  readonly why: RootWhy;
  /** The reason in words. */
  readonly statement: string;
  readonly module: string | null;
  readonly function: string | null;
  /** `driver:…` or `remote:…` that it waits for; null where none is known. */
  readonly waitsFor: string | null;
  /** True where the chain ends in a deadlock: the node is its first member on the chain. */
  readonly isDeadlock: boolean;
  /** True where it runs, and is not blocked at all. */
  readonly isRunning: boolean;
  /** True where it sleeps again and again for a moment. */
  readonly isPolling: boolean;
  /** Argument of Sleep in its stack, where the log prints it reliably (kv on x86). */
  readonly sleepMs: number | null;
}

export interface DumpChain {
  /** Ids, victim first. */
  readonly threads: readonly string[];
  readonly edges: readonly WaitEdge[];
  readonly root: ChainRoot;
  /** Threads that wait for the root, directly or through others, those that locks only count among them. */
  readonly waiters: number;
  readonly longestWaitMs: number | null;
  /** All edges are certain. */
  readonly certain: boolean;
}

export interface DumpDeadlock {
  /** Its members, never those that wait for it from outside. */
  readonly threads: readonly string[];
  readonly edges: readonly WaitEdge[];
  readonly victims: readonly string[];
  readonly certain: boolean;
  /** True where a member waits for other objects as well, one of which may end its wait. */
  readonly mayEnd: boolean;
}

export interface OrderEntry {
  readonly thread: string;
  readonly waitMs: number | null;
  readonly process: string | null;
}

export interface DumpPattern {
  /** Name in the published catalogue of memory dump analysis patterns. */
  readonly name: string;
  /** False: possible, the evidence does not carry more. */
  readonly certain: boolean;
  readonly statement: string;
  /** Ids of threads, processes, modules, locks concerned. */
  readonly subjects: readonly string[];
  readonly evidence: readonly Evidence[];
  readonly against: readonly Evidence[];
  readonly next: readonly string[];
}

export interface IrpLocation {
  readonly location: number;
  readonly current: boolean;
  readonly major: string | null;
  readonly minor: number | null;
  readonly device: string | null;
  readonly driver: string | null;
  readonly file: string | null;
  readonly completion: string | null;
  /** Control byte: what is armed, not what happened. */
  readonly control: {
    readonly byte: string;
    readonly pending: boolean;
    readonly error: boolean;
    readonly invokeOn: readonly ('success' | 'error' | 'cancel')[];
  } | null;
}

export interface DumpIrp {
  readonly address: string | null;
  readonly thread: string | null;
  readonly driver: string | null;
  readonly device: string | null;
  readonly major: string | null;
  readonly minor: number | null;
  readonly stacks: number | null;
  readonly current: number | null;
  readonly locations: readonly IrpLocation[];
  readonly evidence: Evidence;
}

export interface DumpIrps {
  readonly byDriver: readonly {
    readonly driver: string;
    readonly count: number;
    readonly threads: number;
    readonly withoutThread: number;
    readonly requests: readonly string[];
  }[];
  readonly byThread: readonly {
    readonly thread: string | null;
    readonly count: number;
    readonly drivers: readonly string[];
  }[];
  readonly list: readonly DumpIrp[];
}

export interface DumpMemory {
  readonly physicalKb: number | null;
  readonly pageFileKb: number | null;
  readonly pageFileMaximumKb: number | null;
  readonly availableKb: number | null;
  readonly committedPages: number | null;
  readonly commitLimitPages: number | null;
  readonly failedPoolAllocations: number | null;
  readonly failedCommits: number | null;
  readonly sessions: readonly {
    readonly sessionId: number;
    readonly pagedPoolKb: number | null;
    readonly commitKb: number | null;
    readonly failedPoolAllocations: number | null;
  }[];
  /** Each figure as `!vm` prints it. */
  readonly figures: readonly { readonly name: string; readonly pages: number | null; readonly kb: number | null }[];
  readonly evidence: readonly Evidence[];
}

export interface LeakSuspect {
  readonly kind: 'handles' | 'pool-tag' | 'process-commit';
  readonly subject: string;
  /** Of a tag: which pool; null where not printed, and of other suspects. */
  readonly paged: boolean | null;
  readonly process: string | null;
  readonly count: number | null;
  readonly bytes: number | null;
  readonly percent: number | null;
  readonly evidence: readonly Evidence[];
}

/** Bugcheck 0x133, as far as the dump alone tells. */
export interface DpcWatchdog {
  readonly kind: 'single' | 'cumulative';
  readonly ticks: number | null;
  readonly limitTicks: number | null;
  readonly ms: number | null;
  readonly limitMs: number | null;
  /** The routine that ran too long; null where the log does not show it. */
  readonly culprit: {
    readonly module: string;
    readonly function: string | null;
    readonly cpu: number | null;
    readonly certain: boolean;
    readonly runsAs: 'DPC' | 'timer DPC' | 'ISR' | null;
    readonly stalls: string | null;
    /** First byte of the routine, where its frame has an address. */
    readonly address: string | null;
  } | null;
  /** Other drivers on the stack, and DPCs that wait in queues. */
  readonly others: readonly {
    readonly module: string | null;
    readonly function: string | null;
    readonly role: 'framework' | 'called-it' | 'called-by-culprit' | 'queued' | 'interrupted';
    readonly cpu: number | null;
  }[];
  /** ETW sessions in the dump that hold the answer, and the command that saves each. */
  readonly loggers: readonly { readonly id: number; readonly name: string; readonly command: string }[];
  readonly statement: string;
  readonly evidence: readonly Evidence[];
}

export interface DumpResult {
  readonly system: DumpSystem;
  readonly quality: readonly DumpQuality[];
  readonly threads: readonly DumpThread[];
  readonly processes: readonly DumpProcess[];
  readonly locks: readonly DumpLock[];
  readonly waitEdges: readonly WaitEdge[];
  readonly chains: readonly DumpChain[];
  readonly deadlocks: readonly DumpDeadlock[];
  readonly order: readonly OrderEntry[];
  readonly patterns: readonly DumpPattern[];
  readonly irps: DumpIrps;
  readonly memory: DumpMemory | null;
  readonly leakSuspects: readonly LeakSuspect[];
  readonly watchdog: DpcWatchdog | null;
  /** Ports of LPC and ALPC. */
  readonly ports: readonly DumpPort[];
  readonly filters: readonly DumpFilter[];
  readonly desktops: readonly DumpDesktop[];
  readonly nbls: DumpNbls | null;
  /** How many of a list there are where a limit or a filter has shortened it. */
  readonly cut: Readonly<Record<string, number>>;
}

export interface DumpPort {
  readonly address: string | null;
  readonly name: string | null;
  readonly type: string | null;
  readonly owner: string | null;
  readonly ownerImage: string | null;
  readonly sequenceNo: number | null;
  readonly queued: number | null;
  /** Null where the log lists none and does not say that there are none. */
  readonly connectionCount: number | null;
  readonly connections: readonly {
    readonly server: string | null;
    readonly client: string | null;
    readonly process: string | null;
    readonly image: string | null;
    readonly queued: number;
  }[];
  readonly evidence: Evidence;
}

export interface DumpFilter {
  readonly name: string;
  readonly altitude: string | null;
  readonly frame: number | null;
  readonly instances: number | null;
  readonly legacy: boolean;
  readonly evidence: Evidence;
}

export interface DumpDesktop {
  readonly name: string | null;
  readonly address: string | null;
  readonly sessionId: number | null;
  readonly heapKb: number | null;
  readonly usedPercent: number | null;
  readonly evidence: Evidence;
}

export interface DumpNbls {
  readonly tracking: boolean | null;
  readonly pending: number | null;
  readonly total: number | null;
  readonly holders: readonly {
    readonly address: string | null;
    readonly name: string | null;
    readonly kind: string | null;
    readonly listed: number;
    readonly driver: string | null;
    readonly states: Readonly<Record<string, string>>;
  }[];
  readonly evidence: readonly Evidence[];
}
