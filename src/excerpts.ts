/** The lines around what a report cites, read once more from the sources. */
import type { SourceSummary } from './core/analysis.js';
import type { Evidence } from './core/evidence.js';
import type { SourceStream } from './core/source.js';
import { decodeUtf8 } from './core/text.js';
import type { CorrelateReport } from './correlate.js';
import type { Trace } from './open.js';
import type { Excerpts } from './report/correlate/excerpts-type.js';

export interface Place {
  readonly source: string;
  readonly line: number | null;
}

/** Lines of all sources together. */
const MOST_LINES = 5000;
const MOST_CHARACTERS = 400;
/** More than the characters that are kept can take in UTF-8. */
const MOST_BYTES = 4 * MOST_CHARACTERS;

interface Excerpt {
  readonly firstLine: number;
  readonly lines: string[];
}

/**
 * The lines at `places` with `around` lines before and after each, at most 5,000 in all: of places that come first, should there be more.
 * Windows that overlap are one, shared by their places. Standard input, binary sources and those that cannot be read again are left out.
 */
export async function readExcerpts(
  trace: Trace,
  sources: readonly SourceSummary[],
  places: Iterable<Place>,
  around = 3,
): Promise<Excerpts> {
  const found = new Map<string, Excerpt>();
  const readable = sources.filter(({ path, encoding }) => path !== '-' && encoding !== 'binary');
  const wanted = wantedLines(new Set(readable.map(({ id }) => id)), places, around);
  for (const { id, path } of readable) {
    const cited = wanted.get(id);
    if (cited !== undefined)
      await readSource(trace, path, cited, (line, excerpt) => found.set(`${id}:${line}`, excerpt));
  }
  return found;
}

/** What is cited of a source, and all lines that are kept for it. */
interface Wanted {
  readonly cited: Set<number>;
  readonly kept: Set<number>;
}

function wantedLines(readable: ReadonlySet<string>, places: Iterable<Place>, around: number): Map<string, Wanted> {
  const bySource = new Map<string, Wanted>();
  let left = MOST_LINES;
  for (const { source, line } of places) {
    if (line === null || !(line >= 1) || !readable.has(source)) continue;
    const wanted = bySource.get(source) ?? { cited: new Set(), kept: new Set() };
    const fresh = windowOf(line, around).filter((one) => !wanted.kept.has(one));
    if (fresh.length > left) continue;
    left -= fresh.length;
    wanted.cited.add(line);
    for (const one of fresh) wanted.kept.add(one);
    bySource.set(source, wanted);
  }
  return bySource;
}

function windowOf(line: number, around: number): number[] {
  const first = Math.max(1, line - around);
  return Array.from({ length: line + around - first + 1 }, (_, i) => first + i);
}

async function readSource(
  trace: Trace,
  path: string,
  { cited, kept }: Wanted,
  take: (line: number, excerpt: Excerpt) => void,
): Promise<void> {
  let stream: SourceStream | null = null;
  try {
    stream = await trace.openAgain(path);
    if (stream === null || stream.encoding === 'binary') return;
    await readLines(stream, kept, cited, take);
  } catch {
    // It was there when the report was made; a report without these lines is still one.
  } finally {
    stream?.close();
  }
}

async function readLines(
  stream: SourceStream,
  kept: ReadonlySet<number>,
  cited: ReadonlySet<number>,
  take: (line: number, excerpt: Excerpt) => void,
): Promise<void> {
  const last = Math.max(...kept);
  let excerpt: Excerpt = { firstLine: 0, lines: [] };
  const lineRead = (line: number, text: () => string): void => {
    if (!kept.has(line)) return;
    if (line !== excerpt.firstLine + excerpt.lines.length) excerpt = { firstLine: line, lines: [] };
    excerpt.lines.push(text());
    if (cited.has(line)) take(line, excerpt);
  };
  let line = 0;
  for await (const { bytes, overlong } of stream.blocks()) {
    if (overlong !== null) lineRead(++line, () => shortened(`${overlong.text}…`));
    for (let from = 0; from < bytes.length && line < last; ) {
      const newline = bytes.indexOf(10, from);
      const end = newline < 0 ? bytes.length : newline;
      const start = from;
      lineRead(++line, () => lineText(bytes, start, end));
      from = end + 1;
    }
    if (line >= last) return;
  }
}

function lineText(bytes: Buffer, from: number, end: number): string {
  const textEnd = end > from && bytes[end - 1] === 13 ? end - 1 : end;
  return shortened(decodeUtf8(bytes, from, Math.min(textEnd, from + MOST_BYTES)));
}

function shortened(text: string): string {
  if (text.length <= MOST_CHARACTERS) return text;
  const cut = text.slice(0, MOST_CHARACTERS - 1);
  const last = cut.charCodeAt(cut.length - 1);
  // Half of a pair is no character.
  return `${last >= 0xd800 && last < 0xdc00 ? cut.slice(0, -1) : cut}…`;
}

/** All that a report cites, what matters most first: places of causes, of findings, of the rest. A place comes once. */
export function placesOf({ result, findings }: Pick<CorrelateReport, 'result' | 'findings'>): Evidence[] {
  const { causes, joins, unexplained, alignment } = result;
  const all = [
    ...causes.flatMap(({ points, evidence, against }) => [
      ...points.flatMap((point) => point.evidence),
      ...evidence,
      ...against,
    ]),
    ...findings.flatMap(({ evidence, against }) => [...evidence, ...against]),
    ...unexplained.flatMap(({ evidence }) => evidence),
    ...alignment.evidence,
    ...alignment.clocks.flatMap(({ evidence }) => evidence),
    ...joins.flatMap(({ evidence }) => evidence),
  ];
  const byPlace = new Map<string, Evidence>();
  for (const one of all) {
    const key = `${one.source}|${one.line}|${one.line === null ? one.byte : ''}`;
    if (!byPlace.has(key)) byPlace.set(key, one);
  }
  return [...byPlace.values()];
}
