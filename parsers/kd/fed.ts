/** For readers that gather several lines before they write a row. */
import type { TableDef } from '../../src/core/schema.js';
import type { Taken } from './command.js';
import type { Log } from './log.js';

/** What became of a line whose row is written later. */
export const fed = (log: Log, ...tables: readonly TableDef[]): Taken =>
  tables.some((table) => log.writer(table) !== null) ? 'row' : 'ignored';

/** `0000acfd`, `acfd`, `0xACFD`: `acfd`, as ids of messages and cells are compared. */
export const plainHex = (text: string): string => text.toLowerCase().replace(/^(?:0x)?0{0,16}(?=.)/, '');
