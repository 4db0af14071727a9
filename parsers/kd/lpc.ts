/**
 * `!lpc`: messages and ports of LPC, up to Server 2003. https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-lpc
 *
 *     kd> !lpc message 0000acfd
 *     Searching message acfd in threads ...
 *         Server thread 89a80328 is working on message acfd
 *     Client thread 89d475a8 waiting a reply from acfd
 *     Searching thread 89d475a8 in port rundown queues ...
 *
 *     Server communication port 0xe12fc438
 *         Handles: 1   References: 1
 *         The LpcDataInfoChainHead queue is empty
 *             Connected port: 0xe5501c28      Server connection port: 0xe1640798
 *
 *     Client communication port 0xe5501c28
 *
 *     Server connection port e1640798  Name: ExamplePort
 *         Server process  : 899a0020 (svchost.exe)
 *         The message queue is empty
 *
 * The lines of the two threads stand in either order. A thread may be found at several ports: each gives a row of the message.
 */
import { dumpMessage, dumpPort } from '../../src/tables/dump-lock.js';
import type { Command, Reader, Taken } from './command.js';
import { fed, plainHex } from './fed.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import type { Typed } from './prompt.js';
import { ADDRESS, addressIn } from './values.js';

const NAME = '!lpc';
/** A summary of all messages names two threads each. */
const MAX_MESSAGES = 4096;
const MAX_PORTS = 64;

const SEARCHING = /^Searching message ([0-9a-f]{1,16}) in threads\b/i;
// `Server thread 89a80328 is working on message acfd`, `Client thread 89d475a8 waiting a reply from acfd`
const SERVER = new RegExp(`^Server thread (${ADDRESS}) is working on message (?:Id )?([0-9a-f]{1,16})\\b`, 'i');
const CLIENT = new RegExp(
  `^(?:Client )?thread (${ADDRESS}) (?:is )?waiting (?:for )?a reply (?:from|to|of) (?:message )?([0-9a-f]{1,16})\\b`,
  'i',
);
const SEARCHING_THREAD = new RegExp(`^Searching thread ${ADDRESS} in port rundown queues`, 'i');
// `Server communication port 0xe12fc438`, `Server connection port e1640798  Name: ExamplePort`
const PORT = new RegExp(
  `^((Server|Client) (communication|connection) port)\\s{1,9}(${ADDRESS})(?:\\s{1,9}Name:\\s{0,9}(.{0,200}))?$`,
  'i',
);
const CONNECTED = new RegExp(`^Connected port:\\s{0,9}(${ADDRESS})`, 'i');
const SERVER_PORT = new RegExp(`(?:^|\\s)Server connection port:\\s{0,9}(${ADDRESS})`, 'i');
const PROCESS = new RegExp(`^Server process\\s{0,9}:\\s{0,9}(${ADDRESS})(?:\\s{1,9}\\(([^)]{1,60})\\))?`, 'i');
// `The message queue is empty`, `The message queue contains 1 messages`
const QUEUE = /^The message queue (?:is empty|contains (\d{1,9}) messages?)/i;
// `0000 e20d9b80 - Busy  Id=0002249c  From: 0584.0680  Context=00000021  [e14ae248 . e14ae248]`
const QUEUED = new RegExp(
  `^[0-9a-f]{1,8} (${ADDRESS})(?: - (\\w{1,20}))?\\s{1,9}Id=([0-9a-f]{1,16})\\s{1,9}From:\\s{0,9}([0-9a-f]{1,8})\\.([0-9a-f]{1,8})\\b`,
  'i',
);
// `       3  Port: 0xe13d8830 Connection: 0xe141ef50  Communication: 0xe13d8910  'ExamplePort'`
const LISTED = new RegExp(
  `^[0-9a-f]{1,8}\\s{1,9}Port: (${ADDRESS})\\s{1,9}Connection: (${ADDRESS})\\s{1,9}Communication: (?:${ADDRESS})(?:\\s{1,9}'([^']{0,200})'?)?`,
  'i',
);
const SOUND =
  /^(?:Handles: |The LpcDataInfoChainHead queue|Queue semaphore\s{0,9}:|Semaphore state|Messages in queue:|Length=|Data: |Scanning \d{1,9} objects|Done\.|LPC is now emulated)/i;
// What a line that begins an output without a command looks like.
const MAY_BEGIN = /^(?:Searching |Server |Client |LPC is|[0-9a-f]{1,8}\s{1,9}Port: )/i;

interface Message {
  serverThread: bigint | null;
  clientThread: bigint | null;
  readonly line: KdLine;
}

/** Where a message may be queued: the two ends of a connection, and the port that it was made at. */
interface Connection {
  serverPort: bigint | null;
  clientPort: bigint | null;
  connectionPort: bigint | null;
  portName: string | null;
  serverProcess: bigint | null;
  serverImage: string | null;
}

interface Port {
  readonly address: bigint | null;
  readonly type: string;
  readonly name: string | null;
  connectionPort: bigint | null;
  ownerProcess: bigint | null;
  ownerImage: string | null;
  mainQueue: number | null;
  readonly line: KdLine;
}

export const lpc: Command = {
  name: NAME,
  isTyped: ({ name }) => name === NAME,
  begins: ({ trimmed }) => MAY_BEGIN.test(trimmed) && isFirst(trimmed),
  read: (log, typed) => new Lpc(log, typed),
};

const isFirst = (trimmed: string): boolean =>
  [SEARCHING, SERVER, CLIENT, SEARCHING_THREAD, PORT, PROCESS, LISTED].some((pattern) => pattern.test(trimmed));

class Lpc implements Reader {
  readonly #messages = new Map<string, Message>();
  /** Message whose ports follow. */
  #id: string | null;
  readonly #connections: Connection[] = [];
  #port: Port | null = null;

  constructor(
    private readonly log: Log,
    private readonly typed: Typed | null,
  ) {
    this.#id = messageOf(typed);
  }

  take(line: KdLine): Taken {
    const { trimmed } = line;
    if (SOUND.test(trimmed) || SEARCHING_THREAD.test(trimmed)) return 'ignored';
    const searching = SEARCHING.exec(trimmed);
    if (searching !== null) {
      this.#of(searching[1]);
      return 'ignored';
    }
    return this.#threads(line) ?? this.#ports(line) ?? (this.typed === null ? 'over' : 'unread');
  }

  end(): void {
    this.#writePort();
    this.#writeMessages();
  }

  #threads(line: KdLine): Taken | null {
    const server = SERVER.exec(line.trimmed);
    const client = server === null ? CLIENT.exec(line.trimmed) : null;
    const match = server ?? client;
    if (match === null) return null;
    const message = this.#message(plainHex(match[2]), line);
    if (server !== null) message.serverThread ??= addressIn(match[1]);
    else message.clientThread ??= addressIn(match[1]);
    return fed(this.log, dumpMessage);
  }

  #ports(line: KdLine): Taken | null {
    const { trimmed } = line;
    const port = PORT.exec(trimmed);
    if (port !== null) return this.#begin(port, line);
    const queue = QUEUE.exec(trimmed);
    if (queue !== null) {
      if (this.#port !== null) this.#port.mainQueue = Number(queue[1] ?? 0);
      return fed(this.log, dumpPort);
    }
    const queued = QUEUED.exec(trimmed);
    if (queued !== null) return this.#queued(queued, line);
    const listed = LISTED.exec(trimmed);
    if (listed !== null) return this.#listed(listed, line);
    return this.#ends(line);
  }

  /** `Connected port: … Server connection port: …` and `Server process : …`. */
  #ends(line: KdLine): Taken | null {
    const { trimmed } = line;
    const connected = CONNECTED.exec(trimmed);
    const server = SERVER_PORT.exec(trimmed);
    if (connected !== null || server !== null) {
      const connection = this.#connection();
      const peer = addressIn(connected?.[1]);
      if (peer !== null && this.#port?.type.startsWith('Client') === true) connection.serverPort = peer;
      else if (peer !== null) connection.clientPort = peer;
      if (server !== null) connection.connectionPort = addressIn(server[1]);
      if (server !== null && this.#port !== null) this.#port.connectionPort = addressIn(server[1]);
      return fed(this.log, dumpPort, dumpMessage);
    }
    const process = PROCESS.exec(trimmed);
    if (process === null) return null;
    const connection = this.#connection();
    connection.serverProcess = addressIn(process[1]);
    connection.serverImage = process[2] ?? null;
    if (this.#port !== null) this.#port.ownerProcess = connection.serverProcess;
    if (this.#port !== null) this.#port.ownerImage = connection.serverImage;
    if (this.#id !== null) this.#message(this.#id, line);
    return fed(this.log, dumpPort, dumpMessage);
  }

  #begin([, type, side, kind, address, name]: RegExpExecArray, line: KdLine): Taken {
    this.#writePort();
    const port = addressIn(address);
    const isConnection = kind.toLowerCase() === 'connection';
    const isServer = side.toLowerCase() === 'server';
    const connection = isServer && !isConnection ? this.#next() : this.#connection();
    if (isConnection) {
      connection.connectionPort = port;
      connection.portName = name?.trim() || null;
    } else if (isServer) connection.serverPort = port;
    else connection.clientPort = port;
    this.#port = {
      address: port,
      type,
      name: name?.trim() || null,
      connectionPort: isServer && !isConnection ? null : connection.connectionPort,
      ownerProcess: null,
      ownerImage: null,
      mainQueue: null,
      line,
    };
    if (this.#id !== null) this.#message(this.#id, line);
    return fed(this.log, dumpPort, dumpMessage);
  }

  #queued([, address, state, id, pid, tid]: RegExpExecArray, line: KdLine): Taken {
    const port = this.#port;
    return this.log.row(
      dumpMessage,
      {
        command: NAME,
        kind: 'lpc',
        id: plainHex(id),
        address: addressIn(address),
        state: state ?? null,
        connectionPort: port?.connectionPort ?? null,
        portName: port?.name ?? null,
        serverProcess: port?.ownerProcess ?? null,
        serverImage: port?.ownerImage ?? null,
        clientPid: Number.parseInt(pid, 16),
        clientTid: Number.parseInt(tid, 16),
      },
      line,
    );
  }

  #listed([, address, connection, name]: RegExpExecArray, line: KdLine): Taken {
    const row = { address: addressIn(address), connectionPort: addressIn(connection), name: name?.trim() || null };
    return this.log.row(dumpPort, { command: NAME, ...row }, line);
  }

  #of(id: string): void {
    const plain = plainHex(id);
    if (this.#id === plain) return;
    // The ports above are of another message.
    if (this.#connections.length > 0) this.#writeMessages();
    this.#id = plain;
  }

  #message(id: string, line: KdLine): Message {
    const known = this.#messages.get(id);
    if (known !== undefined) return known;
    if (this.#messages.size >= MAX_MESSAGES) this.#writeMessages();
    const message: Message = { serverThread: null, clientThread: null, line };
    this.#messages.set(id, message);
    this.#id ??= id;
    return message;
  }

  #connection(): Connection {
    return this.#connections.at(-1) ?? this.#next();
  }

  #next(): Connection {
    const none = { serverPort: null, clientPort: null, connectionPort: null };
    const connection = { ...none, portName: null, serverProcess: null, serverImage: null };
    if (this.#connections.length >= MAX_PORTS) this.#connections.pop();
    this.#connections.push(connection);
    return connection;
  }

  #writePort(): void {
    const port = this.#port;
    this.#port = null;
    if (port === null) return;
    const { line, ...row } = port;
    this.log.row(dumpPort, { command: NAME, ...row }, line);
  }

  #writeMessages(): void {
    for (const [id, { line, ...threads }] of this.#messages) {
      const connections = id === this.#id && this.#connections.length > 0 ? this.#connections : [{}];
      for (const connection of connections) {
        this.log.row(dumpMessage, { command: NAME, kind: 'lpc', id, ...threads, ...connection }, line);
      }
    }
    this.#messages.clear();
    this.#connections.length = 0;
  }
}

/** `!lpc message 0000acfd`. */
function messageOf(typed: Typed | null): string | null {
  const id = /^message\s{1,9}(?:0x)?([0-9a-f]{1,16})\b/i.exec(typed?.args ?? '')?.[1];
  return id === undefined || /^0+$/.test(id) ? null : plainHex(id);
}
