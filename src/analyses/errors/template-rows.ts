/** Templates as the answer tells them: text, level, parameters, places. */
import type { Finish } from '../../core/analysis.js';
import { burstsOf } from './bursts.js';
import type { Joined, JoinedTemplate } from './joined.js';
import { LEVEL_NAMES, type LevelName } from './options.js';
import type { Values } from './parameters.js';
import type { MessageTemplate, Parameter } from './result.js';
import { Token } from './scanner.js';
import { type StatusCode, statusCodesIn } from './status-codes.js';
import { PARTS, resampled } from './strips.js';
import { type Judged, judgedLevel } from './template-level.js';
import { ANY_WORD, type TemplateToken, templateText, typeOf } from './template-text.js';
import { withPlainNumbers } from './token-lists.js';

const US = 1e6;
const MAX_READ = 4000;
/** Hex digits, `0x` aside, beyond which a number is taken for an address. */
const ADDRESS_DIGITS = 8;

interface Whole {
  readonly startUs: number;
  readonly endUs: number;
  readonly messages: number;
}

/** A template with what is needed to tell of it; sums over all that was merged into it. */
export interface Told {
  readonly template: JoinedTemplate;
  readonly row: MessageTemplate;
  /** Level of most of its messages. */
  readonly usual: LevelName | null;
  readonly firstUs: number;
  readonly lastUs: number;
  /** Parts of `Strips`. */
  readonly counts: Int32Array;
}

export class TemplateRows {
  constructor(
    private readonly joined: Joined,
    private readonly whole: Whole,
    private readonly options: { readonly sampleLines: number; readonly rules: readonly { level: LevelName | null }[] },
    private readonly context: Finish,
  ) {}

  of(template: JoinedTemplate): Told {
    const { pass } = this.joined;
    const { members, count } = template;
    const seen = members.map((id) => pass.seen[id]);
    for (const id of members) pass.parameters.merge(template.id, id);
    const firstUs = least(members.map(pass.records.firstUs));
    const lastUs = -least(members.map((id) => -pass.records.lastUs(id)));
    const { tokens, origin, isStructured } = pass.templates.list[template.id];
    const { provider, eventId, function: fn, level: ownLevel } = pass.origin(origin);
    const values = pass.parameters.of(template.id);
    const own = template.id === pass.templates.other ? '(other messages)' : textWith(tokens, values, count);
    // The same in every trace, whatever values it holds.
    const masked = templateText(withPlainNumbers(tokens), () => false);
    const text =
      isStructured && provider !== null ? `${provider}${eventId === null ? '' : `/${eventId}`}: ${own}` : own;
    const counts = this.#counts(members);
    const spanUs = this.whole.endUs - this.whole.startUs;
    const examples = seen
      .flatMap((one) => one.examples)
      .sort((a, b) => a.source - b.source || (a.cite.line ?? a.cite.byte ?? 0) - (b.cite.line ?? b.cite.byte ?? 0));
    const { usual, worst, ...level } = this.#level(template, values, { provider, eventId });
    const evidence = examples
      .slice(0, Math.max(1, this.options.sampleLines))
      .map(({ source, cite }) => this.context.evidence(source, cite));
    if (worst !== null) evidence.unshift(this.context.evidence(worst.source, worst.cite));
    const row: MessageTemplate = {
      id: idOf(ownLevel === null ? masked : `${ownLevel}|${masked}`, provider, eventId, fn),
      template: text,
      provider,
      function: fn,
      eventId,
      count,
      ...level,
      firstUs: orNull(firstUs),
      lastUs: orNull(lastUs),
      perSecond: spanUs > 0 ? (US * count) / spanUs : null,
      percent: this.whole.messages === 0 ? 0 : (100 * count) / this.whole.messages,
      ...this.#threads(template),
      codes: codesOf(tokens, values),
      parameters: parametersOf(
        tokens,
        values,
        members.map((id) => pass.templates.list[id].tokens),
      ),
      bursts: this.#bursts(template, firstUs, lastUs),
      counts: resampled(counts, 64, pass.strips.startUs, pass.strips.partUs, this.whole),
      examples: worst === null ? evidence : evidence.slice(0, Math.max(1, this.options.sampleLines)),
    };
    return { template, row, usual, firstUs, lastUs, counts };
  }

  #counts(members: readonly number[]): Int32Array {
    const sum = new Int32Array(PARTS);
    for (const id of members) {
      const row = this.joined.pass.strips.row(id + 1);
      for (let i = 0; i < PARTS; i++) sum[i] += row[i];
    }
    return sum;
  }

  #level(
    { id, members, count }: JoinedTemplate,
    values: readonly Values[],
    { provider, eventId }: { provider: string | null; eventId: number | null },
  ): Judged {
    const { pass } = this.joined;
    const rule = members.map((member) => pass.seen[member].rule).find((number) => number >= 0);
    const pinned = rule === undefined ? null : this.options.rules[rule].level;
    if (pinned !== null) {
      return {
        level: pinned,
        levelFrom: 'rule',
        reason: 'given with the template',
        worstCount: count,
        usual: pinned,
        worst: null,
      };
    }
    const level = Math.min(...members.map(pass.records.worstLevel));
    const source = level >= 1 && level <= LEVEL_NAMES.length ? level : null;
    const { tokens } = pass.templates.list[id];
    const words = [id, ...members.filter((member) => member !== id)].map((member) => ({
      // A pinned template is made of what the user typed.
      text:
        rule === undefined
          ? pass.templates.list[member].tokens.map(({ text }) => text).join('')
          : (pass.seen[member].examples[0]?.text ?? ''),
      count: pass.records.count(member),
      place: pass.seen[member]?.examples[0] ?? null,
    }));
    return judgedLevel(words, tokens, slotTokens(tokens), values, { count, source, provider, eventId });
  }

  #threads({
    sayers,
    hasMoreThreads,
  }: JoinedTemplate): Pick<MessageTemplate, 'pids' | 'tids' | 'processes' | 'hasMoreThreads'> {
    const { pass } = this.joined;
    const all = sayers.map((thread) => pass.threads[thread]);
    const numbers = (values: readonly (number | null)[]): number[] =>
      [...new Set(values.filter((value) => value !== null))].sort((a, b) => a - b);
    return {
      hasMoreThreads,
      pids: numbers(all.map(({ pid }) => pid)),
      tids: numbers(all.map(({ tid }) => tid)),
      processes: [
        ...new Set(all.map(({ process }) => pass.names.text(process)).filter((name) => name !== null)),
      ].sort(),
    };
  }

  #bursts(template: JoinedTemplate, firstUs: number, lastUs: number): MessageTemplate['bursts'] {
    if (template.count < 6) return null;
    const [whole] = template.wholes;
    if (whole === undefined) return null;
    const { start } = this.joined.instants(whole.series);
    const found = burstsOf(start, (lastUs - firstUs) / (template.count - 1));
    return found === null ? null : { count: found.count, largest: found.largest, longestMs: found.longestUs / 1000 };
  }
}

/** Codes of the first message, and of what else stood in the places of its variables. */
function codesOf(tokens: readonly TemplateToken[], values: readonly Values[]): StatusCode[] {
  const slots = slotTokens(tokens);
  const found = new Map<string, StatusCode>();
  const add = (at: number, value: string): void => {
    const message = tokens.map((token, k) => (k === at ? value : token.text)).join('');
    for (const code of statusCodesIn(message.slice(0, MAX_READ))) found.set(`${code.kind} ${code.value}`, code);
  };
  add(-1, '');
  for (const [slot, { texts }] of values.entries()) for (const text of texts.slice(1)) add(slots[slot], text);
  return [...found.values()];
}

const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null);
const least = (values: readonly number[]): number =>
  values.reduce((best, value) => (Number.isNaN(value) || value >= best ? best : value), Number.POSITIVE_INFINITY);

/** Messages from which on a value that never differed is part of the text. */
const ENOUGH = 3;

/** Types of variables come from all messages: the first one's number may be another one's address. */
function textWith(tokens: readonly TemplateToken[], values: readonly Values[], count: number): string {
  const typed = withTypes(tokens, values);
  const slots = new Map(slotTokens(tokens).map((token, slot) => [token, slot]));
  return templateText(typed, (token) => {
    const value = values[slots.get(token) ?? -1];
    const isOne = value?.isAll === true && value.texts.length === 1;
    return isOne && (count >= ENOUGH || tokens[token].kind === Token.suffix);
  });
}

/** Tokens that are variables of messages, in order. */
const slotTokens = (tokens: readonly TemplateToken[]): number[] =>
  tokens.flatMap(({ kind }, i) => (kind >= Token.number && kind !== ANY_WORD ? [i] : []));

function withTypes(tokens: readonly TemplateToken[], values: readonly Values[]): TemplateToken[] {
  const typed = [...tokens];
  for (const [slot, token] of slotTokens(tokens).entries()) {
    const value = values[slot];
    if (value === undefined || tokens[token].kind === Token.suffix) continue;
    // As long as the longest: that decides whether it is an address.
    if (value.isHex) typed[token] = { kind: Token.hex, text: longestHex(value, tokens[token].text) };
  }
  return typed;
}

/** The longest of its values decides whether it is an address; where not all are known, their length. */
function longestHex({ hexDigits, texts }: Values, own: string): string {
  // Of values as long as each other one that looks like a code decides, whichever came first.
  const weight = (text: string): number => 2 * text.length + (/^(?:0x)?[8c]0/i.test(text) ? 1 : 0);
  const longest = texts.reduce((best, text) => (weight(text) > weight(best) ? text : best), own);
  return longest.length >= hexDigits || hexDigits < ADDRESS_DIGITS + 2 ? longest : `0x1${'0'.repeat(ADDRESS_DIGITS)}`;
}

/** Words kept of a place where they differ. */
const WORDS_KEPT = 16;

/**
 * The variables in the order of the text. `lists` are the tokens of all templates that became this one: they hold the words that
 * differ; those that came later are not known one by one.
 */
function parametersOf(
  tokens: readonly TemplateToken[],
  values: readonly Values[],
  lists: readonly (readonly TemplateToken[])[],
): Parameter[] {
  const typed = withTypes(tokens, values);
  const slots = new Map(slotTokens(tokens).map((token, slot) => [token, slot]));
  return tokens.flatMap((token, i): Parameter[] => {
    if (token.kind === ANY_WORD) return [wordParameter(lists.map((list) => list[i]))];
    const value = values[slots.get(i) ?? -1];
    if (value === undefined) return [];
    const isNumber = value.min <= value.max;
    return [
      {
        type: typeOf(typed, i) ?? 'number',
        distinct: value.isAll ? value.texts.length : null,
        values: value.texts,
        min: isNumber ? value.min : null,
        max: isNumber ? value.max : null,
      },
    ];
  });
}

function wordParameter(tokens: readonly (TemplateToken | undefined)[]): Parameter {
  const words = new Set(tokens.flatMap((token) => (token?.kind === Token.word ? [token.text] : [])));
  return { type: 'word', distinct: null, values: [...words].slice(0, WORDS_KEPT), min: null, max: null };
}

/** Eight hex digits from what the template says and where it comes from. */
function idOf(text: string, provider: string | null, eventId: number | null, fn: string | null): string {
  let hash = 0x811c9dc5;
  for (const char of `${provider ?? ''}|${eventId ?? ''}|${fn ?? ''}|${text}`) {
    hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}
