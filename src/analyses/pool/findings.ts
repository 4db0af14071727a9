/** What the `pool` answer comes to, in words, each with its evidence. What makes it doubtful comes first. */
import type { Finish, SourceSummary } from '../../core/analysis.js';
import type { Evidence, Finding, Level } from '../../core/evidence.js';
import { allocatorOf, driverOf } from './attribution.js';
import { bytesText, poolText, rateText, spanText, tagText } from './bytes-text.js';
import { frameText } from './frames.js';
import { hasLosses, lacksFrees } from './missing-frees.js';
import type { PoolOptions } from './options.js';
import type { Outstanding } from './outstanding.js';
import type { PoolExhaustion, PoolGroup, PoolStack } from './result.js';
import type { JudgedStack, JudgedTag, TraceAnswer } from './trace-answer.js';
import { slotFilter } from './trace-groups.js';

const MAX_LEAKS = 12;
/** Stacks that a finding names. */
const MAX_BLAMED = 3;

type Evidences = readonly [Evidence, ...Evidence[]];
/** Evidence where there is some; a claim without is not made. */
export const cited = (evidence: readonly Evidence[]): Evidences | null =>
  evidence.length > 0 ? (evidence as unknown as Evidences) : null;

export function finding(
  rule: string,
  level: Level,
  message: string,
  evidence: readonly Evidence[],
  more: Partial<Pick<Finding, 'confidence' | 'against' | 'next'>> = {},
): Finding[] {
  const some = cited(evidence);
  if (some === null) return [];
  return [
    {
      rule,
      level,
      message,
      confidence: more.confidence ?? null,
      evidence: some,
      against: more.against ?? [],
      next: more.next ?? [],
    },
  ];
}

/** A place in a source that stands for all of it. */
const whole = (source: SourceSummary, quote: string): Evidence =>
  source.about.lossPlace === null
    ? { source: source.id, line: null, byte: null, quote }
    : {
        source: source.id,
        line: source.about.lossPlace.line,
        byte: source.about.lossPlace.byte,
        quote: source.about.lossPlace.quote,
      };

/** Lost events, cut files, missing stacks, contradictions. */
export function doubts(trace: Outstanding, source: SourceSummary, missing: 'reused' | 'none' | null = null): Finding[] {
  const { eventsLost, buffersLost, truncated } = source.about;
  const found: Finding[] = [];
  if (hasLosses(source.about)) {
    found.push(
      ...finding(
        'events-lost',
        'warning',
        `${eventsLost ?? 'unknown'} events and ${buffersLost ?? 'unknown'} buffers were lost: blocks whose free is among them look like leaked ones. Verdicts of growth have low confidence`,
        [whole(source, `EventsLost=${eventsLost}, BuffersLost=${buffersLost}`)],
        { next: ['record again with more and larger buffers (tracekit recipe pool), or one tag only'] },
      ),
    );
  }
  if (truncated) {
    found.push(
      ...finding('truncated', 'warning', 'the file ends before its end: what was freed behind it looks outstanding', [
        whole(source, `${source.path} is cut`),
      ]),
    );
  }
  const events = trace.events + trace.paired;
  if (events > 0 && trace.withoutStack > 0.05 * events) {
    const all = trace.withoutStack >= events;
    found.push(
      ...finding(
        'no-stacks',
        'warning',
        `${all ? 'no event has' : `${trace.withoutStack} of ${events} events have no`} ${all ? 'a stack: which code allocates is not known' : 'stack'}`,
        [whole(source, `${trace.withoutStack} of ${events} pool events without stack`)],
        {
          next: [
            'record with stacks of PoolAlloc and PoolFree (tracekit recipe pool) and merge on the same machine (xperf -d, wpr -stop)',
          ],
        },
      ),
    );
  }
  if (missing === 'none') {
    found.push(
      ...finding(
        'no-frees',
        'warning',
        `the trace holds no free at all: without them every block looks leaked. Verdicts have low confidence`,
        [whole(source, `${events} pool events, none of them a free`)],
        { next: ['record allocations and frees both (tracekit recipe pool)'] },
      ),
    );
  }
  if (missing === 'reused') {
    found.push(
      ...finding(
        'missing-frees',
        'warning',
        `${trace.reused} allocations came at an address that was in use: frees are missing from the trace. Verdicts have low confidence`,
        [whole(source, `${trace.reused} addresses given out again without a free`)],
      ),
    );
  }
  if (trace.inversions > 0) {
    found.push(
      ...finding(
        'time-inversion',
        'warning',
        `${trace.inversions} events stand after a later one: allocations and frees may be paired wrongly`,
        [whole(source, `${trace.inversions} events out of order`)],
      ),
    );
  }
  return found;
}

const CONFIDENCE = ['high', 'medium', 'low', null];

/** Leaks, what grows, and what only looks like it, by tag: surest first, of those the fastest. */
export function leaks(answer: TraceAnswer): Finding[] {
  const inOrder = [...answer.tags].sort(
    (a, b) =>
      CONFIDENCE.indexOf(a.judgement.confidence) - CONFIDENCE.indexOf(b.judgement.confidence) ||
      (b.result.slopeBytesPerSecond ?? 0) - (a.result.slopeBytesPerSecond ?? 0),
  );
  const leaking = inOrder.filter(({ judgement }) => judgement.verdict === 'leak');
  const told = new Set<JudgedTag>();
  const found: Finding[] = [];
  for (const tag of leaking) {
    if (told.has(tag) || found.length >= MAX_LEAKS) continue;
    const group = answer.groups.find((g) => isIn(tag, g));
    // Tags that grow in lock-step are parts of one object: one leak.
    const together =
      group === undefined ? [tag] : [tag, ...leaking.filter((other) => other !== tag && isIn(other, group))];
    for (const member of together) told.add(member);
    found.push(...leak(tag, together.slice(1), group ?? null));
  }
  for (const tag of inOrder.filter(({ judgement }) => judgement.verdict === 'growing').slice(0, MAX_LEAKS))
    found.push(...growing(tag));
  return [...found, ...largestInnocent(answer.tags)];
}

const isIn = ({ group }: JudgedTag, { tags, paged }: PoolGroup): boolean =>
  tags.some((tag, i) => tag === group.tag && paged[i] === group.paged);

function leak(tag: JudgedTag, others: readonly JudgedTag[], lockStep: PoolGroup | null): Finding[] {
  const { judgement, result, stacks, group } = tag;
  const guilty = guiltyOf(tag);
  // What comes and goes on other stacks may hide the growth of the tag: then that of the stack tells.
  const hidden = (result.slopeCi?.[0] ?? 0) <= 0 && guilty.length === 1;
  const { slopeBytesPerSecond: slope, slopeCi } = hidden ? guilty[0].result : result;
  const rate = slope === null ? '' : ` at ${rateText(slope)}${ci(slopeCi)}`;
  // Of little confidence is said what is seen, not what is concluded.
  const verb = judgement.confidence === 'low' ? 'may leak, it grows' : 'leaks';
  const what = `${tagText(group.tag)} (${poolText(group.paged)}) ${verb}${rate}: ${group.sums.outCount} blocks, ${bytesText(group.sums.outBytes)} outstanding`;
  const who =
    guilty.length > 0
      ? guiltyText(guilty)
      : stacks.length > 0
        ? 'no single stack stands out'
        : 'which code allocates is not known: no stacks';
  const evidence = [tag, ...others].flatMap((member) => evidenceFor(member));
  const level = judgement.confidence === 'low' ? 'warning' : 'error';
  const message = `${what}. ${upper(who)}. ${unsure(guilty)}${sentence(judgement.reasons)}${competing(stacks, guilty)}${against(judgement.against)}${togetherText(tag, others, lockStep)}`;
  return finding('pool-leak', level, message, evidence, {
    confidence: judgement.confidence,
    next: nextSteps(tag, guilty),
  });
}

/** Without names a call that nt makes for itself looks like an allocation of its caller. */
const unsure = (guilty: readonly JudgedStack[]): string =>
  guilty.slice(0, MAX_BLAMED).some(({ result }) => result.allocator?.certain === false)
    ? 'Nt has no symbols there: named is the first frame outside it, which may have called another service of nt. '
    : '';

const guiltyOf = ({ stacks }: JudgedTag): JudgedStack[] =>
  stacks
    .filter((stack) => stack.judgement.verdict === 'leak')
    .sort((a, b) => b.group.sums.outBytes - a.group.sums.outBytes);

function evidenceFor(tag: JudgedTag): readonly Evidence[] {
  const guilty = guiltyOf(tag);
  return guilty.length > 0 ? guilty.flatMap(({ result }) => result.evidence.slice(0, 2)) : tag.result.evidence;
}

function togetherText(tag: JudgedTag, others: readonly JudgedTag[], lockStep: PoolGroup | null): string {
  if (lockStep === null) return '';
  const members = others.map((other) => {
    const [first] = guiltyOf(other);
    const code =
      first === undefined || first.result.allocator === null ? '' : ` (${frameText(first.result.allocator)})`;
    return `${tagText(other.group.tag)}${code}`;
  });
  const rest = lockStep.tags
    .filter((name) => name !== tag.group.tag && !others.some(({ group }) => group.tag === name))
    .map(tagText);
  return ` It grows in lock-step with ${[...members, ...rest].join(', ')}, ${lockStep.ratio.join(':')} in the order ${lockStep.tags.map(tagText).join(', ')}: parts of one object, probably.`;
}

const ci = (bounds: readonly [number, number] | null): string =>
  bounds === null ? '' : ` (95 % within ${rateText(bounds[0])} and ${rateText(bounds[1])})`;

export const sentence = (parts: readonly string[]): string => (parts.length === 0 ? '' : `${upper(parts.join('; '))}.`);
const upper = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const against = (parts: readonly string[]): string => (parts.length === 0 ? '' : ` Against it: ${parts.join('; ')}.`);

function guiltyText(guilty: readonly JudgedStack[]): string {
  return guilty
    .slice(0, MAX_BLAMED)
    .map(({ result, group }) => {
      const share = `${group.sums.outCount} of them (${bytesText(group.sums.outBytes)})`;
      return `${share} are from ${codeText(result)}${freedText(result)}`;
    })
    .join('; ');
}

/** `myfault.sys!MyfaultDeviceControl+0x358 on behalf of NotMyfault.exe (1234), WinMain, by NtDeviceIoControlFile`. */
export function codeText({
  allocator,
  requester,
  frames,
}: Pick<PoolStack, 'allocator' | 'requester' | 'frames'>): string {
  const code =
    allocator === null ? (frames[0] === undefined ? 'an unknown stack' : frameText(frames[0])) : frameText(allocator);
  const behind = allocator?.calledBy ? `, called by ${frameText(allocator.calledBy)}` : '';
  return `${code}${behind}${requester === null ? '' : requesterText(requester)}`;
}

function requesterText(requester: NonNullable<PoolStack['requester']>): string {
  const { process, pid, call, module } = requester;
  const name = process === null ? null : `${process}${pid === null ? '' : ` (${pid})`}`;
  const entry = module === null ? null : frameText(requester);
  const who = name === null ? entry : entry === null ? name : `${name}, ${entry}`;
  return `${who === null ? '' : `, on behalf of ${who}`}${call === null ? '' : `, by ${call}`}`;
}

function freedText({ freedCount, allocCount, freedBy, siblings }: PoolStack): string {
  const by = (list: PoolStack['freedBy']): string =>
    list.length === 0
      ? ''
      : ` by ${list
          .slice(0, 2)
          .map((f) => frameText(f))
          .join(', ')}`;
  if (freedBy.length > 0 && freedCount !== null && freedCount > 0)
    return ` (freed in ${freedCount} of ${allocCount} cases${by(freedBy)}: look why not here)`;
  if (siblings !== null && siblings.by.length > 0)
    return ` (never freed; blocks of its sibling paths were freed in ${siblings.freed} of ${siblings.of} cases${by(siblings.by)}: look why not here)`;
  return '';
}

/** Other stacks of the tag with much outstanding: competing causes. */
function competing(stacks: readonly JudgedStack[], guilty: readonly JudgedStack[]): string {
  const others = stacks
    .filter(
      (stack) =>
        !guilty.includes(stack) &&
        stack.group.sums.outBytes > 0 &&
        (stack.judgement.verdict === 'growing' || stack.judgement.verdict === 'insufficient'),
    )
    .sort((a, b) => b.group.sums.outBytes - a.group.sums.outBytes);
  if (others.length === 0 || guilty.length === 0) return '';
  const [first] = others;
  return ` Also outstanding: ${others.length} other ${others.length === 1 ? 'stack' : 'stacks'}, the largest ${bytesText(first.group.sums.outBytes)} from ${first.result.allocator === null ? 'an unknown frame' : frameText(first.result.allocator)} (${first.judgement.verdict}).`;
}

function nextSteps({ group }: JudgedTag, guilty: readonly JudgedStack[]): string[] {
  const driver = guilty
    .map(({ result }) => (result.allocator === null ? null : driverOf(result.allocator)))
    .find((name) => name !== null);
  const verifier =
    driver == null || /^(nt|ntoskrnl)/i.test(driver)
      ? []
      : [`verifier /flags 8 /driver ${driver}, reboot, then !verifier 3 ${driver} on a dump lists the blocks`];
  const tag =
    group.tag === null || /[^\x21-\x7e]/.test(group.tag.trimEnd())
      ? []
      : [`tracekit recipe pool --tag "${group.tag.trimEnd()}" records this tag alone, for longer`];
  return [...tag, ...verifier];
}

function growing({ judgement, result, group }: JudgedTag): Finding[] {
  const rate = result.slopeBytesPerSecond === null ? '' : ` at ${rateText(result.slopeBytesPerSecond)}`;
  return finding(
    'pool-growing',
    'warning',
    `${tagText(group.tag)} (${poolText(group.paged)}) grows${rate}, ${bytesText(group.sums.outBytes)} outstanding${result.driver === null ? '' : `, mostly by ${result.driver}`}; not called a leak: ${judgement.reasons.join('; ')}.`,
    result.evidence,
    { confidence: judgement.confidence, next: ['record for longer: several times the lifetime of its blocks'] },
  );
}

/** The tag with most bytes outstanding, where it is no leak: others would blame it by its size. */
function largestInnocent(tags: readonly JudgedTag[]): Finding[] {
  const [largest] = [...tags].sort((a, b) => b.group.sums.outBytes - a.group.sums.outBytes);
  if (largest === undefined || largest.group.sums.outBytes <= 0) return [];
  const { verdict, reasons } = largest.judgement;
  if (verdict === 'leak' || verdict === 'growing') return [];
  return finding(
    'pool-largest',
    'note',
    `${tagText(largest.group.tag)} (${poolText(largest.group.paged)}) has most bytes outstanding (${bytesText(largest.group.sums.outBytes)}) and is ${verdict === 'insufficient' ? 'not known to leak' : `no leak (${verdict})`}: ${reasons.join('; ')}.`,
    largest.result.evidence,
  );
}

/** Blocks freed twice. */
export function doubleFrees(trace: Outstanding, options: PoolOptions, context: Finish, index: number): Finding[] {
  const passes = slotFilter(trace, options);
  const twice = trace.twice.filter(({ slot }) => passes(slot));
  if (twice.length === 0) return [];
  const [first] = twice;
  const source = context.sources[index];
  // Of more than are kept, the number is that of all.
  const count = twice.length === trace.twice.length ? trace.twiceCount : twice.length;
  const tag = trace.slots === null ? null : (trace.dicts?.tag.get(trace.slots.key(first.slot).tag) ?? null);
  const lossy =
    hasLosses(source.about) ||
    source.account.skipped > 0 ||
    trace.inversions > 0 ||
    source.about.truncated ||
    lacksFrees(trace, options);
  const frames = trace.stacks.frames(first.stack);
  const by = allocatorOf(frames) ?? undefined;
  return finding(
    'double-free',
    lossy ? 'note' : 'error',
    `${count} ${count === 1 ? 'block was' : 'blocks were'} freed twice without an allocation between${lossy ? ', or those allocations are among the events that are missing' : ''}; the first: ${tagText(tag)} at 0x${first.address.toString(16)}, freed at ${(first.beforeUs / 1e6).toFixed(6)} s and again at ${(first.atUs / 1e6).toFixed(6)} s${by === undefined ? '' : ` by ${frameText(by)}`}.`,
    twice.slice(0, 3).map(({ cite }) => context.evidence(index, cite)),
    { confidence: lossy ? 'low' : 'high' },
  );
}

/** How long the machine has left. */
export function exhaustionFindings(list: readonly PoolExhaustion[]): Finding[] {
  return list.flatMap(({ paged, usedBytes, limitBytes, bytesPerSecond, secondsLeft, evidence }) => {
    const share = (100 * usedBytes) / limitBytes;
    const left =
      secondsLeft === null ? '' : `; at ${rateText(bytesPerSecond)} it lasts another ${spanText(secondsLeft)}`;
    if (share < 80 && (secondsLeft === null || secondsLeft > 7 * 86400)) return [];
    return finding(
      'pool-exhaustion',
      share >= 80 ? 'error' : 'warning',
      `${upper(poolText(paged))}: ${bytesText(usedBytes)} of at most ${bytesText(limitBytes)} in use (${share.toFixed(0)} %)${left}.`,
      evidence,
    );
  });
}
