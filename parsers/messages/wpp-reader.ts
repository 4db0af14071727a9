/** Lines of tracefmt's text become rows. */
import type { Output } from '../../src/core/parser.js';
import { NULL_I32 } from '../../src/core/schema.js';
import { ByteNames } from './byte-names.js';
import { startsWith, trimEnd } from './bytes.js';
import type { MessageClock } from './clock.js';
import { levelOfCell } from './levels.js';
import { otherLine } from './other-line.js';
import type { LineReader } from './records.js';
import type { MessageRows } from './rows.js';
import type { WppPrefix } from './wpp-fields.js';
import { functionIn, sourceLine } from './wpp-names.js';

export class WppReader implements LineReader {
  readonly #providers: ByteNames;
  readonly #functions: ByteNames;
  readonly #files: ByteNames;
  readonly #levels = new ByteNames(levelOfCell);

  constructor(
    private readonly out: Output,
    private readonly rows: MessageRows,
    private readonly clock: MessageClock,
    private readonly prefix: WppPrefix,
  ) {
    const { provider, function: functions, file } = rows.dicts;
    this.#providers = new ByteNames((name) => provider.id(name));
    this.#functions = new ByteNames((name) => functions.id(name));
    this.#files = new ByteNames((name) => file.id(sourceLine(name)));
  }

  begins(bytes: Buffer, from: number, end: number): boolean {
    return this.prefix.match(bytes, from, end);
  }

  line(bytes: Buffer, from: number, end: number): void {
    const { prefix, rows } = this;
    if (!prefix.match(bytes, from, end)) {
      this.#other(bytes, from, end);
      return;
    }
    const n = rows.open(from);
    const { cols } = rows;
    cols.atUs[n] = this.clock.at(prefix.stamp, rows.line);
    cols.cpu[n] = prefix.cpu;
    cols.pid[n] = prefix.pid;
    cols.tid[n] = prefix.tid;
    const { providerFrom, providerEnd } = prefix;
    const provider = providerEnd > providerFrom ? this.#providers.get(bytes, providerFrom, providerEnd) : -1;
    cols.provider[n] = provider;
    if (bytes[prefix.textFrom] === 33) functionIn(prefix, bytes, end);
    cols.function[n] =
      prefix.functionEnd > 0 ? this.#functions.get(bytes, prefix.functionFrom, prefix.functionEnd) : -1;
    prefix.functionEnd = 0;
    cols.file[n] = prefix.fileEnd > 0 ? this.#files.get(bytes, prefix.fileFrom, prefix.fileEnd) : -1;
    if (prefix.hasLevel) cols.level[n] = this.#levels.get(bytes, prefix.levelFrom, prefix.levelEnd);
    else cols.level[n] = NULL_I32;
    rows.message(n, prefix.textFrom, trimEnd(bytes, prefix.textFrom, end), provider);
  }

  /** A line that begins no message. What stands around those of a dumped buffer belongs to none of them. */
  #other(bytes: Buffer, from: number, end: number): void {
    if (!isFrame(bytes, from, end)) {
      otherLine(this.out, this.rows, bytes, from, end);
      return;
    }
    this.rows.endMessage();
    this.out.account.ignored++;
  }
}

/**
 * What `!wmitrace.logdump` prints around the messages:
 *
 *     (WmiTrace) LogDump for Logger Id 0x13
 *     Reading Buffer   1 /   4
 *     Found Buffers: 5 Messages: 537, sorting entries
 *     Total of 537 Messages from 5 Buffers
 */
export function isFrame(bytes: Buffer, from: number, end: number): boolean {
  return (
    startsWith(bytes, from, end, '(WmiTrace)') ||
    startsWith(bytes, from, end, 'Reading Buffer ') ||
    startsWith(bytes, from, end, 'Found Buffers: ') ||
    (startsWith(bytes, from, end, 'Total of ') &&
      bytes.toString('latin1', from, Math.min(end, from + 80)).includes(' Messages from '))
  );
}
