/** What the command may print whatever it is given: no control characters, no stack trace, one line where it refuses. */
import { expect } from 'vitest';
import type { Ran } from './cli.js';

/** Everything that moves a cursor, rings, hides or turns text round; line feeds are the outputs' own. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that must not come out.
export const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;

export function clean({ out, err }: Ran): void {
  for (const text of [out, err]) {
    const found = CONTROL.exec(text);
    const around = found === null ? null : JSON.stringify(text.slice(Math.max(0, found.index - 40), found.index + 40));
    expect(around).toBeNull();
    expect(text).not.toMatch(/^\s+at .+:\d+:\d+\)?$/m);
    expect(text).not.toContain('node:internal');
    expect(text).not.toContain('internal error');
  }
}

/** One message on standard error, which says why; nothing on standard output. */
export function refused(ran: Ran, code: number, says: RegExp): void {
  clean(ran);
  expect([ran.code, ran.out, ran.err]).toEqual([code, '', expect.stringMatching(says)]);
  expect(ran.err.trimEnd().split('\n')).toHaveLength(1);
  expect(ran.err).toMatch(/^tracekit: \S.*[^.]\.?\n$/);
}
