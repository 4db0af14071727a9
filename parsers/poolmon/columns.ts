/** The column header of a poolmon table, and its rows. */

type Figure = 'allocs' | 'frees' | 'diff' | 'bytes' | 'perAlloc';

export interface Columns {
  /** Column at which tags begin, where the widths are those of poolmon; null where blanks were collapsed. */
  readonly tagAt: number | null;
  /** Columns of figures, in the order of the header. */
  readonly figures: readonly Figure[];
}

/** A row as printed; null where there is no such column. */
export interface PoolRow {
  /** Four characters, but for tags whose bytes the text has lost. */
  readonly tag: string;
  readonly type: 'Nonp' | 'Paged';
  readonly figures: Readonly<Partial<Record<Figure, number>>>;
  /** What stands behind the figures: the column Mapped_Driver. */
  readonly rest: string;
}

export const COLLAPSED: Columns = { tagAt: null, figures: ['allocs', 'frees', 'diff', 'bytes', 'perAlloc'] };

//  Tag  Type     Allocs            Frees            Diff   Bytes      Per Alloc  Mapped_Driver
//  Tag  Type     Allocs         Frees    Diff   Bytes    Per Alloc          (-n)
const HEADER = /^\s{0,40}Tag\s{1,40}Type\s{1,40}(?:Allocs|Frees|Diff|Bytes)\s/;
const LABELS: readonly (readonly [Figure, string])[] = [
  ['allocs', 'Allocs'],
  ['frees', 'Frees'],
  ['diff', 'Diff'],
  ['bytes', 'Bytes'],
  ['perAlloc', 'Per Alloc'],
];

export function columnsOf(text: string): Columns | null {
  if (!HEADER.test(text)) return null;
  const found = LABELS.map(([name, label]) => ({ name, at: text.indexOf(label) })).filter(({ at }) => at >= 0);
  found.sort((a, b) => a.at - b.at);
  const at = text.indexOf('Tag');
  // Tags are four characters wide: where Type does not stand five behind, blanks were lost.
  return { tagAt: text.indexOf('Type') === at + 5 ? at : null, figures: found.map(({ name }) => name) };
}

// ` Io   Nonp    1021112 (   1)`: the tag is padded to four characters. It has fewer where its bytes were no characters.
const EXACT = /^([\s\S]{1,4}) (Nonp|Paged)(?![^\s\d(-])/;
// `Io Nonp 1021112 ( 1)`, `Dh 1 Paged 24 ( 0)`: blanks at the ends of the tag are lost.
const LOOSE = /^\s{0,40}(\S[\s\S]{0,3}?)\s{1,40}(Nonp|Paged)(?![^\s\d(-])/;
// `    3971107 (   0)`: a figure and its change since the screen before, which -n logs lack
const FIGURE = /\s{0,200}(-?\d{1,20})(?![\w.])(?:\s{0,40}\(\s{0,40}[-+]?\d{1,20}\s{0,40}\))?/y;

/** The row in a line; `damaged` where it begins as one and lacks figures, null where it is none. */
export function rowOf(text: string, columns: Columns): PoolRow | 'damaged' | null {
  const start = tagOf(text, columns);
  if (start === null) return null;
  const figures: Partial<Record<Figure, number>> = {};
  let at = start.end;
  for (const name of columns.figures) {
    FIGURE.lastIndex = at;
    const found = FIGURE.exec(text);
    // Prose may say `the Paged pool`: only figures make a row.
    if (found === null) return at === start.end ? null : 'damaged';
    figures[name] = Number(found[1]);
    at = FIGURE.lastIndex;
  }
  return { tag: start.tag, type: start.type, figures, rest: text.slice(at).trim() };
}

function tagOf(text: string, { tagAt }: Columns): { tag: string; type: PoolRow['type']; end: number } | null {
  const indent = tagAt === null ? 0 : tagAt;
  const exact = tagAt === null || text.slice(0, indent).trim() !== '' ? null : EXACT.exec(text.slice(indent));
  const found = exact ?? LOOSE.exec(text);
  if (found === null) return null;
  const end = found[0].length + (exact === null ? 0 : indent);
  return { tag: found[1].padEnd(4), type: found[2] as PoolRow['type'], end };
}
