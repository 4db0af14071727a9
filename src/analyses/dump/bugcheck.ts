/** The bugcheck of a dump, its parameters decoded. */
import type { Finish } from '../../core/analysis.js';
import { BUGCHECKS, POWER_KINDS, TRAPS, VERIFIER_KINDS } from './bugcheck-names.js';
import type { Facts } from './facts.js';
import type { DumpBugcheck } from './result.js';
import { evidenceOf } from './rows.js';

type Meanings = [string | null, string | null, string | null, string | null];

/** Parameters as numbers; those beyond 2^53 lose their low bits, and none of them is compared. */
export type Parameters = readonly [number | null, number | null, number | null, number | null];

export function bugcheckOf(facts: Facts, tickMs: number | null, context: Finish): DumpBugcheck | null {
  const code = facts.last('bugcheck', 'code');
  const number = code === null ? null : (hexOf(code.value) ?? code.number);
  if (code === null || number === null) return null;
  const rows = [1, 2, 3, 4].map((n) => facts.last('bugcheck', `arg${n}`));
  const parameters = rows.map((row) => row?.value ?? null) as unknown as DumpBugcheck['parameters'];
  const name = BUGCHECKS.get(number)?.name ?? facts.last('bugcheck', 'name')?.value ?? null;
  const evidence = evidenceOf(context, [code, ...rows.filter((row) => row !== null)], 5);
  return {
    code: `0x${number.toString(16)}`,
    name,
    parameters,
    meanings: meaningsOf(number, parameters.map(hexOf) as unknown as Parameters, tickMs),
    evidence,
  };
}

export const hexOf = (text: string | null): number | null =>
  text !== null && /^0x[0-9a-f]{1,16}$/i.test(text) ? Number(text) : null;

/** What each parameter says; null where it is not known. */
export function meaningsOf(code: number, parameters: Parameters, tickMs: number | null): Meanings {
  const [first] = parameters;
  switch (code) {
    case 0x133:
      return watchdogMeanings(parameters, tickMs);
    case 0x7f:
      return [first === null ? 'Trap number' : (TRAPS.get(first) ?? 'Trap number'), null, null, null];
    case 0xc4:
      return [first === null ? null : (VERIFIER_KINDS.get(first) ?? 'Kind of violation'), null, null, null];
    case 0x9f: {
      const kind = first === null ? undefined : POWER_KINDS.get(first);
      if (kind === undefined) return ['Kind of violation', null, null, null];
      const [what, second, third, fourth] = kind;
      return [
        what,
        second === 'Time-out, s' && parameters[1] !== null ? `Time-out: ${parameters[1]} s` : second,
        third,
        fourth,
      ];
    }
    case 0x20:
      return ['APC found pending', apcText(parameters[1]), irqlText(parameters[2]), null];
    case 0xe2:
      return [first === 0 ? 'started by hand, from the keyboard or a tool' : null, null, null, null];
  }
  const known = BUGCHECKS.get(code)?.parameters ?? [];
  return [known[0] ?? null, known[1] ?? null, known[2] ?? null, known[3] ?? null];
}

function watchdogMeanings([kind, second, third]: Parameters, tickMs: number | null): Meanings {
  const time = (ticks: number | null): string =>
    ticks === null ? '' : `${ticks} ticks${tickMs === null ? '' : ` (${((ticks * tickMs) / 1000).toFixed(2)} s)`}`;
  if (kind === 0) {
    return [
      'a single DPC or ISR ran too long',
      `it ran ${time(second)}`,
      `allowed are ${time(third)}`,
      'DPC_WATCHDOG_GLOBAL_TRIAGE_BLOCK, where it is not 0',
    ];
  }
  if (kind === 1) {
    return [
      'all together spent too long at DISPATCH_LEVEL or above',
      `the watchdog period is ${time(second)}`,
      'DPC_WATCHDOG_GLOBAL_TRIAGE_BLOCK, where it is not 0',
      null,
    ];
  }
  return [null, null, null, null];
}

/** The high half counts disabled special APCs, the low half normal ones; both run below 0. */
function apcText(value: number | null): string {
  if (value === null) return 'APC disable count of the thread';
  const signed = (half: number): number => (half >= 0x8000 ? half - 0x10000 : half);
  const [special, kernel] = [signed(Math.floor(value / 0x10000) % 0x10000), signed(value % 0x10000)];
  if (special === 0 && kernel === 0) return 'APC disable count of the thread: 0, so nothing is out of balance';
  const part = (count: number, what: string): string =>
    count < 0 ? `${-count} ${what} entered and not left` : `${count} ${what} left and not entered`;
  return [
    kernel === 0 ? null : part(kernel, 'critical regions'),
    special === 0 ? null : part(special, 'guarded regions'),
  ]
    .filter((text) => text !== null)
    .join(', ');
}

const irqlText = (value: number | null): string => (value === null ? 'IRQL at the time' : `IRQL ${value}`);
