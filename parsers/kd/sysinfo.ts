/**
 * `!sysinfo`: the machine as its firmware and its registry describe it.
 * https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-sysinfo
 *
 *     Machine ID Information [From Smbios 2.4, DMIVersion 36, Size=1234]
 *     SystemManufacturer = Example Inc.
 *
 *     [CPU Information]
 *     ~MHz = REG_DWORD 2394
 *     ProcessorNameString = REG_SZ Example CPU
 */
import type { Command, Reader, Taken } from './command.js';
import { writeFact } from './facts.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';

/** One output has some dozens. */
const MAX_FACTS = 200;

const HEADER = /^(?:Machine ID Information \[From |\[CPU Information\]|\[?SMBIOS )/i;
const FIELD = /^([~A-Za-z][\w~ ]{1,40}?)\s{0,9}=\s{1,9}(?:REG_\w{1,20}\s{1,9})?(\S.{0,300})$/;

export const sysinfo: Command = {
  name: '!sysinfo',
  isTyped: ({ name }) => name === '!sysinfo',
  begins: ({ trimmed }) => (trimmed.startsWith('Machine ID') || trimmed.startsWith('[CPU')) && HEADER.test(trimmed),
  read: (log) => reader(log),
};

function reader(log: Log): Reader {
  let facts = 0;
  return {
    take(line: KdLine): Taken {
      if (HEADER.test(line.trimmed)) return 'ignored';
      const field = FIELD.exec(line.trimmed);
      if (field === null) return 'unread';
      if (++facts > MAX_FACTS) return 'ignored';
      return writeFact(log, { subject: 'sysinfo', name: field[1], value: field[2] }, line);
    },
  };
}
