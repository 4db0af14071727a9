/** Cells that are no times: kinds, names, whole numbers. */

import type { CsvRecord } from '../../src/core/csv.js';
import type { Output } from '../../src/core/parser.js';
import { formatAddress, isAddress, parseAddress } from '../../src/core/symbol.js';
import { cell } from '../wpa/cells.js';
import type { Header } from './headers.js';

/** `Type` is `DPC` or `Interrupt`; without it, `DPC Type` is blank for an ISR. */
export function kindOf(header: Header, record: CsvRecord, out: Output): 'DPC' | 'ISR' | null {
  const type = cell(header, record, 'type').toLowerCase();
  if (/^dpc/.test(type)) return 'DPC';
  if (/^(interrupt|isr|unterbrechung)/.test(type)) return 'ISR';
  if (header.at.has('type') && type !== '') {
    const example = cell(header, record, 'type');
    out.diagnostics.add('type-unknown', 'warning', 'neither DPC nor interrupt: the kind stays unknown', {
      line: record.line,
      example,
    });
    return null;
  }
  if (!header.at.has('dpcType')) return null;
  return cell(header, record, 'dpcType') === '' ? 'ISR' : 'DPC';
}

/**
 * The kernel event, as far as WPA tells: `DPC Type` is `Regular`, `Timer` or (not documented) `Threaded`; a message
 * index above 0 belongs to a message-signalled interrupt, a blank or negative one does not, and 0 can be either.
 */
export function eventOf(
  kind: 'DPC' | 'ISR' | null,
  dpcType: string,
  hasIndex: boolean,
  index: number | null,
): string | null {
  if (kind === 'DPC') {
    if (/^regular|^normal/i.test(dpcType)) return 'DPC';
    if (/^timer/i.test(dpcType)) return 'TimerDPC';
    return /^thread/i.test(dpcType) ? 'ThreadedDPC' : null;
  }
  if (kind === null || !hasIndex || index === 0) return null;
  return index === null || index < 0 ? 'ISR' : 'ISR-MSI';
}

const UNRESOLVED = new Set(['', 'unknown', '"unknown"', '<unknown>', '?', 'n/a', '-']);
const resolved = (text: string): string | null => (UNRESOLVED.has(text.toLowerCase()) || isAddress(text) ? null : text);

interface Names {
  readonly module: string | null;
  readonly fn: string | null;
  readonly routine: string | null;
  readonly address: bigint;
}

/** `Function` is `module!function` or the function alone. */
export function namesOf(header: Header, record: CsvRecord): Names {
  const fnCell = cell(header, record, 'fn');
  const bang = fnCell.indexOf('!');
  const fn = resolved(fnCell.slice(bang + 1));
  const module = resolved(cell(header, record, 'module')) ?? (bang < 0 ? null : resolved(fnCell.slice(0, bang)));
  const printed = cell(header, record, 'address');
  const place = printed !== '' ? printed : isAddress(fnCell.slice(bang + 1)) ? fnCell.slice(bang + 1) : '';
  const address = parseAddress(place) ?? 0n;
  const last = fn ?? formatAddress(address);
  const routine = last === null ? null : module === null ? last : `${module}!${last}`;
  return { module, fn, routine, address };
}

/** Counts may be grouped, and never have a fraction. */
export function countOf(header: Header, record: CsvRecord): number | null {
  const digits = cell(header, record, 'count').replace(/[\s.,'’\u00a0\u202f]/g, '');
  return /^\d{1,15}$/.test(digits) ? Number(digits) : null;
}
