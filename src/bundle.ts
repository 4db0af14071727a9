/** The answer of `correlate` as one zip that stands in an escalation: reports, document, tables, and the cited lines only. */
import { createHash } from 'node:crypto';
import { reportTables } from './bundle/tables.js';
import { type BundledFile, writeZip } from './bundle/zip.js';
import { jsonText, printable } from './core/text.js';
import type { CorrelateReport } from './correlate.js';
import { placesOf } from './excerpts.js';
import { type GivenNames, type Redacted, redacted } from './redact/redact.js';
import type { Excerpts } from './report/correlate/excerpts-type.js';
import { renderCorrelateHtml } from './report/correlate/html.js';
import { correlateMarkdown } from './report/correlate/markdown.js';
import { placeNames } from './report/correlate/places.js';
import { renderCorrelate } from './report/correlate/terminal.js';
import { renderJson } from './report/document.js';
import { VERSION } from './version.js';

export interface BundleOptions {
  /** Pseudonyms in place of names of servers, users, machines, paths and processes. */
  readonly redact: boolean;
  /** Names to be replaced that are known from elsewhere. */
  readonly names?: GivenNames;
}

export interface Bundle {
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[];
  /** Different names replaced, by kind; empty where nothing was to be. */
  readonly replaced: Redacted['replaced'];
}

const WIDTH = 120;
const LONGEST_LINE = 2000;

/**
 * Writes the zip at `path`, in place of one that is there. The same report makes the same bytes. Throws TracekitError, naming path and
 * remedy, where it cannot be written.
 */
export async function writeBundle(
  report: CorrelateReport,
  excerpts: Excerpts,
  path: string,
  { redact, names }: BundleOptions,
): Promise<Bundle> {
  const shown = redact ? redacted(report, excerpts, names) : { report, excerpts, replaced: [] };
  const files = await contentOf(shown.report, shown.excerpts);
  const listed = files.map(({ name, bytes }) => ({
    name,
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  }));
  const manifest = `${jsonText(manifestOf(listed, redact, shown.replaced), 2)}\n`;
  await writeZip([{ name: 'manifest.json', bytes: Buffer.from(manifest) }, ...files], path);
  return { files: listed, replaced: shown.replaced };
}

async function contentOf(report: CorrelateReport, excerpts: Excerpts): Promise<BundledFile[]> {
  const text = (name: string, content: string): BundledFile => ({ name, bytes: Buffer.from(content) });
  return [
    text('report.html', renderCorrelateHtml({ ...report, excerpts })),
    text('report.txt', renderCorrelate(report, { width: WIDTH, color: false, top: null })),
    text('report.md', correlateMarkdown(report, { top: null })),
    text('report.json', renderJson(report)),
    text('cited-lines.txt', citedLines(report, excerpts)),
    ...[...(await reportTables(report))].map(([name, bytes]) => ({
      name: `tables/${name}.arrow`,
      bytes: Buffer.from(bytes),
    })),
  ];
}

/** `file:line: text` of each place cited, by source and line; where the line was not kept, what is quoted of it. */
function citedLines(report: CorrelateReport, excerpts: Excerpts): string {
  const order = new Map(report.sources.map(({ id }, i) => [id, i]));
  const name = placeNames(report.sources);
  const places = [...placesOf(report)].sort(
    (a, b) =>
      (order.get(a.source) ?? 0) - (order.get(b.source) ?? 0) ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.byte ?? 0) - (b.byte ?? 0),
  );
  return places
    .map((place) => {
      const around = place.line === null ? undefined : excerpts.get(`${place.source}:${place.line}`);
      const line = around?.lines[(place.line ?? 0) - around.firstLine] ?? place.quote;
      return `${name(place)}: ${printable(line, LONGEST_LINE)}\n`;
    })
    .join('');
}

const NOT_IN_IT = [
  'the sources themselves, and lines of them that are not cited or beside a cited line',
  'memory contents of the dump other than what the log of the debugger printed and the report cites',
  'marks and rows that the report left out of its lists',
];

const NOT_IN_REDACTED = [
  'names of servers, domains, machines, users and processes, paths, addresses of networks, mailboxes, SIDs and arguments of command lines, as far as they were recognised',
  'which pseudonym stands for which name',
];

function manifestOf(files: Bundle['files'], isRedacted: boolean, replaced: Bundle['replaced']): object {
  return {
    tool: 'tracekit',
    version: VERSION,
    redacted: isRedacted,
    replaced: Object.fromEntries(replaced.map(({ kind, count }) => [kind, count])),
    notInIt: isRedacted ? [...NOT_IN_IT, ...NOT_IN_REDACTED] : NOT_IN_IT,
    note: isRedacted
      ? 'Names of drivers, modules and functions, numbers and times are as they were. Read cited-lines.txt before it leaves: a name that nothing marks as one is not found.'
      : 'Not redacted: names and paths are as they were. tracekit correlate --bundle with --redact replaces them.',
    files,
  };
}
