/**
 * `lm` and `ln`: where modules lie. They fill no table; places of tags are named by them.
 *
 *     start               end                 module name
 *     fffff880`0496d000   fffff880`04974000   myfault    (deferred)
 *
 *     (9a3bf660)   MyDriver!DeviceControlDispatch+0x4c   |  (9a3bf6d0)   MyDriver!DeviceControlDispatch
 */
import { parseAddress } from '../../src/core/symbol.js';
import type { Command, Reader, Taken } from './command.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import { ADDRESS } from './values.js';

const HEADER = /^start\s{1,40}end\s{1,40}module name$/i;
const RANGE = new RegExp(`^(${ADDRESS})\\s{1,9}(${ADDRESS})\\s{1,9}([\\w.~$-]{1,64})(?:\\s|$)`, 'i');
const NEAREST = new RegExp(`^\\((${ADDRESS})\\)\\s{1,9}([\\w.~$-]{1,64})!.{1,400}?\\|\\s{1,9}\\((${ADDRESS})\\)`, 'i');

/** `lm`, `lmv m AppA`, `lmkv` */
export const listModules: Command = {
  name: 'lm',
  isTyped: ({ name }) => /^lm\w{0,8}$/.test(name),
  begins: ({ trimmed }) => HEADER.test(trimmed),
  read: (log) => ({ take: (line) => takeModule(log, line) }),
};

function takeModule(log: Log, { trimmed }: KdLine): Taken {
  const match = RANGE.exec(trimmed);
  if (match === null) return HEADER.test(trimmed) ? 'ignored' : 'unread';
  const [from, to] = [parseAddress(match[1]), parseAddress(match[2])];
  if (from !== null && to !== null) log.modules.add(match[3], from, to);
  return 'ignored';
}

export const listNearest: Command = {
  name: 'ln',
  isTyped: ({ name }) => name === 'ln',
  begins: ({ trimmed }) => NEAREST.test(trimmed),
  read: (log, typed) => nearest(log, typed !== null),
};

function nearest(log: Log, isTyped: boolean): Reader {
  return {
    take({ trimmed }) {
      const match = NEAREST.exec(trimmed);
      if (match === null) return isTyped ? 'unread' : 'over';
      const [from, to] = [parseAddress(match[1]), parseAddress(match[3])];
      if (from !== null && to !== null) log.modules.add(match[2], from, to);
      return 'ignored';
    },
  };
}
