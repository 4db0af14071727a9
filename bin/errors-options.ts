/** Options of `errors`: periods, rules, and what is known of a log's clock. */
import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseDurationUs } from '../src/core/duration.js';
import { EXIT, TracekitError } from '../src/core/error.js';
import type { ClockGiven } from '../src/core/parser.js';
import { printable } from '../src/core/text.js';
import { localToUtcMs } from '../src/core/time.js';
import { LEVEL_NAMES, type LevelName, type Rule } from '../src/index.js';

/** `5s 10s`, made one argument by `plainArguments`; a single value is that period, 10 % more or less. */
export function periodOption(text: string): { fromUs: number; toUs: number } {
  const [a, b, ...more] = text
    .trim()
    .split(/[\s,]+/)
    .map(parseDurationUs);
  if (a === null || b === null || more.length > 0) {
    throw new InvalidArgumentError('Not one or two durations. Examples: --period 5s 10s, --period 6.656s.');
  }
  if (b === undefined) return { fromUs: 0.9 * a, toUs: 1.1 * a };
  if (b < a) throw new InvalidArgumentError('The second period is shorter than the first.');
  return { fromUs: a, toUs: b };
}

/** `error`, and the names that people use for levels. */
export function levelOption(text: string): LevelName {
  const other: Readonly<Record<string, LevelName>> = {
    info: 'information',
    warn: 'warning',
    fatal: 'critical',
    crit: 'critical',
    debug: 'verbose',
  };
  const name = text.trim().toLowerCase();
  const level = LEVEL_NAMES.find((one) => one === name) ?? other[name];
  if (level === undefined) throw new InvalidArgumentError(`Levels: ${LEVEL_NAMES.join(', ')}.`);
  return level;
}

const MAX_RULES = 1000;
const MAX_PATTERN = 2000;

/** Rules of a file: a pattern a line, a level and a tab or colon in front if wanted, `#` for remarks. Throws where it cannot be read. */
export function rulesOf(path: string): Rule[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new TracekitError(`--rules: ${printable(String((error as Error).message))}.`, EXIT.unreadable);
  }
  const rules = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map(ruleOf);
  if (rules.length > MAX_RULES) throw new TracekitError(`--rules: more than ${MAX_RULES} rules.`, EXIT.usage);
  return rules;
}

/** `error: Not enough space*`; without a level in front the message says how bad it is. */
export function ruleOf(text: string): Rule {
  if (text.length > MAX_PATTERN) {
    throw new TracekitError(`a template of more than ${MAX_PATTERN} characters: ${printable(text, 60)}`, EXIT.usage);
  }
  const level = LEVEL_NAMES.find((name) => text.startsWith(`${name}:`) || text.startsWith(`${name}\t`));
  const pattern = level === undefined ? text : text.slice(level.length + 1);
  return { pattern: pattern.trim(), level: level ?? null };
}

export interface ClockOptions {
  date?: string;
  zone?: string;
  dateOrder?: 'dmy' | 'mdy';
}

/** Adds the options that say what a log leaves out of its times. */
export function clockOptions(command: Command): Command {
  return command
    .option('--date <day>', 'day of the first message, where the log has times of day only: 2026-11-20', dateOption)
    .option('--zone <zone>', 'zone of its times, where the log names none: +02:00, UTC, Europe/Berlin')
    .addOption(
      new Option('--date-order <order>', 'how to read dates like 01/02/2026: day or month first').choices([
        'dmy',
        'mdy',
      ]),
    );
}

function dateOption(text: string): string {
  const ms = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== text) {
    throw new InvalidArgumentError('Not a day. Example: --date 2026-11-20.');
  }
  return text;
}

/** Throws where the zone is none. */
export async function clockGiven({ date, zone, dateOrder }: ClockOptions): Promise<ClockGiven> {
  if (zone !== undefined && (await localToUtcMs(0, zone)) === null) {
    throw new TracekitError(
      `--zone: '${printable(zone, 60)}' is no zone. Examples: +02:00, UTC, Europe/Berlin.`,
      EXIT.usage,
    );
  }
  return { date: date ?? null, zone: zone ?? null, dateOrder: dateOrder ?? null };
}
