/** Patterns and the DPC watchdog on a terminal. */
import type { DpcWatchdog, DumpPattern, DumpResult } from '../../analyses/dump/result.js';
import type { Evidence } from '../../core/evidence.js';
import { printable } from '../../core/text.js';
import { colorsOf, rowLimit, type TerminalOptions, wrap } from '../terminal.js';
import { placeText } from '../views.js';
import type { ListTextOptions } from './chain-text.js';
import { countText, nameText } from './names.js';

const DEFAULT_PATTERNS = 12;
const MAX_OTHERS = 8;

export function renderPatterns({ patterns, cut }: DumpResult, options: ListTextOptions): string {
  const c = colorsOf(options);
  const title = c.bold('Patterns, as the published catalogue names them');
  if (patterns.length === 0) return `${title}\nnone\n`;
  const shown = patterns.slice(0, rowLimit(options.top, DEFAULT_PATTERNS));
  const lines = shown.flatMap((pattern) => onePattern(pattern, options));
  const of = cut.patterns ?? patterns.length;
  if (shown.length < of) lines.push(c.dim(`(${shown.length} of ${of} shown; --top 0 shows all)`));
  return `${title}\n${lines.join('\n')}\n`;
}

const placesText = (list: readonly Evidence[]): string => list.slice(0, 4).map(placeText).join(', ');

function onePattern(pattern: DumpPattern, options: TerminalOptions): string[] {
  const c = colorsOf(options);
  const { name, certain, statement, evidence, against, next } = pattern;
  const cited = evidence.length === 0 ? '' : ` [${placesText(evidence)}]`;
  const mark = certain ? c.red('certain ') : c.yellow('possible');
  const lines = [wrap(`${mark} ${c.bold(nameText(name))}: ${printable(statement, 1000)}${cited}`, options.width, 9)];
  if (against.length > 0) lines.push(wrap(`         against it: ${placesText(against)}`, options.width, 9));
  for (const step of next) lines.push(wrap(`         next: ${printable(step, 400)}`, options.width, 15));
  return lines;
}

/** Who ran too long, what else stands there, and what to save from the dump. */
export function renderWatchdog(watchdog: DpcWatchdog, options: TerminalOptions): string {
  const c = colorsOf(options);
  const { kind, culprit, others, loggers, statement } = watchdog;
  const title =
    kind === 'single'
      ? 'DPC watchdog: one DPC or ISR ran too long'
      : 'DPC watchdog: DPCs and ISRs together ran too long';
  const lines = [printable(statement, 1000), timeText(watchdog)];
  if (culprit === null) lines.push('Culprit: the log does not show it');
  else lines.push(culpritText(culprit, c.red));
  for (const role of ['called-by-culprit', 'called-it', 'framework', 'interrupted', 'queued'] as const) {
    const of = others.filter((other) => other.role === role);
    // Together they are what ran too long: those in the queues may have had their share.
    const name = role === 'queued' && kind === 'cumulative' ? 'Queued' : ROLES[role];
    if (of.length > 0) lines.push(`${name}: ${namesOf(of)}`);
  }
  for (const { id, name, command } of loggers) {
    lines.push(`ETW session ${id} ${nameText(name)}, to be saved in the debugger by: ${printable(command)}`);
  }
  const wrapped = lines.filter((line) => line !== '').map((line) => wrap(line, options.width, 2));
  return `${c.bold(title)}\n${wrapped.join('\n')}\n`;
}

const ROLES = {
  'called-by-culprit': 'Called by it',
  'called-it': 'Called it',
  framework: 'On its stack as framework',
  interrupted: 'Interrupted, not at fault',
  queued: 'Waiting in queues, not at fault',
} as const;

function timeText({ ticks, limitTicks, ms, limitMs }: DpcWatchdog): string {
  const both = (n: number | null, time: number | null): string | null =>
    n === null && time === null
      ? null
      : [time === null ? null : `${Number(time.toFixed(3))} ms`, n === null ? null : countText(n, 'tick')]
          .filter((part) => part !== null)
          .join(', ');
  const ran = both(ticks, ms);
  const limit = both(limitTicks, limitMs);
  if (ran === null) return limit === null ? '' : `Limit ${limit}`;
  return `Ran ${ran}${limit === null ? '' : `; limit ${limit}`}`;
}

type Culprit = NonNullable<DpcWatchdog['culprit']>;

function culpritText(
  { module, function: fn, cpu, certain, runsAs, stalls }: Culprit,
  paint: (text: string) => string,
): string {
  const name = paint(nameText(fn === null ? module : `${module}!${fn}`));
  const parts = [
    certain ? null : 'not certain',
    runsAs === null ? null : `runs as ${runsAs}`,
    cpu === null ? null : `on processor ${cpu}`,
    stalls === null ? null : printable(stalls, 400),
  ].filter((part) => part !== null);
  return `Culprit: ${name}${parts.length === 0 ? '' : ` (${parts.join(', ')})`}`;
}

function namesOf(others: DpcWatchdog['others']): string {
  const names = others.map(({ module, function: fn, cpu }) => {
    const name = [module, fn].filter((part) => part !== null).join('!');
    return `${name === '' ? 'unknown' : nameText(name)}${cpu === null ? '' : ` on ${cpu}`}`;
  });
  const unlike = [...new Set(names)];
  const more = unlike.length - MAX_OTHERS;
  return `${unlike.slice(0, MAX_OTHERS).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
