/**
 * Names of the fields of kernel events, which CSV gives by position only. Names and order are those of the MOF classes of
 * the kernel logger: https://learn.microsoft.com/windows/win32/etw/msnt-systemtrace
 */
import type { KernelEvent } from './kernel-events.js';

const HEADER_FIELDS =
  'BufferSize Version ProviderVersion NumberOfProcessors EndTime TimerResolution MaxFileSize LogFileMode BuffersWritten ' +
  'StartBuffers PointerSize EventsLost CPUSpeed LoggerName LogFileName BootTime PerfFreq StartTime ReservedFlags ' +
  'BuffersLost SessionNameString LogFileNameString';

const IMAGE_BEGIN = 'ImageBase ImageSize ProcessId';
const IMAGE_DATES = `${IMAGE_BEGIN} ImageChecksum TimeDateStamp`;
const PROCESS_BEGIN = 'UniqueProcessKey ProcessId ParentId SessionId ExitStatus';

/**
 * Names of the `count` fields of an event in their order, the version decided by their number; null where no documented
 * version has that many. Later versions only ever added fields at the end, but for Image and Process.
 */
export function fieldNames(known: KernelEvent, count: number): readonly string[] | null {
  const text = namesText(known, count);
  if (text === null) return null;
  const names = text.split(' ').filter((name) => name !== '');
  // Windows XP's header ends earlier.
  if (known.use === 'header') return names.slice(0, count);
  return names.length <= count ? names : null;
}

function namesText(known: KernelEvent, count: number): string | null {
  switch (known.use) {
    case 'header':
      return HEADER_FIELDS;
    case 'lost':
      return '';
    case 'dpc':
      return 'InitialTime Routine';
    case 'isr':
      return isrNames(count);
    case 'image':
      return imageNames(count);
    case 'process':
      return processNames(count);
    case 'thread':
      return count >= 8
        ? 'ProcessId TThreadId StackBase StackLimit UserStackBase UserStackLimit StartAddr Win32StartAddr'
        : 'ProcessId TThreadId';
    case 'cswitch':
      return (
        'NewThreadId OldThreadId NewThreadPriority OldThreadPriority PreviousCState SpareByte OldThreadWaitReason ' +
        'OldThreadWaitMode OldThreadState OldThreadWaitIdealProcessor NewThreadWaitTime Reserved'
      );
    case 'ready':
      return 'TThreadId AdjustReason AdjustIncrement Flag';
    case 'sample':
      return 'InstructionPointer ThreadId Count';
    case 'stack':
      return stackNames(count);
    case 'pool':
      return count < 5 ? 'Type Tag NumberOfBytes Entry' : 'Type Tag NumberOfBytes Entry SessionId';
  }
}

function isrNames(count: number): string {
  if (count < 5) return count < 4 ? 'InitialTime Routine' : 'InitialTime Routine ReturnValue Vector';
  const names = 'InitialTime Routine ReturnValue Vector Reserved';
  return count < 6 ? names : `${names} MessageNumber`;
}

/** Version 1 has 4 fields, version 2 has 12, version 3 takes Reserved0 apart: 14. The file name is always the last. */
function imageNames(count: number): string | null {
  if (count === 4) return `${IMAGE_BEGIN} FileName`;
  if (count < 12) return null;
  const between = Array.from({ length: count - 6 }, (_, i) => `Other${i}`).join(' ');
  return `${IMAGE_DATES} ${between} FileName`;
}

/** Version 1: 7 fields, 2: 8, 3: 9 (DirectoryTableBase), 4: 10 (Flags) and two strings more. */
function processNames(count: number): string | null {
  if (count === 7) return `${PROCESS_BEGIN} UserSID ImageFileName`;
  if (count === 8) return `${PROCESS_BEGIN} UserSID ImageFileName CommandLine`;
  if (count === 9) return `${PROCESS_BEGIN} DirectoryTableBase UserSID ImageFileName CommandLine`;
  if (count >= 10) return `${PROCESS_BEGIN} DirectoryTableBase Flags UserSID ImageFileName CommandLine`;
  return null;
}

/** No stack that ETW walks has more frames. */
export const MAX_FRAMES = 192;

function stackNames(count: number): string {
  const frames = Array.from({ length: Math.min(Math.max(count - 3, 0), MAX_FRAMES) }, (_, i) => `Stack${i + 1}`);
  return ['EventTimeStamp StackProcess StackThread', ...frames].join(' ');
}
