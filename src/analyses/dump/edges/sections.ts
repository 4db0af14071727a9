/** Critical sections: their owner is a thread id; who waits for which is told by the argument of RtlEnterCriticalSection. */
import { type Frame, hex } from '../frames.js';
import { isSection, type Lock, type Locks, lockName, placesOf } from '../locks.js';
import type { ArgumentRow, Process } from '../model.js';
import type { Cited } from '../rows.js';
import { type Edge, type Scene, UNKNOWN, type Waiter } from './edge.js';

const SECTION_ROUTINE = /!_{0,2}Rtlp?(?:(?:Wait(?:For|On)|Enter)CriticalSection(?:Contended)?)(?:\+|$)/i;
/** Routines that enter a section of their own, by its symbol. */
const KNOWN: readonly (readonly [RegExp, RegExp])[] = [
  [/^RtlAcquirePebLock$/, /!FastPebLock$/i],
  [
    /^Ldr(?:p?LoadDll|ShutdownThread|ShutdownProcess|UnloadDll|LockLoaderLock|pAcquireLoaderLock|GetProcedureAddress\w{0,3}|pInitializeThread|GetDllHandle\w{0,3})$/,
    /!(?:LdrpLoaderLock|LoaderLock)$/i,
  ],
];

export function sectionEdges(scene: Scene): Edge[] {
  return scene.waiters
    .filter(({ wait }) => wait?.kind === 'critical-section')
    .flatMap((waiter) => edgesOf(scene, waiter));
}

function edgesOf({ locks }: Scene, { thread, wait }: Waiter): Edge[] {
  const process = thread.process;
  const args = thread.args.filter(({ routine }) => routine !== null && SECTION_ROUTINE.test(routine));
  const exact = byArgument(locks, args, true, (lock) => isSection(lock, process));
  if (exact?.lock.owners.includes(thread)) {
    exact.lock.foundWaiters.add(thread);
    return [ownSection(thread, exact.lock)];
  }
  if (exact !== null)
    return toOwners(
      exact.lock,
      thread,
      isOfProcess(exact.lock, process, thread),
      `waits for critical section ${lockName(exact.lock)}, the argument of its ${name(exact.row)}`,
      [exact.row],
    );
  const address = reliable(args);
  if (address !== null) {
    const statement = `waits for critical section ${hex(address)}, the argument of RtlEnterCriticalSection; the log does not show its owner (!cs ${hex(address)?.slice(2)})`;
    return [
      {
        from: thread.id,
        to: UNKNOWN,
        kind: 'critical-section',
        object: hex(address),
        certain: false,
        statement,
        rows: args,
      },
    ];
  }
  const isOther = ({ owners }: Lock) => !owners.includes(thread);
  const loose = byArgument(locks, thread.args, false, (lock) => isSection(lock, process) && isOther(lock));
  if (loose !== null)
    return toOwners(
      loose.lock,
      thread,
      false,
      `waits for a critical section; ${lockName(loose.lock)} stands among the arguments of its stack`,
      [loose.row],
    );
  const sections = locks.sectionsOf(process);
  const symbol = bySymbol(sections.filter(isOther), thread.frames.slice(wait?.at ?? 0));
  if (symbol !== null)
    return toOwners(symbol, thread, false, `waits for a critical section, by its callers ${lockName(symbol)}`, []);
  return bySelection(sections.filter(({ row }) => (row.waiterCount ?? 0) > 0).filter(isOther), thread, process);
}

/** Its owner may enter a section again: who waits for its own has got it meanwhile, or the section is damaged. */
const ownSection = (thread: Waiter['thread'], lock: Lock): Edge => ({
  from: thread.id,
  to: UNKNOWN,
  kind: 'critical-section',
  object: hex(lock.address),
  certain: false,
  statement: `waits for critical section ${lockName(lock)}, whose owner it is said to be itself: a contradiction, the section may be damaged`,
  rows: [...placesOf(lock, thread), ...thread.sightings],
});

/** The same address is another section in another process: only user-mode logs and known processes are sure. */
const isOfProcess = (lock: Lock, process: Process | null, { address }: Waiter['thread']): boolean =>
  address === null || (process !== null && (lock.owners[0]?.process ?? lock.process) === process);

/** The section that an argument names. */
function byArgument(
  locks: Locks,
  args: readonly ArgumentRow[],
  isReliable: boolean,
  isMeant: (lock: Lock) => boolean,
): { lock: Lock; row: ArgumentRow } | null {
  // Routines nearer to the section's own wait first: RtlEnterCriticalSection has it as its first argument.
  for (const row of args) {
    if (isReliable !== (row.isReliable === 1)) continue;
    const values = isReliable ? [firstOf(row)] : [row.arg1, row.arg2, row.arg3, row.arg4];
    const lock = locks.among(values, isMeant);
    if (lock !== null) return { lock, row };
  }
  return null;
}

/** RtlpWaitForCriticalSection takes it in a register on some versions: only RtlEnterCriticalSection is sure. */
const firstOf = (row: ArgumentRow): string | null =>
  /!_{0,2}RtlEnterCriticalSection(?:\+|$)/i.test(row.routine ?? '') ? row.arg1 : null;

function reliable(args: readonly ArgumentRow[]): bigint | null {
  const row = args.find((one) => one.isReliable === 1 && firstOf(one) !== null);
  const text = row === undefined ? null : firstOf(row);
  return text === null ? null : BigInt(text);
}

function bySymbol(sections: readonly Lock[], frames: readonly Frame[]): Lock | null {
  for (const { function: fn } of frames.slice(0, 8)) {
    for (const [routine, symbol] of KNOWN) {
      if (fn === null || !routine.test(fn)) continue;
      const found = sections.filter((lock) => lock.symbol !== null && symbol.test(lock.symbol));
      if (found.length === 1) return found[0];
    }
  }
  return null;
}

/** Where only one section of the process has waiters, it is that one; where there are several, nobody can say which. */
function bySelection(contended: readonly Lock[], thread: Waiter['thread'], process: Process | null): Edge[] {
  if (contended.length === 1 && (process !== null || thread.address === null)) {
    const text = `waits for a critical section; ${lockName(contended[0])} is the only one of its process that has waiters and another owner`;
    return toOwners(contended[0], thread, false, text, []);
  }
  const text =
    contended.length === 0
      ? 'waits for a critical section that the log does not show (kv, then !cs)'
      : `waits for one of ${contended.length} critical sections that have waiters; which, its stack does not tell (kv shows it)`;
  return [
    {
      from: thread.id,
      to: UNKNOWN,
      kind: 'critical-section',
      object: null,
      certain: false,
      statement: text,
      rows: [...thread.sightings],
    },
  ];
}

function toOwners(
  lock: Lock,
  thread: Waiter['thread'],
  certain: boolean,
  statement: string,
  rows: readonly Cited[],
): Edge[] {
  lock.foundWaiters.add(thread);
  return lock.owners.map((owner) => ({
    from: thread.id,
    to: owner.id,
    kind: 'critical-section' as const,
    object: hex(lock.address),
    certain,
    statement: `${statement}; ${owner.id} owns it`,
    rows: [...rows, ...placesOf(lock, thread, owner), ...thread.sightings],
  }));
}

const name = ({ routine }: ArgumentRow): string => (routine ?? '').replace(/^.*!/, '').replace(/\+.*$/, '');
