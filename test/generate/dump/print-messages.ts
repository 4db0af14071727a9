/** `!lpc message` and `!alpc /m`. */
import { hex, type Layout, ptr, typed } from './text.js';
import type { DumpMessage } from './truth.js';

const imageOf = ({ truth }: Layout, process: string): string =>
  truth.processes.find(({ address }) => address === process)?.image ?? '';

export function messageOutputs(layout: Layout): string[][] {
  return layout.truth.messages
    .filter(({ isShown }) => isShown)
    .map((message) => (message.kind === 'lpc' ? lpcMessage(layout, message) : alpcMessage(layout, message)));
}

/** Server and client come in either order. */
function lpcMessage(layout: Layout, message: DumpMessage): string[] {
  const id = hex(message.id);
  const client = ptr(layout, message.client);
  const parties = [
    ...(message.server === null
      ? []
      : [`    Server thread ${ptr(layout, message.server)} is working on message ${id}                        `]),
    `Client thread ${client} waiting a reply from ${id}                         `,
  ];
  const connection = ptr(layout, message.connectionPort);
  return [
    typed(layout, `!lpc message ${layout.random.pick([id, hex(message.id, 8)])}`),
    `Searching message ${id} in threads ...`,
    ...(layout.random.next() < 0.3 ? parties.reverse() : parties),
    `Searching thread ${client} in port rundown queues ...`,
    '',
    `Server communication port 0x${ptr(layout, message.serverPort)}`,
    '    Handles: 1   References: 1',
    '    The LpcDataInfoChainHead queue is empty',
    `        Connected port: 0x${ptr(layout, message.clientPort)}      Server connection port: 0x${connection}`,
    '',
    `Client communication port 0x${ptr(layout, message.clientPort)}`,
    '    Handles: 1   References: 2',
    '    The LpcDataInfoChainHead queue is empty',
    '',
    `Server connection port ${connection}  Name: ${message.portName}`,
    '    Handles: 1   References: 17',
    `    Server process  : ${ptr(layout, message.serverProcess)} (${imageOf(layout, message.serverProcess)})`,
    `    Queue semaphore : ${ptr(layout, BigInt(message.connectionPort) - 0x57000000n)}`,
    '    Semaphore state 0 (0x0)',
    '    The message queue is empty',
    '    The LpcDataInfoChainHead queue is empty',
    'Done.',
    '',
  ];
}

function alpcMessage(layout: Layout, message: DumpMessage): string[] {
  const { random } = layout;
  const at = ptr(layout, message.address ?? 0n);
  const both = (value: number, width: number): string => `0x${hex(value, width).toUpperCase()} (${value})`;
  const row = (name: string, value: string): string => `  ${name.padEnd(21)} : ${value}`;
  const none = ptr(layout, 0n);
  const length = random.whole(0x20, 0x400);
  return [
    typed(layout, `!alpc /m ${at}`),
    '',
    `Message ${random.pick(['@ ', '@ ', ''])}${at}`,
    row('MessageID', both(random.whole(0x100, 0xffff), 4)),
    row('CallbackID', both(random.whole(0x10000, 0xffffff), 6)),
    row('SequenceNumber', both(random.whole(1, 0xffff), 8)),
    row('Type', 'LPC_REQUEST'),
    row('DataLength', both(length, 4)),
    row('TotalLength', both(length + 40, 4)),
    row('Canceled', 'No'),
    row('Release', 'No'),
    row('ReplyWaitReply', 'No'),
    row('Continuation', 'Yes'),
    row('OwnerPort', `${ptr(layout, message.clientPort)} [ALPC_CLIENT_COMMUNICATION_PORT]`),
    row('WaitingThread', ptr(layout, message.client)),
    row('QueueType', message.server === null ? 'ALPC_MSGQUEUE_MAIN' : 'ALPC_MSGQUEUE_PENDING'),
    row('QueuePort', `${ptr(layout, message.connectionPort)} [ALPC_CONNECTION_PORT]`),
    row('QueuePortOwnerProcess', `${ptr(layout, message.serverProcess)} (${imageOf(layout, message.serverProcess)})`),
    row('ServerThread', ptr(layout, message.server ?? 0n)),
    row('QuotaCharged', 'No'),
    row('CancelQueuePort', none),
    row('CancelSequencePort', none),
    row('CancelSequenceNumber', both(0, 8)),
    row('ClientContext', ptr(layout, 0x25599e0n)),
    row('ServerContext', none),
    row('PortContext', ptr(layout, 0x30d640n)),
    row('CancelPortContext', none),
    row('SecurityData', none),
    row('View', none),
    '',
  ];
}
