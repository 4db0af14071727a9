/** `errors` over real traces, against figures worked out here another way. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ErrorsResult } from '../src/index.js';
import { errorsIn } from './support/errors.js';
import { realFile, SHARED } from './support/shared.js';

const ACPI = realFile('tracerpt-csv/zephyrus-acpi-providers.tracerpt.csv');
const WPP = realFile('wpp-text/lumia520-qcwcn8930-driver-start.wpp.txt');
const DISK = realFile('eventlog/pastebin-CsFVACbK-disk-event-51.txt');
const CASE_8 = join(SHARED, 'kd/cases/08-critsec-contention-periodic-error.log');

interface AcpiRow {
  readonly ms: number;
  readonly method: string;
  readonly isStart: boolean;
}

/** Rows of methods that start or finish, cut out with one expression. */
function acpiRows(path: string): AcpiRow[] {
  const rows: AcpiRow[] = [];
  for (const line of readFileSync(path, 'latin1').split('\n')) {
    const found = /"(\\[^"]+)", "(started|finished) "/.exec(line);
    if (found === null) continue;
    const cells = line.split(',').map((cell) => cell.trim());
    const ms = Number(BigInt(cells[16]) - 134024561252858400n) / 10_000;
    rows.push({ ms, method: found[1], isStart: found[2] === 'started' });
  }
  return rows;
}

/** Durations by method, the innermost start first: a method may end in another thread, and even in another process. */
function durationsOf(rows: readonly AcpiRow[]): Map<string, number[]> {
  const open = new Map<string, number[]>();
  const durations = new Map<string, number[]>();
  for (const { ms, method, isStart } of rows) {
    const stack = open.get(method) ?? [];
    open.set(method, stack);
    if (isStart) stack.push(ms);
    else if (stack.length > 0) durations.set(method, [...(durations.get(method) ?? []), ms - (stack.pop() as number)]);
  }
  return durations;
}

const byName = ({ spans }: ErrorsResult, name: string): ErrorsResult['spans'] =>
  spans.filter((span) => span.name === name);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

describe.skipIf(ACPI === null)('the ACPI trace (tracerpt CSV)', () => {
  const path = ACPI as string;

  it('has as many messages, and of each event id, as SOURCES.md counts', async () => {
    const { result } = await errorsIn([path]);
    expect(result.messages).toBe(9345);
    const ofEvent = (id: number): number =>
      sum(result.templates.filter(({ eventId }) => eventId === id).map(({ count }) => count));
    expect([ofEvent(7), ofEvent(23), ofEvent(2)]).toEqual([6582, 2725, 38]);
    expect((result.window?.endUs ?? 0) - (result.window?.startUs ?? 0)).toBeCloseTo(1_195_167_467.4, 0);
  });

  it('has the durations of methods that a second calculation gives', async () => {
    const { result } = await errorsIn([path]);
    const rows = acpiRows(path);
    const durations = durationsOf(rows);
    for (const method of [
      '\\_SB.ATKD.WMNB',
      '\\_SB.PC00.GFX0._DOS',
      '\\_SB.PC00.I2C0._PS3',
      '\\_SB.PC00.LPCB.BAT0._BST',
    ]) {
      const found = byName(result, method);
      const ms = durations.get(method) ?? [];
      expect(ms.length).toBeGreaterThan(20);
      expect(sum(found.map(({ count }) => count))).toBe(ms.length);
      expect(sum(found.map(({ totalMs }) => totalMs))).toBeCloseTo(sum(ms), 4);
      expect(Math.max(...found.map(({ maxMs }) => maxMs ?? 0))).toBeCloseTo(Math.max(...ms), 6);
    }
  });

  it('polls WMNB on a timer of a second, five calls at a time, and the graphics methods every four', async () => {
    const { result } = await errorsIn([path]);
    const starts = acpiRows(path).filter(({ method, isStart }) => isStart && method === '\\_SB.ATKD.WMNB');
    // The gaps between polls are two or three seconds.
    const polls = starts.map(({ ms }) => ms).filter((ms, i, all) => i === 0 || ms - all[i - 1] > 500);
    const gaps = polls.slice(1).map((ms, i) => ms - polls[i]);
    expect(gaps.filter((gap) => Math.abs(gap - 2000) < 30 || Math.abs(gap - 3000) < 30).length).toBeGreaterThan(
      0.9 * gaps.length,
    );
    const wmnb = result.periodic.filter(({ kind, template }) => kind === 'message' && template.includes('WMNB'));
    expect(wmnb.length).toBeGreaterThan(0);
    for (const { periodMs, perBeat } of wmnb) {
      expect(Math.abs(periodMs - 1000)).toBeLessThan(2);
      expect(Math.round(perBeat)).toBe(5);
    }
    const dos = result.periodic.filter(({ kind, template }) => kind === 'message' && template.includes('GFX0._DOS'));
    expect(dos.length).toBeGreaterThan(0);
    for (const { periodMs } of dos) expect(Math.abs(periodMs - 4010)).toBeLessThan(40);
  });
});

describe.skipIf(!existsSync(CASE_8))('the six trace lines of case 08', () => {
  it('say 6.656 s, one repetition, retry 11 to 12, with low confidence', async () => {
    const { result, findings } = await errorsIn([CASE_8]);
    expect(
      result.templates.map(({ template, count, level, pids, tids }) => ({ template, count, level, pids, tids })),
    ).toEqual([
      {
        template: 'Error: [DB Driver] Not enough space on temp disk',
        count: 3,
        level: 'error',
        pids: [2780],
        tids: [3292, 5992],
      },
      {
        template: 'Execute DB command sleeps on error (retry <num>)',
        count: 3,
        level: 'warning',
        pids: [2780],
        tids: [3292, 5992],
      },
    ]);
    expect(
      result.periodic.map(({ periodMs, jitterMs, beats, confidence, pid, tid, retry }) => {
        return {
          periodMs,
          jitterMs,
          beats,
          confidence,
          pid,
          tid,
          first: retry?.first,
          last: retry?.last,
          step: retry?.step,
        };
      }),
    ).toEqual(
      [0, 1].map(() => ({
        periodMs: 6656,
        jitterMs: null,
        beats: 2,
        confidence: 'low',
        pid: 2780,
        tid: 3292,
        first: 11,
        last: 12,
        step: 1,
      })),
    );
    const [finding] = findings;
    expect(finding.confidence).toBe('low');
    expect(finding.message).toContain('every 6.656 s (one repetition, retry 11 → 12) in thread 3292 of process 2780');
    expect(finding.evidence[0]).toMatchObject({ line: 75 });
  });
});

describe.skipIf(WPP === null)('the driver start (tracefmt text)', () => {
  it('is silent for 17.256 s, has two warnings by their codes, and no rhythm', async () => {
    const { result } = await errorsIn([WPP as string]);
    expect(result.messages).toBe(75);
    expect(result.periodic).toEqual([]);
    const [gap] = result.gaps;
    expect(gap.durationMs).toBeCloseTo(17_256, 3);
    const warnings = result.templates.filter(({ level }) => level === 'warning');
    expect(warnings.map(({ codes }) => codes[0].name)).toEqual(warnings.map(() => 'STATUS_OBJECT_NAME_NOT_FOUND'));
    expect(warnings).toHaveLength(2);
  });
});

describe.skipIf(DISK === null)('the disk event 51', () => {
  it('names disk, command and what became of it', async () => {
    const { result, findings } = await errorsIn([DISK as string]);
    expect(result.disks).toHaveLength(1);
    expect(result.disks[0]).toMatchObject({
      eventId: 51,
      kind: 'paging-error',
      count: 1,
      lba: '0x10078',
      command: { code: 0x28 },
    });
    expect(result.disks[0].disk).toContain('Harddisk8');
    expect(findings.map(({ rule }) => rule)).toContain('disk-error');
  });
});
