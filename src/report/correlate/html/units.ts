/** Figures as people read them. */
import { durationText } from '../../../core/duration-text.js';

/** Digits in groups of three with narrow blanks from 10 000 on; `decimals` null leaves them as they are. */
export function figure(value: number, decimals: number | null = null): string {
  const text = decimals === null ? String(value) : value.toFixed(decimals);
  const [whole, rest] = text.split('.');
  if (!/^-?\d{5,40}$/.test(whole)) return text;
  const grouped = whole.replace(/\B(?=(?:\d{3}){1,14}$)/g, '\u202f');
  return rest === undefined ? grouped : `${grouped}.${rest}`;
}

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'];

/** `263 MB`, in units of 1024. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 1000 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 || Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3)} ${UNITS[unit]}`;
}

/** A moment of the time line: from its start, `+12.345678 s`; earlier ones have a minus. */
export function momentText(us: number): string {
  const sign = us < 0 ? '−' : '+';
  const seconds = Math.abs(us) / 1e6;
  if (seconds < 600) return `${sign}${Number(seconds.toFixed(6))} s`;
  return `${sign}${durationText(Math.abs(us) / 1000)}`;
}

export const usText = (us: number): string => durationText(us / 1000);

/** A share of chance, as one in so many where it is small. */
export function chanceText(chance: number): string {
  if (chance >= 0.01) return `${(100 * chance).toFixed(chance >= 0.1 ? 0 : 1)} %`;
  return chance > 0 ? `1 in ${figure(Number((1 / chance).toPrecision(2)))}` : 'none';
}
