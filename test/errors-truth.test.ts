/** Answers of `errors` on synthetic traces of which everything is known: rhythms, templates, and none of them in noise. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analyzeErrors, type ErrorsResult, open } from '../src/index.js';
import { MESSAGE_FORMATS, type MessageFormat } from './generate/messages/formats.js';
import {
  type MessageLog,
  oneRhythm,
  play,
  pureNoise,
  randomScenario,
  type SeriesTruth,
} from './generate/messages/truth.js';

const NOISE_SEEDS = Number(process.env.TRACEKIT_ERRORS_SEEDS ?? 500);
const [TEXT] = MESSAGE_FORMATS;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracekit-errors-truth-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const named = (path: string, text: string): { path: string; bytes: Buffer }[] =>
  text.trim() === '' || !/<provider |^[0-9a-f]{8}-/im.test(text) ? [] : [{ path, bytes: Buffer.from(text) }];

async function answer(log: MessageLog, format: MessageFormat = TEXT): Promise<ErrorsResult> {
  const path = join(folder, `trace.${format.extension}`);
  writeFileSync(path, format.write(log));
  const files = format.decoding?.(log);
  const decoding =
    files === undefined
      ? undefined
      : {
          manifests: named('m.man', files.manifest),
          tmf: named('m.tmf', files.tmf),
        };
  const trace = await open([path], decoding === undefined ? {} : { decoding });
  try {
    return (await analyzeErrors(trace)).result;
  } finally {
    trace.close();
  }
}

/** Placeholders differ in their names only where a generator knows more than a message shows. */
const masked = (text: string): string => text.replace(/<[^<>\s]{1,10}>/g, '<v>');

/** The period that the printed beats have, against that found: the sample's own, not the planned one. */
const error = (periodMs: number, { periodic }: SeriesTruth): number =>
  periodic === null
    ? Number.NaN
    : Math.min(Math.abs((periodMs * 1000) / periodic.fitUs - 1), Math.abs((periodMs * 1000) / periodic.meanUs - 1));

describe('streams without rhythm', () => {
  it(`have none, over ${NOISE_SEEDS} traces of 5 to 40 templates`, { timeout: 240_000 }, async () => {
    const found: string[] = [];
    let templates = 0;
    for (let seed = 1; seed <= NOISE_SEEDS; seed++) {
      const result = await answer(play(pureNoise(seed)));
      templates += result.templates.length;
      for (const { template, count } of result.periodic) found.push(`${seed}: ${template} (${count})`);
    }
    expect(templates).toBeGreaterThan(5 * NOISE_SEEDS);
    expect(found).toEqual([]);
  });
});

describe('one rhythm among noise', () => {
  /** How many of `seeds` were found, and the largest error of a period. */
  async function tried(options: Parameters<typeof oneRhythm>[1], seeds: number) {
    let found = 0;
    let worst = 0;
    for (let seed = 1; seed <= seeds; seed++) {
      const log = play(oneRhythm(seed, options));
      const [truth] = log.truth.templates;
      const { periodic } = await answer(log);
      const one = periodic.find(({ template }) => masked(template) === masked(truth.text));
      if (one === undefined) continue;
      found++;
      worst = Math.max(worst, error(one.periodMs, truth.series[0]));
    }
    return { found, worst };
  }

  it.each([8, 10, 16, 60])('is found with %i beats off by up to 10 %%', { timeout: 60_000 }, async (beats) => {
    const { found, worst } = await tried(
      { beats, jitter: { model: 'uniform', share: 0.1 }, missedShare: 0, drift: 0 },
      40,
    );
    expect(found).toBe(40);
    // Of few beats the fitted line and the mean gap differ by as much themselves.
    expect(worst).toBeLessThan(beats < 16 ? 0.02 : 0.01);
  });

  it.each([
    ['grid', 12],
    ['renewal', 12],
    ['grid', 40],
    ['renewal', 40],
  ] as const)('is found at a standard deviation of 10 %% (%s, %i beats)', { timeout: 60_000 }, async (model, beats) => {
    const { found, worst } = await tried({ beats, jitter: { model, share: 0.1 }, missedShare: 0, drift: 0 }, 40);
    // Twelve beats of which some are three deviations off look like chance now and then.
    expect(found).toBeGreaterThanOrEqual(beats < 20 ? 36 : 40);
    expect(worst).toBeLessThan(0.02);
  });

  it('is found where a tenth of the beats is missing, and says how many', { timeout: 60_000 }, async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const log = play(
        oneRhythm(seed, { beats: 60, jitter: { model: 'uniform', share: 0.05 }, missedShare: 0.1, drift: 0 }),
      );
      const [truth] = log.truth.templates;
      const { periodic } = await answer(log);
      const one = periodic.find(({ template }) => masked(template) === masked(truth.text));
      expect({ seed, missed: one?.missed, beats: one?.beats }).toEqual({
        seed,
        missed: truth.series[0].periodic?.missed,
        beats: 60,
      });
    }
  });

  it('is followed through a drift of 2 %', { timeout: 60_000 }, async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const log = play(
        oneRhythm(seed, { beats: 200, jitter: { model: 'uniform', share: 0.02 }, missedShare: 0, drift: 0.02 }),
      );
      const [truth] = log.truth.templates;
      const { periodic } = await answer(log);
      const one = periodic.find(({ template }) => masked(template) === masked(truth.text));
      expect(one?.beats).toBe(200);
      expect(one?.driftPercent).toBeGreaterThan(1);
      expect(one?.driftPercent).toBeLessThan(3);
    }
  });
});

describe('a mixed trace', () => {
  it('has its templates, rhythms and spans found, over 30 traces', { timeout: 120_000 }, async () => {
    let all = 0;
    let found = 0;
    for (let seed = 1; seed <= 30; seed++) {
      const log = play(randomScenario(seed));
      const result = await answer(log);
      expect(result.messages).toBe(log.messages.length);
      const known = new Set(
        log.truth.templates
          .filter(({ series }) => series.some(({ periodic }) => periodic !== null))
          .map(({ text }) => masked(text)),
      );
      const wrong = result.periodic.filter(({ kind, template }) => kind === 'message' && !known.has(masked(template)));
      expect(wrong).toEqual([]);
      for (const { text, series } of log.truth.templates) {
        for (const one of series) {
          if (one.periodic === null || one.count < 8) continue;
          all++;
          const mine = result.periodic.filter(
            ({ template, tid }) => masked(template) === masked(text) && (tid === null || one.tids.includes(tid)),
          );
          if (mine.some(({ periodMs }) => error(periodMs, one) < 0.01)) found++;
        }
      }
      const done = log.truth.spans.filter(({ endUs }) => endUs !== null).length;
      expect(result.spans.reduce((sum, { count }) => sum + count, 0)).toBe(done);
      expect(result.spans.reduce((sum, { unfinished }) => sum + unfinished, 0)).toBe(log.truth.spans.length - done);
    }
    expect(all).toBeGreaterThan(150);
    expect(found / all).toBeGreaterThan(0.97);
  });

  it.each(MESSAGE_FORMATS.map((format) => [format.name, format] as const))(
    'is the same rhythm as %s',
    { timeout: 30_000 },
    async (_name, format) => {
      const log = play(
        oneRhythm(11, {
          periodUs: 12_500_000,
          beats: 60,
          jitter: { model: 'uniform', share: 0.05 },
          missedShare: 0,
          drift: 0,
        }),
      );
      const result = await answer(log, format);
      const [truth] = log.truth.templates;
      expect(result.messages).toBe(log.messages.length);
      // Exports of events may hold the variables only: the rhythm is there all the same, 60 times.
      const best = result.periodic.filter(({ kind, count }) => kind === 'message' && count === truth.count);
      expect(best.some(({ periodMs }) => error(periodMs, truth.series[0]) < 0.01)).toBe(true);
    },
  );
});
