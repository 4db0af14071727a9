/** Puts the outputs of a dump into one log: the process list first, the rest in any order. */
import { shuffled } from './machine.js';
import { irpOutputs } from './print-irps.js';
import { fastMutexOutputs, locksOutput, sectionsOutput } from './print-locks.js';
import { messageOutputs } from './print-messages.js';
import { processList } from './print-process.js';
import { headLine, stackLines, threadBlock } from './print-thread.js';
import { hex, type Layout, layoutOf, ptr, symbolText, ticked, typed, uptime } from './text.js';
import type { Address, DumpThread, DumpTruth } from './truth.js';

/** What the debugger says of the target when it opens the dump. */
export interface Greeting {
  readonly debugger: string;
  readonly windows: string;
  readonly built: string;
  readonly base: bigint;
}

export function composeLog(truth: DumpTruth, greeting: Greeting, more: (layout: Layout) => string[][]): string {
  const layout = layoutOf(truth);
  const printed = truth.threads.filter(({ isPrinted }) => isPrinted);
  // Threads that have ended are in no list.
  const apart = printed.filter(({ state }) => state === 'TERMINATED' || layout.random.next() < 0.15);
  const again = printed.filter((thread) => !apart.includes(thread) && layout.random.next() < 0.06);
  const inList = new Set<Address>(printed.filter((thread) => !apart.includes(thread)).map(({ address }) => address));
  const outputs = [
    locksOutput(layout),
    ...messageOutputs(layout),
    ...truth.processes.map((process) => sectionsOutput(layout, process)),
    ...fastMutexOutputs(layout),
    ...irpOutputs(layout),
    ...[...apart, ...again].map((thread) => threadOutput(layout, thread)),
    ...more(layout),
  ];
  const lines = [
    ...greetingLines(layout, greeting),
    ...processList(layout, inList),
    ...shuffled(layout.random, outputs).flat(),
    typed(layout, '.logclose'),
  ];
  return `${lines.join('\r\n')}\r\n`;
}

function greetingLines(layout: Layout, { debugger: name, windows, built, base }: Greeting): string[] {
  const { cpus, nowTicks, tickMs, pointerBytes } = layout.truth;
  const processors = cpus === 1 ? 'UP' : `MP (${cpus} procs)`;
  const compatible = pointerBytes === 4 ? 'Free x86 compatible' : 'Free x64';
  return [
    `Microsoft (R) Windows Debugger Version ${name}`,
    'Copyright (c) Microsoft Corporation. All rights reserved.',
    '',
    '',
    'Loading Dump File [C:\\Dumps\\MEMORY.DMP]',
    'Kernel Complete Dump File: Full address space is available',
    '',
    `${windows} ${processors} ${compatible}`,
    'Product: WinNt, suite: TerminalServer SingleUserTS',
    `Built by: ${built}`,
    'Machine Name:',
    `Kernel base = 0x${ticked(layout, base)} PsLoadedModuleList = 0x${ticked(layout, base + 0x86520n)}`,
    'Debug session time: Tue Mar  9 14:02:11.250 2021 (UTC + 1:00)',
    `System Uptime: ${uptime(nowTicks * tickMs)}`,
    '',
  ];
}

function threadOutput(layout: Layout, thread: DumpThread): string[] {
  const flags = layout.hasArgs ? layout.random.pick([' 7', ' 17', '']) : layout.random.pick([' f', ' 1f', ' 3f']);
  return [typed(layout, `!thread ${ptr(layout, thread.address)}${flags}`), ...threadBlock(layout, thread), ''];
}

/** Arguments of the threads that wait in RtlEnterCriticalSection, where their blocks have none. */
export function sectionStacks(layout: Layout): string[][] {
  if (layout.hasArgs) return [];
  return layout.truth.threads
    .filter(({ frames }) => frames.some(({ symbol }) => symbol === 'ntdll!RtlEnterCriticalSection'))
    .map((thread) => [
      typed(layout, `.thread ${ptr(layout, thread.address)}`),
      `Implicit thread is now ${ticked(layout, thread.address)}`,
      '',
      typed(layout, layout.random.pick(['kv', 'kv 100', 'kb'])),
      '  *** Stack trace for last set context - .thread/.cxr resets it',
      ...stackLines(layout, thread.frames, true),
      '',
    ]);
}

/** What the extension passes over. */
const WAITING_CODE = /^nt!K[ie]/;

/** Ticks in hex; below zero, as a huge number, where the wait began behind the time of the dump. */
export function stacksOutput(layout: Layout): string[][] {
  const { truth, random } = layout;
  if (random.next() < 0.5) return [];
  const row = (thread: DumpThread): string => {
    const ticks = truth.nowTicks - (thread.waitStartTicks ?? 0);
    const state = thread.state === 'WAIT' ? 'Blocked' : (thread.state ?? '');
    const at = thread.frames.find(({ symbol }) => !WAITING_CODE.test(symbol)) ?? thread.frames[0];
    const cid = `${hex(thread.pid).padStart(4)}.${hex(thread.tid, 6)}`;
    return `${cid}  ${ptr(layout, thread.address)} ${hex(ticks >>> 0, 7)} ${state.padEnd(10)} ${symbolText(at.symbol, at.offset)}`;
  };
  const rows = truth.processes.flatMap((process) => {
    const own = truth.threads.filter((t) => t.process === process.address && t.isPrinted && t.frames.length > 0);
    return ['', `                            [${ptr(layout, process.address)} ${process.image}]`, ...own.map(row)];
  });
  return [
    [
      typed(layout, '!stacks'),
      'Proc.Thread  .Thread  Ticks   ThreadState Blocker',
      ...rows,
      '',
      `Threads Processed: ${truth.threads.length}`,
      '',
    ],
  ];
}

/** The threads that starve, by processor and priority. */
export function readyOutput(layout: Layout): string[][] {
  const { truth } = layout;
  const ready = truth.threads.filter(({ state, isPrinted }) => state === 'READY' && isPrinted);
  if (ready.length === 0) return [];
  const lines = Array.from({ length: truth.cpus }, (_, cpu) => {
    const own = ready.filter(({ processor }) => processor === cpu).sort((a, b) => b.priority - a.priority);
    if (own.length === 0) return [`Processor ${cpu}: No threads in READY state`];
    return own.flatMap((thread) => [
      `Processor ${cpu}: Ready Threads at priority ${thread.priority}`,
      `    ${headLine(layout, thread)}`,
    ]);
  });
  return [[typed(layout, '!ready'), '', ...lines.flat(), '']];
}
