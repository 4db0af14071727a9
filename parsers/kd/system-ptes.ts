/**
 * `!sysptes`: addresses that the kernel has left to map memory at.
 * https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-sysptes
 *
 *     System PTE Information
 *       Total System Ptes 181517
 *          SysPtes list of size 1 has 400 free
 *       starting PTE: c03c3000
 *       free blocks: 63   total free: 171103    largest free block: 129531
 */
import type { Command, Reader, Taken } from './command.js';
import { countFact } from './counted.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';

const NAME = '!sysptes';
const SUBJECT = 'sysptes';

const TITLE = /^System PTE Information$/i;
const TOTAL = /^Total System Ptes\s{1,9}(\d{1,20})$/i;
const FREE = /(free blocks|total free|largest free block):\s{0,20}(\d{1,20})/gi;
const DETAIL = /^(?:SysPtes list of size|starting PTE|\d{1,9} free PTEs?|Page Count)/i;
const NAMES: Readonly<Record<string, string>> = {
  'free blocks': 'freeBlocks',
  'total free': 'free',
  'largest free block': 'largestFree',
};

export const systemPtes: Command = {
  name: NAME,
  isTyped: ({ name }) => name === NAME,
  begins: ({ trimmed }) => trimmed.startsWith('System PTE') && TITLE.test(trimmed),
  read: (log, typed): Reader => ({ take: (line) => take(log, line, typed !== null) }),
};

function take(log: Log, line: KdLine, isTyped: boolean): Taken {
  const { trimmed } = line;
  if (TITLE.test(trimmed) || DETAIL.test(trimmed)) return 'ignored';
  const total = TOTAL.exec(trimmed);
  if (total !== null) return countFact(log, SUBJECT, 'total', total[1], line);
  let taken: Taken | null = null;
  for (const [, name, digits] of [...trimmed.matchAll(FREE)].slice(0, 3)) {
    taken = countFact(log, SUBJECT, NAMES[name.toLowerCase()] ?? name, digits, line);
  }
  return taken ?? (isTyped ? 'unread' : 'over');
}
