/**
 * `!chkimg`: where code in memory differs from its file. `!analyze` runs it too, and says how (`CHKIMG_EXTENSION:`).
 * https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-chkimg
 *
 *     be000015-be000016  2 bytes - win32k!VeryUsefulFunction+15 (0x8)
 *          [ 85 dd:95 23 ]
 *     be000020 - win32k!VeryUsefulFunction+20 (+0x0a)
 *          [ 06:46 ]
 *     Total bytes compared: 73728(18%)
 *     Number of errors: 3
 *     3 errors : !win32k (be000015-be000020)
 *     Number of different bytes for win32k: 31 (fixed)
 */
import { parseAddress } from '../../src/core/symbol.js';
import { dumpImageError } from '../../src/tables/dump-system.js';
import type { Command, Reader, Taken } from './command.js';
import { countFact, countHeld } from './counted.js';
import { writeFact } from './facts.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import type { Typed } from './prompt.js';
import { ADDRESS } from './values.js';

const NAME = '!chkimg';
const MAX_BYTES = 120;

const RANGE = new RegExp(`^(${ADDRESS})-(${ADDRESS})\\s{1,9}(\\d{1,9}) bytes? - (\\S.{0,300})$`, 'i');
const ONE = new RegExp(`^(${ADDRESS}) - ([\\w.~$-]{1,64}!\\S.{0,300})$`, 'i');
// `[ 85 dd:95 23 ]`, cut off by `...` where there are many
const BYTES = /^\[\s{0,3}([0-9a-f .…]{2,400}?)\s{0,3}:\s{0,3}([0-9a-f .…]{2,400}?)\s{0,3}\]$/i;
// ` (+0x08)`, ` (0x8)`: how far behind the range before
const DISTANCE = /\s{1,9}\(\+?0x[0-9a-f]{1,16}\)$/i;
// `3 errors : !win32k (be000015-be000020)`
const ERRORS = /^(\d{1,9}) errors? : !?(\S{1,64})(?:\s|$)/i;
const NUMBER = /^Number of errors:\s{0,9}(\d{1,9})\b/i;
const DIFFERENT = /^Number of different bytes for (\S{1,64}):\s{0,9}(\d{1,9})\b(.{0,40})$/i;
const COMPARED = /^Total bytes compared:\s{0,9}(\d{1,20})\b/i;
// `CHKIMG_EXTENSION: !chkimg -lo 50 -d !nt`
const OF_ANALYZE = /^CHKIMG_EXTENSION:\s{1,9}!chkimg\b(.{0,200})$/i;
const PROSE =
  /^(?:Warning: Any detected errors|Searching for module|Will (?:apply|ignore)|Image specific ignores|Comparison image path|No range specified|Scanning section|Size:|Range to scan:|Reading from|Comparison (?:image|file)|\d{1,9} bytes? (?:fixed|compared))/i;

export const chkimg: Command = {
  name: NAME,
  isTyped: ({ name }) => name === NAME,
  begins: ({ trimmed }) => {
    const first = trimmed[0];
    if (first === 'C') return OF_ANALYZE.test(trimmed);
    if (first === 'N') return DIFFERENT.test(trimmed);
    // `3 errors : !nt`, or a dash behind 8, 16 or 17 digits
    if (trimmed.charCodeAt(0) <= 57 && ERRORS.test(trimmed)) return true;
    return (trimmed[8] === '-' || trimmed[16] === '-' || trimmed[17] === '-') && RANGE.test(trimmed);
  },
  read: (log, typed) => new ChkImg(log, typed),
};

interface Range {
  readonly address: bigint | null;
  readonly bytes: number;
  readonly symbol: string;
  readonly line: KdLine;
}

class ChkImg implements Reader {
  /** As asked for, or as the last line has said. */
  #module: string | null;
  /** A range whose bytes may follow. */
  #range: Range | null = null;
  /** `Number of errors:`, which the next line says again, with the module. */
  #number: { digits: string; line: KdLine } | null = null;

  constructor(
    private readonly log: Log,
    private readonly typed: Typed | null,
  ) {
    this.#module = moduleAmong(typed?.args ?? '');
  }

  take(line: KdLine): Taken {
    const { trimmed } = line;
    const bytes = this.#range === null ? null : BYTES.exec(trimmed);
    if (bytes !== null) return this.#bytes(bytes[1], bytes[2]);
    const range = RANGE.exec(trimmed);
    if (range !== null) return this.#hold(line, range[1], Number(range[3]), range[4]);
    const one = ONE.exec(trimmed);
    if (one !== null) return this.#hold(line, one[1], 1, one[2]);
    this.#write(null, null);
    return this.#counts(line) ?? this.#other(line);
  }

  end(): void {
    this.#write(null, null);
    this.#writeNumber();
  }

  #counts(line: KdLine): Taken | null {
    const { trimmed } = line;
    const errors = ERRORS.exec(trimmed);
    if (errors !== null) return this.#errors(line, errors[2], errors[1]);
    const different = DIFFERENT.exec(trimmed);
    if (different !== null) return this.#different(line, different[1], different[2], different[3]);
    const number = NUMBER.exec(trimmed);
    if (number !== null) {
      this.#writeNumber();
      this.#number = { digits: number[1], line };
      return 'held';
    }
    const compared = COMPARED.exec(trimmed);
    return compared === null ? null : countFact(this.log, this.#subject(), 'bytesCompared', compared[1], line);
  }

  #other({ trimmed }: KdLine): Taken {
    const asked = OF_ANALYZE.exec(trimmed);
    if (asked !== null) {
      this.#module = moduleAmong(asked[1]);
      return 'ignored';
    }
    if (PROSE.test(trimmed)) return 'ignored';
    return this.typed?.name === NAME ? 'unread' : 'over';
  }

  #hold(line: KdLine, address: string, bytes: number, symbol: string): Taken {
    this.#write(null, null);
    this.#range = { address: parseAddress(address), bytes, symbol: symbol.replace(DISTANCE, '').trim(), line };
    return 'held';
  }

  #bytes(expected: string, found: string): Taken {
    return this.#write(expected.slice(0, MAX_BYTES).trim(), found.slice(0, MAX_BYTES).trim());
  }

  #write(expected: string | null, found: string | null): Taken {
    if (this.#range === null) return 'ignored';
    const { line, address, bytes, symbol } = this.#range;
    this.#range = null;
    const module = /^([\w.~$-]{1,64})(?:!|\+)/.exec(symbol)?.[1] ?? this.#module;
    const taken = this.log.row(dumpImageError, { module, symbol, address, bytes, expected, found }, line);
    countHeld(this.log, 1, taken);
    return taken;
  }

  #errors(line: KdLine, module: string, digits: string): Taken {
    this.#module = module;
    if (this.#number !== null) countHeld(this.log, 1, 'ignored');
    this.#number = null;
    return countFact(this.log, this.#subject(), 'errors', digits, line);
  }

  #different(line: KdLine, module: string, digits: string, remark: string): Taken {
    this.#module = module;
    if (/\(fixed\)/i.test(remark)) {
      writeFact(this.log, { subject: this.#subject(), name: 'fixed', value: 'fixed' }, line);
    }
    return countFact(this.log, this.#subject(), 'errors', digits, line);
  }

  #writeNumber(): void {
    if (this.#number === null) return;
    const { digits, line } = this.#number;
    this.#number = null;
    countHeld(this.log, 1, countFact(this.log, this.#subject(), 'errors', digits, line));
  }

  #subject(): string {
    return this.#module === null ? 'chkimg' : `chkimg ${this.#module}`;
  }
}

/** The module among arguments: `-lo 50 -d !user32 -v`, `win32k -d`. */
function moduleAmong(args: string): string | null {
  const words = args.split(/\s+/).slice(0, 20);
  const marked = words.find((word) => /^!\w/.test(word));
  if (marked !== undefined) return marked.slice(1);
  return (
    words.find(
      (word, i) => /^[a-z]\w{0,60}(?:\.\w{1,8})?$/i.test(word) && !/^-(?:lo|p|ss|mmw|r)$/i.test(words[i - 1] ?? ''),
    ) ?? null
  );
}
