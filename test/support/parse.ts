import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Diagnostics } from '../../src/core/diagnostic.js';
import {
  type About,
  type Account,
  type Claim,
  NO_CLOCK,
  NO_DECODING,
  Output,
  type ParseOptions,
  type Parser,
} from '../../src/core/parser.js';
import type { Row, TableDef } from '../../src/core/schema.js';
import { inputsOf } from '../../src/core/source.js';
import { rowAt } from '../../src/core/table.js';
import { prefixOf } from '../../src/open.js';
import { TABLES } from '../../src/tables/index.js';

export interface Parsed {
  readonly account: Account;
  readonly about: About;
  readonly events: ReadonlyMap<string, { count: number; bytes: number }>;
  readonly diagnostics: ReturnType<Diagnostics['list']>;
  /** Rows of a table, each with the text it was read from. */
  rows<T extends TableDef>(table: T): (Row<T> & { readonly quote: string })[];
}

/** Runs one parser over bytes (written to a temporary file), or over the file at `path`, with all tables wanted or some. */
export async function parseWith(
  parser: Parser,
  input: { bytes: string | Uint8Array } | { path: string },
  options: Partial<ParseOptions> = {},
  tables: readonly TableDef[] = TABLES,
): Promise<Parsed> {
  const dir = mkdtempSync(join(tmpdir(), 'tracekit-'));
  try {
    let path: string;
    if ('path' in input) path = input.path;
    else {
      path = join(dir, 'input');
      writeFileSync(path, input.bytes);
    }
    const collected = new Map<TableDef, object[]>(tables.map((table) => [table, []]));
    const diagnostics = new Diagnostics('s1');
    const out = new Output(0, diagnostics, (table) => {
      const rows = collected.get(table);
      if (rows === undefined) return [];
      return [
        (batch) => {
          for (let i = 0; i < batch.n; i++) rows.push({ ...rowAt(batch, i), quote: batch.quote(i) });
        },
      ];
    });
    const stream = await (await inputsOf(path))[0].open();
    try {
      await parser.parse(stream, out, {
        dpcTimestamp: 'end',
        census: true,
        inTime: false,
        kernelSamplesOnly: false,
        eventFilter: null,
        decoding: NO_DECODING,
        clock: NO_CLOCK,
        ...options,
      });
      out.flush();
    } finally {
      stream.close();
    }
    return {
      account: out.account,
      about: out.about,
      events: out.events,
      diagnostics: diagnostics.list(),
      rows: (table) => (collected.get(table) ?? []) as never,
    };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Codes of the diagnostics, in the order in which each came first. */
export const codesOf = ({ diagnostics }: Pick<Parsed, 'diagnostics'>): string[] => diagnostics.map(({ code }) => code);

/** What a parser says of a source that begins with `text`. */
export const sniffText = (parser: Parser, text: string | Uint8Array): Claim =>
  parser.sniff(prefixOf({ encoding: 'utf-8', head: Buffer.from(text) } as Parameters<typeof prefixOf>[0]));
