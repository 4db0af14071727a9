import { PARSERS } from '../parsers/index.js';
import type { DpcOptions } from './analyses/dpc-options.js';
import type { DpcResult } from './analyses/dpc-result.js';
import { DumpFold } from './analyses/dump/dump.js';
import { DUMP_DEFAULTS, type DumpOptions } from './analyses/dump/options.js';
import type { DumpResult } from './analyses/dump/result.js';
import { READ_BY_DUMP } from './analyses/dump/rows.js';
import { ErrorsFold, READ_BY_ERRORS } from './analyses/errors/errors.js';
import { ERRORS_DEFAULTS, type ErrorsOptions } from './analyses/errors/options.js';
import type { ErrorsResult } from './analyses/errors/result.js';
import { POOL_DEFAULTS, type PoolOptions } from './analyses/pool/options.js';
import { POOL_NAMES, POOL_TABLES, PoolFold } from './analyses/pool/pool.js';
import type { PoolResult } from './analyses/pool/result.js';
import type { SourceSummary } from './core/analysis.js';
import { type Diagnostic, Diagnostics } from './core/diagnostic.js';
import { EXIT, TracekitError } from './core/error.js';
import type { Finding } from './core/evidence.js';
import type { TableDef } from './core/schema.js';
import type { Batch } from './core/table.js';
import { printable } from './core/text.js';
import { DPC_TABLES, DpcPass } from './dpc-pass.js';
import { contextOf, readable, worstFirst } from './finishing.js';
import type { ReadOptions, Trace } from './open.js';
import { callStack } from './tables/call-stack.js';
import { DUMP_TABLES } from './tables/index.js';

/** A command's whole answer: every output is made from this and nothing else. */
export interface Report<R> {
  readonly command: string;
  readonly sources: readonly SourceSummary[];
  readonly result: R;
  readonly findings: readonly Finding[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Answers which DPCs and ISRs ran too long. Reads the sources once, front to back; memory does not grow with the rows.
 * Throws TracekitError where a source cannot be read or none holds DPC or ISR data.
 */
export async function analyzeDpc(
  trace: Trace,
  given: Partial<DpcOptions> = {},
  read: ReadOptions = {},
): Promise<Report<DpcResult>> {
  requireTables(trace, DPC_TABLES, 'DPC or ISR');
  const dpc = new DpcPass(given, trace.sources.length > 1);
  const pass = await trace.read((table) => dpc.consumersOf(table), { ...read, kernelSamplesOnly: true });
  const diagnostics = new Diagnostics(null);
  const { result, findings } = dpc.finish(pass.sources, diagnostics);
  return {
    command: 'dpc',
    sources: pass.sources,
    result,
    findings: worstFirst(findings),
    diagnostics: [...pass.diagnostics, diagnostics].flatMap((d) => d.list()),
  };
}

/**
 * Answers which code leaks kernel pool, from traces of allocations, snapshots and debugger logs together. Memory grows with the blocks
 * that are live at one time and with the different stacks. Throws TracekitError where a source cannot be read or none can hold pool data.
 */
export async function analyzePool(
  trace: Trace,
  given: Partial<PoolOptions> = {},
  read: ReadOptions = {},
): Promise<Report<PoolResult>> {
  const options = { ...POOL_DEFAULTS, ...given };
  requireTables(
    trace,
    POOL_TABLES.filter((table) => table !== callStack),
    'pool',
  );
  const fold = new PoolFold(options);
  const pass = await trace.read(
    (table) => (POOL_TABLES.includes(table) || POOL_NAMES.includes(table) ? [(batch: Batch) => fold.add(batch)] : []),
    // A free must come after the allocation of its block, on whatever processor.
    { ...read, inTime: true },
  );
  const diagnostics = new Diagnostics(null);
  const context = contextOf(pass.sources, diagnostics);
  const { result, findings } = fold.finish(context);
  return {
    command: 'pool',
    sources: pass.sources,
    result,
    findings: findings.map(readable),
    diagnostics: [...pass.diagnostics, diagnostics].flatMap((d) => d.list()),
  };
}

/**
 * Answers who waits for whom in a dump, by the debugger's logs of it: several are put together. Memory grows with what the logs
 * print. Throws TracekitError where a source cannot be read or none is a debugger's log.
 */
export async function analyzeDump(
  trace: Trace,
  given: Partial<DumpOptions> = {},
  read: ReadOptions = {},
): Promise<Report<DumpResult>> {
  requireTables(trace, DUMP_TABLES, 'debugger');
  const fold = new DumpFold({ ...DUMP_DEFAULTS, ...given });
  const pass = await trace.read(
    (table) => (READ_BY_DUMP.includes(table) ? [(batch: Batch) => fold.add(batch)] : []),
    read,
  );
  const diagnostics = new Diagnostics(null);
  const { result, findings } = fold.finish(contextOf(pass.sources, diagnostics));
  return {
    command: 'dump',
    sources: pass.sources,
    result,
    findings: worstFirst(findings),
    diagnostics: [...pass.diagnostics, diagnostics].flatMap((d) => d.list()),
  };
}

/**
 * Answers which messages recur, how often and with what rhythm, in software traces, logs and events. Reads the sources once; memory
 * grows with templates and threads up to bounds, not with the messages. Throws TracekitError where a source cannot be read or none
 * can hold messages.
 */
export async function analyzeErrors(
  trace: Trace,
  given: Partial<ErrorsOptions> = {},
  read: ReadOptions = {},
): Promise<Report<ErrorsResult>> {
  requireTables(trace, READ_BY_ERRORS, 'message');
  const fold = new ErrorsFold({ ...ERRORS_DEFAULTS, ...given }, await startsOf(trace));
  const pass = await trace.read(
    (table) => (READ_BY_ERRORS.includes(table) ? [(batch: Batch) => fold.add(batch)] : []),
    // Events of the kernel are no messages: they need not be decoded.
    { ...read, inTime: true, eventFilter: ({ kernelName }) => kernelName === null },
  );
  const diagnostics = new Diagnostics(null);
  const { result, findings } = fold.finish(contextOf(pass.sources, diagnostics));
  return {
    command: 'errors',
    sources: pass.sources,
    result,
    findings: worstFirst(findings),
    diagnostics: [...pass.diagnostics, diagnostics].flatMap((d) => d.list()),
  };
}

/** When each of several sources began: a look at them beforehand, for some tell it at their end. Standard input is read once. */
async function startsOf(trace: Trace): Promise<readonly (string | null)[]> {
  if (trace.sources.length < 2 || trace.sources.some(({ path }) => path === '-')) return [];
  const { sources } = await trace.read(() => []);
  return sources.map(({ about }) => about.clock.startUtc);
}

/** Refuses files whose formats cannot hold what the command needs, instead of answering "none". */
function requireTables(trace: Trace, tables: readonly TableDef[], what: string): void {
  if (tables.some((table) => trace.canFill(table))) return;
  const formats = trace.sources.map((s) => `${printable(s.path)} (${s.format})`).join(', ');
  const able = PARSERS.filter((p) => tables.some((t) => p.tables.includes(t))).map((p) => p.name);
  throw new TracekitError(`${formats}: holds no ${what} data. Formats that do: ${able.join(', ')}.`, EXIT.unreadable);
}

/** Answers by command name. */
export async function analyze(
  trace: Trace,
  command: 'dpc',
  options?: Partial<DpcOptions>,
  read?: ReadOptions,
): Promise<Report<DpcResult>>;
export async function analyze(
  trace: Trace,
  command: 'pool',
  options?: Partial<PoolOptions>,
  read?: ReadOptions,
): Promise<Report<PoolResult>>;
export async function analyze(
  trace: Trace,
  command: 'dump',
  options?: Partial<DumpOptions>,
  read?: ReadOptions,
): Promise<Report<DumpResult>>;
export async function analyze(
  trace: Trace,
  command: 'errors',
  options?: Partial<ErrorsOptions>,
  read?: ReadOptions,
): Promise<Report<ErrorsResult>>;
export async function analyze(
  trace: Trace,
  command: 'dpc' | 'pool' | 'dump' | 'errors',
  options: Partial<DpcOptions> | Partial<PoolOptions> | Partial<DumpOptions> | Partial<ErrorsOptions> = {},
  read: ReadOptions = {},
): Promise<Report<DpcResult> | Report<PoolResult> | Report<DumpResult> | Report<ErrorsResult>> {
  switch (command) {
    case 'dpc':
      return analyzeDpc(trace, options as Partial<DpcOptions>, read);
    case 'pool':
      return analyzePool(trace, options as Partial<PoolOptions>, read);
    case 'dump':
      return analyzeDump(trace, options as Partial<DumpOptions>, read);
    case 'errors':
      return analyzeErrors(trace, options as Partial<ErrorsOptions>, read);
  }
}
