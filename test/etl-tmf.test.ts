import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readMessageHeader } from '../parsers/etl/decode/message-header.js';
import { decodeTmf, readTmf, type TmfMessage } from '../parsers/etl/decode/tmf.js';
import { TracekitError } from '../src/core/error.js';
import { Reader } from '../src/core/reader.js';

const QUEUE = '2158e7d3-9867-cde3-18b5-9713c628abdf';

/** In the form that tracepdb writes; driver, texts and lines are this test's. */
const FILE = `// PDB:  c:\\drv\\dimmer.pdb
// PDB:  Last Updated :2019-5-6:12:0:1:3 (UTC) [tracepdb]

2158E7D3-9867-CDE3-18B5-9713C628ABDF Dimmer // SRC=Queue.c MJ= MN=
#typev Queue_c2319 10 "%0%!FUNC! Handle 0x%10!p!, status %11!s! (%!LEVEL!)" //   LEVEL=TRACE_LEVEL_ERROR FLAGS=DBG_IO FUNC=Dimmer::EvtIoRead
{
hQueue, ItemPtr -- 10
status, ItemNTSTATUS -- 11
}
#typev Queue_c40 11 "%0no arguments, 100%%" //   LEVEL=4 FLAGS=DBG_INIT
{
}
#typev Queue_c77 12 "%0[%1!s!] %2!s!: %10!-6d!|%11!08X!|%12!s!|%13!.3s!|%14!I64x!" // GLOBALS=Get(1, 2) LEVEL=TRACE_LEVEL_VERBOSE FLAGS=DBG_IO FUNC=F
{
Max(a, b), ItemLong -- 10
Arg, ItemLong -- 11
irql, ItemListByte(Low,APC,DPC) -- 12
Arg, ItemWString -- 13
x ? y : z, ItemLongLongX -- 14
}, Constant
#typev Queue_c90 13 "%0%10!s! %11!s!" //   LEVEL=4 FLAGS=DBG_INIT FUNC=G
{
Arg, ItemLong -- 10
Arg, ItemMystery -- 11
Arg, ItemLong -- 12
}
#typev Queue_c91 14 "%0%10!s!"
{
this is no argument
}
00000000-1111-2222-3333-444444444444 Dimmer // SRC=Other.c MJ= MN=
#typev Other_c5 10 "plain %10!d! %3!04X! %8!d! %5!d!" //   LEVEL=2 FLAGS=X FUNC=H
{
n, ItemShort // 10
}
`;

const file = (text: string, path = 'a.tmf') => ({ path, bytes: Buffer.from(text) });
const index = readTmf([file(FILE)]);
const hex = (text: string): Reader => new Reader(Buffer.from(text.replace(/\s/g, ''), 'hex'));
const message = (number: number, guid = QUEUE): TmfMessage => index.find(guid, number) as TmfMessage;

/** The value and the text of one argument. */
function item(type: string, bytes: string, format = 's', pointerBytes: 4 | 8 = 8) {
  const text = `${QUEUE} D // SRC=a.c\n#typev a_c1 10 "%10!${format}!" // LEVEL=1\n{\nV, ${type} -- 10\n}\n`;
  const only = readTmf([file(text)]).find(QUEUE, 10) as TmfMessage;
  const decoded = decodeTmf(only, hex(bytes), pointerBytes);
  return [decoded.fields.V, decoded.text];
}

const failure = (text: string): string => {
  try {
    readTmf([file(text, 'dir/a.tmf')]);
  } catch (error) {
    expect(error).toBeInstanceOf(TracekitError);
    return (error as Error).message;
  }
  return 'no error';
};

describe('trace message format files', () => {
  it('are read message by message', () => {
    expect(index).toMatchObject({ messages: 6, duplicates: 0 });
    expect(message(10)).toEqual({
      guid: QUEUE,
      number: 10,
      name: 'Queue_c2319',
      component: 'Dimmer',
      source: 'Queue.c',
      format: '%0%!FUNC! Handle 0x%10!p!, status %11!s! (%!LEVEL!)',
      level: 'TRACE_LEVEL_ERROR',
      flags: 'DBG_IO',
      function: 'Dimmer::EvtIoRead',
      arguments: [
        { index: 10, name: 'hQueue', type: 'ItemPtr', texts: new Map() },
        { index: 11, name: 'status', type: 'ItemNTSTATUS', texts: new Map() },
      ],
      defect: null,
    });
    expect(message(11)).toMatchObject({ level: '4', function: null, arguments: [] });
    expect(message(12).arguments.map(({ name }) => name)).toEqual(['Max(a, b)', 'Arg', 'irql', 'Arg_2', 'x ? y : z']);
    expect(message(12)).toMatchObject({ level: 'TRACE_LEVEL_VERBOSE', flags: 'DBG_IO', function: 'F' });
    expect(index.find(QUEUE, 99)).toBeNull();
    expect(index.find('00000000-0000-0000-0000-000000000000', 10)).toBeNull();
  });

  it('may be UTF-16, and the first of two messages is used', () => {
    const utf16 = { path: 'b.tmf', bytes: Buffer.from(`\ufeff${FILE}`, 'utf16le') };
    expect(readTmf([utf16]).find(QUEUE, 12)).toEqual(message(12));
    expect(readTmf([file(FILE), utf16])).toMatchObject({ messages: 6, duplicates: 6 });
  });

  it('that are none, or damaged, are refused with place and remedy', () => {
    expect(failure('')).toMatch(/^dir\/a\.tmf: no trace message format file: .*tracepdb/);
    expect(failure('<xml/>\n')).toMatch(/^dir\/a\.tmf: no trace message format file/);
    expect(failure('#typev a_c1 10 "x"\n')).toMatch(/^dir\/a\.tmf:1: a message before the line of its GUID.*tracepdb/);
    expect(failure(FILE.slice(0, FILE.indexOf('status, ItemNTSTATUS')))).toMatch(
      /^dir\/a\.tmf:7: the file ends within the arguments/,
    );
    expect(failure(`${QUEUE} D\n#typev a_c1 ten "x"\n`)).toMatch(/^dir\/a\.tmf:2: not a message of the form/);
    expect(failure(`${QUEUE} D\n#typev a_c1 10 "x\n`)).toMatch(/^dir\/a\.tmf:2: the format has no end/);
    expect(failure(`${QUEUE} D\n#typev a_c1 10 "x"\n{\n#typev`)).toMatch(/^dir\/a\.tmf:4: a message begins within/);
  });
});

describe('WPP messages', () => {
  it('get the text of their format', () => {
    expect(decodeTmf(message(10), hex('78563412f67f0000 220000c0'), 8)).toEqual({
      text: 'Dimmer::EvtIoRead Handle 0x00007FF612345678, status 0xc0000022 (TRACE_LEVEL_ERROR)',
      fields: { hQueue: '0x7ff612345678', status: '0xc0000022' },
      component: 'Dimmer',
      source: 'Queue.c',
      line: 2319,
      function: 'Dimmer::EvtIoRead',
      level: 'TRACE_LEVEL_ERROR',
      flags: 'DBG_IO',
      short: false,
      stopped: null,
    });
    expect(decodeTmf(message(11), hex(''), 8).text).toBe('no arguments, 100%');
    expect(decodeTmf(message(12), hex('feffffff efbeadde 02 68006500790000 00 ffffffffffffffff'), 8)).toMatchObject({
      text: '[Dimmer] Queue_c77: -2    |DEADBEEF|DPC|hey|ffffffffffffffff',
      fields: { 'Max(a, b)': -2, Arg: -559038737, irql: 'DPC (2)', Arg_2: 'hey', 'x ? y : z': '0xffffffffffffffff' },
    });
  });

  it('take parts of the prefix from the trace where it gives them', () => {
    const other = message(10, '00000000-1111-2222-3333-444444444444');
    expect(decodeTmf(other, hex('ffff'), 8, { tid: 0x1a4, pid: 4 }).text).toBe('plain -1 01A4 4 %5!d!');
    expect(decodeTmf(other, hex('ffff'), 8).text).toBe('plain -1 %3!04X! %8!d! %5!d!');
  });

  it('read each item type', () => {
    expect(item('ItemChar', '41', 'c')).toEqual([65, 'A']);
    expect(item('ItemUChar', 'ff', 'd')).toEqual([255, '-1']);
    expect(item('ItemShort', 'feff', 'hd')).toEqual([-2, '-2']);
    expect(item('ItemUShort', 'feff', 'hu')).toEqual([65534, '65534']);
    expect(item('ItemLong', 'ffffffff', 'u')).toEqual([-1, '4294967295']);
    expect(item('ItemLong', '0a000000', '#x')).toEqual([10, '0xa']);
    expect(item('ItemLong', '0a000000', '.4X')).toEqual([10, '000A']);
    expect(item('ItemLong', 'f6ffffff', '06d')).toEqual([-10, '-00010']);
    expect(item('ItemLong', '08000000', 'o')).toEqual([8, '10']);
    expect(item('ItemULong', 'ffffffff', 'lu')).toEqual([4294967295, '4294967295']);
    expect(item('ItemLongLong', 'ffffffffffffffff', 'I64d')).toEqual([-1, '-1']);
    expect(item('ItemULongLong', 'ffffffffffffffff', 'I64u')).toEqual(['18446744073709551615', '18446744073709551615']);
    expect(item('ItemLongLongXX', 'ab00000000000000', '010I64X')).toEqual(['0xab', '00000000AB']);
    expect(item('ItemPtr', '78563412', 'p', 4)).toEqual(['0x12345678', '12345678']);
    expect(item('ItemPtr', 'feffffffffffffff', 'Id')).toEqual(['0xfffffffffffffffe', '-2']);
    expect(item('ItemDouble', '000000000000f83f')).toEqual([1.5, '1.5']);
    expect(item('ItemString', '616200')).toEqual(['ab', 'ab']);
    expect(item('ItemWString', '610062000000', '5s')).toEqual(['ab', '   ab']);
    expect(item('ItemRString', '610d0a620a00')).toEqual(['a  b', 'a  b']);
    expect(item('ItemPString', '02006162 63')).toEqual(['ab', 'ab']);
    expect(item('ItemPWString', '0400 61006200 63')).toEqual(['ab', 'ab']);
    expect(item('ItemGuid', '44332211 6655 8877 99aabbccddeeff00')[0]).toBe('11223344-5566-7788-99aa-bbccddeeff00');
    expect(item('ItemTimestamp', '00803ed5deb19d01')[1]).toBe('1970-01-01T00:00:00.0000000Z');
    expect(item('ItemWaitTime', 'f0d8ffffffffffff')).toEqual([-10000, '-10000']);
    expect(item('ItemHRESULT', '05000780')).toEqual(['0x80070005', '0x80070005']);
    expect(item('ItemWINERROR', '05000000')).toEqual([5, '5']);
    expect(item('ItemIPAddr', '7f000001')).toEqual(['127.0.0.1', '127.0.0.1']);
    expect(item('ItemIPV6Addr', 'fe80000000000000 0000000000000001')[0]).toBe('fe80::1');
    expect(item('ItemPort', '01bb')).toEqual([443, '443']);
    expect(item('ItemMACAddr', '001a2b3c4d5e')).toEqual(['00:1a:2b:3c:4d:5e', '00:1a:2b:3c:4d:5e']);
    expect(item('ItemHEXDump', '0300 aabbcc dd')).toEqual(['aabbcc', 'aabbcc']);
    expect(item('ItemSid', '0101000000000005 12000000')).toEqual(['S-1-5-18', 'S-1-5-18']);
    expect(item('ItemListLong(Off=0x10,On, Failed = 40)', '11000000')).toEqual(['On (17)', 'On']);
    expect(item('ItemListShort(false,true)', '0500')).toEqual([5, '5']);
    expect(item('ItemSetByte(1,2,3)', '89')).toEqual(['[1,bit3,bit7] (0x89)', '[1,bit3,bit7]']);
    expect(item('ItemEnum(_STATE)', 'ffffffff')).toEqual([-1, '-1']);
  });

  it('stop at an item type that is not known, and say so', () => {
    expect(decodeTmf(message(13), hex('01000000 02000000 03000000'), 8)).toMatchObject({
      text: null,
      fields: { Arg: 1, Arg_2: null, Arg_3: null },
      short: false,
      stopped: 'the type ItemMystery of Arg_2 is not known',
    });
    expect(decodeTmf(message(14), hex('01000000'), 8)).toMatchObject({
      text: null,
      fields: {},
      stopped: 'the argument in line 29 of a.tmf is not understood',
    });
  });

  it('leave null what a short payload does not hold', () => {
    expect(decodeTmf(message(10), hex('78563412f67f0000 2200'), 8)).toMatchObject({
      text: null,
      fields: { hQueue: '0x7ff612345678', status: null },
      short: true,
      stopped: null,
    });
    expect(item('ItemPString', 'ffff6162')).toEqual([null, null]);
    expect(item('ItemLong', '01000000', '9999d')[1]).toHaveLength(256);
  });

  it('give each argument for any payload and any file', () => {
    const bytes = Buffer.from(FILE);
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.constantFrom(0, 10, 33, 34, 37, 44, 49, 57, 123, 125, 255));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 6 }), fc.uint8Array({ maxLength: 64 }), (changes, payload) => {
        const copy = Buffer.from(bytes);
        for (const [at, value] of changes) copy[at] = value;
        try {
          const changed = readTmf([{ path: 'x', bytes: copy }]);
          for (let number = 10; number < 15; number++) {
            const found = changed.find(QUEUE, number);
            if (found === null) continue;
            const { fields, text, short, stopped } = decodeTmf(found, new Reader(Buffer.from(payload)), 8);
            expect(Object.keys(fields)).toHaveLength(new Set(found.arguments.map(({ name }) => name)).size);
            expect(text === null).toBe(short || stopped !== null);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(TracekitError);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('headers of WPP messages', () => {
  const all =
    '2d00 00 90 0b00 ab00 07000000 d3e75821 6798 e3cd 18b5 9713c628abdf 1122334455667708 a4010000 04000000 ff';

  it('hold what their flags name, in the documented order', () => {
    const bytes = Buffer.from(`eeee${all.replace(/\s/g, '')}`, 'hex');
    expect(readMessageHeader(bytes, 2, bytes.length)).toEqual({
      bytes: 45,
      messageNumber: 11,
      flags: 0xab,
      sequence: 7,
      guid: QUEUE,
      componentId: null,
      ticks: 0x0877665544332211n,
      tid: 0x1a4,
      pid: 4,
      pointerBytes: 8,
      payloadAt: 46,
    });
  });

  it('leave null what their flags do not name', () => {
    const bare = Buffer.from('0800000f02000000', 'hex');
    expect(readMessageHeader(bare, 0, 8)).toEqual({
      bytes: 8,
      messageNumber: 2,
      flags: 0,
      sequence: null,
      guid: null,
      componentId: null,
      ticks: null,
      tid: null,
      pid: null,
      pointerBytes: null,
      payloadAt: 8,
    });
    const component = Buffer.from('0c0000900200440009000000', 'hex');
    expect(readMessageHeader(component, 0, 12)).toMatchObject({
      componentId: 9,
      guid: null,
      pointerBytes: 4,
      payloadAt: 12,
    });
  });

  it('that do not fit in are none', () => {
    const bytes = Buffer.from(all.replace(/\s/g, ''), 'hex');
    for (let end = 0; end < 44; end++) expect(readMessageHeader(bytes, 0, end)).toBeNull();
    expect(readMessageHeader(bytes, 0, 44)).not.toBeNull();
    expect(readMessageHeader(bytes, 0, 1000)).toBeNull();
  });
});

it('what a message’s header does not say stays in its text as written', () => {
  const file = `${QUEUE} Dimmer // SRC=Queue.c MJ= MN=\n#typev Queue_c1 9 "tid %3!04X! seq %7!d! cpu %9!d!" //   LEVEL=4\n{\n}\n`;
  const message = readTmf([{ path: 'dimmer.tmf', bytes: Buffer.from(file) }]).find(QUEUE, 9) as TmfMessage;
  const unknown = decodeTmf(message, new Reader(Buffer.alloc(0)), 8, { tid: null, sequence: null, cpu: 3 });
  expect(unknown.text).toBe('tid %3!04X! seq %7!d! cpu 3');
});
