import { defineTable, dict, f64, i32, u64 } from '../core/schema.js';

/** Tables of locks, messages and calls between threads as a debugger prints them. */
export const dumpLock = defineTable('dump_lock', 'One row per lock that a debugger prints, each time it does.', {
  lock: i32('Number of the row in its source, from 0: rows of `dump_lock_thread` refer to it.'),
  command: dict('Command that printed it.'),
  kind: dict('`critical-section`, `eresource`, `mutant`, `push-lock`, `fast-mutex`, `spin-lock`, `queued-spin-lock`.'),
  address: u64('The lock.'),
  symbol: dict('Symbol as printed, `+0x0` left out; null where none is printed.'),
  processAddress: u64('Process whose it is (user mode, as last set by .process); null for the kernel, or unknown.'),
  pid: f64('Its id, where known from the debugger’s threads.'),
  isLocked: i32('1 locked, 0 not locked.'),
  isExclusive: i32('1 owned exclusively, 0 shared; null where not printed.'),
  lockCount: f64('LockCount as printed.'),
  waiterCount: f64('Waiters that LockCount stands for; null where the format cannot be told.'),
  waiterWoken: i32('1 or 0 where printed.'),
  ownerTid: f64('Thread id of the owner.'),
  ownerThread: u64('Thread that owns it, where the debugger names its address (-o); else see `dump_lock_thread`.'),
  recursionCount: f64('RecursionCount.'),
  semaphore: f64('LockSemaphore: a handle; null for none.'),
  contentionCount: f64('Contention count.'),
  sharedOwners: f64('Shared n owning threads.'),
  sharedWaiters: f64('NumberOfSharedWaiters.'),
  exclusiveWaiters: f64('NumberOfExclusiveWaiters.'),
  waitersElided: i32('1 where the debugger left waiters out of its list.'),
  isListBroken: i32('1 where the debugger says that the list is broken.'),
});

export const dumpLockThread = defineTable('dump_lock_thread', 'One row per thread that a lock lists.', {
  lock: i32('The row of `dump_lock`.'),
  thread: u64('Thread; where the entry was marked, the actual thread; null for an owner that is no thread.'),
  role: dict('`owner`, `shared-waiter` or `exclusive-waiter`; null where an old debugger marks no owner.'),
  count: f64('How often it holds the lock.'),
});

export const dumpMessage = defineTable('dump_message', 'One row per LPC or ALPC message that a debugger prints.', {
  command: dict('Command that printed it.'),
  kind: dict('`lpc` or `alpc`.'),
  id: dict('LPC message id: hex digits without leading zeros.'),
  address: u64('The message; null where only its id is printed.'),
  state: dict('State or queue, as printed.'),
  serverThread: u64('Server thread; null where nobody has picked the message up, or not printed.'),
  isServerNone: i32('1 where the debugger prints that there is no server thread.'),
  clientThread: u64('Client or waiting thread.'),
  clientPort: u64('Client communication port.'),
  serverPort: u64('Server communication port.'),
  connectionPort: u64('Connection port.'),
  portName: dict('Name of the connection port.'),
  serverProcess: u64('Process of the server.'),
  serverImage: dict('Its image.'),
  clientPid: f64('Process id of the client.'),
  clientTid: f64('Thread id of the client.'),
});

export const dumpPort = defineTable('dump_port', 'One row per LPC or ALPC port that a debugger prints.', {
  command: dict('Command that printed it.'),
  address: u64('The port.'),
  type: dict('As printed: `ALPC_CONNECTION_PORT`; null where not printed.'),
  name: dict('Name.'),
  connectionPort: u64('Connection port.'),
  ownerProcess: u64('Process that owns it.'),
  ownerImage: dict('Its image.'),
  sequenceNo: f64('SequenceNo.'),
  mainQueue: f64('Messages in the main queue; null where not printed.'),
  largeQueue: f64('Messages in the large message queue.'),
  pendingQueue: f64('Messages in the pending queue.'),
  canceledQueue: f64('Messages in the canceled queue.'),
  connections: f64('Connections that it says it has.'),
});

export const dumpPortConnection = defineTable('dump_port_connection', 'One row per connection of a port.', {
  connectionPort: u64('The connection port.'),
  serverPort: u64('Server communication port.'),
  clientPort: u64('Client communication port.'),
  process: u64('Process of the client.'),
  image: dict('Its image.'),
  serverMain: f64('Messages in the main queue (m) of the server.'),
  serverPending: f64('Messages in the pending queue (p) of the server.'),
  serverLarge: f64('Messages in the large message queue (l) of the server.'),
  clientMain: f64('Messages in the main queue (m) of the client.'),
  clientPending: f64('Messages in the pending queue (p) of the client.'),
  clientLarge: f64('Messages in the large message queue (l) of the client.'),
});

export const dumpRpcCell = defineTable('dump_rpc_cell', 'One row per cell of RPC state information.', {
  kind: dict('`endpoint`, `thread`, `connection`, `scall` or `ccall`; `client-stack` for a call read off a stack.'),
  pid: f64('Process whose cell it is.'),
  cell: dict('Cell: `0.19`.'),
  status: dict('`allocated`, `active`, `inactive`, `processing`, `dispatched`, `idle`.'),
  procedure: f64('Procedure number.'),
  interfaceStart: dict('First DWORD of the interface: 8 hex digits in lower case.'),
  threadCell: dict('Cell of the servicing thread.'),
  callFlags: f64('Call flags.'),
  callId: f64('Call id.'),
  lastUpdateMs: f64('Last update, since boot.', 'ms'),
  callerPid: f64('Process of the caller (LRPC only).'),
  callerTid: f64('Thread of the caller (LRPC only).'),
  connectionCell: dict('Cell of the connection; null where the caller stands in its place.'),
  tid: f64('Thread id of a thread cell.'),
  protocol: dict('Protocol sequence as printed.'),
  endpoint: dict('Endpoint.'),
  server: dict('Target server.'),
  sighting: i32('Row of `dump_thread` whose stack a client call was read from; null elsewhere.'),
});
