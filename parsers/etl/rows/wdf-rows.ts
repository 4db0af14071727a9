/** Routines of client drivers that the driver framework called (WdfISR, WdfPassiveISR, WdfDPC, WdfWorkItem): Routine p. From definitions only. */
import { frameworkCallback } from '../../../src/tables/framework-callback.js';
import { Group, kernelKey, pointerBytesOf } from '../log/layout.js';
import { type Handler, type Outcome, type RowContext, tooShort } from './context.js';
import { RoutineColumns } from './names.js';

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
  const routine = new RoutineColumns(context.survey.system, cols, dicts, w.words('address'));
  const handler = (type: number): Handler => {
    return ({ cursor }): Outcome => {
      const pointerBytes = pointerBytesOf(cursor.type);
      const at = cursor.payloadAt;
      if (at + pointerBytes > cursor.at + cursor.size) return SHORT;
      const low = cursor.words[at >> 2];
      const high = pointerBytes === 8 ? cursor.words[(at >> 2) + 1] : 0;
      const { n } = w;
      cols.type[n] = type;
      cols.atUs[n] = context.us(cursor.ticks);
      cols.cpu[n] = cursor.cpu;
      routine.set(n, low, high, cursor.ticks);
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
