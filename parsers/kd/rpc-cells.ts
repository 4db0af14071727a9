/**
 * Tables of RPC state information: `!rpcexts.getcallinfo`, `getclientcallinfo`, `getendpointinfo` and `getthreadinfo`, and the
 * same of DbgRpc. All numbers are hex. https://learn.microsoft.com/windows-hardware/drivers/debugger/displaying-rpc-state-information
 *
 *     PID  CELL ID   ST PNO IFSTART  TIDNUMBER CALLFLAG CALLID   LASTTIME CONN/CLN
 *     ----------------------------------------------------------------------------
 *     0278 0000.0004 02 000 19bb5061 0000.0002 00000001 00000001 00072c09 0000.0003
 *     00c4 0000.0019 01 00b 82273fdc 0000.0002 00000009 00000000 00018b19 00d0.0104
 *
 *     PID  CELL ID   PNO  IFSTART  TIDNUMBER CALLID   LASTTIME PS CLTNUMBER ENDPOINT
 *     03d4 0000.0001 0000 19bb5061 0000.0000 00000001 0004ca9b 07 0000.0002 1118
 *
 *     PID  CELL ID   ST PROTSEQ        ENDPOINT
 *     0170 0000.0003 01            TCP 135
 *
 *     PID  CELL ID   ST TID      LASTTIME
 *     026c 0000.0002 01 000003c4 0004caa5
 */
import type { Row } from '../../src/core/schema.js';
import { dumpRpcCell } from '../../src/tables/dump-lock.js';
import type { Command, Reader, Taken } from './command.js';
import { plainHex } from './fed.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';

const NAMES = new Set(['!getcallinfo', '!getclientcallinfo', '!getendpointinfo', '!getthreadinfo', 'dbgrpc']);

type Cell = Partial<Row<typeof dumpRpcCell>>;

interface Layout {
  readonly header: RegExp;
  /** Behind PID and cell. */
  readonly row: RegExp;
  cell(fields: readonly string[]): Cell;
}

/**
 * Flag of a call that came by LRPC: the caller stands where else the connection's cell does. The flag may be missing; but cells
 * begin with 0, and ids of processes do not.
 */
const IS_LRPC = 8;
/** What a debug heap leaves in memory that was never written. */
const UNWRITTEN = 0xbaadf00d;

const CALL_STATUS = ['allocated', 'active', 'dispatched'];
const ENDPOINT_STATUS = ['allocated', 'active', 'inactive'];
const THREAD_STATUS = ['processing', 'dispatched', 'allocated', 'idle'];

const LAYOUTS: readonly Layout[] = [
  {
    header:
      /^ST\s{1,9}PNO\s{1,9}IFSTART\s{1,9}(?:TIDNUMBER|THRDCELL)\s{1,9}CALLFLAG\s{1,9}CALLID\s{1,9}LASTTIME\s{1,9}CONN/i,
    row: /^([0-9a-f]{1,2}) ([0-9a-f]{1,4}) ([0-9a-f]{1,8}) ([0-9a-f]{4}\.[0-9a-f]{4}) ([0-9a-f]{1,8}) ([0-9a-f]{1,8}) ([0-9a-f]{1,8}) ([0-9a-f]{4,8})\.([0-9a-f]{4,8})$/i,
    cell: ([status, procedure, start, thread, flags, call, time, left, right]) => ({
      kind: 'scall',
      status: CALL_STATUS[hex(status)] ?? null,
      procedure: hex(procedure),
      interfaceStart: interfaceOf(start),
      threadCell: cellOf(thread),
      callFlags: hex(flags),
      callId: hex(call) === UNWRITTEN ? null : hex(call),
      lastUpdateMs: hex(time),
      ...((hex(flags) & IS_LRPC) === 0 && hex(left) === 0
        ? { connectionCell: cellOf(`${left}.${right}`) }
        : { callerPid: hex(left), callerTid: hex(right) }),
    }),
  },
  {
    header:
      /^PNO\s{1,9}IFSTART\s{1,9}(?:TIDNUMBER|THRDCELL)\s{1,9}CALLID\s{1,9}LASTTIME\s{1,9}PS\s{1,9}CLTNUMBER\s{1,9}ENDPOINT/i,
    row: /^([0-9a-f]{1,4}) ([0-9a-f]{1,8}) ([0-9a-f]{4}\.[0-9a-f]{4}) ([0-9a-f]{1,8}) ([0-9a-f]{1,8}) ([0-9a-f]{1,2}) ([0-9a-f]{4}\.[0-9a-f]{4})(?: (\S.{0,60}))?$/i,
    cell: ([procedure, start, thread, call, time, protocol, , endpoint]) => ({
      kind: 'ccall',
      procedure: hex(procedure),
      interfaceStart: interfaceOf(start),
      threadCell: cellOf(thread),
      callId: hex(call) === UNWRITTEN ? null : hex(call),
      lastUpdateMs: hex(time),
      protocol,
      endpoint: endpoint ?? null,
    }),
  },
  {
    header: /^ST\s{1,9}PROTSEQ\s{1,40}ENDPOINT/i,
    row: /^([0-9a-f]{1,2})\s{1,40}(\S{1,20}) (\S.{0,60})$/i,
    cell: ([status, protocol, endpoint]) => ({
      kind: 'endpoint',
      status: ENDPOINT_STATUS[hex(status)] ?? null,
      protocol,
      endpoint,
    }),
  },
  {
    header: /^ST\s{1,9}TID\s{1,40}LASTTIME/i,
    row: /^([0-9a-f]{1,2}) ([0-9a-f]{1,8}) ([0-9a-f]{1,8})$/i,
    cell: ([status, tid, time]) => ({
      kind: 'thread',
      status: THREAD_STATUS[hex(status)] ?? null,
      tid: hex(tid),
      lastUpdateMs: hex(time),
    }),
  },
];

// Marks of a heading in front in some published logs.
const HEADER = /^(?:#{1,6}\s{1,9})?PID\s{1,9}CELL ID\s{1,9}/i;
const ROW = /^([0-9a-f]{4,8}) ([0-9a-f]{4}\.[0-9a-f]{4}) {1,9}/i;
const SOUND = /^(?:Searching for (?:call|endpoint|thread) info|-{10,200}$)/i;

const hex = (text: string): number => Number.parseInt(text, 16);
const interfaceOf = (text: string): string => text.toLowerCase().padStart(8, '0');

/** `0000.0019`, `0x0.19`: `0.19`; null for none. */
export function cellOf(text: string): string | null {
  const [left, right] = text.replace(/^0x/i, '').split('.');
  const cell = `${plainHex(left)}.${plainHex(right ?? '0')}`;
  return cell === '0.0' ? null : cell;
}

export const rpcCells: Command = {
  name: '!rpcexts',
  isTyped: ({ name }) => NAMES.has(name),
  begins: ({ trimmed }) => /^[#P]/.test(trimmed) && HEADER.test(trimmed) && layoutOf(trimmed) !== null,
  read: (log, typed) => new RpcCells(log, typed !== null),
};

function layoutOf(trimmed: string): Layout | null {
  const columns = trimmed.replace(HEADER, '');
  return LAYOUTS.find(({ header }) => header.test(columns)) ?? null;
}

class RpcCells implements Reader {
  #layout: Layout | null = null;

  constructor(
    private readonly log: Log,
    private readonly isTyped: boolean,
  ) {}

  take(line: KdLine): Taken {
    const { trimmed } = line;
    if (SOUND.test(trimmed)) return 'ignored';
    if (HEADER.test(trimmed)) {
      const layout = layoutOf(trimmed);
      if (layout !== null) this.#layout = layout;
      return layout === null ? 'unread' : 'ignored';
    }
    const place = this.#layout === null ? null : ROW.exec(trimmed);
    if (place === null) return this.isTyped ? 'unread' : 'over';
    return this.#row(place, line);
  }

  #row(place: RegExpExecArray, line: KdLine): Taken {
    const { row, cell } = this.#layout as Layout;
    // All but names in the last column are hex.
    const columns = line.trimmed.slice(place[0].length).replace(/ {2,99}/g, ' ');
    const fields = row.exec(columns)?.slice(1) ?? null;
    const found = fields === null ? null : cell(fields);
    if (found === null || Object.values(found).some((value) => Number.isNaN(value))) {
      return this.log.skip('damaged-rpc-cell', 'rows of RPC state information that cannot be read were skipped', line);
    }
    return this.log.row(dumpRpcCell, { pid: hex(place[1]), cell: cellOf(place[2]), ...found }, line);
  }
}
