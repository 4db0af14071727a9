/** Findings over the figures of `dpc`: limits, unbalanced interrupts, the trace's own overhead, doubts about the data. */
import type { Finish, SourceSummary } from '../core/analysis.js';
import type { Evidence, Finding } from '../core/evidence.js';
import type { ReportFigures } from './dpc-aggregates.js';
import type { Overlaps } from './dpc-exclusive.js';
import { type Framework, frameworkOf, isKernel, STACKS } from './dpc-frameworks.js';
import type { DpcOptions } from './dpc-options.js';
import type { Owners } from './dpc-owners.js';
import type { DpcResult, DurationRange, FunctionFigures, ModuleFigures, Owner } from './dpc-result.js';

const ms = (us: number): string => `${(us / 1000).toFixed(us < 10_000 ? 3 : 1)} ms`;
const duration = (us: number): string => (us < 1000 ? `${Number(us.toFixed(1))} µs` : ms(us));

/** Ten times the limit is an error: at 1 ms in a DPC audio and pointer visibly stutter. */
const ERROR_FACTOR = 10;

/**
 * Modules whose longest run is over the limit, or must be, in the order of the modules. The profile interrupt does not
 * count: it is the trace's own.
 */
export function overLimit(result: DpcResult, options: DpcOptions, samples: number, hasStacks: boolean): Finding[] {
  const findings: Finding[] = [];
  const profile = profileRoutines(result.functions, samples);
  for (const module of result.modules) {
    const figures = without(profile, module, result.functions);
    if (figures === null) continue;
    const limit = limitOf(figures.kind, options);
    const range = figures.maxRange;
    if (figures.longest !== null && figures.longest.durationUs > limit) {
      findings.push(over(figures, figures.longest.evidence[0], limit, result.functions, hasStacks));
    } else if (range !== null && range.gtUs >= limit) findings.push(overByRange(figures, range, limit));
  }
  return findings;
}

/** A module's figures without those routines of it; null where nothing is left. */
function without(
  routines: readonly FunctionFigures[],
  figures: ModuleFigures,
  functions: readonly FunctionFigures[],
): ModuleFigures | null {
  const isOf = (f: FunctionFigures): boolean => f.kind === figures.kind && f.module === figures.module;
  if (!routines.some(isOf)) return figures;
  const left = functions.filter((f) => isOf(f) && !routines.includes(f));
  if (left.length === 0) return null;
  const longest = left.reduce((a, b) => ((b.maxUs ?? -1) > (a.maxUs ?? -1) ? b : a));
  const sum = (of: (f: FunctionFigures) => number | null): number => left.reduce((total, f) => total + (of(f) ?? 0), 0);
  return {
    ...figures,
    longest: longest.longest,
    maxUs: longest.maxUs,
    count: sum((f) => f.count),
    overThreshold: sum((f) => f.overThreshold),
  };
}

const limitOf = (kind: string | null, options: DpcOptions): number => (kind === 'ISR' ? options.isrUs : options.dpcUs);

const rangeText = ({ gtUs, leUs }: { gtUs: number; leUs: number | null }): string =>
  leUs === null ? `more than ${duration(gtUs)}` : `between ${duration(gtUs)} and ${duration(leUs)}`;

/** A report that prints no maximum still bounds it by its histogram or its mean. */
function overByRange(figures: ModuleFigures, range: DurationRange, limit: number): Finding {
  const framework = frameworkOf(figures.module, figures.longest?.function ?? null);
  const what = range.count === null ? 'ran on average' : `ran ${range.count === 1 ? 'once' : `${range.count} times`}`;
  const long = range.count === null ? duration(range.gtUs) : rangeText(range);
  return {
    rule: figures.kind === 'ISR' ? 'isr-over-threshold' : 'dpc-over-threshold',
    level: range.gtUs > limit * ERROR_FACTOR ? 'error' : 'warning',
    message: `${figures.kind ?? 'DPC or ISR'} in ${figures.module ?? 'an unresolved module'} ${what} ${long} (limit ${limit} µs).${ownership(framework, [], [])}`,
    confidence: confidenceIn(figures, framework, []),
    evidence: range.evidence,
    against: [],
    next: ['export the single runs to see when and which function: xperf -i trace.etl -o trace.txt -a dumper'],
  };
}

/** Histograms over all modules, of reports that have none for each: how many runs are certainly over the limit, whoever's they were. */
export function overInReports(reports: readonly ReportFigures[], options: DpcOptions): Finding[] {
  return reports.flatMap(({ overall, histograms }) =>
    overall.flatMap(({ kind, buckets, evidence }): Finding[] => {
      // Histograms of the modules say whose they were: there is a finding for each.
      if (histograms.some((h) => h.kind === kind && h.module !== null)) return [];
      const limit = limitOf(kind, options);
      const certain = buckets.filter((b) => b.gtUs >= limit);
      const count = certain.reduce((sum, b) => sum + b.count, 0);
      if (count === 0 || evidence === null) return [];
      const total = buckets.reduce((sum, b) => sum + b.count, 0);
      return [
        {
          rule: kind === 'ISR' ? 'isr-over-threshold' : 'dpc-over-threshold',
          level: 'warning',
          message: `${count} of ${total} ${kind ?? 'run'}s took ${certain[0].gtUs} µs or more (limit ${limit} µs); the report does not say whose they were.`,
          confidence: 'high',
          evidence: [evidence],
          against: [],
          next: ['record a trace to see whose: tracekit recipe dpc'],
        },
      ];
    }),
  );
}

function over(
  figures: ModuleFigures,
  evidence: Evidence,
  limit: number,
  functions: readonly FunctionFigures[],
  hasStacks: boolean,
): Finding {
  const max = figures.maxUs as number;
  const longest = figures.longest;
  const framework = frameworkOf(figures.module, figures.longest?.function ?? null);
  const holder = framework === null ? null : holderOf(figures, functions);
  const inLongest = holder?.longestOwners ?? [];
  const elsewhere = inLongest.length > 0 ? [] : (holder?.owners ?? []);
  const name = `${figures.module ?? 'an unresolved module'}${longest?.function == null ? '' : `!${longest.function}`}`;
  const where =
    longest?.startUs == null ? '' : ` at ${(longest.startUs / 1e6).toFixed(6)} s on CPU ${longest.cpu ?? 'unknown'}`;
  const count =
    figures.overThreshold === null ? '' : `; ${figures.overThreshold} of ${figures.count} runs over ${limit} µs`;
  return {
    rule: figures.kind === 'ISR' ? 'isr-over-threshold' : 'dpc-over-threshold',
    level: max > limit * ERROR_FACTOR ? 'error' : 'warning',
    message: `${figures.kind ?? 'DPC or ISR'} in ${name} ran ${duration(max)}${where} (limit ${limit} µs)${count}.${ownership(framework, inLongest, elsewhere)}`,
    confidence: confidenceIn(figures, framework, inLongest),
    evidence: [evidence, ...inLongest.flatMap((owner) => owner.evidence)],
    against: elsewhere.flatMap((owner) => owner.evidence),
    next: nextSteps(figures, framework, inLongest, hasStacks),
  };
}

/** The function whose longest run is the module's. */
function holderOf(figures: ModuleFigures, functions: readonly FunctionFigures[]): FunctionFigures | null {
  const { longest } = figures;
  const holder = functions.find(
    (f) =>
      f.kind === figures.kind &&
      f.module === figures.module &&
      f.longest?.startUs === longest?.startUs &&
      f.longest?.cpu === longest?.cpu,
  );
  return holder ?? null;
}

/** High where the module itself is at fault or one driver alone was seen inside the run; a framework alone is a half answer. */
function confidenceIn(
  figures: ModuleFigures,
  framework: Framework | null,
  owners: readonly Owner[],
): Finding['confidence'] {
  if (figures.module === null) return 'low';
  if (framework === null) return 'high';
  return owners.length === 1 && owners[0].by !== 'sample' ? 'high' : owners.length > 0 ? 'medium' : 'low';
}

/** Says for whom a framework ran: seen in the run itself, seen in its other runs only, or not known. */
function ownership(framework: Framework | null, inLongest: readonly Owner[], elsewhere: readonly Owner[]): string {
  if (framework === null) return '';
  if (inLongest.length > 0) {
    return ` ${framework.name} ran it for ${inLongest.slice(0, 3).map(ownerText).join(' or ')} inside this run.`;
  }
  const unknown = ` ${framework.name} runs it for ${framework.clients}: which one is unknown`;
  if (elsewhere.length === 0) return `${unknown}.`;
  return `${unknown} for this run, into which no sample fell; other runs of the routine were for ${elsewhere.slice(0, 3).map(ownerText).join(' or ')}.`;
}

function ownerText({ module, function: fn, samples, ofSamples, by }: Owner): string {
  if (by === 'event') return `${module}${fn === null ? '' : `!${fn}`} (${samples} of ${ofSamples} WDF events)`;
  const how = by === 'stack' ? 'in the stacks of' : 'by address only, in';
  return `${module}${fn === null ? '' : `!${fn}`} (${how} ${samples} of ${ofSamples} samples)`;
}

/** Where samples were recorded, recording them is no advice. */
const MORE_SAMPLES =
  'sample more often (xperf -setprofint 1221 cached) or longer: no stack sampled in that run shows a driver';

function nextSteps(
  figures: ModuleFigures,
  framework: Framework | null,
  inLongest: readonly Owner[],
  hasStacks: boolean,
): string[] {
  if (figures.module === null)
    return ['record image rundown (LOADER) and export again with symbols, so that the module resolves'];
  if (framework !== null && inLongest.length === 0) {
    const collect = hasStacks ? framework.collect.replace(STACKS, MORE_SAMPLES) : framework.collect;
    return [`owner unknown: to see it, ${collect}`];
  }
  return [];
}

/** An ISR that is the profile interrupt: overhead of the trace, not of a device. */
const PROFILE_ROUTINE = /profile|perfint|pmi/i;

/** Each profile interrupt takes one sample, but for a few at the ends of the trace. */
const SAMPLE_TOLERANCE = 0.05;

/**
 * The trace's own overhead: the profile interrupt seen as an ISR of hal or the kernel, by its name, or, without symbols,
 * because it ran as often as there are samples. A steady rhythm alone is the clock's as well.
 */
export function profileInterrupt(result: DpcResult, samples: number): Finding[] {
  return profileRoutines(result.functions, samples).flatMap((f): Finding[] => {
    if (f.longest === null) return [];
    const isNamed = f.function !== null;
    return [
      {
        rule: 'profile-interrupt',
        level: 'note',
        message:
          `${f.count} ${f.count === 1 ? 'ISR' : 'ISRs'} in ${f.module}${isNamed ? `!${f.function}` : ''} ${f.count === 1 ? 'is' : 'are'} the profile interrupt of the trace ` +
          `itself (${duration(f.exclusiveUs ?? 0)} in all), not a device's${isNamed ? '' : `: it ran as often as there are samples (${samples})`}.`,
        confidence: isNamed ? 'high' : 'medium',
        evidence: f.longest.evidence,
        against: [],
        next: [`leave it out with --function !${f.function ?? f.address}`],
      },
    ];
  });
}

function profileRoutines(functions: readonly FunctionFigures[], samples: number): FunctionFigures[] {
  return functions.filter((f) => {
    if (f.kind !== 'ISR' || f.module === null || !isKernel(f.module) || f.longest === null) return false;
    if (f.function !== null) return PROFILE_ROUTINE.test(f.function);
    return samples >= 100 && Math.abs((f.count ?? 0) - samples) <= samples * SAMPLE_TOLERANCE;
  });
}

/** One processor that takes nearly all interrupts. */
export function oneCpuForAll(result: DpcResult, options: DpcOptions): Finding[] {
  // Of a selection it would be true by selection.
  if (options.cpus !== null || options.module !== null || options.fn !== null || options.kinds !== null) return [];
  const counts = result.cpus.map((c) => c.isrCount ?? 0);
  const total = counts.reduce((a, b) => a + b, 0);
  const busiest = counts.indexOf(Math.max(...counts));
  const cpus = result.window.cpus ?? result.cpus.length;
  if (cpus < 2 || total < 200 || counts[busiest] < total * 0.9) return [];
  const cpu = result.cpus[busiest].cpu;
  const onIt = [
    ...result.occurrences,
    ...result.functions.flatMap((f) => (f.kind === 'ISR' && f.longest ? [f.longest] : [])),
  ];
  const any = onIt.find((run) => run.cpu === cpu && ((run as { kind?: string }).kind ?? 'ISR') === 'ISR')?.evidence;
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
export function unresolved(result: DpcResult, sources: readonly SourceSummary[]): Finding[] {
  const lost = result.modules.filter((m) => m.module === null && m.longest !== null);
  const mayHaveNames = sources.some(({ about }) => about.functionNames);
  const noFunction = result.functions.filter(
    (f) => mayHaveNames && f.module !== null && f.function === null && f.longest !== null,
  );
  const findings: Finding[] = [];
  if (lost.length > 0) {
    const count = lost.reduce((sum, m) => sum + (m.count ?? 0), 0);
    findings.push({
      rule: 'unresolved-module',
      level: 'warning',
      message: `${count === 1 ? '1 run lies' : `${count} runs lie`} in no known module: a driver that unloaded, or image events that the trace does not hold.`,
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
      message:
        `${noFunction.length} of ${result.functions.length} routines ${noFunction.length === 1 ? 'has' : 'have'} no function ` +
        `name: no symbols were loaded for ${namesText(noFunction.map((f) => f.module as string))}.`,
      confidence: null,
      evidence: noFunction[0].longest!.evidence,
      against: [],
      next: ['set _NT_SYMBOL_PATH and export with -symbols; drivers’ private symbols come from their vendor'],
    });
  }
  return findings;
}

/** The first names of a list, and how many more there are. */
function namesText(names: readonly string[]): string {
  const distinct = [...new Set(names)];
  const more = distinct.length - 3;
  return `${distinct.slice(0, 3).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Events that the trace lost, and time stamps that contradict each other. */
export function doubts(context: Finish, overlaps: ReadonlyMap<number, Overlaps>): Finding[] {
  const findings: Finding[] = [];
  for (const source of context.sources) {
    const { eventsLost, buffersLost, lossPlace } = source.about;
    if ((eventsLost ?? 0) + (buffersLost ?? 0) === 0) continue;
    findings.push({
      rule: 'events-lost',
      level: 'warning',
      message: `${source.path}: ${eventsLost ?? 'unknown'} events and ${buffersLost ?? 'unknown'} buffers were lost in recording: counts and sums are too low, and the longest run may be missing.`,
      confidence: 'high',
      evidence: [
        {
          source: source.id,
          line: lossPlace?.line ?? null,
          byte: lossPlace?.byte ?? null,
          quote: lossPlace?.quote ?? '',
        },
      ],
      against: [],
      next: ['record again with more or larger buffers (xperf -BufferSize 1024 -MinBuffers 256 -MaxBuffers 1024)'],
    });
  }
  for (const [index, found] of overlaps) {
    if (!context.counted(index)) continue;
    const { overflowed } = found;
    if (found.seen > 0) sayOverlaps(found, index, context);
    if (overflowed > 0) {
      context.diagnostics.add(
        'deep-nesting',
        'warning',
        'runs that hold more others than are kept: their exclusive time is too high',
        {
          source: context.sources[index].id,
          count: overflowed,
        },
      );
    }
  }
  return findings;
}

/** Puts the drivers that each framework routine ran for beside it. */
export function withOwners(functions: readonly FunctionFigures[], owners: Owners): FunctionFigures[] {
  return functions.map((f) => {
    const framework = frameworkOf(f.module, f.function);
    if (framework === null) return f;
    const found = owners.get(`${f.kind}|${f.module}!${f.function ?? f.address}`);
    return {
      ...f,
      framework: framework.name,
      owner: found?.all[0]?.module ?? null,
      owners: found?.all ?? [],
      longestOwners: found?.longest ?? null,
    };
  });
}

/** Runs that overlap on one CPU: where the first stands, and whether the other reading of TimeStamp would explain it. */
function sayOverlaps({ seen, otherwise, inversions, first }: Overlaps, index: number, context: Finish): void {
  const { id, about } = context.sources[index];
  const pairs = seen === 1 ? 'pair of runs overlaps' : 'pairs of runs overlap';
  // What the other reading would give is only known where rows stand in the order of their TimeStamp.
  const explained = about.assumedTimestamp === 'end' && inversions === 0 && seen > 10 && otherwise * 4 < seen;
  const hint = explained
    ? `; were TimeStamp the start of a run there would be ${otherwise}: try --dpc-timestamp start`
    : '';
  context.diagnostics.add(
    'overlapping-runs',
    'warning',
    `${seen} ${pairs} on one CPU without one interrupting the other, which a processor cannot do: the times are doubtful` +
      `${first === null ? '' : ` (first on CPU ${first.cpu})`}${hint}`,
    {
      source: id,
      line: first?.cite.line ?? null,
      count: seen,
      ...(first === null ? {} : { example: first.cite.text }),
    },
  );
}
