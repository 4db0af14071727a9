/** Frames of stacks, taken apart, and what a debugger's or a tracer's user knows of them by name. */
import { formatAddress, isAddress } from '../../core/symbol.js';

/** One frame, as results show it. */
export interface Frame {
  /** As the source spells it, e.g. `myfault.sys`; null where no image is known. */
  readonly module: string | null;
  readonly function: string | null;
  /** Bytes behind the function, or behind the image where the function is not known; `0x358`. */
  readonly offset: string | null;
  readonly address: string | null;
}

/** What a frame is to the question who allocates. */
export type FrameKind =
  /** The pool's own functions, and what Driver Verifier and ETW put around them. */
  | 'pool'
  /** Functions of frameworks that allocate for their caller. */
  | 'wrapper'
  | 'kernel'
  | 'user';

/** A frame and what it is. */
export interface KnownFrame extends Frame {
  readonly kind: FrameKind;
  /** By which equal frames are folded: `module!function`, or the place where the function is not known. */
  readonly key: string;
  /** In the kernel image. */
  readonly isNt: boolean;
  /** Where a call from user mode enters the kernel. */
  readonly isSystemCall: boolean;
}

const KERNEL_64 = 0xffff_8000_0000_0000n;
const KERNEL_32 = 0x8000_0000n;

/** A frame, told what it is. */
export function withKind(frame: Frame): KnownFrame {
  const { module, function: fn, offset, address } = frame;
  const place = module === null ? (address ?? '?') : `${module}${offset === null ? '' : `+${offset}`}`;
  const key = fn === null ? place : `${module ?? '?'}!${fn}`;
  const nt = isNt(baseName(module));
  const isSystemCall = nt && fn !== null && SYSTEM_CALL.test(fn);
  return { ...frame, kind: kindOf(address === null ? null : BigInt(address), module, fn), key, isNt: nt, isSystemCall };
}

/** `myfault!MyfaultDeviceControl+0x358`, `NotMyfault+0x2384`, `ntoskrnl.exe!ExAllocatePool2`, an address, or nothing. */
export function readFrame(address: bigint | null, module: string | null, routine: string | null): KnownFrame {
  const { name, fn, offset } = routine === null ? { name: module, fn: null, offset: null } : cut(routine, module);
  return withKind({ module: name, function: fn, offset, address: formatAddress(address) });
}

function cut(
  routine: string,
  module: string | null,
): { name: string | null; fn: string | null; offset: string | null } {
  const { text, offset } = withoutOffset(routine.trim());
  const bang = text.indexOf('!');
  const left = bang < 0 ? text : text.slice(0, bang);
  const right = bang < 0 ? '' : text.slice(bang + 1).trim();
  const name = isUnknown(left) ? module : left;
  return { name, fn: isUnknown(right) ? null : right, offset };
}

const UNKNOWN = new Set(['', '?', 'unknown', '<unknown>', '<symbols disabled>', 'n/a']);
const isUnknown = (text: string): boolean => UNKNOWN.has(text.toLowerCase()) || isAddress(text);

/** `name+0x10`: operators of C++ such as `operator+` have no digits behind the sign. */
function withoutOffset(text: string): { text: string; offset: string | null } {
  const plus = text.lastIndexOf('+');
  const digits = plus < 0 ? '' : text.slice(plus + 1);
  if (!/^0x[0-9a-f]{1,16}$/i.test(digits)) return { text, offset: null };
  return { text: text.slice(0, plus), offset: digits.toLowerCase() };
}

/** A frame as results show it. */
export const bareFrame = ({ module, function: fn, offset, address }: Frame): Frame => ({
  module,
  function: fn,
  offset,
  address,
});

/** Frames as one line of text: `myfault.sys!MyfaultDeviceControl+0x358`. */
export function frameText({ module, function: fn, offset, address }: Frame): string {
  const name = fn === null ? (module ?? address ?? '?') : `${module ?? '?'}!${fn}`;
  return module === null && fn === null ? name : `${name}${offset === null || offset === '0x0' ? '' : `+${offset}`}`;
}

function kindOf(address: bigint | null, module: string | null, fn: string | null): FrameKind {
  if (address !== null && !isKernelAddress(address)) return 'user';
  const image = baseName(module);
  if (isNt(image)) return fn === null ? 'kernel' : POOL.test(fn) ? 'pool' : NT_WRAPPERS.test(fn) ? 'wrapper' : 'kernel';
  if (image === 'verifierext') return 'pool';
  if (address === null && isUserImage(module)) return 'user';
  return fn !== null && isWrapper(image, fn) ? 'wrapper' : 'kernel';
}

/** In the upper half of the addresses: those of 64 bits from 0xFFFF8000`00000000, of 32 bits from 0x80000000. */
export const isKernelAddress = (address: bigint): boolean =>
  address >= KERNEL_64 || (address >= KERNEL_32 && address < 0x1_0000_0000n);

/** File name without path and ending, lower case. */
export const baseName = (module: string | null): string =>
  (module ?? '')
    .toLowerCase()
    .replace(/^.*[\\/]/, '')
    .replace(/\.(sys|exe|dll)$/, '');

/** Names of the kernel image: ntoskrnl and its builds for several processors and PAE, `nt` to debuggers. */
const NT = new Set(['nt', 'ntoskrnl', 'ntkrnlmp', 'ntkrnlpa', 'ntkrpamp', 'ntkrla57']);
export const isNt = (image: string): boolean => NT.has(image);

/**
 * Functions of nt that allocate or free pool for others, and what stands around them on such stacks: Driver Verifier (Vf, Ve, Vi,
 * Verifier, Iov), ETW, the heap of Windows 10 and later (ExpHp, RtlpHp), blocks that the optimiser moved (`?? ::FNODOBFM::`).
 */
const POOL = new RegExp(
  [
    '^(Ex|Exp)(Allocate|Free|Reallocate|DeferredFreePool|Hp|Heap|Pool|InsertPool|RemovePool|UpdateTrack|TrackBig|AddTagFor|FindAndRemoveTag)',
    '^(RtlpHp|RtlHp)',
    '^(Mi|Mm)(Allocate|Free)Pool',
    // IovAllocateMdl, VerifierIoAllocateWorkItem, VfAllocatePool, ViPoolLogStackTrace.
    '^(Iov|Ve|Vf|Vi|Verifier)[A-Z]',
    '^Etwp?(TracePool|TraceAlloc|LogKernelEvent|LogSystemEvent|TraceStackWalk|StackWalk)',
    '^\\s?\\?\\?\\s?::',
  ].join('|'),
);

/**
 * Functions that hand pool on to whoever called them: the culprit is behind them. Documented allocation routines of each
 * component (learn.microsoft.com/windows-hardware/drivers/ddi).
 */
const WRAPPERS: Readonly<Record<string, RegExp>> = {
  ndis: /^(Ndis(M|F|Co|Cl)?Allocate|Ndis(M|F)?Free|ndisAllocate|ndisFree|ndisPpl|NdisCopy|NdisRetreat)/i,
  wdf01000: /^(imp_Wdf(Memory|Object|Request|WorkItem|Timer|Lookaside)|Fx(Pool|Object|Memory)|Mx|mxPool)/i,
  storport: /^(StorPortAllocate|StorPortExtendedFunction|StorPortFree|RaidAllocate|RaidFree|StorAllocate)/i,
  scsiport: /^(SpAllocate|SpFree)/i,
  fltmgr: /^(FltAllocate|FltFree|FltpAllocate|FltpFree|Fltp?Get\w*FileNameInformation)/i,
  fwpkclnt: /^Fwps(Allocate|Clone)/i,
  netio: /^(NetioAllocate|NetioFree|Rtl.*Allocate|KfdAllocate)/i,
  tdi: /^TdiAllocate/i,
  win32k: /^(Win32Alloc|Win32Free|EngAlloc|EngFree|UserAlloc|HeavyAlloc|AllocFree|PALLOC|NSInstrumentation)/i,
  win32kbase: /^(Win32Alloc|Win32Free|NSInstrumentation|UserAlloc|PALLOC)/i,
  win32kfull: /^(Win32Alloc|Win32Free|EngAlloc|EngFree|NSInstrumentation)/i,
  dxgkrnl: /^(operator new|operator delete)/i,
  watchdog: /^(operator new|operator delete|Wd.*Allocate)/i,
  ks: /^(Ks(Allocate|Create)ObjectBag|KsAllocate)/i,
  portcls: /^(operator new|operator delete|PcNew)/i,
  usbport: /^USBPORT_AllocPool/i,
};

/** Routines of nt that allocate what they make for a driver: MDLs, IRPs, work items, objects, strings. */
const NT_WRAPPERS =
  /^(Io|Iop)Allocate|^Mm(Allocate|Create)|^ExAllocateFrom|^ExInitialize\w*Lookaside|^Ob(p?AllocateObject|CreateObject)|^Rtl(Create|Duplicate)UnicodeString|^Rtl\w+ToUnicodeString|^Fsrtlp?Allocate|^FsRtlp?Allocate/;

/** Whether some of a module's routines allocate for others: without names, which ones is not known. */
export const isFramework = (image: string): boolean => Object.hasOwn(WRAPPERS, image);

const isWrapper = (image: string, fn: string): boolean => WRAPPERS[image]?.test(fn) === true;

/** Kernel modules that do not end in .sys. */
const KERNEL_DLLS =
  /^(hal|ci|kd\w*|bootvid|pshed|mcupdate\w*|win32k\w*|clfs|ntoskrnl|ntkr\w+|cng|tm|werkernel|ksecdd|msrpc|verifierext)$/;
/** User-mode modules that debuggers print without ending. */
const USER_NAMES =
  /^(ntdll|kernel32|kernelbase|user32|gdi32|gdi32full|win32u|advapi32|rpcrt4|ole32|combase|ws2_32|mswsock|ucrtbase|msvcrt|wow64\w*|sechost|shell32|clr|coreclr|mscorlib)$/;

function isUserImage(module: string | null): boolean {
  if (module === null) return false;
  const image = baseName(module);
  if (USER_NAMES.test(image)) return true;
  return /\.(exe|dll)$/i.test(module) && !KERNEL_DLLS.test(image) && !isNt(image);
}

/** Routines of nt in which a call from user mode enters it. */
const SYSTEM_CALL =
  /^(KiSystemService|KiFastCallEntry|KiFastSystemCall|KiSystemCall|KiServiceInternal|KiSystemServiceCopyEnd|KiSystemServiceExit|KiSystemServiceStart)/i;

/** Routines of nt under which threads of the kernel run. */
export const SYSTEM_THREAD =
  /^(PspSystemThreadStartup|KiStartSystemThread|KiThreadStartup|ExpWorkerThread|ExWorker|IopProcessWorkItem|KxStartSystemThread)/i;

/** What is at the outer end of every thread of user mode, and says nothing of it. */
export const THREAD_START =
  /^(_?RtlUserThreadStart|__RtlUserThreadStart|BaseThreadInitThunk|BaseProcessStart|_?_?(tmain|wmain|main|wWinMain|WinMain)CRTStartup|__scrt_common_main(_seh)?|invoke_main|__tmainCRTStartup|_start|mainCRTStartup|WinMainCRTStartup)$/i;
