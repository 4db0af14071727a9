/** Images of processes, and the arguments behind them. */
import { endOf, folded, indexWithin, isAlnum, printedControl } from './characters.js';
import type { Names } from './names.js';
import { PLAIN_WORDS } from './plain-words.js';
import type { Context, Span } from './span.js';
import { isWindowsProcess } from './windows-names.js';

const EXE = '.exe';
const CLOSING: Readonly<Record<string, string>> = { '"': '"', "'": "'", '“': '”' };
const LONGEST_LINE = 2000;

/** `invoice.exe` in a name of a file; `atomEnd` is behind it. */
export function image(context: Context, at: number, atomEnd: number): Span | null {
  const { text, low, names } = context;
  const atom = low.slice(at, atomEnd);
  let dot = atom.indexOf(EXE);
  while (dot >= 0 && isAlnum(atom.charCodeAt(dot + EXE.length))) dot = atom.indexOf(EXE, dot + 1);
  if (dot <= 0) return null;
  const end = at + dot + EXE.length;
  const name = text.slice(at, end);
  return withoutArguments(context, at, end, isWindowsProcess(name) ? name : `${processPseudonym(names, name)}${EXE}`);
}

/** Pseudonym of a process, without `.exe`; its name is known from here on, as debuggers spell modules too: `my_app` of `my-app.exe`. */
export function processPseudonym(names: Names, image: string): string {
  const low = folded(image);
  const stem = low.endsWith(EXE) ? low.slice(0, -EXE.length) : low;
  const pseudonym = names.of('process', stem);
  names.learn('process', stem, pseudonym);
  names.learn('process', stem.replace(/[^\p{L}\p{N}_]/gu, '_'), pseudonym);
  return pseudonym;
}

/** A span that ends with an image, without what it was called with: `x.exe -k secret` up to the end of the quotes or the text. */
export function withoutArguments({ text, names }: Context, start: number, end: number, out: string): Span {
  const quote = text[start - 1];
  const isQuoted = quote === '"' || quote === "'";
  const from = isQuoted && text[end] === quote ? end + 1 : end;
  const dash = endOf(text, from, (code) => code === 32);
  if (CLOSING[quote] !== undefined && dash > end && from === end) {
    const closed = indexWithin(text, CLOSING[quote], dash, LONGEST_LINE);
    const isProse = PLAIN_WORDS.has(folded(text.slice(dash, endOf(text, dash, isAlnum))));
    // `"x.exe C:\list.txt"` is what was called; `"x.exe failed"` says something of it.
    if (closed > dash && !isProse)
      return { end: closed, out: `${out} ${names.of('arguments', text.slice(dash, closed))}` };
  }
  if (dash === from || dash - from > 4 || !/^(?:--?|\/)[a-z?]/i.test(text.slice(dash, dash + 3))) return { end, out };
  const stop = argumentsEnd(text, dash, isQuoted && from === end ? quote : null);
  return { end: stop, out: `${out}${text.slice(end, dash)}${names.of('arguments', text.slice(dash, stop))}` };
}

/** Where arguments end: at the quote that encloses them all, at markup, at the end of the line. */
export function argumentsEnd(text: string, from: number, quote: string | null): number {
  let end = from;
  while (end < text.length) {
    const one = text[end];
    if (one === quote || one === '<' || one === '\t' || one === '\n' || one === '\r' || printedControl(text, end) > 0)
      break;
    end++;
  }
  return end;
}

/** A whole command line: its image as it is shown elsewhere, and none of its arguments. */
export function commandLine({ names, redacted }: Pick<Context, 'names' | 'redacted'>, line: string): string {
  const end = imageEnd(line);
  const rest = line.slice(end).trim();
  const image = redacted(line.slice(0, end));
  if (rest === '') return image;
  const removed = names.of('arguments', rest);
  names.learn('arguments', rest, removed);
  return `${image} ${removed}`;
}

function imageEnd(line: string): number {
  const from = endOf(line, 0, (code) => code === 32);
  const quote = line[from] === '"' ? line.indexOf('"', from + 1) : -1;
  if (quote >= 0) return quote + 1;
  const exe = folded(line).indexOf(EXE);
  if (exe >= 0 && !isAlnum(line.charCodeAt(exe + EXE.length))) return exe + EXE.length;
  return endOf(line, from, (code) => code !== 32);
}
