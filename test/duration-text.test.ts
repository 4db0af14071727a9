/** Durations are rounded before they are cut into units. */
import { expect, it } from 'vitest';
import { durationText } from '../src/core/duration-text.js';

it.each([
  [0, '0.0 µs'],
  [0.0042, '4.2 µs'],
  [0.9996, '1.00 ms'],
  [9.996, '10.0 ms'],
  [999.94, '999.9 ms'],
  [999.96, '1.000 s'],
  [119_999.4, '119.999 s'],
  [119_999.6, '2 min 0.0 s'],
  [299_970, '5 min 0.0 s'],
  [3_599_980, '60 min 0.0 s'],
  [7_199_940, '119 min 59.9 s'],
  [7_199_960, '2 h 0 min'],
  [10_799_000, '3 h 0 min'],
  [-17_459_924, '-4 h 51 min'],
])('%d ms is %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});
