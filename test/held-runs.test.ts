import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { xperfDumper } from '../parsers/xperf-dumper.js';
import { analyzeDpc } from '../src/analyze.js';
import { Diagnostics } from '../src/core/diagnostic.js';
import { HeldRuns } from '../src/core/held-runs.js';
import { Output } from '../src/core/parser.js';
import type { Row } from '../src/core/schema.js';
import { rowAt, type Writer } from '../src/core/table.js';
import { open } from '../src/open.js';
import { dpcIsr } from '../src/tables/dpc-isr.js';
import { sampledProfile } from '../src/tables/sampled-profile.js';
import { stutter, type Truth } from './generate/truth.js';
import { dumper, dumperLines, runRow } from './generate/write-dumper.js';
import { parseWith } from './support/parse.js';

type Got = Row<typeof dpcIsr> & { readonly quote: string };

/** Rows that the consumers of dpc_isr get, in order, with their quotes. */
function heldInto(): { got: Got[]; out: Output; held: HeldRuns<typeof dpcIsr> } {
  const got: Got[] = [];
  const out = new Output(0, new Diagnostics('s1'), () => [
    (batch) => {
      for (let i = 0; i < batch.n; i++) got.push({ ...rowAt(batch as never, i), quote: batch.quote(i) } as Got);
    },
  ]);
  const writer = out.writer(dpcIsr) as Writer<typeof dpcIsr>;
  return { got, out, held: new HeldRuns(out, writer) };
}

function hold(held: HeldRuns<typeof dpcIsr>, startUs: number, endUs: number, byte: number): void {
  const { cols, dicts, n } = held.writer;
  cols.kind[n] = dicts.kind.id('DPC');
  cols.type[n] = -1;
  cols.startUs[n] = startUs;
  cols.durationUs[n] = endUs - startUs;
  cols.cpu[n] = byte % 3;
  cols.vector[n] = 1;
  cols.messageIndex[n] = 2;
  cols.module[n] = -1;
  cols.routine[n] = dicts.routine.id(`r${byte}`);
  cols.address[n] = 0xfffff80000000000n + BigInt(byte);
  cols.line[n] = byte + 1;
  cols.byte[n] = byte;
  held.hold(endUs);
}

describe('held runs', () => {
  it('come in the order in which they ended, the inner one first, whole and with their texts', () => {
    const { got, out, held } = heldInto();
    out.quoteRow = (byte, line) => `text ${byte} of ${line}`;
    const count = 40_000;
    for (let i = 0; i < count; i++) hold(held, i, count - (i % 1000), i);
    held.release();
    expect(held.n).toBe(0);
    const expected = Array.from({ length: count }, (_, i) => i).sort(
      (a, b) => count - (a % 1000) - (count - (b % 1000)) || b - a,
    );
    expect(got.map(({ byte }) => byte)).toEqual(expected);
    expect(got.every((row) => row.address === 0xfffff80000000000n + BigInt(row.byte as number))).toBe(true);
    expect(got.every((row) => row.routine === `r${row.byte}` && row.cpu === (row.byte as number) % 3)).toBe(true);
    expect(got.every((row) => row.quote === `text ${row.byte} of ${row.line}`)).toBe(true);
  });

  it('may be handed on as time passes, with the same order and texts', () => {
    const run = fc.record({ gap: fc.nat(20), length: fc.nat(60), isBlockEnd: fc.boolean() });
    fc.assert(
      fc.property(fc.array(run, { maxLength: 200 }), (runs) => {
        const { got, out, held } = heldInto();
        const all: { start: number; end: number; byte: number }[] = [];
        let start = 0;
        let block = 0;
        for (const [byte, { gap, length, isBlockEnd }] of runs.entries()) {
          start += gap;
          all.push({ start, end: start + length, byte });
          // Only rows of the block that is read can be quoted.
          const from = block;
          out.quoteRow = (at) => (at >= from ? `text ${at}` : 'gone');
          hold(held, start, start + length, byte);
          if (!isBlockEnd) continue;
          // Later runs begin later: those that ended before have all come.
          held.release({ upToUs: start - 1 });
          block = byte + 1;
        }
        held.release();
        const sorted = all.sort((a, b) => a.end - b.end || b.start - a.start || a.byte - b.byte);
        expect(got.map(({ byte }) => byte)).toEqual(sorted.map(({ byte }) => byte));
        expect(got.every(({ quote, byte }) => quote === `text ${byte}`)).toBe(true);
      }),
    );
  });

  it('come after what was written before them, and leave quotes as they were', () => {
    const { got, out, held } = heldInto();
    out.quoteRow = () => 'outer';
    hold(held, 0, 5, 7);
    held.writer.row({ startUs: 9, durationUs: 1, line: 1, byte: 1 });
    held.release({ quoteOf: (row) => `own ${row}` });
    expect(got.map(({ byte, quote }) => [byte, quote])).toEqual([
      [1, 'outer'],
      [7, 'own 0'],
    ]);
    expect(out.quoteRow(0, 0)).toBe('outer');
  });
});

/** The truth as a dumper file whose TimeStamp is the start of a run: rows in the order in which runs began. */
function startDumper(truth: Truth): string {
  const starts = new Map(truth.runs.map((run) => [runRow(run), run]));
  const timeOf = (line: string): number => Number(line.split(',')[1]);
  const lines = dumperLines(truth);
  const header = lines.findIndex((line) => line.startsWith('FirstReliableEvent')) + 2;
  const rows = lines.slice(header).map((line) => {
    const run = starts.get(line);
    return run === undefined ? line : runRow({ ...run, startUs: run.startUs - run.durationUs });
  });
  const sorted = rows.sort((a, b) => timeOf(a) - timeOf(b));
  return `${[...lines.slice(0, header), ...sorted].join('\r\n')}\r\n`;
}

describe('a dumper file whose TimeStamp is the start', () => {
  const truth = stutter();
  const bytes = startDumper(truth);

  it('gives under `start` the rows that the ordinary one gives, in their order', async () => {
    const ordinary = await parseWith(xperfDumper, { bytes: dumper(truth) });
    const other = await parseWith(xperfDumper, { bytes }, { dpcTimestamp: 'start' });
    const plain = (rows: readonly Got[]) =>
      rows.map(({ line: _line, byte: _byte, quote: _quote, ...run }) =>
        JSON.stringify({ ...run, address: String(run.address) }),
      );
    const [expected, got] = [plain(ordinary.rows(dpcIsr)), plain(other.rows(dpcIsr))];
    expect([...got].sort()).toEqual([...expected].sort());
    // Ends never go back on a CPU; runs that ended together are in either order.
    const last = new Map<unknown, number>();
    for (const { cpu, startUs, durationUs } of other.rows(dpcIsr)) {
      const end = Number(startUs) + Number(durationUs);
      expect(end).toBeGreaterThanOrEqual(last.get(cpu) ?? 0);
      last.set(cpu, end);
    }
    const lines = bytes.split('\r\n');
    for (const { line, quote } of other.rows(dpcIsr)) expect(quote).toBe(lines[Number(line) - 1].trim());
    expect(other.account).toEqual(ordinary.account);
    expect(other.diagnostics).toEqual([]);
    expect(other.rows(sampledProfile)).toHaveLength(ordinary.rows(sampledProfile).length);
  });

  it('gives the same figures', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'tracekit-'));
    try {
      const answers = [];
      for (const [name, text, dpcTimestamp] of [
        ['end.txt', dumper(truth), 'end'],
        ['start.txt', bytes, 'start'],
        ['wrong.txt', bytes, 'end'],
      ] as const) {
        writeFileSync(join(dir, name), text);
        const { result } = await analyzeDpc(await open([join(dir, name)], { dpcTimestamp }), { top: 0 });
        // Shares of time differ a little: the trace seems to begin and end with its first and last TimeStamp.
        const value = (key: string, given: unknown): unknown =>
          /^(evidence|longest|percentOfCpu|perSecond)$/.test(key) ? null : given;
        const figures = (list: readonly object[]) => list.map((row) => JSON.stringify(row, value)).sort();
        const { modules, functions, kinds, cpus, histograms, occurrences } = result;
        answers.push([modules, functions, kinds, cpus, histograms, occurrences].map(figures));
      }
      expect(answers[1]).toEqual(answers[0]);
      expect(answers[2]).not.toEqual(answers[0]);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
});
