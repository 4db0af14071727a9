/** Prints a truth as `xperf -i x.etl -a dpcisr` does. */
import { histogramOf } from './oracle.js';
import { endUs, type Run, type Truth } from './truth.js';

const RULE = '--------------------------';
const INTERVAL_US = 1_000_000;
const DISTRIBUTION_US = 2_000_000;

const percent = (part: number, whole: number): string => ((100 * part) / whole).toFixed(2);
const sum = (runs: readonly Run[]): number => runs.reduce((total, run) => total + run.durationUs, 0);
const cpuNumbers = (truth: Truth): number[] => Array.from({ length: truth.cpus }, (_, cpu) => cpu);

/** `usec %` cell. */
const cell = (us: number, ofUs: number): string => `${String(us).padStart(9)} ${percent(us, ofUs).padStart(6)}`;

const nameOf = (module: string | null): string => module ?? '"Unknown"';

function modulesOf(runs: readonly Run[]): (string | null)[] {
  const modules = [...new Set(runs.map(({ module }) => module))];
  return modules.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

function usageTable(truth: Truth, runs: readonly Run[]): string[] {
  const cpus = cpuNumbers(truth);
  const rows = modulesOf(runs).map((module) => {
    const cells = cpus.map((cpu) => {
      const own = runs.filter((run) => run.module === module && run.cpu === cpu);
      return cell(sum(own), truth.lengthUs);
    });
    return `${cells.join(', ')}, ${nameOf(module)}`;
  });
  return [
    RULE,
    'CPU Usage Summing By Module For the Whole Trace',
    '',
    `CPU Usage from 0 us to ${truth.lengthUs} us:`,
    '',
    `${cpus.map((cpu) => `CPU ${cpu} Usage`.padStart(16)).join(', ')},`,
    `${cpus.map(() => `${'usec'.padStart(9)} ${'%'.padStart(6)}`).join(', ')}, Module`,
    ...rows,
    '',
  ];
}

function histogram(runs: readonly Run[], title: string): string[] {
  const rows = histogramOf(runs.map((run) => run.durationUs)).map(({ gtUs, leUs, count }) => {
    const share = percent(count, runs.length).padStart(6);
    const from = `Elapsed Time, > ${String(gtUs).padStart(8)} usecs`;
    return `${from} AND <= ${String(leUs).padStart(8)} usecs, ${String(count).padStart(6)}, or ${share}%`;
  });
  return [title, ...rows, `Total, ${String(runs.length).padStart(51)}`, ''];
}

/** Time of the runs that lies within an interval. */
function usedUs(runs: readonly Run[], fromUs: number, toUs: number): number {
  return runs.reduce((used, run) => {
    return used + Math.max(0, Math.min(endUs(run), toUs) - Math.max(run.startUs, fromUs));
  }, 0);
}

function intervalTable(truth: Truth, runs: readonly Run[]): string[] {
  const cpus = cpuNumbers(truth);
  const intervals = Math.ceil(truth.lengthUs / INTERVAL_US);
  const rows = Array.from({ length: intervals }, (_, i) => {
    const from = i * INTERVAL_US;
    const cells = cpus.map((cpu) => {
      const own = runs.filter((run) => run.cpu === cpu);
      return cell(usedUs(own, from, from + INTERVAL_US), INTERVAL_US);
    });
    const label = `${String(from / 1000).padStart(10)}-${String((from + INTERVAL_US) / 1000).padEnd(12)}:`;
    return `${label},${cells.join(',')}`;
  });
  const lengthMs = truth.lengthUs / 1000;
  return [
    RULE,
    `Usage From 0 ms to ${lengthMs} ms, Summing In 1 second intervals. Intervals=${intervals}`,
    '',
    `                       ,${cpus.map((cpu) => ` CPU ${cpu} Usage `.padStart(17)).join(',')}`,
    `Start (ms) End (ms)    ,${cpus.map(() => '   (usec)      % ').join(',')}`,
    ...rows,
    '',
  ];
}

function section(truth: Truth, title: string, runs: readonly Run[]): string[] {
  const modules = modulesOf(runs);
  return [
    '',
    RULE,
    title,
    '',
    ...usageTable(truth, runs),
    ...histogram(runs, `Total = ${runs.length}`),
    ...modules.flatMap((module) => {
      const own = runs.filter((run) => run.module === module);
      return histogram(own, `Total = ${own.length} for module ${nameOf(module)}`);
    }),
    `All Module = ${runs.length},  Total = ${runs.length},   EQUAL`,
    '',
    ...intervalTable(truth, runs),
  ];
}

const SHARES = [0, 1, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100];

function distribution(truth: Truth): string[] {
  const cpus = cpuNumbers(truth);
  const intervals = Array.from({ length: Math.ceil(truth.lengthUs / DISTRIBUTION_US) }, (_, i) => i * DISTRIBUTION_US);
  const shares = cpus.map((cpu) =>
    [['DPC'], ['ISR'], ['DPC', 'ISR']].map((kinds) => {
      const own = truth.runs.filter((run) => run.cpu === cpu && kinds.includes(run.kind));
      return intervals.map((from) => (100 * usedUs(own, from, from + DISTRIBUTION_US)) / DISTRIBUTION_US);
    }),
  );
  const rows = SHARES.slice(1).map((high, i) => {
    const low = SHARES[i];
    const counts = shares.flat().map((of) => of.filter((p) => (p > low || (i === 0 && p === 0)) && p <= high).length);
    return `${i === 0 ? '>=' : '> '} ${String(low).padStart(2)} AND <= ${String(high).padStart(3)}, ${counts
      .map((n) => String(n).padStart(8))
      .join(', ')},`;
  });
  const totals = shares.flat().map(() => String(intervals.length).padStart(8));
  return [
    `Distribution of number of ${DISTRIBUTION_US / 1000} ms intervals w.r.t. DPC/ISR usage:`,
    '',
    `                ,${cpus.map((cpu) => `CPU ${cpu}`.padStart(29)).join(',')}`,
    ` DPC/ISR Usage %,${cpus.map(() => '      DPC      ISR Combined').join(',')}`,
    ...rows,
    '---',
    `Total:          , ${totals.join(', ')},`,
  ];
}

/** The file: lines end with CRLF. */
export function dpcisrReport(truth: Truth): string {
  const lines = [
    ...section(
      truth,
      'DPC Info',
      truth.runs.filter(({ kind }) => kind === 'DPC'),
    ),
    ...section(
      truth,
      'Interrupt Info',
      truth.runs.filter(({ kind }) => kind === 'ISR'),
    ),
    ...distribution(truth),
  ];
  return `${lines.join('\r\n')}\r\n`;
}
