/**
 * Pool allocations and frees: Type u32 (POOL_TYPE), Tag u32, NumberOfBytes p, Entry p; those of session pool then hold a
 * SessionId. From definitions only: no public log holds them.
 */
import { NULL_I32 } from '../../../src/core/schema.js';
import { poolEvent } from '../../../src/tables/pool-event.js';
import { Group, kernelKey, pointerBytesOf } from '../log/layout.js';
import { type Handler, type Outcome, type RowContext, tooShort } from './context.js';

const EVENTS: Readonly<Record<number, string>> = {
  32: 'Alloc',
  33: 'AllocSession',
  34: 'Free',
  35: 'FreeSession',
};
const SHORT = tooShort('pool allocations');

export function poolRows(context: RowContext): [number, Handler][] {
  const w = context.out.writer(poolEvent);
  if (w === null) return [];
  const { cols, dicts } = w;
  const words = w.words('address');
  const { system } = context.survey;
  const handler = (event: number): Handler => {
    return ({ cursor }): Outcome => {
      const pointerBytes = pointerBytesOf(cursor.type);
      const at = cursor.payloadAt;
      if (at + 8 + 2 * pointerBytes > cursor.at + cursor.size) return SHORT;
      const i = at >> 2;
      const pid = context.pid(cursor);
      const { n } = w;
      cols.event[n] = event;
      cols.atUs[n] = context.us(cursor.ticks);
      cols.process[n] = dicts.process.id(pid === NULL_I32 ? null : system.processName(pid, cursor.ticks));
      cols.pid[n] = pid;
      cols.tid[n] = context.tid(cursor);
      cols.cpu[n] = cursor.cpu;
      cols.poolType[n] = dicts.poolType.id(String(cursor.words[i] >>> 0));
      cols.tag[n] = dicts.tag.id(cursor.bytes.toString('latin1', at + 4, at + 8));
      const step = pointerBytes >> 2;
      cols.bytes[n] = (cursor.words[i + 2] >>> 0) + (step === 2 ? (cursor.words[i + 3] >>> 0) * 4294967296 : 0);
      words[2 * n] = cursor.words[i + 2 + step];
      words[2 * n + 1] = step === 2 ? cursor.words[i + 5] : 0;
      cols.line[n] = Number.NaN;
      cols.byte[n] = cursor.start + cursor.at;
      w.push();
      return 'row';
    };
  };
  return Object.entries(EVENTS).map(([opcode, name]) => [
    kernelKey(Group.Pool, Number(opcode)),
    handler(dicts.event.id(name)),
  ]);
}
