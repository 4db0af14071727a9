/** Is a trace of the dump's boot, and of its machine? Each sign votes; signs that contradict each other leave it open. */
import type { Evidence } from '../src/core/evidence.js';
import type { Line } from './clock-alignment.js';
import type { Given } from './given.js';
import { earliestUs } from './instant.js';
import { imageKey, isSameImage, moduleKey } from './names.js';

/** Of one trace, or of all together. */
export interface SameBoot {
  readonly isSame: boolean | null;
  readonly reasons: readonly string[];
  readonly evidence: readonly Evidence[];
}

export interface Boots extends SameBoot {
  /** By index of the source. */
  readonly of: ReadonlyMap<number, SameBoot>;
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
const SLACK_MS = 1000;
const LEAST_IMAGES = 5;
const LEAST_PROCESSES = 5;
const SIGNS = [bootTimes, machineNames, order, moduleBases, processIds];

/** Each trace for itself; all together are of the dump's boot where each is. */
export function bootsOf(given: Given, line: Line): Boots {
  const { context, dumps, messagesInDump } = given;
  const of = new Map<number, SameBoot>();
  for (const source of context.sources.keys()) {
    if (source >= dumps) of.set(source, bootOf(source, given, line));
  }
  // Messages in the dump's own log are taken to be of it only where its clock says so.
  for (const source of messagesInDump) of.set(source, UNKNOWN);
  const [first] = of.values();
  if (first === undefined) return { ...UNKNOWN, of };
  const all = [...of.values()];
  const verdicts = new Set(all.map(({ isSame }) => isSame));
  return {
    isSame: verdicts.size === 1 ? first.isSame : verdicts.has(true) || verdicts.has(null) ? null : false,
    reasons: [...new Set(all.flatMap(({ reasons }) => reasons))],
    evidence: all.flatMap(({ evidence }) => evidence).slice(0, 6),
    of,
  };
}

const UNKNOWN: SameBoot = { isSame: null, reasons: [], evidence: [] };

function bootOf(source: number, given: Given, line: Line): SameBoot {
  const votes = SIGNS.map((sign) => sign(source, given, line)).filter((vote) => vote !== null);
  const strong = votes.filter(({ isStrong }) => isStrong);
  const counted = strong.length > 0 ? strong : votes;
  const isDecided = new Set(counted.map(({ isSame }) => isSame)).size === 1;
  const isSame = isDecided ? counted[0].isSame : null;
  // What speaks for the other side is a reason only where it leaves it open.
  const told = isSame === null ? votes : votes.filter((vote) => vote.isSame === isSame);
  return {
    isSame,
    reasons: told.map(({ reason }) => reason),
    evidence: told.flatMap(({ evidence }) => evidence).slice(0, 6),
  };
}

/** A raw log says when the machine was started; the dump says how long it was up. */
function bootTimes(source: number, { context, dump }: Given, line: Line): Vote | null {
  const { uptimeMs } = dump.system;
  const { id, about } = context.sources[source];
  const bootUtc = about.session?.bootUtc ?? null;
  if (uptimeMs === null || line.dumpMs === null || bootUtc === null) return null;
  const ofDump = line.dumpMs - uptimeMs;
  const isSame = Math.abs(Date.parse(bootUtc) - ofDump) <= BOOT_TOLERANCE_MS + DRIFT * uptimeMs;
  return {
    isSame,
    isStrong: true,
    reason: `${id} names ${bootUtc} as the time of the boot, the dump's uptime gives ${new Date(ofDump).toISOString()}: ${isSame ? 'the same' : 'another'} boot`,
    evidence: [],
  };
}

/** Computers that the messages of an event log name, and the machine of the dump. */
function machineNames(source: number, { context, dump, machines }: Given): Vote | null {
  const named = [...(machines.get(source) ?? [])].filter((name) => name !== '');
  const own = dump.system.machine;
  if (named.length === 0 || own === null || own.trim() === '') return null;
  const plain = (name: string): string => name.trim().toLowerCase().split('.')[0];
  if (named.some((name) => plain(name) === plain(own))) return null;
  return {
    isSame: false,
    isStrong: true,
    reason: `${context.sources[source].id} is of ${named.slice(0, 3).join(', ')}, the dump of ${own}`,
    evidence: [],
  };
}

/** A trace of this boot lies between boot and dump. A zone that was assumed was chosen so that it does: only where none fits it says something. */
function order(source: number, { context, dump }: Given, line: Line): Vote | null {
  const { id, about } = context.sources[source];
  const offset = line.offsetUs[source];
  if (line.isImpossible && source === line.origin) {
    const reason = `in no zone, on no day does ${id} lie between the boot and the dump`;
    return { isSame: false, isStrong: true, reason, evidence: [] };
  }
  if (line.dumpAtUs === null || line.isAssumed || offset === null) return null;
  const { uptimeMs } = dump.system;
  const slackUs = ((line.uncertaintyMs ?? 0) + SLACK_MS) * 1000;
  const startUs = (about.span.startUs ?? earliestUs(context.sources[source])) + offset;
  const endUs = (about.span.endUs ?? about.span.startUs ?? 0) + offset;
  const other = (reason: string): Vote => ({ isSame: false, isStrong: true, reason, evidence: [] });
  if (startUs > line.dumpAtUs + slackUs) return other(`${id} begins after the dump was taken`);
  // A live system goes on after the dump was taken of it.
  if (endUs > line.dumpAtUs + slackUs && !isLive(dump)) return other(`${id} goes on after the dump was taken`);
  if (uptimeMs === null) return null;
  const bootUs = line.dumpAtUs - uptimeMs * 1000;
  const bootSlackUs = slackUs + DRIFT * uptimeMs * 1000;
  if (endUs < bootUs - bootSlackUs) return other(`${id} ends before the machine of the dump was started`);
  if (startUs < bootUs - bootSlackUs) return other(`${id} begins before the machine of the dump was started`);
  return { isSame: true, isStrong: false, reason: `${id} lies between the boot and the dump`, evidence: [] };
}

const isLive = ({ quality }: Given['dump']): boolean =>
  quality.some(({ flag }) => flag === 'live' || flag === 'user-dump');

/** Since Windows 8 drivers lie elsewhere after each boot (KASLR): the same addresses are the same boot, others another. */
function moduleBases(source: number, { probes, dump, context }: Given): Vote | null {
  const loaded = new Map(
    dump.system.modules
      .filter(({ unloaded, base }) => !unloaded && base !== null)
      .map((one) => [moduleKey(one.name), one]),
  );
  let same = 0;
  const evidence: Evidence[] = [];
  const seen = new Set<string>();
  for (const image of probes.images.list) {
    const key = moduleKey(image.name);
    const module = loaded.get(key);
    if (image.source !== source || module === undefined || seen.has(key)) continue;
    seen.add(key);
    if (BigInt(module.base as string) === image.base) same++;
    if (evidence.length < 4) evidence.push(context.evidence(image.source, image.cite), module.evidence);
  }
  if (seen.size < LEAST_IMAGES) return null;
  const share = same / seen.size;
  if (share > 0.2 && share < 0.8) return null;
  const isSame = share >= 0.8;
  // Without KASLR (32 bits, or before Windows 8) each boot has the same addresses.
  const isRandom = dump.system.architecture !== 'x86' && (dump.system.build === null || dump.system.build >= 9200);
  return {
    isSame,
    isStrong: !isSame || isRandom,
    reason: `${same} of ${seen.size} kernel modules lie at the same address in both`,
    evidence,
  };
}

/** Ids of processes that both name: of images that run once, and that neither began nor ended in the trace. */
function processIds(source: number, { probes, dump, context }: Given): Vote | null {
  const seen = probes.processes.processes.filter((one) => one.source === source);
  const inTrace = onceOnly(seen, ({ process }) => process);
  const inDump = onceOnly(
    dump.processes.filter(({ pid, image }) => pid !== null && pid > 4 && image !== null),
    ({ image }) => image as string,
  );
  let same = 0;
  let shared = 0;
  const evidence: Evidence[] = [];
  for (const [key, process] of inDump) {
    const own = inTrace.get(key);
    if (own === undefined || own.startedUs !== null || own.endedUs !== null) continue;
    shared++;
    if (own.pid !== process.pid || !isSameImage(own.process, process.image as string)) continue;
    same++;
    if (evidence.length < 4) evidence.push(context.evidence(source, own.cite), ...process.evidence.slice(0, 1));
  }
  if (shared < LEAST_PROCESSES) return null;
  const share = same / shared;
  if (share > 0.15 && share < 0.6) return null;
  return {
    isSame: share >= 0.6,
    isStrong: true,
    reason: `${same} of ${shared} processes that run once in both have the same id`,
    evidence,
  };
}

/** By image, where there is one alone of it. Debuggers cut names to 15 characters. */
function onceOnly<T>(list: readonly T[], nameOf: (one: T) => string): Map<string, T> {
  const found = new Map<string, T | null>();
  for (const one of list) {
    const key = imageKey(nameOf(one)).slice(0, 14);
    found.set(key, found.has(key) ? null : one);
  }
  return new Map([...found].filter((entry): entry is [string, T] => entry[1] !== null));
}
