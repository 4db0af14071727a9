/** Memory that ran out, or is close to it. */
import { dumpDesktop } from '../../../tables/dump-system.js';
import type { Case } from '../case.js';
import type { FactRow } from '../facts.js';
import type { DumpPattern } from '../result.js';
import { type PatternFinder, pattern, someOf } from './pattern.js';
import { stackOverflow } from './stack-overflow.js';

const NEAR = 0.9;
const FULL_HEAP_PERCENT = 80;

export const memoryPatterns: PatternFinder = (all) => [
  ...pool(all),
  ...sessionPool(all),
  ...commit(all),
  ...physical(all),
  ...systemPtes(all),
  ...desktopHeap(all),
  ...stackOverflow(all),
];

/** As many pages as `!vm` gives of a figure; null where it does not. */
const pagesOf = (all: Case, name: RegExp): number | null =>
  all.memory?.figures.find((figure) => name.test(figure.name))?.pages ?? null;

const row = (all: Case, subject: string, name: RegExp): FactRow[] =>
  all.facts.of(subject).filter((fact) => name.test(fact.name ?? ''));

function pool(all: Case): DumpPattern[] {
  const failed = all.memory?.failedPoolAllocations ?? 0;
  const found: DumpPattern[] = [];
  if (failed > 0) {
    found.push(
      pattern(all, {
        name: 'Insufficient Memory (kernel pool)',
        certain: true,
        statement: `${failed} pool allocations have failed since the system started`,
        rows: row(all, 'vm', /^failed pool/i),
        next: ['!poolused 2, !poolused 4: which tags hold the pool; `tracekit pool` over the same log'],
      }),
    );
  }
  // Since Windows 8 most of nonpaged pool cannot be executed, and is counted apart.
  for (const [use, useToo, max, what] of [
    [/^NonPagedPool Usage/i, /^NonPagedPoolNx Usage/i, /^NonPagedPool Max/i, 'nonpaged pool'],
    [/^PagedPool Usage/i, null, /^PagedPool Maximum/i, 'paged pool'],
  ] as const) {
    const [one, most] = [pagesOf(all, use), pagesOf(all, max)];
    const other = useToo === null ? null : pagesOf(all, useToo);
    const used = one === null && other === null ? null : (one ?? 0) + (other ?? 0);
    if (used === null || most === null || most === 0 || used < most * NEAR) continue;
    found.push(
      pattern(all, {
        name: 'Insufficient Memory (kernel pool)',
        certain: used >= most,
        statement: `${what} is at ${((100 * used) / most).toFixed(0)} % of its maximum (${used} of ${most} pages)`,
        rows: [...row(all, 'vm', use), ...(useToo === null ? [] : row(all, 'vm', useToo)), ...row(all, 'vm', max)],
      }),
    );
  }
  return found;
}

function sessionPool(all: Case): DumpPattern[] {
  return (all.memory?.sessions ?? [])
    .filter(({ failedPoolAllocations }) => (failedPoolAllocations ?? 0) > 0)
    .map(({ sessionId, failedPoolAllocations, pagedPoolKb }) =>
      pattern(all, {
        name: 'Insufficient Memory (session pool)',
        certain: true,
        statement: `session ${sessionId}: ${failedPoolAllocations} pool allocations have failed${pagedPoolKb === null ? '' : `; its paged pool takes ${pagedPoolKb} Kb`}`,
        subjects: [`session ${sessionId}`],
        rows: all.facts.of(`vm session ${sessionId}`),
        next: [`!session -s ${sessionId}, then !poolused 0xc: which tags hold the session's pool`],
      }),
    );
}

function commit(all: Case): DumpPattern[] {
  const { memory } = all;
  if (memory === null) return [];
  const { committedPages: used, commitLimitPages: limit, failedCommits, pageFileKb, pageFileMaximumKb } = memory;
  const isNear = used !== null && limit !== null && used >= limit * NEAR;
  const hasFailed = (failedCommits ?? 0) > 0;
  if (!hasFailed && !isNear) return [];
  const isAtMaximum =
    pageFileKb !== null && pageFileMaximumKb !== null && pageFileMaximumKb > 0 && pageFileKb >= pageFileMaximumKb;
  const committed =
    used === null || limit === null
      ? null
      : `${used} of ${limit} pages (${((100 * used) / limit).toFixed(0)} %) are committed`;
  const failed = hasFailed ? `${failedCommits} commit requests have failed since the system started` : null;
  const now =
    failed === null || committed === null ? committed : `${isNear ? 'now' : 'but not at present:'} ${committed}`;
  const file = isAtMaximum
    ? 'the page file is at its maximum size and cannot grow'
    : isNear && pageFileKb !== null && pageFileMaximumKb !== null && pageFileMaximumKb > pageFileKb
      ? `the page file can still grow, from ${pageFileKb} to ${pageFileMaximumKb} Kb`
      : null;
  return [
    pattern(all, {
      name: 'Insufficient Memory (committed memory)',
      certain: hasFailed || isAtMaximum,
      statement: [failed, now, file].filter((part) => part !== null).join('; '),
      rows: [
        ...row(all, 'vm', /^failed commit/i),
        ...row(all, 'vm', /^commit/i),
        ...[...all.facts.subjects('vm pagefile')].flatMap(([, rows]) => rows).slice(0, 2),
      ],
      next: isNear
        ? ['!vm: which process or pool holds the commit']
        : ['dc nt!MiChargeCommitmentFailures L4: why they failed; watch Memory\\Committed Bytes'],
    }),
  ];
}

function desktopHeap(all: Case): DumpPattern[] {
  const desktops = all.rows.of(dumpDesktop);
  const full = desktops.filter(({ usedPercent }) => (usedPercent ?? 0) >= FULL_HEAP_PERCENT);
  if (full.length > 0) {
    return [
      pattern(all, {
        name: 'Insufficient Memory (desktop heap)',
        certain: true,
        statement: `desktop heap nearly used up: ${someOf(full.map(({ name, usedPercent }) => `${name} ${usedPercent} %`))}`,
        subjects: full.map(({ name }) => name ?? ''),
        rows: full,
      }),
    ];
  }
  return [];
}

/** What the debugger says in its own words, between stars. */
const remark = (all: Case, text: RegExp): FactRow | null =>
  row(all, 'vm', /^remark$/).findLast(({ value }) => text.test(value ?? '')) ?? null;

const LOW = 0.05;

/** The debugger's own words; without symbols of the kernel all it compares is 0, so the figures must agree. */
function physical(all: Case): DumpPattern[] {
  const said = remark(all, /^Running out of physical memory/i);
  if (said === null) return [];
  const [free, total] = [pagesOf(all, /^Available Pages/i), pagesOf(all, /^Physical Memory/i)];
  const isLow = free !== null && total !== null && free > 0 && free < total * LOW;
  return [
    pattern(all, {
      name: 'Insufficient Memory (physical memory)',
      certain: isLow,
      statement: `the debugger says that the system runs out of physical memory${free === null || total === null ? '' : `; ${free} of ${total} pages are available`}`,
      rows: [said, ...row(all, 'vm', /^(?:Available Pages|Physical Memory)$/i)],
      next: ['!vm: what holds it (nonpaged pool, locked pages, processes); !memusage'],
    }),
  ];
}

/** More than any 32-bit system has; 64-bit systems have billions. Failures beside so many free ones are doubtful. */
const PLENTY_OF_PTES = 1_000_000;
/** Windows 10: said of healthy systems too, with hundreds of thousands of failures beside billions of free PTEs. */
const OFTEN_WRONG = /^failed kernel stack (?:pte allocations|growth attempts)$/i;
const PTE_FAILURES = /^failed (?:system pte allocations|system cache map requests)$/i;

const FREE_PTES = /^Free System PTEs$/i;

function systemPtes(all: Case): DumpPattern[] {
  const free = pagesOf(all, FREE_PTES);
  const isFew = free === null || free < PLENTY_OF_PTES;
  const said = remark(all, /^Running out of system PTEs/i);
  const failures = all.facts.of('vm').filter(({ name, number }) => {
    if ((number ?? 0) === 0) return false;
    return PTE_FAILURES.test(name ?? '') || (OFTEN_WRONG.test(name ?? '') && free !== null && isFew);
  });
  const latest = [...new Map(failures.map((fact) => [fact.name, fact])).values()];
  if (latest.length === 0 && said === null) return [];
  const parts = [
    ...latest.map(({ name, number }) => `${number} ${name?.replace(/^failed /, '').replace('pte', 'PTE')} have failed`),
    ...(said === null ? [] : ['the debugger says that the system runs out of system PTEs']),
    ...(free === null ? [] : [`${free} system PTEs are free`]),
  ];
  return [
    pattern(all, {
      name: 'Insufficient Memory (PTE)',
      certain: isFew && (latest.some(({ name }) => PTE_FAILURES.test(name ?? '')) || (said !== null && free !== 0)),
      statement: parts.join('; '),
      rows: [...latest, ...(said === null ? [] : [said]), ...(isFew ? row(all, 'vm', FREE_PTES) : [])],
      against: isFew ? [] : row(all, 'vm', FREE_PTES),
      next: [
        '!sysptes 1: how many are free and in what pieces; !sysptes 4 where the tracking of PTEs is on: who holds them',
      ],
    }),
  ];
}
