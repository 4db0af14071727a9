import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CorrelateReport } from '../src/correlate.js';
import { Names } from '../src/redact/names.js';
import { PLAIN_WORDS } from '../src/redact/plain-words.js';
import { redacted } from '../src/redact/redact.js';
import { redactedText } from '../src/redact/text.js';
import { isWindowsProcess, WINDOWS_ACCOUNTS, WINDOWS_MODULES } from '../src/redact/windows-names.js';
import { correlateReport } from './support/correlate-report.js';

/** Texts as a report's: all are looked at for names first. */
function texts(...given: string[]): string[] {
  const names = new Names();
  for (const text of given) redactedText(names, text);
  return given.map((text) => redactedText(names, text));
}

const one = (text: string): string => texts(text)[0];

describe('what is replaced', () => {
  it.each([
    [String.raw`Open of \\FS01\share\Logs\seg.log failed`, String.raw`Open of \\server-1\path-1.log failed`],
    [String.raw`remote:\\FS01`, String.raw`remote:\\server-1`],
    [String.raw`"\\\\FS01\\share\\x.txt"`, String.raw`"\\\\server-1\\path-1.txt"`],
    [String.raw`\\?\UNC\fs01\share\x.txt`, String.raw`\\?\UNC\server-1\path-1.txt`],
    [String.raw`\Device\Mup\fs01\share\x.txt`, String.raw`\Device\Mup\server-1\path-1.txt`],
    [
      String.raw`\Device\Mup\;LanmanRedirector\;Z:0000\fs01\share\x.txt`,
      String.raw`\Device\Mup\;LanmanRedirector\;Z:0000\server-1\path-1.txt`,
    ],
    ['//fs01/share/x.txt', '//server-1/path-1.txt'],
    ['GET https://jo:pw@build7.corp.local:8443/job?id=1, then', 'GET https://server-1:8443/path-1, then'],
    [String.raw`C:\Users\John Smith\Secret Plan.docx is open`, 'path-1.docx is open'],
    [String.raw`of "D:\Payroll 2026\q 1" by`, 'of "path-1" by'],
    [String.raw`D:\\Data\\Secret\\y.bin and c:/data/z`, 'path-1.bin and path-2'],
    [String.raw`\??\C:\Secret\f.txt`, String.raw`\??\path-1.txt`],
    [String.raw`\Device\HarddiskVolume3\Lamp\rec.dat`, 'path-1.dat'],
    [String.raw`File: \Users\zed\notes.txt`, 'File: path-1.txt'],
    [String.raw`%APPDATA%\Acme\x.ini`, 'path-1.ini'],
    ['(/home/jo/x.log)', '(path-1.log)'],
    [String.raw`CONTOSO\jsmith and CONTOSO\\jsmith`, String.raw`domain-1\user-1 and domain-1\\user-1`],
    ['user=bob, User: Alice Jones', 'user=user-1, User: user-2'],
    ["<Data Name='SubjectUserName'>eve</Data>", "<Data Name='SubjectUserName'>user-1</Data>"],
    ['Machine Name: "BUILD-7"', 'Machine Name: "host-1"'],
    ['<Computer>LAMP01.shop.example</Computer>', '<Computer>host-1</Computer>'],
    ['from 10.0.0.5:445 and fe80::1c2d:3%4', 'from ip-1:445 and ip-2'],
    ['00:1a:2b:3c:4d:5e', 'mac-1'],
    ['to bob.smith+x@mail.example.org.', 'to mail-1.'],
    ['S-1-5-21-1-2-3-1001', 'sid-1'],
    ['invoicesrv.exe (12), invoicesrv!Main and INVOICESRV', 'process-1.exe (12), process-1!Main and process-1'],
    ['“wscript.exe C:\\Scripts\\x.vbs parameters”', '“wscript.exe (arguments removed)”'],
    ['started svchost.exe -k secret --p=1', 'started svchost.exe (arguments removed)'],
    [`CommandLine: 'C:\\Apps\\foo.exe --password=x "y"'`, "CommandLine: 'process-1.exe (arguments removed)'"],
    ['<Data Name="CommandLine">cmd /c copy a b</Data>', '<Data Name="CommandLine">cmd (arguments removed)</Data>'],
    ['ping db7.corp.local failed', 'ping server-1 failed'],
  ])('%s', (text, clean) => expect(one(text)).toBe(clean));

  it('a name wherever it stands as a word once it is known', () => {
    const [, ...clean] = texts(
      'Computer: LAMP01.shop.example',
      'LAMP01: up',
      'lamp01.shop.example is down',
      String.raw`\\Lamp01\c$\x`,
      String.raw`a\nLAMP01 b\x0aLAMP01`,
      'x_lamp01_y "LAMP01"',
      'the name is LAM…',
      'LAMP012 and XLAMP01',
    );
    expect(clean).toEqual([
      'host-1: up',
      'host-1 is down',
      String.raw`\\host-1\path-1`,
      String.raw`a\nhost-1 b\x0ahost-1`,
      'x_host-1_y "host-1"',
      'the name is …',
      'LAMP012 and XLAMP01',
    ]);
  });

  it('a name that is found later in what came before', () => {
    expect(texts('zed was here', String.raw`C:\Users\zed\x.txt`)[0]).toBe('user-1 was here');
  });
});

describe('what stays', () => {
  it.each([
    'nt!KiSwapContext+0x26 netdrv!RxDpc storport.sys ntdll.dll fltmgr!FltpDispatch',
    'fffff802`0fbc0000 fffff802`0fdc0000   embersen   (deferred)',
    'THREAD 88c1d060  Cid 0208.0210  Teb: 7ff84000 Win32Thread: bc0d63f0 WAIT: (Unknown) UserMode Non-Alertable',
    '.thread /p /r 88c1d060; kv',
    "'EmCt' (nonpaged pool) leaks at 805 bytes/s: 109 blocks of 2026-03-14 09:41:07.118 and/or 10:05:11",
    String.raw`C:\Windows\System32\drivers\storport.sys and \SystemRoot\System32\ntdll.dll`,
    String.raw`\Driver\storahci \Device\RaidPort0 \Device\Harddisk1\DR1 \FileSystem\Ntfs \ThemeApiPort`,
    String.raw`HKLM\System\Select \RPC Control\port \BaseNamedObjects\x \\.\PhysicalDrive0`,
    String.raw`User: NT AUTHORITY\SYSTEM, user: unknown, User: N/A, S-1-5-18, S-1-5-32-544`,
    'svchost.exe lsass.exe explorer.exe System "svchost.exe failed with 5"',
    String.raw`WinSta0\Default C:\Windows\system32>fltmc C:\pagefile.sys PCI\VEN_1111`,
    'file version 10.0.19041.1; Debug session time: Fri May 16 06:36:33.306 2008 (UTC + 9:30)',
    'see https://learn.microsoft.com/windows-hardware/drivers/debugger',
    'localhost 127.0.0.1 ::1 std::vector<int> trace.etl@0x1f0',
  ])('%s', (text) => expect(one(text)).toBe(text));

  it('the name of a driver, also where a process is called so', () => {
    expect(texts('acme.exe', 'acme.sys', 'acme!Isr+0x1', 'acme waits')).toEqual([
      'process-1.exe',
      'acme.sys',
      'acme!Isr+0x1',
      'process-1 waits',
    ]);
  });

  it('words of the language, but for where they stand as names', () => {
    expect(texts(String.raw`C:\Users\report\x.txt`, 'this report', 'report.exe', 'user=report.jo')).toEqual([
      'path-1.txt',
      'this report',
      'user-1.exe',
      'user=user-2',
    ]);
  });
});

const report = (text: string, more: Partial<CorrelateReport> = {}): CorrelateReport => {
  const made = { ...correlateReport(), machines: [] } as unknown as CorrelateReport;
  return { ...made, ...more, result: { ...made.result, verdict: { ...made.result.verdict, statement: text } } };
};

describe('a report', () => {
  it('keeps its shape and its own words, whatever the names', () => {
    const names = ['trace.exe', 'dump.exe', 'high.exe', 'dpc-watchdog-single.exe', 'statement.exe', 'message.exe'];
    const { report: clean } = redacted(report(names.join(' ')), new Map());
    const made = report('');
    expect(shapeOf(clean)).toEqual(shapeOf(made));
    expect(clean.result.causes.map(({ cause }) => cause)).toEqual(made.result.causes.map(({ cause }) => cause));
    expect(clean.result.causes[0].points.map(({ from }) => from)).toEqual(
      made.result.causes[0].points.map(({ from }) => from),
    );
  });

  it('is left as it was, and the copy has paths of sources and arguments of processes replaced', () => {
    const made = report('dump.log says so');
    const before = JSON.stringify(made);
    const { report: clean, replaced } = redacted(made, new Map());
    expect(JSON.stringify(made)).toBe(before);
    expect(clean.sources.map(({ path }) => path)).toEqual(['path-1.csv', 'path-2.log']);
    expect(clean.result.verdict.statement).toBe('path-2.log says so');
    expect(replaced.find(({ kind }) => kind === 'path')?.count).toBeGreaterThan(1);
  });

  it('keys of records that sources name are replaced, and lines shared by places stay shared', () => {
    const shared = { firstLine: 1, lines: ['user=frida', 'frida'] };
    const states = { states: { 'sent by frida': '1', frida: '2' } };
    const made = report('', { parts: { ...correlateReport().parts, extra: states } as never });
    const { report: clean, excerpts } = redacted(
      made,
      new Map([
        ['s1:1', shared],
        ['s1:2', shared],
      ]),
    );
    expect((clean.parts as unknown as { extra: unknown }).extra).toEqual({
      states: { 'sent by user-1': '1', 'user-1': '2' },
    });
    expect(excerpts.get('s1:1')).toBe(excerpts.get('s1:2'));
    expect(excerpts.get('s1:1')?.lines).toEqual(['user=user-1', 'user-1']);
  });

  it('takes names that are given', () => {
    const { report: clean } = redacted(report('box-9 said so'), new Map(), { hosts: ['BOX-9'] });
    expect(clean.result.verdict.statement).toBe('host-1 said so');
  });
});

const shapeOf = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return typeof value;
  if (Array.isArray(value)) return value.map(shapeOf);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, shapeOf(one)]));
};

/** Names that nobody else has: they cannot be part of a word of the report. */
const secret = fc
  .tuple(
    fc.constantFrom('', 'srv-', 'Müller', 'ян', 'x_'),
    fc.stringMatching(/^[a-z]{4,9}$/),
    fc.constantFrom('zq', 'qz7', '-qx', '_vq'),
  )
  .map((parts) => parts.join(''))
  .filter(
    (name) =>
      !PLAIN_WORDS.has(name) && !WINDOWS_ACCOUNTS.has(name) && !WINDOWS_MODULES.has(name) && !isWindowsProcess(name),
  );

/** How a name comes to be known. */
const REVEALED: Readonly<Record<string, (name: string) => string>> = {
  server: (name) => `open of \\\\${name}\\share\\x.log`,
  escaped: (name) => `{"path":"\\\\\\\\${name}\\\\share\\\\x.log"}`,
  home: (name) => `"C:\\Users\\${name}\\x.docx"`,
  user: (name) => `user=${name}`,
  quoted: (name) => `UserName: "${name}"`,
  account: (name) => `SOMEDOM\\${name}`,
  domain: (name) => String.raw`${name}\someone`,
  computer: (name) => `<Computer>${name}</Computer>`,
  machine: (name) => `Machine Name: "${name}"`,
  dns: (name) => `Computer: ${name}.shop.example`,
  process: (name) => `${name}.exe (12)`,
  processPath: (name) => `C:\\Apps\\${name}.exe`,
};

const cased = (name: string, how: number): string =>
  how === 0
    ? name
    : how === 1
      ? name.toUpperCase()
      : how === 2
        ? name.toLowerCase()
        : name[0].toUpperCase() + name.slice(1);

/** Places in which a known name stands as a word. */
const AROUND: readonly ((name: string) => string)[] = [
  (name) => name,
  (name) => `"${name}"`,
  (name) => `'${name}' says`,
  (name) => `(${name}), <${name}>;[${name}]`,
  (name) => `\\x0a${name}\\x0d`,
  (name) => `a\\n${name}`,
  (name) => `x=${name}&y=1`,
  (name) => `&quot;${name}&quot;`,
  (name) => `${name}!Main+0x1`,
  (name) => `${name}.exe`,
  (name) => `the_${name}_log`,
  (name) => `${name}: ${name}.`,
  (name) => `“${name}”…`,
];

describe('a planted name', () => {
  it('is in no text any more, however it is spelled, wherever it stands', () => {
    fc.assert(
      fc.property(
        secret,
        fc.constantFrom(...Object.keys(REVEALED)),
        fc.constantFrom(...AROUND),
        fc.nat(3),
        fc.nat(3),
        fc.boolean(),
        (name, how, around, first, second, isLater) => {
          const known = REVEALED[how](cased(name, first));
          const elsewhere = around(cased(name, second));
          const clean = isLater ? texts(elsewhere, known) : texts(known, elsewhere);
          expect(clean.join('\n').toLowerCase()).not.toContain(name.toLowerCase());
        },
      ),
      { numRuns: 1500 },
    );
  });

  it('has one pseudonym in all texts and in each run', () => {
    fc.assert(
      fc.property(fc.array(secret, { minLength: 1, maxLength: 6 }), (names) => {
        const given = names.flatMap((name) => [`user=${name}`, `${name.toUpperCase()} waits`]);
        const clean = texts(...given);
        expect(texts(...given)).toEqual(clean);
        for (let i = 0; i < clean.length; i += 2) expect(clean[i + 1]).toBe(`${clean[i].slice('user='.length)} waits`);
        expect(new Set(clean).size).toBe(new Set(given.map((text) => text.toLowerCase())).size);
      }),
      { numRuns: 200 },
    );
  });

  it('any text comes through, and in time that grows with its length', () => {
    const pieces = [
      ...String.raw`\/"'<>|.:;,-_@%$&()[]{}= x0a1…ß`,
      '\\\\',
      'C:\\',
      '://',
      '::',
      'user=',
      '.exe',
      ' -a',
      'S-1-5-',
      '10.',
      '\\x0a',
      '\\u{202e}',
      '\u0130',
      '\ud83d',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 60 }), (parts) => {
        expect(typeof one(parts.join(''))).toBe('string');
      }),
      { numRuns: 3000 },
    );
    for (const piece of pieces.concat(
      'a-',
      'a.',
      'a ',
      'C:\\a ',
      "'a",
      '(a',
      '\\a',
      '/a',
      'fe80:',
      'a@a.',
      '"C:\\',
      'CommandLine: ',
      'x.exe -a ',
    )) {
      const begun = performance.now();
      one(piece.repeat(100_000 / piece.length));
      expect(performance.now() - begun, piece).toBeLessThan(1500);
    }
  });
});
