/** Prints a dump of x86 Windows XP, as debuggers of its time did: LPC, plain lock counts. */
import { composeLog, sectionStacks, stacksOutput } from './compose.js';
import type { DumpTruth } from './truth.js';

export function writeXp(truth: DumpTruth): string {
  return composeLog(
    truth,
    {
      debugger: '6.11.0001.404 X86',
      windows: 'Windows XP Kernel Version 2600 (Service Pack 3)',
      built: '2600.xpsp_sp3_gdr.090804-1435',
      base: 0x804d7000n,
    },
    (layout) => [...sectionStacks(layout), ...stacksOutput(layout)],
  );
}
