import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { poolmon } from '../parsers/poolmon.js';
import { poolCounter, poolTag } from '../src/tables/pool-snapshot.js';
import { addsUp, anyBytes, survivesDamage } from './support/damage.js';
import { codesOf, type Parsed, parseWith, sniffText } from './support/parse.js';
import { realFile } from './support/shared.js';

const sniff = (text: string | Buffer) => sniffText(poolmon, text);
const parse = (bytes: string | Uint8Array) => parseWith(poolmon, { bytes });

const HEAD = ` Memory:  100000K Avail:   40000K  PageFlts:    12   InRam Krnl: 2000K P:15000K
 Commit: 200000K Limit: 600000K Peak: 250000K            Pool N: 8000K P:27000K
`;
const COLUMNS = ' Tag  Type     Allocs            Frees            Diff   Bytes       Per Alloc\n\n';

/** A screen, made by hand. Tags with blanks in front, within and behind. */
const SCREEN = `${HEAD} System pool information
${COLUMNS} Leak Nonp       1000 (  10)       400 (   0)      600   76800 (  1280)    128
 Io   Paged        50 (   0)        50 (   0)        0       0 (     0)      0
   LS Nonp          7 (   1)         5 (   0)        2      64 (    32)     32
 Dh 1 Paged        24 (   0)        23 (   0)        1     112 (     0)    112
`;

/** The same as a log of `poolmon -n`: no changes, no title. */
const SNAPSHOT = `${HEAD}
 Tag  Type     Allocs         Frees    Diff   Bytes    Per Alloc

 Leak Nonp       1000       400       600     76800        128
 Io   Paged        50        50         0         0          0
   LS Nonp          7         5         2        64         32
 Dh 1 Paged        24        23         1       112        112
`;

const rowsOf = (parsed: Parsed) =>
  parsed.rows(poolTag).map((r) => [r.snapshot, r.tag, r.poolType, r.allocs, r.frees, r.outstanding, r.bytes]);
const ROWS = [
  [1, 'Leak', 'NonPagedPool', 1000, 400, 600, 76800],
  [1, 'Io  ', 'PagedPool', 50, 50, 0, 0],
  [1, '  LS', 'NonPagedPool', 7, 5, 2, 64],
  [1, 'Dh 1', 'PagedPool', 24, 23, 1, 112],
];
const countersOf = (parsed: Parsed) => parsed.rows(poolCounter).map((r) => [r.name, r.value, r.unit]);
const COUNTERS = [
  ['Memory', 100000 * 1024, 'bytes'],
  ['Avail', 40000 * 1024, 'bytes'],
  ['PageFlts', 12, 'count'],
  ['InRam Krnl', 2000 * 1024, 'bytes'],
  ['InRam P', 15000 * 1024, 'bytes'],
  ['Commit', 200000 * 1024, 'bytes'],
  ['Commit Limit', 600000 * 1024, 'bytes'],
  ['Commit Peak', 250000 * 1024, 'bytes'],
  ['Pool N', 8000 * 1024, 'bytes'],
  ['Pool P', 27000 * 1024, 'bytes'],
];

describe('snapshot', () => {
  it.each([
    ['a screen', SCREEN],
    ['a log of -n', SNAPSHOT],
    ['CRLF', SCREEN.replaceAll('\n', '\r\n')],
    ['UTF-16', Buffer.from(`\ufeff${SCREEN}`, 'utf16le')],
    ['an indent', SCREEN.replaceAll(/^(?=.)/gm, '    ')],
  ])('is read from %s', async (_, bytes) => {
    const parsed = await parse(bytes);
    expect(rowsOf(parsed)).toEqual(ROWS);
    expect(countersOf(parsed)).toEqual(COUNTERS);
    expect(codesOf(parsed)).toEqual([]);
    expect(parsed.about.notes).toEqual([]);
    expect(parsed.account).toMatchObject({ rows: 6, skipped: 0 });
    expect(addsUp(parsed)).toBe(true);
  });

  it('cites each row', async () => {
    const parsed = await parse(SCREEN);
    const lines = SCREEN.split('\n');
    for (const row of [...parsed.rows(poolTag), ...parsed.rows(poolCounter)]) {
      expect(row.quote).toBe(lines[(row.line ?? 0) - 1].trim());
    }
  });

  it('pads tags where blanks were collapsed, and says what is lost', async () => {
    const parsed = await parse(SCREEN.replaceAll(/ +/g, ' ').replaceAll(/^ /gm, ''));
    expect(rowsOf(parsed)).toEqual(ROWS.map((row) => (row[1] === '  LS' ? [1, 'LS  ', ...row.slice(2)] : row)));
    expect(countersOf(parsed)).toEqual(COUNTERS);
    expect(parsed.about.notes.join()).toContain('widths of the columns were lost');
  });

  it('counts snapshots by their heads, or by their column headers', async () => {
    const numbers = async (text: string) => (await parse(text)).rows(poolTag).map((r) => r.snapshot);
    const four = (n: number) => [n, n, n, n];
    expect(await numbers(SCREEN + SCREEN + SNAPSHOT)).toEqual([...four(1), ...four(2), ...four(3)]);
    const bare = SNAPSHOT.slice(HEAD.length);
    expect(await numbers(bare + bare)).toEqual([...four(1), ...four(2)]);
    expect(await numbers(SNAPSHOT.split('\n').slice(5).join('\n'))).toEqual(four(1));
  });

  it('finds its columns by the header', async () => {
    const text = ' Tag  Type     Diff     Bytes    Allocs  Frees\n Leak Nonp     600     76800      1000    400\n';
    expect(rowsOf(await parse(text))).toEqual([ROWS[0]]);
  });

  it('knows pools of sessions by the title', async () => {
    const titled = (title: string) => parse(SCREEN.replace('System', title) + SCREEN);
    const pools = ({ rows }: Parsed) => rows(poolTag).map((r) => [r.poolType, r.sessionId]);
    expect(pools(await titled('Session 7'))).toEqual([
      ...['NonPagedPoolSession', 'PagedPoolSession', 'NonPagedPoolSession', 'PagedPoolSession'].map((p) => [p, 7]),
      ...['NonPagedPool', 'PagedPool', 'NonPagedPool', 'PagedPool'].map((p) => [p, null]),
    ]);
    expect(pools(await titled('All sessions'))[0]).toEqual(['NonPagedPoolSession', null]);
  });

  it.each([
    ['[leaky.sys  -  Blocks.c]', 'leaky.sys', 'Blocks.c'],
    ['[nt!mm        - general Mm Allocations]', 'nt!mm', 'general Mm Allocations'],
    ['[<unknown>    -  a filter - old]', null, 'a filter - old'],
    ['[Gdi Objects]', null, 'Gdi Objects'],
    ['[el90xbc5]', null, 'el90xbc5'],
    ['[leaky.sys]', 'leaky.sys', null],
    ['[leaky][leaky.sys    -  timers]', 'leaky.sys', 'timers'],
    ['[leaky.sys  -  Blo', 'leaky.sys', 'Blo'],
    ['Unknown Driver', null, null],
    ['', null, null],
  ])('reads the mapped driver %j', async (text, driver, description) => {
    const parsed = await parse(
      `${COLUMNS} Leak Nonp       1000 (  10)       400 (   0)      600   76800 (  1280)    128 ${text}\n`,
    );
    expect(parsed.rows(poolTag).map((r) => [r.driver, r.description])).toEqual([[driver, description]]);
  });
});

describe('counters', () => {
  it.each([
    // Diff is right although Allocs has passed 2^32.
    ['400 4294967000 696 69600', [null, 4294967000, 696, 69600], ['wrapped-counter']],
    ['1000 1005 -5 640', [1000, 1005, null, 640], ['wrapped-counter']],
    ['1000 1005 4294967291 640', [1000, 1005, null, 640], ['wrapped-counter']],
    ['1000 400 600 -4096', [1000, 400, 600, null], ['wrapped-counter']],
    ['1000 400 600 18446744073709547520', [1000, 400, 600, null], ['wrapped-counter']],
    ['-1000 400 600 4096', [null, 400, 600, 4096], ['wrapped-counter']],
    ['1000 400 601 76800', [1000, 400, 601, 76800], ['diff-mismatch']],
    // 90000 blocks are not in 76800 bytes.
    ['1000 400 90000 76800', [1000, 400, null, 76800], ['diff-mismatch']],
  ])('%s', async (figures, expected, codes) => {
    const parsed = await parse(`${COLUMNS} Leak Nonp ${figures} 1\n`);
    expect(rowsOf(parsed)).toEqual([[1, 'Leak', 'NonPagedPool', ...expected]]);
    expect(codesOf(parsed)).toEqual(codes);
  });

  it('of the head', async () => {
    const parsed = await parse(HEAD.replace('40000K', '-40K').replace('8000K', '8000') + SCREEN);
    expect(countersOf(parsed).slice(0, 9)).toEqual(
      COUNTERS.filter(([name]) => name !== 'Pool N').map((c) => (c[0] === 'Avail' ? ['Avail', null, 'bytes'] : c)),
    );
    expect(codesOf(parsed)).toEqual(['wrapped-counter']);
  });
});

describe('times', () => {
  const timesOf = async (...stamps: string[]) => {
    const parsed = await parse(stamps.map((stamp) => `${stamp}\n${SNAPSHOT}`).join(''));
    return { parsed, times: [...new Set(parsed.rows(poolTag).map((r) => `${r.snapshot} ${r.atMs}`))] };
  };
  const AT = Date.UTC(2026, 10, 20, 10, 0, 0);
  const NOTE = 'the times of the snapshots have no zone';

  it.each([
    ['2026-11-20T11:00:00.1230000+01:00', 123],
    ['2026-11-20T10:00:00Z', 0],
    ['2026/11/20 10:00:00,5 UTC', 500],
    ['Friday, November 20, 2026 5:00 AM GMT-05:00', 0],
  ])('%s is an instant', async (stamp, ms) => {
    const { parsed, times } = await timesOf(stamp, stamp.replace('20', '20'));
    expect(times).toEqual([`1 ${AT + ms}`, `2 ${AT + ms}`]);
    expect(parsed.about.notes).toEqual([]);
    expect(parsed.about.clock).toMatchObject({ startUtc: new Date(AT + ms).toISOString(), zone: 'UTC' });
  });

  it.each([
    ['2026-11-20 10:00:00', '2026-11-20 10:30:00'],
    ['20.11.2026 10:00:00,00', '20.11.2026 10:30:00,00'],
    ['Fri 11/20/2026 10:00:00.00', 'Fri 11/20/2026 10:30:00.00'],
    ['20/11/2026 10:00:00.00', '20/11/2026 10:30:00.00'],
    ['Fri 11/20/2026\n10:00 AM', 'Fri 11/20/2026\n10:30 AM'],
    ['20 November 2026 10:00:00', '20 November 2026 10:30:00'],
  ])('%j has no zone: taken as if in UTC, and said', async (first, second) => {
    const { parsed, times } = await timesOf(first, second);
    expect(times).toEqual([`1 ${AT}`, `2 ${AT + 1_800_000}`]);
    expect(parsed.about.notes.join()).toContain(NOTE);
    expect(parsed.about.clock.startUtc).toBeNull();
    expect(parsed.about.span).toEqual({ startUs: 0, endUs: 1_800_000_000 });
  });

  it('is null where the date could be another, until one shows which it is', async () => {
    const { parsed, times } = await timesOf('05/11/2026 10:00:00', '13/11/2026 10:00:00', '01/12/2026 10:00:00');
    expect(times).toEqual(['1 null', `2 ${Date.UTC(2026, 10, 13, 10)}`, `3 ${Date.UTC(2026, 11, 1, 10)}`]);
    expect(codesOf(parsed)).toEqual(['date-ambiguous']);
    // 2026-11-05 is a Thursday, 2026-05-11 a Monday.
    expect((await timesOf('Thu 11/05/2026 10:00:00')).times).toEqual([`1 ${Date.UTC(2026, 10, 5, 10)}`]);
    expect((await timesOf('Thu 05/11/2026 10:00:00')).times).toEqual([`1 ${Date.UTC(2026, 10, 5, 10)}`]);
  });

  it('is null where it is not written as the first one is', async () => {
    const { parsed, times } = await timesOf('2026-11-20 10:00:00', '2026-11-20 10:30:00Z', '20.11.2026 11:00:00');
    expect(times).toEqual([`1 ${AT}`, '2 null', '3 null']);
    expect(codesOf(parsed)).toEqual(['time-form-mixed']);
  });

  it.each(['', 'log of 2026-11-20', '10:00:00', '2026-13-20 10:00:00', '2026-02-30 10:00:00', '2026-11-20 25:00:00'])(
    'is null after %j',
    async (stamp) => {
      const { parsed, times } = await timesOf(stamp);
      expect(times).toEqual(['1 null']);
      expect(parsed.about.span).toEqual({ startUs: null, endUs: null });
    },
  );

  it('says that times run backwards', async () => {
    const { parsed } = await timesOf('2026-11-20 10:00:00', '2026-11-20 09:00:00');
    expect(codesOf(parsed)).toEqual(['time-inversion']);
  });
});

describe('damage', () => {
  it('skips rows that lack figures, and says that a source was cut off', async () => {
    const parsed = await parse(SCREEN.replace('   76800 (  1280)    128', ''));
    expect(rowsOf(parsed)).toEqual(ROWS.slice(1));
    expect(codesOf(parsed)).toEqual(['damaged-row']);
    expect(parsed.account.skipped).toBe(1);
    const cut = await parse(SCREEN.slice(0, -8));
    expect(cut.about.truncated).toBe(true);
    expect(rowsOf(cut)).toEqual(ROWS.slice(0, 3));
  });

  it('takes prose for no row', async () => {
    const parsed = await parse(`${SCREEN}The Paged pool is fine, and so is Nonp paged.\n`);
    expect(rowsOf(parsed)).toEqual(ROWS);
    expect(codesOf(parsed)).toEqual([]);
  });

  it('keeps tags whose bytes are no text four characters wide', async () => {
    const bytes = Buffer.from(SCREEN.replace('Leak', 'L##k'));
    bytes.set([0xff, 0xfe], bytes.indexOf('##'));
    const parsed = await parse(bytes);
    expect(parsed.rows(poolTag)[0].tag).toBe('L\ufffd\ufffdk');
    expect(codesOf(parsed)).toEqual(['tag-bytes']);
  });

  it('says that there are no rows', async () => {
    expect(codesOf(await parse(HEAD))).toEqual(['no-rows']);
  });

  it('never throws anything but TracekitError, and the account always adds up', async () => {
    const stamped = `2026-11-20 10:00:00\n${SNAPSHOT}20/11/2026 10:00\n${SCREEN}`;
    await survivesDamage(parse, [SCREEN, stamped], { put: anyBytes(6), maxEdits: 6 });
  });

  it('reads each number of snapshots to as many rows', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(SCREEN, SNAPSHOT, 'some text\n'), { maxLength: 12 }), async (parts) => {
        const parsed = await parse(parts.join(''));
        const snapshots = parts.filter((part) => part !== 'some text\n').length;
        expect(parsed.rows(poolTag).map((r) => r.snapshot)).toEqual(
          Array.from({ length: snapshots * 4 }, (_, i) => Math.floor(i / 4) + 1),
        );
        expect(addsUp(parsed)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('reads the same over the edges of blocks', async () => {
    // More than a block of the source holds.
    const n = 30_000;
    const row = ' Leak Nonp       1000 (  10)       400 (   0)      600   76800 (  1280)    128\n';
    const parsed = await parse(HEAD + COLUMNS + row.repeat(n));
    expect(parsed.rows(poolTag)).toHaveLength(n);
    expect(new Set(parsed.rows(poolTag).map((r) => `${r.tag} ${r.bytes} ${r.quote}`))).toEqual(
      new Set([`Leak 76800 ${row.trim()}`]),
    );
    expect(addsUp(parsed)).toBe(true);
  });

  it.each([
    ` Memory:${' '.repeat(900_000)}`,
    ` Tag  Type${' '.repeat(900_000)}Allocs`,
    ` Leak Nonp${' 1 (  2)'.repeat(100_000)}`,
    `${COLUMNS} Leak Nonp ${' '.repeat(900_000)}1`,
    '2026-11-20 '.repeat(80_000),
    '1:'.repeat(400_000),
  ])('is not held up by long lines (%#)', { timeout: 5000 }, async (text) => {
    expect(addsUp(await parse(text))).toBe(true);
  });
});

describe('sniff', () => {
  it.each([SCREEN, SNAPSHOT, HEAD, COLUMNS, `Hello,\n\n${SCREEN}`, SCREEN.replaceAll(/ +/g, ' ')])(
    'claims %#',
    (text) => expect(sniff(text)).toEqual({ claims: true }),
  );
  it.each([
    '',
    'Tag Allocs Used Allocs Used\nLeak 1 2 3 4\n',
    'Memory: 16 GB\nAvail: 3 GB\n',
    'Memory: 16 GB, Avail: 3 GB\n',
    'a tag type allocs\n',
  ])('leaves alone %j', (text) => expect(sniff(text)).toEqual({ claims: false, why: null }));
});

const KB = 1024;
const display = realFile('poolmon/msdocs-poolmon-display-exact-widths.txt');
it.skipIf(display === null)('reads a screen of the documentation', async () => {
  const parsed = await parseWith(poolmon, { path: display ?? '' });
  expect(countersOf(parsed)).toEqual([
    ['Memory', 260620 * KB, 'bytes'],
    ['Avail', 96364 * KB, 'bytes'],
    ['PageFlts', 0, 'count'],
    ['InRam Krnl', 1916 * KB, 'bytes'],
    ['InRam P', 17856 * KB, 'bytes'],
    ['Commit', 203500 * KB, 'bytes'],
    ['Commit Limit', 640916 * KB, 'bytes'],
    ['Commit Peak', 260632 * KB, 'bytes'],
    ['Pool N', 8332 * KB, 'bytes'],
    ['Pool P', 27220 * KB, 'bytes'],
  ]);
  expect(rowsOf(parsed)).toEqual([
    [1, 'Wait', 'NonPagedPool', 3971107, 3971077, 30, 8456],
    [1, 'ObSt', 'NonPagedPool', 2791258, 2791258, 0, 0],
    [1, 'Gxlt', 'PagedPool', 1161638, 1161630, 8, 864],
    [1, 'Ustm', 'PagedPool', 1088342, 1088298, 44, 2464],
    [1, 'Io  ', 'NonPagedPool', 1021112, 1020985, 127, 91912],
    [1, 'ObSq', 'PagedPool', 967615, 967615, 0, 0],
    [1, 'Key ', 'PagedPool', 954821, 953979, 842, 87528],
    [1, 'SePa', 'NonPagedPool', 680348, 680321, 27, 3656],
  ]);
  expect(codesOf(parsed)).toEqual([]);
  expect(parsed.account).toEqual({ unit: 'line', read: 13, rows: 10, skipped: 0, ignored: 3 });
});

const mapped = realFile('poolmon/msdocs-poolmon-g-mapped-driver-exact-widths.txt');
it.skipIf(mapped === null)('reads mapped drivers of the documentation', async () => {
  const parsed = await parseWith(poolmon, { path: mapped ?? '' });
  expect(parsed.rows(poolTag).map((r) => [r.tag, r.outstanding, r.bytes, r.driver, r.description])).toEqual([
    ['NtFA', 0, 0, 'ntfs.sys', 'AttrSup.c'],
    ['NtFB', 10, 252088, 'ntfs.sys', 'BitmpSup.c'],
    ['NtFC', 10, 640, 'ntfs.sys', 'Create.c'],
    ['NtFD', 0, 0, 'ntfs.sys', 'DevioSup.c'],
    ['NtFF', 0, 0, 'ntfs.sys', 'FileInfo.c'],
    ['NtFI', 0, 0, 'ntfs.sys', 'IndexSup.c'],
    ['NtFL', 8, 27280, 'ntfs.sys', 'LogSup.c'],
    ['NtFS', 301, 80192, 'ntfs.sys', 'SecurSup.c'],
  ]);
  expect(codesOf(parsed)).toEqual([]);
});

const collapsed = realFile('poolmon/pastebin-BZryjSFN-poolmon-screen-sorted-by-bytes.txt');
it.skipIf(collapsed === null)('reads a screen whose blanks were collapsed', async () => {
  const parsed = await parseWith(poolmon, { path: collapsed ?? '' });
  const rows = rowsOf(parsed);
  expect(rows).toHaveLength(16);
  expect(rows[0]).toEqual([1, 'CM31', 'PagedPool', 76680, 49859, 26821, 122609664]);
  expect(rows[12]).toEqual([1, 'Irp ', 'NonPagedPool', 75321006, 75307341, 13665, 4645936]);
  expect(countersOf(parsed)).toContainEqual(['Pool N', 168816 * KB, 'bytes']);
  expect(countersOf(parsed)).toContainEqual(['Commit Limit', 32880828 * KB, 'bytes']);
  expect(codesOf(parsed)).toEqual([]);
  expect(parsed.account).toEqual({ unit: 'line', read: 20, rows: 18, skipped: 0, ignored: 2 });
});
