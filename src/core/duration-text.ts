/** Lengths of time as people say them. */

/** `6.656 s`, `12.3 ms`, `1 h 2 min`: what people say. */
export function durationText(ms: number): string {
  const abs = Math.abs(ms);
  if (abs < 1) return `${(ms * 1000).toFixed(abs < 0.01 ? 1 : 0)} µs`;
  if (abs < 1000) return `${ms.toFixed(abs < 10 ? 2 : 1)} ms`;
  if (abs < 120_000) return `${(ms / 1000).toFixed(3)} s`;
  if (abs < 7_200_000) return `${Math.floor(abs / 60_000)} min ${((abs % 60_000) / 1000).toFixed(1)} s`;
  return `${Math.floor(abs / 3_600_000)} h ${Math.floor((abs % 3_600_000) / 60_000)} min`;
}
