/** Bits of LogFileMode: EVENT_TRACE_*_MODE in evntrace.h, learn.microsoft.com/windows/win32/etw/logging-mode-constants. */
const MODES: readonly (readonly [number, string])[] = [
  [0x00000001, 'sequential'],
  [0x00000002, 'circular'],
  [0x00000004, 'append'],
  [0x00000008, 'new file'],
  [0x00000010, 'ms flush timer'],
  [0x00000020, 'preallocate'],
  [0x00000040, 'nonstoppable'],
  [0x00000080, 'secure'],
  [0x00000100, 'real time'],
  [0x00000200, 'delay open file'],
  [0x00000400, 'buffering'],
  [0x00000800, 'private logger'],
  [0x00001000, 'add header'],
  [0x00002000, 'use kbytes for size'],
  [0x00004000, 'use global sequence'],
  [0x00008000, 'use local sequence'],
  [0x00010000, 'relog'],
  [0x00020000, 'private in proc'],
  [0x00400000, 'stop on hybrid shutdown'],
  [0x00800000, 'persist on hybrid shutdown'],
  [0x01000000, 'use paged memory'],
  [0x02000000, 'system logger'],
  [0x04000000, 'compressed'],
  [0x08000000, 'independent session'],
  [0x10000000, 'no per processor buffering'],
  [0x20000000, 'blocking'],
];

/** The mode in words, e.g. `sequential, compressed (0x4000001)`. */
export function fileMode(mode: number): string {
  const names = MODES.filter(([bit]) => (mode & bit) !== 0).map(([, name]) => name);
  return `${names.length > 0 ? names.join(', ') : 'none'} (0x${(mode >>> 0).toString(16)})`;
}
