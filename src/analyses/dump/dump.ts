/** The `dump` command's answer, put together from all that a debugger's log prints. */
import type { Finish } from '../../core/analysis.js';
import type { Finding } from '../../core/evidence.js';
import type { Batch } from '../../core/table.js';
import { dumpThread } from '../../tables/dump-thread.js';
import { answerOf } from './answer.js';
import { bugcheckOf } from './bugcheck.js';
import type { Case } from './case.js';
import { Chains } from './chains.js';
import type { Scene } from './edges/edge.js';
import { allEdges, waitersOf } from './edges/index.js';
import { Facts } from './facts.js';
import { dumpFindings } from './findings.js';
import { graphOf } from './graph.js';
import { irpsOf } from './irps.js';
import { Locks } from './locks.js';
import { memoryOf } from './memory.js';
import { Model } from './model.js';
import { keepOneMoment } from './moments.js';
import type { DumpOptions } from './options.js';
import { patternsOf } from './patterns/index.js';
import { leakSuspectsOf } from './patterns/leaks.js';
import { qualityOf } from './quality.js';
import type { DumpResult } from './result.js';
import { DumpRows } from './rows.js';
import { leaveOutOtherDumps } from './same-dump.js';
import { clockOf } from './ticks.js';
import { watchdogOf } from './watchdog.js';

export class DumpFold {
  readonly #rows = new DumpRows();

  constructor(private readonly options: DumpOptions) {}

  add(batch: Batch): void {
    this.#rows.add(batch);
  }

  finish(context: Finish): { result: DumpResult; findings: Finding[] } {
    const rows = this.#rows;
    if (rows.left > 0) {
      context.diagnostics.add(
        'too-many-rows',
        'data-loss',
        `${rows.left} rows of the log were left out: there was no room`,
      );
    }
    leaveOutOtherDumps(rows, context);
    keepOneMoment(rows, context);
    const clock = clockOf(rows.of(dumpThread));
    const model = new Model(rows, clock, context.diagnostics);
    const facts = new Facts(rows);
    const locks = new Locks(rows, model);
    const known = { model, rows, locks };
    const scene: Scene = { ...known, waiters: waitersOf(known) };
    const graph = graphOf(allEdges(scene));
    if (locks.edgesLeft > 0) {
      context.diagnostics.add(
        'too-many-owners',
        'data-loss',
        'shared locks have more owners and waiters than are joined: each waiter is shown with the first owners only',
        { count: locks.edgesLeft },
      );
    }
    const chains = new Chains(model, graph, locks);
    if (chains.isCut) {
      context.diagnostics.add(
        'too-many-chains',
        'data-loss',
        'the waits are tangled in more ways than are followed: chains are missing',
      );
    }
    const tickMs = clock.tickMs ?? facts.number('system', 'tickMs');
    const bugcheck = bugcheckOf(facts, tickMs, context);
    const watchdog = watchdogOf(bugcheck, model, rows, facts, tickMs, context);
    const irps = irpsOf(rows, context);
    const memory = memoryOf(facts, context);
    const asked = { ...scene, facts, clock: { ...clock, tickMs }, memory, context };
    const all: Case = {
      ...asked,
      graph,
      chains,
      bugcheck,
      watchdog,
      irps,
      quality: qualityOf(asked),
      leakSuspects: leakSuspectsOf(asked),
    };
    const patterns = patternsOf(all);
    return { result: answerOf(all, patterns, this.options), findings: dumpFindings(all, patterns) };
  }
}
