/** The system of a `dump` result as names and values, for programs and tickets. */
import type { DumpResult } from '../../analyses/dump/result.js';
import type { Cell, ViewColumn } from '../views.js';
import { text } from './columns.js';

export interface SummaryRow {
  readonly name: string;
  readonly value: Cell;
}

export const SUMMARY: readonly ViewColumn<SummaryRow>[] = [
  { key: 'name', title: 'Name', rank: 0, value: (r) => r.name },
  { key: 'value', title: 'Value', rank: 0, value: (r) => (typeof r.value === 'string' ? text(r.value) : r.value) },
];

/** What is known, each with its name; what is not known has no row. */
export function summaryRows(result: DumpResult): SummaryRow[] {
  const { system, memory, watchdog } = result;
  const { bugcheck } = system;
  const rows: [string, Cell][] = [
    ['bugcheck', bugcheck?.code ?? null],
    ['bugcheckName', bugcheck?.name ?? null],
    ...(bugcheck?.parameters ?? []).map((parameter, i): [string, Cell] => [`parameter${i + 1}`, parameter]),
    ...(bugcheck?.meanings ?? []).map((meaning, i): [string, Cell] => [`meaning${i + 1}`, meaning]),
    ['windows', system.windows],
    ['build', system.build],
    ['architecture', system.architecture],
    ['machine', system.machine],
    ['cpus', system.cpus],
    ['debugSessionUtc', system.debugSessionUtc],
    ['uptimeMs', system.uptimeMs],
    ['nowTicks', system.nowTicks],
    ['tickMs', system.tickMs],
    ['physicalKb', memory?.physicalKb ?? null],
    ['committedPages', memory?.committedPages ?? null],
    ['commitLimitPages', memory?.commitLimitPages ?? null],
    ['failedPoolAllocations', memory?.failedPoolAllocations ?? null],
    ['failedCommits', memory?.failedCommits ?? null],
    ['watchdog', watchdog?.statement ?? null],
    ...counts(result),
  ];
  return rows.filter(([, value]) => value !== null).map(([name, value]) => ({ name, value }));
}

const counts = ({ threads, processes, locks, chains, deadlocks, irps, quality, cut }: DumpResult): [string, Cell][] => [
  ['threads', cut.threads ?? threads.length],
  ['processes', cut.processes ?? processes.length],
  ['locks', cut.locks ?? locks.length],
  ['chains', cut.chains ?? chains.length],
  ['deadlocks', cut.deadlocks ?? deadlocks.length],
  ['irps', cut.irps ?? irps.list.length],
  ['doubts', quality.length === 0 ? null : quality.map(({ flag }) => flag).join(', ')],
];
