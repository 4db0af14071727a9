/** Stacks of threads by what they do, as the three Windows generations have them. */
import { type Draft, isSystem, type ThreadDraft } from './draft.js';
import { chance, codeAddress, type DRIVERS, FUNCTIONS, isWide, LIBRARIES, LOCKING_DRIVERS } from './machine.js';
import { LAYERS_WIDE, type Layer } from './stacks-x64.js';
import { LAYERS_X86 } from './stacks-x86.js';
import type { DumpFrame, DumpProcess, Generation } from './truth.js';

export interface StackPlace {
  readonly kernelTop: bigint;
  /** 0 for threads without user code. */
  readonly userTop: bigint;
}

/** What the layers of a stack are told. */
export interface StackNeeds {
  readonly generation: Generation;
  readonly isSystem: boolean;
  /** What the thread waits for, or 0. */
  readonly object: bigint;
  /** Its critical section or resource. */
  readonly lock: bigint;
  readonly isShared: boolean;
  readonly driver: keyof typeof DRIVERS;
  readonly sleepMs: number;
}

const exeModule = (image: string): string => image.slice(0, image.indexOf('.'));

export function startSymbolOf(generation: Generation, process: DumpProcess): string {
  if (isSystem(process)) return 'nt!ExpWorkerThread';
  return isWide(generation) ? 'ntdll!TppWorkerThread' : `${exeModule(process.image)}!WorkerMain`;
}

/** Innermost first. */
export function framesOf(draft: Draft, thread: ThreadDraft, place: StackPlace): DumpFrame[] {
  const layers = isWide(draft.generation) ? LAYERS_WIDE : LAYERS_X86;
  const needs = needsOf(draft, thread);
  const middle = needs.isSystem ? [] : appLayer(draft, thread);
  const bottom = needs.isSystem
    ? layers.systemBottom(needs)
    : thread.serves
      ? layers.serverBottom(needs)
      : layers.userBottom(needs);
  const isWorker = thread.wait.kind === 'idle-worker' || thread.wait.kind === 'idle-rpc';
  const all = [...topLayer(layers, thread, needs), ...(isWorker ? [] : middle), ...bottom];
  return placed(draft, all, place, needs);
}

function topLayer(layers: typeof LAYERS_X86, thread: ThreadDraft, needs: StackNeeds): Layer[] {
  if (thread.state === 'READY') return layers.preempted(needs);
  if (thread.state === 'RUNNING') return layers.running(needs);
  switch (thread.wait.kind) {
    case 'none':
      return [];
    case 'mutant':
    case 'thread':
    case 'process':
    case 'event':
      return layers.object(needs);
    default:
      return layers[thread.wait.kind](needs);
  }
}

function needsOf({ random, generation }: Draft, { wait, process }: ThreadDraft): StackNeeds {
  const lock = 'lock' in wait ? BigInt(wait.lock.address) : 0n;
  const target = wait.kind === 'thread' ? wait.target.address : wait.kind === 'process' ? wait.process.address : null;
  const driver = wait.kind === 'io' && wait.irp.fileName !== null ? 'Mup' : random.pick(LOCKING_DRIVERS);
  return {
    generation,
    isSystem: isSystem(process),
    object: target === null ? (wait.kind === 'mutant' ? lock : 0n) : BigInt(target),
    lock,
    isShared: wait.kind === 'resource' && wait.isShared,
    driver,
    sleepMs: random.pick([100, 250, 1000, 5000, 60_000]),
  };
}

/** The program's own code. */
function appLayer({ random }: Draft, { process }: ThreadDraft): Layer[] {
  const modules = [random.pick(LIBRARIES), random.pick(LIBRARIES), exeModule(process.image)];
  return Array.from({ length: random.whole(1, 5) }, () => ({
    symbol: `${random.pick(modules)}!${random.pick(FUNCTIONS)}`,
    offset: random.whole(0x10, 0x400),
    isUser: true,
  }));
}

function placed(draft: Draft, layers: readonly Layer[], place: StackPlace, needs: StackNeeds): DumpFrame[] {
  const { random, generation } = draft;
  const wide = isWide(generation);
  const step = (): bigint => BigInt(wide ? random.whole(2, 16) * 0x10 : random.whole(1, 12) * 8);
  let kernel = place.kernelTop - BigInt(wide ? 0x4000 : 0x1000);
  let user = place.userTop;
  return layers.map((layer, i) => {
    const behind = layers[i + 1];
    // On x86 the frame of the system call shares the base pointer of the one before.
    const isEntry = layer.symbol === 'nt!KiFastCallEntry';
    if (layer.isUser) user += step();
    else if (!isEntry) kernel += step();
    const isLast = behind === undefined;
    const sp = layer.isUser ? user : isLast && !wide && needs.isSystem ? 0n : kernel;
    return {
      symbol: layer.symbol,
      offset: layer.offset,
      sp,
      ret: isLast ? 0n : codeAddress(generation, behind.symbol) + BigInt(behind.offset),
      args: argsOf(draft, layer, layer.isUser ? user : kernel),
      note: layer.hasTrap ? `(TrapFrame @ ${trapFrame(kernel + 0x14n, wide)})` : '',
    };
  });
}

function trapFrame(address: bigint, wide: boolean): string {
  if (!wide) return address.toString(16).padStart(8, '0');
  const digits = (address & ~0xfn).toString(16).padStart(16, '0');
  return `${digits.slice(0, 8)}\`${digits.slice(8)}`;
}

/** What is known of the arguments, and what a stack holds besides. */
function argsOf({ random, generation }: Draft, { args }: Layer, sp: bigint): bigint[] {
  const count = isWide(generation) ? 4 : 3;
  const other = (): bigint => {
    const choice = random.next();
    if (choice < 0.4) return 0n;
    if (choice < 0.7) return BigInt(random.whole(1, 0xfff));
    return sp + BigInt(random.whole(1, 60) * 8);
  };
  const known = args ?? [];
  return Array.from({ length: count }, (_, i) => {
    const arg = known[i];
    if (arg === undefined) return other();
    // Only x86 passes arguments on the stack.
    return isWide(generation) && chance(random, 0.5) ? other() : arg;
  });
}
