/** Placeholders of templates: finding them, and values for them. */
import type { Random } from '../random.js';
import type { Value, VariableKind } from './model.js';

const PLACEHOLDER = /<(num|hex|barehex|addr|guid|path|quoted|duration|ip|user|retry)>/;

/** Literal text and the variables between: one part of text more than variables. */
export interface TemplateParts {
  readonly literals: readonly string[];
  readonly kinds: readonly VariableKind[];
}

const known = new Map<string, TemplateParts>();

export function partsOf(text: string): TemplateParts {
  const cached = known.get(text);
  if (cached !== undefined) return cached;
  const pieces = text.split(PLACEHOLDER);
  const parts = {
    literals: pieces.filter((_, i) => i % 2 === 0),
    kinds: pieces.filter((_, i) => i % 2 === 1) as VariableKind[],
  };
  known.set(text, parts);
  return parts;
}

/** The truth's spelling: a counter is a number. */
export const templateText = (text: string): string => text.replaceAll('<retry>', '<num>');

/** The message of `values`, which are as many as the template's variables. */
export function filledIn({ literals }: TemplateParts, values: readonly Value[]): string {
  return literals.map((literal, i) => literal + (values[i]?.text ?? '')).join('');
}

/** One value for each variable; those of `fixed`, by place, are taken from there. */
export function valuesFor(
  random: Random,
  parts: TemplateParts,
  fixed: ReadonlyMap<number, Value> = new Map(),
): Value[] {
  return parts.kinds.map((kind, i) => fixed.get(i) ?? { kind, text: MAKE[kind](random) });
}

const FOLDERS = ['Data', 'Cache', 'Logs', 'Spool', 'Index', 'Backup'] as const;
const STEMS = ['part', 'page', 'blob', 'seg', 'tmp', 'rec'] as const;
const TYPES = ['dat', 'tmp', 'log', 'bin', 'idx'] as const;
const WORDS = ['amber', 'birch', 'cedar', 'delta', 'ember', 'flint', 'gorse', 'heath', 'iris', 'juniper'] as const;
const FIRST = [
  'anna',
  'bert',
  'carla',
  'dmitri',
  'elena',
  'frank',
  'greta',
  'hugo',
  'ines',
  'jsmith',
  'klaus',
] as const;

const digits = (random: Random, count: number): string =>
  Array.from({ length: count }, () => random.whole(0, 15).toString(16)).join('');

/** A number of one to six digits, small ones as often as large ones. */
const number = (random: Random): string => String(random.whole(0, 10 ** random.whole(1, 6) - 1));

const file = (random: Random): string => `${random.pick(STEMS)}${random.whole(1, 9999)}.${random.pick(TYPES)}`;

function path(random: Random): string {
  const root = random.pick([
    'C:\\ProgramData\\Lamp',
    'D:\\Store',
    '\\Device\\HarddiskVolume3\\Lamp',
    '\\\\FS01\\share',
  ]);
  return `${root}\\${random.pick(FOLDERS)}\\${file(random)}`;
}

const MAKE: Record<VariableKind, (random: Random) => string> = {
  num: number,
  hex: (random) => `0x${digits(random, random.pick([2, 4, 8]))}`,
  // With a letter, or it would be a decimal number.
  barehex: (random) => `${digits(random, 3)}${random.pick(['a', 'b', 'c', 'd', 'e', 'f'])}${digits(random, 4)}`,
  addr: (random) => `0xffff${random.pick(['a8', 'c1', 'f8', 'e0'])}${digits(random, 10)}`,
  guid: (random) => [8, 4, 4, 4, 12].map((count) => digits(random, count)).join('-'),
  path,
  quoted: (random) => `"${random.pick(WORDS)} ${random.pick(WORDS)} ${random.whole(1, 999)}"`,
  duration: (random) =>
    random.next() < 0.5 ? `${random.whole(1, 9000)} ms` : `${random.whole(0, 90)}.${random.whole(0, 9)} s`,
  ip: (random) => `10.${random.whole(0, 255)}.${random.whole(0, 255)}.${random.whole(1, 254)}`,
  user: (random) => `${random.pick(['CONTOSO', 'FABRIKAM', 'LAB'])}\\${random.pick(FIRST)}${random.whole(1, 99)}`,
  retry: () => '0',
};

/** What a value of a kind looks like: for tests, bounded and anchored by the caller. */
const SHAPE: Record<VariableKind, string> = {
  num: '\\d{1,16}',
  retry: '\\d{1,16}',
  hex: '0x[0-9a-fA-F]{1,16}',
  barehex: '[0-9a-f]{8}',
  addr: '0x[0-9a-f]{16}',
  guid: '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
  path: '(?:[A-Z]:|\\\\)[\\\\\\w.]{1,120}',
  quoted: '"[^"]{0,60}"',
  duration: '(?:\\d{1,5} ms|\\d{1,3}\\.\\d s)',
  ip: '\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}',
  user: '[A-Z]{1,20}\\\\[a-z]{1,20}\\d{1,2}',
};

/** Matches the messages of a template and no other text. */
export function matcherOf(text: string): RegExp {
  const { literals, kinds } = partsOf(text);
  const escaped = literals.map((literal) => literal.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(
    `^${escaped.map((literal, i) => literal + (i < kinds.length ? `(${SHAPE[kinds[i]]})` : '')).join('')}$`,
  );
}
