/**
 * `!poolfind tag`: all blocks with a tag. https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-poolfind
 *
 *     Searching NonPaged pool (823b1000 : 82800000) for Tag: SeSd
 *     826fa130 size:   c0 previous size:   40  (Allocated) SeSd
 *
 * Debuggers for Windows 10 print (seen in articles, not documented; the header of the block is not in this size):
 *
 *     ffff8287befc4060 : tag Proc, size     0xe70, Nonpaged pool
 */
import { parseAddress } from '../../src/core/symbol.js';
import type { Command, Reader, Taken } from './command.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import { blockOf } from './pool.js';
import { ADDRESS, hexNumber, padTag, poolTypeOf } from './values.js';

const NAME = '!poolfind';

const SEARCHING = /^Searching (.{1,40}?)\s{0,9}pool\b/i;
const SCANNING = /^Scanning large pool allocation table for tag/i;
const BLOCK = new RegExp(
  `^\\*?\\s{0,9}(${ADDRESS})\\s{0,9}: tag (.{4}), size\\s{1,40}(0x[0-9a-f]{1,16})(?:,\\s{0,9}(.{0,60}))?$`,
  'i',
);
const LIKE_A_BLOCK = new RegExp(`^\\*?\\s{0,9}${ADDRESS}\\s{0,9}: tag `, 'i');
// `...terminating - searched pool to e1224000`
const REMARK = /^(?:\.{3}terminating\b|Pooltag |Owning component\s?:)/i;

export const poolfind: Command = {
  name: NAME,
  isTyped: ({ name }) => name === NAME,
  // `!irpfind` searches pool too, and says so.
  begins: ({ trimmed }, log) =>
    log.typedName !== '!irpfind' && (SCANNING.test(trimmed) || SEARCHING.test(trimmed) || BLOCK.test(trimmed)),
  read: (log) => new PoolFind(log),
};

class PoolFind implements Reader {
  #poolType: string | null = null;

  constructor(private readonly log: Log) {}

  take(line: KdLine): Taken {
    const { trimmed } = line;
    const searching = SEARCHING.exec(trimmed);
    if (searching !== null || SCANNING.test(trimmed)) {
      // The table of large blocks is of all pools.
      this.#poolType = searching === null ? null : poolTypeOf(searching[1]);
      return 'ignored';
    }
    const block = BLOCK.exec(trimmed);
    if (block !== null) return this.#block(line, block);
    if (LIKE_A_BLOCK.test(trimmed)) {
      return this.log.skip('damaged-pool-block', 'rows of pool blocks that cannot be read were skipped', line);
    }
    return blockOf(this.log, line, 'poolfind', this.#poolType) ?? (REMARK.test(trimmed) ? 'ignored' : 'unread');
  }

  #block(line: KdLine, [, address, tag, bytes, poolType]: RegExpExecArray): Taken {
    const { log } = this;
    if (log.blocks === null) return 'ignored';
    log.blocks.row({
      command: 'poolfind',
      address: parseAddress(address),
      bytes: hexNumber(bytes),
      tag: padTag(tag),
      poolType: poolTypeOf(poolType ?? ''),
      ...log.place(line),
    });
    return 'row';
  }
}
