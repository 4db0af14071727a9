/** Rows as Arrow tables: in memory, or as Arrow IPC files. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Table } from 'apache-arrow';
import { EXIT, TracekitError } from './core/error.js';
import type { TableDef } from './core/schema.js';
import { TableCollector, tableToIpc } from './core/table.js';
import { printable } from './core/text.js';
import type { Pass, ReadOptions, Trace } from './open.js';
import { TABLES } from './tables/index.js';

/** Reads all sources and keeps the rows of `tables`; memory grows with them. Tables without rows are left out. */
export async function collectTables(
  trace: Trace,
  tables: readonly TableDef[] = TABLES,
  read: ReadOptions = {},
): Promise<{ readonly tables: ReadonlyMap<string, Table>; readonly pass: Pass }> {
  const collectors = new Map(tables.map((table) => [table, new TableCollector(table)]));
  const pass = await trace.read((table) => {
    const collector = collectors.get(table);
    return collector === undefined ? [] : [collector.consume];
  }, read);
  const ids = pass.sources.map((source) => source.id);
  const found = new Map<string, Table>();
  for (const collector of collectors.values()) {
    if (collector.rows > 0) found.set(collector.table.name, await collector.toArrow(ids));
  }
  return { tables: found, pass };
}

/** Writes each table with rows to `dir/<table>.arrow` (Arrow IPC file format). */
export async function writeTables(
  trace: Trace,
  dir: string,
  tables: readonly TableDef[] = TABLES,
  read: ReadOptions = {},
): Promise<{ readonly files: readonly { path: string; rows: number; columns: number }[]; readonly pass: Pass }> {
  const collected = await collectTables(trace, tables, read);
  const files: { path: string; rows: number; columns: number }[] = [];
  try {
    mkdirSync(dir, { recursive: true });
    for (const [name, table] of collected.tables) {
      const path = join(dir, `${name}.arrow`);
      writeFileSync(path, await tableToIpc(table));
      files.push({ path, rows: table.numRows, columns: table.numCols });
    }
  } catch (error) {
    throw new TracekitError(`--out: ${printable(String((error as Error).message))}.`, EXIT.unreadable);
  }
  return { files, pass: collected.pass };
}
