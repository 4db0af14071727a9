/** Published dumps, alone and beside traces that have nothing to do with them. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { analyzeCorrelate, type CorrelateReport, open } from '../src/index.js';
import { SHARED } from './support/shared.js';

const CASES = join(SHARED, 'kd/cases');
const REAL = join(SHARED, 'real');
const IS_THERE = existsSync(CASES) && existsSync(REAL);
const TITLE = IS_THERE ? 'published cases' : 'published cases (skipped: TRACEKIT_SHARED is not there)';
const namesIn = (folder: string): string[] => (IS_THERE ? readdirSync(folder) : []);

async function answer(...paths: string[]): Promise<CorrelateReport> {
  const trace = await open(paths);
  try {
    return await analyzeCorrelate(trace);
  } finally {
    trace.close();
  }
}

describe.skipIf(!IS_THERE)(TITLE, () => {
  const caseFile = (number: string): string => {
    const name = namesIn(CASES).find((file) => file.startsWith(number));
    if (name === undefined) throw new Error(`no case ${number}`);
    return join(CASES, name);
  };

  it('08: the owner that sleeps is joined by component and rhythm to the full disk, though its TID is not in the trace', async () => {
    const { result } = await answer(caseFile('08'));
    const [first] = result.causes;
    expect(first.cause).toBe('blocking');
    expect(first.culprit).toMatchObject({ module: 'ComponentA', function: 'DB_Driver_Command', thread: '0x86396db0' });
    expect(first.culprit.resource).toBe('"Error: [DB Driver] Not enough space on temp disk"');
    expect(first.victims).toBe(52);
    expect(first.confidence).toBe('medium');
    const rules = first.points.map(({ rule }) => rule);
    expect(rules).toEqual(
      expect.arrayContaining(['same-component', 'same-rhythm', 'thread-not-in-trace', 'shorter-than-the-sleep']),
    );
    expect(first.statement).toContain('every 6.656 s');
    expect(result.verdict.cause).toBe(1);
    expect(result.joins).toContainEqual(expect.objectContaining({ kind: 'component', key: 'db driver', traceRows: 3 }));
    expect(result.alignment).toMatchObject({ method: 'unknown', offsetMs: null, sameBoot: null });
    // The places are those of the published text.
    expect(first.evidence.map(({ line }) => line)).toEqual(expect.arrayContaining([47, 75, 77]));
  });

  it('18: the routine on the crashing stack, no more than medium without a trace', async () => {
    const [first] = (await answer(caseFile('18'))).result.causes;
    expect(first).toMatchObject({ cause: 'dpc-watchdog-single', confidence: 'medium' });
    expect(first.culprit).toMatchObject({ module: 'ECHO', function: 'EchoEvtTimerFunc' });
    expect(first.points.map(({ rule }) => rule)).toContain('stall-loop');
    expect(first.limits.join()).toContain('only the dump speaks for it');
  });

  it('02: the server that a chain of five waits for', async () => {
    const [first] = (await answer(caseFile('02'))).result.causes;
    expect(first.culprit).toMatchObject({ thread: '0x89cd9c10', remote: '\\\\SERVER_B', module: 'Mup' });
    expect(first.confidence).toBe('medium');
  });

  it('19 to 21: the tag, and the driver that a breakpoint and Driver Verifier name', async () => {
    const { result } = await answer(caseFile('19'), caseFile('20'));
    expect(result.causes[0]).toMatchObject({ cause: 'pool-leak', confidence: 'medium' });
    expect(result.causes[0].culprit).toMatchObject({ module: 'myfault', resource: "tag 'Lea2'" });
    const [verifier] = (await answer(caseFile('21'))).result.causes;
    expect(verifier.culprit).toMatchObject({ module: 'myfault', function: 'MyfaultDeviceControl' });
  });

  it('24: what the dump shows for certain is not passed over where no cause is found', async () => {
    const { result } = await answer(caseFile('24'));
    expect(result.verdict.cause).toBeNull();
    expect(result.unexplained.map(({ statement }) => statement).join('\n')).toContain('Pending NET_BUFFER_LISTs');
  });

  const logs = [
    ...namesIn(CASES).map((name) => join(CASES, name)),
    ...namesIn(join(SHARED, 'kd/docs')).map((name) => join(SHARED, 'kd/docs', name)),
  ].filter((path) => path.endsWith('.log'));
  const traces = [
    'tracerpt-csv/zephyrus-acpi-providers.tracerpt.csv',
    'eventlog/pastebin-CsFVACbK-disk-event-51.txt',
    'wpp-text/lumia520-qcwcn8930-driver-start.wpp.txt',
    'xperf-dumper/rustc-perf-win10-19043-pmc-excerpt.txt',
    'poolmon/pastebin-BZryjSFN-poolmon-screen-sorted-by-bytes.txt',
  ].map((name) => join(REAL, name));
  const RAW = join(REAL, 'etl/win7sp1-x64-8cpu-xperf-dpc-isr-cswitch-stacks.etl.zip');

  it.each(['02-', '18-', '24-'])(
    'a raw log of Windows 7 tells nothing of case %s',
    async (number) => {
      const { result } = await answer(caseFile(number), RAW);
      for (const { confidence } of result.causes) expect(confidence).not.toBe('high');
      expect(result.alignment.sameBoot).not.toBe(true);
    },
    60_000,
  );

  it.each(traces)(
    '%s explains no dump of another machine with high confidence, and tells no boot the same',
    async (path) => {
      for (const log of logs) {
        const { result, diagnostics } = await answer(log, path);
        // A ring of certain waits needs no trace.
        for (const { cause, confidence, statement } of result.causes) {
          if (cause !== 'deadlock') expect(confidence, `${log}: ${statement}`).not.toBe('high');
        }
        for (const cause of result.causes) {
          const ofTrace = cause.points.filter(({ from, points }) => from !== 'dump' && points >= 10);
          expect(
            ofTrace.map(({ rule }) => rule),
            `${log}: ${cause.statement}`,
          ).toEqual(log.includes('/08-') ? expect.anything() : []);
        }
        expect(result.alignment.sameBoot, log).not.toBe(true);
        expect(diagnostics.filter(({ code }) => code === 'analysis-failed')).toEqual([]);
      }
    },
    120_000,
  );
});
