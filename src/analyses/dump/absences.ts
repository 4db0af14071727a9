/** What was looked at and is not the cause: said, so that nobody looks there again. */
import type { Finding } from '../../core/evidence.js';
import { dumpPort, dumpPortConnection } from '../../tables/dump-lock.js';
import { dumpDesktop } from '../../tables/dump-system.js';
import type { Case } from './case.js';
import { hex } from './frames.js';
import { connectionQueues } from './port-queues.js';
import { evidenceOf } from './rows.js';

const FULL_PERCENT = 80;

export function absences(all: Case): Finding[] {
  return [...desktopHeap(all), ...ports(all), ...dpcs(all)];
}

function told(
  all: Case,
  rule: string,
  message: string,
  rows: Parameters<typeof evidenceOf>[1],
  next: string[] = [],
): Finding[] {
  const [first, ...rest] = evidenceOf(all.context, rows);
  if (first === undefined) return [];
  return [{ rule, level: 'note', message, confidence: null, evidence: [first, ...rest], against: [], next }];
}

function desktopHeap(all: Case): Finding[] {
  const desktops = all.rows.of(dumpDesktop);
  const read = desktops.filter(({ usedPercent }) => usedPercent !== null);
  const failed = new Set(desktops.filter(({ address }) => address !== null).map(({ address }) => hex(address)));
  const most = read.reduce((max, { usedPercent }) => Math.max(max, usedPercent ?? 0), 0);
  if (read.length === 0 || most >= FULL_PERCENT) return [];
  const lastRun = Math.max(...read.map(({ run }) => run ?? 0));
  const last = read.filter(({ run }) => (run ?? 0) === lastRun);
  const kb = last.reduce((sum, { heapKb }) => sum + (heapKb ?? 0), 0);
  const broken = [...all.facts.subjects('dskheap run ')]
    .flatMap(([, rows]) => rows)
    .filter(({ name }) => name === 'failed');
  const unread = failed.size === 0 ? '' : `; ${failed.size} heaps could not be read (${[...failed].join(', ')})`;
  const half = broken.length === 0 ? '' : '; one run ended half-way';
  return told(
    all,
    'desktop-heap',
    `Desktop heap is not used up: of ${last.length} desktops with ${kb} KB the fullest uses ${most} %${unread}${half}`,
    [...last, ...desktops.filter(({ address }) => address !== null), ...broken],
  );
}

function ports(all: Case): Finding[] {
  const connections = all.rows.of(dumpPortConnection);
  const seen = new Set<bigint>();
  return all.rows.of(dumpPort).flatMap((row) => {
    if (row.address === null || seen.has(row.address)) return [];
    seen.add(row.address);
    const rows = all.rows.of(dumpPort).filter(({ address }) => address === row.address);
    const own = connections.filter(({ connectionPort }) => connectionPort === row.address);
    const queued = [
      ...rows.flatMap((one) => [one.mainQueue, one.largeQueue, one.pendingQueue, one.canceledQueue]),
      ...own.flatMap(connectionQueues),
    ];
    const known = queued.filter((count) => count !== null);
    if (known.length === 0 || known.some((count) => count > 0) || own.length === 0) return [];
    return told(
      all,
      'empty-queues',
      `Port ${hex(row.address)}: the queues of all ${own.length} connections are empty, nobody waits there`,
      [...rows, ...own],
    );
  });
}

function dpcs(all: Case): Finding[] {
  const row = all.facts.last('dpcs', 'pending');
  return row === null || row.number !== 0 ? [] : told(all, 'no-dpcs', 'No DPC is queued on any processor', [row]);
}
