/** Routines of client drivers that the driver framework called (WdfISR, WdfPassiveISR, WdfDPC, WdfWorkItem): Routine p. From definitions only. */
import { frameworkCallback } from '../../../src/tables/framework-callback.js';
import { Group, kernelKey, pointerBytesOf } from '../log/layout.js';
import { type Handler, type Outcome, type RowContext, tooShort } from './context.js';
import { ModuleIds, RoutineIds } from './names.js';

const TYPES: Readonly<Record<number, string>> = {
  96: 'WdfISR',
  97: 'WdfPassiveISR',
  98: 'WdfDPC',
  103: 'WdfWorkItem',
};
const SHORT = tooShort('the driver framework');

export function wdfRows(context: RowContext): [number, Handler][] {
  const w = context.out.writer(frameworkCallback);
  if (w === null) return [];
  const { cols, dicts } = w;
  const words = w.words('address');
  const modules = new ModuleIds(context.survey.system, dicts.module);
  const routines = new RoutineIds(dicts.module, dicts.routine);
  const handler = (type: number): Handler => {
    return ({ cursor }): Outcome => {
      const pointerBytes = pointerBytesOf(cursor.type);
      const at = cursor.payloadAt;
      if (at + pointerBytes > cursor.at + cursor.size) return SHORT;
      const low = cursor.words[at >> 2];
      const high = pointerBytes === 8 ? cursor.words[(at >> 2) + 1] : 0;
      const { n } = w;
      const module = modules.at(low, high, 0, cursor.ticks);
      cols.type[n] = type;
      cols.atUs[n] = context.us(cursor.ticks);
      cols.cpu[n] = cursor.cpu;
      cols.module[n] = module;
      cols.routine[n] = routines.id(low, high, module);
      words[2 * n] = low;
      words[2 * n + 1] = high;
      cols.line[n] = Number.NaN;
      cols.byte[n] = cursor.start + cursor.at;
      w.push();
      return 'row';
    };
  };
  return Object.entries(TYPES).map(([opcode, type]) => [
    kernelKey(Group.PerfInfo, Number(opcode)),
    handler(dicts.type.id(type)),
  ]);
}
