/**
 * The library: all that the command line does.
 *
 *     const trace = await open(['trace.txt']);
 *     const report = await analyze(trace, 'dpc', { dpcUs: 100 });
 *     console.log(render(report, { format: 'table' }));
 */
import { PARSERS } from '../parsers/index.js';

export { CORRELATE_DEFAULTS, type CorrelateOptions } from '../correlate/options.js';
export type {
  Alignment,
  Cause,
  CauseKind,
  ClockMethod,
  CorrelateParts,
  CorrelateResult,
  Culprit,
  Join,
  JoinKind,
  Lane,
  LaneKind,
  LaneStrip,
  Missing,
  Part,
  Point,
  Role,
  SourceClock,
  TimeLine,
  Unexplained,
  Verdict,
} from '../correlate/result.js';

export { DPC_DEFAULTS, type DpcOptions, SORT_KEYS, type SortKey } from './analyses/dpc-options.js';
export type * from './analyses/dpc-result.js';
export { DUMP_DEFAULTS, type DumpOptions } from './analyses/dump/options.js';
export type * from './analyses/dump/result.js';
export {
  BY,
  ERRORS_DEFAULTS,
  type ErrorsOptions,
  LEVEL_NAMES,
  type LevelName,
  type Rule,
} from './analyses/errors/options.js';
export type * from './analyses/errors/result.js';
export { POOL_DEFAULTS, type PoolOptions } from './analyses/pool/options.js';
export type * from './analyses/pool/result.js';
export { POOL_KEYS } from './analyses/pool/result.js';
export { analyze, analyzeDpc, analyzeDump, analyzeErrors, analyzePool, type Report } from './analyze.js';
export type { SourceSummary } from './core/analysis.js';
export type { Diagnostic, Severity } from './core/diagnostic.js';
export { EXIT, TracekitError } from './core/error.js';
export type { Evidence, Finding, Level } from './core/evidence.js';
export { type Filter, parseFilter } from './core/filter.js';
export type { About, Account, Clock, ClockGiven, Parser } from './core/parser.js';
export type { Column, Row, TableDef } from './core/schema.js';
export { type Batch, type Consumer, rowAt } from './core/table.js';
export { analyzeCorrelate, type CorrelateReport } from './correlate.js';
export {
  ALL_EVENTS,
  type EventFrame,
  type EventRecord,
  type EventRow,
  type EventSelection,
  type EventsSummary,
  readEventRows,
  readEvents,
} from './events.js';
export { type InfoResult, info } from './info.js';
export { type OpenOptions, open, type ReadOptions, Trace } from './open.js';
export { documentOf } from './report/document.js';
export {
  DPC_VIEWS,
  DUMP_VIEWS,
  type DumpRenderOptions,
  dumpColumns,
  ERRORS_VIEWS,
  type ErrorsRenderOptions,
  errorsColumns,
  POOL_VIEWS,
  type PoolRenderOptions,
  poolColumns,
  type RenderOptions,
  render,
  viewColumns,
} from './report/index.js';
export { TABLES } from './tables/index.js';
export { collectTables, writeTables } from './tables-out.js';
export { VERSION } from './version.js';

/** Names of the formats that are read. */
export const FORMAT_NAMES: readonly string[] = PARSERS.map((parser) => parser.name);
export { PARSERS };
