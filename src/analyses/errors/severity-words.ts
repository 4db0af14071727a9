/**
 * How bad a message is by its words alone. In this order: a marker in front (`Error:`, `[WARN]`, `E/`), what nothing comes back
 * from (`fatal error`), what reports a failure (`failed to`, `access denied`), what may (`not found`, `retrying`). Nouns alone say nothing.
 * Never by a word out of context: negations, conditions, settings, names and questions are blotted out first.
 */
import {
  ASIDE_WITH_EDGES,
  ASIDE_WITHOUT_EDGES,
  NAMES,
  NEGATED_WITH_EDGES,
  NEGATED_WITHOUT_EDGES,
  QUESTIONS,
} from './severity-harmless.js';
import { markerIn } from './severity-markers.js';
import { CRITICAL, PHRASES, type Phrases } from './severity-phrases.js';

export interface WordFinding {
  level: 'critical' | 'error' | 'warning' | 'information' | 'verbose';
  /** A marker is what the program itself says of the message; the others are read from its sentences. */
  strength: 'marker' | 'phrase' | 'bare';
  /** As it stands in the message. */
  quote: string;
}

/** What is wrong stands at the beginning; behind it are dumps, stacks and lists. */
const READ_CHARS = 2000;
/** A character that no pattern takes for a letter, a blank or an end of a sentence. */
const BLOT = '\u0001';

const edged = (source: string): string => `(?<![\\p{L}\\p{N}_])(?:${source})(?![\\p{L}\\p{N}_])`;
/** Whole words, and no part of a compound: `failed-login`. */
const joined = (source: string): string =>
  `(?<![\\p{L}\\p{N}_]|[\\p{L}\\p{N}_]-|--)(?:${source})(?![\\p{L}\\p{N}_]|-\\p{L})`;
const anyOf = (...sources: string[]): RegExp => new RegExp(sources.join('|'), 'giu');

const NEGATED = anyOf(edged(NEGATED_WITH_EDGES), NEGATED_WITHOUT_EDGES);
const ASIDE = anyOf(edged(ASIDE_WITH_EDGES), ASIDE_WITHOUT_EDGES);
const NAMED = anyOf(NAMES);
const ASKED = anyOf(QUESTIONS);
const FATAL = new RegExp(CRITICAL, 'iu');
const UPPER = /(?<![\p{L}\p{N}_])(?:FAIL(?:ED|URE)?)(?![\p{L}\p{N}_]|-\p{L})(?! ?[:=] ?(?:\d|true|false|yes|no))/u;

const allOf = (pick: (phrases: Phrases) => string | readonly string[]): readonly RegExp[] =>
  PHRASES.flatMap((p) => [pick(p)].flat().map((source) => new RegExp(p.edges ? joined(source) : source, 'iu')));
const STRONG = allOf((p) => p.strong);
const WEAK = allOf((p) => p.weak);

function firstOf(patterns: readonly RegExp[], text: string): RegExpExecArray | null {
  for (const pattern of patterns) {
    const match = pattern.exec(text);
    if (match !== null) return match;
  }
  return null;
}

const blot = (text: string, pattern: RegExp): string => text.replace(pattern, (found) => BLOT.repeat(found.length));

/** The worst that the words of a message say; null where they say nothing. Only the first 2,000 characters are read. */
export function wordsOf(message: string): WordFinding | null {
  const text = message.slice(0, READ_CHARS);
  const affirmed = blot(text, NEGATED);
  const marker = markerIn(affirmed);
  if (marker !== null) return { ...marker, level: worse(marker.level, affirmed), strength: 'marker' };
  const said = [NAMED, ASKED, ASIDE].reduce(blot, affirmed);
  return (
    found(text, FATAL.exec(said), 'critical', 'phrase') ??
    found(text, firstOf(STRONG, said), 'error', 'phrase') ??
    found(text, /\p{Ll}/u.test(said) ? UPPER.exec(said) : null, 'error', 'phrase') ??
    found(text, firstOf(WEAK, said), 'warning', 'bare')
  );
}

/** `Error: fatal error …` is critical. */
const worse = (level: WordFinding['level'], text: string): WordFinding['level'] =>
  level === 'error' && FATAL.test(text) ? 'critical' : level;

function found(
  text: string,
  match: RegExpExecArray | null,
  level: WordFinding['level'],
  strength: WordFinding['strength'],
): WordFinding | null {
  if (match === null) return null;
  return { level, strength, quote: text.slice(match.index, match.index + match[0].length).trim() };
}
