/**
 * Pool allocations and frees: Type u32 (POOL_TYPE), Tag u32, NumberOfBytes p, Entry p; those of session pool then hold a
 * SessionId. From definitions only: no public log holds them.
 */
import { NULL_I32 } from '../../../src/core/schema.js';
import type { Dictionary } from '../../../src/core/table.js';
import { poolEvent } from '../../../src/tables/pool-event.js';
import { poolTypeName } from '../../../src/tables/pool-types.js';
import { Group, kernelKey, pointerBytesOf } from '../log/layout.js';
import { type Handler, type Outcome, type RowContext, tooShort } from './context.js';
import { ThreadOwners } from './names.js';
import { StackRows } from './stack-rows.js';

const EVENTS: Readonly<Record<number, { readonly name: string; readonly operation: string }>> = {
  32: { name: 'Alloc', operation: 'alloc' },
  33: { name: 'AllocSession', operation: 'alloc' },
  34: { name: 'Free', operation: 'free' },
  35: { name: 'FreeSession', operation: 'free' },
};
const SHORT = tooShort('pool allocations');

export function poolRows(context: RowContext): [number, Handler][] {
  const stacks = new StackRows(context);
  const w = context.out.writer(poolEvent);
  if (w === null) return [];
  const { cols, dicts } = w;
  const words = w.words('address');
  const { system } = context.survey;
  const owners = new ThreadOwners(system, dicts.process);
  const tags = new NumberTexts(dicts.tag, tagText);
  const types = new NumberTexts(dicts.poolType, poolTypeName);
  const handler = (event: number, operation: number, isSession: boolean): Handler => {
    return ({ cursor, uses }): Outcome => {
      const { ticks, type } = cursor;
      const pointerBytes = pointerBytesOf(type);
      const at = cursor.payloadAt;
      if (at + 8 + 2 * pointerBytes > cursor.at + cursor.size) return SHORT;
      const i = at >> 2;
      const byte = cursor.start + cursor.at;
      // These events have no ids of their own: those of their stack are surer than who was switched to last.
      const stack = uses === null || !stacks.isWanted ? -1 : uses.of(cursor, NULL_I32);
      const tid = stack >= 0 && uses !== null ? uses.tid : context.tid(cursor);
      const owner = owners.pid(tid, ticks);
      const pid = stack >= 0 && uses !== null ? uses.pid : owner === NULL_I32 ? context.pid(cursor) : owner;
      // Before the row's number is taken: a new stack may fill its table, and all are handed on then.
      const stackNumber = stacks.id(stack, pid === NULL_I32 ? 0 : pid, ticks, byte);
      const { n } = w;
      cols.event[n] = event;
      cols.operation[n] = operation;
      cols.atUs[n] = context.us(ticks);
      cols.process[n] =
        pid === owner ? owners.process : dicts.process.id(pid === NULL_I32 ? null : system.processName(pid, ticks));
      cols.pid[n] = pid;
      cols.tid[n] = tid;
      cols.cpu[n] = cursor.cpu;
      cols.poolType[n] = types.id(cursor.words[i]);
      cols.tag[n] = tags.id(cursor.words[i + 1]);
      const step = pointerBytes >> 2;
      cols.bytes[n] = (cursor.words[i + 2] >>> 0) + (step === 2 ? (cursor.words[i + 3] >>> 0) * 4294967296 : 0);
      words[2 * n] = cursor.words[i + 2 + step];
      words[2 * n + 1] = step === 2 ? cursor.words[i + 5] : 0;
      const sessionAt = at + 8 + 2 * pointerBytes;
      cols.sessionId[n] =
        isSession && sessionAt + 4 <= cursor.at + cursor.size ? cursor.words[sessionAt >> 2] : NULL_I32;
      cols.stack[n] = stackNumber;
      cols.line[n] = Number.NaN;
      cols.byte[n] = byte;
      w.push();
      return 'row';
    };
  };
  return Object.entries(EVENTS).map(([opcode, { name, operation }]) => [
    kernelKey(Group.Pool, Number(opcode)),
    handler(dicts.event.id(name), dicts.operation.id(operation), name.endsWith('Session')),
  ]);
}

/** The four characters of a tag, as they lie in memory. */
function tagText(word: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(word | 0);
  return bytes.toString('latin1');
}

/** Numbers known; tags of a machine go to a thousand. */
const MAX_KNOWN = 1 << 16;

/** Numbers whose texts stand in a dictionary. */
class NumberTexts {
  readonly #ids = new Map<number, number>();

  constructor(
    private readonly dictionary: Dictionary,
    private readonly text: (value: number) => string,
  ) {}

  id(value: number): number {
    const known = this.#ids.get(value);
    if (known !== undefined) return known;
    const id = this.dictionary.id(this.text(value >>> 0));
    if (this.#ids.size < MAX_KNOWN) this.#ids.set(value, id);
    return id;
  }
}
