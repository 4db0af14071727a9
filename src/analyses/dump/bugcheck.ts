/** The bugcheck of a dump, its parameters decoded. */
import type { Finish } from '../../core/analysis.js';
import { apcCountOf, imbalanceText } from './apc-count.js';
import { baseCode, bugcheckName } from './bugcheck-codes.js';
import { accessAt, accessOf, LABELS, type Labels, POWER_KINDS, TRAPS } from './bugcheck-names.js';
import { VERIFIER_KINDS } from './bugcheck-verifier.js';
import type { Facts } from './facts.js';
import type { DumpBugcheck } from './result.js';
import { evidenceOf } from './rows.js';

type Texts = [string | null, string | null, string | null, string | null];

/** Parameters as printed: `0xffff`. */
type Printed = DumpBugcheck['parameters'];

export function bugcheckOf(facts: Facts, tickMs: number | null, context: Finish): DumpBugcheck | null {
  const code = facts.last('bugcheck', 'code');
  const number = code === null ? null : (hexOf(code.value) ?? code.number);
  if (code === null || number === null) return null;
  const rows = [1, 2, 3, 4].map((n) => facts.last('bugcheck', `arg${n}`));
  const parameters = rows.map((row) => row?.value ?? null) as unknown as Printed;
  const name = bugcheckName(number) ?? facts.last('bugcheck', 'name')?.value ?? null;
  const evidence = evidenceOf(context, [code, ...rows.filter((row) => row !== null)], 5);
  const base = baseCode(number);
  const [decoded, labels] = [decodedOf(base, parameters, tickMs), labelsOf(base, parameters)];
  return {
    code: `0x${number.toString(16)}`,
    name,
    parameters,
    meanings: decoded.map((text, i) => text ?? labels[i] ?? null) as Texts,
    evidence,
  };
}

/** Parameters as numbers; those beyond 2^53 lose their low bits, and none of them is compared. */
export const hexOf = (text: string | null): number | null =>
  text !== null && /^0x[0-9a-f]{1,16}$/i.test(text) ? Number(text) : null;

/** What each parameter is; null where that is not known. The value is to be read beside it. */
function labelsOf(code: number, [first]: Printed): Labels {
  const kind = hexOf(first);
  const kinds = code === 0xc4 ? VERIFIER_KINDS : code === 0x9f ? POWER_KINDS : null;
  const [, ...others] = (kind === null ? undefined : kinds?.get(kind)) ?? [null];
  const [label = null, ...known] = LABELS.get(code) ?? [];
  return others.length > 0 ? [label, ...others] : [label, ...known];
}

/** What the values of parameters say, in words that need no value beside them; null where a value says nothing more. */
export function decodedOf(code: number, printed: Printed, tickMs: number | null): Texts {
  const [first, second, third, fourth] = printed.map(hexOf);
  const texts: Texts = [null, null, null, null];
  const access = accessAt(code);
  if (access >= 0) texts[access] = accessOf(code, hexOf(printed[access] ?? null));
  switch (code) {
    case 0x133:
      return watchdogTexts(first, second, third, tickMs);
    case 0x1:
      texts[2] = apcText(printed[2]);
      texts[3] = fourth === 0 ? 'of a system call' : fourth === 1 ? 'of a worker routine' : null;
      return texts;
    case 0x20:
      texts[1] = apcText(printed[1]);
      return texts;
    case 0x7f:
      texts[0] = first === null ? null : (TRAPS.get(first) ?? null);
      return texts;
    case 0x9f:
      texts[0] = first === null ? null : (POWER_KINDS.get(first)?.[0] ?? null);
      if (first === 4 && second !== null) texts[1] = `the time-out was ${second} s`;
      return texts;
    case 0xc4:
      return verifierTexts(first, printed);
    case 0xe2:
      texts[0] = first === 0 ? 'started by hand, from the keyboard or a tool' : null;
      return texts;
    case 0xef:
      texts[1] = second === 0 ? 'a process died' : second === 1 ? 'a thread died' : null;
      return texts;
    case 0xf4:
      texts[0] = first === 3 ? 'a process ended' : first === 6 ? 'a thread ended' : null;
      return texts;
    case 0x101:
      texts[0] = first === null ? null : `no clock interrupt for ${first} clock ticks`;
      texts[3] = fourth === null ? null : `processor ${fourth} does not answer`;
      return texts;
  }
  return texts;
}

function watchdogTexts(kind: number | null, second: number | null, third: number | null, tickMs: number | null): Texts {
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

/** Kinds of Driver Verifier's violations that count something. */
const NOT_FREED = new Set([0x60, 0x61, 0x62]);
const APC_CHANGED = new Set([0xc5, 0xc6, 0xfb]);

function verifierTexts(kind: number | null, [, , third, fourth]: Printed): Texts {
  const what = kind === null ? undefined : VERIFIER_KINDS.get(kind)?.[0];
  if (kind === null || what === undefined) return [null, null, null, null];
  const [now, before] = [apcText(third), apcText(fourth)];
  const blocks = hexOf(fourth);
  return [
    `${what} (0x${kind.toString(16)})`,
    null,
    APC_CHANGED.has(kind) && now !== null ? `now ${now}` : null,
    APC_CHANGED.has(kind) && before !== null
      ? `before ${before}`
      : NOT_FREED.has(kind) && blocks !== null
        ? `${blocks} allocation${blocks === 1 ? '' : 's'} not freed`
        : null,
  ];
}

function apcText(printed: string | null): string | null {
  const count = apcCountOf(printed);
  return count === null ? null : (imbalanceText(count) ?? 'APC disable count 0: nothing is out of balance');
}
