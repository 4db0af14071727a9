/** Findings over the figures of `dpc`: limits, unbalanced interrupts, the trace's own overhead, doubts about the data. */
import type { Finish } from '../core/analysis.js';
import type { Evidence, Finding } from '../core/evidence.js';
import type { Overlaps } from './dpc-exclusive.js';
import { type Framework, frameworkOf, isKernel } from './dpc-frameworks.js';
import type { DpcOptions } from './dpc-options.js';
import type { Owners } from './dpc-owners.js';
import type { DpcResult, FunctionFigures, ModuleFigures } from './dpc-result.js';

const ms = (us: number): string => `${(us / 1000).toFixed(us < 10_000 ? 3 : 1)} ms`;
const duration = (us: number): string => (us < 1000 ? `${Number(us.toFixed(1))} µs` : ms(us));

/** Ten times the limit is an error: at 1 ms in a DPC audio and pointer visibly stutter. */
const ERROR_FACTOR = 10;

/** Modules whose longest run is over the limit, longest first. */
export function overLimit(result: DpcResult, options: DpcOptions): Finding[] {
  const findings: Finding[] = [];
  for (const figures of result.modules) {
    const limit = figures.kind === 'ISR' ? options.isrUs : options.dpcUs;
    if (figures.longest === null || figures.maxUs === null || figures.maxUs <= limit) continue;
    findings.push(over(figures, figures.longest.evidence[0], limit, result.functions));
  }
  return findings.sort((a, b) => rank(a) - rank(b));
}

const rank = (finding: Finding): number => ['error', 'warning', 'note'].indexOf(finding.level);

function over(
  figures: ModuleFigures,
  evidence: Evidence,
  limit: number,
  functions: readonly FunctionFigures[],
): Finding {
  const max = figures.maxUs as number;
  const name = figures.module ?? 'an unresolved module';
  const framework = frameworkOf(figures.module);
  const longest = figures.longest;
  const where =
    longest?.startUs == null ? '' : ` at ${(longest.startUs / 1e6).toFixed(6)} s on CPU ${longest.cpu ?? 'unknown'}`;
  const count =
    figures.overThreshold === null ? '' : `; ${figures.overThreshold} of ${figures.count} runs over ${limit} µs`;
  const routine = longest?.function == null ? '' : `!${longest.function}`;
  const owner = framework === null ? null : ownerOf(figures, functions);
  return {
    rule: figures.kind === 'ISR' ? 'isr-over-threshold' : 'dpc-over-threshold',
    level: max > limit * ERROR_FACTOR ? 'error' : 'warning',
    message: `${figures.kind} in ${name}${routine} ran ${duration(max)}${where} (limit ${limit} µs)${count}.${ownership(framework, owner)}`,
    confidence: figures.module === null ? 'low' : framework !== null && owner === null ? 'medium' : 'high',
    evidence: [evidence, ...(owner?.ownership?.evidence ?? [])],
    against: [],
    next: nextSteps(figures, framework, owner !== null),
  };
}

/** The function that holds the module's longest run, if its owner is known. */
function ownerOf(figures: ModuleFigures, functions: readonly FunctionFigures[]): FunctionFigures | null {
  const holder = functions.find(
    (f) => f.kind === figures.kind && f.module === figures.module && f.maxUs === figures.maxUs && f.owner !== null,
  );
  return holder ?? null;
}

function ownership(framework: Framework | null, holder: FunctionFigures | null): string {
  if (framework === null) return '';
  if (holder?.ownership == null) return ` ${framework.name} runs it for another driver: owner unknown.`;
  const { module, function: fn, samples, ofSamples, by } = holder.ownership;
  const how = by === 'stack' ? 'in the stacks of' : 'in';
  return ` ${framework.name} ran it for ${module}${fn === null ? '' : `!${fn}`} (${how} ${samples} of ${ofSamples} samples inside its runs).`;
}

function nextSteps(figures: ModuleFigures, framework: Framework | null, ownerKnown: boolean): string[] {
  if (figures.module === null)
    return ['record image rundown (LOADER) and export again with symbols, so that the module resolves'];
  if (framework !== null && !ownerKnown) return [`owner unknown: ${framework.collect} to see it`];
  return [];
}

/** An ISR that is the profile interrupt: overhead of the trace, not of a device. */
const PROFILE_ROUTINE = /profile|perfint|pmi/i;

/** The trace's own overhead: the profile interrupt seen as an ISR of hal or the kernel. */
export function profileInterrupt(result: DpcResult, sampled: boolean): Finding[] {
  const findings: Finding[] = [];
  for (const f of result.functions) {
    if (f.kind !== 'ISR' || f.module === null || !isKernel(f.module) || f.longest === null) continue;
    const named = f.function !== null && PROFILE_ROUTINE.test(f.function);
    const rhythm = result.intervals.find((i) => i.kind === 'ISR' && i.module === f.module && i.address === f.address);
    const atRate = sampled && rhythm !== undefined && rhythm.periodMs > 0.1 && rhythm.periodMs < 11;
    if (!named && !atRate) continue;
    findings.push({
      rule: 'profile-interrupt',
      level: 'note',
      message:
        `${f.count} ISRs in ${f.module}${f.function === null ? '' : `!${f.function}`} are the profile interrupt of the trace ` +
        `itself (${duration(f.exclusiveUs ?? 0)} in all), not a device's${named ? '' : ', to judge by its rhythm'}.`,
      confidence: named ? 'high' : 'medium',
      evidence: f.longest.evidence,
      against: [],
      next: [`leave it out with --function !${f.function ?? f.address}`],
    });
  }
  return findings;
}

/** One processor that takes nearly all interrupts. */
export function oneCpuForAll(result: DpcResult): Finding[] {
  const counts = result.cpus.map((c) => c.isrCount ?? 0);
  const total = counts.reduce((a, b) => a + b, 0);
  const busiest = counts.indexOf(Math.max(...counts));
  const cpus = result.window.cpus ?? result.cpus.length;
  if (cpus < 2 || total < 200 || counts[busiest] < total * 0.9) return [];
  const cpu = result.cpus[busiest].cpu;
  const evidence = result.occurrences.find((o) => o.cpu === cpu && o.kind === 'ISR')?.evidence;
  const any = evidence ?? result.modules.find((m) => m.kind === 'ISR' && m.longest !== null)?.longest?.evidence;
  if (any === undefined) return [];
  return [
    {
      rule: 'one-cpu-interrupts',
      level: 'note',
      message: `CPU ${cpu} took ${((100 * counts[busiest]) / total).toFixed(1)} % of all interrupts (${counts[busiest]} of ${total}) on a machine with ${cpus} processors.`,
      confidence: 'high',
      evidence: any,
      against: [],
      next: ['check interrupt affinity and RSS settings of the devices whose ISRs run there'],
    },
  ];
}

/** Runs whose module is not known. */
export function unresolved(result: DpcResult): Finding[] {
  const lost = result.modules.filter((m) => m.module === null && m.longest !== null);
  const noFunction = result.functions.filter((f) => f.module !== null && f.function === null && f.longest !== null);
  const findings: Finding[] = [];
  if (lost.length > 0) {
    const count = lost.reduce((sum, m) => sum + (m.count ?? 0), 0);
    findings.push({
      rule: 'unresolved-module',
      level: 'warning',
      message: `${count} runs lie in no known module: a driver that unloaded, or image events that the trace does not hold.`,
      confidence: null,
      evidence: lost[0].longest!.evidence,
      against: [],
      next: ['record with LOADER (image rundown), merge the trace (xperf -d) and export again'],
    });
  }
  if (noFunction.length > 0) {
    findings.push({
      rule: 'unresolved-symbols',
      level: 'note',
      message: `${noFunction.length} of ${result.functions.length} routines have no function name: no symbols were loaded for them.`,
      confidence: null,
      evidence: noFunction[0].longest!.evidence,
      against: [],
      next: ['set _NT_SYMBOL_PATH and export with -symbols; drivers’ private symbols come from their vendor'],
    });
  }
  return findings;
}

/** Events that the trace lost, and time stamps that contradict each other. */
export function doubts(context: Finish, overlaps: ReadonlyMap<number, Overlaps>): Finding[] {
  const findings: Finding[] = [];
  for (const [index, source] of context.sources.entries()) {
    const { eventsLost, buffersLost, lossPlace } = source.about;
    if ((eventsLost ?? 0) + (buffersLost ?? 0) === 0) continue;
    findings.push({
      rule: 'events-lost',
      level: 'warning',
      message: `${source.path}: ${eventsLost ?? 'unknown'} events and ${buffersLost ?? 'unknown'} buffers were lost in recording: counts and sums are too low, and the longest run may be missing.`,
      confidence: 'high',
      evidence: [
        {
          source: `s${index + 1}`,
          line: lossPlace?.line ?? null,
          byte: lossPlace?.byte ?? null,
          quote: lossPlace?.quote ?? '',
        },
      ],
      against: [],
      next: ['record again with more or larger buffers (xperf -BufferSize 1024 -MinBuffers 256 -MaxBuffers 1024)'],
    });
  }
  for (const [index, { seen, otherwise, overflowed }] of overlaps) {
    const assumed = context.sources[index].about.assumedTimestamp;
    if (seen > 0) {
      const doubt = assumed !== null && otherwise * 4 < seen && seen > 10;
      const other = assumed === 'end' ? 'start' : 'end';
      context.diagnostics.add(
        'overlapping-runs',
        'warning',
        `${seen} pairs of runs overlap on one CPU without one interrupting the other, which a processor cannot do: their times are doubtful` +
          (doubt
            ? `; were TimeStamp the ${other} of a run there would be ${otherwise}: try --dpc-timestamp ${other}`
            : ''),
        { count: seen },
      );
    }
    if (overflowed > 0) {
      context.diagnostics.add(
        'deep-nesting',
        'warning',
        'runs that hold more others than are kept: their exclusive time is too high',
        {
          count: overflowed,
        },
      );
    }
  }
  return findings;
}

/** Puts each framework routine's owner beside it. */
export function withOwners(functions: readonly FunctionFigures[], owners: Owners): FunctionFigures[] {
  return functions.map((f) => {
    const framework = frameworkOf(f.module);
    if (framework === null) return f;
    const key = `${f.kind}|${f.module}!${f.function ?? f.address}`;
    const ownership = owners.get(key)?.[0] ?? null;
    return { ...f, framework: framework.name, owner: ownership?.module ?? null, ownership };
  });
}
