/** Token lists of templates: what two of them have in common, and keys to find them by. */
import { Token } from './scanner.js';
import { ANY_WORD, type TemplateToken } from './template-text.js';

export const wildAt = (tokens: readonly TemplateToken[], i: number): TemplateToken[] =>
  tokens.map((token, at) => (at === i ? { kind: ANY_WORD, text: token.text } : token));

/** Decimal and hex numbers are one variable. */
const kindIn = (kind: number): number => (kind === Token.hex || kind === Token.suffix ? Token.number : kind);

/** Tokens with all numbers written as one kind, as their messages were found to be of one shape. */
export const withPlainNumbers = (tokens: readonly TemplateToken[]): TemplateToken[] =>
  tokens.map((token) => (kindIn(token.kind) === Token.number ? { kind: Token.number, text: '0' } : token));

const isWord = (kind: number): boolean => kind === Token.word || kind === ANY_WORD;

function isSame(a: TemplateToken, b: TemplateToken): boolean {
  if (kindIn(a.kind) !== kindIn(b.kind)) return false;
  return (a.kind !== Token.word && a.kind !== Token.punctuation) || a.text === b.text;
}

/** True where every message of `tokens` is one of `template`; both are as long. */
export const covers = (template: readonly TemplateToken[], tokens: readonly TemplateToken[]): boolean =>
  template.every((a, i) => (a.kind === ANY_WORD ? isWord(tokens[i].kind) : isSame(a, tokens[i])));

/** The template of all messages of both, where some message may be of both; null where none can be, or where no word is left. */
export function joined(a: readonly TemplateToken[], b: readonly TemplateToken[]): TemplateToken[] | null {
  let words = 0;
  const tokens: TemplateToken[] = [];
  for (let i = 0; i < a.length; i++) {
    if (a[i].kind === ANY_WORD || b[i].kind === ANY_WORD) {
      if (!isWord(a[i].kind) || !isWord(b[i].kind)) return null;
      tokens.push({ kind: ANY_WORD, text: a[i].text });
    } else if (isSame(a[i], b[i])) {
      if (a[i].kind === Token.word) words++;
      tokens.push(a[i]);
    } else return null;
  }
  return words === 0 ? null : tokens;
}

/** 53 bits that tell token lists apart, whatever stands at `left`. */
export function keyWithout(tokens: readonly TemplateToken[], left: number, origin: number): number {
  let h1 = (0x811c9dc5 ^ origin) | 0;
  let h2 = (left + 1) | 0;
  for (let i = 0; i < tokens.length; i++) {
    const { kind, text } = tokens[i];
    const isText = i !== left && (kind === Token.word || kind === Token.punctuation);
    const mark = i === left ? 99 : kindIn(kind);
    h1 = Math.imul(h1 ^ mark, 0x01000193);
    h2 = Math.imul(h2 + mark, 0x85ebca6b);
    if (isText) {
      for (let c = 0; c < text.length; c++) {
        h1 = Math.imul(h1 ^ text.charCodeAt(c), 0x01000193);
        h2 = Math.imul(h2 + text.charCodeAt(c), 0x85ebca6b) ^ (h1 >>> 15);
      }
    }
  }
  return (h1 >>> 0) * 0x200000 + (h2 & 0x1fffff);
}

/** Length, kinds and first word. */
export function crowdKey(tokens: readonly TemplateToken[], origin: number): number {
  const first = tokens.find(({ kind }) => kind === Token.word || kind === ANY_WORD);
  const skeleton = tokens.map((token) =>
    token === first || token.kind === Token.punctuation
      ? token
      : { kind: token.kind === Token.word ? ANY_WORD : token.kind, text: '' },
  );
  return keyWithout(skeleton, -1, origin);
}

/** The place with the most different words, but not the first word; -1 where all have the same. */
export function mostWords(lists: readonly (readonly TemplateToken[])[]): number {
  let best = -1;
  let most = 2;
  const first = lists[0].findIndex(({ kind }) => kind === Token.word);
  for (let i = first + 1; i < lists[0].length; i++) {
    if (lists[0][i].kind !== Token.word) continue;
    const words = new Set(lists.map((tokens) => tokens[i].text)).size;
    if (words > most) [best, most] = [i, words];
  }
  return best;
}

/** Tokens in which what stands between quotes is one variable, as the scanner makes it of texts. */
export function withoutTexts(tokens: readonly TemplateToken[]): TemplateToken[] {
  const masked: TemplateToken[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const isQuote = ({ kind, text }: TemplateToken): boolean => kind === Token.punctuation && text === '"';
    const end = isQuote(tokens[i]) ? tokens.findIndex((token, k) => k > i && isQuote(token)) : -1;
    if (end < 0) masked.push(tokens[i]);
    else {
      const text = tokens.slice(i, end + 1).map((token) => token.text);
      masked.push({ kind: Token.quoted, text: text.join('') });
      i = end;
    }
  }
  return masked;
}
