import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wpaCsv } from '../parsers/wpa-csv.js';
import { tagOf } from '../parsers/wpa-pool/names.js';
import { pathOf } from '../parsers/wpa-pool/stacks.js';
import { wpaPool } from '../parsers/wpa-pool.js';
import { callStack } from '../src/tables/call-stack.js';
import { poolAllocation } from '../src/tables/pool-allocation.js';
import { addsUp, anyBytes, survivesDamage } from './support/damage.js';
import { codesOf, type Parsed, parseWith, sniffText } from './support/parse.js';

const sniff = (text: string | Buffer) => sniffText(wpaPool, text);
const parse = (bytes: string | Uint8Array): Promise<Parsed> => parseWith(wpaPool, { bytes });

const HEADER =
  'Type,Paged,Pool Tag,Pool Tag Module,Stack,Free Stack,Process,Thread ID,Address,Count,Size (B),Alloc Time (s),Free Time (s)';
const LEAKY = '[Root]/ntdll.dll!RtlUserThreadStart/myfault.sys!LeakPool/ntoskrnl.exe!ExAllocatePoolWithTag';
const ROWS = [
  `AIFO,Nonpaged,Leak,myfault.sys,${LEAKY},,NotMyfault.exe (1234),5678,0xFFFF800000001000,1,"4,096",1.500000,`,
  `AIFI,Paged,Irp ,,[Root]/?!?/"foo.sys!bar<int, char>",[Root]/foo.sys!<Symbols disabled>,System (4),8,0xFFFF900000002000,1,64,1.600000,2.250000`.replace(
    '[Root]/?!?/"foo.sys!bar<int, char>"',
    '"[Root]/?!?/foo.sys!bar<int, char>"',
  ),
  `AOFO,Nonpaged,MmSt (mm),nt,,,Unknown,,0xFFFF900000003000,1,"1,048,576",,`,
];
const ENGLISH = `${[HEADER, ...ROWS].join('\r\n')}\r\n`;

const NULLS = { allocUs: null, freeUs: null, process: null, pid: null, tid: null, address: null };
const EXPECTED = [
  {
    ...{ type: 'AIFO', poolType: 'NonPagedPool', tag: 'Leak', allocUs: 1_500_000, freeUs: null },
    ...{ process: 'NotMyfault.exe', pid: 1234, tid: 5678, count: 1, bytes: 4096, address: 0xffff800000001000n },
    ...{ stack: 0, freeStack: null, line: 2 },
  },
  {
    ...{ type: 'AIFI', poolType: 'PagedPool', tag: 'Irp ', allocUs: 1_600_000, freeUs: 2_250_000 },
    ...{ process: 'System', pid: 4, tid: 8, count: 1, bytes: 64, address: 0xffff900000002000n },
    ...{ stack: 1, freeStack: 2, line: 3 },
  },
  {
    ...NULLS,
    ...{ type: 'AOFO', poolType: 'NonPagedPool', tag: 'MmSt', count: 1, bytes: 1_048_576 },
    ...{ address: 0xffff900000003000n, stack: null, freeStack: null, line: 4 },
  },
];
const FRAMES = [
  [0, 1, 'ntoskrnl.exe', 'ntoskrnl.exe!ExAllocatePoolWithTag'],
  [0, 2, 'myfault.sys', 'myfault.sys!LeakPool'],
  [0, 3, 'ntdll.dll', 'ntdll.dll!RtlUserThreadStart'],
  [1, 1, 'foo.sys', 'foo.sys!bar<int, char>'],
  [1, 2, null, null],
  [2, 1, 'foo.sys', null],
];
const rowsOf = (parsed: Parsed) => parsed.rows(poolAllocation).map(({ byte: _, quote: __, ...values }) => values);
const framesOf = (parsed: Parsed) => parsed.rows(callStack).map((f) => [f.stack, f.frame, f.module, f.routine]);
/** Frames of a row's stack, outermost first. */
const pathsOf = (parsed: Parsed) =>
  parsed.rows(poolAllocation).map(({ stack }) =>
    parsed
      .rows(callStack)
      .filter((frame) => stack !== null && frame.stack === stack)
      .map(({ routine, module }) => routine ?? module ?? '?')
      .reverse()
      .join('/'),
  );

/** The same with decimal commas, grouping points and semicolons. */
const german = (row: string): string =>
  row
    .replace(/"(\d[\d,]+)"/g, (_, number: string) => number.replaceAll(',', '.'))
    .replace(/"([^"]*)"/g, (_, text: string) => text.replaceAll(',', '\u0001'))
    .replaceAll(',', ';')
    .replaceAll('\u0001', ',')
    .replace(/;(\d+)\.(\d{6})(?=;|$)/g, ';$1,$2')
    .replace(/;(\d+)\.(\d{6})(?=;|$)/g, ';$1,$2')
    .replace(/;Nonpaged;/, ';Nicht ausgelagert;')
    .replace(/;Paged;/, ';Ausgelagert;');
const GERMAN_HEADER =
  'Typ;Ausgelagert;Pool-Tag;Pooltagmodul;Stapel;Freigabestapel;Prozess;Thread ID;Adresse;Anzahl;Größe (B);Zuordnungszeit (s);Freigabezeit (s)';
const GERMAN = `${[GERMAN_HEADER, ...ROWS.map(german)].join('\r\n')}\r\n`;

describe('single allocations', () => {
  it('become rows in the order of the file, with their stacks innermost first', async () => {
    const parsed = await parse(ENGLISH);
    expect(rowsOf(parsed)).toEqual(EXPECTED);
    expect(framesOf(parsed)).toEqual(FRAMES);
    expect(parsed.rows(callStack).every(({ address }) => address === null)).toBe(true);
    expect(parsed.rows(poolAllocation).map(({ quote }) => quote)).toEqual(ROWS);
    expect(parsed.rows(callStack)[0].quote).toBe(ROWS[0]);
    expect(parsed.account).toEqual({ unit: 'record', read: 4, rows: 3, skipped: 0, ignored: 1 });
    expect(codesOf(parsed)).toEqual([]);
    expect(parsed.about).toMatchObject({ span: { startUs: null, endUs: null }, clock: { resolutionNs: 1000 } });
  });

  it.each([
    ['German headers and numbers', GERMAN],
    ['tabs', ENGLISH.replace(/("[^"]*")|,/g, (_, quoted: string | undefined) => quoted ?? '\t')],
    ['UTF-16', Buffer.from(`\ufeff${ENGLISH}`, 'utf16le')],
    ['a byte-order mark', `\ufeff${ENGLISH}`],
    ['two exports joined', `${[HEADER, ROWS[0], HEADER, ROWS[1], ROWS[2]].join('\n')}\n`],
    ['other words for pool', ENGLISH.replaceAll(',Nonpaged,', ',False,').replace(',Paged,Irp', ',True,Irp')],
    [
      'other headers',
      ENGLISH.replace('Pool Tag,', 'Tag,').replace(',Stack,', ',Alloc Stack,').replace('Process', 'Alloc Process'),
    ],
    [
      'sizes in KB',
      ENGLISH.replace('Size (B)', 'Size (KB)')
        .replace('"4,096"', '4.000')
        .replace(',64,', ',0.063,')
        .replace('"1,048,576"', '"1,024.000"'),
    ],
  ])('read the same with %s', async (what, bytes) => {
    const text = typeof bytes === 'string' ? bytes : bytes.toString('utf16le');
    expect(sniff(text)).toEqual({ claims: true });
    expect(sniffText(wpaCsv, text)).toEqual({ claims: false, why: null });
    const parsed = await parse(bytes);
    const line = (i: number): number => EXPECTED[i].line + (what === 'two exports joined' && i > 0 ? 1 : 0);
    // 0.063 KB is as near as three decimals come to 64 bytes.
    const bytesOf = (i: number): number => (what === 'sizes in KB' && i === 1 ? 65 : EXPECTED[i].bytes);
    expect(rowsOf(parsed)).toEqual(EXPECTED.map((row, i) => ({ ...row, line: line(i), bytes: bytesOf(i) })));
    expect(framesOf(parsed)).toEqual(FRAMES);
    expect(parsed.account).toMatchObject({ rows: 3, skipped: 0 });
    expect(codesOf(parsed)).toEqual([]);
  });

  it('need a tag and a size or a count, and say what else is missing', async () => {
    const parsed = await parse('Pool Tag,Count,Foo (x)\nLeak,"1,234",\nIrp,7,\n');
    expect(rowsOf(parsed)).toEqual([
      {
        ...NULLS,
        type: null,
        poolType: null,
        tag: 'Leak',
        count: 1234,
        bytes: null,
        stack: null,
        freeStack: null,
        line: 2,
      },
      {
        ...NULLS,
        type: null,
        poolType: null,
        tag: 'Irp ',
        count: 7,
        bytes: null,
        stack: null,
        freeStack: null,
        line: 3,
      },
    ]);
    expect(parsed.diagnostics).toMatchObject([
      { code: 'column-missing', message: 'the export has no column Size, Stack, Type, Paged: these stay unknown' },
      { code: 'columns-not-read', message: 'columns not read: "Foo (x)"' },
    ]);
    const nothing = await parse('Pool Tag,Count,Size (B),Paged,Type,Stack\n');
    expect(codesOf(nothing)).toEqual(['no-rows']);
  });

  it('have their impact for a size where no other was chosen, and say so', async () => {
    const header = 'Pool Tag Module,Paged,Impacting Type,Stack,Pool Tag,Count,Impacting Size (MB)';
    const parsed = await parse(
      `${header}\nACPI.sys,NonPaged,Impacting,[Root]/ACPI.sys!ACPIInit,AcpD,255,1.250\nACPI.sys,Gold,Transient,,AcpD,9,-0.500\n`,
    );
    expect(parsed.rows(poolAllocation).map((r) => [r.type, r.poolType, r.tag, r.count, r.bytes])).toEqual([
      [null, 'NonPagedPool', 'AcpD', 255, 1_310_720],
      [null, null, 'AcpD', 9, null],
    ]);
    expect(codesOf(parsed)).toEqual(['size-impacting', 'column-missing', 'pool-unknown']);
    expect(parsed.about.notes.join()).toContain('powers of 1024');
  });

  it('have counts by their life in columns of their own where these were chosen', async () => {
    const parsed = await parse(
      'Pool Tag,Paged,AIFO Count,AIFI Count,AIFO Size (B)\nLeak,False,3,"1,200",192\nIrp,True,0,7,0\n',
    );
    expect(parsed.rows(poolAllocation).map((r) => [r.tag, r.poolType, r.type, r.count, r.bytes])).toEqual([
      ['Leak', 'NonPagedPool', 'AIFI', 1200, null],
      ['Leak', 'NonPagedPool', 'AIFO', 3, 192],
      ['Irp ', 'PagedPool', 'AIFI', 7, null],
    ]);
    expect(parsed.account).toEqual({ unit: 'record', read: 3, rows: 2, skipped: 0, ignored: 1 });
  });

  it('pass over damage, and count it', async () => {
    const damaged = [
      ROWS[0].replace('"4,096"', 'many'),
      ROWS[0].replace(',Leak,', ',,'),
      ROWS[0].replace(',Leak,', ',Leaking,'),
      ROWS[0].replace(',1,"4,096"', ',,'),
      ROWS[0].slice(0, 60),
      ROWS[0].replace('1.500000', '-1.500000'),
    ];
    const parsed = await parse(`${[HEADER, ...damaged].join('\n')}\n`);
    expect(rowsOf(parsed)).toEqual([]);
    expect(parsed.account).toEqual({ unit: 'record', read: 7, rows: 0, skipped: 6, ignored: 1 });
    expect(codesOf(parsed).sort()).toEqual(['bad-number', 'field-count', 'no-size', 'tag-missing']);
  });

  it('are quoted whatever block they are in', async () => {
    const many = Array.from({ length: 20_000 }, (_, i) => ROWS[i % 3].replace('1.500000', `${i}.500000`));
    const parsed = await parse(`${[HEADER, ...many].join('\n')}\n`);
    expect(parsed.rows(poolAllocation).map(({ quote }) => quote)).toEqual(many);
    expect(parsed.rows(callStack)).toHaveLength(FRAMES.length);
  });
});

describe('grouped tables', () => {
  const TREE = [
    'Type,Pool Tag,Stack,Process,Count,Size (B)',
    'AIFO,,,,5,320',
    ',Leak,,,3,192',
    ',,[Root],,3,192',
    ',,|- ntdll.dll!RtlUserThreadStart,,2,128',
    ',,|    myfault.sys!LeakPool,,2,128',
    ',,"|    |- nt!ExAllocatePoolWithTag",,1,64',
    ',,"|    |- myfault.sys!LeakPool<itself>",,1,64',
    ',,|- ?!?,,1,64',
    ',,,System (4),1,64',
    ',Irp ,,,2,128',
    'AIFI,,,,1,16',
    ',Irp ,[Root]/nt!IoAllocateIrp,,1,16',
  ];
  const LEAVES = [
    ['AIFO', 'Leak', 'ntdll.dll!RtlUserThreadStart/myfault.sys!LeakPool/nt!ExAllocatePoolWithTag', null, 1, 64],
    ['AIFO', 'Leak', 'ntdll.dll!RtlUserThreadStart/myfault.sys!LeakPool', null, 1, 64],
    ['AIFO', 'Leak', '?', 'System', 1, 64],
    ['AIFO', 'Irp ', '', null, 2, 128],
    ['AIFI', 'Irp ', 'nt!IoAllocateIrp', null, 1, 16],
  ];
  const leaves = (parsed: Parsed) => {
    const paths = pathsOf(parsed);
    return parsed.rows(poolAllocation).map((r, i) => [r.type, r.tag, paths[i], r.process, r.count, r.bytes]);
  };

  it('count each allocation once, under all names above it', async () => {
    const parsed = await parse(`${TREE.join('\n')}\n`);
    expect(leaves(parsed)).toEqual(LEAVES);
    expect(parsed.account).toEqual({ unit: 'record', read: 13, rows: 5, skipped: 0, ignored: 8 });
    expect(codesOf(parsed)).toEqual(['column-missing', 'total-row']);
  });

  it('do so with a grand total, copied with tabs', async () => {
    const text = [TREE[0], ',,,,6,336', ...TREE.slice(1)].map((row) => row.replaceAll('"', '').replaceAll(',', '\t'));
    const parsed = await parse(`${text.join('\n')}\n`);
    expect(leaves(parsed)).toEqual(LEAVES);
    expect(addsUp(parsed)).toBe(true);
  });

  it('are told by their sums where parents’ cells are repeated', async () => {
    const parsed = await parse(
      [
        'Type,Pool Tag,Stack,Count,Size (B)',
        'AIFO,,,5,320',
        'AIFO,Leak,,3,192',
        'AIFO,Leak,[Root]/a!b,3,192',
        'AIFO,Leak,[Root]/a!b/c!d,2,128',
        'AIFO,Leak,[Root]/a!b/e!f,1,64',
        // The same names, but nothing of it adds up to it: it stands for itself.
        'AIFO,Irp,,2,128',
        'AIFO,Irp,[Root]/g!h,1,16',
        '',
      ].join('\n'),
    );
    expect(
      leaves(parsed)
        .map(([type, tag, path, , count]) => [type, tag, path, count])
        .sort(),
    ).toEqual([
      ['AIFO', 'Irp ', '', 2],
      ['AIFO', 'Irp ', 'g!h', 1],
      ['AIFO', 'Leak', 'a!b/c!d', 2],
      ['AIFO', 'Leak', 'a!b/e!f', 1],
    ]);
    expect(parsed.account).toEqual({ unit: 'record', read: 8, rows: 4, skipped: 0, ignored: 4 });
  });

  it('say so where rows are missing, or add up to more', async () => {
    const less = await parse(
      `${TREE.filter((row) => !row.includes('|- ?!?') && !row.includes('System')).join('\n')}\n`,
    );
    expect(leaves(less)).toEqual(LEAVES.filter((row) => row[2] !== '?'));
    expect(less.diagnostics.find(({ code }) => code === 'group-incomplete')).toMatchObject({
      severity: 'data-loss',
      line: 4,
    });
    const more = await parse('Pool Tag,Process,Count,Size (B)\nLeak,,1,64\n,a.exe (4),2,128\n');
    expect(more.diagnostics.find(({ code }) => code === 'grouping-unclear')).toMatchObject({
      severity: 'data-loss',
      line: 2,
    });
    expect(leaves(more).map((row) => row.slice(3))).toEqual([['a.exe', 2, 128]]);
  });

  it('refuse rows whose tag is not in the file, and sums over tags', async () => {
    const orphans = await parse(`${[TREE[0], ...TREE.slice(3)].join('\n')}\n`);
    expect(codesOf(orphans)).toContain('tag-missing');
    expect(leaves(orphans)).toEqual([[null, ...LEAVES[3].slice(1)], LEAVES[4]]);
    const sums = await parse('Type,Pool Tag,Count,Size (B)\nAIFO,,5,320\nAIFI,,1,16\n');
    expect(sums.rows(poolAllocation)).toEqual([]);
    const refused = sums.diagnostics.find(({ code }) => code === 'tag-missing');
    expect(refused).toMatchObject({ severity: 'data-loss', count: 2 });
    expect(refused?.message).toContain('needed: Pool table with the columns Pool Tag and Size or Count');
  });

  it('take single allocations for no groups, whatever their blanks', async () => {
    const parsed = await parse(
      'Type,Pool Tag,Stack,Size (B),Alloc Time (s)\nAIFO,Leak,,64,1.000000\nAIFO,Leak,[Root]/a!b,64,2.000000\n',
    );
    expect(leaves(parsed).map((row) => row[2])).toEqual(['', 'a!b']);
    expect(parsed.rows(poolAllocation).map(({ allocUs, count }) => [allocUs, count])).toEqual([
      [1e6, 1],
      [2e6, 1],
    ]);
  });
});

describe('cells', () => {
  it.each([
    ['Leak', 'Leak'],
    [' Nt ', ' Nt '],
    ['Irp', 'Irp '],
    ['Leak (unknown)', 'Leak'],
    ['Irp (nt!io)', 'Irp '],
    ['Ntff - NTFS', 'Ntff'],
    ['Io - nt', 'Io  '],
    ['0x6B61654C', 'Leak'],
    ['', null],
    ['N/A', null],
    ['Leaking', null],
  ])('the tag %j is %j', (text, tag) => expect(tagOf(text)).toBe(tag));

  it.each([
    ['', []],
    ['n/a', []],
    ['[Root]', []],
    ['[Root]/a!b/c!d', ['a!b', 'c!d']],
    ['a!b//c!d/', ['a!b', 'c!d']],
    ['[Root]/a!x::operator//c!d', ['a!x::operator/', 'c!d']],
    ['[Root]/a!x::operator/=/c!d', ['a!x::operator/=', 'c!d']],
    ['[Root]/a!operator/', ['a!operator/']],
    ['[Root]/a!myoperator/c!d', ['a!myoperator', 'c!d']],
  ])('the path %j has the frames %j', (text, frames) => expect(pathOf(text)).toEqual(frames));
});

describe('sniff', () => {
  it.each([
    'Pool Tag,Paged,Stack\nLeak,True,x\n'.replace('Stack', 'Alloc Time (s)'),
    'Paged,AIFO Count,Size (B)\nTrue,3,64\n',
  ])('says what a Pool table is missing: %j', (text) => {
    const claim = sniff(text);
    expect(!claim.claims && claim.why).toMatch(
      /^is a WPA export of the Pool table whose columns do not suffice \(it has "/,
    );
    expect(!claim.claims && claim.why).toContain('needed: Pool table with the columns Pool Tag and Size or Count');
    expect(sniffText(wpaCsv, text)).toEqual({ claims: false, why: null });
  });

  it.each([
    '',
    'a,b,c\n1,2,3\n',
    'Tag,Type,Allocs,Frees,Diff,Bytes,Per Alloc\nLeak,Nonp,1,0,1,64,64\n',
    'Tag,Size,Count\nred,3,4\n',
    'Process,Commit Type,Commit Stack,Impacting Size (MB),Size (MB)\n',
    'DPC/ISR Enter Time (s),Type,Duration (Fragmented) (ms)\n1,DPC,2\n',
  ])('leaves alone %j', (text) => expect(sniff(text)).toEqual({ claims: false, why: null }));
});

describe('hostile tables', () => {
  it('never throw anything but TracekitError, and the account always adds up', async () => {
    await survivesDamage(parse, [ENGLISH, GERMAN], { put: anyBytes(6), maxEdits: 5 });
  });

  it('account for each row, whatever the cells', async () => {
    const cells = fc.constantFrom(
      '',
      'AIFO',
      'Leak',
      '|- a!b',
      '|    c!d',
      '[Root]',
      '[Root]/a!b',
      '1',
      '64',
      'x (4)',
      '|||-',
    );
    const table = fc.array(fc.array(cells, { minLength: 6, maxLength: 6 }), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(table, async (lines) => {
        const text = ['Type,Pool Tag,Stack,Process,Count,Size (B)', ...lines.map((line) => line.join(','))].join('\n');
        expect(addsUp(await parse(`${text}\n`))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['frames', Array.from({ length: 3000 }, () => ',,|    a!b,,1,64').join('\n')],
    ['deep levels', Array.from({ length: 700 }, (_, i) => `,,${'|'.repeat(i)}- a!b,,1,64`).join('\n')],
    ['one endless path', `AIFO,Leak,${'/a!b'.repeat(200_000)},,1,64`],
    ['blanks', `AIFO,Leak,${' '.repeat(900_000)}x,,1,64`],
    ['a tag', `AIFO,${' '.repeat(900_000)},x,,1,64`],
    ['a process', `AIFO,Leak,x,${'('.repeat(900_000)},1,64`],
  ])('are not held up by %s', { timeout: 5000 }, async (_, rows) => {
    expect(addsUp(await parse(`Type,Pool Tag,Stack,Process,Count,Size (B)\n${rows}\n`))).toBe(true);
  });
});
