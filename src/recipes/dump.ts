import type { Recipe } from './index.js';

export { dumpScript } from './dump-script.js';

type Step = Recipe['steps'][number];

const SYMBOLS = 'srv*C:\\Symbols*https://msdl.microsoft.com/download/symbols';

const seeTools: Step = {
  heading: 'See which tools are there',
  why:
    'kd, cdb and windbg come with the Windows SDK, as "Debugging Tools for Windows"; the last command installs the newer ' +
    'WinDbg in their place. procdump, livekd and notmyfault are tools of Sysinternals: what is not found is needed for its ' +
    'own step only.',
  shell: 'cmd',
  commands: ['mkdir C:\\trace', 'where kd cdb windbg procdump livekd notmyfaultc64', 'winget install Microsoft.WinDbg'],
};

const chooseDump: Step = {
  heading: 'Before it hangs again: have Windows write a dump worth analysing',
  why:
    'CrashDumpEnabled is 1 for a complete dump, 2 for one of the kernel, 3 for a small one, 7 for automatic. Take 1 where the ' +
    'page file on the system drive can be larger than memory: only it shows what programs wait for, and their critical ' +
    'sections. 2 shows the kernel, which is enough for drivers, locks of the kernel, LPC and ALPC, pool and DPCs. A small ' +
    'dump holds one stack: it is not enough. The second command keeps the dump where disk space is low. Both take a restart.',
  shell: 'cmd',
  commands: [
    'reg add HKLM\\SYSTEM\\CurrentControlSet\\Control\\CrashControl /v CrashDumpEnabled /t REG_DWORD /d 1 /f',
    'reg add HKLM\\SYSTEM\\CurrentControlSet\\Control\\CrashControl /v AlwaysKeepMemoryDump /t REG_DWORD /d 1 /f',
  ],
};

const allowKeyboard: Step = {
  heading: 'Before it hangs again: allow a crash by keyboard',
  why:
    'For USB keyboards, for PS/2 keyboards, for virtual machines of Hyper-V. After a restart, when the system hangs, hold the ' +
    'right Ctrl key and press Scroll Lock twice: Windows stops with bugcheck 0xE2 and writes the dump. Where the processors ' +
    'are stuck at a high IRQL the keyboard is dead too: then it takes an NMI, from the management board or the hypervisor.',
  shell: 'cmd',
  commands: ['kbdhid', 'i8042prt', 'hyperkbd'].map(
    (driver) =>
      `reg add HKLM\\SYSTEM\\CurrentControlSet\\Services\\${driver}\\Parameters /v CrashOnCtrlScroll /t REG_DWORD /d 1 /f`,
  ),
};

const crashNow: Step = {
  heading: 'While it hangs: stop the system',
  why:
    'Where a command prompt still answers, this stops Windows at once, with a dump. All that is not saved is lost. Take the ' +
    'dump while the trouble lasts, and late rather than early: the longer a thread waits, the plainer the order of waits.',
  shell: 'cmd',
  commands: ['notmyfaultc64 crash 0x01'],
};

const liveKernel: Step = {
  heading: 'Or: a dump of the kernel while it runs on',
  why:
    '-ml lets Windows 8.1 and later write the dump, -m makes a copy of the kernel first (Vista and later): both are of one ' +
    'moment. Without them LiveKd reads memory that changes meanwhile: threads begin to wait behind the time of the dump, two ' +
    'run on one processor, lists are broken. tracekit names such a dump inconsistent and keeps out of its sums what ' +
    'contradicts itself, but a chain may then join threads that never met.',
  shell: 'cmd',
  commands: ['livekd -ml -o C:\\trace\\live.dmp', 'livekd -m -o C:\\trace\\live.dmp'],
};

const dumpProcess: Step = {
  heading: 'Or: a dump of one program that hangs',
  why:
    'app.exe stands for its name or its process id. -ma writes all of its memory: a smaller dump lacks locks. -mk adds a ' +
    'dump of the kernel stacks of its threads. Take two, some seconds apart: a thread that moved meanwhile does not hang. ' +
    'Where it waits for another process by RPC or ALPC, dump that one too. Task Manager writes a 64-bit dump of a 32-bit ' +
    'program, procdump a 32-bit one, which is easier to read.',
  shell: 'cmd',
  commands: ['procdump -accepteula -ma -mk -n 2 -s 10 app.exe C:\\trace'],
};

const dumpFromDebugger: Step = {
  heading: 'Or: the same from a debugger that is attached',
  why: 'Of a program with all of its memory. Of a system in a kernel debugger it is .dump /f, for all of memory.',
  shell: 'debugger',
  commands: ['.dump /ma C:\\trace\\app.dmp'],
};

const writeScripts: Step = {
  heading: 'Write the scripts for the debugger',
  why:
    'Each collects in one go all that tracekit dump can use, sure and quick commands first, and says in remarks what each ' +
    'is for. The first is for dumps of the kernel, complete ones too, the second for dumps of programs.',
  shell: 'cmd',
  commands: [
    'tracekit dump --script kernel --output C:\\trace\\collect.txt',
    'tracekit dump --script user --output C:\\trace\\collect-user.txt',
  ],
};

const runKernel: Step = {
  heading: 'Run the script on a kernel dump',
  why:
    '-y fetches the public symbols of Microsoft; put a folder with symbols of your own drivers in front, ended by a semicolon. ' +
    '-logo keeps what the debugger says while it opens the dump: of which kind it is, and whether it is cut. The script ' +
    'writes a log of its own, whose name ends in date and time; ren gives it a short one. It may take an hour: most of it is ' +
    'the symbols of user-mode programs. To end a command that takes too long type Ctrl+C: the script goes on with the next.',
  shell: 'cmd',
  commands: [
    'copy C:\\Windows\\MEMORY.DMP C:\\trace\\MEMORY.DMP',
    `kd -logo C:\\trace\\opened.log -y ${SYMBOLS} -z C:\\trace\\MEMORY.DMP -c "$$<C:\\trace\\collect.txt;q"`,
    'ren C:\\trace\\dump_*.log dump.log',
  ],
};

const runUser: Step = {
  heading: 'Or: run the script on the dump of a program',
  why:
    'The same. app.dmp stands for the file that procdump has written. Of a 32-bit program on 64-bit Windows the script asks ' +
    'for the 32-bit stacks too.',
  shell: 'cmd',
  commands: [
    `cdb -y ${SYMBOLS} -z C:\\trace\\app.dmp -c "$$<C:\\trace\\collect-user.txt;q"`,
    'ren C:\\trace\\user_*.log user.log',
  ],
};

const runInWindow: Step = {
  heading: 'Or: run the script in the window of WinDbg, or where a debugger is attached',
  why:
    'Open the dump, then type this. $$< types line by line, so that prompts and commands stand in the log and a command that ' +
    'fails stops nothing; $$>< makes one command of the whole script.',
  shell: 'debugger',
  commands: ['.symfix+ C:\\Symbols', '.reload', '$$<C:\\trace\\collect.txt'],
};

const readAnswer: Step = {
  heading: 'Read the answer',
  why:
    'Several logs of one dump may be given together. The second command shows threads that wait for 10 s or longer, the third ' +
    'draws who waits for whom, the fourth tells what the log holds and what of it nobody reads.',
  shell: 'cmd',
  commands: [
    'tracekit dump C:\\trace\\opened.log C:\\trace\\dump.log',
    'tracekit dump C:\\trace\\dump.log --min-wait 10s --threads',
    'tracekit dump C:\\trace\\dump.log --format mermaid --output C:\\trace\\waits.mmd',
    'tracekit info C:\\trace\\dump.log',
  ],
};

const askMore: Step = {
  heading: 'Where a piece is missing: what to ask for next',
  why:
    'Findings name the command for the piece that they lack, with its address. 8a1b2c30 stands for that address here, ' +
    '8a1b2000 for its process. In this order: a thread without stack or wait; stacks and locks of user mode, which need their ' +
    'process; the server of an LPC message (up to Server 2003) and of an ALPC message (Vista and later); a port and its ' +
    'queues; an IRP and the drivers that it went through; its device stack; a resource with the stacks of its threads; raw ' +
    'symbols on a stack that was not unwound. Log to another file and give both.',
  shell: 'debugger',
  commands: [
    '.logopen C:\\trace\\more.log',
    '!thread 8a1b2c30 17',
    '.process /r /p 8a1b2000',
    '!process 8a1b2000 17',
    '!cs -l -o -s',
    '!lpc message 1a2b',
    '!alpc /m 8a1b2c30',
    '!alpc /p 8a1b2c30',
    '!irp 8a1b2c30 1',
    '!devstack 8a1b2c30',
    '!locks -v 8a1b2c30',
    '.thread /r /p 8a1b2c30',
    'kv 100',
    '.logclose',
  ],
};

const KERNEL_FLAGS = 'PROC_THREAD+LOADER+CSWITCH+INTERRUPT+DPC+PROFILE';

const recordForWatchdog: Step = {
  heading: 'For bugcheck 0x133: have the trace in the dump',
  why:
    'Where its first parameter is 1, DPCs and ISRs took too long together, and the stack shows only the last of them: a trace ' +
    'shows all. This one stays in memory, the newest events in place of the oldest, so that the dump holds it. Start it ' +
    'after each restart, and wait for the next bugcheck.',
  shell: 'cmd',
  commands: [
    `xperf -on ${KERNEL_FLAGS} -stackwalk Profile -buffering -BufferSize 1024 -MinBuffers 256 -MaxBuffers 256`,
  ],
};

const saveTrace: Step = {
  heading: 'For bugcheck 0x133: save the trace from the dump',
  why:
    'The first command lists the sessions in the dump with their numbers. Save that of NT Kernel Logger, else of Circular ' +
    'Kernel Context Logger, which Windows itself may keep; 2 stands for its number. tracekit dump names it from the log.',
  shell: 'debugger',
  commands: ['!wmitrace.strdump', '!wmitrace.logsave 2 C:\\trace\\dpc.etl'],
};

const readTrace: Step = {
  heading: 'For bugcheck 0x133: read the trace',
  why: 'Which driver ran too long, and when. tracekit recipe dpc tells more of such traces.',
  shell: 'cmd',
  commands: ['tracekit dpc C:\\trace\\dpc.etl'],
};

/**
 * Sources: https://learn.microsoft.com/windows-hardware/drivers/debugger/ (pages forcing-a-system-crash-from-the-keyboard,
 * varieties-of-kernel-mode-dump-files, kd-command-line-options, bug-check-0x133-dpc-watchdog-violation),
 * https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/ (each command), https://learn.microsoft.com/sysinternals/
 * (NotMyFault, LiveKd, ProcDump), and https://learn.microsoft.com/troubleshoot/windows-server/performance/memory-dump-file-options.
 */
export const dumpRecipe: Recipe = {
  name: 'dump',
  title: 'A system or a program that hangs, or stops: who waits for whom',
  question:
    'Something does not go on, or Windows stops with a blue screen: take a dump, let a debugger print it by a script, and let ' +
    'tracekit say who waits for whom and what all wait for. All commands need an elevated prompt (right click, "Run as ' +
    'administrator"). Of a system that hangs, steps 4, 8, 9 and 12 are the shortest way; of one program, steps 6, 8, 10 and 12.',
  steps: [
    seeTools,
    chooseDump,
    allowKeyboard,
    crashNow,
    liveKernel,
    dumpProcess,
    dumpFromDebugger,
    writeScripts,
    runKernel,
    runUser,
    runInWindow,
    readAnswer,
    askMore,
    recordForWatchdog,
    saveTrace,
    readTrace,
  ],
  notes: [
    'No command of the scripts changes the target. The scripts are made from the documentation of the commands; what a ' +
      'debugger does not know it says, and goes on.',
    'Dumps and logs hold memory: names, paths, command lines, data. Look before you pass one on.',
    'Symbols decide how much is seen. Without those of nt no list of threads is printed; without those of a driver its ' +
      'functions are offsets, and without its image x64 stacks may be wrong from there on.',
    'That $$< takes further commands behind a semicolon, here q, which ends the debugger, is documented. Where it ends too ' +
      'early, leave ;q away and type q yourself.',
    'RPC cells (!rpcexts, dbgrpc) are read from the machine on which the debugger runs, not from a dump: run them there ' +
      'while the program hangs, and only where RPC keeps them (policy "Maintain RPC Troubleshooting State Information").',
  ],
};
