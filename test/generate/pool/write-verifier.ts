/** Prints, as kd with Driver Verifier does, what a driver has not freed, and how one of the blocks was allocated. */
import { type Block, booksOf } from './figures.js';
import type { PoolTruth } from './model.js';
import { allocatorOf, kdModule, kdSymbol, kdTime, kdUptime } from './text.js';

export interface VerifierOptions {
  /** Default: that of the slow leak. */
  readonly driver?: string;
  /** `old`: one line of addresses, as debuggers of Windows 7 print it; `new`: since Windows 8, with symbols. */
  readonly layout?: 'old' | 'new';
}

/** Blocks in use at the end of the trace that the driver allocated during the trace, the latest first. */
export function verifierBlocks(truth: PoolTruth, driver: string): Block[] {
  const isLeft = ({ alloc, free, reused }: Block): boolean => alloc !== null && free === null && reused === null;
  return booksOf(truth.events)
    .blocks.filter((block) => isLeft(block) && allocatorOf(truth.stacks[block.alloc?.stack ?? 0]).module === driver)
    .sort((a, b) => (b.alloc?.atUs ?? 0) - (a.alloc?.atUs ?? 0));
}

export function verifierLog(truth: PoolTruth, options: VerifierOptions = {}): string {
  const driver = options.driver ?? slowLeakDriver(truth);
  const blocks = verifierBlocks(truth, driver);
  const table = options.layout === 'new' ? newTable : oldTable;
  const leak = truth.scenarios.find(({ leak: found }) => found?.module === driver)?.leak;
  const shown = blocks.find(({ alloc }) => alloc?.stack === leak?.stack) ?? blocks[0];
  const lines = [
    '0: kd> .time',
    `Debug session time: ${kdTime(truth, truth.lengthUs)}`,
    `System Uptime: ${kdUptime(truth.lengthUs)}`,
    `0: kd> !verifier 3 ${driver}`,
    ...table(truth, driver, blocks),
    ...(shown === undefined ? [] : allocationLog(truth, shown)),
    '0: kd> ',
  ];
  return lines.join('\r\n');
}

function slowLeakDriver({ scenarios }: PoolTruth): string {
  const leak = scenarios.find(({ kind }) => kind === 'slow-leak')?.leak;
  if (!leak) throw new Error('the trace has no slow leak');
  return leak.module;
}

const hex = (value: bigint | number, width: number): string => value.toString(16).padStart(width, '0');
const upper = (value: number): string => hex(value, 8).toUpperCase();

interface Sums {
  readonly nonpaged: number;
  readonly paged: number;
  readonly nonpagedBytes: number;
  readonly pagedBytes: number;
}

function sumsOf(blocks: readonly Block[]): Sums {
  const of = (paged: boolean) => blocks.filter((block) => block.paged === paged);
  const bytes = (some: readonly Block[]): number => some.reduce((sum, block) => sum + block.bytes, 0);
  return {
    nonpaged: of(false).length,
    paged: of(true).length,
    nonpagedBytes: bytes(of(false)),
    pagedBytes: bytes(of(true)),
  };
}

/** Peaks are made up; they are above what is in use. */
function summary(truth: PoolTruth, { nonpaged, paged, nonpagedBytes, pagedBytes }: Sums): string[] {
  const attempted = `0x${truth.events.filter(({ op }) => op === 'alloc').length.toString(16)}`;
  return [
    '',
    'Summary of All Verifier Statistics',
    '',
    'RaiseIrqls                             0x0',
    'AcquireSpinLocks                       0x0',
    'Synch Executions                       0x0',
    'Trims                                  0x0',
    '',
    `Pool Allocations Attempted             ${attempted}`,
    `Pool Allocations Succeeded             ${attempted}`,
    'Pool Allocations Succeeded SpecialPool 0x0',
    'Pool Allocations With NO TAG           0x0',
    'Pool Allocations Failed                0x0',
    'Resource Allocations Failed Deliberately   0x0',
    '',
    `Current paged pool allocations         0x${paged.toString(16)} for ${upper(pagedBytes)} bytes`,
    `Peak paged pool allocations            0x${(paged + 3).toString(16)} for ${upper(pagedBytes + 480)} bytes`,
    `Current nonpaged pool allocations      0x${nonpaged.toString(16)} for ${upper(nonpagedBytes)} bytes`,
    `Peak nonpaged pool allocations         0x${(nonpaged + 3).toString(16)} for ${upper(nonpagedBytes + 480)} bytes`,
    '',
  ];
}

function oldTable(truth: PoolTruth, driver: string, blocks: readonly Block[]): string[] {
  const sums = sumsOf(blocks);
  const pair = (name: string, a: number, b: number): string => `${name.padEnd(26)}${hex(a, 8)}    ${hex(b, 8)}`;
  return [
    '',
    'Verify Level 8 ... enabled options are:',
    '      All pool allocations checked on unload',
    ...summary(truth, sums),
    'Driver Verification List',
    '',
    'Entry     State           NonPagedPool   PagedPool   Module',
    '',
    `fffffa80031b5830 Loaded           ${hex(sums.nonpagedBytes, 8)}       ${hex(sums.pagedBytes, 8)}    ${driver}`,
    '',
    pair('Current Pool Allocations', sums.nonpaged, sums.paged),
    pair('Current Pool Bytes', sums.nonpagedBytes, sums.pagedBytes),
    pair('Peak Pool Allocations', sums.nonpaged + 3, sums.paged + 3),
    pair('Peak Pool Bytes', sums.nonpagedBytes + 480, sums.pagedBytes + 480),
    '',
    'PoolAddress  SizeInBytes    Tag       CallersAddress',
    ...blocks.map((block) => {
      const { address } = callerOf(truth, block);
      return `${hex(block.address, 16)}     0x${hex(block.bytes, 8)}     ${block.tag}      ${hex(address, 16)}`;
    }),
  ];
}

function newTable(truth: PoolTruth, driver: string, blocks: readonly Block[]): string[] {
  const sums = sumsOf(blocks);
  const pair = (name: string, a: number, b: number): string =>
    `      ${name.padEnd(26)}( 0x${upper(a)} / 0x${upper(b)} )`;
  return [
    '',
    'Verify Flags Level 0x00000008',
    '',
    '  STANDARD FLAGS:',
    '    [ ] (0x00000001) Special pool',
    '    [X] (0x00000008) Pool tracking',
    '',
    '    [X] Indicates flag is enabled',
    '',
    ...summary(truth, sums),
    'Driver Verification List',
    '',
    `  MODULE: 0xffffb18c431b5830 ${driver} (Loaded)`,
    '',
    '    Pool Allocation Statistics: ( NonPagedPool / PagedPool )',
    '',
    pair('Current Pool Allocations:', sums.nonpaged, sums.paged),
    pair('Current Pool Bytes:', sums.nonpagedBytes, sums.pagedBytes),
    pair('Peak Pool Allocations:', sums.nonpaged + 3, sums.paged + 3),
    pair('Peak Pool Bytes:', sums.nonpagedBytes + 480, sums.pagedBytes + 480),
    '',
    '    Pool Allocations:',
    '',
    '      Address             Length      Tag   Caller    ',
    '      ------------------  ----------  ----  ------------------',
    ...blocks.map((block) => {
      const { module, fn, address } = callerOf(truth, block);
      const symbol = `${kdModule(module)}!${fn}`;
      return `      0x${hex(block.address, 16)}  0x${hex(block.bytes, 8)}  ${block.tag}  0x${hex(address, 16)}  ${symbol}`;
    }),
  ];
}

const callerOf = (truth: PoolTruth, block: Block) => allocatorOf(truth.stacks[block.alloc?.stack ?? 0]);

/** The log of Driver Verifier holds the kernel's part of the stack. */
function allocationLog(truth: PoolTruth, block: Block): string[] {
  const stack = truth.stacks[block.alloc?.stack ?? 0];
  const thread = 0xffffb18c44ce0080n + BigInt(block.alloc?.tid ?? 0) * 0x100n;
  return [
    `0: kd> !verifier 80 ${hex(block.address, 16)}`,
    '',
    'Log of recent kernel pool Allocate and Free operations:',
    '',
    'There are up to 0x10000 entries in the log.',
    '',
    `Parsing 0x0000000000010000 log entries, searching for address 0x${hex(block.address, 16)}.`,
    '',
    '',
    `Pool block ${hex(block.address, 16)}, Size ${hex(block.bytes, 16)}, Thread ${hex(thread, 16)}`,
    ...stack.frames.slice(0, stack.kernelFrames).map((frame) => `${hex(frame.address, 16)} ${kdSymbol(frame)}`),
    '',
    'Parsed entry 0000000000010000/0000000000010000...',
    'Finished parsing all pool tracking information.',
  ];
}
