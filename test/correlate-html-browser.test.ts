/** The HTML report of `correlate` in a real browser: keys, sorting, evidence, size, themes, print, and names that stay names. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type CorrelateHtmlInput, renderCorrelateHtml } from '../src/report/correlate/html.js';
import { chromiumPath, startChromium } from './support/chromium.js';
import { correlateReport, hostileReport, manyMarks } from './support/correlate-report.js';
import { HOSTILE_NAMES } from './support/stacks.js';

const CHROMIUM = chromiumPath();
const TITLE =
  CHROMIUM === null
    ? 'the report of correlate in a browser (skipped: no Chromium found; CHROMIUM_PATH names one)'
    : 'the report of correlate in a browser';

const MORE_HOSTILE = [
  ...HOSTILE_NAMES,
  '"><img src=x onerror="window.__pwned=1">',
  'javascript:window.__pwned=1//x',
  '\\..\\javascript:alert(1)',
  'first\u2028second\u2029',
  '__proto__',
];

describe.skipIf(CHROMIUM === null)(TITLE, () => {
  const messages: string[] = [];
  let folder: string;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tracekit-correlate-'));
    browser = await startChromium(CHROMIUM!);
  });

  afterEach(async () => {
    await page.context().close();
    expect(messages.splice(0)).toEqual([]);
  });

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Nothing may be said on the console, asked for, or loaded. */
  async function open(report: CorrelateHtmlInput, options: BrowserContextOptions = {}): Promise<void> {
    const path = join(folder, 'report.html');
    writeFileSync(path, renderCorrelateHtml(report));
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    page = await context.newPage();
    page.on('console', (message) => messages.push(message.text()));
    page.on('pageerror', (error) => messages.push(String(error)));
    page.on('dialog', (dialog) => messages.push(dialog.message()));
    page.on('request', (request) => {
      if (request.url() !== pathToFileURL(path).href) messages.push(`request of ${request.url()}`);
    });
    await page.goto(pathToFileURL(path).href);
  }

  const press = async (...keys: readonly string[]): Promise<void> => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const stage = () => page.locator('.tl-stage');
  const status = async (): Promise<string> => (await page.locator('.tl-status').textContent()) ?? '';
  const range = async (): Promise<string> => {
    await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    return (await page.locator('.tl-range').textContent()) ?? '';
  };
  const width = (): Promise<number> => page.evaluate('document.documentElement.scrollWidth');
  const openPlaces = (): Promise<string[]> =>
    page.evaluate(
      `Array.from(document.querySelectorAll('.place:popover-open'), (el) => el.getAttribute('aria-label'))`,
    );

  it('moves along the time line by keys, and reads each mark', async () => {
    await open(correlateReport());
    await stage().focus();
    const whole = await range();
    await press('ArrowDown');
    expect(await status()).toMatch(
      /^CPU 0 DPC, mark \d+ of 4000: .*; at \+\d+\.\d{6} s, 2026-03-14 .* UTC; lasts .*; trace\.csv:\d+\./,
    );
    await press('ArrowDown', 'ArrowDown', 'ArrowDown');
    expect(await status()).toMatch(/^Not enough space on temp disk, retry <n>, mark \d+ of 18/);
    await press('Home', ...Array<string>(20).fill('ArrowLeft'));
    expect(await status()).toContain('mark 1 of 18');
    await press('ArrowRight');
    expect(await status()).toContain('mark 2 of 18');
    await press('+', '+', '+');
    expect(await status()).toMatch(/^Shown: /);
    expect(await range()).not.toBe(whole);
    await press('0');
    expect(await range()).toBe(whole);
    await press('-', '-');
    await press('Shift+ArrowRight', 'PageUp', 'End');
    expect(await page.locator('.tl-tip').isVisible()).toBe(true);
  });

  it('opens the original lines from a mark, by key and by click', async () => {
    await open(correlateReport());
    await stage().focus();
    await press('ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown', ...Array<string>(20).fill('ArrowLeft'), 'Enter');
    expect(await openPlaces()).toEqual(['trace.csv:16504']);
    expect(await page.locator('.place:popover-open .cited').textContent()).toContain('retry 41');
    await press('Escape');
    expect(await openPlaces()).toEqual([]);
    const box = (await stage().boundingBox())!;
    await page.mouse.click(box.x + box.width * 0.6, box.y + 30 + 4.5 * 26);
    expect(await openPlaces()).toEqual(['dump.log:140']);
    await press('Escape');
    // A mark whose lines the page does not hold.
    await page.mouse.click(box.x + box.width * 0.6, box.y + 30 + 0.5 * 26);
    expect(await page.locator('#mark').isVisible()).toBe(true);
    expect(await page.locator('#mark h3').textContent()).toMatch(/^trace\.csv:\d+$/);
  });

  it('is zoomed by the wheel, dragged, and shows what is under the pointer', async () => {
    await open(correlateReport());
    await stage().scrollIntoViewIfNeeded();
    const whole = await range();
    const box = (await stage().boundingBox())!;
    await page.mouse.move(box.x + 500, box.y + 40);
    await page.mouse.move(box.x + 600, box.y + 40);
    await page.mouse.wheel(0, -600);
    const zoomed = await range();
    expect(zoomed).not.toBe(whole);
    expect(await page.evaluate('document.activeElement.className')).not.toBe('tl-stage');
    await page.mouse.down();
    await page.mouse.move(box.x + 700, box.y + 40, { steps: 4 });
    await page.mouse.up();
    expect(await range()).not.toBe(zoomed);
    expect(await openPlaces()).toEqual([]);
    await page.locator('[data-act=dump]').click();
    expect(await range()).toBe('+119.740 s to +139.740 s');
    await page.locator('[data-act=first]').click();
    await page.mouse.move(box.x + 700, box.y + 30 + 4.5 * 26);
    expect(await page.locator('.tl-tip').textContent()).toContain('waits for critical-section 0x7c980600');
  });

  it('opens evidence one click away, and leads back', async () => {
    await open(correlateReport());
    const button = page.locator('.points .at', { hasText: 'trace.csv:16504' }).first();
    await button.click();
    expect(await openPlaces()).toEqual(['trace.csv:16504']);
    expect(await page.locator('.place:popover-open li').count()).toBe(11);
    expect(await page.evaluate('document.activeElement.className')).toBe('close');
    await press('Enter');
    expect(await openPlaces()).toEqual([]);
    expect(await page.evaluate('document.activeElement.textContent')).toBe('trace.csv:16504');
  });

  it('sorts tables, what is unknown last', async () => {
    await open(correlateReport());
    const table = page.locator('table', { hasText: 'DPCs and ISRs by module' });
    const column = (n: number): Promise<string[]> => table.locator(`tbody td:nth-child(${n})`).allTextContents();
    const head = table.locator('th', { hasText: 'Max µs' });
    await head.locator('button').click();
    expect(await head.getAttribute('aria-sort')).toBe('descending');
    expect(await column(2)).toEqual(['netdrv.sys', 'storport.sys', 'unknown']);
    await head.locator('button').press('Enter');
    expect(await head.getAttribute('aria-sort')).toBe('ascending');
    expect(await column(2)).toEqual(['storport.sys', 'netdrv.sys', 'unknown']);
    await table.locator('th button', { hasText: 'Count' }).click();
    expect(await column(2)).toEqual(['storport.sys', 'netdrv.sys', 'unknown']);
    expect(await head.getAttribute('aria-sort')).toBe('none');
  });

  it('zooms the flame graph', async () => {
    await open(correlateReport());
    await page.locator('.f', { hasText: 'leak.sys!Read' }).first().click();
    expect(await page.locator('.f:not(.away)').count()).toBe(7);
    expect(await page.locator('.flame-status').textContent()).toMatch(/^leak\.sys!Read: 3\.91 MB in 1000 blocks/);
    await press('Escape', 'ArrowUp', 'ArrowUp', 'ArrowRight');
    expect(await page.evaluate("document.activeElement.getAttribute('aria-label')")).toMatch(/^nt!NtCreateFile/);
  });

  it('copies commands', async () => {
    await open(correlateReport());
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const copy = page.locator('.cmd .copy').first();
    await copy.click();
    await page.locator('.copy', { hasText: 'Copied' }).waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(
      'tracekit errors trace.csv --process spoolsv --list periodic',
    );
  });

  it('answers at once with 100 000 marks', async () => {
    await open(manyMarks(100_000));
    const ready = await page.evaluate<number>('performance.now()');
    await stage().focus();
    const before = Date.now();
    await press('ArrowDown', '+', '+', '+', 'ArrowRight', '-', '0');
    await range();
    const frames = Date.now() - before;
    expect(await status()).toMatch(/^Shown: /);
    console.info(`100 000 marks: loaded in ${ready.toFixed(0)} ms, seven keys in ${frames} ms`);
    expect(ready).toBeLessThan(5000);
    expect(frames).toBeLessThan(5000);
    const drawing = await page.evaluate<number>(`(() => {
      const start = performance.now();
      const stage = document.querySelector('.tl-stage');
      for (let i = 0; i < 50; i++) stage.dispatchEvent(new KeyboardEvent('keydown', { key: i % 2 ? '-' : '+' }));
      return performance.now() - start;
    })()`);
    expect(drawing).toBeLessThan(2000);
  });

  it('runs nothing that stands in files', async () => {
    await open(hostileReport(MORE_HOSTILE));
    await stage().focus();
    for (let i = 0; i < 8; i++) await press('ArrowDown', 'ArrowRight', 'Enter', 'Escape');
    for (const button of (await page.locator('.points .at').all()).slice(0, 12)) {
      await button.click();
      await press('Escape');
    }
    await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
    for (const button of await page.locator('.sort').all()) await button.click();
    for (const frame of await page.locator('.f').all()) await frame.dispatchEvent('mouseover');
    expect(await page.evaluate('window.__pwned')).toBeUndefined();
    expect(await page.evaluate('Object.prototype.polluted')).toBeUndefined();
    expect(await page.locator('script').count()).toBe(2);
    expect(
      await page
        .locator('iframe, img, object, embed, foreignObject, base, form, [onerror], [onload], [onmouseover]')
        .count(),
    ).toBe(0);
    const targets = await page.evaluate<string[]>(
      "Array.from(document.querySelectorAll('a'), (a) => a.getAttribute('href'))",
    );
    for (const target of targets) expect(target).toMatch(/^#/);
    const text = await page.evaluate<string>('document.body.innerText');
    expect(text).not.toMatch(/[\u202e\u2028\u2029]/);
    expect(text).toContain('\\u{202e}');
  });

  it.each([
    ['the story', correlateReport()],
    ['hostile names', hostileReport(MORE_HOSTILE)],
    ['100 000 marks', manyMarks(100_000)],
  ])('does not scroll sideways on a phone: %s', async (_, report) => {
    await open(report, { viewport: { width: 320, height: 640 }, hasTouch: true });
    expect(await width()).toBe(320);
    await page.locator('.at').first().click();
    expect(await width()).toBe(320);
    expect(await page.locator('.place:popover-open').count()).toBe(1);
  });

  it('keeps to the scheme of the system, until it is told otherwise', async () => {
    await open(correlateReport(), { colorScheme: 'dark' });
    const ground = (): Promise<string> => page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
    const pixel = (): Promise<number> =>
      page.evaluate("document.querySelector('.tl-stage canvas').getContext('2d').getImageData(3, 3, 1, 1).data[0]");
    expect(await ground()).toBe('rgb(18, 21, 25)');
    await page.locator('.theme', { hasText: 'Light theme' }).click();
    expect(await ground()).toBe('rgb(255, 255, 255)');
    await range();
    expect(await pixel()).toBe(255);
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await ground()).toBe('rgb(255, 255, 255)');
  });

  it('is printed light and whole, without controls', async () => {
    await open(correlateReport(), { colorScheme: 'dark' });
    await page.emulateMedia({ media: 'print' });
    expect(await page.evaluate('getComputedStyle(document.documentElement).backgroundColor')).toBe(
      'rgb(255, 255, 255)',
    );
    for (const gone of ['.theme', 'nav', '.tl', '.copy', 'summary'])
      expect(await page.locator(gone).first().isVisible()).toBe(false);
    for (const there of ['.tl-still', '#cause-8 h4', '#e1', '.place .cited']) {
      expect(await page.locator(there).first().isVisible()).toBe(true);
    }
    expect((await page.pdf({ format: 'A4' })).length).toBeGreaterThan(20_000);
  });

  it('can be read without scripts', async () => {
    await open(correlateReport(), { javaScriptEnabled: false });
    for (const there of ['.lead', '.points', '.tl-still', '.waits', '#flame', '#quality table']) {
      expect(await page.locator(there).first().isVisible()).toBe(true);
    }
    for (const gone of ['.theme', '.tl', '.copy']) expect(await page.locator(gone).first().isVisible()).toBe(false);
    await page.locator('.at').first().click();
    expect(await page.locator('#e1').isVisible()).toBe(true);
    expect(await page.locator('#e2').isVisible()).toBe(false);
  });

  it('can be reached by keys from the first Tab on', async () => {
    await open(correlateReport());
    await press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the report');
    await press('Enter', 'Tab');
    expect(await page.evaluate("document.activeElement.getAttribute('href')")).toBe('#cause-1');
    const names = await page.evaluate<number>(
      `Array.from(document.querySelectorAll('button, [role], svg[role], [tabindex="0"]')).filter((el) =>
        !el.getAttribute('aria-label') && !el.getAttribute('aria-labelledby') && el.textContent.trim() === '' && el.getAttribute('role') !== 'status').length`,
    );
    expect(names).toBe(0);
  });
});
