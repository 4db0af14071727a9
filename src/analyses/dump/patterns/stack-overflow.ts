/** Stacks that were too small. */
import { baseCode } from '../bugcheck-codes.js';
import type { Case } from '../case.js';
import { type Frame, routineOf } from '../frames.js';
import type { DumpPattern } from '../result.js';
import { type Cited, evidenceOf } from '../rows.js';
import { pattern } from './pattern.js';

const FAULTS = /^(?:KeBugCheck(?:2|Ex)?|KiBugCheckDispatch|KiDoubleFaultAbort|KiTrap08)$/;

interface Faulting {
  readonly frames: readonly Frame[];
  readonly row: Cited | null;
}

/** Stacks on which the kernel stops the system: those of other processors say nothing of a fault. */
function faulting({ model }: Case): Faulting[] {
  const stacks = [
    ...model.looseStacks.map(({ frames, row }) => ({ frames, row, doubtful: row.doubtfulFrame })),
    ...[...model.threads.values()].map(({ frames, stackRow: row, doubtfulFrame: doubtful }) => ({
      frames,
      row,
      doubtful,
    })),
  ];
  return (
    stacks
      .filter(({ frames }) => frames.some(({ base, function: fn }) => base === 'nt' && FAULTS.test(fn ?? '')))
      // Where unwinding was not possible, the same frame may come again and again.
      .map(({ frames, row, doubtful }) => ({ row, frames: doubtful === null ? frames : frames.slice(0, doubtful - 1) }))
  );
}

/** A recursion: as many frames at most come again, so often, and make up so many frames. */
const MAX_PERIOD = 16;
const TIMES = 4;
const REPEATED_FRAMES = 16;

/** Routine that calls itself, directly or through others, again and again; null where frames do not repeat. */
function recursion(frames: readonly Frame[]): { readonly routine: string; readonly times: number } | null {
  const isSame = (i: number, period: number): boolean =>
    i < frames.length && frames[i].symbol !== null && frames[i].symbol === frames[i - period].symbol;
  for (let period = 1; period <= MAX_PERIOD; period++) {
    let length = period;
    for (let i = period; i < frames.length; i++) {
      length = isSame(i, period) ? length + 1 : period;
      const isEnd = !isSame(i + 1, period);
      if (isEnd && length >= Math.max(REPEATED_FRAMES, period * TIMES))
        return { routine: routineOf(frames[i]), times: Math.floor(length / period) };
    }
  }
  return null;
}

/** Double fault, or Windows' own words for it. */
export function stackOverflow(all: Case): DumpPattern[] {
  const { bugcheck, facts } = all;
  const found: DumpPattern[] = [];
  if (bugcheck !== null && baseCode(Number(bugcheck.code)) === 0x7f && Number(bugcheck.parameters[0]) === 8) {
    const [proof] = faulting(all).flatMap(({ frames, row }) => {
      const again = recursion(frames);
      return again === null ? [] : [{ ...again, rows: row === null ? [] : [row] }];
    });
    found.push({
      name: 'Stack Overflow (kernel mode)',
      certain: proof !== undefined,
      statement:
        proof === undefined
          ? 'bugcheck 0x7F with 8 is a double fault: most often the kernel stack has overflowed'
          : `bugcheck 0x7F with 8 is a double fault, and ${proof.routine} is on its stack ${proof.times} times in a row: the kernel stack has overflowed`,
      subjects: [],
      evidence: [...bugcheck.evidence, ...evidenceOf(all.context, proof?.rows ?? [])],
      against: [],
      next: ['.tss 28 (x86) or .trap, then kf 100: the frames and how much stack each takes'],
    });
  }
  const code = facts.last('exception', 'ExceptionCode') ?? facts.last('analyze', 'EXCEPTION_CODE');
  if (code !== null && /c00000fd/i.test(code.value ?? '')) {
    found.push(
      pattern(all, {
        name: 'Stack Overflow (user mode)',
        certain: true,
        statement: 'the exception is a stack overflow (0xc00000fd)',
        rows: [code],
      }),
    );
  }
  return found;
}
