import { PARSERS } from '../parsers/index.js';
import type { SourceSummary } from './core/analysis.js';
import { Diagnostics } from './core/diagnostic.js';
import { EXIT, TracekitError } from './core/error.js';
import {
  type ClockGiven,
  type DecodingFiles,
  type EventFilter,
  NO_CLOCK,
  NO_DECODING,
  Output,
  type ParseOptions,
  type Parser,
  type Prefix,
} from './core/parser.js';
import type { TableDef } from './core/schema.js';
import { type Input, inputsOf, type SourceStream } from './core/source.js';
import type { Consumer } from './core/table.js';
import { decodeUtf8, printable } from './core/text.js';

export interface OpenOptions {
  /** Name of a format to force on all files, e.g. `xperf-dumper`. */
  readonly format?: string;
  /** Which end of a run a DPC/ISR row's TimeStamp is, where the format does not document it. Default `end`. */
  readonly dpcTimestamp?: 'start' | 'end';
  /** Manifests and message files to decode events by, beside what a source says itself. */
  readonly decoding?: DecodingFiles;
  /** What is known of the clocks of logs that do not say it themselves. */
  readonly clock?: ClockGiven;
}

export interface ReadOptions {
  /** Count every event by name and find the trace's span, even where that is slower. */
  readonly census?: boolean;
  /** Events that need not be handed on; others may be all the same. */
  readonly eventFilter?: EventFilter;
  /** Samples of user mode need not be handed on, and the others may come without their process. */
  readonly kernelSamplesOnly?: boolean;
  /** Asked before each source is read: threads whose context switches are wanted; null for all. Others may be handed on, too. */
  readonly switchedThreads?: () => ReadonlySet<number> | null;
  /** Hand rows on in the order of time over all processors, where the source can give them so. */
  readonly inTime?: boolean;
  /** Called when a source has been read to its end, with all that have been. */
  readonly onSource?: (sources: readonly SourceSummary[]) => void;
  /** Called now and then with the bytes read so far. */
  readonly onProgress?: (progress: { path: string; read: number; total: number | null }) => void;
}

/** What one pass over all sources gave besides the rows. */
export interface Pass {
  readonly sources: readonly SourceSummary[];
  readonly diagnostics: readonly Diagnostics[];
}

interface Claimed {
  readonly input: Input;
  readonly parser: Parser;
  /** Opened for sniffing and not yet read; null once a pass has taken it. */
  stream: SourceStream | null;
}

/** Sources whose formats are known, ready to be read, any number of times (standard input once). */
export class Trace {
  constructor(
    private readonly claimed: readonly Claimed[],
    private readonly options: OpenOptions,
    /** Zip entries that no parser claimed, and the like. */
    private readonly opening: Diagnostics,
  ) {}

  /** Path and format of each source, in order. */
  get sources(): readonly { readonly path: string; readonly format: string }[] {
    return this.claimed.map(({ input, parser }) => ({ path: input.path, format: parser.name }));
  }

  /** The same sources with those in front of which `isFirst` is true; otherwise in the order given. */
  withFirst(isFirst: (tables: readonly TableDef[]) => boolean): Trace {
    const [first, rest] = [true, false].map((side) =>
      this.claimed.filter(({ parser }) => isFirst(parser.tables) === side),
    );
    return new Trace([...first, ...rest], this.options, this.opening);
  }

  /** How many of the sources can fill `table`. */
  countFilling(table: TableDef): number {
    return this.claimed.filter(({ parser }) => parser.tables.includes(table)).length;
  }

  /** True where one of the sources can fill `table`. */
  canFill(table: TableDef): boolean {
    return this.claimed.some(({ parser }) => parser.tables.includes(table));
  }

  /**
   * Reads all sources once, front to back, handing the rows of each table to the consumers that `consumersOf` names for
   * it. Tables without consumers are not filled. Throws TracekitError where a source cannot be read at all.
   */
  async read(consumersOf: (table: TableDef) => readonly Consumer[], options: ReadOptions = {}): Promise<Pass> {
    const sources: SourceSummary[] = [];
    const diagnostics = [this.opening];
    for (const [index, claimed] of this.claimed.entries()) {
      const own = new Diagnostics(`s${index + 1}`);
      diagnostics.push(own);
      sources.push(await this.#readOne(index, claimed, own, consumersOf, options));
      options.onSource?.(sources);
    }
    return { sources, diagnostics };
  }

  /** Opens a source once more, for those who need single lines of it; null where no source has that path. */
  async openAgain(path: string): Promise<SourceStream | null> {
    return (await this.claimed.find(({ input }) => input.path === path)?.input.open()) ?? null;
  }

  /** Closes what was opened and not read. */
  close(): void {
    for (const claimed of this.claimed) claimed.stream?.close();
  }

  async #readOne(
    index: number,
    claimed: Claimed,
    diagnostics: Diagnostics,
    consumersOf: (table: TableDef) => readonly Consumer[],
    options: ReadOptions,
  ): Promise<SourceSummary> {
    const { input, parser } = claimed;
    const stream = claimed.stream ?? (await input.open());
    claimed.stream = null;
    const out = new Output(index, diagnostics, consumersOf);
    const parseOptions: ParseOptions = {
      dpcTimestamp: this.options.dpcTimestamp ?? 'end',
      census: options.census ?? false,
      inTime: options.inTime ?? false,
      kernelSamplesOnly: options.kernelSamplesOnly ?? false,
      switchedThreads: options.switchedThreads?.() ?? null,
      eventFilter: options.eventFilter ?? null,
      decoding: this.options.decoding ?? NO_DECODING,
      clock: this.options.clock ?? NO_CLOCK,
    };
    try {
      await parser.parse(withProgress(stream, input.path, options.onProgress), out, parseOptions);
      out.flush();
    } catch (error) {
      throw named(error, input.path);
    } finally {
      stream.close();
    }
    for (const trouble of stream.troubles) {
      out.about.truncated = true;
      diagnostics.add(trouble.code, 'data-loss', `${input.path}: ${trouble.message}`);
    }
    return {
      id: `s${index + 1}`,
      path: input.path,
      format: parser.name,
      encoding: stream.encoding,
      container: stream.container,
      bytes: input.bytes,
      account: out.account,
      about: out.about,
      events: out.events,
    };
  }
}

/** What a reader says of a source it cannot read, with the source's name in front. */
function named(error: unknown, path: string): unknown {
  if (!(error instanceof TracekitError) || error.message.startsWith(printable(path))) return error;
  return new TracekitError(`${printable(path)}: ${error.message}`, error.exitCode);
}

function withProgress(stream: SourceStream, path: string, report: ReadOptions['onProgress']): SourceStream {
  if (report === undefined) return stream;
  return {
    ...stream,
    async *blocks(buffer) {
      for await (const block of stream.blocks(buffer)) {
        report({ path, ...stream.progress() });
        yield block;
      }
    },
    async random() {
      const bytes = await stream.random();
      return {
        ...bytes,
        read(target, at) {
          report({ path, read: at, total: bytes.size });
          return bytes.read(target, at);
        },
      };
    },
  };
}

/**
 * Opens files (`-` is standard input; zips are entered) and finds out the format of each from its content. Throws
 * TracekitError, naming file, reason and remedy, where one cannot be read or no parser claims it.
 */
export async function open(paths: readonly string[], options: OpenOptions = {}): Promise<Trace> {
  const forced = options.format === undefined ? null : parserNamed(options.format);
  const claimed: Claimed[] = [];
  const diagnostics = new Diagnostics(null);
  try {
    for (const path of paths) claimed.push(...(await claim(path, forced, diagnostics)));
  } catch (error) {
    for (const { stream } of claimed) stream?.close();
    throw error;
  }
  return new Trace(claimed, options, diagnostics);
}

function parserNamed(name: string): Parser {
  const parser = PARSERS.find((p) => p.name === name);
  if (parser !== undefined) return parser;
  throw new TracekitError(
    `no format '${printable(name)}'. Known: ${PARSERS.map((p) => p.name).join(', ')}.`,
    EXIT.usage,
  );
}

async function claim(path: string, forced: Parser | null, diagnostics: Diagnostics): Promise<Claimed[]> {
  const inputs = await inputsOf(path);
  const claimed: Claimed[] = [];
  const refusals: string[] = [];
  for (const input of inputs) {
    const stream = await openEntry(input, inputs.length > 1 ? refusals : null);
    if (stream === null) continue;
    const found = stream.head.length === 0 ? EMPTY : sniff(prefixOf(stream), forced);
    if (typeof found === 'string') {
      stream.close();
      refusals.push(`${printable(input.path)}: ${found}`);
      continue;
    }
    // A zip's entries are opened one at a time: each is opened again when its turn comes.
    const keep = inputs.length === 1;
    if (!keep) stream.close();
    claimed.push({ input, parser: found, stream: keep ? stream : null });
  }
  if (claimed.length === 0) throw new TracekitError(refusals.join('\n'));
  for (const refusal of refusals)
    diagnostics.add('entry-not-read', 'info', 'files in the zip that were not read', { example: refusal });
  return claimed;
}

/** Opens one of several entries: one that cannot be (encrypted, damaged) does not keep the others from being read. */
async function openEntry(input: Input, refusals: string[] | null): Promise<SourceStream | null> {
  try {
    return await input.open();
  } catch (error) {
    if (refusals === null || !(error instanceof TracekitError)) throw error;
    refusals.push(error.message);
    return null;
  }
}

const EMPTY = 'is empty. Export or copy the file again.';

/** What parsers are shown of a stream. */
export function prefixOf(stream: SourceStream): Prefix {
  const text = decodeUtf8(stream.head);
  const lines = text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  return { encoding: stream.encoding, text, lines, bytes: stream.head };
}

/** The parser that claims a source, or in words why none does. */
export function sniff(prefix: Prefix, forced: Parser | null): Parser | string {
  if (forced !== null) return forced;
  const reasons: string[] = [];
  for (const parser of PARSERS) {
    const claim = parser.sniff(prefix);
    if (claim.claims) return parser;
    if (claim.why !== null) reasons.push(claim.why);
  }
  if (reasons.length > 0) return reasons.join(' ');
  return unknown(prefix);
}

function unknown(prefix: Prefix): string {
  if (prefix.bytes.length > 4 && prefix.bytes.readUInt32LE(0) === 0x04034b50) {
    return 'is a zip inside another file. Unpack the outer one first.';
  }
  if (prefix.encoding === 'binary') return 'is binary and of no known format. See `tracekit formats` for what is read.';
  const first = prefix.lines.find((line) => line.trim() !== '') ?? '';
  return (
    `is of no known format (it begins "${printable(first.trim(), 60)}"). ` +
    'See `tracekit formats` for what is read; --format forces one.'
  );
}
