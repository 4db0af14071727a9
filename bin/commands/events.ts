import { closeSync, openSync } from 'node:fs';
import type { Command } from 'commander';
import { EXIT, TracekitError } from '../../src/core/error.js';
import { parseFilter, parseNamesFilter } from '../../src/core/filter.js';
import { jsonText, printable } from '../../src/core/text.js';
import {
  documentOf,
  type EventRow,
  type EventSelection,
  type EventsSummary,
  open,
  type ReadOptions,
  readEventRows,
  type Trace,
} from '../../src/index.js';
import { csvEvents, type EventWriter, ndjsonEvents, terminalEvents } from '../../src/report/events-rows.js';
import { decodingFiles } from '../decoding.js';
import { isOneOf, progress, terminalWidth, writeAll } from '../io.js';
import { countOption, cpusOption, idsOption, type SharedOptions, sharedOptions } from '../options.js';
import { windowOption } from '../window.js';

const OUTPUTS = ['table', 'json', 'ndjson', 'csv'] as const;
/** Events shown where nobody says how many. A JSON document is held in memory. */
const DEFAULT_LIMITS: Readonly<Record<string, number>> = { table: 100, json: 10_000 };

interface Options extends SharedOptions {
  provider?: string;
  name?: string;
  id?: Set<number>;
  pid?: Set<number>;
  tid?: Set<number>;
  cpu?: Set<number>;
  range?: string;
  around?: string;
  limit?: number;
  stacks?: boolean;
  manifest?: string[];
  tmf?: string;
}

export function eventsCommand(program: Command): void {
  const command = program
    .command('events')
    .summary('single events, decoded, as table, NDJSON or CSV')
    .description(
      'Prints single events in the order of time, log after log: kernel events field by field, TraceLogging events by their own ' +
        'description, manifest events by the manifest in the log or given, WPP messages with --tmf; other payloads in hex.',
    )
    .argument('<file...>', 'files; - is standard input; .gz and .zip are unpacked')
    .option(
      '--provider <filter>',
      "GUID, name, or kernel; * ? wildcards, ; between several, ! for all but (e.g. 'kernel')",
    )
    .option('--name <filter>', "event name, in the same way (e.g. 'PerfInfo/*DPC;Thread/CSwitch')")
    .option('--id <list>', 'event ids, e.g. 7,20-29', idsOption)
    .option('--pid <list>', 'processes', idsOption)
    .option('--tid <list>', 'threads', idsOption)
    .option('--cpu <list>', 'processors, e.g. 0,2-3', cpusOption)
    .option('--range <a b>', 'only events from a to b: --range 2s 3s, --range 2s +500ms, or ISO 8601 times')
    .option('--around <t±d>', 'only events around a time: --around 12.5s±100ms')
    .option(
      '--limit <n>',
      `print the first n (default ${DEFAULT_LIMITS.table} as table, ${DEFAULT_LIMITS.json} as JSON; 0 = all)`,
      countOption,
    )
    .option('--stacks', 'call stacks in the table too')
    .option(
      '--manifest <file>',
      'instrumentation manifest (.man, .xml) to decode events by; may be given several times',
      (file: string, before: string[] = []) => [...before, file],
    )
    .option('--tmf <dir>', 'folder of trace message format files (.tmf) to decode WPP messages by');
  sharedOptions(command, OUTPUTS)
    .addHelpText(
      'after',
      '\nExamples:\n' +
        "  tracekit events trace.etl --name 'PerfInfo/*DPC' --cpu 0 --range 12.4s 12.5s\n" +
        '  tracekit events trace.etl --provider Microsoft-Windows-Kernel-Power --format ndjson\n' +
        '  tracekit events driver.etl --tmf tmf --format csv --output messages.csv',
    )
    .action(run);
}

async function run(files: string[], options: Options): Promise<void> {
  const trace = await open(files, {
    format: options.format.input,
    decoding: decodingFiles(options),
  });
  const shown = progress(options.quiet === true);
  try {
    const read = [...files, ...(options.manifest ?? []), ...(options.tmf === undefined ? [] : [options.tmf])];
    const sink = outputOf(options, read, shown.done);
    try {
      const summary = await printEvents(trace, await selectionOf(trace, options), options, sink, shown.report);
      shown.done();
      sink.finish();
      report(summary, options);
    } finally {
      shown.done();
      sink.close();
    }
  } finally {
    trace.close();
  }
}

async function selectionOf(trace: Trace, options: Options): Promise<EventSelection> {
  const limit = options.limit ?? DEFAULT_LIMITS[options.format.output] ?? 0;
  return {
    provider: options.provider === undefined ? null : parseNamesFilter(withoutBraces(options.provider)),
    name: options.name === undefined ? null : parseFilter(options.name),
    ids: options.id ?? null,
    pids: options.pid ?? null,
    tids: options.tid ?? null,
    cpus: options.cpu ?? null,
    range: await windowOption(trace, options),
    limit: limit === 0 ? null : limit,
  };
}

/** GUIDs are often copied in braces. */
const withoutBraces = (text: string): string => text.replace(/\{([0-9a-f-]{36})\}/gi, '$1');

async function printEvents(
  trace: Trace,
  selection: EventSelection,
  options: Options,
  sink: Sink,
  onProgress: ReadOptions['onProgress'],
): Promise<EventsSummary> {
  const writer = writerOf(options, trace.sources.length > 1);
  if (writer === null) return printDocument(trace, selection, sink, onProgress);
  // The head stands before the first event, and before none: not where the input cannot be read.
  let started = false;
  const begin = (): void => {
    if (!started) sink.write(writer.head);
    started = true;
  };
  const print = (event: EventRow): void => {
    begin();
    sink.write(writer.line(event));
  };
  const summary = await readEventRows(trace, selection, print, { onProgress });
  begin();
  return summary;
}

/** Null for JSON, which is one document. */
function writerOf(options: Options, several: boolean): EventWriter | null {
  switch (options.format.output) {
    case 'ndjson':
      return ndjsonEvents;
    case 'csv':
      return csvEvents;
    case 'json':
      return null;
    default:
      return terminalEvents(terminalWidth(options.output), options.stacks === true, several);
  }
}

/**
 * One document, written as the events come: all of them as one text would not fit into memory. So `result` stands before
 * `sources`, of which more is known at the end.
 */
async function printDocument(
  trace: Trace,
  selection: EventSelection,
  sink: Sink,
  onProgress: ReadOptions['onProgress'],
): Promise<EventsSummary> {
  let separator = '{\n  "result": {\n    "events": [\n      ';
  const print = (event: EventRow): void => {
    sink.write(`${separator}${ndjsonEvents.line(event).trimEnd()}`);
    separator = ',\n      ';
  };
  const summary = await readEventRows(trace, selection, print, { onProgress });
  const { sources, diagnostics, matched, shown } = summary;
  const { result, ...rest } = documentOf({
    command: 'events',
    sources,
    result: { matched, shown },
    findings: [],
    diagnostics,
  });
  const counts = jsonText(result).slice(1, -1);
  const none = shown === 0 ? separator.trimEnd() : '';
  sink.write(`${none}\n    ],\n    ${counts}\n  },\n${jsonText(rest, 2).slice(2)}\n`);
  return summary;
}

/** Says on stderr what was left out, and sets the exit code. */
function report({ matched, shown, sources, diagnostics }: EventsSummary, options: Options): void {
  const say = (text: string): void => {
    if (!options.quiet) process.stderr.write(`tracekit: ${text}\n`);
  };
  if (shown < matched) say(`${shown} of ${matched} events shown; --limit 0 shows all.`);
  const doubtful = diagnostics.filter((d) => d.severity !== 'info');
  const lost = sources.filter(({ about }) => (about.eventsLost ?? 0) + (about.buffersLost ?? 0) > 0);
  if (options.format.output !== 'json') {
    for (const { id, about } of lost)
      say(`${id} recording lost ${about.eventsLost ?? 0} events and ${about.buffersLost ?? 0} buffers. [events-lost]`);
    for (const { source, message, count, code } of doubtful)
      say(`${source ?? ''} ${message}${count > 1 ? ` (${count} times)` : ''} [${code}]`.trim());
  }
  if (matched === 0) say(isFiltered(options) ? 'no event passes the filters given.' : 'no events in the input.');
  const why = new Set([...(lost.length > 0 ? ['events-lost'] : []), ...doubtful.map((d) => d.code)]);
  if (matched === 0 && !isFiltered(options)) process.exitCode = EXIT.insufficient;
  else if (options.strict && why.size > 0) {
    say(`--strict: ${[...why].join('; ')}.`);
    process.exitCode = EXIT.unreadable;
  }
}

const FILTERS = ['provider', 'name', 'id', 'pid', 'tid', 'cpu', 'range', 'around'] as const;
const isFiltered = (options: Options): boolean => FILTERS.some((name) => options[name] !== undefined);

interface Sink {
  write(text: string): void;
  /** After everything: a file is there even if nothing was written to it. */
  finish(): void;
  close(): void;
}

/**
 * Gathers lines into bigger writes, to standard output or to `--output`; never over one of the inputs. The file is opened
 * when there is something to write, so that a mistake in the command line leaves it as it was. `before` is called ahead of
 * each write.
 */
function outputOf({ output }: Options, inputs: readonly string[], before: () => void): Sink {
  const isFile = output !== undefined && output !== '-';
  if (isFile && isOneOf(output, inputs)) {
    throw new TracekitError(`--output ${printable(output)} is one of the files to be read.`, EXIT.usage);
  }
  let fd: number | null = isFile ? null : 1;
  let parts: string[] = [];
  let length = 0;
  const flush = (): void => {
    before();
    const text = parts.join('');
    parts = [];
    length = 0;
    fd ??= opened(output as string);
    writeAll(fd, text);
  };
  return {
    write(text) {
      parts.push(text);
      length += text.length;
      if (length > 1 << 16) flush();
    },
    finish: flush,
    close() {
      if (length > 0) flush();
      if (fd !== null && fd !== 1) closeSync(fd);
      fd = null;
    },
  };
}

function opened(path: string): number {
  try {
    return openSync(path, 'w');
  } catch (error) {
    throw new TracekitError(`--output: ${printable(String((error as Error).message))}.`, EXIT.unreadable);
  }
}
