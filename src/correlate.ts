/** Reads the dump's logs, then the traces with what the dump asks of them, and joins both. */
import { correlate } from '../correlate/correlate.js';
import { CORRELATE_DEFAULTS, type CorrelateOptions } from '../correlate/options.js';
import { AlpcMessages } from '../correlate/probes/alpc-messages.js';
import { CpuLoad } from '../correlate/probes/cpu-load.js';
import { DumpFacts } from '../correlate/probes/dump-facts.js';
import { LoadedImages } from '../correlate/probes/loaded-images.js';
import type { Probe } from '../correlate/probes/probe.js';
import { ProcessesSeen } from '../correlate/probes/processes-seen.js';
import { RoutineRuns } from '../correlate/probes/routine-runs.js';
import { Switches } from '../correlate/probes/switches.js';
import { ThreadTalk } from '../correlate/probes/thread-talk.js';
import type { CorrelateParts, CorrelateResult, Part } from '../correlate/result.js';
import { DPC_DEFAULTS } from './analyses/dpc-options.js';
import type { DpcResult } from './analyses/dpc-result.js';
import { DumpFold } from './analyses/dump/dump.js';
import { DUMP_DEFAULTS } from './analyses/dump/options.js';
import type { DumpResult } from './analyses/dump/result.js';
import { READ_BY_DUMP } from './analyses/dump/rows.js';
import { ErrorsFold, READ_BY_ERRORS } from './analyses/errors/errors.js';
import { ERRORS_DEFAULTS } from './analyses/errors/options.js';
import type { ErrorsResult } from './analyses/errors/result.js';
import { POOL_DEFAULTS } from './analyses/pool/options.js';
import { POOL_NAMES, POOL_TABLES, PoolFold } from './analyses/pool/pool.js';
import type { PoolResult } from './analyses/pool/result.js';
import type { Report } from './analyze.js';
import type { SourceSummary } from './core/analysis.js';
import { Diagnostics } from './core/diagnostic.js';
import { EXIT, TracekitError } from './core/error.js';
import type { TableDef } from './core/schema.js';
import { type Consumer, type Dictionary, isBatchOf } from './core/table.js';
import { printable } from './core/text.js';
import { DPC_TABLES, DpcPass } from './dpc-pass.js';
import { contextOf, worstFirst } from './finishing.js';
import type { ReadOptions, Trace } from './open.js';
import { dumpThread } from './tables/dump-thread.js';
import { logMessage } from './tables/log-message.js';

export interface CorrelateReport extends Report<CorrelateResult> {
  /** The answers of the other commands that it rests on. */
  readonly parts: CorrelateParts;
  /** Names of machines that messages bear in a column of their own: for redaction. */
  readonly machines: readonly string[];
}

const isDump = (tables: readonly TableDef[]): boolean => tables.includes(dumpThread);

/** Answers of single sides, as they come about. */
interface Gathered {
  readonly dump: Part<DumpResult> | null;
  readonly probes: Probes | null;
}

/** What the dump asks of the traces. */
class Probes {
  readonly images = new LoadedImages();
  readonly processes: ProcessesSeen;
  readonly talk: ThreadTalk;
  readonly switches: Switches;
  readonly messages: AlpcMessages;
  readonly load: CpuLoad;
  readonly runs: RoutineRuns;

  constructor(dump: DumpResult | null, dpc: DpcPass) {
    const tids = new Set((dump?.threads ?? []).flatMap(({ tid }) => (tid === null || tid === 0 ? [] : [tid])));
    this.processes = new ProcessesSeen(tids);
    const blocked = blockedOf(dump, tids);
    this.talk = new ThreadTalk(tids, blocked);
    this.switches = new Switches(blocked);
    this.messages = new AlpcMessages(blocked);
    this.load = new CpuLoad(dpc.exclusive);
    this.runs = new RoutineRuns(DPC_DEFAULTS);
  }

  get all(): readonly Probe[] {
    const { images, processes, talk, switches, messages, load, runs } = this;
    // Context switches are the most of a trace: they are read only where they are asked for.
    return [images, processes, talk, load, runs, ...(switches.isAsked ? [switches, messages] : [])];
  }
}

/** Threads on wait chains and in deadlocks: of these it matters when they last ran. */
function blockedOf(dump: DumpResult | null, known: ReadonlySet<number>): ReadonlySet<number> {
  if (dump === null) return new Set();
  const ids = new Set([...dump.chains, ...dump.deadlocks].flatMap(({ threads }) => threads));
  const tids = dump.threads.filter(({ id }) => ids.has(id)).map(({ tid }) => tid);
  return new Set(tids.filter((tid): tid is number => tid !== null && known.has(tid)).slice(0, MAX_BLOCKED));
}

const MAX_BLOCKED = 500;

/**
 * Joins traces with the debugger's logs of one dump and says what explains the dump: causes with evidence of both sides, ranked.
 * Memory grows with the log of the dump, and as the other commands' does with the traces. Throws TracekitError where a source cannot
 * be read, or none is a debugger's log.
 */
export async function analyzeCorrelate(
  given: Trace,
  options: Partial<CorrelateOptions> = {},
  read: ReadOptions = {},
): Promise<CorrelateReport> {
  const trace = given.withFirst(isDump);
  const dumps = trace.countFilling(dumpThread);
  if (dumps === 0) throw new TracekitError(noDump(trace), EXIT.usage);
  const facts = new DumpFacts();
  const dumpFold = new DumpFold(DUMP_DEFAULTS);
  const dpc = new DpcPass({}, trace.sources.length - dumps > 1);
  const pool = new PoolFold(POOL_DEFAULTS);
  const errors = new ErrorsFold(
    // Events of the kernel are no messages: of these only those of ALPC are read, for a probe.
    { ...ERRORS_DEFAULTS, confidence: 'low', provider: (name) => name !== 'kernel' },
    await startsOf(trace, dumps),
  );
  const own = new Diagnostics(null);
  const rows = new RowCount();
  let gathered: Gathered = { dump: null, probes: null };
  let done = 0;
  const pass = await trace.read(
    (table) => {
      const isDumpRead = done < dumps;
      const folds: readonly (readonly [wants: boolean, fold: { add: Consumer }])[] = [
        [isDumpRead && READ_BY_DUMP.includes(table), dumpFold],
        [isDumpRead && facts.reads.some((one) => one === table), facts],
        [POOL_TABLES.includes(table) || POOL_NAMES.includes(table), pool],
        [READ_BY_ERRORS.includes(table), errors],
        ...(gathered.probes?.all ?? []).map((probe) => [probe.reads.includes(table), probe] as const),
      ];
      const wanted = folds
        .filter(([wants]) => wants)
        .map(
          ([, fold]): Consumer =>
            (batch) =>
              fold.add(batch),
        );
      const all = [...dpc.consumersOf(table), ...wanted];
      return all.length === 0 ? all : [...all, rows.consume];
    },
    {
      ...read,
      inTime: true,
      kernelSamplesOnly: true,
      switchedThreads: () => gathered.probes?.switches.threads ?? null,
      eventFilter: ({ kernelName }) => kernelName === null || kernelName.startsWith('ALPC/'),
      onSource: (sources) => {
        done = sources.length;
        if (done !== dumps) return;
        const { result, findings } = dumpFold.finish(contextOf(sources, own));
        gathered = { dump: { result, findings: worstFirst(findings) }, probes: new Probes(result, dpc) };
      },
    },
  );
  const { sources } = pass;
  const context = contextOf(sources, own);
  const { dump, probes } = gathered as { dump: Part<DumpResult>; probes: Probes };
  if (probes.load.left > 0) {
    own.add(
      'too-many-routines',
      'data-loss',
      'more routines than are told apart: the time of further ones is not counted by processor',
      {
        count: probes.load.left,
      },
    );
  }
  const dpcPart = rows.hasAny(DPC_TABLES) ? partOf<DpcResult>(dpc.finish(sources, own)) : null;
  const poolPart = rows.hasAny(OWN_POOL_TABLES) ? partOf<PoolResult>(pool.finish(context)) : null;
  const errorsPart = rows.hasAny(MESSAGES) ? partOf<ErrorsResult>(errors.finish(context)) : null;
  sayTwins(sources.slice(dumps), own);
  const machines = rows.machines();
  const { result, findings, timeline } = await correlate({
    options: { ...CORRELATE_DEFAULTS, ...options },
    context,
    dumps,
    messagesInDump: rows.sourcesOf(logMessage).filter((source) => source < dumps),
    facts,
    probes,
    dump: dump.result,
    dpc: dpcPart?.result ?? null,
    pool: poolPart?.result ?? null,
    errors: errorsPart?.result ?? null,
    machines,
    countsFrom: (source) => errors.countsFrom(source),
    instantsOf: (templateId) => errors.instantsOf(templateId),
  });
  return {
    command: 'correlate',
    sources,
    result,
    findings: worstFirst(findings),
    diagnostics: [...pass.diagnostics, own].flatMap((d) => d.list()),
    machines: [...new Set([...machines.values()].flatMap((names) => [...names]))],
    parts: { dpc: dpcPart, pool: poolPart, errors: errorsPart, dump, timeline },
  };
}

const OWN_POOL_TABLES = POOL_TABLES.filter(({ name }) => name !== 'call_stack');
const MESSAGES = READ_BY_ERRORS.filter(({ name }) => name === 'log_message' || name === 'event');

const partOf = <R>({ result, findings }: { result: R; findings: Part<R>['findings'] }): Part<R> => ({
  result,
  findings: worstFirst(findings),
});

/** Which tables got rows, from which sources. */
class RowCount {
  readonly #sources = new Map<TableDef, Set<number>>();

  readonly #machines = new Map<number, Dictionary>();

  readonly consume: Consumer = (batch) => {
    const { table, source } = batch;
    // The dictionary of a source is filled while it is read: what it holds is looked at in the end.
    if (isBatchOf(batch, logMessage)) this.#machines.set(source, batch.dicts.machine);
    const known = this.#sources.get(table);
    if (known === undefined) this.#sources.set(table, new Set([source]));
    else known.add(source);
  };

  /** Computers that messages name, by source. */
  machines(): Map<number, ReadonlySet<string>> {
    return new Map([...this.#machines].map(([source, { values }]) => [source, new Set(values)]));
  }

  hasAny(tables: readonly TableDef[]): boolean {
    return tables.some((table) => this.#sources.has(table));
  }

  sourcesOf(table: TableDef): number[] {
    return [...(this.#sources.get(table) ?? [])];
  }
}

/** Two copies of one trace: what they hold is counted twice. (Runs of DPCs are not: `SameCapture` sees to that.) */
function sayTwins(traces: readonly SourceSummary[], diagnostics: Diagnostics): void {
  const seen = new Map<string, string>();
  for (const { id, format, account, about } of traces) {
    const { startUtc, startLocal } = about.clock;
    const key = [format, account.read, account.rows, startUtc, startLocal, about.span.endUs].join(' ');
    const twin = seen.get(key);
    if (twin === undefined) seen.set(key, id);
    else if (account.rows > 0) {
      diagnostics.add(
        'same-source',
        'warning',
        `it seems to be a copy of ${twin}: its messages count twice; give it once`,
        {
          source: id,
        },
      );
    }
  }
}

function noDump(trace: Trace): string {
  const formats = trace.sources.map((s) => `${printable(s.path)} (${s.format})`).join(', ');
  return `${formats}: none is a debugger's log. In WinDbg or kd, open the dump, and type what "tracekit dump --script" prints; give that log with --dump.`;
}

/** When each of several traces began: a look at them beforehand, for some tell it at their end. Standard input is read once. */
async function startsOf(trace: Trace, dumps: number): Promise<readonly (string | null)[]> {
  const { sources } = trace;
  if (sources.length - dumps < 2 || sources.some(({ path }) => path === '-')) return [];
  const { sources: read } = await trace.read(() => []);
  // A debugger's log tells when the dump was taken, not when its messages began.
  return read.map(({ about }, i) => (i < dumps ? null : about.clock.startUtc));
}
