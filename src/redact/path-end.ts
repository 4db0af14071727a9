/** Where a path in a text ends: paths have blanks in them, and sentences go on behind them. */
import { BACKSLASH, endOf, indexWithin, isAlnum, isSlash, printedControl } from './characters.js';

/** Extensions that a pseudonym keeps, since they say what the file is and no more. */
const EXTENSIONS = new Set(
  (
    'log txt csv tsv xml json etl evtx evt dmp cab zip gz 7z ini inf cfg conf config reg dat bin db mdb mdf ldf sqlite tmp bak old ' +
    'doc docx xls xlsx ppt pptx pdf rtf odt html htm js ts py ps1 psm1 bat cmd vbs sh c cpp cc cxx h hpp cs vb java go rs pdb lib obj ' +
    'sys dll exe drv ocx cpl scr msi msp msu cat man mui nls ttf ico png jpg jpeg gif bmp svg mp4 avi wav mp3 iso vhd vhdx vmdk ' +
    'pst ost eml msg lnk url yml yaml md wim key pem pfx cer crt idx chk tmf spl shd'
  ).split(' '),
);
const LONGEST_EXTENSION = 6;

/** `.log` of a name with a known extension, lower case; empty for others. */
export function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.');
  if (dot < 0 || name.length - dot > LONGEST_EXTENSION + 1) return '';
  const extension = name.slice(dot + 1).toLowerCase();
  return EXTENSIONS.has(extension) ? `.${extension}` : '';
}

const STOPS = new Set([...'"<>|*?,;:…“”'].map((one) => one.charCodeAt(0)));
const LONGEST_QUOTED = 300;
/** What is longer goes on as a path of its own. */
const LONGEST_PATH = 1024;
/** Blanks are looked behind for so many words and characters. */
const WORDS_AHEAD = 4;
const MOST_AHEAD = 80;

/** End of the path whose names begin at `from`; `start` is where its root does. */
export function pathEnd(text: string, start: number, from: number): number {
  const quote = start > 0 ? text[start - 1] : '';
  if (quote === '"' || quote === "'" || quote === '“') {
    const end = quotedEnd(text, from, quote === '“' ? '”' : quote);
    if (end >= 0) return end;
  }
  let end = from;
  let component = from;
  const open: string[] = [];
  const limit = Math.min(text.length, from + LONGEST_PATH);
  while (end < limit) {
    const code = text.charCodeAt(end);
    if (code === 32) {
      const next = goesOn(text, end, component);
      if (next < 0) break;
      end = next;
      continue;
    }
    if (code < 32 || STOPS.has(code) || printedControl(text, end) > 0 || isEntity(text, end)) break;
    if (bracketEnds(text, end, open)) break;
    if (isSlash(code)) component = end + 1;
    end++;
  }
  while (end > from && /[.!'=\s]/.test(text[end - 1])) end--;
  return end;
}

function quotedEnd(text: string, from: number, quote: string): number {
  const next = (at: number): number => indexWithin(text, quote, at, LONGEST_QUOTED - (at - from));
  let end = next(from);
  while (end >= 0 && quote === "'" && isAlnum(text.charCodeAt(end + 1))) end = next(end + 1);
  if (end < 0) return -1;
  const inside = text.slice(from, end);
  // Another path, arguments or a sentence in the same quotes.
  return /[\n\r<>|]| [a-z]:[\\/]| \\|\.exe /i.test(inside) ? -1 : end;
}

const isEntity = (text: string, at: number): boolean =>
  text[at] === '&' && /^&(?:quot|apos|lt|gt|#\d{1,5});/.test(text.slice(at, at + 9));

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** True where a bracket, or what quotes, is no longer the path's own. */
function bracketEnds(text: string, at: number, open: string[]): boolean {
  const one = text[at];
  if (one === "'" || one === '!') return !isAlnum(text.charCodeAt(at + 1));
  const closing = CLOSING[one];
  if (closing !== undefined) {
    const end = indexWithin(text, closing, at, MOST_AHEAD);
    if (end < 0) return true;
    const next = text.charCodeAt(end + 1);
    if (!isAlnum(next) && !isSlash(next) && text[end + 1] !== '.' && one !== '{') return true;
    open.push(closing);
    return false;
  }
  if (one !== ')' && one !== ']' && one !== '}') return false;
  return open.pop() !== one;
}

/** Where the path goes on behind the blank at `at`; -1 where it has ended. */
function goesOn(text: string, at: number, component: number): number {
  if (extensionOf(text.slice(component, at)) !== '') return -1;
  let from = at + 1;
  for (let word = 0; word < WORDS_AHEAD && from - at < MOST_AHEAD; word++) {
    const first = text[from];
    if (first === undefined || /[\s\\/"'<>|-]/.test(first)) return -1;
    const end = endOf(text, from, (code) => code > 32 && !isSlash(code) && !STOPS.has(code), MOST_AHEAD);
    if (text.charCodeAt(end) === BACKSLASH) return end > from && printedControl(text, end) === 0 ? end : -1;
    if (extensionOf(text.slice(from, end)) !== '') return end;
    if (text[end] !== ' ') return -1;
    from = end + 1;
  }
  return -1;
}
