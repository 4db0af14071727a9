/** I/O: a thread that waits inside a request waits for the driver that has it, for a device, or for a remote server. */
import { dumpDevice, dumpFile, dumpIrp } from '../../../tables/dump-io.js';
import { dumpString } from '../../../tables/dump-system.js';
import { blockerOf, isRedirector, userPart } from '../blocker.js';
import { hex, onceForEach } from '../frames.js';
import type { Thread } from '../model.js';
import type { Cited, Placed } from '../rows.js';
import { driverNode, type Edge, type EdgeFinder, remoteNode, type Scene, type Waiter } from './edge.js';

type IrpRow = Placed<typeof dumpIrp>;

/** Routines of the I/O manager that send a request and wait for it. */
const SYNCHRONOUS =
  /^(?:Iop(?:SynchronousServiceTail|SynchronousCall|SynchronousApiServiceTail|CloseFile|DeleteFile|ParseDevice|WaitForSynchronousIo\w{0,20}|XxxControlFile|CancelAlertedRequest|LoadDriver)|Iop?CancelThreadIo|IofCallDriver|IopfCallDriver|IoPageRead|MiWaitForInPageComplete|IoSynchronousPageWrite|IovCallDriver)/;
/** `\Mup;LanmanRedirector\;X:0\SERVER\share`, `\SERVER\IPC$`, `\;Z:0…\SERVER\share` */
const SERVER = /^\\{1,2}(?:;[^\\]{1,80}\\){0,2}([\w.$-]{1,255})\\[^\\]{1,80}/;
const UNC = /^\\\\([\w.$-]{1,255})(?:\\|$)/;

/** A thread that ends waits until its requests are cancelled, looking again and again. */
const cancels = onceForEach((frames) =>
  frames.some(({ base, function: fn }) => base === 'nt' && /^Iop?CancelThreadIo$/.test(fn ?? '')),
);

/** Threads that have no other edge only: a request that is under way beside another wait is not what they wait for. */
export const irpEdges =
  (explained: ReadonlySet<string>): EdgeFinder =>
  (scene) => {
    const irps = new Map<bigint, IrpRow>();
    for (const row of scene.rows.of(dumpIrp)) {
      const known = row.address === null ? undefined : irps.get(row.address);
      if (row.address !== null && (known === undefined || known.driver === null || row.driver !== null))
        irps.set(row.address, row);
    }
    return scene.waiters
      .filter(
        ({ thread, wait }) =>
          !explained.has(thread.id) && wait?.kind !== 'idle' && (wait?.kind !== 'sleep' || cancels(thread.frames)),
      )
      .flatMap((waiter) => edgesOf(scene, waiter, irps));
  };

function edgesOf(scene: Scene, { thread }: Waiter, irps: ReadonlyMap<bigint, IrpRow>): Edge[] {
  const own = irpsOf(thread, irps);
  const kernel = thread.frames.slice(0, userPart(thread.frames));
  const isSynchronous = kernel.some(({ base, function: fn }) => base === 'nt' && fn !== null && SYNCHRONOUS.test(fn));
  const server = serverOf(scene, thread, own);
  if (server !== null && isSynchronous) {
    const statement = `waits inside a request to the remote server ${server.name}`;
    return [
      {
        from: thread.id,
        to: remoteNode(server.name),
        kind: 'irp',
        object: hex(own[0]?.address ?? null),
        certain: server.isSure || own.length === 1,
        statement,
        rows: [...server.rows, ...thread.sightings],
      },
    ];
  }
  const known = own.filter(({ driver }) => driver !== null);
  if (!isSynchronous && (thread.frames.length > 0 || known.length !== 1)) return [];
  return known.map((row) => ({
    from: thread.id,
    to: driverNode(row.driver ?? ''),
    kind: 'irp' as const,
    object: hex(row.address),
    certain: isSynchronous && known.length === 1,
    isAtDevice: isLastOfStack(scene, row.device),
    statement: `waits inside a request; its IRP ${hex(row.address)} is at ${row.driver}${row.device === null ? '' : `, device ${hex(row.device)}`}`,
    rows: [row, ...thread.sightings],
  }));
}

/** By `!devstack`: nothing lies below the device. */
function isLastOfStack({ rows }: Scene, device: bigint | null): boolean {
  const stacks = rows.of(dumpDevice).filter(({ stack }) => stack !== null);
  const row = device === null ? undefined : stacks.findLast(({ address }) => address === device);
  if (row === undefined) return false;
  const places = stacks.filter(({ stack, at }) => stack === row.stack && at.source === row.at.source);
  return places.length > 1 && places.every(({ position }) => (position ?? 0) <= (row.position ?? 0));
}

function irpsOf(thread: Thread, irps: ReadonlyMap<bigint, IrpRow>): IrpRow[] {
  const listed = thread.irps.map((address) => irps.get(address)).filter((row) => row !== undefined);
  if (thread.irps.length > 0) return listed;
  return thread.address === null
    ? []
    : [...irps.values()].filter((row) => row.thread === thread.address && row.command === '!irp');
}

/** The server whose name the file object of an IRP, or a path that the stack's arguments point to, shows. */
function serverOf(
  scene: Scene,
  thread: Thread,
  own: readonly IrpRow[],
): { name: string; isSure: boolean; rows: Cited[] } | null {
  for (const file of scene.rows.of(dumpFile)) {
    const row = own.find((one) => one.file !== null && one.file === file.address);
    if (row === undefined || file.name === null || !isRemoteDriver(file.driver ?? row.driver)) continue;
    const name = SERVER.exec(file.name)?.[1];
    if (name !== undefined) return { name, isSure: true, rows: [file, row] };
  }
  const blocker = blockerOf(thread.frames, thread.doubtfulFrame);
  if (blocker === null || !blocker.isRemote) return null;
  const args = new Map(
    thread.args.flatMap((row) => [row.arg1, row.arg2, row.arg3, row.arg4].map((value) => [value, row])),
  );
  for (const text of scene.rows.of(dumpString)) {
    const row = args.get(hex(text.address));
    const name = UNC.exec(text.text ?? '')?.[1];
    if (row !== undefined && name !== undefined) return { name, isSure: row.isReliable === 1, rows: [text, row] };
  }
  return null;
}

const isRemoteDriver = (driver: string | null): boolean =>
  driver !== null && isRedirector(driver.replace(/^.*\\/, '').toLowerCase());
