import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { kd } from '../parsers/kd.js';
import type { TableDef } from '../src/core/schema.js';
import { dumpMessage, dumpPort, dumpPortConnection, dumpRpcCell } from '../src/tables/dump-lock.js';
import { dumpFact } from '../src/tables/dump-system.js';
import { dumpThread } from '../src/tables/dump-thread.js';
import { addsUp, anyBytes, oneOf, survivesDamage } from './support/damage.js';
import { codesOf, type Parsed, parseWith, sniffText } from './support/parse.js';
import { SHARED } from './support/shared.js';

const parse = (bytes: string | Uint8Array) => parseWith(kd, { bytes });
const facts = (parsed: Parsed) => parsed.rows(dumpFact).map((r) => [r.subject, r.name, r.value]);

/** Rows with what is known in them: no nulls, no places. */
function known(parsed: Parsed, table: TableDef): Record<string, unknown>[] {
  const hidden = new Set(['line', 'byte', 'quote', 'command']);
  return parsed
    .rows(table)
    .map((row) => Object.fromEntries(Object.entries(row).filter(([key, value]) => value !== null && !hidden.has(key))));
}
const messages = (parsed: Parsed) => known(parsed, dumpMessage);
const ports = (parsed: Parsed) => known(parsed, dumpPort);
const connections = (parsed: Parsed) => known(parsed, dumpPortConnection);
const cells = (parsed: Parsed) => known(parsed, dumpRpcCell);

/** Made up, in the layouts that debuggers print. */
const LPC = `kd> !lpc message 0000acfd
Searching message acfd in threads ...
    Server thread 89a80328 is working on message acfd
Client thread 89d475a8 waiting a reply from acfd
Searching thread 89d475a8 in port rundown queues ...

Server communication port 0xe12fc438
    Handles: 1   References: 1
    The LpcDataInfoChainHead queue is empty
        Connected port: 0xe5501c28      Server connection port: 0xe1640798

Client communication port 0xe5501c28
    Handles: 1   References: 2
    The LpcDataInfoChainHead queue is empty

Server connection port e1640798  Name: ExamplePort
    Handles: 1   References: 17
    Server process  : 899a0020 (example.exe)
    Queue semaphore : 89dabdf0
    Semaphore state 0 (0x0)
    The message queue is empty
    The LpcDataInfoChainHead queue is empty
Done.
`;
const LPC_ROW = {
  kind: 'lpc',
  id: 'acfd',
  serverThread: 0x89a80328n,
  clientThread: 0x89d475a8n,
  serverPort: 0xe12fc438n,
  clientPort: 0xe5501c28n,
  connectionPort: 0xe1640798n,
  portName: 'ExamplePort',
  serverProcess: 0x899a0020n,
  serverImage: 'example.exe',
};
const LPC_PORTS = [
  { address: 0xe12fc438n, type: 'Server communication port', connectionPort: 0xe1640798n },
  { address: 0xe5501c28n, type: 'Client communication port', connectionPort: 0xe1640798n },
  {
    address: 0xe1640798n,
    type: 'Server connection port',
    name: 'ExamplePort',
    connectionPort: 0xe1640798n,
    ownerProcess: 0x899a0020n,
    ownerImage: 'example.exe',
    mainQueue: 0,
  },
];

const LPC_PORT = `kd> !lpc port 0xe14ae238

Server connection port e14ae238  Name: ExamplePort
 Handles: 1   References: 108
    Server process  : 84aa0140 (example.exe)
    Queue semaphore : 84a96da8
 Semaphore state 0 (0x0)
        Messages in queue:
 0000 e20d9b80 - Busy  Id=0002249c  From: 0584.0680  Context=00000021  [e14ae248 . e14ae248]
 Length=0098007c  Type=00000001 (LPC_REQUEST)
                   Data: 00000000 0002021e 00000584 00000680 002f0001 00000007
    The message queue contains 1 messages
    The LpcDataInfoChainHead queue is empty
`;

const LPC_PORTS_LISTED = `kd> !lpc port
Scanning 225 objects
       1  Port: 0xe1405650 Connection: 0xe1405650  Communication: 0x00000000  'ExamplePort'
80000004  Port: 0xe13d8910 Connection: 0xe141ef50  Communication: 0xe13d8830  '
`;

const ALPC_MESSAGE = `0: kd> !alpc /m fffff8800f4cc950

Message @ fffff8800f4cc950
  MessageID             : 0x0BFC (3068)
  CallbackID            : 0x1FEF27 (2092839)
  SequenceNumber        : 0x0004D4D4 (316628)
  Type                  : LPC_REQUEST
  DataLength            : 0x0068 (104)
  Canceled              : No
  OwnerPort             : fffffa8018a95e60 [ALPC_CLIENT_COMMUNICATION_PORT]
  WaitingThread         : fffffa801afae6f0
  QueueType             : ALPC_MSGQUEUE_PENDING
  QueuePort             : fffffa8017dbb060 [ALPC_CONNECTION_PORT]
  QueuePortOwnerProcess : fffffa801807b8f0 (example.exe)
  ServerThread          : fffffa801aeec060
  QuotaCharged          : No
  CancelQueuePort       : 0000000000000000
`;
const ALPC_ROW = {
  kind: 'alpc',
  id: 'bfc',
  address: 0xfffff8800f4cc950n,
  state: 'ALPC_MSGQUEUE_PENDING',
  serverThread: 0xfffffa801aeec060n,
  isServerNone: 0,
  clientThread: 0xfffffa801afae6f0n,
  clientPort: 0xfffffa8018a95e60n,
  connectionPort: 0xfffffa8017dbb060n,
  serverProcess: 0xfffffa801807b8f0n,
  serverImage: 'example.exe',
};

const ALPC_PORT = `0: kd> !alpc /p ffffc48d8895de20
Port @ ffffc48d8895de20
  Type                      : ALPC_CONNECTION_PORT
  CommunicationInfo         : ffffa4805c1ca610
    ConnectionPort          : ffffc48d8895de20 (ExamplePort)
    ClientCommunicationPort : 0000000000000000
    ServerCommunicationPort : 0000000000000000
  OwnerProcess              : ffffc48d86b00640 (example.exe)
  SequenceNo                : 0x000003C9 (969)
  Security                  : Static

  2 thread(s) are registered with port IO completion object:
    THREAD ffffc48d8895b080  Cid 01d8.0208  Teb: 00000063218f8000 Win32Thread: 0000000000000000 WAIT
    THREAD ffffc48d8895c080  Cid 01d8.020c  Teb: 0000006321900000 Win32Thread: ffffc48d8895f080 RUNNING

  Main queue is empty.
  Direct message queue is empty.
  Large message queue is empty.
  Pending queue has 2 message(s)
    fffff8a00dbc6650 00000bfc 00000000000003b0:0000000000002ec0 0000000000000000 fffffa8009db7160 LPC_REQUEST
    fffff8a00dbc7650 00000c00 00000000000003b4:0000000000000010 0000000000000000 0000000000000000 LPC_REQUEST
  Canceled queue is empty.
`;

const CONNECTIONS = `0: kd> !alpc /lpc fffffa8004dc2090
Port @fffffa8004dc2090 has 2 connections

SRV:fffffa8004809c50 (m:0, p:2, l:1) <-> CLI:fffffa8004809e60 (m:3, p:0, l:0), Process=fffffa8004ffcb30 ('example.exe')
SRV:fffffa80054dfb30 (m:0, p:0, l:0) <-> CLI:fffffa80054dfe60 (m:0, p:0, l:0),
Process=fffffa80054de060 ('other.exe')
`;

const PROCESS_PORTS = `0: kd> !alpc /lpp fffffa800502db30

Ports created by the process fffffa800502db30:

	fffffa8004dc2090('ExamplePort') 0, 1 connections
		fffffa8004809c50 0 ->fffffa8004809e60 2 fffffa8004ffcb30('client.exe')

Ports the process fffffa800502db30 is connected to:

	fffffa80048afc10 1 -> fffffa8004ec5cc0('OtherPort') 0 fffffa8002b4db30('other.exe')
`;

const OBJECT = `0: kd> !object \\Example\\ApiPort
Object: fffffa8004dc2090  Type: (fffffa80027a2ed0) ALPC Port
    ObjectHeader: fffffa8004dc2060 (new version)
    HandleCount: 1  PointerCount: 50
    Directory Object: fffff8a001a5fb30  Name: ApiPort
`;

const CALLS = `0:002> !rpcexts.getcallinfo
Searching for call info ...
## PID  CELL ID   ST PNO IFSTART  TIDNUMBER CALLFLAG CALLID   LASTTIME CONN/CLN
----------------------------------------------------------------------------
0278 0000.0004 02 00b 00000136 0000.002d 00000001 0000004a 00072c09 0000.0003
00c4 0000.0019 01 00b 82273fdc 0000.0002 00000009 baadf00d 00018b19 00d0.0104
020c 0000.0017 00 005 00000134 0000.0002 00000001 00000016 0003836b 0378.024c
`;
const CLIENT_CALLS = `PID  CELL ID   PNO  IFSTART  TIDNUMBER CALLID   LASTTIME PS CLTNUMBER ENDPOINT
------------------------------------------------------------------------------
03d4 0000.0001 0000 19bb5061 0000.0000 00000001 0004ca9b 07 0000.0002 1118
`;
const ENDPOINTS = `0:002> !rpcexts.getendpointinfo
Searching for endpoint info ...
PID  CELL ID   ST PROTSEQ        ENDPOINT
-------------------------------------------------------------
0170 0000.0003 01            TCP 135
0170 0000.000b 02            NMP \\pipe\\example
`;
const THREADS = `0:002> !rpcexts.getthreadinfo 26c
Searching for thread info ...
PID  CELL ID   ST TID      LASTTIME
-----------------------------------
026c 0000.0002 01 000003c4 0004caa5
026c 0000.0005 03 00000254 0004ca9b
`;
const CELL = `0:001> !rpcexts.getdbgcell 278 0.4
Getting cell info ...
Call
Status: Dispatched
Procedure Number: 11
Interface UUID start (first DWORD only): BB5061
Call ID: 0x1 (1)
Servicing thread identifier: 0x0.3E
Call Flags: cached, LRPC
Last update time (in seconds since boot):470.25 (0x1D6.19)
Caller (PID/TID) is: d0.1ac (208.428)
`;
const CONNECTION = `0:001> !rpcexts.getdbgcell 3d4 0.3
Getting cell info ...
Connection
Connection flags: Exclusive
Authentication Level: Default
Last Transmit Fragment Size: 24 (0x6F56D)
Endpoint for the connection: 0x0.1
Last send time (in seconds since boot):10595.565 (0x2963.235)
Last receive time (in seconds since boot):10596.5 (0x2964.5)
Getting endpoint info ...
Process object for caller is 0xFF9DF5F0
`;
const CLIENT = `0:001> !rpcexts.rpcreadstack 68fba0
    CallID: 1
    IfStart: bb5061
    ProcNum: b
            Protocol Sequence:      "ncacn_ip_tcp"  (Address: 00692ED8)
            NetworkAddress: "server1"      (Address: 00692F38)
            Endpoint:       "1120"  (Address: 00693988)
0:001> !rpcexts.rpctime
Current time is: 059931.126  (0x00ea1b.07e)
0:001> !rpcexts.rpctime
Current time is: 6003, 42
`;

describe('!lpc', () => {
  it('reads the threads of a message in either order, and its ports', async () => {
    expect(messages(await parse(LPC))).toEqual([LPC_ROW]);
    expect(ports(await parse(LPC))).toEqual(LPC_PORTS);
    const lines = LPC.split('\n');
    const swapped = [...lines.slice(0, 2), lines[3], lines[2], ...lines.slice(4)].join('\n');
    expect(messages(await parse(swapped))).toEqual([LPC_ROW]);
    expect(addsUp(await parse(LPC))).toBe(true);
  });

  it('reads the same without prompt and indentation', async () => {
    const parsed = await parse(LPC.replace(/^kd>.*\n/, '').replace(/^ +/gm, ''));
    expect(messages(parsed)).toEqual([LPC_ROW]);
    expect(ports(parsed)).toEqual(LPC_PORTS);
  });

  it('attaches what is left between cuts to the message that was asked for', async () => {
    const parsed = await parse(
      'kd> !lpc message 00fbbc86\n[...]\n    Server process  : 89d6d8e8 (example.exe)\n[...]\n',
    );
    expect(messages(parsed)).toEqual([
      { kind: 'lpc', id: 'fbbc86', serverProcess: 0x89d6d8e8n, serverImage: 'example.exe' },
    ]);
    expect(messages(await parse('kd> !lpc message 00fbbc86\nDone.\n'))).toEqual([]);
  });

  it('gives a row of the message for each of several ports', async () => {
    const second = LPC.slice(LPC.indexOf('Server communication'), LPC.indexOf('Done.'))
      .replaceAll('e5501c28', 'e5501d00')
      .replaceAll('e1640798', 'e1640800')
      .replaceAll('e12fc438', 'e12fc500');
    const parsed = await parse(LPC.replace('Done.', `${second}Done.`));
    expect(messages(parsed).map((r) => [r.id, r.serverThread, r.clientPort, r.connectionPort])).toEqual([
      ['acfd', 0x89a80328n, 0xe5501c28n, 0xe1640798n],
      ['acfd', 0x89a80328n, 0xe5501d00n, 0xe1640800n],
    ]);
    expect(ports(parsed)).toHaveLength(6);
  });

  it('reads a summary of many messages', async () => {
    const parsed = await parse(
      'kd> !lpc message\nClient thread 842a4db0 waiting a reply from 222be\n    Server thread 842a5db0 is working on message 222be\n' +
        'Client thread 842a6db0 waiting a reply from 222c0\n',
    );
    expect(messages(parsed)).toEqual([
      { kind: 'lpc', id: '222be', clientThread: 0x842a4db0n, serverThread: 0x842a5db0n },
      { kind: 'lpc', id: '222c0', clientThread: 0x842a6db0n },
    ]);
  });

  it('reads messages in the queue of a port', async () => {
    const parsed = await parse(LPC_PORT);
    expect(messages(parsed)).toEqual([
      {
        kind: 'lpc',
        id: '2249c',
        address: 0xe20d9b80n,
        state: 'Busy',
        connectionPort: 0xe14ae238n,
        portName: 'ExamplePort',
        serverProcess: 0x84aa0140n,
        serverImage: 'example.exe',
        clientPid: 0x584,
        clientTid: 0x680,
      },
    ]);
    expect(ports(parsed).map((r) => [r.address, r.mainQueue])).toEqual([[0xe14ae238n, 1]]);
  });

  it('reads the list of all ports', async () => {
    expect(ports(await parse(LPC_PORTS_LISTED))).toEqual([
      { address: 0xe1405650n, connectionPort: 0xe1405650n, name: 'ExamplePort' },
      { address: 0xe13d8910n, connectionPort: 0xe141ef50n },
    ]);
  });

  it('takes no line of a THREAD block', async () => {
    const parsed = await parse('THREAD 89a80328  Cid 03c8.0644\nLPC Server thread working on message Id acfd\n');
    expect(messages(parsed)).toEqual([]);
  });
});

describe('!alpc', () => {
  it('reads a message', async () => {
    expect(messages(await parse(ALPC_MESSAGE))).toEqual([ALPC_ROW]);
    const bare = ALPC_MESSAGE.replace(/^0: kd>.*\n/, '').replace(/^ +/gm, '');
    expect(messages(await parse(bare.replaceAll(/ +: /g, ' : ')))).toEqual([ALPC_ROW]);
    expect(messages(await parse(bare.replace(' @ ', ' ')))).toEqual([ALPC_ROW]);
  });

  it('tells a message that no thread has picked up', async () => {
    const none = { ...ALPC_ROW, isServerNone: 1, serverThread: undefined };
    const parsed = await parse(ALPC_MESSAGE.replace('fffffa801aeec060', '0000000000000000'));
    expect(messages(parsed)).toEqual([defined(none)]);
    const [row] = messages(await parse(ALPC_MESSAGE.replace(/ +ServerThread.*\n/, '')));
    expect([row.serverThread, row.isServerNone]).toEqual([undefined, undefined]);
  });

  it('knows ports by their types', async () => {
    const [row] = messages(
      await parse(
        ALPC_MESSAGE.replace('ALPC_CLIENT', 'ALPC_SERVER').replace('[ALPC_CONNECTION_PORT]', '[ALPC_CLIENT_PORT]'),
      ),
    );
    expect([row.serverPort, row.clientPort, row.connectionPort]).toEqual([
      0xfffffa8018a95e60n,
      0xfffffa8017dbb060n,
      undefined,
    ]);
  });

  it('reads a port with its threads and queues', async () => {
    for (const text of [ALPC_PORT, ALPC_PORT.replace(/^0: kd>.*\n/, '').replace(/^ +/gm, '')]) {
      const parsed = await parse(text);
      expect(ports(parsed)).toEqual([
        {
          address: 0xffffc48d8895de20n,
          type: 'ALPC_CONNECTION_PORT',
          name: 'ExamplePort',
          connectionPort: 0xffffc48d8895de20n,
          ownerProcess: 0xffffc48d86b00640n,
          ownerImage: 'example.exe',
          sequenceNo: 969,
          mainQueue: 0,
          largeQueue: 0,
          pendingQueue: 2,
          canceledQueue: 0,
        },
      ]);
      expect(messages(parsed)[0]).toEqual({
        kind: 'alpc',
        id: 'bfc',
        address: 0xfffff8a00dbc6650n,
        state: 'Pending queue',
        connectionPort: 0xffffc48d8895de20n,
        portName: 'ExamplePort',
        serverProcess: 0xffffc48d86b00640n,
        serverImage: 'example.exe',
        clientPid: 0x3b0,
        clientTid: 0x2ec0,
      });
      expect(messages(parsed)).toHaveLength(2);
      const threads = parsed.rows(dumpThread).map((r) => [r.sighting, r.address, r.pid, r.tid, r.state, r.image]);
      expect(threads).toEqual([
        [0, 0xffffc48d8895b080n, 0x1d8, 0x208, 'WAIT', 'example.exe'],
        [1, 0xffffc48d8895c080n, 0x1d8, 0x20c, 'RUNNING', 'example.exe'],
      ]);
      expect(addsUp(parsed)).toBe(true);
    }
  });

  it('reads connections, with the process in the same line or the next', async () => {
    for (const text of [CONNECTIONS, CONNECTIONS.replace(/^0: kd>.*\n/, '')]) {
      const parsed = await parse(text);
      expect(ports(parsed)).toEqual([{ address: 0xfffffa8004dc2090n, connections: 2 }]);
      expect(connections(parsed)).toEqual([
        {
          connectionPort: 0xfffffa8004dc2090n,
          serverPort: 0xfffffa8004809c50n,
          clientPort: 0xfffffa8004809e60n,
          process: 0xfffffa8004ffcb30n,
          image: 'example.exe',
          serverMain: 0,
          serverPending: 2,
          serverLarge: 1,
          clientMain: 3,
          clientPending: 0,
          clientLarge: 0,
        },
        expect.objectContaining({ process: 0xfffffa80054de060n, image: 'other.exe' }),
      ]);
    }
  });

  it('reads ports that a process has made and is connected to', async () => {
    const parsed = await parse(PROCESS_PORTS);
    expect(ports(parsed)).toEqual([
      { address: 0xfffffa8004dc2090n, name: 'ExamplePort', ownerProcess: 0xfffffa800502db30n, connections: 1 },
      {
        address: 0xfffffa8004ec5cc0n,
        name: 'OtherPort',
        ownerProcess: 0xfffffa8002b4db30n,
        ownerImage: 'other.exe',
      },
    ]);
    expect(connections(parsed)).toEqual([
      {
        connectionPort: 0xfffffa8004dc2090n,
        serverPort: 0xfffffa8004809c50n,
        clientPort: 0xfffffa8004809e60n,
        process: 0xfffffa8004ffcb30n,
        image: 'client.exe',
        serverMain: 0,
        clientMain: 2,
      },
      {
        connectionPort: 0xfffffa8004ec5cc0n,
        clientPort: 0xfffffa80048afc10n,
        process: 0xfffffa800502db30n,
        clientMain: 1,
      },
    ]);
  });
});

it('!object gives type, name and counts', async () => {
  const subject = 'object 0xfffffa8004dc2090';
  expect(facts(await parse(OBJECT))).toEqual([
    [subject, 'type', 'ALPC Port'],
    [subject, 'handleCount', '1'],
    [subject, 'pointerCount', '50'],
    [subject, 'name', 'ApiPort'],
  ]);
});

describe('RPC state information', () => {
  it('reads server calls: by LRPC the caller stands where else the connection does, also where the flag is missing', async () => {
    const parsed = await parse(CALLS);
    expect(cells(parsed)).toEqual([
      {
        kind: 'scall',
        pid: 0x278,
        cell: '0.4',
        status: 'dispatched',
        procedure: 11,
        interfaceStart: '00000136',
        threadCell: '0.2d',
        callFlags: 1,
        callId: 0x4a,
        lastUpdateMs: 470025,
        connectionCell: '0.3',
      },
      {
        kind: 'scall',
        pid: 0xc4,
        cell: '0.19',
        status: 'active',
        procedure: 11,
        interfaceStart: '82273fdc',
        threadCell: '0.2',
        callFlags: 9,
        lastUpdateMs: 0x18b19,
        callerPid: 0xd0,
        callerTid: 0x104,
      },
      expect.objectContaining({ status: 'allocated', callerPid: 0x378, callerTid: 0x24c }),
    ]);
    expect(cells(parsed)[2].connectionCell).toBeUndefined();
    expect(addsUp(parsed)).toBe(true);
  });

  it('reads the same under another name of a column, and from DbgRpc', async () => {
    const text = CALLS.replace('TIDNUMBER', 'THRDCELL ').replace('## PID', 'PID');
    const rows = cells(await parse(CALLS));
    expect(cells(await parse(text))).toEqual(rows);
    expect(cells(await parse(text.replace(/^0:002>.*\n/, 'C:\\>dbgrpc -c\n')))).toEqual(rows);
  });

  it('reads client calls, endpoints and threads', async () => {
    expect(cells(await parse(CLIENT_CALLS))).toEqual([
      {
        kind: 'ccall',
        pid: 0x3d4,
        cell: '0.1',
        procedure: 0,
        interfaceStart: '19bb5061',
        callId: 1,
        lastUpdateMs: 0x4ca9b,
        protocol: '07',
        endpoint: '1118',
      },
    ]);
    expect(cells(await parse(ENDPOINTS))).toEqual([
      { kind: 'endpoint', pid: 0x170, cell: '0.3', status: 'active', protocol: 'TCP', endpoint: '135' },
      { kind: 'endpoint', pid: 0x170, cell: '0.b', status: 'inactive', protocol: 'NMP', endpoint: '\\pipe\\example' },
    ]);
    expect(cells(await parse(THREADS))).toEqual([
      { kind: 'thread', pid: 0x26c, cell: '0.2', status: 'dispatched', tid: 0x3c4, lastUpdateMs: 0x4caa5 },
      { kind: 'thread', pid: 0x26c, cell: '0.5', status: 'idle', tid: 0x254, lastUpdateMs: 0x4ca9b },
    ]);
  });

  it('reads a cell in words; behind the point of a time stand milliseconds', async () => {
    const row = {
      kind: 'scall',
      pid: 0x278,
      cell: '0.4',
      status: 'dispatched',
      procedure: 11,
      interfaceStart: '00bb5061',
      callId: 1,
      threadCell: '0.3e',
      callFlags: 9,
      lastUpdateMs: 470025,
      callerPid: 0xd0,
      callerTid: 0x1ac,
    };
    expect(cells(await parse(CELL))).toEqual([row]);
    expect(cells(await parse(CELL.replace(/^0:001>.*\n/, 'C:\\>dbgrpc -l -P 278 -L 0.4\n')))).toEqual([row]);
    const bare = cells(await parse(CELL.replace(/^0:001>.*\n/, '')));
    expect(bare).toEqual([defined({ ...row, pid: undefined, cell: undefined })]);
  });

  it('reads a connection: the later of its times, its endpoint and its caller', async () => {
    const parsed = await parse(CONNECTION);
    expect(cells(parsed)).toEqual([{ kind: 'connection', pid: 0x3d4, cell: '0.3', lastUpdateMs: 10596005 }]);
    expect(facts(parsed)).toEqual([
      ['rpc cell 0x3d4 0.3', 'endpointCell', '0x0.1'],
      ['rpc cell 0x3d4 0.3', 'callerProcess', '0xFF9DF5F0'],
    ]);
  });

  it('reads a client call off a stack, and the time', async () => {
    const parsed = await parse(CLIENT);
    expect(cells(parsed)).toEqual([
      {
        kind: 'client-stack',
        callId: 1,
        interfaceStart: '00bb5061',
        procedure: 11,
        protocol: 'ncacn_ip_tcp',
        endpoint: '1120',
        server: 'server1',
      },
    ]);
    expect(parsed.rows(dumpFact).map((r) => [r.subject, r.name, r.number])).toEqual([
      ['system', 'rpcTimeMs', 59931126],
      ['system', 'rpcTimeMs', 6003042],
    ]);
  });

  it('skips rows that cannot be read', async () => {
    const parsed = await parse(CALLS.replace('82273fdc', '8227zfdc').replace('0000.002d', '0000'));
    expect([cells(parsed).length, parsed.account.skipped, codesOf(parsed)[0]]).toEqual([1, 2, 'damaged-rpc-cell']);
    expect(addsUp(parsed)).toBe(true);
  });
});

/** Without what is undefined. */
function defined(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined));
}

it('outputs without prompts are known to be of a debugger', () => {
  const behind = (text: string) => text.split('\n').slice(1).join('\n');
  for (const text of [behind(LPC), behind(ALPC_MESSAGE), behind(ALPC_PORT), behind(CONNECTIONS), CLIENT_CALLS]) {
    expect(sniffText(kd, text).claims).toBe(true);
  }
});

const SAMPLES = [
  LPC,
  LPC_PORT,
  LPC_PORTS_LISTED,
  ALPC_MESSAGE + ALPC_PORT,
  CONNECTIONS + PROCESS_PORTS + OBJECT,
  CALLS + CLIENT_CALLS + ENDPOINTS + THREADS,
  CELL + CONNECTION + CLIENT,
];

it('any damage is survived, and counted', { timeout: 60_000 }, async () => {
  await survivesDamage(parse, SAMPLES, { put: anyBytes(4), maxEdits: 40 });
  await survivesDamage(parse, SAMPLES, { put: oneOf(0x0a, 0x20, 0x2d, 0x3d, 0x3a, 0x30), maxEdits: 60 });
});

const KD = join(SHARED, 'kd');
const shared = existsSync(KD)
  ? ['cases', 'docs'].flatMap((folder) => readdirSync(join(KD, folder)).map((name) => join(KD, folder, name)))
  : [];
const read = (start: string) => parseWith(kd, { path: shared.find((path) => path.includes(`/${start}`)) ?? '' });

describe.skipIf(shared.length === 0)('published logs', () => {
  it('01: a port with 14 connections and empty queues', async () => {
    const parsed = await read('01-');
    expect(ports(parsed)[0]).toMatchObject({
      type: 'ALPC_CONNECTION_PORT',
      ownerProcess: 0xfffffa800502db30n,
      ownerImage: 'csrss.exe',
      sequenceNo: 969,
      mainQueue: 0,
      largeQueue: 0,
      pendingQueue: 0,
      canceledQueue: 0,
    });
    expect(ports(parsed)[1]).toEqual({ address: 0xfffffa8004dc2090n, connections: 14 });
    const found = connections(parsed);
    expect(found).toHaveLength(14);
    expect([found[0].image, found[13].image]).toEqual(['winlogon.exe', 'kd.exe']);
    expect(found.every((r) => r.serverMain === 0 && r.clientLarge === 0 && r.process !== undefined)).toBe(true);
    expect(facts(parsed).map(([, name, value]) => [name, value])).toContainEqual(['name', 'ApiPort']);
  });

  it('02 and 07: servers of messages', async () => {
    const chain = messages(await read('02-'));
    expect(chain.map((r) => [r.id, r.clientThread, r.serverThread, r.connectionPort, r.portName])).toEqual([
      ['acfd', 0x89d475a8n, 0x89a80328n, 0xe1640798n, 'DNSResolver'],
      ['acfe', 0x89a80328n, 0x89b452e8n, 0xe1633380n, 'trkwks'],
    ]);
    expect(chain.map((r) => r.serverProcess)).toEqual([0x899a0020n, 0x89a20858n]);
    expect(messages(await read('07-'))).toEqual([
      { kind: 'lpc', id: 'fbbc86', serverProcess: 0x89d6d8e8n, serverImage: 'ServiceA.exe' },
    ]);
  });

  it('of the documentation: a queued message, and calls', async () => {
    const lpc = await read('msdocs-lpc-alpc');
    expect(messages(lpc).map((r) => [r.id, r.clientTid, r.clientThread])).toEqual([
      ['2249c', 0x680, undefined],
      ['222be', undefined, 0x842a4db0n],
    ]);
    const stuck = cells(await read('msdocs-rpc-stuck'));
    expect(stuck.slice(0, 5).map((r) => [r.kind, r.status, r.threadCell, r.lastUpdateMs])).toEqual([
      ['client-stack', undefined, undefined, undefined],
      ['endpoint', 'active', undefined, undefined],
      ['scall', 'dispatched', '0.2', 470025],
      ['scall', 'dispatched', '0.2', 470025],
      ['thread', 'dispatched', undefined, 470025],
    ]);
    const kinds = cells(await read('msdocs-rpcexts')).map((r) => r.kind);
    const count = (kind: string) => kinds.filter((one) => one === kind).length;
    expect([count('scall'), count('endpoint'), count('thread'), count('ccall')]).toEqual([47, 36, 2, 1]);
  });
});
