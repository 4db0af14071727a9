/**
 * `!rpcexts.getdbgcell` (and `dbgrpc -l`): one cell of RPC state information, in words.
 * https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-rpcexts-getdbgcell
 *
 *     0:001> !rpcexts.getdbgcell 278 0.4
 *     Getting cell info ...
 *     Call
 *     Status: Dispatched
 *     Procedure Number: 11
 *     Interface UUID start (first DWORD only): 19BB5061
 *     Call ID: 0x1 (1)
 *     Servicing thread identifier: 0x0.2
 *     Call Flags: cached, LRPC
 *     Last update time (in seconds since boot):470.25 (0x1D6.19)
 *     Caller (PID/TID) is: d0.1ac (208.428)
 *
 * Behind the point stand milliseconds, without zeros in front: 470.25 is 470 s and 25 ms.
 */
import type { Row } from '../../src/core/schema.js';
import { dumpRpcCell } from '../../src/tables/dump-lock.js';
import { dumpFact } from '../../src/tables/dump-system.js';
import type { Command, Reader, Taken } from './command.js';
import { fed } from './fed.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import { cellOf } from './rpc-cells.js';
import { hexNumber } from './values.js';

const NAME = '!getdbgcell';

type Cell = { -readonly [K in keyof Row<typeof dumpRpcCell>]?: Row<typeof dumpRpcCell>[K] };

const BEGIN = /^Getting cell info\b/i;
const SOUND = /^Getting (?:cell|endpoint) info\b/i;
// `D:\>dbgrpc -l -P 278 -L 0.2`
const SHELL = /^[A-Z]:\\[^>]{0,200}>\s{0,9}dbgrpc\s(.{1,200})$/i;
const KINDS: Readonly<Record<string, string>> = {
  call: 'scall',
  'server call': 'scall',
  'client call': 'ccall',
  'client call info': 'ccall',
  thread: 'thread',
  connection: 'connection',
  endpoint: 'endpoint',
};
// `Last update time (in seconds since boot):470.25 (0x1D6.19)`, `Process object for caller is 0xFF9DF5F0`
const FIELD = /^([A-Z][A-Z /]{0,60}?)(?:\s{1,9}\([^)]{1,40}\))?(?:\s{1,9}is)?(?::|(?<=\sis)\s)\s{0,9}(.{0,200})$/i;
const SECONDS = /^(\d{1,10})\.(\d{1,3})\b/;
const IDS = /^([0-9a-f]{1,8})\.([0-9a-f]{1,8})\b/i;
const CELL = /^(?:0x)?[0-9a-f]{1,4}\.[0-9a-f]{1,4}\b/i;
const FLAGS: Readonly<Record<string, number>> = { cached: 1, async: 2, pipe: 4, lrpc: 8 };

export const rpcCell: Command = {
  name: NAME,
  isTyped: ({ name }) => name === NAME,
  begins: ({ trimmed }) => (trimmed.startsWith('Getting ') && BEGIN.test(trimmed)) || isShell(trimmed),
  read: (log, typed) => new RpcCell(log, typed?.args ?? null),
};

const isShell = (trimmed: string): boolean => trimmed.startsWith(':', 1) && SHELL.test(trimmed);

class RpcCell implements Reader {
  #cell: Cell = {};
  #line: KdLine | null = null;
  /** Process and cell that were asked for. */
  #asked: Cell = {};
  readonly #facts: [name: string, value: string, line: KdLine][] = [];

  constructor(
    private readonly log: Log,
    private readonly args: string | null,
  ) {
    if (args !== null) this.#ask(/^([0-9a-f]{1,8})\s{1,9}(\S{1,20})/i.exec(args));
  }

  take(line: KdLine): Taken {
    const { trimmed } = line;
    const shell = SHELL.exec(trimmed);
    if (shell !== null) {
      this.end();
      this.#ask(/-P\s{1,9}([0-9a-f]{1,8})\s{1,9}-L\s{1,9}(\S{1,20})/i.exec(shell[1]));
      return 'ignored';
    }
    if (SOUND.test(trimmed)) return 'ignored';
    const kind = KINDS[trimmed.toLowerCase()];
    if (kind !== undefined && this.#line === null) {
      this.#line = line;
      this.#cell = { ...this.#asked, kind };
      return fed(this.log, dumpRpcCell);
    }
    const field = this.#line === null ? null : FIELD.exec(trimmed);
    if (field === null) return this.args === null ? 'over' : 'unread';
    return this.#field(field[1].toLowerCase(), field[2].trim(), line);
  }

  end(): void {
    const [cell, line] = [this.#cell, this.#line];
    this.#line = null;
    if (line === null) return;
    this.log.row(dumpRpcCell, cell, line);
    const pid = cell.pid === null || cell.pid === undefined ? '' : ` 0x${cell.pid.toString(16)}`;
    for (const [name, value, at] of this.#facts.splice(0)) {
      this.log.row(dumpFact, { subject: `rpc cell${pid} ${cell.cell ?? ''}`.trim(), name, value }, at);
    }
  }

  #ask(match: RegExpExecArray | null): void {
    if (match === null) return;
    this.#asked = { pid: hexNumber(match[1]), cell: CELL.test(match[2]) ? cellOf(match[2].toLowerCase()) : null };
  }

  #field(name: string, value: string, line: KdLine): Taken {
    const fact = FACTS[name];
    if (fact !== undefined && this.#facts.length < 20) this.#facts.push([fact, value, line]);
    const set = FIELDS[name];
    set?.(this.#cell, value);
    if (fact !== undefined) return fed(this.log, dumpFact);
    return set === undefined ? 'ignored' : fed(this.log, dumpRpcCell);
  }
}

/** What a connection says that has no column. */
const FACTS: Readonly<Record<string, string>> = {
  'endpoint for the connection': 'endpointCell',
  'process object for caller': 'callerProcess',
};

const FIELDS: Readonly<Record<string, (cell: Cell, value: string) => void>> = {
  status: (cell, value) => {
    cell.status = value.toLowerCase();
  },
  'procedure number': (cell, value) => {
    cell.procedure = /^\d{1,9}/.test(value) ? Number.parseInt(value, 10) : null;
  },
  'interface uuid start': (cell, value) => {
    cell.interfaceStart = /^[0-9a-f]{1,8}$/i.test(value) ? value.toLowerCase().padStart(8, '0') : null;
  },
  'call id': (cell, value) => {
    cell.callId = hexNumber(value.split(' ')[0]);
  },
  'servicing thread identifier': (cell, value) => {
    cell.threadCell = cellIn(value);
  },
  'owning connection identifier': (cell, value) => {
    cell.connectionCell = cellIn(value);
  },
  'call flags': (cell, value) => {
    const words = value.toLowerCase().split(/[\s,]{1,9}/);
    cell.callFlags = words.reduce((flags, word) => flags | (FLAGS[word] ?? 0), 0);
  },
  'last update time': setTime,
  'last send time': setTime,
  'last receive time': setTime,
  caller: (cell, value) => {
    const ids = IDS.exec(value);
    cell.callerPid = ids === null ? null : hexNumber(ids[1]);
    cell.callerTid = ids === null ? null : hexNumber(ids[2]);
  },
  'thread id': (cell, value) => {
    cell.tid = hexNumber(value.split(' ')[0]);
  },
  'protocol sequence': (cell, value) => {
    cell.protocol = unquoted(value);
  },
  endpoint: (cell, value) => {
    cell.endpoint = unquoted(value);
  },
  'endpoint name': (cell, value) => {
    cell.endpoint = unquoted(value);
  },
};

/** Of a connection the later of two times. */
function setTime(cell: Cell, value: string): void {
  const match = SECONDS.exec(value);
  if (match !== null) cell.lastUpdateMs = Math.max(cell.lastUpdateMs ?? 0, msOf(match[1], match[2]));
}

export const msOf = (seconds: string, ms: string): number => Number(seconds) * 1000 + Number(ms);

const cellIn = (text: string): string | null => {
  const cell = CELL.exec(text)?.[0];
  return cell === undefined ? null : cellOf(cell.toLowerCase());
};

/** Without quotes around it; null for nothing. */
export const unquoted = (text: string): string | null => text.replace(/^"(.{0,300}?)".*$/, '$1').trim() || null;
