import fc from 'fast-check';
import { expect } from 'vitest';
import { TracekitError } from '../../src/core/error.js';
import type { Parsed } from './parse.js';

/** What is put over the bytes of a source. */
export interface Damage {
  readonly put: fc.Arbitrary<Uint8Array>;
  readonly maxEdits: number;
  readonly numRuns?: number;
}

/** One of some bytes that mean something in a format. */
export const oneOf = (...bytes: readonly number[]): fc.Arbitrary<Uint8Array> =>
  fc.constantFrom(...bytes).map((byte) => Uint8Array.of(byte));

/** Any bytes, at most `maxLength` of them. */
export const anyBytes = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength });

/** read = rows + skipped + ignored. */
export const addsUp = ({ account }: Pick<Parsed, 'account'>): boolean =>
  account.read === account.rows + account.skipped + account.ignored;

/**
 * Damages one of `texts` anywhere and cuts it off anywhere: `parse` must throw nothing but TracekitError, and its account
 * must add up.
 */
export async function survivesDamage(
  parse: (bytes: Uint8Array) => Promise<Parsed>,
  texts: readonly string[],
  { put, maxEdits, numRuns = 150 }: Damage,
): Promise<void> {
  const longest = Math.max(...texts.map((text) => Buffer.byteLength(text)));
  const edits = fc.array(fc.tuple(fc.nat(longest - 1), put), { maxLength: maxEdits });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...texts), edits, fc.nat(longest), async (text, places, length) => {
      let bytes = Buffer.from(text);
      for (const [at, by] of places) bytes = Buffer.concat([bytes.subarray(0, at), by, bytes.subarray(at + by.length)]);
      try {
        expect(addsUp(await parse(bytes.subarray(0, length)))).toBe(true);
      } catch (error) {
        if (!(error instanceof TracekitError)) throw error;
      }
    }),
    { numRuns },
  );
}
