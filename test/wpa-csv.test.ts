import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { wpaCsv } from '../parsers/wpa-csv.js';
import { numberOf, numberText, separatorOf } from '../src/core/decimal.js';
import { dpcAggregate } from '../src/tables/dpc-aggregate.js';
import { dpcIsr } from '../src/tables/dpc-isr.js';
import { anyBytes, survivesDamage } from './support/damage.js';
import { codesOf, type Parsed, parseWith, sniffText } from './support/parse.js';
import { realFile } from './support/shared.js';

const sniff = (text: string | Buffer) => sniffText(wpaCsv, text);
const parse = (bytes: string | Uint8Array) => parseWith(wpaCsv, { bytes });

/** A DPC of 100 µs that an ISR of 20 µs interrupts (two fragments), and a later DPC on the other CPU. */
const HEADER =
  'CPU,DPC/ISR Enter Time (s),DPC/ISR Exit Time (s),Fragment Enter Time (s),Fragment Exit Time (s),Type,DPC Type,Module,' +
  'Function,Count (DPCs/ISRs),Inclusive Duration (ms),Exclusive Duration (ms),Duration (Fragmented) (ms)';
const ROWS = [
  '0,1.000000000,1.000100000,1.000000000,1.000030000,DPC,Timer,ndis.sys,ndis.sys!timer,0,0.100000,0.080000,0.030000',
  '0,1.000000000,1.000100000,1.000050000,1.000100000,DPC,Timer,ndis.sys,ndis.sys!timer,1,0.100000,0.080000,0.050000',
  '0,1.000030000,1.000050000,1.000030000,1.000050000,Interrupt,,storport.sys,RaidIsr,1,0.020000,0.020000,0.020000',
  '1,1.000010500,1.000012500,1.000010500,1.000012500,DPC,Regular,=cmd|x,,1,0.002000,0.002000,0.002000',
];
const ENGLISH = `${[HEADER, ...ROWS].join('\r\n')}\r\n`;
const quoted = (row: string) =>
  row
    .split(',')
    .map((cell) => (/^\d+\.\d+$/.test(cell) ? `"${cell.replace('.', ',')}"` : cell))
    .join(',');
const semicolons = (row: string) => row.replaceAll(',', ';').replace(/\d+\.\d+/g, (number) => number.replace('.', ','));

const inMicroseconds = ['100.0', '100.0', '20.0', '2.0'].map((us, i) => {
  const cells = ROWS[i].split(',');
  cells[10] = us;
  return cells.join(',');
});

const figures = (parsed: Parsed) =>
  parsed.rows(dpcIsr).map((r) => [r.kind, r.type, r.startUs, r.durationUs, r.cpu, r.module, r.routine]);
const EXPECTED = [
  ['DPC', 'DPC', 1000010.5, 2, 1, '=cmd|x', null],
  ['ISR', null, 1000030, 20, 0, 'storport.sys', 'storport.sys!RaidIsr'],
  ['DPC', 'TimerDPC', 1000000, 100, 0, 'ndis.sys', 'ndis.sys!timer'],
];

describe('runs', () => {
  it('folds the fragments of a run into one row, in the order in which runs ended', async () => {
    const parsed = await parse(ENGLISH);
    expect(figures(parsed)).toEqual(EXPECTED);
    expect(parsed.rows(dpcIsr).map((r) => [r.line, r.quote])).toEqual([
      [5, ROWS[3]],
      [4, ROWS[2]],
      [2, ROWS[0]],
    ]);
    expect(parsed.rows(dpcIsr)[2].byte).toBe(HEADER.length + 2);
    expect(parsed.account).toEqual({ unit: 'record', read: 5, rows: 3, skipped: 0, ignored: 2 });
    expect(codesOf(parsed)).toEqual([]);
    expect(parsed.about.clock.resolutionNs).toBe(1);
  });

  it.each([
    ['decimal commas in quotes', `${[HEADER, ...ROWS.map(quoted)].join('\n')}\n`],
    ['semicolons', `${[HEADER, ...ROWS].map(semicolons).join('\n')}\n`],
    ['tabs', `${[HEADER, ...ROWS].map((row) => row.replaceAll(',', '\t')).join('\n')}\n`],
    ['UTF-16', Buffer.from(`\ufeff${ENGLISH}`, 'utf16le')],
    ['a byte-order mark', `\ufeff${ENGLISH}`],
    [
      'German headers',
      `DPC/ISR-Eintrittszeit (s);DPC/ISR-Austrittszeit (s);Prozessor;Typ;DPC-Typ;Modul;Funktion;Anzahl (DPCs/ISRs)\n${ROWS.map(
        (row) => {
          const c = semicolons(row).split(';');
          return [c[1], c[2], c[0], c[5], c[6], c[7], c[8], c[9]].join(';');
        },
      ).join('\n')}\n`,
    ],
    [
      'columns in another order and without Count',
      `${[HEADER, ...ROWS]
        .map((row) => {
          const c = row.split(',');
          c.splice(9, 1);
          return c.reverse().join(',');
        })
        .join('\n')}\n`,
    ],
    ['two exports joined', `${[HEADER, ...ROWS.slice(0, 2), HEADER, ...ROWS.slice(2)].join('\n')}\n`],
    ['a grand total', `${[HEADER, ',,,,,,,,,3,0.122,0.102,0.102', ...ROWS].join('\n')}\n`],
    [
      'damaged µ',
      `${[HEADER.replace('Inclusive Duration (ms)', 'Inclusive Duration (\ufffds)'), ...inMicroseconds].join('\n')}\n`,
    ],
  ])('reads the same with %s', async (_, bytes) => {
    const text = typeof bytes === 'string' ? bytes : bytes.toString('utf16le');
    expect(sniff(text)).toEqual({ claims: true });
    const parsed = await parse(bytes);
    expect(figures(parsed)).toEqual(EXPECTED);
    const { read, rows, skipped, ignored } = parsed.account;
    expect(skipped).toBe(0);
    expect(read).toBe(rows + skipped + ignored);
  });

  it('keeps two runs that print the same apart by their final fragments', async () => {
    const header = 'DPC/ISR Enter Time (s),Type,Inclusive Duration (ms),Count (DPCs/ISRs)';
    const row = '1.000000000,DPC,0.050000,1';
    expect((await parse(`${header}\n${row}\n${row}\n`)).rows(dpcIsr)).toHaveLength(2);
    const without = `${header.replace(',Count (DPCs/ISRs)', '')}\n${row.slice(0, -2)}\n${row.slice(0, -2)}\n`;
    expect((await parse(without)).rows(dpcIsr)).toHaveLength(1);
  });

  it('reads the smallest export seen: enter time, type, fragmented duration', async () => {
    const parsed = await parse(
      'DPC/ISR Enter Time (s),Type,Duration (Fragmented) (ms)\n"0,500000100",DPC,"0,0301"\n"0,500000100",DPC,"0,0100"\n"0,7",Interrupt,"0,004"\n',
    );
    expect(parsed.rows(dpcIsr).map((r) => [r.kind, r.startUs, r.durationUs, r.cpu, r.module])).toEqual([
      ['DPC', 500000.1, 40.1, null, null],
      ['ISR', 700000, 4, null, null],
    ]);
    expect(codesOf(parsed)).toEqual(['column-missing', 'duration-exclusive']);
  });

  it('says that a table without rows has none', async () => {
    const parsed = await parse(`${HEADER}\n`);
    expect(codesOf(parsed)).toEqual(['no-rows']);
    expect(parsed.account).toEqual({ unit: 'record', read: 1, rows: 0, skipped: 0, ignored: 1 });
  });

  it('loses one record to a damaged quote', async () => {
    const rows = ROWS.map(quoted);
    const damaged = `${[HEADER, rows[0], rows[1], `"0,${ROWS[2]}`, rows[3]].join('\n')}\n`;
    const parsed = await parse(damaged);
    expect(figures(parsed)).toEqual([EXPECTED[0], EXPECTED[2]]);
    expect(parsed.account).toEqual({ unit: 'record', read: 5, rows: 2, skipped: 1, ignored: 2 });
    expect(parsed.diagnostics).toMatchObject([{ code: 'bad-quote', line: 4, count: 1 }]);
  });

  it('keeps a cell with a line end in one record', async () => {
    const text = `${[HEADER, ROWS[0], ROWS[1], ROWS[2].replace('RaidIsr', '"Raid\nIsr"'), ROWS[3]].join('\n')}\n`;
    const parsed = await parse(text);
    expect(parsed.account).toEqual({ unit: 'record', read: 5, rows: 3, skipped: 0, ignored: 2 });
    expect(parsed.rows(dpcIsr).map((r) => r.line)).toEqual([6, 4, 2]);
  });

  it('passes over rows cut off and decimal commas without quotes, with a diagnostic', async () => {
    const text = `${HEADER}\n${ROWS[2]}\n${ROWS[3].replaceAll('.', ',')}\n${ROWS[0].slice(0, 40)}`;
    const parsed = await parse(text);
    expect(parsed.rows(dpcIsr)).toHaveLength(1);
    expect(parsed.about.truncated).toBe(true);
    expect(parsed.diagnostics).toMatchObject([
      { code: 'field-count', severity: 'data-loss', count: 2, line: 3 },
      { code: 'last-line-cut', line: 4 },
    ]);
  });
});

describe('locale', () => {
  const table = (durations: string[], exit = '"2,000'): string =>
    `DPC/ISR Enter Time (s),DPC/ISR Exit Time (s),Type,Inclusive Duration (ms)\n${durations
      .map((d, i) => `"1,00000000${i}",${exit}00000${i}",DPC,"${d}"`)
      .join('\n')}\n`;

  it('lets exit - enter decide how durations are read', async () => {
    // 1 s = 1000 ms: `1.000` groups.
    const grouped = await parse(table(['1.000', '1.000']));
    expect(grouped.rows(dpcIsr).map((r) => r.durationUs)).toEqual([1e6, 1e6]);
    expect(codesOf(grouped)).not.toContain('number-ambiguous');
    const decimal = await parse(table(['1.000'], '"1,001'));
    expect(decimal.rows(dpcIsr).map((r) => r.durationUs)).toEqual([1000]);
  });

  it('says so where nothing decides', async () => {
    const header = 'DPC/ISR Enter Time (s);Type;Inclusive Duration (ms)\n';
    const fixed = await parse(`${header}1.234;DPC;5.909\n2.345;DPC;7.154\n`);
    expect(fixed.rows(dpcIsr).map((r) => r.durationUs)).toEqual([5909, 7154]);
    expect(codesOf(fixed)).toContain('number-ambiguous');
    expect(fixed.about.notes.join()).toContain("'.' before three digits was read as decimal separator");
    const whole = await parse(`${header}1,000000000;DPC;5.909\n2,000000000;DPC;154\n`);
    expect(whole.rows(dpcIsr).map((r) => r.durationUs)).toEqual([154000, 5909000]);
    expect(whole.about.notes.join()).toContain('digit grouping');
  });

  it('reads nothing where columns contradict each other', async () => {
    const header = 'Type,Module,DPC/ISR Enter Time (s),Inclusive Duration (ms)\n';
    // Under a decimal point the durations are seconds long, under a decimal comma the times are.
    for (const rows of ['DPC,a.sys,1.234,"2,500"\nDPC,a.sys,2.345,"3,125"\n', 'DPC,a.sys,"1,000000000",5.909\n']) {
      const parsed = await parse(header + rows);
      expect(parsed.rows(dpcIsr)).toEqual([]);
      expect(parsed.account.skipped).toBe(rows.split('\n').length - 1);
      const loss = parsed.diagnostics.filter(({ severity }) => severity === 'data-loss').map(({ code }) => code);
      expect(loss).toEqual(['number-undecided', 'number-unread']);
    }
  });

  it('decides columns that prove nothing by one that does, and by exit - enter, for the whole file', async () => {
    const header =
      'Type,DPC/ISR Enter Time (s),DPC/ISR Exit Time (s),Inclusive Duration (ms),Exclusive Duration (ms)\n';
    const proven = await parse(`${header}DPC,1.2340,2.2340,"1,000",1.234\n`);
    expect(proven.rows(dpcIsr).map((r) => [r.startUs, r.durationUs])).toEqual([[1_234_000, 1_000_000]]);
    // 1.001 s - 1.000 s = 1.000 ms; with commas it would be 1 s and 1 ms just the same: nothing is proven.
    const either = await parse(`${header}DPC,1.000,1.001,1.000,1.000\n`);
    expect(codesOf(either)).toContain('number-ambiguous');
    // 0.2 s for 200.000 ms, which is no 200 s.
    const fitting = await parse(`${header}DPC,1.000,1.200,200.000,200.000\n`);
    expect(fitting.rows(dpcIsr).map((r) => r.durationUs)).toEqual([200_000]);
  });

  it('keeps the counts of sums whose times can be read in two ways', async () => {
    const parsed = await parse(
      'Module,Count (DPCs/ISRs),Inclusive Duration (ms),Exclusive Duration (ms)\na.sys,7,1.234,"2,500"\n',
    );
    expect(parsed.rows(dpcAggregate)).toMatchObject([{ count: 7, totalUs: null, exclusiveUs: null }]);
    expect(codesOf(parsed)).toEqual(['number-undecided']);
  });

  it.each([
    ['1.234.567,5', ',', 1234567.5],
    ['1,234,567.5', '.', 1234567.5],
    ['1\u202f234,5', ',', 1234.5],
    ['1\u00a0234.5', '.', 1234.5],
    ["1'234.5", '.', 1234.5],
    ['1.234.567', ',', 1234567],
    ['0,123', ',', 0.123],
    ['1234,567', ',', 1234.567],
    ['1E-05', null, 1e-5],
    ['1,234', 'open', 1.234],
  ])('reads %s', (text, sign, value) => {
    const parts = numberText(text);
    expect(parts).not.toBeNull();
    if (parts === null) return;
    expect(separatorOf(parts.digits)).toBe(sign);
    expect(numberOf(parts, sign === '.' || sign === ',' ? sign : ',')).toBe(value);
  });

  it('refuses grouping that is none', () => {
    for (const text of ['1,2345.5', '1.5,5', '1,,5']) {
      const parts = numberText(text);
      expect(parts === null ? null : numberOf(parts, '.')).toBeNull();
    }
  });

  it('takes units from cells', async () => {
    const header = 'DPC/ISR Enter Time (s),Type,Inclusive Duration\n';
    const parsed = await parse(`${header}1.5000,DPC,12.5 µs\n2.5000,DPC,0.25 ms\n3.5000,DPC,1.5\n`);
    expect(parsed.rows(dpcIsr).map((r) => r.durationUs)).toEqual([12.5, 250, 1500]);
    expect(codesOf(parsed)).toContain('unit-assumed');
  });
});

describe('sums', () => {
  it('reads an aggregated table', async () => {
    const parsed = await parse(
      'Type,Module,Function,CPU,Count (DPCs/ISRs),Inclusive Duration (ms),Max:Inclusive Duration (ms)\n' +
        'DPC,ndis.sys,ndis.sys!a,,"1,200",34.5,0.75\nDPC,ndis.sys,,,"1,500",44.5,0.8\nInterrupt,hal.dll,,3,7,0.5,0.25\n,,,,1507,45.0,0.8\n',
    );
    expect(
      parsed.rows(dpcAggregate).map((r) => [r.kind, r.scope, r.module, r.fn, r.cpu, r.count, r.totalUs, r.maxUs]),
    ).toEqual([
      ['DPC', 'function', 'ndis.sys', 'a', null, 1200, 34500, 750],
      ['DPC', 'module', 'ndis.sys', null, null, 1500, 44500, 800],
      ['ISR', 'module-cpu', 'hal.dll', null, 3, 7, 500, 250],
    ]);
    expect(parsed.account).toEqual({ unit: 'record', read: 5, rows: 3, skipped: 0, ignored: 2 });
    expect(codesOf(parsed)).toEqual(['total-row']);
  });

  it.each([
    'Max:Inclusive Duration (ms)',
    'Max Inclusive Duration (ms)',
    'Maximum Inclusive Duration (ms)',
    'Inclusive Duration (ms) [Max]',
    'Inclusive Duration (Max) (ms)',
    'Maximum:Inclusive Duration (ms)',
  ])('reads the longest run from %s', async (max) => {
    const parsed = await parse(
      `Type,Module,Count (DPCs/ISRs),Sum Inclusive Duration (ms),${max}\nDPC,a.sys,9,1.5,0.75\n`,
    );
    expect(parsed.rows(dpcAggregate)).toMatchObject([{ count: 9, totalUs: 1500, maxUs: 750 }]);
    expect(codesOf(parsed)).toEqual([]);
  });

  it('names the columns that it does not read, once', async () => {
    const header =
      'Module,Count (DPCs/ISRs),Inclusive Duration (ms),Avg Inclusive Duration (ms),Min:Inclusive Duration (ms),Foo,% Weight';
    const parsed = await parse(`${header}\na.sys,9,1.5,0.1,0.1,x,3\nb.sys,9,1.5,0.1,0.1,x,3\n`);
    expect(parsed.diagnostics).toMatchObject([
      {
        code: 'columns-not-read',
        severity: 'info',
        count: 3,
        message: 'columns not read: "Avg Inclusive Duration (ms)", "Min:Inclusive Duration (ms)", "Foo"',
      },
    ]);
    expect(parsed.rows(dpcAggregate)).toHaveLength(2);
  });

  it('does not sum durations over fragments', async () => {
    const parsed = await parse(
      'Type,Module,Count (DPCs/ISRs),Inclusive Duration (ms)\nDPC,a.sys,0,0.1\nDPC,a.sys,1,0.1\nDPC,a.sys,1,0.3\n',
    );
    expect(parsed.rows(dpcAggregate)).toMatchObject([{ module: 'a.sys', count: 2, totalUs: 400, maxUs: 300 }]);
  });
});

describe('grouped tables', () => {
  const GROUPED = [
    'Type,Module,Function,CPU,Count (DPCs/ISRs),Inclusive Duration (ms)',
    'DPC,,,,123,13.5',
    ',ndis.sys,,,120,12.5',
    ',,ndisInterruptDpc,,100,10.5',
    ',,,0,60,6.5',
    ',,,1,40,4.0',
    ',,ndisMTimerObjectDpc,,20,2.0',
    ',Wdf01000.sys,,,3,1.0',
    'Interrupt,,,,5,0.1',
    ',i8042prt.sys,,,5,0.1',
  ];
  const sums = (parsed: Parsed) =>
    parsed.rows(dpcAggregate).map((r) => [r.kind, r.module, r.fn, r.cpu, r.count, r.totalUs, r.line]);
  const LEAVES = [
    ['DPC', 'ndis.sys', 'ndisInterruptDpc', 0, 60, 6500, 5],
    ['DPC', 'ndis.sys', 'ndisInterruptDpc', 1, 40, 4000, 6],
    ['DPC', 'ndis.sys', 'ndisMTimerObjectDpc', null, 20, 2000, 7],
    ['DPC', 'Wdf01000.sys', null, null, 3, 1000, 8],
    ['ISR', 'i8042prt.sys', null, null, 5, 100, 10],
  ];
  const addsUp = ({ account: { read, rows, skipped, ignored } }: Parsed) => expect(rows + skipped + ignored).toBe(read);

  it.each([
    ['blank', GROUPED],
    [
      'blank, copied with tabs and a grand total',
      [GROUPED[0], ',,,,128,13.6', ...GROUPED.slice(1)].map((row) => row.replaceAll(',', '\t')),
    ],
  ])('count each run once and under its own module: parents’ cells %s', async (_, lines) => {
    const parsed = await parse(`${lines.join('\n')}\n`);
    const more = lines.length - GROUPED.length;
    expect(sums(parsed)).toEqual(LEAVES.map((row) => [...row.slice(0, 6), (row[6] as number) + more]));
    expect(parsed.account).toEqual({ unit: 'record', read: 10 + more, rows: 5, skipped: 0, ignored: 5 + more });
    expect(parsed.diagnostics).toMatchObject([{ code: 'total-row', severity: 'info', count: 4 + more }]);
  });

  it('count each run once where parents’ cells are repeated', async () => {
    const parsed = await parse(
      'Type,Module,Function,CPU,Count (DPCs/ISRs),Inclusive Duration (ms)\nDPC,ndis.sys,,,120,12.5\nDPC,ndis.sys,a,,100,10.5\n' +
        'DPC,ndis.sys,a,0,60,6.5\nDPC,ndis.sys,a,1,40,4.0\nDPC,ndis.sys,b,,20,2.0\nDPC,x.sys,a,,100,10.5\n',
    );
    expect(sums(parsed).map((row) => row.slice(1, 6))).toEqual([
      ['ndis.sys', 'a', 0, 60, 6500],
      ['ndis.sys', 'a', 1, 40, 4000],
      ['ndis.sys', 'b', null, 20, 2000],
      ['x.sys', 'a', null, 100, 10500],
    ]);
    addsUp(parsed);
  });

  it('count the group alone where a part of its rows was copied', async () => {
    const parsed = await parse(`${GROUPED.filter((row) => !row.includes('Timer')).join('\n')}\n`);
    expect(sums(parsed).map((row) => row.slice(0, 6))).toEqual([
      ['DPC', 'ndis.sys', null, null, 120, 12500],
      ['DPC', 'Wdf01000.sys', null, null, 3, 1000],
      ['ISR', 'i8042prt.sys', null, null, 5, 100],
    ]);
    expect(parsed.account.skipped).toBe(3);
    const refused = parsed.diagnostics.find(({ code }) => code === 'grouping-unclear');
    expect(refused).toMatchObject({ severity: 'data-loss', line: 4, count: 3 });
    expect(refused?.message).toContain('export without grouping columns');
    addsUp(parsed);
  });

  it('keep the modules of a kind of which some are missing, and say so', async () => {
    const parsed = await parse(`${GROUPED.filter((row) => !row.includes('Wdf')).join('\n')}\n`);
    expect(sums(parsed).map((row) => row.slice(0, 5))).toEqual(
      LEAVES.filter((row) => row[1] !== 'Wdf01000.sys').map((row) => row.slice(0, 5)),
    );
    expect(codesOf(parsed)).toContain('group-incomplete');
    addsUp(parsed);
  });

  it('refuse rows whose group is not in the file, instead of calling their module unknown', async () => {
    for (const lines of [GROUPED.slice(3, 7), [...GROUPED.slice(3, 5), ...GROUPED.slice(7)]]) {
      const parsed = await parse(`${[GROUPED[0], ...lines].join('\n')}\n`);
      expect(parsed.rows(dpcAggregate).filter(({ module }) => module === null)).toEqual([]);
      expect(codesOf(parsed)).toContain('grouping-unclear');
      addsUp(parsed);
    }
  });

  it('leave blanks of tables without groups as they are', async () => {
    const parsed = await parse(
      'DPC Type,Module,Function,Count (DPCs/ISRs),Inclusive Duration (ms)\nRegular,a.sys,f,9,0.5\n,b.sys,g,8,0.4\n,c.sys,h,7,0.3\nTimer,,k,1,0.1\n',
    );
    expect(sums(parsed).map((row) => row.slice(0, 5))).toEqual([
      ['DPC', 'a.sys', 'f', null, 9],
      ['ISR', 'b.sys', 'g', null, 8],
      ['ISR', 'c.sys', 'h', null, 7],
      ['DPC', null, 'k', null, 1],
    ]);
    expect(codesOf(parsed)).toEqual([]);
  });

  it('give runs the names of the rows above', async () => {
    const parsed = await parse(
      [
        'Type,Module,Function,CPU,DPC/ISR Enter Time (s),Count (DPCs/ISRs),Inclusive Duration (ms)',
        'DPC,,,,,3,0.6',
        ',ndis.sys,,,,2,0.5',
        ',,ndisInterruptDpc,,,2,0.5',
        ',,,0,1.000000,1,0.200000',
        ',,,1,2.000000,1,0.300000',
        // A group of one run prints its time as well.
        ',a.sys,,,3.000000,1,0.100000',
        ',,f,,3.000000,1,0.100000',
        ',,,2,3.000000,1,0.100000',
        'Interrupt,b.sys,g,3,4.000000,1,0.010000',
        '',
      ].join('\n'),
    );
    expect(parsed.rows(dpcIsr).map((r) => [r.kind, r.routine, r.cpu, r.startUs, r.durationUs, r.line])).toEqual([
      ['DPC', 'ndis.sys!ndisInterruptDpc', 0, 1e6, 200, 5],
      ['DPC', 'ndis.sys!ndisInterruptDpc', 1, 2e6, 300, 6],
      ['DPC', 'a.sys!f', 2, 3e6, 100, 9],
      ['ISR', 'b.sys!g', 3, 4e6, 10, 10],
    ]);
    expect(parsed.account).toEqual({ unit: 'record', read: 10, rows: 4, skipped: 0, ignored: 6 });
    expect(codesOf(parsed)).toEqual(['total-row']);
  });

  it('never throw, and account for each row, whatever the cells', async () => {
    await survivesDamage(parse, [`${GROUPED.join('\n')}\n`], { put: anyBytes(6), maxEdits: 20 });
  });
});

describe('sniff', () => {
  it.each(['', '_DE', '_Empty'])('refuses the disk table%s', (suffix) => {
    const head = 'Disk,Process,Thread ID,Disk Service Time (µs),IO Time (µs),Size (B),Complete Time (s)\n';
    const path = realFile(`wpa-csv/Disk_Usage_Utilization_by_Disk${suffix}.csv`);
    const claim = sniff(path === null ? head : readFileSync(path));
    expect(claim).toMatchObject({ claims: false });
    expect(!claim.claims && claim.why).toMatch(
      /^is a WPA export of the Disk Usage table, not DPC\/ISR; needed: DPC\/ISR Duration table with columns /,
    );
  });

  it('names headers it does not know', () => {
    const claim = sniff('Durée DPC/ISR (ms),Heure entrée DPC/ISR (s),Processeur\n1,2,3\n');
    expect(!claim.claims && claim.why).toContain('headers not known: "Durée DPC/ISR (ms)"');
  });

  it.each([
    '',
    'a,b,c\n1,2,3\n',
    'DPC Info\n\nCPU Usage\n',
    'DPC,  TimeStamp, ElapsedTime, CPU, ServiceAddr, Image!Function\n',
  ])('leaves alone %j', (text) => expect(sniff(text)).toEqual({ claims: false, why: null }));
});

it('never throws anything but TracekitError, and the account always adds up', async () => {
  const german = `${[HEADER, ...ROWS.map(quoted)].join('\n')}\n`;
  await survivesDamage(parse, [ENGLISH, german], { put: anyBytes(6), maxEdits: 5 });
});

it.each([
  ['blanks', `DPC/ISR${' '.repeat(900_000)}`],
  ['quotes that never close', `${HEADER}\n${'"a\n'.repeat(20_000)}`],
  ['delimiters', `${HEADER}\n${','.repeat(900_000)}\n`],
])('is not held up by %s', { timeout: 5000 }, async (_, text) => {
  const { account } = await parse(text);
  expect(account.rows).toBe(0);
  expect(account.read).toBe(account.skipped + account.ignored);
});
