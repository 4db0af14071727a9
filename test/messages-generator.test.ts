/** The generator of software traces itself: what it says of its traces must be so in what it prints. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { SaxesParser } from 'saxes';
import { afterAll, describe, expect, it } from 'vitest';
import { writeMessages } from '../bench/generate-messages.js';
import { etl } from '../parsers/etl.js';
import { genericEvent } from '../src/tables/event.js';
import { MESSAGE_FORMATS } from './generate/messages/formats.js';
import { AFTERWARDS, CLUSTERED, NOISE, NOW_AND_THEN, PAIRS, RECURRING } from './generate/messages/texts.js';
import {
  diskEvents,
  type Message,
  type MessageLog,
  makeScenario,
  matcherOf,
  oneRhythm,
  type PeriodicTruth,
  partsOf,
  play,
  pureNoise,
  randomScenario,
  stutterRetry,
} from './generate/messages/truth.js';
import { cdfCsv } from './generate/messages/write-cdf-csv.js';
import { etlMessages } from './generate/messages/write-etl-messages.js';
import { eventlogXml } from './generate/messages/write-eventlog-xml.js';
import { textTrace } from './generate/messages/write-text-trace.js';
import { tracerptCsvEvents } from './generate/messages/write-tracerpt-csv-events.js';
import { tracerptXmlEvents } from './generate/messages/write-tracerpt-xml-events.js';
import { parseWith } from './support/parse.js';

const SEEDS = [1, 2, 3, 4, 5, 6, 10, 20];
const randoms = SEEDS.map((seed) => play(randomScenario(seed)));
const noises = Array.from({ length: 40 }, (_, seed) => play(pureNoise(seed)));
const retry = play(stutterRetry());
const all: readonly MessageLog[] = [...randoms, ...noises, retry, play(diskEvents())];

const folder = mkdtempSync(join(tmpdir(), 'tracekit-messages-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a synthetic software trace', () => {
  it('is the same each time, in every format, and differs by seed', () => {
    const again = play(randomScenario(4));
    expect(again).toEqual(randoms[3]);
    for (const { name, write } of MESSAGE_FORMATS) {
      expect(write(again).equals(write(randoms[3])), name).toBe(true);
      expect(write(again).equals(write(randoms[4])), name).toBe(false);
    }
  });

  it('is in the order of time, in whole µs within its length', () => {
    for (const { messages, lengthUs } of all) {
      expect(messages.every(({ atUs, clockUs }) => Number.isInteger(atUs) && Number.isInteger(clockUs))).toBe(true);
      expect(messages.every(({ atUs }, i) => atUs >= (messages[i - 1]?.atUs ?? 0) && atUs < lengthUs)).toBe(true);
    }
  });

  it('has the messages that its truth counts, each of its template and of no other', () => {
    for (const { messages, truth } of all) {
      const matchers = truth.templates.map(({ text }) => matcherOf(text));
      const seen = truth.templates.map((): Message[] => []);
      const wrong = messages.filter(({ message, template }) =>
        matchers.some((matcher, i) => matcher.test(message) !== (i === template)),
      );
      expect(wrong).toEqual([]);
      for (const message of messages) seen[message.template].push(message);
      for (const { index, count, firstUs, lastUs, pids, tids, series } of truth.templates) {
        const own = seen[index];
        expect([own.length, own[0]?.atUs, own.at(-1)?.atUs]).toEqual([count, firstUs, lastUs]);
        expect(new Set(own.map(({ pid }) => pid))).toEqual(new Set(pids));
        expect(new Set(own.map(({ tid }) => tid))).toEqual(new Set(tids));
        expect(series.reduce((sum, one) => sum + one.count, 0)).toBe(count);
      }
    }
  });

  it('has values where its templates have placeholders', () => {
    for (const { messages, truth } of all) {
      const filled = messages.map(({ template, values }) => {
        const { literals, kinds } = partsOf(truth.templates[template].text);
        if (values.length !== kinds.length) return null;
        return literals.map((literal, i) => literal + (values[i]?.text ?? '')).join('');
      });
      expect(filled).toEqual(messages.map(({ message }) => message));
    }
  });

  it('has texts that all begin otherwise', () => {
    const texts = [...NOISE, ...RECURRING, ...AFTERWARDS, ...NOW_AND_THEN, ...CLUSTERED].map(({ text }) => text);
    const pairs = PAIRS.flatMap(({ start, finish }) => [start.text, finish.text]);
    expect(new Set([...texts, ...pairs]).size).toBe(texts.length + pairs.length);
    expect(new Set(texts.map((text) => text.split(' ').slice(0, 2).join(' '))).size).toBe(texts.length);
  });
});

/** How far the fitted period may be from the planned one: six standard deviations, and what drift does to a cut run. */
function toleranceUs({ periodUs, jitter, drift, beats, missed }: PeriodicTruth): number {
  const spread = jitter.model === 'renewal' ? 1 / Math.sqrt(beats) : 3.5 / beats ** 1.5;
  const bent = missed > 0 ? Math.abs(drift) / 2 : Math.abs(drift) / 20;
  return periodUs * (6 * jitter.share * spread + bent) + 2000;
}

describe('rhythms', () => {
  const periodic = randoms.flatMap(({ truth }) =>
    truth.templates.flatMap(({ series }) => series.flatMap((one) => (one.periodic === null ? [] : [one.periodic]))),
  );

  it('are as planned', () => {
    expect(periodic.length).toBeGreaterThan(40);
    for (const truth of periodic.filter(({ beats }) => beats >= 8)) {
      expect(Math.abs(truth.fitUs - truth.periodUs)).toBeLessThan(toleranceUs(truth));
      expect(Math.abs(truth.meanUs - truth.periodUs)).toBeLessThan(toleranceUs(truth) + truth.periodUs / truth.beats);
    }
  });

  it('are of all kinds: models, drifts, missed beats, from 8 to 400 beats', () => {
    expect(new Set(periodic.map(({ jitter }) => jitter.model)).size).toBe(3);
    expect(new Set(periodic.map(({ drift }) => Math.sign(drift))).size).toBe(3);
    expect(periodic.some(({ missed, beats }) => missed / beats > 0.15)).toBe(true);
    expect(periodic.some(({ follows }) => (follows?.every ?? 0) > 1)).toBe(true);
    expect(Math.max(...periodic.map(({ beats }) => beats))).toBeLessThanOrEqual(400);
    expect(Math.max(...periodic.map(({ beats }) => beats))).toBeGreaterThan(150);
  });

  it('can be measured in the printed lines', () => {
    const lines = textTrace(retry, { time: 'us' }).split('\r\n');
    for (const { tids, periodic } of retry.truth.templates[0].series) {
      const times = lines
        .map((line) => line.split(/ +/))
        .filter(
          ([, , tid, , ...words]) => Number(tid) === tids[0] && words.join(' ').startsWith('Error: [Order Store]'),
        )
        .map(([, , , time]) => time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0));
      const gaps = times.slice(1).map((seconds, i) => seconds - times[i]);
      const shortest = gaps.filter((gap) => gap < 10);
      const meanSeconds = shortest.reduce((sum, gap) => sum + gap, 0) / shortest.length;
      expect(times).toHaveLength(periodic?.beats ?? 0);
      expect(meanSeconds).toBeCloseTo(6.7, 1);
      expect(meanSeconds).toBeCloseTo((periodic?.meanUs ?? 0) / 1e6, 2);
    }
  });

  it('alone among noise have the beats, period and jitter asked for', () => {
    for (let seed = 0; seed < 60; seed++) {
      const model = (['grid', 'uniform', 'renewal'] as const)[seed % 3];
      const asked = { periodUs: 2_000_000, beats: 8 + seed, drift: 0, missedShare: 0.1 };
      const { truth } = play(oneRhythm(seed, { ...asked, jitter: { model, share: 0.1 } }));
      const [series] = truth.templates[0].series;
      const periodic = series.periodic as PeriodicTruth;
      expect(series.count).toBe(periodic.beats);
      expect(periodic.beats).toBe(8 + seed);
      expect(periodic.missed).toBe(Math.round(asked.beats / 9));
      expect(Math.abs(periodic.fitUs - periodic.periodUs)).toBeLessThan(toleranceUs(periodic));
      if (model === 'grid' && seed > 20) expect(Math.abs(periodic.scatter - 0.1)).toBeLessThan(0.045);
    }
  });

  it('keep to a plan made by hand', () => {
    const source = {
      kind: 'periodic',
      spoken: RECURRING[1],
      process: { name: 'a.exe', pid: 4 },
      tids: [8],
      phaseUs: 500_000,
      periodUs: 1_000_000,
      beats: 10,
      missed: 2,
      jitter: { model: 'grid', share: 0 },
      drift: 0,
      followers: [{ spoken: AFTERWARDS[1], every: 2, delayUs: [100, 100], retry: { first: 1, last: 3, step: 1 } }],
    } as const;
    const { truth, messages } = play(makeScenario({ sources: [source], lengthUs: 20_000_000 }));
    const leader = truth.templates[0].series[0].periodic as PeriodicTruth;
    expect(leader).toMatchObject({ beats: 10, missed: 2, meanUs: 1_000_000 });
    expect(leader.fitUs).toBeCloseTo(1_000_000, 6);
    expect(leader.scatter).toBeCloseTo(0, 9);
    expect([leader.beatNumbers[0], leader.beatNumbers.at(-1)]).toEqual([0, 11]);
    const atUs = leader.beatNumbers.map((n) => 500_000 + n * 1_000_000);
    expect(messages.filter(({ template }) => template === 0).map((message) => message.atUs)).toEqual(atUs);
    const follower = truth.templates[1].series[0];
    expect(follower.periodic).toMatchObject({ periodUs: 2_000_000, follows: { template: 0, every: 2 } });
    expect(messages.filter(({ template }) => template === 1).map((message) => message.atUs)).toEqual(
      leader.beatNumbers.filter((n) => n % 2 === 0).map((n) => 500_100 + n * 1_000_000),
    );
    expect(follower.retry).toMatchObject({ first: 1, last: 3, step: 1 });
    expect(follower.retry?.values.slice(0, 4)).toEqual([1, 2, 3, 1]);
  });
});

describe('noise', () => {
  it('has 5 to 40 templates of 6 to 400 messages, and no rhythm', () => {
    for (const { truth } of noises) {
      expect(truth.templates.length).toBeGreaterThanOrEqual(5);
      expect(truth.templates.length).toBeLessThanOrEqual(40);
      for (const { count, series } of truth.templates) {
        expect(count).toBeGreaterThanOrEqual(6);
        expect(count).toBeLessThanOrEqual(400);
        expect(series.every((one) => one.periodic === null && one.kind === 'poisson')).toBe(true);
      }
    }
  });

  it('has gaps as a Poisson process has them: as long as they vary', () => {
    const ratios = noises.flatMap(({ messages, truth }) =>
      truth.templates
        .filter(({ count }) => count >= 100)
        .map(({ index }) => {
          const times = messages.filter(({ template }) => template === index).map(({ atUs }) => atUs);
          const gaps = times.slice(1).map((atUs, i) => atUs - times[i]);
          const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
          return Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length) / mean;
        }),
    );
    const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
    expect(ratios.length).toBeGreaterThan(100);
    expect(mean).toBeGreaterThan(0.97);
    expect(mean).toBeLessThan(1.03);
  });
});

describe('what else is true of a trace', () => {
  it('spans: both ends are printed, those of a thread lie in each other or apart', () => {
    for (const { messages, truth } of [...randoms, retry]) {
      const said = new Set(messages.map(({ atUs, tid, template }) => `${atUs} ${tid} ${template}`));
      expect(truth.spans.length).toBeGreaterThan(20);
      for (const { startUs, endUs, tid, startTemplate, finishTemplate } of truth.spans) {
        expect(said.has(`${startUs} ${tid} ${startTemplate}`)).toBe(true);
        if (endUs !== null) expect(said.has(`${endUs} ${tid} ${finishTemplate}`)).toBe(true);
      }
      const finished = truth.spans.flatMap((span) => (span.endUs === null ? [] : [{ ...span, endUs: span.endUs }]));
      for (const a of finished) {
        for (const b of finished) {
          if (a.tid !== b.tid || b.startUs <= a.startUs || b.startUs >= a.endUs) continue;
          expect(b.endUs).toBeLessThan(a.endUs);
          expect(b.depth).toBeGreaterThan(a.depth);
        }
      }
    }
    expect(randoms.some(({ truth }) => truth.spans.some(({ endUs }) => endUs === null))).toBe(true);
    expect(randoms.some(({ truth }) => truth.spans.some(({ depth }) => depth > 0))).toBe(true);
  });

  it('gaps: nobody, or that thread, says anything in them, and both edges are messages', () => {
    const gaps = randoms.flatMap((log) => log.truth.gaps.map((gap) => ({ ...gap, log })));
    expect(gaps.filter(({ tid }) => tid === null).length).toBeGreaterThan(2);
    expect(gaps.filter(({ tid }) => tid !== null).length).toBeGreaterThan(2);
    for (const { fromUs, toUs, tid, log } of gaps) {
      const own = log.messages.filter((message) => tid === null || message.tid === tid);
      expect(own.some(({ atUs }) => atUs > fromUs && atUs < toUs)).toBe(false);
      expect(own.some(({ atUs }) => atUs === fromUs) && own.some(({ atUs }) => atUs === toUs)).toBe(true);
    }
  });

  it('bursts: their messages come within ms', () => {
    const bursts = randoms.flatMap((log) => log.truth.bursts.map((burst) => ({ ...burst, log })));
    expect(bursts.length).toBeGreaterThan(8);
    for (const { template, startUs, endUs, messages, log } of bursts) {
      const inside = ({ atUs }: Message): boolean => atUs >= startUs && atUs <= endUs;
      const own = log.messages.filter((message) => message.template === template && inside(message));
      expect(own.length).toBeGreaterThanOrEqual(messages);
      expect(endUs - startUs).toBeLessThanOrEqual(40_000);
    }
  });

  it('rates: they change where they are said to, and templates come and go', () => {
    for (const { messages, truth } of randoms) {
      const changes = truth.templates.flatMap(({ index, rateChanges }) => rateChanges.map((c) => ({ ...c, index })));
      expect(changes).toHaveLength(2);
      for (const { index, atUs, beforePerS, afterPerS } of changes) {
        const own = messages.filter(({ template }) => template === index);
        const before = own.filter((message) => message.atUs < atUs).length;
        expect(before < own.length - before).toBe(beforePerS < afterPerS);
      }
      const fresh = truth.templates.filter(({ newFromUs }) => newFromUs !== null);
      const gone = truth.templates.filter(({ stopsAtUs }) => stopsAtUs !== null);
      expect([fresh.length, gone.length]).toEqual([1, 1]);
      expect(fresh[0].firstUs).toBeGreaterThanOrEqual(fresh[0].newFromUs ?? 0);
      expect(gone[0].lastUs).toBeLessThan(gone[0].stopsAtUs ?? 0);
    }
  });

  it('clocks: midnights and steps are where they are said to be', () => {
    const DAY_US = 86_400_000_000;
    const dayOf = ({ clockUs }: Message): number => Math.floor(clockUs / DAY_US);
    const midnight = play(randomScenario(8, { midnight: true, clockSteps: false }));
    expect(midnight.truth.midnightsUs).toHaveLength(1);
    const [atUs] = midnight.truth.midnightsUs;
    const first = dayOf(midnight.messages[0]);
    expect(midnight.messages.every((m) => dayOf(m) === first + (m.atUs >= atUs ? 1 : 0))).toBe(true);

    const steps = play(randomScenario(5, { midnight: false, clockSteps: true }));
    expect(steps.truth.clockSteps.length).toBeGreaterThan(0);
    for (const { atUs: stepUs, byUs, firstMessage } of steps.truth.clockSteps) {
      const [before, after] = [steps.messages[(firstMessage ?? 0) - 1], steps.messages[firstMessage ?? 0]];
      expect(before.atUs < stepUs && after.atUs >= stepUs).toBe(true);
      expect(after.clockUs - before.clockUs - (after.atUs - before.atUs)).toBe(byUs);
    }
    const { messages, startClockUs } = play(pureNoise(3));
    expect(messages.every((m) => m.clockUs === startClockUs + m.atUs)).toBe(true);
  });
});

describe('formats', () => {
  it('have a line for each message, with its text, but for raw logs', () => {
    const texts = retry.messages.map(({ message }) => message);
    for (const { name, write, keeps, newestFirst } of MESSAGE_FORMATS) {
      if (name.startsWith('etl')) continue;
      expect(keeps.message, name).toBe(true);
      const plain = write(retry).toString().replaceAll('&quot;', '"').replaceAll('""', '"');
      let at = 0;
      for (const text of newestFirst ? texts.toReversed() : texts) {
        const found = plain.indexOf(text.replaceAll('""', '"'), at);
        expect(found, `${name}: ${text}`).toBeGreaterThanOrEqual(at);
        at = found + text.length;
      }
    }
  });

  it('cut off what is smaller than their resolution', () => {
    const times = textTrace(retry).split('\r\n').slice(1, -1);
    for (const [i, line] of times.entries()) {
      const [, , , time] = line.split(/ +/);
      const [h, m, s] = time.split(':');
      const ms = Math.round((Number(h) * 3600 + Number(m) * 60 + Number(s)) * 1000);
      expect(ms).toBe(Math.floor(retry.messages[i].clockUs / 1000) % 86_400_000);
    }
  });

  it('CSV has its columns', () => {
    const records = parse(cdfCsv(retry), { columns: true }) as Record<string, string>[];
    expect(records.map(({ Message }) => Message)).toEqual(retry.messages.map(({ message }) => message));
    expect(records.map(({ ThreadId }) => Number(ThreadId))).toEqual(retry.messages.map(({ tid }) => tid));
    const lines = tracerptCsvEvents(retry, { data: 'values' }).trim().split('\r\n').slice(2);
    const started = lines.filter((line) => line.endsWith(', "started "'));
    expect(started).toHaveLength(retry.truth.spans.length);
    expect(lines.filter((line) => line.includes('"FlushQueue", "finished "'))).toHaveLength(
      retry.truth.spans.filter(({ endUs, name }) => endUs !== null && name === 'FlushQueue').length,
    );
  });

  it('XML is well-formed', () => {
    const disk = play(diskEvents());
    for (const xml of [
      eventlogXml(disk, { root: true }),
      tracerptXmlEvents(retry),
      etlMessages(retry, { as: 'manifest' }).manifest,
    ]) {
      let events = 0;
      const parser = new SaxesParser();
      parser.on('opentag', ({ name }) => {
        if (name === 'Event' || name === 'event') events++;
      });
      parser.on('error', (error) => {
        throw error;
      });
      parser.write(xml).close();
      expect(events).toBeGreaterThan(5);
    }
  });

  it('raw logs are decoded by their message file and manifest to the same messages', async () => {
    for (const as of ['wpp', 'manifest', 'tracelogging', 'mixed'] as const) {
      const written = etlMessages(retry, { as });
      const decoding = {
        manifests: as === 'manifest' || as === 'mixed' ? [{ path: 'a.man', bytes: Buffer.from(written.manifest) }] : [],
        tmf: as === 'wpp' || as === 'mixed' ? [{ path: 'a.tmf', bytes: Buffer.from(written.tmf) }] : [],
      };
      const parsed = await parseWith(etl, { bytes: written.etl }, { decoding, inTime: true }, [genericEvent]);
      const rows = parsed.rows(genericEvent).filter(({ provider }) => provider !== 'kernel');
      const texts = rows.map(({ message, fields }) => message ?? JSON.parse(fields ?? '{}').Message);
      // Of equal times the lower processor comes first there.
      expect(texts.toSorted()).toEqual(retry.messages.map(({ message }) => message).toSorted());
      expect(rows.map(({ atUs }) => atUs)).toEqual(retry.messages.map(({ atUs }) => atUs));
      expect(new Set(rows.map(({ process }) => process))).toEqual(new Set(retry.messages.map((m) => m.process)));
    }
  });
});

describe('the samples', () => {
  it('stutter-retry: two threads that try again, a counter that starts over, a gap', () => {
    expect(retry.messages.length).toBeGreaterThan(350);
    expect(retry.messages.length).toBeLessThan(450);
    expect(retry.truth.midnightsUs).toEqual([]);
    expect(retry.truth.gaps).toHaveLength(1);
    expect(retry.truth.spans.filter(({ endUs }) => endUs === null).length).toBe(2);
    const [error, sleeps] = retry.truth.templates;
    expect(error).toMatchObject({ severity: 'error', pids: [2716], tids: [3308, 6008] });
    for (const { periodic } of error.series) {
      expect(periodic?.beats).toBeGreaterThan(20);
      expect(Math.abs((periodic?.fitUs ?? 0) / 6_700_000 - 1)).toBeLessThan(0.001);
    }
    expect(sleeps.series.map((one) => one.retry?.resets)).toEqual([0, 1]);
  });

  it('disk events: what their data say stands at the documented offsets', () => {
    const { messages } = play(diskEvents());
    const of = (eventId: number): Message[] => messages.filter((message) => message.eventId === eventId);
    expect([of(129).length, of(51).length]).toEqual([12, 3]);
    expect(of(153).length).toBeGreaterThan(24);
    for (const { disk } of of(153)) {
      const bytes = Buffer.from(disk?.dataHex ?? '', 'hex');
      expect([...bytes.subarray(0x29, 0x2c)]).toEqual([disk?.scsiStatus, disk?.srbStatus, disk?.command]);
      expect([bytes.length, bytes.readUInt16LE(0x0c), bytes.readUInt16LE(2)]).toEqual([64, 153, 24]);
    }
    for (const { disk } of of(51)) {
      const bytes = Buffer.from(disk?.dataHex ?? '', 'hex');
      expect([bytes.length, bytes[0x38], bytes[0x3b], bytes[0x80]]).toEqual([
        168,
        0x58,
        disk?.srbStatus,
        disk?.command,
      ]);
    }
  });
});

describe('the trace for measuring speed', () => {
  it('has the lines asked for, in the order of time, the same each time', () => {
    const path = join(folder, 'bench.txt');
    const written = writeMessages(path, { lines: 30_000, templates: 300 });
    const bytes = readFileSync(path);
    expect(written).toEqual({ lines: 30_000, bytes: bytes.length, templates: 300 });
    expect(writeMessages(join(folder, 'again.txt'), { lines: 30_000, templates: 300 })).toEqual(written);
    expect(readFileSync(join(folder, 'again.txt')).equals(bytes)).toBe(true);
    const [header, ...lines] = bytes.toString().trimEnd().split('\r\n');
    expect(header).toMatch(/^# +PID +TID +Time +Message$/);
    const rows = lines.map((line) => /^(\d+) +(\d+) +(\d+) +(\d\d:\d\d:\d\d\.\d{3}) (.+)$/.exec(line) ?? []);
    expect(rows.every(([, number, , , time], i) => Number(number) === i + 1 && time >= (rows[i - 1]?.[4] ?? ''))).toBe(
      true,
    );
    const masked = new Set(
      rows.map(([, , , , , text]) =>
        text
          .replace(/\{[-0-9a-f]+\}/g, 'G')
          .replace(/0x[0-9a-f]+/g, 'H')
          .replace(/\d+/g, 'N'),
      ),
    );
    expect(masked.size).toBe(300);
    expect(new Set(rows.map(([, , tid]) => tid)).size).toBeLessThanOrEqual(40);
  });
});
