import { TracekitError } from '../../../../src/core/error.js';
import { printable } from '../../../../src/core/text.js';
import { decodeText } from '../text-file.js';
import { readArgument } from './argument.js';
import type { TmfArgument, TmfMessage } from './types.js';

const MAX_BYTES = 64 << 20;
const MAX_LINE_CHARS = 256 << 10;
const MAX_ARGUMENTS = 256;

const REMEDY = 'Write the files anew: tracepdb -f driver.pdb -p folder.';

// 2158e7d3-9867-cde3-18b5-9713c628abdf TEEDriver // SRC=Queue.c MJ= MN=
const PROVIDER = /^\{?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?(?:\s+([^\s/]\S*))?\s*(?:\/\/(.*))?$/i;
// #typev Queue_c2319 207 "%0PowerDown = %10!x!" //   LEVEL=TRACE_LEVEL_VERBOSE FLAGS=TRACE_QUEUE FUNC=Evt
const MESSAGE = /^#typev?\s+(\S+)\s+(\d{1,5})\s+"(.*)$/;

interface Progress {
  readonly path: string;
  line: number;
  provider: { readonly guid: string; readonly component: string; readonly source: string | null } | null;
  /** The message whose arguments are being read. */
  message: TmfMessage | null;
  arguments: TmfArgument[];
  isOpen: boolean;
  readonly messages: TmfMessage[];
}

/**
 * The messages of one file. Its lines, as tracepdb writes them ("Trace Message Format File" of the driver documentation,
 * which calls the form reserved; the examples there and in public sources agree): comments, the line of a message GUID,
 * and for each message a `#typev` line and its arguments between braces.
 */
export function readMessages(path: string, bytes: Buffer): TmfMessage[] {
  const progress: Progress = {
    path,
    line: 0,
    provider: null,
    message: null,
    arguments: [],
    isOpen: false,
    messages: [],
  };
  if (bytes.length > MAX_BYTES) throw damaged(progress, `larger than ${MAX_BYTES >> 20} MB`);
  for (const line of lines(decodeText(bytes))) {
    progress.line++;
    if (line.length > MAX_LINE_CHARS) throw damaged(progress, 'the line is too long');
    readLine(progress, line.trim());
  }
  if (progress.isOpen) throw damaged(progress, 'the file ends within the arguments of a message');
  endMessage(progress);
  if (progress.provider === null) {
    throw new TracekitError(
      `${printable(path)}: no trace message format file: no line with a message GUID. Give the folder that tracepdb or ` +
        'tracefmt wrote the .tmf files to.',
    );
  }
  return progress.messages;
}

function* lines(text: string): Generator<string> {
  for (let from = 0; from < text.length; ) {
    const end = text.indexOf('\n', from);
    yield text.slice(from, end < 0 ? text.length : end);
    from = end < 0 ? text.length : end + 1;
  }
}

const damaged = ({ path, line }: Progress, what: string): TracekitError =>
  new TracekitError(`${printable(path)}:${Math.max(line, 1)}: ${what}. ${REMEDY}`);

function readLine(progress: Progress, line: string): void {
  if (progress.isOpen) readWithin(progress, line);
  else if (line === '{') progress.isOpen = true;
  else if (line.startsWith('#type')) beginMessage(progress, line);
  else readProvider(progress, line);
}

function readWithin(progress: Progress, line: string): void {
  if (line.startsWith('}')) {
    progress.isOpen = false;
    endMessage(progress);
  } else if (line.startsWith('#type')) throw damaged(progress, 'a message begins within the arguments of another');
  else if (line !== '' && progress.message !== null) addArgument(progress, progress.message, line);
}

function addArgument(progress: Progress, message: TmfMessage, line: string): void {
  const argument = readArgument(line);
  if (argument !== null && progress.arguments.length < MAX_ARGUMENTS) progress.arguments.push(argument);
  else {
    const defect = `the argument in line ${progress.line} of ${progress.path} is not understood`;
    progress.message = { ...message, defect: message.defect ?? defect };
  }
}

/** Other lines, comments among them, say nothing about messages. */
function readProvider(progress: Progress, line: string): void {
  const part = PROVIDER.exec(line);
  if (part === null) return;
  endMessage(progress);
  const source = /\bSRC=(\S+)/.exec(part[3] ?? '')?.[1] ?? null;
  progress.provider = { guid: part[1].toLowerCase(), component: part[2] ?? '', source };
}

function beginMessage(progress: Progress, line: string): void {
  endMessage(progress);
  const part = MESSAGE.exec(line);
  if (part === null) throw damaged(progress, 'not a message of the form #typev name number "format"');
  if (progress.provider === null) throw damaged(progress, 'a message before the line of its GUID');
  const close = part[3].lastIndexOf('" //') >= 0 ? part[3].lastIndexOf('" //') : part[3].lastIndexOf('"');
  if (close < 0) throw damaged(progress, 'the format has no end');
  const trailer = part[3].slice(close + 1);
  progress.message = {
    ...progress.provider,
    number: Number(part[2]),
    name: part[1],
    format: part[3].slice(0, close),
    level: /\bLEVEL=(\S+)/i.exec(trailer)?.[1] ?? null,
    flags: /\bFLAGS?=(\S+)/i.exec(trailer)?.[1] ?? null,
    // The last of them; a C++ name may hold blanks.
    function: /\bFUNC=(\S.*)/i.exec(trailer)?.[1].trim() ?? null,
    arguments: [],
    defect: null,
  };
}

function endMessage(progress: Progress): void {
  const { message } = progress;
  if (message === null) return;
  const sorted = [...progress.arguments].sort((a, b) => a.index - b.index);
  progress.messages.push({ ...message, arguments: withOwnNames(sorted) });
  progress.message = null;
  progress.arguments = [];
}

function withOwnNames(all: readonly TmfArgument[]): readonly TmfArgument[] {
  const seen = new Map<string, number>();
  return all.map((argument) => {
    const times = (seen.get(argument.name) ?? 0) + 1;
    seen.set(argument.name, times);
    return times === 1 ? argument : { ...argument, name: `${argument.name}_${times}` };
  });
}
