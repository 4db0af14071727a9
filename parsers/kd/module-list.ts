/** Readers of the modules that `lm` and `!lmi` print; `modules-listed.ts` has the layouts. */

import type { Row } from '../../src/core/schema.js';
import { parseAddress } from '../../src/core/symbol.js';
import { dumpModule } from '../../src/tables/dump-system.js';
import type { Reader, Taken } from './command.js';
import { fed } from './fed.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import { ADDRESS, addressIn, hexNumber } from './values.js';

type Columns = { -readonly [K in keyof Row<typeof dumpModule>]?: Row<typeof dumpModule>[K] };

const HEADER = /^start\s{1,40}end\s{1,40}module name$/i;
const UNLOADED = /^Unloaded modules:$/i;
const RANGE = new RegExp(
  `^(${ADDRESS})\\s{1,9}(${ADDRESS})\\s{1,9}([\\w.~$-]{1,64})(?:\\s{1,99}(\\S.{0,400})?)?$`,
  'i',
);
/** No module is larger: rows of memory look like rows of modules, but for this. */
const MAX_SIZE = 1n << 32n;
// ` ntkrnlpa.exe Tue Mar 25 11:33:46 2008 (47E8E4CA)`: `lmtn`; or the image alone: `lmn`
const IMAGE = /^([\w.~$+-]{1,100}\.\w{1,4})(?:\s|$)/;
// `Timestamp:        Thu Jun 05 14:51:52 2008 (4847EF78)`; a hash of the file has no date in front
const DATE =
  /\b[A-Z][a-z]{2}\s{1,9}[A-Z][a-z]{2}\s{1,9}\d{1,2}\s{1,9}\d{1,2}:\d{2}:\d{2}\s{1,9}\d{4}\s{0,9}\(([0-9A-F]{8})\)/i;
const DETAIL = /^([A-Za-z][A-Za-z ]{1,40}):\s{1,40}(\S.{0,400})$/;
const REMARK =
  /^(?:Browse (?:full module list|all global symbols)|Loaded symbol image file|Mapped memory image file|Symbol file|Check\s?sum|ImageSize|Image ?Size|File (?:flags|OS|type|date)|Product (?:version|name)|Translations|Information from resource tables|(?:Internal|Original|Private|Special|Legal|File|Product|Company|Comments)\w{0,20}:|Has CLR image header|Image was built with|Unable to enumerate user-mode unloaded modules|Timestamp|Checksum)/i;
/** Lines of `lmv` that fill a column. */
const COLUMNS: ReadonlyMap<string, 'image' | 'path' | 'fileVersion' | 'productVersion' | 'company'> = new Map([
  ['image name', 'image'],
  ['image path', 'path'],
  ['file version', 'fileVersion'],
  ['product version', 'productVersion'],
  ['companyname', 'company'],
]);

/** One module whose lines come one by one. */
class OpenModule {
  columns: Columns | null = null;
  #line: KdLine | null = null;

  constructor(private readonly log: Log) {}

  get fed(): Taken {
    return fed(this.log, dumpModule);
  }

  begin(line: KdLine, columns: Columns): Taken {
    this.end();
    this.columns = columns;
    this.#line = line;
    return this.fed;
  }

  end(): void {
    if (this.columns !== null && this.#line !== null) this.log.row(dumpModule, this.columns, this.#line);
    this.columns = null;
  }
}

export class ModuleList implements Reader {
  readonly #open: OpenModule;
  #isUnloaded = false;

  constructor(private readonly log: Log) {
    this.#open = new OpenModule(log);
  }

  take(line: KdLine): Taken {
    const { trimmed } = line;
    if (HEADER.test(trimmed) || UNLOADED.test(trimmed)) {
      this.end();
      this.#isUnloaded = UNLOADED.test(trimmed);
      return 'ignored';
    }
    const range = RANGE.exec(trimmed);
    if (range !== null) return this.#module(line, range);
    return this.#detail(trimmed) ?? (REMARK.test(trimmed) ? 'ignored' : 'unread');
  }

  end(): void {
    this.#open.end();
  }

  #module(line: KdLine, [, from, to, name, rest]: RegExpExecArray): Taken {
    const [base, end] = [parseAddress(from), parseAddress(to)];
    if (base === null || end === null || end <= base || end - base > MAX_SIZE) return 'unread';
    if (!this.#isUnloaded) this.log.modules.add(name, base, end);
    const columns: Columns = { name, base, end, isUnloaded: Number(this.#isUnloaded) };
    if (this.#isUnloaded) columns.image = name;
    if (rest !== undefined) {
      columns.timestampSeconds = secondsOf(rest);
      const image = IMAGE.exec(rest)?.[1];
      if (image !== undefined) columns.image = image;
    }
    return this.#open.begin(line, columns);
  }

  /** A line of `lmv` behind its module; null for another line. */
  #detail(trimmed: string): Taken | null {
    const { columns, fed } = this.#open;
    const detail = columns === null ? null : DETAIL.exec(trimmed);
    if (columns === null || detail === null) return null;
    const [, name, value] = detail;
    const key = name.toLowerCase();
    if (key === 'timestamp') {
      columns.timestampSeconds = secondsOf(value);
      return fed;
    }
    const column = COLUMNS.get(key);
    if (column === undefined) return null;
    columns[column] = value.trim();
    return fed;
  }
}

/** The seconds in a time stamp; null where it is none, but a hash or unavailable. */
function secondsOf(text: string): number | null {
  const digits = DATE.exec(text)?.[1];
  return digits === undefined ? null : hexNumber(digits);
}

// `         Module: example`, `     Time Stamp: 58ebe848 Mon Apr 10 13:17:12 2017`
const INFO = /^Loaded Module Info: \[(.{1,100})\]/i;
const INFO_FIELD = /^(Module|Base Address|Image Name|Time Stamp|Size):\s{1,9}(\S.{0,300})$/i;
const OTHER_FIELD =
  /^(?:Machine Type|CheckSum|Characteristics|Debug Data Dirs|CODEVIEW|Age|\?\?|POGO|ILTCG|VC_FEATURE|Image Type|Symbol Type|Compiler|Load Report|[A-Z]:\\)/i;
const STAMP = /^([0-9a-f]{8})\s{1,9}[A-Z][a-z]{2}\s{1,9}[A-Z][a-z]{2}\s/i;

export class LoadedModuleInfo implements Reader {
  readonly #open: OpenModule;

  constructor(log: Log) {
    this.#open = new OpenModule(log);
  }

  take(line: KdLine): Taken {
    const { trimmed } = line;
    const info = INFO.exec(trimmed);
    if (info !== null) return this.#open.begin(line, { name: info[1].trim(), isUnloaded: 0 });
    const { columns, fed } = this.#open;
    if (columns === null) return 'unread';
    const field = INFO_FIELD.exec(trimmed);
    if (field === null) return OTHER_FIELD.test(trimmed) ? 'ignored' : 'unread';
    fill(columns, field[1].toLowerCase(), field[2].trim());
    return fed;
  }

  end(): void {
    this.#open.end();
  }
}

function fill(columns: Columns, field: string, value: string): void {
  if (field === 'module') columns.name = value;
  else if (field === 'image name') columns.image = value;
  else if (field === 'base address') columns.base = addressIn(new RegExp(`^(${ADDRESS})`, 'i').exec(value)?.[1]);
  else if (field === 'time stamp') columns.timestampSeconds = hexNumber(STAMP.exec(value)?.[1] ?? '');
  else {
    const size = hexNumber(value);
    if (columns.base != null && size !== null) columns.end = columns.base + BigInt(size);
  }
}
