/** A source in a line: what it is, when it began, what was lost, what its lines came to. */
import type { SourceSummary } from '../core/analysis.js';
import { printable } from '../core/text.js';
import { wrap } from './terminal.js';

/** What the source's own clock showed, where nobody knows its zone. */
const localStart = (local: string | undefined): string =>
  local === undefined ? 'start unknown' : `start ${printable(local.replace('T', ' '))} (zone unknown)`;

export function sourceLine(source: SourceSummary, width: number): string {
  const { about, account } = source;
  const loss =
    about.eventsLost === null && about.buffersLost === null
      ? 'lost events unknown'
      : `${about.eventsLost ?? 'unknown'} events, ${about.buffersLost ?? 'unknown'} buffers lost`;
  const start =
    about.clock.startUtc === null
      ? localStart(about.clock.startLocal)
      : `start ${about.clock.startUtc.replace(/(\.\d{3})\d*/, '$1')}`;
  const zone = about.clock.zone === null ? '' : ` (zone ${about.clock.zone})`;
  const counts = `${account.read} ${account.unit}s = ${account.rows} rows + ${account.skipped} skipped + ${account.ignored} ignored`;
  return wrap(
    `${source.id} ${printable(source.path)} (${source.format}): ${start}${zone}, ${loss}; ${counts}`,
    width,
    3,
  );
}
