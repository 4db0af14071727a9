/** What the bugcheck itself names: the IRP that a driver held, the thread that held a lock, a stuck driver. */
import type { Evidence } from '../../core/evidence.js';
import { hexOf } from './bugcheck.js';
import type { Case } from './case.js';
import { hex, routineOf } from './frames.js';
import { irpRows } from './irps.js';
import { waitText } from './patterns/pattern.js';
import { type Cited, evidenceOf } from './rows.js';
import { blockerOf } from './waits.js';

export interface BugcheckClaim {
  readonly message: string;
  readonly evidence: readonly Evidence[];
  /** True where the log shows more than the bugcheck's own words. */
  readonly isExplained: boolean;
  readonly next: readonly string[];
}

interface More {
  readonly text: string;
  readonly rows: readonly Cited[];
  readonly next?: readonly string[];
}

/** Null where there is no bugcheck, or where the DPC watchdog says it all. */
export function bugcheckClaim(all: Case): BugcheckClaim | null {
  const { bugcheck } = all;
  if (bugcheck === null || bugcheck.code === '0x133') return null;
  const more = moreOf(all, Number(bugcheck.code));
  const name = bugcheck.name === null ? '' : ` ${bugcheck.name}`;
  const parameters = bugcheck.parameters
    .map((value, i) => meaningText(value, bugcheck.meanings[i] ?? null))
    .filter((text) => text !== null);
  const said = parameters.length === 0 ? '' : `: ${parameters.join('; ')}`;
  return {
    message: `Bugcheck ${bugcheck.code}${name}${said}.${more === null ? '' : ` ${more.text}.`}`,
    evidence: [...bugcheck.evidence, ...evidenceOf(all.context, more?.rows ?? [])],
    isExplained: more !== null,
    next: more?.next ?? [],
  };
}

/** Words for a parameter; where they do not hold its value already, with it. */
function meaningText(value: string | null, meaning: string | null): string | null {
  if (meaning === null) return null;
  return /\d/.test(meaning) || value === null || value === '0x0' ? meaning : `${meaning} ${value}`;
}

function moreOf(all: Case, code: number): More | null {
  const parameters = all.bugcheck?.parameters ?? [];
  const kind = hexOf(parameters[0] ?? null);
  if (code === 0x9f && (kind === 3 || kind === 2 || kind === 1)) return blockedIrp(all, parameters[3] ?? null);
  if (code === 0x9f && kind === 4)
    return holder(all, parameters[2] ?? null, 'the thread that holds the Plug and Play lock');
  if (code === 0xe3) return holder(all, parameters[1] ?? null, 'the thread');
  if (code === 0xea || code === 0x162) return holder(all, parameters[0] ?? null, 'the thread');
  if (code === 0x44) return blockedIrp(all, parameters[0] ?? null);
  return null;
}

/** Which driver has the IRP, and which ones it went through. */
function blockedIrp(all: Case, address: string | null): More | null {
  const row = address === null ? undefined : irpRows(all.rows).find((irp) => hex(irp.address) === address);
  if (row === undefined) {
    return address === null
      ? null
      : {
          text: `The log does not show IRP ${address}`,
          rows: [],
          next: [`!irp ${address.slice(2)}; !devstack of its device`],
        };
  }
  const driver = row.driver;
  if (driver === null) return null;
  return {
    text: `IRP ${address} is at ${driver}${row.device === null ? '' : `, device ${hex(row.device)}`}: that driver has not passed it on or completed it`,
    rows: [row],
    next: [
      `lmv m ${driver.replace(/^.*\\/, '')}: its version and date; !devstack ${hex(row.device)?.slice(2) ?? ''}: the drivers above and below it; !poaction: other power IRPs`,
    ],
  };
}

function holder(all: Case, address: string | null, who: string): More | null {
  const thread = address === null ? undefined : all.model.threads.get(address);
  if (thread === undefined || thread.sightings.length === 0) {
    return address === null
      ? null
      : { text: `The log does not show ${who}, ${address}`, rows: [], next: [`!thread ${address.slice(2)} 1f`] };
  }
  const blocker = blockerOf(thread.frames, thread.doubtfulFrame);
  const at = blocker === null ? '' : ` in ${routineOf(blocker.frame)}`;
  return { text: `${address}, ${who}, has waited ${waitText(thread.waitMs)}${at}`, rows: thread.sightings };
}
