/** Which messages begin something, and which end it, by the words that programs use for that. */
import { Token } from './scanner.js';
import { type TemplateToken, typeOf } from './template-text.js';

/** Words that begin and words that end; each pair of sets is a family. */
const FAMILIES: readonly (readonly [RegExp, RegExp])[] = [
  [
    /^(?:start|starts|started|starting|begin|begins|began|beginning|issue|issued|issuing|submit|submitted|submitting|dispatch|dispatched|dispatching|initiate|initiated|initiating)$/i,
    /^(?:finish|finishes|finished|finishing|complete|completes|completed|completing|completion|stop|stops|stopped|stopping|end|ends|ended|ending|done)$/i,
  ],
  [
    /^(?:enter|enters|entered|entering)$/i,
    /^(?:leave|leaves|leaving|exit|exits|exited|exiting|return|returns|returned|returning)$/i,
  ],
  [/^(?:send|sends|sent|sending)$/i, /^(?:receive|receives|received|receiving|recv)$/i],
  [/^(?:acquire|acquires|acquired|acquiring)$/i, /^(?:release|releases|released|releasing)$/i],
  [/^(?:lock|locks|locked|locking)$/i, /^(?:unlock|unlocks|unlocked|unlocking)$/i],
  [/^(?:open|opens|opened|opening)$/i, /^(?:close|closes|closed|closing)$/i],
];

/** What is sent is completed, too, as requests are: `Sending IRP 0x8a3e0010`, `IRP 0x8a3e0010 completed`. */
const SENT = /^(?:send|sends|sent|sending)$/i;
const COMPLETED = /^(?:complete|completes|completed|completing|completion|done)$/i;
/** The family of both, which is only theirs where an id says that they are of one request. */
const REQUESTS = FAMILIES.length;

/** Stands in a name for digits of it (`W32Time`): a message of the same shape may have others. */
const DIGITS = '\0';

/** Words of a name that are compared. */
const MAX_WORDS = 6;
/** Tokens behind a verb in which an id may stand: `begin id=5`. */
const ID_WITHIN = 5;

export interface SpanMark {
  readonly isStart: boolean;
  /** Families of words that this may be paired by. */
  readonly families: readonly number[];
  /** Name of what begins or ends, e.g. `\_SB.PC00._PS0` or `QueryInterface handler`; its digits are left open, see `nameWith`. */
  readonly name: string;
  /** Variable (its number among them) that tells one such from another: a request's id; -1 for none. */
  readonly idSlot: number;
  /** Variables that are the digits in the name: they tell one from another, too. */
  readonly digitSlots: readonly number[];
}

/** Joins the digits of a name: none of them is one. */
export const BETWEEN_DIGITS = ' ';

/** A name with its digits, which are null where they differ from message to message. */
export function nameWith(name: string, digits: string | null): string {
  const values = digits?.split(BETWEEN_DIGITS) ?? [];
  return name
    .split(DIGITS)
    .map((part, i) => (i === 0 ? part : `${values[i - 1] ?? '<num>'}${part}`))
    .join('');
}

/** Null where a message neither begins nor ends anything. */
export function spanMark(tokens: readonly TemplateToken[]): SpanMark | null {
  const verb = verbOf(tokens);
  if (verb === null) return null;
  const isFirst = !tokens.slice(0, verb.at).some(({ kind }) => kind === Token.word);
  const [from, to] = isFirst ? [verb.at + 1, tokens.length] : [0, verb.at];
  const name = isFirst ? wordsAfter(tokens, from) : wordsBefore(tokens, to);
  const named = firstVariable(tokens, from, to);
  const digitSlots = slotsOfDigits(tokens, from).slice(0, name.split(DIGITS).length - 1);
  const isTold = named >= 0 || digitSlots.length > 0;
  const idSlot = isTold ? named : isFirst ? idBefore(tokens, verb.at, name) : idBehind(tokens, verb.at);
  if (name === '' && idSlot < 0) return null;
  const hasId = idSlot >= 0;
  const isRequest = hasId && (verb.isStart ? SENT : COMPLETED).test(tokens[verb.at].text);
  return {
    isStart: verb.isStart,
    families: isRequest ? [verb.family, REQUESTS] : [verb.family],
    name,
    idSlot,
    digitSlots,
  };
}

/** Numbers among the variables of those digits in words that stand from `from` on. */
function slotsOfDigits(tokens: readonly TemplateToken[], from: number): number[] {
  let slot = -1;
  return tokens.flatMap(({ kind }, i) => {
    if (kind >= Token.number) slot++;
    return kind === Token.suffix && i >= from ? [slot] : [];
  });
}

/** `begin id=5` behind a name. */
const idBehind = (tokens: readonly TemplateToken[], verb: number): number =>
  firstVariable(tokens, verb + 1, Math.min(tokens.length, verb + 1 + ID_WITHIN));

/** `17, "started"`: what stands before the verb is the id where there is no name. */
const idBefore = (tokens: readonly TemplateToken[], verb: number, name: string): number =>
  name === '' ? firstVariable(tokens, 0, verb) : -1;

/** The first word, or the last, that begins or ends something; of others in between nobody knows what they are about. */
function verbOf(tokens: readonly TemplateToken[]): { at: number; family: number; isStart: boolean } | null {
  const words = tokens.flatMap(({ kind }, i) => (kind === Token.word ? [i] : []));
  for (const at of [words[0], words[words.length - 1], ...words.slice(1, -1).reverse()]) {
    if (at === undefined) continue;
    const family = FAMILIES.findIndex(([start, finish]) => start.test(tokens[at].text) || finish.test(tokens[at].text));
    if (family >= 0) return { at, family, isStart: FAMILIES[family][0].test(tokens[at].text) };
  }
  return null;
}

/** `PnpMatchResources`, `QueryInterface handler`: words behind the verb, up to a variable or the end of the phrase. */
function wordsAfter(tokens: readonly TemplateToken[], from: number): string {
  const words: string[] = [];
  for (let i = from; i < tokens.length && words.length < MAX_WORDS; i++) {
    const { kind, text } = tokens[i];
    const isSameWord = i > from && isInWord(tokens[i - 1].kind) && isInWord(kind);
    const own = kind === Token.suffix ? DIGITS : text;
    if (isSameWord && words.length > 0) words[words.length - 1] += own;
    else if (kind === Token.word) words.push(own);
    else if (kind !== Token.blank && !/^[:.\-_#(["]$/.test(kind === Token.punctuation ? text : '')) break;
  }
  return words.join(' ');
}

/** `W`, `32`, `Time` are one word. */
const isInWord = (kind: number): boolean => kind === Token.word || kind === Token.suffix;

/** What stands before the verb, without its variables but for the digits of names. */
function wordsBefore(tokens: readonly TemplateToken[], to: number): string {
  const text = tokens
    .slice(0, to)
    .map(({ kind, text: own }) => {
      if (kind === Token.blank) return ' ';
      return kind === Token.suffix ? DIGITS : kind <= Token.punctuation ? own : '';
    })
    .join('');
  return text
    .replace(/\[\]|\(\)|""/g, '')
    .replace(/^[\s,:;"!=>-]{1,40}/, '')
    .replace(/[\s,:;"!=([-]{1,40}$/, '')
    .slice(0, 200);
}

function firstVariable(tokens: readonly TemplateToken[], from: number, to: number): number {
  let slot = -1;
  for (let i = 0; i < to; i++) {
    if (tokens[i].kind < Token.number) continue;
    slot++;
    // A duration is none: `finished in 5 ms`; nor are digits of a name.
    if (i >= from && tokens[i].kind !== Token.suffix && typeOf(tokens, i) !== 'duration') return slot;
  }
  return -1;
}
