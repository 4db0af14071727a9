import { defineTable, dict, f64, i32, u64, utf8 } from '../core/schema.js';

/** Tables of processes and threads as a debugger prints them. */
export const dumpProcess = defineTable(
  'dump_process',
  'One row per process that a debugger prints, each time it does.',
  {
    command: dict('Command that printed it.'),
    address: u64('EPROCESS; null in user mode.'),
    image: dict('Image name; null where not printed, or printed as unknown.'),
    pid: f64('Process id.'),
    parentPid: f64('Id of the parent.'),
    sessionId: f64('Session; null where there is none.'),
    handleCount: f64('Entries of its handle table; null where not readable.'),
    commandLine: utf8('Command line.'),
    elapsedMs: f64('Time since it was created.', 'ms'),
    userMs: f64('User time.', 'ms'),
    kernelMs: f64('Kernel time.', 'ms'),
    commitPages: f64('CommitCharge, in pages.'),
    workingSetPages: f64('Working set at present, in pages.'),
    pagedQuotaBytes: f64('QuotaPoolUsage[PagedPool].', 'bytes'),
    nonpagedQuotaBytes: f64('QuotaPoolUsage[NonPagedPool].', 'bytes'),
    hasPeb: i32('1 where its PEB is not 0, 0 where it is.'),
  },
);

export const dumpThread = defineTable('dump_thread', 'One row per thread that a debugger prints, each time it does.', {
  sighting: i32('Number of the row in its source, from 0: rows of other tables refer to it.'),
  command: dict(
    'Command that printed it: `!process`, `!thread`, `!stacks`, `!ready`, `!running`, `!locks`, `!analyze`, `!teb`, `!uniqstack`, `~`, `k`.',
  ),
  address: u64('ETHREAD; null in user mode.'),
  number: f64("The debugger's number of the thread in user mode; null in kernel mode."),
  pid: f64('Process id.'),
  tid: f64('Thread id.'),
  teb: u64('TEB; null where it has none.'),
  win32Thread: u64('Win32Thread; null where it has none.'),
  processAddress: u64('Owning process, or that of the block around; null where unknown.'),
  image: dict('Image of the owning process; null where not printed, or printed as unknown.'),
  attachedAddress: u64('Attached process; null for none.'),
  attachedImage: dict('Image of the attached process.'),
  state: dict(
    '`WAIT`, `RUNNING`, `READY`, `STANDBY`, `TERMINATED`, … in capitals; `BLOCKED` in !stacks; null where not printed.',
  ),
  waitReason: dict('As printed in brackets: `Executive`, `WrLpcReply`; null for `Unknown`.'),
  waitMode: dict('`KernelMode` or `UserMode`.'),
  alertable: i32('1 for Alertable, 0 for Non-Alertable.'),
  processor: f64('Processor that it runs or is READY on.'),
  waitStartTicks: f64('Wait Start TickCount.', 'ticks'),
  waitTicks: f64('Ticks since then; null where not printed or negative.', 'ticks'),
  beganAfterNow: i32('1 where the wait began behind the time of the dump: no Ticks: field, or one below 0.'),
  waitMs: f64('The same as the debugger prints it as time; null where it does not.', 'ms'),
  contextSwitches: f64('Context switches.'),
  userMs: f64('User time.', 'ms'),
  kernelMs: f64('Kernel time.', 'ms'),
  startRoutine: dict('Start address: routine, or the address where it has no symbol.'),
  win32StartRoutine: dict('Win32 start address.'),
  priority: f64('Priority.'),
  basePriority: f64('Base priority.'),
  lpcMessage: dict('Id of the LPC message that it waits for a reply to: hex digits without leading zeros.'),
  lpcPort: u64('Current LPC port.'),
  lpcWorkingOn: dict('Id of the LPC message that it is said to work on; may be stale.'),
  alpcMessage: u64('ALPC message that it waits for a reply to.'),
  alpcPort: u64('Port that the message is queued at.'),
  alpcOwner: u64('Process that owns the port.'),
  stack: i32('Number of its stack in `call_stack`; null where none is printed.'),
  stackCommand: dict('Command that printed the stack, where the stack stands apart from the thread.'),
  doubtfulFrame: f64(
    'Number of the first frame, from 1, that the debugger calls doubtful; null where it calls none so.',
  ),
  stackNotResident: i32('1 where the kernel stack, or the whole stack, is paged out.'),
  suspendCount: f64('Suspend count or freeze count; null where not printed.'),
  blocker: utf8('Blocker as !stacks prints it.'),
});

export const dumpWaitObject = defineTable('dump_wait_object', 'One row per object that a thread waits for.', {
  sighting: i32('The row of `dump_thread`.'),
  thread: u64('Thread; null in user mode.'),
  object: u64('The object.'),
  type: dict(
    'As printed: `SynchronizationEvent`, `NotificationTimer`, `Semaphore`, `Mutant`, `Thread`, `ProcessObject`, …',
  ),
  limit: f64('Limit of a semaphore.'),
  owner: u64('Thread that owns a mutant.'),
});

export const dumpFrameArgument = defineTable(
  'dump_frame_argument',
  'One row per frame with arguments, of routines that take what they wait for as an argument.',
  {
    sighting: i32('The row of `dump_thread`.'),
    frame: i32('Number of the frame, from 1 at the innermost.'),
    routine: dict('Routine as printed.'),
    arg1: dict('First argument: hex with 0x, no leading zeros.'),
    arg2: dict('Second argument.'),
    arg3: dict('Third argument.'),
    arg4: dict('Fourth argument; x64 only.'),
    isReliable: i32(
      '1 on x86, where arguments lie on the stack; 0 on x64, and for routines that take them in registers, where their slots may hold anything.',
    ),
  },
);

export const dumpThreadIrp = defineTable('dump_thread_irp', "One row per IRP of a thread's IRP list.", {
  sighting: i32('The row of `dump_thread`.'),
  thread: u64('Thread; null in user mode.'),
  irp: u64('The IRP.'),
  flags: dict('Flags as printed.'),
  mdl: u64('MDL; null for none.'),
});
