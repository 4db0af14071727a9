/** An event of an event log, whatever form it was exported in. */
import type { Ticks } from '../../src/core/time.js';
import type { TextDate } from './dates.js';

export interface LogEvent {
  readonly line: number;
  readonly byte: number;
  /** As it stands in the source, shortened, for evidence. */
  readonly quote: string;
  readonly channel: string | null;
  /** Source, or name of the provider. */
  readonly provider: string | null;
  readonly eventId: number | null;
  /** 1 critical to 5 verbose. */
  readonly level: number | null;
  readonly machine: string | null;
  readonly cpu: number | null;
  readonly pid: number | null;
  readonly tid: number | null;
  /** When it was created, by its XML. */
  readonly utc: Ticks | null;
  /** When it was created, by its text. */
  readonly date: TextDate | null;
  /** Binary data in hex. */
  readonly dataHex: string | null;
  readonly message: string | null;
}

/** An event id without its qualifiers, the high half of what the log stores; null where the text is no number. */
export function eventIdOf(text: string | null | undefined): number | null {
  const value = wholeOf(text);
  return value === null || value > 0xffffffff ? null : value & 0xffff;
}

/** A whole number in decimal digits; null where the text is none. */
export function wholeOf(text: string | null | undefined): number | null {
  return text !== null && text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** Ids of processes, threads and processors that a column holds. */
export function idOf(text: string | null | undefined): number | null {
  const value = wholeOf(text);
  return value === null || value > 0x7fffffff ? null : value;
}

const MAX_QUOTE = 800;

/** Lines of an event as one line. */
export function quoteOf(text: string): string {
  return text
    .slice(0, 2 * MAX_QUOTE)
    .replace(/ xmlns=(?:"[^"]{0,200}"|'[^']{0,200}')/g, '')
    .replace(/>\s{1,200}</g, '><')
    .replace(/\s{1,200}/g, ' ')
    .trim()
    .slice(0, MAX_QUOTE);
}
