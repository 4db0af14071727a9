/** Who allocates on a stack, for whom, and through which call. */
import {
  bareFrame,
  baseName,
  type Frame,
  isFramework,
  isKernelAddress,
  isNt,
  type KnownFrame,
  SYSTEM_THREAD,
  THREAD_START,
} from './frames.js';

/** The code that allocated: the first frame outside nt's pool functions and Driver Verifier. */
export interface Allocator extends Frame {
  /** Where that is a routine by which a framework allocates for others (`NdisAllocateMemoryWithTag`): the frame that called it. */
  readonly calledBy: Frame | null;
  /** False where nt's frames have no names, so that its pool functions cannot be told from others. */
  readonly certain: boolean;
}

/** The driver to be blamed: behind a framework that allocates for others, whoever called it. */
export const driverOf = ({ module, calledBy }: Allocator): string | null => calledBy?.module ?? module;

/** On whose behalf. */
export interface Requester extends Frame {
  readonly process: string | null;
  readonly pid: number | null;
  /** System call that led into the kernel (`NtDeviceIoControlFile`); null where none is on the stack. */
  readonly call: string | null;
}

/** Where user mode begins: index of its first frame; the length where there is none. */
export function userFrom(frames: readonly KnownFrame[]): number {
  // A driver that calls a Zw routine passes the system call, too: behind it, its frames are still the kernel's.
  const call = frames.findLastIndex(({ isSystemCall }, i) => isSystemCall && !isInKernel(frames[i + 1]));
  if (call >= 0) return call + 1;
  const user = frames.findIndex(({ kind }) => kind === 'user');
  return user < 0 ? frames.length : user;
}

function isInKernel(frame: KnownFrame | undefined): boolean {
  return frame !== undefined && frame.address !== null && isKernelAddress(BigInt(frame.address));
}

/** Null where the stack holds pool functions only. */
export function allocatorOf(frames: readonly KnownFrame[]): Allocator | null {
  const kernel = frames.slice(0, userFrom(frames));
  const from = kernel.findIndex(({ kind }) => kind !== 'pool');
  if (from < 0) return null;
  const first = kernel[from];
  if (first.function === null && first.isNt) return outsideNt(kernel, from);
  if (first.kind !== 'wrapper') return { ...bareFrame(first), calledBy: null, certain: true };
  const behind = kernel.find(
    ({ kind, module }, i) => i > from && kind !== 'wrapper' && kind !== 'pool' && !isSame(module, first.module),
  );
  // What nt calls, such as a dispatch routine, allocates for itself.
  const isOwn = behind === undefined || (behind.isNt && !first.isNt);
  return { ...bareFrame(first), calledBy: isOwn ? null : bareFrame(behind), certain: true };
}

/** Without symbols, which of nt's frames are its pool functions is not known: the first one outside nt called them, by one way or another. */
function outsideNt(kernel: readonly KnownFrame[], from: number): Allocator {
  const outside = kernel.find((frame, i) => i > from && !frame.isNt && frame.kind !== 'pool');
  return { ...bareFrame(outside ?? kernel[from]), calledBy: behindFramework(kernel, outside), certain: false };
}

/** Who called a framework whose frames have no names: it may have allocated for them. */
function behindFramework(kernel: readonly KnownFrame[], outside: KnownFrame | undefined): Frame | null {
  if (outside === undefined || outside.function !== null || !isFramework(baseName(outside.module))) return null;
  const behind = kernel.slice(kernel.indexOf(outside)).find(({ module }) => !isSame(module, outside.module));
  return behind === undefined || behind.isNt || behind.module === null ? null : bareFrame(behind);
}

const isSame = (a: string | null, b: string | null): boolean => baseName(a) === baseName(b);

/** The process, and where in it the way into the kernel began; for threads of the kernel, their outermost routine. */
export function requesterOf(
  frames: readonly KnownFrame[],
  process: string | null,
  pid: number | null,
): Requester | null {
  const user = userFrom(frames);
  const entry = user < frames.length ? userEntry(frames.slice(user), process) : systemEntry(frames.slice(0, user));
  const call = callOf(frames.slice(0, user));
  if (entry === null && process === null && pid === null && call === null) return null;
  const shown = entry === null ? { module: null, function: null, offset: null, address: null } : bareFrame(entry);
  return { process, pid, ...shown, call };
}

/** From the outer end: the first frame in the process's own image, else in none of the system's. */
function userEntry(frames: readonly KnownFrame[], process: string | null): KnownFrame | null {
  const outer = [...frames].reverse().filter(({ function: fn }) => fn === null || !THREAD_START.test(fn));
  const own = process === null ? undefined : outer.find(({ module }) => isSame(module, process));
  return (
    own ??
    outer.find(({ module }) => module !== null && !SYSTEM_DLLS.test(baseName(module))) ??
    outer[0] ??
    frames.at(-1) ??
    null
  );
}

const SYSTEM_DLLS =
  /^(ntdll|kernel32|kernelbase|user32|win32u|gdi32|gdi32full|advapi32|sechost|rpcrt4|wow64\w*|ucrtbase|msvcrt)$/;

/** Of a thread of the kernel: the outermost frame that is not nt's way of starting threads. */
function systemEntry(kernel: readonly KnownFrame[]): KnownFrame | null {
  const start = kernel.findIndex(({ function: fn }) => fn !== null && SYSTEM_THREAD.test(fn));
  return start > 0 && kernel[start - 1].kind !== 'pool' ? kernel[start - 1] : null;
}

/** The service of nt that user mode called: the outermost Nt routine, below the system call. */
function callOf(kernel: readonly KnownFrame[]): string | null {
  return (
    kernel.findLast(
      ({ module, function: fn }) =>
        fn !== null && /^Nt[A-Z]/.test(fn) && (isNt(baseName(module)) || /^win32k/.test(baseName(module))),
    )?.function ?? null
  );
}
