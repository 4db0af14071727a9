/**
 * AssemblyScript, compiled to WebAssembly by `npm run build`: finds the lines of a block, tells events by their names,
 * counts those that nobody reads, and reads the numbers of DPC and ISR rows. It does what line-scanner.ts' caller would
 * do line by line, at several times the speed; whatever is out of the ordinary it hands back as a line.
 */

/** 512 slots of a name: 24 bytes as printed (padded, with its comma), id + 1, action. Linear probing. */
export const NAMES: usize = 1024;
/** Lines and bytes counted for each name id. */
export const COUNTS: usize = NAMES + 512 * 32;
export const BYTES: usize = COUNTS + 512 * 4;
/** What each column of a shape holds, 64 columns a shape, 64 shapes; then the index of each shape's last column. */
export const ROLES: usize = BYTES + 512 * 4;
export const LAST: usize = ROLES + 64 * 64;
/** Rows read: one array for each field. */
export const CAPACITY: i32 = 32768;
export const TIME: usize = 65536;
export const ELAPSED: usize = TIME + 8 * CAPACITY;
export const CPU: usize = ELAPSED + 8 * CAPACITY;
export const VECTOR: usize = CPU + 4 * CAPACITY;
export const MESSAGE: usize = VECTOR + 4 * CAPACITY;
/** Offsets in the text: where address and symbol begin, where the line begins and ends. */
export const TAIL: usize = MESSAGE + 4 * CAPACITY;
export const SYMBOL: usize = TAIL + 4 * CAPACITY;
export const START: usize = SYMBOL + 4 * CAPACITY;
export const END: usize = START + 4 * CAPACITY;
export const LINE: usize = END + 4 * CAPACITY;
export const SHAPE: usize = LINE + 4 * CAPACITY;
/** Number of the routine that the row names; -1 where it was not added. */
export const ROUTINE: usize = SHAPE + 4 * CAPACITY;
/** Lines handed back: start, end of line (line feed not included), number. */
export const OTHERS: usize = ROUTINE + 4 * CAPACITY;
/** 8192 slots of a routine: hash, where its text is kept, its key (see `keyOf`), number + 1. Linear probing. */
const SLOTS: u32 = 8192;
const ROUTINES: usize = 3 << 20;
/** The texts (address and symbol as printed) of the routines added. */
const KEPT: usize = ROUTINES + 16 * (SLOTS as usize);
const KEPT_END: usize = 4 << 20;
export const TEXT: usize = KEPT_END;

/** Actions of a name; from `FIRST_SHAPE` on, rows of that shape. */
const COUNT_ONLY: i32 = 0;
const HAND_BACK: i32 = 1;
const COUNT_AND_SHOW_CPU: i32 = 2;
const SAMPLE: i32 = 3;
const STACK_OF_SAMPLE: i32 = 4;
/** As a sample: stacks are looked for. */
const POOL: i32 = 5;
const FIRST_SHAPE: i32 = 16;

/** Roles of a column; 0 is passed over. */
const ROLE_TIME: u8 = 1;
const ROLE_ELAPSED: u8 = 2;
const ROLE_CPU: u8 = 3;
const ROLE_VECTOR: u8 = 4;
const ROLE_MESSAGE: u8 = 5;
const ROLE_ADDRESS: u8 = 6;

/** Column of the comma behind the name. */
const WIDTH: usize = 23;
/** Rows of higher processors are handed back, and are damaged. */
const MAX_CPUS: i64 = 4096;
const NONE: i32 = i32.MIN_VALUE;
/** Lines at the start of which every CPU is looked at; after that, one line in 1024. */
const SHOWN_LINES: i32 = 20000;
/**
 * Slots looked at for a name or routine: one that would need more is not added. Chance makes no chain so long in a table
 * half full; a file made for it would otherwise have thousands passed at each line.
 */
const MAX_PROBES: i32 = 64;
/** `SampledP`, as the eight bytes are loaded. */
const SAMPLED_P: u64 = 0x5064656c706d6153;
/** `Pool` as four. */
const POOL_NAME: u32 = 0x6c6f6f50;

let kept: usize = KEPT;
let routines: i32 = 0;
let rows: i32 = 0;
let others: i32 = 0;
let line: i32 = 0;
let stopped: bool = false;
/** The latest TimeStamp of a sample or pool row; -1 before the first. */
let sampleTime: i64 = -1;
/** True where a sample or pool row was handed back whose TimeStamp was not read: then any stack may be its own. */
let sampleUnread: bool = false;
/** True where stacks of pool rows are looked for. */
let pools: bool = false;

export function rowCount(): i32 {
  return rows;
}

export function otherCount(): i32 {
  return others;
}

export function lineCount(): i32 {
  return line;
}

function slotOf(b: u64, c: u64): usize {
  return (((c * 0x9e3779b97f4a7c15) ^ (b * 0xff51afd7ed558ccd)) >> 55) as usize;
}

/** Adds the name printed in the 24 bytes at `name`, or gives it another action; false where its slots are taken. */
export function setName(name: usize, id: i32, action: i32): bool {
  const a = load<u64>(name);
  const b = load<u64>(name + 8);
  const c = load<u64>(name + 16);
  let slot = slotOf(b, c);
  let p = NAMES + slot * 32;
  for (let probes = 1; load<i32>(p + 24) != 0; probes++) {
    if (load<u64>(p) == a && load<u64>(p + 8) == b && load<u64>(p + 16) == c) break;
    if (probes == MAX_PROBES) return false;
    slot = (slot + 1) & 511;
    p = NAMES + slot * 32;
  }
  store<u64>(p, a);
  store<u64>(p + 8, b);
  store<u64>(p + 16, c);
  store<i32>(p + 24, id + 1);
  store<i32>(p + 28, action);
  // The schema line of samples or pool rows: of another file, if it is not the first, whose clock begins again.
  if (action == SAMPLE || action == POOL) sampleTime = -1;
  if (action == POOL) pools = true;
  return true;
}

/**
 * Reads the lines of the text from `from` to `to`, which ends in a line feed; `number` lines came before. Stops early
 * where an array is full, and behind a line that may be a schema line, since it changes how the next ones are read.
 * Returns where it stopped. What stands behind `to` is loaded, 15 bytes at most, and never looked at; within the text,
 * loops over digits and blanks end at the line feed.
 */
export function scan(from: i32, to: i32, number: i32): i32 {
  rows = 0;
  others = 0;
  line = number;
  stopped = false;
  const feed = i8x16.splat(10);
  const end = TEXT + (to as usize);
  let start = TEXT + (from as usize);
  for (let at = start; at < end; at += 16) {
    let found = i8x16.bitmask(i8x16.eq(v128.load(at), feed));
    while (found != 0) {
      const stop = at + (ctz(found) as usize);
      if (stop >= end) break;
      readLine(start, stop);
      start = stop + 1;
      if (stopped || rows == CAPACITY || others == CAPACITY) return (start - TEXT) as i32;
      found &= found - 1;
    }
  }
  return (start - TEXT) as i32;
}

function readLine(start: usize, stop: usize): void {
  line++;
  const end = stop > start && load<u8>(stop - 1) == 13 ? stop - 1 : stop;
  if (end - start <= WIDTH + 1 || load<u8>(start + WIDTH) != 44) {
    handBack(start, stop, true);
    return;
  }
  const a = load<u64>(start);
  const b = load<u64>(start + 8);
  const c = load<u64>(start + 16);
  let slot = slotOf(b, c);
  for (let probes = 0; probes < MAX_PROBES; probes++) {
    const p = NAMES + slot * 32;
    const id = load<i32>(p + 24) - 1;
    if (id < 0) break;
    if (load<u64>(p + 16) == c && load<u64>(p + 8) == b && load<u64>(p) == a) {
      if (!known(start, end, load<i32>(p + 28))) {
        handBack(start, stop, false);
        return;
      }
      const count = COUNTS + (id as usize) * 4;
      store<u32>(count, load<u32>(count) + 1);
      const bytes = BYTES + (id as usize) * 4;
      store<u32>(bytes, load<u32>(bytes) + ((stop + 1 - start) as u32));
      return;
    }
    slot = (slot + 1) & 511;
  }
  handBack(start, stop, true);
}

/** True where a line of a known name is dealt with, false where it must be handed back. */
function known(start: usize, end: usize, action: i32): bool {
  if (action >= FIRST_SHAPE) return readRow(start, end, action - FIRST_SHAPE);
  if (action == HAND_BACK) return false;
  if (action == SAMPLE || action == POOL) {
    const time = timeOf(start + WIDTH + 1);
    if (time < 0) sampleUnread = true;
    else if (time > sampleTime) sampleTime = time;
    return false;
  }
  // Later than every sample: not its own. Earlier ones are left to the caller, who knows which samples were sound.
  if (action == STACK_OF_SAMPLE && (sampleUnread || timeOf(start + WIDTH + 1) <= sampleTime)) return false;
  if (action == COUNT_AND_SHOW_CPU && (line < SHOWN_LINES || (line & 1023) == 0)) return false;
  return !isSchema(start + WIDTH);
}

/** A TimeStamp of plain digits, with the comma behind it; -1 for any other. */
function timeOf(field: usize): i64 {
  let at = field;
  while (load<u8>(at) == 32) at++;
  const first = at;
  let value: i64 = 0;
  for (let digit = (load<u8>(at) as u32) - 48; digit <= 9; digit = (load<u8>(at) as u32) - 48) {
    value = value * 10 + digit;
    at++;
  }
  return load<u8>(at) == 44 && at != first && at - first <= 15 ? value : -1;
}

/** True where the field behind the comma begins with the T of TimeStamp, or with what may be white space before it. */
function isSchema(comma: usize): bool {
  let at = comma + 1;
  while (load<u8>(at) == 32) at++;
  const first = load<u8>(at);
  return first == 84 || first < 32 || first > 126;
}

/** `unknown`: the line is of no name that was added. */
function handBack(start: usize, stop: usize, unknown: bool): void {
  const p = OTHERS + (others as usize) * 12;
  store<i32>(p, (start - TEXT) as i32);
  store<i32>(p + 4, (stop - TEXT) as i32);
  store<i32>(p + 8, line);
  others++;
  let comma = start;
  while (comma < stop && load<u8>(comma) != 44) comma++;
  if (comma < stop && isSchema(comma)) stopped = true;
  else if (unknown && !sampleUnread) {
    let name = start;
    while (name < stop && load<u8>(name) == 32) name++;
    if (name + 8 <= stop && load<u64>(name) == SAMPLED_P) sampleUnread = true;
    else if (pools && name + 4 <= stop && load<u32>(name) == POOL_NAME) sampleUnread = true;
  }
}

/** Reads a row whose numbers are plain digits between blanks; false for any other. */
function readRow(start: usize, end: usize, shape: i32): bool {
  const roles = ROLES + (shape as usize) * 64;
  const last = load<i32>(LAST + (shape as usize) * 4);
  let at = start + WIDTH + 1;
  let time: f64 = -1;
  let elapsed: f64 = -1;
  let cpu: i64 = -1;
  let vector: i32 = NONE;
  let message: i32 = NONE;
  let address: usize = 0;
  for (let column = 1; column < last; column++) {
    const role = load<u8>(roles + column);
    if (role == 0 || role == ROLE_ADDRESS) {
      if (role == ROLE_ADDRESS) address = at;
      while (at < end && load<u8>(at) != 44) at++;
      if (at >= end) return false;
      at++;
      continue;
    }
    while (load<u8>(at) == 32) at++;
    const first = at;
    let value: u64 = 0;
    for (let digit = (load<u8>(at) as u32) - 48; digit <= 9; digit = (load<u8>(at) as u32) - 48) {
      value = value * 10 + digit;
      at++;
    }
    if (load<u8>(at) != 44 || at == first || at - first > 15) return false;
    at++;
    if (role == ROLE_TIME) time = value as f64;
    else if (role == ROLE_ELAPSED) elapsed = value as f64;
    else if (role == ROLE_CPU) cpu = value as i64;
    else {
      if (value > 0x7fffffff) return false;
      if (role == ROLE_VECTOR) vector = value as i32;
      else if (role == ROLE_MESSAGE) message = value as i32;
    }
  }
  if (at >= end || time < 0 || elapsed < 0 || cpu < 0 || cpu >= MAX_CPUS) return false;
  const i = rows as usize;
  store<f64>(TIME + i * 8, time);
  store<f64>(ELAPSED + i * 8, elapsed);
  store<i32>(CPU + i * 4, cpu as i32);
  store<i32>(VECTOR + i * 4, vector);
  store<i32>(MESSAGE + i * 4, message);
  store<i32>(TAIL + i * 4, ((address != 0 ? address : at) - TEXT) as i32);
  store<i32>(SYMBOL + i * 4, (at - TEXT) as i32);
  store<i32>(START + i * 4, (start - TEXT) as i32);
  store<i32>(END + i * 4, (end - TEXT) as i32);
  store<i32>(LINE + i * 4, line);
  store<i32>(SHAPE + i * 4, shape);
  store<i32>(ROUTINE + i * 4, routineOf(address != 0 ? address : at, at, end));
  rows++;
  return true;
}

function hashOf(from: usize, to: usize): u32 {
  let hash = ((to - from) as u64) * 0x9e3779b97f4a7c15;
  let at = from;
  for (; at + 8 <= to; at += 8) {
    hash = (hash ^ load<u64>(at)) * 0xff51afd7ed558ccd;
    hash ^= hash >> 32;
  }
  for (; at < to; at++) hash = (hash ^ (load<u8>(at) as u64)) * 0xff51afd7ed558ccd;
  return ((hash ^ (hash >> 29)) >> 16) as u32;
}

function same(a: usize, b: usize, length: usize): bool {
  let i: usize = 0;
  for (; i + 8 <= length; i += 8) if (load<u64>(a + i) != load<u64>(b + i)) return false;
  for (; i < length; i++) if (load<u8>(a + i) != load<u8>(b + i)) return false;
  return true;
}

/** Length, and whether an address comes first: where it does not, the same bytes name another routine. */
function keyOf(from: usize, symbol: usize, to: usize): u32 {
  return ((to - from) as u32) | (symbol > from ? 0x80000000 : 0);
}

/** Number of the routine printed from `from` to `to`; -1 where it was not added. */
function routineOf(from: usize, symbol: usize, to: usize): i32 {
  const hash = hashOf(from, to);
  const key = keyOf(from, symbol, to);
  let slot = hash & (SLOTS - 1);
  for (let probes = 0; probes < MAX_PROBES; probes++) {
    const p = ROUTINES + (slot as usize) * 16;
    const number = load<i32>(p + 12) - 1;
    if (number < 0) break;
    if (load<u32>(p) == hash && load<u32>(p + 8) == key && same(from, load<u32>(p + 4) as usize, to - from))
      return number;
    slot = (slot + 1) & (SLOTS - 1);
  }
  return -1;
}

/**
 * Adds the routine printed at `from`..`to` of the text, its symbol from `symbol` on; false where there is no room, or
 * it is there.
 */
export function addRoutine(from: i32, symbol: i32, to: i32, number: i32): bool {
  const start = TEXT + (from as usize);
  const length = (to - from) as usize;
  // Half-full at most, so that probing ends soon.
  if (routines >= ((SLOTS / 2) as i32) || kept + length + 8 > KEPT_END) return false;
  const end = TEXT + (to as usize);
  if (routineOf(start, TEXT + (symbol as usize), end) >= 0) return false;
  const hash = hashOf(start, end);
  let slot = hash & (SLOTS - 1);
  for (let probes = 1; load<i32>(ROUTINES + (slot as usize) * 16 + 12) != 0; probes++) {
    if (probes == MAX_PROBES) return false;
    slot = (slot + 1) & (SLOTS - 1);
  }
  memory.copy(kept, start, length);
  const p = ROUTINES + (slot as usize) * 16;
  store<u32>(p, hash);
  store<u32>(p + 4, kept as u32);
  store<u32>(p + 8, keyOf(start, TEXT + (symbol as usize), end));
  store<i32>(p + 12, number + 1);
  kept += (length + 7) & ~7;
  routines++;
  return true;
}
