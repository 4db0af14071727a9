/**
 * `!alpc /lpc` and `!alpc /lpp`: connections of a port, and ports of a process.
 *
 *     0: kd> !alpc /lpc fffffa8004dc2090
 *     Port @fffffa8004dc2090 has 14 connections
 *     SRV:fffffa8004809c50 (m:0, p:0, l:0) <-> CLI:fffffa8004809e60 (m:0, p:0, l:0), Process=fffffa8004ffcb30 ('example.exe')
 *
 *     0: kd> !alpc /lpp fffffa800502db30
 *     Ports created by the process fffffa800502db30:
 *       fffffa8004dc2090('ExamplePort') 0, 14 connections
 *         fffffa8004809c50 0 ->fffffa8004809e60 0 fffffa8004ffcb30('example.exe')
 *     Ports the process fffffa800502db30 is connected to:
 *       fffffa80048afc10 0 -> fffffa8004ec5cc0('OtherPort') 0 fffffa8002b4db30('other.exe')
 *
 * Debuggers since Windows 10 print the layout of /lpp for /lpc too.
 */
import { dumpPort, dumpPortConnection } from '../../src/tables/dump-lock.js';
import type { Command, Reader, Taken } from './command.js';
import { fed } from './fed.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import { ADDRESS, addressIn } from './values.js';

const NAME = '!alpc';

const QUEUES = '\\(m:(\\d{1,9}), p:(\\d{1,9}), l:(\\d{1,9})\\)';
const IMAGE = '\\(\\s{0,9}[\'"]([^\'"]{0,200})[\'"]\\s{0,9}\\)';
// `Port @fffffa8004dc2090 has 14 connections`
const HAS = new RegExp(`^Port\\s{1,9}@?\\s{0,9}(${ADDRESS}) has (\\d{1,9}) connections?`, 'i');
const PAIR = new RegExp(`^SRV:(${ADDRESS}) ${QUEUES} <-> CLI:(${ADDRESS}) ${QUEUES}`, 'i');
// Behind a pair, or in a line of its own
const PROCESS = new RegExp(`(?:^|,\\s{0,9})Process=(${ADDRESS})\\s{0,9}${IMAGE}`, 'i');
const CREATED = new RegExp(`^Ports created by the process (${ADDRESS})`, 'i');
const CONNECTED_TO = new RegExp(`^Ports the process (${ADDRESS}) is connected to`, 'i');
// `fffffa8004dc2090('ExamplePort') 0, 14 connections`
const PORT = new RegExp(`^(${ADDRESS})\\s{0,9}${IMAGE}\\s{1,9}\\d{1,9}[,.]\\s{0,9}(\\d{1,9}) connections?`, 'i');
// `fffffa8004809c50 0 ->fffffa8004809e60 0 fffffa8004ffcb30('example.exe')`
const OF_PORT = new RegExp(
  `^(${ADDRESS}) (\\d{1,9}) {0,9}-> {0,9}(${ADDRESS}) (\\d{1,9}) {1,9}(${ADDRESS})\\s{0,9}${IMAGE}`,
  'i',
);
// `fffffa80048afc10 0 -> fffffa8004ec5cc0('OtherPort') 0 fffffa8002b4db30('other.exe')`
const TO_PORT = new RegExp(
  `^(${ADDRESS}) (\\d{1,9}) {0,9}-> {0,9}(${ADDRESS})\\s{0,9}${IMAGE} (\\d{1,9}) {1,9}(${ADDRESS})\\s{0,9}${IMAGE}`,
  'i',
);

export const alpcConnections: Command = {
  name: '!alpc /lpc',
  isTyped: ({ name, args }) => name === NAME && /^\/lp/i.test(args),
  begins: ({ trimmed }) => begins(trimmed),
  read: (log, typed) => new Connections(log, typed !== null),
};

function begins(trimmed: string): boolean {
  if (trimmed.startsWith('SRV:')) return PAIR.test(trimmed);
  return trimmed.startsWith('Port') && (HAS.test(trimmed) || CREATED.test(trimmed) || CONNECTED_TO.test(trimmed));
}

class Connections implements Reader {
  #port: bigint | null = null;
  /** Process whose ports are listed. */
  #process: bigint | null = null;
  /** A pair whose process may stand in the next line. */
  #pair: RegExpExecArray | null = null;
  #pairLine: KdLine | null = null;

  constructor(
    private readonly log: Log,
    private readonly isTyped: boolean,
  ) {}

  take(line: KdLine): Taken {
    const { trimmed } = line;
    const process = PROCESS.exec(trimmed);
    const pair = PAIR.exec(trimmed);
    if (pair !== null) return this.#connection(pair, process, line);
    if (process !== null && this.#pair !== null) {
      this.#write(process);
      return fed(this.log, dumpPortConnection);
    }
    const taken = this.#ports(line);
    return taken ?? (this.isTyped ? 'unread' : 'over');
  }

  end(): void {
    this.#write(null);
  }

  #ports(line: KdLine): Taken | null {
    const { trimmed } = line;
    const has = HAS.exec(trimmed);
    if (has !== null) return this.#portRow(has[1], null, has[2], line);
    const created = CREATED.exec(trimmed);
    const connected = CONNECTED_TO.exec(trimmed);
    if (created !== null || connected !== null) {
      this.#process = addressIn((created ?? connected)?.[1]);
      this.#port = null;
      return 'ignored';
    }
    const port = PORT.exec(trimmed);
    if (port !== null) return this.#portRow(port[1], port[2], port[3], line);
    const to = TO_PORT.exec(trimmed);
    if (to !== null) return this.#toPort(to, line);
    const of = OF_PORT.exec(trimmed);
    if (of === null) return null;
    const [, server, serverMain, client, clientMain, process, image] = of;
    return this.log.row(
      dumpPortConnection,
      {
        connectionPort: this.#port,
        serverPort: addressIn(server),
        clientPort: addressIn(client),
        process: addressIn(process),
        image,
        serverMain: Number(serverMain),
        clientMain: Number(clientMain),
      },
      line,
    );
  }

  #portRow(address: string, name: string | null, connections: string, line: KdLine): Taken {
    this.#write(null);
    this.#port = addressIn(address);
    const row = { address: this.#port, name: name || null, ownerProcess: this.#process };
    return this.log.row(dumpPort, { command: NAME, ...row, connections: Number(connections) }, line);
  }

  /** A port of another process that the listed one is connected to. */
  #toPort([, client, clientMain, port, name, , owner, image]: RegExpExecArray, line: KdLine): Taken {
    const address = addressIn(port);
    const ownerRow = { ownerProcess: addressIn(owner), ownerImage: image || null };
    this.log.row(dumpPort, { command: NAME, address, name: name || null, ...ownerRow }, line);
    const row = { connectionPort: address, clientPort: addressIn(client), process: this.#process };
    return this.log.row(dumpPortConnection, { ...row, clientMain: Number(clientMain) }, line);
  }

  #connection(pair: RegExpExecArray, process: RegExpExecArray | null, line: KdLine): Taken {
    this.#write(null);
    this.#pair = pair;
    this.#pairLine = line;
    if (process !== null) this.#write(process);
    return fed(this.log, dumpPortConnection);
  }

  #write(process: RegExpExecArray | null): void {
    const [pair, line] = [this.#pair, this.#pairLine];
    this.#pair = null;
    if (pair === null || line === null) return;
    const [serverMain, serverPending, serverLarge] = pair.slice(2, 5).map(Number);
    const [clientMain, clientPending, clientLarge] = pair.slice(6, 9).map(Number);
    this.log.row(
      dumpPortConnection,
      {
        connectionPort: this.#port,
        serverPort: addressIn(pair[1]),
        clientPort: addressIn(pair[5]),
        process: addressIn(process?.[1]),
        image: process?.[2] ?? null,
        serverMain,
        serverPending,
        serverLarge,
        clientMain,
        clientPending,
        clientLarge,
      },
      line,
    );
  }
}
