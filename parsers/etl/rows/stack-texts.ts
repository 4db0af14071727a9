import type { Dictionary } from '../../../src/core/table.js';
import type { Stacks } from '../stacks/stacks.js';
import type { SystemMap } from '../system/system-map.js';
import { addressText } from './names.js';

/** Pairs of stack and process whose text is known: begun anew when there are more. */
const MAX_KNOWN = 200_000;

/**
 * Stacks as texts of a dictionary, `module!0x…` each frame, joined by `;`. A stack is printed once for each process that
 * it is seen in; one with kernel frames only is the same in all.
 */
export class StackTexts {
  readonly #kernel: number[] = [];
  readonly #byPid = new Map<number, number>();

  constructor(
    private readonly stacks: Stacks,
    private readonly system: SystemMap,
    /** Null where only texts are asked for. */
    private readonly dictionary: Dictionary | null,
    private readonly maxFrames: number,
  ) {}

  id(stack: number, pid: number, ticks: number): number {
    const known = this.#kernel[stack];
    if (known !== undefined) return known;
    const key = stack * 4294967296 + pid;
    const own = this.#byPid.get(key);
    if (own !== undefined) return own;
    const id = this.dictionary?.id(this.text(stack, pid, ticks)) ?? -1;
    // Where images came and went at an address, the frames are another's at another time.
    if (!this.#isSteady(stack, pid)) return id;
    if (this.#isAllKernel(stack)) this.#kernel[stack] = id;
    else {
      if (this.#byPid.size >= MAX_KNOWN) this.#byPid.clear();
      this.#byPid.set(key, id);
    }
    return id;
  }

  /** The frames of a stack. */
  text(stack: number, pid: number, ticks: number): string {
    const { words, starts } = this.stacks;
    const end = Math.min(starts[stack + 1], starts[stack] + 2 * this.maxFrames);
    let text = '';
    for (let i = starts[stack]; i < end; i += 2) {
      const module = this.system.moduleAt(words[i], words[i + 1], pid, ticks);
      text += `${text === '' ? '' : ';'}${module === null ? '' : `${module}!`}${addressText(words[i], words[i + 1])}`;
    }
    return text;
  }

  /** The frames of a stack that lies in its event. */
  ofAddresses(addresses: readonly bigint[], pid: number, ticks: number): string {
    const frames = addresses.slice(0, this.maxFrames).map((address) => {
      const [low, high] = [Number(address & 0xffffffffn) | 0, Number(address >> 32n) | 0];
      const module = this.system.moduleAt(low, high, pid, ticks);
      return `${module === null ? '' : `${module}!`}${addressText(low, high)}`;
    });
    return frames.join(';');
  }

  #isSteady(stack: number, pid: number): boolean {
    const { words, starts } = this.stacks;
    const end = Math.min(starts[stack + 1], starts[stack] + 2 * this.maxFrames);
    for (let i = starts[stack]; i < end; i += 2) if (!this.system.isSteady(words[i], words[i + 1], pid)) return false;
    return true;
  }

  /** True where the outermost frame is in the kernel of a 64-bit system: then all are. */
  #isAllKernel(stack: number): boolean {
    return this.stacks.words[this.stacks.starts[stack + 1] - 1] < 0;
  }
}
