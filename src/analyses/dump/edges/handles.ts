/** Waits for a handle that `!handle` tells of: a thread, or a mutant and its owner. */
import { dumpFact } from '../../../tables/dump-system.js';
import { hex } from '../frames.js';
import type { ArgumentRow, Thread } from '../model.js';
import type { Cited, Placed } from '../rows.js';
import type { Edge, Scene, Waiter } from './edge.js';

type FactRow = Placed<typeof dumpFact>;

/** What a handle stands for. */
interface Handle {
  type: string | null;
  name: string | null;
  /** `a74.111`: process and thread, in hex. */
  thread: string | null;
  owner: string | null;
  object: bigint | null;
  readonly rows: Cited[];
}

const SUBJECT = /^handle (0x[0-9a-f]+) of (\S+)$/;
const WAIT = /^(?:.{0,64}!)?_{0,2}(?:(?:Nt|Zw)WaitForSingleObject|WaitForSingleObject(?:Ex)?)(?:\+|$)/;
/** Parts of the system between a program and its wait. */
const LAYERS = new Set(['nt', 'ntdll', 'kernel32', 'kernelbase', 'wow64', 'wow64cpu', '']);

export function handleEdges(scene: Scene): Edge[] {
  const handles = handlesOf(scene.rows.of(dumpFact));
  if (handles.size === 0) return [];
  // Which process they are of, user-mode debuggers do not print.
  const pids = new Set([...scene.model.threads.values()].map(({ pid }) => pid).filter((pid) => pid !== null));
  return scene.waiters.flatMap((waiter) => {
    const found = handleOf(waiter, handles);
    return found === null ? [] : edgesOf(scene, waiter.thread, found, pids.size < 2 || waiter.thread.address !== null);
  });
}

function handlesOf(rows: readonly FactRow[]): Map<string, Handle> {
  const handles = new Map<string, Handle>();
  for (const row of rows) {
    const match = row.subject?.startsWith('handle ') ? SUBJECT.exec(row.subject) : null;
    if (match === null) continue;
    const key = `${match[1]} ${match[2]}`;
    // A handle that is shown again may stand for something else by then.
    const known = row.name === 'type' ? undefined : handles.get(key);
    const handle = known ?? { type: null, name: null, thread: null, owner: null, object: null, rows: [] };
    handles.set(key, handle);
    handle.rows.push(row);
    if (row.name === 'object') handle.object = row.value === null ? null : BigInt(row.value);
    else if (row.name === 'type' || row.name === 'name' || row.name === 'thread' || row.name === 'owner')
      handle[row.name] = row.value;
  }
  return handles;
}

interface Found {
  readonly handle: Handle;
  readonly number: string;
  readonly row: ArgumentRow;
}

/** The handle that a thread waits for by the innermost call that shows one of those known. */
function handleOf({ thread, wait }: Waiter, handles: ReadonlyMap<string, Handle>): Found | null {
  // The block of a thread names its objects itself; other kinds of waits use handles of their own.
  if (wait?.kind !== 'object' || thread.waitObjects.length > 0) return null;
  const of = thread.address === null ? 'current' : hex(thread.process?.address ?? null);
  const inner = thread.frames.findIndex(({ base }) => !LAYERS.has(base));
  const last = inner < 0 ? thread.frames.length : inner;
  const calls = thread.args
    .filter(({ routine, frame }) => WAIT.test(routine ?? '') && (frame ?? 0) <= last)
    .sort((a, b) => (a.frame ?? 0) - (b.frame ?? 0));
  // On x86 the innermost call is right; on x64 any may still hold it.
  const sure = calls.find(({ isReliable }) => isReliable === 1);
  for (const row of sure === undefined ? calls : [sure]) {
    const handle = row.arg1 === null ? undefined : handles.get(`${row.arg1} ${of}`);
    if (row.arg1 !== null && handle !== undefined) return { handle, number: row.arg1, row };
  }
  return null;
}

function edgesOf(scene: Scene, thread: Thread, { handle, number, row }: Found, isAlone: boolean): Edge[] {
  const to = targetOf(scene, handle);
  const isMutant = handle.type === 'Mutant';
  if (to === null || to === thread || (!isMutant && to.state === 'TERMINATED')) return [];
  const name = handle.name === null ? '' : ` (${handle.name})`;
  return [
    {
      from: thread.id,
      to: to.id,
      kind: isMutant ? 'mutant' : 'thread',
      object: hex(handle.object) ?? number,
      certain: row.isReliable === 1 && isAlone,
      statement: isMutant
        ? `waits for the mutant of handle ${number}${name}, which ${to.id} owns`
        : `waits for thread ${to.id} to end, by handle ${number}`,
      rows: [row, ...handle.rows, ...thread.sightings],
    },
  ];
}

/** The thread of a handle, or the owner of its mutant; null where nobody owns it, or the log does not say. */
function targetOf({ model, locks }: Scene, { type, thread, owner, object }: Handle): Thread | null {
  if (type === 'Mutant') {
    if (owner !== null) return threadOf(model, owner);
    const held = object === null ? [] : locks.at(object).filter(({ kind }) => kind === 'mutant');
    return held.length === 1 ? (held[0].owners[0] ?? null) : null;
  }
  if (type !== 'Thread') return null;
  return object !== null ? model.mention(object) : thread === null ? null : threadOf(model, thread);
}

function threadOf(model: Scene['model'], cid: string): Thread | null {
  const [pid, tid] = cid.split('.').map((part) => Number.parseInt(part, 16));
  // `0.0` where nobody owns it.
  if (!(tid > 0)) return null;
  const thread = model.mention(null, tid, model.processOf(pid));
  if (thread !== null) thread.pid ??= pid;
  return thread;
}
