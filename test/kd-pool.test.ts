import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PARSERS } from '../parsers/index.js';
import { behindPrompt, typedIn } from '../parsers/kd/prompt.js';
import { kd } from '../parsers/kd.js';
import { inputsOf } from '../src/core/source.js';
import { prefixOf } from '../src/open.js';
import { callStack } from '../src/tables/call-stack.js';
import { poolBlock, poolCounter, poolHit, poolTag, poolTagPlace } from '../src/tables/pool-snapshot.js';
import { addsUp, anyBytes, survivesDamage } from './support/damage.js';
import { codesOf, type Parsed, parseWith, sniffText } from './support/parse.js';
import { SHARED } from './support/shared.js';

const parse = (bytes: string | Uint8Array) => parseWith(kd, { bytes });
const ALL = [callStack, poolTag, poolCounter, poolBlock, poolHit, poolTagPlace];
/** As `pool` asks: stacks of threads are left out. */
const parsePool = (bytes: string | Uint8Array) => parseWith(kd, { bytes }, {}, ALL);

/** Rows as short lists. */
const tags = (parsed: Parsed) =>
  parsed.rows(poolTag).map((r) => [r.snapshot, r.tag, r.poolType, r.outstanding, r.bytes, r.driver, r.description]);
const counters = (parsed: Parsed) =>
  parsed.rows(poolCounter).map((r) => [r.snapshot, r.name, r.value, r.unit, r.sessionId, r.driver]);
const blocks = (parsed: Parsed) => parsed.rows(poolBlock);
const places = (parsed: Parsed) => parsed.rows(poolTagPlace).map((r) => [r.tag, r.address, r.module]);
const frames = (parsed: Parsed) =>
  parsed.rows(callStack).map((r) => [r.stack, r.frame, r.address, r.module, r.routine] as const);

/** Made up, in the layouts that debuggers print. */
const POOLUSED = `0: kd> !poolused
   Sorting by  Tag

  Pool Used:
            NonPaged            Paged
 Tag    Allocs     Used    Allocs     Used
 1234        1      520         0        0UNKNOWN pooltag '1234', please update pooltag.txt
 8xyz        4     3944         2       96Example keyboard , Binary: example.sys
 EXA         1      344         2      384UNKNOWN pooltag 'EXA ', please update pooltag.txt
 ExaM        0        0         7      1281394 example bus
 ex..        0        0         0        0Example without a driver 
 TOTAL        6     4808        11      608
`;
const POOLUSED_TAGS = [
  [1, '1234', 'NonPagedPool', 1, 520, null, null],
  [1, '8xyz', 'NonPagedPool', 4, 3944, 'example.sys', 'Example keyboard , Binary: example.sys'],
  [1, '8xyz', 'PagedPool', 2, 96, 'example.sys', 'Example keyboard , Binary: example.sys'],
  [1, 'EXA ', 'NonPagedPool', 1, 344, null, null],
  [1, 'EXA ', 'PagedPool', 2, 384, null, null],
  [1, 'ExaM', 'PagedPool', 7, 128, null, '1394 example bus'],
  [1, 'ex..', 'NonPagedPool', 0, 0, null, 'Example without a driver'],
];
const POOLUSED_TOTAL = [
  [1, 'poolused NonPaged Used', 4808, 'bytes', null, null],
  [1, 'poolused NonPaged Allocs', 6, 'count', null, null],
  [1, 'poolused Paged Used', 608, 'bytes', null, null],
  [1, 'poolused Paged Allocs', 11, 'count', null, null],
];

const VM = `1: kd> !vm 4

*** Virtual Memory Usage ***
	Physical Memory:      262144 (   1048576 Kb)
	Page File: \\??\\C:\\pagefile.sys
	  Current:   2097152 Kb  Free Space:   2000000 Kb
	NonPagedPool Usage:     1000 (      4000 Kb)
	NonPagedPool Max:      65536 (    262144 Kb)
	Free System PTEs:     4294967240 (  -224 Kb)
	Example Pages:           300
	Example Things:          300

	********** 12 commit requests have failed  **********
	********** 3 paged pool allocations have failed **********

	Session ID 2 @ af925000:
	Paged Pool Usage:        100K

	*** 7 Pool Allocation Failures ***

	1a2c example.exe          25 (       100 Kb)
`;
const VM_FIGURES = [
  [1, 'Physical Memory', 1048576 * 1024, 'bytes', null, null],
  [1, 'Page File Current', 2097152 * 1024, 'bytes', null, null],
  [1, 'Page File Free Space', 2000000 * 1024, 'bytes', null, null],
  [1, 'NonPagedPool Usage', 4096000, 'bytes', null, null],
  [1, 'NonPagedPool Max', 262144 * 1024, 'bytes', null, null],
  [1, 'Free System PTEs', null, 'bytes', null, null],
  [1, 'Example Pages', 300 * 4096, 'bytes', null, null],
  [1, 'Example Things', 300, 'count', null, null],
  [1, 'failed commit requests', 12, 'count', null, null],
  [1, 'failed paged pool allocations', 3, 'count', null, null],
  [1, 'Paged Pool Usage', 102400, 'bytes', 2, null],
  [1, 'failed pool allocations', 7, 'count', 2, null],
];

const HITS = `0: kd> ed nt!PoolHitTag 3261654c
0: kd> bp fffff800\`01000010 "k;g"
0: kd> g
Child-SP          RetAddr           Call Site
fffff880\`00001000 fffff800\`01000100 nt!ExpAllocateBigPool+0x13a
fffff880\`00001010 fffff880\`02001234 nt!ExAllocatePoolWithTag+0x82e
fffff880\`00001020 fffff800\`01000300 example+0x1234
fffff880\`00001030 00000000\`00000000 nt!ExampleWorker+0x5
Child-SP          RetAddr           Call Site
fffff880\`00001000 fffff880\`02002000 nt!ExFreePoolWithTag+0x9
fffff880\`00001010 fffff800\`01000300 example+0x2000
Child-SP          RetAddr           Call Site
fffff880\`00001000 fffff880\`02002000 nt!ExampleWait+0x9
fffff880\`00001010 fffff800\`01000300 example+0x2000
0: kd> ed nt!PoolHitTag ffffff0f
0: kd> k
Child-SP          RetAddr           Call Site
fffff880\`00001000 fffff880\`02002000 nt!ExFreePoolWithTag+0x9
`;

const PLACES = `0: kd> !for_each_module s -a @#Base @#End "Exam"
fffff880\`02000010  45 78 61 6d 3b c1 0f 42-c1 41 8d 49 fd 8b d0 ff  Exam;..B.A.I....
fffff880\`02000200  45 78 61 6d 3b c1 0f 42-c1 33 c9 8b d0 ff 15 cc  Exam;..B.3......
0: kd> dc fffff880\`02000200 l1
fffff880\`02000200  32617845                             Exa2
0: kd> dc fffff880\`03000000 l8
fffff880\`03000000  00000000 6d617845 64636261 00000001  ....Examabcd....
fffff880\`03000010  64636261 64636261 64636261 64636261  abcdabcdabcdabcd
0: kd> lm
start             end                 module name
fffff880\`02000000 fffff880\`02010000   example    (deferred)
`;

const VERIFIER = `kd> !verifier 3 example.sys

Verify Level 9bb ... enabled options are:
    Special pool
    All pool allocations checked on unload

Summary of All Verifier Statistics

RaiseIrqls                             0x0
Pool Allocations Attempted             0x10
Pool Allocations Succeeded             10
Current nonpaged pool allocations      0x3 for 00001058 bytes

Driver Verification List

Entry     State           NonPagedPool   PagedPool   Module

fffffa8003b6f670 Loaded           00000060       00000854    example.sys

Current Pool Allocations  00000002    00000013
Current Pool Bytes        00000060    00000854

PoolAddress  SizeInBytes    Tag       CallersAddress
fffff9800157efc0     0x0000003c     Exam      fffff88002c62963
fffff9800146afc0     0x00000024     AB        fffff88002c62963
...

fffffa8003b6f620 Loaded and Unloaded      00001000       000000fc    other.sys

Current Pool Allocations  00000001    00000000

PoolAddress  SizeInBytes    Tag       CallersAddress
fffff98003a38000     0x00001000     Othr      fffff88004215e34

kd> !verifier 3 example.sys

Verify Flags Level 0x000209bb

  STANDARD FLAGS:
    [X] (0x00000001) Special pool

Summary of All Verifier Statistics

  Pool Allocations Attempted             0x1

  MODULE: 0x84226b28 example.sys (Loaded)

    Pool Allocation Statistics: ( NonPagedPool / PagedPool )

      Current Pool Allocations: ( 0x00000001 / 0x00000002 )
      Peak Contiguous Memory Bytes:  0x00001000

    Pool Allocations:

      Address     Length      Tag   Caller    
      ----------  ----------  ----  ----------
      0x982a8fe0  0x00000020  VMdl  0x9a3bf6ac  example!ExampleDispatch
`;

const VERIFIER_LOG = `0: kd> !verifier 0x80 a2b1cf20
# Parsing 00004000 array entries, searching for address a2b1cf20.

Pool block a2b1ce98, Size 00000168, Thread a2b1ce98
808f1be6 example!exampleFreeToNPagedPool+0x39
8ac4a8b0 example!ExampleFreeList+0x3b
# 8ac4a8ba other!OtherCompleted+0xea

Pool block a2b1ce98, Size 00000164, Thread a2b1cea0
822af87f nt!VerifierExAllocatePoolWithTagPriority+0x5d
8ac4a8bc other+0x34
Parsed entry 00004000/00004000...
Finished parsing all pool tracking information.
0: kd> !verifier 80 fffffa8005400000
Pool block fffffa8005400000, Size 00000000000fa000, Thread fffffa80044ceb60
fffff80001927cc6 nt!ExampleHook+0x2b6
fffff8800447d634 other!OtherDispatch+0x358
`;

const POOL = `kd> !pool ffffac883ca17920
Pool page ffffac883ca17920 region is Nonpaged pool
 ffffac883ca17000 size:  900 previous size:    0  (Allocated)  PFXM
 ffffac883ca17900 size:   10 previous size:  900  (Free)       Mm  
*ffffac883ca17910 size:  600 previous size:    0  (Allocated) *Even (Protected)
		Owning component : Unknown (update pooltag.txt)
kd> !pool ffffc986cb6f2000
Pool page ffffc986cb6f2000 region is Paged pool
*ffffc986cb6f2000 : large page allocation, tag is V2lg, size is 0x4000 bytes
kd> !poolfind Exam
Scanning large pool allocation table for Tag: Exam (827d1000 : 827e9000)
Searching Paged pool (823b1000 : 82800000) for Tag: Exam
826fa130 size:   c0 previous size:   40  (Allocated) Exam
...terminating - searched pool to e1224000
kd> !poolfind -nonpaged -tag "Exam"
Scanning large pool allocation table for tag 0x6d617845 (Exam) (ffff8287ae4a0000 : ffff8287ae6a0000)
ffff8287befc4060 : tag Exam, size     0xe70, Nonpaged pool
*ffff8287b5c5b060 : tag Ex m, size      0x10, Paged pool
`;

const TEXTS = [POOLUSED, VM, HITS, PLACES, VERIFIER, VERIFIER_LOG, POOL];

describe('!poolused', () => {
  it('gives two rows a tag, and the totals, cited', async () => {
    const parsed = await parse(POOLUSED);
    expect(tags(parsed)).toEqual(POOLUSED_TAGS);
    expect(counters(parsed)).toEqual(POOLUSED_TOTAL);
    expect(codesOf(parsed)).toEqual([]);
    const lines = POOLUSED.split('\n');
    for (const row of [...parsed.rows(poolTag), ...parsed.rows(poolCounter)]) {
      expect(row.quote).toBe(lines[(row.line ?? 0) - 1].trim());
    }
    // Five tags and the total.
    expect(parsed.account).toEqual({ unit: 'line', read: 12, rows: 6, skipped: 0, ignored: 6 });
    expect([...parsed.events.keys()]).toEqual(['!poolused']);
  });

  const hardBlanks = (text: string) => text.replaceAll('  ', '\u00a0 ');
  it.each([
    ['without a prompt', POOLUSED.replace(/^.*\n/, '')],
    ['with hard blanks', hardBlanks(POOLUSED)],
    ['with curly quotes', POOLUSED.replace(/'(.{4})'/g, '\u2018$1\u2019')],
    ['with a blank line behind each', POOLUSED.replaceAll('\n', '\n\n')],
    ['without the blank in front', POOLUSED.replaceAll(/^ /gm, '')],
    ['with more blanks in front', POOLUSED.replaceAll(/^/gm, '    ')],
    ['with CRLF', POOLUSED.replaceAll('\n', '\r\n')],
    ['with what has no columns', POOLUSED.replace('1281394', '128 1394').replaceAll(/ {2,}/g, ' ')],
    ['with wrapped comments', POOLUSED.replaceAll(' pooltag.txt', '\npooltag.txt')],
    ['as UTF-16', Buffer.from(`\ufeff${POOLUSED}`, 'utf16le')],
    ['of an extension by its full name', POOLUSED.replace('!poolused', '!kdexts.poolused /t5 2')],
  ])('reads the same %s', async (_, bytes) => {
    const parsed = await parse(bytes);
    expect(tags(parsed)).toEqual(POOLUSED_TAGS);
    expect(counters(parsed)).toEqual(POOLUSED_TOTAL);
    expect(codesOf(parsed).filter((code) => code !== 'repaired-text')).toEqual([]);
    expect(addsUp(parsed)).toBe(true);
  });

  it('reads both pools with flag 1, and one where it sorts by that', async () => {
    const both = await parse(`kd> !poolused 1
   Sorting by  Tag

  Pool Used:
            NonPaged                    Paged
 Tag    Allocs    Frees     Diff     Used   Allocs    Frees     Diff     Used
 Exam      304      134      170  6550080        5        5        0        0  Example , Binary: nt!ex
 TOTAL     304      134      170  6550080        5        5        0        0
`);
    expect(both.rows(poolTag).map((r) => [r.poolType, r.allocs, r.frees, r.outstanding, r.bytes])).toEqual([
      ['NonPagedPool', 304, 134, 170, 6550080],
      ['PagedPool', 5, 5, 0, 0],
    ]);
    expect(counters(both).map(([, name, value]) => [name, value])).toEqual([
      ['poolused NonPaged Used', 6550080],
      ['poolused NonPaged Allocs', 170],
      ['poolused Paged Used', 0],
      ['poolused Paged Allocs', 0],
    ]);
    const one = (name: string, flags: number) => `lkd> !poolused ${flags}
   Sorting by  ${name} Pool Consumed

  Pool Used:
            ${name}
 Tag    Allocs    Frees     Diff     Used
 Exam 32630649 32618671    11978  3752928  Example objects
`;
    for (const [name, flags] of [
      ['NonPaged', 3],
      ['Paged', 5],
    ] as const) {
      const parsed = await parse(one(name, flags));
      expect(parsed.rows(poolTag).map((r) => [r.poolType, r.allocs, r.frees, r.outstanding, r.bytes])).toEqual([
        [`${name}Pool`, 32630649, 32618671, 11978, 3752928],
      ]);
      // The header says less, the heading or the flags as much.
      const short = one(name, flags).replace(/^ {12}.*\n/m, '');
      expect((await parse(short)).rows(poolTag)[0].poolType).toBe(`${name}Pool`);
      const shorter = short.replace(/^ {3}Sorting[\s\S]*Used\n/m, '');
      expect((await parse(shorter)).rows(poolTag)[0].poolType).toBe(`${name}Pool`);
    }
  });

  it('knows session pool, by its heading or by its flag, and whose it is', async () => {
    const text = `kd> !session -s 2
Using session 2
kd> !poolused 8
   Sorting by Session Tag
 Tag    Allocs     Used    Allocs     Used
 Gh05        1       16         2       64  Example
 TOTAL       1       16         2       64
`;
    for (const one of [text, text.replace('Session Tag', ' Tag'), text.replace(' 8', '')]) {
      const parsed = await parse(one);
      expect(parsed.rows(poolTag).map((r) => [r.poolType, r.sessionId])).toEqual([
        ['NonPagedPoolSession', 2],
        ['PagedPoolSession', 2],
      ]);
      expect(parsed.rows(poolCounter)[0]).toMatchObject({ name: 'poolused Session NonPaged Used', sessionId: 2 });
    }
  });

  it('leaves out counters that have wrapped', async () => {
    const parsed = await parse(`kd> !poolused
 Tag    Allocs     Used    Allocs     Used
 AAAA       -1     4096         0        0  a
 BBBB        5 4294967240         0        0  b
 CCCC        0 3221225472         0        0  c
 DDDD        1 3221225472         0      -16  d
 EEEE 18446744073709551615       64         0        0  e
`);
    expect(parsed.rows(poolTag).map((r) => [r.tag, r.poolType, r.outstanding, r.bytes])).toEqual([
      ['AAAA', 'NonPagedPool', null, 4096],
      ['BBBB', 'NonPagedPool', 5, null],
      ['CCCC', 'NonPagedPool', 0, null],
      ['DDDD', 'NonPagedPool', 1, 3221225472],
      ['DDDD', 'PagedPool', 0, null],
      ['EEEE', 'NonPagedPool', null, 64],
    ]);
    expect(parsed.diagnostics.find(({ code }) => code === 'wrapped-counter')).toMatchObject({
      severity: 'warning',
      count: 5,
      line: 3,
    });
  });

  it('keeps blanks, dots and digits of tags', async () => {
    const parsed = await parse(`kd> !poolused
 Tag    Allocs     Used    Allocs     Used
   rx        3     1248         0        0
 A  B        1       16         0        0
 A 12        1       16         0        0  x
 .C.D        1       16         0        0UNKNOWN pooltag '.C.D', please update pooltag.txt
 rx..        3     1248         0        0UNKNOWN pooltag '  rx', please update pooltag.txt
 X Y         1       16         0        0UNKNOWN pooltag 'X  Y', please update pooltag.txt
`);
    expect(parsed.rows(poolTag).map((r) => r.tag)).toEqual(['  rx', 'A  B', 'A 12', '.C.D', 'rx..', 'X  Y']);
  });

  it('skips rows that have lost numbers, and no other text', async () => {
    const parsed = await parse(
      POOLUSED.replace(/^( 8xyz .*?) 96.*$/m, '$1').replace(' TOTAL', '*** ERROR: no symbols\n TOTAL'),
    );
    expect(tags(parsed)).toEqual(POOLUSED_TAGS.filter(([, tag]) => tag !== '8xyz'));
    expect(parsed.diagnostics.map(({ code, line, count }) => [code, line, count])).toEqual([
      ['damaged-poolused', 8, 1],
      ['unread-commands', 12, 1],
    ]);
    expect(parsed.account).toMatchObject({ rows: 5, skipped: 1 });
  });

  it('counts a snapshot for each output', async () => {
    const body = POOLUSED.replace(/^.*\n/, '');
    const parsed = await parse(`${VM}${POOLUSED}${body}${VM}`);
    const numbers = [...parsed.rows(poolTag), ...parsed.rows(poolCounter)].map((r) => [r.line ?? 0, r.snapshot]);
    const [afterVm, afterOne, afterTwo] = [VM, VM + POOLUSED, VM + POOLUSED + body].map((t) => t.split('\n').length);
    for (const [line, snapshot] of numbers) {
      // The first !vm and !poolused are one, the second !poolused and !vm another.
      expect([line, snapshot]).toEqual([line, Number(line) < afterOne ? 1 : 2]);
    }
    expect(afterVm).toBeLessThan(afterOne);
    expect(afterOne).toBeLessThan(afterTwo);
    expect(parsed.events.get('!poolused')?.count).toBe(2);
  });
});

describe('!vm', () => {
  it('gives figures in bytes, failures and pool by session', async () => {
    const parsed = await parse(VM);
    expect(counters(parsed)).toEqual(VM_FIGURES);
    expect(codesOf(parsed)).toEqual(['wrapped-counter', 'repaired-text'].slice(0, codesOf(parsed).length));
    expect(parsed.rows(poolTag)).toEqual([]);
    // Two figures of the page file share a line; the process at the end is a row of `dump_fact`.
    expect(parsed.account).toMatchObject({ rows: 12, skipped: 0 });
  });

  it.each([
    ['without a prompt', VM.replace(/^.*\n/, '')],
    ['with hard blanks', VM.replaceAll('\t', '\u00a0\u00a0')],
    ['with a blank line behind each', VM.replaceAll('\n', '\n\n')],
    ['without indentation', VM.replaceAll('\t', '')],
    ['without its title', VM.replace('*** Virtual Memory Usage ***\n', '')],
  ])('reads the same %s', async (_, text) => {
    const parsed = await parse(text);
    expect(counters(parsed)).toEqual(VM_FIGURES);
    expect(codesOf(parsed).filter((code) => code !== 'repaired-text')).toEqual(['wrapped-counter']);
  });

  it('skips damaged figures', async () => {
    const parsed = await parse(VM.replace('1000 (      4000 Kb)', '1O00 (     4000 Kb)'));
    expect(codesOf(parsed)).toContain('damaged-vm');
    expect(parsed.account.skipped).toBe(1);
  });
});

describe('stacks where PoolHitTag was hit', () => {
  const STACK = [
    [0, 1, null, 'nt', 'nt!ExpAllocateBigPool+0x13a'],
    [0, 2, 0xfffff80001000100n, 'nt', 'nt!ExAllocatePoolWithTag+0x82e'],
    [0, 3, 0xfffff88002001234n, 'example', 'example+0x1234'],
    [0, 4, 0xfffff80001000300n, 'nt', 'nt!ExampleWorker+0x5'],
  ];

  it('are hits, each, and no others', async () => {
    const parsed = await parsePool(HITS);
    expect(parsed.rows(poolHit).map((r) => [r.operation, r.tag, r.stack, r.line])).toEqual([
      ['alloc', 'Lea2', 0, 5],
      ['free', 'Lea2', 1, 10],
    ]);
    expect(frames(parsed).slice(0, 4)).toEqual(STACK);
    // Six frames of the two hits.
    expect(parsed.account).toMatchObject({ rows: 6, skipped: 0 });
    expect(addsUp(parsed)).toBe(true);
    expect((await parse(HITS.replace(/^.*\n/, ''))).rows(poolHit)).toEqual([]);
  });

  it('know the tag in characters, and from what dc shows', async () => {
    const quoted = await parse(HITS.replace('3261654c', "'2aeL'"));
    expect(quoted.rows(poolHit)[0].tag).toBe('Lea2');
    const shown = await parse(
      HITS.replace(/^.*\n/, '0: kd> dc nt!PoolHitTag l1\nfffff800`016530fc  3261654c           Lea2\n'),
    );
    expect(shown.rows(poolHit)[0].tag).toBe('Lea2');
    expect(shown.rows(poolTagPlace)).toEqual([]);
  });

  /** The same stack as `k` prints it with other options. */
  const layouts: readonly (readonly [string, string])[] = [
    [
      'kn',
      ` # Child-SP          RetAddr           Call Site
00 fffff880\`00001000 fffff800\`01000100 nt!ExpAllocateBigPool+0x13a
01 fffff880\`00001010 fffff880\`02001234 nt!ExAllocatePoolWithTag+0x82e
02 fffff880\`00001020 fffff800\`01000300 example+0x1234
03 fffff880\`00001030 00000000\`00000000 nt!ExampleWorker+0x5`,
    ],
    [
      'kv',
      `Child-SP          RetAddr           : Args to Child                                                           : Call Site
fffff880\`00001000 fffff800\`01000100 : 00000000\`00000001 fffff8a0\`00000000 00000000\`00000000 00000000\`00000000 : nt!ExpAllocateBigPool+0x13a
fffff880\`00001010 fffff880\`02001234 : 00000000\`00000001 fffff8a0\`00000000 00000000\`00000000 00000000\`00000000 : nt!ExAllocatePoolWithTag+0x82e
fffff880\`00001020 fffff800\`01000300 : 00000000\`00000001 fffff8a0\`00000000 00000000\`00000000 00000000\`00000000 : example+0x1234
fffff880\`00001030 00000000\`00000000 : 00000000\`00000001 fffff8a0\`00000000 00000000\`00000000 00000000\`00000000 : nt!ExampleWorker+0x5 (TrapFrame @ fffff880\`00001040)`,
    ],
    [
      'kb',
      `RetAddr           : Args to Child                                                           : Call Site
fffff800\`01000100 : 00000000\`00000001 fffff8a0\`00000000 00000000\`00000000 00000000\`00000000 : nt!ExpAllocateBigPool+0x13a
fffff880\`02001234 : 00000000\`00000001 fffff8a0\`00000000 00000000\`00000000 00000000\`00000000 : nt!ExAllocatePoolWithTag+0x82e
fffff800\`01000300 : 00000000\`00000001 fffff8a0\`00000000 00000000\`00000000 00000000\`00000000 : example+0x1234
00000000\`00000000 : 00000000\`00000001 fffff8a0\`00000000 00000000\`00000000 00000000\`00000000 : nt!ExampleWorker+0x5`,
    ],
    [
      'a mail',
      `Child-SP          RetAddr           Call Site
fffff880\`00001000 fffff800\`01000100
nt!ExpAllocateBigPool+0x13a

fffff880\`00001010 fffff880\`02001234 nt!ExAllocatePoolWithTag+0\u00d782e

*** ERROR: Module load completed but symbols could not be loaded for example.sys
fffff880\`00001020\u00a0fffff800\`01000300  example+0x1234 // this is ours
fffff880\`00001030 00000000\`00000000 nt!ExampleWorker+0x5 [d:\\ex\\work.c @ 12]`,
    ],
  ];
  it.each(layouts)('are read as %s prints them', async (_, text) => {
    const parsed = await parse(`0: kd> ed nt!poolhittag 0x3261654c; g\n${text}\n0: kd> g\n`);
    expect(frames(parsed)).toEqual(STACK);
    expect(parsed.rows(poolHit).map((r) => [r.operation, r.tag, r.stack])).toEqual([['alloc', 'Lea2', 0]]);
    expect(addsUp(parsed)).toBe(true);
  });

  it('are read on x86, with arguments, FPO data and glued columns', async () => {
    const parsed = await parse(`kd> ed nt!PoolHitTag 3261654c
kd> kv
ChildEBP RetAddr  Args to Child              
8a3f1c44 f7a31234 00000000 00000018 3261654c nt!ExAllocatePoolWithTag+0x12 (FPO: [Non-Fpo])
8a3f1c60 804e1bf200000000 00000018 3261654c example!ExampleRead+0x34 (FPO: [3,0,0])
8a3f1c80 00000000nt!ExampleWorker+0x5
`);
    expect(frames(parsed)).toEqual([
      [0, 1, null, 'nt', 'nt!ExAllocatePoolWithTag+0x12'],
      [0, 2, 0xf7a31234n, 'example', 'example!ExampleRead+0x34'],
      [0, 3, 0x804e1bf2n, 'nt', 'nt!ExampleWorker+0x5'],
    ]);
  });

  it('give inlined frames the place of the frame they are in, and frames behind a cut none', async () => {
    const parsed = await parse(`0: kd> ed nt!PoolHitTag 3261654c
0: kd> kn
 # Child-SP          RetAddr               Call Site
00 fffff880\`00001000 fffff880\`02001234     nt!ExAllocatePoolWithTag+0x82e
01 (Inline Function) --------\`--------     example!ExampleNew+0x5
02 fffff880\`00001020 fffff800\`01000300     example!ExampleRead+0x34
[...]
09 fffff880\`00001030 00000000\`00000000     nt!ExampleWorker+0x5
`);
    expect(frames(parsed).map(([, , address]) => address)).toEqual([
      null,
      0xfffff88002001234n,
      0xfffff88002001234n,
      null,
    ]);
    expect(codesOf(parsed)).toEqual(['cut-output']);
  });

  it('are not those of threads that are listed', async () => {
    const stack = HITS.split('\n').slice(3, 8).join('\n');
    const parsed = await parse(`0: kd> ed nt!PoolHitTag 3261654c\n0: kd> !process 0 7\n${stack}\n`);
    expect(parsed.rows(poolHit)).toEqual([]);
    expect(parsed.diagnostics).toEqual([]);
  });
});

describe('places of tags', () => {
  const AT = 0xfffff88002000010n;
  it('are what a search found and what dc shows there, named by lm', async () => {
    const parsed = await parse(PLACES);
    expect(places(parsed)).toEqual([
      ['Exam', AT, 'example'],
      ['Exam', 0xfffff88002000200n, 'example'],
      ['Exa2', 0xfffff88002000200n, 'example'],
      // A known tag in a dump; `abcd` is none that the log has named.
      ['Exam', 0xfffff88003000004n, null],
    ]);
    expect(parsed.rows(poolTagPlace)[2].quote).toBe('fffff880`02000200  32617845                             Exa2');
    expect(parsed.account).toMatchObject({ rows: 5, skipped: 0 });
  });

  it('are known without a prompt too, from rows that all begin alike', async () => {
    const bare = PLACES.split('\n').filter((line) => !line.includes('kd>'));
    expect(places(await parse(bare.join('\n'))).map(([tag]) => tag)).toEqual(['Exam', 'Exam', 'Exa2', 'Exam']);
    const dump = bare[0].replace('02000010', '02000020');
    expect(places(await parse(`Pool Used:\n${bare[0]}\n${dump}\n`))).toEqual([]);
  });

  it('take the bytes where the text searched for is not four characters', async () => {
    expect(places(await parse(PLACES.replace('"Exam"', '"Exam;"')))[0]).toEqual(['Exam', AT, 'example']);
  });

  it('are named by ln, or by a frame that tells the base', async () => {
    const search = PLACES.slice(0, PLACES.indexOf('0: kd> lm'));
    const ln =
      '0: kd> ln fffff880`02000010\n(fffff880`02000000)   example!Ex+0x10   |  (fffff880`02000100)   example!Ey\n';
    expect(places(await parse(search + ln)).map(([, , module]) => module)).toEqual(['example', null, null, null]);
    const based = places(await parse(HITS + search)).map(([, , module]) => module);
    expect(based).toEqual(['example', 'example', 'example', null]);
  });
});

describe('!verifier', () => {
  it('gives figures of all and of each driver, and blocks in both layouts', async () => {
    const parsed = await parse(VERIFIER);
    expect(counters(parsed)).toEqual([
      [1, 'verifier RaiseIrqls', 0, 'count', null, null],
      [1, 'verifier Pool Allocations Attempted', 16, 'count', null, null],
      [1, 'verifier Pool Allocations Succeeded', 16, 'count', null, null],
      [1, 'verifier Current nonpaged pool allocations', 3, 'count', null, null],
      [1, 'verifier Current nonpaged pool bytes', 0x1058, 'bytes', null, null],
      [1, 'verifier Current nonpaged pool allocations', 2, 'count', null, 'example.sys'],
      [1, 'verifier Current paged pool allocations', 19, 'count', null, 'example.sys'],
      [1, 'verifier Current nonpaged pool bytes', 96, 'bytes', null, 'example.sys'],
      [1, 'verifier Current paged pool bytes', 0x854, 'bytes', null, 'example.sys'],
      [1, 'verifier Current nonpaged pool allocations', 1, 'count', null, 'other.sys'],
      [1, 'verifier Current paged pool allocations', 0, 'count', null, 'other.sys'],
      [2, 'verifier Pool Allocations Attempted', 1, 'count', null, null],
      [2, 'verifier Current nonpaged pool allocations', 1, 'count', null, 'example.sys'],
      [2, 'verifier Current paged pool allocations', 2, 'count', null, 'example.sys'],
      [2, 'verifier Peak Contiguous Memory Bytes', 4096, 'bytes', null, 'example.sys'],
    ]);
    expect(blocks(parsed).map((r) => [r.address, r.bytes, r.tag, r.driver, r.callerAddress, r.caller])).toEqual([
      [0xfffff9800157efc0n, 0x3c, 'Exam', 'example.sys', 0xfffff88002c62963n, null],
      [0xfffff9800146afc0n, 0x24, 'AB  ', 'example.sys', 0xfffff88002c62963n, null],
      [0xfffff98003a38000n, 0x1000, 'Othr', 'other.sys', 0xfffff88004215e34n, null],
      [0x982a8fe0n, 0x20, 'VMdl', 'example.sys', 0x9a3bf6acn, 'example!ExampleDispatch'],
    ]);
    expect(new Set(blocks(parsed).map((r) => [r.command, r.poolType, r.stack].join()))).toEqual(
      new Set(['verifier 3,,']),
    );
    expect(codesOf(parsed)).toEqual(['cut-output']);
  });

  it('reads the same with hard blanks, blank lines and `0×`', async () => {
    const damaged = VERIFIER.replaceAll('  ', '\u00a0 ').replaceAll('\n', '\n\n').replaceAll('0x', '0\u00d7');
    const [one, other] = [await parse(VERIFIER), await parse(damaged)];
    expect(counters(other)).toEqual(counters(one));
    expect(blocks(other).map((r) => [r.address, r.bytes, r.tag])).toEqual(
      blocks(one).map((r) => [r.address, r.bytes, r.tag]),
    );
  });

  it('skips damaged rows and figures', async () => {
    const parsed = await parse(
      VERIFIER.replace('0x0000003c     Exam', '0x0000003c').replace('0x3 for 00001058 bytes', '0x3 for'),
    );
    expect(blocks(parsed)).toHaveLength(3);
    expect(parsed.diagnostics.find(({ code }) => code === 'damaged-verifier')?.count).toBe(2);
  });

  it('80 gives blocks with stacks; the innermost names tell what was done', async () => {
    const parsed = await parse(VERIFIER_LOG);
    expect(blocks(parsed).map((r) => [r.command, r.address, r.bytes, r.operation, r.thread, r.stack])).toEqual([
      ['verifier 80', 0xa2b1ce98n, 0x168, 'free', 0xa2b1ce98n, 0],
      ['verifier 80', 0xa2b1ce98n, 0x164, 'alloc', 0xa2b1cea0n, 1],
      ['verifier 80', 0xfffffa8005400000n, 0xfa000, null, 0xfffffa80044ceb60n, 2],
    ]);
    expect(frames(parsed)).toEqual([
      [0, 1, 0x808f1be6n, 'example', 'example!exampleFreeToNPagedPool+0x39'],
      [0, 2, 0x8ac4a8b0n, 'example', 'example!ExampleFreeList+0x3b'],
      [0, 3, 0x8ac4a8ban, 'other', 'other!OtherCompleted+0xea'],
      [1, 1, 0x822af87fn, 'nt', 'nt!VerifierExAllocatePoolWithTagPriority+0x5d'],
      [1, 2, 0x8ac4a8bcn, 'other', 'other+0x34'],
      [2, 1, 0xfffff80001927cc6n, 'nt', 'nt!ExampleHook+0x2b6'],
      [2, 2, 0xfffff8800447d634n, 'other', 'other!OtherDispatch+0x358'],
    ]);
    expect(parsed.account).toMatchObject({ rows: 10, skipped: 0 });
    expect(codesOf(parsed)).toEqual([]);
  });
});

it('!pool and !poolfind give blocks, old and new', async () => {
  const parsed = await parse(POOL);
  expect(blocks(parsed).map((r) => [r.command, r.address, r.bytes, r.tag, r.state, r.poolType])).toEqual([
    ['pool', 0xffffac883ca17000n, 0x900, 'PFXM', 'allocated', 'NonPagedPool'],
    ['pool', 0xffffac883ca17900n, 0x10, 'Mm  ', 'free', 'NonPagedPool'],
    ['pool', 0xffffac883ca17910n, 0x600, 'Even', 'allocated', 'NonPagedPool'],
    ['pool', 0xffffc986cb6f2000n, 0x4000, 'V2lg', 'allocated', 'PagedPool'],
    ['poolfind', 0x826fa130n, 0xc0, 'Exam', 'allocated', 'PagedPool'],
    ['poolfind', 0xffff8287befc4060n, 0xe70, 'Exam', null, 'NonPagedPool'],
    ['poolfind', 0xffff8287b5c5b060n, 0x10, 'Ex m', null, 'PagedPool'],
  ]);
  expect(parsed.account).toMatchObject({ rows: 7, skipped: 0 });
  const bare = await parse(POOL.replaceAll(/^kd>.*\n/gm, ''));
  expect(blocks(bare).map((r) => [r.command, r.address, r.poolType])).toEqual(
    blocks(parsed).map((r) => [r.command, r.address, r.poolType]),
  );
  const damaged = await parse(POOL.replace('(Allocated)  PFXM', '').replace('0xe70,', '0xe70'));
  expect(damaged.diagnostics.find(({ code }) => code === 'damaged-pool-block')?.count).toBe(2);
  expect(blocks(damaged)).toHaveLength(5);
});

describe('time and machine', () => {
  const head = (time: string) => `Windows 7 Kernel Version 7601 (Service Pack 1) MP (4 procs) Free x64
Debug session time: ${time}
System Uptime: 0 days 0:02:13.421
`;
  it.each([
    ['Fri Jan  4 10:20:30.123 2013 (UTC + 1:00)', '2013-01-04T09:20:30.123Z', 'UTC+1:00'],
    ['Fri Jan 04 10:20:30 2013 (GMT-5)', '2013-01-04T15:20:30.000Z', 'UTC-5:00'],
    ['Fri Jan  4 10:20:30.123 2013 (UTC - 3:30)', '2013-01-04T13:50:30.123Z', 'UTC-3:30'],
    ['Fri Jan  4 10:20:30.123 2013', null, null],
    ['Fri Xyz  4 10:20:30.123 2013 (UTC + 1:00)', null, null],
  ])('of %s', async (text, startUtc, zone) => {
    const parsed = await parse(head(text) + POOLUSED);
    expect(parsed.about.clock).toMatchObject({ startUtc, zone });
    expect(parsed.rows(poolTag)[0].atMs).toBe(startUtc === null ? null : Date.parse(startUtc));
    expect(parsed.about.machine).toMatchObject({ build: 7601, cpus: 4 });
  });

  it('is that of the last .time, and of .echotime where nothing else tells', async () => {
    const echo = (hour: number) => `Debugger (not debuggee) time: Wed Dec  6 ${hour}:20:55.123 2023 (UTC + 0:00)\n`;
    const parsed = await parse(echo(10) + POOLUSED + echo(11) + POOLUSED);
    expect(new Set(parsed.rows(poolTag).map((r) => r.atMs))).toEqual(
      new Set([Date.UTC(2023, 11, 6, 10, 20, 55, 123), Date.UTC(2023, 11, 6, 11, 20, 55, 123)]),
    );
    expect(parsed.about.clock.startUtc).toBeNull();
    const later = await parse(head('Fri Jan  4 10:20:30.123 2013 (UTC + 0:00)') + echo(10) + POOLUSED);
    expect(later.rows(poolTag)[0].atMs).toBe(Date.UTC(2013, 0, 4, 10, 20, 30, 123));
  });
});

describe('bugcheck 0xC4', () => {
  const violation = (arg1: string, arg4: string) => `0: kd> !analyze -v
DRIVER_VERIFIER_DETECTED_VIOLATION (c4)
A device driver attempting to corrupt the system has been caught.
Arguments:
Arg1: ${arg1}, A driver has forgotten to free its pool allocations prior to unloading.
Arg2: 9707712c, name of the driver having the issue.
Arg3: 9c1faf70, verifier internal structure with driver information.
Arg4: ${arg4}, total # of (paged+nonpaged) allocations that weren't freed.
`;
  const NAME = 'verifier allocations not freed at unload';

  it.each([
    ['00000062', '00000003', 3],
    ['0000000000000062', '000000000000000b', 11],
    ['00000000`00000062', '00000000`00000010', 16],
  ])('with %s counts what a driver left at its unload', async (arg1, arg4, count) => {
    const parsed = await parse(violation(arg1, arg4));
    expect(counters(parsed)).toEqual([[1, NAME, count, 'count', null, null]]);
    expect(parsed.rows(poolCounter)[0]).toMatchObject({ line: 8, quote: expect.stringContaining(`Arg4: ${arg4}`) });
    expect(parsed.account).toEqual({ unit: 'line', read: 8, rows: 5, skipped: 0, ignored: 3 });
    expect(parsed.diagnostics).toEqual([]);
  });

  it.each([
    ['another violation', violation('00000091', '00000003')],
    ['a violation without its arguments', violation('00000062', '00000003').replace(/^Arg4.*\n/m, '')],
    ['arguments of another bugcheck', violation('00000062', '00000003').replace('VIOLATION (c4)', 'VIOLATION (c5)')],
    ['what was typed in between', violation('00000062', '00000003').replace('Arg4', '0: kd> g\nArg4')],
  ])('says nothing of %s', async (_, text) => {
    const parsed = await parse(text);
    expect(counters(parsed)).toEqual([]);
    expect(addsUp(parsed)).toBe(true);
  });
});

describe('prompts', () => {
  it.each([
    ['kd> !vm 1', '!vm 1'],
    ['0: kd> !poolused 2', '!poolused 2'],
    ['23: kd>', ''],
    ['lkd> !poolused', '!poolused'],
    ['0:035> kb', 'kb'],
    ['0:kd> !deadlock', '!deadlock'],
    ['## 0:001> !cs', '!cs'],
    ['0:000>3: kd> lm', 'lm'],
    ['kd>!analyze -v', '!analyze -v'],
    ['not kd> !vm', null],
    ['10:20:30> x', null],
  ])('%s', (text, rest) => expect(behindPrompt(text)).toBe(rest));

  it('hold several commands, with remarks', () => {
    expect(typedIn('.time; !kdexts.vm 1;!poolused /t5 2 // again')).toEqual([
      { name: '.time', args: '' },
      { name: '!vm', args: '1' },
      { name: '!poolused', args: '/t5 2' },
    ]);
    expect(typedIn('bp x "k;g"; g')).toEqual([
      { name: 'bp', args: 'x "k;g"' },
      { name: 'g', args: '' },
    ]);
  });

  it('in one line give several outputs', async () => {
    const [vm, poolused] = [VM, POOLUSED].map((text) => text.replace(/^.*\n/, ''));
    const parsed = await parse(`0: kd> !vm 4; !poolused\n${vm}${poolused}`);
    expect(tags(parsed)).toEqual(POOLUSED_TAGS);
    expect(counters(parsed)).toEqual([...VM_FIGURES, ...POOLUSED_TOTAL]);
  });
});

it('lists what nobody reads, once', async () => {
  const parsed = await parse(`Some text
0: kd> !gflag
Current NtGlobalFlag contents: 0x00000000
0: kd> .reload
0: kd> !gflag
Current NtGlobalFlag contents: 0x00000000
0: kd> !token
_TOKEN e10008f0
`);
  expect(parsed.diagnostics).toHaveLength(1);
  expect(parsed.diagnostics[0]).toMatchObject({ code: 'unread-commands', severity: 'info', count: 4, line: 1 });
  expect(parsed.diagnostics[0].examples).toEqual(['!gflag', '(no command)', '!token']);
  expect(parsed.diagnostics[0].message).toContain('!gflag (2), (no command), !token');
  expect([...parsed.events].map(([name, { count }]) => [name, count])).toEqual([
    ['(no command)', 1],
    ['!gflag', 2],
    ['!token', 1],
  ]);
  expect(parsed.account).toEqual({ unit: 'line', read: 8, rows: 0, skipped: 0, ignored: 8 });
});

it('fills only tables that are asked for', async () => {
  for (const table of ALL) {
    for (const text of TEXTS) {
      const [all, one] = [await parse(text), await parseWith(kd, { bytes: text }, {}, [table])];
      expect(addsUp(one)).toBe(true);
      if (table !== callStack) expect(one.rows(table).length).toBe(all.rows(table).length);
      if (one.rows(table).length === 0 && table !== callStack) expect(one.account.rows).toBe(0);
    }
  }
});

describe('sniff', () => {
  it.each(TEXTS)('claims %#', (text) => expect(sniffText(kd, text)).toEqual({ claims: true }));
  // Rows of memory alone could be of many tools.
  it.each(TEXTS.filter((text) => text !== PLACES))('claims %# without prompts', (text) => {
    const bare = text.replaceAll(/^.*kd>.*\n/gm, '');
    expect(sniffText(kd, bare)).toEqual({ claims: true });
    expect(sniffText(kd, bare.replaceAll('  ', '\u00a0 '))).toEqual({ claims: true });
  });
  it.each([
    '',
    'I typed !poolused at the kd> prompt',
    '12:30> lunch\n1:5> x\n',
    'Tag  Type     Allocs    Frees   Diff  Bytes\n',
    'THREAD of life\nPROCESS the data\nResource @\n',
  ])('leaves alone %j', (text) => expect(sniffText(kd, text).claims).toBe(false));
});

describe('hostile text', () => {
  it('never throws anything but TracekitError, and the account always adds up', async () => {
    await survivesDamage(parse, [...TEXTS, TEXTS.join('')], { put: anyBytes(8), maxEdits: 6 });
  });

  it('made of its own lines in any order adds up too', async () => {
    const lines = TEXTS.join('').split('\n');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...lines), { maxLength: 60 }), async (some) => {
        const parsed = await parse(some.join('\n'));
        expect(addsUp(parsed)).toBe(true);
        for (const hit of [...parsed.rows(poolHit), ...parsed.rows(poolBlock)]) {
          if (hit.stack !== null) expect(parsed.rows(callStack).some((r) => r.stack === hit.stack)).toBe(true);
        }
      }),
      { numRuns: 100 },
    );
  });

  it.each([
    ' '.repeat(900_000),
    `0: kd> !poolused\n Tag    Allocs     Used    Allocs     Used\n${'1 '.repeat(400_000)}`,
    `Pool block ${'f'.repeat(900_000)}`,
    '0: kd> '.repeat(100_000),
    `0: kd> ${'"a;'.repeat(200_000)}`,
    `0: kd> ed nt!PoolHitTag 3261654c\nChild-SP RetAddr Call Site\n${'fffff880`00001000 '.repeat(40_000)}`,
    `(${'a'.repeat(8)})   a!${'|'.repeat(500_000)}`,
    '…'.repeat(300_000),
  ])('is not held up by long lines (%#)', { timeout: 5000 }, async (text) => {
    expect(addsUp(await parse(text))).toBe(true);
  });

  it('keeps stacks, names and places bounded', { timeout: 30_000 }, async () => {
    const row = 'fffff880`00001000 fffff880`02001234 nt!ExAllocatePoolWithTag+0x82e\n';
    const stack = `0: kd> ed nt!PoolHitTag 3261654c\n0: kd> k\nChild-SP RetAddr Call Site\n${row.repeat(5000)}`;
    const deep = await parse(stack);
    expect(deep.rows(callStack).length).toBeLessThanOrEqual(256);
    expect(deep.account).toMatchObject({ rows: 5000, skipped: 0 });
    const names = Array.from({ length: 3000 }, (_, i) => `0: kd> !x${i}\ntext\n`).join('');
    expect((await parse(names)).events.size).toBeLessThanOrEqual(201);
    const hit = (i: number) => `fffff880\`${(0x10000000 + i * 100).toString(16)}  45 78 61 6d 3b c1 0f 42-c1 41\n`;
    const found = `0: kd> s -a 0 l1 "Exam"\n${Array.from({ length: 7000 }, (_, i) => hit(i)).join('')}`;
    expect((await parse(found)).rows(poolTagPlace)).toHaveLength(7000);
  });
});

it('gives the same where blocks of bytes end', { timeout: 30_000 }, async () => {
  const text = TEXTS.join('');
  const rowsOf = (parsed: Parsed, lines: number, bytes: number) =>
    ALL.map((table) =>
      parsed.rows(table).map((row) => ({ ...row, line: (row.line ?? 0) - lines, byte: (row.byte ?? 0) - bytes })),
    );
  const whole = rowsOf(await parse(text), 0, 0);
  const block = 1 << 20;
  const blank = `${' '.repeat(1023)}\n`;
  for (let at = 0; at < text.length; at += 211) {
    // Blank lines in front move the end of a block through the text.
    const front = blank.repeat((block - at) >> 10) + '\n'.repeat((block - at) & 1023);
    const parsed = await parse(front + text);
    expect(rowsOf(parsed, front.split('\n').length - 1, front.length)).toEqual(whole);
    expect(addsUp(parsed)).toBe(true);
  }
});

const KD = join(SHARED, 'kd');
const shared = existsSync(KD)
  ? ['cases', 'docs'].flatMap((folder) => readdirSync(join(KD, folder)).map((name) => join(KD, folder, name)))
  : [];
const sharedFile = (start: string) => shared.find((path) => path.includes(`/${start}`)) ?? '';

describe.skipIf(shared.length === 0)('published logs', () => {
  it('are all claimed, by this parser alone', async () => {
    expect(shared.length).toBeGreaterThan(30);
    for (const path of shared) {
      const stream = await (await inputsOf(path))[0].open();
      stream.close();
      const prefix = prefixOf(stream);
      const names = PARSERS.filter((parser) => parser.sniff(prefix).claims).map(({ name }) => name);
      expect([path, names]).toEqual([path, ['kd']]);
    }
  });

  it('hold rows of pool where they are about pool, and nowhere else', async () => {
    const counts: Record<string, number[]> = {};
    for (const path of shared) {
      const parsed = await parseWith(kd, { path }, {}, ALL);
      expect(addsUp(parsed)).toBe(true);
      expect([path, parsed.account.skipped]).toEqual([path, 0]);
      const found = ALL.map((table) => parsed.rows(table).length);
      if (found.some((n) => n > 0)) counts[path.slice(path.lastIndexOf('/') + 1).replace(/\.log$/, '')] = found;
      const lines = readFileSync(path, 'utf8').split('\n');
      for (const row of ALL.flatMap((table) => parsed.rows(table))) {
        expect(row.quote).toBe(lines[(row.line ?? 0) - 1].trim());
      }
    }
    // Frames, tags, figures, blocks, hits, places.
    expect(counts).toEqual({
      '13-explorer-process-factory': [0, 0, 35, 0, 0, 0],
      '16-spiking-thread-hooked': [0, 0, 5, 0, 0, 0],
      '19-pool-leak-part4-two-tags': [0, 7, 4, 0, 0, 4],
      '20-pool-leak-part5-poolhittag': [11, 0, 0, 0, 1, 0],
      '21-pool-leak-part6-verifier': [8, 0, 26, 11, 0, 0],
      '23-vm-commit-failures': [0, 0, 29, 0, 0, 0],
      'msdocs-verifier': [26, 0, 34, 8, 0, 0],
      'msdocs-verifier3-leak-win81': [39, 0, 28, 6, 0, 0],
      'msdocs-vm-poolused-pool-poolfind': [0, 40, 30, 34, 0, 0],
    });
  });

  it('19: one tag holds nearly all nonpaged pool, and its place was patched', async () => {
    const parsed = await parseWith(kd, { path: sharedFile('19-') });
    expect(tags(parsed)[0]).toEqual([1, 'Lea2', 'NonPagedPool', 257, 263168000, null, null]);
    expect(tags(parsed)).toContainEqual([1, 'EtwB', 'PagedPool', 4, 163840, 'nt!etw', 'Etw Buffer, Binary: nt!etw']);
    expect(counters(parsed).map(([, name, value]) => [name, value])).toEqual([
      ['poolused NonPaged Used', 281814544],
      ['poolused NonPaged Allocs', 41296],
      ['poolused Paged Used', 68102368],
      ['poolused Paged Allocs', 44077],
    ]);
    expect(places(parsed)).toEqual([
      ['Leak', 0xfffff8800496e3aan, null],
      ['Leak', 0xfffff8800496e621n, null],
      ['Lea1', 0xfffff8800496e3aan, null],
      ['Lea2', 0xfffff8800496e621n, null],
    ]);
    expect(codesOf(parsed)).toEqual(['repaired-text']);
  });

  it('20: one hit, an allocation', async () => {
    const parsed = await parseWith(kd, { path: sharedFile('20-') }, {}, ALL);
    expect(parsed.rows(poolHit).map((r) => [r.operation, r.tag, r.stack])).toEqual([['alloc', 'Lea2', 0]]);
    expect(frames(parsed)).toHaveLength(11);
    expect(frames(parsed).slice(0, 3)).toEqual([
      [0, 1, null, 'nt', "nt! ??::FNODOBFM::`string'+0x24a2a"],
      [0, 2, 0xfffff8000161090en, 'nt', 'nt!ExAllocatePoolWithTag+0x82e'],
      [0, 3, 0xfffff8800496e634n, 'myfault', 'myfault+0x1634'],
    ]);
    expect(frames(parsed)[10]).toEqual([0, 11, 0xff222384n, 'NotMyfault', 'NotMyfault+0x2384']);
    expect(parsed.account.rows).toBe(11);
  });

  it('21: ten blocks of one caller, which the log of allocations names', async () => {
    const parsed = await parseWith(kd, { path: sharedFile('21-') });
    const listed = blocks(parsed).filter((r) => r.command === 'verifier 3');
    expect(listed).toHaveLength(10);
    for (const row of listed) {
      expect(row).toMatchObject({
        bytes: 0xfb000,
        tag: 'Leak',
        driver: 'myfault.sys',
        callerAddress: 0xfffff8800447d634n,
      });
    }
    const held = counters(parsed).filter(([, name]) => name === 'verifier Current nonpaged pool bytes');
    expect(held.map(([, , value, , , driver]) => [value, driver])).toEqual([
      [10280960, null],
      [10280960, 'myfault.sys'],
    ]);
    expect(listed.reduce((sum, r) => sum + (r.bytes ?? 0), 0)).toBe(10280960);
    const attempted = counters(parsed).find(([, name]) => name === 'verifier Pool Allocations Attempted');
    expect(attempted?.[2]).toBe(11);
    const [logged] = blocks(parsed).filter((r) => r.command === 'verifier 80');
    expect(logged).toMatchObject({
      address: 0xfffffa8005400000n,
      bytes: 0xfa000,
      operation: 'alloc',
      thread: 0xfffffa80044ceb60n,
      stack: 0,
    });
    expect(frames(parsed)[2]).toEqual([0, 3, 0xfffff8800447d634n, 'myfault', 'myfault!MyfaultDeviceControl+0x358']);
  });

  it('23: commit requests that failed, and pool that did not', async () => {
    const parsed = await parseWith(kd, { path: sharedFile('23-') });
    const value = (name: string) =>
      counters(parsed)
        .find((row) => row[1] === name)
        ?.slice(2, 4);
    expect(value('failed commit requests')).toEqual([48440, 'count']);
    expect(value('NonPagedPool Max')).toEqual([37635824 * 1024, 'bytes']);
    expect(value('NonPagedPool Usage')).toEqual([212432 * 1024, 'bytes']);
    expect(value('PagedPool 1 Usage')).toEqual([16596964 * 1024, 'bytes']);
    expect(value('Commit limit')).toEqual([100650996 * 1024, 'bytes']);
    expect(value('failed pool allocations')).toBeUndefined();
  });

  it('of the documentation: a list sorted by tag with glued comments', async () => {
    const parsed = await parseWith(kd, { path: sharedFile('msdocs-vm-') });
    expect(tags(parsed)).toContainEqual([1, 'ohci', 'NonPagedPool', 1, 136, null, '1394 OHCI host controller driver']);
    expect(tags(parsed)).toContainEqual([1, 'AGP ', 'PagedPool', 2, 384, null, null]);
    expect(tags(parsed)).toContainEqual([1, 'thdd', 'PagedPool', 1, 20480, null, 'DirectDraw/3D handle manager table']);
    const found = blocks(parsed).filter((r) => r.command === 'poolfind');
    expect(found.map((r) => r.poolType)).toEqual([...Array(19).fill('NonPagedPool'), ...Array(4).fill('PagedPool')]);
    expect(found.filter((r) => r.state === 'free').map((r) => r.address)).toEqual([0x82721c00n, 0x8278b830n]);
  });

  it('of the documentation: an allocation log of a free and an allocation', async () => {
    const parsed = await parseWith(kd, { path: sharedFile('msdocs-verifier.') });
    expect(blocks(parsed).map((r) => [r.command, r.driver, r.operation])).toEqual([
      ...Array(3).fill(['verifier 3', 'videoprt.sys', null]),
      ...Array(3).fill(['verifier 3', 'usbport.sys', null]),
      ['verifier 80', null, 'free'],
      ['verifier 80', null, 'alloc'],
    ]);
  });
});
