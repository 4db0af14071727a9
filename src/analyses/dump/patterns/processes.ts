/** Processes: too many of one kind, too many handles, one that waits for another. */
import { pushTo } from '../../../core/push-to.js';
import { dumpString } from '../../../tables/dump-system.js';
import type { Case } from '../case.js';
import { hex, onceForEach } from '../frames.js';
import type { Process } from '../model.js';
import type { DumpPattern } from '../result.js';
import { counted, type PatternFinder, pattern, someOf } from './pattern.js';

/** Children of one parent and image from which on it makes processes without end; fewer are possible. */
const MANY_CHILDREN = 50;
const SOME_CHILDREN = 4;
/** Handles of one process: system processes hold a few thousand. */
export const MANY_HANDLES = 10_000;

export const processPatterns: PatternFinder = (all) => [...factories(all), ...handles(all)];

function factories(all: Case): DumpPattern[] {
  const groups = new Map<string, Process[]>();
  for (const process of all.model.processes) {
    const parent = process.row.parentPid;
    if (parent === undefined || parent === null || process.image === null) continue;
    const key = `${parent} ${process.image.toLowerCase()}`;
    pushTo(groups, key, process);
  }
  const found: DumpPattern[] = [];
  for (const list of groups.values()) {
    if (list.length < SOME_CHILDREN) continue;
    const parent = all.model.processOf(list[0].row.parentPid ?? null);
    // Windows itself starts many of some: services, shells of a session.
    if (
      /^(?:svchost|conhost|csrss|winlogon|dwm|fontdrvhost|smss|wmiprvse|dllhost|runtimebroker|taskhost\w{0,2})\.exe$/i.test(
        list[0].image ?? '',
      ) &&
      list.length < MANY_CHILDREN
    )
      continue;
    // Browsers and their like run each page in a child of the same image.
    if (parent?.image?.toLowerCase() === list[0].image?.toLowerCase() && list.length < MANY_CHILDREN) continue;
    const name = parent?.image ?? `the process with id ${list[0].row.parentPid}`;
    const held = parent?.row.handleCount ?? null;
    const starters = startersIn(all, parent);
    found.push(
      pattern(all, {
        name: 'Process Factory',
        certain: list.length >= MANY_CHILDREN,
        statement: `${name} has started ${counted(list.length, 'process')} of ${list[0].image} that are still there, as far as the log shows${held === null ? '' : `; it holds ${held} handles`}`,
        subjects: [hex(parent?.address ?? null) ?? name, ...list.slice(0, 20).map(({ address }) => hex(address) ?? '')],
        rows: [...(parent?.rows ?? []), ...list.flatMap(({ rows }) => rows).slice(0, 6)],
        next: [`find what starts them: threads in CreateProcess${starters}, and what ${list[0].image} waits for`],
      }),
    );
  }
  return [...found, ...creators(all)];
}

const CREATE = /^CreateProcess(?:Internal|AsUser)?[AW]?$/;

const starts = onceForEach((frames) => frames.some(({ function: fn }) => fn !== null && CREATE.test(fn)));

function startersIn({ model }: Case, parent: Process | null): string {
  if (parent === null) return '';
  const threads = model.threadsOf(parent).filter(({ frames }) => starts(frames));
  return threads.length === 0 ? '' : ` (${someOf(threads.map(({ id }) => id))})`;
}

/** Threads that are starting a process, with the command line where the log shows it. */
function creators(all: Case): DumpPattern[] {
  return [...all.model.threads.values()]
    .filter(({ frames }) => starts(frames))
    .slice(0, 10)
    .flatMap((thread) => {
      const command = commandOf(
        all,
        thread.args.filter(({ routine }) => /!CreateProcess/.test(routine ?? '')),
      );
      if (command === null) return [];
      return [
        pattern(all, {
          name: 'Process Factory',
          certain: false,
          statement: `${thread.id}${thread.image === null ? '' : ` of ${thread.image}`} is starting "${command.text}": where it does so in a loop, that is where processes come from`,
          subjects: [thread.id],
          rows: [command.row, ...thread.sightings],
        }),
      ];
    });
}

function commandOf(
  { rows }: Case,
  args: readonly { arg1: string | null; arg2: string | null; arg3: string | null; arg4: string | null }[],
): { text: string; row: ReturnType<typeof strings>[number] } | null {
  const strings = () => rows.of(dumpString);
  const values = new Set(args.flatMap(({ arg1, arg2, arg3, arg4 }) => [arg1, arg2, arg3, arg4]));
  const row = strings().find(({ address, text }) => text !== null && values.has(hex(address)));
  return row === undefined || row.text === null ? null : { text: row.text, row };
}

function handles(all: Case): DumpPattern[] {
  const many = all.model.processes
    .filter(({ row }) => (row.handleCount ?? 0) >= MANY_HANDLES)
    .sort((a, b) => (b.row.handleCount ?? 0) - (a.row.handleCount ?? 0));
  if (many.length === 0) return [];
  const names = many.map(({ image, row }) => `${image ?? 'a process'} ${row.handleCount}`);
  return [
    pattern(all, {
      name: 'Handle Leak',
      certain: false,
      statement: `many handles: ${someOf(names)}`,
      subjects: many.map(({ address, image }) => hex(address) ?? image ?? ''),
      rows: many.flatMap(({ rows }) => rows),
      next: ['count handles by type (!handle 0 0 in that process) and again later; !htrace where it was enabled'],
    }),
  ];
}
