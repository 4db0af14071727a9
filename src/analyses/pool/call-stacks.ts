/** The stacks of a source, from its rows of `call_stack`. */
import { grown } from '../../core/grown.js';
import { IntKeys } from '../../core/int-keys.js';
import { NULL_I32 } from '../../core/schema.js';
import type { Batch } from '../../core/table.js';
import type { callStack } from '../../tables/call-stack.js';
import { type KnownFrame, readFrame } from './frames.js';
import type { SystemNames } from './system-names.js';

/** Drivers are seldom longer. */
const MAX_IMAGE = 0x40_0000n;
/** Different frames, and steps of paths of them. */
const MAX_FRAMES = 1 << 22;
const MAX_STEPS = 1 << 24;

export class CallStacks {
  /** `names` tells the images of frames that come as bare addresses. */
  constructor(private readonly names: SystemNames | null = null) {}

  /** Different frames: address (two words), and ids of module and routine. Their texts are taken apart when they are asked for. */
  readonly #frames = new IntKeys(MAX_FRAMES);
  readonly #known: (KnownFrame | undefined)[] = [];
  #dicts: Batch<typeof callStack>['dicts'] | null = null;
  /** Numbers of frames of all stacks, innermost first. */
  #list = new Int32Array(1 << 12);
  #length = 0;
  /** Where a stack begins, and where it ends. */
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  /** Stacks as paths from the innermost frame out, by what their frames are folded by. */
  readonly #paths = new IntKeys(MAX_STEPS);
  readonly #folded: number[] = [];
  readonly #keys = new Map<string, number>();
  readonly #keyOf: number[] = [];
  #bases: { readonly base: bigint; readonly module: string }[] | null = null;

  /** Takes rows; those of one stack follow each other. */
  add({ cols, dicts, n }: Batch<typeof callStack>): void {
    this.#dicts = dicts;
    this.#bases = null;
    const words = new Int32Array(cols.address.buffer, cols.address.byteOffset, 2 * n);
    for (let i = 0; i < n; i++) {
      const stack = cols.stack[i];
      if (stack === NULL_I32 || stack < 0) continue;
      if (this.#starts[stack] === undefined) this.#starts[stack] = this.#length;
      if (this.#length === this.#list.length) this.#list = grown(this.#list, this.#length * 2);
      this.#list[this.#length++] = this.#frames.id(words[2 * i], words[2 * i + 1], cols.module[i], cols.routine[i]);
      this.#ends[stack] = this.#length;
    }
  }

  /** Frames of a stack, innermost first; none where it is not known. */
  frames(stack: number): readonly KnownFrame[] {
    const start = this.#starts[stack];
    if (stack < 0 || start === undefined) return [];
    const ids = this.#list.subarray(start, this.#ends[stack]).filter((id) => id >= 0);
    return Array.from(ids, (id) => this.#frame(id));
  }

  /** Every different frame. */
  all(): readonly KnownFrame[] {
    return Array.from({ length: this.#frames.count }, (_, id) => this.#frame(id));
  }

  /** Number that all stacks share which are equal but for where in a function they returned to; -1 for a stack without frames. */
  folded(stack: number): number {
    const start = this.#starts[stack];
    if (stack < 0 || start === undefined) return -1;
    const known = this.#folded[stack];
    if (known !== undefined) return known;
    let path = -1;
    for (let i = start; i < this.#ends[stack]; i++) path = this.#paths.id(path, this.#keyNumber(this.#list[i]), 0, 0);
    this.#folded[stack] = path;
    return path;
  }

  /** What stands at an address, by the frames of all stacks; null where none lies there. */
  at(address: bigint): KnownFrame | null {
    const low = Number(address & 0xffffffffn) | 0;
    const high = Number(address >> 32n) | 0;
    for (let id = 0; id < this.#frames.count; id++) {
      if (this.#frames.part(id, 0) === low && this.#frames.part(id, 1) === high) return this.#frame(id);
    }
    return null;
  }

  /**
   * Module of an address by frames without function: `myfault+0x1634` at an address tells where the image begins. Null where none
   * does, or where the address lies further behind than an image is long.
   */
  moduleNear(address: bigint): string | null {
    this.#bases ??= this.#imageBases();
    const nearest = this.#bases.findLast(({ base }) => base <= address);
    return nearest === undefined || address - nearest.base >= MAX_IMAGE ? null : nearest.module;
  }

  /** Where images begin, lowest first. */
  #imageBases(): { readonly base: bigint; readonly module: string }[] {
    const bases = new Map<bigint, string>();
    for (const { module, function: fn, offset, address } of this.all()) {
      if (module === null || fn !== null || offset === null || address === null) continue;
      bases.set(BigInt(address) - BigInt(offset), module);
    }
    return [...bases].map(([base, module]) => ({ base, module })).sort((a, b) => (a.base < b.base ? -1 : 1));
  }

  /** Number of what a frame is folded by. */
  #keyNumber(id: number): number {
    const known = this.#keyOf[id];
    if (known !== undefined) return known;
    const { key } = this.#frame(id);
    const number = this.#keys.get(key) ?? this.#keys.size;
    this.#keys.set(key, number);
    this.#keyOf[id] = number;
    return number;
  }

  #frame(id: number): KnownFrame {
    this.#known[id] ??= this.#read(id);
    return this.#known[id];
  }

  #read(id: number): KnownFrame {
    const frames = this.#frames;
    const address = (BigInt(frames.part(id, 1) >>> 0) << 32n) | BigInt(frames.part(id, 0) >>> 0);
    const module = this.#dicts?.module.get(frames.part(id, 2)) ?? null;
    const routine = this.#dicts?.routine.get(frames.part(id, 3)) ?? null;
    const bare = module === null && routine === null && address !== 0n ? (this.names?.moduleAt(address) ?? null) : null;
    if (bare !== null) return readFrame(address, bare.module, `${bare.module}+0x${bare.offset.toString(16)}`);
    return readFrame(address === 0n ? null : address, module, routine);
  }
}
