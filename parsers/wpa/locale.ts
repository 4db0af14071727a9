/** Which separators a file's numbers have, on the evidence of its own cells. */

import type { CsvRecord } from '../../src/core/csv.js';
import {
  nothingShown,
  numberText,
  other,
  type Separator,
  type Shown,
  separatorOf,
  show,
} from '../../src/core/decimal.js';
import { addNote } from '../../src/core/note.js';
import type { Output } from '../../src/core/parser.js';
import { cell } from './cells.js';
import type { Columns } from './headers.js';
import { columnName, type Locale } from './numbers.js';

/** A table whose locale is decided; `Id` names its columns. */
export interface LocaleCase<Id> {
  readonly header: Columns<Id>;
  /** The first records: what they show decides. */
  readonly records: readonly CsvRecord[];
  /** The columns of numbers, those that the table does not have as well. */
  readonly numbers: readonly Id[];
  /** Columns that never have a fraction: a separator before three digits groups them. */
  readonly whole: ReadonlySet<Id>;
  /** A column whose values others tell, and the reading under which they agree; null where none can tell. */
  readonly cross: { readonly id: Id; fitting(locale: Locale<Id>): Separator | null } | null;
  readonly out: Output;
}

/** A locale under construction. */
type Deciding<Id> = Map<Id, Separator | null>;
type ShownBy<Id> = ReadonlyMap<Id, Shown>;

/**
 * Which separator stands before the fraction. One machine printed all columns, so it is decided once for the file, in
 * this order: by cells that can only be read one way; by whether a column then agrees with others (`cross`); and else by
 * WPA printing a fixed number of decimals in a column, so that three digits behind one separator in *every* cell are
 * decimals and beside whole numbers are a group. That last step is said, never silent. Columns that contradict it are
 * left unread (null) where their cells can be read both ways. A file that was edited or joined can hold proof of both
 * (one was seen with times `1,176567818` beside durations `5.9`): such columns have only one reading, and that is taken.
 */
export function decideLocale<Id>(table: LocaleCase<Id>): Locale<Id> {
  const { header, out } = table;
  const shown = new Map<Id, Shown>();
  for (const id of table.numbers) if (header.at.has(id)) shown.set(id, shownIn(table, id));
  const locale: Deciding<Id> = new Map();
  for (const [id, { proof }] of shown) {
    if (proof['.'] === 0 && proof[','] === 0) continue;
    locale.set(id, proof['.'] >= proof[','] ? '.' : ',');
    if (proof['.'] > 0 && proof[','] > 0) sayMixedCells(header, id, out);
  }
  const proven = new Set(locale.values());
  if (proven.size === 2) sayMixedColumns(header, locale, out);
  const undecided = new Map([...shown].filter(([id]) => !locale.has(id)));
  if (proven.size === 0) decideWithoutProof(table, undecided, locale);
  else decideByProof(table, undecided, locale, proven.size === 1 ? [...proven][0] : null);
  const unread = [...locale].filter(([, sign]) => sign === null).map(([id]) => id);
  if (unread.length > 0) sayUnread(header, unread, out);
  return locale;
}

function shownIn<Id>({ header, records, whole }: LocaleCase<Id>, id: Id): Shown {
  const shown = nothingShown();
  const isWhole = whole.has(id);
  for (const record of records) {
    const text = numberText(cell(header, record, id));
    if (text === null) continue;
    if (isWhole && separatorOf(text.digits) === 'open') shown.proof[text.digits.includes('.') ? ',' : '.']++;
    else show(shown, text.digits);
  }
  return shown;
}

const isOpen = ({ open }: Shown): boolean => open['.'] > 0 || open[','] > 0;

/** The columns that prove nothing, once others have; `file` is null where those prove both. */
function decideByProof<Id>(
  { header, cross, out }: LocaleCase<Id>,
  undecided: ShownBy<Id>,
  locale: Deciding<Id>,
  file: Separator | null,
): void {
  for (const [id, shown] of undecided) {
    if (!isOpen(shown)) {
      locale.set(id, file ?? '.');
      continue;
    }
    const fitting = id === cross?.id ? cross.fitting(locale) : null;
    // Decimals of a fixed number, behind the separator that groups in the rest of the file: one of the two is wrong.
    const contradicts = file === null || (shown.open[other(file)] > 0 && shown.plain === 0);
    if (fitting === null && contradicts) {
      locale.set(id, null);
      continue;
    }
    locale.set(id, fitting ?? file);
    if (fitting === null && file !== null && shown.open[other(file)] > 0) {
      sayAmbiguous(header, id, other(file), file, out);
    }
  }
}

/** No cell proves anything: all columns together, or none. */
function decideWithoutProof<Id>(
  { header, cross, out }: LocaleCase<Id>,
  undecided: ShownBy<Id>,
  locale: Deciding<Id>,
): void {
  const open = [...undecided].filter(([, shown]) => isOpen(shown));
  const fitting = (['.', ','] as const).filter((sign) => {
    const all = new Map([...undecided].map(([id]) => [id, sign] as const));
    return cross?.fitting(all) === sign;
  });
  const guesses = new Set(open.flatMap(([, shown]) => guessesOf(shown)));
  const file = fitting.length === 1 ? fitting[0] : guesses.size === 1 ? [...guesses][0] : null;
  for (const [id, shown] of undecided) {
    locale.set(id, isOpen(shown) ? file : '.');
    if (isOpen(shown) && fitting.length !== 1 && file !== null)
      sayAmbiguous(header, id, shown.open['.'] > 0 ? '.' : ',', file, out);
  }
}

/** What a column suggests: separators behind which its decimals would stand. */
function guessesOf({ open, plain }: Shown): Separator[] {
  const used = (['.', ','] as const).filter((sign) => open[sign] > 0);
  return plain > 0 ? used.map(other) : used;
}

function sayUnread<Id>(header: Columns<Id>, ids: readonly Id[], out: Output): void {
  const names = ids.map((id) => `"${columnName(header, id)}"`).join(', ');
  const message =
    `'.' or ',' before three digits can be the decimal separator or group digits, and the columns contradict each other: ` +
    `such cells were not read in ${names}`;
  addNote(out.about, message);
  out.diagnostics.add('number-undecided', 'data-loss', message);
}

function sayAmbiguous<Id>(header: Columns<Id>, id: Id, used: Separator, decimal: Separator, out: Output): void {
  const role = used === decimal ? 'decimal separator' : 'digit grouping';
  const message = `column "${columnName(header, id)}": '${used}' before three digits was read as ${role}; the file does not prove it`;
  addNote(out.about, message);
  out.diagnostics.add('number-ambiguous', 'warning', message);
}

function sayMixedCells<Id>(header: Columns<Id>, id: Id, out: Output): void {
  const message = `column "${columnName(header, id)}" holds decimal points and decimal commas: the cells in the minority are passed over`;
  out.diagnostics.add('number-mixed', 'data-loss', message);
}

function sayMixedColumns<Id>(header: Columns<Id>, locale: Locale<Id>, out: Output): void {
  const commas = [...locale].filter(([, sign]) => sign === ',').map(([id]) => `"${columnName(header, id)}"`);
  const message = `some columns have decimal commas (${commas.join(', ')}), others points: each was read in its own way`;
  addNote(out.about, message);
  out.diagnostics.add('number-mixed-columns', 'warning', message);
}
