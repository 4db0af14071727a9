/** Rules, scores and what bounds the confidence. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chanceText, ofTries, periodNear } from '../correlate/chance.js';
import { functionKey, isSameImage, moduleKey, sharedPhrase, wordsOf } from '../correlate/names.js';
import { RULES } from '../correlate/rules.js';
import { STORY_KINDS, story } from './generate/stories/index.js';
import { ROOT } from './support/samples.js';
import { reportOf } from './support/stories.js';

describe('rules', () => {
  const code = readdirSync(join(ROOT, 'correlate/causes'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n');

  it.each(Object.keys(RULES))('%s is used by a finder', (rule) => {
    expect(code).toContain(`'${rule}'`);
  });
});

describe('scores', () => {
  it.each(STORY_KINDS)('of %s are the sums of their points, bounded and ranked', async (kind) => {
    for (const twist of ['none', 'contradicted'] as const) {
      for (let seed = 1; seed <= 4; seed++) {
        const { causes, verdict } = (await reportOf(story(kind, twist, seed))).result;
        expect(causes.map(({ rank }) => rank)).toEqual(causes.map((_, i) => i + 1));
        const order = ['high', 'medium', 'low'];
        const ranks = causes.map(({ confidence }) => order.indexOf(confidence));
        expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
        for (const cause of causes) {
          const sum = cause.points.reduce((all, { points }) => all + points, 0);
          expect(cause.score).toBe(Math.max(0, Math.min(100, Math.round(sum))));
          if (cause.confidence === 'high') expect(cause.score).toBeGreaterThanOrEqual(70);
          if (cause.confidence === 'medium') expect(cause.score).toBeGreaterThanOrEqual(40);
          if (cause.confidence !== 'high') expect(cause.limits.length).toBeGreaterThan(0);
          expect(cause.evidence.length).toBeGreaterThan(0);
        }
        expect(verdict.cause).toBe(causes[0] !== undefined && causes[0].confidence !== 'low' ? 1 : null);
      }
    }
  });
});

describe('chance', () => {
  it('grows with what was looked at', () => {
    expect(ofTries(0.01, 1)).toBeCloseTo(0.01, 12);
    expect(ofTries(0.01, 100)).toBeCloseTo(1 - 0.99 ** 100, 12);
    expect(ofTries(1e-12, 5)).toBeCloseTo(5e-12, 20);
    expect(ofTries(0, 9)).toBe(0);
    expect(ofTries(2, 1)).toBe(1);
  });

  it('of a period is its share of the octaves that are looked at', () => {
    // Within 1 % of one of them, of 18.5 octaves.
    expect(periodNear(0.01, 10, 3_600_000)).toBeCloseTo(Math.log(1.01 / 0.99) / Math.log(360_000), 12);
    expect(periodNear(0.01, 10, 10)).toBe(1);
  });

  it('is said in words', () => {
    expect([0.7, 0.25, 0.01, 1e-9].map(chanceText)).toEqual([
      'as likely as not',
      '1 in 4',
      '1 in 100',
      'less than 1 in a million',
    ]);
  });
});

describe('names', () => {
  it('of modules are one for traces and debuggers', () => {
    expect(['ntoskrnl.exe', 'C:\\Windows\\System32\\ntkrnlmp.exe', 'nt'].map(moduleKey)).toEqual(['nt', 'nt', 'nt']);
    expect(moduleKey('my-nic.SYS')).toBe(moduleKey('my_nic'));
    expect(functionKey('Poll<int>+0x2f')).toBe(functionKey('POLL+0x0'));
  });

  it('of images may be cut by the debugger, but not be short', () => {
    expect(isSameImage('freightarchived.exe', 'freightarchived')).toBe(true);
    expect(isSameImage('svchost.exe', 'svc')).toBe(false);
    expect(isSameImage('A.EXE', 'a.exe')).toBe(true);
  });

  it('share phrases and words, common ones aside', () => {
    expect(sharedPhrase('DB_Driver_Command', 'Error: [DB Driver] Not enough space')).toEqual(['db', 'driver']);
    expect(sharedPhrase('ReadFile', 'could not read file')).toBeNull();
    expect(wordsOf('HTTPServerPool2::openHandle')).toEqual(['http', 'server', 'pool2', 'open', 'handle']);
  });
});
