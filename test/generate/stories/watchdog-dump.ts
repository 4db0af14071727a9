/** The log of a crash by the DPC watchdog: bugcheck, stack of the processor, its queue, modules. */
import { hashOf } from '../dump/machine.js';
import { hex } from '../dump/text.js';
import type { Frame, ImageTruth } from '../truth.js';
import { frameIn } from './dpc-trace.js';
import { digits, headLines, logText, moduleDetails, moduleList, moduleName, ticked, typed } from './kd-text.js';
import type { StoryFile } from './model.js';
import { type Scene, textFile } from './scene.js';

export interface WatchdogDump {
  readonly kind: 'single' | 'cumulative';
  readonly cpu: number;
  /** Of the watchdog: a single routine may take so long, or it looks at so long a period. */
  readonly limitTicks: number;
  readonly images: readonly ImageTruth[];
  /** What the clock interrupted, innermost first; null: the log shows no stack. */
  readonly interrupted: readonly (readonly [file: string, fn: string])[] | null;
  readonly isTimer: boolean;
  /** DPCs that wait behind it. */
  readonly queued: readonly (readonly [file: string, fn: string])[];
  /** Whose version is asked for. */
  readonly details: string | null;
}

type Call = readonly [file: string, fn: string];
const NT = 'ntoskrnl.exe';
const CLOCK: readonly Call[] = [
  [NT, 'KeBugCheckEx'],
  [NT, 'KeAccumulateTicks'],
  [NT, 'KeClockInterruptNotify'],
  ['hal.dll', 'HalpTimerClockInterrupt'],
  [NT, 'KiCallInterruptServiceRoutine'],
  [NT, 'KiInterruptSubDispatchNoLockNoEtw'],
  [NT, 'KiInterruptDispatchNoLockNoEtw'],
];
const OF_DPC: readonly Call[] = [
  [NT, 'KiExecuteAllDpcs'],
  [NT, 'KiRetireDpcList'],
  [NT, 'KiIdleLoop'],
];
const OF_TIMER: readonly Call[] = [
  [NT, 'KiProcessExpiredTimerList'],
  [NT, 'KiTimerExpiration'],
  [NT, 'KiRetireDpcList'],
  [NT, 'KiIdleLoop'],
];

export function watchdogDump(scene: Scene, dump: WatchdogDump): StoryFile {
  const { random } = scene;
  const { cpu, images } = dump;
  const details = images.find(({ name }) => name === dump.details);
  const loaded = images.map(({ name, base, size }) => ({ file: name, base, size }));
  const text = logText(
    headLines(scene, images[0].base),
    random.next() < 0.5 ? bugcheckLines(dump) : analyzeLines(scene, dump),
    dump.interrupted === null ? [] : [typed(cpu, 'k'), ...stackLines(scene, dump), ''],
    pcrLines(scene, dump),
    random.next() < 0.5 ? dpcsLines(scene, dump) : watchdogLines(scene, dump),
    moduleList(scene, cpu, loaded),
    details === undefined
      ? []
      : moduleDetails(scene, cpu, { file: details.name, base: details.base, size: details.size }),
    [typed(cpu, '.logclose')],
  );
  return textFile('dump', 'dump.log', text);
}

function parameters({ kind, limitTicks }: WatchdogDump): bigint[] {
  const limit = BigInt(limitTicks);
  return kind === 'single' ? [0n, limit + 1n, limit, 0n] : [1n, limit, 0n, 0n];
}

const bugcheckLines = (dump: WatchdogDump): string[] => [
  typed(dump.cpu, '.bugcheck'),
  'Bugcheck code 00000133',
  `Arguments ${parameters(dump)
    .map((value) => hex(value, 16).replace(/^(.{8})/, '$1`'))
    .join(' ')}`,
  '',
];

function analyzeLines(scene: Scene, dump: WatchdogDump): string[] {
  const words =
    dump.kind === 'single'
      ? [
          ', A single DPC or ISR exceeded its time allotment. The offending',
          '    component can usually be identified with a stack trace.',
          ', The DPC time count (in ticks).',
          ', The DPC time allotment (in ticks).',
          ', cast to nt!DPC_WATCHDOG_GLOBAL_TRIAGE_BLOCK, which contains',
          '    additional information regarding this single DPC timeout',
        ]
      : [
          ', The system cumulatively spent an extended period of time at',
          '    DISPATCH_LEVEL or above.',
          ', The watchdog period (in ticks).',
          ', cast to nt!DPC_WATCHDOG_GLOBAL_TRIAGE_BLOCK, which contains',
          '    additional information regarding the cumulative timeout',
        ];
  const args = parameters(dump).map((value) => hex(value, 16));
  let next = 0;
  const lines = words.map((word) => (word.startsWith(',') ? `Arg${next + 1}: ${args[next++]}${word}` : word));
  if (next < 4) lines.push(`Arg4: ${args[3]}`);
  const stack = dump.interrupted === null ? [] : ['STACK_TEXT:  ', ...stackText(scene, dump), ''];
  return [
    typed(dump.cpu, '!analyze -v'),
    '*'.repeat(79),
    `*${' '.repeat(77)}*`,
    `*${' '.repeat(24)}Bugcheck Analysis${' '.repeat(36)}*`,
    `*${' '.repeat(77)}*`,
    '*'.repeat(79),
    '',
    'DPC_WATCHDOG_VIOLATION (133)',
    'The DPC watchdog detected a prolonged run time at an IRQL of DISPATCH_LEVEL',
    'or above.',
    'Arguments:',
    ...lines,
    '',
    'Debugging Details:',
    '------------------',
    '',
    `DPC_TIMEOUT_TYPE:  ${dump.kind === 'single' ? 'SINGLE_DPC_TIMEOUT_EXCEEDED' : 'DPC_QUEUE_EXECUTION_TIMEOUT_EXCEEDED'}`,
    '',
    'BUGCHECK_CODE:  133',
    '',
    'PROCESS_NAME:  System',
    '',
    'CURRENT_IRQL:  d',
    '',
    ...stack,
  ];
}

interface Placed extends Frame {
  readonly offset: number;
  readonly sp: bigint;
  readonly ret: bigint;
  readonly symbol: string;
}

function placed({ images, interrupted, isTimer }: WatchdogDump): Placed[] {
  const calls = [...CLOCK, ...(interrupted ?? []), ...(isTimer ? OF_TIMER : OF_DPC)];
  const offsets = calls.map(([, fn], i) => (i === 0 ? 0 : 0x15 + (hashOf(fn) % 0x300)));
  const frames = calls.map(([file, fn], i) => frameIn(images, file, fn, offsets[i]));
  let sp = 0xfffff80341a6c000n + BigInt(hashOf(calls[7]?.[1] ?? '') % 0xf00) * 0x10n;
  return frames.map((frame, i) => {
    sp += BigInt(0x30 + (hashOf(calls[i][1]) % 8) * 0x10);
    const [file, fn] = calls[i];
    const symbol = `${moduleName(file)}!${fn}${offsets[i] === 0 ? '' : `+0x${hex(offsets[i])}`}`;
    return { ...frame, offset: offsets[i], sp, ret: frames[i + 1]?.address ?? 0n, symbol };
  });
}

function stackLines(scene: Scene, dump: WatchdogDump): string[] {
  return [
    'Child-SP          RetAddr               Call Site',
    ...placed(dump).map(({ sp, ret, symbol }) => `${ticked(scene, sp)} ${ticked(scene, ret)}     ${symbol}`),
  ];
}

/** As `!analyze` prints it: with what the stack holds in the places of arguments. */
function stackText(scene: Scene, dump: WatchdogDump): string[] {
  const none = ticked(scene, 0n);
  return placed(dump).map(
    ({ sp, ret, symbol }) =>
      `${ticked(scene, sp)} ${ticked(scene, ret)}     : ${ticked(scene, sp + 0x40n)} ${none} ${none} ${none} : ${symbol}`,
  );
}

function pcrLines(scene: Scene, dump: WatchdogDump): string[] {
  const { cpu } = dump;
  const pcr = 0xfffff80309974000n + BigInt(cpu) * 0x10000n;
  const thread = pcr + 0xa880n;
  const field = (name: string, value: bigint): string => `${`${name}:`.padStart(21)} ${digits(scene, value)}`;
  const queue = queueRows(scene, dump);
  return [
    typed(cpu, `!pcr ${cpu}`),
    `KPCR for Processor ${cpu} at ${digits(scene, pcr)}:`,
    '    Major 1 Minor 1',
    `\t${field('NtTib.ExceptionList', pcr - 0x2000n)}`,
    `\t${field('NtTib.StackBase', pcr - 0x1000n)}`,
    `\t${field('SelfPcr', 0n)}`,
    `\t${field('Prcb', pcr + 0x180n)}`,
    `\t${field('Irql', 0n)}`,
    '',
    `\t${field('CurrentThread', thread)}`,
    `\t${field('NextThread', 0n)}`,
    `\t${field('IdleThread', thread)}`,
    '',
    ...(queue.length === 0 ? [`\t${'DpcQueue:'.padStart(21)} `] : []),
    ...queue.map((row, i) => `\t${(i === 0 ? 'DpcQueue:' : '').padStart(21)}  ${row}`),
    '',
  ];
}

function queueRows(scene: Scene, { queued, images }: WatchdogDump): string[] {
  return queued.map(([file, fn], i) => {
    const kdpc = 0xffffe001c2000000n + BigInt(hashOf(fn) % 0xffff) * 0x40n + BigInt(i) * 0x1000000n;
    const { address } = frameIn(images, file, fn);
    return `0x${digits(scene, kdpc)} 0x${digits(scene, address)} [Normal] ${moduleName(file)}!${fn}`;
  });
}

function dpcsLines(scene: Scene, dump: WatchdogDump): string[] {
  const rows = queueRows(scene, dump).map(
    (row) => `${String(dump.cpu).padStart(3)}: Normal  : ${row.replace('[Normal] ', '')}`,
  );
  if (rows.length === 0) return [typed(dump.cpu, '!dpcs'), 'dpcs: no pending DPCs found', ''];
  return [typed(dump.cpu, '!dpcs'), 'CPU Type      KDPC       Function', ...rows, ''];
}

function watchdogLines(scene: Scene, dump: WatchdogDump): string[] {
  const line = '-'.repeat(50);
  return [
    typed(dump.cpu, '!dpcwatchdog'),
    'All durations are in seconds (1 System tick = 15.625000 milliseconds)',
    '',
    'Circular Kernel Context Logger history: !logdump 0x2',
    'DPC and ISR stats: !intstats /d',
    '',
    line,
    `CPU#${dump.cpu}`,
    line,
    'Current DPC: No Active DPC',
    '',
    'Pending DPCs:',
    '-'.repeat(40),
    ...dpcsLines(scene, dump).slice(1),
  ];
}
