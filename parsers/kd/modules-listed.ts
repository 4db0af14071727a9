/**
 * `lm`, `!lmi` and `ln`: where modules lie, and what they are. Places of tags are named by them.
 * https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/lm--list-loaded-modules-
 *
 *     start               end                 module name
 *     fffff880`0496d000   fffff880`04974000   myfault    (deferred)
 *         Image path: \SystemRoot\system32\drivers\myfault.sys
 *         Image name: myfault.sys
 *         Timestamp:        Thu Jun 05 14:51:52 2008 (4847EF78)
 *         File version:     2.0.0.0
 *     80800000 80a50000   nt       ntkrnlpa.exe Tue Mar 25 11:33:46 2008 (47E8E4CA)
 *
 *     Unloaded modules:
 *     f79c0000 f79c8000   example.sys
 *
 *     (9a3bf660)   MyDriver!DeviceControlDispatch+0x4c   |  (9a3bf6d0)   MyDriver!DeviceControlDispatch
 */
import { parseAddress } from '../../src/core/symbol.js';
import type { Command, Reader } from './command.js';
import type { Log } from './log.js';
import { LoadedModuleInfo, ModuleList } from './module-list.js';
import { ADDRESS } from './values.js';

const HEADER = /^start\s{1,40}end\s{1,40}module name$/i;
const UNLOADED = /^Unloaded modules:$/i;
const INFO = /^Loaded Module Info: \[/i;
const NEAREST = new RegExp(`^\\((${ADDRESS})\\)\\s{1,9}([\\w.~$-]{1,64})!.{1,400}?\\|\\s{1,9}\\((${ADDRESS})\\)`, 'i');

/** `lm`, `lmv m AppA`, `lmkv` */
export const listModules: Command = {
  name: 'lm',
  isTyped: ({ name }) => /^lm\w{0,8}$/.test(name),
  begins: ({ trimmed }) =>
    (trimmed.startsWith('start') && HEADER.test(trimmed)) || (trimmed.startsWith('Unl') && UNLOADED.test(trimmed)),
  read: (log) => new ModuleList(log),
};

export const moduleInfo: Command = {
  name: '!lmi',
  isTyped: ({ name }) => name === '!lmi',
  begins: ({ trimmed }) => trimmed.startsWith('Loaded Module') && INFO.test(trimmed),
  read: (log) => new LoadedModuleInfo(log),
};

export const listNearest: Command = {
  name: 'ln',
  isTyped: ({ name }) => name === 'ln',
  begins: ({ trimmed }) => trimmed.startsWith('(') && NEAREST.test(trimmed),
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
