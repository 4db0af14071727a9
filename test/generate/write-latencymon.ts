/** Prints a truth as the report text of LatencyMon: sums and counts only. */
import type { Run, Truth } from './truth.js';

const RULE = '_'.repeat(105);
const LABEL_WIDTH = 54;

type Decimal = (value: number) => string;

const line = (label: string, value: string): string => `${label.padEnd(LABEL_WIDTH)}${value}`;
const sum = (runs: readonly Run[]): number => runs.reduce((total, run) => total + run.durationUs, 0);
const highest = (runs: readonly Run[]): number => runs.reduce((max, run) => Math.max(max, run.durationUs), 0);
const heading = (title: string): string[] => [RULE, title, RULE];

/** The product prints `500-10000` for the third range of DPCs, though the next one begins at 1000. */
const RANGES: Record<Run['kind'], readonly (readonly [label: string, fromUs: number, toUs: number])[]> = {
  ISR: rangesOf('500-1000'),
  DPC: rangesOf('500-10000'),
};

function rangesOf(third: string): [string, number, number][] {
  return [
    ['<250', 0, 250],
    ['250-500', 250, 500],
    [third, 500, 1000],
    ['1000-2000', 1000, 2000],
    ['2000-4000', 2000, 4000],
    ['>=4000', 4000, Number.POSITIVE_INFINITY],
  ];
}

function sumByDriver(runs: readonly Run[]): [string, number][] {
  const sums = new Map<string, number>();
  for (const run of runs) {
    const driver = run.module ?? 'Unknown';
    sums.set(driver, (sums.get(driver) ?? 0) + run.durationUs);
  }
  return [...sums].sort((a, b) => b[1] - a[1]);
}

function section(truth: Truth, kind: Run['kind'], decimal: Decimal): string[] {
  const runs = truth.runs.filter((run) => run.kind === kind);
  const allCpuUs = truth.lengthUs * truth.cpus;
  const longest = runs.reduce((a, b) => (b.durationUs > a.durationUs ? b : a));
  const [topDriver, topUs] = sumByDriver(runs)[0];
  const share = (us: number): string => decimal((100 * us) / allCpuUs);
  const what = kind === 'ISR' ? 'total' : 'total execution';
  return [
    ...heading(` REPORTED ${kind}s`),
    '',
    line(`Highest ${kind} routine execution time (µs):`, decimal(highest(runs))),
    line(`Driver with highest ${kind} routine execution time:`, `${longest.module} - Example Driver, Example Company`),
    '',
    line(`Highest reported total ${kind} routine time (%):`, share(topUs)),
    line(`Driver with highest ${kind} ${what} time:`, `${topDriver} - Example Driver, Example Company`),
    '',
    line(`Total time spent in ${kind}s (%)`, share(sum(runs))),
    '',
    ...RANGES[kind].map(([label, fromUs, toUs]) => {
      const count = runs.filter((run) => run.durationUs >= fromUs && run.durationUs < toUs).length;
      return line(`${kind} count (execution time ${label} µs):`, String(count));
    }),
    '',
    '',
  ];
}

function cpuSection(truth: Truth, decimal: Decimal): string[] {
  return Array.from({ length: truth.cpus }, (_, cpu) => {
    const own = (kind: Run['kind']): Run[] => truth.runs.filter((run) => run.cpu === cpu && run.kind === kind);
    const kinds = (['ISR', 'DPC'] as const).flatMap((kind) => [
      line(`CPU ${cpu} ${kind} highest execution time (µs):`, decimal(highest(own(kind)))),
      line(`CPU ${cpu} ${kind} total execution time (s):`, decimal(sum(own(kind)) / 1e6)),
      line(`CPU ${cpu} ${kind} count:`, String(own(kind).length)),
    ]);
    return [line(`CPU ${cpu} Interrupt cycle time (s):`, decimal(0.25 + cpu / 8)), ...kinds, RULE];
  }).flat();
}

function report(truth: Truth, point: '.' | ','): string {
  const decimal: Decimal = (value) => value.toFixed(6).replace('.', point);
  const seconds = String(Math.round(truth.lengthUs / 1e6)).padStart(2, '0');
  const lines = [
    ...heading('CONCLUSION'),
    'Your system appears to be having trouble handling real-time audio and other tasks.',
    `LatencyMon has been analyzing your system for  0:00:${seconds}  (h:mm:ss) on all processors.`,
    '',
    '',
    ...heading('SYSTEM INFORMATION'),
    line('Computer name:', 'EXAMPLE'),
    line('OS version:', 'Windows 11, 10.0, version 2009, build: 22631 (x64)'),
    line('CPU:', 'GenuineIntel Example CPU'),
    line('Logical processors:', String(truth.cpus)),
    line('Processor groups:', '1'),
    line('RAM:', '16003 MB total'),
    '',
    '',
    ...heading('CPU SPEED'),
    line('Reported CPU speed (WMI):', '2995 MHz'),
    line('Reported CPU speed (registry):', '2995 MHz'),
    '',
    '',
    ...heading('MEASURED INTERRUPT TO USER PROCESS LATENCIES'),
    line('Highest measured interrupt to process latency (µs):', decimal(1_000_900.4)),
    line('Average measured interrupt to process latency (µs):', decimal(12.25)),
    '',
    line('Highest measured interrupt to DPC latency (µs):', decimal(1_000_500.3)),
    line('Average measured interrupt to DPC latency (µs):', decimal(3.5)),
    '',
    '',
    ...section(truth, 'ISR', decimal),
    ...section(truth, 'DPC', decimal),
    ...heading(' REPORTED HARD PAGEFAULTS'),
    line('Total number of hard pagefaults', '12'),
    line('Hard pagefault count of hardest hit process:', '7'),
    line('Number of processes hit:', '3'),
    '',
    '',
    ...heading(' PER CPU DATA'),
    ...cpuSection(truth, decimal),
  ];
  return `${lines.join('\r\n')}\r\n`;
}

/** Decimal point; UTF-8. */
export const latencymonEn = (truth: Truth): Buffer => Buffer.from(report(truth, '.'), 'utf8');

/** Decimal comma; saved in the ANSI code page, where µ is one byte that is no UTF-8. */
export const latencymonComma = (truth: Truth): Buffer => Buffer.from(report(truth, ','), 'latin1');
