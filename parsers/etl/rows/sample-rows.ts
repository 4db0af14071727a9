/** Samples of the profile interrupt (PerfInfo/SampledProfile): InstructionPointer p, ThreadId u32, Count u16, reserved u16. */
import { NULL_I32 } from '../../../src/core/schema.js';
import { sampledProfile } from '../../../src/tables/sampled-profile.js';
import { pointerBytesOf } from '../log/layout.js';
import { type Handler, idOrNull, type Outcome, type RowContext, SAMPLE, tooShort } from './context.js';
import { ModuleIds, ThreadOwners } from './names.js';
import { StackTexts } from './stack-texts.js';

/** Drivers on top of each other go deep before the frame of a DPC's own routine comes. */
const MAX_FRAMES = 64;
const SHORT = tooShort('samples');

/** With `kernelOnly`, samples of user mode are counted in `about` and not handed on, and the others come without process. */
export function sampleRows(context: RowContext, kernelOnly: boolean): [number, Handler][] {
  const w = context.out.writer(sampledProfile);
  if (w === null) return [];
  const { cols, dicts } = w;
  const { about } = context.out;
  const words = w.words('address');
  const { system, stacks } = context.survey;
  const modules = new ModuleIds(system, dicts.module);
  const threads = new ThreadOwners(system, dicts.process);
  const texts = new StackTexts(stacks, system, dicts.stack, MAX_FRAMES);
  const handler: Handler = ({ cursor, uses }): Outcome => {
    const pointerBytes = pointerBytesOf(cursor.type);
    const payload = cursor.payloadAt;
    if (payload + pointerBytes + 4 > cursor.at + cursor.size) return SHORT;
    const i = payload >> 2;
    const low = cursor.words[i];
    const high = pointerBytes === 8 ? cursor.words[i + 1] : 0;
    if (kernelOnly && (pointerBytes === 8 ? high : low) >= 0) {
      about.samplesLeftOut++;
      return 'none';
    }
    const tid = idOrNull(cursor.words[i + (pointerBytes >> 2)]);
    const pid = kernelOnly ? NULL_I32 : threads.pid(tid, cursor.ticks);
    const { n } = w;
    cols.atUs[n] = context.us(cursor.ticks);
    cols.cpu[n] = cursor.cpu;
    cols.process[n] = kernelOnly ? -1 : threads.process;
    cols.pid[n] = pid;
    cols.tid[n] = tid;
    words[2 * n] = low;
    words[2 * n + 1] = high;
    cols.module[n] = modules.at(low, high, pid === NULL_I32 ? 0 : pid, cursor.ticks);
    // There are no symbols, and the address stands in a column of its own.
    cols.routine[n] = -1;
    const stack = uses === null ? -1 : uses.of(cursor, tid);
    cols.stack[n] = stack < 0 ? -1 : texts.id(stack, pid === NULL_I32 ? 0 : pid, cursor.ticks);
    cols.line[n] = Number.NaN;
    cols.byte[n] = cursor.start + cursor.at;
    w.push();
    return 'row';
  };
  return [[SAMPLE, handler]];
}
