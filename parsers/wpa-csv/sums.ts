/** Tables of sums over runs: rows of the same routine are added up. */
import type { CsvRecord } from '../../src/core/csv.js';
import type { Output } from '../../src/core/parser.js';
import type { Writer } from '../../src/core/table.js';
import type { dpcAggregate } from '../../src/tables/dpc-aggregate.js';
import { cell, wholeOf } from '../wpa/cells.js';
import { countOf, namesOf } from './cells.js';
import type { Numbers, Row } from './numbers.js';

/** Sums are held until all records are read; more are not read. */
const MAX_SUMS = 1_000_000;
/** Characters of the lines to be quoted: lines can be as long as a hostile file makes them. */
const MAX_QUOTED = 1 << 29;

/** The sums of a source, by what they are sums of. */
export interface Sums {
  readonly byKey: Map<string, Sum>;
  /** Characters of the lines held to be quoted. */
  quoted: number;
}

export const noSums = (): Sums => ({ byKey: new Map(), quoted: 0 });

/** Sums of a table without times, by what they are sums of. */
interface Sum {
  kind: string | null;
  module: string | null;
  fn: string | null;
  cpu: number | null;
  count: number | null;
  inclusive: number | null;
  exclusive: number | null;
  fragmented: number | null;
  max: number | null;
  /** Records folded in; more than one where the table is of fragments. */
  records: number;
  line: number;
  byte: number;
  quote: string;
}

/** Adds a record of a table of sums to `summed`. */
export function takeSum(summed: Sums, { header, record, kind, numbers: n }: Row, out: Output): void {
  const names = namesOf(header, record);
  const { module } = names;
  // An unresolved function keeps its printed name here: without one the row would be the module's own sum.
  const fn = names.fn ?? (cell(header, record, 'fn') || null);
  const cpu = wholeOf(header, record, 'cpu', out);
  const nameless = cell(header, record, 'module') === '' && fn === null && cpu === null;
  if (nameless && (header.at.has('module') || header.at.has('fn'))) {
    out.account.ignored++;
    const place = { line: record.line, example: record.text };
    out.diagnostics.add('total-row', 'info', 'grand totals were left out', place);
    return;
  }
  const key = JSON.stringify([kind, module, fn, cpu]);
  const sum = summed.byKey.get(key);
  const isFull = summed.byKey.size >= MAX_SUMS;
  if (sum === undefined && (isFull || summed.quoted + record.text.length > MAX_QUOTED)) {
    const most = isFull ? `${MAX_SUMS} sums` : `${MAX_QUOTED} characters of sums`;
    const message = `more than ${most}: the rest was not read`;
    out.skip('too-many-rows', message, { line: record.line, example: record.text }, 'data-loss');
    return;
  }
  out.account.rows++;
  const count = countOf(header, record);
  const now = sumOf(record, n, count, { kind, module, fn, cpu });
  if (sum !== undefined) {
    foldSum(sum, now);
    return;
  }
  summed.byKey.set(key, now);
  summed.quoted += record.text.length;
}

type SumKey = Pick<Sum, 'kind' | 'module' | 'fn' | 'cpu'>;

function sumOf(record: CsvRecord, n: Numbers, count: number | null, key: SumKey): Sum {
  // A row that counts one run is that run: its duration is the longest. One that counts none is an earlier fragment,
  // whose run's durations stand again on the final one.
  const own = count === 0;
  const single = count === 1 ? n.inclusive : undefined;
  return {
    ...key,
    count,
    inclusive: own ? null : (n.inclusive ?? null),
    exclusive: own ? null : (n.exclusive ?? null),
    fragmented: n.fragmented ?? null,
    max: n.maxInclusive ?? single ?? null,
    records: 1,
    line: record.line,
    byte: record.byte,
    quote: record.text,
  };
}

const plus = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : a + b);

function foldSum(sum: Sum, more: Sum): void {
  sum.count = plus(sum.count, more.count);
  sum.inclusive = plus(sum.inclusive, more.inclusive);
  sum.exclusive = plus(sum.exclusive, more.exclusive);
  sum.fragmented = plus(sum.fragmented, more.fragmented);
  sum.max = sum.max === null ? more.max : Math.max(sum.max, more.max ?? 0);
  sum.records++;
}

/** Writes the sums, and to `quotes` what each was read from, by its byte. */
export function writeSums(
  { byKey }: Sums,
  out: Output,
  writer: Writer<typeof dpcAggregate>,
  quotes: Map<number, string>,
): void {
  const repeated = [...byKey.values()].some((sum) => sum.records > 1 && sum.count === null);
  if (repeated) {
    const message =
      'rows repeat for the same routine and have no Count (DPCs/ISRs): runs cannot be told from fragments, so that only ' +
      'times without interruptions are summed';
    out.diagnostics.add('runs-unknown', 'data-loss', message);
  }
  for (const sum of byKey.values()) {
    const folded = sum.records > 1 && sum.count === null;
    quotes.set(sum.byte, sum.quote);
    writer.row({
      kind: sum.kind,
      module: sum.module,
      scope: scopeOf(sum),
      fn: sum.fn,
      cpu: sum.cpu,
      count: sum.count,
      totalUs: folded ? null : sum.inclusive,
      exclusiveUs: folded ? sum.fragmented : (sum.exclusive ?? sum.fragmented),
      maxUs: sum.max,
      line: sum.line,
      byte: sum.byte,
    });
  }
  writer.flush();
}

function scopeOf({ module, fn, cpu }: Sum): string {
  if (fn !== null) return 'function';
  if (cpu === null) return 'module';
  return module === null ? 'cpu' : 'module-cpu';
}
