import type { Recipe } from './index.js';

type Step = Recipe['steps'][number];

/**
 * A recording profile for wpr of one software provider, elements as in the WPRControlProfiles schema. It holds no apostrophe and no
 * blank line, so that PowerShell can take it between single quotes.
 */
export const ERRORS_WPRP = `<?xml version="1.0" encoding="utf-8"?>
<WindowsPerformanceRecorder Version="1.0" Author="tracekit" Comments="Messages of one provider">
  <Profiles>
    <EventCollector Id="SoftCollector" Name="TracekitSoft">
      <BufferSize Value="256"/>
      <Buffers Value="128"/>
    </EventCollector>
    <EventProvider Id="SoftProvider" Name="*Contoso-Store" Level="5"/>
    <Profile Id="Soft.Verbose.File" Name="Soft" DetailLevel="Verbose" LoggingMode="File" Description="Messages of one provider">
      <Collectors>
        <EventCollectorId Value="SoftCollector">
          <EventProviders>
            <EventProviderId Value="SoftProvider"/>
          </EventProviders>
        </EventCollectorId>
      </Collectors>
    </Profile>
    <Profile Id="Soft.Verbose.Memory" Name="Soft" Base="Soft.Verbose.File" DetailLevel="Verbose" LoggingMode="Memory" Description="Messages of one provider"/>
  </Profiles>
</WindowsPerformanceRecorder>`;

const seeTools: Step = {
  heading: 'See which tools are there, and which providers',
  why:
    'logman, wpr, tracerpt and wevtutil come with Windows 10 and 11. tracelog, tracepdb and tracefmt come with the Windows ' +
    'Driver Kit and SDK: only WPP messages need them. The last command lists the providers that Windows knows by name, ' +
    'those of manifests; those of TraceLogging and WPP are not among them, ask their makers for name or GUID.',
  shell: 'cmd',
  commands: [
    'mkdir C:\\trace',
    'where logman wpr tracerpt wevtutil tracelog tracepdb tracefmt',
    'logman query providers',
  ],
};

const eventLog: Step = {
  heading: 'First look into the event log',
  why:
    'Nothing need be recorded for it: errors of disks, services and drivers are there already. RenderedXml holds the ' +
    'sentences of the events beside their data, from which tracekit decodes what a disk said; xml, which is quicker, holds ' +
    'the data alone. The second command takes critical events, errors and warnings only. Logs that somebody sent as .evtx ' +
    'are read with /lf:true behind their path in place of the name of a log.',
  shell: 'cmd',
  commands: [
    'wevtutil qe System /f:RenderedXml /e:Events > C:\\trace\\System.xml',
    'wevtutil qe Application "/q:*[System[(Level=1 or Level=2 or Level=3)]]" /f:xml /e:Events > C:\\trace\\Application.xml',
    'tracekit errors C:\\trace\\System.xml C:\\trace\\Application.xml',
  ],
};

const recordLogman: Step = {
  heading: 'Record a provider that is known by name, with logman',
  why:
    'Microsoft-Windows-DNS-Client stands for your provider. Behind it are keywords (all of them) and level: 5 is everything, ' +
    '4 without verbose messages, 3 warnings, 2 errors. Provoke the trouble some ten times: eight repetitions and more tell a ' +
    'rhythm from chance. -bs is the size of a buffer in KB, -nb their least and greatest number.',
  shell: 'cmd',
  commands: [
    'logman start soft -p Microsoft-Windows-DNS-Client 0xffffffffffffffff 5 -o C:\\trace\\soft.etl -bs 256 -nb 64 256 -ets',
    'logman query soft -ets',
    'logman stop soft -ets',
  ],
};

const recordLong: Step = {
  heading: 'Or: wait for trouble that is rare',
  why: 'The file grows to 512 MB; then the newest events take the place of the oldest. Stop right after the trouble.',
  shell: 'cmd',
  commands: [
    'logman start soft -p Microsoft-Windows-DNS-Client 0xffffffffffffffff 5 -o C:\\trace\\soft.etl -f bincirc -max 512 -bs 256 -nb 64 256 -ets',
    'logman stop soft -ets',
  ],
};

const recordWpr: Step = {
  heading: 'Or: record a provider of TraceLogging or EventSource, with wpr',
  why:
    '*Contoso-Store stands for its name: the asterisk has wpr work out the GUID from the name, as such providers do. A GUID ' +
    'or the name of a manifest stands there without it. Such events carry their own description: nothing else is needed to ' +
    'read them.',
  shell: 'powershell',
  commands: [
    `Set-Content -Path C:\\trace\\soft.wprp -Encoding utf8 -Value '${ERRORS_WPRP}'`,
    'wpr -start C:\\trace\\soft.wprp!Soft -filemode',
    'wpr -stop C:\\trace\\soft.etl "messages of one provider"',
  ],
};

const recordWpp: Step = {
  heading: 'Or: record the WPP messages of a driver, with tracelog',
  why:
    'The GUID is an example: take the control GUID of the driver. -flag and -level choose what it says, -b is the size of a ' +
    'buffer in KB. The log holds numbers in place of texts: the next step gets them.',
  shell: 'cmd',
  commands: [
    'tracelog -start soft -guid #d58c126f-b309-11d1-969e-0000f875a5bc -flag 0xffff -level 5 -b 256 -min 64 -max 256 -f C:\\trace\\soft.etl',
    'tracelog -stop soft',
  ],
};

const textsOfWpp: Step = {
  heading: 'For WPP messages: get the texts out of the symbols',
  why:
    'driver.pdb stands for the private symbols of the driver, of exactly this build: public symbols hold no texts. The makers ' +
    'of a driver may give you the folder of .tmf files, which holds the texts and nothing else. tracekit reads log and texts ' +
    'as they are; the last command makes the text that tracekit reads, too.',
  shell: 'cmd',
  commands: [
    'tracepdb -f C:\\trace\\driver.pdb -p C:\\trace\\tmf',
    'tracekit errors C:\\trace\\soft.etl --tmf C:\\trace\\tmf',
    'tracefmt C:\\trace\\soft.etl -p C:\\trace\\tmf -o C:\\trace\\soft.txt',
  ],
};

const readAnswer: Step = {
  heading: 'Read the answer',
  why:
    'The second command shows warnings and errors alone, the third what comes every 5 to 10 seconds and what comes with it, ' +
    'the fourth what began in a minute of trouble, the fifth what each function does. The last compares a good trace with a ' +
    'bad one: good.etl stands for it.',
  shell: 'cmd',
  commands: [
    'tracekit errors C:\\trace\\soft.etl',
    'tracekit errors C:\\trace\\soft.etl --level warning',
    'tracekit errors C:\\trace\\soft.etl --view periodic,group --period 5s 10s',
    'tracekit errors C:\\trace\\soft.etl --window 60s +60s --view change',
    'tracekit errors C:\\trace\\soft.etl --by provider --view gap,span',
    'tracekit errors --diff C:\\trace\\good.etl C:\\trace\\soft.etl',
  ],
};

const exported: Step = {
  heading: 'Or: export events as CSV with tracerpt',
  why:
    'tracerpt knows the manifests that are installed on its machine. Where tracekit shows the events of a provider with hex ' +
    'or without their names, export there, and give tracekit the CSV. -y overwrites without asking.',
  shell: 'cmd',
  commands: ['tracerpt C:\\trace\\soft.etl -o C:\\trace\\soft.csv -of CSV -y', 'tracekit errors C:\\trace\\soft.csv'],
};

const debugView: Step = {
  heading: 'Or: what programs say to a debugger, with DebugView',
  why:
    'For programs that write with OutputDebugString, and for drivers that write with DbgPrint (Capture, Capture Kernel, which ' +
    'needs an elevated prompt). DebugView is a tool of Sysinternals. Leave the process ids on (Options), and the time as it ' +
    'is: seconds since the start have eight decimals, the time of day has three at most.',
  shell: 'cmd',
  commands: ['dbgview /l C:\\trace\\debug.log', 'tracekit errors C:\\trace\\debug.log'],
};

const citrix: Step = {
  heading: 'Or: traces of Citrix, with CDFControl',
  why:
    'Choose the modules, start the trace, provoke the trouble, stop. Then have CDFControl parse the trace, with the message ' +
    'files that it downloads, and save it as CSV: here C:\\trace\\citrix.csv.',
  shell: 'cmd',
  commands: ['tracekit errors C:\\trace\\citrix.csv --by function'],
};

const fromDump: Step = {
  heading: 'Or: messages that are still in a dump, with the debugger',
  why:
    'Sessions that were recording when a dump was taken have their last buffers in it. The second command lists them; soft ' +
    'stands for the name or number of yours. The third is for WPP messages: without their texts nothing is printed of them.',
  shell: 'debugger',
  commands: [
    '.logopen C:\\trace\\logdump.log',
    '!wmitrace.strdump',
    '!wmitrace.searchpath C:\\trace\\tmf',
    '!wmitrace.logdump soft',
    '.logclose',
  ],
};

const readDump: Step = {
  heading: 'Read the messages of the dump',
  why:
    'Where a loop is found, its thread is named: tracekit dump shows from the logs of the same dump what that thread waits ' +
    'for.',
  shell: 'cmd',
  commands: ['tracekit errors C:\\trace\\logdump.log', 'tracekit recipe dump'],
};

/**
 * Sources: Microsoft's references of logman and wevtutil (https://learn.microsoft.com/windows-server/administration/windows-commands/),
 * of tracelog, tracepdb and tracefmt (https://learn.microsoft.com/windows-hardware/drivers/devtest/), of !wmitrace
 * (https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/), "Record and View TraceLogging Events"
 * (https://learn.microsoft.com/windows/win32/tracelogging/tracelogging-record-and-display-tracelogging-events) for the profile, and
 * the WPRControlProfiles schema (https://learn.microsoft.com/windows-hardware/test/wpt/wprcontrolprofiles-schema).
 */
export const errorsRecipe: Recipe = {
  name: 'errors',
  title: 'Errors that come again and again: which, how often, in whose threads',
  question:
    'Something fails and tries again, or stops for a while and nobody knows why: record what programs and drivers say, and ' +
    'let tracekit say which messages recur, with what rhythm, and what fell silent. The commands of steps 3 to 6 need an ' +
    'elevated prompt (right click, "Run as administrator"). Begin with step 2; steps 3 and 8 are the shortest way to a ' +
    'trace of your own. A log that you have already needs no recipe: tracekit errors reads any text whose lines begin with ' +
    'a time.',
  steps: [
    seeTools,
    eventLog,
    recordLogman,
    recordLong,
    recordWpr,
    recordWpp,
    textsOfWpp,
    readAnswer,
    exported,
    debugView,
    citrix,
    fromDump,
    readDump,
  ],
  notes: [
    'Times of day without date or zone: give --date and --zone, so that several logs come on one clock. Dates such as ' +
      '01/02/2026 are never guessed: give --date-order.',
    'PowerShell 5 writes what is redirected with > as UTF-16, the command prompt in the code page of the console: tracekit ' +
      'reads both, but the latter may have lost letters of other languages.',
    'The layout of the CSV of CDFControl is taken from its column names: no public file was found.',
    'Messages hold names of users, machines and files. Look before you pass them on.',
  ],
};
