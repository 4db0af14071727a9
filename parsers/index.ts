import type { Parser } from '../src/core/parser.js';

/** Every format that is read; the only list. */
export const PARSERS: readonly Parser[] = [];
