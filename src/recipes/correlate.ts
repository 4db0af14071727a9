import type { Recipe } from './index.js';

type Step = Recipe['steps'][number];

const recordRing: Step = {
  heading: 'Before it happens again: record in a ring, all the time',
  why:
    'Without -filemode wpr keeps the last minutes in memory. GeneralProfile has DPCs, interrupts, context switches and ' +
    'stacks: it answers for bugchecks 0x133 and for hangs. For pool see tracekit recipe pool, for what a program says ' +
    'tracekit recipe errors: sessions of both may run beside.',
  shell: 'cmd',
  commands: ['mkdir C:\\trace', 'wpr -start GeneralProfile'],
};

const saveTrace: Step = {
  heading: 'When it hangs or grows: save the trace first',
  why:
    'Then nothing of it is lost with the machine. A trace that ends just before the dump is worth most; one of another boot ' +
    'shows habits only. The second command notes the zone of the clock, for text that names none.',
  shell: 'cmd',
  commands: ['wpr -stop C:\\trace\\why.etl', 'w32tm /tz > C:\\trace\\zone.txt'],
};

const saveLogs: Step = {
  heading: 'And the event log',
  why: 'Disks, drivers and services have told it what went wrong, with times in UTC.',
  shell: 'cmd',
  commands: ['wevtutil qe System /f:RenderedXml /e:Events > C:\\trace\\System.xml'],
};

const takeDump: Step = {
  heading: 'Then take the dump',
  why:
    'Keep Windows from overwriting it (tracekit recipe dump has the settings, and ways where no command prompt answers). ' +
    'All that is not saved is lost.',
  shell: 'cmd',
  commands: ['notmyfaultc64 crash 0x01'],
};

const logDump: Step = {
  heading: 'Let the debugger log it',
  why:
    'dump --script prints what makes kd or WinDbg log all that is joined: time and uptime, modules with their addresses, ' +
    'threads with ticks and stacks, locks, IRPs, pool, the watchdog.',
  shell: 'cmd',
  commands: [
    'tracekit dump --script kernel --output C:\\trace\\dump.txt',
    'kd -z C:\\Windows\\MEMORY.DMP -logo C:\\trace\\dump.log -c "$$<C:\\trace\\dump.txt; q"',
  ],
};

const traceInDump: Step = {
  heading: 'Where the machine crashed before the trace was saved: it lies in the dump',
  why:
    'strdump lists the sessions that ran; logsave saves the buffers of one, 0x2 standing for its number. The Circular Kernel Context Logger runs ' +
    'on many machines without anybody having started it. Messages of WPP sessions are printed by logdump.',
  shell: 'debugger',
  commands: ['!wmitrace.strdump', '!wmitrace.logsave 0x2 C:\\trace\\dump.etl', '!wmitrace.logdump 0x2'],
};

const join: Step = {
  heading: 'Join both',
  why:
    'Verdict and causes on the screen; the report for a browser holds the time line; the zip is what to send, its names ' +
    'replaced.',
  shell: 'cmd',
  commands: [
    'tracekit correlate --trace C:\\trace\\why.etl C:\\trace\\System.xml --dump C:\\trace\\dump.log --html C:\\trace\\why.html',
    'tracekit correlate --trace C:\\trace\\why.etl --dump C:\\trace\\dump.log --redact --bundle C:\\trace\\why.zip',
  ],
};

export const correlateRecipe: Recipe = {
  name: 'correlate',
  title: 'Why: a trace and a dump of one incident',
  question:
    'What explains this bugcheck, leak or hang? A trace shows what went before, the dump who stood where at the end. Both ' +
    'must be of one boot, the trace up to the dump.',
  steps: [recordRing, saveTrace, saveLogs, takeDump, logDump, traceInDump, join],
  notes: [
    'A command prompt as administrator is needed for wpr, wevtutil and notmyfault.',
    'Text traces often name no zone, some not even a day: --zone and --date say it (zone.txt above has the zone).',
    'The debugger prints times in the zone of the machine that it runs on, and names it.',
    'Where the answer is "insufficient evidence", its last part lists what was not measured, with the command that does.',
  ],
};
