/** What is looked for in traces for the dump's sake: context switches, replies that never come, time of processors. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AlpcMessages } from '../correlate/probes/alpc-messages.js';
import { CpuLoad } from '../correlate/probes/cpu-load.js';
import type { Probe } from '../correlate/probes/probe.js';
import { Switches } from '../correlate/probes/switches.js';
import { ExclusiveTimes } from '../src/analyses/dpc-exclusive.js';
import { open } from '../src/index.js';
import { dpcIsr } from '../src/tables/dpc-isr.js';
import { alpcMessage, alpcUnwait } from './generate/etl/payloads/alpc.js';
import { contextSwitch, readyThread } from './generate/etl/payloads/schedule.js';
import { writeEtl } from './generate/etl/write-etl.js';
import { at, logOf } from './support/etl-logs.js';
import { sample } from './support/samples.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracekit-probes-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function probed<P extends Probe>(probe: P, bytes: Uint8Array): Promise<P> {
  const path = join(folder, 'probe.etl');
  writeFileSync(path, bytes);
  const trace = await open([path]);
  await trace.read((table) => (probe.reads.includes(table as never) ? [(batch) => probe.add(batch)] : []), {
    inTime: true,
    eventFilter: ({ kernelName }) => kernelName === null || kernelName.startsWith('ALPC/'),
  });
  trace.close();
  return probe;
}

describe('messages of ALPC', () => {
  const of = (tid: number): { tid: number } => ({ tid });

  it('that nobody answers are found with who took them', async () => {
    const bytes = writeEtl(
      logOf([
        at(10, alpcMessage('send', 7), of(100)),
        at(11, alpcMessage('receive', 7), of(200)),
        at(12, alpcMessage('waitForReply', 7), of(100)),
        at(20, alpcMessage('waitForReply', 8), of(101)),
        at(21, alpcMessage('receive', 8), of(200)),
        at(30, alpcUnwait(0), of(101)),
        at(40, alpcMessage('waitForReply', 9), of(102)),
      ]),
    );
    const probe = await probed(new AlpcMessages(new Set([100, 101, 102])), bytes);
    expect(probe.of(100)).toMatchObject({ messageId: 7, atUs: 12, receiver: { tid: 200 } });
    expect(probe.of(101)).toBeNull();
    expect(probe.of(102)).toMatchObject({ messageId: 9, receiver: null });
    expect(probe.of(200)).toBeNull();
  });
});

describe('context switches', () => {
  it('tell when a thread last ran, and who used to make it ready', async () => {
    const sw = (us: number, newTid: number, oldTid: number) =>
      at(us, contextSwitch({ newTid, oldTid, oldState: 5, oldWaitReason: 6 }));
    const bytes = writeEtl(
      logOf([
        sw(10, 100, 0),
        sw(20, 0, 100),
        at(30, readyThread({ tid: 100 }), { tid: 300 }),
        sw(40, 100, 0),
        sw(50, 200, 100),
        at(60, readyThread({ tid: 200 }), { tid: 300 }),
      ]),
    );
    const probe = await probed(new Switches(new Set([100])), bytes);
    const [thread] = probe.of(100);
    expect(thread).toMatchObject({ runs: 2, lastInUs: 40, lastOutUs: 50, outState: 'Waiting' });
    expect(probe.of(200)).toEqual([]);
  });
});

describe('time of processors', () => {
  it('is that of the runs, in whatever window', async () => {
    const exclusive = new ExclusiveTimes();
    const load = new CpuLoad(exclusive);
    let [us, cpu3] = [0, 0];
    const trace = await open([sample('xperf-dumper/stutter.txt')]);
    await trace.read((table) =>
      table === dpcIsr
        ? [
            exclusive.consume,
            (batch) => {
              load.add(batch);
              const { cpu } = batch.cols as unknown as { cpu: Int32Array };
              for (let i = 0; i < batch.n; i++) {
                us += exclusive.us[i];
                if (cpu[i] === 3) cpu3 += exclusive.us[i];
              }
            },
          ]
        : [],
    );
    trace.close();
    const sum = (rows: readonly { us: number }[]): number => rows.reduce((all, row) => all + row.us, 0);
    expect(sum(load.shares(0, null, 0, 30e6))).toBeCloseTo(us, 3);
    expect(sum(load.shares(0, 3, 0, 30e6))).toBeCloseTo(cpu3, 3);
    // The stall of a second begins at 6 s: whole parts of a quarter of a second are counted.
    const [worst] = load.shares(0, 3, 6e6, 7.25e6);
    expect(worst.module).toBe('Wdf01000.sys');
    expect(worst.us).toBeGreaterThan(990_000);
    expect(sum(load.shares(0, 3, 6e6, 7e6)) + sum(load.shares(0, 3, 7e6, 8e6))).toBeCloseTo(
      sum(load.shares(0, 3, 6e6, 8e6)),
      3,
    );
    expect(load.left).toBe(0);
  });
});
