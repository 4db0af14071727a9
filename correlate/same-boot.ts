/** Are trace and dump of one boot of one machine? Each sign votes; signs that contradict each other leave it open. */
import type { Evidence } from '../src/core/evidence.js';
import type { Line } from './clock-alignment.js';
import type { Given } from './given.js';
import { imageKey, isSameImage, moduleKey } from './names.js';

export interface SameBoot {
  readonly isSame: boolean | null;
  readonly reasons: readonly string[];
  readonly evidence: readonly Evidence[];
}

interface Vote {
  readonly isSame: boolean;
  /** Proof, or only what must be so as well. */
  readonly isStrong: boolean;
  readonly reason: string;
  readonly evidence: readonly Evidence[];
}

/** Boot times are the difference of two clocks, and clocks are set. */
const BOOT_TOLERANCE_MS = 10_000;
const DRIFT = 1e-4;
const LEAST_IMAGES = 5;
const LEAST_PROCESSES = 4;

export function sameBootOf(given: Given, line: Line): SameBoot {
  const votes = [bootTimes(given, line), order(given, line), moduleBases(given), processIds(given)].filter(
    (vote) => vote !== null,
  );
  const strong = votes.filter(({ isStrong }) => isStrong);
  const counted = strong.length > 0 ? strong : votes;
  const isSame =
    counted.length === 0 || new Set(counted.map((vote) => vote.isSame)).size > 1 ? null : counted[0].isSame;
  return {
    isSame,
    reasons: votes.map(({ reason }) => reason),
    evidence: votes.flatMap(({ evidence }) => evidence).slice(0, 6),
  };
}

/** A raw log says when the machine was started; the dump says how long it was up. */
function bootTimes({ context, dumps, dump }: Given, line: Line): Vote | null {
  const { uptimeMs } = dump.system;
  if (uptimeMs === null || line.dumpMs === null) return null;
  const ofDump = line.dumpMs - uptimeMs;
  for (const { id, about } of context.sources.slice(dumps)) {
    const bootUtc = about.session?.bootUtc ?? null;
    if (bootUtc === null) continue;
    const apart = Math.abs(Date.parse(bootUtc) - ofDump);
    const isSame = apart <= BOOT_TOLERANCE_MS + DRIFT * uptimeMs;
    return {
      isSame,
      isStrong: true,
      reason: `${id} names ${bootUtc} as the time of the boot, the dump's uptime gives ${new Date(ofDump).toISOString()}: ${isSame ? 'the same' : 'another'} boot`,
      evidence: [],
    };
  }
  return null;
}

/** A trace of this boot lies between boot and dump. A zone that was assumed was chosen so that it does: only where none fits it says something. */
function order({ context, dumps, dump }: Given, line: Line): Vote | null {
  const { uptimeMs } = dump.system;
  if (line.dumpAtUs === null || (line.isAssumed && !line.isImpossible)) return null;
  if (line.isImpossible) {
    const reason = 'in no zone, on no day does the trace lie between the boot and the dump';
    return { isSame: false, isStrong: true, reason, evidence: [] };
  }
  const slackUs = ((line.uncertaintyMs ?? 0) + 1000) * 1000;
  for (const [index, { id, about }] of context.sources.entries()) {
    const offset = line.offsetUs[index];
    if (index < dumps || offset === null) continue;
    const startUs = (about.span.startUs ?? 0) + offset;
    const endUs = (about.span.endUs ?? about.span.startUs ?? 0) + offset;
    if (startUs > line.dumpAtUs + slackUs) {
      return { isSame: false, isStrong: true, reason: `${id} begins after the dump was taken`, evidence: [] };
    }
    if (uptimeMs === null) continue;
    const bootUs = line.dumpAtUs - uptimeMs * 1000;
    if (endUs < bootUs - slackUs - DRIFT * uptimeMs * 1000) {
      return {
        isSame: false,
        isStrong: true,
        reason: `${id} ends before the machine of the dump was started`,
        evidence: [],
      };
    }
    if (startUs >= bootUs - slackUs) {
      return { isSame: true, isStrong: false, reason: `${id} lies between the boot and the dump`, evidence: [] };
    }
  }
  return null;
}

/** Since Windows 8 drivers lie elsewhere after each boot (KASLR): the same addresses are the same boot, others another. */
function moduleBases({ probes, dump, context }: Given): Vote | null {
  const loaded = new Map(
    dump.system.modules
      .filter(({ unloaded, base }) => !unloaded && base !== null)
      .map((one) => [moduleKey(one.name), one]),
  );
  let same = 0;
  const shared: { readonly source: number; readonly name: string }[] = [];
  const evidence: Evidence[] = [];
  const seen = new Set<string>();
  for (const image of probes.images.list) {
    const module = loaded.get(moduleKey(image.name));
    if (module === undefined || seen.has(moduleKey(image.name))) continue;
    seen.add(moduleKey(image.name));
    shared.push(image);
    const isSame = BigInt(module.base as string) === image.base;
    if (isSame) same++;
    if (evidence.length < 4) evidence.push(context.evidence(image.source, image.cite), module.evidence);
  }
  if (shared.length < LEAST_IMAGES) return null;
  const share = same / shared.length;
  if (share > 0.2 && share < 0.8) return null;
  const isSame = share >= 0.8;
  // Without KASLR (32 bits, or before Windows 8) each boot has the same addresses.
  const isRandom = dump.system.architecture !== 'x86' && (dump.system.build === null || dump.system.build >= 9200);
  return {
    isSame,
    isStrong: !isSame || isRandom,
    reason: `${same} of ${shared.length} kernel modules lie at the same address in both`,
    evidence,
  };
}

/** Ids of processes that both sides name. */
function processIds({ probes, dump, context }: Given): Vote | null {
  const inTrace = new Map<number, { names: string[]; first: (typeof probes.processes.processes)[number] }>();
  for (const seen of probes.processes.processes) {
    const known = inTrace.get(seen.pid);
    if (known === undefined) inTrace.set(seen.pid, { names: [seen.process], first: seen });
    else known.names.push(seen.process);
  }
  // System and Idle have the same id on every machine.
  const inDump = dump.processes.filter(({ pid, image }) => pid !== null && pid > 4 && image !== null);
  const names = new Set(probes.processes.processes.map(({ process }) => imageKey(process)));
  const shared = inDump.filter(({ image }) => names.has(imageKey(image as string)));
  if (shared.length < LEAST_PROCESSES) return null;
  const same = shared.filter(({ pid, image }) =>
    inTrace.get(pid as number)?.names.some((name) => isSameImage(name, image as string)),
  );
  const share = same.length / shared.length;
  if (share > 0.15 && share < 0.6) return null;
  const evidence = same.slice(0, 2).flatMap(({ pid, evidence: [own] }) => {
    const seen = inTrace.get(pid as number)?.first;
    return seen === undefined || own === undefined ? [] : [context.evidence(seen.source, seen.cite), own];
  });
  return {
    isSame: share >= 0.6,
    isStrong: true,
    reason: `${same.length} of ${shared.length} processes that both name have the same id in both`,
    evidence,
  };
}
