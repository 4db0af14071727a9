/** Options that several commands share, and how their values are read. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseDurationUs, parseTime } from '../src/core/duration.js';
import { EXIT, TracekitError } from '../src/core/error.js';
import { printable } from '../src/core/text.js';
import { FORMAT_NAMES } from '../src/index.js';

/** `100us`, `1ms`, bare numbers in µs. */
export function durationOption(text: string): number {
  const us = parseDurationUs(text);
  if (us === null)
    throw new InvalidArgumentError('Not a duration. Examples: 100us, 1.5ms, 2s, 250ns; a bare number is µs.');
  return us;
}

export function countOption(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Not a whole number.');
  return Number(text);
}

const MAX_IDS = 100_000;

/** `0,2-3` */
export function cpusOption(text: string): Set<number> {
  const cpus = new Set<number>();
  for (const part of text.split(',')) {
    const match = /^\s*(\d{1,5})(?:-(\d{1,5}))?\s*$/.exec(part);
    if (match === null) throw new InvalidArgumentError('Not a list of processors. Examples: 0  2,3  4-7');
    const last = Number(match[2] ?? match[1]);
    for (let cpu = Number(match[1]); cpu <= last; cpu++) cpus.add(cpu);
  }
  return cpus;
}

/** `7,20-29`, `0x1770`; ids of events, processes and threads go up to 2^32, and traces print them in hex too. */
export function idsOption(text: string): Set<number> {
  const ids = new Set<number>();
  for (const part of text.split(',')) {
    const match = /^\s*(0x[\da-f]{1,8}|\d{1,10})(?:-(0x[\da-f]{1,8}|\d{1,10}))?\s*$/i.exec(part);
    const last = Number(match?.[2] ?? match?.[1]);
    if (match === null || last - Number(match[1]) > MAX_IDS) {
      throw new InvalidArgumentError('Not a list of ids. Examples: 4  1380,7712  20-29');
    }
    for (let id = Number(match[1]); id <= last; id++) ids.add(id);
  }
  return ids;
}

/** A comma list whose members must be among `known`. */
export function listOption<T extends string>(known: readonly T[]): (text: string) => T[] {
  return (text) =>
    text.split(',').map((part) => {
      const found = known.find((k) => k.toLowerCase() === part.trim().toLowerCase());
      if (found === undefined) throw new InvalidArgumentError(`'${part.trim()}' is none of: ${known.join(', ')}.`);
      return found;
    });
}

/** A comma list of any names. */
export const namesOption = (text: string): string[] => text.split(',').map((part) => part.trim());

/** Refuses names of `--columns` that none of the lists has. */
export function checkColumnNames(names: readonly string[], known: readonly string[]): void {
  const all = new Set(known.map((key) => key.toLowerCase()));
  const strange = names.find((name) => !all.has(name.toLowerCase()));
  if (strange === undefined) return;
  throw new TracekitError(
    `--columns: no column '${printable(strange)}'. Known: ${[...new Set(known)].join(', ')}.`,
    EXIT.usage,
  );
}

/** Bucket edges that `--histogram` names. */
export const HISTOGRAMS = ['xperf', 'latencymon'] as const;

/** Debuggers that `dump --script` prints a script for. */
export const SCRIPTS = ['kernel', 'user'] as const;

/**
 * What commander cannot say of an option, put so that it need not. `--range a b` takes two values: both are made one,
 * with a blank between (`--range a,b` and `--range 'a b'` are left as they are). `--histogram` takes one of two words or
 * nothing: in `--histogram trace.txt` the file is no value. So does `--script`.
 */
export function plainArguments(argv: readonly string[]): string[] {
  const plain: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    if (argv[i] === '--') return [...plain, ...argv.slice(i)];
    plain.push(argv[i]);
    const isPair = argv[i] === '--range' || argv[i] === '--window';
    if (isPair && i + 2 < argv.length && !/[,\s]/.test(argv[i + 1].trim())) {
      checkSecondTime(argv[i], argv[i + 2]);
      plain.push(`${argv[i + 1]} ${argv[i + 2]}`);
      i += 2;
    }
    // A single period is one, too: what follows is the second only where it is a duration.
    if (argv[i] === '--period' && i + 2 < argv.length && parseDurationUs(argv[i + 2]) !== null) {
      plain.push(`${argv[i + 1]} ${argv[i + 2]}`);
      i += 2;
    }
    if (argv[i] === '--histogram' && !HISTOGRAMS.some((known) => known === argv[i + 1])) plain.push(HISTOGRAMS[0]);
    if (argv[i] === '--script' && !SCRIPTS.some((known) => known === argv[i + 1])) plain.push(SCRIPTS[0]);
  }
  return plain;
}

/** In `--range 6s trace.txt` the file would be taken for the second time, and then be missing. */
function checkSecondTime(option: string, text: string): void {
  if (parseTime(text.replace(/^\+/, '')) !== null || /^\d{1,2}:\d\d/.test(text)) return;
  throw new TracekitError(
    `${option} takes two times: ${option} 2s 3s, ${option} 2s +500ms. '${printable(text, 100)}' is no time.`,
    EXIT.usage,
  );
}

/** `--format`: an output, or the name of an input format to force, or both one after the other. */
export interface Formats {
  readonly output: string;
  readonly input?: string;
}

export interface SharedOptions {
  format: Formats;
  output?: string;
  strict?: boolean;
  quiet?: boolean;
  color: 'auto' | 'always' | 'never';
}

/** Adds the options that every command over files has. */
export function sharedOptions(command: Command, outputs: readonly string[]): Command {
  const format = new Option(
    '--format <name>',
    `output: ${outputs.join(', ')}; or an input format to force (may be given twice)`,
  )
    .argParser((text: string, before: Formats) => formatOption(text, before, outputs))
    .default({ output: outputs[0] }, outputs[0]);
  return command
    .addOption(format)
    .option('--json', 'same as --format json')
    .option('--output <file>', 'write there instead of to standard output')
    .option(
      '--strict',
      `exit ${EXIT.unreadable} if events were lost, lines damaged, times contradictory or modules unresolved`,
    )
    .option('--quiet', 'no progress and no remarks on standard error')
    .addOption(new Option('--color <when>', 'colour').choices(['auto', 'always', 'never']).default('auto'))
    .hook('preAction', (_program, action) => {
      const given = action.opts<SharedOptions & { json?: boolean }>();
      if (given.json) action.setOptionValue('format', { ...given.format, output: 'json' });
    });
}

function formatOption(text: string, before: Formats, outputs: readonly string[]): Formats {
  if (outputs.includes(text)) return { ...before, output: text };
  if (FORMAT_NAMES.includes(text)) return { ...before, input: text };
  throw new InvalidArgumentError(`Outputs: ${outputs.join(', ')}. Input formats: ${FORMAT_NAMES.join(', ')}.`);
}
