/** A root that is ready and gets no processor: what the trace shows of who takes them. */
import type { Case } from '../../case.js';
import { cited } from '../../case.js';
import { point } from '../../points.js';
import type { Point } from '../../result.js';
import type { Root } from './roots.js';

export function starvationPoints({ why, thread, evidence }: Root, all: Case): Point[] {
  if (why !== 'starved') return [];
  const found: Point[] = [];
  const cpu = thread?.processor ?? null;
  const busy = all.dump.system.processors.filter(({ isIdle, next }) => isIdle === false || next !== null);
  const of = all.dump.system.processors.length;
  if (of > 0 && busy.length === of) {
    found.push(
      point(
        'all-processors-taken',
        15,
        'dump',
        `all ${of} processors have work of their own`,
        busy.slice(0, 4).map((one) => one.evidence),
      ),
    );
  } else if (of > 0 && busy.length === 0) {
    found.push(
      point(
        'processors-idle',
        -20,
        'dump',
        `all ${of} processors that the log shows are idle`,
        all.dump.system.processors.slice(0, 4).map((one) => one.evidence),
      ),
    );
  }
  for (const [source, span] of all.probes.load.spans) {
    const shares = all.probes.load.shares(source, cpu, span.startUs, span.endUs);
    const total = shares.reduce((sum, { us }) => sum + us, 0);
    const cpus = cpu === null ? Math.max(1, all.probes.load.cpus(source).length) : 1;
    const share = total / ((span.endUs - span.startUs) * cpus);
    if (share < 0.3 || shares.length === 0) continue;
    const [worst] = shares;
    found.push(
      point(
        'processor-taken-by-dpcs',
        25,
        'both',
        `DPCs and ISRs took ${(100 * share).toFixed(0)} % of ${cpu === null ? 'all processors' : `CPU ${cpu}`} in the trace, most of it ${worst.module ?? 'of an unknown module'}`,
        [...cited(all, source, worst.cite), ...evidence],
      ),
    );
  }
  return found;
}
