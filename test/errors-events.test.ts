/** Events as messages: raw logs with their descriptions, tracerpt's exports, and rhythms of DPCs, ISRs and pool tags. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ErrorsResult, Report } from '../src/index.js';
import type { EtlEvent, EventBody } from './generate/etl/log.js';
import { dpc } from './generate/etl/payloads/dpc-isr.js';
import { pool } from './generate/etl/payloads/pool.js';
import { type MessageLog, matcherOf, play, randomScenario, stutterRetry } from './generate/messages/truth.js';
import { type EtlKind, etlMessages } from './generate/messages/write-etl-messages.js';
import { tracerptCsvEvents } from './generate/messages/write-tracerpt-csv-events.js';
import { tracerptXmlEvents } from './generate/messages/write-tracerpt-xml-events.js';
import { seeded } from './generate/random.js';
import { stutter } from './generate/truth.js';
import { writeEtlTruth } from './generate/write-etl-truth.js';
import { errorsIn, errorsOf } from './support/errors.js';
import { at, ticksAt, written } from './support/etl-logs.js';
import { sample } from './support/samples.js';

const retry = play(stutterRetry());
const named = (path: string, text: string) => ({ path, bytes: Buffer.from(text) });

/** A raw log and the files that decode it. */
function ofEtl(log: MessageLog, as: EtlKind | 'mixed', isDescribed = true): Promise<Report<ErrorsResult>> {
  const { etl, tmf, manifest } = etlMessages(log, { as });
  const needs = (kind: EtlKind): boolean => isDescribed && (as === kind || as === 'mixed');
  const decoding = {
    tmf: needs('wpp') ? [named('lamp.tmf', tmf)] : [],
    manifests: needs('manifest') ? [named('lamp.man', manifest)] : [],
  };
  return errorsOf(etl, {}, { decoding });
}

/** Counts of the templates whose example was said by each of the truth's. */
function countsByTruth({ truth }: MessageLog, { result }: Report<ErrorsResult>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { count, examples } of result.templates) {
    const quote = examples[0]?.quote ?? '';
    const template = truth.templates.find(({ text }) =>
      new RegExp(matcherOf(text).source.replace(/^\^|\$$/g, '')).test(quote),
    );
    const key = template?.text ?? `? ${quote}`;
    counts.set(key, (counts.get(key) ?? 0) + count);
  }
  return counts;
}

/** The loop of the sample, 6.7 s, in both its threads. */
function hasTheLoop({ result }: Report<ErrorsResult>): void {
  for (const tid of [6008, 3308]) {
    const own = result.periodic.filter((one) => one.tid === tid && Math.abs(one.periodMs / 6700 - 1) < 0.01);
    expect([tid, own.length > 0]).toEqual([tid, true]);
  }
}

describe('a raw log of messages', () => {
  const kinds = ['wpp', 'manifest', 'tracelogging', 'mixed'] as const;

  it.each(kinds)('as %s has every message of every thread', async (as) => {
    const { result } = await ofEtl(retry, as);
    expect(result.messages).toBe(retry.messages.length);
    const found = result.threads.map(({ pid, tid, process, count }) => `${pid} ${tid} ${process} ${count}`).sort();
    const told = new Map<string, number>();
    for (const { pid, tid, process } of retry.messages) {
      const key = `${pid} ${tid} ${process}`;
      told.set(key, (told.get(key) ?? 0) + 1);
    }
    expect(found).toEqual([...told].map(([key, count]) => `${key} ${count}`).sort());
  });

  it.each(kinds)('as %s has the loop of both threads', async (as) => {
    hasTheLoop(await ofEtl(retry, as));
  });

  it.each(['wpp', 'manifest', 'tracelogging'] as const)(
    'as %s of a random trace has every template with its count',
    async (as) => {
      const log = play(randomScenario(7, { lengthUs: 120_000_000, clockSteps: false }));
      const counts = countsByTruth(log, await ofEtl(log, as));
      for (const { text, count } of log.truth.templates.filter(({ count: n }) => n > 0))
        expect([text, counts.get(text)]).toEqual([text, count]);
    },
  );

  it('without descriptions has its rhythms all the same', async () => {
    const report = await ofEtl(retry, 'wpp', false);
    expect(report.result.messages).toBe(retry.messages.length);
    hasTheLoop(report);
  });

  it('with damaged descriptions is read, or refused in a sentence that names them', async () => {
    const { etl, tmf, manifest } = etlMessages(retry);
    for (const cut of [1, 100, 1000]) {
      for (const decoding of [
        { tmf: [named('a.tmf', tmf.slice(cut))], manifests: [] },
        { tmf: [], manifests: [named('a.man', manifest.slice(0, -cut))] },
      ]) {
        const outcome = await errorsOf(etl, {}, { decoding }).catch((error: unknown) => error);
        if (outcome instanceof Error)
          expect([outcome.constructor.name, outcome.message]).toEqual([
            'TracekitError',
            expect.stringMatching(/: a\.(?:tmf|man)\b.*\.$/),
          ]);
        else expect((outcome as Report<ErrorsResult>).result.messages).toBe(retry.messages.length);
      }
    }
  });
});

describe("tracerpt's exports of messages", () => {
  const exports: [string, (log: MessageLog) => string][] = [
    ['CSV', (log) => tracerptCsvEvents(log)],
    ['CSV, values', (log) => tracerptCsvEvents(log, { data: 'values' })],
    ['XML', (log) => tracerptXmlEvents(log)],
  ];

  it.each(exports)('%s: every message and every span', async (_, write) => {
    const { result } = await errorsOf(write(retry));
    // The header of the log is an event of the kernel's, which is no message.
    expect(result.messages).toBe(retry.messages.length);
    const spans = result.spans.reduce((sum, { count }) => sum + count, 0);
    expect(spans).toBe(retry.truth.spans.filter(({ endUs }) => endUs !== null).length);
  });

  it.each(exports)('%s: the loop of both threads', async (_, write) => {
    hasTheLoop(await errorsOf(write(retry)));
  });
});

describe('rhythms of what is no message', () => {
  it('of DPCs and ISRs are told with the routine', async () => {
    const truth = stutter();
    const { result } = await errorsOf(writeEtlTruth(truth));
    const found = result.periodic.filter(({ kind }) => kind === 'dpc' || kind === 'isr');
    expect(found.length).toBeGreaterThan(0);
    for (const { template, evidence, level, templateId, pid, tid } of found) {
      expect(template).toMatch(/^(?:DPC|ISR) \S/);
      expect([level, templateId, pid, tid]).toEqual([null, null, null, null]);
      expect(evidence.length).toBeGreaterThan(0);
    }
  });

  it('are the same of a packed log', async () => {
    const of = async (path: string) =>
      (await errorsIn([sample(path)])).result.periodic.map(
        ({ kind, template, count, periodMs }) => `${kind} ${template} ${count} ${periodMs}`,
      );
    expect(await of('etl/stutter-keys.etl.gz')).toEqual(await of('etl/stutter.etl'));
  });

  it('of DPCs, ISRs and pool tags have the period of the truth', async () => {
    const random = seeded(5);
    const every = (periodUs: number, body: (us: number) => EventBody, jitterUs = 0): EtlEvent[] =>
      Array.from({ length: Math.floor(LENGTH_US / periodUs) }, (_, i) => {
        const us = 1000 + i * periodUs + random.whole(0, jitterUs);
        return at(us, body(us));
      });
    const noise = (count: number, body: (us: number) => EventBody): EtlEvent[] =>
      Array.from({ length: count }, () => random.whole(0, LENGTH_US)).map((us) => at(us, body(us)));
    const alloc = (tag: string) => () =>
      pool('alloc', { type: 0, tag, bytes: 64n, entry: BigInt(random.whole(1, 1e9)) });
    const events = [
      ...every(250_000, (us) => dpc('DPC', { routine: 0xfffff80010001000n, initialTime: ticksAt(us - 20) }), 5000),
      ...every(100_000, alloc('Lamp'), 2000),
      ...noise(300, alloc('Rain')),
      ...noise(300, (us) => dpc('DPC', { routine: 0xfffff80010002000n, initialTime: ticksAt(us - 20) })),
    ].sort((a, b) => Number(a.ticks - b.ticks));
    const { result } = await errorsOf(Buffer.from(written(events).bytes));
    expect(result.periodic.map(({ kind, template, count }) => [kind, template, count])).toEqual([
      ['pool', 'pool tag Lamp', 600],
      ['dpc', expect.stringContaining('DPC '), 240],
    ]);
    const [lamp, timer] = result.periodic;
    expect(lamp.periodMs).toBeCloseTo(100, 1);
    expect(timer.periodMs).toBeCloseTo(250, 0);
    expect(result.messages).toBe(0);
  });
});

const LENGTH_US = 60_000_000;

it('several sources with known starts are on one clock', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'tracekit-events-'));
  try {
    const csv = join(dir, 'a.csv');
    writeFileSync(csv, tracerptCsvEvents(retry));
    const alone = await errorsIn([csv]);
    const twice = await errorsIn([csv, csv]);
    expect(twice.result.messages).toBe(2 * alone.result.messages);
    expect(twice.result.window).toEqual(alone.result.window);
    expect(twice.result.threads.map(({ count }) => count)).toEqual(alone.result.threads.map(({ count }) => 2 * count));
    expect(twice.diagnostics.map(({ code }) => code)).not.toContain('clocks-apart');
  } finally {
    rmSync(dir, { recursive: true });
  }
});
