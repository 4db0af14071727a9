/** Names made up in any number must neither fill the memory nor be lost in silence. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Diagnostics } from '../src/core/diagnostic.js';
import { Output } from '../src/core/parser.js';
import { Dictionary, OTHER_NAMES, type Writer } from '../src/core/table.js';
import { dpcIsr } from '../src/tables/dpc-isr.js';
import { dpcOf } from './support/samples.js';

const folder = mkdtempSync(join(tmpdir(), 'tracekit-bounds-'));
afterAll(() => rmSync(folder, { recursive: true }));

function output(): { out: Output; told: () => [code: string, severity: string, count: number, examples: string[]][] } {
  const diagnostics = new Diagnostics('s1');
  const out = new Output(0, diagnostics, () => [() => {}]);
  const told = () =>
    diagnostics.list().map((d): ReturnType<ReturnType<typeof output>['told']>[number] => {
      return [d.code, d.severity, d.count, [...d.examples]];
    });
  return { out, told };
}

describe('the dictionary of a column', () => {
  it('holds 500 000 strings; the others are one, and are told', () => {
    const { out, told } = output();
    const { routine, module } = (out.writer(dpcIsr) as Writer<typeof dpcIsr>).dicts;
    for (let i = 0; i < 500_000; i++) routine.id(`r${i}`);
    expect([routine.id('r499999'), routine.values.length, told()]).toEqual([499_999, 500_000, []]);
    const ids = ['x', 'y', 'r7', 'x', 'z'].map((text) => routine.id(text));
    expect(ids.map((id) => routine.get(id))).toEqual([OTHER_NAMES, OTHER_NAMES, 'r7', OTHER_NAMES, OTHER_NAMES]);
    expect(told()).toEqual([['too-many-names', 'data-loss', 4, ['x', 'y', 'x']]]);
    // Its neighbours have room of their own.
    expect(module.id('x')).toBe(0);
  });

  it('holds 32 Mi characters', () => {
    const { out, told } = output();
    const { module } = (out.writer(dpcIsr) as Writer<typeof dpcIsr>).dicts;
    const long = 'x'.repeat(1 << 20);
    const ids = Array.from({ length: 40 }, (_, i) => module.id(long.slice(2) + String(i).padStart(2)));
    expect(ids).toEqual(ids.map((_, i) => Math.min(i, 32)));
    expect([module.get(31)?.length, module.get(32)]).toEqual([1 << 20, OTHER_NAMES]);
    expect(told().map(([code, , count]) => [code, count])).toEqual([['too-many-names', 8]]);
  });

  it('is not bounded where nobody could be told', () => {
    const dictionary = new Dictionary();
    for (let i = 0; i < 500_010; i++) dictionary.id(`r${i}`);
    expect(dictionary.values.length).toBe(500_010);
  });
});

it('events of more than 10 000 names are counted together', () => {
  const { out, told } = output();
  for (let i = 0; i < 10_005; i++) out.countEvent(`e${i}`, 10);
  out.countEvent('e3', 1);
  expect(out.events.size).toBe(10_001);
  expect([out.events.get('e3'), out.events.get(OTHER_NAMES)]).toEqual([
    { identity: null, count: 2, bytes: 11 },
    { identity: null, count: 5, bytes: 50 },
  ]);
  expect(told()).toEqual([['too-many-event-names', 'warning', 5, ['e10000', 'e10001', 'e10002']]]);
});

it('routines that were not looked at for a period are told', async () => {
  const path = join(folder, 'routines.txt');
  const row = (us: number, routine: string): string => `DPC, ${us}, 5, 0, 0x10, a.sys!${routine}\n`;
  const rows = Array.from({ length: 20_003 }, (_, i) => row(10 * (i + 1), `f${i}`));
  const schema = 'DPC, TimeStamp, ElapsedTime, CPU, ServiceAddr, Image!Function\n';
  writeFileSync(path, `${schema}${rows.join('')}${row(300_000, 'f20001')}${row(300_010, 'f1')}`);
  const { diagnostics } = await dpcOf(path);
  expect(diagnostics.filter(({ code }) => code === 'too-many-routines').map(({ count }) => count)).toEqual([4]);
});
