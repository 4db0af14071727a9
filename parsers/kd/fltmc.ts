/**
 * `fltmc`, `fltmc filters` and `fltmc instances`: no command of the debugger, but its output stands in debugger logs.
 * https://learn.microsoft.com/windows-hardware/drivers/ifs/development-and-testing-tools
 *
 *     Filter Name                     Num Instances    Altitude    Frame
 *     ------------------------------  -------------  ------------ -----
 *     ExampleLegacy                                    389998.99   <Legacy>
 *     ExampleMini                            3         328000         0
 *
 *     Filter                Volume Name                              Altitude        Instance Name       Frame   SprtFtrs  VlStatus
 *     --------------------  -------------------------------------  ------------  ----------------------  -----   --------  --------
 *     ExampleMini           C:                                        328000     Example Instance          0     00000003
 */
import type { Command, Reader, Taken } from './command.js';
import { Filters } from './filters.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';

const NAME = 'fltmc';

const HEADER = /^Filter Name\s{1,40}Num Instances\s{1,40}Altitude\s{1,40}Frame$/i;
const HEADER_OF_INSTANCES = /^Filter\s{1,40}Volume Name\s{1,60}Altitude\s{1,40}Instance Name\s{1,40}Frame\b/i;
const RULE = /^[-\s]{10,200}$/;
// `C:\Windows\system32>fltmc`
const TYPED = /^[A-Z]:\\[^<>|"]{0,200}>\s{0,9}fltmc(?:\.exe)?(?:\s|$)/i;
const OTHER_PROMPT = /^[A-Z]:\\[^<>|"]{0,200}>/i;
const ALTITUDE = '\\d{1,10}(?:\\.\\d{1,20})?';
const ROW = new RegExp(`^(\\S.{0,80}?)\\s{1,60}(\\d{1,6})\\s{1,40}(${ALTITUDE})\\s{1,40}(\\d{1,4})$`);
const LEGACY = new RegExp(`^(\\S.{0,80}?)\\s{1,60}(?:(\\d{1,6})\\s{1,40})?(${ALTITUDE})\\s{1,40}<Legacy>$`, 'i');
// Columns are two blanks apart; the volume may be missing.
const INSTANCE = new RegExp(
  `^(\\S.{0,80}?)\\s{2,60}(?:\\S.{0,200}?)?\\s{1,60}(${ALTITUDE})\\s{1,40}(\\S.{0,80}?)\\s{1,40}(\\d{1,4})(?:\\s|$)`,
);
const LIKE_A_ROW = new RegExp(`^\\S.{0,80}\\s${ALTITUDE}\\s`);

export const fltmc: Command = {
  name: NAME,
  // `.shell fltmc`, `!fltmc` of scripts
  isTyped: ({ name, args }) => name === NAME || (name === '.shell' && /\bfltmc\b/i.test(args)),
  begins: ({ trimmed }) => {
    if (trimmed.startsWith('Filter')) return HEADER.test(trimmed) || HEADER_OF_INSTANCES.test(trimmed);
    return trimmed[1] === ':' && TYPED.test(trimmed);
  },
  read: (log) => new Fltmc(log),
};

class Fltmc implements Reader {
  #table: 'filters' | 'instances' | null = null;
  readonly #filters = new Filters();

  constructor(private readonly log: Log) {}

  take(line: KdLine): Taken {
    const { trimmed } = line;
    const isFilters = HEADER.test(trimmed);
    if (isFilters || HEADER_OF_INSTANCES.test(trimmed)) return this.#header(isFilters ? 'filters' : 'instances');
    if (this.#table === null) return TYPED.test(trimmed) ? 'ignored' : 'unread';
    if (RULE.test(trimmed)) return 'ignored';
    if (OTHER_PROMPT.test(trimmed)) return 'over';
    return this.#row(line) ?? (LIKE_A_ROW.test(trimmed) ? this.#damaged(line) : 'over');
  }

  end(): void {
    this.#filters.write(this.log, this.#table === 'instances' ? 'instances' : 'all', 'as listed');
  }

  #header(table: 'filters' | 'instances'): Taken {
    if (this.#table !== null) return 'over';
    this.#table = table;
    return 'ignored';
  }

  #row(line: KdLine): Taken | null {
    const { trimmed } = line;
    const legacy = LEGACY.exec(trimmed);
    if (legacy !== null) {
      this.#filters.add({ name: legacy[1], altitude: legacy[3], frame: null, isLegacy: true }, null, line);
      return 'held';
    }
    const match = (this.#table === 'filters' ? ROW : INSTANCE).exec(trimmed);
    if (match === null) return null;
    const [, name, second, third, frame] = match;
    const [instances, altitude] = this.#table === 'filters' ? [Number(second), third] : [1, second];
    this.#filters.add({ name, altitude, frame: Number(frame), isLegacy: false }, instances, line);
    return 'held';
  }

  #damaged(line: KdLine): Taken {
    return this.log.skip('damaged-fltmc', 'rows of fltmc that cannot be read were skipped', line);
  }
}
