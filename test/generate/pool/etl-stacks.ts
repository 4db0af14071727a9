/** Stack events of a log: whole, in two parts, or as keys whose frames come later. */
import type { EtlPacker } from './etl-packer.js';
import { writeTicks } from './etl-packer.js';
import type { PoolEvent, PoolTruth } from './model.js';

const STACK_WALK = 0x18;
const STACK = 32;
const KEY_DELETE = 35;
const KEY_RUNDOWN = 36;
const KEY_KERNEL = 37;
const KEY_USER = 38;
/** Of a key, its first address, and so far apart. */
const FIRST_KEY = 0xffffb18c40000000n;
const KEY_STRIDE = 0x200n;
/** So many of the parts of stacks that there are have a key at a time. */
const KEYS_SHARE = 0.7;

/** A stack's frames as bytes. */
interface Parts {
  readonly whole: Buffer;
  readonly kernel: Buffer;
  readonly user: Buffer;
}

function partsOf({ stacks }: PoolTruth): Parts[] {
  return stacks.map(({ frames, kernelFrames }) => {
    const whole = Buffer.alloc(8 * frames.length);
    for (const [i, { address }] of frames.entries()) whole.writeBigUInt64LE(address, 8 * i);
    return { whole, kernel: whole.subarray(0, 8 * kernelFrames), user: whole.subarray(8 * kernelFrames) };
  });
}

export class StackWriter {
  readonly #parts: Parts[];
  readonly #keys: KeyTable;

  constructor(
    readonly packer: EtlPacker,
    truth: PoolTruth,
    readonly form: 'whole' | 'split' | 'keys',
  ) {
    this.#parts = partsOf(truth);
    this.#keys = new KeyTable(packer, this.#parts);
  }

  /** Logged a tick after its event, which it names by its time. */
  write(event: PoolEvent, ticks: number): void {
    const { whole, kernel, user } = this.#parts[event.stack];
    if (this.form === 'whole') {
      this.#put(event, ticks, 1, STACK, whole);
      return;
    }
    this.#part(event, ticks, 1, KEY_KERNEL, kernel);
    // Of system threads there is no user part.
    if (user.length > 0) this.#part(event, ticks, 2, KEY_USER, user);
  }

  #part(event: PoolEvent, ticks: number, later: number, keyOpcode: number, frames: Buffer): void {
    const isKey = this.form === 'keys';
    // What a key meant before is told a tick before its next use: a definition holds for uses of its own time.
    const content = isKey ? this.#keys.of(frames, event.cpu, ticks + later - 1) : frames;
    this.#put(event, ticks, later, isKey ? keyOpcode : STACK, content);
  }

  /** What the keys mean that are in use. */
  finish(ticks: number): void {
    this.#keys.finish(ticks);
  }

  #put({ cpu, pid, tid }: PoolEvent, ticks: number, later: number, opcode: number, content: Buffer): void {
    const [bytes, at] = this.packer.perfInfo(cpu, ticks + later, STACK_WALK, opcode, 16 + content.length);
    writeTicks(bytes, ticks, at);
    bytes.writeUInt32LE(pid, at + 8);
    bytes.writeUInt32LE(tid, at + 12);
    content.copy(bytes, at + 16);
  }
}

/** A key that is taken for other frames is first deleted, which tells its frames; the rest is told at the end. */
class KeyTable {
  /** The one that was taken first stands first. */
  readonly #meanings = new Map<Buffer, Buffer>();
  readonly #sameBytes = new Map<string, Buffer>();
  readonly #most: number;
  #taken = 0;

  constructor(
    readonly packer: EtlPacker,
    stacks: readonly Parts[],
  ) {
    const parts = new Set(stacks.flatMap(({ kernel, user }) => [kernel.toString('hex'), user.toString('hex')]));
    this.#most = Math.max(4, Math.floor(parts.size * KEYS_SHARE));
  }

  /** The key, as bytes. */
  of(part: Buffer, cpu: number, ticks: number): Buffer {
    const hex = part.toString('hex');
    const frames = this.#sameBytes.get(hex) ?? part;
    this.#sameBytes.set(hex, frames);
    const known = this.#meanings.get(frames);
    if (known !== undefined) return known;
    const key = this.#taken < this.#most ? this.#fresh() : this.#recycled(cpu, ticks);
    this.#meanings.set(frames, key);
    return key;
  }

  finish(ticks: number): void {
    for (const [frames, key] of this.#meanings) this.#define(KEY_RUNDOWN, 0, ticks, key, frames);
  }

  #fresh(): Buffer {
    const key = Buffer.alloc(8);
    key.writeBigUInt64LE(FIRST_KEY + BigInt(this.#taken++) * KEY_STRIDE);
    return key;
  }

  #recycled(cpu: number, ticks: number): Buffer {
    const [frames, key] = this.#meanings.entries().next().value as [Buffer, Buffer];
    this.#define(KEY_DELETE, cpu, ticks, key, frames);
    this.#meanings.delete(frames);
    return key;
  }

  #define(opcode: number, cpu: number, ticks: number, key: Buffer, frames: Buffer): void {
    const [bytes, at] = this.packer.perfInfo(cpu, ticks, STACK_WALK, opcode, 8 + frames.length);
    key.copy(bytes, at);
    frames.copy(bytes, at + 8);
  }
}
