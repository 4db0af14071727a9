/**
 * `!rpcexts.rpcreadstack`: a client call read off its stack, and `!rpcexts.rpctime`.
 * https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-rpcexts-rpcreadstack
 *
 *     0:001> !rpcexts.rpcreadstack 68fba0
 *     CallID: 1
 *     IfStart: 19bb5061
 *     ProcNum: 0
 *             Protocol Sequence:      "ncacn_ip_tcp"  (Address: 00692ED8)
 *             NetworkAddress: ""      (Address: 00692F38)
 *             Endpoint:       "1120"  (Address: 00693988)
 *
 *     0:001> !rpcexts.rpctime
 *     Current time is: 059931.126  (0x00ea1b.07e)
 *     Current time is: 6003, 422
 */
import { dumpRpcCell } from '../../src/tables/dump-lock.js';
import { dumpFact } from '../../src/tables/dump-system.js';
import type { Command, Reader, Taken } from './command.js';
import { fed } from './fed.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import { msOf, unquoted } from './rpc-cell.js';
import { hexNumber } from './values.js';

const READ_STACK = '!rpcreadstack';
const TIME = '!rpctime';

const CALL = /^CallID:\s{0,40}(?:0x)?([0-9a-f]{1,8})$/i;
const FIELD = /^(IfStart|ProcNum|Protocol Sequence|NetworkAddress|Network Address|Endpoint):\s{0,40}(.{1,300})$/i;
const NOW = /^Current time is:\s{0,9}(\d{1,10})(?:\.|,\s{0,9})(\d{1,3})(?:\s|$)/i;

export const rpcReadStack: Command = {
  name: READ_STACK,
  isTyped: ({ name }) => name === READ_STACK,
  begins: ({ trimmed }) => trimmed.startsWith('CallID:') && CALL.test(trimmed),
  read: (log, typed) => new ReadStack(log, typed !== null),
};

class ReadStack implements Reader {
  #line: KdLine | null = null;
  readonly #fields = new Map<string, string>();

  constructor(
    private readonly log: Log,
    private readonly isTyped: boolean,
  ) {}

  take(line: KdLine): Taken {
    const call = CALL.exec(line.trimmed);
    if (call !== null) this.end();
    const match = call ?? (this.#line === null && !this.isTyped ? null : FIELD.exec(line.trimmed));
    if (match === null) return this.isTyped ? 'unread' : 'over';
    this.#line ??= line;
    if (call !== null) this.#fields.set('callid', call[1]);
    else this.#fields.set(match[1].toLowerCase().replace(' ', ''), match[2]);
    return fed(this.log, dumpRpcCell);
  }

  end(): void {
    const line = this.#line;
    this.#line = null;
    if (line === null) return;
    const value = (name: string) => this.#fields.get(name) ?? '';
    const start = value('ifstart').toLowerCase();
    this.log.row(
      dumpRpcCell,
      {
        kind: 'client-stack',
        callId: hexNumber(value('callid')),
        interfaceStart: /^[0-9a-f]{1,8}$/.test(start) ? start.padStart(8, '0') : null,
        procedure: hexNumber(value('procnum')),
        protocol: unquoted(value('protocolsequence')),
        endpoint: unquoted(value('endpoint')),
        server: unquoted(value('networkaddress')),
      },
      line,
    );
    this.#fields.clear();
  }
}

export const rpcTime: Command = {
  name: TIME,
  isTyped: ({ name }) => name === TIME,
  begins: () => false,
  read: (log) => new RpcTime(log),
};

class RpcTime implements Reader {
  constructor(private readonly log: Log) {}

  take(line: KdLine): Taken {
    const match = NOW.exec(line.trimmed);
    if (match === null) return 'unread';
    const fact = { subject: 'system', name: 'rpcTimeMs', value: line.trimmed.replace(/^.{0,20}is:\s{0,9}/, '') };
    return this.log.row(dumpFact, { ...fact, number: msOf(match[1], match[2]) }, line);
  }
}
