/** RPC by its state information: a client call, the endpoint it went to, the server call that was dispatched, its thread. */
import { dumpRpcCell } from '../../../tables/dump-lock.js';
import { onceForEach } from '../frames.js';
import type { Placed } from '../rows.js';
import { stackWait } from '../waits.js';
import type { Edge, Scene } from './edge.js';

type CellRow = Placed<typeof dumpRpcCell>;

/** A server call's thread is stale unless the call is one of these. */
const AT_WORK = new Set(['active', 'dispatched']);

export function rpcEdges(scene: Scene): Edge[] {
  const cells = scene.rows.of(dumpRpcCell);
  const threads = new Map(cells.filter(({ kind }) => kind === 'thread').map((row) => [`${row.pid} ${row.cell}`, row]));
  const calls = cells.filter(({ kind, status }) => kind === 'scall' && AT_WORK.has(status ?? ''));
  const edges: Edge[] = [];
  for (const call of calls) {
    const server = threads.get(`${call.pid} ${call.threadCell}`);
    const to = server?.tid === null || server === undefined ? null : scene.model.mention(null, server.tid);
    if (to === null || server === undefined) continue;
    to.pid ??= server.pid;
    const object = `${call.interfaceStart ?? '?'}:${call.procedure ?? '?'}`;
    const base = { to: to.id, kind: 'rpc' as const, object };
    if (call.callerTid !== null) {
      // Calls that were only allocated may be long over; those dispatched are under way.
      if (call.status !== 'dispatched') continue;
      const from = scene.model.mention(null, call.callerTid);
      if (from === null || from === to) continue;
      from.pid ??= call.callerPid;
      const statement = `waits for procedure ${call.procedure} of interface ${call.interfaceStart}, which ${to.id} runs (LRPC)`;
      // Of an asynchronous call the client goes on, and may wait for something else.
      const sends = from.frames.length === 0 ? null : inCall(from.frames);
      if (sends === false) continue;
      edges.push({ ...base, from: from.id, certain: sends === true, statement, rows: [call, server] });
      continue;
    }
    for (const client of clientsOf(cells, call)) {
      const from = clientThread(scene, client, threads);
      if (from === null || from === to.id) continue;
      const statement = `waits for procedure ${call.procedure} of interface ${call.interfaceStart}, which ${to.id} runs`;
      edges.push({ ...base, from, certain: false, statement, rows: [client, call, server] });
    }
  }
  return edges;
}

const CALL =
  /^(?:LRPC|OSF|DG)_\w{0,12}CALL|^(?:I_Rpc|Ndr|Rpc)SendReceive|^NdrClientCall|^Nt(?:RequestWaitReplyPort|AlpcSendWaitReceivePort)$/;
const inCall = onceForEach((frames) => {
  const kind = stackWait(frames)?.kind;
  return (
    kind === 'lpc' ||
    kind === 'alpc' ||
    kind === 'rpc' ||
    frames.slice(0, 12).some(({ function: fn }) => fn !== null && CALL.test(fn))
  );
});

/** Client calls that fit a server call: the same interface, procedure and call id, and an endpoint of its process. */
function clientsOf(cells: readonly CellRow[], call: CellRow): CellRow[] {
  const endpoints = new Set(
    cells.filter(({ kind, pid }) => kind === 'endpoint' && pid === call.pid).map(({ endpoint }) => endpoint),
  );
  const fits = cells.filter(
    (row) =>
      (row.kind === 'ccall' || row.kind === 'client-stack') &&
      row.interfaceStart === call.interfaceStart &&
      row.procedure === call.procedure &&
      (row.callId === null || call.callId === null || row.callId === call.callId) &&
      (endpoints.size === 0 || row.endpoint === null || endpoints.has(row.endpoint)),
  );
  return fits.slice(0, 16);
}

function clientThread(scene: Scene, client: CellRow, threads: ReadonlyMap<string, CellRow>): string | null {
  const own = threads.get(`${client.pid} ${client.threadCell}`)?.tid ?? null;
  if (own !== null) return scene.model.mention(null, own)?.id ?? null;
  const sighting = [...scene.model.threads.values()].find((thread) =>
    thread.sightings.some((row) => row.sighting === client.sighting && row.at.source === client.at.source),
  );
  if (sighting !== undefined) return sighting.id;
  // One thread whose stack waits in RPC is the client.
  const waiting = scene.waiters.filter(({ wait }) => wait?.kind === 'rpc');
  return waiting.length === 1 ? waiting[0].thread.id : null;
}
