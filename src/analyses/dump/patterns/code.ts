/** Code that differs from its file. */

import { dumpImageError, dumpJump } from '../../../tables/dump-system.js';
import type { Case } from '../case.js';
import { hex } from '../frames.js';
import type { DumpPattern } from '../result.js';
import type { Cited } from '../rows.js';
import { type PatternFinder, pattern, someOf } from './pattern.js';

const KERNEL_32 = 0x8000_0000n;
const KERNEL_64 = 0xffff_8000_0000_0000n;
const MAX_HOPS = 8;

export const codePatterns: PatternFinder = (all) => hooks(all);

function hooks(all: Case): DumpPattern[] {
  const jumps = new Map(
    all.rows
      .of(dumpJump)
      .filter(({ address }) => address !== null)
      .map((row) => [row.address, row]),
  );
  const hooked = new Map<string, { by: string | null; address: bigint; rows: Cited[] }>();
  for (const row of all.rows.of(dumpImageError)) {
    if (row.address === null) continue;
    const isJump = /:\s{0,4}(?:e9|eb|ff 25|48 b8)/i.test(`:${row.found ?? ''}`);
    const symbol = row.symbol ?? hex(row.address) ?? '';
    if (!isJump && !jumps.has(row.address)) continue;
    hooked.set(symbol, { by: null, address: row.address, rows: [row] });
  }
  for (const [address, row] of jumps) {
    if (address === null || row.symbol === null || (row.offset ?? 0) !== 0) continue;
    const end = followed(jumps, row.target, row.targetSymbol);
    const own = row.symbol.split('!')[0].toLowerCase();
    if (end.symbol === null || end.symbol.split('!')[0].toLowerCase() === own) continue;
    const known = hooked.get(row.symbol);
    hooked.set(row.symbol, { by: end.symbol, address, rows: [...(known?.rows ?? []), row, ...end.rows] });
  }
  const found: DumpPattern[] = [];
  for (const [symbol, { by, address, rows }] of hooked) {
    const isKernel = address >= KERNEL_64 || (address >= KERNEL_32 && address < 1n << 32n);
    found.push(
      pattern(all, {
        name: `Hooked Functions (${isKernel ? 'kernel' : 'user'} space)`,
        certain: by !== null,
        statement:
          by === null
            ? `${symbol} begins with a jump that its file does not have; where it goes, the log does not show (u)`
            : `${symbol} jumps to ${by}`,
        subjects: [symbol, ...(by === null ? [] : [by])],
        rows,
        next:
          by === null
            ? [`u ${hex(address)?.slice(2)}`]
            : [`test without ${by.split('!')[0]}; lmv m ${by.split('!')[0]}: its version`],
      }),
    );
  }
  return [...found, ...errors(all, hooked.size)];
}

/** Where a row of jumps ends. */
function followed(
  jumps: ReadonlyMap<bigint | null, { readonly target: bigint | null; readonly targetSymbol: string | null } & Cited>,
  target: bigint | null,
  symbol: string | null,
): { symbol: string | null; rows: Cited[] } {
  const rows: Cited[] = [];
  let [at, name] = [target, symbol];
  for (let hops = 0; hops < MAX_HOPS && name === null && at !== null; hops++) {
    const next = jumps.get(at);
    if (next === undefined) break;
    rows.push(next);
    [at, name] = [next.target, next.targetSymbol];
  }
  return { symbol: name, rows };
}

/** Differences that are no hooks. */
function errors(all: Case, hooks: number): DumpPattern[] {
  const found: DumpPattern[] = [];
  for (const [module, rows] of all.facts.subjects('chkimg ')) {
    const row = rows.findLast(({ name, number }) => name === 'errors' && (number ?? 0) > 0);
    if (row === undefined) continue;
    const ranges = all.rows
      .of(dumpImageError)
      .filter(
        (one) =>
          one.module?.toLowerCase() === module.replace('!', '').toLowerCase() ||
          one.symbol?.toLowerCase().startsWith(`${module.replace('!', '').toLowerCase()}!`),
      );
    found.push(
      pattern(all, {
        name: 'Patched Code',
        certain: false,
        statement: `${row.number} bytes of ${module} differ from its file${ranges.length === 0 ? '' : `: ${someOf(ranges.map(({ symbol, address }) => symbol ?? hex(address) ?? ''))}`}${hooks > 0 ? '' : '; no hook is shown, so it may be damaged memory'}`,
        subjects: [module],
        rows: [row, ...ranges],
        next: [
          `!chkimg -d ${module.replace('!', '')}: the bytes and where they are; u at these places tells a jump from damage`,
        ],
      }),
    );
  }
  return found;
}
