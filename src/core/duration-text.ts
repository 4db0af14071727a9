/** Lengths of time as people say them. */

/** `6.656 s`, `12.3 ms`, `1 min 2.5 s`, `1 h 2 min`. What is rounded up to a whole unit is said in that unit. */
export function durationText(ms: number): string {
  const abs = Math.abs(ms);
  if (Math.round(abs * 1000) < 1000) return `${(ms * 1000).toFixed(abs < 0.01 ? 1 : 0)} µs`;
  if (Math.round(abs * 100) < 1000) return `${ms.toFixed(2)} ms`;
  if (Math.round(abs * 10) < 10_000) return `${ms.toFixed(1)} ms`;
  if (Math.round(abs) < 120_000) return `${(ms / 1000).toFixed(3)} s`;
  const sign = ms < 0 ? '-' : '';
  const tenths = Math.round(abs / 100);
  if (tenths < 72_000) return `${sign}${Math.floor(tenths / 600)} min ${((tenths % 600) / 10).toFixed(1)} s`;
  const minutes = Math.round(abs / 60_000);
  return `${sign}${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
