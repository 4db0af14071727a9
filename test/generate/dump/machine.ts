/** The machine of a made-up dump: addresses, processes, drivers. Programs, drivers and their functions are invented. */
import { type Random, seeded } from '../random.js';
import type { Address, Generation } from './truth.js';
import { addressOf } from './truth.js';

export const addressPlus = (address: Address, bytes: number): Address => addressOf(BigInt(address) + BigInt(bytes));

export const chance = (random: Random, share: number): boolean => random.next() < share;

/** The items in another order. */
export function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const all = [...items];
  for (let i = all.length - 1; i > 0; i--) {
    const j = random.whole(0, i);
    [all[i], all[j]] = [all[j], all[i]];
  }
  return all;
}

/** Hands out addresses of one region, none twice. */
export interface Region {
  next(): Address;
}

function region(random: Random, base: bigint, slots: number, slotBytes: number, align: number): Region {
  const taken = new Set<number>();
  return {
    next: () => {
      let slot = random.whole(0, slots - 1);
      while (taken.has(slot)) slot = (slot + 1) % slots;
      taken.add(slot);
      return addressOf(base + BigInt(slot * slotBytes + random.whole(1, 4) * align));
    },
  };
}

export interface Spaces {
  /** Threads, processes, events, IRPs, devices. */
  readonly nonpaged: Region;
  /** Ports, messages. */
  readonly paged: Region;
  /** Critical sections on heaps. */
  readonly heap: Region;
  readonly kernelStack: Region;
  readonly userStack: Region;
}

export const isWide = (generation: Generation): boolean => generation === 'win10';

export function spacesOf(random: Random, generation: Generation): Spaces {
  if (isWide(generation)) {
    return {
      nonpaged: region(random, 0xffffe001c0000000n, 0x8000, 0x2000, 0x40),
      paged: region(random, 0xffffc00170000000n, 0x8000, 0x1000, 0x10),
      heap: region(random, 0x1f4a0000000n, 0x4000, 0x1000, 0x8),
      kernelStack: region(random, 0xffffd001c0000000n, 0x1000, 0x10000, 0x1000),
      userStack: region(random, 0xee60000000n, 0x1000, 0x100000, 0x10000),
    };
  }
  return {
    nonpaged: region(random, 0x86000000n, 0x4000, 0x1000, 0x18),
    paged: region(random, 0xe1000000n, 0x4000, 0x1000, 0x18),
    heap: region(random, 0x00150000n, 0x1000, 0x1000, 0x18),
    kernelStack: region(random, 0xf4000000n, 0x300, 0x8000, 0x1000),
    userStack: region(random, 0x02000000n, 0x100, 0x40000, 0x4000),
  };
}

/** Where the code of a module lies. Modules that are not listed are put somewhere by their names. */
const BASES: Readonly<Record<Generation, Readonly<Record<string, bigint>>>> = {
  xp: {
    nt: 0x804d7000n,
    hal: 0x806d0000n,
    win32k: 0xbf800000n,
    ntdll: 0x7c900000n,
    kernel32: 0x7c800000n,
    USER32: 0x7e410000n,
  },
  '2003': {
    nt: 0x80800000n,
    hal: 0x80a50000n,
    win32k: 0xbf800000n,
    ntdll: 0x7c800000n,
    kernel32: 0x77e40000n,
    USER32: 0x77380000n,
  },
  win10: {
    nt: 0xfffff803cd600000n,
    FLTMGR: 0xfffff80077000000n,
    win32kfull: 0xfffff96050c00000n,
    ntdll: 0x7ff8b2e00000n,
    KERNEL32: 0x7ff8b1d00000n,
    KERNELBASE: 0x7ff8b0700000n,
    USER32: 0x7ff8b2500000n,
  },
};

export function hashOf(text: string): number {
  let hash = 7;
  for (const c of text) hash = (Math.imul(hash, 31) + c.charCodeAt(0)) >>> 0;
  return hash;
}

/** Address of `module!function`, the same for every thread of a dump. */
export function codeAddress(generation: Generation, symbol: string): bigint {
  const [module, fn = ''] = symbol.split('!');
  const inside = 0x1000n + BigInt((hashOf(fn) % 0xa000) * 0x10);
  const base = BASES[generation][module];
  if (base !== undefined) return base + inside;
  const slot = BigInt(hashOf(module) % 0x60);
  const isDriver = Object.hasOwn(DRIVERS, module);
  if (isWide(generation)) return (isDriver ? 0xfffff80070000000n : 0x7ff800000000n) + slot * 0x200000n + inside;
  return (isDriver ? 0xf6000000n : 0x60000000n) + slot * 0x100000n + inside;
}

export interface Driver {
  readonly object: string;
  readonly functions: readonly [string, string, string];
}

/** By module. */
export const DRIVERS: Readonly<Record<string, Driver>> = {
  fastnic: { object: '\\Driver\\fastnic', functions: ['FnWaitForReset', 'FnDeviceControl', 'FnDispatch'] },
  hidpoll: { object: '\\Driver\\hidpoll', functions: ['HpReadReport', 'HpStartIo', 'HpDispatch'] },
  stordrv: { object: '\\Driver\\stordrv', functions: ['SdFlushQueue', 'SdScsiCommand', 'SdDispatch'] },
  vpnshim: { object: '\\Driver\\vpnshim', functions: ['VsSendRecord', 'VsTunnel', 'VsDispatch'] },
  fltguard: { object: '\\FileSystem\\fltguard', functions: ['FgScanFile', 'FgPreCreate', 'FgDispatch'] },
  Ntfs: { object: '\\FileSystem\\Ntfs', functions: ['NtfsAcquireResource', 'NtfsCommonWrite', 'NtfsFsdWrite'] },
  Mup: { object: '\\FileSystem\\Mup', functions: ['MupiIssueQueryRequest', 'MupiResolvePrefix', 'MupCreate'] },
};

/** Drivers that an IRP can be pending at; Mup stands for remote files. */
export const IO_DRIVERS = ['fastnic', 'hidpoll', 'stordrv', 'vpnshim', 'fltguard'] as const;
export const LOCKING_DRIVERS = ['stordrv', 'vpnshim', 'fltguard', 'Ntfs'] as const;

export const IMAGES = [
  'svchost.exe',
  'ordersvc.exe',
  'ledger.exe',
  'spoolhub.exe',
  'syncagent.exe',
  'webfront.exe',
  'indexer.exe',
  'mailgate.exe',
  'reportd.exe',
  'authsvc.exe',
  'cachesrv.exe',
  'trayapp.exe',
  'backupd.exe',
  'svchost.exe',
] as const;
export const LIBRARIES = ['datalink', 'netpipe', 'cachelib', 'uikit', 'reportlib', 'txcore'] as const;
export const FUNCTIONS = [
  'OpenSession',
  'CommitBatch',
  'FlushQueue',
  'LookupName',
  'RunJob',
  'UpdateIndex',
  'CSession::Refresh',
  'HandleRequest',
  'WorkerMain',
  'GetSettings',
] as const;
export const PORTS = ['OrderPort', 'LedgerApi', 'AuthLookup', 'SpoolHubRpc', 'CacheNotify', 'IndexQuery'] as const;
export const SERVERS = ['SRV-FILES01', 'HQDATA', 'BRANCH-NAS', 'BUILDHOST'] as const;
export const SECTIONS = [
  'txcore!g_csJobs',
  'datalink!gSessionLock',
  'cachelib!g_CacheLock',
  'uikit!g_csPaint',
  'ntdll!LdrpLoaderLock',
] as const;

/** A stream of numbers of its own, so that what one part draws does not move another. */
export const streamOf = (seed: number, name: string): Random =>
  seeded((Math.imul(seed, 0x9e3779b1) ^ hashOf(name)) >>> 0);
