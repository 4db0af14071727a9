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

/** Words of a name that are compared. */
const MAX_WORDS = 6;
/** Tokens behind a verb in which an id may stand: `begin id=5`. */
const ID_WITHIN = 5;

export interface SpanMark {
  readonly isStart: boolean;
  readonly family: number;
  /** Name of what begins or ends, e.g. `\_SB.PC00._PS0` or `QueryInterface handler`. */
  readonly name: string;
  /** Variable (its number among them) that tells one such from another: a request's id; -1 for none. */
  readonly idSlot: number;
}

/** Null where a message neither begins nor ends anything. */
export function spanMark(tokens: readonly TemplateToken[]): SpanMark | null {
  const verb = verbOf(tokens);
  if (verb === null) return null;
  const isFirst = !tokens.slice(0, verb.at).some(({ kind }) => kind === Token.word);
  const [from, to] = isFirst ? [verb.at + 1, tokens.length] : [0, verb.at];
  const name = isFirst ? wordsAfter(tokens, from) : wordsBefore(tokens, to);
  const named = firstVariable(tokens, from, to);
  const idSlot = named >= 0 ? named : isFirst ? idBefore(tokens, verb.at, name) : idBehind(tokens, verb.at);
  if (name === '' && idSlot < 0) return null;
  return { isStart: verb.isStart, family: verb.family, name, idSlot };
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
    if (kind === Token.word) words.push(text);
    else if (kind !== Token.blank && !/^[:.\-_#(["]$/.test(kind === Token.punctuation ? text : '')) break;
  }
  return words.join(' ');
}

/** What stands before the verb, without its variables. */
function wordsBefore(tokens: readonly TemplateToken[], to: number): string {
  const text = tokens
    .slice(0, to)
    .map(({ kind, text: own }) => (kind === Token.blank ? ' ' : kind <= Token.punctuation ? own : ''))
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
    // A duration is none: `finished in 5 ms`.
    if (i >= from && typeOf(tokens, i) !== 'duration') return slot;
  }
  return -1;
}
