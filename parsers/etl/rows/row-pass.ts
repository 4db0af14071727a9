/** The second pass: events to rows, by handlers that each know one kind of event. */
import type { Output, ParseOptions } from '../../../src/core/parser.js';
import { guidText } from '../../../src/core/reader.js';
import { callStack } from '../../../src/tables/call-stack.js';
import { poolEvent } from '../../../src/tables/pool-event.js';
import { readyThread } from '../../../src/tables/ready-thread.js';
import { sampledProfile } from '../../../src/tables/sampled-profile.js';
import type { Decoders } from '../decode/describe-event.js';
import type { EventCursor } from '../log/cursor.js';
import { HeaderType } from '../log/layout.js';
import type { LateStacks } from '../stacks/late-stacks.js';
import { mayBeSystemClass, SYSTEM_KINDS } from '../system/system-events.js';
import type { Loaded, Visitor } from '../walk.js';
import type { Handler, Outcome, RowContext } from './context.js';
import { dpcRows } from './dpc-rows.js';
import { eventRows } from './event-rows.js';
import { poolRows } from './pool-rows.js';
import { sampleRows } from './sample-rows.js';
import { CSWITCH, readyRows, switchRows } from './switch-rows.js';
import { systemRows } from './system-rows.js';
import { wdfRows } from './wdf-rows.js';

export class RowPass implements Visitor {
  /** Events seen so far. */
  visited = 0;
  readonly wanted = new Uint8Array(1 << 16);
  readonly wantsOthers: boolean;
  readonly #handlers: (Handler | undefined)[] = new Array(1 << 16).fill(undefined);
  readonly #system: ReturnType<typeof systemRows>;
  readonly #out: Output;
  /** Asked of every event where it is to be counted which stacks find theirs. */
  readonly #late: LateStacks | null;
  readonly #events: ((loaded: Loaded) => Outcome) | null;

  constructor(
    private readonly context: RowContext,
    decoders: Decoders,
    { eventFilter, census, kernelSamplesOnly }: ParseOptions,
  ) {
    this.#out = context.out;
    // Writers asked for first are flushed first: samples and callbacks before the runs that they fell into.
    const samples = sampleRows(context, kernelSamplesOnly);
    const all = [() => samples, wdfRows, dpcRows, switchRows, readyRows, poolRows].flatMap((rows) => rows(context));
    for (const [key, handler] of all) this.#handlers[key] = handler;
    this.#system = systemRows(context);
    this.#events = eventRows(context, decoders, eventFilter);
    this.#late = census ? context.survey.late : null;
    this.wantsOthers = this.#events !== null || this.#system !== null || census;
    this.#want(census);
  }

  /** True where rows have stacks. */
  get wantsStacks(): boolean {
    const { out } = this.context;
    return out.writer(sampledProfile) !== null || out.writer(callStack) !== null || this.#events !== null;
  }

  event(loaded: Loaded): void {
    this.visited++;
    const { cursor } = loaded;
    const { key } = cursor;
    const { account } = this.#out;
    if (key === CSWITCH) this.#switched(cursor);
    // So that it is known whose stacks there are.
    if (this.#late !== null) this.#late.touch(cursor.ticks);
    const handler = key >= 0 ? this.#handlers[key] : undefined;
    let outcome: Outcome = handler === undefined ? 'none' : handler(loaded);
    if (this.#system !== null && outcome === 'none') outcome = this.#systemEvent(loaded, key);
    if (this.#events !== null) {
      const told = this.#events(loaded);
      if (outcome === 'none') outcome = told;
    }
    if (outcome === 'none') account.ignored++;
    else if (outcome === 'row') account.rows++;
    else this.#skip(outcome.code, outcome.message, cursor);
  }

  /** Wants what has a handler; all, where every event is told of; switches, where it matters which thread runs. */
  #want(census: boolean): void {
    if (this.#events !== null || census) {
      this.wanted.fill(1);
      return;
    }
    const { out } = this.context;
    for (let key = 0; key < this.wanted.length; key++) {
      if (this.#handlers[key] !== undefined || (this.#system !== null && SYSTEM_KINDS[key] === 1)) this.wanted[key] = 1;
    }
    if (out.writer(poolEvent) !== null || out.writer(readyThread) !== null) this.wanted[CSWITCH] = 1;
  }

  passed(count: number): void {
    this.visited += count;
    this.#out.account.ignored += count;
  }

  release(): void {
    this.#out.flush();
  }

  #switched(cursor: EventCursor): void {
    const at = cursor.payloadAt;
    if (at + 4 <= cursor.at + cursor.size) this.context.switched(cursor.cpu, cursor.words[at >> 2]);
  }

  #systemEvent(loaded: Loaded, key: number): Outcome {
    const { cursor } = loaded;
    if (key >= 0) return SYSTEM_KINDS[key] === 1 ? (this.#system?.(loaded, null) ?? 'none') : 'none';
    const isClassic = cursor.type === HeaderType.Full32 || cursor.type === HeaderType.Full64;
    return isClassic && mayBeSystemClass(cursor)
      ? (this.#system?.(loaded, guidText(cursor.bytes, cursor.at + 24)) ?? 'none')
      : 'none';
  }

  #skip(code: string, message: string, cursor: EventCursor): void {
    this.#out.skip(code, message, {
      byte: cursor.start + cursor.at,
      example: `${cursor.size} bytes at 0x${(cursor.start + cursor.at).toString(16)}, CPU ${cursor.cpu}`,
    });
  }
}
