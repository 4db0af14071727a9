/** The columns that the header line names. */

export const MAX_COLUMNS = 64;

/** Index of each fixed column among a record's fields, -1 where the file has none; User Data is what follows them. */
export interface Columns {
  readonly fixed: number;
  readonly name: number;
  readonly type: number;
  readonly id: number;
  readonly version: number;
  readonly level: number;
  readonly opcode: number;
  readonly task: number;
  readonly keyword: number;
  readonly pid: number;
  readonly tid: number;
  readonly cpu: number;
  readonly clock: number;
}

// `  Event Name,       Type,     Event ID, …,           Clock-Time, Kernel(ms),   User(ms), User Data`
// Windows XP and 2003 had fewer: `Event Name, Type, TID, Clock-Time, Kernel(ms), User(ms), User Data`.
export function columnsOf(header: string): Columns | null {
  const names = header.split(',', MAX_COLUMNS).map((name) => name.trim().replace(/^"|"$/g, '').toLowerCase());
  const fixed = names.filter((name) => name !== 'user data');
  const at = (name: string): number => fixed.indexOf(name);
  if (at('event name') < 0 || at('type') < 0 || at('clock-time') < 0) return null;
  return {
    fixed: fixed.length,
    name: at('event name'),
    type: at('type'),
    id: at('event id'),
    version: at('version'),
    level: at('level'),
    opcode: at('opcode'),
    task: at('task'),
    keyword: at('keyword'),
    pid: at('pid'),
    tid: at('tid'),
    cpu: at('processor number'),
    clock: at('clock-time'),
  };
}
