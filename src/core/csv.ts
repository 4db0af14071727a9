/**
 * Quoted, irregular, mostly small CSV: the only place that imports csv-parse (about 7 MB/s).
 *
 * Traps that shape this file: csv-parse's `info.lines` is the line where a record *ends*, and one quote that is never
 * closed swallows the rest of the file, whatever `on_skip` and the relax options say. So lines are cut first and
 * csv-parse sees runs of them: where it returns one record for each line, every place is exact; where it does not, the
 * lines of that run are read one by one and a damaged one costs one record.
 */
import { linesOf, type Output, type TextLine } from './parser.js';
import type { SourceStream } from './source.js';

/** One record and where it begins. */
export interface CsvRecord {
  readonly fields: readonly string[];
  /** As it stands in the source. */
  readonly text: string;
  readonly line: number;
  readonly byte: number;
  /** False where the source ends before the record's line end: its last field may be cut. */
  readonly ended: boolean;
}

interface CsvOptions {
  readonly delimiter: string;
  /** Fields that a record must have to be believed where its quotes are odd; null while the header is not known. */
  columns(): number | null;
}

type Parse = (text: string, relaxed: boolean) => string[][] | string;

interface Cutter {
  readonly parse: Parse;
  readonly out: Output;
  readonly options: CsvOptions;
  joinsLeft: number;
}

const BATCH_LINES = 512;
const BATCH_CHARS = 1 << 20;
/** A quoted cell may run over this many lines; then the quote is taken for damaged. */
const MAX_JOINED = 8;
/** Failed attempts to join lines, after which quotes are taken for damaged at once: text of quotes takes no hours. */
const MAX_FAILED_JOINS = 200;

/**
 * The records of a source. `out.account` counts records: blank lines as ignored, damaged quoting as skipped; what is
 * yielded is for the caller to count.
 */
export async function* recordsOf(stream: SourceStream, out: Output, options: CsvOptions): AsyncGenerator<CsvRecord> {
  out.account.unit = 'record';
  const cutter: Cutter = {
    parse: await parserFor(options.delimiter),
    out,
    options,
    joinsLeft: MAX_FAILED_JOINS,
  };
  let lines: TextLine[] = [];
  let chars = 0;
  for await (const line of linesOf(stream, out)) {
    if (line.text.trim() === '') {
      out.account.ignored++;
      continue;
    }
    lines.push(line);
    chars += line.text.length;
    if (lines.length < BATCH_LINES && chars < BATCH_CHARS) continue;
    lines = yield* recordsIn(lines, false, cutter);
    chars = 0;
  }
  yield* recordsIn(lines, true, cutter);
}

/** Cuts a header line, to find out what a file is: header cells hold neither delimiters nor line ends. */
export function headerCells(line: string, delimiter: string): string[] {
  return line.split(delimiter).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
}

async function parserFor(delimiter: string): Promise<Parse> {
  const { parse } = await import('csv-parse/sync');
  const base = { delimiter, record_delimiter: '\n', relax_column_count: true };
  return (text, relaxed) => {
    try {
      return parse(text, { ...base, relax_quotes: relaxed });
    } catch (error) {
      return String((error as { code?: unknown }).code ?? 'CSV_UNKNOWN');
    }
  };
}

/** The records in some lines; returns lines at the end that may belong to a record that goes on. */
function* recordsIn(lines: readonly TextLine[], final: boolean, cutter: Cutter): Generator<CsvRecord, TextLine[]> {
  const { parse, out } = cutter;
  if (lines.length === 0) return [];
  const whole = parse(lines.map((line) => line.text).join('\n'), false);
  if (typeof whole !== 'string' && whole.length === lines.length) {
    for (const [i, fields] of whole.entries()) yield { ...lines[i], fields };
    return [];
  }
  for (let i = 0; i < lines.length; ) {
    const found = oneRecord(lines, i, cutter);
    if (found === null && !final && cutter.joinsLeft > 0 && lines.length - i < MAX_JOINED) return lines.slice(i);
    if (found === null) {
      const { line, text } = lines[i++];
      out.skip('bad-quote', 'quotes that do not match: the record was passed over', { line, example: text });
      continue;
    }
    // Units are records: the lines that a quoted line end adds were counted as they were read.
    out.account.read -= found.lines - 1;
    yield found.record;
    i += found.lines;
  }
  return [];
}

function oneRecord(
  lines: readonly TextLine[],
  at: number,
  cutter: Cutter,
): { record: CsvRecord; lines: number } | null {
  const { parse, options } = cutter;
  const columns = options.columns();
  const first = lines[at];
  const got = oddQuotes(first.text) ? 'CSV_QUOTE_NOT_CLOSED' : parse(first.text, false);
  if (typeof got !== 'string' && got.length === 1) return { record: { ...first, fields: got[0] }, lines: 1 };
  if (got === 'CSV_QUOTE_NOT_CLOSED' && cutter.joinsLeft > 0) {
    const joined = joinedRecord(lines, at, columns, parse);
    if (joined !== null) return joined;
    cutter.joinsLeft--;
  }
  if (columns === null || first.text.split(options.delimiter, columns).length < columns) return null;
  // `ndis.sys!operator"" _x` without quotes around it: quotes inside a cell that does not begin with one are text.
  const relaxed = parse(first.text, true);
  if (typeof relaxed === 'string' || relaxed.length !== 1 || relaxed[0].length !== columns) return null;
  return { record: { ...first, fields: relaxed[0] }, lines: 1 };
}

/** A record in whose quoted cells lines end. */
function joinedRecord(
  lines: readonly TextLine[],
  at: number,
  columns: number | null,
  parse: Parse,
): { record: CsvRecord; lines: number } | null {
  let text = lines[at].text;
  for (let n = 2; n <= MAX_JOINED && at + n <= lines.length && text.length < BATCH_CHARS; n++) {
    const last = lines[at + n - 1];
    text += `\n${last.text}`;
    const got = parse(text, false);
    if (typeof got !== 'string' && got.length === 1 && got[0].length === columns) {
      return { record: { ...lines[at], text, fields: got[0], ended: last.ended }, lines: n };
    }
    if (got !== 'CSV_QUOTE_NOT_CLOSED') return null;
  }
  return null;
}

/** A record has its quotes in pairs: where they are odd, it goes on in the next line, or is damaged. */
function oddQuotes(text: string): boolean {
  let n = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) n++;
  return n % 2 === 1;
}
