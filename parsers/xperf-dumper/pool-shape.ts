/**
 * Which columns of a pool event hold what. No public dumper text with pool events is known, so columns go by any name that
 * other tools and the event's own definition use:
 * `PoolAlloc,  TimeStamp,     Process Name ( PID),   ThreadID, CPU, Type,  Tag, Size, Address`
 */
import { columnKey, isFreeText } from './text-rows.js';

/** Index of each column; -1 where the event has none. */
export interface PoolShape {
  readonly operation: 'alloc' | 'free' | null;
  readonly columns: number;
  /** True where the last field runs to the end of the line, commas and all. */
  readonly lastIsText: boolean;
  readonly time: number;
  readonly process: number;
  readonly tid: number;
  readonly cpu: number;
  readonly type: number;
  readonly tag: number;
  readonly bytes: number;
  readonly address: number;
  /** Of events of session pool only. */
  readonly session: number;
}

// The surer names first: an event may have an `Address` of something else beside its `Entry`.
const TAG = ['pooltag', 'tag'];
const ADDRESS = [
  ...['entry', 'pooladdress', 'pooladdr', 'baseaddress', 'baseaddr', 'allocaddress', 'allocaddr', 'blockaddress'],
  ...['address', 'addr', 'pointer', 'ptr', 'block', 'base', 'va'],
];
const SIZE = ['numberofbytes', 'allocsize', 'poolsize', 'blocksize', 'size', 'sizeinbytes', 'bytes', 'length'];

/** True where an event's rows are pool events, if their columns allow. */
export const isPoolEvent = (name: string): boolean => name.startsWith('Pool');

/** The event's columns, or the names of those that it would need. */
export function poolShape(name: string, columns: readonly string[]): PoolShape | string {
  const keys = columns.map(columnKey);
  const first = (names: readonly string[]): number => {
    const found = names.find((wanted) => keys.includes(wanted));
    return found === undefined ? -1 : keys.indexOf(found);
  };
  const shape: PoolShape = {
    operation: operationOf(name),
    columns: columns.length,
    lastIsText: isFreeText(columns[columns.length - 1]) && !/\(\s*pid\)/i.test(columns[columns.length - 1]),
    time: keys.indexOf('timestamp'),
    process: first(['processname(pid)', 'process(pid)']),
    tid: first(['threadid', 'tid']),
    cpu: keys.indexOf('cpu'),
    type: first(['pooltype', 'type']),
    tag: first(TAG),
    bytes: first(SIZE),
    address: first(ADDRESS),
    session: /session/i.test(name) ? first(['sessionid', 'session']) : -1,
  };
  const lacks: string[] = [];
  if (shape.tag < 0) lacks.push('tag');
  if (shape.address < 0) lacks.push('address');
  if (shape.bytes < 0 && shape.operation !== 'free') lacks.push('size');
  return lacks.length > 0 ? lacks.join(' and ') : shape;
}

function operationOf(name: string): 'alloc' | 'free' | null {
  if (/free/i.test(name)) return 'free';
  return /alloc/i.test(name) ? 'alloc' : null;
}
