/** What the benches share: programs that are timed in turns, a table of their times, targets that are reached or missed. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Measured } from './measure.js';

/** The compiled project, and the folder for generated files. */
export const DIST = join(dirname(fileURLToPath(import.meta.url)), '..');
export const FOLDER = join(DIST, '..', '.bench');
export const MIB = 1 << 20;

/** What one program took. */
export interface Timing {
  readonly name: string;
  readonly bytes: number;
  readonly seconds: readonly number[];
  readonly peakBytes: number | null;
  readonly stdout: string;
}

export interface Program {
  readonly name: string;
  readonly bytes: number;
  readonly runs: number;
  once(): Promise<Measured>;
}

/** Takes turns, so that a slow moment of the machine does not fall on one program alone. */
export async function timeAll(all: readonly Program[]): Promise<Timing[]> {
  const seen = all.map((): Measured[] => []);
  for (let turn = 0; turn < Math.max(...all.map(({ runs }) => runs)); turn++) {
    for (const [i, program] of all.entries()) {
      if (turn >= program.runs) continue;
      const measured = await program.once();
      if (measured.exitCode !== 0) {
        throw new Error(`${program.name} ended with exit code ${measured.exitCode}: ${measured.stderr.slice(0, 500)}`);
      }
      seen[i].push(measured);
    }
  }
  return all.map(({ name, bytes }, i) => ({
    name,
    bytes,
    seconds: seen[i].map(({ seconds }) => seconds).sort((a, b) => a - b),
    peakBytes: seen[i].reduce(
      (peak: number | null, m) => (m.peakBytes === null ? peak : Math.max(peak ?? 0, m.peakBytes)),
      null,
    ),
    stdout: seen[i][0].stdout,
  }));
}

export const best = ({ seconds }: Timing): number => seconds[0];
export const median = ({ seconds }: Timing): number => seconds[Math.floor((seconds.length - 1) / 2)];
const megabytes = (bytes: number | null): string => (bytes === null ? '-' : (bytes / 1e6).toFixed(0));

/** One line each; the last but one column is how long the first program takes of it, byte for byte. */
export function printTable(timings: readonly Timing[]): void {
  const base = best(timings[0]);
  const rows = timings.map((timing) => [
    timing.name,
    megabytes(timing.bytes),
    best(timing).toFixed(3),
    median(timing).toFixed(3),
    (timing.bytes / best(timing) / 1e6).toFixed(0),
    (base / timings[0].bytes / (best(timing) / timing.bytes)).toFixed(3),
    megabytes(timing.peakBytes),
  ]);
  const titles = ['program', 'MB', 'best s', 'median s', 'MB/s', 'tracekit takes ×', 'peak MB'];
  const widths = titles.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i].length)));
  for (const row of [titles, ...rows]) {
    console.log(row.map((text, i) => (i === 0 ? text.padEnd(widths[i]) : text.padStart(widths[i]))).join('  '));
  }
}

/** Targets; `missed` once one was not reached. */
export class Targets {
  missed = false;

  check(what: string, value: number | null, limit: number, within: boolean, digits: number): void {
    const shown = value === null ? 'not measured' : value.toFixed(digits);
    if (!within) this.missed = true;
    console.log(`${within ? 'reached' : 'MISSED '}  ${what}: ${shown} (target ${limit})`);
  }

  atLeast(what: string, value: number, limit: number, digits = 1): void {
    this.check(`${what}, at least`, value, limit, value >= limit, digits);
  }

  atMost(what: string, value: number | null, limit: number, digits = 1): void {
    this.check(`${what}, at most`, value, limit, value !== null && value <= limit, digits);
  }
}
