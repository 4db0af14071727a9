/** Sizes and rates as people read them. */
const UNITS = ['bytes', 'KB', 'MB', 'GB', 'TB'] as const;

/** Powers of 1024, three figures: `41.0 KB`. */
export function bytesText(bytes: number): string {
  let value = Math.abs(bytes);
  let unit = 0;
  while (value >= 1023.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  const text =
    unit === 0
      ? String(Math.round(value))
      : value >= 99.95
        ? value.toFixed(0)
        : value >= 9.995
          ? value.toFixed(1)
          : value.toFixed(2);
  return `${bytes < 0 ? '-' : ''}${text} ${UNITS[unit]}`;
}

export const rateText = (bytesPerSecond: number): string => `${bytesText(bytesPerSecond)}/s`;

/** `paged`, `nonpaged`. */
export const poolText = (paged: boolean | null): string =>
  paged === null ? 'pool' : paged ? 'paged pool' : 'nonpaged pool';

/** A tag in quotes, so that its blanks show. */
export const tagText = (tag: string | null): string => (tag === null ? 'an unknown tag' : `'${tag}'`);

/** A length of time from seconds up to years. */
export function spanText(seconds: number): string {
  if (seconds < 120) return `${seconds.toFixed(0)} s`;
  if (seconds < 2 * 3600) return `${(seconds / 60).toFixed(0)} min`;
  if (seconds < 2 * 86400) return `${(seconds / 3600).toFixed(1)} h`;
  return seconds < 1000 * 86400 ? `${(seconds / 86400).toFixed(1)} days` : 'years';
}
