/** Requests by LPC and ALPC: a client waits for the reply of a server. */
import { pushTo } from '../../../core/push-to.js';
import { dumpMessage, dumpPort } from '../../../tables/dump-lock.js';
import { hex } from '../frames.js';
import type { Thread } from '../model.js';
import type { Placed } from '../rows.js';
import { stackWait } from '../waits.js';
import { type Edge, processNode, type Scene, UNKNOWN } from './edge.js';

type MessageRow = Placed<typeof dumpMessage>;

/** All that the log says of one message. */
interface Message {
  serverThread: bigint | null;
  isServerNone: boolean;
  serverProcess: bigint | null;
  serverImage: string | null;
  portName: string | null;
  readonly rows: MessageRow[];
}

export function messageEdges(scene: Scene): Edge[] {
  const messages = new Map<string, Message>();
  const ports = new Map<bigint, Message>();
  for (const row of scene.rows.of(dumpMessage)) {
    const key = row.kind === 'lpc' ? `lpc ${row.id}` : `alpc ${hex(row.address)}`;
    const message = messages.get(key) ?? empty();
    messages.set(key, message);
    join(message, row);
    if (row.clientPort !== null) ports.set(row.clientPort, message);
  }
  return [...lpc(scene, messages, ports), ...waitingClients(scene), ...alpc(scene, messages)];
}

const empty = (): Message => ({
  serverThread: null,
  isServerNone: false,
  serverProcess: null,
  serverImage: null,
  portName: null,
  rows: [],
});

function join(message: Message, row: MessageRow): void {
  message.serverThread = row.serverThread ?? message.serverThread;
  message.isServerNone = row.isServerNone === 1;
  message.serverProcess = row.serverProcess ?? message.serverProcess;
  message.serverImage = row.serverImage ?? message.serverImage;
  message.portName = row.portName ?? message.portName;
  message.rows.push(row);
}

/** The port that the client waits at, where the log shows several for one message. */
function atPort(message: Message, port: bigint | null): Message {
  const row = port === null ? undefined : message.rows.find(({ clientPort }) => clientPort === port);
  if (row === undefined) return message;
  return {
    ...message,
    portName: row.portName,
    serverProcess: row.serverProcess ?? message.serverProcess,
    serverImage: row.serverImage ?? message.serverImage,
  };
}

function lpc({ model }: Scene, messages: ReadonlyMap<string, Message>, ports: ReadonlyMap<bigint, Message>): Edge[] {
  const workers = workersByMessage([...model.threads.values()]);
  const edges: Edge[] = [];
  for (const thread of model.threads.values()) {
    const id = thread.row.lpcMessage ?? null;
    if (id === null) continue;
    const base = { from: thread.id, kind: 'lpc' as const, object: `0x${id}` };
    const shown = messages.get(`lpc ${id}`) ?? null;
    const message = shown === null ? null : atPort(shown, thread.row.lpcPort ?? null);
    const server = message?.serverThread ?? null;
    if (message !== null && server !== null) {
      const to = model.mention(server);
      if (to !== null && to !== thread) {
        edges.push({
          ...base,
          to: to.id,
          certain: true,
          statement: `waits for the reply to LPC message ${id}${portText(message)}, on which ${to.id} works`,
          rows: [...message.rows, ...thread.sightings],
        });
        continue;
      }
    }
    const working = (workers.get(id) ?? []).filter((worker) => worker !== thread);
    if (working.length === 1) {
      // Back in its pool it has passed the request on, and the id is what is left of it.
      const isIdle = stackWait(working[0].frames)?.kind === 'idle';
      const process = isIdle ? hex(working[0].process?.address ?? null) : null;
      if (process !== null) {
        edges.push({
          ...base,
          to: processNode(process),
          certain: false,
          statement: `waits for the reply to LPC message ${id} of ${working[0].image ?? 'a process'}, whose thread ${working[0].id} has had it and waits for new work; who has it now is not known`,
          rows: [...thread.sightings, ...working[0].sightings],
        });
        continue;
      }
      edges.push({
        ...base,
        to: working[0].id,
        // The id stands where the start address stood, and may be stale; but ids are not used twice, a client waits for this one, and
        // the thread is at work.
        certain: !isIdle && working[0].frames.length > 0,
        statement: `waits for the reply to LPC message ${id}, on which ${working[0].id} says it works`,
        rows: [...thread.sightings, ...working[0].sightings],
      });
      continue;
    }
    const port = thread.row.lpcPort ?? null;
    const byPort = message ?? (port === null ? null : (ports.get(port) ?? null));
    edges.push(unservedEdge(base, thread, byPort, model.processAt(byPort?.serverProcess ?? null)?.image ?? null));
  }
  return edges;
}

/** A client whose server thread is not known: it waits for the server's process, where that is. */
function unservedEdge(
  base: { from: string; kind: 'lpc' | 'alpc'; object: string },
  thread: Thread,
  message: Message | null,
  image: string | null,
): Edge {
  const process = hex(message?.serverProcess ?? null);
  const name = message?.serverImage ?? image;
  const rows = [...(message?.rows ?? []), ...thread.sightings];
  if (process === null) {
    return {
      ...base,
      to: UNKNOWN,
      certain: false,
      statement: `waits for the reply to a message; the log does not show who works on it (!${base.kind} ${base.kind === 'lpc' ? 'message' : '/m'} ${base.object.replace('0x', '')})`,
      rows,
    };
  }
  return {
    ...base,
    to: processNode(process),
    certain: true,
    statement: `waits for the reply of ${name ?? 'the process'}${message === null ? '' : portText(message)}; which of its threads works on the message is not known`,
    rows,
  };
}

const portText = ({ portName }: Message): string => (portName === null ? '' : ` at port ${portName}`);

function workersByMessage(threads: readonly Thread[]): Map<string, Thread[]> {
  const workers = new Map<string, Thread[]>();
  for (const thread of threads) {
    const id = thread.row.lpcWorkingOn;
    if (id === undefined || id === null) continue;
    pushTo(workers, id, thread);
  }
  return workers;
}

/** A client whose own block says what it waits for waits for nothing else. */
const mayWaitFor = ({ row, sightings }: Thread, column: 'lpcMessage' | 'alpcMessage', message: unknown): boolean =>
  sightings.some(({ state }) => state !== null) ? row[column] === message : true;

/** Clients that only `!lpc message` names: their own blocks are not in the log. */
function waitingClients({ model, rows }: Scene): Edge[] {
  const edges: Edge[] = [];
  for (const row of rows.of(dumpMessage)) {
    if (row.kind !== 'lpc' || row.clientThread === null || row.serverThread === null) continue;
    const [from, to] = [model.mention(row.clientThread), model.mention(row.serverThread)];
    if (from === null || to === null || from === to || !mayWaitFor(from, 'lpcMessage', row.id)) continue;
    edges.push({
      from: from.id,
      to: to.id,
      kind: 'lpc',
      object: `0x${row.id}`,
      certain: true,
      statement: `waits for the reply to LPC message ${row.id}, on which ${to.id} works`,
      rows: [row],
    });
  }
  return edges;
}

function alpc({ model, rows }: Scene, messages: ReadonlyMap<string, Message>): Edge[] {
  const owners = new Map(rows.of(dumpPort).map((row) => [row.address, row]));
  const edges: Edge[] = [];
  const clients = new Map<string, { thread: Thread; owner: bigint | null; port: bigint | null }>();
  for (const thread of model.threads.values()) {
    const address = hex(thread.row.alpcMessage ?? null);
    if (address === null) continue;
    clients.set(`${address} ${thread.id}`, {
      thread,
      owner: thread.row.alpcOwner ?? null,
      port: thread.row.alpcPort ?? null,
    });
  }
  for (const row of rows.of(dumpMessage)) {
    const address = hex(row.address);
    if (row.kind !== 'alpc' || address === null || row.clientThread === null) continue;
    const thread = model.mention(row.clientThread);
    if (thread === null || !mayWaitFor(thread, 'alpcMessage', row.address)) continue;
    const key = `${address} ${thread.id}`;
    if (!clients.has(key)) clients.set(key, { thread, owner: row.serverProcess, port: row.serverPort });
  }
  for (const [key, { thread, owner, port }] of clients) {
    const object = key.split(' ')[0];
    const message = messages.get(`alpc ${object}`) ?? null;
    const base = { from: thread.id, kind: 'alpc' as const, object };
    const server = message?.serverThread ?? null;
    const to = server === null ? null : model.mention(server);
    if (to !== null && to !== thread) {
      edges.push({
        ...base,
        to: to.id,
        certain: true,
        statement: `waits for the reply to ALPC message ${object}, on which ${to.id} works`,
        rows: [...(message?.rows ?? []), ...thread.sightings],
      });
      continue;
    }
    const process = message?.serverProcess ?? owner ?? owners.get(port)?.ownerProcess ?? null;
    const known: Message = { ...empty(), ...message, serverProcess: process, rows: [...(message?.rows ?? [])] };
    const image = process === null ? null : model.mentionProcess(process, message?.serverImage ?? null).image;
    edges.push({
      ...unservedEdge(base, thread, known, image),
      ...(message?.isServerNone
        ? {
            statement: `waits for the reply to ALPC message ${object}, which no thread of ${image ?? 'the server'} has picked up`,
          }
        : {}),
    });
  }
  return edges;
}
