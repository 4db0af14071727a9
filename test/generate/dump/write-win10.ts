/** Prints a dump of x64 Windows 10: ALPC, arguments that cannot be trusted. */
import { composeLog, readyOutput } from './compose.js';
import type { DumpTruth } from './truth.js';

export function writeWin10(truth: DumpTruth): string {
  return composeLog(
    truth,
    {
      debugger: '10.0.19041.685 AMD64',
      windows: 'Windows 10 Kernel Version 19041',
      built: '19041.1.amd64fre.vb_release.191206-1406',
      base: 0xfffff803cd600000n,
    },
    readyOutput,
  );
}
