/** Prints a dump of x86 Windows Server 2003 SP2: wait reasons unknown, lock counts decoded by !cs and raw by dt. */
import { composeLog, readyOutput, sectionStacks, stacksOutput } from './compose.js';
import type { DumpTruth } from './truth.js';

export function write2003(truth: DumpTruth): string {
  return composeLog(
    truth,
    {
      debugger: '6.12.0002.633 X86',
      windows: 'Windows Server 2003 Kernel Version 3790 (Service Pack 2)',
      built: '3790.srv03_sp2_gdr.100216-1301',
      base: 0x80800000n,
    },
    (layout) => [...sectionStacks(layout), ...stacksOutput(layout), ...readyOutput(layout)],
  );
}
