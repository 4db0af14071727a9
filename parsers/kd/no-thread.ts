/**
 * What `!thread` says of an address at which there is no thread any more, in any output; a block of the thread that uses it as stack
 * may follow.
 * https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-thread
 *
 *     89d00420 is not a thread object, interpreting as stack value...
 *     TYPE mismatch for thread object at 89d00420
 */
import { parseAddress } from '../../src/core/symbol.js';
import type { Command } from './command.js';
import { hex } from './counted.js';
import { writeFact } from './facts.js';
import { ADDRESS } from './values.js';

const NO_THREAD = new RegExp(
  `^(?:(${ADDRESS}) is not a thread object|TYPE mismatch for thread object at (${ADDRESS})(?:\\s|\\.|$))`,
  'i',
);

export const noThread: Command = {
  name: '!thread',
  isTyped: () => false,
  begins: ({ trimmed }) => trimmed.includes(' thread object') && NO_THREAD.test(trimmed),
  read: (log) => ({
    take: (line) => {
      const match = NO_THREAD.exec(line.trimmed);
      const address = match === null ? null : parseAddress(match[1] ?? match[2]);
      if (address === null) return 'over';
      return writeFact(log, { subject: `thread ${hex(address)}`, name: 'isThread', value: 'no' }, line);
    },
  }),
};
