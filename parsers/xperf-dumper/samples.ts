/** SampledProfile rows, each with the stack that follows it. */
import type { Output } from '../../src/core/parser.js';
import type { Row } from '../../src/core/schema.js';
import { splitSymbol } from '../../src/core/symbol.js';
import type { Writer } from '../../src/core/table.js';
import { sampledProfile } from '../../src/tables/sampled-profile.js';
import { cutFields } from './text-rows.js';

const MAX_FRAMES = 32;
/** Samples of one instant: one a processor, and then some. */
const MAX_HELD = 4096;

interface Held {
  readonly row: Partial<Row<typeof sampledProfile>>;
  readonly tid: number | null;
  readonly quote: string;
  readonly frames: string[];
}

/**
 * Holds the samples of one time stamp until their Stack rows (same TimeStamp and ThreadID) have passed. Stack rows are
 * looked at only while a sample waits for them.
 */
export class Samples {
  #held: Held[] = [];
  #atUs = Number.NaN;
  readonly #quotes = new Map<number, string>();
  readonly #writer: Writer<typeof sampledProfile> | null;

  constructor(out: Output) {
    this.#writer = out.writer(sampledProfile);
  }

  get wanted(): boolean {
    return this.#writer !== null;
  }

  /** True while stack frames could still belong to a held sample. */
  get waiting(): boolean {
    return this.#held.length > 0;
  }

  /** Time of the samples held. */
  get atUs(): number {
    return this.#atUs;
  }

  /** Quotes of samples written since the last flush, whose line may be in an earlier block. */
  quote(byte: number): string | undefined {
    return this.#quotes.get(byte);
  }

  /** Call after each flush. */
  flushed(): void {
    this.#quotes.clear();
  }

  /** Takes a SampledProfile line; why not, where it cannot be used. */
  sample(line: string, columns: readonly string[], place: { line: number; byte: number }): string | null {
    const fields = cutFields(line, columns);
    if (fields === null) return 'another number of fields than its schema line';
    const atUs = fields.number('timestamp');
    if (atUs === null) return 'TimeStamp is no number';
    if (atUs !== this.#atUs || this.#held.length >= MAX_HELD) this.release();
    this.#atUs = atUs;
    const { name, pid } = fields.process('processname(pid)');
    const tid = fields.number('threadid');
    const routine = fields.text('image!function');
    const module = routine === null ? null : splitSymbol(routine).module;
    this.#held.push({
      tid,
      frames: [],
      quote: line.trim(),
      row: {
        atUs,
        cpu: fields.number('cpu'),
        process: name,
        pid,
        tid,
        address: fields.address('prgrmctr'),
        module,
        routine,
        ...place,
      },
    });
    return null;
  }

  /** Takes a Stack line; true where it belongs to a held sample. */
  frame(line: string, columns: readonly string[]): boolean {
    const fields = cutFields(line, columns);
    if (fields === null || fields.number('timestamp') !== this.#atUs) return false;
    const tid = fields.number('threadid');
    const sample = this.#held.find((held) => held.tid === tid);
    if (sample === undefined) return false;
    const routine = fields.text('image!function') ?? fields.text('address');
    if (routine !== null && sample.frames.length < MAX_FRAMES) sample.frames.push(routine.replaceAll(';', ','));
    return true;
  }

  /** An event of time `us` has come: samples of earlier instants are complete. */
  passed(us: number): void {
    if (this.#held.length > 0 && us > this.#atUs) this.release();
  }

  /** Writes what is held. */
  release(): void {
    const writer = this.#writer;
    if (writer === null) return;
    for (const { row, frames, quote } of this.#held) {
      this.#quotes.set(row.byte as number, quote);
      writer.row({ ...row, stack: frames.length > 0 ? frames.join(';') : null });
    }
    this.#held = [];
  }
}
