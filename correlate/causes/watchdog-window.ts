/** The stretch of a trace that a cumulative DPC watchdog saw, and what DPCs and ISRs took of its processor. */
import { type Case, canJoinWithin } from '../case.js';
import { moduleKey } from '../names.js';
import type { LoadShare } from '../probes/cpu-load.js';

/** Of the watchdog period, what a trace must hold to say something of it. */
const LEAST_COVERED = 0.05;

/** A stretch of a trace on one processor, and what its DPCs and ISRs took of it. */
export interface Window {
  readonly source: number;
  readonly cpu: number;
  readonly fromUs: number;
  readonly toUs: number;
  /** Of the watchdog period, how much the trace holds, 0 to 1. */
  readonly covered: number;
  readonly shares: readonly DriverShare[];
  /** Of the window, all DPCs and ISRs. */
  readonly busy: number;
  readonly isAtDump: boolean;
  readonly isCrashCpu: boolean | null;
}

export interface DriverShare {
  readonly key: string;
  readonly module: string;
  readonly us: number;
  readonly count: number;
  readonly isrUs: number;
  readonly worst: LoadShare;
}

/** The watchdog period before the dump, on the processor that crashed or else on the busiest. */
export function windowAtDump(all: Case, cpu: number | null, periodMs: number): Window | null {
  const { dumpAtUs } = all.line;
  // The window must be where it is said to be, to a tenth.
  if (dumpAtUs === null || all.boot.isSame === false || !canJoinWithin(all, periodMs * 100)) return null;
  for (const [source, span] of all.probes.load.spans) {
    const offset = all.line.offsetUs[source];
    if (offset === null) continue;
    const atUs = dumpAtUs - offset;
    const fromUs = Math.max(span.startUs, atUs - periodMs * 1000);
    const toUs = Math.min(span.endUs, atUs);
    // A moment of it tells nothing.
    if (toUs - fromUs < LEAST_COVERED * periodMs * 1000) continue;
    return busiest(all, source, cpu, fromUs, toUs, (toUs - fromUs) / (periodMs * 1000), true);
  }
  return null;
}

/** Where the trace holds nothing of that period: its own worst stretch of that length, as a sign of what the machine does. */
export function worstWindow(all: Case, cpu: number | null, periodMs: number): Window | null {
  const [first] = all.probes.load.spans;
  if (first === undefined) return null;
  const [source, span] = first;
  const lengthUs = Math.min(periodMs * 1000, span.endUs - span.startUs);
  if (!(lengthUs > 0)) return null;
  let best: Window | null = null;
  for (const one of cpu === null ? all.probes.load.cpus(source) : [cpu]) {
    const strip = all.probes.load.strip(source, one, span.startUs, span.endUs);
    const from = worstStart(strip, lengthUs, span.startUs);
    const window = busiest(all, source, one, from, from + lengthUs, 0, false);
    if (window !== null && window.busy > (best?.busy ?? -1)) best = window;
  }
  return best;
}

function worstStart(strip: readonly { startUs: number; us: number }[], lengthUs: number, otherwise: number): number {
  let [sum, best, at, low] = [0, -1, otherwise, 0];
  for (const part of strip) {
    sum += part.us;
    while (strip[low].startUs <= part.startUs - lengthUs) sum -= strip[low++].us;
    if (sum > best) [best, at] = [sum, strip[low].startUs];
  }
  return at;
}

function busiest(
  all: Case,
  source: number,
  cpu: number | null,
  fromUs: number,
  toUs: number,
  covered: number,
  isAtDump: boolean,
): Window | null {
  let best: Window | null = null;
  for (const one of cpu === null ? all.probes.load.cpus(source) : [cpu]) {
    const rows = all.probes.load.shares(source, one, fromUs, toUs);
    const total = rows.reduce((sum, { us }) => sum + us, 0);
    const busy = Math.min(1, total / (toUs - fromUs));
    if (best !== null && busy <= best.busy) continue;
    best = {
      source,
      cpu: one,
      fromUs,
      toUs,
      covered,
      shares: byDriver(rows),
      busy,
      isAtDump,
      isCrashCpu: cpu === null ? null : true,
    };
  }
  return best;
}

export function byDriver(rows: readonly LoadShare[]): DriverShare[] {
  const found = new Map<string, { -readonly [K in keyof DriverShare]: DriverShare[K] }>();
  for (const row of rows) {
    const module = row.module ?? 'unknown module';
    const key = moduleKey(module);
    const known = found.get(key);
    if (known === undefined) {
      found.set(key, { key, module, us: row.us, count: row.count, isrUs: row.kind === 'ISR' ? row.us : 0, worst: row });
      continue;
    }
    known.us += row.us;
    known.count += row.count;
    if (row.kind === 'ISR') known.isrUs += row.us;
    if (row.us > known.worst.us) known.worst = row;
  }
  return [...found.values()].sort((a, b) => b.us - a.us);
}
