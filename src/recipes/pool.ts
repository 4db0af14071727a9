import type { Recipe } from './index.js';
import { kernelProfile } from './wprp.js';

/** Stands in the commands where no tag was given: a tag that no driver of Windows has. */
const EXAMPLE_TAG = 'Leak';

type Step = Recipe['steps'][number];

/** A recording profile for wpr: allocations and frees of pool, each with its stack, of one tag or of all. */
export const poolProfile = (tag: string | null): string =>
  kernelProfile({
    name: 'TracekitPool',
    prefix: 'Pool',
    description: 'Pool allocations with stacks',
    memoryBuffers: 1024,
    keywords: ['ProcessThread', 'Loader', 'Pool'],
    stacks: ['PoolAllocation', 'PoolAllocationSession', 'PoolFree', 'PoolFreeSession'],
    poolTag: tag,
  });

/** The dword of a tag, as the debugger takes it: the first character is the lowest byte. `Leak` is 6b61654c. */
export const tagDword = (tag: string): string => hexBytes(tag).reverse().join('');

const hexBytes = (tag: string): string[] =>
  [...tag.padEnd(4)].map((character) => character.charCodeAt(0).toString(16).padStart(2, '0'));

/**
 * A tag as a word of a command line: quoted where the prompt would cut it, null where no quoting makes it safe (`"` ends
 * the quotes, `%` names a variable, `+` separates the tags of xperf, a caret or backslash at the end quotes what follows).
 */
function tagWord(tag: string): string | null {
  if (/["%+^\\!']/.test(tag)) return null;
  return /^[\w.$#@~-]{1,4}$/.test(tag) ? tag : `"${tag}"`;
}

/** A loop that takes a snapshot each half hour, for a day, each with its time: ISO 8601 with the zone's offset. */
const SNAPSHOT_LOOP = `@echo off
for /l %%n in (1,1,48) do (
  for /f "usebackq" %%t in (\`powershell -NoProfile -Command "Get-Date -Format o"\`) do (
    >>C:\\trace\\poolmon.log echo %%t
  )
  poolmon -b -n C:\\trace\\snapshot.log
  type C:\\trace\\snapshot.log >>C:\\trace\\poolmon.log
  del C:\\trace\\snapshot.log
  timeout /t 1800 /nobreak
)`;

const seeTools: Step = {
  heading: 'See which tools are there',
  why:
    'wpr and typeperf come with Windows 10 and 11. xperf and wpa come with the Windows Performance Toolkit, a part of the ' +
    'Windows ADK: if they are missing, the last command installs that part alone. poolmon comes with the Windows Driver ' +
    'Kit, in its folder Tools. Drivers whose code is paged out leave stacks cut short; if that happens, type wpr ' +
    '-disablepagingexecutive on, restart, and turn it off again afterwards.',
  shell: 'cmd',
  commands: [
    'mkdir C:\\trace',
    'where wpr xperf poolmon typeperf',
    'wpr -status',
    'winget install Microsoft.WindowsADK --override "/features OptionId.WindowsPerformanceToolkit /quiet /norestart"',
  ],
};

const countPool: Step = {
  heading: 'See whether pool grows at all',
  why:
    'One line a minute for a day, in the format PDH-CSV, which tracekit reads. A leak climbs for as long as the load lasts ' +
    'and does not come down after it; a cache climbs and then stays.',
  shell: 'cmd',
  commands: [
    'typeperf "\\Memory\\Pool Nonpaged Bytes" "\\Memory\\Pool Paged Bytes" "\\Memory\\Pool Nonpaged Allocs" -si 60 -sc 1440 -f CSV -o C:\\trace\\pool.csv -y',
    'tracekit pool C:\\trace\\pool.csv',
  ],
};

const snapTags: Step = {
  heading: 'See which tag grows',
  why:
    'Save a loop that takes a snapshot with poolmon each half hour and writes the time in front of it, then run it in a ' +
    'command prompt in a folder where poolmon is found. Two snapshots show a difference; six, better ten, whether it goes on. ' +
    'Take them over hours of the same load, the first ones after the machine has settled.',
  shell: 'powershell',
  commands: [
    `Set-Content -Path C:\\trace\\snapshots.cmd -Encoding ascii -Value '${SNAPSHOT_LOOP}'`,
    'cmd /c C:\\trace\\snapshots.cmd',
    'tracekit pool C:\\trace\\poolmon.log',
  ],
};

const saveProfile = (tag: string): Step => ({
  heading: 'Save a recording profile for that tag',
  why:
    'Recording every allocation of every tag costs much and fills disks: this profile records those of one tag, with ' +
    'stacks. The last command checks the file without recording: look for Pool under "System Keywords".',
  shell: 'powershell',
  commands: [
    `Set-Content -Path C:\\trace\\pool.wprp -Encoding utf8 -Value '${poolProfile(tag)}'`,
    'wpr -profiledetails C:\\trace\\pool.wprp!TracekitPool -filemode',
  ],
});

const recordWpr: Step = {
  heading: 'Record with wpr',
  why:
    'Record for longer than a healthy block of this driver lives, several times as long if possible: what was allocated ' +
    'just before the end looks like a leak, and only its age tells it from one. Start before the load begins, keep the ' +
    'load up, stop. With -filemode the file grows until then. Stopping adds what is needed to name drivers, so stop on the ' +
    'machine that was recorded.',
  shell: 'cmd',
  commands: [
    'wpr -start C:\\trace\\pool.wprp!TracekitPool -filemode',
    'wpr -status collectors -details',
    'wpr -stop C:\\trace\\pool.etl "pool allocations with stacks"',
  ],
};

const recordBuiltIn: Step = {
  heading: 'Or: record all tags with the profile that is built into wpr',
  why:
    'For when the tag is not known. Keep it to a minute or two: one public project reports 13 GB and 192 million lost ' +
    'events of a minute on a busy machine. Lost frees look like leaks.',
  shell: 'cmd',
  commands: ['wpr -start Pool -filemode', 'wpr -stop C:\\trace\\pool.etl "all pool allocations"'],
};

const POOL_STACKS = '-stackwalk PoolAlloc+PoolFree+PoolAllocSession+PoolFreeSession';

const recordXperf = (tag: string): Step => {
  const word = tagWord(tag);
  const filter = word === null ? '' : ` -PoolTag ${word}`;
  return {
    heading: 'Or: record with xperf and a circular file',
    why:
      'The file grows to 2 GB; then the newest events take the place of the oldest, so stop while the leak goes on. ' +
      '-BufferSize is in KB. -d stops and merges: the names of drivers and the stacks get into the file that it writes.' +
      (word === null
        ? ' The tag holds a character that the prompt or xperf takes for itself: this records all tags; the profile of step 4 records this one.'
        : ''),
    shell: 'cmd',
    commands: [
      `xperf -on PROC_THREAD+LOADER+POOL ${POOL_STACKS}${filter} -BufferSize 1024 -MinBuffers 256 -MaxBuffers 1024 -MaxFile 2048 -FileMode Circular -f C:\\trace\\pool-kernel.etl`,
      'xperf -d C:\\trace\\pool.etl',
    ],
  };
};

const readAnswer: Step = {
  heading: 'Read the answer',
  why:
    'The trace says which stacks allocated what was not freed, the snapshots whether the tag grew outside of the trace, ' +
    'too. Give both: a leak shows in both. tracekit info tells what the trace holds and what was lost.',
  shell: 'cmd',
  commands: ['tracekit pool C:\\trace\\pool.etl C:\\trace\\poolmon.log', 'tracekit info C:\\trace\\pool.etl'],
};

const exportNames: Step = {
  heading: 'For names of functions: export with xperf',
  why:
    'xperf reads symbols, tracekit does not. The symbol path lets xperf fetch the public symbols of Microsoft; put a folder ' +
    'with symbols of your own drivers in front, ended by a semicolon.',
  shell: 'cmd',
  commands: [
    'set _NT_SYMBOL_PATH=srv*C:\\Symbols*https://msdl.microsoft.com/download/symbols',
    'set _NT_SYMCACHE_PATH=C:\\SymCache',
    'xperf -i C:\\trace\\pool.etl -o C:\\trace\\pool.txt -symbols -a dumper',
    'tracekit pool C:\\trace\\pool.txt',
  ],
};

const findDrivers = (tag: string): Step => {
  const word = tagWord(tag);
  const pattern = word?.startsWith('"') ? `/c:${word}` : word;
  return {
    heading: 'Find drivers that hold the tag',
    why:
      'Most drivers have their tags in their code as text. pooltag.txt of the debugger and the WDK names those of Windows. ' +
      'A hit says that a driver may use the tag; a tag put together at run time is not found.',
    shell: 'cmd',
    commands:
      pattern === null
        ? ['dir /b C:\\Windows\\System32\\drivers']
        : [`findstr /m /l ${pattern} C:\\Windows\\System32\\drivers\\*.sys`],
  };
};

const askDebugger = (tag: string): Step => {
  // As text where the debugger takes no character of it for its own, else as bytes.
  const search = /^\w{1,4}$/.test(tag)
    ? `s -a @#Base @#End "${tag}"`
    : `s -b @#Base @#End ${hexBytes(tag).slice(0, tag.length).join(' ')}`;
  return {
    heading: 'In a kernel debugger, or with a dump',
    why:
      'Use of pool as a whole, then by tag: flag 2 sorts by nonpaged use, 4 by paged use. The last command searches the ' +
      'modules in memory for the tag. .logopen keeps what is printed in a file that tracekit reads.',
    shell: 'debugger',
    commands: [
      '.logopen C:\\trace\\kd.log',
      '!vm 1',
      '!poolused 2',
      '!poolused 4',
      `!for_each_module ${search}`,
      '.logclose',
    ],
  };
};

const breakOnTag = (tag: string): Step => ({
  heading: 'Stacks by breakpoint, in a live kernel debugger',
  why:
    `With PoolHitTag set to the tag (${tagDword(tag)} is ${JSON.stringify(tag.padEnd(4))}, its first character lowest) the ` +
    'kernel breaks on each allocation and each free with it, at an int 3 of its own. At each of the two first breaks put a nop ' +
    'there and a breakpoint that prints the stack and goes on. At the end clear the breakpoints and set PoolHitTag back to what ' +
    'dc showed. Each hit stops the machine for a moment: not for tags that are used often.',
  shell: 'debugger',
  commands: [
    '.logopen C:\\trace\\poolhit.log',
    'dc nt!PoolHitTag l1',
    `ed nt!PoolHitTag ${tagDword(tag)}`,
    'g',
    'eb @$ip 90',
    'bp @$ip "k;g"',
    'g',
    'eb @$ip 90',
    'bp @$ip "k;g"',
    'g',
    'bc *',
    'ed nt!PoolHitTag ffffff0f',
    '.logclose',
  ],
});

const verifyDriver: Step = {
  heading: 'Where the driver is known: pool tracking by Driver Verifier',
  why:
    'Verifier keeps a list of the blocks of a driver with their callers. It starts with the next restart; leaky.sys stands ' +
    'for the name of your driver. It stops the machine with a bug check if the driver is unloaded with blocks left: use it ' +
    'where that is allowed. The last command turns it off, again with a restart.',
  shell: 'cmd',
  commands: ['verifier /flags 8 /driver leaky.sys', 'verifier /query', 'verifier /reset'],
};

const readVerifier: Step = {
  heading: 'What Driver Verifier has kept, in the kernel debugger',
  why:
    'The first lists the blocks of the driver that are in use, the second the log of allocations and frees with stacks. ' +
    'With an address behind it, the log is of that block alone.',
  shell: 'debugger',
  commands: ['!verifier 3 leaky.sys', '!verifier 80'],
};

/**
 * Sources: the Windows Performance Toolkit reference (https://learn.microsoft.com/windows-hardware/test/wpt/, pages
 * wpr-command-line-options, systemprovider, stack, pooltags, pooltag, start, stackwalk, merge, dumper), Microsoft's
 * debugging blog, "Troubleshooting Pool Leaks" parts 1 to 7
 * (https://learn.microsoft.com/archive/blogs/ntdebugging/troubleshooting-pool-leaks-part-7-windows-performance-toolkit),
 * the pages poolmon-startup-command, pool-tracking, -poolused, -verifier and
 * using-the-kernel-debugger-to-find-a-kernel-mode-memory-leak of the driver documentation, and typeperf
 * (https://learn.microsoft.com/windows-server/administration/windows-commands/typeperf).
 */
export function poolRecipeFor(tag: string | null): Recipe {
  const used = tag ?? EXAMPLE_TAG;
  const example =
    tag === null ? ` ${EXAMPLE_TAG} stands for your tag: tracekit recipe pool --tag puts yours in its place.` : '';
  return {
    name: 'pool',
    title: 'Kernel pool that grows: which driver leaks',
    question:
      'Nonpaged or paged pool grows until the machine fails: find the tag that grows, record its allocations with stacks, ' +
      'and let tracekit say who allocates what is never freed. All commands need an elevated prompt (right click, "Run as ' +
      `administrator"). Steps 3, 4, 5 and 8 are the shortest way.${example}`,
    steps: [
      seeTools,
      countPool,
      snapTags,
      saveProfile(used),
      recordWpr,
      recordBuiltIn,
      recordXperf(used),
      readAnswer,
      exportNames,
      findDrivers(used),
      askDebugger(used),
      breakOnTag(used),
      verifyDriver,
      readVerifier,
    ],
    notes: [
      'A tag has four characters, and letter case counts. A shorter one is padded with blanks in the kernel; whether wpr ' +
        'and xperf pad it is not documented: if nothing is recorded, give the tag with its blanks.',
      'xperf and wpr take up to four tags; a tag may end in * (Microsoft, pages start, PoolTags and SystemProvider).',
      'That poolmon -n writes one snapshot and ends is documented; whether it would append to a file that is there is ' +
        'not, so the loop writes each to a file of its own.',
      'Blocks that were allocated before the recording began have no stack in it. Start it right after a restart, or let ' +
        'the leak run on.',
      'A block that is outstanding at the end is not yet a leak: its tag must also grow over time, and its age must be ' +
        'beyond what its kind needs.',
      'A trace names the programs that ran and their files. Look before you pass one on.',
    ],
  };
}

export const poolRecipe: Recipe = poolRecipeFor(null);
