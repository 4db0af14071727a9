import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { PARSERS } from '../parsers/index.js';
import { TracekitError } from '../src/core/error.js';
import { inputsOf } from '../src/core/source.js';
import { open, prefixOf } from '../src/open.js';
import { realFile, SHARED } from './support/shared.js';

const SAMPLES = resolve(import.meta.dirname, '../samples');
const dir = mkdtempSync(join(tmpdir(), 'tracekit-sniff-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

let files = 0;
function file(bytes: string | Uint8Array): string {
  const path = join(dir, `file-${files++}`);
  writeFileSync(path, bytes);
  return path;
}

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Samples in folders named for their format; stories are of several formats each. */
const formatSamples = (): string[] =>
  filesIn(SAMPLES).filter((path) => {
    const name = relative(SAMPLES, path);
    return name.includes('/') && !name.startsWith('stories/');
  });

/** The names of all parsers that claim a file: each is asked. */
async function claimants(path: string): Promise<string[]> {
  const stream = await (await inputsOf(path))[0].open();
  stream.close();
  const prefix = prefixOf(stream);
  return PARSERS.filter((parser) => parser.sniff(prefix).claims).map((parser) => parser.name);
}

async function refusal(path: string): Promise<string> {
  try {
    (await open([path])).close();
  } catch (error) {
    expect(error).toBeInstanceOf(TracekitError);
    expect((error as TracekitError).exitCode).toBe(3);
    return (error as Error).message;
  }
  throw new Error(`${path} was not refused`);
}

describe('samples', () => {
  const samples = formatSamples();

  it('are there for each format that is read', () => {
    const folders = new Set(samples.map((path) => relative(SAMPLES, path).split('/')[0]));
    expect([...folders].sort()).toEqual(PARSERS.map((parser) => parser.name).sort());
  });

  it.each(samples.map((path) => [relative(SAMPLES, path), path]))(
    '%s is claimed by its parser alone',
    async (name, path) => {
      expect(await claimants(path)).toEqual([name.split('/')[0]]);
    },
  );

  it('are told from their content, whatever their name', async () => {
    for (const path of samples) {
      const trace = await open([file(readFileSync(path))]);
      expect(trace.sources[0].format).toBe(relative(SAMPLES, path).split('/')[0]);
      trace.close();
    }
  });

  it('are claimed by a prefix of a few lines too', async () => {
    for (const path of samples.filter((p) => p.endsWith('.txt') || p.endsWith('.csv'))) {
      const short = file(readFileSync(path).subarray(0, 4000));
      expect(await claimants(short)).toEqual([relative(SAMPLES, path).split('/')[0]]);
    }
  });
});

describe('samples of stories', () => {
  const stories = filesIn(join(SAMPLES, 'stories'));

  it('hold a trace and a dump each', async () => {
    const folders = [...new Set(stories.map((path) => dirname(path)))];
    expect(folders.length).toBeGreaterThan(6);
    for (const folder of folders) {
      const formats = await Promise.all(filesIn(folder).map(claimants));
      expect(formats.flat()).toHaveLength(2);
      expect(formats.flat().filter((format) => format === 'kd')).toEqual(['kd']);
    }
  });

  it.each(stories.map((path) => [relative(SAMPLES, path), path]))(
    '%s is claimed by one parser alone, whatever its name',
    async (_name, path) => {
      const [format, ...others] = await claimants(path);
      expect([PARSERS.some(({ name }) => name === format), others]).toEqual([true, []]);
      expect(await claimants(file(readFileSync(path)))).toEqual([format]);
    },
  );
});

describe('real files', () => {
  const claimed: readonly (readonly [string, string])[] = [
    ['xperf-dumper/istart-sampledprofile-64bit-excerpt.txt', 'xperf-dumper'],
    ['xperf-dumper/msnstorage-2008-header-schema.txt', 'xperf-dumper'],
    ['xperf-dumper/rustc-perf-win10-19043-pmc-excerpt.txt', 'xperf-dumper'],
    ['xperf-dumper/uiforetw-etwpmc-win10-cswitch-pmc-excerpt.txt', 'xperf-dumper'],
    ['xperf-dumper/uiforetw-sampledprofile-stack-32bit-excerpt.txt', 'xperf-dumper'],
    ['dpcisr/keyboard-ps2-vs-usb-histograms.txt', 'xperf-dpcisr'],
    ['dpcisr/pastebin-8rJrdHvr-2017-4cpu-head.txt', 'xperf-dpcisr'],
    ['dpcisr/pastebin-aKFWZ6wM-2024-4cpu-head.txt', 'xperf-dpcisr'],
    ['latencymon/zephyrus-m16-latencymon.txt', 'latencymon'],
    ['tracerpt-csv/zephyrus-acpi-providers.tracerpt.csv', 'tracerpt-csv'],
    ['poolmon/msdocs-poolmon-display-exact-widths.txt', 'poolmon'],
    ['poolmon/msdocs-poolmon-g-mapped-driver-exact-widths.txt', 'poolmon'],
    ['poolmon/pastebin-BZryjSFN-poolmon-screen-sorted-by-bytes.txt', 'poolmon'],
    ['pdh-csv/pastebin-Gc5eUuLN-pool-nonpaged-bytes-1min.txt', 'pdh-csv'],
    ['wpp-text/lumia520-qcwcn8930-driver-start.wpp.txt', 'wpp-text'],
    ['wpp-text/kmdf-tracefmt-win10-22000-excerpt.txt', 'wpp-text'],
    ['eventlog/pastebin-CsFVACbK-disk-event-51.txt', 'eventlog-text'],
  ];

  for (const [name, format] of claimed) {
    const path = realFile(name);
    it.skipIf(path === null)(`${name} is claimed by ${format} alone`, async () => {
      expect(await claimants(path as string)).toEqual([format]);
    });
  }

  const refused: readonly (readonly [string, RegExp])[] = [
    ['xperf-dumper/rustc-perf-unshortened-rows.txt', /no schema lines.*Export the whole trace again/s],
    ['wpa-csv/Disk_Usage_Utilization_by_Disk.csv', /disk.*DPC\/ISR Duration/is],
    ['wpa-csv/Disk_Usage_Utilization_by_Disk_DE.csv', /disk.*DPC\/ISR Duration/is],
    ['wpa-csv/Disk_Usage_Utilization_by_Disk_Empty.csv', /disk.*DPC\/ISR Duration/is],
    ['wpa-profile/CPUUsageByProcess.wpaProfile', /is of no known format \(it begins "/],
    ['wpa-profile/ExportCPUUsageSampled.wpaProfile', /is of no known format \(it begins "/],
  ];

  for (const [name, why] of refused) {
    const path = realFile(name);
    it.skipIf(path === null)(`${name} is refused with the reason`, async () => {
      expect(await claimants(path as string)).toEqual([]);
      const message = await refusal(path as string);
      expect(message).toMatch(why);
      expect(message.startsWith(`${path}: `)).toBe(true);
      expect(message.split('\n')).toHaveLength(1);
      if (message.includes('no known format')) expect(message).toContain('tracekit formats');
    });
  }

  it.skipIf(realFile('SOURCES.md') === null)('all that are text are named above', () => {
    const known = new Set([...claimed, ...refused].map(([name]) => name));
    const texts = filesIn(join(SHARED, 'real'))
      .map((path) => relative(join(SHARED, 'real'), path))
      .filter((name) => name.includes('/') && !name.startsWith('etl/'));
    expect(texts.filter((name) => !known.has(name))).toEqual([]);
  });

  const traces = filesIn(join(SHARED, 'real/etl')).filter((path) => /\.etl(\.zip)?$|\.zip$/.test(path));
  it.skipIf(traces.length === 0)('raw .etl logs are claimed by their parser alone, in zips too', async () => {
    let logs = 0;
    for (const path of traces) {
      for (const input of await inputsOf(path)) {
        const stream = await input.open();
        stream.close();
        const prefix = prefixOf(stream);
        const names = PARSERS.filter((parser) => parser.sniff(prefix).claims).map((parser) => parser.name);
        expect([input.path, names]).toEqual([input.path, input.path.endsWith('.etl') ? ['etl'] : []]);
        if (names.length > 0) logs++;
      }
    }
    // One zip holds four.
    expect(logs).toBe(traces.length + 3);
  });
});

describe('what nobody claims', () => {
  it('binary is refused as such', async () => {
    const bytes = new Uint8Array(20_000);
    for (let i = 0; i < bytes.length; i += 3) bytes[i] = (i * 31) % 251;
    expect(await refusal(file(bytes))).toMatch(/is binary and of no known format/);
    const png = Buffer.concat([Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), Buffer.alloc(500)]);
    expect(await refusal(file(png))).toMatch(/is binary/);
  });

  it('random bytes are refused by all, and never throw anything else', async () => {
    let seed = 12345;
    for (let n = 0; n < 60; n++) {
      const bytes = Buffer.alloc(1 + ((n * 997) % 5000));
      for (let i = 0; i < bytes.length; i++) {
        seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
        bytes[i] = seed >>> 16;
      }
      const path = file(bytes);
      expect(await claimants(path)).toEqual([]);
      await refusal(path);
    }
  });

  it('an empty file', async () => {
    expect(await refusal(file(''))).toMatch(/: is empty\. Export or copy the file again\.$/);
  });

  it('blank lines only', async () => {
    expect(await refusal(file('\r\n\r\n  \n'))).toMatch(/is of no known format/);
  });

  it('control characters of the first line are made visible', async () => {
    const message = await refusal(file('\u001b[31mred\u001b]0;title\u0007 \u202etxt\n'));
    expect(message).toContain('it begins "\\x1b[31mred\\x1b]0;title\\x07 \\u{202e}txt"');
  });

  it('pathological heads are refused quickly', async () => {
    for (const text of [
      '"'.repeat(70_000),
      ','.repeat(70_000),
      '<'.repeat(70_000),
      ' '.repeat(70_000),
      '>= '.repeat(30_000),
    ]) {
      const path = file(text);
      const begun = Date.now();
      expect(await claimants(path)).toEqual([]);
      expect(Date.now() - begun).toBeLessThan(1000);
    }
  });

  it('a format may be forced; an unknown one is a usage error', async () => {
    const path = file('a, b, c\n');
    const trace = await open([path], { format: 'xperf-dumper' });
    expect(trace.sources).toEqual([{ path, format: 'xperf-dumper' }]);
    trace.close();
    await expect(open([path], { format: 'nonsense' })).rejects.toMatchObject({ exitCode: 2 });
  });

  it('of several files the bad one is named', async () => {
    const good = join(SAMPLES, 'xperf-dumper/stutter.txt');
    const bad = file('nothing known\n');
    await expect(open([good, bad])).rejects.toThrow(`${bad}: is of no known format`);
  });
});
