/** Words for levels, as sources print them in a column of its own. */
import { NULL_I32 } from '../../src/core/schema.js';
import { LEVELS } from '../../src/tables/log-message.js';

const WORDS: Readonly<Record<keyof typeof LEVELS, readonly string[]>> = {
  critical: ['critical', 'crit', 'crt', 'fatal', 'ftl', 'panic', 'emerg', 'emergency', 'alert', 'kritisch'],
  error: ['error', 'err', 'severe', 'failure', 'fail', 'fehler', 'erreur', 'errore', 'erro'],
  warning: ['warning', 'warn', 'wrn', 'warnung', 'avertissement', 'advertencia', 'avviso', 'aviso'],
  information: ['information', 'informational', 'info', 'inf', 'notice'],
  verbose: ['verbose', 'vrb', 'debug', 'dbg', 'trace', 'trc', 'fine', 'finer', 'finest'],
};
/** Single letters count in brackets only, where nothing else is likely. */
const LETTERS: Readonly<Record<string, number>> = {
  C: LEVELS.critical,
  F: LEVELS.critical,
  E: LEVELS.error,
  W: LEVELS.warning,
  I: LEVELS.information,
  N: LEVELS.information,
  D: LEVELS.verbose,
  T: LEVELS.verbose,
  V: LEVELS.verbose,
};
const BY_WORD: ReadonlyMap<string, number> = new Map(
  Object.entries(WORDS).flatMap(([name, words]) => words.map((word) => [word, LEVELS[name as keyof typeof LEVELS]])),
);
/** `TRACE_LEVEL_ERROR` of WPP. */
const PREFIX = /^(?:trace_level_|log_level_|level_)/;

/** The level of a word, in any case: `ERROR`, `Info`, `TRACE_LEVEL_WARNING`; null in `i32` columns where it is none. */
export function levelOfWord(word: string): number {
  return BY_WORD.get(word.toLowerCase().replace(PREFIX, '')) ?? NULL_I32;
}

/** The level of a cell of a column that holds levels: a word, a letter, or ETW's number. */
export function levelOfCell(cell: string): number {
  const text = cell.trim();
  if (/^[1-5]$/.test(text)) return Number(text);
  return LETTERS[text] ?? levelOfWord(text);
}

const LONGEST = 13;
/** Words by length and first letter, for looking at bytes. */
const BY_SHAPE: readonly (readonly { readonly word: Buffer; readonly level: number }[])[] = shapes();
function shapes(): { word: Buffer; level: number }[][] {
  const found: { word: Buffer; level: number }[][] = Array.from({ length: 32 * (LONGEST + 1) }, () => []);
  for (const [word, level] of BY_WORD)
    found[shapeOf(word.length, word.charCodeAt(0))].push({ word: Buffer.from(word), level });
  return found;
}

function shapeOf(length: number, first: number): number {
  return length * 32 + (first & 31);
}

/** The level that the letters in `bytes` are, in any case; null in `i32` columns where they are none. No string is made. */
export function levelAt(bytes: Buffer, from: number, to: number): number {
  const length = to - from;
  if (length < 3 || length > LONGEST) return NULL_I32;
  const words = BY_SHAPE[length * 32 + (bytes[from] & 31)];
  for (let n = 0; n < words.length; n++) {
    const { word, level } = words[n];
    let i = 0;
    while (i < length && (bytes[from + i] | 32) === word[i]) i++;
    if (i === length) return level;
  }
  return NULL_I32;
}

/** The same for a word within brackets, where a single capital is enough: `[E]`. */
export function levelInBrackets(bytes: Buffer, from: number, to: number): number {
  return to - from === 1 ? (LETTERS[String.fromCharCode(bytes[from])] ?? NULL_I32) : levelAt(bytes, from, to);
}
