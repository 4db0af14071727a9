import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventlogXml } from '../parsers/eventlog-xml.js';
import { PARSERS } from '../parsers/index.js';
import { tracerptXml } from '../parsers/tracerpt-xml.js';
import { logMessage } from '../src/tables/log-message.js';
import { addsUp, oneOf, survivesDamage } from './support/damage.js';
import { codesOf, type Parsed, parseWith, sniffText } from './support/parse.js';
import { bytesOfSample, ROOT } from './support/samples.js';

const NS = 'http://schemas.microsoft.com/win/2004/08/events/event';
const parse = (bytes: string | Uint8Array) => parseWith(eventlogXml, { bytes });
const claims = (text: string | Uint8Array): boolean => sniffText(eventlogXml, text).claims;

interface Made {
  readonly at?: string;
  readonly id?: number;
  readonly level?: number | string;
  readonly provider?: string;
  readonly record?: number;
  readonly data?: string;
  readonly rest?: string;
  readonly execution?: string;
}

/** An event as `wevtutil /f:xml` prints it: in one line, with single quotes. */
const event = ({ at = '2026-11-20T10:00:00.5048350Z', id = 51, level = 3, provider = 'disk', ...more }: Made = {}) =>
  `<Event xmlns='${NS}'><System><Provider Name='${provider}'/><EventID Qualifiers='32772'>${id}</EventID>` +
  `<Version>0</Version><Level>${level}</Level><Task>0</Task><Opcode>0</Opcode><Keywords>0x80000000000000</Keywords>` +
  `<TimeCreated SystemTime='${at}'/><EventRecordID>${more.record ?? 10731}</EventRecordID><Correlation/>` +
  `${more.execution ?? "<Execution ProcessID='4' ThreadID='640'/>"}<Channel>System</Channel><Computer>BOX</Computer>` +
  `<Security/></System>${more.data ?? '<EventData><Data>\\Device\\Harddisk8\\DR13</Data><Binary>0301FF</Binary></EventData>'}${more.rest ?? ''}</Event>`;

const LINES = [
  event(),
  event({
    at: '2026-11-20T09:59:58.5048350Z',
    id: 7036,
    level: 4,
    provider: 'Service Control Manager',
    data: "<EventData><Data Name='param1'>Spooler</Data><Data Name='param2'>läuft &amp; läuft</Data></EventData>",
  }),
  event({
    at: '2026-11-20T09:59:50.5048351Z',
    id: 41,
    level: 1,
    provider: 'Microsoft-Windows-Kernel-Power',
    data: '<EventData/>',
  }),
];
const LOG = `${LINES.join('\r\n')}\r\n`;

const rowsOf = (parsed: Parsed) =>
  parsed.rows(logMessage).map((r) => [r.atUs, r.provider, r.eventId, r.level, r.message]);
const ROWS = [
  [0, 'disk', 51, 3, 'disk 51: \\Device\\Harddisk8\\DR13'],
  [-2e6, 'Service Control Manager', 7036, 4, 'Service Control Manager 7036: param1=Spooler; param2=läuft & läuft'],
  [-9_999_999.9, 'Microsoft-Windows-Kernel-Power', 41, 1, 'Microsoft-Windows-Kernel-Power 41'],
];

const pretty = (text: string): string => text.replaceAll('><', '>\n  <');
const prefixed = (text: string): string =>
  `<e:Events xmlns:e='${NS}'>${text.replaceAll(` xmlns='${NS}'`, '').replaceAll(/<(\/?)(\w)/g, '<$1e:$2')}</e:Events>`;

describe('event log', () => {
  it.each([
    ['wevtutil, a line each', LOG],
    ['without line ends', LINES.join('')],
    ['with a root', `<Events>${LOG}</Events>`],
    [
      'of Event Viewer',
      `\ufeff<?xml version="1.0" encoding="utf-8" standalone="yes"?>\r\n<Events>${LINES.join('')}</Events>`,
    ],
    ['with double quotes', LOG.replaceAll("'", '"')],
    ['over many lines', pretty(LOG)],
    ['with a prefix', prefixed(LOG)],
    ['UTF-16', Buffer.from(`\ufeff${LOG}`, 'utf16le')],
  ])('%s', async (_, bytes) => {
    expect(claims(typeof bytes === 'string' ? bytes : LOG)).toBe(true);
    const parsed = await parse(bytes);
    expect(rowsOf(parsed)).toEqual(ROWS);
    expect(codesOf(parsed)).toEqual([]);
    expect(parsed.account).toEqual({ unit: 'record', read: 3, rows: 3, skipped: 0, ignored: 0 });
    expect(parsed.about.clock).toEqual({
      startUtc: '2026-11-20T10:00:00.5048350Z',
      zone: 'UTC',
      resolutionNs: 100,
      uncertaintyMs: 0.0001,
    });
    expect(parsed.about.span).toEqual({ startUs: -9_999_999.9, endUs: 0 });
    expect(parsed.about.notes).toEqual([expect.stringContaining('newest event comes first')]);
  });

  it('fills all columns it knows', async () => {
    const [row] = (await parse(LOG)).rows(logMessage);
    expect(row).toMatchObject({
      machine: 'BOX',
      channel: 'System',
      pid: 4,
      tid: 640,
      dataHex: '0301FF',
      line: 1,
      byte: 0,
    });
    expect(row.quote).toMatch(/^<Event><System><Provider Name='disk'\/>/);
  });

  it('cites line and byte', async () => {
    const text = `<?xml version="1.0"?>\r\n<Events>\r\n${pretty(LOG)}</Events>`;
    const bytes = Buffer.from(text);
    for (const row of (await parse(text)).rows(logMessage)) {
      const at = row.byte ?? -1;
      expect(bytes.toString('utf8', at, at + 7)).toBe('<Event ');
      expect(bytes.subarray(0, at).toString('latin1').split('\n')).toHaveLength(row.line ?? 0);
    }
  });

  it('takes the message that the exporting machine rendered', async () => {
    const rest =
      '<RenderingInfo Culture="de-DE"><Message>Fehler auf Gerät\r\n\r\n\\Device\\Harddisk8\\DR13.</Message><Level>Warnung</Level></RenderingInfo>';
    expect((await parse(event({ rest }))).rows(logMessage)[0].message).toBe(
      'Fehler auf Gerät\n\n\\Device\\Harddisk8\\DR13.',
    );
  });

  it.each([
    [0, 4],
    [1, 1],
    [5, 5],
    [9, null],
    ['', null],
  ])('level %j is %j', async (level, expected) => {
    expect((await parse(event({ level }))).rows(logMessage)[0].level).toBe(expected);
  });

  it('has no process where a classic event names none', async () => {
    const rows = async (execution: string) => (await parse(event({ execution }))).rows(logMessage)[0];
    expect(await rows("<Execution ProcessID='0' ThreadID='0'/>")).toMatchObject({ pid: null, tid: null });
    expect(await rows("<Execution ProcessID='8' ThreadID='0' ProcessorID='3'/>")).toMatchObject({
      pid: 8,
      tid: 0,
      cpu: 3,
    });
    expect(await rows('')).toMatchObject({ pid: null, tid: null });
  });

  it('reads user data, CDATA and what is nested in it', async () => {
    const data =
      '<UserData><Cleared xmlns="x"><Who>me</Who><Event><Sort>no</Sort></Event><T><![CDATA[</Event> <a>]]></T></Cleared></UserData>';
    expect((await parse(event({ data }) + LINES[1])).rows(logMessage).map((r) => r.message)).toEqual([
      'disk 51: Who=me; Sort=no; T=</Event> <a>',
      ROWS[1][4],
    ]);
  });

  it('is in no order where files were joined, and says so', async () => {
    const parsed = await parse([LINES[1], LINES[0], LINES[2]].join('\n'));
    expect(parsed.about.notes).toEqual([expect.stringContaining('no order of time (1 of 2')]);
    expect(parsed.about.span).toEqual({ startUs: expect.closeTo(-7_999_999.9, 3), endUs: 2e6 });
  });

  it('keeps events whose time cannot be read', async () => {
    const parsed = await parse(event({ at: 'yesterday' }) + LINES[1]);
    expect(rowsOf(parsed).map((row) => row[0])).toEqual([null, 0]);
    expect(codesOf(parsed)).toEqual(['bad-time']);
  });
});

describe('damage', () => {
  it('costs the event it is in', async () => {
    const lines = [
      LINES[0].replace('</EventID>', ''),
      LINES[1],
      LINES[2].slice(0, -8),
      LINES[0],
      LINES[1].slice(9),
      LINES[2],
    ];
    const parsed = await parse(lines.join('\n'));
    expect(rowsOf(parsed).map((row) => row[2])).toEqual([7036, 51, 41]);
    expect(parsed.diagnostics.map((d) => [d.code, d.count, d.severity])).toEqual([
      ['malformed-xml', 1, 'data-loss'],
      ['event-cut', 2, 'data-loss'],
    ]);
    expect(parsed.account).toMatchObject({ read: 6, rows: 3, skipped: 3 });
    expect(parsed.about.truncated).toBe(false);
  });

  it('says that a source was cut off', async () => {
    const parsed = await parse(LOG.slice(0, -40));
    expect(rowsOf(parsed)).toEqual(ROWS.slice(0, 2));
    expect(parsed.about.truncated).toBe(true);
    expect(codesOf(parsed)).toEqual(['event-cut']);
  });

  it('reads on over characters that XML does not allow', async () => {
    const parsed = await parse(event({ data: '<EventData><Data>a\u0001b&bogus;</Data></EventData>' }) + LINES[1]);
    expect(parsed.rows(logMessage)).toHaveLength(2);
    expect(codesOf(parsed)).toEqual(['bad-character']);
  });

  it('skips what has no event id', async () => {
    const parsed = await parse(`${event().replace('>51<', '>x<')}${LINES[1]}`);
    expect(rowsOf(parsed).map((row) => row[2])).toEqual([7036]);
    expect(codesOf(parsed)).toEqual(['damaged-event']);
  });

  it('says that there is no event', async () => {
    expect(codesOf(await parse(`<Events xmlns="${NS}"></Events>`))).toEqual(['no-events']);
  });

  it('never throws anything but TracekitError, and the account always adds up', { timeout: 30_000 }, async () => {
    const put = oneOf(...Buffer.from('<>/!&\'"[]-= Ee\n\0'));
    await survivesDamage(parse, [LOG, pretty(LOG), prefixed(LINES.join(''))], { put, maxEdits: 12, numRuns: 200 });
  });

  it('reads the same over the edges of chunks, in one line or many', async () => {
    const n = 2500;
    const long = 'x'.repeat(700);
    const all = Array.from({ length: n }, (_, i) =>
      event({ record: i, id: i % 1000, data: `<EventData><Data>${i} ${long}</Data></EventData>` }),
    );
    for (const between of ['', '\r\n']) {
      const parsed = await parse(`<Events>${all.join(between)}</Events>`);
      const rows = parsed.rows(logMessage);
      expect(rows.map((r) => r.message?.split(' ')[2])).toEqual(all.map((_, i) => `${i}`));
      expect(rows.map((r) => r.line)).toEqual(all.map((_, i) => (between === '' ? 1 : i + 1)));
      expect(rows[n - 1].quote).toContain(`<EventRecordID>${n - 1}<`);
      expect(codesOf(parsed)).toEqual([]);
      expect(parsed.account).toMatchObject({ read: n, rows: n });
    }
  });

  it.each([
    ['deep', `${event().slice(0, -8)}${'<a>'.repeat(300_000)}`],
    ['deep and closed', event({ data: `<UserData>${'<a>'.repeat(500)}${'</a>'.repeat(500)}</UserData>` })],
    ['long text', event({ data: `<EventData><Data>${'x'.repeat(5 << 20)}</Data></EventData>` })],
    ['long name', `<Event ${'x'.repeat(5 << 20)}><System>`],
    ['many fields', event({ data: `<EventData>${'<Data>1</Data>'.repeat(60_000)}</EventData>` })],
    [
      'many attributes',
      event({ execution: `<Execution ${Array.from({ length: 20_000 }, (_, i) => `a${i}='1'`).join(' ')}/>` }),
    ],
    ['ends only', '</Event>'.repeat(100_000)],
    ['starts only', `<Event xmlns='${NS}'>`.repeat(50_000)],
    ['starts of events only', `<Event xmlns='${NS}'><System>`.repeat(20_000)],
    ['inner ends', `<Event xmlns='${NS}'><System/><![CDATA[${'</Event>'.repeat(100_000)}`],
    ['names only', '<EventEvent'.repeat(200_000)],
    [
      'an entity bomb',
      `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><Events>${event({ data: '<EventData><Data>&b;&b;</Data></EventData>' })}</Events>`,
    ],
  ])('is not held up by %s', { timeout: 10_000 }, async (_, text) => {
    const begun = Date.now();
    const parsed = await parse(text);
    expect(addsUp(parsed)).toBe(true);
    for (const row of parsed.rows(logMessage)) expect((row.message ?? '').length).toBeLessThan(600_000);
    expect(Date.now() - begun).toBeLessThan(6000);
  });

  it('names what is too long', async () => {
    const long = event({ data: `<EventData><Data>${'x'.repeat(3 << 20)}</Data></EventData>` });
    const parsed = await parse(`${LINES[0]}${long}${LINES[1]}`);
    expect(rowsOf(parsed).map((row) => row[2])).toEqual([51, 7036]);
    expect(codesOf(parsed)).toEqual(['event-too-long']);
    expect(parsed.account).toMatchObject({ read: 3, rows: 2, skipped: 1 });
  });
});

describe('sniff', () => {
  it.each([
    `<Event xmlns="${NS}"><System><EventRecordID>1</EventRecordID></System></Event>`,
    `\n\n<?xml version='1.0'?>\n<Events><Event xmlns='${NS}'><System><EventRecordID/></System></Event></Events>`,
  ])('claims %#', (text) => expect(claims(text)).toBe(true));

  it.each([
    '',
    '<Events></Events>',
    `<Event xmlns="${NS}"><System><Opcode>68</Opcode></System></Event>`,
    `<Event xmlns="${NS}"><System><EventRecordID>1</EventRecordID></System><ExtendedTracingInfo/></Event>`.replace(
      '/>',
      ' a="1"/>',
    ),
    `<Event xmlns="${NS}"><System><TimeCreated RawTime="5"/><EventRecordID>1</EventRecordID></System></Event>`,
    `prose\n<Event xmlns="${NS}"><System><EventRecordID>1</EventRecordID></System></Event>`,
    `<html><Event xmlns="${NS}"><EventRecordID>`,
  ])('leaves alone %#', (text) => expect(sniffText(eventlogXml, text)).toEqual({ claims: false, why: null }));

  it('leaves dumps of traces to tracerpt-xml, and takes logs from it', () => {
    const samples = readdirSync(join(ROOT, 'samples/tracerpt-xml'));
    expect(samples.length).toBeGreaterThan(0);
    for (const name of samples) {
      const bytes = bytesOfSample(`tracerpt-xml/${name}`).subarray(0, 65_536);
      expect(sniffText(tracerptXml, bytes).claims).toBe(true);
      expect(claims(bytes)).toBe(false);
    }
    for (const log of [LOG, pretty(LOG), prefixed(LOG), `<Events>${LOG}</Events>`]) {
      expect(PARSERS.filter((parser) => sniffText(parser, log).claims).map((parser) => parser.name)).toEqual([
        'eventlog-xml',
      ]);
    }
  });
});
