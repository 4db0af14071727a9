/** The kernel against a plain reading of the same text; and that it touches nothing but its own arrays. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DpcShape, dpcShape } from '../parsers/xperf-dumper/dpc-rows.js';
import { Action, LineScanner, shapeOf } from '../parsers/xperf-dumper/line-scanner.js';
import { NULL_I32 } from '../src/core/schema.js';
import { BLOCK_BYTES } from '../src/core/source.js';

const CAPACITY = 32768;
const DPC = ['DPC', 'TimeStamp', 'ElapsedTime', 'CPU', 'ServiceAddr', 'Image!Function'];
const INTERRUPT = ['Interrupt', 'TimeStamp', 'Vector', 'MessageIndex', 'ElapsedTime', 'CPU', 'Level', 'Image!Function'];
const WIDEST = 'AnEventOfWidestNameHere'; // 23 bytes: printed without a blank

interface Row {
  readonly time: number;
  readonly elapsed: number;
  readonly cpu: number;
  readonly vector: number;
  readonly message: number;
  readonly tail: number;
  readonly symbol: number;
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly shape: number;
  readonly routine: number;
}

/** What one call found. */
interface Found {
  readonly next: number;
  readonly line: number;
  readonly rows: Row[];
  readonly others: [start: number, stop: number, line: number][];
}

/** What the kernel is to do, said by splitting lines. */
class Plain {
  readonly counts = new Map<string, { lines: number; bytes: number }>();
  readonly names = new Map<string, { action: number; shape: DpcShape | null }>();
  readonly routines = new Map<string, number>();
  #sampleTime = -1;
  #sampleUnread = false;
  /** True where stacks of pool rows are looked for. */
  pools = false;

  /** `text` is what stands from `from` on, a byte a character. */
  scan(text: string, from: number, number: number): Found {
    const rows: Row[] = [];
    const others: Found['others'] = [];
    let start = from;
    let line = number;
    for (const whole of text.split('\n').slice(0, -1)) {
      line++;
      const stop = start + whole.length;
      const text = whole.endsWith('\r') ? whole.slice(0, -1) : whole;
      const name = text.length > 24 && text[23] === ',' ? text.slice(0, 23).trimStart() : '';
      const event = name.padStart(23) === text.slice(0, 23) ? this.names.get(name) : undefined;
      const row = event?.shape ? this.#row(text, event.shape, event.action, start, line) : null;
      let stops = false;
      if (row !== null) rows.push(row);
      if (row === null && (event === undefined || !this.#passes(whole, event.action, line))) {
        others.push([start, stop, line]);
        stops = maybeSchema(whole);
        const unread = this.pools ? /^ *(SampledP|Pool)/ : /^ *SampledP/;
        if (event === undefined && !stops && unread.test(whole)) this.#sampleUnread = true;
      } else {
        const count = this.counts.get(name) ?? { lines: 0, bytes: 0 };
        this.counts.set(name, { lines: count.lines + 1, bytes: count.bytes + whole.length + 1 });
      }
      start = stop + 1;
      if (stops || rows.length === CAPACITY || others.length === CAPACITY) break;
    }
    return { next: start, line, rows, others };
  }

  /** True where a line that is no run is counted and done with. */
  #passes(line: string, action: number, number: number): boolean {
    const printed = /^[^,]*, *(\d{1,15}),/.exec(line);
    const time = printed === null ? -1 : Number(printed[1]);
    switch (action) {
      case Action.CountOnly:
        return !maybeSchema(line);
      case Action.CountAndShowCpu:
        return number >= 20000 && number % 1024 !== 0 && !maybeSchema(line);
      case Action.Sample:
      case Action.Pool:
        if (time < 0) this.#sampleUnread = true;
        this.#sampleTime = Math.max(this.#sampleTime, time);
        return false;
      case Action.StackOfSample:
        return !this.#sampleUnread && time > this.#sampleTime && !maybeSchema(line);
      default:
        return false;
    }
  }

  #row(text: string, shape: DpcShape, action: number, start: number, line: number): Row | null {
    const fields = text.split(',');
    const last = shape.columns - 1;
    if (fields.length <= last) return null;
    const numbers = [shape.time, shape.elapsed, shape.cpu, shape.vector, shape.messageIndex].map((column) =>
      column < 0 ? NULL_I32 : /^ *\d{1,15}$/.test(fields[column]) ? Number(fields[column]) : Number.NaN,
    );
    const [time, elapsed, cpu, vector, message] = numbers;
    if (numbers.some(Number.isNaN) || cpu >= 4096 || vector > 2 ** 31 - 1 || message > 2 ** 31 - 1) return null;
    const symbol = fields.slice(last).join(',');
    if (symbol === '') return null;
    const tail = shape.address < 0 ? symbol : `${fields[shape.address]},${symbol}`;
    const end = start + text.length;
    return {
      ...{ time, elapsed, cpu, vector, message, start, end, line },
      tail: end - tail.length,
      symbol: end - symbol.length,
      shape: shapeOf(action),
      routine: this.routines.get(`${shape.address >= 0}|${tail}`) ?? -1,
    };
  }
}

/** The second field begins with T, or with what is not printed (white space other than blanks). */
const maybeSchema = (line: string): boolean => /^[^,\n]*, *(T|[^ -~])/.test(`${line}\n`);

/** What the scanner says of its last call. */
function foundBy(scanner: LineScanner, next: number): Found {
  const rows = Array.from({ length: scanner.rows }, (_, i): Row => {
    const { time, elapsed, cpu, vector, message, tail, symbol, start, end, shape, routine } = scanner;
    return {
      ...{ time: time[i], elapsed: elapsed[i], cpu: cpu[i], vector: vector[i], message: message[i] },
      ...{ tail: tail[i], symbol: symbol[i], start: start[i], end: end[i], shape: shape[i], routine: routine[i] },
      line: scanner.lineOf[i] + scanner.linesBehind,
    };
  });
  const others = Array.from({ length: scanner.others }, (_, i): Found['others'][number] => [
    scanner.other[3 * i],
    scanner.other[3 * i + 1],
    scanner.other[3 * i + 2] + scanner.linesBehind,
  ]);
  return { next, line: scanner.line, rows, others };
}

const memoryOf = (scanner: LineScanner): Buffer => Buffer.from(scanner.buffer.buffer);

interface Stretch {
  readonly byteOffset: number;
  readonly byteLength: number;
}

/** Runs `act` and checks that memory changed only where `written`, asked afterwards, says. */
function changingOnly<R>(scanner: LineScanner, act: () => R, written: () => Stretch[]): R {
  const before = Buffer.from(memoryOf(scanner));
  const result = act();
  const after = Buffer.from(memoryOf(scanner));
  for (const { byteOffset, byteLength } of written())
    before.copy(after, byteOffset, byteOffset, byteOffset + byteLength);
  expect(after.equals(before)).toBe(true);
  return result;
}

/** The arrays that a scan may write to, as far as it said that it did. */
function resultsOf(scanner: LineScanner): Stretch[] {
  const { time, elapsed, cpu, vector, message, tail, symbol, start, end, lineOf, shape, routine } = scanner;
  const arrays = [time, elapsed, cpu, vector, message, tail, symbol, start, end, lineOf, shape, routine];
  return [
    ...arrays.map((array) => array.subarray(0, scanner.rows)),
    scanner.other.subarray(0, scanner.others * 3),
    scanner.counts.subarray(0, 256),
    scanner.bytes.subarray(0, 256),
  ];
}

/** Where routines are kept: between the other results and the text. */
const keptBy = ({ other, buffer }: LineScanner): Stretch => {
  const byteOffset = other.byteOffset + other.byteLength;
  return { byteOffset, byteLength: buffer.byteOffset - byteOffset };
};

/** A scanner and a plain reading that know the same names. */
class Pair {
  readonly scanner = new LineScanner();
  readonly plain = new Plain();
  readonly ids = new Map<string, number>();
  #routines = 0;

  name(name: string, action: number, shape: DpcShape | null = null): number | null {
    const id = this.scanner.setName(name, action);
    if (id === null) return null;
    this.plain.names.set(name, { action, shape });
    if (action === Action.Pool) this.plain.pools = true;
    this.ids.set(name, id);
    return id;
  }

  runs(columns: readonly string[]): number {
    const shape = dpcShape(columns[0], columns) as DpcShape;
    const action = this.scanner.addShape(shape);
    this.name(columns[0], action, shape);
    return action;
  }

  /** Scans `text`, put at `at` of the buffer with `around` on both sides, to its end; returns what each call found. */
  scan(text: string, { at = 0, number = 0, around = '' } = {}): Found[] {
    const { buffer } = this.scanner;
    if (around !== '') buffer.fill(around, 'latin1');
    buffer.write(text, at, 'latin1');
    const to = at + text.length;
    const all: Found[] = [];
    let line = number;
    for (let from = at; from < to; from = all[all.length - 1].next) {
      const next = changingOnly(
        this.scanner,
        () => this.scanner.scan(from, to, line),
        () => resultsOf(this.scanner),
      );
      all.push(foundBy(this.scanner, next));
      const expected = this.plain.scan(text.slice(from - at), from, line);
      expect(all[all.length - 1]).toEqual(expected);
      expect(next).toBeGreaterThan(from);
      line = this.scanner.line;
    }
    this.#checkCounts();
    return all;
  }

  /** Adds the routine of a row that was just scanned. */
  add({ tail, symbol, end }: Row): boolean {
    const { scanner } = this;
    const number = this.#routines;
    const added = changingOnly(
      scanner,
      () => scanner.addRoutine(tail, symbol, end, number),
      () => [keptBy(scanner)],
    );
    if (!added) return false;
    this.plain.routines.set(`${tail < symbol}|${scanner.buffer.toString('latin1', tail, end)}`, number);
    this.#routines++;
    return true;
  }

  #checkCounts(): void {
    for (const [name, id] of this.ids) {
      const { lines, bytes } = this.plain.counts.get(name) ?? { lines: 0, bytes: 0 };
      expect([name, this.scanner.counts[id], this.scanner.bytes[id]]).toEqual([name, lines, bytes]);
    }
  }
}

function pair(): Pair {
  const made = new Pair();
  made.runs(DPC);
  made.runs(INTERRUPT);
  made.name('CSwitch', Action.CountOnly);
  made.name(WIDEST, Action.CountOnly);
  made.name('Mark', Action.HandBack);
  made.name('HardFault', Action.CountAndShowCpu);
  made.name('SampledProfile', Action.Sample);
  made.name('Stack', Action.StackOfSample);
  return made;
}

const padded = (name: string, ...fields: (string | number)[]): string => [name.padStart(23), ...fields].join(',');
const dpcRow = (us: number, routine = 'ntoskrnl.exe!KiTimer'): string =>
  padded('DPC', ` ${us}`, '    12', '  3', ' 0xfffff80000001000', ` ${routine}`);

const names = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom('DPC', 'Interrupt') },
  { weight: 4, arbitrary: fc.constantFrom('SampledProfile', 'Stack', 'CSwitch', 'HardFault') },
  {
    weight: 3,
    arbitrary: fc.constantFrom('Mark', WIDEST, 'Unknown', 'Microsoft-Windows-Long/Name', '', 'DPCx', 'dpc'),
  },
);
const wholeNumbers = fc
  .tuple(
    fc.integer({ min: 0, max: 3 }),
    fc.oneof({ weight: 9, arbitrary: fc.nat(300) }, fc.nat(70000), fc.maxSafeNat()),
  )
  .map(([blanks, n]) => ' '.repeat(blanks) + n);
const oddFields = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '   ',
    '-1',
    '1.5',
    ' 12 ',
    '007',
    '999999999999999',
    '1000000000000000',
    '99999999999999999999',
  ),
  fc.constantFrom(
    'TimeStamp',
    '  TimeStamp',
    '\tTimeStamp',
    '\xa0TimeStamp',
    'T',
    '\0',
    '7\0',
    '\xff\xfe',
    '2147483648',
  ),
  fc.constantFrom(
    '0xfffff80000001000',
    ' ntoskrnl.exe!Foo',
    'ntoskrnl.exe!Fop',
    '"Unknown"',
    ' 4095',
    ' 4096',
    '4\r',
    '\r',
    'x,y',
  ),
  fc.string({ unit: fc.integer({ min: 11, max: 255 }).map((c) => String.fromCharCode(c)), maxLength: 30 }),
);
const tails = fc.constantFrom(
  ...[' 0x10, a.sys!one', ' 0x10, a.sys!two', ' 0x10,a.sys!one', ' 0x100, a.sys!one', ' 0x10, a.sys!one ', ',', ', x'],
);
/** Fields as the shapes want them, one of them odd now and then. */
const soundLine = fc
  .tuple(
    names,
    fc.array(wholeNumbers, { minLength: 7, maxLength: 7 }),
    tails,
    fc.option(oddFields, { freq: 1 }),
    fc.nat(6),
  )
  .map(([name, numbers, tail, odd, at]) => {
    const wanted = numbers.slice(0, name === 'DPC' ? 3 : 6);
    if (odd !== null) wanted[at % wanted.length] = odd;
    return padded(name, ...wanted, tail);
  });
const stackLine = fc
  .tuple(
    fc.constantFrom('Stack', 'SampledProfile', 'PoolAlloc', 'PoolOther'),
    fc.constantFrom('7', '    106082', '106082', '   106083', '106082.5'),
    fc.nat(99),
  )
  .map(([name, time, n]) => padded(name, ` ${time}`, `  ${n}`, ' x.exe!y'));
const anyLine = fc
  .tuple(names, fc.constantFrom(0, 22, 23, 23, 24, 40), fc.array(fc.oneof(wholeNumbers, oddFields), { maxLength: 8 }))
  .map(([name, width, fields]) => [name.padStart(width), ...fields].join(','));
/** Lines about as long as a name. */
const shortLine = fc
  .tuple(fc.oneof(soundLine, anyLine), fc.integer({ min: 0, max: 27 }))
  .map(([line, length]) => line.slice(0, length));
const someLine = fc.oneof(
  { weight: 6, arbitrary: soundLine },
  { weight: 3, arbitrary: stackLine },
  { weight: 3, arbitrary: anyLine },
  { weight: 1, arbitrary: shortLine },
  { weight: 1, arbitrary: fc.constant(padded('DPC', '  TimeStamp', ' ElapsedTime')) },
);
const someText = fc
  .array(fc.tuple(someLine, fc.constantFrom('\n', '\n', '\r\n', '\r\r\n')), {
    minLength: 1,
    maxLength: 40,
    size: 'max',
  })
  .map((lines) => lines.map(([line, end]) => line.replaceAll('\n', '') + end).join(''));

describe('random blocks', () => {
  it('are read as a plain reading reads them, from any place of the buffer, whatever stands around them', () => {
    const places = fc.oneof(fc.nat(70), fc.constant(-1));
    const arounds = fc.constantFrom('', '\n', ' ', '9', ',', `${dpcRow(5)}\n`);
    let rows = 0;
    let passed = 0;
    fc.assert(
      fc.property(
        someText,
        places,
        arounds,
        fc.constantFrom(0, 19990, 2 ** 31 - 3, 2 ** 40),
        fc.boolean(),
        (text, place, around, number, pools) => {
          const made = pair();
          if (pools) made.name('PoolAlloc', Action.Pool);
          const at = place < 0 ? BLOCK_BYTES - text.length : place;
          const found = made.scan(text, { at, number, around });
          rows += found.reduce((sum, f) => sum + f.rows.length, 0);
          passed += [...made.plain.counts].reduce((sum, [, { lines }]) => sum + lines, 0);
        },
      ),
      { numRuns: 150 },
    );
    // Else the generator makes nothing but lines that are handed back.
    expect(rows).toBeGreaterThan(200);
    expect(passed - rows).toBeGreaterThan(200);
  });

  it('tell the routines that were added, and no others', () => {
    fc.assert(
      fc.property(someText, fc.array(fc.boolean(), { minLength: 1 }), (text, wanted) => {
        const made = pair();
        const rows = made.scan(text).flatMap((found) => found.rows);
        const taken = rows.filter((_, i) => wanted[i % wanted.length]);
        const texts = new Set(taken.map(({ tail, symbol, end }) => `${tail < symbol}|${text.slice(tail, end)}`));
        // A routine is added once, however many rows name it.
        expect(taken.filter((row) => made.add(row)).length).toBe(texts.size);
        made.scan(text);
      }),
      { numRuns: 50 },
    );
  });
});

describe('lines', () => {
  it.each([22, 23, 24, 25, 26])('of %i bytes', (length) => {
    const line = padded('CSwitch', '12345').slice(0, length);
    const others = pair()
      .scan(`${line}\n${line}\r\n`)
      .flatMap((found) => found.others);
    // 24 bytes are name and comma: nothing to count as a row.
    expect(others.length).toBe(length > 24 ? 0 : 2);
  });

  it('end on the last byte of the buffer', () => {
    for (const text of ['\n', `${dpcRow(1)}\n`, `${padded('CSwitch', '   ')}\n`, `${padded('DPC', '   ')}\n`, ', \n']) {
      const made = pair();
      // Behind the buffer stands what would lengthen the line.
      memoryOf(made.scanner).fill(32, made.scanner.buffer.byteOffset + BLOCK_BYTES);
      made.scan(text, { at: BLOCK_BYTES - text.length });
    }
  });

  it('as long as a block, of one kind of byte', () => {
    for (const byte of [' ', ',', '1', 'S', '\0']) {
      const made = pair();
      made.scan(
        `${byte.repeat(1 << 20)}\n${padded('DPC', byte.repeat(1 << 19))}\n${padded('Stack', byte.repeat(1 << 18))}\n`,
      );
    }
  });

  it('none', () => {
    const { scanner } = pair();
    expect([scanner.scan(0, 0, 7), scanner.rows, scanner.others, scanner.line]).toEqual([0, 0, 0, 7]);
    expect(scanner.scan(BLOCK_BYTES, BLOCK_BYTES, 7)).toBe(BLOCK_BYTES);
  });

  it('behind a schema line wait for the next call', () => {
    const schema = [
      padded('DPC', '  TimeStamp', ' CPU'),
      padded('CSwitch', 'TimeStamp'),
      padded('Mark', ' TimeStamp'),
      'DPC, TimeStamp, CPU',
      // Whose 24th byte is a comma, but not the one behind the name.
      'DPC,          TimeStamp, ElapsedTime',
      `${' '.repeat(300)}DPC, TimeStamp, ElapsedTime`,
      padded('CSwitch', '\tTimeStamp'),
    ];
    for (const line of schema) {
      const found = pair().scan(`${dpcRow(1)}\n${line}\n${dpcRow(2)}\n`);
      expect(found.map(({ rows, others }) => [rows.length, others.length])).toEqual([
        [1, 1],
        [1, 0],
      ]);
    }
  });

  it.each([0, 19_998, 1_048_575, 2 ** 30 - 2, 2 ** 31 - 2, 2 ** 32 - 2, 2 ** 45])('count on from %i', (number) => {
    const made = pair();
    const [found] = made.scan(`${dpcRow(1)}\n\n${dpcRow(2)}\n${`${padded('HardFault', '1', '2')}\n`.repeat(2050)}`, {
      number,
    });
    expect(found.rows.map(({ line }) => line)).toEqual([number + 1, number + 3]);
    expect(found.line).toBe(number + 2053);
  });
});

describe('stacks', () => {
  const stack = (time: string): string => padded('Stack', time, '  8, x');
  const sample = (time: string): string => padded('SampledProfile', time, '  8, x');
  /** Numbers of the lines handed back. */
  const handed = (...lines: string[]): number[] =>
    pair()
      .scan(`${lines.join('\n')}\n`)
      .flatMap(({ others }) => others.map(([, , line]) => line));

  it('are handed back where they can be of a sample', () => {
    expect(handed(stack('  5'), sample('  6'), stack('  6'), stack('  7'), stack(' 6'), stack('6 '))).toEqual([
      2, 3, 5, 6,
    ]);
    // Whatever follows the TimeStamp is not compared.
    expect(handed(sample(' 106082,   dwm'), stack('     106082,    8'))).toEqual([1, 2]);
    // Of two samples at two times the caller knows which one is sound.
    expect(handed(sample(' 6'), sample(' 9'), stack(' 6'), stack(' 10'))).toEqual([1, 2, 3]);
  });

  it('are handed back where they can be of a pool row', () => {
    const pool = (time: string): string => padded('PoolAlloc', time, '  8, x');
    const made = pair();
    made.name('PoolAlloc', Action.Pool);
    const lines = [stack('  5'), pool('  6'), stack('  6'), stack('  7'), sample(' 9'), stack(' 8'), stack(' 10')];
    const others = made.scan(`${lines.join('\n')}\n`).flatMap((found) => found.others);
    expect(others.map(([, , line]) => line)).toEqual([2, 3, 5, 6]);
    // A name that is not padded: its TimeStamp is not read.
    expect(made.scan(`PoolFree, 6, 8\n${stack(' 11')}\n`).flatMap((found) => found.others)).toHaveLength(2);
    // Where nobody looks for stacks of pool rows they are passed over.
    expect(handed('PoolFree, 6, 8', stack(' 7'))).toEqual([1]);
  });

  it('are all handed back behind a sample that was not read', () => {
    expect(handed('SampledProfile, 6, 8', stack(' 7'))).toEqual([1, 2]);
    expect(handed(sample(' 6.5'), stack(' 7'))).toEqual([1, 2]);
    expect(handed('SampledProfile, TimeStamp, 8', stack(' 7'))).toEqual([1]);
  });
});

describe('full tables', () => {
  it('go on in another call where rows or lines are more than an array holds', () => {
    const short = `${padded('DPC', 1, 2, 3, 4, 'x')}\n`;
    expect(short.length * (CAPACITY + 5)).toBeLessThan(BLOCK_BYTES);
    expect(
      pair()
        .scan(short.repeat(CAPACITY + 5))
        .map(({ rows }) => rows.length),
    ).toEqual([CAPACITY, 5]);
    expect(
      pair()
        .scan('\n'.repeat(2 * CAPACITY + 5))
        .map(({ others }) => others.length),
    ).toEqual([CAPACITY, CAPACITY, 5]);
    expect(
      pair()
        .scan('\n'.repeat(CAPACITY))
        .map(({ others }) => others.length),
    ).toEqual([CAPACITY]);
  });

  it('know 256 names and leave the lines of others to the caller', () => {
    const made = new Pair();
    const all = Array.from({ length: 300 }, (_, i) => `Event${i}`);
    const ids = all.map((name) =>
      changingOnly(
        made.scanner,
        () => made.name(name, Action.CountOnly),
        () => [
          { byteOffset: 1024, byteLength: 512 * 32 },
          { byteOffset: made.scanner.buffer.byteOffset + BLOCK_BYTES, byteLength: 24 },
        ],
      ),
    );
    expect(ids).toEqual(all.map((_, i) => (i < 256 ? i : null)));
    const [found] = made.scan(all.map((name) => `${padded(name, '1')}\n`).join(''));
    expect(found.others.length).toBe(44);
    // A name that is known gets its new action even so.
    expect(made.name('Event7', Action.HandBack)).toBe(7);
    expect(made.scan(`${padded('Event7', '1')}\n`)[0].others.length).toBe(1);
  });

  it('take no names that no padded line can begin with', () => {
    const { scanner } = new Pair();
    for (const name of ['x'.repeat(24), 'é', '\u{1f600}', 'a\0b', '\xa0']) expect(scanner.setName(name, 0)).toBe(null);
  });

  it('take 64 shapes, and one that repeats as often as it comes', () => {
    const { scanner } = new Pair();
    const shape = dpcShape('DPC', DPC) as DpcShape;
    const actions = Array.from({ length: 70 }, (_, i) => scanner.addShape({ ...shape, type: `DPC${i}` }));
    expect(actions.map(shapeOf)).toEqual(actions.map((_, i) => (i < 64 ? i : shapeOf(Action.HandBack))));
    for (let i = 0; i < 100; i++) expect(shapeOf(scanner.addShape({ ...shape, type: 'DPC9' }))).toBe(9);
  });

  it('take no shapes but those they can read', () => {
    const shape = dpcShape('DPC', DPC) as DpcShape;
    const wide = { ...shape, columns: 65, symbol: 64, address: 63 };
    const { scanner } = new Pair();
    expect(scanner.addShape(wide)).toBe(Action.HandBack);
    expect(scanner.addShape({ ...shape, symbol: 2 })).toBe(Action.HandBack);
    expect(scanner.addShape({ ...shape, address: 1 })).toBe(Action.HandBack);
    const widest = [...DPC.slice(0, 4), ...Array.from({ length: 58 }, (_, i) => `C${i}`), ...DPC.slice(4)];
    const made = new Pair();
    expect(shapeOf(made.runs(widest))).toBe(0);
    const line = padded('DPC', 1, 2, 3, ...Array(58).fill('x'), ' 0x10', ' a.sys!b');
    expect(made.scan(`${line}\n${line.replace(',x', '')}\n`)[0].rows.length).toBe(1);
  });
});

const MASK = (1n << 64n) - 1n;

/** The kernel's hash of eight bytes. */
function hashOf(text: string): number {
  let hash = (8n * 0x9e3779b97f4a7c15n) & MASK;
  hash = ((hash ^ Buffer.from(text, 'latin1').readBigUInt64LE()) * 0xff51afd7ed558ccdn) & MASK;
  hash ^= hash >> 32n;
  return Number(((hash ^ (hash >> 29n)) >> 16n) & 0xffffffffn);
}

/** Bucket of a name of the kernel's. */
function bucketOf(name: string): number {
  const printed = Buffer.from(padded(name, ''), 'latin1');
  const [b, c] = [printed.readBigUInt64LE(8), printed.readBigUInt64LE(16)];
  return Number((((c * 0x9e3779b97f4a7c15n) ^ (b * 0xff51afd7ed558ccdn)) & MASK) >> 55n);
}

/** The first `count` of these texts that fall into the same bucket as the first one. */
function sameBucket(count: number, text: (i: number) => string, bucket: (text: string) => number): string[] {
  const found: string[] = [];
  for (let i = 0; found.length < count; i++) if (bucket(text(i)) === bucket(text(0))) found.push(text(i));
  return found;
}

describe('names and routines made to collide', () => {
  it('names: the first 64 of a bucket are known', () => {
    const made = new Pair();
    const all = sameBucket(70, (i) => `E${i}`, bucketOf);
    expect(all.map((name) => made.name(name, Action.CountOnly) !== null)).toEqual(all.map((_, i) => i < 64));
    expect(made.scan(all.map((name) => `${padded(name, '1')}\n`).join(''))[0].others.length).toBe(6);
    // What was refused takes up no number.
    expect(made.name('Another', Action.CountOnly)).toBe(64);
  });

  it('routines: the first 64 of a bucket are known', () => {
    const made = new Pair();
    made.runs(INTERRUPT);
    const all = sameBucket(
      68,
      (i) => `a!${i.toString(36).padStart(6, '0')}`,
      (text) => hashOf(text) & 8191,
    );
    const text = all.map((routine) => `${padded('Interrupt', 1, 2, 3, 4, 5, 6, routine)}\n`).join('');
    const rows = made.scan(text).flatMap((found) => found.rows);
    expect(rows.map((row) => made.add(row))).toEqual(all.map((_, i) => i < 64));
    expect(made.scan(text)[0].rows.map(({ routine }) => routine)).toEqual(all.map((_, i) => (i < 64 ? i : -1)));
  });
});

describe('routines', () => {
  /** Rows of these routines, scanned, and added without looking at all memory each time. */
  function added(routines: readonly string[]): { made: Pair; text: string; taken: boolean[] } {
    const made = pair();
    const { scanner } = made;
    const text = routines.map((routine) => `${dpcRow(1, routine)}\n`).join('');
    const [{ rows }] = made.scan(text);
    let number = 0;
    const taken = changingOnly(
      scanner,
      () =>
        rows.map(({ tail, symbol, end }) => {
          const fits = scanner.addRoutine(tail, symbol, end, number);
          if (fits) made.plain.routines.set(`true|${text.slice(tail, end)}`, number++);
          return fits;
        }),
      () => [keptBy(scanner)],
    );
    return { made, text, taken };
  }

  it('are known up to half of the slots', () => {
    const { made, text, taken } = added(Array.from({ length: 4200 }, (_, i) => `driver.sys!Routine${i}`));
    expect(taken).toEqual(taken.map((_, i) => i < 4096));
    made.scan(text);
  });

  it('are known as far as there is room for their text', () => {
    const { made, text, taken } = added(Array.from({ length: 120 }, (_, i) => `${i}!`.padEnd(10_000 + (i % 9), 'x')));
    const fit = taken.lastIndexOf(true) + 1;
    expect(taken).toEqual(taken.map((_, i) => i < fit));
    expect([fit > 85, fit < 92]).toEqual([true, true]);
    made.scan(text);
  });

  it('of equal length and of a common beginning or end are told apart', () => {
    const base = 'driver.sys!A'.padEnd(41, 'b');
    const changed = [...base].map((_, i) => `${base.slice(0, i)}#${base.slice(i + 1)}`);
    const { made, text, taken } = added([base, ...changed, ...changed.map((_, i) => base.slice(0, i + 1))]);
    // One comes twice: the whole beginning is the base itself.
    expect(taken.filter((fits) => !fits).length).toBe(1);
    made.scan(text);
  });

  it('with an address are told from those whose name looks like one', () => {
    const made = pair();
    const text = `${padded('DPC', 1, 2, 3, ' 0x10', ' a!b')}\n${padded('Interrupt', 1, 2, 3, 4, 5, 6, ' 0x10, a!b')}\n`;
    const [{ rows }] = made.scan(text);
    expect(text.slice(rows[0].tail, rows[0].end)).toBe(text.slice(rows[1].tail, rows[1].end));
    expect(rows.map((row) => made.add(row))).toEqual([true, true]);
    expect(made.scan(text)[0].rows.map(({ routine }) => routine)).toEqual([0, 1]);
  });

  it('may stand at the very end of the buffer', () => {
    for (let length = 1; length < 20; length++) {
      const made = pair();
      const text = `${dpcRow(1, 'x'.repeat(length))}\n`;
      const at = BLOCK_BYTES - text.length;
      // The line end is the last byte; then the same with the routine's own last byte there.
      expect(made.add(made.scan(text, { at })[0].rows[0])).toBe(true);
      const { scanner } = made;
      memoryOf(scanner).fill(255, scanner.buffer.byteOffset + BLOCK_BYTES);
      scanner.buffer.write('y'.repeat(length), BLOCK_BYTES - length);
      expect(
        made.add({ ...({} as Row), tail: BLOCK_BYTES - length, symbol: BLOCK_BYTES - length, end: BLOCK_BYTES }),
      ).toBe(true);
    }
  });
});
