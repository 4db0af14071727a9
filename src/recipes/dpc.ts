import type { Recipe } from './index.js';
import { kernelProfile } from './wprp.js';

/** A recording profile for wpr: DPCs and ISRs, with context switches and sampled stacks. */
export const DPC_WPRP = kernelProfile({
  name: 'Dpc',
  prefix: 'Dpc',
  description: 'DPC and ISR durations',
  memoryBuffers: 512,
  keywords: ['ProcessThread', 'Loader', 'CSwitch', 'Interrupt', 'DPC', 'SampledProfile', 'WDFInterrupt', 'WDFDPC'],
  stacks: ['SampledProfile'],
  poolTag: null,
});

const KERNEL_FLAGS = 'PROC_THREAD+LOADER+CSWITCH+INTERRUPT+DPC+PROFILE';

/**
 * Sources: the Windows Performance Toolkit reference (https://learn.microsoft.com/windows-hardware/test/wpt/, pages
 * wpr-command-line-options, start, stackwalk, merge, processing, symbols, dumper, dpcisr, tracestats, exporter,
 * logging-mode),
 * the tracerpt reference (https://learn.microsoft.com/windows-server/administration/windows-commands/tracerpt), the
 * flag list that `xperf -providers KF` prints, and, for how wpaexporter treats grouping,
 * https://randomascii.wordpress.com/2013/11/04/exporting-arbitrary-data-from-xperf-etl-files/.
 */
export const dpcRecipe: Recipe = {
  name: 'dpc',
  title: 'DPCs and ISRs that run too long: which driver is it',
  question:
    'Sound crackles, the mouse sticks, frames are dropped: record a trace on the Windows machine, give it to ' +
    'tracekit as it is, and let it say which driver is at fault. All commands need an elevated prompt (right click, ' +
    '"Run as administrator"). Steps 1, 2, 3 and 8 are the shortest way. Nothing need be exported; step 9 is for those ' +
    'who want the names of functions too.',
  steps: [
    {
      heading: 'See which tools are there',
      why:
        'wpr and tracerpt come with Windows 10 and 11. xperf, wpa and wpaexporter come with the Windows Performance ' +
        'Toolkit, a part of the Windows ADK: if they are missing, the last command installs that part alone; open a ' +
        'new prompt afterwards. If wpr says that it is recording, finish that recording first, or drop it with: wpr ' +
        '-cancel',
      shell: 'cmd',
      commands: [
        'mkdir C:\\trace',
        'where wpr xperf wpaexporter tracerpt',
        'wpr -status',
        'winget install Microsoft.WindowsADK --override "/features OptionId.WindowsPerformanceToolkit /quiet /norestart"',
      ],
    },
    {
      heading: 'Save a recording profile for wpr',
      why:
        'The profiles that are built into wpr need not record DPCs and ISRs: the one named CPU is reported not to. ' +
        'This one does, with context switches and with sampled stacks, which show whose code ran inside a DPC. The ' +
        'last command checks the file without recording: look for DPC and Interrupt under "System Keywords".',
      shell: 'powershell',
      commands: [
        `Set-Content -Path C:\\trace\\dpc.wprp -Encoding utf8 -Value '${DPC_WPRP}'`,
        'wpr -profiledetails C:\\trace\\dpc.wprp!Dpc -filemode',
      ],
    },
    {
      heading: 'Record with wpr while the trouble can be provoked',
      why:
        'Start, provoke the stutter within a minute or so, stop. With -filemode the file grows until the recording ' +
        'is stopped. Stopping also merges: it adds what is needed to name drivers and functions, so stop on the ' +
        'machine that was recorded. Read "Events Lost" in the status before stopping.',
      shell: 'cmd',
      commands: [
        'wpr -start C:\\trace\\dpc.wprp!Dpc -filemode',
        'wpr -status collectors -details',
        'wpr -stop C:\\trace\\dpc.etl "DPC and ISR durations"',
      ],
    },
    {
      heading: 'Or: record with xperf',
      why:
        'The same with xperf: PROC_THREAD and LOADER name processes and drivers, INTERRUPT and DPC are the runs ' +
        'themselves, CSWITCH shows what they held up, PROFILE with -stackwalk Profile whose code ran. -BufferSize ' +
        'is in KB; with 256 to 512 such buffers few events are lost. -d stops and merges.',
      shell: 'cmd',
      commands: [
        `xperf -on ${KERNEL_FLAGS} -stackwalk Profile -BufferSize 1024 -MinBuffers 256 -MaxBuffers 512 -f C:\\trace\\dpc-kernel.etl`,
        'xperf -d C:\\trace\\dpc.etl',
      ],
    },
    {
      heading: 'Or: wait for a rare stutter with wpr',
      why:
        'Without -filemode wpr records to memory, here 512 MB, and keeps only the newest events. Stop right after ' +
        'the stutter, before it is overwritten.',
      shell: 'cmd',
      commands: ['wpr -start C:\\trace\\dpc.wprp!Dpc', 'wpr -stop C:\\trace\\dpc.etl "rare stutter"'],
    },
    {
      heading: 'Or: wait for a rare stutter with xperf and a circular file',
      why:
        'The file grows to 512 MB; then the newest events take the place of the oldest. Stop right after the ' +
        'stutter.',
      shell: 'cmd',
      commands: [
        `xperf -on ${KERNEL_FLAGS} -stackwalk Profile -BufferSize 1024 -MinBuffers 256 -MaxBuffers 256 -MaxFile 512 -FileMode Circular -f C:\\trace\\dpc-kernel.etl`,
        'xperf -d C:\\trace\\dpc.etl',
      ],
    },
    {
      heading: 'Or: wait for a rare stutter with xperf in memory',
      why:
        'Nothing is written to disk before -flush, so the disk does not disturb what is measured. -flush right after ' +
        'the stutter saves the buffers, -merge makes the trace complete.',
      shell: 'cmd',
      commands: [
        `xperf -on ${KERNEL_FLAGS} -stackwalk Profile -buffering -BufferSize 1024 -MinBuffers 512 -MaxBuffers 512`,
        'xperf -flush "NT Kernel Logger" -f C:\\trace\\dpc-kernel.etl',
        'xperf -stop',
        'xperf -merge C:\\trace\\dpc-kernel.etl C:\\trace\\dpc.etl',
      ],
    },
    {
      heading: 'Read the answer from the trace itself',
      why:
        'tracekit reads the .etl as it is, also inside .zip or .gz, on any system with Node.js, so the trace may be ' +
        'read elsewhere. Drivers are named; functions are addresses, because no symbols are read. The second command ' +
        'tells what the trace holds and what was lost, the third looks at a part of it, the fourth makes a script ' +
        'fail when any run was longer than 1 ms, the fifth lists single runs of DPCs.',
      shell: 'cmd',
      commands: [
        'tracekit dpc C:\\trace\\dpc.etl',
        'tracekit info C:\\trace\\dpc.etl',
        'tracekit dpc C:\\trace\\dpc.etl --range 12.3s 12.7s',
        'tracekit dpc C:\\trace\\dpc.etl --fail-over 1ms',
        'tracekit events C:\\trace\\dpc.etl --name PerfInfo/*DPC --range 12.3s 12.7s',
      ],
    },
    {
      heading: 'For names of functions: export with xperf',
      why:
        'xperf reads symbols, tracekit does not. The symbol path lets xperf fetch the public symbols of Microsoft; put a ' +
        'folder with symbols of your own drivers in front, ended by a semicolon. Without -symbols drivers are still named, ' +
        'functions are not. The text is many times as large as the trace; tracekit also reads it when packed as .gz ' +
        'or .zip.',
      shell: 'cmd',
      commands: [
        'set _NT_SYMBOL_PATH=srv*C:\\Symbols*https://msdl.microsoft.com/download/symbols',
        'set _NT_SYMCACHE_PATH=C:\\SymCache',
        'xperf -i C:\\trace\\dpc.etl -o C:\\trace\\dpc.txt -symbols -a dumper',
        'tracekit dpc C:\\trace\\dpc.txt',
      ],
    },
    {
      heading: 'See whether events were lost',
      why:
        'A trace with lost events undercounts. xperf refuses such a trace unless -tle is given, and one whose times ' +
        'run backwards unless -tti is given; better record again with more buffers. tracestats prints the totals of ' +
        'lost events and buffers. tracekit repeats what the header of the trace or export says of losses, and fails ' +
        'the run on it under --strict.',
      shell: 'cmd',
      commands: [
        'xperf -i C:\\trace\\dpc.etl -tle -a tracestats',
        'xperf -i C:\\trace\\dpc.etl -o C:\\trace\\dpc.txt -tle -tti -symbols -a dumper',
      ],
    },
    {
      heading: 'Or: export sums only',
      why:
        'A small report with the time per driver and CPU and a histogram per driver, to be sent by mail. It has no ' +
        'single runs: when and where the longest one was cannot be seen in it.',
      shell: 'cmd',
      commands: [
        'xperf -i C:\\trace\\dpc.etl -o C:\\trace\\dpcisr.txt -symbols -a dpcisr',
        'tracekit dpc C:\\trace\\dpcisr.txt',
      ],
    },
    {
      heading: 'Or: export with tracerpt, which every Windows has',
      why:
        'For other tools: it tells tracekit nothing that the .etl does not. The rows hold the address of each routine and ' +
        'no function name. XML names every field; ' +
        'CSV is smaller. -y overwrites without asking.',
      shell: 'cmd',
      commands: [
        'tracerpt C:\\trace\\dpc.etl -o C:\\trace\\dpc.csv -of CSV -y',
        'tracerpt C:\\trace\\dpc.etl -o C:\\trace\\dpc.xml -of XML -y',
        'tracekit dpc C:\\trace\\dpc.csv',
      ],
    },
    {
      heading: 'Or: export a WPA table',
      why:
        'First make a profile: open the trace in WPA, drag "DPC/ISR Duration by Module, Function" from Computation ' +
        'into the analysis view, show its table, and drag all columns to the right of the gold bar, so that nothing ' +
        'is grouped: a grouped table exports sums. Keep DPC/ISR Enter Time, DPC/ISR Exit Time, Type, DPC Type, ' +
        'Module, Function, Address, CPU, Exclusive Duration, Inclusive Duration, Count (DPCs/ISRs). Then Profiles, ' +
        'Export, and save it as C:\\trace\\dpc.wpaProfile. wpaexporter names its file after the table and its ' +
        'preset: give tracekit dpc the name that dir shows.',
      shell: 'cmd',
      commands: [
        'wpa C:\\trace\\dpc.etl',
        'wpaexporter -i C:\\trace\\dpc.etl -profile C:\\trace\\dpc.wpaProfile -outputfolder C:\\trace -prefix wpa_ -symbols',
        'dir C:\\trace\\wpa_*.csv',
      ],
    },
    {
      heading: 'If a framework is named: find the driver behind it',
      why:
        'Wdf01000, ndis, storport and the like run DPCs for other drivers. Samples taken while such a DPC runs have ' +
        'the driver in their stack; by default one is taken each millisecond, so shorten the interval (in units of ' +
        '100 ns: 1221 is about 8190 samples a second) to catch shorter runs. WDF_DPC and WDF_INTERRUPT add the ' +
        'events of KMDF itself, which name the driver that it called. Set the interval back to 10000 afterwards.',
      shell: 'cmd',
      commands: [
        'xperf -setprofint 1221',
        `xperf -on ${KERNEL_FLAGS}+WDF_DPC+WDF_INTERRUPT -stackwalk Profile -BufferSize 1024 -MinBuffers 512 -MaxBuffers 1024 -f C:\\trace\\owner-kernel.etl`,
        'xperf -d C:\\trace\\owner.etl',
        'xperf -setprofint 10000',
        'tracekit dpc C:\\trace\\owner.etl',
      ],
    },
  ],
  notes: [
    'Options are those of the Windows Performance Toolkit for Windows 10 and 11 as Microsoft documents them; the names ' +
      'WDF_DPC and WDF_INTERRUPT are from the list that "xperf -providers KF" prints there. What the events ' +
      'behind them hold is taken from the definitions of the kernel: no public trace with them was found.',
    'That the built-in profile CPU records no DPCs and ISRs is what one public project found with the wpr of ' +
      'Windows itself; older kits may differ: "wpr -profiledetails CPU" shows what yours does.',
    'A circular file may hold events out of order on machines with several CPUs (Microsoft, "Logging Mode ' +
      'Constants"); memory buffers are the safer way.',
    'A trace names the programs that ran and their files. Look before you pass one on.',
    'The trace costs time itself: with PROFILE the profile interrupt appears among the ISRs. tracekit names it.',
    'Microsoft asks drivers for DPCs of at most 100 us and ISRs of at most 25 us. Those are the limits of tracekit too.',
  ],
};
