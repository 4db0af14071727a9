import { describe, expect, it } from 'vitest';
import { dateOf } from '../parsers/eventlog/dates.js';
import { eventlogText } from '../parsers/eventlog-text.js';
import { PARSERS } from '../parsers/index.js';
import { type ClockGiven, NO_CLOCK } from '../src/core/parser.js';
import { filetimeToUtc, ticksValue } from '../src/core/time.js';
import { logMessage } from '../src/tables/log-message.js';
import { addsUp, anyBytes, oneOf, survivesDamage } from './support/damage.js';
import { codesOf, type Parsed, parseWith, sniffText } from './support/parse.js';
import { realFile } from './support/shared.js';

const NS = 'http://schemas.microsoft.com/win/2004/08/events/event';
const parse = (bytes: string | Uint8Array, clock: Partial<ClockGiven> = {}) =>
  parseWith(eventlogText, { bytes }, { clock: { ...NO_CLOCK, ...clock } });
const claims = (text: string | Uint8Array): boolean => sniffText(eventlogText, text).claims;
const rowsOf = (parsed: Parsed) =>
  parsed.rows(logMessage).map((r) => [r.atUs, r.provider, r.eventId, r.level, r.message]);
const timesOf = (parsed: Parsed) => parsed.rows(logMessage).map((r) => (r.atUs === null ? null : r.atUs / 1e6));

/** Two events as wevtutil prints them. */
const WEVTUTIL = `Event[0]:
  Log Name: System
  Source: disk
  Date: 2026-11-20T10:00:00.504
  Event ID: 51
  Task: N/A
  Level: Warning
  Opcode: N/A
  Keyword: Classic
  User: N/A
  User Name: N/A
  Computer: BOX
  Description:\u0020
An error was detected on device \\Device\\Harddisk8\\DR13 during a paging operation.

Event[1]:
  Log Name: System
  Source: Microsoft-Windows-WindowsUpdateClient
  Date: 2026-11-20T09:59:58.004
  Event ID: 19
  Task: Windows Update Agent
  Level: Information
  Opcode: Info
  Keyword: Installation
  User: S-1-5-18
  User Name: NT AUTHORITY\\SYSTEM
  Computer: BOX
  Description:\u0020
Installed:
  Source: somewhere

	KB1: done
Event Xml: none

`;
const ROWS = [
  [0, 'disk', 51, 3, 'An error was detected on device \\Device\\Harddisk8\\DR13 during a paging operation.'],
  [
    -2.5e6,
    'Microsoft-Windows-WindowsUpdateClient',
    19,
    4,
    'Installed:\n  Source: somewhere\n\n\tKB1: done\nEvent Xml: none',
  ],
];

/** An event as Event Viewer copies it. */
const copied = (date: string, { xml = '', id = 51, text = 'An error\n\nwas detected.' } = {}): string =>
  `Log Name:      System\nSource:        disk\nDate:          ${date}\nEvent ID:      ${id}\nTask Category: None\n` +
  `Level:         Warning\nKeywords:      Classic\nUser:          N/A\nComputer:      BOX\nDescription:\n${text}\n` +
  (xml === '' ? '' : `Event Xml:\n${xml}\n`);

const xmlOf = (at: string, id = 51): string => `<Event xmlns="${NS}">
  <System>
    <Provider Name="Disk" />
    <EventID Qualifiers="32772">${id}</EventID>
    <Level>3</Level>
    <TimeCreated SystemTime="${at}" />
    <EventRecordID>10731</EventRecordID>
    <Execution ProcessID="4" ThreadID="640" />
    <Channel>System</Channel>
    <Computer>BOX</Computer>
  </System>
  <EventData>
    <Data>\\Device\\Harddisk8\\DR13</Data>
    <Binary>0301FF</Binary>
  </EventData>
</Event>`;

describe('wevtutil', () => {
  it.each([
    ['as printed', WEVTUTIL],
    ['CRLF', WEVTUTIL.replaceAll('\n', '\r\n')],
    ['UTF-16', Buffer.from(`\ufeff${WEVTUTIL}`, 'utf16le')],
    ['without colons', WEVTUTIL.replaceAll(']:', ']')],
    ['indented in a post', WEVTUTIL.replaceAll(/^(?=.)/gm, '    ')],
    ['behind a prompt', `C:\\>wevtutil qe System /c:2 /rd:true /f:text\n\n${WEVTUTIL}`],
  ])('%s', async (_, bytes) => {
    const parsed = await parse(bytes);
    expect(rowsOf(parsed)).toEqual(ROWS);
    expect(codesOf(parsed)).toEqual([]);
    expect(parsed.account).toMatchObject({ unit: 'record', rows: 2, skipped: 0 });
    expect(addsUp(parsed)).toBe(true);
    expect(parsed.about.clock).toMatchObject({
      startUtc: null,
      zone: null,
      startLocal: '2026-11-20T10:00:00.504',
      resolutionNs: 1e6,
    });
    expect(parsed.about.span).toEqual({ startUs: -2.5e6, endUs: 0 });
    expect(parsed.about.notes.join()).toMatch(/no zone.*newest event comes first/);
  });

  it('counts the events, not their lines', async () => {
    const parsed = await parse(WEVTUTIL);
    expect(parsed.account).toEqual({ unit: 'record', read: 2, rows: 2, skipped: 0, ignored: 0 });
    expect([...parsed.events.keys()]).toEqual(['disk/51', 'Microsoft-Windows-WindowsUpdateClient/19']);
  });

  it('cites each event', async () => {
    const [first, second] = (await parse(WEVTUTIL)).rows(logMessage);
    expect(first).toMatchObject({ line: 1, byte: 0, machine: 'BOX', channel: 'System', dataHex: null, pid: null });
    expect(second).toMatchObject({ line: 16, byte: WEVTUTIL.indexOf('Event[1]') });
    expect(first.quote).toMatch(
      /^Event\[0\]: Log Name: System Source: disk Date: 2026-11-20T10:00:00\.504 Event ID: 51 /,
    );
  });

  it('says provider and id where there is no description', async () => {
    const text = WEVTUTIL.replace(/\nAn error.*/, '\nN/A');
    expect((await parse(text)).rows(logMessage)[0].message).toBe('disk 51');
  });

  it('does not believe the Z of newer ones: it stands behind local times', async () => {
    const text = WEVTUTIL.replaceAll(/(Date: \S{23})/g, '$10000Z');
    const parsed = await parse(text);
    expect(timesOf(parsed)).toEqual([0, -2.5]);
    expect(parsed.about.clock).toMatchObject({ startUtc: null, startLocal: '2026-11-20T10:00:00.504' });
    expect(parsed.about.notes.join()).toContain('wevtutil prints Z behind times that are local');
    const told = await parse(text, { zone: 'UTC' });
    expect(told.about.clock.startUtc).toBe('2026-11-20T10:00:00.5040000Z');
  });

  it.each([
    ['zh', 'Level: 信息', 4],
    ['ru', 'Level: Сведения', 4],
    ['de', 'Level: Fehler', 2],
    ['fr', 'Level: Avertissement', 3],
    ['none', 'Level: N/A', null],
  ])('has values in the language of Windows: %s', async (_, line, level) => {
    const parsed = await parse(WEVTUTIL.replace('Level: Warning', line));
    expect(parsed.rows(logMessage)[0].level).toBe(level);
    expect(codesOf(parsed)).toEqual([]);
  });

  it('says that it does not know a level or a label', async () => {
    const parsed = await parse(
      WEVTUTIL.replace('Level: Warning', 'Level: Varoitus').replace('Opcode:', 'Toimintokoodi:'),
    );
    expect(parsed.rows(logMessage)[0].level).toBeNull();
    expect(codesOf(parsed)).toEqual(['unknown-label', 'unknown-level']);
  });
});

describe('copies of Event Viewer', () => {
  it('several, with XML behind them, which wins', async () => {
    const text = [
      copied('01/02/2026 9:58:19 AM', { xml: xmlOf('2026-01-31T22:58:19.504835000Z') }),
      copied('01/02/2026 9:58:20 AM', { xml: xmlOf('2026-01-31T22:58:20.504835100Z'), id: 7 }),
    ].join('\n');
    const parsed = await parse(text);
    expect(rowsOf(parsed)).toEqual([
      [0, 'Disk', 51, 3, 'An error\n\nwas detected.'],
      [1_000_000.1, 'Disk', 51, 3, 'An error\n\nwas detected.'],
    ]);
    expect(parsed.rows(logMessage)[0]).toMatchObject({ pid: 4, tid: 640, dataHex: '0301FF', line: 1 });
    expect(parsed.about.clock).toMatchObject({ startUtc: '2026-01-31T22:58:19.5048350Z', zone: 'UTC' });
    expect(parsed.about.notes).toEqual([]);
    expect(codesOf(parsed)).toEqual([]);
    expect(parsed.account).toEqual({ unit: 'record', read: 3, rows: 2, skipped: 0, ignored: 1 });
  });

  it('tells descriptions that look like heads from heads', async () => {
    const text = 'Log Name: System\nwas cleared.\nEvent Xml:\nLog Name: x';
    const parsed = await parse(copied('21/07/2026 9:58:19', { text }) + copied('21/07/2026 9:58:20'));
    expect(parsed.rows(logMessage).map((r) => r.message)).toEqual([text, 'An error\n\nwas detected.']);
    expect(addsUp(parsed)).toBe(true);
  });

  it('takes XML that a browser folded, in a line, or alone', async () => {
    const folded = xmlOf('2026-01-31T22:58:19Z').replaceAll(/^( *)(?=<(?:Event|System|EventData)\b)/gm, '$1- ');
    const inLine = xmlOf('2026-01-31T22:58:20Z').replaceAll(/\n\s*/g, '');
    const parsed = await parse(
      `Look:\n${copied('x', { xml: folded })}and\n${copied('x', { xml: inLine })}\n${folded}\nBye.\n`,
    );
    expect(timesOf(parsed)).toEqual([0, 1, 0]);
    expect(parsed.rows(logMessage)[2].message).toBe('Disk 51: \\Device\\Harddisk8\\DR13');
    expect(codesOf(parsed)).toEqual([]);
    expect(parsed.account).toMatchObject({ rows: 3, ignored: 4 });
  });

  it('takes the text where the XML cannot be read', async () => {
    const parsed = await parse(
      copied('21/07/2026 9:58:19', { xml: xmlOf('2026-07-21T07:58:19Z').replace('</System>', '') }),
    );
    expect(rowsOf(parsed)).toEqual([[0, 'disk', 51, 3, 'An error\n\nwas detected.']]);
    expect(codesOf(parsed)).toEqual(['bad-event-xml']);
    expect(parsed.about.clock.startLocal).toBe('2026-07-21T09:58:19.000');
  });

  const LANGUAGES: readonly (readonly [string, string])[] = [
    [
      'de',
      'Protokollname: System|Quelle:        disk|Datum:         20.11.2026 10:00:00|Ereignis-ID:   51|Aufgabenkategorie:Keine|Ebene:         Warnung|Schlüsselwörter:Klassisch|Benutzer:      Nicht zutreffend|Computer:      BOX|Beschreibung:',
    ],
    [
      'fr',
      'Nom du journal :System|Source :       disk|Date :         20/11/2026 10:00:00|ID de l’événement :51|Catégorie de la tâche :Aucun|Niveau :       Avertissement|Mots clés :    Classique|Utilisateur :  N/A|Ordinateur :   BOX|Description :',
    ],
    [
      'es',
      'Nombre de registro:System|Origen:        disk|Fecha:         20/11/2026 10:00:00|Id. del evento:51|Categoría de la tarea:Ninguno|Nivel:         Advertencia|Palabras clave:Clásico|Usuario:       No disponible|Equipo:        BOX|Descripción:',
    ],
    [
      'it',
      'Nome registro: System|Origine:       disk|Data:          20/11/2026 10:00:00|ID evento:     51|Categoria attività:Nessuna|Livello:       Avviso|Parole chiave: Classico|Utente:        N/D|Computer:      BOX|Descrizione:',
    ],
    [
      'pt',
      'Nome do Log:   System|Fonte:         disk|Data:          20/11/2026 10:00:00|Identificação do Evento:51|Categoria da Tarefa:Nenhum|Nível:         Aviso|Palavras-chave:Clássico|Usuário:       N/D|Computador:    BOX|Descrição:',
    ],
    [
      'ru',
      'Имя журнала:   System|Источник:      disk|Дата:          20.11.2026 10:00:00|Код события:   51|Категория задачи:Отсутствует|Уровень:       Предупреждение|Ключевые слова:Классический|Пользователь:  Н/Д|Компьютер:     BOX|Описание:',
    ],
    [
      'ja',
      'ログの名前:         System|ソース:           disk|日付:            2026/11/20 10:00:00|イベント ID:       51|タスクのカテゴリ:      なし|レベル:           警告|キーワード:         クラシック|ユーザー:          N/A|コンピューター:       BOX|説明:',
    ],
    [
      'zh',
      '日志名称:          System|来源:            disk|日期:            2026/11/20 10:00:00|事件 ID:         51|任务类别:          无|级别:            警告|关键字:           经典|用户:            暂缺|计算机:           BOX|描述:',
    ],
    [
      'ko',
      '로그 이름:         System|원본:            disk|날짜:            2026-11-20 오전 10:00:00|이벤트 ID:        51|작업 범주:         없음|수준:            경고|키워드:           클래식|사용자:           해당 없음|컴퓨터:           BOX|설명:',
    ],
  ];
  it.each(LANGUAGES)('in other languages: %s', async (_, head) => {
    const text = `${head.replaceAll('|', '\n')}\nText.\n`;
    expect(claims(text)).toBe(true);
    const parsed = await parse(text + text.replace('10:00:00', '10:00:05'));
    expect(rowsOf(parsed)).toEqual([
      [0, 'disk', 51, 3, 'Text.'],
      [5e6, 'disk', 51, 3, 'Text.'],
    ]);
    expect(parsed.rows(logMessage)[0]).toMatchObject({ machine: 'BOX', channel: 'System' });
    expect(parsed.about.clock.startLocal).toBe('2026-11-20T10:00:00.000');
    expect(codesOf(parsed)).toEqual([]);
  });
});

describe('dates', () => {
  const shown = (text: string) => {
    const date = dateOf(text);
    const utc = (ticks: Parameters<typeof ticksValue>[0]) => filetimeToUtc(ticksValue(ticks)).slice(0, 23);
    if (date === null) return null;
    return date.sure === null ? [date.readings?.dmy, date.readings?.mdy].map((t) => t && utc(t)) : utc(date.sure);
  };

  it.each([
    ['2026-11-20T10:00:00.504', '2026-11-20T10:00:00.504'],
    ['2026-11-20T10:00:00.5040000Z', '2026-11-20T10:00:00.504'],
    ['20.11.2026 10:00:00', '2026-11-20T10:00:00.000'],
    ['05.11.2026 10:00:00', '2026-11-05T10:00:00.000'],
    ['2026. 11. 20. 10:00:00', '2026-11-20T10:00:00.000'],
    ['2026/11/20 上午 10:00:00', '2026-11-20T10:00:00.000'],
    ['2026-11-20 오후 1:00:00', '2026-11-20T13:00:00.000'],
    ['\u200e11/20/2026 12:00:00\u202fAM', '2026-11-20T00:00:00.000'],
    ['20/11/2026 9:58:19 p. m.', '2026-11-20T21:58:19.000'],
    ['20.11.2026 9.58.19', '2026-11-20T09:58:19.000'],
    ['20-11-2026 10:00:00', '2026-11-20T10:00:00.000'],
    ['05/05/2026 10:00:00', '2026-05-05T10:00:00.000'],
    ['1/2/2026 10:00:00 AM', ['2026-02-01T10:00:00.000', '2026-01-02T10:00:00.000']],
    ['01-02-2026 10:00:00', ['2026-02-01T10:00:00.000', '2026-01-02T10:00:00.000']],
    ['31/02/2026 10:00:00', null],
    ['20.11.26 10:00:00', null],
    ['20/11/2569 10:00:00', null],
    ['20/11/2026', null],
    ['20/11/2026 25:00:00', null],
    ['20/11/2026 13:00:00 PM', null],
    ['20/11/2026 10:00:00 XY', null],
    ['yesterday', null],
    ['', null],
  ])('%j', (text, expected) => expect(shown(text)).toEqual(expected));

  it('one with a part above 12 decides for all, also for those before it', async () => {
    const dmy = await parse([copied('01/02/2026 10:00:00'), copied('13/02/2026 10:00:00')].join(''));
    expect(timesOf(dmy)).toEqual([0, 12 * 86_400]);
    const mdy = await parse([copied('01/02/2026 10:00:00'), copied('01/13/2026 10:00:00')].join(''));
    expect(timesOf(mdy)).toEqual([0, 11 * 86_400]);
    expect([...codesOf(dmy), ...codesOf(mdy)]).toEqual([]);
  });

  it('XML beside one date decides for all, and gives the zone', async () => {
    const texts = [
      copied('01/02/2026 10:00:00'),
      copied('01/02/2026 10:00:10', { xml: xmlOf('2026-02-01T02:00:10Z') }),
      copied('03/02/2026 10:00:00'),
    ];
    const parsed = await parse(texts.join(''));
    expect(timesOf(parsed)).toEqual([0, 10, 2 * 86_400]);
    expect(parsed.about.clock.startLocal).toBe('2026-02-01T10:00:00.000');
    expect(parsed.about.notes.join()).toContain('+480 minutes');
    const other = await parse([texts[1], texts[0], texts[2]].join(''));
    expect(timesOf(other)).toEqual([0, -10, 2 * 86_400 - 10]);
    expect(other.about.clock.startUtc).toBe('2026-02-01T02:00:10.0000000Z');
  });

  it('are null where nothing tells, with the remedy', async () => {
    const text = [copied('01/02/2026 10:00:00'), copied('03/02/2026 10:00:00')].join('');
    const parsed = await parse(text);
    expect(timesOf(parsed)).toEqual([null, null]);
    expect(parsed.diagnostics).toMatchObject([{ code: 'date-ambiguous', severity: 'warning', count: 2 }]);
    expect(parsed.diagnostics[0].message).toContain('--date-order dmy');
    expect(parsed.about.span).toEqual({ startUs: null, endUs: null });
    expect(timesOf(await parse(text, { dateOrder: 'dmy' }))).toEqual([0, 2 * 86_400]);
    expect(timesOf(await parse(text, { dateOrder: 'mdy' }))).toEqual([0, 59 * 86_400]);
  });

  it('of both orders are read as they can be, which is said', async () => {
    const parsed = await parse([copied('13/02/2026 10:00:00'), copied('02/14/2026 10:00:00')].join(''));
    expect(timesOf(parsed)).toEqual([0, 86_400]);
    expect(codesOf(parsed)).toEqual(['date-order-mixed']);
  });

  it('are instants where the zone is given, also over a change of the clock', async () => {
    const text = [copied('24.10.2026 12:00:00'), copied('25.10.2026 12:00:00')].join('');
    const parsed = await parse(text, { zone: 'Europe/Berlin' });
    expect(timesOf(parsed)).toEqual([0, 25 * 3600]);
    expect(parsed.about.clock).toMatchObject({ startUtc: '2026-10-24T10:00:00.0000000Z', zone: 'UTC' });
    expect((await parse(text, { zone: '+02:00' })).about.clock.startUtc).toBe('2026-10-24T10:00:00.0000000Z');
    expect(codesOf(await parse(text, { zone: 'Nowhere/Else' }))).toEqual(['unknown-zone']);
  });

  it('without a zone beside XML that no text tells apart are left out', async () => {
    const parsed = await parse(
      `${copied('x', { xml: xmlOf('2026-02-01T02:00:10Z') })}${copied('13/02/2026 10:00:00')}`,
    );
    expect(timesOf(parsed)).toEqual([0, null]);
    expect(codesOf(parsed)).toEqual(['time-form-mixed']);
  });

  it('that cannot be read are null', async () => {
    const parsed = await parse(copied('yesterday') + copied('13/02/2026 10:00:00'));
    expect(timesOf(parsed)).toEqual([null, 0]);
    expect(codesOf(parsed)).toEqual(['bad-time']);
  });

  it('wait for one that decides, but not for ever', async () => {
    const n = 20_500;
    const head = 'Level,Date and Time,Source,Event ID,Task Category\n';
    const rows = 'Error,1/2/2026 10:00:00 AM,disk,7,None,bad\n'.repeat(n);
    const parsed = await parse(`${head}${rows}Error,1/13/2026 10:00:00 AM,disk,7,None,bad\n`);
    expect(parsed.account.rows).toBe(n + 1);
    expect(timesOf(parsed).filter((at) => at !== null)).toEqual([0]);
    expect(codesOf(parsed)).toEqual(['date-ambiguous']);
  });
});

describe('tables', () => {
  const CSV = `\ufeffLevel,Date and Time,Source,Event ID,Task Category
Warning,11/20/2026 10:00:00 AM,disk,51,None,"An error, was ""detected"".

Second paragraph, with a comma.
"
Information,11/20/2026 9:59:58 AM,Service Control Manager,7036,None,The Spooler, service stopped.
Error,11/20/2026 9:59:57 AM,disk,7,None
`;
  const TABLE = [
    [0, 'disk', 51, 3, 'An error, was "detected".\n\nSecond paragraph, with a comma.'],
    [-2e6, 'Service Control Manager', 7036, 4, 'The Spooler, service stopped.'],
    [-3e6, 'disk', 7, 2, 'disk 7'],
  ];

  it.each([
    ['CSV', CSV],
    ['CRLF', CSV.replaceAll('\n', '\r\n')],
    ['tabs', CSV.replaceAll(/,(?=\S)/g, '\t')],
    ['UTF-16', Buffer.from(CSV, 'utf16le')],
  ])('%s', async (name, bytes) => {
    const parsed = await parse(bytes);
    expect(rowsOf(parsed)).toEqual(TABLE);
    expect(codesOf(parsed)).toEqual([]);
    expect(parsed.account).toEqual({ unit: 'record', read: 4, rows: 3, skipped: 0, ignored: 1 });
    expect(parsed.rows(logMessage).map((r) => r.line)).toEqual([2, 6, 7]);
    if (name === 'CSV') expect(parsed.rows(logMessage)[0].quote).toMatch(/^Warning,11\/20\/2026 .* Second paragraph/);
  });

  it.each([
    ['Ebene,Datum und Uhrzeit,Quelle,Ereignis-ID,Aufgabenkategorie', 'Warnung,20.11.2026 10:00:00,disk,51,Keine,x'],
    [
      'Niveau,Date et heure,Source,ID de l’événement,Catégorie de la tâche',
      'Avertissement,20/11/2026 10:00:00,disk,51,Aucun,x',
    ],
    ['レベル,日付と時刻,ソース,イベント ID,タスクのカテゴリ', '警告,2026/11/20 10:00:00,disk,51,なし,x'],
    [
      '"Level";"Date and Time";"Source";"Event ID";"Task Category"',
      '"Warning";"11/20/2026 10:00:00 AM";"disk";"51";"None";"x"',
    ],
    ['Date and Time,Event ID,Source,Level,Description', '11/20/2026 10:00:00 AM,51,disk,Warning,x'],
  ])('by its head: %s', async (head, row) => {
    const text = `${head}\n${row}\n`;
    expect(claims(text)).toBe(true);
    expect(rowsOf(await parse(text))).toEqual([[0, 'disk', 51, 3, 'x']]);
  });

  it('takes more columns', async () => {
    const head = 'Keywords,Date and Time,Source,Event ID,Task Category,Computer,Log,Process ID,Thread ID,Processor ID';
    const [row] = (
      await parse(`${head}\nAudit Success,11/20/2026 10:00:00 AM,s,4624,Logon,BOX,Security,8,12,3,x\n`)
    ).rows(logMessage);
    expect(row).toMatchObject({
      level: null,
      machine: 'BOX',
      channel: 'Security',
      pid: 8,
      tid: 12,
      cpu: 3,
      message: 'x',
    });
  });

  it('a quote that is not closed costs no other row', async () => {
    const parsed = await parse(CSV.replace('comma.\n"', 'comma.'));
    expect(rowsOf(parsed)).toEqual(TABLE);
    expect(codesOf(parsed)).toEqual(['bad-quote']);
  });

  it('skips what is no row', async () => {
    const parsed = await parse(CSV.replace('Warning,11/20', 'nonsense\nWarning,11/20').replace(',7036,', ',x,'));
    expect(rowsOf(parsed).map((row) => row[2])).toEqual([51, 7]);
    expect(codesOf(parsed)).toEqual(['damaged-row', 'damaged-event']);
    expect(parsed.account).toMatchObject({ rows: 2, skipped: 2 });
    expect(addsUp(parsed)).toBe(true);
  });
});

describe('damage', () => {
  it('a head that was cut costs its event', async () => {
    const parsed = await parse(`${copied('13/02/2026 10:00:00').slice(0, 60)}\n${copied('13/02/2026 10:00:01')}`);
    expect(parsed.rows(logMessage)).toHaveLength(1);
    expect(codesOf(parsed)).toEqual(['damaged-event']);
    expect(parsed.account).toMatchObject({ read: 2, rows: 1, skipped: 1 });
  });

  it('gives up heads in which prose stands', async () => {
    const parsed = await parse(`Log Name: x\n${'What is this?\n'.repeat(40)}${WEVTUTIL}`);
    expect(rowsOf(parsed)).toEqual(ROWS);
    expect(codesOf(parsed)).toEqual(['unknown-label', 'damaged-event']);
    expect(addsUp(parsed)).toBe(true);
  });

  it('cuts endless descriptions', async () => {
    const parsed = await parse(WEVTUTIL.replace('An error', `${'many words\n'.repeat(60_000)}An error`));
    expect(parsed.rows(logMessage)[0].message?.length).toBeLessThan(262_145);
    expect(codesOf(parsed)).toEqual(['description-cut']);
    expect(rowsOf(parsed)[1]).toEqual(ROWS[1]);
  });

  it('never throws anything but TracekitError, and the account always adds up', { timeout: 30_000 }, async () => {
    const texts = [
      WEVTUTIL,
      `${copied('01/02/2026 9:58:19 AM', { xml: xmlOf('2026-01-31T22:58:19Z') })}${copied('13/02/2026 10:00:00')}`,
      `Level,Date and Time,Source,Event ID,Task Category\n${'Error,1/2/2026 10:00:00 AM,disk,7,None,"a\nb"\n'.repeat(5)}`,
    ];
    await survivesDamage(parse, texts, { put: anyBytes(6), maxEdits: 6 });
    await survivesDamage(parse, texts, { put: oneOf(...Buffer.from('\n:",<>[]/ 19')), maxEdits: 20 });
  });

  it('reads the same over the edges of blocks', async () => {
    const n = 6000;
    const text = (i: number): string => `Line of ${i}.\n${`${'x'.repeat(60)}\n`.repeat(6)}End of ${i}.`;
    const all = Array.from({ length: n }, (_, i) => copied('13/02/2026 10:00:00', { text: text(i) }));
    const parsed = await parse(all.join('\n'));
    const rows = parsed.rows(logMessage);
    expect(rows.map((r) => r.message)).toEqual(all.map((_, i) => text(i)));
    expect(new Set(rows.map((r) => r.quote.slice(0, 30)))).toEqual(new Set(['Log Name: System Source: disk ']));
    expect(parsed.account).toEqual({ unit: 'record', read: n, rows: n, skipped: 0, ignored: 0 });
  });

  it('passes over lines that are too long for any event', async () => {
    const parsed = await parse(WEVTUTIL.replace('An error', `${'x'.repeat(2 << 20)}\nAn error`));
    expect(rowsOf(parsed)).toEqual(ROWS);
    expect(codesOf(parsed)).toEqual(['line-too-long']);
    expect(addsUp(parsed)).toBe(true);
  });

  it.each([
    'Log Name: a\n'.repeat(60_000),
    'Event[0]:\n'.repeat(60_000),
    `Log Name: a\nSource: b\nDescription:\n${'Log Name: a\n'.repeat(60_000)}`,
    `${copied('x')}Event Xml:\n<Event xmlns="${NS}">\n${'<a>\n'.repeat(200_000)}`,
    `<Event xmlns="${NS}">${'x'.repeat(900_000)}`,
    `x\n<Event xmlns="${NS}"></Event>${`<Event xmlns="${NS}"></Event>`.repeat(8000)}\n`,
    `Log Name:${' '.repeat(900_000)}:`,
    `${' '.repeat(900_000)}Event[0]:`,
    `Level,Date and Time,Source,Event ID\n${'"'.repeat(900_000)}\n${',\n'.repeat(100_000)}`,
    `Level,Date and Time,Source,Event ID\nError,1/2/2026 10:00:00,d,7,"\n${'x\n'.repeat(300_000)}`,
    ','.repeat(900_000),
  ])('is not held up by %#', { timeout: 10_000 }, async (text) => {
    const begun = Date.now();
    expect(addsUp(await parse(text))).toBe(true);
    sniffText(eventlogText, text.slice(0, 65_536));
    expect(Date.now() - begun).toBeLessThan(5000);
  });
});

describe('sniff', () => {
  it.each([
    WEVTUTIL,
    copied('x'),
    `Hello,\n\n> \n${copied('x')}`,
    `Look:\n${xmlOf('2026-01-31T22:58:19Z')}\n`,
    `- ${xmlOf('2026-01-31T22:58:19Z')}\n`,
  ])('claims %#', (text) => {
    expect(PARSERS.filter((parser) => sniffText(parser, text).claims).map((parser) => parser.name)).toEqual([
      'eventlog-text',
    ]);
  });

  it.each([
    '',
    'Event[0]:\n  nothing\n',
    'Log Name: x\n\nand so on\n',
    'Source: a\nEvent ID: 5\n',
    'Level,Date,Message\n',
    'Date,Source,Amount,Category\n',
    xmlOf('2026-01-31T22:58:19Z'),
    'Log: System, Source: disk, Event ID: 51\n',
  ])('leaves alone %#', (text) => expect(sniffText(eventlogText, text)).toEqual({ claims: false, why: null }));
});

const real = realFile('eventlog/pastebin-CsFVACbK-disk-event-51.txt');
it.skipIf(real === null)('reads a real copy', async () => {
  const parsed = await parseWith(eventlogText, { path: real ?? '' });
  expect(rowsOf(parsed)).toEqual([
    [0, 'Disk', 51, 3, 'An error was detected on device \\Device\\Harddisk8\\DR13 during a paging operation.'],
  ]);
  expect(parsed.rows(logMessage)[0]).toMatchObject({
    channel: 'System',
    machine: 'DESKTOP-PG49RU2',
    pid: null,
    line: 1,
  });
  expect(parsed.rows(logMessage)[0].dataHex).toHaveLength(2 * 0xa8);
  expect(parsed.about.clock).toMatchObject({ startUtc: '2018-07-21T01:58:19.5048350Z', zone: 'UTC' });
  expect(codesOf(parsed)).toEqual([]);
  expect(parsed.account).toEqual({ unit: 'record', read: 1, rows: 1, skipped: 0, ignored: 0 });
});
