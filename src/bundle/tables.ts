/** What a report says as tables: for those who would rather ask with SQL. */
import type { Lane } from '../../correlate/result.js';
import type { Evidence } from '../core/evidence.js';
import { defineTable, dict, f64, i32, type Row, type TableDef, utf8 } from '../core/schema.js';
import { TableCollector, tableToIpc, Writer } from '../core/table.js';
import type { CorrelateReport } from '../correlate.js';

const causes = defineTable('causes', 'One row per cause, ranked.', {
  rank: i32('From 1, the most likely first.'),
  cause: dict('Kind of cause.'),
  module: utf8('Module at fault.'),
  function: utf8('Its function.'),
  process: utf8('Image of the process at fault.'),
  pid: f64('Its process id.'),
  thread: utf8('Thread of the dump.'),
  remote: utf8('Server that is waited for.'),
  resource: utf8('Lock, disk, tag, path or message.'),
  confidence: dict('high, medium or low.'),
  score: f64('Sum of the points, 0 to 100.'),
  question: utf8('What the causes compete to explain.'),
  victims: f64('Threads held up by it.'),
  statement: utf8('The cause in a sentence.'),
});

const points = defineTable('points', 'One row per reason for or against a cause.', {
  rank: i32('Rank of the cause.'),
  point: i32('Number of the point in its cause, from 1.'),
  rule: dict('Name of the rule.'),
  points: f64('Above 0 for the cause, below 0 against it.'),
  from: dict('Which sides it stands on: trace, dump or both.'),
  chance: f64('How likely chance alone makes such a match, 0 to 1.'),
  statement: utf8('The reason in a sentence.'),
});

const joins = defineTable('joins', 'One row per name or number that trace and dump share.', {
  kind: dict('What is shared.'),
  key: utf8('The name or number.'),
  traceRows: f64('Rows of the trace with it.'),
  dumpRows: f64('Rows of the dump with it.'),
  strength: dict('exact, inferred or weak.'),
  statement: utf8('The join in a sentence.'),
});

const evidence = defineTable('evidence', 'One row per place cited.', {
  of: dict('What cites it: point, cause, against, finding, unexplained, join or alignment.'),
  rank: i32('Rank of the cause.'),
  point: i32('Number of the point, join or finding, from 1.'),
  quote: utf8('What stands there.'),
});

const timeline = defineTable('timeline', 'One row per mark of the time line.', {
  lane: dict('Id of the lane.'),
  title: dict('Title of the lane.'),
  kind: dict('Kind of the lane.'),
  level: dict('error, warning or note.'),
  cpu: f64('Processor.'),
  startUs: f64('Start, from the start of the first trace.', 'µs'),
  durationUs: f64('Duration; 0 of an instant.', 'µs'),
  label: dict('What the mark is.'),
});

/** A row, and the index of its source in the report; -1 for none. */
type Placed<T extends TableDef> = Partial<Row<T>> & { readonly at: number };

/** Each table as the bytes of an Arrow IPC file, by the table's name; those without rows too. */
export async function reportTables(report: CorrelateReport): Promise<ReadonlyMap<string, Uint8Array>> {
  const ids = report.sources.map(({ id }) => id);
  const made = new Map<string, Uint8Array>();
  const add = async <T extends TableDef>(table: T, rows: Iterable<Placed<T>>): Promise<void> => {
    made.set(table.name, await tableBytes(table, rows, ids));
  };
  const { result } = report;
  await add(
    causes,
    result.causes.map(({ culprit, ...cause }) => ({ ...cause, ...culprit, at: -1 })),
  );
  await add(
    points,
    result.causes.flatMap(({ rank, points: all }) => all.map((one, i) => ({ ...one, rank, point: i + 1, at: -1 }))),
  );
  await add(
    joins,
    result.joins.map((join) => ({ ...join, at: -1 })),
  );
  await add(evidence, evidenceRows(report, ids));
  await add(timeline, timelineRows(report.parts.timeline.lanes, ids));
  return made;
}

async function tableBytes<T extends TableDef>(
  table: T,
  rows: Iterable<Placed<T>>,
  ids: readonly string[],
): Promise<Uint8Array> {
  const collector = new TableCollector<TableDef>(table);
  const writers = new Map<number, Writer>();
  const writerOf = (source: number): Writer => {
    const writer: Writer = new Writer<TableDef>(table, source, [collector.consume], {
      about: null as never,
      quoteRow: () => '',
      flush: () => writer.flush(),
      noRoomFor: () => {},
    });
    writers.set(source, writer);
    return writer;
  };
  for (const { at, ...row } of rows) (writers.get(at) ?? writerOf(at)).row(row as object);
  for (const writer of writers.values()) writer.flush();
  return tableToIpc(await collector.toArrow(ids));
}

function* evidenceRows(
  { result, findings }: CorrelateReport,
  ids: readonly string[],
): Generator<Placed<typeof evidence>> {
  const placed = function* (
    all: readonly Evidence[],
    of: string,
    rank: number | null,
    point: number | null,
  ): Generator<Placed<typeof evidence>> {
    for (const { source, line, byte, quote } of all)
      yield { at: ids.indexOf(source), of, rank, point, line, byte, quote };
  };
  for (const { rank, points: all, evidence: own, against } of result.causes) {
    for (const [i, point] of all.entries()) yield* placed(point.evidence, 'point', rank, i + 1);
    yield* placed(own, 'cause', rank, null);
    yield* placed(against, 'against', rank, null);
  }
  for (const [i, finding] of findings.entries()) yield* placed(finding.evidence, 'finding', null, i + 1);
  for (const [i, one] of result.unexplained.entries()) yield* placed(one.evidence, 'unexplained', null, i + 1);
  for (const [i, join] of result.joins.entries()) yield* placed(join.evidence, 'join', null, i + 1);
  yield* placed(result.alignment.evidence, 'alignment', null, null);
}

function* timelineRows(lanes: readonly Lane[], ids: readonly string[]): Generator<Placed<typeof timeline>> {
  for (const { id, title, kind, level, cpu, startUs, durationUs, label, labels, source, places, placesAre } of lanes) {
    const at = source === null ? -1 : ids.indexOf(source);
    for (const [i, start] of startUs.entries()) {
      yield {
        ...{ at, lane: id, title, kind, level, cpu, startUs: start, durationUs: durationUs[i] },
        label: labels[label[i]] ?? null,
        [placesAre]: places[i] ?? null,
      };
    }
  }
}
