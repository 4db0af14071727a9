/** Numbers as people's locales print them: `1,176567818`, `1.234,5`, `1 234.5`, `1'234.5`, `12,5 ms`. */

/** Which character stands before the fraction; the other one of the two groups digits. */
export type Separator = '.' | ',';

/** A cell taken apart; `digits` holds digits, `.` and `,` only, blanks and apostrophes between digits are gone. */
export interface NumberText {
  readonly negative: boolean;
  readonly digits: string;
  readonly exponent: number;
  /** Letters behind the number, `%` or µ; empty where there are none. */
  readonly unit: string;
}

const MAX_CELL = 64;
const CELL = /^([+-]?)(\d[\d.,]*|[.,]\d+)(?:[eE]([+-]?\d{1,3}))?([^\d.,+-]{0,4})$/;

/** Takes a cell apart; null where it is no number. */
export function numberText(cell: string): NumberText | null {
  if (cell.length > MAX_CELL) return null;
  const found = CELL.exec(cell.replace(/[\s'’\u00a0\u202f\u2009]/g, '').replace('−', '-'));
  if (found === null) return null;
  const [, sign, digits, exponent, unit] = found;
  return { negative: sign === '-', digits, exponent: Number(exponent ?? 0), unit };
}

/**
 * What one number proves about the decimal separator; `open` where it has one separator and could be read both ways
 * (`1,234`), null where it has none.
 */
export function separatorOf(digits: string): Separator | 'open' | null {
  const last = Math.max(digits.lastIndexOf('.'), digits.lastIndexOf(','));
  if (last < 0) return null;
  const sign = digits[last] as Separator;
  const first = Math.min(...[digits.indexOf('.'), digits.indexOf(',')].filter((at) => at >= 0));
  // Both kinds: the last is the decimal separator. The same kind twice: it groups.
  if (first !== last) return digits.indexOf(sign) === last ? sign : other(sign);
  // Groups have three digits, the first one up to three and no leading zero.
  const before = digits.slice(0, last);
  const grouped = digits.length - last - 1 === 3 && before.length >= 1 && before.length <= 3 && !before.startsWith('0');
  return grouped ? 'open' : sign;
}

export const other = (sign: Separator): Separator => (sign === '.' ? ',' : '.');

/** The number, read with `decimal` before the fraction; null where its grouping contradicts that. */
export function numberOf(text: NumberText, decimal: Separator): number | null {
  const [whole, fraction = '', ...rest] = text.digits.split(decimal);
  if (rest.length > 0) return null;
  const groups = whole.split(other(decimal));
  if (
    fraction.includes(other(decimal)) ||
    !groups.every((g, i) => (i === 0 ? g.length < 4 || groups.length === 1 : g.length === 3))
  )
    return null;
  const value = Number(`${groups.join('') || '0'}.${fraction || '0'}e${text.exponent}`);
  return text.negative ? -value : value;
}

/** What the cells of one column show, put together. */
export interface Shown {
  /** Cells that prove `.`, that prove `,`, and that leave it open, by the separator they have. */
  readonly proof: Record<Separator, number>;
  readonly open: Record<Separator, number>;
  /** Cells above 0 without a separator. */
  plain: number;
}

export const nothingShown = (): Shown => ({ proof: { '.': 0, ',': 0 }, open: { '.': 0, ',': 0 }, plain: 0 });

export function show(shown: Shown, digits: string): void {
  const sign = separatorOf(digits);
  if (sign === null) shown.plain += Number(digits) > 0 ? 1 : 0;
  else if (sign === 'open') shown.open[digits.includes('.') ? '.' : ',']++;
  else shown.proof[sign]++;
}
