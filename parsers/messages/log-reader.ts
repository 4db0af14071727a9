/** Lines of a log become rows. */
import type { Output } from '../../src/core/parser.js';
import { ByteNames } from './byte-names.js';
import { trimEnd } from './bytes.js';
import type { MessageClock } from './clock.js';
import type { LogLine } from './log-line.js';
import { LogNames, type NameForm } from './log-names.js';
import { otherLine } from './other-line.js';
import type { LineReader } from './records.js';
import type { MessageRows } from './rows.js';

export class LogReader implements LineReader {
  readonly #names = new LogNames();
  readonly #providers: ByteNames;
  readonly #machines: ByteNames;
  #hasNumbers = false;

  constructor(
    private readonly out: Output,
    private readonly rows: MessageRows,
    private readonly clock: MessageClock,
    private readonly log: LogLine,
    private readonly nameForm: NameForm | null,
  ) {
    const { provider, machine } = rows.dicts;
    this.#providers = new ByteNames((name) => provider.id(name));
    this.#machines = new ByteNames((name) => machine.id(name));
  }

  begins(bytes: Buffer, from: number, end: number): boolean {
    return this.log.begins(bytes, from, end);
  }

  line(bytes: Buffer, from: number, end: number): void {
    const { log, rows } = this;
    if (!log.begins(bytes, from, end)) {
      otherLine(this.out, rows, bytes, from, end);
      return;
    }
    log.readRest(bytes, end);
    const n = rows.open(from);
    const { cols } = rows;
    cols.atUs[n] = this.clock.at(log.stamp, rows.line);
    cols.level[n] = log.level;
    cols.pid[n] = log.pid;
    cols.tid[n] = log.tid;
    if (log.hasNumber && !this.#hasNumbers) this.#noteNumbers();
    const provider = this.nameForm === null ? -1 : this.#name(this.nameForm, n, bytes, end);
    cols.provider[n] = provider;
    rows.message(n, log.textFrom, trimEnd(bytes, log.textFrom, end), provider);
  }

  #noteNumbers(): void {
    this.#hasNumbers = true;
    this.out.about.notes.push('numbers alone in brackets behind the time were taken as ids of threads');
  }

  #name(form: NameForm, n: number, bytes: Buffer, end: number): number {
    const { log, rows } = this;
    const names = this.#names;
    const isSyslog = form === 'syslog';
    if (isSyslog) rows.cols.machine[n] = -1;
    if (!names.read(form, bytes, log.textFrom, end)) return -1;
    if (isSyslog) {
      rows.cols.machine[n] = this.#machines.get(bytes, names.hostFrom, names.hostEnd);
      if (names.pid >= 0) rows.cols.pid[n] = names.pid;
      // All of it has become columns.
      log.textFrom = names.textFrom;
    }
    return this.#providers.get(bytes, names.from, names.end);
  }
}
