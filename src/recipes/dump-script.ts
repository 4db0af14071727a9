/**
 * The script that makes a debugger print all that `tracekit dump` can use, in one log.
 *
 * Every line stands for itself, so that the script runs under `$$<`, which types line by line: the log then holds a prompt and
 * the command above each output, and a command that fails stops nothing. `$$><` and `$$>a<` make one block of all lines, in which
 * an error would end the script: so what may fail stands within `.catch`. What follows from this:
 * - no line is blank, for a blank line repeats the command before it
 * - no remark holds `;`, which would end it
 * - nothing is changed in the target: only settings of the debugger are (`.kframes`, `.process`, `r $t0`)
 *
 * Sources: https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/ (pages `-----------------------a---run-script-file-`,
 * `-----comment-specifier-`, `-catch`, `-foreach`, and that of each command).
 */

export type DumpScriptKind = 'kernel' | 'user';

interface Section {
  /** What is announced: the command that follows, as typed. */
  readonly command: string;
  /** What `tracekit dump` takes from it; `for the reader of the log` where it takes nothing. */
  readonly use: string;
  /** Lines to run in place of `command` alone. */
  readonly lines?: readonly string[];
}

/** For each processor: token by token, as extensions take numbers but no variables of the debugger. */
const EACH_PROCESSOR = [
  'r $t0 = 0',
  'r $t1 = 1',
  '.catch { r $t1 = by(nt!KeNumberProcessors) }',
  '.catch { .foreach (cpu { .for (r $t0 = 0; @$t0 < @$t1; r $t0 = @$t0 + 1) { .printf "%d ", @$t0 } }) { !pcr cpu } }',
  '.catch { .foreach (cpu { .for (r $t0 = 0; @$t0 < @$t1; r $t0 = @$t0 + 1) { .printf "%d ", @$t0 } }) { !prcb cpu } }',
];

/** `Waiting for reply to ALPC Message ffffe00012345670 : queued at …`: the word behind "Message" is the message. */
const EACH_ALPC_MESSAGE = [
  'r $t0 = 0',
  `.catch { .foreach (w { !process 0 2 }) { .if (@$t0) { !alpc /m w }; r $t0 = ($scmp("\${w}", "Message") == 0) } }`,
];

/** In the order in which they run: sure and quick ones first, then long ones, then those that may fail or never end. */
const KERNEL: readonly Section[] = [
  { command: 'vertarget', use: 'Windows, processors, uptime, and when the dump was taken' },
  { command: '||', use: 'kind of dump, and its file' },
  { command: '.bugcheck', use: 'bugcheck and its parameters' },
  { command: 'kv 100', use: 'stack of the processor that stopped the system' },
  { command: '!thread', use: 'thread that it ran' },
  { command: '!running -it', use: 'current and next thread and stack of each processor' },
  { command: '!ready', use: 'threads that are ready and do not get to run' },
  { command: '!dpcs', use: 'DPCs that wait in queues (Server 2003 and later)' },
  { command: '!dpcwatchdog', use: 'DPC watchdog of each processor (Windows 8 and later)' },
  { command: '!irql', use: 'IRQL before the stop' },
  { command: '!pcr and !prcb', use: 'threads, IRQL and DPCs of each processor', lines: EACH_PROCESSOR },
  { command: '!qlocks', use: 'owners and waiters of queued spin locks' },
  { command: '!locks', use: 'owners and waiters of executive resources' },
  { command: '!vm 5', use: 'memory, commit, failed allocations, sessions. Without processes, which follow' },
  { command: '!poolused 2', use: 'pool by tag, most nonpaged bytes first' },
  { command: '!poolused 4', use: 'pool by tag, most paged bytes first' },
  { command: '!verifier', use: 'Driver Verifier, if it is on' },
  { command: '!deadlock', use: 'deadlocks that Driver Verifier has found' },
  { command: '!session', use: 'sessions' },
  {
    command: '!dskheap',
    use: 'desktop heaps of the sessions 0 and 1',
    lines: ['.catch { !dskheap }', '.catch { !dskheap -s 1 }'],
  },
  { command: '!poaction', use: 'power action in progress and its IRPs' },
  { command: '!timer', use: 'timers and their DPCs, for the reader of the log' },
  { command: '!devnode 1', use: 'devices whose removal is pending' },
  { command: '!devnode 0 21', use: 'devices with problems' },
  { command: '!fltkd.filters', use: 'order of file system filters' },
  { command: '!fltkd.volumes', use: 'volumes with their filters' },
  {
    command: '!ndiskd.netadapter',
    use: 'network adapters. The second name is that of older debuggers',
    lines: ['.catch { !ndiskd.netadapter }', '.catch { !ndiskd.miniports }'],
  },
  { command: '!wmitrace.strdump', use: 'ETW sessions in memory: tracekit dump says which to save, and how' },
  { command: 'lmkv', use: 'drivers with time stamps and versions' },
  { command: '!process 0 0', use: 'all processes, should what follows not come to its end' },
  { command: '!analyze -v', use: 'verdict of the debugger, process and stack it is based on. Loads symbols' },
  { command: '!stacks 2', use: 'kernel stacks of all threads, should the next not come to its end' },
  {
    command: '!process 0 37',
    use:
      'all threads: waits, owners, IRPs, stacks. Long. 1 is times, 2 waits, 4 stacks, 10 switches to each process, without ' +
      'which stacks of user mode are wrong or missing, 20 adds its command line. Not 8, so neither f nor 3f: it leaves out ' +
      'the arguments, which name locks',
  },
  { command: '!lpc message', use: 'LPC messages with their threads (up to Server 2003)' },
  { command: '!alpc /m', use: 'ALPC messages that threads wait for (Vista and later)', lines: EACH_ALPC_MESSAGE },
  { command: '!processirps', use: 'IRPs by process, thread and file' },
  { command: '!irpfind', use: 'all IRPs in pool. Long' },
  { command: '!ndiskd.pendingnbls', use: 'network buffers that a driver holds. Long' },
  {
    command: '!cs -l -o -s',
    use: 'critical sections of each process and their owners. Long: loads symbols of each',
    lines: ['.catch { !for_each_process ".process /r /p @#Process; !cs -l -o -s" }', '.catch { .process /p /r 0 }'],
  },
  {
    command: '!chkimg -lo 50 -d',
    use: 'code of the kernel that somebody has changed. Loads images',
    lines: ['.catch { !chkimg -lo 50 -d nt }', '.catch { !chkimg -lo 50 -d hal }'],
  },
];

/** Of a 64-bit debugger that looks at a 32-bit process: `lm1m` prints the module's name, or nothing. */
const WOW64_STACKS = [
  '.catch { .foreach (module { lm1m m wow64 }) { .effmach x86; ~*kv 100 } }',
  '.catch { .foreach (module { lm1m m wow64 }) { !locks; !cs -l -o -s } }',
  '.catch { .effmach . }',
];

/** `||` prints `.  0 Live user mode: <Local>` for a process that runs: the third word tells. */
const RPC_CELLS = [
  'r $t0 = 0',
  `.catch { .foreach /pS 2 /ps 99 (w { || }) { r $t0 = ($scmp("\${w}", "Live") == 0) } }`,
  '.catch { .if (@$t0) { !rpcexts.getendpointinfo } }',
  '.catch { .if (@$t0) { !rpcexts.getcallinfo } }',
  '.catch { .if (@$t0) { !rpcexts.getclientcallinfo } }',
  '.catch { .if (@$t0) { .foreach (id { .printf "%x", @$tpid }) { !rpcexts.getthreadinfo id } } }',
];

const USER: readonly Section[] = [
  { command: 'vertarget', use: 'Windows, and when the dump was taken' },
  { command: '||', use: 'kind of dump, and its file' },
  { command: '.lastevent', use: 'what made the dump be written, for the reader of the log' },
  { command: '~', use: 'threads with their ids' },
  { command: '~*kv 100', use: 'stacks of all threads with arguments' },
  { command: '!locks', use: 'critical sections and their owners' },
  { command: '!cs -l -o -s', use: 'the same with stacks of the owners' },
  { command: '!runaway 7', use: 'processor time of each thread, for the reader of the log' },
  {
    command: '.exr -1',
    use: 'exception and its stack, if there is one',
    lines: ['.catch { .exr -1 }', '.catch { .ecxr; kv 100 }', '.catch { .cxr }'],
  },
  { command: '!peb', use: 'command line' },
  { command: '!teb', use: 'current thread' },
  { command: '!handle 0 0', use: 'handles' },
  { command: 'lmv', use: 'modules with time stamps and versions' },
  { command: '!address -summary', use: 'address space, for the reader of the log' },
  { command: '!heap -s', use: 'heaps, for the reader of the log' },
  { command: '!analyze -v', use: 'verdict of the debugger. Loads symbols' },
  { command: '!analyze -hang -v', use: 'the same of a process that hangs' },
  {
    command: '.effmach x86',
    use: '32-bit stacks and locks, where the process is a 32-bit one on 64-bit Windows',
    lines: WOW64_STACKS,
  },
  {
    command: '!rpcexts',
    use: 'RPC cells, where the process runs. They are read from the machine of the debugger, so never for a dump',
    lines: RPC_CELLS,
  },
  {
    command: '!chkimg -lo 50 -d',
    use: 'code of the system that somebody has changed. Loads images',
    lines: ['ntdll', 'kernel32', 'kernelbase', 'user32'].map((module) => `.catch { !chkimg -lo 50 -d ${module} }`),
  },
];

const ABOUT = {
  kernel: { title: 'kernel dump', sections: KERNEL, file: 'collect.txt', run: 'kd -z MEMORY.DMP', log: 'dump' },
  user: { title: 'user dump', sections: USER, file: 'collect-user.txt', run: 'cdb -z app.dmp', log: 'user' },
};

/** Where the recipe puts script and log. */
const FOLDER = 'C:\\trace';
const WIDTH = 110;

/** The script for dumps of one kind, each line ended by LF. */
export function dumpScript(kind: DumpScriptKind): string {
  const { title, sections, file, run, log } = ABOUT[kind];
  return [
    `$$ Prints all that tracekit dump can use of a ${title} into ${FOLDER}\\${log}_*.log. That folder must be there.`,
    `$$ In WinDbg, kd or cdb:     $$<${FOLDER}\\${file}`,
    `$$ From a command prompt:    ${run} -c "$$<${FOLDER}\\${file}"`,
    '$$ Set the symbol path before: -y srv*C:\\Symbols*https://msdl.microsoft.com/download/symbols',
    '$$ To stop a command that does not end: Ctrl+C in kd and cdb, Ctrl+Break in WinDbg. The log keeps what was printed.',
    `.logopen /t ${FOLDER}\\${log}.log`,
    '.kframes 100',
    ...sections.flatMap((section, index) => linesOf(section, `${index + 1}/${sections.length}`)),
    '.echo tracekit end',
    '.logclose',
    '',
  ].join('\n');
}

const linesOf = ({ command, use, lines }: Section, number: string): string[] => [
  ...remark(`${command}: ${use}`),
  `.echo tracekit ${number} ${command}`,
  ...(lines ?? [`.catch { ${command} }`]),
];

/** A remark in lines of at most `WIDTH` columns. */
function remark(text: string): string[] {
  const lines: string[] = [];
  let line = '$$';
  for (const word of text.split(' ')) {
    if (line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = '$$  ';
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}
