/** Every event as a row of the table of events. */

import type { EventFilter } from '../../../src/core/parser.js';
import { NULL_I32 } from '../../../src/core/schema.js';
import { genericEvent } from '../../../src/tables/event.js';
import { type Decoders, describeEvent } from '../decode/describe-event.js';
import { kernelName } from '../decode/kernel-names.js';
import type { EventCursor } from '../log/cursor.js';
import { HeaderType } from '../log/layout.js';
import { MAX_FRAMES } from '../stacks/stacks.js';
import type { Loaded } from '../walk.js';
import { type Outcome, type RowContext, SAMPLE } from './context.js';
import { StackTexts } from './stack-texts.js';

/** Payloads are at most 64 KB: their hex is cut here, which is said by an ellipsis. */
const MAX_HEX_BYTES = 4096;

/** Null where nobody reads the table. Events that the filter refuses are left out before they are decoded. */
export function eventRows(
  context: RowContext,
  decoders: Decoders,
  filter: EventFilter | null,
): ((loaded: Loaded) => Outcome) | null {
  const w = context.out.writer(genericEvent);
  if (w === null) return null;
  const { system, stacks } = context.survey;
  const names = new KernelNames();
  const texts = new StackTexts(stacks, system, null, 2 * MAX_FRAMES);
  return ({ cursor, uses }) => {
    const { ticks, cpu } = cursor;
    const atUs = context.us(ticks);
    const pid = context.pid(cursor);
    const tid = context.tid(cursor);
    const name = cursor.key < 0 ? null : names.of(cursor.key);
    const head = { atUs, cpu, pid: known(pid), tid: known(tid), kernelName: name };
    if (filter !== null && !filter(head)) return 'none';
    const event = describeEvent(cursor, decoders);
    const stack = uses === null ? -1 : uses.of(cursor, stackTid(cursor, tid));
    // WPP messages may name their thread behind the header.
    const ownPid = pid === NULL_I32 && event.pid !== null && event.pid <= 0x7fffffff ? event.pid : known(pid);
    const ownTid = tid === NULL_I32 && event.tid !== null && event.tid <= 0x7fffffff ? event.tid : known(tid);
    const stackPid = stack < 0 || uses === null ? (ownPid ?? 0) : uses.pid;
    const inner = event.addresses.length > 0 ? texts.ofAddresses(event.addresses, ownPid ?? 0, ticks) : null;
    w.row({
      atUs: Number.isFinite(atUs) ? atUs : null,
      cpu,
      pid: ownPid,
      tid: ownTid,
      process: ownPid === null ? null : system.processName(ownPid, ticks),
      provider: event.provider,
      providerName: event.providerName,
      name: event.name,
      group: event.group,
      id: event.id,
      version: event.version,
      level: event.level,
      opcode: event.opcode,
      task: event.task,
      channel: event.channel,
      keyword: event.keyword,
      activityId: event.activityId,
      relatedActivityId: event.relatedActivityId,
      extended: event.extended === null ? null : JSON.stringify(event.extended),
      message: event.message,
      fields: event.fields === null ? null : JSON.stringify(event.fields),
      payloadHex: hexOf(event.payload),
      stack: stack < 0 ? inner : texts.text(stack, stackPid, ticks),
      byte: cursor.start + cursor.at,
    });
    return 'row';
  };
}

/** Thread by which the event's stack is known: of events without ids, but for samples, it is not sure. */
function stackTid({ type, key }: EventCursor, tid: number): number {
  const hasIds = (type !== HeaderType.PerfInfo32 && type !== HeaderType.PerfInfo64) || key === SAMPLE;
  return hasIds ? tid : NULL_I32;
}

/** Names of kernel events, each made once. */
class KernelNames {
  readonly #names: (string | undefined)[] = [];

  of(key: number): string {
    this.#names[key] ??= kernelName(key >> 8, key & 0xff);
    return this.#names[key];
  }
}

const known = (id: number): number | null => (id === NULL_I32 ? null : id);

function hexOf(payload: Buffer | null): string | null {
  if (payload === null) return null;
  return payload.length > MAX_HEX_BYTES ? `${payload.toString('hex', 0, MAX_HEX_BYTES)}…` : payload.toString('hex');
}
