/**
 * A seeded file of `xperf -a dumper` text of any size: about 15 % of the rows are DPCs and ISRs, 45 % CSwitch, 40 % Stack.
 * Rows are rendered once as templates; per row only the TimeStamp is written into a copy, so that 1 GB takes seconds.
 */
import { closeSync, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { seeded } from '../test/generate/random.js';

const CPUS = 16;
const SEED = 20240917;
const BUFFER_BYTES = 16 << 20;
/** Name to 23 characters, comma, blank, TimeStamp to 10. */
const TIME_END = 23 + 2 + 10;
const TIME_DIGITS = 10;
/** Frames of each stack, and one CSwitch in so many has one: 40 stack rows to 45 switches. */
const FRAMES = 8;
const SWITCHES_PER_STACK = 9;
/** As many routines as a machine with many devices has. */
const ROUTINES = 300;
/** Longer runs are interrupted now and then. */
const NESTED_SHARE = 0.1;
/** One run to three switches. */
const RUN_SHARE = 0.25;
const GAP_US = 140;

const MODULES = ['ndis.sys', 'storport.sys', 'dxgkrnl.sys', 'ntoskrnl.exe', 'Wdf01000.sys', 'USBPORT.SYS', 'tcpip.sys'];
const PROCESSES = ['Idle (   0)', 'System (   4)', 'svchost.exe (1380)', 'game.exe (12044)', 'audiodg.exe (7712)'];

const HEADER = [
  'BeginHeader',
  '                    DPC,  TimeStamp, ElapsedTime, CPU,        ServiceAddr,            Image!Function',
  '                 DPCTmr,  TimeStamp, ElapsedTime, CPU,        ServiceAddr,            Image!Function',
  '              Interrupt,  TimeStamp, ElapsedTime, CPU, Vector, MessageIndex,     Status,        ServiceAddr,            Image!Function',
  '                CSwitch,  TimeStamp, New Process Name ( PID),    New TID, NPri, NQnt, TmSinceLast, WaitTime, Old Process Name ( PID),    Old TID, OPri, OQnt,        OldState,      Wait Reason, Swapable, InSwitchTime, CPU, IdealProc,  OldRemQnt, NewPriDecr, PrevCState',
  '                  Stack,  TimeStamp,   ThreadID, No.,            Address,            Image!Function',
  'EndHeader',
  'OS Version: 10.0.22631, Trace Size: 1048576KB, Events Lost: 0, Buffers lost: 0, Trace Start: 133893216001234560, Trace Length: 600 sec, PointerSize: 8, Trace Name: bench.etl',
  'FirstReliableEventTimeStamp, 0',
  '',
].join('\r\n');

/** A row whose TimeStamp is blank. */
interface Template {
  readonly bytes: Buffer;
  readonly elapsedUs: number;
}

function template(name: string, rest: string, elapsedUs = 0): Template {
  const bytes = Buffer.from(`${name.padStart(23)}, ${' '.repeat(TIME_DIGITS)}, ${rest}\r\n`);
  return { bytes, elapsedUs };
}

const num = (value: number, width: number): string => String(value).padStart(width);

interface Templates {
  /** By CPU; the first of each is short. */
  readonly runs: readonly (readonly Template[])[];
  /** By CPU: an interrupt of 2 µs. */
  readonly nested: readonly Template[];
  readonly switches: readonly Template[];
  /** Each a whole stack. */
  readonly stacks: readonly (readonly Template[])[];
}

function makeTemplates(): Templates {
  const random = seeded(SEED);
  const symbol = (): string => {
    const module = random.pick(MODULES);
    return `${module.padStart(16)}!${random.pick(['Interrupt', 'Request', 'Timer', 'Queue'])}Routine${random.whole(1, 12)}`;
  };
  const address = (): string => `0xfffff803${random.whole(0x10000000, 0x7fffffff).toString(16)}`;
  const routines = Array.from({ length: ROUTINES }, () => `${address()}, ${symbol()}`);
  const run = (name: string, elapsedUs: number, cpu: number): Template => {
    const interrupt = name === 'Interrupt' ? `, ${num(random.whole(81, 254), 6)}, ${num(0, 12)}, 0x00000001` : '';
    const rest = `${num(elapsedUs, 11)}, ${num(cpu, 3)}${interrupt}, ${random.pick(routines)}`;
    return template(name, rest, elapsedUs);
  };
  const runs = Array.from({ length: CPUS }, (_, cpu) =>
    Array.from({ length: 400 }, (_, i) => {
      const name = random.pick(['DPC', 'DPC', 'DPC', 'DPCTmr', 'Interrupt', 'Interrupt']);
      return run(name, i === 0 ? 1 : random.longTailed(8, 1.3), cpu);
    }),
  );
  const nested = Array.from({ length: CPUS }, (_, cpu) => run('Interrupt', 2, cpu));
  const switches = Array.from({ length: 4000 }, () => {
    const process = (): string => random.pick(PROCESSES).padStart(23);
    const thread = (): string => `${num(random.whole(0, 20_000), 10)}, ${num(8, 4)}, ${num(-1, 4)}`;
    const times = `${num(random.whole(1, 90_000), 11)}, ${num(random.whole(0, 400), 8)}`;
    const state = `${'Waiting'.padStart(15)}, ${random.pick(['UserRequest', 'WrQueue', 'Executive']).padStart(16)}, Swapable`;
    const cpu = random.whole(0, CPUS - 1);
    const tail = `${num(random.whole(1, 3000), 6)}, ${num(cpu, 3)}, ${num(cpu, 3)}, ${num(random.whole(0, 9e7), 10)}`;
    return template(
      'CSwitch',
      `${process()}, ${thread()}, ${times}, ${process()}, ${thread()}, ${state}, ${tail},    0,    1`,
    );
  });
  const stacks = Array.from({ length: 500 }, () => {
    const tid = num(random.whole(4, 20_000), 10);
    return Array.from({ length: FRAMES }, (_, i) =>
      template('Stack', `${tid}, ${num(i + 1, 3)}, ${address()}, ${symbol()}`),
    );
  });
  return { runs, nested, switches, stacks };
}

/** Writes `bytes` bytes or a row more to `path`, unless a file of that size is there. Gives its size. */
export function generateDumper(path: string, bytes: number): number {
  const there = statSync(path, { throwIfNoEntry: false });
  if (there !== undefined && there.size >= bytes && there.size < bytes + 4096) return there.size;
  mkdirSync(dirname(path), { recursive: true });
  const unfinished = `${path}.part`;
  const fd = openSync(unfinished, 'w');
  try {
    writeRows(fd, bytes);
  } finally {
    closeSync(fd);
  }
  renameSync(unfinished, path);
  return statSync(path).size;
}

function writeRows(fd: number, bytes: number): void {
  const { runs, nested, switches, stacks } = makeTemplates();
  const random = seeded(SEED + 1);
  const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  let used = buffer.write(HEADER, 'latin1');
  let written = 0;
  let atUs = 1000;
  const lastEndUs = new Float64Array(CPUS);

  const put = (row: Template): void => {
    if (used + row.bytes.length > BUFFER_BYTES) {
      written += writeAll(fd, buffer, used);
      used = 0;
    }
    buffer.set(row.bytes, used);
    let at = used + TIME_END - 1;
    for (let rest = atUs; rest > 0; rest = Math.floor(rest / 10)) buffer[at--] = 48 + (rest % 10);
    used += row.bytes.length;
  };
  const putRun = (): void => {
    const cpu = random.whole(0, CPUS - 1);
    const row = random.pick(runs[cpu]);
    // Runs of one CPU do not overlap.
    const fits = atUs - row.elapsedUs > lastEndUs[cpu];
    if (!fits && atUs - 1 <= lastEndUs[cpu]) return;
    if (fits && row.elapsedUs >= 8 && random.next() < NESTED_SHARE) {
      put(nested[cpu]);
      atUs += 2;
    }
    lastEndUs[cpu] = atUs;
    put(fits ? row : runs[cpu][0]);
  };

  while (written + used < bytes) {
    atUs += 1 + Math.floor(random.next() * 2 * GAP_US);
    if (random.next() < RUN_SHARE) putRun();
    else {
      put(random.pick(switches));
      if (random.next() * SWITCHES_PER_STACK < 1) for (const frame of random.pick(stacks)) put(frame);
    }
  }
  writeAll(fd, buffer, used);
}

function writeAll(fd: number, buffer: Buffer, length: number): number {
  for (let done = 0; done < length; ) done += writeSync(fd, buffer, done, length - done);
  return length;
}
