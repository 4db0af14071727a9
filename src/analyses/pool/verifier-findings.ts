/** Blocks that Driver Verifier says a driver holds, in words. */
import type { Finish } from '../../core/analysis.js';
import type { Evidence, Finding } from '../../core/evidence.js';
import { tagText } from './bytes-text.js';
import { codeText, finding } from './findings.js';
import type { ListedBlocks, PoolStack } from './result.js';
import { evidenceOf, type Snapshot } from './snapshots.js';
import { notFreedAtUnload } from './unload.js';

const MAX_CALLERS = 3;

export function verifierFindings(
  lists: readonly ListedBlocks[],
  snapshots: readonly Snapshot[],
  stacks: readonly PoolStack[],
  context: Finish,
): Finding[] {
  const verified = lists.filter(({ command }) => command === 'verifier 3');
  const unload = notFreedAtUnload(snapshots);
  const bugcheck = unload === null ? [] : [evidenceOf(context, unload.snapshot, unload.point)];
  return [...new Set(verified.map(({ driver }) => driver))].flatMap((driver) => {
    const own = verified.filter((list) => list.driver === driver);
    const drivers = new Set(verified.map((list) => list.driver)).size;
    const [stack = null] = stacks
      .filter(({ from }) => from === 'verifier')
      .sort((a, b) => (b.bytes ?? 0) - (a.bytes ?? 0));
    const { count, bytes, listed } = heldBy(driver, own, snapshots);
    const fate = unload === null ? 'holds' : 'was unloaded and left';
    const message =
      `${driver ?? 'a verified driver'} ${fate} ${count} pool ${count === 1 ? 'block' : 'blocks'}, ${bytes} bytes${listed}: ${callersText(own)}.` +
      (drivers === 1 ? checksText(own, snapshots) : '') +
      traceText(own) +
      (stack === null ? '' : ` Stack of the largest: ${codeText(stack)}.`);
    return finding(
      unload === null ? 'verifier-outstanding' : 'pool-leak',
      unload === null ? 'warning' : 'error',
      message,
      [...bugcheck, ...placesOf(own, stack)],
      {
        confidence: unload === null ? 'medium' : 'high',
        next: stack === null ? nextSteps(own) : [],
      },
    );
  });
}

/** What the driver holds by the verifier's own count, where the list shows less of it. */
function heldBy(
  driver: string | null,
  lists: readonly ListedBlocks[],
  snapshots: readonly Snapshot[],
): { count: number; bytes: number; listed: string } {
  const { count, bytes } = totalOf(lists);
  const own = snapshots
    .flatMap(({ counters }) => counters)
    .filter((point) => point.driver !== null && point.driver === driver);
  const figure = (name: RegExp): number =>
    own.filter((point) => name.test(point.name)).reduce((sum, { value }) => sum + (value ?? 0), 0);
  const heldCount = figure(/^verifier current .*pool allocations$/i);
  const heldBytes = figure(/^verifier current .*pool bytes$/i);
  if (heldCount <= count) return { count, bytes, listed: '' };
  return { count: heldCount, bytes: heldBytes, listed: `, of which ${count} (${bytes} bytes) are listed` };
}

const totalOf = (lists: readonly ListedBlocks[]): { count: number; bytes: number } => ({
  count: lists.reduce((sum, list) => sum + list.count, 0),
  bytes: lists.reduce((sum, list) => sum + list.bytes, 0),
});

function callersText(lists: readonly ListedBlocks[]): string {
  const shown = lists.slice(0, MAX_CALLERS).map(({ count, bytes, tag, caller, callerAddress }) => {
    return `${count} ${count === 1 ? 'block' : 'blocks'} (${bytes} bytes, tag ${tagText(tag)}) by ${caller ?? callerAddress ?? 'an unknown caller'}`;
  });
  const more = lists.length - shown.length;
  return `${shown.join('; ')}${more > 0 ? ` and ${more} more callers` : ''}`;
}

/** How many were freed, and whether the list is whole. */
function checksText(lists: readonly ListedBlocks[], snapshots: readonly Snapshot[]): string {
  const { count, bytes } = totalOf(lists);
  const figure = (name: string): number | null => {
    const wanted = `verifier ${name}`.toLowerCase();
    const points = snapshots.flatMap(({ counters }) => counters);
    return points.find((point) => point.driver === null && point.name.toLowerCase() === wanted)?.value ?? null;
  };
  const succeeded = figure('Pool Allocations Succeeded');
  const freed = succeeded === null || succeeded < count ? null : succeeded - count;
  const freedText =
    freed === null ? '' : ` ${succeeded} allocations succeeded, so ${freed} ${freed === 1 ? 'was' : 'were'} freed.`;
  const [nonpaged, paged] = [figure('Current nonpaged pool bytes'), figure('Current paged pool bytes')];
  if (nonpaged === null && paged === null) return '';
  const total = (nonpaged ?? 0) + (paged ?? 0);
  if (total === bytes) return `${freedText} The blocks listed add up to the total that the verifier prints.`;
  return ` The verifier's own total is ${total} bytes: the list is not whole, or other drivers are verified too.`;
}

function traceText(lists: readonly ListedBlocks[]): string {
  if (lists.every(({ inTrace }) => inTrace === null)) return '';
  const found = lists.reduce((sum, { inTrace }) => sum + (inTrace ?? 0), 0);
  const freed = lists.reduce((sum, { freedInTrace }) => sum + (freedInTrace ?? 0), 0);
  return ` ${found} of them are outstanding in the trace, by address${freed > 0 ? `; ${freed} were freed there` : ''}.`;
}

const placesOf = (lists: readonly ListedBlocks[], stack: PoolStack | null): readonly Evidence[] => [
  ...lists.flatMap(({ evidence }) => evidence.slice(0, 2)).slice(0, 4),
  ...(stack?.evidence.slice(1) ?? []),
];

function nextSteps([largest]: readonly ListedBlocks[]): string[] {
  const address = largest?.callerAddress ?? null;
  return address === null ? [] : [`ln ${address}`, '!verifier 80 <block> prints the stack of its allocation'];
}
