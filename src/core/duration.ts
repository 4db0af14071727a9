/** Durations and instants as users of ETW tools type them. */

const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-3,
  us: 1,
  µs: 1,
  μs: 1,
  ms: 1e3,
  s: 1e6,
  m: 60e6,
  min: 60e6,
  h: 3600e6,
};

/** `100us`, `1.5ms`, `2s`, `250ns`; a bare number is in µs, as xperf takes it. Null where the text is none. */
export function parseDurationUs(text: string): number | null {
  const match = /^(\d{1,15}(?:\.\d{1,9})?)\s*([a-zµμ]*)$/i.exec(text.trim());
  if (match === null) return null;
  const unit = match[2] === '' ? 1 : UNITS[match[2].toLowerCase()];
  return unit === undefined ? null : Number(match[1]) * unit;
}

/** An instant of a trace: µs from its start, or an instant of the world's clock. */
export type Instant = { readonly us: number } | { readonly iso: string };

/** `12.5s` and the like from the start of the trace, or ISO 8601. Null where the text is neither. */
export function parseTime(text: string): Instant | null {
  const us = parseDurationUs(text);
  if (us !== null) return { us };
  return /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(text.trim()) ? { iso: text.trim().replace(' ', 'T') } : null;
}
