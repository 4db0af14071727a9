/** The published cases of pool leaks, and the same leak simulated, from the files to the answer. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MYFAULT_BYTES, myfaultTruth } from './generate/pool/myfault.js';
import { poolDumper } from './generate/pool/write-dumper.js';
import { writePoolEtl } from './generate/pool/write-etl.js';
import { poolTracerpt } from './generate/pool/write-tracerpt.js';
import { poolWpa } from './generate/pool/write-wpa.js';
import { onlyFinding, poolOf, poolOfTexts } from './support/pool.js';
import { sample } from './support/samples.js';
import { realFile, SHARED } from './support/shared.js';

const kd = (name: string): string => join(SHARED, 'kd', name);
const TAGS = kd('cases/19-pool-leak-part4-two-tags.log');
const HITS = kd('cases/20-pool-leak-part5-poolhittag.log');
const VERIFIER = kd('cases/21-pool-leak-part6-verifier.log');
const COMMIT = kd('cases/23-vm-commit-failures.log');
const UNLOAD = kd('docs/msdocs-verifier3-leak-win81.log');
const POOLUSED = kd('docs/msdocs-vm-poolused-pool-poolfind.log');
const TWO_DRIVERS = kd('docs/msdocs-verifier.log');
const without = (...paths: readonly string[]): boolean => !paths.every((path) => existsSync(path));

describe.skipIf(without(TAGS, HITS, VERIFIER, COMMIT))('published cases', () => {
  it('19: one tag holds nearly all nonpaged pool, and the code that says it', async () => {
    const report = await poolOf(TAGS);
    const { tags, tagPlaces, stacks } = report.result;
    expect(tags[0]).toMatchObject({
      tag: 'Lea2',
      paged: false,
      snapshotBytes: 263_168_000,
      snapshotCount: 257,
      verdict: 'insufficient',
      aifoBytes: null,
      driver: null,
    });
    expect(tags).toHaveLength(7);
    expect(stacks).toEqual([]);
    expect(tagPlaces.map(({ tag, address, module }) => [tag, address, module])).toEqual([
      ['Leak', '0xfffff8800496e3aa', null],
      ['Leak', '0xfffff8800496e621', null],
      ['Lea1', '0xfffff8800496e3aa', null],
      ['Lea2', '0xfffff8800496e621', null],
    ]);
    const { level, message, evidence, next } = onlyFinding(report, 'pool-tag-dominates');
    expect(report.findings).toHaveLength(1);
    expect(level).toBe('warning');
    expect(message).toContain("'Lea2' holds 263168000 of 281814544 bytes of nonpaged pool (93 %)");
    expect(message).toContain('257 blocks of 1024000 bytes');
    expect(message).toContain('0xfffff8800496e621');
    // The place of the other tag is not this one's.
    expect(message).not.toContain('0xfffff8800496e3aa');
    expect(evidence.map(({ line }) => line)).toEqual([30, 17]);
    expect(next.join()).toContain('another snapshot');
  });

  it('20: the stack at which PoolHitTag stopped', async () => {
    const report = await poolOf(HITS);
    const { stacks, tags } = report.result;
    expect(stacks).toHaveLength(1);
    expect(stacks[0]).toMatchObject({
      from: 'breakpoint',
      tag: 'Lea2',
      count: 1,
      bytes: null,
      verdict: 'insufficient',
      allocator: { module: 'myfault', function: null, offset: '0x1634', address: '0xfffff8800496e634', calledBy: null },
      requester: { module: 'NotMyfault', function: null, offset: '0x2384', call: 'NtDeviceIoControlFile' },
    });
    expect(stacks[0].frames).toHaveLength(11);
    expect(tags).toEqual([]);
    const { message, level } = onlyFinding(report, 'pool-hit');
    expect(level).toBe('note');
    expect(message).toContain(
      "'Lea2' is allocated by myfault+0x1634, on behalf of NotMyfault+0x2384, by NtDeviceIoControlFile",
    );
  });

  it('21: ten blocks that Driver Verifier lists, and that this is all of them', async () => {
    const report = await poolOf(VERIFIER);
    const { blocks, stacks } = report.result;
    expect(blocks).toHaveLength(1);
    expect(blocks[0]).toMatchObject({
      command: 'verifier 3',
      driver: 'myfault.sys',
      tag: 'Leak',
      count: 10,
      bytes: 10_280_960,
      callerAddress: '0xfffff8800447d634',
      caller: 'myfault!MyfaultDeviceControl+0x358',
      inTrace: null,
    });
    expect(stacks).toHaveLength(1);
    expect(stacks[0]).toMatchObject({
      from: 'verifier',
      count: 10,
      verdict: 'insufficient',
      allocator: { module: 'myfault', function: 'MyfaultDeviceControl' },
    });
    const { message } = onlyFinding(report, 'verifier-outstanding');
    expect(message).toContain('myfault.sys holds 10 pool blocks, 10280960 bytes');
    expect(message).toContain('11 allocations succeeded, so 1 was freed.');
    expect(message).toContain('add up to the total that the verifier prints');
  });

  it.each([
    ['19 and 20', [TAGS, HITS]],
    ['20 and 19', [HITS, TAGS]],
  ])('%s together: the module of the code that says the tag', async (_, paths) => {
    const report = await poolOf(paths);
    const place = report.result.tagPlaces.find(({ tag }) => tag === 'Lea2');
    expect(place).toMatchObject({ address: '0xfffff8800496e621', module: 'myfault' });
    expect(report.result.tags[0]).toMatchObject({ tag: 'Lea2', driver: 'myfault', driverFrom: 'search' });
    expect(onlyFinding(report, 'pool-tag-dominates').message).toContain('myfault 0xfffff8800496e621');
    onlyFinding(report, 'pool-hit');
  });

  it('23: commit requests failed, and pool is far from its limits', async () => {
    const { result, findings } = await poolOf(COMMIT);
    expect(
      result.exhaustion.map(({ paged, usedBytes, limitBytes, secondsLeft }) => [
        paged,
        usedBytes,
        limitBytes,
        secondsLeft,
      ]),
    ).toEqual([
      [false, 212_432 * 1024, 37_635_824 * 1024, null],
      [true, 17_344_280 * 1024, 134_217_728 * 1024, null],
    ]);
    expect(findings.map(({ rule }) => rule)).toEqual(['allocations-failed']);
    expect(findings[0].message).toMatch(/^48440 commit requests failed/);
    expect(result.counters.find(({ name }) => name === 'failed commit requests')).toMatchObject({ last: 48440 });
  });
});

describe.skipIf(without(UNLOAD, POOLUSED, TWO_DRIVERS))('published examples of the documentation', () => {
  it('what a driver left at its unload is a leak', async () => {
    const report = await poolOf(UNLOAD);
    expect(
      report.result.stacks.map(({ tag, count, bytes, verdict, confidence, allocator }) => [
        tag,
        count,
        bytes,
        verdict,
        confidence,
        allocator?.function,
      ]),
    ).toEqual([
      ['mdrv', 1, 4104, 'leak', 'high', 'DeviceControlDispatch'],
      ['Vfwi', 1, 48, 'leak', 'high', 'GetNecessaryObjects'],
      ['VMdl', 1, 32, 'leak', 'high', 'DeviceControlDispatch'],
    ]);
    for (const { allocator } of report.result.stacks) expect(allocator?.module).toBe('MyDriver');
    const { level, confidence, message, evidence } = onlyFinding(report, 'pool-leak');
    expect([level, confidence]).toEqual(['error', 'high']);
    expect(message).toContain('MyDriver.sys was unloaded and left 3 pool blocks, 4184 bytes');
    expect(evidence[0].quote).toContain('Arg4: 00000003');
  });

  it('lists of blocks of !pool and !poolfind, without what is free', async () => {
    const { tags, blocks } = (await poolOf(POOLUSED)).result;
    expect(tags).toHaveLength(40);
    expect(tags.find(({ tag }) => tag === 'AGP ')).toMatchObject({ paged: true, snapshotBytes: 384, snapshotCount: 2 });
    const found = blocks.filter(({ command }) => command === 'poolfind');
    expect(found.map(({ tag, count }) => [tag, count])).toEqual([['SeSd', 21]]);
    // The same block stands in two lists of !pool: it counts once.
    expect(blocks.find(({ tag }) => tag === 'ObDi')).toMatchObject({ command: 'pool', count: 3, bytes: 48 });
  });

  it('of two verified drivers each has its own blocks', async () => {
    const { blocks } = (await poolOf(TWO_DRIVERS)).result;
    expect(blocks.map(({ driver, count, bytes }) => [driver, count, bytes])).toEqual([
      ['usbport.sys', 3, 3 * 0x38],
      ['videoprt.sys', 2, 0x3c + 0x34],
      ['videoprt.sys', 1, 0x18],
    ]);
  });
});

const REAL = [
  'poolmon/msdocs-poolmon-display-exact-widths.txt',
  'poolmon/msdocs-poolmon-g-mapped-driver-exact-widths.txt',
  'poolmon/pastebin-BZryjSFN-poolmon-screen-sorted-by-bytes.txt',
  'pdh-csv/pastebin-Gc5eUuLN-pool-nonpaged-bytes-1min.txt',
].map(realFile);

describe.skipIf(REAL.some((path) => path === null))('real files', () => {
  const [plain, mapped, screen, pdh] = REAL as string[];

  it('of poolmon: one screen says how much, and no more', async () => {
    const { result, findings } = await poolOf(plain);
    expect(result.tags).toHaveLength(8);
    expect(result.tags.map(({ verdict }) => verdict)).toEqual(Array(8).fill('insufficient'));
    expect(result.tags[0]).toMatchObject({ tag: 'Io  ', snapshotBytes: 91912, snapshotCount: 127, frees: 1020985 });
    expect(findings).toEqual([]);
    const tags = (await poolOf(mapped)).result.tags;
    expect(new Set(tags.map(({ driver }) => driver?.split(' ')[0]))).toEqual(new Set(['ntfs.sys']));
    expect(new Set(tags.map(({ driverFrom }) => driverFrom))).toEqual(new Set(['snapshot']));
  });

  it('of poolmon: the largest tag of a pool is a suspect with little confidence', async () => {
    const report = await poolOf(screen);
    const { message, confidence } = onlyFinding(report, 'pool-tag-dominates');
    expect(message).toContain("'CM31' holds 122609664 of 311185408 bytes of paged pool (39 %)");
    expect(confidence).toBe('low');
    expect(report.findings.map(({ rule }) => rule)).not.toContain('pool-leak');
  });

  it('of perfmon: a pool that grows and then does not', async () => {
    const { result, findings } = await poolOf(pdh);
    expect(result.counters).toHaveLength(1);
    expect(result.counters[0]).toMatchObject({ samples: 52, first: 812_204_032, last: 827_576_320, verdict: 'steady' });
    expect(findings.map(({ rule, level }) => [rule, level])).toEqual([['pool-course', 'note']]);
  });
});

describe('case 21 simulated: NotMyfault leaks a block a second', () => {
  const truth = myfaultTruth();

  it('from dumper text with symbols: driver, function, program and call', async () => {
    const report = await poolOfTexts(poolDumper(truth, { symbols: true }));
    const { result } = report;
    expect(result.totals.map(({ type, paged, count, bytes }) => [type, paged, count, bytes])).toEqual([
      ['AIFI', false, 0, 0],
      ['AIFO', false, 60, 60 * MYFAULT_BYTES],
      ['AOFI', false, 0, 0],
      ['AOFO', false, null, null],
    ]);
    expect(result.tags).toHaveLength(1);
    expect(result.tags[0]).toMatchObject({
      tag: 'Leak',
      paged: false,
      verdict: 'leak',
      aifoCount: 60,
      aifoBytes: 60 * MYFAULT_BYTES,
      driver: 'myfault.sys',
      driverFrom: 'stacks',
      driverPercent: 100,
      neverFreedPercent: 100,
    });
    expect(result.tags[0].slopeBytesPerSecond).toBeCloseTo(MYFAULT_BYTES, -4);
    expect(result.stacks).toHaveLength(1);
    const [stack] = result.stacks;
    expect(stack).toMatchObject({
      tag: 'Leak',
      verdict: 'leak',
      count: 60,
      freedCount: 0,
      allocator: { module: 'myfault.sys', function: 'MyfaultDeviceControl', calledBy: null, certain: true },
      requester: {
        process: 'NotMyfault.exe',
        pid: 1234,
        module: 'NotMyfault.exe',
        function: 'WinMain',
        call: 'NtDeviceIoControlFile',
      },
      processes: [{ process: 'NotMyfault.exe', pid: 1234, count: 60, bytes: 60 * MYFAULT_BYTES }],
    });
    expect(stack.frames.map((frame) => frame.function)).toEqual(truth.stacks[0].frames.map(({ fn }) => fn));
    const { message, level, confidence, evidence, against } = onlyFinding(report, 'pool-leak');
    // Nothing was freed: how long its blocks live is not known.
    expect([level, confidence]).toEqual(['error', 'medium']);
    expect(message).toContain("'Leak' (nonpaged pool) leaks at ");
    expect(message).toContain('myfault.sys!MyfaultDeviceControl, on behalf of NotMyfault.exe (1234)');
    expect(message).toContain('WinMain, by NtDeviceIoControlFile');
    expect(message).toContain('Against it: no block of this tag was freed');
    expect(evidence[0].quote).toMatch(/PoolAlloc, +500000, +NotMyfault\.exe \(1234\)/);
    expect(against).toEqual([]);
  });

  it('surely, over more than a minute', async () => {
    const report = await poolOfTexts(poolDumper(myfaultTruth(90)));
    expect(report.result.tags[0]).toMatchObject({ tag: 'Leak', verdict: 'leak', aifoCount: 90, confidence: 'medium' });
    const { level, confidence, message } = onlyFinding(report, 'pool-leak');
    expect([level, confidence]).toEqual(['error', 'medium']);
    expect(message).toContain("'Leak' (nonpaged pool) leaks at ");
  });

  it('from a raw log: the same place by its offset in the image', async () => {
    const { result } = await poolOfTexts(writePoolEtl(truth));
    expect(result.tags[0]).toMatchObject({ tag: 'Leak', verdict: 'leak', aifoCount: 60, driver: 'myfault.sys' });
    expect(result.stacks).toHaveLength(1);
    expect(result.stacks[0]).toMatchObject({
      verdict: 'leak',
      allocator: { module: 'myfault.sys', function: null, offset: '0x1634', certain: false },
      requester: { process: 'NotMyfault.exe', pid: 1234, module: 'NotMyfault.exe', offset: '0x3500', call: null },
    });
  });

  it('from a table of WPA', async () => {
    const { result } = await poolOfTexts(poolWpa(truth));
    expect(result.tags[0]).toMatchObject({ tag: 'Leak', paged: false, verdict: 'leak', aifoCount: 60 });
    expect(result.stacks[0]).toMatchObject({
      allocator: { module: 'myfault.sys', function: 'MyfaultDeviceControl' },
      requester: { process: 'NotMyfault.exe', function: 'WinMain', call: 'NtDeviceIoControlFile' },
    });
  });

  it('from tracerpt', async () => {
    const { result } = await poolOfTexts(poolTracerpt(truth));
    expect(result.tags[0]).toMatchObject({ tag: 'Leak', paged: false, verdict: 'leak', aifoCount: 60 });
  });

  it('is not called a leak by the first three seconds', async () => {
    const { result } = await poolOfTexts(poolDumper(myfaultTruth(3)));
    expect(result.tags[0]).toMatchObject({ tag: 'Leak', verdict: 'insufficient', aifoCount: 3 });
  });

  it.skipIf(without(VERIFIER))('with the debugger log of case 21: the lists stand beside each other', async () => {
    const report = await poolOfTexts([poolDumper(truth), readFileSync(VERIFIER)]);
    // Another boot: none of the blocks is in the trace, so none of its frames may be named by it.
    expect(report.result.blocks[0]).toMatchObject({ count: 10, inTrace: 0, freedInTrace: 0 });
    expect(report.diagnostics.map(({ code }) => code)).not.toContain('frames-named');
    onlyFinding(report, 'pool-leak');
    onlyFinding(report, 'verifier-outstanding');
  });
});

describe('a raw log and a debugger log of one boot', () => {
  const ETL = sample('etl/pool-leak.etl.gz');
  const LOG = sample('kd/verifier.log');

  it('find each other by the addresses of blocks, and one names the frames of the other', async () => {
    const [alone, both] = [await poolOf(ETL), await poolOf([ETL, LOG])];
    const { blocks, stacks } = both.result;
    expect(blocks.length).toBeGreaterThan(0);
    for (const { command, count, inTrace, freedInTrace } of blocks)
      expect([command, inTrace, freedInTrace]).toEqual(['verifier 3', count, 0]);
    expect(both.diagnostics.find(({ code }) => code === 'frames-named')?.severity).toBe('info');
    const guilty = (report: typeof both) =>
      report.result.stacks.find(({ from, tag, verdict }) => from === 'trace' && tag === 'FnRx' && verdict === 'leak');
    expect(guilty(alone)?.allocator).toMatchObject({ module: 'fastnic.sys', function: null, certain: false });
    expect(guilty(both)?.allocator).toMatchObject({ module: 'fastnic.sys', function: 'FnQuery', certain: true });
    expect(guilty(both)?.count).toBe(guilty(alone)?.count);
    // All blocks of the debugger's list are in the trace, with their stacks: they count once.
    expect(stacks.some(({ from }) => from === 'verifier')).toBe(false);
    const message = onlyFinding(both, 'verifier-outstanding').message;
    expect(message).toMatch(/(\d+) pool blocks.* \1 of them are outstanding in the trace, by address/);
    expect(await poolOf([LOG, ETL])).toMatchObject({ result: { tags: both.result.tags.map(({ tag }) => ({ tag })) } });
  });
});
