/** Processes, threads and images as rows. */
import { image } from '../../../src/tables/image.js';
import { processTable } from '../../../src/tables/process.js';
import { threadTable } from '../../../src/tables/thread.js';
import { hexValue } from '../decode/fields.js';
import { readSystemEvent } from '../system/system-events.js';
import type { Loaded } from '../walk.js';
import type { Outcome, Problem, RowContext } from './context.js';

const DAMAGED: Problem = {
  code: 'damaged-event',
  message: 'events of processes, threads or images are shorter than their fields',
};

/** Takes an event with or without a GUID (classic header); null where nobody reads the tables. */
export function systemRows(context: RowContext): ((loaded: Loaded, guid: string | null) => Outcome) | null {
  const images = context.out.writer(image);
  const processes = context.out.writer(processTable);
  const threads = context.out.writer(threadTable);
  if (images === null && processes === null && threads === null) return null;
  const { system } = context.survey;
  return ({ cursor }, guid) => {
    const event = readSystemEvent(cursor, guid);
    if (event === null) return 'none';
    if (event === 'damaged') return DAMAGED;
    const { ticks } = cursor;
    const place = { atUs: nullable(context.us(ticks)), byte: cursor.start + cursor.at };
    switch (event.kind) {
      case 'image':
        images?.row({
          ...place,
          event: event.event,
          pid: event.pid === null ? null : fit(event.pid),
          base: event.base,
          end: BigInt.asUintN(64, event.base + event.size),
          timeDateStamp: event.timeDateStamp,
          path: event.path,
        });
        return images === null ? 'none' : 'row';
      case 'process':
        processes?.row({
          ...place,
          event: event.event,
          process: event.name,
          pid: fit(event.pid),
          parentPid: fit(event.parentPid),
          sessionId: event.sessionId === null ? null : fit(event.sessionId),
          commandLine: event.commandLine,
        });
        return processes === null ? 'none' : 'row';
      case 'thread':
        threads?.row({
          ...place,
          event: event.event,
          process: system.processName(event.pid, ticks),
          pid: fit(event.pid),
          tid: fit(event.tid),
          startRoutine: event.startAddress === null ? null : hexValue(event.startAddress),
          name: event.name,
        });
        return threads === null ? 'none' : 'row';
    }
  };
}

const nullable = (us: number): number | null => (Number.isNaN(us) ? null : us);

/** An id that the column can hold; null for those that mean none. */
const fit = (id: number): number | null => (id > 0x7fffffff ? null : id);
