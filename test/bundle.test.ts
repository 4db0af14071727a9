import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tableFromIPC } from '@uwdata/flechette';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromBuffer } from 'yauzl';
import { type BundleOptions, writeBundle } from '../src/bundle.js';
import { EXIT } from '../src/core/error.js';
import { analyzeCorrelate, type CorrelateReport } from '../src/correlate.js';
import { placesOf, readExcerpts } from '../src/excerpts.js';
import { open } from '../src/open.js';
import type { Excerpts } from '../src/report/correlate/excerpts-type.js';
import { VERSION } from '../src/version.js';
import { STORY_KINDS, type StoryKind, story } from './generate/stories/index.js';
import { correlateReport, emptyReport } from './support/correlate-report.js';
import { scratch } from './support/scratch.js';

const folder = scratch('bundle');

function entriesOf(path: string): Promise<Map<string, Buffer>> {
  return new Promise((resolve, reject) => {
    fromBuffer(readFileSync(path), { lazyEntries: true }, (error, zip) => {
      if (error) return reject(error);
      const entries = new Map<string, Buffer>();
      zip.on('entry', (entry) =>
        zip.openReadStream(entry, async (failed, stream) => {
          if (failed) return reject(failed);
          const parts: Buffer[] = [];
          for await (const part of stream) parts.push(part as Buffer);
          entries.set(entry.fileName, Buffer.concat(parts));
          zip.readEntry();
        }),
      );
      zip.on('end', () => resolve(entries));
      zip.readEntry();
    });
  });
}

let made = 0;

async function bundled(report: CorrelateReport, excerpts: Excerpts, options: BundleOptions) {
  const path = join(folder.folder, `out-${++made}.zip`);
  const bundle = await writeBundle(report, excerpts, path, options);
  return { path, bundle, entries: await entriesOf(path) };
}

const byHand = () => {
  const { excerpts, ...report } = correlateReport();
  return { report: { ...report, machines: [] } as unknown as CorrelateReport, excerpts };
};

/** A report over files, as the command makes it. */
async function reportOf(files: readonly { readonly name: string; readonly bytes: Buffer }[]) {
  const own = join(folder.folder, `case-${++made}`);
  mkdirSync(own);
  const trace = await open(files.map(({ name, bytes }) => folder.written(join(`case-${made}`, name), bytes)));
  const report = await analyzeCorrelate(trace);
  const excerpts = await readExcerpts(trace, report.sources, placesOf(report));
  trace.close();
  return { report, excerpts };
}

const NAMES = [
  ...['manifest.json', 'report.html', 'report.txt', 'report.md', 'report.json', 'cited-lines.txt'],
  ...['causes', 'points', 'joins', 'evidence', 'timeline'].map((name) => `tables/${name}.arrow`),
];

describe('a bundle', () => {
  it('holds the reports, the document, the tables, the cited lines and what they are', async () => {
    const { report, excerpts } = byHand();
    const { entries, bundle } = await bundled(report, excerpts, { redact: false });
    expect([...entries.keys()]).toEqual(NAMES);
    const manifest = JSON.parse(String(entries.get('manifest.json')));
    expect(manifest).toMatchObject({ tool: 'tracekit', version: VERSION, redacted: false, replaced: {} });
    expect(manifest.files.map(({ name }: { name: string }) => name)).toEqual(NAMES.slice(1));
    for (const { name, bytes, sha256 } of bundle.files) {
      const entry = entries.get(name) as Buffer;
      expect([entry.length, createHash('sha256').update(entry).digest('hex')]).toEqual([bytes, sha256]);
    }
    expect(JSON.parse(String(entries.get('report.json'))).result.causes).toHaveLength(report.result.causes.length);
    expect(String(entries.get('report.html'))).toMatch(/^<!doctype html>/i);
    const cited = String(entries.get('cited-lines.txt')).trim().split('\n');
    expect(cited[0]).toMatch(/^trace\.csv:1: No, Time/);
    expect(cited).toHaveLength(placesOf(report).length);
    expect(cited.some((line) => line.startsWith('dump.log:88: THREAD '))).toBe(true);
  });

  it('has tables that another reader of Arrow opens', async () => {
    const { report, excerpts } = byHand();
    const { entries } = await bundled(report, excerpts, { redact: false });
    const table = (name: string) => tableFromIPC(entries.get(`tables/${name}.arrow`) as Buffer);
    const causes = table('causes').toColumns() as Record<string, ArrayLike<unknown>>;
    expect([...Array.from(causes.rank)]).toEqual(report.result.causes.map(({ rank }) => rank));
    expect(Array.from(causes.process)[0]).toBe('spoolsv.exe');
    expect(Array.from(causes.source)[0]).toBeNull();
    expect(table('points').numRows).toBe(report.result.causes.reduce((sum, { points }) => sum + points.length, 0));
    expect(table('joins').numRows).toBe(report.result.joins.length);
    const evidence = table('evidence').toColumns() as Record<string, ArrayLike<unknown>>;
    expect(new Set(Array.from(evidence.source))).toEqual(new Set(['s1', 's2']));
    expect(Array.from(evidence.line)).toContain(16504);
    const marks = report.parts.timeline.lanes.reduce((sum, { startUs }) => sum + startUs.length, 0);
    expect(table('timeline').numRows).toBe(marks);
  });

  it('of an answer without anything has all of its files', async () => {
    const { excerpts, ...report } = emptyReport();
    const { entries } = await bundled({ ...report, machines: [] } as unknown as CorrelateReport, excerpts, {
      redact: true,
    });
    expect([...entries.keys()]).toEqual(NAMES);
    expect(tableFromIPC(entries.get('tables/causes.arrow') as Buffer).numRows).toBe(0);
  });

  it('has the same bytes each time, redacted or not', async () => {
    for (const redact of [false, true]) {
      const { report, excerpts } = byHand();
      const first = await bundled(report, excerpts, { redact });
      const again = byHand();
      const second = await bundled(again.report, again.excerpts, { redact });
      expect(readFileSync(second.path).equals(readFileSync(first.path))).toBe(true);
    }
  });

  it('takes the place of one that is there, and leaves nothing beside it', async () => {
    const { report, excerpts } = byHand();
    mkdirSync(join(folder.folder, 'own'));
    const path = folder.written(join('own', 'out.zip'), 'old');
    await writeBundle(report, excerpts, path, { redact: false });
    expect((await entriesOf(path)).size).toBe(NAMES.length);
    expect(readdirSync(join(folder.folder, 'own'))).toEqual(['out.zip']);
  });

  it.each([
    ['in no folder', join('none', 'out.zip'), /no such folder\. Make it first/],
    ['that is a folder', 'taken', /is a folder, or in use\. Name a file/],
  ])('is refused at a path %s, naming path and remedy', async (_, name, remedy) => {
    const { report, excerpts } = byHand();
    mkdirSync(join(folder.folder, 'taken'), { recursive: true });
    const path = join(folder.folder, name);
    const error = await writeBundle(report, excerpts, path, { redact: false }).catch((one) => one);
    expect(error).toMatchObject({ name: 'TracekitError', exitCode: EXIT.unreadable });
    expect(error.message).toContain(name);
    expect(error.message).toMatch(remedy);
    expect(readdirSync(folder.folder).filter((one) => one.endsWith('.tmp'))).toEqual([]);
  });
});

/** All text of a bundle, in lower case; of Arrow files as it lies in them. */
const allText = (entries: ReadonlyMap<string, Buffer>): string =>
  [...entries.values()].map((bytes) => `${bytes}`.toLowerCase()).join('\n');

/** Names that tell whose files these are, by the words that the stories hold them in. */
const secretsIn = (text: string): string[] => {
  const found = [
    ...text.matchAll(/\\\\([A-Za-z][\w-]{2,})\\/g),
    ...text.matchAll(/\\([\w-]+\.(?:dat|bin|tmp))\b/g),
    ...text.matchAll(/Computer: ?([\w-]{3,})/g),
    ...text.matchAll(/Image: ([\w-]+)\.exe/g),
    ...text.matchAll(/\bLAB\\(\w+)/g),
  ].map(([, name]) => name.toLowerCase());
  const own = new Set(['system', 'svchost', 'csrss', 'lsass', 'services', 'smss', 'winlogon', 'explorer', 'spoolsv']);
  return [...new Set(found)].filter((name) => !own.has(name));
};

describe('a redacted bundle', () => {
  it('of each story has none of its names, and the drivers and functions that it is about', async () => {
    for (const kind of STORY_KINDS as readonly StoryKind[]) {
      const { files, truth } = story(kind, 'none', 11);
      const { report, excerpts } = await reportOf(files);
      const open = allText((await bundled(report, excerpts, { redact: false })).entries);
      const { entries, bundle } = await bundled(report, excerpts, { redact: true });
      const text = allText(entries);
      const secrets = secretsIn(files.map(({ bytes }) => bytes.toString('latin1')).join('\n'));
      for (const secret of secrets) expect(text, `${kind}: ${secret}`).not.toContain(secret);
      expect(text).not.toContain(folder.folder.toLowerCase());
      const { module, function: fn } = truth;
      if (module !== null && open.includes(module)) expect(text).toContain(module);
      if (fn !== null && open.includes(fn.toLowerCase())) expect(text).toContain(fn.toLowerCase());
      expect(bundle.replaced.map((one) => one.kind)).toContain('path');
      expect(report.result.causes[0]?.score).toBe(JSON.parse(`${entries.get('report.json')}`).result.causes[0]?.score);
    }
  }, 60_000);

  it('has none of the names planted in a log, in any of its files, in any spelling', async () => {
    const plain = story('retry-block', 'none', 4);
    const word = fc.stringMatching(/^[a-z]{5,9}zq$/);
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(word, { minLength: 8, maxLength: 8 }), async (names) => {
        const [server, user, account, host, process, file, mailbox, password] = names;
        const lines = [
          `open of \\\\${server.toUpperCase()}\\share\\${file}.docx by LABDOM\\${account} failed: error 5`,
          `"C:\\Users\\${user}\\${file} plan.docx" is open on ${host}.corp.local, user=${user}`,
          `started ${process}.exe --password=${password} for ${mailbox}@shop.example from 10.77.66.55 and fe80::77aa:66bb`,
          `${user.toUpperCase()} on ${host.toUpperCase()}: "${server}" '${process}' error S-1-5-21-777-888-999-1234`,
        ];
        const files = plain.files.map(({ role, name, bytes }) => ({
          name: role === 'trace' ? `${host}-${name}` : name,
          bytes: role === 'trace' ? withMessages(bytes, lines) : bytes,
        }));
        const { report, excerpts } = await reportOf(files);
        const planted = [...names, '10.77.66.55', '77aa:66bb', '777-888'];
        const open = allText((await bundled(report, excerpts, { redact: false })).entries);
        // Else nothing is shown by this test.
        expect(planted.filter((name) => open.includes(name)).length).toBeGreaterThan(8);
        const { entries } = await bundled(report, excerpts, { redact: true });
        const text = allText(entries);
        for (const name of planted) expect(text).not.toContain(name);
      }),
      { numRuns: 12 },
    );
  }, 120_000);
});

/** The trace with the message of each message that is cited in turn replaced. */
function withMessages(bytes: Buffer, lines: readonly string[]): Buffer {
  let n = 0;
  const text = bytes
    .toString()
    .replace(/Error: \[[^\]]+\][^\r\n]*|Open of [^\r\n]*|Renewal of [^\r\n]*/g, (message) => {
      return `${message}; ${lines[n++ % lines.length]}`;
    });
  return Buffer.from(text);
}
