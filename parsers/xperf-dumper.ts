/**
 * `xperf -i x.etl -o x.txt -a dumper`: one line per event, right-justified event name first, TimeStamp in µs second; the
 * columns of each event are named by a schema line between BeginHeader and EndHeader. See docs/formats.md.
 */
import { HeldRuns } from '../src/core/held-runs.js';
import {
  CLAIMED,
  type Claim,
  lineAt,
  NOT_MINE,
  type Output,
  type ParseOptions,
  type Parser,
  type Prefix,
  refuse,
  skipOverlong,
} from '../src/core/parser.js';
import type { Block, SourceStream } from '../src/core/source.js';
import { decodeUtf8 } from '../src/core/text.js';
import { callStack } from '../src/tables/call-stack.js';
import { dpcIsr } from '../src/tables/dpc-isr.js';
import { poolEvent } from '../src/tables/pool-event.js';
import { sampledProfile } from '../src/tables/sampled-profile.js';
import {
  type DpcShape,
  dpcHandler,
  dpcShape,
  NO_ROUTINE,
  type Place,
  type Routine,
  Routines,
  type RunWriter,
  readNumber,
  runWriter,
} from './xperf-dumper/dpc-rows.js';
import { type EventName, EventNames, type LineHandler } from './xperf-dumper/event-names.js';
import { readOsVersion, schemaColumns } from './xperf-dumper/header.js';
import { Action, LineScanner, shapeOf } from './xperf-dumper/line-scanner.js';
import { PoolRows } from './xperf-dumper/pool-rows.js';
import { isPoolEvent, poolShape } from './xperf-dumper/pool-shape.js';
import { Samples } from './xperf-dumper/samples.js';
import { switchFilter } from './xperf-dumper/switch-filter.js';
import { TEXT_TABLES, type TextHandler, textHandler } from './xperf-dumper/text-rows.js';

export const xperfDumper: Parser = {
  name: 'xperf-dumper',
  title: 'xperf dumper text: every event of a trace, one a line',
  madeBy: 'xperf -i trace.etl -o trace.txt -target machine -a dumper',
  specification: 'https://learn.microsoft.com/windows-hardware/test/wpt/dumper--wpt-',
  tables: [dpcIsr, sampledProfile, ...TEXT_TABLES, poolEvent, callStack],
  sniff,
  parse,
};

function sniff(prefix: Prefix): Claim {
  if (prefix.encoding === 'binary') return NOT_MINE;
  const lines = prefix.lines.slice(0, 400);
  if (lines.some((line) => line.trim() === 'BeginHeader' || schemaColumns(line) !== null)) return CLAIMED;
  // `CSwitch,     106082,        rustc.exe (10612),  …`: rows cut out without the lines that name their columns.
  const rows = lines.filter((line) =>
    /^\s*(CSwitch|DPC|DPCTmr|Interrupt|Stack|SampledProfile|Pool[\w-]{0,40}|[PTI]-(DC)?(Start|End)),\s+\d+,/.test(line),
  );
  if (rows.length === 0) return NOT_MINE;
  return refuse(
    'holds rows of xperf dumper text but no schema lines, so its columns cannot be told. Export the whole trace again, or ' +
      'put the schema lines (`DPC,  TimeStamp, …`, between BeginHeader and EndHeader) back in front.',
  );
}

async function parse(stream: SourceStream, out: Output, options: ParseOptions): Promise<void> {
  const reader = new DumperReader(out, options);
  for await (const block of stream.blocks(reader.buffer)) {
    if (block.overlong !== null) reader.overlong(block);
    else reader.block(block);
  }
  reader.end();
}

/** Lines looked at closely for processors at the start; after that, one in 1024. */
const CPU_SAMPLE_LINES = 20_000;

class DumperReader {
  readonly #names = new EventNames();
  readonly #scanner = new LineScanner();
  /** Events that the scanner knows, by the id it gave. */
  readonly #scanned = new Map<number, EventName>();
  /** Routines that the scanner knows, by the number it tells. */
  readonly #known: Routine[] = [];
  /** Writers of runs by the scanner's number of their shape. */
  readonly #writers: RunWriter[] = [];
  readonly #place: Place = { bytes: Buffer.alloc(0), view: new DataView(new ArrayBuffer(0)), start: 0, line: 0 };
  readonly #samples: Samples;
  readonly #pool: PoolRows;
  #routines: Routines | null = null;
  /** Where TimeStamp is the start of a run, rows wait here until all that ended before have come. */
  #held: HeldRuns<typeof dpcIsr> | null = null;
  #maxCpu = -1;
  #firstUs = Number.NaN;
  #lastUs = Number.NEGATIVE_INFINITY;
  #inversions = 0;
  #headerSeen = false;

  constructor(
    private readonly out: Output,
    private readonly options: ParseOptions,
  ) {
    out.about.clock.resolutionNs = 1000;
    // Before dpc_isr: samples inside a DPC must reach analyses before the row of the DPC, which ends later.
    this.#samples = new Samples(out);
    this.#pool = new PoolRows(out, this.#place, this);
  }

  /** Memory to read blocks into. */
  get buffer(): Buffer {
    return this.#scanner.buffer;
  }

  overlong(block: Block): void {
    this.#place.line++;
    this.out.account.read++;
    skipOverlong(this.out, block, this.#place.line);
  }

  block(block: Block): void {
    const { bytes } = block;
    const place = this.#place;
    place.bytes = bytes;
    place.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    place.start = block.start;
    this.out.quoteRow = (byte) =>
      this.#samples.quote(byte) ?? this.#pool.quote(byte) ?? lineAt(bytes, byte - block.start);
    const lineBefore = place.line;
    const ended = bytes.lastIndexOf(10) + 1;
    for (let from = 0; from < ended; ) from = this.#scan(from, ended);
    if (ended < bytes.length) this.#unended(ended, bytes.length);
    this.#takeCounts();
    this.out.account.read += place.line - lineBefore;
    this.#timeOfLastLine(bytes);
    if (this.#held !== null) this.#samples.passed(this.#lastUs);
    this.out.flush();
    this.#held?.release({ upToUs: this.#lastUs });
    this.#samples.flushed();
    this.#pool.blockEnded(bytes, block.start);
  }

  /** Scans whole lines from `from`; rows and the lines handed back are taken in the order of the file. */
  #scan(from: number, to: number): number {
    const scanner = this.#scanner;
    // Where the block lies in the scanner's buffer, whose offsets the scanner tells.
    const base = this.#place.bytes.byteOffset - scanner.buffer.byteOffset;
    const next = scanner.scan(base + from, base + to, this.#place.line) - base;
    const lastLine = scanner.line;
    let row = 0;
    for (let i = 0; i < scanner.others; i++) {
      const line = scanner.other[3 * i + 2] + scanner.linesBehind;
      row = this.#runs(row, line, base);
      this.#place.line = line;
      this.#line(scanner.other[3 * i] - base, scanner.other[3 * i + 1] - base);
    }
    this.#runs(row, Number.POSITIVE_INFINITY, base);
    this.#place.line = lastLine;
    return next;
  }

  /** Writes the scanned runs from `row` on whose lines come before `line`; returns the first that does not. */
  #runs(row: number, line: number, base: number): number {
    const { rows, lineOf, linesBehind, time, elapsed, cpu, vector, message, start, shape, routine } = this.#scanner;
    const blockStart = this.#place.start - base;
    let i = row;
    for (; i < rows && lineOf[i] + linesBehind < line; i++) {
      const found = routine[i] >= 0 ? this.#known[routine[i]] : this.#routineOf(i, base);
      if (found === null) continue;
      const write = this.#writers[shape[i]];
      const at = lineOf[i] + linesBehind;
      write(time[i], elapsed[i], cpu[i], vector[i], message[i], found, at, blockStart + start[i]);
      this.sawRun(time[i], elapsed[i], cpu[i]);
    }
    return i;
  }

  /** The routine of a scanned run that the scanner does not know yet; null where the run prints none. */
  #routineOf(i: number, base: number): Routine | null {
    const { tail, symbol, start, end, lineOf, linesBehind } = this.#scanner;
    const { bytes, view } = this.#place;
    const symbolAt = symbol[i] - base;
    const tailAt = tail[i] - base;
    const hasAddress = tailAt < symbolAt;
    const routine =
      this.#routines?.at(
        bytes,
        view,
        symbolAt,
        end[i] - base,
        hasAddress ? tailAt : -1,
        hasAddress ? symbolAt - 1 : -1,
      ) ?? null;
    if (routine === null) {
      this.#place.line = lineOf[i] + linesBehind;
      this.damaged(start[i] - base, end[i] - base, NO_ROUTINE);
      return null;
    }
    if (this.#scanner.addRoutine(tail[i], symbol[i], end[i], this.#known.length)) this.#known.push(routine);
    return routine;
  }

  /** A line that the scanner handed back, or the last one where it has no line end. */
  #line(from: number, stop: number): void {
    const { bytes, view, line } = this.#place;
    const end = stop > from && bytes[stop - 1] === 13 ? stop - 1 : stop;
    const event = this.#names.at(bytes, view, from, end);
    if (event !== null && event.columns !== null && event.handler !== null) {
      event.count++;
      event.bytes += stop + 1 - from;
      event.handler(this.#names.comma, end, from);
    } else if (event !== null && event.columns !== null && !this.#isSchema(from, end)) {
      event.count++;
      event.bytes += stop + 1 - from;
      this.out.account.ignored++;
      if (event.cpuColumn > 0 && (line < CPU_SAMPLE_LINES || (line & 1023) === 0)) this.#peekCpu(event, end);
    } else if (this.#otherLine(event, from, end)) this.out.account.ignored++;
  }

  /** Takes over what the scanner counted in this block. */
  #takeCounts(): void {
    const scanner = this.#scanner;
    for (const [id, event] of this.#scanned) {
      event.count += scanner.counts[id];
      event.bytes += scanner.bytes[id];
      // Runs count where they are written; all else that the scanner counted is read by nobody.
      if (!event.isRun) this.out.account.ignored += scanner.counts[id];
    }
    scanner.clearCounts();
  }

  end(): void {
    this.#samples.release();
    this.#pool.release();
    this.#held?.release();
    this.out.flush();
    this.#addPoolTimes();
    const { about } = this.out;
    if (this.#maxCpu >= 0) {
      about.machine.cpus = this.#maxCpu + 1;
      about.notes.push(`${this.#maxCpu + 1} processors: the highest number seen in rows, as the header does not say`);
    }
    // Times count from the start of the trace, which the header line stands for; a cut-out begins with its first row.
    const startUs = this.#headerSeen ? 0 : Math.min(this.#firstUs, this.#lastUs);
    if (this.#lastUs >= 0) about.span = { startUs, endUs: this.#lastUs };
    for (const { name, count, bytes } of this.#names.all())
      if (count > 0) this.out.events.set(name, { identity: null, count, bytes });
    if (this.#routines?.isFull) {
      this.out.diagnostics.add(
        'too-many-routines',
        'data-loss',
        'more routines than any machine has: runs of the rest stand together under no module',
      );
    }
    if (this.#inversions > 0) {
      this.out.diagnostics.add('time-inversion', 'warning', 'DPC or ISR rows stand out of time order', {
        count: this.#inversions,
      });
    }
    if (!this.#headerSeen) {
      this.out.diagnostics.add(
        'no-header',
        'info',
        'no OS Version line: start time, build and lost events are unknown',
      );
    }
  }

  #addPoolTimes(): void {
    const { firstUs, lastUs, maxCpu, inversions } = this.#pool;
    if (!(firstUs >= this.#firstUs) && firstUs >= 0) this.#firstUs = firstUs;
    if (lastUs > this.#lastUs) this.#lastUs = lastUs;
    if (maxCpu > this.#maxCpu) this.#maxCpu = maxCpu;
    if (inversions > 0) {
      this.out.diagnostics.add('time-inversion', 'warning', 'pool rows stand out of time order', { count: inversions });
    }
  }

  /** A second schema line of a known event (files put together) must not be read as a row. */
  #isSchema(from: number, end: number): boolean {
    const { bytes } = this.#place;
    let i = this.#names.comma + 1;
    while (i < end && bytes[i] === 32) i++;
    // 'T' of TimeStamp, or what may be white space before it.
    const mayBe = bytes[i] === 84 || bytes[i] < 32 || bytes[i] > 126;
    return mayBe && schemaColumns(decodeUtf8(bytes, from, end)) !== null;
  }

  /** Header lines, blank lines, events without schema line, damage. True where the line counts as ignored. */
  #otherLine(event: EventName | null, from: number, end: number): boolean {
    const { bytes, line } = this.#place;
    const text = decodeUtf8(bytes, from, Math.min(end, from + 4096));
    const trimmed = text.trim();
    if (trimmed === '' || trimmed === 'BeginHeader' || trimmed === 'EndHeader') return true;
    if (readOsVersion(text, { line, byte: this.#place.start + from }, this.out)) {
      this.#headerSeen = true;
      // Times count from the start of the trace: analyses may want to know before the end of the file.
      this.out.about.span.startUs = 0;
      return true;
    }
    const columns = schemaColumns(text);
    if (columns !== null) {
      this.#learn(columns);
      return true;
    }
    if (/^\s*FirstReliable\w*TimeStamp,\s*\d+$/.test(text)) return true;
    if (event !== null && /^\s*[A-Za-z][\w/ .:-]{0,255},\s*\d+\s*(,|$)/.test(text)) {
      event.count++;
      event.bytes += end + 1 - from;
      this.out.diagnostics.add('no-schema', 'info', 'events without a schema line were not read', {
        line,
        example: trimmed,
      });
      return true;
    }
    this.out.skip('damaged-line', 'lines that begin with no event name were skipped', { line, example: trimmed });
    return false;
  }

  #learn(columns: string[]): void {
    // `FirstReliableEventTimeStamp, TimeStamp` names a header line, no event.
    if (columns[0].startsWith('FirstReliable')) return;
    const event = this.#names.named(columns[0]);
    if (event === null) return;
    event.columns = columns;
    event.cpuColumn = columns.indexOf('CPU');
    event.handler = null;
    event.isRun = false;
    const action = this.#prepare(event, columns);
    const id = this.#scanner.setName(event.name, action);
    if (id !== null) this.#scanned.set(id, event);
  }

  /** Sets the event's handler; returns what the scanner is to do with its lines. */
  #prepare(event: EventName, columns: string[]): number {
    const shape = dpcShape(event.name, columns);
    if (shape !== null) return this.#prepareRuns(event, shape);
    if (/^(dpc|interrupt|isr)/i.test(event.name)) {
      this.out.diagnostics.add(
        'columns-missing',
        'warning',
        `rows of ${event.name} cannot be read: their schema line lacks ElapsedTime, CPU or Image!Function`,
        { line: this.#place.line, example: columns.join(', ') },
      );
    }
    if (isPoolEvent(event.name) && this.#pool.isWanted) return this.#preparePool(event, columns);
    const samples = this.#samples.wanted;
    if (event.name === 'SampledProfile' && samples) {
      this.#releaseAll();
      event.handler = this.#rowHandler(columns, (line, names, place) => this.#samples.sample(line, names, place));
      return Action.Sample;
    }
    const toTable = this.#textHandler(columns);
    if (event.name === 'Stack' && (samples || this.#pool.wantsStacks)) {
      event.handler = this.#stackHandler(columns, toTable);
      return toTable === null ? Action.StackOfSample : Action.HandBack;
    }
    event.handler = toTable;
    if (toTable !== null) return Action.HandBack;
    return event.cpuColumn > 0 ? Action.CountAndShowCpu : Action.CountOnly;
  }

  #prepareRuns(event: EventName, shape: DpcShape): number {
    const writer = this.out.writer(dpcIsr);
    if (writer === null) return event.cpuColumn > 0 ? Action.CountAndShowCpu : Action.CountOnly;
    const { dpcTimestamp } = this.options;
    this.out.about.assumedTimestamp = dpcTimestamp;
    this.#routines ??= new Routines(writer);
    if (dpcTimestamp === 'start') this.#held ??= new HeldRuns(this.out, writer);
    const write = runWriter(shape, writer, this.#held);
    event.isRun = true;
    event.handler = dpcHandler(shape, write, this.#routines, this.#place, this);
    const action = this.#scanner.addShape(shape);
    if (shapeOf(action) >= 0) this.#writers[shapeOf(action)] = write;
    return action;
  }

  #preparePool(event: EventName, columns: string[]): number {
    this.#releaseAll();
    const shape = poolShape(event.name, columns);
    if (typeof shape !== 'string') {
      event.handler = this.#pool.rowHandler(event.name, shape);
      return this.#pool.wantsStacks ? Action.Pool : Action.HandBack;
    }
    this.out.diagnostics.add(
      'columns-missing',
      'warning',
      `rows of ${event.name} cannot be read: their schema line lacks ${shape}`,
      { line: this.#place.line, example: columns.join(', ') },
    );
    return event.cpuColumn > 0 ? Action.CountAndShowCpu : Action.CountOnly;
  }

  /** At a schema line of another file, if it is not the first: no stack of an earlier sample or pool row comes any more. */
  #releaseAll(): void {
    this.#samples.release();
    this.#pool.release();
  }

  #textHandler(columns: readonly string[]): EventName['handler'] {
    const handle = textHandler(columns[0], this.out);
    if (handle === null) return null;
    const rows = this.#rowHandler(columns, handle);
    const { switchedThreads = null } = this.options;
    const isLeftOut =
      switchedThreads === null || columns[0] !== 'CSwitch' ? null : switchFilter(columns, switchedThreads);
    if (isLeftOut === null) return rows;
    return (comma, end, start) => {
      if (isLeftOut(this.#place.bytes, start, end)) this.out.account.ignored++;
      else rows(comma, end, start);
    };
  }

  /** A handler for lines that `read` takes as text. */
  #rowHandler(columns: readonly string[], read: TextHandler): LineHandler {
    return (_comma, end, start) => {
      const { bytes, line } = this.#place;
      const why = read(decodeUtf8(bytes, start, end), columns, { line, byte: this.#place.start + start });
      if (why !== null) this.damaged(start, end, why);
      else this.out.account.rows++;
    };
  }

  /** Stack lines belong to a held sample, to a held pool row, to the stack table, to several of these, or to none. */
  #stackHandler(columns: readonly string[], toTable: EventName['handler']): LineHandler {
    const ofPool = this.#pool.stackReader(columns);
    if (ofPool === null && this.#pool.wantsStacks) {
      this.out.diagnostics.add(
        'columns-missing',
        'warning',
        'stacks of pool rows cannot be read: the schema line of Stack lacks ThreadID, or both Address and Image!Function',
        { line: this.#place.line, example: columns.join(', ') },
      );
    }
    return (comma, end, start) => {
      const use = ofPool === null ? 'ignored' : ofPool(comma, end, start);
      // Pool rows have most of the stacks: those of another time are not taken apart for a sample.
      const isOther = ofPool !== null && this.#pool.stackUs >= 0 && this.#pool.stackUs !== this.#samples.atUs;
      const mayBeHeld = this.#samples.waiting && !isOther;
      const held = mayBeHeld && this.#samples.frame(decodeUtf8(this.#place.bytes, start, end), columns);
      if (toTable !== null) toTable(comma, end, start);
      else if (held || use === 'frame') this.out.account.rows++;
      else if (use === 'ignored') this.out.account.ignored++;
      else this.damaged(start, end, use.damaged);
    };
  }

  damaged(start: number, end: number, why: string): void {
    const { bytes, line } = this.#place;
    // Files put together repeat the header: a schema line of an event that is read already is no damage.
    const columns = schemaColumns(decodeUtf8(bytes, start, end));
    if (columns !== null) {
      this.#learn(columns);
      this.out.account.ignored++;
      return;
    }
    this.out.skip('damaged-row', `rows were skipped; the first: ${why}`, {
      line,
      example: decodeUtf8(bytes, start, Math.min(end, start + 400)).trim(),
    });
  }

  sawRun(us: number, elapsedUs: number, cpu: number): void {
    if (us < this.#lastUs) this.#inversions++;
    else this.#lastUs = us;
    const startUs = this.#held === null ? us - elapsedUs : us;
    if (!(startUs >= this.#firstUs)) this.#firstUs = startUs;
    if (cpu > this.#maxCpu) this.#maxCpu = cpu;
    this.out.account.rows++;
    if (this.#samples.waiting) this.#samples.passed(us);
  }

  /** The CPU of a row that is not read otherwise, so that processors without DPCs are counted as well. */
  #peekCpu(event: EventName, end: number): void {
    const { bytes } = this.#place;
    let at = this.#names.comma + 1;
    for (let column = 1; column < event.cpuColumn; column++) {
      at = bytes.indexOf(44, at) + 1;
      if (at === 0 || at >= end) return;
    }
    const stop = bytes.indexOf(44, at);
    const cpu = readNumber(bytes, at, stop < 0 || stop > end ? end : stop);
    if (cpu < 4096 && cpu > this.#maxCpu) this.#maxCpu = cpu;
  }

  /** Rows are in time order: the last line of each block tells how far the trace goes, whatever its event. */
  #timeOfLastLine(bytes: Buffer): void {
    const until = bytes[bytes.length - 1] === 10 ? bytes.length - 1 : bytes.length;
    const from = until > 0 ? bytes.lastIndexOf(10, until - 1) + 1 : 0;
    const comma = bytes.indexOf(44, from);
    if (comma < 0 || comma >= until) return;
    const next = bytes.indexOf(44, comma + 1);
    const us = readNumber(bytes, comma + 1, next < 0 || next > until ? until : next);
    if (us > this.#lastUs) this.#lastUs = us;
  }

  /** The last line without a line end: xperf ends every line, so this one may be cut, and is if it could not be read. */
  #unended(from: number, stop: number): void {
    const { skipped } = this.out.account;
    this.#place.line++;
    this.#line(from, stop);
    if (this.out.account.skipped > skipped) this.out.about.truncated = true;
    this.out.diagnostics.add(
      'no-line-end',
      'warning',
      'the last line has no line end: the file may have been cut off',
      {
        line: this.#place.line,
        example: decodeUtf8(this.#place.bytes, from, Math.min(stop, from + 400)).trim(),
      },
    );
  }
}
