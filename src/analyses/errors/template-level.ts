/**
 * How bad a template is. Its messages may differ in that: a driver says `status 0x00000000` a thousand times and
 * `status 0xc0000185` four times, a service `has started` and `has crashed`. Each variant that is known is judged, with how often it came.
 */
import type { Cite } from '../../core/table.js';
import { LEVEL_NAMES, type LevelName } from './options.js';
import type { Values } from './parameters.js';
import type { MessageTemplate } from './result.js';
import { Token } from './scanner.js';
import { severityOf } from './severity.js';
import type { TemplateToken } from './template-text.js';

const NUMBERS: ReadonlySet<number> = new Set([Token.number, Token.hex]);

/** Variants of a template that are judged. */
const MAX_VARIANTS = 48;

/** Messages of a template that say one thing. */
interface Variant {
  readonly text: string;
  /** Null where it is not known how often that came. */
  readonly count: number | null;
  readonly place: { readonly source: number; readonly cite: Cite } | null;
}

export interface Judged extends Pick<MessageTemplate, 'level' | 'levelFrom' | 'reason' | 'worstCount'> {
  /** Level of most of its messages. */
  readonly usual: LevelName | null;
  /** A message that is as bad; null where the first one is. */
  readonly worst: Variant['place'];
}

export interface Facts {
  readonly count: number;
  /** Level that the source gives; null for none. */
  readonly source: number | null;
  readonly provider: string | null;
  readonly eventId: number | null;
}

/** `words`: the templates that became this one, with one word or another; the first is the one whose variables are `values`. */
export function judgedLevel(
  words: readonly Variant[],
  tokens: readonly TemplateToken[],
  slots: readonly number[],
  values: readonly Values[],
  facts: Facts,
): Judged {
  const judge = ({ text }: Variant) => {
    return severityOf({
      message: text,
      level: facts.source,
      eventId: facts.eventId,
      provider: facts.provider,
      channel: null,
    });
  };
  const [own, ...others] = words;
  const first = judge(own);
  let best = { severity: first, count: null as number | null, place: null as Variant['place'] };
  let usual = first.level;
  for (const group of [others.length === 0 ? [] : words, ...slotVariants(tokens, slots, values)]) {
    if (group.length === 0) continue;
    const judged = group.slice(0, MAX_VARIANTS).map((variant) => ({ variant, severity: judge(variant) }));
    const worst = judged.reduce((a, b) => (rank(b.severity.level) < rank(a.severity.level) ? b : a));
    const alike = judged.filter(({ severity }) => severity.level === worst.severity.level);
    const counts = alike.map(({ variant }) => variant.count);
    const sum = counts.includes(null) ? null : counts.reduce((total: number, count) => total + (count ?? 0), 0);
    if (rank(worst.severity.level) < rank(best.severity.level)) {
      best = { severity: worst.severity, count: sum, place: worst.variant.place };
    } else if (
      worst.severity.level === best.severity.level &&
      alike.length < judged.length &&
      (best.count === null || (sum ?? 0) < best.count)
    ) {
      best = { ...best, count: sum, place: best.place ?? worst.variant.place };
    }
    const common = judged.reduce((a, b) => ((b.variant.count ?? 0) > (a.variant.count ?? 0) ? b : a));
    if (alike.length < judged.length) usual = common.severity.level;
  }
  const isAll = best.count === null && best.severity === first;
  const { level, from, reason } = best.severity;
  return {
    level,
    levelFrom: from,
    reason,
    worstCount: isAll ? facts.count : best.count,
    usual: isAll ? level : usual,
    worst: best.place,
  };
}

const rank = (level: LevelName | null): number => (level === null ? LEVEL_NAMES.length : LEVEL_NAMES.indexOf(level));

/** Words beside which a number may be a code, or a count of what is bad; texts beyond ASCII are looked at without. */
const HINTS =
  /err|fail|fehl|warn|status|return|code|result|exit|hr\b|lost|drop|timeout|retr|abort|denied|reject|[^\0-\x7f]/i;
/** Hex numbers that have the bits of an error. */
const CODE = /^0x[8c][\da-f]{7}$/i;

/** Variables whose values may make a message better or worse: judging each value of all takes too long. */
const mayMatter = (tokens: readonly TemplateToken[], { texts }: Values): boolean =>
  texts.some((text) => CODE.test(text)) || tokens.some(({ kind, text }) => kind === Token.word && HINTS.test(text));

/** For each variable what the messages say with each of its values. */
function slotVariants(
  tokens: readonly TemplateToken[],
  slots: readonly number[],
  values: readonly Values[],
): Variant[][] {
  return values.map(({ texts, counts, places, isAll }, slot) => {
    const at = slots[slot];
    if (texts.length < 2 || at === undefined || !NUMBERS.has(tokens[at].kind) || !mayMatter(tokens, values[slot]))
      return [];
    return texts.map((value, i) => ({
      text: tokens.map((token, k) => (k === at ? value : token.text)).join(''),
      count: isAll ? counts[i] : null,
      place: places[i] ?? null,
    }));
  });
}
