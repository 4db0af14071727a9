/**
 * `!verifier` and `!verifier 3 driver`: figures of Driver Verifier and the blocks that drivers hold. The layout follows the
 * debugger's version. https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-verifier
 *
 *     Verify Level 8 ... enabled options are:
 *     Pool Allocations Attempted             0xb
 *     Current nonpaged pool allocations      0xa for 009CE000 bytes
 *     fffffa80031b5830 Loaded           009ce000       00000000    myfault.sys
 *     Current Pool Allocations  0000000a    00000000
 *     PoolAddress  SizeInBytes    Tag       CallersAddress
 *     fffffa8005400000     0x000fb000     Leak      fffff8800447d634
 *
 *     Verify Flags Level 0x000209bb
 *       MODULE: 0x84226b28 MyDriver.sys (Loaded)
 *           Current Pool Bytes:       ( 0x00001058 / 0x00000000 )
 *           Address     Length      Tag   Caller
 *           0x982a8fe0  0x00000020  VMdl  0x9a3bf6ac  MyDriver!DeviceControlDispatch
 */
import { parseAddress } from '../../src/core/symbol.js';
import type { Command, Reader, Taken } from './command.js';
import type { KdLine } from './line.js';
import type { Figure, Log } from './log.js';
import { flagsOf, type Typed } from './prompt.js';
import { ADDRESS, hexNumber, padTag } from './values.js';

const NAME = '!verifier';
/** Flag for the log of allocations and frees, which is read by another module. */
const LOG = 0x80;

const LEVEL = /^Verify (?:Flags )?Level\s{1,9}(?:0x)?[0-9a-f]{1,16}\b/i;
// `Pool Allocations Succeeded SpecialPool 0xa`, `AcquireSpinLocks     0x362`
const SUMMARY =
  /^(RaiseIrqls|AcquireSpinLocks|Synch Executions|Trims|Pool Allocations (?:Attempted|Succeeded(?: SpecialPool)?|With NO TAG|Failed(?: Deliberately)?)|Resource Allocations Failed Deliberately)\s{1,60}((?:0x)?[0-9a-f]{1,16})$/i;
// `Current nonpaged pool allocations      0xa for 009CE000 bytes`
const CURRENT =
  /^(Current|Peak) (paged|nonpaged) pool allocations\s{1,60}((?:0x)?[0-9a-f]{1,16}) for ((?:0x)?[0-9a-f]{1,16}) bytes$/i;
// `fffffa80031b5830 Loaded           009ce000       00000000    myfault.sys`
const DRIVER = new RegExp(
  `^${ADDRESS}\\s{1,9}[A-Za-z]{1,20}(?: [A-Za-z]{1,20}){0,3}\\s{1,40}[0-9a-f]{1,16}\\s{1,40}[0-9a-f]{1,16}\\s{1,40}(\\S.{0,99})$`,
  'i',
);
// `MODULE: 0x84226b28 MyDriver.sys (Loaded)`
const MODULE = /^MODULE:\s{1,9}(?:0x)?[0-9a-f`]{8,17}\s{1,9}(\S.{0,99}?)(?:\s{1,9}\([^()]{1,40}\))?$/i;
// `Current Pool Allocations  0000000a    00000000`, `Peak Pool Bytes: ( 0x0004A4A0 / 0x00000000 )`
const OF_DRIVER =
  /^(Current|Peak) Pool (Allocations|Bytes):?\s{1,60}\(?\s{0,9}((?:0x)?[0-9a-f]{1,16})\s{0,40}(?:\/|\s)\s{0,40}((?:0x)?[0-9a-f]{1,16})\s{0,9}\)?$/i;
// `Peak Contiguous Memory Bytes:  0x00000000`
const CONTIGUOUS = /^((?:Current |Peak )?Contiguous Memory Bytes):\s{1,60}((?:0x)?[0-9a-f]{1,16})$/i;
// `PoolAddress  SizeInBytes    Tag       CallersAddress`, `Address     Length      Tag   Caller`
const TABLE = /^(?:PoolAddress\s{1,40}SizeInBytes|Address\s{1,40}Length)\s{1,40}Tag\s{1,40}Caller/i;
// `fffffa8005400000     0x000fb000     Leak      fffff8800447d634`
const BLOCK = new RegExp(
  `^(${ADDRESS})\\s{1,40}(?:0x)?([0-9a-f]{1,16})\\s{1,40}(\\S.{0,3}?)\\s{1,40}(${ADDRESS})(?:\\s{1,40}(\\S.*))?$`,
  'i',
);
// What is left of a block's row, or of a figure.
const LIKE_A_BLOCK = new RegExp(`^${ADDRESS}(?:\\s|$)`, 'i');
const LIKE_A_FIGURE =
  /^(?:RaiseIrqls|AcquireSpinLocks|Synch Executions|Pool Allocations (?!:|$)\S|(?:Current|Peak) (?:paged|nonpaged|Pool)\b|(?:Peak )?Contiguous Memory Bytes)/i;
// Headings, options and flags.
const HEADING =
  /^(?:-{4,}[\s-]{0,200}|Summary of All Verifier Statistics|(?:## )?Driver Verification List|Entry\s{1,40}State\s|Pool Allocation Statistics:|Pool Allocations:|STANDARD FLAGS:|ADDITIONAL FLAGS:|\[[ X]\] )/i;
// What follows with other flags is not about pool.
const OTHER_LOG = /^(?:Fault injection trace log|Track irql trace log|Displaying most recent|There are up to)/i;

export const verifier: Command = {
  name: NAME,
  isTyped: (typed) => typed.name === NAME && !isOfLog(typed),
  begins: ({ trimmed }) => LEVEL.test(trimmed),
  read: (log) => new Verifier(log),
};

/** `!verifier 80 fffffa8005400000` */
export const isOfLog = (typed: Typed): boolean => typed.name === NAME && (flagsOf(typed) & LOG) !== 0;

class Verifier implements Reader {
  #snapshot: number | null = null;
  #hasLevel = false;
  #driver: string | null = null;
  /** The rows of a table of blocks follow. */
  #isTable = false;

  constructor(private readonly log: Log) {}

  take(line: KdLine): Taken {
    const { trimmed } = line;
    if (LEVEL.test(trimmed)) return this.#level();
    if (OTHER_LOG.test(trimmed)) return 'over';
    const driver = DRIVER.exec(trimmed) ?? MODULE.exec(trimmed);
    if (driver !== null) return this.#ofDriver(driver[1]);
    if (TABLE.test(trimmed)) {
      this.#isTable = true;
      return 'ignored';
    }
    return this.#block(line) ?? this.#figures(line) ?? this.#other(line);
  }

  #level(): Taken {
    if (this.#hasLevel) return 'over';
    this.#hasLevel = true;
    return 'ignored';
  }

  #ofDriver(name: string): Taken {
    this.#driver = name.trim();
    this.#isTable = false;
    return 'ignored';
  }

  #block(line: KdLine): Taken | null {
    const match = BLOCK.exec(line.trimmed);
    if (match === null || !this.#isTable) return null;
    const [, address, bytes, tag, callerAddress, caller] = match;
    const { log } = this;
    log.knowTag(padTag(tag));
    if (log.blocks === null) return 'ignored';
    log.blocks.row({
      command: 'verifier 3',
      address: parseAddress(address),
      bytes: hexNumber(bytes),
      tag: padTag(tag),
      driver: this.#driver,
      caller: caller?.trim() ?? null,
      callerAddress: parseAddress(callerAddress),
      ...log.place(line),
    });
    return 'row';
  }

  #figures(line: KdLine): Taken | null {
    const { trimmed } = line;
    const summary = SUMMARY.exec(trimmed);
    if (summary !== null) return this.#add(line, [[summary[1], summary[2], 'count']]);
    const current = CURRENT.exec(trimmed);
    if (current !== null) {
      const [, when, pool, allocs, bytes] = current;
      const name = `${when} ${pool.toLowerCase()} pool`;
      return this.#add(line, [
        [`${name} allocations`, allocs, 'count'],
        [`${name} bytes`, bytes, 'bytes'],
      ]);
    }
    const ofDriver = OF_DRIVER.exec(trimmed);
    if (ofDriver !== null) {
      const [, when, what, nonpaged, paged] = ofDriver;
      const unit = what.toLowerCase() === 'bytes' ? 'bytes' : 'count';
      return this.#add(line, [
        [`${when} nonpaged pool ${what.toLowerCase()}`, nonpaged, unit],
        [`${when} paged pool ${what.toLowerCase()}`, paged, unit],
      ]);
    }
    const contiguous = CONTIGUOUS.exec(trimmed);
    return contiguous === null ? null : this.#add(line, [[contiguous[1], contiguous[2], 'bytes']]);
  }

  #add(line: KdLine, figures: readonly (readonly [name: string, hex: string, unit: Figure['unit']])[]): Taken {
    this.#snapshot ??= this.log.snapshotOf(NAME);
    this.#isTable = false;
    let taken: Taken = 'ignored';
    for (const [name, hex, unit] of figures) {
      // Hex with eight digits is no counter that has wrapped: sizes go beyond 2 GB.
      const figure = { name: `verifier ${name}`, value: hexNumber(hex) ?? 0, unit, driver: this.#driver };
      taken = this.log.counter(figure, this.#snapshot, line);
    }
    return taken;
  }

  #other(line: KdLine): Taken {
    const { trimmed } = line;
    if (HEADING.test(trimmed)) return 'ignored';
    if (LIKE_A_FIGURE.test(trimmed) || (this.#isTable && LIKE_A_BLOCK.test(trimmed))) {
      return this.log.skip('damaged-verifier', 'lines of !verifier that cannot be read were skipped', line);
    }
    // Until the first figure: the options.
    return this.#hasLevel && this.#snapshot === null ? 'ignored' : 'unread';
  }
}
