/**
 * Stacks by key of the real log of Windows Server 2012, against raw bytes: which event a stack belongs to, and which
 * definition a key means.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { ALL_EVENTS, readEvents } from '../src/events.js';
import { info, open } from '../src/index.js';
import { realEtlFiles, realEtlPath } from './support/etl-sources.js';
import { realLog, ticksOf, type WalkedEvent, walkEvents } from './support/etl-walk.js';

const FILE = 'win2012-x64-8cpu-perfview-compressed-stackkeys.etl.zip';
const IS_HERE = realEtlFiles().includes(FILE);
if (!IS_HERE) console.warn('skipped: the real log of Windows Server 2012 is not at hand');

const STACK_WALK = 0x18;
const STACK = 32;
/** Both define: when a key is given up, and for all that are left at the end. */
const KEY_DELETE = 35;
const KEY_RUNDOWN = 36;
const KEY_KERNEL = 37;
const KEY_USER = 38;

/** Frames that `events` prints of a stack. */
const PRINTED = 192;

/** A stack that was logged behind its event. */
interface Use {
  readonly opcode: number;
  readonly at: bigint;
  /** Time stamp of the event that it belongs to. */
  readonly of: bigint;
  readonly tid: number;
  readonly cpu: number;
  /** Null for a stack with addresses of its own. */
  readonly key: bigint | null;
  readonly addresses: readonly bigint[];
}

interface Definition {
  readonly at: bigint;
  readonly addresses: readonly bigint[];
}

interface Raw {
  readonly origin: bigint;
  readonly uses: Use[];
  readonly definitions: Map<bigint, Definition[]>;
  /** Kind and processor of the events at each time stamp, but for stacks. */
  readonly events: Map<bigint, { readonly kind: string; readonly cpu: number }[]>;
}

function addressesIn({ bytes, end }: WalkedEvent, from: number): bigint[] {
  const found: bigint[] = [];
  for (let at = from; at + 8 <= end; at += 8) found.push(bytes.readBigUInt64LE(at));
  return found;
}

function readRaw(log: Buffer): Raw {
  const raw: Raw = { origin: 0n, uses: [], definitions: new Map(), events: new Map() };
  let origin: bigint | null = null;
  for (const event of walkEvents(log)) {
    const { group, opcode, bytes, payload, cpu, guid, id } = event;
    const at = ticksOf(event);
    origin ??= at;
    if (group !== STACK_WALK) {
      const kind = group === null ? `${guid} ${id ?? opcode}` : `${group}/${opcode}`;
      raw.events.set(at, [...(raw.events.get(at) ?? []), { kind, cpu }]);
    } else if (opcode === KEY_DELETE || opcode === KEY_RUNDOWN) {
      const key = bytes.readBigUInt64LE(payload);
      raw.definitions.set(key, [
        ...(raw.definitions.get(key) ?? []),
        { at, addresses: addressesIn(event, payload + 8) },
      ]);
    } else {
      const [first, ...others] = addressesIn(event, payload + 16);
      const isKey = opcode !== STACK;
      const own = { key: isKey ? first : null, addresses: isKey ? [] : [first, ...others] };
      raw.uses.push({
        opcode,
        at,
        of: bytes.readBigUInt64LE(payload),
        tid: bytes.readUInt32LE(payload + 12),
        cpu,
        ...own,
      });
    }
  }
  for (const list of raw.definitions.values()) list.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  return { ...raw, origin: origin ?? 0n };
}

/** The first definition at or after the use. */
const definitionOf = ({ definitions }: Raw, { key, at }: Use): Definition | null =>
  (key === null ? undefined : definitions.get(key)?.find((definition) => definition.at >= at)) ?? null;

/** Kernel frames before those of the user mode, from all uses for one event. */
function frames(raw: Raw, uses: readonly Use[]): bigint[] {
  const parts = uses.map((use) => (use.key === null ? use.addresses : (definitionOf(raw, use)?.addresses ?? [])));
  const isKernel = (part: readonly bigint[]): boolean => (part[0] ?? 0n) >= 1n << 63n;
  return parts.sort((a, b) => Number(isKernel(b)) - Number(isKernel(a))).flat();
}

/** Uses by kind of event: samples, DiskIo inits, hard faults, image loads, thread starts, as PerfView asks for. */
const KINDS: ReadonlyMap<string, number> = new Map([
  ['15/46', 6776],
  ['1/12', 2316],
  ['1/13', 22],
  ['1/15', 2],
  ['2/32', 157],
  ['3/10', 70],
  ['5/1', 16],
]);

describe.skipIf(!IS_HERE)('stacks of the log of Windows Server 2012', () => {
  let raw: Raw;
  beforeAll(() => {
    raw = readRaw(realLog(FILE, '.etl') as Buffer);
  });

  it('are used and defined as often as SOURCES.md has it', () => {
    const count = (opcode: number): number => raw.uses.filter((use) => use.opcode === opcode).length;
    expect([count(STACK), count(KEY_KERNEL), count(KEY_USER)]).toEqual([252, 2061, 7046]);
    expect([...raw.definitions.values()].flat().length).toBe(1909 + 1012);
  });

  it('all resolve: for each use of a key there is a definition at or after it', () => {
    const unresolved = raw.uses.filter((use) => use.key !== null && definitionOf(raw, use) === null);
    expect(unresolved).toEqual([]);
  });

  it('all have an event on their time stamp', () => {
    const without = raw.uses.filter(({ of }) => !raw.events.has(of));
    expect(without.length / raw.uses.length).toBeLessThanOrEqual(0.003);
    // All of them do.
    expect(without).toEqual([]);
  });

  it('belong to kinds of events that were to have stacks', () => {
    const kinds: Record<string, number> = {};
    let onSameCpu = 0;
    for (const { of, cpu } of raw.uses) {
      // Events that merging adds have the time stamp of the image's, and those of the .NET runtime carry stacks of their own.
      const events = (raw.events.get(of) ?? []).filter(({ kind }) => KINDS.has(kind));
      const kind = [...new Set(events.map((event) => event.kind))].join(' or ');
      kinds[kind] = (kinds[kind] ?? 0) + 1;
      if (events.some((event) => event.cpu === cpu)) onSameCpu++;
    }
    expect(kinds).toEqual(Object.fromEntries([...KINDS].map(([kind, uses]) => [kind, uses])));
    // A stack of user mode is walked when the thread returns to it, which may be on another processor.
    expect(onSameCpu).toBe(9028);
  });

  it('are found by info', async () => {
    const trace = await open([realEtlPath(FILE)]);
    const { result } = await info(trace);
    trace.close();
    expect(result.stacks).toEqual({
      events: raw.uses.length,
      matched: raw.uses.filter(({ of }) => raw.events.has(of)).length,
    });
  });

  it('are not shown with events that only have the same time stamp', async () => {
    const trace = await open([realEtlPath(FILE)]);
    // From the first to the last load of an image, each with two or three events that merging added.
    const range = { startUs: 2_734_000, endUs: 2_760_000 };
    const names = new Set<string | null>();
    await readEvents(trace, { ...ALL_EVENTS, range }, ({ name, stack }) => {
      if (stack !== null) names.add(name);
    });
    trace.close();
    expect([...names].filter((name) => name?.startsWith('ImageID/'))).toEqual([]);
    expect(names).toContain('Image/Load');
  });

  it('are shown with the event of their time stamp and thread, frame by frame', async () => {
    const byEvent = new Map<string, Use[]>();
    for (const use of raw.uses) {
      const key = `${use.of} ${use.tid}`;
      byEvent.set(key, [...(byEvent.get(key) ?? []), use]);
    }
    const shown = new Map<string, string>();
    const trace = await open([realEtlPath(FILE)]);
    await readEvents(trace, ALL_EVENTS, ({ atUs, stack, group, tid, fields }) => {
      // Others carry their stacks inside.
      if (stack === null || group === null) return;
      const at = raw.origin + BigInt(Math.round((atUs as number) * 10));
      shown.set(`${at} ${fields?.ThreadId ?? tid ?? fields?.TThreadId}`, stack.map(({ address }) => address).join(' '));
    });
    trace.close();
    const wrong: unknown[] = [];
    for (const [at, uses] of byEvent) {
      const expected = frames(raw, uses)
        .slice(0, PRINTED)
        .map((address) => `0x${address.toString(16)}`)
        .join(' ');
      if (shown.get(at) !== expected) wrong.push({ at, expected, shown: shown.get(at) });
    }
    expect(wrong).toEqual([]);
    expect(byEvent.size).toBe(7746);
    // Nor with any other: the idle threads of two processors may have samples on one tick.
    expect([...shown.keys()].filter((key) => !byEvent.has(key))).toEqual([]);
  });
});
