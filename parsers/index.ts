import type { Parser } from '../src/core/parser.js';
import { xperfDumper } from './xperf-dumper.js';

/** Every format that is read; the only list. */
export const PARSERS: readonly Parser[] = [xperfDumper];
