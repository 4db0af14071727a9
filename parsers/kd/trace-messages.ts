/**
 * Rows of a software trace that were pasted into a log: not of the debugger, and not read. They are known here only so that no
 * other output takes them, and `info` can name them.
 *
 *     #    PID  TID  Time         Message
 *     1972 2780 5992 10:05:11.005 Error: ...
 */
import type { Command } from './command.js';

const HEADER =
  /^(?:#|No\.?)\s{1,20}(?:Module\s{1,40})?PID\s{1,20}TID\s{1,20}(?:Date\s{1,20})?Time\s{1,40}\S{0,20}\s{0,40}Message$/i;
const ROW =
  /^\d{1,12}\s{1,20}(?:\S{1,60}\s{1,20})?\d{1,10}\s{1,20}\d{1,10}\s{1,20}(?:[\d/.-]{6,10}\s{1,9})?\d{1,2}:\d{2}:\d{2}/;

export const traceMessages: Command = {
  name: 'trace message table',
  isTyped: () => false,
  begins: ({ trimmed }) => (trimmed[0] === '#' || trimmed[0] === 'N') && HEADER.test(trimmed),
  read: () => ({ take: ({ trimmed }) => (HEADER.test(trimmed) || ROW.test(trimmed) ? 'ignored' : 'over') }),
};
