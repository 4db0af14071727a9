/** Every event as a row of the table of events. */

import type { EventFilter } from '../../../src/core/parser.js';
import { NULL_I32 } from '../../../src/core/schema.js';
import { genericEvent } from '../../../src/tables/event.js';
import { type Decoders, describeEvent } from '../decode/describe-event.js';
import type { EventCursor } from '../log/cursor.js';
import { Group, HeaderType, kernelKey } from '../log/layout.js';
import type { Loaded } from '../log/walk.js';
import { MAX_FRAMES } from '../stacks/stacks.js';
import type { Outcome, RowContext } from './context.js';
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
  const texts = new StackTexts(stacks, system, null, MAX_FRAMES);
  return ({ cursor, uses }) => {
    const { ticks, cpu } = cursor;
    const atUs = context.us(ticks);
    const pid = context.pid(cursor);
    const tid = context.tid(cursor);
    if (filter !== null && !filter({ atUs, cpu, pid: known(pid), tid: known(tid) })) return 'none';
    const event = describeEvent(cursor, decoders);
    // WPP messages may name their thread behind the header.
    const ownPid = pid === NULL_I32 && event.pid !== null && event.pid <= 0x7fffffff ? event.pid : known(pid);
    const ownTid = tid === NULL_I32 && event.tid !== null && event.tid <= 0x7fffffff ? event.tid : known(tid);
    const inner = event.addresses.length > 0 ? texts.ofAddresses(event.addresses, ownPid ?? 0, ticks) : null;
    const stack = uses === null ? -1 : uses.of(cursor, stackTid(cursor, tid));
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
      message: event.message,
      fields: event.fields === null ? null : JSON.stringify(event.fields),
      payloadHex: hexOf(event.payload),
      stack: stack < 0 ? inner : texts.text(stack, ownPid ?? 0, ticks),
      byte: cursor.start + cursor.at,
    });
    return 'row';
  };
}

const SAMPLE = kernelKey(Group.PerfInfo, 46);

/** Thread whose stack belongs to the event: that in its header, or of a sample its own; of others it is not sure. */
function stackTid(cursor: EventCursor, tid: number): number {
  if (cursor.type !== HeaderType.PerfInfo32 && cursor.type !== HeaderType.PerfInfo64) return tid;
  if (cursor.key !== SAMPLE) return NULL_I32;
  const at = cursor.payloadAt + (cursor.type === HeaderType.PerfInfo64 ? 8 : 4);
  return at + 4 <= cursor.at + cursor.size ? cursor.words[at >> 2] : NULL_I32;
}

const known = (id: number): number | null => (id === NULL_I32 ? null : id);

function hexOf(payload: Buffer | null): string | null {
  if (payload === null) return null;
  return payload.length > MAX_HEX_BYTES ? `${payload.toString('hex', 0, MAX_HEX_BYTES)}…` : payload.toString('hex');
}
