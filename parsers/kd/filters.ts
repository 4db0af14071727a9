/** Filters of the file system that an output lists, added up and written at its end as rows of `dump_filter`, from the top. */
import { dumpFilter } from '../../src/tables/dump-system.js';
import { countHeld } from './counted.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';

const MAX_FILTERS = 2000;

/** What an output lists: all filters (`fltmc`), those of the Filter Manager, or instances of some, by which their filters are known. */
export type FilterList = 'all' | 'minifilters' | 'instances';

export interface Filter {
  readonly name: string;
  /** As printed. */
  readonly altitude: string;
  /** Null for a legacy filter, or not known. */
  readonly frame: number | null;
  readonly isLegacy: boolean;
}

interface Listed extends Filter {
  instances: number | null;
  lines: number;
  readonly line: KdLine;
}

export class Filters {
  readonly #listed = new Map<string, Listed>();
  #tooMany = 0;

  /** A line about a filter; `instances` are added to those that were seen before. */
  add(filter: Filter, instances: number | null, line: KdLine): void {
    const key = `${filter.name}\n${filter.altitude}\n${filter.frame}`;
    const known = this.#listed.get(key);
    if (known !== undefined) {
      known.lines++;
      if (instances !== null) known.instances = (known.instances ?? 0) + instances;
    } else if (this.#listed.size < MAX_FILTERS) this.#listed.set(key, { ...filter, instances, lines: 1, line });
    else this.#tooMany++;
  }

  /** Writes the rows: as listed, or by frame and altitude where the list is one of volumes. */
  write(log: Log, list: FilterList, order: 'as listed' | 'by altitude'): void {
    const rows = [...this.#listed.values()];
    if (order === 'by altitude') rows.sort(fromTheTop);
    const run = rows.length === 0 ? 0 : log.nextOf('list of filters');
    for (const { name, altitude, frame, isLegacy, instances, lines, line } of rows) {
      const values = { run, list, name, altitude, frame, isLegacy: isLegacy ? 1 : 0, instances };
      countHeld(log, lines, log.row(dumpFilter, values, line));
    }
    countHeld(log, this.#tooMany, 'ignored');
    this.#listed.clear();
    this.#tooMany = 0;
  }
}

const fromTheTop = (a: Listed, b: Listed): number =>
  (b.frame ?? 0) - (a.frame ?? 0) || Number(b.altitude) - Number(a.altitude) || a.line.line - b.line.line;
