/** Threads that stand out by themselves. */
import { dumpModule } from '../../../tables/dump-system.js';
import type { Case } from '../case.js';
import { onceForEach } from '../frames.js';
import type { Thread } from '../model.js';
import type { DumpPattern } from '../result.js';
import { isExiting } from '../roots.js';
import type { Placed } from '../rows.js';
import { stackWait } from '../waits.js';
import { counted, type PatternFinder, pattern, someOf, waitText } from './pattern.js';

type ModuleRow = Placed<typeof dumpModule>;

/** CPU time from which on a running thread spikes. */
const SPIKE_MS = 10_000;
/** Share of the time that its process has existed, or the system has been up: less is what long runs add up to. */
const SPIKE_SHARE = 0.25;
/** Less is enough where no other thread has used nearly as much. */
const AHEAD_SHARE = 0.05;
const AHEAD_TIMES = 10;
const DAY_MS = 86_400_000;
const OLD_DAYS = 30;

export const threadPatterns: PatternFinder = (all) => [
  ...spiking(all),
  ...messageBoxes(all),
  ...polling(all),
  ...pagedOut(all),
  ...suspended(all),
  ...wow64(all),
  ...exiting(all),
  ...overaged(all),
];

const threads = ({ model }: Case): Thread[] => [...model.threads.values()];
const named = ({ id, image }: Thread): string => (image === null ? id : `${id} (${image})`);

/** Running or ready with much CPU time of its own; the idle threads do not count. */
function spiking(all: Case): DumpPattern[] {
  const used = threads(all)
    .filter(({ pid, tid }) => !(pid === 0 && tid === 0))
    .map((thread) => ({ thread, ms: (thread.row.userMs ?? 0) + (thread.row.kernelMs ?? 0) }))
    .filter(({ ms }) => ms > 0)
    .sort((a, b) => b.ms - a.ms);
  const [first, second] = used;
  const busy = used.filter(
    ({ thread: { state }, ms }) => ms >= SPIKE_MS && /^(?:RUNNING|READY|STANDBY)$/.test(state ?? ''),
  );
  return busy.slice(0, 10).map(({ thread, ms }) => {
    const [user, kernel] = [thread.row.userMs ?? 0, thread.row.kernelMs ?? 0];
    const elapsed = elapsedOf(all, thread);
    const build = buildOf(all, thread);
    const share = elapsed === null ? null : ms / elapsed.ms;
    const isAhead = first.thread === thread && second !== undefined && ms >= second.ms * AHEAD_TIMES;
    const isMuch = share === null || share >= SPIKE_SHARE || (isAhead && share >= AHEAD_SHARE);
    const of =
      elapsed === null || share === null
        ? ''
        : `, ${(100 * share).toFixed(share < 0.1 ? 1 : 0)} % of the ${waitText(elapsed.ms)} that ${elapsed.what}`;
    return pattern(all, {
      name: 'Spiking Thread',
      certain: thread.state === 'RUNNING' && isMuch,
      statement: `${named(thread)} ${stateText(thread)} and has used ${waitText(ms)} of CPU (user ${waitText(user)}, kernel ${waitText(kernel)})${of}`,
      subjects: [thread.id],
      rows: [...thread.sightings, ...build],
      next: [
        ...build.map((row) => `is there a newer ${row.image ?? row.name}? The dump has ${buildText(row)}`),
        'compare with a second dump, or with CPU samples of a trace (tracekit dpc, WPA CPU Usage (Sampled))',
      ],
    });
  });
}

/** The program of a thread in the list of modules, where that tells its version or date. */
function buildOf({ rows }: Case, { image }: Thread): readonly ModuleRow[] {
  const wanted = image?.toLowerCase();
  const row = rows
    .of(dumpModule)
    .findLast((one) => one.image?.toLowerCase() === wanted && (one.fileVersion ?? one.timestampSeconds) !== null);
  return wanted === undefined || row === undefined ? [] : [row];
}

const buildText = ({ fileVersion, timestampSeconds: time }: ModuleRow): string =>
  [
    fileVersion === null ? null : `version ${fileVersion}`,
    time === null ? null : `the build of ${new Date(time * 1000).toISOString().slice(0, 10)}`,
  ]
    .filter((text) => text !== null)
    .join(', ');

const stateText = ({ state, processor }: Thread): string =>
  state !== 'RUNNING' ? `is ${state}` : processor === null ? 'runs' : `runs on processor ${processor}`;

/** As long as a thread can have run; null where the log does not say. */
function elapsedOf({ facts }: Case, { process }: Thread): { readonly ms: number; readonly what: string } | null {
  const elapsed = process?.row.elapsedMs ?? 0;
  if (elapsed > 0) return { ms: elapsed, what: 'its process has existed' };
  const uptime = facts.number('system', 'uptimeMs') ?? 0;
  return uptime > 0 ? { ms: uptime, what: 'the system has been up' } : null;
}

function messageBoxes(all: Case): DumpPattern[] {
  return threads(all)
    .filter(({ frames }) => stackWait(frames)?.kind === 'message-box')
    .slice(0, 20)
    .map((thread) => {
      const session = thread.process?.row.sessionId ?? null;
      const hidden = session === 0 ? ', in session 0, where nobody sees it' : '';
      return pattern(all, {
        name: 'Message Box',
        certain: true,
        statement: `${named(thread)} shows a message box${hidden} and has waited ${waitText(thread.waitMs)}`,
        subjects: [thread.id],
        rows: thread.sightings,
        next: ['kv on that thread, then du on the arguments of MessageBox: what it says'],
      });
    });
}

function polling(all: Case): DumpPattern[] {
  const list = threads(all).filter(({ waitTicks, frames }) => waitTicks === 0 && stackWait(frames)?.kind === 'sleep');
  if (list.length === 0) return [];
  return [
    pattern(all, {
      name: 'Polling',
      certain: false,
      statement: `${counted(list.length, 'thread')} sleep since 0 ticks: ${someOf(list.map(named))}; a thread that polls can be the cause of waits all the same`,
      subjects: list.slice(0, 20).map(({ id }) => id),
      rows: list.flatMap(({ sightings }) => sightings).slice(0, 8),
    }),
  ];
}

function pagedOut(all: Case): DumpPattern[] {
  const list = threads(all).filter(({ row, frames }) => row.stackNotResident === 1 && frames.length === 0);
  if (list.length === 0) return [];
  return [
    pattern(all, {
      name: 'Paged Out Data',
      certain: true,
      statement: `the stacks of ${counted(list.length, 'thread')} are paged out (${someOf(list.map(({ id }) => id))}): what they wait in is not known`,
      subjects: list.slice(0, 20).map(({ id }) => id),
      rows: list.flatMap(({ sightings }) => sightings).slice(0, 8),
    }),
  ];
}

function suspended(all: Case): DumpPattern[] {
  const list = threads(all).filter(
    ({ row, address, waitReason }) =>
      /^(?:Suspended|WrSuspended)$/i.test(waitReason ?? '') ||
      (address !== null && (row.suspendCount ?? 0) > 0) ||
      (address === null && (row.suspendCount ?? 0) > 1),
  );
  if (list.length === 0) return [];
  return [
    pattern(all, {
      name: 'Suspended Thread',
      certain: true,
      statement: `${counted(list.length, 'thread')} suspended: ${someOf(list.map(named))}`,
      subjects: list.slice(0, 20).map(({ id }) => id),
      rows: list.flatMap(({ sightings }) => sightings).slice(0, 8),
    }),
  ];
}

const isLayerOnly = onceForEach((frames) => {
  const at = frames.findIndex(({ base }) => /^wow64(?:cpu)?$/.test(base));
  return at >= 0 && frames.slice(at).every(({ base }) => /^(?:wow64\w{0,6}|ntdll|)$/.test(base));
});

/** A 64-bit debugger shows a 32-bit process by the layer that runs it; the program's own frames are missing. */
function wow64(all: Case): DumpPattern[] {
  const list = threads(all).filter(({ frames }) => isLayerOnly(frames));
  if (list.length === 0) return [];
  const images = [...new Set(list.map(({ image }) => image).filter((image) => image !== null))];
  return [
    pattern(all, {
      name: 'Virtualized Process (WOW64)',
      certain: true,
      statement: `${counted(list.length, 'thread')}${images.length === 0 ? '' : ` of ${someOf(images)}`} run 32-bit code, and only the 64-bit stack is shown`,
      subjects: list.slice(0, 20).map(({ id }) => id),
      rows: list.flatMap(({ sightings }) => sightings).slice(0, 8),
      next: ['.thread /w <thread>; kv (kernel), or !wow64exts.sw; kv (user mode): the 32-bit stack'],
    }),
  ];
}

/** A process that is ending and waits in it: threads that others wait for are gone. */
function exiting(all: Case): DumpPattern[] {
  return threads(all)
    .filter(({ frames, state }) => isExiting(frames) && (state === null || /WAIT/.test(state)))
    .slice(0, 10)
    .map((thread) => {
      const served = all.chains.list.find(
        ({ root }) => root.node === `process:0x${thread.process?.address?.toString(16) ?? ''}`,
      );
      return pattern(all, {
        name: 'Missing Thread',
        certain: served !== undefined,
        statement: `${named(thread)} ends its process and has waited ${waitText(thread.waitMs)} in it: the other threads are gone${served === undefined ? '' : `, and ${counted(served.threads.length, 'thread')} wait for an answer of it`}`,
        subjects: [thread.id, ...(served?.threads ?? [])],
        rows: thread.sightings,
      });
    });
}

function overaged(all: Case): DumpPattern[] {
  const { facts } = all;
  const row = facts.last('system', 'uptimeMs');
  const days = (row?.number ?? 0) / DAY_MS;
  if (row === null || days < OLD_DAYS) return [];
  return [
    pattern(all, {
      name: 'Overaged System',
      certain: true,
      statement: `the system has been up for ${Math.floor(days)} days: leaks and fragmentation had time to grow`,
      rows: [row],
    }),
  ];
}
