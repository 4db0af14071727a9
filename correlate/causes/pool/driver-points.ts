/** What ties the driver that allocated to the tag. */
import { moduleKey } from '../../names.js';
import { point } from '../../points.js';
import type { Point } from '../../result.js';
import { allocatedBy, type Share } from './share.js';
import type { Subject } from './subject.js';

/** A driver is named where it allocated at least so much of what the tag has out. */
const LEAST_SHARE = 0.5;

export function allocatorPoints({ stacks }: Subject, share: Share | null): Point[] {
  if (share?.stack === null) return [];
  if (share === null)
    return stacks.length > 0 ? [] : [point('no-stacks', -5, 'trace', 'no stack of an allocation was recorded', [])];
  if (share.stack.from !== 'trace') return [];
  const { evidence } = share.stack;
  const percent = (100 * share.part).toFixed(0);
  if (!share.leaks) {
    return [
      point(
        'allocates-some',
        -10,
        'trace',
        `${share.module} allocated ${percent} % of what is outstanding, but its blocks are freed in time`,
        evidence,
      ),
    ];
  }
  if (share.part < LEAST_SHARE) {
    return [
      point(
        'allocates-less-than-half',
        -10,
        'trace',
        `only ${percent} % of what is outstanding was allocated by ${share.module}`,
        evidence,
      ),
    ];
  }
  return [
    point(
      'allocates-most',
      share.part >= 0.8 ? 12 : 8,
      'trace',
      `${percent} % of what is outstanding was allocated on stacks of ${share.module} that grow`,
      evidence,
    ),
  ];
}

/** The debugger's own list names a caller. */
export function listedCaller({ listed, stacks, places }: Subject, share: Share | null): Point[] {
  if (share === null) return [];
  const own = moduleKey(share.module);
  const isTraced = share.stack?.from === 'trace';
  const found: Point[] = [];
  const inCode = places.filter(({ module }) => module !== null && moduleKey(module) === own);
  if (inCode.length > 0) {
    found.push(
      point(
        'tag-in-its-code',
        12,
        'dump',
        `the tag stands in the code or data of ${share.module}`,
        inCode.flatMap(({ evidence }) => evidence),
      ),
    );
  }
  const named = listed.filter(({ caller, driver }) => caller !== null || driver !== null);
  const same = named.filter(({ caller, driver }) =>
    [caller?.split('!')[0], driver].some((one) => one != null && moduleKey(one) === own),
  );
  if (same.length > 0) {
    const count = same.reduce((sum, one) => sum + one.count, 0);
    found.push(
      point(
        'same-caller',
        // Driver Verifier counts what its driver has not freed: of others it is a list of blocks in use.
        isTraced ? 18 : same.some(({ command }) => /^!?verifier 3/.test(command)) ? 32 : 15,
        isTraced ? 'both' : 'dump',
        `the debugger lists ${count} blocks that ${share.module} allocated`,
        same.flatMap(({ evidence }) => evidence),
      ),
    );
  } else if (named.length > 0) {
    const [first] = named;
    found.push(
      point(
        'another-caller',
        -18,
        'both',
        `the debugger lists blocks that ${first.caller ?? first.driver} allocated, not ${share.module}`,
        first.evidence,
      ),
    );
  }
  const hits = stacks.filter((stack) => stack.from === 'breakpoint' && moduleKey(allocatedBy(stack) ?? '') === own);
  if (hits.length > 0)
    found.push(
      point(
        'same-breakpoint-stack',
        isTraced ? 12 : 25,
        isTraced ? 'both' : 'dump',
        'a breakpoint on the tag was hit in the same driver',
        hits.flatMap(({ evidence }) => evidence),
      ),
    );
  return found;
}
