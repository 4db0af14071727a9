import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { tableFromIPC } from '@uwdata/flechette';
import { afterAll, describe, expect, it } from 'vitest';
import { TracekitError } from '../src/core/error.js';
import type { Column, Row, TableDef } from '../src/core/schema.js';
import { rowAt } from '../src/core/table.js';
import { collectTables, open, TABLES, writeTables } from '../src/index.js';
import { cswitch } from '../src/tables/cswitch.js';
import { dpcIsr } from '../src/tables/dpc-isr.js';
import { endUs, stutter } from './generate/truth.js';

const SAMPLES = resolve(import.meta.dirname, '../samples');
const STUTTER = join(SAMPLES, 'xperf-dumper/stutter.txt');
const dir = mkdtempSync(join(tmpdir(), 'tracekit-tables-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const truth = stutter();

/** The other implementation's table; 64-bit integers as BigInt. */
const opened = (path: string) => tableFromIPC(readFileSync(path), { useBigInt: true });
type Opened = ReturnType<typeof opened>;

const column = (table: Opened, name: string): unknown[] => Array.from(table.getChild(name) as Iterable<unknown>);

/** Rows as the batches give them, which is what the Arrow files must hold. */
async function rowsOf(paths: readonly string[]): Promise<Map<TableDef, (Row<TableDef> & { source: string })[]>> {
  const trace = await open(paths);
  const rows = new Map<TableDef, (Row<TableDef> & { source: string })[]>();
  await trace.read((table) => [
    (batch) => {
      const list = rows.get(table) ?? [];
      rows.set(table, list);
      for (let i = 0; i < batch.n; i++) list.push({ ...rowAt(batch, i), source: `s${batch.source + 1}` } as never);
    },
  ]);
  return rows;
}

async function written(paths: readonly string[], tables: readonly TableDef[] = TABLES) {
  const out = mkdtempSync(join(dir, 'out-'));
  const { files, pass } = await writeTables(await open(paths), out, tables);
  return { out, files, pass };
}

describe('Arrow files', () => {
  it('open in another implementation with the same values, for every sample', async () => {
    const samples = ['xperf-dumper/stutter.txt', 'xperf-dumper/damaged.txt', 'xperf-dpcisr/stutter.txt'];
    const more = ['wpa-dpc-isr/stutter-de.csv', 'latencymon/stutter.txt', 'tracerpt-csv/stutter.csv.gz'];
    for (const sample of [...samples, ...more]) {
      const path = join(SAMPLES, sample);
      const { out, files } = await written([path]);
      const expected = await rowsOf([path]);
      expect(files.map((f) => f.path).sort()).toEqual(
        readdirSync(out)
          .map((name) => join(out, name))
          .sort(),
      );
      expect(files.map((f) => f.path.slice(out.length + 1, -'.arrow'.length)).sort()).toEqual(
        [...expected.keys()].map((table) => table.name).sort(),
      );
      for (const [def, rows] of expected) {
        const table = opened(join(out, `${def.name}.arrow`));
        const names = ['source', ...Object.keys(def.columns)];
        expect(table.numRows).toBe(rows.length);
        expect(table.names).toEqual(names);
        const file = files.find((f) => f.path.endsWith(`${def.name}.arrow`));
        expect(file).toMatchObject({ rows: rows.length, columns: names.length });
        for (const name of names) {
          const got = column(table, name);
          const want = rows.map((row) => (row as Record<string, unknown>)[name]);
          // toEqual on 50 000 cells is slow: the first that differs says as much.
          const differs = want.findIndex((value, i) => got[i] !== value);
          expect([sample, def.name, name, differs, got[differs], want[differs]]).toEqual([
            sample,
            def.name,
            name,
            -1,
            undefined,
            undefined,
          ]);
        }
      }
    }
  });

  it('hold the runs of the truth: addresses exact to the last bit, nulls as nulls', async () => {
    const { out } = await written([STUTTER], [dpcIsr]);
    const table = opened(join(out, 'dpc_isr.arrow'));
    expect(column(table, 'startUs')).toEqual(truth.runs.map((run) => run.startUs));
    expect(column(table, 'durationUs')).toEqual(truth.runs.map((run) => run.durationUs));
    expect(column(table, 'address')).toEqual(truth.runs.map((run) => run.address));
    expect(column(table, 'module')).toEqual(truth.runs.map((run) => run.module));
    expect(column(table, 'vector')).toEqual(truth.runs.map((run) => run.vector));
    expect(column(table, 'messageIndex')).toEqual(truth.runs.map((run) => run.messageIndex));
    const vector = table.getChild('vector');
    expect(vector.nullCount).toBe(truth.runs.filter((run) => run.kind === 'DPC').length);
    expect(table.getChild('address').nullCount).toBe(0);
    expect(column(table, 'address').some((address) => (address as bigint) > 2n ** 63n)).toBe(true);
  });

  it('nulls of every kind of column are nulls', async () => {
    const path = join(dir, 'nulls.txt');
    writeFileSync(
      path,
      [
        'DPC,  TimeStamp, ElapsedTime, CPU,        ServiceAddr,            Image!Function',
        'CSwitch,  TimeStamp, New Process Name ( PID),    New TID, WaitTime, CPU',
        'SampledProfile,  TimeStamp,     Process Name ( PID),   ThreadID,           PrgrmCtr, CPU, Image!Function',
        'DPC, 1000, 40, 1, 0xffffffffffffffff, "Unknown"',
        'DPC, 2000, 0, 0, 0x0, a.sys!f',
        'CSwitch, 3000, , x, y, ',
        'CSwitch, 4000, Idle (   0), 0, 0, 0',
        'SampledProfile, 5000, , , , , ',
        '',
      ].join('\n'),
    );
    const { out } = await written([path]);
    const runs = opened(join(out, 'dpc_isr.arrow'));
    expect(column(runs, 'address')).toEqual([0xffffffffffffffffn, null]);
    expect(column(runs, 'module')).toEqual([null, 'a.sys']);
    expect(column(runs, 'durationUs')).toEqual([40, 0]);
    const switches = opened(join(out, 'cswitch.arrow'));
    for (const [name, values] of Object.entries({
      atUs: [3000, 4000],
      newProcess: [null, 'Idle'],
      newPid: [null, 0],
      newTid: [null, 0],
      waitUs: [null, 0],
      cpu: [null, 0],
      oldProcess: [null, null],
    })) {
      expect([name, column(switches, name)]).toEqual([name, values]);
    }
    const samples = opened(join(out, 'sampled_profile.arrow'));
    expect(column(samples, 'stack')).toEqual([null]);
    expect(column(samples, 'routine')).toEqual([null]);
    expect(samples.getChild('stack').nullCount).toBe(1);
  });

  it('carry name and sentence of each table, and unit and sentence of each column', async () => {
    const { out } = await written([STUTTER]);
    for (const def of TABLES) {
      const path = join(out, `${def.name}.arrow`);
      if (!readdirSync(out).includes(`${def.name}.arrow`)) continue;
      const { schema } = opened(path);
      expect(Object.fromEntries(schema.metadata ?? [])).toEqual({ table: def.name, doc: def.doc });
      const [source, ...fields] = schema.fields;
      expect(source.metadata?.get('doc')).toMatch(/source/);
      for (const field of fields) {
        const { doc, unit } = (def.columns as Record<string, Column>)[field.name];
        expect([field.name, Object.fromEntries(field.metadata ?? [])]).toEqual([
          field.name,
          unit === null ? { doc } : { doc, unit },
        ]);
        expect(field.nullable).toBe(true);
      }
    }
  });

  it('store columns as declared, repeated strings as dictionaries', async () => {
    const { out } = await written([STUTTER]);
    const { Type } = await import('@uwdata/flechette');
    const seen = new Set<string>();
    for (const def of TABLES.filter((t) => readdirSync(out).includes(`${t.name}.arrow`))) {
      for (const field of opened(join(out, `${def.name}.arrow`)).schema.fields) {
        if (field.name === 'source') {
          expect(field.type.typeId).toBe(Type.Dictionary);
          continue;
        }
        const { kind } = (def.columns as Record<string, Column>)[field.name];
        seen.add(kind);
        const type = field.type as { typeId: number; bitWidth?: number; precision?: number; signed?: boolean };
        const wanted = {
          f64: { typeId: Type.Float, precision: 2 },
          i32: { typeId: Type.Int, bitWidth: 32, signed: true },
          u64: { typeId: Type.Int, bitWidth: 64, signed: false },
          utf8: { typeId: Type.Utf8 },
          text: { typeId: Type.Utf8 },
          dict: { typeId: Type.Dictionary },
        }[kind];
        expect([def.name, field.name, type]).toMatchObject([def.name, field.name, wanted]);
      }
    }
    expect([...seen].sort()).toEqual(['dict', 'f64', 'i32', 'u64', 'utf8']);
  });
});

describe('several sources', () => {
  it('are one table, each row with its source, dictionaries made one', async () => {
    const damaged = join(SAMPLES, 'xperf-dumper/damaged.txt');
    const { out, pass } = await written([damaged, STUTTER], [dpcIsr, cswitch]);
    const table = opened(join(out, 'dpc_isr.arrow'));
    const early = truth.runs.filter((run) => endUs(run) <= 5_000_000);
    const ids = column(table, 'source');
    expect(pass.sources.map((s) => s.id)).toEqual(['s1', 's2']);
    expect(ids.filter((id) => id === 's1')).toHaveLength(early.length + 1);
    expect(ids.filter((id) => id === 's2')).toHaveLength(truth.runs.length);
    const modules = column(table, 'module');
    expect(modules.filter((_, i) => ids[i] === 's2')).toEqual(truth.runs.map((run) => run.module));
    expect(modules.filter((_, i) => ids[i] === 's1').slice(0, -1)).toEqual(early.map((run) => run.module));
    expect(column(table, 'line')).toHaveLength(table.numRows);
  });

  it('of different formats fill the same table', async () => {
    const german = join(SAMPLES, 'wpa-dpc-isr/stutter-de.csv');
    const { out } = await written([STUTTER, german], [dpcIsr]);
    const table = opened(join(out, 'dpc_isr.arrow'));
    const ids = column(table, 'source');
    const kinds = column(table, 'kind');
    for (const id of ['s1', 's2']) {
      expect(kinds.filter((kind, i) => kind === 'DPC' && ids[i] === id)).toHaveLength(
        truth.runs.filter((run) => run.kind === 'DPC').length,
      );
    }
  });
});

describe('collectTables', () => {
  it('gives Arrow tables in memory, only those asked for, only those with rows', async () => {
    const { tables, pass } = await collectTables(await open([STUTTER]), [dpcIsr]);
    expect([...tables.keys()]).toEqual(['dpc_isr']);
    expect(tables.get('dpc_isr')?.numRows).toBe(truth.runs.length);
    expect(tables.get('dpc_isr')?.getChild('durationUs')?.get(0)).toBe(truth.runs[0].durationUs);
    const { account } = pass.sources[0];
    expect(account.rows).toBe(truth.runs.length);
    expect(account.read).toBe(account.rows + account.skipped + account.ignored);
    const none = await collectTables(await open([join(SAMPLES, 'latencymon/stutter.txt')]), [dpcIsr]);
    expect([...none.tables.keys()]).toEqual([]);
  });

  it('keeps more rows than one batch holds, in order', async () => {
    const path = join(dir, 'many.txt');
    const rows = Array.from(
      { length: 40_000 },
      (_, i) => `DPC, ${1000 + i}, ${i % 500}, ${i % 16}, 0xf${i % 900}, m${i % 70}.sys!f`,
    );
    writeFileSync(path, `DPC, TimeStamp, ElapsedTime, CPU, ServiceAddr, Image!Function\n${rows.join('\n')}\n`);
    const { out } = await written([path]);
    const table = opened(join(out, 'dpc_isr.arrow'));
    expect(column(table, 'durationUs')).toEqual(rows.map((_, i) => i % 500));
    expect(column(table, 'module')).toEqual(rows.map((_, i) => `m${i % 70}.sys`));
    expect(column(table, 'line')).toEqual(rows.map((_, i) => i + 2));
  });

  it('says where a folder cannot be written', async () => {
    const blocked = join(dir, 'a-file');
    writeFileSync(blocked, '');
    await expect(writeTables(await open([STUTTER]), blocked, [dpcIsr])).rejects.toBeInstanceOf(TracekitError);
  });
});
