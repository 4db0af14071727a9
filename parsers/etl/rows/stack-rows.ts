/** The stacks of a log as rows of `call_stack`: each once for the images that its addresses lie in. */
import { grown } from '../../../src/core/grown.js';
import { NULL_I32 } from '../../../src/core/schema.js';
import type { Writer } from '../../../src/core/table.js';
import { callStack } from '../../../src/tables/call-stack.js';
import type { RowContext } from './context.js';
import { ModuleIds } from './names.js';

/** Different stacks by process or image: more than there are stacks in memory. */
const MAX_STACKS = 1 << 20;
const FIRST = 1 << 10;
const ANY_PROCESS = -1;

/** Make it before asking for the writers of tables that refer to stacks: a stack must be handed on before the row that has it. */
export class StackRows {
  readonly #writer: Writer<typeof callStack> | null;
  readonly #modules: ModuleIds | null;
  readonly #words: Uint32Array;
  /** Numbers in the table, by stack: of those that are the same in all processes, and of others in the process that had them first. */
  #numbers = new Int32Array(FIRST).fill(-1);
  #pids = new Int32Array(FIRST);
  /** In further processes. */
  readonly #byPid = new Map<number, number>();
  /** Of stacks through memory that held several images one after the other. */
  readonly #byImages = new Map<string, number>();
  #count = 0;

  constructor(private readonly context: RowContext) {
    this.#writer = context.out.writer(callStack);
    this.#modules = this.#writer === null ? null : new ModuleIds(context.survey.system, this.#writer.dicts.module);
    this.#words = this.#writer?.words('address') ?? new Uint32Array(0);
  }

  get isWanted(): boolean {
    return this.#writer !== null;
  }

  /** Number in the table of stack `stack` of the log, as it was in a process at a time; NULL_I32 where there is none. `byte` is where its event begins. */
  id(stack: number, pid: number, ticks: number, byte: number): number {
    if (stack < 0 || this.#writer === null) return NULL_I32;
    if (stack < this.#numbers.length && this.#numbers[stack] >= 0) {
      const first = this.#pids[stack];
      if (first === pid || first === ANY_PROCESS) return this.#numbers[stack];
    }
    const key = stack * 4294967296 + pid;
    const own = this.#byPid.get(key);
    if (own !== undefined) return own;
    if (!this.#isSteady(stack, pid)) return this.#ofImages(stack, pid, ticks, byte);
    const id = this.#write(stack, pid, ticks, byte);
    this.#keep(stack, pid, key, id);
    return id;
  }

  #keep(stack: number, pid: number, key: number, id: number): void {
    if (stack >= this.#numbers.length) {
      const length = Math.max(stack + 1, this.#numbers.length * 2);
      const before = this.#numbers.length;
      this.#numbers = grown(this.#numbers, length).fill(-1, before);
      this.#pids = grown(this.#pids, length);
    }
    if (this.#numbers[stack] >= 0 || id < 0) this.#byPid.set(key, id);
    else {
      this.#numbers[stack] = id;
      this.#pids[stack] = this.#isAllKernel(stack) ? ANY_PROCESS : pid;
    }
  }

  #ofImages(stack: number, pid: number, ticks: number, byte: number): number {
    const { system, stacks } = this.context.survey;
    const { words, starts } = stacks;
    let key = String(stack);
    for (let i = starts[stack]; i < starts[stack + 1]; i += 2)
      key += `,${system.imageAt(words[i], words[i + 1], pid, ticks)}+${system.offsetAt(words[i], words[i + 1], pid, ticks)}`;
    const known = this.#byImages.get(key);
    if (known !== undefined) return known;
    const id = this.#write(stack, pid, ticks, byte);
    this.#byImages.set(key, id);
    return id;
  }

  #write(stack: number, pid: number, ticks: number, byte: number): number {
    const w = this.#writer;
    if (w === null || this.#modules === null) return NULL_I32;
    if (this.#count >= MAX_STACKS) {
      this.context.out.diagnostics.add(
        'too-many-stacks',
        'data-loss',
        'more different stacks than there is room for: the rest was left out',
      );
      return NULL_I32;
    }
    const { system, stacks } = this.context.survey;
    const { words, starts } = stacks;
    const id = this.#count++;
    for (let i = starts[stack]; i < starts[stack + 1]; i += 2) {
      const [low, high] = [words[i], words[i + 1]];
      const { n } = w;
      w.cols.stack[n] = id;
      w.cols.frame[n] = (i - starts[stack]) / 2 + 1;
      this.#words[2 * n] = low;
      this.#words[2 * n + 1] = high;
      const module = this.#modules.at(low, high, pid, ticks);
      w.cols.module[n] = module;
      w.cols.routine[n] = this.#routine(module, system.offsetAt(low, high, pid, ticks));
      w.cols.line[n] = Number.NaN;
      w.cols.byte[n] = byte;
      w.push();
    }
    return id;
  }

  /** `image+0xoffset`, as debuggers print what they have no symbols for; -1 where no image is known. */
  #routine(module: number, offset: number): number {
    const w = this.#writer;
    if (w === null || module < 0 || offset < 0) return -1;
    return w.dicts.routine.id(`${w.dicts.module.get(module)}+0x${offset.toString(16)}`);
  }

  #isSteady(stack: number, pid: number): boolean {
    const { system, stacks } = this.context.survey;
    const { words, starts } = stacks;
    for (let i = starts[stack]; i < starts[stack + 1]; i += 2)
      if (!system.isSteady(words[i], words[i + 1], pid)) return false;
    return true;
  }

  /** True where the outermost frame is in the kernel of a 64-bit system: then all are. */
  #isAllKernel(stack: number): boolean {
    const { words, starts } = this.context.survey.stacks;
    return starts[stack + 1] > starts[stack] && words[starts[stack + 1] - 1] < 0;
  }
}
