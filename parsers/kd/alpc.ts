/**
 * `!alpc /m` and `!alpc /p`: messages and ports of ALPC, from Vista on.
 *
 *     0: kd> !alpc /m fffff8800f4cc950
 *     Message @ fffff8800f4cc950
 *       MessageID             : 0x0BFC (3068)
 *       OwnerPort             : fffffa8018a95e60 [ALPC_CLIENT_COMMUNICATION_PORT]
 *       WaitingThread         : fffffa801afae6f0
 *       QueueType             : ALPC_MSGQUEUE_PENDING
 *       QueuePort             : fffffa8017dbb060 [ALPC_CONNECTION_PORT]
 *       QueuePortOwnerProcess : fffffa801807b8f0 (svchost.exe)
 *       ServerThread          : fffffa801aeec060
 *
 *     0: kd> !alpc /p ffffc48d8895de20
 *     Port @ ffffc48d8895de20
 *       Type                      : ALPC_CONNECTION_PORT
 *         ConnectionPort          : ffffc48d8895de20 (ExamplePort)
 *       OwnerProcess              : ffffc48d86b00640 (example.exe)
 *       SequenceNo                : 0x00000005 (5)
 *
 *       1 thread(s) are registered with port IO completion object:
 *         THREAD ffffc48d8895b080  Cid 01d8.0208  Teb: 00000063218f8000 Win32Thread: 0000000000000000 WAIT
 *       Main queue is empty.
 *       Pending queue has 1 message(s)
 *         fffff8a00dbc6650 00000bfc 00000000000003b0:0000000000002ec0 0000000000000000 fffffa8009db7160 LPC_REQUEST
 */
import { dumpMessage, dumpPort } from '../../src/tables/dump-lock.js';
import { dumpThread } from '../../src/tables/dump-thread.js';
import type { Command, Reader, Taken } from './command.js';
import { fed, plainHex } from './fed.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import { ADDRESS, addressIn, hexNumber } from './values.js';

const NAME = '!alpc';
const MAX_FIELDS = 100;

// `Message @ fffff8800f4cc950`, `Port @ …`; the sign is lost in some published logs
const FIRST = new RegExp(`^(Message|Port)\\s{1,9}(?:@\\s{0,9})?(${ADDRESS})$`, 'i');
// `QueuePortOwnerProcess : fffffa801807b8f0 (svchost.exe)`
const FIELD = /^([A-Z]\w{1,40})\s{0,40}:\s{0,9}(.{0,200})$/i;
const VALUE = new RegExp(`^(${ADDRESS})(?:\\s{1,9}[([]([^)\\]]{1,200})[)\\]])?`, 'i');
const NUMBER = /^0x([0-9a-f]{1,16})\b/i;
// `Main queue is empty.`, `Pending queue has 35 message(s)`
const QUEUE = /^(Main|Direct message|Large message|Pending|Cancell?ed)( queue) (?:is empty|has (\d{1,9}) message)/i;
// `fffff8a00dbc6650 00000bfc 00000000000003b0:0000000000002ec0 …`
const QUEUED = new RegExp(
  `^(${ADDRESS})\\s{1,9}([0-9a-f]{1,8})\\s{1,9}([0-9a-f]{1,16}):([0-9a-f]{1,16})(?:\\s|$)`,
  'i',
);
// `2 thread(s) are waiting on the port:`
const THREADS = /^(?:\d{1,9} thread\(s\) are |No threads? )/i;
// `THREAD ffffc48d8895b080  Cid 01d8.0208  Teb: 00000063218f8000 Win32Thread: 0000000000000000 WAIT`
const THREAD = new RegExp(
  `^THREAD (${ADDRESS})\\s{1,9}Cid ([0-9a-f]{1,8})\\.([0-9a-f]{1,8})\\s{1,9}Teb: (${ADDRESS})(?:\\s{1,9}Win32Thread:\\s{0,9}(${ADDRESS})?)?(?:\\s{1,9}([A-Z]{4,20}))?$`,
  'i',
);

/** Fields that end no output which stands without its command. */
const KNOWN = new Set(
  `type communicationinfo connectionport clientcommunicationport servercommunicationport ownerprocess sequenceno completionport
  completionlist messagezone connectionpending connectionrefused disconnected closed flushonclose returnextendedinfo waitable
  security wow64completionlist messageid callbackid sequencenumber datalength totallength canceled release replywaitreply
  continuation ownerport waitingthread queuetype queueport queueportownerprocess serverthread quotacharged cancelqueueport
  cancelsequenceport cancelsequencenumber clientcontext servercontext portcontext cancelportcontext securitydata view handledata
  directevent`.split(/\s+/),
);

export const alpc: Command = {
  name: NAME,
  // Its other switches have outputs of their own.
  isTyped: ({ name, args }) => name === NAME && !/^\/lp/i.test(args),
  begins: ({ trimmed }) => /^[MP]/.test(trimmed) && FIRST.test(trimmed),
  read: (log, typed) => new Alpc(log, typed !== null),
};

interface Open {
  readonly isPort: boolean;
  readonly address: bigint | null;
  readonly fields: Map<string, string>;
  readonly queues: Map<string, number>;
  readonly line: KdLine;
}

class Alpc implements Reader {
  #open: Open | null = null;
  /** Queue whose messages follow. */
  #queue: string | null = null;
  /** Threads of the port follow. */
  #areThreads = false;

  constructor(
    private readonly log: Log,
    private readonly isTyped: boolean,
  ) {}

  take(line: KdLine): Taken {
    const first = FIRST.exec(line.trimmed);
    if (first !== null) return this.#begin(first, line);
    const taken = this.#open === null ? null : this.#part(this.#open, line);
    return taken ?? (this.isTyped ? 'unread' : 'over');
  }

  end(): void {
    const open = this.#open;
    this.#open = null;
    if (open === null) return;
    if (open.isPort) this.#writePort(open);
    else this.#writeMessage(open);
  }

  #begin([, kind, address]: RegExpExecArray, line: KdLine): Taken {
    this.end();
    const isPort = kind.toLowerCase() === 'port';
    this.#open = { isPort, address: addressIn(address), fields: new Map(), queues: new Map(), line };
    this.#queue = null;
    this.#areThreads = false;
    return fed(this.log, isPort ? dumpPort : dumpMessage);
  }

  #part(open: Open, line: KdLine): Taken | null {
    const { trimmed } = line;
    const queue = QUEUE.exec(trimmed);
    if (queue !== null) {
      this.#areThreads = false;
      this.#queue = queue[1] + queue[2];
      open.queues.set(queue[1].toLowerCase().replace('ll', 'l'), Number(queue[3] ?? 0));
      return fed(this.log, dumpPort);
    }
    if (THREADS.test(trimmed)) {
      this.#areThreads = true;
      return 'ignored';
    }
    const thread = this.#areThreads ? THREAD.exec(trimmed) : null;
    if (thread !== null) return this.#thread(open, thread, line);
    const queued = QUEUED.exec(trimmed);
    if (queued !== null && this.#queue !== null) return this.#queued(open, queued, line);
    const field = FIELD.exec(trimmed);
    if (field === null || open.fields.size >= MAX_FIELDS) return null;
    const name = field[1].toLowerCase();
    if (!KNOWN.has(name)) return this.isTyped ? 'ignored' : null;
    if (!open.fields.has(name)) open.fields.set(name, field[2].trim());
    return fed(this.log, open.isPort ? dumpPort : dumpMessage);
  }

  #writeMessage({ address, fields, line }: Open): void {
    const owner = placeOf(fields, 'ownerport');
    const queue = placeOf(fields, 'queueport');
    const process = placeOf(fields, 'queueportownerprocess');
    const id = NUMBER.exec(fields.get('messageid') ?? '')?.[1];
    const server = fields.get('serverthread');
    const serverThread = placeOf(fields, 'serverthread').address;
    const ports = [owner, queue];
    this.log.row(
      dumpMessage,
      {
        command: NAME,
        kind: 'alpc',
        id: id === undefined ? null : plainHex(id),
        address,
        state: fields.get('queuetype') ?? null,
        serverThread,
        isServerNone: server === undefined ? null : Number(serverThread === null && /^(?:0x)?0{8,16}$/i.test(server)),
        clientThread: placeOf(fields, 'waitingthread').address,
        clientPort: portOf(ports, 'CLIENT'),
        serverPort: portOf(ports, 'SERVER'),
        // Old debuggers print no types of ports: a message is queued at a connection port, but for replies.
        connectionPort: queue.note === null ? queue.address : portOf([queue], 'ALPC_CONNECTION'),
        serverProcess: process.address,
        serverImage: process.note,
      },
      line,
    );
  }

  #writePort({ address, fields, queues, line }: Open): void {
    const owner = placeOf(fields, 'ownerprocess');
    const connection = placeOf(fields, 'connectionport');
    const number = NUMBER.exec(fields.get('sequenceno') ?? '')?.[1];
    this.log.row(
      dumpPort,
      {
        command: NAME,
        address,
        type: fields.get('type') ?? null,
        name: connection.note,
        connectionPort: connection.address,
        ownerProcess: owner.address,
        ownerImage: owner.note,
        sequenceNo: number === undefined ? null : hexNumber(number),
        mainQueue: queues.get('main') ?? null,
        largeQueue: queues.get('large message') ?? null,
        pendingQueue: queues.get('pending') ?? null,
        canceledQueue: queues.get('canceled') ?? null,
      },
      line,
    );
  }

  /** A message in a queue of the port. */
  #queued({ address: port, fields }: Open, [, address, id, pid, tid]: RegExpExecArray, line: KdLine): Taken {
    const type = fields.get('type') ?? '';
    const owner = placeOf(fields, 'ownerprocess');
    // What is queued at a client's port is for the client.
    const isServer = !/CLIENT/i.test(type);
    return this.log.row(
      dumpMessage,
      {
        command: NAME,
        kind: 'alpc',
        id: plainHex(id),
        address: addressIn(address),
        state: this.#queue,
        connectionPort: /ALPC_CONNECTION/i.test(type) ? port : placeOf(fields, 'connectionport').address,
        portName: placeOf(fields, 'connectionport').note,
        serverProcess: isServer ? owner.address : null,
        serverImage: isServer ? owner.note : null,
        clientPid: hexNumber(pid),
        clientTid: hexNumber(tid),
      },
      line,
    );
  }

  /** A thread that serves the port. */
  #thread({ fields }: Open, [, address, pid, tid, teb, win32, state]: RegExpExecArray, line: KdLine): Taken {
    const owner = placeOf(fields, 'ownerprocess');
    return this.log.row(
      dumpThread,
      {
        sighting: this.log.nextSighting(),
        command: NAME,
        address: addressIn(address),
        pid: hexNumber(pid),
        tid: hexNumber(tid),
        teb: addressIn(teb),
        win32Thread: addressIn(win32),
        processAddress: owner.address,
        image: owner.note,
        state: state?.toUpperCase() ?? null,
      },
      line,
    );
  }
}

interface Value {
  /** Null for 0. */
  readonly address: bigint | null;
  /** What stands in brackets behind it. */
  readonly note: string | null;
}

function placeOf(fields: ReadonlyMap<string, string>, name: string): Value {
  const match = VALUE.exec(fields.get(name) ?? '');
  const address = addressIn(match?.[1]);
  return { address: address === 0n ? null : address, note: match?.[2] ?? null };
}

const portOf = (ports: readonly Value[], type: string): bigint | null =>
  ports.find(({ note }) => note?.toUpperCase().includes(type))?.address ?? null;
