/** Who is to be named for a wait: the driver in which it stands, or the program that asked for it. */
import type { Frame } from './frames.js';

/** Where a call from user mode enters the kernel. */
const SYSTEM_CALL =
  /^(?:KiFastCallEntry\w{0,8}|KiSystemService\w{0,20}|KiSystemCall\w{0,8}|KiSystemServiceCopyEnd|KiSystemServiceUser)$/;

/** Images that pass requests on or run them for others: the one to blame stands behind them. */
const PASSED_OVER = new Set([
  'nt',
  'hal',
  'fltmgr',
  'wdf01000',
  'wdfldr',
  'ks',
  'ksthunk',
  'portcls',
  'classpnp',
  'partmgr',
  'volmgr',
  'volmgrx',
  'volsnap',
  'ftdisk',
  'fvevol',
  'rdyboost',
  'iorate',
  'ndis',
  'storport',
  'scsiport',
  'ataport',
  'verifierext',
  'werkernel',
]);
/** Parts of the system in user mode that wait for whoever called them. */
const USER_SYSTEM = new Set([
  'ntdll',
  'kernel32',
  'kernelbase',
  'user32',
  'win32u',
  'gdi32',
  'gdi32full',
  'rpcrt4',
  'ole32',
  'combase',
  'advapi32',
  'sechost',
  'msvcrt',
  'ucrtbase',
  'wow64',
  'wow64cpu',
  'wow64win',
  'win32k',
  'win32kfull',
  'win32kbase',
  'msvcr80',
  'msvcr90',
  'msvcr100',
  'verifier',
]);

/** Clients of file servers, and what dispatches to them. */
const REDIRECTORS = new Set([
  'mup',
  'rdbss',
  'mrxsmb',
  'mrxsmb10',
  'mrxsmb20',
  'mrxdav',
  'dfsc',
  'dfs',
  'nwrdr',
  'nfsrdr',
  'rdpdr',
  'rdpbss',
  'webclient',
  'rxce',
  'davclnt',
  'npfsmrx',
  'p9rdr',
  'csc',
]);
const NETWORK_USER = new Set(['ws2_32', 'wsock32', 'mswsock', 'wininet', 'winhttp', 'wldap32', 'dnsapi', 'netapi32']);

export interface Blocker {
  /** `kernel`: it waits in a driver, called from the kernel; `user`: what asked for the wait in user mode. */
  readonly where: 'kernel' | 'user';
  readonly frame: Frame;
  readonly isRemote: boolean;
}

const KERNEL_32 = 0x8000_0000n;
const KERNEL_64 = 0xffff_8000_0000_0000n;
const isKernelAddress = (address: bigint): boolean =>
  address >= KERNEL_64 || (address >= KERNEL_32 && address < 1n << 32n);

/** Index of the first frame of user mode; the number of frames where there is none. */
export function userPart(frames: readonly Frame[]): number {
  // Stacks of user-mode debuggers have no kernel part.
  const known = frames.map(({ address }) => address).filter((address) => address !== null);
  if (known.length > 0 && !known.some(isKernelAddress) && !frames.some(({ base }) => base === 'nt')) return 0;
  const call = frames.findIndex(({ base, function: fn }) => base === 'nt' && fn !== null && SYSTEM_CALL.test(fn));
  if (call >= 0) return call + 1;
  const user = frames.findIndex(({ base }) => base === 'ntdll' || base.startsWith('kernel32') || base === 'kernelbase');
  return user < 0 ? frames.length : user;
}

/** True where it is a client of remote file servers. */
export const isRedirector = (base: string): boolean => REDIRECTORS.has(base);

/**
 * The code that waits: the innermost driver on the kernel's part of the stack, those that only pass requests on left out, or the
 * innermost part of user mode that is not the system's. Null where the stack shows neither.
 */
export function blockerOf(frames: readonly Frame[], doubtful: number | null): Blocker | null {
  const sure = doubtful === null ? frames : frames.slice(0, doubtful - 1);
  const user = userPart(sure);
  const inKernel = sure.slice(0, user).filter(({ base }) => base !== '');
  const driver = inKernel.find(({ base }) => !PASSED_OVER.has(base) && !base.startsWith('win32k')) ?? null;
  if (driver !== null) return { where: 'kernel', frame: driver, isRemote: REDIRECTORS.has(driver.base) };
  const outside = sure.slice(user).filter(({ base }) => base !== '');
  const network = outside
    .slice(0, 12)
    .some(
      ({ base, function: fn }) =>
        NETWORK_USER.has(base) && fn !== null && /recv|connect|select|Recv|Connect|Send|ldap|Query/.test(fn),
    );
  const caller = outside.find(({ base }) => !USER_SYSTEM.has(base));
  return caller === undefined ? null : { where: 'user', frame: caller, isRemote: network };
}
