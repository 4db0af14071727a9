/** Memory that ran out, or is close to it. */
import { dumpDesktop } from '../../../tables/dump-system.js';
import type { Case } from '../case.js';
import type { FactRow } from '../facts.js';
import type { DumpPattern } from '../result.js';
import { type PatternFinder, pattern, someOf } from './pattern.js';

const NEAR = 0.9;
const FULL_HEAP_PERCENT = 80;

export const memoryPatterns: PatternFinder = (all) => [
  ...pool(all),
  ...sessionPool(all),
  ...commit(all),
  ...desktopHeap(all),
  ...stackOverflow(all),
];

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
  for (const [use, max, what] of [
    [/^NonPagedPool Usage/i, /^NonPagedPool Max/i, 'nonpaged pool'],
    [/^PagedPool Usage/i, /^PagedPool Maximum/i, 'paged pool'],
  ] as const) {
    const figures = all.memory?.figures ?? [];
    const [used, most] = [
      figures.find(({ name }) => use.test(name))?.pages ?? null,
      figures.find(({ name }) => max.test(name))?.pages ?? null,
    ];
    if (used === null || most === null || most === 0 || used < most * NEAR) continue;
    found.push(
      pattern(all, {
        name: 'Insufficient Memory (kernel pool)',
        certain: used >= most,
        statement: `${what} is at ${((100 * used) / most).toFixed(0)} % of its maximum (${used} of ${most} pages)`,
        rows: [...row(all, 'vm', use), ...row(all, 'vm', max)],
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
  if ((failedCommits ?? 0) === 0 && !isNear) return [];
  const isAtMaximum =
    pageFileKb !== null && pageFileMaximumKb !== null && pageFileMaximumKb > 0 && pageFileKb >= pageFileMaximumKb;
  const now =
    used === null || limit === null
      ? ''
      : `; ${isNear ? 'now' : 'but not at present:'} ${used} of ${limit} pages (${((100 * used) / limit).toFixed(0)} %) are committed`;
  const file = isAtMaximum ? '; the page file is at its maximum size and cannot grow' : '';
  return [
    pattern(all, {
      name: 'Insufficient Memory (committed memory)',
      certain: true,
      statement: `${failedCommits ?? 0} commit requests have failed since the system started${now}${file}`,
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

/** Double fault, or Windows' own words for it. */
function stackOverflow(all: Case): DumpPattern[] {
  const { bugcheck, facts, model } = all;
  const found: DumpPattern[] = [];
  if (bugcheck?.code === '0x7f' && Number(bugcheck.parameters[0]) === 8) {
    const deep = model.looseStacks.at(-1);
    found.push({
      name: 'Stack Overflow (kernel mode)',
      certain: deep !== undefined && deep.frames.length >= 20,
      statement: 'bugcheck 0x7F with 8 is a double fault: most often the kernel stack has overflowed',
      subjects: [],
      evidence: bugcheck.evidence,
      against: [],
      next: ['.tss 28 (x86) or .trap, then kf 100: the frames and how much stack each takes'],
    });
  }
  const code = facts.last('exception', 'ExceptionCode') ?? facts.last('analyze', 'EXCEPTION_CODE');
  if (code !== null && /c00000fd/i.test(code.value ?? '')) {
    found.push(
      pattern(all, {
        name: 'Stack Overflow (user mode)',
        certain: true,
        statement: 'the exception is a stack overflow (0xc00000fd)',
        rows: [code],
      }),
    );
  }
  return found;
}
