/** All that the join is made from: both sides' answers, and what was looked for beside them. */
import type { DpcResult } from '../src/analyses/dpc-result.js';
import type { DumpResult } from '../src/analyses/dump/result.js';
import type { ErrorsResult } from '../src/analyses/errors/result.js';
import type { PoolResult } from '../src/analyses/pool/result.js';
import type { Finish } from '../src/core/analysis.js';
import type { CorrelateOptions } from './options.js';
import type { AlpcMessages } from './probes/alpc-messages.js';
import type { CpuLoad } from './probes/cpu-load.js';
import type { DumpFacts } from './probes/dump-facts.js';
import type { LoadedImages } from './probes/loaded-images.js';
import type { ProcessesSeen } from './probes/processes-seen.js';
import type { RoutineRuns } from './probes/routine-runs.js';
import type { Switches } from './probes/switches.js';
import type { ThreadTalk } from './probes/thread-talk.js';

export interface Given {
  readonly options: CorrelateOptions;
  readonly context: Finish;
  /** The first so many sources are debugger's logs; the others are traces. */
  readonly dumps: number;
  /** Those of them that hold messages of a software trace as well. */
  readonly messagesInDump: readonly number[];
  readonly facts: DumpFacts;
  readonly probes: {
    readonly images: LoadedImages;
    readonly processes: ProcessesSeen;
    readonly talk: ThreadTalk;
    readonly switches: Switches;
    readonly messages: AlpcMessages;
    readonly load: CpuLoad;
    readonly runs: RoutineRuns;
  };
  readonly dump: DumpResult;
  /** Null where no source holds such rows. */
  readonly dpc: DpcResult | null;
  readonly pool: PoolResult | null;
  readonly errors: ErrorsResult | null;
  /** Computers that the messages of a source name. */
  readonly machines: ReadonlyMap<number, ReadonlySet<string>>;
  /** Index of the source from whose start times of messages of a source count. */
  countsFrom(source: number): number;
  /** When the messages of a template came, µs; of very many the first and the last. */
  instantsOf(templateId: string): readonly number[];
}
