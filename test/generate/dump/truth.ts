/**
 * What a made-up dump is: processes, threads, who waits for whom, and what must come out of it. The writers beside this file
 * print it as a debugger of its time does. Addresses are `0x` and hex digits without leading zeros, as the JSON of `dump` spells them.
 *
 * How far a log can be believed:
 *
 * - **Messages.** `!lpc message` and `!alpc /m` name the server thread. Where neither was asked for, an LPC server's block may
 *   say which message it works on (Windows XP and 2003), or only the process is known that owns the port.
 * - **Wait objects.** A mutant's owner stands behind it. A `Thread` lies at the address of the thread that is waited for, a
 *   `ProcessObject` at that of the process. Of several objects none is known to be the one that matters: not certain.
 * - **Executive resources.** `!locks` lists owners and waiters: certain.
 * - **Critical sections on x86.** The first argument of RtlEnterCriticalSection is the section, and `!cs -l` in the process
 *   names the owner, by its thread (-o) or by its id only: certain.
 * - **Critical sections on x64.** Arguments are what the stack happens to hold, sometimes the section. In these logs the owner
 *   still follows: a thread that waits in RtlEnterCriticalSection waits for the only section of its process that has waiters
 *   and that it does not own itself. That is an inference: never certain.
 * - **Fast mutexes.** The event that is waited for lies within the mutex, and `dt` of the mutex names the owner: certain.
 * - **Push locks** do not know their owners: the chain ends there, `unknown`.
 * - **IRPs.** The thread's IRP list names the IRP, `!irp` or `!irpfind` the driver that has it, `!fileobj` the remote server.
 *   Threads have IRPs that they do not wait for as well: those are printed in the list, and neither command is asked for them.
 */

export type Generation = 'xp' | '2003' | 'win10';
export const GENERATIONS: readonly Generation[] = ['xp', '2003', 'win10'];

export type Address = `0x${string}`;
/** A thread by its address, or `process:0x…`, `driver:\Driver\X`, `remote:\\SERVER`, `unknown`. */
export type Node = string;

/** The words of the JSON contract. */
export type EdgeKind =
  | 'lpc'
  | 'alpc'
  | 'critical-section'
  | 'mutant'
  | 'eresource'
  | 'push-lock'
  | 'fast-mutex'
  | 'process'
  | 'thread'
  | 'irp';

/** What in the log tells that the edge is there. */
export type EdgeSource =
  /** `!lpc message` or `!alpc /m` names the server thread. */
  | 'message'
  /** Only the server's own block says which message it works on. */
  | 'working-on'
  /** No server thread is named; the port belongs to a process. */
  | 'port-owner'
  /** Mutant, Thread or ProcessObject. */
  | 'wait-object'
  /** One of several wait objects. */
  | 'one-of-several'
  /** `!locks`. */
  | 'lock-list'
  /** First argument of RtlEnterCriticalSection on x86, and the owner printed by !cs or dt. */
  | 'argument'
  /** x64: the only section of the process that has waiters. */
  | 'only-contended'
  /** x64: the only section of the process that has waiters and that the thread does not own itself. */
  | 'only-other-contended'
  /** `dt nt!_FAST_MUTEX` around the event. */
  | 'mutex-around-event'
  /** `!irp`. */
  | 'irp'
  /** `!irpfind` alone. */
  | 'irpfind'
  /** `!irp`, and `!fileobj` for its file. */
  | 'file'
  /** The stack alone. */
  | 'stack';

export interface DumpEdge {
  readonly from: Address;
  readonly to: Node;
  readonly kind: EdgeKind;
  /** Lock, message (LPC: its id), object or IRP. */
  readonly object: Address;
  readonly certain: boolean;
  readonly source: EdgeSource;
}

export type RootWhy =
  | 'sleep'
  | 'driver'
  | 'remote'
  | 'message-box'
  /** The owner is READY. */
  | 'starved'
  | 'terminated'
  /** The owner is named and never printed as a block, or no thread of the process took the request. */
  | 'missing-thread'
  | 'deadlock'
  /** Waits for an event that nobody names, for a push lock, for a process, or runs. */
  | 'unknown';

export interface DumpRoot {
  /** Of a deadlock: the member at which the chain meets it. */
  readonly node: Node;
  readonly why: RootWhy;
  /** False where the log would bear another word as well. */
  readonly isFirm: boolean;
}

/** A way from a thread that nobody waits for to where its waiting ends. */
export interface DumpChain {
  /** Victim first. A member of a deadlock stands once. */
  readonly threads: readonly Address[];
  readonly root: DumpRoot;
}

export interface DumpCycle {
  /** Its members, each waiting for the next; victims are not among them. */
  readonly threads: readonly Address[];
  /** All its edges are. */
  readonly isCertain: boolean;
}

export interface DumpFrame {
  /** `nt!KiSwapContext`. */
  readonly symbol: string;
  readonly offset: number;
  readonly sp: bigint;
  readonly ret: bigint;
  /** Three on x86, four on x64. */
  readonly args: readonly bigint[];
  /** What stands behind the symbol: `(TrapFrame @ b88a0d64)`. */
  readonly note: string;
}

export interface WaitObject {
  readonly address: Address;
  /** As printed: `SynchronizationEvent`, `Semaphore Limit 0x1`, `Mutant - owning thread`. */
  readonly type: string;
  /** Of a mutant. */
  readonly owner: Address | null;
}

export type ThreadState = 'WAIT' | 'READY' | 'RUNNING' | 'TERMINATED';

export interface DumpThread {
  readonly address: Address;
  readonly pid: number;
  readonly tid: number;
  /** EPROCESS. */
  readonly process: Address;
  readonly image: string;
  /** Null where no block is printed. */
  readonly state: ThreadState | null;
  /** Of READY and RUNNING threads. */
  readonly processor: number | null;
  /** False for threads that the log only names, or of which it only knows the id. */
  readonly isPrinted: boolean;
  /** Waits for work: no part of any chain. */
  readonly isIdle: boolean;
  /** As Windows names it; the writer for 2003 prints `Unknown` instead. */
  readonly waitReason: string;
  readonly waitMode: 'KernelMode' | 'UserMode';
  readonly isAlertable: boolean;
  readonly waitObjects: readonly WaitObject[];
  /** As printed; null where no block is. */
  readonly waitStartTicks: number | null;
  /** Null where the log shows no duration: no block, or the wait began after `nowTicks`. */
  readonly waitTicks: number | null;
  readonly teb: bigint;
  readonly win32Thread: bigint;
  readonly contextSwitches: number;
  readonly userMs: number;
  readonly kernelMs: number;
  readonly startSymbol: string;
  readonly stackBase: bigint;
  readonly stackLimit: bigint;
  readonly isResident: boolean;
  readonly priority: number;
  /** Innermost first. */
  readonly frames: readonly DumpFrame[];
  /** All IRPs of its list, waited for or not. */
  readonly irps: readonly Address[];
  /** LPC message that its block says it works on; may be stale. */
  readonly workingOn: number | null;
}

export interface DumpProcess {
  readonly address: Address;
  readonly pid: number;
  readonly parentPid: number;
  readonly image: string;
  /** Null for System. */
  readonly sessionId: number | null;
  readonly peb: bigint;
  readonly handleCount: number;
}

export interface DumpLock {
  readonly kind: 'critical-section' | 'mutant' | 'eresource' | 'fast-mutex' | 'push-lock';
  readonly address: Address;
  readonly symbol: string | null;
  /** Whose section it is; null for the others. */
  readonly process: Address | null;
  /** Empty only for push locks. */
  readonly owners: readonly Address[];
  readonly isExclusive: boolean;
  readonly sharedWaiters: readonly Address[];
  readonly exclusiveWaiters: readonly Address[];
  readonly contentionCount: number;
  readonly recursion: number;
  /** Sections: what prints them. `list`: `!cs -l` without the owner's address; `list-o`: with it; `dt`: raw fields only. */
  readonly shownBy: 'list' | 'list-o' | 'dt' | null;
  /** Fast mutexes: how far within it the event lies. */
  readonly eventOffset: number;
}

export interface DumpMessage {
  readonly kind: 'lpc' | 'alpc';
  /** Of LPC; 0 for ALPC. */
  readonly id: number;
  /** Of ALPC: the message. */
  readonly address: Address | null;
  readonly client: Address;
  /** Null where nobody took it. */
  readonly server: Address | null;
  readonly serverProcess: Address;
  readonly clientPort: Address;
  readonly serverPort: Address;
  readonly connectionPort: Address;
  readonly portName: string;
  /** Whether `!lpc message` or `!alpc /m` prints it. */
  readonly isShown: boolean;
}

export interface DumpIrp {
  readonly address: Address;
  readonly thread: Address;
  readonly driver: string;
  readonly device: Address;
  readonly file: Address;
  /** Of a remote file: `\SERVER\share`. */
  readonly fileName: string | null;
  readonly major: number;
  readonly minor: number;
  /** Null: only the thread's IRP list names it, and the thread does not wait for it. */
  readonly shownBy: 'irp' | 'irpfind' | null;
}

export interface DumpTruth {
  readonly seed: number;
  readonly generation: Generation;
  readonly pointerBytes: 4 | 8;
  readonly cpus: number;
  readonly nowTicks: number;
  readonly tickMs: number;
  /** System first. */
  readonly processes: readonly DumpProcess[];
  /** Printed or not. */
  readonly threads: readonly DumpThread[];
  readonly locks: readonly DumpLock[];
  readonly messages: readonly DumpMessage[];
  readonly irps: readonly DumpIrp[];
  readonly edges: readonly DumpEdge[];
  readonly cycles: readonly DumpCycle[];
  readonly chains: readonly DumpChain[];
  /** Of every thread with an edge: where its waiting ends, several where it waits for several owners at a time. */
  readonly roots: ReadonlyMap<Address, readonly DumpRoot[]>;
  /** Printed threads in the state WAIT, longest first, those of unknown duration last; equal ones by address. */
  readonly order: readonly { readonly thread: Address; readonly waitTicks: number | null }[];
}

export const addressOf = (value: bigint): Address => `0x${value.toString(16)}`;
export const processNode = (address: Address): Node => `process:${address}`;
export const driverNode = (driver: string): Node => `driver:${driver}`;
export const remoteNode = (server: string): Node => `remote:\\\\${server}`;
