/**
 * A seeded software trace of any size, `# PID TID Time Message`, about 100 bytes a line: 3,000 templates of words and typed
 * variables, 40 processes, 800 threads; every fiftieth template is periodic, the rest come at random, few of them often.
 * Lines are rendered once as templates; per line only number, time and the digits of variables are written into a copy.
 */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { type Random, seeded } from '../test/generate/random.js';

export interface MessagesOptions {
  /** Without the header line. Default 20 million. */
  readonly lines?: number;
  readonly templates?: number;
  readonly seed?: number;
}

export interface WrittenMessages {
  readonly lines: number;
  readonly bytes: number;
  readonly templates: number;
}

const BUFFER_BYTES = 16 << 20;
const LONGEST_LINE = 1024;
const PROCESSES = 40;
const THREADS = 800;
/** Renderings of each template: threads and widths of variables differ. */
const VARIANTS = 8;
const PERIODIC_EVERY = 50;
/** Lines a ms, and the time of day of the first one: 20 million lines end before midnight. */
const LINES_PER_MS = 1;
const START_MS = 3_600_000;

const NUMBER_WIDTH = 8;
const ID_WIDTH = 5;
/** Behind `#`, PID and TID with a blank each. */
const TIME_AT = NUMBER_WIDTH + 1 + 2 * (ID_WIDTH + 1);
const HEADER = `${'#'.padEnd(NUMBER_WIDTH)} ${'PID'.padEnd(ID_WIDTH)} ${'TID'.padEnd(ID_WIDTH)} ${'Time'.padEnd(12)} Message\r\n`;

const WORDS =
  'accept adapter address adjust agent alarm allocate anchor answer archive arrange attach audit balance bank batch beacon begin bind block border branch bridge broker browse bucket budget build bundle cable cache call cancel capture carrier catalog chain change channel charge check choose circuit claim clean client clock close cluster collect column combine command commit compare compress confirm connect contain context convert copy counter cover create credit cursor cycle daemon decide decode delay delete deliver depth derive detach detect device digest direct discard dispatch display divide domain draft drain drive drop edge editor element emit empty encode engine enter entry escape evaluate event evict examine exchange execute expand expect export extend fabric factor fetch field filter final finish flag flush folder follow forward frame free gateway gather generate grant graph group guard handle hash header heap hint hold host image import index inform inherit initial insert inspect install instance invoke issue join journal keep kernel label lane launch layer leader lease level limit link listen load local locate logic lookup loop manage mapping marker master match measure member merge meter method migrate mirror mode monitor mount move native node notify number object observe offset open operate option order origin output owner packet page panel parent parse partition path pause peer pending permit phase pipe plan point policy poll port post prepare present print probe process profile project prompt proof protect provide proxy publish pull purge push query queue quota raise range rate reach read rebuild recall receive record recover reduce refer refresh region register reject release relay remote remove render repair repeat replace report request reserve reset resolve resource restore result resume retain return reverse revoke rights root rotate route sample scan schedule scope score search section segment select send sensor serve session shadow shard share shift signal slice slot snapshot socket source span spawn split stage standby start state station status step store stream submit suspend switch symbol table target task template tenant thread ticket timer token topic trace track transfer trigger tunnel update upload vault vector verify version view volume wait walk watch window worker wrap write yield zone'.split(
    ' ',
  );

/** Where digits of a line vary. */
interface Slot {
  readonly at: number;
  readonly width: number;
  readonly hex: boolean;
}

/** A line whose number and time are blank. */
interface Line {
  readonly bytes: Buffer;
  readonly slots: readonly Slot[];
}

interface Template {
  readonly variants: readonly Line[];
  /** Null for random ones. */
  readonly periodMs: number | null;
}

/** Text as it is, or a variable with the text around it. */
type Piece =
  | string
  | {
      readonly before: string;
      readonly width: readonly [number, number];
      readonly hex: boolean;
      readonly after: string;
    };

const VARIABLES: readonly (readonly Piece[])[] = [
  [{ before: '', width: [1, 6], hex: false, after: '' }],
  [{ before: '0x', width: [8, 8], hex: true, after: '' }],
  [{ before: '0xffffa80', width: [9, 9], hex: true, after: '' }],
  [{ before: '', width: [1, 4], hex: false, after: ' ms' }],
  [{ before: '"item ', width: [2, 5], hex: false, after: '"' }],
  [{ before: 'C:\\Data\\part', width: [3, 5], hex: false, after: '.dat' }],
  [
    { before: '10.', width: [1, 2], hex: false, after: '.' },
    { before: '', width: [1, 2], hex: false, after: '.7' },
  ],
  [
    { before: '{', width: [8, 8], hex: true, after: '-' },
    { before: '', width: [4, 4], hex: true, after: '-4c11-9e02-' },
    { before: '', width: [12, 12], hex: true, after: '}' },
  ],
];

/** Words with one to three variables among them, about 60 characters. */
function piecesOf(random: Random, taken: Set<string>): Piece[] {
  for (;;) {
    const words = Array.from({ length: random.whole(5, 8) }, () => random.pick(WORDS));
    const key = words.join(' ');
    if (taken.has(key)) continue;
    taken.add(key);
    words[0] = words[0][0].toUpperCase() + words[0].slice(1);
    if (random.next() < 0.1) words.splice(1, 0, random.pick(['failed', 'error', 'timed out']));
    const pieces: Piece[] = words.flatMap((word, i) => (i === 0 ? [word] : [' ', word]));
    for (let i = random.whole(1, 3); i > 0; i--) pieces.push(' ', ...random.pick(VARIABLES));
    return pieces;
  }
}

function lineOf(random: Random, pieces: readonly Piece[], pid: number, tid: number): Line {
  const ids = `${String(pid).padEnd(ID_WIDTH)} ${String(tid).padEnd(ID_WIDTH)}`;
  let text = `${' '.repeat(NUMBER_WIDTH)} ${ids} 00:00:00.000 `;
  const slots: Slot[] = [];
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      text += piece;
      continue;
    }
    const width = random.whole(...piece.width);
    slots.push({ at: text.length + piece.before.length, width, hex: piece.hex });
    text += piece.before + '0'.repeat(width) + piece.after;
  }
  return { bytes: Buffer.from(`${text}\r\n`, 'latin1'), slots };
}

function makeTemplates(random: Random, count: number): Template[] {
  const threads = Array.from({ length: THREADS }, (_, i) => ({
    pid: 1000 + 52 * (i % PROCESSES),
    tid: 4000 + 12 * i,
  }));
  const taken = new Set<string>();
  return Array.from({ length: count }, (_, i) => {
    const pieces = piecesOf(random, taken);
    const periodic = i % PERIODIC_EVERY === PERIODIC_EVERY - 1;
    const home = random.whole(0, PROCESSES - 1);
    const one = random.pick(threads);
    const variants = Array.from({ length: VARIANTS }, () => {
      // A periodic template has one thread, others have several of one process.
      const { pid, tid } = periodic ? one : threads[home + PROCESSES * random.whole(0, THREADS / PROCESSES - 1)];
      return lineOf(random, pieces, pid, tid);
    });
    return { variants, periodMs: periodic ? Math.round(50 * 1200 ** random.next()) : null };
  });
}

/** Writes the trace to `path`, unless one with the same options is there: `path.json` tells. */
export function writeMessages(path: string, options: MessagesOptions = {}): WrittenMessages {
  const { lines = 20_000_000, templates = 3000, seed = 20_261_120 } = options;
  const made = { lines, templates, seed };
  const there = existing(path, made);
  if (there !== null) return there;
  mkdirSync(dirname(path), { recursive: true });
  const unfinished = `${path}.part`;
  const fd = openSync(unfinished, 'w');
  let bytes: number;
  try {
    bytes = writeLines(fd, lines, makeTemplates(seeded(seed), templates), seeded(seed + 1));
  } finally {
    closeSync(fd);
  }
  renameSync(unfinished, path);
  const written = { lines, bytes, templates };
  writeFileSync(`${path}.json`, JSON.stringify({ made, written }));
  return written;
}

function existing(path: string, made: object): WrittenMessages | null {
  if (!existsSync(`${path}.json`) || !existsSync(path)) return null;
  const noted = JSON.parse(readFileSync(`${path}.json`, 'utf8')) as { made: object; written: WrittenMessages };
  const same = JSON.stringify(noted.made) === JSON.stringify(made) && statSync(path).size === noted.written.bytes;
  return same ? noted.written : null;
}

/** Periodic templates come at the first line that is not too early for them: about 1 ms late. */
function writeLines(fd: number, lines: number, templates: readonly Template[], random: Random): number {
  const periodic = templates.filter(({ periodMs }) => periodMs !== null);
  const due = Float64Array.from(periodic, ({ periodMs }) => START_MS + random.next() * (periodMs ?? 0));
  const often = sharesOf(
    random,
    templates.filter(({ periodMs }) => periodMs === null),
  );
  const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  let used = buffer.write(HEADER, 'latin1');
  let written = 0;
  let nowMs = START_MS;
  let next = earliest(due);
  for (let number = 1; number <= lines; number++) {
    nowMs += (random.next() * 2) / LINES_PER_MS;
    let template: Template;
    if (due[next] <= nowMs) {
      template = periodic[next];
      due[next] += template.periodMs ?? 1;
      next = earliest(due);
    } else template = often[Math.floor(random.next() * often.length)];
    used = putLine(buffer, used, template.variants[Math.floor(random.next() * VARIANTS)], number, nowMs, random);
    if (used > BUFFER_BYTES - LONGEST_LINE) {
      written += writeAll(fd, buffer, used);
      used = 0;
    }
  }
  return written + writeAll(fd, buffer, used);
}

function earliest(due: Float64Array): number {
  let best = 0;
  for (let i = 1; i < due.length; i++) if (due[i] < due[best]) best = i;
  return best;
}

/** Each template at least once in 16 K places; the share of the first ones is many times that of the last. */
function sharesOf(random: Random, templates: readonly Template[]): Template[] {
  const places = Math.max(1 << 14, 4 * templates.length);
  const all = [...templates];
  while (all.length < places) all.push(templates[Math.floor(templates.length * random.next() ** 3)]);
  return all;
}

const HEX = Buffer.from('0123456789abcdef');

function putLine(buffer: Buffer, at: number, line: Line, number: number, atMs: number, random: Random): number {
  const { bytes, slots } = line;
  buffer.set(bytes, at);
  putNumber(buffer, at, number);
  putTime(buffer, at + TIME_AT, Math.floor(atMs));
  for (const slot of slots) {
    let bits = Math.floor(random.next() * 0x100000000);
    const from = at + slot.at;
    // A random number is good for seven digits. The first one of several is not 0.
    for (let i = 0; i < slot.width; i++) {
      if (i % 8 === 7) bits = Math.floor(random.next() * 0x100000000);
      if (slot.hex) buffer[from + i] = HEX[bits & 15];
      else buffer[from + i] = i === 0 && slot.width > 1 ? 49 + ((bits & 15) % 9) : 48 + ((bits & 15) % 10);
      bits >>>= 4;
    }
  }
  return at + bytes.length;
}

/** Left-aligned; the template has blanks there. */
function putNumber(buffer: Buffer, at: number, number: number): void {
  let width = 1;
  for (let power = 10; power <= number; power *= 10) width++;
  let rest = number;
  for (let i = at + width - 1; i >= at; i--) {
    buffer[i] = 48 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
}

/** `hh:mm:ss.mmm`; after midnight from 0 on. */
function putTime(buffer: Buffer, at: number, ms: number): void {
  const second = Math.floor(ms / 1000);
  const minute = Math.floor(second / 60);
  putTwo(buffer, at, Math.floor(minute / 60) % 24);
  putTwo(buffer, at + 3, minute % 60);
  putTwo(buffer, at + 6, second % 60);
  const rest = ms % 1000;
  buffer[at + 9] = 48 + Math.floor(rest / 100);
  putTwo(buffer, at + 10, rest % 100);
}

function putTwo(buffer: Buffer, at: number, value: number): void {
  buffer[at] = 48 + Math.floor(value / 10);
  buffer[at + 1] = 48 + (value % 10);
}

function writeAll(fd: number, buffer: Buffer, length: number): number {
  for (let done = 0; done < length; ) done += writeSync(fd, buffer, done, length - done);
  return length;
}
