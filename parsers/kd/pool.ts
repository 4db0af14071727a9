/**
 * `!pool address`: the blocks of a page of pool. https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-pool
 *
 *     Pool page ffffac883ca17920 region is Nonpaged pool
 *      e1001040 size:   10 previous size:   40  (Free)       Mm
 *     *e1001050 size:   10 previous size:   10  (Allocated) *ObDi
 *      85902ec0 size:   40 previous size:  200  (Allocated)  Even (Protected)
 *     *ffffc986cb6f2000 : large page allocation, tag is V2lg, size is 0x4000 bytes
 */
import { parseAddress } from '../../src/core/symbol.js';
import type { Command, Reader, Taken } from './command.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import { ADDRESS, hexNumber, padTag, poolTypeOf } from './values.js';

const NAME = '!pool';

// Two blanks before the tag, or one and an asterisk.
const BLOCK = new RegExp(
  `^\\*?\\s{0,9}(${ADDRESS})\\s{1,9}size:\\s{0,40}([0-9a-f]{1,16})\\s{1,9}previous size:\\s{0,40}[0-9a-f]{1,16}\\s{1,9}\\(\\s{0,9}(Allocated|Free|Protected)\\s{0,9}\\)\\s{0,40}\\*?(.{0,4})`,
  'i',
);
const LIKE_A_BLOCK = new RegExp(`^\\*?\\s{0,9}${ADDRESS}\\s{1,9}size:`, 'i');
const LARGE = new RegExp(
  `^\\*?\\s{0,9}(${ADDRESS})\\s{1,9}: large page allocation, tag is (.{1,4}), size is (0x[0-9a-f]{1,16}) bytes`,
  'i',
);
const REGION = new RegExp(`^Pool page ${ADDRESS} region is (.{1,60})$`, 'i');
// `Pooltag FMis : FLT_INSTANCE structure, Binary : fltmgr.sys`, `ffff… is not a valid large pool allocation, checking …`
const REMARK = new RegExp(
  `^(?:Pooltag |Owning component\\s?:|${ADDRESS} (?:is not a valid|is freed)|${ADDRESS}\\s{1,9}(?:[0-9a-f?]{8}\\s{0,9}){1,4}$)`,
  'i',
);

export const pool: Command = {
  name: NAME,
  isTyped: ({ name }) => name === NAME,
  begins: ({ trimmed }) => BLOCK.test(trimmed) || LARGE.test(trimmed) || REGION.test(trimmed),
  read: (log) => new Pool(log),
};

class Pool implements Reader {
  #poolType: string | null = null;

  constructor(private readonly log: Log) {}

  take(line: KdLine): Taken {
    const { trimmed } = line;
    const region = REGION.exec(trimmed);
    if (region !== null) {
      this.#poolType = poolTypeOf(region[1]);
      return 'ignored';
    }
    return blockOf(this.log, line, 'pool', this.#poolType) ?? (REMARK.test(trimmed) ? 'ignored' : 'unread');
  }
}

/** A line that shows a block, as `!pool` and older `!poolfind` print it; null where it shows none. */
export function blockOf(log: Log, line: KdLine, command: string, poolType: string | null): Taken | null {
  const block = BLOCK.exec(line.trimmed);
  const large = block === null ? LARGE.exec(line.trimmed) : null;
  if (block === null && large === null) return LIKE_A_BLOCK.test(line.trimmed) ? damaged(log, line) : null;
  if (log.blocks === null) return 'ignored';
  const [address, bytes, tag] = block === null ? pick(large, 1, 3, 2) : pick(block, 1, 2, 4);
  log.blocks.row({
    command,
    address: parseAddress(address),
    bytes: hexNumber(bytes),
    tag: tag === '' ? null : padTag(tag),
    state: /free/i.test(block?.[3] ?? '') ? 'free' : 'allocated',
    poolType,
    ...log.place(line),
  });
  return 'row';
}

const pick = (match: RegExpExecArray | null, ...groups: readonly number[]): string[] =>
  groups.map((group) => match?.[group] ?? '');

const damaged = (log: Log, line: KdLine): Taken =>
  log.skip('damaged-pool-block', 'rows of pool blocks that cannot be read were skipped', line);
