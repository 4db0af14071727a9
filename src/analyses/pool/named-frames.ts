/** Functions of a raw log's frames, from a debugger log of the same boot: the same address is the same code. */
import type { Finish } from '../../core/analysis.js';
import type { CallStacks } from './call-stacks.js';
import { bareFrame, type Frame, type KnownFrame, withKind } from './frames.js';
import type { ListedBlocks } from './result.js';

/** True where blocks that a debugger lists are outstanding in the trace: then both are of one boot. */
export const isSameBoot = (lists: readonly ListedBlocks[]): boolean => lists.some(({ inTrace }) => (inTrace ?? 0) > 0);

export class FrameNames {
  readonly #byAddress = new Map<string, KnownFrame>();
  readonly #used = new Set<string>();

  constructor(sources: readonly CallStacks[]) {
    for (const stacks of sources) {
      for (const frame of stacks.all()) {
        if (frame.address !== null && frame.function !== null) this.#byAddress.set(frame.address, frame);
      }
    }
  }

  /** The frames with the functions that are known for their addresses. */
  named(frames: readonly KnownFrame[]): readonly KnownFrame[] {
    return frames.map((frame) => {
      const known = this.#known(frame);
      if (known === undefined) return frame;
      this.#used.add(known.address as string);
      // The file name of the trace says more than the module name of the debugger.
      return withKind({ ...bareFrame(known), module: frame.module ?? known.module });
    });
  }

  /** Says how many addresses were named. */
  tell({ diagnostics }: Finish): void {
    if (this.#used.size === 0) return;
    diagnostics.add(
      'frames-named',
      'info',
      'addresses of the trace were given the functions that a debugger log of the same boot prints for them',
      { count: this.#used.size },
    );
  }

  #known({ address, function: fn }: Frame): KnownFrame | undefined {
    return fn === null && address !== null ? this.#byAddress.get(address) : undefined;
  }
}
