/** Pending network buffer lists, and who holds them. */
import { dumpNbl } from '../../tables/dump-system.js';
import type { Case } from './case.js';
import { hex } from './frames.js';
import type { DumpNbls } from './result.js';
import { evidenceOf } from './rows.js';

const STATES = [
  'Device PnP',
  'Operational flags',
  'Operational status',
  'Datapath',
  'Pending OID',
  'Miniport',
  'Power',
  'State',
];

export function nblsOf({ rows, facts, context }: Case): DumpNbls | null {
  const nbls = rows.of(dumpNbl);
  const said = facts.of('nbls');
  if (nbls.length + said.length === 0) return null;
  const holders = new Map<bigint | null, { name: string | null; kind: string | null; listed: number }>();
  // Several runs list the same again: the last one counts.
  const lastRun = nbls.at(-1)?.run ?? null;
  for (const { run, holder, holderName, holderKind } of nbls) {
    if (run !== lastRun) continue;
    const known = holders.get(holder) ?? { name: holderName, kind: holderKind, listed: 0 };
    known.listed++;
    holders.set(holder, known);
  }
  const pending = facts.number('nbls', 'pending');
  const tracking = facts.last('nbls', 'tracking')?.value ?? null;
  return {
    tracking: nbls.length > 0 || pending !== null ? true : tracking === 'disabled' ? false : null,
    pending,
    total: facts.number('nbls', 'total'),
    holders: [...holders].map(([address, holder]) => {
      const subject = `miniport ${hex(address)}`;
      const states = STATES.map((name) => [name, facts.text(subject, name)] as const).filter(
        ([, value]) => value !== null,
      );
      return {
        address: hex(address),
        ...holder,
        driver: facts.text(subject, 'Miniport driver'),
        states: Object.fromEntries(states) as Record<string, string>,
      };
    }),
    evidence: evidenceOf(context, [...said.slice(-2), ...nbls.filter(({ run }) => run === lastRun).slice(0, 2)]),
  };
}
