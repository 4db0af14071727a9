/** A thread leaves the kernel with APCs disabled, or enabled once too often: who entered a region and did not leave it. */
import { balanceOf, imbalanceText } from '../apc-count.js';
import { userPart } from '../blocker.js';
import type { Case } from '../case.js';
import { allStacks, hasBugcheck } from '../crash-stack.js';
import { isFrameworkImage } from '../dpc-images.js';
import type { DumpPattern } from '../result.js';
import { type Cited, evidenceOf } from '../rows.js';
import { type PatternFinder, pattern, someOf } from './pattern.js';

export const apcPatterns: PatternFinder = (all) => {
  const { bugcheck } = all;
  const off = bugcheck === null ? null : balanceOf(bugcheck);
  const text = off === null ? null : imbalanceText(off);
  if (bugcheck === null || off === null || text === null) return [];
  const logged = [
    ...unbalanced(all, /^Ke(Enter|Leave)CriticalRegion$/, off.critical),
    ...unbalanced(all, /^Ke(Enter|Leave)GuardedRegion$/, off.guarded),
  ];
  const modules = [...new Set(logged.map(({ module }) => module))];
  const stack = onStack(all);
  const isLess = off.critical <= 0 && off.guarded <= 0;
  const isMore = off.critical >= 0 && off.guarded >= 0;
  const what = isLess
    ? 'APCs were disabled more often than enabled'
    : isMore
      ? 'APCs were enabled more often than disabled'
      : 'APCs were disabled and enabled unequally often';
  const who =
    modules.length > 0
      ? `by Driver Verifier's log ${someOf(modules)} did it`
      : stack.modules.length > 0
        ? `on the kernel's part of the stack: ${someOf(stack.modules)}; who did it, the log does not show`
        : 'who did it, the log does not show';
  return [told(all, `${what} (${text}); ${who}`, { modules, stack, isSure: logged.length === 1 && logged[0].isAll })];
};

interface Suspects {
  readonly modules: readonly string[];
  readonly stack: { readonly modules: readonly string[]; readonly rows: readonly Cited[] };
  readonly isSure: boolean;
}

function told(all: Case, statement: string, { modules, stack, isSure }: Suspects): DumpPattern {
  return {
    ...pattern(all, {
      name: 'APC Disable Imbalance',
      certain: isSure,
      statement,
      subjects: modules.length > 0 ? modules : stack.modules,
      rows: [],
      next: [
        '!verifier 200 <thread> with Driver Verifier on: the log of critical regions; fltmc: which minifilters there are',
      ],
    }),
    evidence: [...(all.bugcheck?.evidence ?? []), ...evidenceOf(all.context, modules.length > 0 ? [] : stack.rows)],
  };
}

interface Unbalanced {
  readonly module: string;
  /** It alone makes up what is off. */
  readonly isAll: boolean;
}

/** Who, by Driver Verifier's log, entered regions more often than it left them, or less often, whichever the count says. */
function unbalanced(all: Case, operation: RegExp, off: number): Unbalanced[] {
  const count = new Map<string, number>();
  for (const [, rows] of all.facts.subjects('critical-region ')) {
    for (const { name, value } of rows) {
      const direction = operation.exec(name ?? '')?.[1];
      const module = (value ?? '').split(/[!+]/)[0];
      // "unknown caller" names nobody.
      if (direction === undefined || !/^[\w.]{1,64}$/.test(module)) continue;
      count.set(module, (count.get(module) ?? 0) + (direction === 'Enter' ? -1 : 1));
    }
  }
  return [...count]
    .filter(([, n]) => n !== 0 && Math.sign(n) === Math.sign(off))
    .map(([module, n]) => ({ module, isAll: n === off }));
}

/** Drivers on the stack of the bugcheck: modules of user mode enter no critical region of the kernel. */
function onStack({ model }: Case): Suspects['stack'] {
  const stack = allStacks(model).findLast(hasBugcheck);
  if (stack === undefined) return { modules: [], rows: [] };
  const { frames, row } = stack;
  const modules = frames
    .slice(0, userPart(frames))
    .filter(({ base }) => !['nt', 'hal', ''].includes(base) && !isFrameworkImage(base))
    .map(({ module }) => module)
    .filter((module) => module !== null);
  return { modules: [...new Set(modules)], rows: modules.length > 0 ? [row] : [] };
}
