/** The parts of the documentation that are made from the program itself, so that they cannot drift. */
import type { Column, ColumnKind, TableDef } from '../../src/core/schema.js';

/** What a column is in the Arrow file, as the reader of the reference thinks of it. */
const TYPES: Readonly<Record<ColumnKind, string>> = {
  f64: 'number',
  i32: 'integer',
  u64: 'address',
  dict: 'text',
  utf8: 'text',
  text: 'text',
};

const FRONT = `# The tables

Made from \`src/tables/\` by \`npm run docs\`: change the sentences there, not here.

What parsers fill, analyses read and \`tracekit tables\` writes. Every column may be null, which means unknown. The Arrow
files have one more column, \`source\` (\`s1\`, \`s2\`, … in the order in which the files were given), and carry unit and
sentence of each column as metadata. In them a number is a Float64, an integer an Int32, an address a Uint64, and text a
Utf8, with a dictionary where values repeat.
`;

/** All tables with their columns, as Markdown. */
export function tableReference(tables: readonly TableDef[]): string {
  return [FRONT, ...tables.map(section)].join('\n');
}

function section(table: TableDef): string {
  const rows = Object.entries<Column>(table.columns).map(([name, { kind, unit, doc }]) => [
    `\`${name}\``,
    TYPES[kind],
    unit ?? '',
    doc.replaceAll('|', '\\|'),
  ]);
  return `## ${table.name}\n\n${table.doc}\n\n${markdownTable(['column', 'type', 'unit', 'holds'], rows)}`;
}

/** A Markdown table with padded cells, as the formatter leaves it. */
function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, i) => Math.max(3, title.length, ...rows.map((row) => row[i].length)));
  const line = (cells: readonly string[]): string => `| ${cells.map((c, i) => c.padEnd(widths[i])).join(' | ')} |\n`;
  return [head, widths.map((width) => '-'.repeat(width)), ...rows].map(line).join('');
}

/** What stands in an example for lines that were left out. */
const CUT = '[...]';

/** At most `max` lines of each part of an output, parts being what blank lines divide. */
export function shortened(output: string, max: number): string {
  const parts = output.trimEnd().split('\n\n');
  return parts
    .map((part) => {
      const lines = part.split('\n');
      return lines.length <= max ? part : [...lines.slice(0, max), CUT].join('\n');
    })
    .join('\n\n');
}

/** An example in a Markdown file: the arguments of the command, the lines kept of each part, and where it stands. */
export interface Example {
  readonly args: readonly string[];
  readonly max: number;
  /** What stands between the markers now. */
  readonly block: string;
}

const EXAMPLE = /<!-- example (\d+): (.*?) -->\n([\s\S]*?)<!-- \/example -->/g;

/** Every `<!-- example <lines>: <arguments> -->` of a text. */
export function examplesIn(text: string): Example[] {
  return [...text.matchAll(EXAMPLE)].map(([, max, args, block]) => ({
    args: args.split(' '),
    max: Number(max),
    block,
  }));
}

/** The block that belongs between the markers of an example. */
export function exampleBlock({ args, max }: Example, output: string): string {
  return `\`\`\`text\n$ tracekit ${args.join(' ')}\n${shortened(output, max)}\n\`\`\`\n`;
}

/** `text` with every example's block made anew by `run`. */
export function withExamples(text: string, run: (args: readonly string[]) => string): string {
  return text.replace(EXAMPLE, (whole, _max, _args, block: string) => {
    const [example] = examplesIn(whole);
    const at = whole.lastIndexOf(`${block}<!-- /example -->`);
    return `${whole.slice(0, at)}${exampleBlock(example, run(example.args))}<!-- /example -->`;
  });
}
