/** Samples of the profile interrupt (PerfInfo/SampledProfile): InstructionPointer p, ThreadId u32, Count u16, reserved u16. */
import { NULL_I32 } from '../../../src/core/schema.js';
import { sampledProfile } from '../../../src/tables/sampled-profile.js';
import { Group, kernelKey, pointerBytesOf } from '../layout.js';
import { type Handler, idOrNull, type Outcome, type RowContext, tooShort } from './context.js';
import { ModuleIds } from './names.js';
import { StackTexts } from './stack-texts.js';

const SHORT = tooShort('samples');

export function sampleRows(context: RowContext): [number, Handler][] {
  const w = context.out.writer(sampledProfile);
  if (w === null) return [];
  const { cols, dicts } = w;
  const words = w.words('address');
  const { system, stacks } = context.survey;
  const modules = new ModuleIds(system, dicts.module);
  const texts = new StackTexts(stacks, system, dicts.stack);
  const handler: Handler = ({ cursor, uses }): Outcome => {
    const pointerBytes = pointerBytesOf(cursor.type);
    const payload = cursor.payloadAt;
    if (payload + pointerBytes + 4 > cursor.at + cursor.size) return SHORT;
    const i = payload >> 2;
    const low = cursor.words[i];
    const high = pointerBytes === 8 ? cursor.words[i + 1] : 0;
    const tid = idOrNull(cursor.words[i + (pointerBytes >> 2)]);
    const pid = tid === NULL_I32 ? null : system.pidOfThread(tid, cursor.ticks);
    const { n } = w;
    cols.atUs[n] = context.us(cursor.ticks);
    cols.cpu[n] = cursor.cpu;
    cols.process[n] = pid === null ? -1 : dicts.process.id(system.processName(pid, cursor.ticks));
    cols.pid[n] = pid ?? NULL_I32;
    cols.tid[n] = tid;
    words[2 * n] = low;
    words[2 * n + 1] = high;
    cols.module[n] = modules.at(low, high, pid ?? 0, cursor.ticks);
    // There are no symbols, and the address stands in a column of its own.
    cols.routine[n] = -1;
    const stack = uses === null ? -1 : uses.of(cursor);
    cols.stack[n] = stack < 0 ? -1 : texts.id(stack, pid ?? 0, cursor.ticks);
    cols.line[n] = Number.NaN;
    cols.byte[n] = cursor.start + cursor.at;
    w.push();
    return 'row';
  };
  return [[kernelKey(Group.PerfInfo, 46), handler]];
}
