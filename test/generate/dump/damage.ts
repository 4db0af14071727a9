/** Does to a log what mail programs, word processors and blogs do. */
import { type Random, seeded } from '../random.js';

export const DAMAGES = [
  'hard-blanks',
  'times-signs',
  'cut',
  'curly-quotes',
  'en-dashes',
  'blank-lines',
  'lost-indentation',
  'glued-columns',
  'wrapped-line',
  'comment',
] as const;
export type Damage = (typeof DAMAGES)[number];

export interface DamageOptions {
  /** How many times something is done to the log; default 6. */
  readonly count?: number;
  /** What may be done; default all. */
  readonly kinds?: readonly Damage[];
}

export interface RemovedLine {
  /** Line number in the log as it was, from 1. */
  readonly line: number;
  readonly text: string;
}

export interface DamagedLog {
  readonly log: string;
  /** In the order of the log. Every other line is still there, in some spelling. */
  readonly removed: readonly RemovedLine[];
  readonly done: readonly { readonly kind: Damage; readonly line: number }[];
}

interface Line {
  readonly number: number;
  text: string;
  /** What stands in place of a cut. */
  mark: string | null;
}

export function damageLog(log: string, seed: number, options: DamageOptions = {}): DamagedLog {
  const random = seeded(seed ^ 0x5bd1e995);
  const kinds = options.kinds ?? DAMAGES;
  const lines: Line[] = log.split('\r\n').map((text, i) => ({ number: i + 1, text, mark: null }));
  const removed: RemovedLine[] = [];
  const done: { kind: Damage; line: number }[] = [];
  for (let i = 0; i < (options.count ?? 6); i++) {
    const kind = random.pick(kinds);
    const at = random.whole(0, lines.length - 1);
    const line = damageAt(kind, lines, at, random, removed);
    if (line !== null) done.push({ kind, line });
  }
  removed.sort((a, b) => a.line - b.line);
  return { log: lines.map(({ text }) => text).join('\r\n'), removed, done };
}

/** The number of the line where it was done; null where nothing could be. */
function damageAt(kind: Damage, lines: Line[], at: number, random: Random, removed: RemovedLine[]): number | null {
  if (kind === 'cut') return cut(lines, at, random, removed);
  const reach = random.whole(1, 40);
  // Most damage falls upon the next line that can take it.
  for (let i = at; i < lines.length; i++) {
    const line = lines[i];
    if (line.mark !== null || line.text === '') continue;
    const number = line.number;
    const change = CHANGES[kind](line.text, random);
    if (change === null) continue;
    line.text = change;
    if (SPREADING.has(kind)) spread(kind, lines, i + 1, reach, random);
    return number;
  }
  return null;
}

const SPREADING: ReadonlySet<Damage> = new Set([
  'hard-blanks',
  'times-signs',
  'curly-quotes',
  'en-dashes',
  'lost-indentation',
  'blank-lines',
]);

function spread(
  kind: Exclude<Damage, 'cut'>,
  lines: readonly Line[],
  from: number,
  reach: number,
  random: Random,
): void {
  for (const line of lines.slice(from, from + reach)) {
    if (line.mark === null && line.text !== '') line.text = CHANGES[kind](line.text, random) ?? line.text;
  }
}

/** Takes lines away and leaves a mark. */
function cut(lines: Line[], at: number, random: Random, removed: RemovedLine[]): number {
  const gone = lines.splice(at, random.whole(1, 15));
  for (const { number, text, mark } of gone) {
    if (mark === null && text !== '') removed.push({ line: number, text });
  }
  const mark = random.pick(['[...]', '[…]', '[..]', '…']);
  const line = { number: gone[0].number, text: mark, mark };
  lines.splice(at, 0, line);
  return line.number;
}

const CHANGES: Readonly<Record<Exclude<Damage, 'cut'>, (text: string, random: Random) => string | null>> = {
  'hard-blanks': (text, random) =>
    text.includes('  ') ? text.replace(/ {2,}/g, (blanks) => hardened(blanks, random)) : null,
  'times-signs': (text) => (/\b0x/.test(text) ? text.replace(/\b0x/g, '0×') : null),
  'curly-quotes': (text, random) =>
    /['"`]/.test(text) ? text.replace(/['"`]/g, (quote) => curly(quote, random)) : null,
  'en-dashes': (text) => (/ -\w/.test(text) ? text.replace(/ -(?=\w)/g, ' –') : null),
  'blank-lines': (text) => `${text}\r\n`,
  'lost-indentation': (text) => (/^\s/.test(text) ? text.trimStart() : null),
  // Between the last column of numbers and the symbol.
  'glued-columns': (text) =>
    /^\s*[0-9a-f`]{8,17} [0-9a-f`]{8,17} .*[0-9a-f]\s+[A-Za-z]\w*!/.test(text)
      ? text.replace(/(?<=[0-9a-f])\s+(?=[A-Za-z]\w*!)/, '')
      : null,
  'wrapped-line': wrapped,
  comment: (text, random) =>
    /\w!\w/.test(text) ? `${text}    ${random.pick(['<<< here', '// owner', '<-- look at this', '; blocked'])}` : null,
};

const hardened = (blanks: string, random: Random): string =>
  [...blanks].map(() => (random.next() < 0.5 ? '\u00a0' : ' ')).join('');

/** The mark between the halves of an address is no quotation mark to a word processor, as a rule. */
function curly(quote: string, random: Random): string {
  if (quote === '`') return quote;
  return quote === '"' ? random.pick(['“', '”', '″']) : random.pick(['‘', '’']);
}

/** As mail programs do: at a blank before column 76, or behind `WAIT:`. */
function wrapped(text: string): string | null {
  const wait = text.indexOf('WAIT: (');
  if (wait > 0) return `${text.slice(0, wait + 5)}\r\n${text.slice(wait + 6)}`;
  const at = text.lastIndexOf(' ', 76);
  return text.length > 80 && at > 30 ? `${text.slice(0, at)}\r\n${text.slice(at + 1)}` : null;
}
