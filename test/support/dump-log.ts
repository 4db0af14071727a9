/** Short outputs of debuggers, made up: blocks of threads, stacks, locks and messages in the layouts that they print. */
import type { DumpResult, Report } from '../../src/index.js';

const NOW = 2_000_000;
const TICK_MS = 15.625;

/** `0:05:34:28.281` */
function timeOf(ticks: number): string {
  const ms = Math.floor(ticks * TICK_MS);
  const part = (value: number, length = 2): string => String(value).padStart(length, '0');
  const [h, m, s] = [Math.floor(ms / 3_600_000), Math.floor(ms / 60_000) % 60, Math.floor(ms / 1000) % 60];
  return `0:${part(h)}:${part(m)}:${part(s)}.${part(ms % 1000, 3)}`;
}

export interface Block {
  readonly address: string;
  /** `fa4.f48` */
  readonly cid: string;
  readonly process: string;
  readonly image: string;
  /** `WAIT: (UserRequest)` or `READY on processor 1`; what stands behind a wait is added. */
  readonly state?: string;
  /** Objects that it waits for, and lines such as `Waiting for reply to …`. */
  readonly waits?: readonly string[];
  readonly ticks?: number;
  readonly frames?: readonly string[];
}

/** A block as `!process 0 17` prints it, on x86 or x64 by the length of its address. */
export function block({ address, cid, process, image, state, waits = [], ticks = 1000, frames = [] }: Block): string {
  const is64 = address.length === 16;
  const wait = state ?? 'WAIT: (UserRequest)';
  const mode = wait.startsWith('WAIT') ? ' UserMode Non-Alertable' : '';
  return [
    `THREAD ${address}  Cid ${cid}  Teb: 7ffdd000 Win32Thread: 00000000 ${wait}${mode}`,
    ...waits.map((line) => (/^(?:Waiting|Current)/.test(line) ? line : `    ${line}`)),
    'Not impersonating',
    `Owning Process            ${process}       Image:         ${image}`,
    `Wait Start TickCount      ${NOW - ticks}        Ticks: ${ticks} (${timeOf(ticks)})`,
    'Context Switch Count      149',
    ...(frames.length === 0 ? [] : [is64 ? HEADER_64 : HEADER_32, ...(is64 ? stack64(frames) : stack32(frames))]),
    '',
  ].join('\n');
}

const HEADER_32 = 'ChildEBP RetAddr  Args to Child';
const HEADER_64 = `Child-SP          RetAddr           : ${'Args to Child'.padEnd(72)}: Call Site`;

/** `ntdll!RtlEnterCriticalSection+0x46 7c98e178`: routine and first arguments. */
const partsOf = (frame: string): { routine: string; args: string[] } => {
  const [routine, ...args] = frame.split(' ');
  return { routine, args };
};
const isKernel = (frames: readonly string[], i: number): boolean =>
  i <= frames.findIndex((frame) => /^nt!Ki(?:FastCallEntry|SystemService)/.test(frame)) ||
  /^(?:nt|hal)!/.test(frames[i]);

function stack32(frames: readonly string[]): string[] {
  return frames.map((frame, i) => {
    const { routine, args } = partsOf(frame);
    const at = ((isKernel(frames, i) ? 0xb88a0000 : 0x00a80000) + (i + 1) * 0x20).toString(16).padStart(8, '0');
    const three = [0, 1, 2].map((n) => (args[n] ?? '0').padStart(8, '0'));
    return `${at} 804e1bf2 ${three.join(' ')} ${routine}`;
  });
}

const wide = (digits: string): string => digits.padStart(16, '0').replace(/^(.{8})/, '$1`');

function stack64(frames: readonly string[]): string[] {
  return frames.map((frame, i) => {
    const { routine, args } = partsOf(frame);
    const at = ((isKernel(frames, i) ? 0xfffff880_00000000n : 0n) + 0x29f000n + BigInt(i) * 0x40n).toString(16);
    const four = [0, 1, 2, 3].map((n) => wide(args[n] ?? '0'));
    return `${wide(at)} 00000000\`77c6d4a1 : ${four.join(' ')} : ${routine}`;
  });
}

/** A stack of user mode as `~*kv` prints it. */
export const userThread = (number: number, cid: string, frames: readonly string[], is64 = false): string =>
  [`   ${number}  Id: ${cid} Suspend: 1 Teb: 7ffde000 Unfrozen`, userStack(frames, is64)].join('\n');

/** The same without the line of the thread, as `~0kv` prints it. */
export const userStack = (frames: readonly string[], is64 = false): string =>
  [is64 ? HEADER_64 : HEADER_32, ...(is64 ? stack64(frames) : stack32(frames)), ''].join('\n');

/** A locked section as `!cs -l` prints it. */
export const section = (address: string, symbol: string, owner: string, lockCount = '0x1'): string =>
  `-----------------------------------------
DebugInfo          = 0x0014a000
Critical section   = 0x${address} (${symbol}+0x0)
LOCKED
LockCount          = ${lockCount}
OwningThread       = 0x${owner}
RecursionCount     = 0x1
LockSemaphore      = 0x48
SpinCount          = 0x00000000
`;

/** A resource as `!locks` prints it. */
export const resource = (address: string, owners: readonly string[], exclusive: readonly string[]): string =>
  `Resource @ 0x${address}    ${owners.length > 1 ? `Shared ${owners.length} owning threads` : 'Exclusively owned'}
    Contention Count = 3
    NumberOfExclusiveWaiters = ${exclusive.length}
     Threads: ${owners.map((owner) => `${owner}-01<*>`).join(' ')}
     Threads Waiting On Exclusive Access:
              ${exclusive.join('       ')}

`;

/** What `!lpc message` says of one. */
export const lpcMessage = (id: string, client: string, server: string): string =>
  `kd> !lpc message ${id}
Searching message ${id} in threads ...
    Server thread ${server} is working on message ${id}
Client thread ${client} waiting a reply from ${id}
Done.
`;

/** Innermost frames of x86: a wait for an object through the kernel. */
export const KERNEL_WAIT = [
  'nt!KiSwapContext+0x2f',
  'nt!KiSwapThread+0x8a',
  'nt!KeWaitForSingleObject+0x1c2',
  'nt!NtWaitForSingleObject+0x9a 48',
  'nt!KiFastCallEntry+0xfc',
  'ntdll!KiFastSystemCallRet',
  'kernel32!WaitForSingleObjectEx+0xa8 48 ffffffff',
];
/** A client of LPC. */
export const LPC_CALL = [
  'nt!KiSwapContext+0x2f',
  'nt!KeWaitForSingleObject+0x1c2',
  'nt!NtRequestWaitReplyPort+0x63d',
  'nt!KiFastCallEntry+0xfc',
  'ntdll!ZwRequestWaitReplyPort+0xc',
  'RPCRT4!LRPC_CCALL::SendReceive+0x228',
  'app!CallServer+0x1b',
];
/** Enters a section. */
export const enters = (address: string, caller = 'app!Work+0x20'): string[] => [
  'ntdll!KiFastSystemCallRet',
  'ntdll!ZwWaitForSingleObject+0xc 48',
  `ntdll!RtlpWaitForCriticalSection+0x132 ${address}`,
  `ntdll!RtlEnterCriticalSection+0x46 ${address}`,
  caller,
];
export const entersFromKernel = (address: string, caller = 'app!Work+0x20'): string[] => [
  ...KERNEL_WAIT.slice(0, 5),
  ...enters(address, caller),
];
/** A client of ALPC, x64. */
export const ALPC_CALL = [
  'nt!KiSwapContext+0x7a',
  'nt!KiCommitThreadWait+0x1d2',
  'nt!KeWaitForSingleObject+0x19f',
  'nt!AlpcpSignalAndWait+0x8f',
  'nt!AlpcpReceiveSynchronousReply+0x46',
  'nt!NtAlpcSendWaitReceivePort+0x1ab',
  'nt!KiSystemServiceCopyEnd+0x13',
  'ntdll!ZwAlpcSendWaitReceivePort+0xa',
  'RPCRT4!LRPC_CCALL::SendReceive+0x156',
  'app!CallServer+0x44',
];
/** What `!alpc /m` says of a message, short. */
export const alpcMessage = (address: string, client: string, server: string): string =>
  `0: kd> !alpc /m ${address}

Message @ ${address}
  MessageID             : 0x0BFC (3068)
  Type                  : LPC_REQUEST
  Canceled              : No
  WaitingThread         : ${client}
  QueueType             : ALPC_MSGQUEUE_PENDING
  QueuePort             : fffffa8009db7160 [ALPC_CONNECTION_PORT]
  QueuePortOwnerProcess : fffffa8009a3e060 (server.exe)
  ServerThread          : ${server}
  CancelQueuePort       : 0000000000000000
`;

/** `0x1 -> 0x2 mutant 0x3`, with `?` behind where it is inferred. */
export const edges = ({ result }: Report<DumpResult>): string[] =>
  result.waitEdges.map(
    ({ from, to, kind, object, certain }) =>
      `${from} -> ${to} ${kind}${object === null ? '' : ` ${object}`}${certain ? '' : ' ?'}`,
  );
/** `0x1 > 0x2: why` */
export const chains = ({ result }: Report<DumpResult>): string[] =>
  result.chains.map(({ threads, root }) => `${threads.join(' > ')}: ${root.isDeadlock ? 'deadlock' : root.why}`);
export const deadlocks = ({ result }: Report<DumpResult>): string[][] =>
  result.deadlocks.map(({ threads }) => [...threads]);
export const order = ({ result }: Report<DumpResult>): string[] => result.order.map(({ thread }) => thread);
export const rules = ({ findings }: Report<DumpResult>): string[] => findings.map(({ rule }) => rule);
export const messagesOf = ({ findings }: Report<DumpResult>, rule: string): string[] =>
  findings.filter((finding) => finding.rule === rule).map(({ message }) => message);
