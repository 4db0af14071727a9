/** The flame graph in a real browser: it draws, keys and search work, names stay names. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { renderFlameGraph } from '../src/report/stacks/flame-graph.js';
import type { WeightedStack } from '../src/report/stacks/fold.js';
import { visibleName } from '../src/report/stacks/names.js';
import { chromiumPath, startChromium } from './support/chromium.js';
import { HOSTILE_NAMES } from './support/stacks.js';

const CHROMIUM = chromiumPath();
const TITLE =
  CHROMIUM === null
    ? 'the flame graph in a browser (skipped: no Chromium found; CHROMIUM_PATH names one)'
    : 'the flame graph in a browser';

const STACKS: readonly WeightedStack[] = [
  { frames: ['nt!ExAllocatePool2+0x10', 'leak.sys!Read+0x20', 'nt!KiSystemService+0x5'], weights: [600, 6] },
  { frames: ['nt!ExAllocatePool2+0x10', 'good.sys!Open+0x30', 'nt!KiSystemService+0x5'], weights: [300, 3] },
  { frames: ['nt!ExAllocatePool2+0x10', 'ntfs.sys!Create+0x8'], weights: [100, 1] },
];

describe.skipIf(CHROMIUM === null)(TITLE, () => {
  const messages: string[] = [];
  let folder: string;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tracekit-flame-'));
    browser = await startChromium(CHROMIUM!);
  });

  afterEach(async () => {
    await page.close();
    expect(messages.splice(0)).toEqual([]);
  });

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(stacks: readonly WeightedStack[], options: { noScript?: boolean } = {}): Promise<void> {
    const path = join(folder, 'graph.svg');
    writeFileSync(
      path,
      renderFlameGraph(stacks, { title: 'Pool', subtitle: 'a trace', unit: 'bytes', direction: 'top-down' }),
    );
    page = await browser.newPage({
      viewport: { width: 1240, height: 600 },
      javaScriptEnabled: options.noScript !== true,
    });
    page.on('console', (message) => messages.push(message.text()));
    page.on('pageerror', (error) => messages.push(String(error)));
    page.on('dialog', (dialog) => messages.push(dialog.message()));
    page.on('request', (request) => {
      if (request.url() !== pathToFileURL(path).href) messages.push(`request of ${request.url()}`);
    });
    await page.goto(pathToFileURL(path).href);
  }

  /** The frames that are shown, each with its width in pixels. */
  const shown = (): Promise<[string, number][]> =>
    page.evaluate(`Array.from(document.querySelectorAll('.f:not(.away)'), (el) =>
      [el.querySelector('title').textContent.split('\\n')[0], Math.round(el.width.baseVal.value)])`);
  const focused = (): Promise<string> => page.evaluate("document.activeElement.getAttribute('aria-label') ?? ''");
  const press = async (...keys: readonly string[]): Promise<void> => {
    for (const key of keys) await page.keyboard.press(key);
  };

  const WHOLE: [string, number][] = [
    ['all', 1175],
    ['nt!KiSystemService+0x5', 1057],
    ['leak.sys!Read+0x20', 705],
    ['nt!ExAllocatePool2+0x10', 705],
    ['good.sys!Open+0x30', 352],
    ['nt!ExAllocatePool2+0x10', 352],
    ['ntfs.sys!Create+0x8', 117],
    ['nt!ExAllocatePool2+0x10', 117],
  ];

  it('can be read without scripts', async () => {
    await open(STACKS, { noScript: true });
    const text = page.locator('.f text', { hasText: 'leak.sys!Read+0x20' });
    expect(await text.isVisible()).toBe(true);
    const label = (await text.boundingBox())!;
    const frame = (await text.locator('xpath=..').boundingBox())!;
    expect(label.x).toBeGreaterThan(frame.x);
    expect(label.x + label.width).toBeLessThan(frame.x + frame.width);
    expect(await page.locator('.title').textContent()).toBe('Pool');
    expect((await page.screenshot()).length).toBeGreaterThan(5000);
  });

  it('cuts labels to their frames', async () => {
    await open(STACKS);
    for (const frame of await page.locator('.f:has(text)').all()) {
      const [outer, label] = [await frame.boundingBox(), await frame.locator('text').boundingBox()];
      expect(label!.x + label!.width).toBeLessThanOrEqual(outer!.x + outer!.width);
    }
    expect(await page.locator('.f text', { hasText: /^nt!ExAllocateP.*…$/ }).count()).toBe(1);
  });

  it('is walked and zoomed by keys', async () => {
    await open(STACKS);
    expect(await shown()).toEqual(WHOLE);
    await press('Tab');
    expect(await focused()).toBe('all; 1000 bytes (100.0 %); count 10');
    await press('ArrowDown', 'ArrowDown', 'ArrowRight');
    expect(await focused()).toBe('good.sys!Open+0x30; 300 bytes (30.0 %); count 3; kernel');
    expect(await page.locator('.bar').textContent()).toContain('300 bytes');
    await press('Enter');
    expect(await shown()).toEqual([
      ['all', 1175],
      ['nt!KiSystemService+0x5', 1175],
      ['good.sys!Open+0x30', 1175],
      ['nt!ExAllocatePool2+0x10', 1175],
    ]);
    // Siblings are away; the label of a frame that was narrow is whole now.
    await press('ArrowLeft', 'ArrowDown');
    expect(await focused()).toContain('nt!ExAllocatePool2+0x10; 300 bytes');
    expect(await page.locator('.f:not(.away) text').last().textContent()).toBe('nt!ExAllocatePool2+0x10');
    await press('Escape');
    expect(await shown()).toEqual(WHOLE);
    expect(await focused()).toContain('nt!ExAllocatePool2+0x10; 300 bytes');
    await press('ArrowUp', 'Space', '0');
    expect(await shown()).toEqual(WHOLE);
    expect(await focused()).toContain('good.sys!Open+0x30');
    await press('Home');
    expect(await focused()).toContain('all');
  });

  it('is zoomed by the mouse', async () => {
    await open(STACKS);
    await page.locator('.f', { hasText: 'leak.sys!Read' }).first().click();
    expect((await shown()).map(([, width]) => width)).toEqual([1175, 1175, 1175, 1175]);
    await page.locator('.f').first().click();
    expect(await shown()).toEqual(WHOLE);
  });

  it('searches for plain text', async () => {
    await open(STACKS);
    const status = page.locator('.status');
    const marked = (): Promise<number> => page.locator('.f.hit').count();
    await press('/');
    await page.keyboard.type('LEAK.sys!');
    expect(await status.textContent()).toBe('1 frame matches, 60.0 %');
    await press('Escape');
    expect([await status.textContent(), await marked()]).toEqual(['', 0]);
    // Frames within frames found count once.
    await press('Control+f');
    await page.keyboard.type('nt!');
    expect([await status.textContent(), await marked()]).toEqual(['4 frames match, 100.0 %', 4]);
    await press('Enter');
    expect(await focused()).toContain('nt!KiSystemService');
    await press('/');
    await page.keyboard.type('.*');
    expect([await status.textContent(), await marked()]).toEqual(['no match', 0]);
  });

  it('keeps to the colours of the system', async () => {
    await open(STACKS);
    const colors = (): Promise<string[]> =>
      page.evaluate(`['.page', '.f.g>rect', '.f text'].map((which) =>
        getComputedStyle(document.querySelector(which)).fill)`);
    await page.emulateMedia({ colorScheme: 'light' });
    const light = await colors();
    await page.emulateMedia({ colorScheme: 'dark' });
    const dark = await colors();
    for (const [i, color] of light.entries()) expect(dark[i]).not.toBe(color);
  });

  it('runs nothing that stands in names', async () => {
    const stacks = HOSTILE_NAMES.map((name, i) => ({
      frames: [name, 'a.sys!b'],
      weights: [10 + i, 1] as const,
      prefix: [name],
    }));
    await open([...stacks, { frames: HOSTILE_NAMES, weights: [500, 1] }]);
    const names = (await shown()).map(([name]) => name);
    for (const name of HOSTILE_NAMES) expect(names).toContain(visibleName(name));
    await press('/');
    await page.keyboard.type('</script>');
    expect(await page.locator('.status').textContent()).toMatch(/^\d+ frames match/);
    // Every label is written again, and every frame told.
    await press('Enter', 'Enter', 'Escape', 'Home');
    for (const _ of HOSTILE_NAMES) await press('ArrowDown', 'Enter');
    for (const frame of await page.locator('.f:not(.away)').all()) await frame.hover();
    expect(await page.evaluate('window.__pwned')).toBeUndefined();
    expect(await page.locator('script, iframe, img').count()).toBe(1);
  });

  it('of many deep stacks is drawn and searched', async () => {
    const stacks = Array.from({ length: 3000 }, (_, i) => ({
      frames: Array.from({ length: 190 }, (_, j) => `m${j % 7}.sys!f${j > 185 ? i % 40 : j}`),
      weights: [1000 + i, 1] as const,
    }));
    await open(stacks);
    await press('/');
    await page.keyboard.type('f188');
    expect(await page.locator('.status').textContent()).toBe('no match');
    await press('Escape', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'Enter');
    expect((await shown()).length).toBeGreaterThan(190);
    // The line about the frame follows the window, and never covers the frame.
    for (let i = 0; i < 100; i++) await press('ArrowDown');
    const [bar, frame] = await page.evaluate<[number, number][]>(
      `['.bar', '.f:focus'].map((which) => document.querySelector(which).getBoundingClientRect()).map((r) => [r.top, r.bottom])`,
    );
    expect(bar[1]).toBeLessThanOrEqual(601);
    expect(frame[0]).toBeGreaterThan(0);
    expect(frame[1]).toBeLessThanOrEqual(bar[0]);
  });
});
