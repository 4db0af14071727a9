/** Takes what stands behind each label into the report. */
import type { Found, What } from './labels.js';
import { count, figure } from './numbers.js';
import { damaged, kindOf, placeOf, type State, type Taken } from './report.js';

const MAX_CPUS = 4096;
/** Reports have six ranges of each kind. */
const MAX_RANGES = 64;

export function take(state: State, found: Found): Taken {
  const { what } = found;
  if (what === 'other') return 'other';
  if (what === 'duration') return takeDuration(state, found);
  if (what === 'os') return takeOs(state, found);
  if (what === 'cpus') return takeCpus(state, found);
  const key = `${what} ${found.groups.join(' ').toLowerCase()}`;
  if (state.taken.has(key)) {
    const message = 'figures that stand twice: the file seems to hold several reports; only the first one was read';
    return damaged(state, 'repeated-figure', message, found, 'data-loss');
  }
  if (state.taken.size < 6 * MAX_CPUS) state.taken.add(key);
  if (what === 'bucket') return takeBucket(state, found);
  if (what === 'cpuMax' || what === 'cpuTotal' || what === 'cpuCount') return takeCpuFigure(state, found, what);
  return takeFigure(state, found, what);
}

/** `0:19:15  (h:mm:ss)`, to the second. */
function takeDuration(state: State, { value }: Found): Taken {
  const found = /^(\d{1,5}):(\d\d):(\d\d)\b/.exec(value);
  if (found === null || state.durationS !== null) return 'other';
  state.durationS = Number(found[1]) * 3600 + Number(found[2]) * 60 + Number(found[3]);
  state.out.about.span = { startUs: 0, endUs: state.durationS * 1e6 };
  return 'other';
}

/** `Windows 11, 10.0, version 2009, build: 26100 (x64)` */
function takeOs({ out }: State, { value }: Found): Taken {
  if (out.about.machine.os !== null || value === '') return 'other';
  const build = /build:?\s{0,20}(\d{3,6})/i.exec(value);
  out.about.machine.os = value.slice(0, 200);
  out.about.machine.build = build === null ? null : Number(build[1]);
  return 'other';
}

function takeCpus({ out }: State, { value }: Found): Taken {
  const count = /^\d{1,4}\b/.exec(value);
  if (count !== null && Number(count[0]) > 0) out.about.machine.cpus ??= Number(count[0]);
  return 'other';
}

function takeFigure(state: State, found: Found, what: What): Taken {
  const of = state.of[kindOf(found.groups[0])];
  if (what === 'maxDriver' || what === 'totalDriver') {
    const module = moduleOf(found.value);
    if (module === null) return damaged(state, 'no-value', 'labels without a value were passed over', found);
    of[what] = { ...placeOf(found), module };
    return 'row';
  }
  const value = figure(state, found);
  if (value === null) return 'damaged';
  if (what === 'max') {
    of.max = value;
    of.place = placeOf(found);
  } else if (what === 'percent') {
    of.percent = value;
    of.place ??= placeOf(found);
  } else of.maxTotal = value;
  return 'row';
}

/** `ACPI.sys - ACPI Driver for NT, Microsoft Corporation`: the file name comes first. */
function moduleOf(value: string): string | null {
  const dash = value.indexOf(' - ');
  const name = (dash < 0 ? value : value.slice(0, dash)).trim();
  return name === '' || name.length > 260 || /^(none|unknown|n\/a|-)$/i.test(name) ? null : name;
}

/** `<250 µs`, `250-500 µs`, `>=4000 µs`: numbers only, since the unit may be damaged. */
function takeBucket(state: State, found: Found): Taken {
  const of = state.of[kindOf(found.groups[0])];
  const edges = /^\s*(<=?|>=?|≥|≤)?\s*(\d{1,9})(?:\s*[-–]\s*(\d{1,9}))?/.exec(found.groups[1]);
  if (of.buckets.length >= MAX_RANGES) {
    const message = `more than ${MAX_RANGES} ranges of one kind: no report has so many, the rest was passed over`;
    return damaged(state, 'too-many-ranges', message, found, 'data-loss');
  }
  const n = count(state, found);
  if (n === null) return 'damaged';
  if (edges === null) return damaged(state, 'bucket-unreadable', 'ranges that cannot be read were passed over', found);
  const [, sign = '', first, second] = edges;
  const below = sign.startsWith('<') || sign === '≤';
  const hi = below ? Number(first) : second === undefined ? null : Number(second);
  of.buckets.push({ ...placeOf(found), lo: below ? 0 : Number(first), hi, printedHi: hi, count: n });
  return 'row';
}

function takeCpuFigure(state: State, found: Found, what: 'cpuMax' | 'cpuTotal' | 'cpuCount'): Taken {
  const cpu = Number(found.groups[0]);
  if (cpu >= MAX_CPUS) return damaged(state, 'cpu-unknown', 'processor numbers that cannot be were passed over', found);
  const { cpus } = state.of[kindOf(found.groups[1])];
  const value = what === 'cpuCount' ? count(state, found) : figure(state, found);
  if (value === null) return 'damaged';
  let figures = cpus.get(cpu);
  if (figures === undefined) {
    figures = { place: placeOf(found) };
    cpus.set(cpu, figures);
  }
  if (what === 'cpuMax') figures.max = value;
  else if (what === 'cpuTotal') figures.total = Math.round(value * 1e6);
  else figures.count = value;
  return 'row';
}
