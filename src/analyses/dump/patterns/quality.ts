/** Dumps that cannot be trusted in full. */
import { dumpMemorySymbol } from '../../../tables/dump-system.js';
import type { Case } from '../case.js';
import { isSaidTruncated } from '../quality.js';
import type { DumpPattern } from '../result.js';
import { type PatternFinder, pattern, someOf } from './pattern.js';

const NAMES: Readonly<Record<string, readonly [string, string]>> = {
  inconsistent: [
    'Inconsistent Dump',
    'values of different moments stand side by side: waits and owners may not fit each other; take a crash dump',
  ],
  truncated: ['Truncated Dump', 'what is missing is not in the file: enlarge the page file, or write a kernel dump'],
  live: ['Inconsistent Dump', 'it was read from a running system (LiveKd): take a crash dump'],
};

export const qualityPatterns: PatternFinder = (all) => {
  const found: DumpPattern[] = [];
  for (const { flag, statement, evidence } of all.quality) {
    const known = NAMES[flag];
    if (known === undefined || evidence.length === 0) continue;
    const [name, next] = known;
    const same = found.findIndex((one) => one.name === name);
    if (same >= 0) {
      const one = found[same];
      found[same] = { ...one, statement: `${one.statement}; ${statement}`, evidence: [...one.evidence, ...evidence] };
    } else
      found.push({
        name,
        certain: flag !== 'truncated' || isSaidTruncated(all),
        statement,
        subjects: [],
        evidence,
        against: [],
        next: [next],
      });
  }
  return [...found, ...manual(all), ...coincidental(all)];
};

function manual(all: Case): DumpPattern[] {
  const { bugcheck } = all;
  if (bugcheck?.code !== '0xe2') return [];
  const statement = 'the crash was started by hand: the bugcheck says nothing of a fault, the threads do';
  return [
    {
      name: 'Manual Dump (kernel)',
      certain: true,
      statement,
      subjects: [],
      evidence: bugcheck.evidence,
      against: [],
      next: [],
    },
  ];
}

/** Symbols on a raw stack that no call has left there. */
function coincidental(all: Case): DumpPattern[] {
  const { facts, rows } = all;
  const found: DumpPattern[] = [];
  const symbols = rows.of(dumpMemorySymbol);
  const denied: string[] = [];
  const cited = [];
  for (const [address, said] of facts.subjects('address ')) {
    const none = said.find(({ name, value }) => name === 'previousInstruction' && value === 'none');
    if (none === undefined) continue;
    const symbol = symbols.find(({ value }) => value !== null && `0x${value.toString(16)}` === address);
    denied.push(symbol?.symbol ?? address);
    cited.push(none, ...(symbol === undefined ? [] : [symbol]));
  }
  if (denied.length > 0) {
    found.push(
      pattern(all, {
        name: 'Coincidental Symbolic Information',
        certain: true,
        statement: `no call stands in front of ${someOf(denied)}: the symbol on the raw stack is a coincidence, not a return address`,
        subjects: denied,
        rows: cited,
      }),
    );
  }
  return found;
}
