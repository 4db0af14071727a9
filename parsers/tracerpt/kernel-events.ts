/**
 * The kernel events that are read, and how to know them: by class and type name in CSV, by class GUID and opcode in XML.
 * Names and event types are those of the MOF classes of the kernel logger:
 * https://learn.microsoft.com/windows/win32/etw/msnt-systemtrace
 */

type Use =
  | 'header'
  | 'lost'
  | 'dpc'
  | 'isr'
  | 'image'
  | 'process'
  | 'thread'
  | 'cswitch'
  | 'ready'
  | 'sample'
  | 'stack'
  | 'pool';

/** One kind of kernel event: how to know it, and what it is used for. */
export interface KernelEvent {
  /** MOF class = `Event Name` in CSV, `EventName` in XML. */
  readonly className: string;
  readonly opcode: number;
  /** MOF event type names = `Type` in CSV. */
  readonly names: readonly string[];
  readonly use: Use;
  /** What the table's `type` or `event` column says. */
  readonly says: string;
}

/** `ExtendedTracingInfo/EventGuid` of the classes, in lower case. */
const GUIDS: Readonly<Record<string, string>> = {
  '68fdd900-4a3e-11d1-84f4-0000f80464e3': 'EventTrace',
  'ce1dbfb4-137e-4da6-87b0-3f59aa102cbc': 'PerfInfo',
  '3d6fa8d1-fe05-11d0-9dda-00c04fd7ba7c': 'Thread',
  '3d6fa8d0-fe05-11d0-9dda-00c04fd7ba7c': 'Process',
  '2cb15d1d-5fc1-11d2-abe1-00a0c911f518': 'Image',
  'def2fe46-7bd6-4b80-bd94-f57fe20d0ce3': 'StackWalk',
  '0268a8b6-74fd-4302-9dd0-6e8f1795c0cf': 'PoolTrace',
  '6a399ae0-4bc6-4de9-870b-3657f8947e7e': 'Lost_Event',
};

const event = (className: string, opcode: number, names: string, use: Use, says: string): KernelEvent => ({
  className,
  opcode,
  names: names.split('|'),
  use,
  says,
});

const KERNEL_EVENTS: readonly KernelEvent[] = [
  event('EventTrace', 0, 'Header', 'header', 'Header'),
  event('Lost_Event', 32, 'RT_LostEvent', 'lost', 'events'),
  event('Lost_Event', 33, 'RT_LostBuffer', 'lost', 'buffers'),
  event('Lost_Event', 34, 'RT_LostFile', 'lost', 'files'),
  // The MOF page spells the threaded one `ThreadDPC`.
  event('PerfInfo', 66, 'ThreadDPC|ThreadedDPC', 'dpc', 'ThreadedDPC'),
  event('PerfInfo', 68, 'DPC', 'dpc', 'DPC'),
  event('PerfInfo', 69, 'TimerDPC', 'dpc', 'TimerDPC'),
  event('PerfInfo', 67, 'ISR', 'isr', 'ISR'),
  event('PerfInfo', 50, 'ISR-MSI', 'isr', 'ISR-MSI'),
  event('PerfInfo', 95, 'PassiveISR|ISR-Passive', 'isr', 'PassiveISR'),
  event('PerfInfo', 46, 'SampleProf|SampledProfile', 'sample', 'SampledProfile'),
  event('Image', 10, 'Load', 'image', 'load'),
  event('Image', 2, 'UnLoad', 'image', 'unload'),
  event('Image', 3, 'DCStart', 'image', 'rundown-start'),
  event('Image', 4, 'DCEnd', 'image', 'rundown-end'),
  event('Process', 1, 'Start', 'process', 'start'),
  event('Process', 2, 'End', 'process', 'end'),
  event('Process', 3, 'DCStart', 'process', 'rundown-start'),
  event('Process', 4, 'DCEnd', 'process', 'rundown-end'),
  event('Process', 39, 'Defunct', 'process', 'defunct'),
  event('Thread', 1, 'Start', 'thread', 'start'),
  event('Thread', 2, 'End', 'thread', 'end'),
  event('Thread', 3, 'DCStart', 'thread', 'rundown-start'),
  event('Thread', 4, 'DCEnd', 'thread', 'rundown-end'),
  event('Thread', 36, 'CSwitch', 'cswitch', 'CSwitch'),
  event('Thread', 50, 'ReadyThread', 'ready', 'ReadyThread'),
  event('StackWalk', 32, 'Stack', 'stack', 'Stack'),
  // Opcodes are sure, names are not: no real export was found.
  event('PoolTrace', 32, 'Alloc|PoolAlloc|Allocate|PoolAllocate|PoolAllocation', 'pool', 'Alloc'),
  event('PoolTrace', 33, `${sessionNames('Alloc')}|${sessionNames('Allocate')}`, 'pool', 'AllocSession'),
  event('PoolTrace', 34, 'Free|PoolFree', 'pool', 'Free'),
  event('PoolTrace', 35, sessionNames('Free'), 'pool', 'FreeSession'),
];

/** Classes that go by a second name: `Pool` is how WPA and logs call the MOF class `PoolTrace`. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([['pool', 'pooltrace']]);

function sessionNames(verb: string): string {
  return `${verb}Session|${verb} Session|Session${verb}|Pool${verb}Session|PoolSession${verb}|SessionPool${verb}`;
}

/** The kernel event of that class and type name; the type may also be an opcode, where tracerpt had no name for it. */
export function kernelEventNamed(className: string, type: string): KernelEvent | null {
  const lower = className.toLowerCase();
  const wantedClass = OTHER_NAMES.get(lower) ?? lower;
  const wanted = type.toLowerCase();
  for (const known of KERNEL_EVENTS) {
    const lostMarker = known.use === 'lost' && wanted.startsWith('rt_lost');
    if (known.className.toLowerCase() !== wantedClass && !lostMarker) continue;
    if (known.names.some((name) => name.toLowerCase() === wanted)) return known;
    // Type 0 is also what manifest events print; no class has a manifest event of its name.
    if (wanted === String(known.opcode)) return known;
  }
  return null;
}

/**
 * An event as counted: `PerfInfo/DPC` where it goes by its class and has no id; `Microsoft-Windows-Kernel-Acpi/7` where
 * only the id tells a provider's events apart.
 */
export function shownName(provider: string, type: string, id: string): string {
  if (id === '0') return `${provider}/${type}`;
  return `${provider}/${/^\d*$/.test(type) ? '' : `${type}/`}${id}`;
}

/** The MOF class of an event GUID; null where it is no kernel class that is used here. */
export function className(guid: string): string | null {
  return GUIDS[guid.replace(/[{}\s]/g, '').toLowerCase()] ?? null;
}

/** The kernel event of that class GUID (with or without braces) and opcode. */
export function kernelEventOfGuid(guid: string, opcode: number): KernelEvent | null {
  const name = className(guid);
  if (name === null) return null;
  return KERNEL_EVENTS.find((known) => known.className === name && known.opcode === opcode) ?? null;
}
