/** What the bugcheck itself names: the IRP that a driver held, the thread that held a lock, a stuck driver. */
import type { Evidence } from '../../core/evidence.js';
import { blockerOf } from './blocker.js';
import { decodedOf, hexOf } from './bugcheck.js';
import { baseCode } from './bugcheck-codes.js';
import type { Case } from './case.js';
import { baseOf, hex, routineOf } from './frames.js';
import { irpRows } from './irps.js';
import type { Thread } from './model.js';
import { someOf, waitText } from './patterns/pattern.js';
import { type Cited, evidenceOf } from './rows.js';

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
  /** False where it only says what the log does not show, or shows several that it may be. */
  readonly isExplained: boolean;
  readonly next?: readonly string[];
}

/** Null where there is no bugcheck, or where the DPC watchdog says it all. */
export function bugcheckClaim(all: Case): BugcheckClaim | null {
  const { bugcheck } = all;
  if (bugcheck === null || bugcheck.code === '0x133') return null;
  const code = baseCode(Number(bugcheck.code));
  const more = moreOf(all, code);
  const name = bugcheck.name === null ? '' : ` ${bugcheck.name}`;
  const decoded = decodedOf(code, bugcheck.parameters, all.clock.tickMs);
  const parameters = bugcheck.parameters
    .map((value, i) => decoded[i] ?? labelledText(value, bugcheck.meanings[i] ?? null))
    .filter((text) => text !== null);
  const said = parameters.length === 0 ? '' : `: ${parameters.join('; ')}`;
  return {
    message: `Bugcheck ${bugcheck.code}${name}${said}.${more === null ? '' : ` ${more.text}.`}`,
    evidence: [...bugcheck.evidence, ...evidenceOf(all.context, more?.rows ?? [])],
    isExplained: more?.isExplained ?? false,
    next: more?.next ?? [],
  };
}

/** `IRQL at the time 0x2`: 0 is a value like others. */
const labelledText = (value: string | null, label: string | null): string | null =>
  label === null || value === null ? null : `${label} ${value}`;

function moreOf(all: Case, code: number): More | null {
  const [first = null, second = null, third = null, fourth = null] = all.bugcheck?.parameters ?? [];
  const kind = hexOf(first);
  if (code === 0x9f && kind === 3) return blockedIrp(all, fourth);
  if (code === 0x9f && kind === 4) return holder(all, third);
  if (code === 0xc4 && (kind === 0x60 || kind === 0x61 || kind === 0x62)) return unloaded(all);
  if (code === 0xe3) return at(all, second, 'the thread that released what it does not own');
  if (code === 0x162) return at(all, first, 'the thread that released a lock that it does not own');
  if (code === 0x192) return at(all, first, 'the thread that acquired a lock at too high an IRQL');
  if (code === 0xea) return at(all, first, 'the stuck thread');
  if (code === 0x44) return completedTwice(all, first);
  return null;
}

const notShown = (what: string, next: string): More => ({
  text: `The log does not show ${what}`,
  rows: [],
  isExplained: false,
  next: [next],
});

/** Which driver has the IRP, and which ones it went through. */
function blockedIrp(all: Case, address: string | null): More | null {
  if (address === null) return null;
  const row = irpRows(all.rows).find((irp) => hex(irp.address) === address);
  if (row === undefined) return notShown(`IRP ${address}`, `!irp ${address.slice(2)}; !devstack of its device`);
  const driver = row.driver;
  if (driver === null) return null;
  return {
    text: `IRP ${address} is at ${driver}${row.device === null ? '' : `, device ${hex(row.device)}`}: that driver has not passed it on or completed it`,
    rows: [row],
    isExplained: true,
    next: [
      `lmv m ${driver.replace(/^.*\\/, '')}: its version and date; !devstack ${hex(row.device)?.slice(2) ?? ''}: the drivers above and below it; !poaction: other power IRPs`,
    ],
  };
}

/** An IRP that was completed again: any of the drivers that it went through may have done it. */
function completedTwice(all: Case, address: string | null): More | null {
  if (address === null) return null;
  const irp = all.irps.list.find((one) => one.address === address);
  const row = irpRows(all.rows).find((one) => hex(one.address) === address);
  if (irp === undefined || row === undefined)
    return notShown(`IRP ${address}`, `!irp ${address.slice(2)}: the drivers that it went through`);
  const drivers = [...new Set(irp.locations.map(({ driver }) => driver).filter((driver) => driver !== null))];
  if (drivers.length === 0) return null;
  return {
    text: `IRP ${address} went through ${someOf(drivers, 8)}; which of them completed it a second time, it does not say`,
    rows: [row],
    isExplained: false,
    next: ['Driver Verifier with I/O verification on these drivers stops at the second completion'],
  };
}

/** The driver that !analyze names: the name at parameter 2 is in the dump, not in the log. */
function unloaded(all: Case): More | null {
  const row = all.facts.last('analyze', 'IMAGE_NAME') ?? all.facts.last('analyze', 'MODULE_NAME');
  const name = row?.value?.trim() ?? '';
  if (row === null || !/^[\w.-]{1,64}$/.test(name) || /^(?:nt|hal|unknown\w*)$/i.test(baseOf(name))) return null;
  return {
    text: `By !analyze the driver is ${name}`,
    rows: [row],
    isExplained: true,
    next: [`!verifier 3 ${name}: its allocations that are not freed`],
  };
}

/** A thread that the log shows; else what to type for it. */
function shownThread(all: Case, address: string): Thread | null {
  const thread = all.model.threads.get(address);
  return thread === undefined || thread.sightings.length === 0 ? null : thread;
}

/** Who keeps others waiting. */
function holder(all: Case, address: string | null): More | null {
  if (address === null) return null;
  const who = 'the thread that holds the Plug and Play lock';
  const thread = shownThread(all, address);
  if (thread === null) return notShown(`${who}, ${address}`, `!thread ${address.slice(2)} 1f`);
  const blocker = blockerOf(thread.frames, thread.doubtfulFrame);
  const where = blocker === null ? '' : ` in ${routineOf(blocker.frame)}`;
  return {
    text: `${address}, ${who}, has waited ${waitText(thread.waitMs)}${where}`,
    rows: thread.sightings,
    isExplained: true,
    next: [`!irp of the IRPs of ${address}, !devstack of their device; !locks: who waits for what it owns; !pnptriage`],
  };
}

/** Where a thread is that did something or is stuck: how long it has waited says nothing of it. */
function at(all: Case, address: string | null, who: string): More | null {
  if (address === null) return null;
  const thread = shownThread(all, address);
  if (thread === null) return notShown(`${who}, ${address}`, `!thread ${address.slice(2)} 1f`);
  const blocker = blockerOf(thread.frames, thread.doubtfulFrame);
  if (blocker === null || blocker.where !== 'kernel') {
    return {
      text: `The stack of ${address}, ${who}, shows no driver`,
      rows: thread.sightings,
      isExplained: false,
    };
  }
  return { text: `${address}, ${who}, is in ${routineOf(blocker.frame)}`, rows: thread.sightings, isExplained: true };
}
