/**
 * Images that run DPCs and ISRs on behalf of other drivers: the routine that the trace names is theirs, the time may be
 * the client's. What each is, and what shows the client, is from Microsoft's driver documentation.
 */
export interface Framework {
  readonly name: string;
  /** Who its clients are, in the field's words. */
  readonly clients: string;
  /** True where the clients are called through the kernel, as completion routines (IoCompleteRequest). */
  readonly completes?: boolean;
  /** What to record so that the client shows. */
  readonly collect: string;
}

export const STACKS =
  'record SampledProfile with stacks (xperf -on …+PROFILE -stackwalk Profile, or the wpr CPU profile)';

const FRAMEWORKS: Readonly<Record<string, Framework>> = {
  'wdf01000.sys': {
    name: 'KMDF',
    clients: 'a KMDF driver (its EvtDpcFunc, EvtTimerFunc or EvtInterruptDpc)',
    collect: `${STACKS}, or !wdfkd.wdfldr and !wdfkd.wdfdevice in a dump`,
  },
  'ndis.sys': {
    name: 'NDIS',
    clients: 'a network miniport or the protocols above it',
    collect: `${STACKS}; !ndiskd.miniport lists the miniports`,
  },
  'storport.sys': {
    name: 'Storport',
    clients: 'a storage miniport',
    collect: `${STACKS}; !storagekd.storadapter lists them`,
  },
  'scsiport.sys': { name: 'SCSI port', clients: 'a storage miniport', collect: STACKS },
  'ataport.sys': { name: 'ATA port', clients: 'an ATA miniport (atapi, msahci)', collect: STACKS },
  'usbport.sys': {
    name: 'USB port',
    clients: 'a USB function driver, by completing its transfers',
    completes: true,
    collect: STACKS,
  },
  'ucx01000.sys': {
    name: 'USB controller extension',
    clients: 'a USB function driver, by completing its transfers',
    completes: true,
    collect: STACKS,
  },
  'usbxhci.sys': {
    name: 'USB 3 host controller',
    clients: 'a USB function driver, by completing its transfers',
    completes: true,
    collect: STACKS,
  },
  'acpi.sys': {
    name: 'ACPI',
    clients: 'firmware: AML methods and embedded-controller events',
    collect: `${STACKS}; also record the Microsoft-Windows-Kernel-Acpi provider for the method names`,
  },
  'dxgkrnl.sys': {
    name: 'DirectX graphics kernel',
    clients: 'a display miniport',
    collect: `${STACKS}; also record the Microsoft-Windows-DxgKrnl provider`,
  },
  'videoprt.sys': { name: 'Video port', clients: 'a display miniport (XDDM)', collect: STACKS },
  'portcls.sys': { name: 'Port class audio', clients: 'an audio miniport', collect: STACKS },
  'hdaudbus.sys': { name: 'HD Audio bus', clients: 'an audio function driver', collect: STACKS },
  'ks.sys': { name: 'Kernel streaming', clients: 'a streaming minidriver', collect: STACKS },
  'hidclass.sys': { name: 'HID class', clients: 'a HID minidriver', collect: STACKS },
};

/** Routines of the kernel that call a driver's: `IoStartTimer`'s, and `ExSetTimer`'s. */
const KERNEL_TIMERS: Readonly<Record<string, Framework>> = {
  IopTimerDispatch: { name: 'The I/O manager', clients: 'a driver that called IoStartTimer', collect: STACKS },
  ExpTimerDpcRoutine: { name: 'The executive', clients: 'a driver that called ExSetTimer', collect: STACKS },
};

/**
 * The framework that an image is, or that a kernel routine is by itself; null where there is none. Letter case of the
 * image does not count.
 */
export function frameworkOf(module: string | null, fn: string | null = null): Framework | null {
  if (module === null) return null;
  const timer = fn !== null && isKernel(module) ? KERNEL_TIMERS[fn] : undefined;
  return timer ?? FRAMEWORKS[module.toLowerCase()] ?? null;
}

/** Images that are passed over when a stack is searched for the driver behind a framework's DPC. */
const KERNEL = new Set([
  'ntoskrnl.exe',
  'ntkrnlmp.exe',
  'ntkrnlpa.exe',
  'ntkrpamp.exe',
  'hal.dll',
  'halmacpi.dll',
  'nt',
  'hal',
]);

export function isKernel(module: string): boolean {
  return KERNEL.has(module.toLowerCase());
}
